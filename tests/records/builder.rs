//! Records of runs that never happened, for tests: a site of known capacity, played trial by trial with a fixed
//! stream of numbers.

use std::collections::BTreeMap;
use std::time::Duration;

use tipover::record::{
    Arrivals, CellLine, Class, End, Ending, FORMAT, Generator, Header, JourneyShape, PhaseHistograms, Phases,
    RunRecord, ScenarioRef, Second, SparseHistogram, TrialLine,
};

/// 502 Bad Gateway.
pub(crate) const BAD_GATEWAY: Class = Class::Status(502);

/// A header as `command` writes it.
pub(crate) fn header(command: &str) -> Header {
    Header {
        format: FORMAT,
        tool_version: "0.1.0".to_owned(),
        run_id: "5f2a9c0b71de".to_owned(),
        started_at: "2026-11-20T10:00:00Z".to_owned(),
        command: command.to_owned(),
        arguments: vec![command.to_owned(), "newsletter.yaml".to_owned()],
        scenario: ScenarioRef {
            name: "Black Week newsletter".to_owned(),
            target: "https://staging.shop.example/".to_owned(),
            stands_for: None,
            hash: "9b74c9897bac770ffc029102a200c5de".repeat(2),
        },
        journey: JourneyShape { pages_per_visit: 1.0, requests_per_visit: 1.0 },
        arrivals: Arrivals { process: "poisson".to_owned(), seed: 7, think: "none".to_owned() },
        connections: "per_visitor".to_owned(),
        failure: vec!["gateway".to_owned()],
        search: (command != "run").then(|| {
            serde_json::json!({"from": 1.0, "to": 10000.0, "profile": "quick", "failure": ["gateway"], "share": 0.01})
        }),
        thresholds: Vec::new(),
        forecast: None,
        languages: vec!["en".to_owned(), "de".to_owned()],
        workers: 2,
        file_limit: 524_288,
        steps: Vec::new(),
        lookup_us: BTreeMap::from([("staging.shop.example".to_owned(), 12_300)]),
        proxy: BTreeMap::new(),
        http: Some("2".to_owned()),
        pinned: BTreeMap::from([("staging.shop.example:443".to_owned(), vec!["127.0.0.1".to_owned()])]),
        trust: "system".to_owned(),
        authorized_by: Some("ops@shop.example".to_owned()),
        truth: None,
        effective: "version: 1\nname: Black Week newsletter\ntarget: https://staging.shop.example\n".to_owned(),
    }
}

/// What the site does with one load: shares of 502 and 504, and the median of its successes in milliseconds.
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    pub(crate) bad_gateway: f64,
    pub(crate) gateway_timeout: f64,
    pub(crate) median_ms: f64,
}

/// A site that carries `capacity` pages a second and answers the rest with 502 and some 504.
pub(crate) fn overload(capacity: f64) -> impl Fn(f64) -> Answer {
    move |rate| {
        let excess = (1.0 - capacity / rate).max(0.0);
        let near = (rate / capacity).min(1.0);
        let early = if near > 0.97 { 0.004 } else { 0.0 };
        Answer {
            bad_gateway: excess * 0.9 + early,
            gateway_timeout: excess * 0.1,
            median_ms: 42.0 / (1.0 - near * 0.93),
        }
    }
}

/// Plays trials into a record.
pub(crate) struct Player<F> {
    pub(crate) record: RunRecord,
    site: F,
    state: u64,
}

impl<F: Fn(f64) -> Answer> Player<F> {
    pub(crate) fn new(header: Header, site: F) -> Self {
        Self {
            record: RunRecord::new(header),
            site,
            state: 0x2545_f491_4f6c_dd1d,
        }
    }

    /// A number from 0 to 1 (xorshift64*; Marsaglia 2003).
    fn random(&mut self) -> f64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn now(&self) -> u32 {
        u32::try_from(self.record.seconds.len()).unwrap()
    }

    /// One second of load at `rate`.
    pub(crate) fn second(&mut self, rate: f64, trial: Option<u32>, judged: bool) {
        let number = self.now();
        let answer = (self.site)(rate);
        let mut cells: BTreeMap<Class, (u64, SparseHistogram, SparseHistogram)> = BTreeMap::new();
        let mut phases = PhaseHistograms::default();
        let sent = (rate + self.random() - 0.5).round().max(1.0) as u64;
        for _ in 0..sent {
            let luck = self.random();
            let spread = (2.0 * (self.random() + self.random() - 1.0)).exp();
            let (class, millis) = if luck < answer.bad_gateway {
                (BAD_GATEWAY, 1.5 * spread)
            } else if luck < answer.bad_gateway + answer.gateway_timeout {
                (Class::Status(504), 2_000.0 + 20.0 * spread)
            } else {
                (Class::Status(200), answer.median_ms * spread.sqrt())
            };
            let cell = cells.entry(class).or_default();
            cell.0 += 1;
            cell.1.record((millis * 1e3) as u64 + 120);
            cell.2.record((millis * 1e3) as u64);
            if class.is_success() {
                let part = |share: f64| Some(Duration::from_secs_f64(millis * share / 1e3).into());
                phases.record(&Phases {
                    connect: part(0.05),
                    tls: part(0.1),
                    send: part(0.001),
                    first_byte: part(0.8),
                    receive: part(0.049),
                });
            }
        }
        let in_flight = (rate * answer.median_ms / 1e3).round();
        self.record.seconds.push(Second {
            second: number,
            offered: rate,
            trial,
            judged,
            sent: vec![(number, sent.cast_signed())],
            cells: cells
                .into_iter()
                .map(|(class, (count, from_due, from_sent))| CellLine {
                    due: number,
                    class,
                    count,
                    bytes: count * 512,
                    fresh: count,
                    from_due,
                    from_sent,
                })
                .collect(),
            phases,
            lateness_p99_us: 180,
            lateness_max_us: 950,
            in_flight_mean: in_flight,
            in_flight: in_flight as u64,
            visits: sent,
            generator: Generator {
                cpu_us: (rate * 120.0) as u64,
                open_files: 40 + in_flight as u64,
                memory_bytes: 18 << 20,
                ..Generator::default()
            },
            ..Second::default()
        });
    }

    /// A trial of `seconds` at `rate`, one more on the way to it.
    pub(crate) fn trial(&mut self, phase: &str, rate: f64, seconds: u32, verdict: &str) {
        let number = u32::try_from(self.record.trials.len()).unwrap();
        let from = self.now();
        self.second(rate, Some(number), false);
        for _ in 0..seconds {
            self.second(rate, Some(number), true);
        }
        self.record.trials.push(TrialLine {
            trial: number,
            phase: phase.to_owned(),
            rate,
            from,
            judged_from: from + 1,
            until: from + 1 + seconds,
            verdict: verdict.to_owned(),
            why: "as the site was made".to_owned(),
        });
    }

    /// The record, brought to its planned end.
    pub(crate) fn ended(mut self) -> RunRecord {
        self.record.end = Some(End {
            ending: Ending::Complete,
            stopped_by: None,
            seconds: self.now(),
            in_flight: 0,
        });
        self.record
    }
}
