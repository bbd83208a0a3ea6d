//! tipover beside its peers, as far as they are installed here (Debian: `wrk`, `apache2-utils` for ab,
//! `nghttp2-client` for h2load; cargo: `oha`, `rewrk`; pip: `locust`): the same work against the same small servers, in
//! rounds, one tool after the other.
//!
//! ```console
//! $ cargo bench --bench peers                                   # everything: about forty minutes
//! $ cargo bench --bench peers -- --quick                        # everything, shorter: about nine minutes
//! $ cargo bench --bench peers -- --work closed,open --tools tipover,wrk --reps 9
//! $ cargo bench --bench peers -- --work churn --beside before=/tmp/tipover-before
//! ```
//!
//! - Works: `closed`, `open`, `stall`, `held`, `churn`, `hang`, `visitor`, `streams` (HTTP/2), `growth`. The result is a
//!   table in Markdown and every single figure as JSON, in `target/peers` (`--out` names another folder).
//! - Rounds are A B C … A B C …, so that a change of the machine meets all tools alike; shown are the median and, in
//!   brackets, the lowest and the highest, and the median of the ratio to one peer within a round.
//! - The server is pinned to the first core that this process may use, the tool to the last (`taskset`, util-linux). On
//!   each a process of the idle class keeps the core from halting: on a virtual machine waking one costs more than a
//!   request (`--halting` leaves that out; do so where others work on the machine).
//! - Requests, their rate and their distance from an even schedule are what the server saw. CPU s/M are the processor
//!   seconds, user and system, per million requests: the steadiest figure. A peer's are those of its whole process, start
//!   included; tipover's, and its memory, those of its seconds of load, from its record, because it draws charts and
//!   writes a report afterwards, which no peer does. `floor` is a client that only writes and reads.
//! - tipover gathers nothing into batches: a request goes out when it is due, and only what is due at once goes together.
//! - Read no absolute figure off a busy machine: compare within one run.

#[path = "peers/floor.rs"]
mod floor;
#[path = "peers/run.rs"]
mod run;
#[path = "peers/server.rs"]
mod server;
#[path = "peers/shop.rs"]
mod shop;
#[path = "peers/table.rs"]
mod table;
#[path = "peers/tools.rs"]
mod tools;
#[path = "peers/work.rs"]
mod work;

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};

use table::{Run, Table};
use tools::{Task, Tool};
use work::Work;

/// The word that makes this program keep a core awake.
const SPIN: &str = "--spin";
const HINT: &str = "`cargo bench --bench peers -- [--quick] [--work closed,open,…] [--tools tipover,wrk,…] [--reps 5] \
                    [--secs 3] [--beside NAME=PATH] [--halting] [--out DIR]`";

/// What stands on the command line.
#[derive(Default)]
struct Options {
    is_quick: bool,
    halts: bool,
    works: Vec<String>,
    tools: Vec<String>,
    beside: Vec<String>,
    reps: Option<u32>,
    seconds: Option<u32>,
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some(server::SERVE) => return server::serve(&arguments[1..]),
        Some(shop::SHOP) => return shop::serve(true),
        Some(shop::STREAMS) => return shop::serve(false),
        Some(floor::FLOOR) => return floor::play(&arguments[1..]),
        Some(SPIN) => return spin(),
        _ => {}
    }
    let options = match options(&arguments) {
        Ok(options) => options,
        Err(why) => {
            eprintln!("error: {why}\nhint: {HINT}");
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
    let mut options = Options::default();
    let list = |value: &String| value.split(',').map(str::to_owned).collect();
    let mut words = arguments.iter().filter(|word| *word != "--bench");
    while let Some(flag) = words.next() {
        match flag.as_str() {
            "--quick" => options.is_quick = true,
            "--halting" => options.halts = true,
            _ => {
                let value = words.next().ok_or(format!("`{flag}` has no value"))?;
                let number = || {
                    let number = value.parse().ok().filter(|number| (1..=1_000).contains(number));
                    number.ok_or(format!("`{flag} {value}` is no number from 1 to 1,000"))
                };
                match flag.as_str() {
                    "--work" => options.works = list(value),
                    "--tools" => options.tools = list(value),
                    "--beside" => options.beside.push(value.clone()),
                    "--reps" => options.reps = Some(number()?),
                    "--secs" => options.seconds = Some(number()?),
                    "--out" => options.out = Some(value.into()),
                    other => return Err(format!("`{other}` is no flag of this bench")),
                }
            }
        }
    }
    if let Some(odd) = options
        .works
        .iter()
        .find(|name| !work::ALL.iter().any(|work| work.name() == *name))
    {
        return Err(format!("`--work {odd}` is none of them"));
    }
    if let Some(odd) = options.beside.iter().find(|beside| !beside.contains('=')) {
        return Err(format!("`--beside {odd}` is not NAME=PATH"));
    }
    Ok(options)
}

fn compare(options: &Options) -> io::Result<()> {
    let (first, last) = cores()?;
    let _awake = if options.halts {
        Vec::new()
    } else {
        [first, last]
            .map(Awake::keep)
            .into_iter()
            .filter_map(Result::ok)
            .collect()
    };
    let out = options.out.clone().unwrap_or_else(|| {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        target.join("peers")
    });
    std::fs::create_dir_all(&out)?;
    let mut table = Table::new(first, last, options.is_quick);
    let is_wanted =
        |work: &&Work| options.works.is_empty() || options.works.iter().any(|name| name == work.name());
    for work in work::ALL.iter().filter(is_wanted) {
        one_work(*work, options, (first, last), &mut table)?;
        // What is known is kept, whatever comes next.
        table.write(&out)?;
    }
    println!("{}", table.markdown());
    eprintln!("written to {}", out.display());
    Ok(())
}

fn one_work(work: Work, options: &Options, (first, last): (u32, u32), table: &mut Table) -> io::Result<()> {
    let (seconds, reps) = work.extent(options.is_quick);
    let is_fixed = matches!(work, Work::Stall | Work::Hang);
    let seconds = options.seconds.filter(|_| !is_fixed).unwrap_or(seconds);
    let folder = tempfile::tempdir()?;
    let task = Task {
        work,
        port: 1,
        seconds,
        folder: folder.path(),
    };
    let mut tools = Vec::new();
    let is_wanted = |tool: &Tool| options.tools.is_empty() || options.tools.contains(&tool.name);
    for tool in tools::all(&options.beside).into_iter().filter(is_wanted) {
        match tool.missing(&task) {
            Some(why) => eprintln!("{work}: without {}, {why}", tool.name),
            None => tools.push(tool),
        }
    }
    for round in 0..options.reps.unwrap_or(reps) {
        for tool in &tools {
            let run = one_run(tool, work, seconds, (first, last))?;
            eprintln!("{} round {}: {run}", work.name(), round + 1);
            table.add(work, run);
        }
    }
    Ok(())
}

/// One run against a server of its own: the last tool's late requests are not the next one's.
fn one_run(tool: &Tool, work: Work, seconds: u32, (first, last): (u32, u32)) -> io::Result<Run> {
    let folder = tempfile::tempdir()?;
    let mut server = server::Server::start(first, &work.server())?;
    let task = Task {
        work,
        port: server.port,
        seconds,
        folder: folder.path(),
    };
    let spent = run::run(tool, &task, last)?;
    let seen = server.seen(work.rate())?;
    // Sockets of the last run are closed in peace.
    std::thread::sleep(std::time::Duration::from_millis(200));
    Ok(Run {
        tool: tool.name.clone(),
        figures: work.figures(&seen, &spent, seconds),
        is_stuck: spent.is_stuck,
    })
}

/// The first and the last core that this process may use.
fn cores() -> io::Result<(u32, u32)> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let list = status
        .lines()
        .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
        .unwrap_or("0")
        .trim();
    let ends: Vec<u32> = list
        .split([',', '-'])
        .filter_map(|number| number.parse().ok())
        .collect();
    match (ends.first(), ends.last()) {
        (Some(first), Some(last)) => Ok((*first, *last)),
        _ => Err(io::Error::other("the system does not name its cores")),
    }
}

/// A process of the idle class that keeps a core from halting; dropping it ends it.
struct Awake(Child);

impl Awake {
    fn keep(core: u32) -> io::Result<Self> {
        let child = Command::new("chrt")
            .args(["--idle", "0", "taskset", "-c", &core.to_string()])
            .arg(std::env::current_exe()?)
            .arg(SPIN)
            .stdin(Stdio::null())
            .spawn()?;
        Ok(Self(child))
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn spin() -> ExitCode {
    let parent = rustix::process::getppid();
    while rustix::process::getppid() == parent {
        for _ in 0..100_000 {
            std::hint::spin_loop();
        }
    }
    ExitCode::SUCCESS
}
