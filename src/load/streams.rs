//! Several streams of arrivals beside each other, in one order of time: visitors, link scanners, a tape. Each has numbers
//! of its own, and each worker plays its part of each.

use std::sync::Arc;

use super::{Arrival, Piece, Schedule, Tape};

/// Whose arrivals they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Visitors, who walk a journey.
    Visits,
    /// Link scanners: one request each, without cookies.
    Scanners,
    /// What a tape says: one request each.
    Tape,
}

impl Stream {
    /// All of them, in the order in which those of one moment go.
    const ALL: [Stream; 3] = [Stream::Visits, Stream::Scanners, Stream::Tape];
}

/// The part of one worker of all streams.
#[derive(Debug)]
pub struct Streams {
    visits: Schedule,
    scanners: Schedule,
    tape: Arc<Tape>,
    /// The next of the tape.
    taped: u64,
    /// Arrivals are ours whose number leaves `part.0` when divided by `part.1`.
    part: (u64, u64),
    next: [Option<Arrival>; 3],
}

impl Streams {
    /// Streams of which this worker plays those arrivals whose number leaves `part.0` when divided by `part.1`.
    pub fn new(visits: Schedule, scanners: Schedule, part: (u64, u64)) -> Self {
        Self {
            visits,
            scanners,
            tape: Arc::default(),
            taped: part.0,
            part: (part.0, part.1.max(1)),
            next: [None; 3],
        }
    }

    /// Adds a piece at the end of what is known of `stream`; a tape has none.
    pub fn extend(&mut self, stream: Stream, piece: Piece) {
        match stream {
            Stream::Visits => self.visits.extend(piece),
            Stream::Scanners => self.scanners.extend(piece),
            Stream::Tape => {}
        }
    }

    /// Plays `tape` from its beginning.
    pub fn put_in(&mut self, tape: Arc<Tape>) {
        self.tape = tape;
        self.taped = self.part.0;
    }

    /// What the arrival `seq` of the tape asks for.
    pub fn asked_by(&self, seq: u64) -> Option<u32> {
        self.tape.asked_by(seq)
    }

    /// The next arrival, of whichever stream; it stays the next until it is taken, or until an earlier one is known.
    pub fn next_arrival(&mut self) -> Option<(Stream, Arrival)> {
        let (index, count) = self.part;
        for stream in Stream::ALL {
            let next = &mut self.next[stream as usize];
            if next.is_none() {
                let schedule = match stream {
                    Stream::Visits => &mut self.visits,
                    Stream::Scanners => &mut self.scanners,
                    Stream::Tape => {
                        *next = self.tape.arrival(self.taped);
                        self.taped += if next.is_some() { count } else { 0 };
                        continue;
                    }
                };
                *next = std::iter::from_fn(|| schedule.next_arrival())
                    .find(|arrival| arrival.seq % count == index);
            }
        }
        let known = Stream::ALL
            .iter()
            .filter_map(|stream| Some((*stream, self.next[*stream as usize]?)));
        known.min_by_key(|(_, arrival)| arrival.due)
    }

    /// The next arrival of `stream` is played, or given up.
    pub fn take(&mut self, stream: Stream) {
        self.next[stream as usize] = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::load::ArrivalProcess;
    use crate::units::{Offset, Rate};
    use proptest::prelude::*;

    fn hold(rate: f64) -> Piece {
        Piece::hold(Rate::per_second(rate), Duration::from_secs(1))
    }

    fn schedule(seed: u64) -> Schedule {
        Schedule::new(ArrivalProcess::Poisson, seed)
    }

    /// Plays `seconds` as a run does: what comes next is known one second at a time.
    fn played(part: (u64, u64), seconds: &[(f64, f64)], tape: &Arc<Tape>) -> Vec<(Stream, Arrival)> {
        let mut streams = Streams::new(schedule(1), schedule(2), part);
        streams.put_in(Arc::clone(tape));
        let mut all = Vec::new();
        for (second, (people, bots)) in (0..).zip(seconds) {
            streams.extend(Stream::Visits, hold(*people));
            streams.extend(Stream::Scanners, hold(*bots));
            let end = Offset::from_secs(second + 1);
            while let Some((stream, arrival)) = streams.next_arrival().filter(|(_, next)| next.due < end) {
                streams.take(stream);
                all.push((stream, arrival));
            }
        }
        all
    }

    proptest! {
        #[test]
        fn streams_keep_the_order_of_time_and_each_is_what_it_is_alone(
            seconds in prop::collection::vec((0.0_f64..60.0, 0.0_f64..60.0), 1..8),
            taped in prop::collection::vec(0_u64..8_000, 0..50),
            workers in 1_u64..4,
        ) {
            let tape = Arc::new(Tape::new(taped.iter().map(|at| (Offset::from_millis(*at), 7)).collect()));
            let mut all: Vec<(Stream, Arrival)> = Vec::new();
            for index in 0..workers {
                let part = played((index, workers), &seconds, &tape);
                prop_assert!(part.windows(2).all(|pair| pair[0].1.due <= pair[1].1.due));
                all.extend(part);
            }
            let end = Offset::from_secs(seconds.len() as u64);
            for (stream, seed) in [(Stream::Visits, 1), (Stream::Scanners, 2)] {
                let mut alone = schedule(seed);
                for (people, bots) in &seconds {
                    alone.extend(hold(if stream == Stream::Visits { *people } else { *bots }));
                }
                let alone: Vec<Arrival> = std::iter::from_fn(|| alone.next_arrival()).filter(|next| next.due < end).collect();
                let mut found: Vec<Arrival> = all.iter().filter(|(of, _)| *of == stream).map(|(_, arrival)| *arrival).collect();
                found.sort_by_key(|arrival| arrival.seq);
                prop_assert_eq!(found, alone);
            }
            let of_tape = all.iter().filter(|(of, _)| *of == Stream::Tape).count();
            prop_assert_eq!(of_tape, tape.count_between(Offset::ZERO, end));
        }
    }
}
