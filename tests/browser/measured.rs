//! One headless browser, one page, and what was seen of it. The report comes from a server of our own on loopback;
//! whatever else the browser wants goes to a proxy of our own that only writes down who was wanted.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde::Deserialize;

/// The page around the report: it looks at it in two widths and in each language.
const AROUND: &str = include_str!("around.html");
/// Whom the browser asks by itself, for its updates and accounts, whatever page it shows.
const ITS_OWN: [&str; 2] = [".google.com", ".googleapis.com"];
/// Longer than this, and the browser hangs.
const LONGEST: Duration = Duration::from_secs(90);

/// A report as a reader sees it, in one width and one language.
#[derive(Debug, Deserialize)]
pub(crate) struct Look {
    /// Width of the window in CSS pixels.
    pub(crate) width: u32,
    /// Language of the article that is shown.
    pub(crate) language: String,
    /// The text of headline and decision that takes up room, with a bar between them.
    pub(crate) head: String,
    /// Elements that reach beyond the right edge of the window and do not scroll by themselves.
    pub(crate) wider: Vec<String>,
    /// Whether the paper is darker than the ink.
    pub(crate) is_dark: bool,
    /// Contrast of ink on paper (WCAG 2.2, 1 to 21).
    pub(crate) contrast: f64,
    /// Width of the first chart that is shown, in CSS pixels.
    pub(crate) chart_width: f64,
    /// What the page loaded, other than what it holds itself.
    pub(crate) asked: Vec<String>,
    /// Whether the embedded font was loaded.
    pub(crate) has_our_font: bool,
}

/// All that was seen of a page.
#[derive(Debug)]
pub(crate) struct Seen {
    /// What the browser wrote to its console.
    pub(crate) console: Vec<String>,
    /// Who was asked for something, other than for the page itself.
    pub(crate) requests: Vec<String>,
    /// The page in two widths and in each language.
    pub(crate) looks: Vec<Look>,
}

/// The browser; nothing outside of CI where none is installed.
pub(crate) fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    let places = || std::env::split_paths(&path);
    let found = names.iter().find_map(|name| {
        places()
            .map(|place| place.join(name))
            .find(|program| program.is_file())
    });
    if found.is_none() {
        let why = "no Chromium: apt-get install chromium";
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{why}");
        eprintln!("skipped: {why}");
    }
    found
}

/// Opens `page` in the browser and measures it.
pub(crate) fn look_at(browser: &Path, page: &str, is_dark: bool) -> Seen {
    let requests = Arc::new(Mutex::new(Vec::new()));
    let around = AROUND.to_owned();
    let page = page.to_owned();
    let site = serve(Arc::clone(&requests), move |target| match target {
        "/" => Some(around.clone()),
        "/report.html" => Some(page.clone()),
        _ => None,
    });
    let proxy = serve(Arc::clone(&requests), |_| None);
    let folder = tempfile::tempdir().unwrap();
    let (seen, log) = (folder.path().join("seen"), folder.path().join("log"));
    let mut command = Command::new(browser);
    command
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--disable-dev-shm-usage", "--enable-logging=stderr", "--v=0"])
        .args([
            "--window-size=1300,900",
            "--virtual-time-budget=20000",
            "--dump-dom",
        ])
        .arg(format!(
            "--blink-settings=preferredColorScheme={}",
            u8::from(!is_dark)
        ))
        .arg(format!("--proxy-server=http://127.0.0.1:{proxy}"))
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ))
        .arg(format!("http://127.0.0.1:{site}/"))
        .stdin(Stdio::null())
        .stdout(std::fs::File::create(&seen).unwrap())
        .stderr(std::fs::File::create(&log).unwrap());
    let is_ended = ends_in_time(command.spawn().unwrap());
    let log = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
    assert!(is_ended, "the browser hangs:\n{log}");
    let seen = std::fs::read_to_string(&seen).unwrap();
    let told = seen
        .split("<pre id=\"seen\">")
        .nth(1)
        .and_then(|rest| rest.split("</pre>").next());
    let looks = serde_json::from_str(told.unwrap_or_default());
    let console = log.lines().filter(|line| line.contains("CONSOLE"));
    let requests = requests.lock().unwrap().clone();
    Seen {
        console: console.map(str::to_owned).collect(),
        requests,
        looks: looks.unwrap_or_else(|error| panic!("{error} in {seen}\n{log}")),
    }
}

fn ends_in_time(mut child: Child) -> bool {
    let start = Instant::now();
    while start.elapsed() < LONGEST {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

/// Answers what `page` knows, writes down every other request, and returns its port.
fn serve(
    others: Arc<Mutex<Vec<String>>>,
    page: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = Arc::new(page);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (others, page) = (Arc::clone(&others), Arc::clone(&page));
            // A browser opens connections ahead of need: each gets a thread, so that an idle one blocks no other.
            std::thread::spawn(move || answer(stream, &others, &*page));
        }
    });
    port
}

fn answer(stream: TcpStream, others: &Mutex<Vec<String>>, page: &dyn Fn(&str) -> Option<String>) {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    let mut line = String::new();
    if reader.read_line(&mut first).unwrap_or(0) == 0 {
        return;
    }
    while reader.read_line(&mut line).unwrap_or(0) > 2 {
        line.clear();
    }
    let target = first.split(' ').nth(1).unwrap_or_default();
    let (status, body) = match page(target) {
        Some(body) => ("200 OK", body),
        None => {
            let host = target
                .trim_start_matches("http://")
                .split(['/', ':'])
                .next()
                .unwrap_or_default();
            if !ITS_OWN.iter().any(|own| host.ends_with(own)) {
                others.lock().unwrap().push(first.trim().to_owned());
            }
            ("404 Not Found", String::new())
        }
    };
    // A browser that hung up needs no answer.
    let _ = write!(
        reader.into_inner(),
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}
