//! The folder of a proof: a file of lines for each method, the tables, and the chart.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde::Serialize;
use tipover::scenario::Profile;

use super::chart::{self, Row};
use super::method::{BASELINES, Method};
use super::outcome::Outcome;
use super::table;

/// A method and its searches.
pub(crate) type Measured = (Method, Vec<Outcome>);

/// Writes a line of JSON for each search.
pub(crate) fn write_lines(
    folder: &Path,
    name: &str,
    searches: &[impl Serialize],
) -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    for search in searches {
        text += &serde_json::to_string(search)?;
        text.push('\n');
    }
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{name}.jsonl")), text)?;
    Ok(())
}

/// What earlier runs wrote for `share`, ours first.
pub(crate) fn stored(folder: &Path, share: f64) -> Result<Vec<Measured>, Box<dyn Error>> {
    let ours = [Profile::Quick, Profile::Standard, Profile::Long].map(Method::Tipover);
    let mut all = Vec::new();
    for method in ours.into_iter().chain(BASELINES) {
        let Ok(text) = fs::read_to_string(folder.join(format!("{}.jsonl", method.slug()))) else {
            continue;
        };
        let mut outcomes: Vec<Outcome> = Vec::new();
        for line in text.lines() {
            outcomes.push(serde_json::from_str(line)?);
        }
        outcomes.retain(|outcome| outcome.share == share);
        if !outcomes.is_empty() {
            all.push((method, outcomes));
        }
    }
    Ok(all)
}

/// The tables that compare methods.
pub(crate) fn comparison(measured: &[Measured]) -> String {
    let labelled: Vec<(String, &[Outcome])> = measured
        .iter()
        .map(|(method, outcomes)| (method.label(), outcomes.as_slice()))
        .collect();
    format!(
        "\n## Methods\n\n{}\nAbsolute error in % (median/p90) · intervals that hold the truth in %:\n\n{}",
        table::by_method(&labelled),
        table::methods_by_class(&labelled)
    )
}

/// Draws the chart; its title speaks of `named`.
pub(crate) fn write_chart(folder: &Path, measured: &[Measured], named: Method) -> Result<(), Box<dyn Error>> {
    let rows: Vec<Row> = measured
        .iter()
        .map(|(method, outcomes)| Row::new(&method.label(), method.is_ours(), outcomes))
        .collect();
    let place = measured
        .iter()
        .position(|(method, _)| *method == named)
        .unwrap_or(0);
    let (svg, png) = chart::draw(&rows, place)?;
    fs::write(folder.join("proof.svg"), svg)?;
    fs::write(folder.join("proof.png"), png)?;
    Ok(())
}
