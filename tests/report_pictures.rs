//! Charts of runs that never happened: each is drawn, and its picture left in the folder for test artefacts.

#[path = "records/builder.rs"]
mod builder;

use std::path::PathBuf;

use tipover::report::charts::{Around, Layout, png, standalone, tipping};
use tipover::report::{View, title};
use tipover::words::Language;

fn keep(name: &str, bytes: &[u8]) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), bytes).unwrap();
}

#[test]
fn the_tipping_chart_is_drawn_for_every_kind_of_record() {
    let (record, found) = builder::tipped();
    let view = View::new(&record, Some(&found));
    let around = Around {
        title: title(&view.summary, Language::English),
        subtitle: "Black Week newsletter · https://staging.shop.example · Poisson arrivals".to_owned(),
        note: String::new(),
        source: "tipover 0.1.0 · run 5f2a9c0b71de".to_owned(),
        description: "x".to_owned(),
    };
    for (name, layout) in [
        ("document", Layout::DOCUMENT),
        ("card", Layout::CARD),
        ("narrow", Layout::NARROW),
    ] {
        let svg = tipping(&view, &around, Language::English, &layout, "c1").unwrap();
        keep(&format!("tipped-{name}.svg"), standalone(&svg).as_bytes());
        keep(&format!("tipped-{name}.png"), &png(&svg, layout.size.0).unwrap());
    }
}
