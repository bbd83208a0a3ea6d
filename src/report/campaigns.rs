//! What the finding of a run means for the campaigns of its scenario: who comes, how often that fits into the tipping
//! point, and whether it may go out. Every promise is made from the low end of the interval.

use super::plan::{PlanView, conditions, findings, headline, peak, rounded_down, verdict_word};
use super::summary::{CampaignSummary, HeadroomSummary};
use crate::analysis::CampaignLoad;
use crate::campaign::{Answer, Forecast, Measured, Unusable, failed_at_first, measured_by};
use crate::record::RunRecord;
use crate::scenario::StandsFor;
use crate::search::Finding;
use crate::words::{Language, PlanText};

/// The lowest load that failed in a trial of `record` and was carried in a later one, in pages per second.
pub fn failed_trial(record: &RunRecord) -> Option<f64> {
    let trials = record.trials.iter().filter(|trial| trial.phase != "recover");
    failed_at_first(trials.map(|trial| (trial.rate, trial.verdict.as_str())))
}

/// The campaigns of a run, held against what it found.
#[derive(Debug, Clone)]
pub(super) struct Campaigns {
    /// The name of the scenario.
    name: String,
    forecast: Forecast,
    answers: Vec<Answer>,
    measured: Result<Measured, Unusable>,
}

impl Campaigns {
    /// The campaigns of `record`, of whose answers the origin gave `answered_share`; nothing where it has none.
    pub(super) fn of(
        record: &RunRecord,
        finding: Option<&Finding>,
        answered_share: Option<f64>,
    ) -> Option<Self> {
        let header = &record.header;
        let forecast: Forecast = serde_json::from_value(header.forecast.clone()?).ok()?;
        let stands_for = match header.scenario.stands_for.as_deref() {
            Some("production") => Some(StandsFor::Production),
            Some("staging") => Some(StandsFor::Staging),
            Some("copy") => Some(StandsFor::Copy),
            _ => None,
        };
        let measured = measured_by(finding, answered_share, stands_for).map(|measured| Measured {
            failed_at_first: failed_trial(record),
            ..measured
        });
        let answers = forecast.answers(measured.ok(), &header.thresholds);
        (!answers.is_empty()).then(|| Self {
            name: header.scenario.name.clone(),
            forecast,
            answers,
            measured,
        })
    }

    /// The same as a plan.
    pub(super) fn plan(&self) -> PlanView<'_> {
        PlanView {
            name: &self.name,
            forecast: &self.forecast,
            answers: &self.answers,
            measured: self.measured.ok(),
        }
    }

    /// The campaign whose planned mix the search counted in, and how many pages per second one of it is.
    pub(super) fn counted_in(&self) -> Option<(&str, f64)> {
        self.forecast.counted_in()
    }

    /// Each of them.
    pub(super) fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// The one that brings most, with everything that comes at the same time.
    pub(super) fn largest(&self) -> Option<&Answer> {
        self.answers.iter().max_by(|a, b| a.total.total_cmp(&b.total))
    }

    /// Why there is no verdict, where there is none.
    pub(super) fn no_verdict(&self, language: Language) -> Option<String> {
        let unusable = self.measured.err()?;
        let why = unusable.reason().in_words(language);
        Some(PlanText::NoVerdict.fill(language, &[("why", &why)]))
    }

    /// What is said of one of them, a sentence each: what it rests on first, then its peak.
    pub(super) fn sentences(&self, answer: &Answer, language: Language) -> Vec<String> {
        let peak = peak(answer, language);
        let Some(decision) = &answer.decision else {
            return std::iter::once(peak).chain(self.no_verdict(language)).collect();
        };
        let mut said = findings(&self.plan(), answer, language);
        said.insert(conditions(decision, language).len(), peak);
        said
    }

    /// What they mean for thresholds that name them.
    pub(super) fn loads(&self) -> Vec<CampaignLoad> {
        let load = |answer: &Answer| CampaignLoad {
            name: answer.campaign.name.clone(),
            own: answer.peak.load,
            total: answer.total,
            headroom: match (&answer.decision, self.measured) {
                (Some(decision), _) => Ok((decision.headroom.low, decision.headroom.high)),
                (None, Err(unusable)) => Err(unusable.reason()),
                (None, Ok(_)) => Err(Unusable::NothingCarried.reason()),
            },
        };
        self.answers.iter().map(load).collect()
    }

    /// For `summary.json`.
    pub(super) fn summaries(&self) -> Vec<CampaignSummary> {
        self.answers.iter().map(|answer| self.summary(answer)).collect()
    }

    fn summary(&self, answer: &Answer) -> CampaignSummary {
        let decision = answer.decision.as_ref();
        let said = decision.map_or_else(Vec::new, |decision| conditions(decision, Language::English));
        let why = self
            .measured
            .err()
            .map(|unusable| unusable.reason().in_words(Language::English));
        let per_minute = decision.and_then(|decision| decision.per_minute);
        CampaignSummary {
            name: answer.campaign.name.clone(),
            kind: answer.campaign.kind,
            peak_rate: answer.total,
            own_rate: answer.peak.load,
            headroom: decision.map(|decision| HeadroomSummary {
                low: decision.headroom.low,
                mid: decision.headroom.mid,
                high: decision.headroom.high,
            }),
            wanted_headroom: decision.map(|decision| decision.safety),
            verdict: decision.map(|decision| verdict_word(decision.verdict).to_owned()),
            condition: (!said.is_empty()).then(|| said.join(" ")),
            why,
            break_even_scanner_share: decision.and_then(|decision| decision.break_even),
            largest_send: decision.map(|decision| rounded_down(decision.largest) as u64),
            shortest_send_seconds: decision.and_then(|decision| decision.shortest),
            throttle_per_minute: per_minute.map(rounded_down),
        }
    }

    /// A line for each, for a terminal: its verdict with what decides it, or why there is none.
    pub(super) fn lines(&self, language: Language) -> Vec<String> {
        let line = |answer: &Answer| {
            let load = [("load", language.quantity(answer.total))];
            let load: Vec<(&str, &str)> = load.iter().map(|(name, text)| (*name, text.as_str())).collect();
            let told = if answer.decision.is_some() {
                let mut said = findings(&self.plan(), answer, language);
                let rests = answer
                    .decision
                    .as_ref()
                    .map_or(0, |decision| conditions(decision, language).len());
                said.truncate(rests + 1);
                said.join(" ")
            } else {
                let peak = PlanText::BusiestMoment.fill(language, &load);
                let why = self.no_verdict(language).unwrap_or_default();
                format!("{peak} {why}").trim_end().to_owned()
            };
            format!("{}\n  {told}", headline(answer, language)).replace('\u{a0}', " ")
        };
        self.answers.iter().map(line).collect()
    }
}
