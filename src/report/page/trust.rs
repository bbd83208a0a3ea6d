//! How far to trust a report, the truth where it is known, and where it comes from.

use maud::{Markup, html};

use super::steps::assets_in_words;
use crate::analysis::failure_family;
use crate::report::around::arrivals_name;
use crate::report::machine::limit_name;
use crate::report::summary::{FindingSummary, GeneratorSummary, GeneratorVerdict};
use crate::report::view::View;
use crate::scenario::FailureSet;
use crate::words::{Label, Language, Phrase, printable};

/// Pairs of a name and what there is to say.
fn pairs(all: &[(Label, String)], language: Language) -> Markup {
    html! {
        dl.pairs { @for (name, value) in all { dt { (name.text(language)) } dd { (value) } } }
    }
}

/// Everything that could make the finding less than it seems.
pub(super) fn trust(view: &View<'_>, language: Language) -> Markup {
    let mut all = if view.record.seconds.is_empty() {
        Vec::new()
    } else {
        machine(view, language)
    };
    all.extend(method(view, language));
    html! {
        section {
            h2 { (Label::Trust.text(language)) }
            (pairs(&all, language))
        }
    }
}

fn machine(view: &View<'_>, language: Language) -> Vec<(Label, String)> {
    let generator = &view.summary.generator;
    let verdict = match generator.verdict {
        GeneratorVerdict::Ok => Label::GeneratorOk.text(language).to_owned(),
        GeneratorVerdict::Limited => limited(generator, language),
    };
    let typical = language.milliseconds(generator.p99_lateness_ms);
    let most = language.milliseconds(generator.max_lateness_ms);
    let dash = || "–".to_owned();
    let machine = Phrase::MachineValue.fill(
        language,
        &[
            ("workers", &language.count(u64::from(view.record.header.workers))),
            (
                "cpu",
                &generator
                    .cpu_share
                    .map_or_else(dash, |share| language.percent(share)),
            ),
            (
                "files",
                &generator
                    .open_files
                    .map_or_else(dash, |files| language.count(files)),
            ),
            ("limit", &language.count(generator.file_limit)),
            (
                "memory",
                &generator
                    .peak_memory_bytes
                    .map_or_else(dash, |bytes| language.mebibytes(bytes)),
            ),
        ],
    );
    vec![
        (Label::Generator, verdict),
        (
            Label::Lateness,
            Phrase::LatenessValue.fill(language, &[("typical", &typical), ("most", &most)]),
        ),
        (
            Label::Disturbed,
            language.count(u64::from(generator.disturbed_seconds)),
        ),
        (Label::Unsent, language.count(generator.unsent)),
        (Label::Machine, machine),
    ]
}

fn limited(generator: &GeneratorSummary, language: Language) -> String {
    let verdict = Label::GeneratorLimited.text(language);
    let Some(from) = generator.limited_from else {
        return verdict.to_owned();
    };
    let places = [
        ("verdict", verdict),
        ("rate", &language.quantity(from)),
        ("reason", &limit_name(generator.limited_by.as_deref(), language)),
    ];
    Phrase::LimitedValue.fill(language, &places)
}

fn method(view: &View<'_>, language: Language) -> Vec<(Label, String)> {
    let header = &view.record.header;
    let text = |label: Label| label.text(language).to_owned();
    let mut all = Vec::new();
    let sent = || view.measured().map(|trial| trial.tally.sent);
    if let (Some(low), Some(high)) = (sent().min(), sent().max()) {
        let counts = [low, high].map(|sent| language.count(sent));
        let value = match &counts {
            [low, high] if low == high => low.clone(),
            [low, high] => Phrase::RequestsValue.fill(language, &[("low", low), ("high", high)]),
        };
        all.push((Label::RequestsPerTrial, value));
    }
    let mut arrivals = arrivals_name(&header.arrivals.process, language);
    let is_closed = header.arrivals.process == "closed";
    if header.arrivals.process == "poisson" {
        arrivals = format!("{arrivals}: {}", Label::PoissonGap.text(language));
    } else if is_closed {
        arrivals = format!("{arrivals}: {}", Label::ClosedHides.text(language));
    }
    all.push((Label::Arrivals, arrivals));
    if !is_closed {
        all.push((Label::Seed, header.arrivals.seed.to_string()));
    }
    let think = match header.arrivals.think.as_str() {
        "none" => text(Label::ThinkNone),
        "real" => text(Label::ThinkReal),
        other => printable(other),
    };
    all.push((Label::Think, think));
    let family = match failure_family(header) {
        FailureSet::Gateway => text(Label::FamilyGateway),
        FailureSet::Any5xx => text(Label::FamilyAny5xx),
        FailureSet::Classes(classes) => classes
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", "),
    };
    all.push((Label::FailureFamily, family));
    all.push((Label::LimitHeading, language.percent(view.limit)));
    if let Some(finding) = &view.summary.finding {
        let is_held = finding.rate.is_some() || view.summary.verified_rate.is_some();
        if is_held {
            all.extend(claim(finding, language));
        }
        if finding.searches > 1 {
            all.push((Label::Searches, finding.searches.to_string()));
        }
        let is_converged = view.summary.converged == Some(true);
        all.push((
            Label::Converged,
            text(if is_converged {
                Label::ConvergedYes
            } else {
                Label::ConvergedNo
            }),
        ));
    }
    if let Some(http) = &header.http {
        all.push((Label::Protocol, printable(&format!("HTTP/{http}"))));
    }
    if !header.proxy.is_empty() {
        let proxies: Vec<&str> = header.proxy.keys().map(String::as_str).collect();
        all.push((Label::Proxy, printable(&proxies.join(", "))));
    }
    all.push((Label::Connections, connections(&header.connections, language)));
    if view.summary.retried > 0 {
        all.push((Label::Retried, language.count(view.summary.retried)));
    }
    if view.summary.redirects > 0 {
        all.push((Label::Redirects, language.count(view.summary.redirects)));
    }
    if let Some(assets) = &view.summary.assets {
        all.push((Label::Assets, assets_in_words(assets, language)));
    }
    all.push((Label::TrustStore, trust_store(&header.trust, language)));
    if let Some(stands_for) = &header.scenario.stands_for {
        all.push((Label::StandsFor, printable(stands_for)));
    }
    all
}

/// With what confidence and for how long a finding holds.
fn claim(finding: &FindingSummary, language: Language) -> [(Label, String); 2] {
    let seconds = language.seconds(f64::from(finding.horizon_seconds));
    [
        (Label::Confidence, language.percent(finding.confidence)),
        (
            Label::HorizonHeading,
            Phrase::HorizonValue.fill(language, &[("seconds", &seconds)]),
        ),
    ]
}

fn connections(policy: &str, language: Language) -> String {
    let label = match policy {
        "per_visitor" => Label::ConnectionsVisitor,
        "pooled" => Label::ConnectionsPooled,
        "per_request" => Label::ConnectionsRequest,
        other => return printable(other),
    };
    label.text(language).to_owned()
}

fn trust_store(trust: &str, language: Language) -> String {
    let label = match trust {
        "system" => Label::TrustSystem,
        "bundled" => Label::TrustBundled,
        "file" => Label::TrustFile,
        "none (insecure)" => Label::TrustInsecure,
        "not used" => Label::TrustUnused,
        other => return printable(other),
    };
    label.text(language).to_owned()
}

/// What the demo site really carries, and why that is less than its workers could serve.
pub(super) fn truth(view: &View<'_>, language: Language) -> Markup {
    let Some(truth) = view.summary.truth else {
        return html! {};
    };
    let capacity = language.quantity(truth.capacity);
    let rate = language.quantity(truth.rate);
    let found = view.summary.finding.as_ref().and_then(|finding| finding.rate);
    let sentence = match found.filter(|_| truth.rate > 0.0) {
        Some(found) => {
            let error = language.percent((found.mid - truth.rate).abs() / truth.rate);
            let places = [
                ("capacity", capacity.as_str()),
                ("rate", &rate),
                ("error", &error),
            ];
            Phrase::TruthValues.fill(language, &places)
        }
        None => Phrase::TruthWithout.fill(language, &[("capacity", &capacity), ("rate", &rate)]),
    };
    let is_early = view.summary.arrivals.process == "poisson" && truth.rate < 0.995 * truth.capacity;
    html! {
        section {
            h2 { (Label::TruthHeading.text(language)) }
            p { (sentence) }
            @if is_early { p { (Phrase::TruthPoisson.text(language)) } }
        }
    }
}

/// What was typed, with the name of the tool in front.
fn typed(arguments: &[String]) -> String {
    let is_tool = |first: &String| first.rsplit('/').next() == Some("tipover");
    let rest = arguments.strip_prefix(&arguments[..usize::from(arguments.first().is_some_and(is_tool))]);
    printable(format!("tipover {}", rest.unwrap_or(arguments).join(" ")).trim_end())
}

/// Where the report comes from.
pub(super) fn about(view: &View<'_>, language: Language) -> Markup {
    let header = &view.record.header;
    let authorized = header.authorized_by.as_deref().map(printable);
    let addresses = header
        .pinned
        .iter()
        .map(|(host, addresses)| format!("{host} → {}", addresses.join(", ")));
    let addresses = printable(&addresses.collect::<Vec<_>>().join(" · "));
    let mut all = vec![
        (Label::Site, printable(&header.scenario.target)),
        (Label::RunId, printable(&header.run_id)),
        (Label::Started, printable(&header.started_at)),
        (Label::Command, typed(&header.arguments)),
        (Label::Version, printable(&header.tool_version)),
        (Label::ScenarioHash, printable(&header.scenario.hash)),
        (
            Label::Authorized,
            authorized.unwrap_or_else(|| Label::NotNeeded.text(language).to_owned()),
        ),
    ];
    if !addresses.is_empty() {
        all.insert(1, (Label::Addresses, addresses));
    }
    let lines = header
        .effective
        .lines()
        .map(printable)
        .collect::<Vec<_>>()
        .join("\n");
    html! {
        section {
            h2 { (Label::About.text(language)) }
            (pairs(&all, language))
            details {
                summary { (Label::Effective.text(language)) }
                pre { (lines) }
            }
        }
    }
}
