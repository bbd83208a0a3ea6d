//! `tipover check`: the scenario, its addresses, the guard's word, and who answers. No load. Or the machine itself.

mod machine;

use super::arguments::{Check, Output, Voice};
use super::exit::Exit;
use super::failure::{Failure, say};
use super::play;
use super::plays::Plays;
use super::session::Session;
use super::write;
use crate::preflight::Note;
use crate::record::Class;

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
    let looked = session.look()?;
    if voice.json {
        let object = serde_json::json!({
            "name": session.scenario.name,
            "target": session.scenario.target.url.as_str(),
            "warnings": warnings.to_json(),
            "addresses": looked.addresses,
            "seen": looked.seen.iter().map(|note| &note.text).collect::<Vec<_>>(),
            "broken": looked.broken.as_ref().map(|(class, why)| serde_json::json!({ "class": class, "why": why })),
        });
        write::print(format!("{object:#}\n").as_bytes())?;
    } else {
        let mut text = format!("{}: the scenario is valid\n", asked.target.scenario);
        for seen in &looked.seen {
            text.push_str(&format!("{}\n", seen_in_words(seen)));
        }
        if let Some((class, why)) = &looked.broken {
            text.push_str(&format!("broken before any load ({class}): {why}\n"));
        }
        write::print(text.as_bytes())?;
        if let Some(hint) = &looked.hint {
            say(format!("hint: {hint}"));
        }
    }
    Ok(match looked.broken {
        Some(_) => Exit::Broken,
        None => Exit::Success,
    })
}

/// One thing that was looked at, as a line.
pub(super) fn seen_in_words(note: &Note) -> String {
    format!("  {} {}", if note.ok { "ok " } else { "bad" }, note.text)
}

/// What a look at the site showed.
pub(super) struct Looked {
    /// Each host with its addresses.
    pub(super) addresses: std::collections::BTreeMap<String, Vec<String>>,
    /// What was seen.
    pub(super) seen: Vec<Note>,
    /// What is broken, where something is.
    pub(super) broken: Option<(Class, String)>,
    /// What mends it, where that is known.
    pub(super) hint: Option<String>,
}
