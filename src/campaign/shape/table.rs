//! A curve as somebody measured it: straight lines between the rows of a table.

use std::time::Duration;

use super::Peak;
use crate::load::{Curve, Piece};
use crate::units::{Offset, Rate};

/// Rates over time, made into a density.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<(f64, f64)>", into = "Vec<(f64, f64)>")]
pub struct Table {
    curve: Curve,
    total: f64,
}

impl TryFrom<Vec<(f64, f64)>> for Table {
    type Error = &'static str;

    fn try_from(points: Vec<(f64, f64)>) -> Result<Self, Self::Error> {
        Table::new(&points).ok_or("a table whose times do not rise, or that brings nobody")
    }
}

impl From<Table> for Vec<(f64, f64)> {
    fn from(table: Table) -> Self {
        let mut at = 0.0;
        let first = table.curve.pieces().first().map(|piece| (0.0, piece.from.get()));
        let rest = table.curve.pieces().iter().map(|piece| {
            at += piece.length.as_secs_f64();
            (at, piece.to.get())
        });
        first.into_iter().chain(rest).collect()
    }
}

impl Table {
    /// The table of `points`, each a time in seconds and a rate per second: times rise, rates are not negative and not
    /// all zero. It begins with its first point, whenever that is.
    pub fn new(points: &[(f64, f64)]) -> Option<Self> {
        let first = points.first()?.0;
        let mut pieces = Vec::new();
        // The rates are brought to a height of one first, so that small ones keep their digits.
        let highest = points.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
        for pair in points.windows(2) {
            let ((from, low), (to, high)) = (pair[0], pair[1]);
            if to <= from || low < 0.0 || high < 0.0 || !(to - first).is_finite() {
                return None;
            }
            pieces.push(Piece {
                length: Duration::try_from_secs_f64(to - from).ok()?,
                from: Rate::per_second(low / highest),
                to: Rate::per_second(high / highest),
            });
        }
        let total: f64 = pieces.iter().map(Piece::total).sum();
        (total > 0.0 && highest.is_finite()).then(|| Self {
            curve: Curve::new(pieces),
            total,
        })
    }

    pub(super) fn end(&self) -> f64 {
        self.curve.length().as_secs_f64()
    }

    pub(super) fn density(&self, at: f64) -> f64 {
        if at >= self.end() {
            return 0.0;
        }
        self.curve.rate_at(Offset::from_secs_f64(at)).get() / self.total
    }

    pub(super) fn share_by(&self, at: f64) -> f64 {
        self.curve.integral(Offset::from_secs_f64(at.min(self.end()))) / self.total
    }

    pub(super) fn peak(&self) -> Peak {
        let mut start = 0.0;
        let mut peak = Peak {
            at: 0.0,
            density: 0.0,
        };
        for piece in self.curve.pieces() {
            let length = piece.length.as_secs_f64();
            // A piece ends where the next begins: its own end counts just before.
            for (at, rate) in [(start, piece.from), (start + length - 1e-9, piece.to)] {
                if rate.get() / self.total > peak.density {
                    peak = Peak {
                        at,
                        density: rate.get() / self.total,
                    };
                }
            }
            start += length;
        }
        peak
    }

    pub(super) fn corners(&self) -> Vec<f64> {
        let mut at = 0.0;
        let mut corners = vec![0.0];
        for piece in self.curve.pieces() {
            at += piece.length.as_secs_f64();
            corners.push(at);
        }
        corners
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_needs_two_rows_that_rise_in_time_and_bring_somebody() {
        assert!(Table::new(&[]).is_none());
        assert!(Table::new(&[(0.0, 1.0)]).is_none());
        assert!(Table::new(&[(0.0, 0.0), (1.0, 0.0)]).is_none());
        assert!(Table::new(&[(1.0, 1.0), (1.0, 2.0)]).is_none());
        assert!(Table::new(&[(0.0, 1.0), (1.0, -2.0)]).is_none());
        assert!(Table::new(&[(0.0, 1.0), (1e300, 2.0)]).is_none());
        let table = Table::new(&[(5.0, 0.0), (7.0, 4.0), (9.0, 0.0)]).unwrap();
        assert!((table.share_by(2.0) - 0.5).abs() < 1e-9 && table.end() == 4.0);
    }
}
