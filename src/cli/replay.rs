//! A log, read to be played again: what of it may be, when, and what it is made of.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hyper::http::uri::PathAndQuery;
use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg64;

use super::arguments::Voice;
use super::calibrate::logs::Logs;
use super::exit::Exit;
use super::failure::{Failure, say};
use crate::access_log::replay::{Mix, Playable, playable};
use crate::drive::Pages;
use crate::load::Tape;
use crate::scenario::{Journey, Journeys, Method, ReplayPlan, Scenario, Step};
use crate::transport::requests;
use crate::units::Offset;

/// Requests that are played: more than a run of a day at 50 a second, in 80 MB.
const MOST_REQUESTS: usize = 5_000_000;
/// Addresses that are told apart.
const MOST_ADDRESSES: usize = 1_000_000;

/// A log, ready to be played.
pub(super) struct Replay {
    /// The file, as it was written.
    pub(super) name: String,
    /// How much faster than it once went.
    pub(super) factor: f64,
    pub(super) tape: Arc<Tape>,
    /// The pages and what is left out.
    pub(super) mix: Mix,
    addresses: Vec<Playable>,
}

/// What is gathered while a log is read.
#[derive(Default)]
struct Gathering {
    /// Milliseconds since 1970, and the number of an address.
    entries: Vec<(i64, u32)>,
    numbers: HashMap<Playable, u32>,
    mix: Mix,
    first: Option<i64>,
    /// Whether any time is finer than a second.
    is_fine: bool,
    is_too_much: bool,
}

impl Gathering {
    fn add(
        &mut self,
        millis: i64,
        request: Result<Playable, crate::access_log::replay::Refusal>,
        most: Option<i64>,
    ) {
        let first = *self.first.get_or_insert(millis);
        self.first = Some(first.min(millis));
        self.is_fine |= millis % 1_000 != 0;
        if most.is_some_and(|most| millis.saturating_sub(first) > most) {
            return;
        }
        self.mix.add(request.as_ref().map_err(|refusal| *refusal));
        let Ok(request) = request else { return };
        if self.entries.len() >= MOST_REQUESTS || self.numbers.len() >= MOST_ADDRESSES {
            self.is_too_much = true;
            return;
        }
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(request).or_insert(next);
        self.entries.push((millis, number));
    }
}

impl Replay {
    /// Reads the log of `plan`.
    ///
    /// # Errors
    /// It cannot be read, nothing of it may be played, or it is too long.
    pub(super) fn read(plan: &ReplayPlan, seed: u64, voice: &Voice) -> Result<Self, Failure> {
        let paths = [plan.log.clone()];
        let mut logs = Logs::open(&paths, voice)?;
        let mut gathering = Gathering::default();
        let most = plan
            .until
            .map(|until| (until.as_secs_f64() * plan.factor * 1e3) as i64);
        logs.each(|entry| gathering.add(entry.moment.millis, playable(entry, &plan.deny), most))?;
        let (lines, broken) = logs.finish();
        if !voice.quiet {
            say(broken.sentence(lines));
        }
        if gathering.is_too_much {
            return Err(Failure::stated(
                Exit::Usage,
                format!(
                    "`{}` holds more than can be played at once: 5 million requests, 1 million addresses",
                    plan.written
                ),
            )
            .hint("play a part of it with `until: 1h`, or cut the log"));
        }
        if gathering.entries.is_empty() {
            return Err(Failure::stated(
                Exit::Usage,
                format!(
                    "nothing of `{}` may be played: {}",
                    plan.written,
                    left_out(&gathering.mix)
                ),
            )
            .hint("only GET and HEAD are, without links that do something and without tokens"));
        }
        let mut addresses: Vec<(u32, Playable)> = gathering
            .numbers
            .into_iter()
            .map(|(address, number)| (number, address))
            .collect();
        addresses.sort_by_key(|(number, _)| *number);
        let first = gathering.first.unwrap_or(0);
        Ok(Self {
            name: plan.written.clone(),
            factor: plan.factor,
            tape: Arc::new(tape(
                &gathering.entries,
                first,
                (plan.factor, seed),
                gathering.is_fine,
            )),
            mix: gathering.mix,
            addresses: addresses.into_iter().map(|(_, address)| address).collect(),
        })
    }

    /// The requests for its pages, at the site of `scenario`, with its headers.
    ///
    /// # Errors
    /// An address that HTTP does not allow.
    pub(super) fn pages(&self, scenario: &Scenario, run_id: &str) -> Result<Pages, Failure> {
        let mut asked = scenario.clone();
        let steps = [Method::Get, Method::Head].map(|method| Step::new(method, scenario.target.url.clone()));
        asked.journeys = Journeys::new(vec![Journey::only(steps.to_vec())]);
        let made =
            requests(&asked, run_id).map_err(|error| Failure::new(Exit::Usage, &error).hint(error.hint()))?;
        let [get, head] =
            <[_; 2]>::try_from(made).map_err(|_| Failure::internal("prepare the pages of the log"))?;
        let mut paths = Vec::with_capacity(self.addresses.len());
        for address in &self.addresses {
            let path: PathAndQuery = address.target.parse().map_err(|_| {
                Failure::stated(Exit::Usage, "the log holds an address that HTTP does not allow")
                    .hint("leave it out with `deny`")
            })?;
            paths.push((address.is_head, path));
        }
        Ok(Pages { get, head, paths })
    }

    /// What would be played, as lines: the `most` pages that are asked for most, and what is left out.
    pub(super) fn listing(&self, most: usize) -> String {
        let seconds = self.tape.length().as_secs_f64();
        let mut text = format!(
            "{}: {} requests (GET and HEAD) over {seconds:.0} s, {} times as fast as they came, at most {} in a second\n",
            self.name,
            self.mix.played(),
            self.factor,
            self.tape.busiest_second(),
        );
        let top = self.mix.top(most);
        let shown: u64 = top.iter().map(|(_, count)| count).sum();
        for (page, count) in &top {
            text.push_str(&format!("{count:>9}  {page}\n"));
        }
        if shown < self.mix.played() {
            text.push_str(&format!("{:>9}  for other pages\n", self.mix.played() - shown));
        }
        if !self.mix.refused.is_empty() {
            text.push_str(&format!("left out: {}\n", left_out(&self.mix)));
        }
        text
    }

    /// The same for machines.
    pub(super) fn json(&self) -> serde_json::Value {
        let pages = self.mix.top(usize::MAX);
        let pages = pages
            .iter()
            .map(|(page, count)| serde_json::json!({ "page": page, "requests": count }));
        let refused: std::collections::BTreeMap<String, u64> = self
            .mix
            .refused
            .iter()
            .map(|(refusal, count)| (refusal.to_string(), *count))
            .collect();
        serde_json::json!({
            "plays": "replay",
            "log": self.name,
            "factor": self.factor,
            "requests": self.mix.played(),
            "seconds": self.tape.length().as_secs_f64(),
            "busiest_second": self.tape.busiest_second(),
            "pages": pages.collect::<Vec<_>>(),
            "left_out": refused,
        })
    }
}

/// What is not played, by reason, most first.
fn left_out(mix: &Mix) -> String {
    let mut reasons: Vec<(u64, String)> = mix
        .refused
        .iter()
        .map(|(refusal, count)| (*count, refusal.to_string()))
        .collect();
    reasons.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let named: Vec<String> = reasons
        .iter()
        .map(|(count, why)| format!("{count} {why}"))
        .collect();
    if named.is_empty() {
        "nothing".to_owned()
    } else {
        named.join(", ")
    }
}

/// When each entry is due, in the time of the run. A log whose times are whole seconds says nothing about the order
/// within one: its entries are spread evenly by chance over their second, so that none begins with a burst.
fn tape(entries: &[(i64, u32)], first: i64, (factor, seed): (f64, u64), is_fine: bool) -> Tape {
    let mut random = Pcg64::seed_from_u64(seed);
    let entries = entries.iter().map(|(millis, number)| {
        let within = if is_fine {
            0.0
        } else {
            (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
        };
        let after = millis.saturating_sub(first).max(0) as f64 / 1e3 + within;
        let due = Duration::try_from_secs_f64(after / factor).unwrap_or(Duration::MAX);
        (Offset::ZERO + due, *number)
    });
    Tape::new(entries.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(folder: &tempfile::TempDir, text: &str) -> ReplayPlan {
        let log = folder.path().join("access.log");
        std::fs::write(&log, text).unwrap();
        ReplayPlan {
            log,
            written: "access.log".to_owned(),
            factor: 2.0,
            deny: vec!["checkout".to_owned()],
            until: None,
        }
    }

    fn quiet() -> Voice {
        Voice {
            quiet: true,
            ..Voice::default()
        }
    }

    fn line(second: u32, request: &str) -> String {
        format!(
            "192.0.2.7 - - [20/Nov/2026:09:00:{second:02} +0100] \"{request} HTTP/1.1\" 200 5 \"-\" \"Mozilla/5.0\"\n"
        )
    }

    #[test]
    fn a_log_is_played_in_its_own_time_without_what_may_not_be() {
        let folder = tempfile::tempdir().unwrap();
        let text = [
            line(0, "GET /?token=a1"),
            line(10, "GET /sale?page=2"),
            line(10, "HEAD /sale?page=2"),
            line(20, "POST /cart"),
            line(20, "GET /newsletter/unsubscribe"),
            line(20, "GET /checkout/2"),
            line(30, "GET /sale?page=2"),
        ]
        .concat();
        let plan = plan(&folder, &text);
        let replay = Replay::read(&plan, 1, &quiet()).map_err(|_| "not read").unwrap();
        let dues: Vec<f64> = (0..)
            .map_while(|seq| replay.tape.arrival(seq))
            .map(|arrival| arrival.due.as_secs_f64())
            .collect();
        assert_eq!(dues.len(), 4);
        // Twice as fast, and spread over the second that the log names.
        for (due, second) in dues.iter().zip([0.0, 10.0, 10.0, 30.0]) {
            assert!(
                (second / 2.0..second / 2.0 + 0.5).contains(due),
                "{due} for second {second}"
            );
        }
        assert_eq!(replay.mix.top(9), [("/sale", 3), ("/", 1)]);
        let listing = replay.listing(1);
        for part in [
            "4 requests",
            "3  /sale",
            "1  for other pages",
            "1 neither GET nor HEAD",
            "2 names a deed",
        ] {
            assert!(listing.contains(part), "{part} is not in {listing}");
        }
        assert!(!listing.contains("192.0.2.7") && !listing.contains("token"));
        assert_eq!(
            replay.addresses.len(),
            3,
            "an address is kept once for each method"
        );
        let half = ReplayPlan {
            until: Some(Duration::from_secs(6)),
            ..plan
        };
        let replay = Replay::read(&half, 1, &quiet()).map_err(|_| "not read").unwrap();
        assert_eq!(replay.tape.len(), 3);
    }

    #[test]
    fn a_log_with_nothing_to_play_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan(&folder, &line(1, "POST /cart"));
        let Err(failure) = Replay::read(&plan, 1, &quiet()) else {
            panic!("it was read");
        };
        assert_eq!(failure.exit(), Exit::Usage);
    }
}
