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
#[path = "../truth/mod.rs"]
mod truth;

use std::error::Error;
use std::fs;
use std::time::Instant;

use clap::Parser as _;
use proof::files::{self, Measured};
use proof::method::{BASELINES, Method};
use proof::options::Options;
use proof::sites::Site;
use proof::{bars, enough, pairs, run, sites, table};
use tipover::scenario::{Profile, SearchPlan};
use tipover::search::Settings;

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if options.enough {
        return prove_enough(&options);
    }
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
            text += &format!("\n{}", bars::judge(options.profile, share, outcomes));
            text += &format!("\n{}", pairs::report(outcomes));
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
    let sites = sites_of(options)?;
    let seeds = options.seeds();
    let mut methods = vec![Method::Tipover(Profile::from(options.profile))];
    if options.baselines {
        methods.extend(BASELINES);
    }
    let mut measured = Vec::new();
    for method in methods {
        let since = Instant::now();
        let outcomes = run::all(method, &sites, &seeds, options.share);
        said(&method.label(), outcomes.len(), sites.len(), since);
        files::write_lines(&options.out, &method.slug(), &outcomes)?;
        measured.push((method, outcomes));
    }
    Ok(measured)
}

/// Proves and refutes single loads.
fn prove_enough(options: &Options) -> Result<(), Box<dyn Error>> {
    let sites = sites_of(options)?;
    let profile = Profile::from(options.profile);
    let since = Instant::now();
    let seeds = options.seeds();
    let proofs = enough::all(profile, &sites, &seeds, options.share);
    said(
        &format!("--enough, {profile}"),
        proofs.len(),
        enough::tipping(&sites).len(),
        since,
    );
    files::write_lines(&options.out, &format!("enough-{profile}"), &proofs)?;
    let text = format!(
        "# --enough, {profile}, with a limit of {}\n\n{}",
        options.share,
        enough::report(&proofs)
    );
    println!("{text}");
    fs::write(options.out.join("enough.md"), text)?;
    Ok(())
}

fn sites_of(options: &Options) -> Result<Vec<Site>, String> {
    let plan = SearchPlan {
        profile: options.profile.into(),
        ..SearchPlan::default()
    };
    sites::sites(
        &options.classes,
        options.parity,
        options.share,
        Settings::new(&plan).hold,
    )
}

fn said(what: &str, searches: usize, classes: usize, since: Instant) {
    eprintln!(
        "{what}: {searches} searches of {classes} classes in {:.1} s",
        since.elapsed().as_secs_f64()
    );
}
