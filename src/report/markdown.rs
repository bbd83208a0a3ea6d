//! `summary.md`: the report for a pull request or a chat, at most 64 KiB.

use std::fmt::Write as _;

use super::advice::advice;
use super::met::campaign_sentences;
use super::page::{assets_in_words, latency_trial, phase_name, threshold_name, verdict_name};
use super::plan::headline as headline_of_campaign;
use super::sentences::{decision, headline, title};
use super::summary::Status;
use super::view::View;
use crate::words::{Label, Language, Phrase, PlayedText, printable};

/// Rows of the table of trials that are shown; the rest is in `trials.csv`.
const ROWS: usize = 60;

/// Foreign text that cannot format, link or break a table.
pub(super) fn plain(text: &str) -> String {
    let mut safe = String::new();
    for c in printable(text).chars().take(200) {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '|' | '#' | '!' | '~' | '@' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe
}

/// The text of `summary.md`.
pub(super) fn summary_md(view: &View<'_>, language: Language) -> String {
    let mut out = String::new();
    // Writing to a string never fails, so its results are dropped here and below.
    let _ = write_all(&mut out, view, language);
    out
}

fn write_all(out: &mut String, view: &View<'_>, language: Language) -> std::fmt::Result {
    let summary = &view.summary;
    writeln!(out, "# {}\n", plain(&summary.scenario.name))?;
    writeln!(
        out,
        "**{}**\n\n{}\n",
        headline(summary, language),
        decision(summary, language)
    )?;
    let mark = match summary.status {
        Status::Complete => None,
        Status::Interrupted => Some(Label::Interrupted),
        Status::Partial => Some(Label::Partial),
        Status::Capped => Some(Label::Capped),
    };
    if let Some(mark) = mark {
        let why = summary
            .stopped_by
            .as_deref()
            .map(|why| format!(" ({})", plain(why)))
            .unwrap_or_default();
        writeln!(out, "> {}{why}\n", mark.text(language))?;
    }
    if view.has_answers() {
        writeln!(out, "![{}](charts/c1.png)\n", title(summary, language))?;
        numbers(out, view, language)?;
    }
    campaign(out, view, language)?;
    campaigns(out, view, language)?;
    thresholds(out, view, language)?;
    writeln!(out, "## {}\n", Label::Next.text(language))?;
    for piece in advice(summary) {
        writeln!(out, "- {}", piece.text(language))?;
    }
    if view.has_answers() {
        let heading = Label::LatencyHeading.text(language);
        writeln!(out, "\n## {heading}\n\n![{heading}](charts/c2.png)\n")?;
        trials(out, view, language)?;
        steps(out, view, language)?;
    }
    writeln!(
        out,
        "\n{} {} · tipover {} · {}",
        Label::RunId.text(language),
        plain(&summary.run_id),
        plain(&summary.tool_version),
        plain(&summary.started_at)
    )
}

fn numbers(out: &mut String, view: &View<'_>, language: Language) -> std::fmt::Result {
    let summary = &view.summary;
    let unit = Label::PagesPerSecond.text(language);
    let with_unit = |rate: f64| format!("{} {unit}", language.quantity(rate));
    writeln!(out, "| | |\n|---|---|")?;
    let finding = summary.finding.as_ref();
    if let Some(rate) = finding.and_then(|finding| finding.rate) {
        let [low, high] = [rate.low, rate.high].map(|value| language.quantity(value));
        if finding.is_some_and(|finding| finding.asked.is_some()) {
            let between = Phrase::Between.fill(language, &[("low", &low), ("high", &high)]);
            writeln!(
                out,
                "| {} | {between} {unit} |",
                Label::TipsBetween.text(language)
            )?;
        } else {
            let interval = Phrase::IntervalOf.fill(language, &[("low", &low), ("high", &high)]);
            writeln!(
                out,
                "| {} | {}, {interval} |",
                Label::TippingPoint.text(language),
                with_unit(rate.mid)
            )?;
        }
    }
    if let Some(rate) = summary.verified_rate {
        writeln!(
            out,
            "| {} | {} |",
            Label::VerifiedLoad.text(language),
            with_unit(rate)
        )?;
    }
    let none = || Label::NoneSeen.text(language).to_owned();
    let first = summary.first_502.map_or_else(none, |seen| with_unit(seen.rate));
    writeln!(out, "| {} | {first} |", Label::First502.text(language))?;
    if let Some(quantiles) = latency_trial(view).and_then(|trial| trial.latency_ms.from_due) {
        let label = if summary.verified_rate.is_some() {
            Label::P95At
        } else {
            Label::P95Overall
        };
        writeln!(
            out,
            "| {} | {} |",
            label.text(language),
            language.milliseconds(quantiles.p95)
        )?;
    }
    writeln!(out)
}

fn campaign(out: &mut String, view: &View<'_>, language: Language) -> std::fmt::Result {
    let said = campaign_sentences(&view.summary, language);
    if said.is_empty() {
        return Ok(());
    }
    writeln!(out, "## {}\n", PlayedText::Heading.text(language))?;
    for sentence in &said {
        writeln!(out, "- {}", plain(sentence))?;
    }
    writeln!(out)
}

/// Each campaign with its verdict and what decides it.
fn campaigns(out: &mut String, view: &View<'_>, language: Language) -> std::fmt::Result {
    let Some(campaigns) = &view.campaigns else {
        return Ok(());
    };
    writeln!(out, "## {}\n", Label::CampaignsHeading.text(language))?;
    for answer in campaigns.answers().iter().take(ROWS) {
        writeln!(out, "**{}**\n", plain(&headline_of_campaign(answer, language)))?;
        for sentence in campaigns.sentences(answer, language) {
            writeln!(out, "- {sentence}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn thresholds(out: &mut String, view: &View<'_>, language: Language) -> std::fmt::Result {
    if view.summary.thresholds.is_empty() {
        return Ok(());
    }
    let text = |label: Label| label.text(language);
    writeln!(out, "## {}\n", text(Label::Thresholds))?;
    writeln!(
        out,
        "| {} | {} | {} |\n|---|---|---|",
        text(Label::ColumnThreshold),
        text(Label::ColumnVerdict),
        text(Label::ColumnWhy)
    )?;
    for judged in view.judged.iter().take(ROWS) {
        let (name, _) = threshold_name(judged.verdict);
        writeln!(
            out,
            "| {} | {} | {} |",
            plain(&judged.text),
            text(name),
            plain(&judged.reason.in_words(language))
        )?;
    }
    writeln!(out)
}

/// The steps where there are several, and what was fetched with the pages.
fn steps(out: &mut String, view: &View<'_>, language: Language) -> std::fmt::Result {
    let text = |label: Label| label.text(language);
    let summary = &view.summary;
    if summary.steps.len() > 1 {
        writeln!(
            out,
            "\n## {}\n\n| {} | {} | {} | p50 | p95 | p99 |\n|---|--:|--:|--:|--:|--:|",
            text(Label::Steps),
            text(Label::ColumnStep),
            text(Label::ColumnRequests),
            text(Label::ColumnFailures),
        )?;
        for step in summary.steps.iter().take(ROWS) {
            let latency = step.latency_ms;
            let [p50, p95, p99] = latency
                .map_or([None; 3], |of| [of.p50, of.p95, of.p99].map(Some))
                .map(|value| value.map_or_else(|| "–".to_owned(), |value| language.milliseconds(value)));
            writeln!(
                out,
                "| {} | {} | {} | {p50} | {p95} | {p99} |",
                plain(&step.name),
                language.count(step.requests),
                language.count(step.failures),
            )?;
        }
    }
    if let Some(assets) = &summary.assets {
        writeln!(
            out,
            "\n{}: {}",
            text(Label::Assets),
            assets_in_words(assets, language)
        )?;
    }
    if summary.redirects > 0 {
        writeln!(
            out,
            "\n{}: {}",
            text(Label::Redirects),
            language.count(summary.redirects)
        )?;
    }
    Ok(())
}

fn trials(out: &mut String, view: &View<'_>, language: Language) -> std::fmt::Result {
    let text = |label: Label| label.text(language);
    let is_search = view.record.header.search.is_some();
    writeln!(
        out,
        "## {}\n",
        text(if is_search { Label::Trials } else { Label::Loads })
    )?;
    writeln!(
        out,
        "| {} | {} | {} | {} | p95 | {} |\n|---|--:|--:|--:|--:|---|",
        text(Label::ColumnPhase),
        text(Label::ColumnLoad),
        text(Label::ColumnSent),
        text(Label::ColumnFailed),
        text(Label::ColumnVerdict)
    )?;
    for trial in view.trials.iter().take(ROWS) {
        let p95 = trial.tally.successes.from_due.at_quantile(0.95);
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            trial
                .phase
                .as_deref()
                .map(|phase| plain(&phase_name(phase, language)))
                .unwrap_or_default(),
            language.quantity(trial.rate),
            language.count(trial.tally.sent),
            trial
                .failed_share
                .map_or_else(|| "–".to_owned(), |share| language.percent(share.mid)),
            p95.map_or_else(
                || "–".to_owned(),
                |micros| language.milliseconds(micros as f64 / 1e3)
            ),
            trial
                .verdict
                .as_deref()
                .map(|verdict| plain(&verdict_name(verdict, language)))
                .unwrap_or_default(),
        )?;
    }
    if view.trials.len() > ROWS {
        writeln!(out, "| … | | | | | |")?;
    }
    Ok(())
}
