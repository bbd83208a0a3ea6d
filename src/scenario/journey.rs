//! What visitors do, after every check: journeys, their steps, what is sent, expected and taken from an answer.
//! It knows nothing of YAML, of files, or of how a request is made.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use super::data::Data;
use super::extract::{JsonPath, Selector};
use super::placeholder::Template;
use super::types::Header;

/// All journeys of a scenario: at least one, each with a weight above zero and at least one step.
#[derive(Debug, Clone)]
pub struct Journeys(Vec<Journey>);

impl Journeys {
    /// These journeys. An empty list has no pages, and nobody walks it.
    pub const fn new(list: Vec<Journey>) -> Self {
        Self(list)
    }

    /// Page views per visit, on average over the weights: each step is one.
    pub fn pages_per_visit(&self) -> f64 {
        let weights: f64 = self.0.iter().map(|journey| f64::from(journey.weight)).sum();
        let pages = |journey: &Journey| f64::from(journey.weight) * journey.steps.len() as f64;
        self.0.iter().map(pages).sum::<f64>() / weights.max(f64::MIN_POSITIVE)
    }

    /// Requests per visit, on average over the weights, as far as they are known before a page is seen: as many as pages.
    /// Assets and redirects come on top.
    pub fn requests_per_visit(&self) -> f64 {
        self.pages_per_visit()
    }

    /// Every step of every journey, in order: its place in this list is its number in a record.
    pub fn steps(&self) -> impl Iterator<Item = (&Journey, &Step)> {
        self.0
            .iter()
            .flat_map(|journey| journey.steps.iter().map(move |step| (journey, step)))
    }
}

impl Journeys {
    /// Whether any step fetches what its page needs.
    pub fn have_assets(&self) -> bool {
        self.steps().any(|(_, step)| step.assets != Assets::None)
    }

    /// How reports call each step, by its number in a record: with its journey where there are several.
    pub fn titles(&self) -> Vec<String> {
        let title = |(journey, step): (&Journey, &Step)| match &journey.name {
            Some(name) if self.0.len() > 1 => format!("{name}: {}", step.title()),
            _ => step.title(),
        };
        self.steps().map(title).collect()
    }
}

#[cfg(test)]
impl Journeys {
    /// The first step, to be changed by a test.
    pub(crate) fn first_step_mut(&mut self) -> Option<&mut Step> {
        self.0.first_mut()?.steps.first_mut()
    }
}

impl Deref for Journeys {
    type Target = [Journey];

    fn deref(&self) -> &[Journey] {
        &self.0
    }
}

/// What one kind of visitor does.
#[derive(Debug, Clone)]
pub struct Journey {
    /// Its name; nothing where it is the only one and has none.
    pub name: Option<String>,
    /// How many visitors walk it, beside the other journeys; at least 1.
    pub weight: u32,
    /// The rows that its visitors are given, where it has some.
    pub data: Option<DataPlan>,
    /// What a visitor does after a step that failed.
    pub on_failure: OnFailure,
    /// How many values its steps capture.
    pub slots: usize,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

impl Journey {
    /// The only journey of a scenario: `steps`, walked by everybody.
    pub const fn only(steps: Vec<Step>) -> Self {
        Self {
            name: None,
            weight: 1,
            data: None,
            on_failure: OnFailure::Continue,
            slots: 0,
            steps,
        }
    }
}

/// What a visitor does after a step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnFailure {
    /// Goes on with the next step, as long as that needs nothing that the failed one should have brought.
    #[default]
    Continue,
    /// Leaves.
    Stop,
}

/// The rows of a journey and how they are handed out.
#[derive(Debug, Clone)]
pub struct DataPlan {
    /// The rows.
    pub data: Arc<Data>,
    /// In which order.
    pub order: Order,
    /// What happens once every row has been given.
    pub at_end: AtEnd,
}

/// In which order rows are given to visitors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As in the file.
    #[default]
    InOrder,
    /// Shuffled once, by the seed.
    Shuffle,
    /// Each visitor any row, by the seed.
    Random,
    /// As in the file, each row to one visitor only.
    Unique,
}

/// What happens once every row has been given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AtEnd {
    /// From the first row again.
    #[default]
    Restart,
    /// The run ends.
    Stop,
}

/// The method of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST.
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

impl Method {
    /// As it goes over the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    /// Whether it is meant to leave the site as it is.
    pub const fn is_safe(self) -> bool {
        matches!(self, Method::Get | Method::Head)
    }
}

/// What is fetched with the page of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Assets {
    /// Nothing: the page alone.
    #[default]
    None,
    /// Style sheets, scripts, images and fonts from the same scheme, host and port, as a browser would.
    SameOrigin,
}

/// One request of a journey.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// The method.
    pub method: Method,
    /// The whole address: the target joined with what was written; same host as the target. Where [`Step::path`] is
    /// filled in for each visitor, this is an example of it.
    pub url: Url,
    /// Path and query with what is filled in for each visitor; nothing where `url` is the same for all.
    pub path: Option<Template>,
    /// Headers of this step, after those of the target.
    pub headers: Vec<Header>,
    /// Headers whose values are filled in for each visitor, after all others.
    pub filled_headers: Vec<(String, Template)>,
    /// The body.
    pub body: Body,
    /// Think time after the step; played by `run`, and by a search with `search.think: real`.
    pub think: Option<ThinkTime>,
    /// What its answer must be.
    pub expect: Expect,
    /// What is taken from its answer, each into its slot.
    pub captures: Vec<Capture>,
    /// What is fetched with its page.
    pub assets: Assets,
}

impl Step {
    /// A step that sends `method` to `url` and nothing else.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            name: None,
            method,
            url,
            path: None,
            headers: Vec::new(),
            filled_headers: Vec::new(),
            body: Body::None,
            think: None,
            expect: Expect::default(),
            captures: Vec::new(),
            assets: Assets::None,
        }
    }

    /// Whether every visitor sends the same.
    pub fn is_fixed(&self) -> bool {
        let body = match &self.body {
            Body::None => true,
            Body::Text(text) | Body::Json(text) | Body::Form(text) => text.fixed().is_some(),
        };
        self.path.is_none() && self.filled_headers.is_empty() && body
    }

    /// How reports call it: its name, or method and path as they were written.
    pub fn title(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let path = match &self.path {
                Some(path) => path.shown(),
                None => self.url.path().to_owned(),
            };
            let path = path.split('?').next().unwrap_or_default();
            format!("{} {path}", self.method.as_str())
        })
    }

    /// Whether the body of its answer has to be looked at.
    pub fn looks_inside(&self) -> bool {
        let expects = &self.expect;
        !expects.body_contains.is_empty()
            || !expects.body_matches.is_empty()
            || !expects.json.is_empty()
            || self.captures.iter().any(|capture| capture.from.is_in_body())
    }
}

/// What a request carries.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// Text as it is; its type is `text/plain` unless a header says otherwise.
    Text(Template),
    /// A JSON value, already written out: `application/json`.
    Json(Template),
    /// Form fields, already encoded: `application/x-www-form-urlencoded`.
    Form(Template),
}

/// How long a visitor waits after a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ThinkTime {
    /// Always as long.
    Fixed(Duration),
    /// Anything between the two, evenly.
    Between(Duration, Duration),
    /// Log-normal, as people read.
    LogNormal {
        /// Half of all visitors wait shorter.
        median: Duration,
        /// The standard deviation of the logarithm, 0 to 3.
        sigma: f64,
    },
}

impl ThinkTime {
    /// The longest time that anybody thinks: a log-normal has no end of its own.
    pub const LONGEST: Duration = Duration::from_secs(3_600);

    /// Whether visitors differ.
    pub fn is_random(&self) -> bool {
        !matches!(self, ThinkTime::Fixed(_))
    }

    /// The time of a visitor who drew `uniform` in (0, 1] and the standard normal number `normal`.
    pub fn drawn(&self, uniform: f64, normal: f64) -> Duration {
        match *self {
            ThinkTime::Fixed(time) => time,
            ThinkTime::Between(from, to) => from + to.saturating_sub(from).mul_f64(uniform.clamp(0.0, 1.0)),
            ThinkTime::LogNormal { median, sigma } => {
                let seconds = median.as_secs_f64() * (sigma * normal).exp();
                Duration::from_secs_f64(seconds.clamp(0.0, Self::LONGEST.as_secs_f64()))
            }
        }
    }
}

/// What an answer must be; a step without any expectation takes every whole answer below 400.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// Statuses, from and to; empty where none is named.
    pub status: Vec<(u16, u16)>,
    /// Headers that must be there, and what each must contain, whatever its case.
    pub headers: Vec<(String, String)>,
    /// Texts that the body must contain.
    pub body_contains: Vec<Template>,
    /// Expressions that the body must match somewhere.
    pub body_matches: Vec<regex::Regex>,
    /// Values that must stand at places of a JSON body.
    pub json: Vec<(JsonPath, serde_json::Value)>,
    /// From sending the request to the end of the answer.
    pub max_latency: Option<Duration>,
}

impl Expect {
    /// Whether nothing is expected.
    pub fn is_empty(&self) -> bool {
        self.status.is_empty()
            && self.headers.is_empty()
            && self.body_contains.is_empty()
            && self.body_matches.is_empty()
            && self.json.is_empty()
            && self.max_latency.is_none()
    }

    /// Whether `status` is among those that were named.
    pub fn names(&self, status: u16) -> bool {
        self.status
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&status))
    }

    /// Whether a redirect itself is what is expected: it is then not followed.
    pub fn is_of_a_redirect(&self) -> bool {
        (300..400).any(|status| self.names(status))
    }
}

/// Something that is taken from an answer.
#[derive(Debug, Clone)]
pub struct Capture {
    /// How later steps call it.
    pub name: String,
    /// Where it is kept.
    pub slot: usize,
    /// Where it stands.
    pub from: Source,
}

/// Where a captured value stands.
#[derive(Debug, Clone)]
pub enum Source {
    /// In the body, at a place of its JSON.
    Json(JsonPath),
    /// In the body: the first group of the expression, or all of it where it has none.
    Regex(regex::Regex),
    /// In the body: an attribute of the first element, or its text.
    Css(Selector, Option<String>),
    /// In a header.
    Header(String),
    /// In a cookie, whichever answer set it.
    Cookie(String),
}

impl Source {
    /// Whether the body has to be looked at.
    pub const fn is_in_body(&self) -> bool {
        matches!(self, Source::Json(_) | Source::Regex(_) | Source::Css(..))
    }
}
