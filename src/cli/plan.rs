//! `tipover plan`: business numbers → curve, peak, headroom, largest send, throttle. No traffic.

use std::path::Path;

use super::arguments::{Plan, Target, Voice};
use super::exit::Exit;
use super::failure::{Failure, say};
use super::{folder, play, render, write};
use crate::analysis::{ThresholdVerdict, tipping_point};
use crate::campaign::{Answer, Forecast, Measured, TippingPoint, Unusable, headroom_verdict, measured_by};
use crate::report::{PlanView, failed_trial, plan_json, plan_text, summary, write_plan};
use crate::scenario::{Scenario, StandsFor};
use crate::units::WrittenRate;

/// `tipover plan SCENARIO`.
pub(super) fn plan(asked: &Plan, voice: &Voice) -> Result<Exit, Failure> {
    let target = Target {
        scenario: asked.scenario.clone(),
        env: asked.env.clone(),
        ..Target::default()
    };
    let overrides = play::overrides(&target, asked.lang.as_ref());
    let scenario = play::load(&target, &overrides, voice)?.scenario;
    if scenario.campaigns.is_empty() {
        return Err(
            Failure::stated(Exit::Usage, "nothing to plan: the scenario has no `campaigns`").hint(
                "add who will come, as in `campaigns: [ { newsletter: { recipients: 180k, pages: 3 } } ]`",
            ),
        );
    }
    let measured = match (&asked.tip, &asked.from) {
        (Some(typed), _) => Some(Measured {
            tipping_point: typed_tip(typed, scenario.journeys.pages_per_visit())?,
            stands_for: scenario.target.stands_for,
            failed_at_first: None,
        }),
        (None, Some(run)) => Some(of_run(run, &scenario)?),
        (None, None) => None,
    };
    if let Some(out) = &asked.out {
        folder::empty(out).map_err(|error| {
            let hint = error.hint();
            Failure::internal(&error).hint(hint)
        })?;
    }
    let forecast = Forecast::new(&scenario);
    let answers = forecast.answers(measured, &scenario.thresholds);
    let view = PlanView {
        name: &scenario.name,
        forecast: &forecast,
        answers: &answers,
        measured,
    };
    let languages = render::languages(scenario.languages.iter().map(String::as_str))?;
    let language = languages.first().copied().unwrap_or_default();
    if voice.json {
        write::print(plan_json(&view).as_bytes())?;
    } else {
        write::print(plan_text(&view, language, voice.quiet).as_bytes())?;
    }
    if let Some(out) = &asked.out {
        write_plan(&view, out, &languages).map_err(|error| {
            Failure::internal(&error).hint("name a folder that can be written with `--out DIR`")
        })?;
        if !voice.quiet {
            say(format!("wrote {}", out.join("send-plan.html").display()));
        }
    }
    Ok(judged(&scenario, &answers, voice))
}

/// The exit code by the headrooms that the scenario asks for; what else it asks for is not judged without traffic.
fn judged(scenario: &Scenario, answers: &[Answer], voice: &Voice) -> Exit {
    let mut exit = Exit::Success;
    for threshold in &scenario.thresholds {
        let Some(verdict) = headroom_verdict(threshold, answers) else {
            continue;
        };
        let word = match verdict {
            ThresholdVerdict::Pass => "passed",
            ThresholdVerdict::Fail => "failed",
            ThresholdVerdict::NotKnown => "not known",
        };
        if !voice.quiet {
            say(format!("threshold {word}: {threshold}"));
        }
        exit = match (verdict, exit) {
            (ThresholdVerdict::Fail, _) => Exit::Threshold,
            (ThresholdVerdict::NotKnown, Exit::Success) => Exit::NotKnown,
            (_, exit) => exit,
        };
    }
    exit
}

/// `36pages/s`, or an interval `30..40pages/s`.
fn typed_tip(typed: &str, pages: f64) -> Result<TippingPoint, Failure> {
    let failed = |why: String, hint: Option<String>| {
        let hint = hint.unwrap_or_else(|| {
            "write `--tip 36pages/s`, or an interval, as in `--tip 30..40pages/s`".to_owned()
        });
        Failure::new(Exit::Usage, format!("read `--tip {typed}`: {why}")).hint(hint)
    };
    let read = |text: &str| {
        let rate = text
            .parse::<WrittenRate>()
            .and_then(|rate| rate.pages_per_second(pages));
        match rate {
            Ok(rate) if rate.get() > 0.0 => Ok(rate.get()),
            Ok(_) => Err(failed(
                "a site that carries nothing needs no plan".to_owned(),
                None,
            )),
            Err(error) => Err(failed(error.message().to_owned(), error.fix().map(str::to_owned))),
        }
    };
    let Some((low, high)) = typed.split_once("..") else {
        let tip = read(typed)?;
        return Ok(TippingPoint {
            low: tip,
            mid: Some(tip),
            high: Some(tip),
        });
    };
    // The unit behind the second number counts for both.
    let digits = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_');
    let unit = high.trim().trim_start_matches(digits);
    let low = if low.trim().chars().all(digits) {
        read(&format!("{low}{unit}"))?
    } else {
        read(low)?
    };
    let high = read(high)?;
    if low > high {
        return Err(failed("the low end is above the high end".to_owned(), None));
    }
    Ok(TippingPoint {
        low,
        mid: Some(f64::midpoint(low, high)),
        high: Some(high),
    })
}

/// The tipping point of a stored run, where it says anything about the origin.
fn of_run(run: &Path, scenario: &Scenario) -> Result<Measured, Failure> {
    let record = render::open(run)?;
    let refused = |why: &str, hint: &str| {
        Failure::stated(
            Exit::NotKnown,
            format!("no send size can be derived from this run: {why}"),
        )
        .hint(hint)
    };
    let finding = tipping_point(&record);
    let stands_for = match record.header.scenario.stands_for.as_deref() {
        Some("production") => Some(StandsFor::Production),
        Some("staging") => Some(StandsFor::Staging),
        Some("copy") => Some(StandsFor::Copy),
        _ => scenario.target.stands_for,
    };
    let origin = summary(&record, finding.as_ref()).origin;
    let measured = measured_by(finding.as_ref(), origin.answered_share, stands_for);
    let measured = measured.map(|measured| Measured {
        failed_at_first: failed_trial(&record),
        ..measured
    });
    measured.map_err(|unusable| match unusable {
        Unusable::NothingSearched => refused(
            "it played a load and searched for nothing",
            "name a run of `tipover find`, or give `--tip 36pages/s`",
        ),
        Unusable::LimitOfOneAddress => refused(
            "it found a rate limit seen from one address, which may hold for each address apart",
            "measure from a second address, or with the limit lifted; a limit known to be global can be given as `--tip`",
        ),
        Unusable::CacheAnswered(_) => refused(
            "a cache at the edge gave many of the answers, not the site behind it",
            "search again with addresses that the cache misses",
        ),
        Unusable::NothingCarried => refused(
            &format!(
                "it named no load that the site carries ({})",
                finding.as_ref().map_or("", |finding| finding.why.as_str())
            ),
            "`tipover report` says more about the run; a known tipping point can be given as `--tip 36pages/s`",
        ),
    })
}
