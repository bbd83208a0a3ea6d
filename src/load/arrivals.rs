//! Due times: one global stream of arrivals, made from a curve, a process and a seed. Every worker makes the same
//! stream and plays its own part of it, so the result does not depend on how many workers there are.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};

use super::curve::Piece;
use crate::units::Offset;

/// How visits arrive within a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ArrivalProcess {
    /// Independent of each other, as people come: exponential gaps.
    #[default]
    Poisson,
    /// At even distances: the kindest load there is.
    Even,
}

impl fmt::Display for ArrivalProcess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            ArrivalProcess::Poisson => "poisson",
            ArrivalProcess::Even => "even",
        })
    }
}

impl FromStr for ArrivalProcess {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "poisson" => Ok(ArrivalProcess::Poisson),
            "even" => Ok(ArrivalProcess::Even),
            other => Err(format!("`{other}` is neither `poisson` nor `even`")),
        }
    }
}

/// One arrival: its number in the stream, from 0, and when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Counted over the whole stream.
    pub seq: u64,
    /// When it is due.
    pub due: Offset,
}

/// The stream of arrivals. Pieces of the curve may be added while it is played; where they run out, the stream waits.
///
/// The n-th arrival is due where the integral of the rate reaches the sum of the first n gaps; the gaps are
/// exponential with mean 1 (Poisson, by inversion) or 1 (even). The first even arrival comes after half a gap, so
/// that the stream does not begin with a request at its very first instant.
#[derive(Debug, Clone)]
pub struct Schedule {
    process: ArrivalProcess,
    random: Pcg64,
    ahead: VecDeque<Piece>,
    /// Where the first piece of `ahead` starts.
    start: Offset,
    /// Expected arrivals already used up within the first piece.
    used: f64,
    /// Expected arrivals still to go until the next one is due.
    gap: f64,
    seq: u64,
}

impl Schedule {
    /// An empty stream.
    pub fn new(process: ArrivalProcess, seed: u64) -> Self {
        let mut schedule = Self {
            process,
            random: Pcg64::seed_from_u64(seed),
            ahead: VecDeque::new(),
            start: Offset::ZERO,
            used: 0.0,
            gap: 0.5,
            seq: 0,
        };
        if process == ArrivalProcess::Poisson {
            schedule.gap = schedule.draw();
        }
        schedule
    }

    fn draw(&mut self) -> f64 {
        match self.process {
            ArrivalProcess::Even => 1.0,
            ArrivalProcess::Poisson => {
                // Uniform in (0, 1]: 53 random bits, never zero, so the logarithm is finite.
                let uniform = ((self.random.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
                -uniform.ln()
            }
        }
    }

    /// Adds a piece at the end of what is known.
    pub fn extend(&mut self, piece: Piece) {
        self.ahead.push_back(piece);
    }

    /// Until when the stream is known.
    pub fn known_until(&self) -> Offset {
        self.start + self.ahead.iter().map(|piece| piece.length).sum::<Duration>()
    }

    /// The next arrival, where the known pieces hold one.
    pub fn next_arrival(&mut self) -> Option<Arrival> {
        while let Some(piece) = self.ahead.front() {
            if let Some(seconds) = piece.inverse(self.used + self.gap) {
                let due = self.start + Duration::from_secs_f64(seconds);
                self.used += self.gap;
                self.gap = self.draw();
                let seq = self.seq;
                self.seq += 1;
                return Some(Arrival { seq, due });
            }
            self.gap -= (piece.total() - self.used).max(0.0);
            self.gap = self.gap.max(0.0);
            self.used = 0.0;
            self.start += piece.length;
            self.ahead.pop_front();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::Curve;
    use super::*;
    use crate::units::Rate;
    use proptest::prelude::*;

    fn hold(rate: f64, millis: u64) -> Piece {
        Piece::hold(Rate::per_second(rate), Duration::from_millis(millis))
    }

    fn play(process: ArrivalProcess, seed: u64, pieces: &[Piece]) -> Vec<Arrival> {
        let mut schedule = Schedule::new(process, seed);
        pieces.iter().for_each(|piece| schedule.extend(*piece));
        std::iter::from_fn(|| schedule.next_arrival()).collect()
    }

    #[test]
    fn even_arrivals_are_even_across_the_seam_of_two_pieces() {
        let arrivals = play(ArrivalProcess::Even, 1, &[hold(100.0, 995), hold(100.0, 1_005)]);
        assert_eq!(arrivals.len(), 200);
        for pair in arrivals.windows(2) {
            let gap = pair[1].due.since(pair[0].due).as_secs_f64();
            assert!((gap - 0.01).abs() < 1e-6, "{gap}");
        }
    }

    #[test]
    fn poisson_arrivals_have_the_rate_and_the_variance_of_a_poisson_process() {
        let arrivals = play(ArrivalProcess::Poisson, 7, &[hold(100.0, 1_000_000)]);
        let mut counts = vec![0.0_f64; 1_000];
        arrivals
            .iter()
            .for_each(|arrival| counts[arrival.due.second() as usize] += 1.0);
        let mean = counts.iter().sum::<f64>() / 1_000.0;
        let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / 999.0;
        assert!((mean - 100.0).abs() < 1.5, "mean {mean}");
        assert!((variance / mean - 1.0).abs() < 0.15, "variance {variance}");
    }

    #[test]
    fn a_rate_of_zero_brings_nobody_and_the_stream_goes_on_after_it() {
        let arrivals = play(
            ArrivalProcess::Even,
            1,
            &[hold(10.0, 1_000), hold(0.0, 5_000), hold(10.0, 1_000)],
        );
        assert_eq!(arrivals.len(), 20);
        assert!(arrivals[10].due >= Offset::from_secs(6));
    }

    proptest! {
        #[test]
        fn a_stream_known_at_once_equals_one_that_is_extended_piece_by_piece(seed in 0_u64..1_000, rates in prop::collection::vec(0.0_f64..300.0, 1..8)) {
            let pieces: Vec<Piece> = rates.windows(2).map(|pair| Piece {
                length: Duration::from_millis(700), from: Rate::per_second(pair[0]), to: Rate::per_second(pair[1]),
            }).collect();
            let whole = play(ArrivalProcess::Poisson, seed, &pieces);
            let mut schedule = Schedule::new(ArrivalProcess::Poisson, seed);
            let mut parts = Vec::new();
            for piece in &pieces {
                schedule.extend(*piece);
                parts.extend(std::iter::from_fn(|| schedule.next_arrival()));
            }
            prop_assert_eq!(&whole, &parts);
            prop_assert!(whole.windows(2).all(|pair| pair[0].due <= pair[1].due && pair[0].seq + 1 == pair[1].seq));
            prop_assert!(whole.iter().all(|arrival| arrival.due <= schedule.known_until()));
        }

        #[test]
        fn even_arrivals_follow_the_integral(from in 1.0_f64..300.0, to in 1.0_f64..300.0) {
            let piece = Piece { length: Duration::from_secs(5), from: Rate::per_second(from), to: Rate::per_second(to) };
            let curve = Curve::new([piece]);
            for arrival in play(ArrivalProcess::Even, 1, &[piece]) {
                prop_assert!((curve.integral(arrival.due) - (arrival.seq as f64 + 0.5)).abs() < 1e-3);
            }
        }
    }
}
