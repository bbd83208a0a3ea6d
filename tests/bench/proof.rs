//! The proof: how well the search finds tipping points that are known, and how well others do under the same rules.
//!
//! ```console
//! $ cargo bench --bench proof -- --baselines
//! $ cargo bench --bench proof -- --profile quick --parity even --seeds 30 --classes 1,4
//! ```
//!
//! It prints Markdown, and writes it to the folder of `--out` together with a chart and a line of JSON for every
//! search.

#[path = "../proof/mod.rs"]
mod proof;

use std::error::Error;
use std::fs;
use std::time::Instant;

use clap::Parser as _;
use proof::files::{self, Measured};
use proof::method::{BASELINES, Method};
use proof::options::Options;
use proof::{bars, run, sites, table};
use tipover::scenario::{Profile, SearchPlan};
use tipover::search::Settings;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let ours = Method::Tipover(Profile::from(options.profile));
    let share = options.share.get();
    let measured = if options.redraw {
        files::stored(&options.out, share)?
    } else {
        measure(&options)?
    };
    let mut text = format!("# The proof, with a limit of {}\n", options.share);
    for (method, outcomes) in measured.iter().filter(|(method, _)| method.is_ours()) {
        text += &format!("\n## {}\n\n{}", method.label(), table::by_class(outcomes));
        if *method == ours {
            let (judged, _) = bars::judge(options.profile, share, outcomes);
            text += &format!("\n{judged}");
        }
    }
    if measured.len() > 1 {
        text += &files::comparison(&measured);
    }
    println!("{text}");
    fs::write(options.out.join("proof.md"), text)?;
    files::write_chart(&options.out, &measured, ours)
}

/// Plays every search that was asked for.
fn measure(options: &Options) -> Result<Vec<Measured>, Box<dyn Error>> {
    let profile = Profile::from(options.profile);
    let plan = SearchPlan {
        profile,
        ..SearchPlan::default()
    };
    let sites = sites::sites(
        &options.classes,
        options.parity,
        options.share,
        Settings::new(&plan).hold,
    )?;
    let seeds = options.parity.seeds(options.seeds);
    let mut methods = vec![Method::Tipover(profile)];
    if options.baselines {
        methods.extend(BASELINES);
    }
    fs::create_dir_all(&options.out)?;
    let mut measured = Vec::new();
    for method in methods {
        let since = Instant::now();
        let outcomes = run::all(method, &sites, &seeds, options.share);
        eprintln!(
            "{}: {} searches of {} classes in {:.1} s",
            method.label(),
            outcomes.len(),
            sites.len(),
            since.elapsed().as_secs_f64()
        );
        measured.push((method, outcomes));
        files::write_lines(&options.out, &measured[measured.len() - 1])?;
    }
    Ok(measured)
}
