//! Whole reports of runs that never happened: one for each way a run can end. Their files stay in the folder for test
//! artefacts, to be looked at.

#![expect(clippy::unwrap_used, reason = "a test ends at its first surprise")]

#[path = "records/builder.rs"]
mod builder;
#[path = "records/cases.rs"]
mod cases;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tipover::record::RunRecord;
use tipover::search::Finding;
use tipover::words::Language;

type Files = BTreeMap<PathBuf, Vec<u8>>;

fn written(name: &str, record: &RunRecord, finding: Option<&Finding>) -> Files {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
        .join("reports")
        .join(name);
    std::fs::create_dir_all(&folder).unwrap();
    tipover::report::write(record, finding, &folder, &Language::ALL).unwrap();
    let mut files = BTreeMap::new();
    for place in [folder.clone(), folder.join("charts")] {
        for entry in std::fs::read_dir(place).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(&folder).unwrap().to_path_buf();
                files.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// A record, what its search found, and the files of its report.
type Report = (RunRecord, Option<Finding>, Files);

/// Every case with its files, written once for all tests.
fn reports() -> &'static BTreeMap<&'static str, Report> {
    static REPORTS: OnceLock<BTreeMap<&'static str, Report>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let all = cases::all().into_iter();
        all.map(|(name, record, finding)| {
            let files = written(name, &record, finding.as_ref());
            (name, (record, finding, files))
        })
        .collect()
    })
}

fn text<'a>(files: &'a Files, name: &str) -> &'a str {
    std::str::from_utf8(&files[Path::new(name)]).unwrap()
}

#[test]
fn every_way_a_run_can_end_is_written_whole() {
    for (name, (_, _, files)) in reports() {
        for file in [
            "report.html",
            "summary.json",
            "summary.md",
            "trials.csv",
            "seconds.csv",
            "junit.xml",
            "effective.yaml",
        ] {
            assert!(files.contains_key(Path::new(file)), "{name}: {file}");
        }
        for chart in ["c1", "c2", "c3", "c5"] {
            for end in [".svg", ".png", "-card.png", "-document.png"] {
                let file = format!("charts/{chart}{end}");
                assert!(files.contains_key(Path::new(&file)), "{name}: {file}");
            }
        }
        assert!(files[Path::new("summary.md")].len() <= 65_536, "{name}");
        for (file, size) in [
            ("charts/c1.png", (1920, 1080)),
            ("charts/c1-card.png", (1200, 630)),
            ("charts/c2-document.png", (1600, 900)),
        ] {
            let bytes = &files[Path::new(file)];
            let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            assert_eq!((number(16), number(20)), size, "{name}: {file}");
        }
    }
}

#[test]
fn a_report_written_twice_is_the_same_byte_for_byte() {
    for name in ["tipped", "run_failing", "hostile", "empty"] {
        let (record, finding, files) = &reports()[name];
        assert!(
            *files == written(&format!("{name}-again"), record, finding.as_ref()),
            "{name}"
        );
    }
}

#[test]
fn a_record_that_was_stored_gives_the_same_report() {
    let (record, found) = cases::tipped();
    let mut stored = Vec::new();
    {
        use tipover::record::{Line, RecordWriter};
        let mut writer = RecordWriter::to(&mut stored, &record.header).unwrap();
        for second in &record.seconds {
            writer.append(&Line::Second(second.clone())).unwrap();
        }
        for trial in &record.trials {
            writer.append(&Line::Trial(trial.clone())).unwrap();
        }
        writer.append(&Line::End(record.end.clone().unwrap())).unwrap();
    }
    let read = RunRecord::read(stored.as_slice(), Path::new("stored")).unwrap();
    assert!(reports()["tipped"].2 == written("stored", &read, Some(&found)));
}

#[test]
fn nothing_foreign_acts_in_a_report() {
    let (_, _, files) = &reports()["hostile"];
    for file in [
        "report.html",
        "charts/c1.svg",
        "charts/c2.svg",
        "junit.xml",
        "summary.md",
    ] {
        let text = text(files, file);
        assert!(!text.contains("<script"), "{file}");
        assert!(!text.contains("<img src=x"), "{file}");
        assert!(
            !text
                .chars()
                .any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'),
            "{file}"
        );
    }
    let trials = text(files, "trials.csv");
    assert!(!trials.contains(",=") && !trials.contains("\"=") && !trials.contains('\u{1b}'));
}

#[test]
fn a_page_asks_nobody_for_anything() {
    for (name, (_, _, files)) in reports() {
        let page = text(files, "report.html");
        assert!(
            page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"),
            "{name}"
        );
        for word in [
            " style=\"",
            " onload=",
            "<script",
            "<link",
            "<iframe",
            " src=\"",
            " href=\"",
            "@import",
        ] {
            assert!(!page.contains(word), "{name}: {word}");
        }
        let addresses = page.matches("url(").count();
        assert_eq!(
            addresses,
            page.matches("url(data:font/otf;base64,").count(),
            "{name}"
        );
    }
}

#[test]
fn secret_headers_of_a_failed_answer_are_not_shown() {
    let (_, _, files) = &reports()["already_failing"];
    let page = text(files, "report.html");
    assert!(page.contains("nginx/1.26.0") && !page.contains("s3cr3t"));
}

#[test]
fn every_table_has_as_many_cells_in_each_line_as_in_its_first() {
    for (name, (record, _, files)) in reports() {
        for file in ["trials.csv", "seconds.csv"] {
            let mut reader = csv::Reader::from_reader(files[Path::new(file)].as_slice());
            let count = reader.records().map(Result::unwrap).count();
            if file == "seconds.csv" {
                assert_eq!(count, record.seconds.len(), "{name}");
            }
        }
    }
}

#[test]
fn the_tipping_chart_says_its_finding_on_every_sheet() {
    use tipover::report::charts::{Around, Layout, tipping};
    let (record, finding, _) = &reports()["tipped"];
    let view = tipover::report::View::new(record, finding.as_ref());
    let around = Around {
        title: "Tips over".to_owned(),
        subtitle: "a site".to_owned(),
        note: String::new(),
        source: "a run".to_owned(),
        description: "what it shows".to_owned(),
    };
    for layout in [Layout::DOCUMENT, Layout::CARD, Layout::NARROW] {
        for (language, words) in [
            (
                Language::English,
                [
                    "tipping point 172–183",
                    "first 502 came at 210",
                    "verified: 172",
                    "limit 1%",
                    "all failures",
                ],
            ),
            (
                Language::German,
                [
                    "Kipppunkt 172–183",
                    "erste 502 kam bei 210",
                    "geprüft: 172",
                    "Grenze 1\u{a0}%",
                    "alle Fehler",
                ],
            ),
        ] {
            let svg = tipping(&view, &around, language, &layout, "c1").unwrap();
            for word in words {
                assert!(svg.contains(word), "{word} is missing at {:?}", layout.size);
            }
            assert!(svg.contains("<title id=\"c1-title\">Tips over</title>") && svg.contains("<desc"));
        }
    }
}

#[test]
fn waiting_for_a_site_to_come_back_is_in_no_chart() {
    use tipover::record::TrialLine;
    use tipover::words::Label;
    let (mut record, finding, files) = reports()["tipped"].clone();
    record.trials.push(TrialLine {
        trial: 99,
        phase: "recover".to_owned(),
        rate: 2.0,
        from: 0,
        judged_from: 1,
        until: 3,
        verdict: "good".to_owned(),
        why: String::new(),
    });
    let with = written("tipped-recovering", &record, finding.as_ref());
    for chart in ["charts/c1.svg", "charts/c2.svg"] {
        assert!(with[Path::new(chart)] == files[Path::new(chart)], "{chart}");
    }
    let word = Label::PhaseRecover.text(Language::English);
    assert!(text(&with, "report.html").contains(word), "the table has it");
}

#[test]
fn a_folder_that_cannot_be_written_is_an_error_with_a_hint() {
    let (record, finding, _) = &reports()["empty"];
    let folder = Path::new("/proc/no-such-folder");
    let error = tipover::report::write(record, finding.as_ref(), folder, &[]).unwrap_err();
    assert!(
        error.to_string().contains("/proc/no-such-folder") && error.hint().is_some(),
        "{error}"
    );
}

#[test]
fn the_parts_of_requests_are_in_the_page_and_in_the_summary() {
    let (_, _, files) = &reports()["tipped"];
    let summary: serde_json::Value = serde_json::from_str(text(files, "summary.json")).unwrap();
    let phases = &summary["phases_ms"];
    // One look-up: every quantile is its length, within a bucket.
    for quantile in ["p50", "p99", "max"] {
        assert!(
            (phases["dns"][quantile].as_f64().unwrap() - 12.3).abs() < 0.2,
            "{phases}"
        );
    }
    let median = |part: &str| phases[part]["p50"].as_f64().unwrap();
    assert!(
        median("first_byte") > median("tls") && median("tls") > median("connect"),
        "{phases}"
    );
    assert!(median("receive") > median("send"), "{phases}");
    let page = text(files, "report.html");
    for words in [
        "waiting for the first byte",
        "Warten auf das erste Byte",
        "HTTP/2",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn a_record_from_before_there_were_parts_reads_and_shows_none() {
    let old = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/records/format-1.jsonl"
    ));
    let record = RunRecord::open(old).unwrap();
    let files = written("before-parts", &record, None);
    let summary: serde_json::Value = serde_json::from_str(text(&files, "summary.json")).unwrap();
    for part in ["dns", "connect", "tls", "send", "first_byte", "receive"] {
        assert!(summary["phases_ms"][part].is_null(), "{part}");
    }
    assert_eq!(summary["retried"], 0);
    assert!(!text(&files, "report.html").contains("waiting for the first byte"));
}
