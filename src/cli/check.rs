//! `tipover check`: the scenario, its addresses, the guard's word, and who answers. No load. Or the machine itself.

mod machine;
mod site;

use serde_json::json;

use super::arguments::{Check, Output, Voice};
use super::exit::Exit;
use super::failure::{Failure, say};
use super::play;
use super::plays::Plays;
use super::session::Session;
use super::write;
use crate::drive::Rehearsal;
use crate::preflight::{Area, Finding, Note, Weight};
use site::Looked;

pub(super) fn check(asked: &Check, voice: &Voice) -> Result<Exit, Failure> {
    if asked.machine {
        return machine::machine(voice);
    }
    let loaded = play::load(&asked.target, &play::overrides(&asked.target, None), voice)?;
    let output = Output::default();
    let warnings = loaded.warnings;
    let session = Session {
        command: "check",
        scenario: loaded.scenario,
        consent: asked.consent.clone(),
        output: &output,
        voice,
        truth: None,
        plays: Plays::Load,
    };
    let looked = site::look(&session, asked)?;
    if voice.json {
        let examined = looked.examined.as_ref();
        let object = json!({
            "name": session.scenario.name,
            "target": session.scenario.target.url.as_str(),
            "warnings": warnings.to_json(),
            "addresses": looked.addresses,
            "seen": looked.seen.iter().map(|note| &note.text).collect::<Vec<_>>(),
            "broken": looked.broken.as_ref().map(|(class, why)| json!({ "class": class, "why": why })),
            "findings": looked.findings,
            "names": examined.map(|examined| &examined.names),
            "places": examined.map(|examined| &examined.places),
            "origin": examined.and_then(|examined| examined.origin.as_ref()),
            "visits": looked.visits.iter().map(visit).collect::<Vec<_>>(),
        });
        write::print(format!("{object:#}\n").as_bytes())?;
    } else {
        write::print(in_words(&asked.target.scenario, &looked).as_bytes())?;
        if let Some(hint) = &looked.hint {
            say(format!("hint: {hint}"));
        }
    }
    Ok(if looked.broken.is_some() || looked.worst() == Weight::Error {
        Exit::Broken
    } else {
        Exit::Success
    })
}

fn visit(visit: &Rehearsal) -> serde_json::Value {
    let requests = visit.requests.iter().map(|request| {
        json!({
            "step": request.step,
            "what": request.what,
            "class": request.class,
            "milliseconds": request.took.as_secs_f64() * 1e3,
        })
    });
    let failures = visit
        .failures
        .iter()
        .map(|(step, why)| json!({ "step": step, "why": why }));
    json!({
        "journey": visit.journey,
        "requests": requests.collect::<Vec<_>>(),
        "failures": failures.collect::<Vec<_>>(),
    })
}

fn in_words(scenario: &str, looked: &Looked) -> String {
    let mut text = format!("{scenario}: the scenario is valid\n");
    if looked.examined.is_none() {
        for seen in &looked.seen {
            text.push_str(&format!("{}\n", seen_in_words(seen)));
        }
    }
    for finding in &looked.findings {
        text.push_str(&found_in_words(finding));
    }
    if let Some((class, why)) = &looked.broken {
        text.push_str(&format!("broken before any load ({class}): {why}\n"));
    }
    let count = |level: Weight| {
        looked
            .findings
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    };
    let (errors, warnings) = (count(Weight::Error), count(Weight::Warning));
    if errors + warnings > 0 {
        let plural = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        text.push_str(&format!(
            "{}, {}\n",
            plural(errors, "error"),
            plural(warnings, "warning")
        ));
    }
    text
}

/// One finding as a line, and a second one for what mends it.
fn found_in_words(finding: &Finding) -> String {
    let level = match finding.level {
        Weight::Ok => "ok",
        Weight::Warning => "warn",
        Weight::Error => "error",
    };
    let place = match finding.address {
        Some(address) if finding.area != Area::Tcp => format!("{address}: "),
        _ => String::new(),
    };
    let mut text = format!("  {level:<6}{:<7}{place}{}\n", finding.area.title(), finding.text);
    if let Some(remedy) = &finding.remedy {
        text.push_str(&format!("  {:<13}→ {remedy}\n", ""));
    }
    text
}

/// One thing that was looked at, as a line.
pub(super) fn seen_in_words(note: &Note) -> String {
    format!("  {} {}", if note.ok { "ok " } else { "bad" }, note.text)
}
