//! The chart of the proof: for each method how far its estimates are off, how often its interval holds the truth, and
//! what it costs the site.

use std::error::Error;

use tipover::report::charts;

use super::numbers::{number, quantile};
use super::outcome::Outcome;
use super::sheet::{Anchor, GOAL, GRID, MUTED, OURS, Sheet, TEXT, svg};
use super::table::Summary;

type Drawn = Result<(), Box<dyn Error>>;

const SIZE: (u32, u32) = (1600, 900);
const MARGIN: f64 = 56.0;
const TOP: f64 = 218.0;
const BOTTOM: f64 = 758.0;
/// From left to right: names, error, coverage, and the right edges of two columns of numbers.
const ERROR: (f64, f64) = (520.0, 930.0);
const COVERAGE: (f64, f64) = (1010.0, 1270.0);
const COLUMNS: [f64; 2] = [1400.0, 1544.0];
/// The ends of the axis of errors, in %.
const ERRORS: (f64, f64) = (0.5, 100.0);

/// One row: a method and its searches.
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) is_ours: bool,
    pub(crate) summary: Summary,
}

impl Row {
    pub(crate) fn new(label: &str, is_ours: bool, outcomes: &[Outcome]) -> Self {
        Self {
            label: label.to_owned(),
            is_ours,
            summary: Summary::of(outcomes.iter()),
        }
    }
}

/// The chart as SVG and as PNG. Its title speaks of the row `named`.
pub(crate) fn draw(rows: &[Row], named: usize) -> Result<(String, Vec<u8>), Box<dyn Error>> {
    let first = &rows.get(named).ok_or("nothing was measured")?.summary;
    let title = format!(
        "tipover is off by {} % in the median; {:.0} % of its intervals hold the truth",
        number(1e2 * quantile(&first.errors, 0.5), 1),
        1e2 * first.coverage().mid
    );
    let note = format!(
        "{} kinds of model sites with a known tipping point, {} searches on them; each method has the same starts and caps.",
        first.classes, first.count
    );
    let text = svg(SIZE, &title, &note, |sheet| {
        sheet.write(&title, (MARGIN, 64.0), Anchor::Start, (40.0, true, TEXT))?;
        sheet.write(&note, (MARGIN, 118.0), Anchor::Start, (22.0, false, MUTED))?;
        axes(sheet)?;
        for (number, row) in rows.iter().enumerate() {
            let height = (BOTTOM - TOP) / rows.len() as f64;
            self::row(sheet, row, TOP + (number as f64 + 0.5) * height)?;
        }
        let foot = "Error: dot = median, line to the 90 % quantile. Coverage: dot = share, line = Wilson's 95 % interval. \
                    Who names no interval is judged by the final bracket.";
        sheet.write(foot, (MARGIN, 858.0), Anchor::Start, (20.0, false, MUTED))
    })?;
    let image = charts::png(&text, SIZE.0)?;
    Ok((text, image))
}

fn error_at(percent: f64) -> f64 {
    let part = (percent.clamp(ERRORS.0, ERRORS.1) / ERRORS.0).ln() / (ERRORS.1 / ERRORS.0).ln();
    ERROR.0 + part * (ERROR.1 - ERROR.0)
}

fn coverage_at(share: f64) -> f64 {
    COVERAGE.0 + share * (COVERAGE.1 - COVERAGE.0)
}

fn axes(sheet: &mut Sheet<'_>) -> Drawn {
    let head = (22.0, true, TEXT);
    let tick = (20.0, false, MUTED);
    sheet.write("error of the estimate", (ERROR.0, 186.0), Anchor::Start, head)?;
    sheet.write(
        "interval holds the truth",
        (COVERAGE.0, 186.0),
        Anchor::Start,
        head,
    )?;
    sheet.write("time", (COLUMNS[0], 186.0), Anchor::End, head)?;
    sheet.write("failed", (COLUMNS[1], 186.0), Anchor::End, head)?;
    for percent in [0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0] {
        let x = error_at(percent);
        sheet.line((x, TOP), (x, BOTTOM), GRID, 1)?;
        let label = if percent < 1.0 {
            format!("{percent}")
        } else {
            format!("{percent:.0}")
        };
        sheet.write(&label, (x, BOTTOM + 22.0), Anchor::Middle, tick)?;
    }
    sheet.write("%, logarithmic", (ERROR.0, BOTTOM + 50.0), Anchor::Start, tick)?;
    for percent in [0.0, 25.0, 50.0, 75.0] {
        let x = coverage_at(percent / 1e2);
        sheet.line((x, TOP), (x, BOTTOM), GRID, 1)?;
        sheet.write(&format!("{percent:.0}"), (x, BOTTOM + 22.0), Anchor::Middle, tick)?;
    }
    let x = coverage_at(0.95);
    sheet.dashes(x, TOP, BOTTOM, GOAL)?;
    sheet.write("95", (x, BOTTOM + 22.0), Anchor::Middle, (20.0, true, GOAL))?;
    sheet.write("% of searches", (COVERAGE.0, BOTTOM + 50.0), Anchor::Start, tick)?;
    for x in COLUMNS {
        sheet.write("median", (x, BOTTOM + 22.0), Anchor::End, tick)?;
    }
    sheet.write("requests", (COLUMNS[1], BOTTOM + 50.0), Anchor::End, tick)?;
    Ok(())
}

fn row(sheet: &mut Sheet<'_>, row: &Row, y: f64) -> Drawn {
    let color = if row.is_ours { OURS } else { MUTED };
    let hand = (23.0, row.is_ours, if row.is_ours { OURS } else { TEXT });
    sheet.write(&row.label, (MARGIN, y), Anchor::Start, hand)?;
    let summary = &row.summary;
    if summary.count == 0 {
        return Ok(());
    }
    let (median, p90) = (
        quantile(&summary.errors, 0.5) * 1e2,
        quantile(&summary.errors, 0.9) * 1e2,
    );
    sheet.line((error_at(median), y), (error_at(p90), y), color, 4)?;
    sheet.disc((error_at(median), y), 10, color)?;
    let coverage = summary.coverage();
    sheet.line(
        (coverage_at(coverage.low), y),
        (coverage_at(coverage.high), y),
        color,
        4,
    )?;
    sheet.disc((coverage_at(coverage.mid), y), 10, color)?;
    let seconds = quantile(&summary.seconds, 0.5);
    sheet.write(&format!("{seconds:.0} s"), (COLUMNS[0], y), Anchor::End, hand)?;
    let failed = quantile(&summary.failed, 0.5);
    let failed = if failed < 1_000.0 {
        number(failed, 0)
    } else {
        format!("{:.1} k", failed / 1e3)
    };
    sheet.write(&failed, (COLUMNS[1], y), Anchor::End, hand)
}
