//! `data`: a table of values, from CSV or JSON Lines, read whole before the run.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::super::fields::{Check, Fields, Keys};
use crate::scenario::document::Node;
use crate::scenario::written::WrittenData;
use crate::scenario::{AtEnd, Data, DataPlan, Order};

const DATA: Keys = Keys {
    known: &["csv", "jsonl", "order", "at_end"],
    later: &["columns", "delimiter"],
};

/// The largest file of data.
const MAX_BYTES: u64 = 64 << 20;
/// The most rows.
const MAX_ROWS: usize = 1_000_000;
/// The most columns.
const MAX_COLUMNS: usize = 1_000;

/// What is wrong with a file of data: where in it, what, and what to do.
struct Trouble {
    line: Option<u64>,
    what: String,
    hint: &'static str,
}

impl Trouble {
    fn new(line: impl Into<Option<u64>>, what: impl Into<String>, hint: &'static str) -> Self {
        Self {
            line: line.into(),
            what: what.into(),
            hint,
        }
    }
}

/// Words for orders.
const ORDERS: [(&str, Order); 4] = [
    ("in_order", Order::InOrder),
    ("shuffle", Order::Shuffle),
    ("random", Order::Random),
    ("unique", Order::Unique),
];

impl Check<'_> {
    pub(super) fn data(&mut self, node: &Node) -> Option<(DataPlan, WrittenData)> {
        let fields = self.fields(node, "`data`", &DATA)?;
        let (order, at_end) = self.order(&fields);
        let (file, is_csv) = match (fields.get("csv"), fields.get("jsonl")) {
            (Some(node), None) => (node, true),
            (None, Some(node)) => (node, false),
            (None, None) if fields.misspells(DATA.known) => return None,
            _ => {
                let hint = "write `data: { csv: skus.csv }`";
                self.error(node.place, "`data` is one file, `csv` or `jsonl`", hint);
                return None;
            }
        };
        let (path, text) = self.path(file, "`data`")?;
        let read = read_bounded(&path).and_then(|bytes| {
            if is_csv {
                read_csv(&bytes)
            } else {
                read_json_lines(&bytes)
            }
        });
        let data = match read {
            Ok(data) => data,
            Err(trouble) => {
                let line = trouble.line.map(|line| format!(":{line}")).unwrap_or_default();
                let message = format!("{}{line}: {}", path.display(), trouble.what);
                self.error(file.place, message, trouble.hint);
                return None;
            }
        };
        let word = ORDERS.iter().find(|(_, known)| *known == order);
        let written = WrittenData {
            csv: is_csv.then(|| text.clone()),
            jsonl: (!is_csv).then_some(text),
            order: word.map(|(word, _)| (*word).to_owned()),
            at_end: (at_end == AtEnd::Stop && order != Order::Unique).then(|| "stop".to_owned()),
        };
        let plan = DataPlan {
            data: Arc::new(data),
            order,
            at_end,
        };
        Some((plan, written))
    }

    /// In which order rows are given, and what happens at their end: the two must fit.
    fn order(&mut self, fields: &Fields<'_>) -> (Order, AtEnd) {
        let order = fields
            .get("order")
            .and_then(|node| self.choice(node, "`order`", &ORDERS))
            .unwrap_or_default();
        let at_end = fields.get("at_end").and_then(|node| {
            let words = [("restart", AtEnd::Restart), ("stop", AtEnd::Stop)];
            self.choice(node, "`at_end`", &words)
                .map(|at_end| (at_end, node.place))
        });
        let at_end = match (order, at_end) {
            (Order::Unique, Some((AtEnd::Restart, place))) => {
                self.error(
                    place,
                    "a row that is given again is not unique",
                    "remove `at_end`, or write `order: in_order`",
                );
                AtEnd::Stop
            }
            (Order::Random, Some((AtEnd::Stop, place))) => {
                self.error(
                    place,
                    "rows that are drawn at random have no end",
                    "remove `at_end`, or write `order: shuffle`",
                );
                AtEnd::Restart
            }
            (Order::Unique, _) => AtEnd::Stop,
            (_, at_end) => at_end.map_or(AtEnd::Restart, |(at_end, _)| at_end),
        };
        (order, at_end)
    }
}

fn read_bounded(path: &Path) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| {
            Trouble::new(
                None,
                format!("the data cannot be read: {error}"),
                "its path starts at the folder of the scenario",
            )
        })?;
    if bytes.len() as u64 > MAX_BYTES {
        let what = format!("the data is longer than {} MiB", MAX_BYTES >> 20);
        return Err(Trouble::new(None, what, "cut it: every visitor gets one row"));
    }
    Ok(bytes)
}

fn read_csv(bytes: &[u8]) -> Result<Data, Trouble> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::Headers)
        .from_reader(without_mark(bytes));
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(str::to_owned).collect(),
        Err(error) => return Err(in_csv(&error)),
    };
    checked(&columns)?;
    let mut cells: Vec<Box<str>> = Vec::new();
    let mut row = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(true) => cells.extend(row.iter().map(Box::from)),
            Ok(false) => break,
            Err(error) => return Err(in_csv(&error)),
        }
        if cells.len() > MAX_ROWS * columns.len() {
            return Err(too_many_rows(reader.position().line()));
        }
    }
    with_rows(Data::new(columns, cells))
}

fn in_csv(error: &csv::Error) -> Trouble {
    let line = error.position().map(csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => Trouble::new(
            line,
            format!(
                "this line has not as many values ({len}) as the first line names columns ({expected_len})"
            ),
            "put a value that holds a comma into quotes",
        ),
        csv::ErrorKind::Utf8 { .. } => Trouble::new(line, "this is no text in UTF-8", "save it as UTF-8"),
        _ => Trouble::new(line, error.to_string(), "check the line"),
    }
}

fn read_json_lines(bytes: &[u8]) -> Result<Data, Trouble> {
    let hint = "write one object a line, as in `{ \"sku\": \"a-1\" }`";
    let text = std::str::from_utf8(without_mark(bytes))
        .map_err(|_| Trouble::new(None, "this is no text in UTF-8", "save it as UTF-8"))?;
    let mut columns: Vec<String> = Vec::new();
    let mut cells: Vec<Box<str>> = Vec::new();
    let lines = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.trim().is_empty());
    for (number, line) in lines {
        let object = match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(object)) => object,
            Ok(_) => return Err(Trouble::new(number, "this line is no JSON object", hint)),
            Err(error) => {
                // Its line is always the first; the column is worth something.
                let what = format!("this is no JSON (column {})", error.column());
                return Err(Trouble::new(number, what, hint));
            }
        };
        if columns.is_empty() {
            columns = object.keys().cloned().collect();
            checked(&columns)?;
        }
        for column in &columns {
            let Some(value) = object.get(column) else {
                let what = format!("`{column}` is missing, which the first line has");
                return Err(Trouble::new(number, what, "give every line the same keys"));
            };
            cells.push(match value {
                Value::String(text) => text.as_str().into(),
                Value::Null => "".into(),
                other => other.to_string().into(),
            });
        }
        if cells.len() > MAX_ROWS * columns.len() {
            return Err(too_many_rows(number));
        }
    }
    with_rows(Data::new(columns, cells))
}

/// Without the mark of byte order that some programs put first.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn checked(columns: &[String]) -> Result<(), Trouble> {
    let mut seen = BTreeSet::new();
    for column in columns {
        if column.is_empty() || column.contains(['{', '}']) || column.chars().any(char::is_control) {
            let what = format!("`{}` is no name of a column", column.escape_default());
            return Err(Trouble::new(
                1,
                what,
                "the first line names the columns, as in `sku,count`",
            ));
        }
        if !seen.insert(column) {
            let what = format!("two columns are called `{column}`");
            return Err(Trouble::new(1, what, "give each a name of its own"));
        }
    }
    if columns.len() > MAX_COLUMNS {
        let what = format!("more than {MAX_COLUMNS} columns");
        return Err(Trouble::new(1, what, "keep those that a step uses"));
    }
    Ok(())
}

fn too_many_rows(line: u64) -> Trouble {
    let what = format!("more than {MAX_ROWS} rows");
    Trouble::new(line, what, "cut the file")
}

fn with_rows(data: Data) -> Result<Data, Trouble> {
    if data.is_empty() {
        return Err(Trouble::new(
            None,
            "there are no rows",
            "the first line of a CSV file names the columns, rows come after it; JSON Lines have a row in each",
        ));
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(data: &Data) -> Vec<Vec<&str>> {
        (0..data.len())
            .map(|row| {
                (0..data.columns().len())
                    .map(|column| data.cell(row, column).unwrap())
                    .collect()
            })
            .collect()
    }

    #[test]
    fn both_formats_give_the_same_rows() {
        let csv = read_csv(b"\xef\xbb\xbfname, sku\n\"a, b\",1\r\n\"say \"\"x\"\"\",\n")
            .ok()
            .unwrap();
        let json = b"{\"name\":\"a, b\",\"sku\":1}\n\n{\"sku\":null,\"name\":\"say \\\"x\\\"\",\"more\":[1]}";
        let json = read_json_lines(json).ok().unwrap();
        assert_eq!(csv, json);
        assert_eq!(cells(&csv), [["a, b", "1"], ["say \"x\"", ""]]);
        assert_eq!((csv.cell(2, 0), csv.cell(0, 2)), (None, None));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let line = |read: fn(&[u8]) -> Result<Data, Trouble>, bytes: &[u8]| {
            read(bytes).err().map(|trouble| trouble.line)
        };
        assert_eq!(line(read_csv, b"a,b\n1,2\n3\n"), Some(Some(3)));
        assert_eq!(line(read_csv, b"a,b\n\"1\n\",2\n3,4,5\n"), Some(Some(4)));
        assert_eq!(line(read_csv, b"a,a\n1,2\n"), Some(Some(1)));
        assert_eq!(line(read_csv, b"a,\n1,2\n"), Some(Some(1)));
        assert_eq!(line(read_csv, b"a\n\xff\n"), Some(Some(2)));
        assert_eq!(line(read_csv, b"a,b\n"), Some(None));
        assert_eq!(line(read_csv, b""), Some(None));
        assert_eq!(line(read_json_lines, b"{\"a\":1}\n{\"b\":1}"), Some(Some(2)));
        assert_eq!(line(read_json_lines, b"{\"a\":1}\n\n[1]"), Some(Some(3)));
        assert_eq!(line(read_json_lines, b"{\"a\":1"), Some(Some(1)));
        assert_eq!(line(read_json_lines, b"\n \n"), Some(None));
        assert_eq!(line(read_json_lines, b"{}"), Some(None));
    }
}
