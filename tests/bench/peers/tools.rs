//! The tools: how each is called for each kind of work. A tool that cannot do a work has no words for it.

use std::path::{Path, PathBuf};

use super::floor::FLOOR;
use super::work::Work;

/// One run that a tool is asked for.
pub(crate) struct Task<'a> {
    pub(crate) work: Work,
    pub(crate) port: u16,
    pub(crate) seconds: u32,
    /// A folder of its own.
    pub(crate) folder: &'a Path,
}

/// A tool, and how it is had where it is missing.
#[derive(Clone)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    had_by: &'static str,
    words: fn(&Task<'_>) -> Option<Vec<String>>,
}

/// All tools, ours first. `others` are further builds of tipover, each `NAME=PATH`.
pub(crate) fn all(others: &[String]) -> Vec<Tool> {
    let tool = |name: &str, program: &str, had_by, words| Tool {
        name: name.to_owned(),
        program: program.into(),
        had_by,
        words,
    };
    let ours = env!("CARGO_BIN_EXE_tipover");
    let mut tools = vec![tool("tipover", ours, "cargo build", tipover)];
    for other in others {
        if let Some((name, path)) = other.split_once('=') {
            tools.push(tool(name, path, "its path", tipover));
        }
    }
    let me = std::env::current_exe().unwrap_or_default();
    tools.extend([
        tool("floor", &me.display().to_string(), "cargo bench", floor),
        tool("wrk", "wrk", "apt-get install wrk", wrk),
        tool("ab", "ab", "apt-get install apache2-utils", ab),
        tool("h2load", "h2load", "apt-get install nghttp2-client", h2load),
        tool("oha", "oha", "cargo install --locked oha", oha),
        tool("rewrk", "rewrk", "cargo install rewrk", rewrk),
        tool("locust", "locust", "pip install locust", locust),
    ]);
    tools
}

impl Tool {
    /// Why it takes no part in `task`, where it does not.
    pub(crate) fn missing(&self, task: &Task<'_>) -> Option<String> {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let is_here = self.program.is_file()
            || std::env::split_paths(&folders).any(|folder| folder.join(&self.program).is_file());
        if !is_here {
            return Some(format!("not installed ({})", self.had_by));
        }
        (self.words)(task)
            .is_none()
            .then(|| "it cannot play this".to_owned())
    }

    pub(crate) fn words(&self, task: &Task<'_>) -> Vec<String> {
        (self.words)(task).unwrap_or_default()
    }

    /// Whether its own record tells what it spent.
    pub(crate) fn has_record(&self) -> bool {
        self.had_by == "cargo build" || self.had_by == "its path"
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn url(task: &Task<'_>) -> String {
    format!("http://127.0.0.1:{}/", task.port)
}

fn tipover(task: &Task<'_>) -> Option<Vec<String>> {
    let (url, seconds) = (url(task), task.seconds);
    let file = task.folder.join("scenario.yaml");
    let scenario = file.display();
    let what = match task.work {
        Work::Closed(connections) | Work::Growth(connections) => {
            format!("{url} --visitors {connections} --connections pooled")
        }
        Work::Open(rate) => format!("{url} --rate {rate}/s --arrivals even --connections pooled"),
        Work::Stall => format!("{url} --rate 1000/s --arrivals even --connections pooled"),
        Work::Held(connections) => format!("{url} --visitors {connections} --connections pooled"),
        Work::Churn => format!("{url} --visitors 64 --connections per_request"),
        Work::Hang => format!("{url} --rate 100/s --arrivals even --connections pooled"),
        Work::Visitor | Work::Streams => format!("{scenario} --visitors 64"),
    };
    write_scenario(task, &file);
    let out = task.folder.join("run");
    Some(words(&format!(
        "run {what} --duration {seconds}s -q --out {}",
        out.display()
    )))
}

/// What no flag says: the default visitor, and HTTP/2.
fn write_scenario(task: &Task<'_>, file: &Path) {
    let port = task.port;
    let text = match task.work {
        Work::Visitor => format!(
            "version: 1\ntarget:\n  url: https://127.0.0.1:{port}\n  http: 1.1\n  tls: {{ insecure: true }}\n\
             side_effects: allowed\njourney:\n  - get: /\n    capture: {{ token: {{ css: \"input[name=token]\", attribute: value }} }}\n  \
             - get: /cart\n  - post: /order\n    form: {{ token: \"{{{{token}}}}\" }}\n"
        ),
        Work::Streams => format!(
            "version: 1\ntarget:\n  url: http://127.0.0.1:{port}\n  http: 2\n  connections: pooled\njourney:\n  - get: /\n"
        ),
        _ => return,
    };
    // Where it cannot be written, the run fails and says so.
    drop(std::fs::write(file, text));
}

fn floor(task: &Task<'_>) -> Option<Vec<String>> {
    let (connections, rate) = match task.work {
        Work::Closed(connections) => (connections, 0),
        Work::Open(rate) => (64, rate),
        _ => return None,
    };
    Some(words(&format!(
        "{FLOOR} {} {connections} {} {rate}",
        task.port, task.seconds
    )))
}

fn wrk(task: &Task<'_>) -> Option<Vec<String>> {
    let (connections, more) = match task.work {
        Work::Closed(connections) | Work::Held(connections) => (connections, ""),
        Work::Stall => (64, "--latency"),
        Work::Churn => (64, "-H Connection:close"),
        _ => return None,
    };
    Some(words(&format!(
        "-t1 -c{connections} -d{}s {more} {}",
        task.seconds,
        url(task)
    )))
}

fn ab(task: &Task<'_>) -> Option<Vec<String>> {
    let (connections, more) = match task.work {
        Work::Closed(connections) | Work::Held(connections) | Work::Growth(connections) => {
            (connections, "-k")
        }
        Work::Stall => (64, "-k"),
        Work::Churn => (64, ""),
        _ => return None,
    };
    let many = "-n 100000000";
    Some(words(&format!(
        "-q {more} -c {connections} -t {} {many} {}",
        task.seconds,
        url(task)
    )))
}

fn h2load(task: &Task<'_>) -> Option<Vec<String>> {
    let (seconds, url) = (task.seconds, url(task));
    let what = match task.work {
        Work::Closed(connections) | Work::Held(connections) => format!("--h1 -c {connections}"),
        Work::Open(rate) => format!("--h1 -c 64 --rps={}", f64::from(rate) / 64.0),
        Work::Stall => "--h1 -c 64 --rps=15.625".to_owned(),
        Work::Hang => "--h1 -c 10 --rps=10".to_owned(),
        Work::Streams => "-c 1 -m 64".to_owned(),
        // With `Connection: close` it never ends.
        _ => return None,
    };
    Some(words(&format!("-t 1 {what} -D {seconds} {url}")))
}

fn oha(task: &Task<'_>) -> Option<Vec<String>> {
    let what = match task.work {
        Work::Closed(connections) | Work::Held(connections) | Work::Growth(connections) => {
            format!("-c {connections}")
        }
        Work::Open(rate) => format!("-c 64 -q {rate}"),
        Work::Stall => "-c 64 -q 1000 --latency-correction".to_owned(),
        Work::Churn => "-c 64 --disable-keepalive".to_owned(),
        Work::Hang => "-c 10 -q 100".to_owned(),
        Work::Streams => "-c 1 -p 64 --http2".to_owned(),
        Work::Visitor => return None,
    };
    Some(words(&format!(
        "--no-tui --output-format json -z {}s {what} {}",
        task.seconds,
        url(task)
    )))
}

fn rewrk(task: &Task<'_>) -> Option<Vec<String>> {
    let (connections, more) = match task.work {
        Work::Closed(connections) | Work::Held(connections) => (connections, ""),
        Work::Churn => (64, "-H Connection:close"),
        _ => return None,
    };
    Some(words(&format!(
        "-t 1 -c {connections} -d {}s {more} -h {}",
        task.seconds,
        url(task)
    )))
}

const LOCUST: &str = "\
import re
from locust import FastHttpUser, task, constant
from locust.contrib.fasthttp import FastHttpSession, insecure_ssl_context_factory

CONTEXT = insecure_ssl_context_factory()

class Closed(FastHttpUser):
    wait_time = constant(0)
    @task
    def page(self):
        self.client.get('/')

class Visitor(FastHttpUser):
    wait_time = constant(0)
    @task
    def visit(self):
        # A new client for each visit: its own connection, its own cookies.
        client = FastHttpSession(self.host, self.environment.events.request, self, ssl_context_factory=lambda: CONTEXT)
        page = client.get('/')
        token = re.search(r'name=\"token\" value=\"([^\"]+)\"', page.text).group(1)
        client.get('/cart')
        client.post('/order', data={'token': token})
        client.client.clientpool.close()
";

fn locust(task: &Task<'_>) -> Option<Vec<String>> {
    let (class, scheme) = match task.work {
        Work::Closed(64) => ("Closed", "http"),
        Work::Visitor => ("Visitor", "https"),
        _ => return None,
    };
    let file = task.folder.join("locustfile.py");
    drop(std::fs::write(&file, LOCUST));
    let target = format!("{scheme}://127.0.0.1:{}", task.port);
    Some(words(&format!(
        "-f {} --headless --only-summary -u 64 -r 64 -t {}s -H {target} {class}",
        file.display(),
        task.seconds
    )))
}
