//! What can be typed. It knows names and help, not what they mean.

mod check;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use check::Check;

/// What stands below the list of commands.
const AFTER: &str = "\
Start with `tipover demo`: a built-in site that tips at a known load, and a report in under a minute.

Exit codes: 0 done, and every threshold holds; 99 a threshold failed; 2 bad scenario or command line; 3 refused by \
the guard; 4 broken before any load, or already failing; 5 not known because of this machine; 6 not known otherwise; \
1 input, output or a fault of ours; 130 interrupted.

stdout carries the finding and the run folder, or JSON with `--json`; everything else goes to stderr.";

/// What stands below the flags of `report`.
const AFTER_REPORT: &str =
    "With `--json`, stdout is `summary.json`. A record that was cut short is rendered too.";

/// What stands below the flags of `explain`.
const AFTER_EXPLAIN: &str = "\
Known logs: error and access logs of nginx (with upstream fields), Apache, HAProxy, Caddy (JSON), Varnish, Envoy \
(response flags), php-fpm, gunicorn, uvicorn, node, and AWS load balancers. Each line is known by its shape, so files \
may be mixed. Examples are shown without client addresses and without the values of queries.

With `--json`, stdout is a list of objects: `gateway`, `cause`, `count`, `first`, `last` (null where the log has no \
time), `example`, `advice`; with `--response`, one object: `gateway`, `made_by` (gateway, application, edge or \
unknown), `confidence` (0 to 1), `evidence` (words).";

/// What stands below the flags of `run`.
const AFTER_RUN: &str = "\
Plays `load` of the scenario: `stages`, `campaign: NAME` (its people beside its link scanners, until 15 min after the \
peak, `until: 40m`, or `peak_only: true`), or `replay: access.log` (GET and HEAD alone, without tokens and without links \
that do something; what would be sent is listed first).

With `--dry-run --json`, stdout is one object: `plays` (stages, visitors, campaign or replay), `seconds`, and what is known \
of it, such as `campaign`, `highest_visits_per_second`, `pages` or `left_out`.";

/// What stands below the flags of `plan`.
const AFTER_PLAN: &str = "\
Promises are made from the low end of the tipping interval, with the safety factor of the threshold \
`headroom(NAME) >= 1.5`, or 1.5. Such thresholds decide the exit code. With `--json`, stdout is one object: \
`campaigns` (each with `peak`, `headroom`, `verdict`, `largest_send`, `throttle_per_minute`, `batches`, \
`scanner_range`, `assumptions` and more) and `tipping_point`.";

/// What stands below the flags of `compare`.
const AFTER_COMPARE: &str = "\
A baseline is a folder below `baselines/`, with the `run.jsonl` of one run, or with the folders of several: their \
searches are then taken together. The last NEW decides; the others are drawn beside it.

Exit codes: 0 better, or no difference shown, or within the tolerance; 99 worse by more than the tolerance, or it does \
not recover any more; 6 not known, because a run names no load at which the site tips. With `--json`, stdout is one \
object: `base`, `runs` (each with `comparison`: `tipping_point`, `latency`, `recovery`, `causes`, `change`, \
`is_regression`), `change` (better, worse, no_difference_shown, not_known) and `is_regression`.";

/// What stands below the flags of `calibrate`.
const AFTER_CALIBRATE: &str = "\
Reads the common and combined formats of nginx and Apache, with or without a virtual host in front, and JSON lines. \
Two days before the send until eight days after it are looked at; a day before it is enough for the baseline, two \
days after it for the curve. Client addresses are hashed with a key of this run and never stored or printed; values \
in queries are not looked at.

With `--json`, stdout is one object: `sent_at`, `recipients`, `curve` (`median_seconds`, `sigma`, `send_seconds`, \
`clicks`: each `low`, `mid`, `high`; `send_is_given`, `within_log`, `largest_gap`), `click_rate`, `pages_per_visit`, \
`requests_per_page`, `visit_seconds` (`mean`, `median`), `scanners` (`pages`, `known_pages`, `links`, `links_source`, \
`share`), `baseline` (`pages_per_second`, `visits_per_second`, `measured_seconds`), `fitted_on`, `warnings`, `series`, \
`notes`, `read` (`lines`, `broken`) and `scenario`, the lines to paste. What is not known is null.";

/// What stands below the flags of `watch`.
const AFTER_WATCH: &str = "\
Signs: `first_failure` (a 5xx, or no whole answer), `failing` (3 of the last 30 requests), `slow` (5 of the last 10 \
answers). Each is told when it comes and when it has passed. The first page of the scenario is asked for that leaves the \
site as it is, each time over a new connection. Exit code 99 where a sign showed, 0 where none did, 4 where the site is \
broken before.

With `--json`, stdout is one object a line, by `type`: `begin` (`page`, `seconds`, `slow_above_ms`), `look` (`at`, \
`second`, `class`, `latency_ms`), `sign` (`at`, `second`, `sign`, `state`: raised or passed, `why`), `end` (`looks`, \
`failed`, `signs`, `broken`, `interrupted`).";

/// Finds the load at which a website starts to answer 502 Bad Gateway.
#[derive(Debug, Parser)]
#[command(name = "tipover", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = AFTER)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
    #[command(flatten)]
    pub(super) voice: Voice,
}

/// How much is said, and where.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Voice {
    /// Print `summary.json`, or the command's own JSON, on stdout and nothing else there
    #[arg(long, global = true, help_heading = "Words")]
    pub(super) json: bool,
    /// Say nothing while it runs
    #[arg(short, long, global = true, help_heading = "Words")]
    pub(super) quiet: bool,
    /// Say more on stderr; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Words")]
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
    /// Turn a campaign's business numbers into load, and a tipping point into a decision. No traffic
    Plan(Plan),
    /// Check a scenario, its addresses, and who answers. No load
    Check(Check),
    /// Read server logs, or one saved answer: which layer failed, why, and what to do
    Explain(Explain),
    /// Render a stored run again
    Report(Report),
    /// Compare runs: did the tipping point move? With its uncertainty
    Compare(Compare),
    /// Read an earlier send out of its access log: the campaign numbers of a scenario
    Calibrate(Calibrate),
    /// Accompany a real send: one request a second, and a word when the signs of tipping show
    Watch(Watch),
    /// Print a JSON Schema: of scenarios, of `summary.json`, of the record's lines, of plans
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
    /// Print the manual page, of one command where it is named
    Man {
        /// Of which command
        #[arg(value_name = "COMMAND")]
        of: Option<String>,
    },
}

/// What the process of the demo site is started with. It is no command that a person types, so no list names it.
#[derive(Debug, Parser)]
#[command(name = "tipover demo-site")]
pub(super) struct DemoSite {
    /// The site, as JSON
    #[arg(long)]
    pub(super) spec: String,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum SchemaOf {
    /// Scenario files
    Scenario,
    /// `summary.json`
    Summary,
    /// The lines of `run.jsonl`
    Record,
    /// What `compare --json` prints
    Compare,
    /// `plan --json`
    Plan,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportFormat {
    /// The page: one file
    Html,
    /// `summary.json`
    Json,
    /// For a pull request or a job summary
    Markdown,
    /// The trials, as CSV
    Trials,
    /// The seconds, as CSV
    Seconds,
    /// The finding and the thresholds as test cases
    Junit,
    /// The latency of each second, as a log of HdrHistograms (V2)
    Hdr,
    /// For GitLab's load performance widget: the shape of k6's summary
    K6,
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
    #[arg(long, value_name = "RATE", default_value = "200/s")]
    pub(super) capacity: String,
    /// Only serve the site, for experiments of your own, until Ctrl-C
    #[arg(long)]
    pub(super) serve: bool,
    /// How visits arrive: `poisson` or `even`
    #[arg(long, value_name = "PROCESS", default_value = "poisson")]
    pub(super) arrivals: String,
    /// The seed of the arrivals; another one each time where none is given
    #[arg(long, value_name = "NUMBER", value_parser = seed)]
    pub(super) seed: Option<u64>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// Where results go, and in which language.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Results")]
pub(super) struct Output {
    /// The folder of this run, new or empty [default: results/<time>_<name>_<id>]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Languages of the report, first one shown: `en`, `de`, `de,en`
    #[arg(long, value_name = "LANGUAGES", env = "TIPOVER_LANG", hide_env_values = true)]
    pub(super) lang: Option<String>,
}

/// What changes a scenario, whichever command plays it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Site and visitors")]
pub(super) struct Target {
    /// A scenario file, or the URL of one page
    #[arg(value_name = "SCENARIO|URL", help_heading = None::<&str>)]
    pub(super) scenario: String,
    /// Send this header with every request: `Name: value`
    #[arg(long, value_name = "NAME: VALUE")]
    pub(super) header: Vec<String>,
    /// Trust the certificates in this PEM file instead of the system's
    #[arg(long, value_name = "FILE", env = "TIPOVER_CA", hide_env_values = true)]
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
    #[arg(
        long,
        value_name = "PROCESS",
        env = "TIPOVER_ARRIVALS",
        hide_env_values = true
    )]
    pub(super) arrivals: Option<String>,
    /// The seed of the arrivals
    #[arg(long, value_name = "NUMBER", env = "TIPOVER_SEED", hide_env_values = true)]
    pub(super) seed: Option<String>,
    /// When to open a connection: `per_visitor`, `pooled` or `per_request`
    #[arg(
        long,
        value_name = "POLICY",
        env = "TIPOVER_CONNECTIONS",
        hide_env_values = true
    )]
    pub(super) connections: Option<String>,
}

/// Who allowed the load.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Consent")]
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
#[command(next_help_heading = "Search")]
pub(super) struct Find {
    /// The lowest load [default: 1pages/s]
    #[arg(long, value_name = "RATE", env = "TIPOVER_FROM", hide_env_values = true)]
    pub(super) from: Option<String>,
    /// The highest load [default: 10000pages/s]
    #[arg(long, value_name = "RATE", env = "TIPOVER_TO", hide_env_values = true)]
    pub(super) to: Option<String>,
    /// How careful: `quick`, `standard` or `long`
    #[arg(long, value_name = "PROFILE", env = "TIPOVER_PROFILE", hide_env_values = true)]
    pub(super) profile: Option<String>,
    /// The share of failures that is one too many [default: 1%]
    #[arg(long, value_name = "SHARE", env = "TIPOVER_SHARE", hide_env_values = true)]
    pub(super) share: Option<String>,
    /// What counts as a failure: `gateway`, `any_5xx`, or classes, as in `502,504,reset`
    #[arg(long, value_name = "CLASSES", env = "TIPOVER_FAILURE", hide_env_values = true)]
    pub(super) failure: Option<String>,
    /// How long the search may take [default: 15m]
    #[arg(long, value_name = "TIME", env = "TIPOVER_BUDGET", hide_env_values = true)]
    pub(super) budget: Option<String>,
    /// Whether think times are kept: `none` or `real`
    #[arg(long, value_name = "THINK", env = "TIPOVER_THINK", hide_env_values = true)]
    pub(super) think: Option<String>,
    /// Only prove or refute the thresholds: stop as soon as that is done, never go above the load they need
    #[arg(long)]
    pub(super) enough: bool,
    /// Pool this many searches, one after the other, with the spread between them [default: 1]
    #[arg(
        long,
        value_name = "NUMBER",
        env = "TIPOVER_REPEAT",
        hide_env_values = true,
        conflicts_with = "enough"
    )]
    pub(super) repeat: Option<String>,
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) consent: Consent,
    #[command(flatten)]
    pub(super) output: Output,
}

/// Play the load of a scenario as it is written
#[derive(Debug, Args)]
#[command(next_help_heading = "Load", after_help = AFTER_RUN)]
pub(super) struct Run {
    /// Hold this rate instead of the scenario's load
    #[arg(long, value_name = "RATE", requires = "duration", group = "level")]
    pub(super) rate: Option<String>,
    /// Keep this many visitors walking instead, each of whom starts anew when its visit ends (a closed model)
    #[arg(long, value_name = "NUMBER", requires = "duration", group = "level")]
    pub(super) visitors: Option<String>,
    /// For how long
    #[arg(long, value_name = "TIME", requires = "level")]
    pub(super) duration: Option<String>,
    /// Say what would be played, and of a log which pages how often, and play nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) consent: Consent,
    #[command(flatten)]
    pub(super) output: Output,
}

/// Turn a campaign's business numbers into load, and a tipping point into a decision. No traffic
#[derive(Debug, Args)]
#[command(after_help = AFTER_PLAN)]
pub(super) struct Plan {
    /// A scenario file with `campaigns`
    #[arg(value_name = "SCENARIO")]
    pub(super) scenario: String,
    /// Where the site tips: `36pages/s`, or an interval `30..40pages/s`
    #[arg(long, value_name = "RATE", conflicts_with = "from")]
    pub(super) tip: Option<String>,
    /// Where the site tips, from a stored search: a run folder, or its `run.jsonl`
    #[arg(long, value_name = "RUN")]
    pub(super) from: Option<PathBuf>,
    /// Set a variable of the scenario: `NAME=value`
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) env: Vec<String>,
    /// Write the send plan as a page, with charts, into this folder, new or empty
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    pub(super) out: Option<PathBuf>,
    /// Languages of the plan, first one shown: `en`, `de`, `de,en`
    #[arg(
        long,
        value_name = "LANGUAGES",
        env = "TIPOVER_LANG",
        hide_env_values = true,
        help_heading = "Results"
    )]
    pub(super) lang: Option<String>,
}

/// Read server logs, or one saved answer: which layer failed, why, and what to do
#[derive(Debug, Args)]
#[command(after_help = AFTER_EXPLAIN)]
pub(super) struct Explain {
    /// Log files, compressed with gzip or not; `-`, or none, for stdin
    #[arg(value_name = "LOG")]
    pub(super) logs: Vec<PathBuf>,
    /// Name who made this answer instead, saved as by `curl -i`; `-` for stdin
    #[arg(long, value_name = "FILE", conflicts_with = "logs")]
    pub(super) response: Option<PathBuf>,
    /// Language of the advice: `en` or `de` [default: en]
    #[arg(long, value_name = "LANGUAGE", env = "TIPOVER_LANG", hide_env_values = true)]
    pub(super) lang: Option<String>,
}

/// Accompany a real send: one request a second, and a word when the signs of tipping show
#[derive(Debug, Args)]
#[command(after_help = AFTER_WATCH)]
pub(super) struct Watch {
    /// How long
    #[arg(long = "for", value_name = "TIME", default_value = "2h")]
    pub(super) length: String,
    /// A stored run: slower than at the highest load that it held is slow
    #[arg(long, value_name = "RUN", conflicts_with = "slow")]
    pub(super) from: Option<PathBuf>,
    /// Slower than this is slow [default: twice the time of the first 30 answers]
    #[arg(long, value_name = "TIME")]
    pub(super) slow: Option<String>,
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    pub(super) consent: Consent,
}

/// Render a stored run again, from its record alone
#[derive(Debug, Args)]
#[command(after_help = AFTER_REPORT)]
pub(super) struct Report {
    /// A run folder, or its `run.jsonl`
    #[arg(value_name = "RUN", default_value = super::render::LATEST)]
    pub(super) run: PathBuf,
    /// Write the files into this folder, instead of beside the record
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Print one form of the report on stdout instead of writing the files
    #[arg(long, value_enum, conflicts_with_all = ["out", "json"])]
    pub(super) format: Option<ReportFormat>,
    /// Leave out what stays in the house: bodies, values of headers, addresses, the scenario. Without `--out`, the files
    /// go into `for-customer` in the run folder
    #[arg(long)]
    pub(super) for_customer: bool,
    /// Languages of the report, first one shown: `en`, `de`, `de,en` [default: as in the scenario]
    #[arg(long, value_name = "LANGUAGES", env = "TIPOVER_LANG", hide_env_values = true)]
    pub(super) lang: Option<String>,
}

/// Compare runs: did the tipping point move? With its uncertainty
#[derive(Debug, Args)]
#[command(after_help = AFTER_COMPARE)]
pub(super) struct Compare {
    /// What the others are compared with: a run folder, its `run.jsonl`, a folder of runs, or the name of a baseline
    #[arg(value_name = "BASE")]
    pub(super) base: String,
    /// Run folders, or their `run.jsonl`, oldest first
    #[arg(value_name = "NEW", default_value = super::render::LATEST)]
    pub(super) runs: Vec<PathBuf>,
    /// By how much the tipping point may fall before it counts as a regression
    #[arg(long, value_name = "SHARE", default_value = "5%")]
    pub(super) tolerance: String,
    /// Where baselines are kept by name
    #[arg(long, value_name = "DIR", default_value = "baselines")]
    pub(super) baselines: PathBuf,
    /// Write a page, Markdown, JSON and a chart into this folder, new or empty
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    pub(super) out: Option<PathBuf>,
    /// Languages of the page, first one shown: `en`, `de`, `de,en`
    #[arg(
        long,
        value_name = "LANGUAGES",
        env = "TIPOVER_LANG",
        hide_env_values = true,
        help_heading = "Results"
    )]
    pub(super) lang: Option<String>,
}

/// Read an earlier send out of its access log: the campaign numbers of a scenario
#[derive(Debug, Args)]
#[command(after_help = AFTER_CALIBRATE)]
pub(super) struct Calibrate {
    /// Access logs, plain or gzipped, in any order; `-` for stdin; or one CSV of visits per minute
    #[arg(value_name = "ACCESS_LOG", required = true)]
    pub(super) logs: Vec<PathBuf>,
    /// When the first mail went out: `2026-11-20T09:00+01:00`; without a zone it is the log's
    #[arg(long, value_name = "TIME")]
    pub(super) sent_at: String,
    /// How many mails were sent: `180k`
    #[arg(long, value_name = "COUNT")]
    pub(super) recipients: String,
    /// How long the send took, where that is known; fitted otherwise
    #[arg(long, value_name = "TIME")]
    pub(super) send_duration: Option<String>,
    /// Links in a mail, where that is known; counted from what scanners open otherwise
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(super) links: Option<u32>,
    /// Write a chart of fit and data, the numbers and the lines into this folder, new or empty
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// The language of the chart: `en`, `de`
    #[arg(long, value_name = "LANGUAGE", env = "TIPOVER_LANG", hide_env_values = true)]
    pub(super) lang: Option<String>,
}

fn seed(typed: &str) -> Result<u64, &'static str> {
    typed.parse().map_err(|_| "a seed is a whole number, as in `7`")
}
