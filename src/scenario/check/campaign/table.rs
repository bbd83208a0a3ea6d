//! The table of a `csv` campaign: a time and a rate in each row, `time, visits_per_second`.

use std::fs::File;
use std::io::Read;

use super::Reading;
use crate::scenario::campaign::Campaign;
use crate::units::{Rate, Span};

/// The longest table that is read: a second of each day in 50 days.
const MOST_BYTES: u64 = 64 << 20;

impl Reading<'_, '_, '_> {
    pub(super) fn table(&mut self, campaign: &mut Campaign) {
        campaign.factor = self.number("factor", 1e-6, 1e6);
        let hint = "add the table, as in `file: last_year.csv`";
        let Some(node) = self.fields.require(self.check, "file", hint) else {
            return;
        };
        let Some((path, written)) = self.check.path(node, "`file`") else {
            return;
        };
        self.keep("file", &written);
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes));
        let rows = match read {
            Err(error) => Err((format!("the table cannot be read: {error}"), "name a file that is there, relative to the scenario")),
            Ok(_) if bytes.len() as u64 > MOST_BYTES => {
                Err(("the table is longer than 64 MiB".to_owned(), "a row for each minute is enough"))
            }
            Ok(_) => rows(&bytes).map_err(|why| (why, "each row is a time and a rate, as in `10m, 25` or `600, 25` below `time, visits_per_second`")),
        };
        match rows {
            Ok(rows) => campaign.rows = rows,
            Err((message, hint)) => self.check.error(node.place, message, hint),
        }
    }
}

/// The rows of a table: seconds and visits per second.
fn rows(bytes: &[u8]) -> Result<Vec<(f64, f64)>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(bytes);
    let mut rows: Vec<(f64, f64)> = Vec::new();
    for (number, record) in reader.records().enumerate() {
        let line = number + 1;
        let record = record.map_err(|error| format!("row {line} of the table cannot be read: {error}"))?;
        let cells: Vec<&str> = record.iter().collect();
        let [time, rate] = cells[..] else {
            return Err(format!(
                "row {line} of the table has {} cells instead of 2",
                cells.len()
            ));
        };
        let parsed = seconds(time).zip(rate.parse::<f64>().ok());
        let Some((at, rate)) = parsed else {
            if number == 0 {
                continue;
            }
            return Err(format!("row {line} of the table is no time and rate"));
        };
        if !(0.0..=Rate::MAX.get()).contains(&rate) {
            return Err(format!(
                "row {line} of the table has a rate that nobody can offer"
            ));
        }
        if !(0.0..=Span::MAX.as_secs_f64()).contains(&at) {
            return Err(format!("row {line} of the table lies outside of a year"));
        }
        if rows.last().is_some_and(|(before, _)| *before >= at) {
            return Err(format!(
                "row {line} of the table is not later than the one before"
            ));
        }
        rows.push((at, rate));
    }
    if rows.len() < 2 {
        return Err("the table has fewer than two rows".to_owned());
    }
    if rows.iter().all(|(_, rate)| *rate <= 0.0) {
        return Err("the table brings nobody: every rate is zero".to_owned());
    }
    Ok(rows)
}

/// A time: bare seconds, or with its unit.
fn seconds(text: &str) -> Option<f64> {
    text.parse::<f64>()
        .ok()
        .or_else(|| Some(text.parse::<Span>().ok()?.as_secs_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_with_and_without_heading_and_units() {
        let plain = rows(b"time,visits_per_second\n0, 0\n60, 5\n120,0.5\n").unwrap();
        assert_eq!(plain, [(0.0, 0.0), (60.0, 5.0), (120.0, 0.5)]);
        assert_eq!(rows(b"0s,0\n1m,5\n2m,0.5\n").unwrap(), plain);
        for bad in [
            &b""[..],
            b"time,visits_per_second\n",
            b"0,1\n",
            b"0,1\n0,2\n",
            b"0,1\n5,-2\n",
            b"0,1\n5,NaN\n",
            b"0,1,2\n5,1,2\n",
            b"0,0\n5,0\n",
            b"0,1\nlater,1\n",
            b"0,1\n1e300,1\n",
            b"\xff\xfe,1\n\xff,2\n1,1",
        ] {
            assert!(rows(bad).is_err(), "{}", String::from_utf8_lossy(bad));
        }
    }
}
