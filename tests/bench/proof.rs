//! The proof: how well the search finds tipping points that are known, and how well others do under the same rules.
//!
//! ```console
//! $ cargo bench --bench proof -- --baselines
//! $ cargo bench --bench proof -- --profile quick --parity even --seeds 30 --classes 1,4
//! ```
//!
//! It prints Markdown, and writes it to the folder of `--out` together with a line of JSON for every search.

#[path = "../proof/mod.rs"]
mod proof;

use std::fs;
use std::path::Path;
use std::time::Instant;

use clap::Parser as _;
use proof::method::{BASELINES, Method};
use proof::options::Options;
use proof::outcome::Outcome;
use proof::{bars, run, sites, table};
use tipover::scenario::Profile;
use tipover::search::Settings;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::parse();
    let profile = Profile::from(options.profile);
    let hold = Settings::new(&tipover::scenario::SearchPlan {
        profile,
        ..Default::default()
    })
    .hold;
    let sites = sites::sites(&options.classes, options.share, hold);
    let seeds = options.parity.seeds(options.seeds);
    let ours = Method::Tipover(profile);
    let mut methods = vec![ours];
    if options.baselines {
        methods.extend(BASELINES);
    }
    fs::create_dir_all(&options.out)?;
    let mut measured: Vec<(String, Vec<Outcome>)> = Vec::new();
    for method in methods {
        let since = Instant::now();
        let outcomes = run::all(method, &sites, &seeds, options.share);
        eprintln!(
            "{}: {} searches in {:.1} s",
            method.label(),
            outcomes.len(),
            since.elapsed().as_secs_f64()
        );
        write_lines(&options.out.join(format!("{}.jsonl", method.slug())), &outcomes)?;
        measured.push((method.label(), outcomes));
    }
    let (judged, _) = bars::judge(options.profile, options.share.get(), &measured[0].1);
    let mut text = format!(
        "## {}: {} seeds, {} classes, limit {}\n\n{}\n{judged}",
        ours.label(),
        seeds.len(),
        sites.len(),
        options.share,
        table::by_class(&measured[0].1)
    );
    if options.baselines {
        text += &format!(
            "\n## Methods\n\n{}\n{}",
            table::by_method(&measured),
            table::methods_by_class(&measured)
        );
    }
    println!("{text}");
    fs::write(options.out.join("proof.md"), text)?;
    Ok(())
}

fn write_lines(path: &Path, outcomes: &[Outcome]) -> Result<(), Box<dyn std::error::Error>> {
    let mut text = String::new();
    for outcome in outcomes {
        text += &serde_json::to_string(outcome)?;
        text.push('\n');
    }
    fs::write(path, text)?;
    Ok(())
}
