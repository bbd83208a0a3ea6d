//! `tipover check`: the scenario, its addresses, the guard's word, and who answers. No load.

use super::arguments::{Check, Output, Voice};
use super::exit::Exit;
use super::failure::Failure;
use super::play;
use super::session::Session;
use super::write;
use crate::record::Class;

pub(super) fn check(asked: &Check, voice: &Voice) -> Result<Exit, Failure> {
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
    };
    let looked = session.look()?;
    if voice.json {
        let object = serde_json::json!({
            "name": session.scenario.name,
            "target": session.scenario.target.url.as_str(),
            "warnings": warnings.to_json(),
            "addresses": looked.addresses,
            "seen": looked.seen,
            "broken": looked.broken.as_ref().map(|(class, why)| serde_json::json!({ "class": class, "why": why })),
        });
        write::print(format!("{object:#}\n").as_bytes())?;
    } else {
        let mut text = format!("{}: the scenario is valid\n", asked.target.scenario);
        for seen in &looked.seen {
            text.push_str(&format!("  {seen}\n"));
        }
        if let Some((class, why)) = &looked.broken {
            text.push_str(&format!("broken before any load ({class}): {why}\n"));
        }
        write::print(text.as_bytes())?;
    }
    Ok(match looked.broken {
        Some(_) => Exit::Broken,
        None => Exit::Success,
    })
}

/// What a look at the site showed.
pub(super) struct Looked {
    /// Each host with its addresses.
    pub(super) addresses: std::collections::BTreeMap<String, Vec<String>>,
    /// What was seen, a sentence each.
    pub(super) seen: Vec<String>,
    /// What is broken, where something is.
    pub(super) broken: Option<(Class, String)>,
}
