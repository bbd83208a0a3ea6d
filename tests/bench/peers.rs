//! tipover beside its peers, as far as they are installed here (Debian: `wrk`, `apache2-utils` for ab,
//! `nghttp2-client` for h2load): the same load against the same small server, in rounds, one tool after the other.
//!
//! ```console
//! $ cargo bench --bench peers -- --reps 5 --secs 2 --connections 64 --work closed
//! ```
//!
//! - `--work closed` (the default): a closed model on kept connections; `churn`: a new connection for each request.
//! - `--reps` rounds, each A B C …, so that a change of the machine meets all tools alike; shown are the median and, in
//!   brackets, the lowest and the highest. `--tools wrk,tipover` leaves the others out.
//! - The server is pinned to the first core that this process may use, the tool to the last (`taskset`, util-linux).
//! - CPU s/M are the processor seconds, user and system, per million requests: the steadiest figure. A peer's are those
//!   of its whole process, start included; tipover's those of its seconds of load, from its record, because it draws
//!   charts and writes a report afterwards, which no peer does. `of wrk` is the median of the ratio within a round.
//! - Read no absolute figure off a busy machine, or off a virtual one whose idle cores halt: compare within one run.

#[path = "peers/server.rs"]
mod server;
#[path = "peers/tools.rs"]
mod tools;

use std::collections::BTreeMap;
use std::process::ExitCode;

use tools::{Load, Measured, TOOLS, Tool, Work};

/// What stands on the command line.
struct Options {
    reps: u32,
    load: Load,
    tools: Option<Vec<String>>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == server::SERVE) {
        return server::serve();
    }
    let options = match options(&arguments) {
        Ok(options) => options,
        Err(why) => {
            eprintln!(
                "error: {why}\nhint: `cargo bench --bench peers -- --reps 5 --secs 2 --connections 64 --work closed|churn --tools wrk,tipover`"
            );
            return ExitCode::from(2);
        }
    };
    match compare(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: failed to compare: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options {
        reps: 5,
        load: Load {
            connections: 64,
            seconds: 2,
            work: Work::Closed,
        },
        tools: None,
    };
    let mut words = arguments.iter().filter(|word| *word != "--bench");
    while let Some(flag) = words.next() {
        let value = words.next().ok_or(format!("`{flag}` has no value"))?;
        let number = || {
            let number = value.parse().ok().filter(|number| (1..=10_000).contains(number));
            number.ok_or(format!("`{flag} {value}` is no number from 1 to 10,000"))
        };
        match flag.as_str() {
            "--reps" => options.reps = number()?,
            "--secs" => options.load.seconds = number()?,
            "--connections" => options.load.connections = number()?,
            "--work" => {
                options.load.work = match value.as_str() {
                    "closed" => Work::Closed,
                    "churn" => Work::Churn,
                    other => return Err(format!("`--work {other}` is neither `closed` nor `churn`")),
                }
            }
            "--tools" => options.tools = Some(value.split(',').map(str::to_owned).collect()),
            other => return Err(format!("`{other}` is no flag of this bench")),
        }
    }
    Ok(options)
}

fn compare(options: &Options) -> std::io::Result<()> {
    let Load {
        connections,
        seconds,
        work,
    } = options.load;
    let wanted = |tool: &&Tool| {
        options
            .tools
            .as_ref()
            .is_none_or(|names| names.iter().any(|name| name == tool.name))
    };
    let mut tools = Vec::new();
    for tool in TOOLS.iter().filter(wanted) {
        match tool.missing(options.load) {
            Some(why) => println!("skipped: {}, {why}", tool.name),
            None => tools.push(tool),
        }
    }
    let (first, last) = tools::cores()?;
    let server = server::Server::start(first)?;
    println!(
        "{work}, {connections} connections, {seconds} s each, {} rounds; server on core {first}, tool on core {last}{}",
        options.reps,
        if first == last {
            " (the same: only ratios mean anything)"
        } else {
            ""
        }
    );
    let mut rounds: BTreeMap<&str, Vec<Option<Measured>>> = BTreeMap::new();
    for round in 0..options.reps {
        for tool in &tools {
            let measured = tool.run(&server.url, options.load, last)?;
            match measured {
                Some(one) => eprintln!(
                    "round {} {:<8} {:>8.1} thousand req/s {:>7.2} CPU s/M",
                    round + 1,
                    tool.name,
                    one.rate / 1e3,
                    one.cpu
                ),
                None => eprintln!("round {} {:<8} no figures", round + 1, tool.name),
            }
            rounds.entry(tool.name).or_default().push(measured);
        }
    }
    println!(
        "{:<10}{:>28}{:>26}{:>10}",
        "tool", "thousand req/s", "CPU s/M", "of wrk"
    );
    for tool in &tools {
        let all = &rounds[tool.name];
        let seen = |of: fn(&Measured) -> f64| spread(all.iter().flatten().map(of).collect());
        let of_wrk = rounds.get("wrk").map_or_else(Vec::new, |wrk| {
            let pairs = all.iter().zip(wrk);
            pairs
                .filter_map(|(one, wrk)| Some((*one)?.cpu / (*wrk)?.cpu))
                .collect()
        });
        println!(
            "{:<10}{:>28}{:>26}{:>10}",
            tool.name,
            seen(|one| one.rate / 1e3),
            seen(|one| one.cpu),
            median(of_wrk).map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"))
        );
    }
    Ok(())
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    match (values.first(), values.last(), median(values.clone())) {
        (Some(low), Some(high), Some(middle)) => format!("{middle:.2} ({low:.2}–{high:.2})"),
        _ => "–".to_owned(),
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}
