//! A located tree to a [`Scenario`]: names, units, values, and what they mean together. Every problem is collected,
//! none stops the checks. It reads the environment and the files that a scenario names, and nothing else.

mod authorization;
mod campaign;
mod enough;
mod fields;
mod headers;
mod journey;
mod limits;
mod load;
mod replay;
mod search;
mod secrets;
mod sources;
mod target;
mod thresholds;
mod watched;

use super::document::{Node, to_yaml};
use super::journey::Journeys;
use super::problem::Remark;
use super::types::{Scenario, Secret};
use super::written::{WrittenScenario, WrittenThreshold};
use crate::units::{LoadUnit, Rate, WrittenRate};
pub use enough::seconds_to_decide;
pub(super) use fields::Check;
use fields::Keys;

/// What a scenario may say, and what a later version lets it say.
const SCENARIO: Keys = Keys {
    known: &[
        "version",
        "name",
        "target",
        "authorization",
        "secrets",
        "journey",
        "journeys",
        "side_effects",
        "baseline",
        "campaigns",
        "load",
        "search",
        "thresholds",
        "stop",
        "report",
        "source_addresses",
        "logs",
        "status",
    ],
    later: &["data", "cache", "calibration", "retries"],
};

const REPORT: Keys = Keys {
    known: &["languages"],
    later: &["formats", "title", "logo"],
};

impl Check<'_> {
    /// The scenario that `root` describes; nothing where an error was found.
    pub(super) fn scenario(&mut self, root: &Node, default_name: &str) -> Option<Scenario> {
        let fields = self.fields(root, "a scenario", &SCENARIO)?;
        let version = fields.require(self, "version", "add `version: 1` as the first line");
        self.version(version);
        let declared = self.secrets(fields.get("secrets"));
        let name = match fields.get("name") {
            Some(node) => self.name(node),
            None => Some(default_name.to_owned()),
        };
        let target = fields
            .require(
                self,
                "target",
                "add the site, as in `target: https://staging.shop.example`",
            )
            .and_then(|node| self.target(node));
        let journeys = self.journeys(&fields, target.as_ref().map(|(target, _)| target));
        let (journeys, written_journeys) = journeys.unzip();
        self.side_effects(
            &fields,
            journeys.as_ref(),
            target.as_ref().map(|(target, _)| target),
        );
        // Without a journey a bare rate is not wrong yet.
        let pages = journeys.as_ref().map_or(1.0, Journeys::pages_per_visit);
        let baseline = self.baseline(fields.get("baseline"), pages);
        let (campaigns, written_campaigns) = self.campaigns(fields.get("campaigns"));
        let load = self.load(fields.get("load"), pages, &campaigns);
        let mut search = self.search(fields.get("search"), pages, !campaigns.is_empty());
        let mut stop = self.stop(fields.get("stop"), target.as_ref().map(|(target, _)| target));
        let sources = self.source_addresses(fields.get("source_addresses"));
        let (logs, written_logs) = self.followed_logs(fields.get("logs"));
        let (status, written_status) = self.status_pages(fields.get("status"));
        let authorization = self.authorization(fields.get("authorization"));
        let thresholds = self.thresholds(fields.get("thresholds"), load.as_ref(), search.as_ref(), pages);
        self.thresholds_of_campaigns(&thresholds.named, &campaigns);
        if let Some(search) = &mut search {
            self.enough(
                fields.get("search"),
                search,
                &thresholds.texts,
                pages,
                !campaigns.is_empty(),
            );
        }
        if let Some((rules, _)) = &mut stop {
            rules.thresholds.clone_from(&thresholds.aborts);
        }
        let languages = self.languages(fields.get("report"));
        self.warn_of_unused_secrets();
        let (target, written_target) = target?;
        let journeys = journeys?;
        let (written_journey, written_journeys) = written_journeys?.split();
        let (load, search, (stop, written_stop)) = (load?, search?, stop?);
        let written = WrittenScenario {
            version: 1,
            name: name.clone(),
            target: written_target,
            authorization: authorization.as_ref().map(Into::into),
            secrets: declared,
            journey: written_journey,
            journeys: written_journeys,
            side_effects: fields.get("side_effects").map(|_| "allowed".to_owned()),
            baseline: (baseline > Rate::ZERO).then(|| {
                let unit = LoadUnit::Pages;
                WrittenRate { rate: baseline, unit }.to_string()
            }),
            campaigns: (!written_campaigns.is_empty()).then_some(written_campaigns),
            load: Some((&load).into()),
            search: Some((&search).into()),
            thresholds: (!thresholds.texts.is_empty())
                .then(|| WrittenThreshold::all(&thresholds.texts, &thresholds.aborts)),
            stop: written_stop,
            source_addresses: (!sources.is_empty())
                .then(|| sources.ranges().iter().map(ToString::to_string).collect()),
            logs: (!written_logs.is_empty()).then_some(written_logs),
            status: (!written_status.is_empty()).then_some(written_status),
            report: Some(super::written::WrittenReport {
                languages: Some(languages.clone()),
            }),
        };
        if self.has_errors() {
            return None;
        }
        Some(Scenario {
            name: name?,
            target,
            baseline,
            campaigns,
            journeys,
            load,
            search,
            stop,
            authorization,
            side_effects: fields.get("side_effects").is_some(),
            thresholds: thresholds.texts,
            languages,
            source_addresses: sources,
            logs,
            status,
            effective: Secret::conceal(&to_yaml(&written), &self.kept),
            secrets: std::mem::take(&mut self.kept),
        })
    }

    fn version(&mut self, node: Option<&Node>) {
        let Some(node) = node else { return };
        let Some(text) = self.text(node, "`version`") else {
            return;
        };
        if text != "1" {
            self.remarks.push(
                Remark::error(
                    node.place,
                    format!("version `{text}` is not known to this tipover"),
                )
                .hint("write `version: 1`"),
            );
        }
    }

    pub(super) fn name(&mut self, node: &Node) -> Option<String> {
        let name = self.text(node, "`name`")?;
        if name.trim().is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
            self.remarks.push(Remark::error(
                node.place,
                "a name is one line of 1 to 120 characters",
            ));
            return None;
        }
        Some(name)
    }

    fn languages(&mut self, node: Option<&Node>) -> Vec<String> {
        let english = || vec!["en".to_owned()];
        let Some(node) = node else { return english() };
        let Some(fields) = self.fields(node, "`report`", &REPORT) else {
            return english();
        };
        let Some(list) = fields.get("languages") else {
            return english();
        };
        let mut languages: Vec<String> = Vec::new();
        for item in self.list(list, "`languages`", "as in `languages: [de, en]`") {
            if let Some(language) = self.choice(item, "a language", &[("en", "en"), ("de", "de")])
                && !languages.iter().any(|known| known == language)
            {
                languages.push(language.to_owned());
            }
        }
        if languages.is_empty() {
            english()
        } else {
            languages
        }
    }
}
