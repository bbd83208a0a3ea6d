//! Real nginx, php-fpm, HAProxy and Apache on loopback, each with a known limit: started, searched and taken down.
//!
//! The truths are those of `tests/testbeds/README.md`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "outside of a test function too, a test fails by panicking"
)]

pub(crate) mod search;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A gateway in front of something with a known limit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Testbed {
    /// Its name in tables.
    pub(crate) name: &'static str,
    pub(crate) folder: &'static str,
    environment: &'static [(&'static str, &'static str)],
    /// Programs it needs, any one of each, and the Debian package that has them.
    needs: &'static [(&'static [&'static str], &'static str)],
    /// What it is to `truth.py`.
    pub(crate) queue: Queue,
}

/// A queue in numbers: servers, how long they take, how many may wait, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Queue {
    servers: u32,
    service_ms: f64,
    places: u32,
    deadline_ms: Option<f64>,
}

impl Queue {
    /// Servers ÷ service time, in requests per second: where even arrivals tip.
    pub(crate) fn capacity(&self) -> f64 {
        1e3 * f64::from(self.servers) / self.service_ms
    }

    /// Where Poisson arrivals tip: `truth.py` for a limit of 1 %.
    pub(crate) fn poisson_truth(&self) -> f64 {
        let mut command = Command::new("python3");
        command
            .arg(scripts().join("truth.py"))
            .args([
                self.servers.to_string(),
                self.service_ms.to_string(),
                self.places.to_string(),
            ])
            .arg("0.01")
            .args(self.deadline_ms.map(|deadline| deadline.to_string()));
        let output = command.output().expect("python3 runs");
        let said = String::from_utf8_lossy(&output.stdout);
        said.trim().parse().unwrap_or_else(|_| {
            panic!(
                "truth.py says {said:?} {}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
    }
}

const PYTHON: (&[&str], &str) = (&["python3"], "python3");
const NGINX: (&[&str], &str) = (&["nginx"], "nginx");
const NODE: (&[&str], &str) = (&["node", "nodejs"], "nodejs");
const PHP_FPM: (&[&str], &str) = (
    &[
        "php-fpm",
        "php-fpm8.5",
        "php-fpm8.4",
        "php-fpm8.3",
        "php-fpm8.2",
        "php-fpm8.1",
    ],
    "php-fpm",
);

pub(crate) const NGINX_PHP_FPM: Testbed = Testbed {
    name: "nginx, php-fpm on a unix socket",
    folder: "nginx-php-fpm",
    environment: &[("MODE", "unix")],
    needs: &[NGINX, PHP_FPM, PYTHON],
    // What sleeps for 40 ms takes 40.4; a backlog of 8 holds 9.
    queue: Queue {
        servers: 8,
        service_ms: 40.4,
        places: 9,
        deadline_ms: None,
    },
};
pub(crate) const NGINX_PHP_FPM_TCP: Testbed = Testbed {
    name: "nginx, php-fpm over tcp",
    environment: &[("MODE", "tcp")],
    ..NGINX_PHP_FPM
};
pub(crate) const HAPROXY_QUEUE: Testbed = Testbed {
    name: "HAProxy with a queue, node",
    folder: "haproxy-queue",
    environment: &[],
    needs: &[(&["haproxy"], "haproxy"), NODE, PYTHON],
    queue: Queue {
        servers: 10,
        service_ms: 50.0,
        places: 100_000,
        deadline_ms: Some(500.0),
    },
};
pub(crate) const APACHE_NODE: Testbed = Testbed {
    name: "Apache without a queue, node",
    folder: "apache-node",
    environment: &[],
    needs: &[(&["apache2", "httpd"], "apache2"), NODE, PYTHON],
    queue: Queue {
        servers: 10,
        service_ms: 50.0,
        places: 0,
        deadline_ms: None,
    },
};
pub(crate) const NGINX_LIMIT_REQ: Testbed = Testbed {
    name: "nginx with limit_req",
    folder: "nginx-limit-req",
    environment: &[],
    needs: &[NGINX, PYTHON],
    // A leaky bucket is one server of 5 ms, before which nobody waits for more than the 20 of the burst.
    queue: Queue {
        servers: 1,
        service_ms: 5.0,
        places: 100_000,
        deadline_ms: Some(100.0),
    },
};

/// All of them.
pub(crate) const ALL: [Testbed; 5] = [
    NGINX_PHP_FPM,
    NGINX_PHP_FPM_TCP,
    HAPROXY_QUEUE,
    APACHE_NODE,
    NGINX_LIMIT_REQ,
];

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from);
    std::env::split_paths(&path)
        .chain(system)
        .any(|folder| folder.join(program).is_file())
}

/// Whether a program is here; that it is not is said, and fails in CI.
fn is_here(who: &str, (programs, package): &(&[&str], &str)) -> bool {
    if programs.iter().any(|name| is_installed(name)) {
        return true;
    }
    let why = format!("{who} needs `{}`: apt-get install {package}", programs[0]);
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
    eprintln!("skipped: {why}");
    false
}

/// Whether `truth.py` can run.
pub(crate) fn has_python() -> bool {
    is_here("truth.py", &PYTHON)
}

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testbeds")
}

/// A testbed that runs; it is taken down with this value.
pub(crate) struct Running {
    pub(crate) url: String,
    pub(crate) port: u16,
    pub(crate) folder: tempfile::TempDir,
}

impl Testbed {
    /// Starts it, or says why not: `None` only outside of CI, where a program is missing.
    pub(crate) fn start(&self) -> Option<Running> {
        if !self.needs.iter().all(|needed| is_here(self.name, needed)) {
            return None;
        }
        // Between choosing the ports and using them somebody else may take one.
        (0..3)
            .find_map(|_| self.start_once())
            .or_else(|| panic!("{} did not start", self.folder))
    }

    fn start_once(&self) -> Option<Running> {
        let folder = tempfile::tempdir().unwrap();
        let port = free_pair_of_ports();
        let output = Command::new(scripts().join(self.folder).join("up"))
            .arg(folder.path())
            .arg(port.to_string())
            .envs(self.environment.iter().copied())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let Some(url) = said.trim().strip_prefix("READY ") else {
            eprintln!(
                "{}: {said}{}",
                self.folder,
                String::from_utf8_lossy(&output.stderr)
            );
            return None;
        };
        Some(Running {
            url: url.to_owned(),
            port,
            folder,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A failure to end them shows in the test that looks for what is left behind.
        let _ = Command::new(scripts().join("down"))
            .arg(self.folder.path())
            .status();
    }
}

/// A port that is free and whose successor is free too.
fn free_pair_of_ports() -> u16 {
    loop {
        let first = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = first.local_addr().unwrap().port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}
