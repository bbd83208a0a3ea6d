//! Access logs of sends whose truth is known: people, link scanners and what comes anyway, line by line, from a seed.

use std::io::Write;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// When the first mail goes out: 2026-11-20T08:00:00Z.
pub(crate) const SENT_AT: f64 = 1_795_161_600.0;
const HOUR: f64 = 3_600.0;

/// How scanners come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// A few gateways open the links of many mails each.
    Gateways,
    /// Each mail has a machine of its own.
    PerMail,
    /// Each link has.
    PerLink,
}

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Combined,
    /// Without referrers and agents.
    Common,
    Json,
}

/// What is true of a send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Truth {
    pub(crate) recipients: u64,
    pub(crate) click_rate: f64,
    /// Median delay, in seconds.
    pub(crate) median: f64,
    pub(crate) sigma: f64,
    /// In seconds.
    pub(crate) send: f64,
    pub(crate) links: u32,
    pub(crate) scanner_share: f64,
    pub(crate) manner: Manner,
    /// Mean page views per visit.
    pub(crate) pages: f64,
    /// Mean assets per page; none where a CDN has them.
    pub(crate) assets: f64,
    /// Visits per second that come anyway.
    pub(crate) usual: f64,
    /// How much busier the day is than its mean: 0 to 1.
    pub(crate) swing: f64,
    /// Whether links carry `utm_` parameters.
    pub(crate) is_tracked: bool,
    /// Hours of log before and after the send.
    pub(crate) hours: (f64, f64),
    pub(crate) format: Format,
}

/// What really happened: the truth after chance.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Happened {
    pub(crate) pages_per_visit: f64,
    pub(crate) requests_per_page: f64,
    /// Mean seconds from the first to the last request of a visit.
    pub(crate) visit_seconds: f64,
    /// Page views per second before the send, in the last day of it.
    pub(crate) usual_pages: f64,
    pub(crate) people_lines: u64,
    pub(crate) scanner_lines: u64,
    pub(crate) unrelated_lines: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    /// Of the link with this number.
    Landing(u32),
    Page(u32),
    Asset(u32),
    Post,
    Noise,
}

#[derive(Debug, Clone, Copy)]
struct Event {
    at: f64,
    client: u32,
    agent: u8,
    what: What,
    has_referrer: bool,
    is_tracked: bool,
}

const AGENTS: [&str; 5] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0+(compatible; UptimeRobot/2.0)",
    "BarracudaCentral/1.0",
];

pub(crate) struct Random(Pcg64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Pcg64::seed_from_u64(seed))
    }

    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, number: u32) -> u32 {
        (self.uniform() * f64::from(number)) as u32 % number.max(1)
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// A whole number of at least 0 with this mean, geometric.
    fn geometric(&mut self, mean: f64) -> u32 {
        if mean <= 0.0 {
            return 0;
        }
        (self.uniform().ln() / (mean / (1.0 + mean)).ln()) as u32
    }
}

struct Writer {
    random: Random,
    truth: Truth,
    events: Vec<Event>,
    clients: u32,
}

/// The lines of a send in the order of time, handed one by one to `take`; and what happened in them.
pub(crate) fn write(truth: Truth, seed: u64, mut take: impl FnMut(&[u8])) -> Happened {
    let mut writer = Writer {
        random: Random::new(seed),
        truth,
        events: Vec::new(),
        clients: 0,
    };
    let mut happened = writer.people();
    happened.people_lines = writer.events.len() as u64;
    writer.scanners();
    happened.scanner_lines = writer.events.len() as u64 - happened.people_lines;
    happened.usual_pages = writer.unrelated();
    happened.unrelated_lines = writer.events.len() as u64 - happened.people_lines - happened.scanner_lines;
    let (before, after) = truth.hours;
    writer
        .events
        .retain(|event| (-before * HOUR..after * HOUR).contains(&event.at));
    writer.events.sort_by(|a, b| a.at.total_cmp(&b.at));
    let mut line = Vec::new();
    for event in &writer.events {
        line.clear();
        format(event, truth.format, &mut line);
        take(&line);
    }
    happened
}

impl Writer {
    fn client(&mut self) -> u32 {
        self.clients += 1;
        self.clients
    }

    /// A visit of a person from `at` on: its pages, requests and length.
    fn visit(&mut self, at: f64, pages: f64, landing: What, is_tracked: bool) -> (u32, u32, f64) {
        let client = self.client();
        let agent = self.random.below(2) as u8;
        // One person in twenty has every asset already.
        let assets = if self.random.uniform() < 0.05 {
            0.0
        } else {
            self.truth.assets
        };
        let count = 1 + self.random.geometric(pages - 1.0);
        let (mut now, mut requests, mut last) = (at, 0, at);
        for page in 0..count {
            let what = if page == 0 {
                landing
            } else {
                What::Page(self.random.below(40))
            };
            let of_page = if assets > 0.0 {
                1 + self.random.geometric(assets - 1.0)
            } else {
                0
            };
            let event = |at, what| Event {
                at,
                client,
                agent,
                what,
                has_referrer: page > 0 || what != landing,
                is_tracked: is_tracked && page == 0,
            };
            self.events.push(event(now, what));
            for number in 0..of_page {
                last = now + 0.2 + 0.1 * f64::from(number);
                self.events.push(event(last, What::Asset(number)));
            }
            last = last.max(now);
            requests += 1 + of_page;
            now += 15.0 * (0.8 * self.random.normal()).exp() + 1.0;
        }
        (count, requests, last - at)
    }

    fn people(&mut self) -> Happened {
        let truth = self.truth;
        let clicks = (truth.recipients as f64 * truth.click_rate).round() as u64;
        let (mut pages, mut requests, mut seconds) = (0, 0, 0.0);
        for _ in 0..clicks {
            let at = truth.send * self.random.uniform()
                + truth.median * (truth.sigma * self.random.normal()).exp();
            let link = self.random.below(truth.links);
            let (of_visit, all, length) = self.visit(at, truth.pages, What::Landing(link), truth.is_tracked);
            pages += of_visit;
            requests += all;
            seconds += length;
        }
        Happened {
            pages_per_visit: f64::from(pages) / clicks as f64,
            requests_per_page: f64::from(requests) / f64::from(pages),
            visit_seconds: seconds / clicks as f64,
            ..Happened::default()
        }
    }

    fn scanners(&mut self) {
        let truth = self.truth;
        let mails = (truth.recipients as f64 * truth.scanner_share).round() as u64;
        let gateways: Vec<u32> = (0..40).map(|_| self.client()).collect();
        for _ in 0..mails {
            let arrival = truth.send * self.random.uniform();
            let of_mail = self.client();
            for link in 0..truth.links {
                let client = match truth.manner {
                    Manner::Gateways => gateways[self.random.below(40) as usize],
                    Manner::PerMail => of_mail,
                    Manner::PerLink => self.client(),
                };
                let at = arrival + 60.0 * self.random.uniform();
                let is_named = truth.manner == Manner::Gateways && client.is_multiple_of(8);
                self.events.push(Event {
                    at,
                    client,
                    agent: if is_named { 4 } else { 0 },
                    what: What::Landing(link),
                    has_referrer: false,
                    is_tracked: truth.is_tracked,
                });
            }
        }
    }

    /// What comes anyway, from an hour before the log on; its pages per second in the last day before the send.
    fn unrelated(&mut self) -> f64 {
        let truth = self.truth;
        let start = -truth.hours.0 * HOUR - HOUR;
        let first = self.events.len();
        let highest = truth.usual * (1.0 + truth.swing);
        let mut at = start;
        while at < truth.hours.1 * HOUR {
            at -= self.random.uniform().ln() / highest.max(1e-9);
            let now = truth.usual * (1.0 + truth.swing * (std::f64::consts::TAU * at / 86_400.0).sin());
            if self.random.uniform() * highest > now {
                continue;
            }
            let landing = What::Page(self.random.below(40));
            match self.random.below(20) {
                0 => self.lone(at, 2, What::Page(7)),
                1 => self.lone(at, 0, What::Page(9)),
                2 => self.lone(at, 0, What::Post),
                3 => self.lone(at, 0, What::Noise),
                _ => {
                    self.visit(at, 4.0, landing, false);
                }
            }
        }
        let mut minute = start;
        while minute < truth.hours.1 * HOUR {
            self.events.push(Event {
                at: minute,
                client: 1_000_000_000,
                agent: 3,
                what: What::Page(0),
                has_referrer: false,
                is_tracked: false,
            });
            minute += 60.0;
        }
        let length = (truth.hours.0 * HOUR).min(86_400.0);
        let pages = self.events[first..]
            .iter()
            .filter(|event| matches!(event.what, What::Page(_)) && (-length..0.0).contains(&event.at));
        pages.count() as f64 / length
    }

    fn lone(&mut self, at: f64, agent: u8, what: What) {
        let client = self.client();
        self.events.push(Event {
            at,
            client,
            agent,
            what,
            has_referrer: false,
            is_tracked: false,
        });
    }
}

fn format(event: &Event, format: Format, line: &mut Vec<u8>) {
    if event.what == What::Noise {
        line.extend_from_slice(
            b"203.0.113.9 - - [20/Nov/2026:09:00:00 +0100] \"\\x16\\x03\\x01\" 400 0 \"-\" \"-\"",
        );
        return;
    }
    let stamp = SENT_AT + event.at;
    let target = match event.what {
        What::Landing(link) => format!("/offer/{link}"),
        What::Page(page) => format!("/shop/{page}"),
        What::Asset(asset) => format!("/theme/{asset}.css"),
        What::Post | What::Noise => "/cart".to_owned(),
    };
    let query = if event.is_tracked {
        "?utm_source=newsletter&utm_id=4711"
    } else {
        ""
    };
    let method = if event.what == What::Post { "POST" } else { "GET" };
    let referrer = if event.has_referrer {
        "https://shop.example/"
    } else {
        "-"
    };
    let [a, b, c, d] = event.client.to_be_bytes();
    let agent = AGENTS[usize::from(event.agent)];
    match format {
        Format::Combined | Format::Common => {
            let second = jiff::Timestamp::from_second(stamp.floor() as i64).expect("a time of this century");
            let time = second.strftime("%d/%b/%Y:%H:%M:%S +0000");
            let said = if format == Format::Common {
                String::new()
            } else {
                format!(" \"{referrer}\" \"{agent}\"")
            };
            write!(
                line,
                "{a}.{b}.{c}.{d} - - [{time}] \"{method} {target}{query} HTTP/1.1\" 200 5120{said}"
            )
        }
        Format::Json => write!(
            line,
            "{{\"ts\":{stamp:.3},\"remote_addr\":\"{a}.{b}.{c}.{d}\",\"request\":\"{method} {target}{query} HTTP/2.0\",\"status\":200,\"http_referer\":\"{referrer}\",\"http_user_agent\":\"{agent}\"}}"
        ),
    }
    .expect("a vector takes every byte");
}
