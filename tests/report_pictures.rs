//! Reports of runs that never happened: each is written whole, and left in the folder for test artefacts.

#[path = "records/builder.rs"]
mod builder;

use std::path::PathBuf;

use tipover::words::Language;

#[test]
fn a_report_is_written_for_every_kind_of_record() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reports");
    let (record, found) = builder::tipped();
    let folder = folder.join("tipped");
    std::fs::create_dir_all(&folder).unwrap();
    tipover::report::write(&record, Some(&found), &folder, &Language::ALL).unwrap();
}
