//! `tipover watch`: accompanies a real send with one request a second, and says when the signs of tipping show.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::arguments::{Output, Voice, Watch};
use super::exit::Exit;
use super::failure::{Failure, say};
use super::plays::Plays;
use super::session::{self, Session};
use super::{play, render, signals, write};
use crate::analysis::{Sign, SignWatch, tipping_point, trials};
use crate::drive::{Sight, look_out};
use crate::preflight;
use crate::record::RunRecord;
use crate::scenario::Connections;
use crate::transport::{HttpSettings, HttpTransport, RunClock};
use crate::units::Span;
use crate::words::printable;

/// Whoever waits longer for one page has left.
const PATIENCE: Duration = Duration::from_secs(10);
/// A line that says that all is well, every so many seconds.
const CALM: u32 = 60;

/// `tipover watch URL`.
pub(super) fn watch(asked: &Watch, voice: &Voice) -> Result<Exit, Failure> {
    let scenario = play::load(&asked.target, &play::overrides(&asked.target, None), voice)?.scenario;
    let length = span("--for", &asked.length)?;
    let slow_above = match (&asked.slow, &asked.from) {
        (Some(typed), _) => Some(span("--slow", typed)?.as_secs_f64() * 1e3),
        (None, Some(run)) => Some(seen_by(run)?),
        (None, None) => None,
    };
    let output = Output::default();
    let session = Session {
        command: "watch",
        scenario,
        consent: asked.consent.clone(),
        output: &output,
        voice,
        truth: None,
        plays: Plays::Load,
    };
    session::inside(accompany(&session, length, slow_above))
}

fn span(flag: &str, typed: &str) -> Result<Duration, Failure> {
    let span: Span = typed.parse().map_err(|error: crate::units::UnitError| {
        let hint = error
            .fix()
            .unwrap_or("write a time with its unit, as in `2h`")
            .to_owned();
        Failure::new(Exit::Usage, format!("read `{flag} {typed}`: {}", error.message())).hint(hint)
    })?;
    if span.duration().is_zero() {
        return Err(
            Failure::stated(Exit::Usage, format!("`{flag} {typed}` takes no time at all"))
                .hint("write a time above zero"),
        );
    }
    Ok(span.duration())
}

/// The latency that a stored run saw just below the tipping point: the 95th percentile at the highest load that it held
/// without failures, in milliseconds.
fn seen_by(run: &Path) -> Result<f64, Failure> {
    let record = render::open(run)?;
    held_latency(&record).ok_or_else(|| {
        Failure::stated(
            Exit::NotKnown,
            "the run held no load without failures: it does not say what is slow",
        )
        .hint("give the limit as `--slow 800ms`, or none: then twice the usual time is slow")
    })
}

fn held_latency(record: &RunRecord) -> Option<f64> {
    let verified = tipping_point(record).and_then(|finding| finding.verified);
    let trials = trials(record);
    let held = trials.iter().filter(|trial| {
        let is_clean = trial.failed_share.is_some_and(|share| share.mid == 0.0);
        match verified {
            Some(rate) => {
                (trial.rate / rate.get() - 1.0).abs() < 0.005 && !trial.is_void() && !trial.is_recovery()
            }
            None => is_clean && !trial.is_void(),
        }
    });
    let highest = held.max_by(|a, b| a.rate.total_cmp(&b.rate).then(a.seconds().cmp(&b.seconds())))?;
    let micros = highest.tally.successes.from_due.at_quantile(0.95)?;
    Some(micros as f64 / 1e3)
}

async fn accompany(
    session: &Session<'_>,
    length: Duration,
    slow_above: Option<f64>,
) -> Result<Exit, Failure> {
    let voice = session.voice;
    let (tls, _) = session.tls()?;
    let cleared = session::clear(session, &tls).await?;
    let request = preflight::looked_at(&session.scenario)
        .map_err(|error| Failure::new(Exit::Usage, &error).hint(error.hint()))?;
    if let Some((class, why)) = &cleared.broken {
        if voice.json {
            let line = json!({ "type": "end", "looks": 0, "failed": 0, "signs": [], "broken": { "class": class, "why": why } });
            write::print(format!("{line}\n").as_bytes())?;
        }
        say(format!("broken before the watch ({class}): {why}"));
        if let Some(hint) = &cleared.hint {
            say(format!("hint: {hint}"));
        }
        return Ok(Exit::Broken);
    }
    let mut settings = HttpSettings::of(
        &session.scenario.target,
        cleared.pinned,
        Some(Arc::clone(&tls)),
        cleared.proxy,
    );
    settings.connections = Connections::PerRequest;
    settings.timeouts.answer = settings.timeouts.answer.min(PATIENCE);
    let mut page = Page::new(slow_above, voice);
    page.begins(
        &format!(
            "{}{}",
            session.scenario.target.url.origin().ascii_serialization(),
            request.path
        ),
        length,
    )?;
    let clock = RunClock::starting_at(Instant::now());
    let transport = HttpTransport::new(settings, clock);
    let interrupt = signals::listen(|_| {});
    let mut trouble = None;
    let interrupted = look_out(transport, request, clock, length, interrupt, |sight| {
        if let Err(failure) = page.see(sight) {
            trouble.get_or_insert(failure);
        }
    })
    .await;
    page.ends(interrupted)?;
    match trouble {
        Some(failure) => Err(failure),
        None if interrupted => Ok(Exit::Interrupted),
        None if page.signs.seen().is_empty() => Ok(Exit::Success),
        None => Ok(Exit::Threshold),
    }
}

/// What is written while it goes on.
struct Page<'a> {
    signs: SignWatch,
    voice: &'a Voice,
    looks: u32,
    failed: u32,
}

impl<'a> Page<'a> {
    fn new(slow_above: Option<f64>, voice: &'a Voice) -> Self {
        Self {
            signs: SignWatch::new(slow_above),
            voice,
            looks: 0,
            failed: 0,
        }
    }

    fn begins(&self, page: &str, length: Duration) -> Result<(), Failure> {
        if self.voice.json {
            let line = json!({ "type": "begin", "page": page, "seconds": length.as_secs_f64(), "slow_above_ms": self.signs.slow_above() });
            return write::print(format!("{line}\n").as_bytes()).map(drop);
        }
        if !self.voice.quiet {
            let slow = match self.signs.slow_above() {
                Some(millis) => format!("slow above {millis:.0} ms"),
                None => "slow above twice the time of the first 30 answers".to_owned(),
            };
            say(format!(
                "watching {}: one request a second for {}, {slow}",
                printable(page),
                Span::new(length)
            ));
        }
        Ok(())
    }

    fn see(&mut self, sight: Sight) -> Result<(), Failure> {
        self.looks += 1;
        let Some(class) = sight.class else {
            say("note: a request could not be made: this machine is short of files, ports or memory");
            return Ok(());
        };
        let changes = self.signs.see(class, sight.millis);
        self.failed +=
            u32::from(class.is_transport() || matches!(class, crate::record::Class::Status(500..=599)));
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let mut text = String::new();
        if self.voice.json {
            let look = json!({ "type": "look", "at": now, "second": sight.second, "class": class, "latency_ms": (sight.millis * 10.0).round() / 10.0 });
            text.push_str(&format!("{look}\n"));
        } else if self.voice.verbose > 0 {
            say(format!("{:>6} s  {class}  {:.0} ms", sight.second, sight.millis));
        } else if sight.second > 0 && sight.second.is_multiple_of(CALM) && !self.voice.quiet {
            say(format!(
                "{:>6} s  {class}  {:.0} ms  {} of {} failed",
                sight.second, sight.millis, self.failed, self.looks
            ));
        }
        for change in changes {
            let state = if change.is_raised { "raised" } else { "passed" };
            if self.voice.json {
                let line = json!({ "type": "sign", "at": now, "second": sight.second, "sign": change.sign, "state": state, "why": change.why });
                text.push_str(&format!("{line}\n"));
            } else if change.is_raised {
                text.push_str(&format!("{now}  SIGN {}: {}\n", change.sign, change.why));
                text.push_str(advice(change.sign));
            } else {
                text.push_str(&format!("{now}  passed {}: {}\n", change.sign, change.why));
            }
        }
        write::print(text.as_bytes()).map(drop)
    }

    fn ends(&self, interrupted: bool) -> Result<(), Failure> {
        let signs: Vec<String> = self.signs.seen().iter().map(ToString::to_string).collect();
        if self.voice.json {
            let line = json!({ "type": "end", "looks": self.looks, "failed": self.failed, "signs": self.signs.seen(), "broken": null, "interrupted": interrupted });
            return write::print(format!("{line}\n").as_bytes()).map(drop);
        }
        let seen = if signs.is_empty() {
            "no sign of tipping".to_owned()
        } else {
            format!("signs: {}", signs.join(", "))
        };
        let text = format!("{} requests, {} failed; {seen}\n", self.looks, self.failed);
        write::print(text.as_bytes()).map(drop)
    }
}

/// What to do about it, as the send plan says.
const fn advice(sign: Sign) -> &'static str {
    match sign {
        Sign::Slow => "hint: slow the send down; stop it if this lasts for a minute\n",
        Sign::FirstFailure => "hint: stop the send, and look at the site\n",
        Sign::Failing => "hint: stop the send at once\n",
    }
}
