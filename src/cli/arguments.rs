//! What can be typed. It knows names and help, not what they mean.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Finds the load at which a website starts to answer 502 Bad Gateway.
#[derive(Debug, Parser)]
#[command(name = "tipover", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Start with `tipover demo`: a built-in site that tips at a known load, and a report in under a minute."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) voice: Voice,
}

/// How much is said, and where.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Voice {
    /// Print `summary.json` (or the command's own JSON) on stdout, and nothing else
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// Say nothing while it runs
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,
    /// Say more on stderr; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Search the tipping point of a built-in site on this machine: a report in under a minute
    Demo(Demo),
    /// Search for the load at which a site tips over
    Find(Find),
    /// Play the load of a scenario as it is written
    Run(Run),
    /// Check a scenario, its addresses, and who answers. No load
    Check(Check),
    /// Render a stored run again
    Report(Report),
    /// Print a JSON Schema
    Schema {
        /// Of what
        of: SchemaOf,
    },
    /// Write the smallest scenario
    Init {
        /// The file to write
        #[arg(default_value = "scenario.yaml")]
        file: PathBuf,
    },
    /// Print shell completions
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Serve the demo site until stdin closes
    #[command(hide = true)]
    DemoSite {
        /// The site, as JSON
        #[arg(long)]
        spec: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SchemaOf {
    /// Scenario files
    Scenario,
    /// `summary.json`
    Summary,
    /// The lines of `run.jsonl`
    Record,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(super) enum Site {
    /// A short queue overflows: 502 at once
    #[default]
    Queue,
    /// A long queue, and a gateway that gives up: 504
    Timeout,
    /// A rate limiter in front: 503 at once
    Limit,
}

/// Search the tipping point of a built-in site
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// How the site fails
    #[arg(long, value_enum, default_value_t)]
    pub(super) site: Site,
    /// What the site can do: workers ÷ service time
    #[arg(long, default_value = "200/s")]
    pub(super) capacity: String,
    /// Only serve the site, for experiments of your own, until Ctrl-C
    #[arg(long)]
    pub(super) serve: bool,
    /// How visits arrive: `poisson` or `even`
    #[arg(long, default_value = "poisson")]
    pub(super) arrivals: String,
    /// The seed of the arrivals; another one each time where none is given
    #[arg(long)]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// Where results go, and in which language.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Output {
    /// The folder of this run, new or empty [default: results/<time>_<name>_<id>]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Languages of the report, first one shown: `en`, `de`, `de,en`
    #[arg(long, env = "TIPOVER_LANG")]
    pub(super) lang: Option<String>,
}

/// What changes a scenario, whichever command plays it.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Target {
    /// A scenario file, or the URL of one page
    #[arg(value_name = "SCENARIO|URL")]
    pub(super) scenario: String,
    /// Send this header with every request: `Name: value`
    #[arg(long, value_name = "NAME: VALUE")]
    pub(super) header: Vec<String>,
    /// Trust the certificates in this PEM file instead of the system's
    #[arg(long, value_name = "FILE", env = "TIPOVER_CA")]
    pub(super) ca: Option<String>,
    /// Trust any certificate
    #[arg(long)]
    pub(super) insecure: bool,
    /// Reach a host at this address: `host:address`, as `curl --resolve`
    #[arg(long, value_name = "HOST:ADDRESS")]
    pub(super) resolve: Vec<String>,
    /// Set a variable of the scenario: `NAME=value`
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) env: Vec<String>,
    /// How visits arrive: `poisson` or `even`
    #[arg(long, env = "TIPOVER_ARRIVALS")]
    pub(super) arrivals: Option<String>,
    /// The seed of the arrivals
    #[arg(long, env = "TIPOVER_SEED")]
    pub(super) seed: Option<String>,
    /// When to open a connection: `per_visitor`, `pooled` or `per_request`
    #[arg(long, env = "TIPOVER_CONNECTIONS")]
    pub(super) connections: Option<String>,
}

/// Who allowed the load.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Consent {
    /// Who authorized this load, where the site is not on this machine or network
    #[arg(long, value_name = "NAME")]
    pub(super) authorized_by: Option<String>,
    /// Answer yes to the question whether a public site may be broken
    #[arg(long)]
    pub(super) yes: bool,
}

/// Search for the load at which a site tips over
#[derive(Debug, Args)]
pub(super) struct Find {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) consent: Consent,
    /// The lowest load [default: 1pages/s]
    #[arg(long, value_name = "RATE", env = "TIPOVER_FROM")]
    pub(super) from: Option<String>,
    /// The highest load [default: 10000pages/s]
    #[arg(long, value_name = "RATE", env = "TIPOVER_TO")]
    pub(super) to: Option<String>,
    /// How careful: `quick`, `standard` or `long`
    #[arg(long, env = "TIPOVER_PROFILE")]
    pub(super) profile: Option<String>,
    /// The share of failures that is one too many [default: 1%]
    #[arg(long, env = "TIPOVER_SHARE")]
    pub(super) share: Option<String>,
    /// What counts as a failure: `gateway`, `any_5xx`, or classes, as in `502,504,reset`
    #[arg(long, env = "TIPOVER_FAILURE")]
    pub(super) failure: Option<String>,
    /// How long the search may take [default: 15m]
    #[arg(long, value_name = "TIME", env = "TIPOVER_BUDGET")]
    pub(super) budget: Option<String>,
    /// Whether think times are kept: `none` or `real`
    #[arg(long, env = "TIPOVER_THINK")]
    pub(super) think: Option<String>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// Play the load of a scenario as it is written
#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) consent: Consent,
    /// Hold this rate instead of the scenario's load
    #[arg(long, value_name = "RATE", requires = "duration")]
    pub(super) rate: Option<String>,
    /// For how long
    #[arg(long, value_name = "TIME", requires = "rate")]
    pub(super) duration: Option<String>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// Check a scenario, its addresses, and who answers. No load
#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) consent: Consent,
}

/// Render a stored run again
#[derive(Debug, Args)]
pub(super) struct Report {
    /// A run folder, or its `run.jsonl`
    #[arg(value_name = "RUN", default_value = "results/latest")]
    pub(super) run: PathBuf,
    #[command(flatten)]
    pub(super) output: Output,
}
