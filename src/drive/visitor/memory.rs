//! What one visitor remembers: captured values, cookies, its row, its random numbers. Small, and gone with the visit.

use std::time::Duration;

use rand_core::Rng;
use rand_pcg::Pcg64;

use super::super::script::{Lot, Script, below};
use crate::scenario::{Reloads, ThinkTime, Value};
use crate::transport::{Cookies, FillError, Prepared, Request};
use crate::units::Offset;

/// The longest value that a visitor captures, in bytes; a longer one is cut.
const LONGEST_VALUE: usize = 8 << 10;

/// The memory of one visitor.
pub(in crate::drive) struct Memory<'s> {
    script: &'s Script,
    seq: u64,
    lot: Lot,
    captured: Vec<Option<String>>,
    pub(super) cookies: Cookies,
    random: Option<Box<Pcg64>>,
    uniques: u32,
    /// How many there were when the step began.
    uniques_before: u32,
    is_at_link: bool,
}

impl<'s> Memory<'s> {
    pub(in crate::drive) fn new(script: &'s Script, seq: u64, lot: Lot) -> Self {
        Self {
            script,
            seq,
            lot,
            captured: vec![None; script.walk(lot.walk).slots],
            cookies: Cookies::default(),
            random: None,
            uniques: 0,
            uniques_before: 0,
            is_at_link: false,
        }
    }

    pub(super) const fn seq(&self) -> u64 {
        self.seq
    }

    /// Remembers a captured value, or that there was none.
    pub(super) fn keep(&mut self, slot: usize, value: Option<String>) {
        if let Some(place) = self.captured.get_mut(slot) {
            *place = value.map(|mut value| {
                value.truncate(value.floor_char_boundary(LONGEST_VALUE));
                value
            });
        }
    }

    /// Whether the step is the first of the visit: the page that a link led to.
    pub(super) const fn is_at_link(&self) -> bool {
        self.is_at_link
    }

    /// A step begins; the first of a visit is what a link led to.
    pub(super) const fn begins_step(&mut self, is_link: bool) {
        self.is_at_link = is_link;
        self.uniques_before = self.uniques;
    }

    /// The step is asked for again: its address has the same `{{unique}}` as before, as that of a reload has.
    pub(super) const fn starts_over(&mut self) {
        self.uniques = self.uniques_before;
    }

    /// After how long the visitor reloads what failed: half to one and a half times the usual; nothing where it gives up.
    pub(super) fn patience(&mut self, reloads: &Reloads) -> Option<Duration> {
        let (chance, pause) = (self.uniform(), self.uniform());
        (chance <= reloads.share.get()).then(|| reloads.after.mul_f64(0.5 + pause))
    }

    /// How long the visitor waits.
    pub(super) fn think(&mut self, think: &ThinkTime) -> Duration {
        if !think.is_random() {
            return think.drawn(0.0, 0.0);
        }
        let (first, second) = (self.uniform(), self.uniform());
        // Box and Muller 1958: one of the pair is enough.
        let normal = (-2.0 * first.ln()).sqrt() * (std::f64::consts::TAU * second).cos();
        think.drawn(first, normal)
    }

    /// The request of this visitor as of `now`, its cookies included.
    pub(in crate::drive) fn fill(&mut self, prepared: &Prepared, now: Offset) -> Result<Request, FillError> {
        let mut request = if prepared.is_fixed() {
            prepared.request().clone()
        } else {
            prepared.filled(&mut |value, out| self.value(value, out))?
        };
        self.cookies.add_to(&mut request, now);
        Ok(request)
    }

    /// Lets `next`, to which an answer redirects, carry what the step writes itself and the cookies of now.
    pub(super) fn renew_cookies(&self, step: &Request, next: &mut Request, now: Offset) {
        use hyper::header::COOKIE;
        match step.headers.get(COOKIE) {
            Some(written) => next.headers.insert(COOKIE, written.clone()),
            None => next.headers.remove(COOKIE),
        };
        self.cookies.add_to(next, now);
    }

    /// Adds what `value` stands for to `out`.
    pub(super) fn value(&mut self, value: Value, out: &mut String) -> Option<()> {
        match value {
            Value::Captured(slot) => out.push_str(self.captured.get(slot)?.as_deref()?),
            Value::Row(column) => {
                let rows = self.script.walk(self.lot.walk).rows.as_ref()?;
                out.push_str(rows.data.cell(self.lot.row?, column)?);
            }
            Value::Unique => {
                self.uniques += 1;
                let (run, seq, number) = (self.script.run_id(), self.seq, self.uniques);
                out.push_str(&format!("{run}-{seq}-{number}"));
            }
            Value::Uuid => out.push_str(&self.uuid()),
            Value::Random(low, high) => {
                let width = low.abs_diff(high);
                let drawn = match width.checked_add(1) {
                    Some(end) => below(self.random().next_u64(), end),
                    None => self.random().next_u64(),
                };
                out.push_str(&low.saturating_add_unsigned(drawn).to_string());
            }
            Value::Visitor => out.push_str(&(self.seq + 1).to_string()),
            Value::Time => {
                let now = jiff::Timestamp::now();
                out.push_str(&now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            }
            Value::Unix => out.push_str(&jiff::Timestamp::now().as_second().to_string()),
            Value::UnixMillis => out.push_str(&jiff::Timestamp::now().as_millisecond().to_string()),
        }
        Some(())
    }

    /// RFC 9562, version 4. The run is part of it: a second run with the same seed brings other names to the site.
    fn uuid(&mut self) -> String {
        use sha2::Digest;
        let drawn = self.random().next_u64();
        let mut hash = sha2::Sha256::new();
        hash.update(self.script.run_id());
        hash.update(drawn.to_be_bytes());
        hash.update(self.seq.to_be_bytes());
        let mut bytes = [0; 16];
        for (byte, hashed) in bytes.iter_mut().zip(hash.finalize()) {
            *byte = hashed;
        }
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }

    fn random(&mut self) -> &mut Pcg64 {
        let (script, seq) = (self.script, self.seq);
        self.random.get_or_insert_with(|| Box::new(script.random(seq)))
    }

    /// Uniform in (0, 1].
    fn uniform(&mut self) -> f64 {
        ((self.random().next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }
}
