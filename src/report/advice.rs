//! Which advice fits which finding.

use super::sentences::{grows_with_load, is_unfinished};
use super::summary::{FindingSummary, Summary};
use crate::record::Class;
use crate::search::{Kind, Limit};
use crate::words::Advice;

/// What to do next, most important first.
pub(super) fn advice(summary: &Summary) -> Vec<Advice> {
    let Some(finding) = &summary.finding else {
        let mut all = vec![Advice::SearchForIt];
        if summary.thresholds.is_empty() {
            all.push(Advice::AddThresholds);
        }
        return all;
    };
    if finding.asked.is_some() && summary.converged == Some(true) {
        return of_a_proof(summary, finding);
    }
    match finding.kind {
        Kind::Tipped if finding.limit == Some(Limit::Policy) => {
            vec![Advice::AskWhoLimits, Advice::NoSendSize]
        }
        Kind::Tipped => tipped(summary, finding),
        Kind::NotReached if is_unfinished(summary) => vec![Advice::MoreBudget],
        Kind::NotReached => vec![Advice::OfferMore, Advice::HoldLonger],
        Kind::AlreadyFailing if summary.trials.is_empty() => vec![Advice::RepairFirst, Advice::MeasureAgain],
        Kind::AlreadyFailing if grows_with_load(summary) => vec![Advice::StartLower, Advice::MeasureAgain],
        Kind::AlreadyFailing => vec![Advice::RepairFirst, Advice::CheckBackends, Advice::MeasureAgain],
        Kind::Blocked => vec![Advice::AllowUs, Advice::AskWhoLimits, Advice::MeasureAgain],
        Kind::Unsteady => vec![Advice::KeepStill, Advice::MeasureAgain],
        Kind::OurLimit => vec![Advice::LargerMachine, Advice::MeasureAgain],
    }
}

/// A proof that came to its end: the same, but for what it left open.
fn of_a_proof(summary: &Summary, finding: &FindingSummary) -> Vec<Advice> {
    let mut all = match finding.kind {
        Kind::NotReached => Vec::new(),
        _ => {
            let usual = FindingSummary {
                asked: None,
                ..finding.clone()
            };
            advice(&Summary {
                finding: Some(usual),
                ..summary.clone()
            })
        }
    };
    match finding.kind {
        Kind::NotReached => all.extend([Advice::SearchOnward, Advice::HoldLonger]),
        Kind::Tipped => all.push(Advice::SearchOnward),
        _ => {}
    }
    all
}

fn tipped(summary: &Summary, finding: &FindingSummary) -> Vec<Advice> {
    let mut all = vec![match summary.verified_rate {
        Some(_) => Advice::Throttle,
        None => Advice::ThrottleFar,
    }];
    if summary.first_502.is_some() {
        all.push(Advice::ReadGatewayLog);
    }
    match finding
        .class
        .as_deref()
        .and_then(|class| class.parse::<Class>().ok())
    {
        Some(Class::Status(502)) => all.push(Advice::MoreWorkers),
        Some(Class::Status(504) | Class::AnswerTimeout) => all.push(Advice::Timeouts),
        Some(Class::Status(503)) => all.push(Advice::Unavailable),
        Some(class) if class.is_transport() => all.push(Advice::RefusedConnections),
        _ => {}
    }
    if summary.converged == Some(false) {
        all.push(Advice::MoreBudget);
    }
    all.push(Advice::HoldLonger);
    all
}
