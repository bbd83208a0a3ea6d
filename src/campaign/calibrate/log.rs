//! From what was gathered of an access log to an answer: who counts as a person, what came anyway, who scanned.

use std::hash::BuildHasher;

use super::answer::{
    Baseline, Calibration, FittedOn, Length, LinksSource, Scanners, curve_of, series_of, share_of,
};
use super::counts::Counts;
use super::day::Day;
use super::fit::{Fit, Interval};
use super::gather::{Gathered, Gathering, Period};
use super::tally::Tally;

/// The burst after a send whose duration is not known yet, in seconds.
const BURST: f64 = 7_200.0;
/// Scanners are through this long after the last mail, in seconds: one minute, and one for slow mail.
const SCAN: f64 = 120.0;
/// Less than this before the send is no baseline, in seconds.
const LEAST_BEFORE: f64 = 600.0;
/// Links of a mail where nobody says how many.
const LINKS: u32 = 8;
/// A path that is opened this much less often than the first one is no link of the mail.
const RARE: u64 = 10;

impl<S: BuildHasher> Gathering<S> {
    /// The log is over: what it says.
    pub fn calibrate(self) -> Calibration {
        Reading::new(self.finish()).answer()
    }
}

/// A log and how it is read.
struct Reading {
    log: Gathered,
    /// Whether the campaign's links carry tracking parameters: then only their visits are fitted.
    is_tracked: bool,
    /// Whether the log holds what browsers load for a page: then a visit without it is none of a person, mostly.
    has_assets: bool,
}

impl Reading {
    fn new(log: Gathered) -> Self {
        let mut reading = Self {
            log,
            is_tracked: false,
            has_assets: true,
        };
        reading.has_assets = reading.sees_assets();
        reading.is_tracked = reading.sees_tracked_links();
        reading
    }

    /// Counts of the visits that are looked at.
    fn chosen(&self, sides: &[Counts; 2]) -> Counts {
        let [untracked, tracked] = sides;
        if self.is_tracked {
            tracked.clone()
        } else {
            tracked.clone().plus(untracked)
        }
    }

    /// When visits of people began.
    fn people(&self) -> Counts {
        let browser = self.chosen(&self.log.browser);
        if self.has_assets {
            browser
        } else {
            browser.plus(&self.chosen(&self.log.bare))
        }
    }

    /// Page requests that no person made.
    fn scanned(&self) -> Counts {
        let scanned = self.chosen(&self.log.scanned_pages);
        if self.has_assets {
            scanned.plus(&self.chosen(&self.log.bare_pages))
        } else {
            scanned
        }
    }

    /// Outside of the burst, where scanners are few, at least a fifth of the visits load assets.
    fn sees_assets(&self) -> bool {
        let log = &self.log;
        let apart = |counts: &[Counts; 2]| {
            let outside = |counts: &Counts| counts.between(log.from, 0.0) + counts.between(BURST, log.until);
            outside(&counts[0]) + outside(&counts[1])
        };
        let whole = |counts: &[Counts; 2]| {
            counts[0].between(log.from, log.until) + counts[1].between(log.from, log.until)
        };
        let (browser, bare) = (apart(&log.browser), apart(&log.bare));
        if browser + bare >= 30.0 {
            browser >= 0.2 * (browser + bare)
        } else {
            whole(&log.browser) >= 0.05 * (whole(&log.browser) + whole(&log.bare))
        }
    }

    /// At least half of the rise after the send came by tracked links.
    fn sees_tracked_links(&self) -> bool {
        let log = &self.log;
        let rise = |counts: &Counts| {
            let end = BURST.min(log.until);
            let usual = if -log.from >= LEAST_BEFORE {
                counts.between(log.from, 0.0) / -log.from
            } else {
                let quarter = log.until * 0.75;
                counts.between(quarter, log.until) / (log.until - quarter).max(1.0)
            };
            counts.between(0.0, end) - usual * end
        };
        let mut tracked = log.browser[1].clone();
        let mut all = log.browser[1].clone().plus(&log.browser[0]);
        if !self.has_assets {
            tracked = tracked.plus(&log.bare[1]);
            all = all.plus(&log.bare[0]).plus(&log.bare[1]);
        }
        let tracked = rise(&tracked);
        tracked >= 50.0 && tracked >= 0.5 * rise(&all)
    }

    fn answer(self) -> Calibration {
        let question = self.log.question;
        let mut warnings = Vec::new();
        let people = self.people();
        let day = if self.is_tracked {
            Day::EVEN
        } else {
            Day::of(&people, self.log.from)
        };
        let mut bins = people.bins(self.log.from, self.log.until);
        day.expose(&mut bins);
        let found = curve_of(&bins, &question, &mut warnings);
        self.warn(&day, found.is_some(), &mut warnings);
        let mut answer = Calibration {
            recipients: question.recipients,
            curve: None,
            click_rate: None,
            pages_per_visit: None,
            requests_per_page: None,
            visit_seconds: None,
            scanners: None,
            baseline: self.baseline_before(&people),
            fitted_on: if self.is_tracked {
                FittedOn::TrackedVisits
            } else {
                FittedOn::AllVisits
            },
            warnings,
            series: Vec::new(),
            notes: Some(self.log.notes.clone()),
        };
        if let Some((fit, curve)) = found {
            let bare_share = self.bare_share(&fit);
            let scanned = self.scanned();
            answer.series = series_of(&bins, &fit, |from, to| scanned.between(from, to));
            answer.click_rate = Some(share_of(raised(fit.clicks, bare_share), question.recipients));
            answer.scanners = Some(self.scanners(&fit, bare_share));
            let usual = fit.baseline.mid * day.exposure(self.log.from.max(0.0), self.log.until);
            self.describe_visits(usual, bare_share, &mut answer);
            let baseline = self.baseline_after(&fit, answer.pages_per_visit.unwrap_or(1.0));
            answer.baseline = answer.baseline.or(baseline);
            answer.curve = Some(curve);
        }
        answer
    }

    fn warn(&self, day: &Day, is_fitted: bool, warnings: &mut Vec<String>) {
        let notes = &self.log.notes;
        if !self.has_assets {
            warnings.push(
                "the log holds no assets (a CDN serves them?): scanners are told from people by their pace and their tracked links alone, and those that use an address for each link count as people"
                    .to_owned(),
            );
        }
        let (quiet, busy) = day.swing();
        if is_fitted && busy > 3.0 * quiet.max(0.01) {
            warnings.push(format!(
                "what comes anyway swings over the day, from {quiet:.1} to {busy:.1} times its mean: the fit follows the day before; plan with the hour of the next send"
            ));
        }
        if notes.outside > notes.entries / 2 {
            warnings.push(format!(
                "{} of {} entries are more than 2 days before or 8 days after the send: check `--sent-at`",
                notes.outside, notes.entries
            ));
        }
        if notes.visits_cut_short > 0 {
            warnings.push(format!(
                "{} visits were closed early, because more than 110,000 were open at once: they may count twice",
                notes.visits_cut_short
            ));
        }
        if notes.without_client > notes.entries / 100 {
            warnings.push(format!(
                "{} entries have no client address: they count as pages, in no visit",
                notes.without_client
            ));
        }
        if let Some(first) = notes.first_gateway_failure_seconds {
            warnings.push(format!(
                "{} answers 502, 503 or 504 after the send, the first {first:.0} s after it: people who tried again count as more pages",
                notes.gateway_failures
            ));
        }
    }

    /// Counts per second before the send.
    fn usual(&self, counts: &Counts) -> f64 {
        if -self.log.from >= LEAST_BEFORE {
            counts.between(self.log.from, 0.0) / -self.log.from
        } else {
            0.0
        }
    }

    /// The share of people who load no assets because their browsers have them, from after the scanners are through.
    fn bare_share(&self, fit: &Fit) -> f64 {
        let log = &self.log;
        let from = fit.send.mid + 600.0;
        let length = log.until - from;
        let is_before_known = -log.from >= LEAST_BEFORE;
        if !self.has_assets || !(is_before_known || self.is_tracked) || length < LEAST_BEFORE {
            return 0.0;
        }
        let excess = |counts: &Counts| counts.between(from, log.until) - self.usual(counts) * length;
        let (browser, bare) = (self.chosen(&log.browser), self.chosen(&log.bare));
        let scale = if is_before_known { length / -log.from } else { 0.0 };
        let noise = (bare.between(from, log.until) + scale * scale * bare.between(log.from, 0.0)).sqrt();
        let (people, more) = (excess(&browser), excess(&bare));
        if people < 100.0 || more < 3.0 * noise {
            0.0
        } else {
            (more / (more + people)).clamp(0.0, 0.9)
        }
    }

    /// Page requests of scanners: what no person asked for until the last mail was scanned, less what is usual and what
    /// people ask for whose browsers have all assets.
    fn scanners(&self, fit: &Fit, bare_share: f64) -> Scanners {
        let log = &self.log;
        let end = fit.send.mid + SCAN;
        let scanned = self.scanned();
        let people = fit.clicks_between(0.0, end) * bare_share / (1.0 - bare_share);
        let bare = self.tally(&log.after.bare).pages_per_visit().max(1.0);
        let usual = self.usual(&scanned) * end;
        let pages = (scanned.between(0.0, end) - usual - people * bare).max(0.0);
        let (links, links_source) = self.links();
        let mails = log.question.recipients as f64 * f64::from(links);
        Scanners {
            pages,
            known_pages: log.known_scanner_pages,
            links,
            links_source,
            share: (pages / mails.max(1.0)).min(1.0),
        }
    }

    /// Links in a mail: the paths that scanners opened about equally often.
    fn links(&self) -> (u32, LinksSource) {
        if let Some(given) = self.log.question.links {
            return (given.max(1), LinksSource::Given);
        }
        let most = self.log.links.iter().copied().max().unwrap_or(0);
        if most < RARE {
            return (LINKS, LinksSource::Default);
        }
        let seen = self
            .log
            .links
            .iter()
            .filter(|count| **count * RARE >= most)
            .count();
        (seen as u32, LinksSource::Seen)
    }

    /// Sums of the visits that are looked at.
    fn tally(&self, sides: &[Tally; 2]) -> Tally {
        let [untracked, tracked] = sides;
        tracked.plus(untracked, if self.is_tracked { 0.0 } else { 1.0 })
    }

    /// What a visit is made of: the visits after the send, less `usual` of those that came before it.
    fn describe_visits(&self, usual: f64, bare_share: f64, answer: &mut Calibration) {
        let people = |period: &Period| {
            let browser = self.tally(&period.browser);
            if self.has_assets {
                browser
            } else {
                browser.plus(&self.tally(&period.bare), 1.0)
            }
        };
        let (before, after) = (people(&self.log.before), people(&self.log.after));
        let campaign = if before.visits >= 50.0 {
            after.plus(&before, -usual / before.visits)
        } else {
            after
        };
        if campaign.visits >= 1.0 && campaign.pages > 0.0 {
            answer.pages_per_visit = Some(campaign.pages_per_visit());
            // Who has every asset asks for pages alone.
            let requests = campaign.requests_per_page();
            answer.requests_per_page = Some(requests * (1.0 - bare_share) + bare_share);
            answer.visit_seconds = Some(Length {
                mean: campaign.mean_seconds(),
                median: campaign.median_seconds(),
            });
        }
    }

    /// What came in the day before the send, or in as much of it as the log has.
    fn baseline_before(&self, people: &Counts) -> Option<Baseline> {
        let from = self.log.from.max(-86_400.0);
        (-from >= LEAST_BEFORE).then(|| Baseline {
            pages_per_second: Some(self.log.pages.between(from, 0.0) / -from),
            visits_per_second: people.between(from, 0.0) / -from,
            measured_seconds: -from,
        })
    }

    /// What came anyway in the last quarter of the log, less the clicks of the fit.
    fn baseline_after(&self, fit: &Fit, pages_per_visit: f64) -> Option<Baseline> {
        let (from, until) = (self.log.until * 0.75, self.log.until);
        let clicks = fit.clicks_between(from, until);
        (until - from > 0.0).then(|| Baseline {
            pages_per_second: Some(
                ((self.log.pages.between(from, until) - clicks * pages_per_visit) / (until - from)).max(0.0),
            ),
            visits_per_second: fit.baseline.mid,
            measured_seconds: 0.0,
        })
    }
}

/// Clicks of all people, where `bare_share` of them were not fitted.
fn raised(clicks: Interval, bare_share: f64) -> Interval {
    let factor = 1.0 / (1.0 - bare_share);
    Interval {
        low: clicks.low * factor,
        mid: clicks.mid * factor,
        high: clicks.high * factor,
    }
}
