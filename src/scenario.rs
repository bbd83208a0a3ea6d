//! What to play and against what: a scenario, valid by construction. YAML text becomes a located tree (`document`),
//! what stands on the command line becomes part of it (`overrides`), and `check` turns it into a [`Scenario`] or into
//! every problem at once.

mod campaign;
mod check;
mod data;
mod document;
mod extract;
mod frame;
mod journey;
mod overrides;
mod placeholder;
mod plan;
mod problem;
mod proxy;
mod schema;
mod sources;
mod template;
mod threshold;
mod types;
mod watched;
mod written;

use std::fs::File;
use std::io::Read;
use std::path::Path;

pub use campaign::{Campaign, CampaignKind, TrackingParams};
pub use data::Data;
pub use extract::{Asset, JsonPath, MOST_ASSETS, Selector, assets_of_page, assets_of_style};
pub use journey::{
    Assets, AtEnd, Body, Capture, DataPlan, Expect, Journey, Journeys, Method, OnFailure, Order,
    Source as CaptureSource, Step, ThinkTime,
};
pub use overrides::{Given, Overrides};
pub use placeholder::{Escape, Template, Value};
pub use plan::{
    AbortRule, Caps, Enough, FailureSet, LoadPlan, PlayedCampaign, Profile, Reloads, ReplayPlan, SearchPlan,
    Stage, StopRule, StopRules, Think,
};
pub use problem::{Problem, Problems, Severity};
pub(crate) use proxy::proxy_address;
pub use schema::schema;
pub use sources::{SourceAddresses, SourceRange};
pub use threshold::{AtLoad, Comparison, Subject, Threshold};
pub use types::{
    AnswerCaps, ApprovedBy, Authorization, ClientIdentity, Connections, Header, HttpVersion, ProxyAddress,
    ProxyPlan, Resolve, Scenario, Secret, StandsFor, Target, Timeouts, TlsPlan,
};
pub use watched::{Feed, Watched};

use check::Check;
pub use check::seconds_to_decide;
use document::{Kind, MAX_BYTES, Node, SourceId, parse};
use overrides::{Sources, graft};
use problem::{Remark, Source};

/// The smallest scenario: what `tipover init` writes.
pub const SMALLEST: &str = "\
# yaml-language-server: $schema=./scenario.schema.json
version: 1
target: https://staging.shop.example
journey:
  - get: /sale
";

/// A scenario, and what is odd about it.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The scenario.
    pub scenario: Scenario,
    /// What does not keep it from being played.
    pub warnings: Problems,
}

/// Reads the variables of a scenario from somewhere: `std::env::var(name).ok()`, or a table in a test.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// Whether `text` is an address rather than a path of a scenario.
pub fn is_url(text: &str) -> bool {
    let has_scheme = |scheme: &str| {
        text.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    };
    has_scheme("http://") || has_scheme("https://")
}

/// The scenario in the file `path`. Relative files in it start at its folder.
///
/// # Errors
/// Every problem of the file at once; one problem where it cannot be read.
pub fn load(path: &Path, overrides: &Overrides, environment: Environment<'_>) -> Result<Loaded, Problems> {
    let name = path.display().to_string();
    let bytes = read_bounded(path).map_err(|error| {
        let is_missing = error.kind() == std::io::ErrorKind::NotFound;
        let looks_like_a_host =
            is_missing && !name.contains('/') && name.contains('.') && !name.contains(".y");
        let hint = if looks_like_a_host {
            Some(format!("a site is written with its scheme: `https://{name}`"))
        } else {
            is_missing.then(|| "`tipover init` writes a first scenario".to_owned())
        };
        Problems::of_file(&name, format!("the scenario cannot be read: {error}"), hint)
    })?;
    if bytes.len() > MAX_BYTES {
        return Err(too_long(&name));
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text,
        _ => {
            let hint = "save it as UTF-8".to_owned();
            return Err(Problems::of_file(
                &name,
                "the file is no text in UTF-8",
                Some(hint),
            ));
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    read(&text, &name, folder, stem.as_deref(), overrides, environment)
}

/// The smallest scenario for the site at `url`: one step, its path.
///
/// # Errors
/// Every problem of the address and of the overrides at once.
pub fn from_url(url: &str, overrides: &Overrides, environment: Environment<'_>) -> Result<Loaded, Problems> {
    let mut sources = Sources { list: Vec::new() };
    let place = sources.add(&Given::new("", url));
    let parsed = url::Url::parse(url).ok();
    let mut origin = parsed.clone();
    if let Some(origin) = &mut origin {
        origin.set_path("");
        origin.set_query(None);
    }
    // An address that cannot be read stays as it is, for the checks to name.
    let site = origin.map_or_else(|| url.to_owned(), |origin| origin.to_string());
    let page = parsed.as_ref().map_or("/", |url| {
        &url[url::Position::BeforePath..url::Position::AfterQuery]
    });
    let name = parsed.as_ref().and_then(url::Url::host_str).unwrap_or("site");
    let step = Node::map(
        place,
        [(
            "get",
            Node::text(&placeholder::escaped(&template::escaped(page)), place),
        )],
    );
    let journey = Node {
        place,
        kind: Kind::List(vec![step]),
    };
    let root = Node::map(
        place,
        [
            ("version", Node::text("1", place)),
            ("target", Node::text(&template::escaped(&site), place)),
            ("journey", journey),
        ],
    );
    finish(root, name, Path::new(""), sources, overrides, environment)
}

/// The scenario in `text`, which problems call `name`. Relative files start at `folder`.
///
/// # Errors
/// Every problem of the text at once.
pub fn from_text(
    text: &str,
    name: &str,
    folder: &Path,
    overrides: &Overrides,
    environment: Environment<'_>,
) -> Result<Loaded, Problems> {
    read(text, name, folder, None, overrides, environment)
}

fn read(
    text: &str,
    name: &str,
    folder: &Path,
    default_name: Option<&str>,
    overrides: &Overrides,
    environment: Environment<'_>,
) -> Result<Loaded, Problems> {
    if text.len() > MAX_BYTES {
        return Err(too_long(name));
    }
    // A mark of byte order at the head is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source {
        name: name.to_owned(),
        text: text.to_owned(),
        concealed: Vec::new(),
    };
    let sources = Sources { list: vec![source] };
    let (root, mut remarks) = parse(text, SourceId(0));
    if remarks.is_empty() && root.as_ref().is_none_or(Node::is_nothing) {
        let hint = "`tipover init` writes a first scenario".to_owned();
        return Err(Problems::of_file(name, "the scenario is empty", Some(hint)));
    }
    let Some(root) = root else {
        return Err(Problems::locate(remarks, sources.list));
    };
    finish_with(
        root,
        default_name,
        folder,
        sources,
        overrides,
        environment,
        &mut remarks,
    )
}

fn too_long(name: &str) -> Problems {
    let hint = "a scenario is a few lines; logs and tables stay in files of their own".to_owned();
    Problems::of_file(name, "the scenario is longer than 1 MiB", Some(hint))
}

fn finish(
    root: Node,
    default_name: &str,
    folder: &Path,
    sources: Sources,
    overrides: &Overrides,
    environment: Environment<'_>,
) -> Result<Loaded, Problems> {
    finish_with(
        root,
        Some(default_name),
        folder,
        sources,
        overrides,
        environment,
        &mut Vec::new(),
    )
}

fn finish_with(
    mut root: Node,
    default_name: Option<&str>,
    folder: &Path,
    mut sources: Sources,
    overrides: &Overrides,
    environment: Environment<'_>,
    remarks: &mut Vec<Remark>,
) -> Result<Loaded, Problems> {
    remarks.extend(graft(&mut root, overrides, &mut sources));
    let mut check = Check::new(sources, environment, folder);
    check.remarks.append(remarks);
    let scenario = check.scenario(&root, default_name.unwrap_or("scenario"));
    let problems = Problems::locate(check.remarks, check.sources.list);
    match scenario {
        Some(scenario) if !problems.has_errors() => Ok(Loaded {
            scenario,
            warnings: problems,
        }),
        _ => Err(problems),
    }
}

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
