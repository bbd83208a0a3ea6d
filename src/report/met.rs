//! What a campaign that was played met, in sentences: for a terminal, a page and a pull request.

use super::plan::length;
use super::summary::Summary;
use crate::analysis::CampaignOutcome;
use crate::words::{Language, PlayedText, printable};

/// The sentences about the campaign of `summary`; none where none was played.
pub fn campaign_sentences(summary: &Summary, language: Language) -> Vec<String> {
    summary
        .campaign
        .as_ref()
        .map_or_else(Vec::new, |campaign| sentences(campaign, language))
}

fn sentences(campaign: &CampaignOutcome, language: Language) -> Vec<String> {
    let at = |seconds: f64| length(seconds, language);
    let count = |count: u64| language.count(count);
    let name = printable(&campaign.name);
    let part = [
        ("name", name.as_str()),
        ("from", &at(campaign.begins_at_seconds)),
        ("until", &at(campaign.ends_at_seconds)),
        ("peak", &at(campaign.peak_at_seconds)),
    ];
    let mut said = vec![PlayedText::Played.fill(language, &part)];
    let scans = campaign.scanner_requests;
    let brought = if scans > 0 {
        PlayedText::BroughtScans
    } else {
        PlayedText::Brought
    };
    let brought_places = [
        ("visits", count(campaign.visits)),
        ("scans", count(scans)),
        ("failed", count(campaign.scanner_requests_failed)),
    ];
    said.push(
        brought.fill(
            language,
            &brought_places
                .each_ref()
                .map(|(place, text)| (*place, text.as_str())),
        ),
    );
    match (campaign.first_502_at_seconds, campaign.first_failure_at_seconds) {
        (Some(first), _) => said.push(PlayedText::First502.fill(language, &[("at", &at(first))])),
        (None, Some(first)) => said.push(PlayedText::FirstFailure.fill(language, &[("at", &at(first))])),
        (None, None) => {
            said.push(PlayedText::NoFailure.text(language).to_owned());
            return said;
        }
    }
    if let Some(until) = campaign.failed_until_seconds {
        let seconds = at(f64::from(campaign.failing_seconds));
        said.push(PlayedText::FailedFor.fill(language, &[("seconds", &seconds), ("until", &at(until))]));
        let back = match campaign.recovered {
            Some(true) => PlayedText::Recovered,
            Some(false) => PlayedText::NotRecovered,
            None => PlayedText::NotKnownRecovered,
        };
        said.push(back.text(language).to_owned());
    }
    let (hit, lost) = (count(campaign.visits_hit), count(campaign.visits_lost));
    said.push(PlayedText::Hit.fill(language, &[("hit", &hit), ("lost", &lost)]));
    said.extend(cost(campaign, language));
    said.push(match campaign.reloads {
        0 => PlayedText::NoReloads.text(language).to_owned(),
        reloads => PlayedText::Reloads.fill(language, &[("count", &count(reloads))]),
    });
    said
}

/// What the lost visits would have ordered, where the scenario says what an order is worth.
fn cost(campaign: &CampaignOutcome, language: Language) -> Option<String> {
    let (revenue, rate, value) = (
        campaign.revenue_at_risk?,
        campaign.conversion_rate?,
        campaign.order_value?,
    );
    let money = |amount: f64| {
        format!(
            "{} {}",
            language.number(amount, if amount < 100.0 { 2 } else { 0 }),
            printable(&campaign.currency)
        )
        .trim()
        .to_owned()
    };
    let places = [
        ("rate", language.percent(rate)),
        ("value", money(value)),
        ("money", money(revenue)),
    ];
    Some(PlayedText::Cost.fill(
        language,
        &places.each_ref().map(|(place, text)| (*place, text.as_str())),
    ))
}
