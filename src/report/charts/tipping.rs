//! C1: which share of the requests failed at which load, where the site tips, and where the first 502 came.

use super::ChartError;
use super::frame::{Around, Axes, Plot, Room, Side, axes, band, surround};
use super::image::described;
use super::layout::Layout;
use super::loads::{load_axis, peak_lines, peak_names, tick};
use super::ours::{shade, shade_name};
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::analysis::{ShareInterval, TrialView, share_interval};
use crate::record::Class;
use crate::report::view::View;
use crate::search::Estimate;
use crate::words::{Label, Language, Phrase};

/// How failed shares are written on the axis: the highest that an axis may end with.
const ENDS: [f64; 6] = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0];
const BAD_GATEWAY: Class = Class::Status(502);

/// Draws the chart of `view`; `id` keeps its names apart from those of other charts in a page.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn tipping(
    view: &View<'_>,
    around: &Around,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<String, ChartError> {
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, around)?;
        Tipping {
            view,
            language,
            layout,
        }
        .draw(pen, space)
    })?;
    Ok(described(&svg, around, id))
}

struct Tipping<'a> {
    view: &'a View<'a>,
    language: Language,
    layout: &'a Layout,
}

impl Tipping<'_> {
    fn draw(&self, pen: &mut Pen<'_>, space: Space) -> Result<(), ChartError> {
        let axis = load_axis(self.view, self.language);
        let write = |side: Side, value: f64| match side {
            Side::Across => tick(value, axis.unit, self.language),
            Side::Up => self.language.percent(value),
        };
        let words = Axes {
            across: &axis.name,
            unit: axis.unit,
            up: Label::AxisFailed.text(self.language),
            write: &write,
            room: Room {
                lane: self.layout.text * (0.8 + 1.1 * self.layout.lane_lines),
                gutter: 0.0,
            },
        };
        let shares = (Spread::Root, (0.0, self.highest_share()));
        let plot = axes(pen, self.layout, space, &words, (axis.spread, axis.range), shares)?;
        let mut placer = Placer::new(Space {
            top: space.top,
            ..plot.space
        });
        self.zones(pen, &plot, &mut placer)?;
        shade(pen, self.layout, &plot, self.view)?;
        peak_lines(pen, self.layout, &plot, &mut placer, self.view)?;
        self.trials(pen, &plot, &mut placer)?;
        self.zone_name(pen, &plot, &mut placer)?;
        shade_name(pen, self.layout, &plot, &mut placer, (self.view, self.language))?;
        self.marks(pen, &plot, &mut placer)?;
        peak_names(pen, self.layout, &plot, &mut placer, (self.view, self.language))?;
        self.names(pen, &plot, &mut placer)?;
        self.limit_name(pen, &plot, &mut placer)
    }

    fn shown(&self) -> impl Iterator<Item = (&TrialView, ShareInterval)> {
        self.view
            .measured()
            .filter_map(|trial| Some((trial, trial.failed_share?)))
    }

    /// Where the axis of shares ends: above every share that was seen and well above the limit.
    fn highest_share(&self) -> f64 {
        let shares = self.shown().chain(self.shown_refused());
        let seen = shares.map(|(_, share)| share.mid).fold(0.0, f64::max);
        let wanted = (seen * 1.15).max(self.view.limit * 4.0).min(1.0);
        ENDS.into_iter().find(|end| *end >= wanted).unwrap_or(1.0)
    }

    fn interval(&self) -> Option<Estimate> {
        self.view.summary.finding.as_ref()?.rate
    }

    /// Safe zone, tipping band and limit, under everything else.
    fn zones(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        let text = self.layout.text;
        let space = plot.space;
        if let Some(safe) = self.view.safe_until().filter(|safe| *safe > 0.0) {
            let right = plot.x.at(safe);
            pen.fill(Space { right, ..space }, Ink::Safe, 0.10)?;
        }
        if let Some(rate) = self.interval() {
            band(pen, self.layout, plot, placer, (rate, self.language))?;
        }
        let limit = plot.y.at(self.view.limit);
        pen.dashes(
            (space.left, limit),
            (space.right, limit),
            text * 0.3,
            Ink::Muted,
            2,
        )?;
        placer.take(Space {
            top: limit - 2.0,
            bottom: limit + 2.0,
            ..space
        });
        Ok(())
    }

    /// The name of the safe zone, near its top where no trial stands.
    fn zone_name(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        let Some(safe) = self.view.safe_until().filter(|safe| *safe > 0.0) else {
            return Ok(());
        };
        let text = self.layout.text;
        let hand = Hand::regular(text * 0.9, Ink::SafeText);
        let label = match (self.view.summary.verified_rate, self.interval()) {
            (Some(_), _) => Label::SafeZone,
            (None, Some(_)) => Label::BelowInterval,
            (None, None) => Label::PassedBriefly,
        };
        let name = label.text(self.language);
        let size = hand.measure(name)?;
        let (left, top) = (plot.space.left + text * 0.5, plot.space.top + text * 0.4);
        let room = plot.x.at(safe) - text * 0.5 - size.0 - left;
        if room < 0.0 {
            return Ok(());
        }
        let steps = (room / 8.0) as u32;
        let rows = (0..4_u8).map(|row| top + f64::from(row) * size.1 * 1.2);
        let places = rows.flat_map(|top| (0..=steps).map(move |step| (left + f64::from(step) * 8.0, top)));
        match placer.place(size, places) {
            Some(place) => pen.write_in(name, place, hand),
            None => Ok(()),
        }
    }

    /// The interval of each trial, then its dot, then its share of 502.
    fn trials(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        let dot = self.layout.dot;
        for (trial, share) in self.shown().filter(|(trial, _)| !trial.is_void()) {
            let x = plot.x.at(trial.rate);
            let ends = [(x, plot.y.at(share.low)), (x, plot.y.at(share.high))];
            let (opacity, width) = if trial.tally.failed == 0 {
                (0.25, 2)
            } else {
                (0.5, 3)
            };
            pen.line(&ends, self.ink(trial, share), opacity, width)?;
            placer.take(Space {
                left: x - 2.0,
                right: x + 2.0,
                top: ends[1].1,
                bottom: ends[0].1,
            });
        }
        for (trial, share) in self.shown() {
            let at = (plot.x.at(trial.rate), plot.y.at(share.mid));
            placer.take(Space::around(at, dot + 2.0));
            if trial.is_void() {
                pen.cross(at, dot * 0.6, Ink::Muted, 3)?;
            } else {
                pen.disc(at, dot + 2.0, Ink::Paper)?;
                pen.disc(at, dot, self.ink(trial, share))?;
            }
        }
        for (trial, share) in self.shown_502() {
            let at = (plot.x.at(trial.rate), plot.y.at(share.mid));
            placer.take(Space::around(at, dot));
            pen.diamond(at, dot * 1.05, Ink::Paper)?;
            pen.diamond(at, dot * 0.8, Ink::Gateway)?;
        }
        for (trial, share) in self.shown_refused() {
            let at = (plot.x.at(trial.rate), plot.y.at(share.mid));
            placer.take(Space::around(at, dot));
            pen.line(
                &[(at.0, plot.y.at(share.low)), (at.0, plot.y.at(share.high))],
                Ink::Load,
                0.5,
                3,
            )?;
            pen.fill(Space::around(at, dot * 0.8), Ink::Load, 1.0)?;
        }
        Ok(())
    }

    fn shown_502(&self) -> impl Iterator<Item = (&TrialView, ShareInterval)> {
        let trials = self.view.measured().filter(|trial| !trial.is_void());
        trials
            .filter(|trial| trial.tally.of_class(BAD_GATEWAY) > 0)
            .filter_map(|trial| Some((trial, trial.share_of(BAD_GATEWAY)?)))
    }

    /// Trials in which something turned us away: no failure of the site, and no success.
    fn shown_refused(&self) -> impl Iterator<Item = (&TrialView, ShareInterval)> {
        self.view.measured().filter_map(|trial| {
            let refused = trial.refused();
            let share = share_interval(refused, trial.tally.completed())?;
            (refused > 0 && !trial.is_void()).then_some((trial, share))
        })
    }

    fn ink(&self, trial: &TrialView, share: ShareInterval) -> Ink {
        match trial.verdict.as_deref() {
            Some("good") => Ink::Safe,
            Some("bad") => Ink::Failure,
            None if share.mid > self.view.limit => Ink::Failure,
            _ => Ink::Load,
        }
    }

    /// The verified load and the first 502, in the lane above the axis.
    fn marks(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        let (text, dot) = (self.layout.text, self.layout.dot);
        let bottom = plot.space.bottom;
        let middle = bottom - text * 0.75;
        let rate_of = |phrase: Phrase, rate: f64| {
            phrase.fill(self.language, &[("rate", &tick(rate, plot.unit, self.language))])
        };
        let verified = self.view.summary.verified_rate.filter(|rate| plot.x.holds(*rate));
        let first = self
            .view
            .summary
            .first_502
            .map(|seen| seen.rate)
            .filter(|rate| plot.x.holds(*rate));
        let marks = [verified, first].map(|rate| rate.map(|rate| plot.x.at(rate)));
        for x in marks.into_iter().flatten() {
            placer.take(Space {
                left: x - dot,
                right: x + dot,
                top: bottom - text * 1.3,
                bottom,
            });
        }
        if let (Some(rate), [Some(x), _]) = (verified, marks) {
            pen.polygon(
                &[
                    (x - dot, bottom - dot * 1.9),
                    (x + dot, bottom - dot * 1.9),
                    (x, bottom - 2.0),
                ],
                Ink::Safe,
            )?;
            let name = rate_of(Phrase::MarkVerified, rate);
            self.mark_name(
                pen,
                placer,
                &name,
                (x, middle),
                Hand::bold(text * 0.85, Ink::SafeText),
                true,
            )?;
        }
        if let (Some(rate), [_, Some(x)]) = (first, marks) {
            pen.diamond((x, middle), dot * 0.9, Ink::Gateway)?;
            let name = rate_of(Phrase::MarkFirst502, rate);
            self.mark_name(
                pen,
                placer,
                &name,
                (x, middle),
                Hand::bold(text * 0.85, Ink::GatewayText),
                false,
            )?;
        }
        Ok(())
    }

    /// The name of a mark: beside it in the lane, before or after, or where there is room above.
    fn mark_name(
        &self,
        pen: &mut Pen<'_>,
        placer: &mut Placer,
        name: &str,
        (x, middle): (f64, f64),
        hand: Hand,
        is_before: bool,
    ) -> Result<(), ChartError> {
        let size = hand.measure(name)?;
        let gap = self.layout.dot + self.layout.text * 0.25;
        let top = middle - size.1 / 2.0;
        let (before, after) = ((x - gap - size.0, top), (x + gap, top));
        let sides = if is_before {
            [before, after]
        } else {
            [after, before]
        };
        let [left, right] = [placer.bounds().left, placer.bounds().right - size.0];
        let above = top - size.1;
        let slid =
            [x - size.0 / 2.0, x + gap - size.0, x - gap, right].map(|at| (at.min(right).max(left), above));
        let place = placer
            .place(size, sides.into_iter().chain(slid))
            .or_else(|| placer.beside((x, middle), size, gap));
        match place {
            Some(place) => pen.write_in(name, place, hand),
            None => Ok(()),
        }
    }

    /// The name of the limit, above its line where nothing else stands.
    fn limit_name(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        let hand = Hand::regular(self.layout.text * 0.8, Ink::Muted);
        let share = self.language.percent(self.view.limit);
        let name = Phrase::MarkLimit.fill(self.language, &[("share", &share)]);
        let size = hand.measure(&name)?;
        let top = plot.y.at(self.view.limit) - size.1 - 3.0;
        let right = plot.space.right - size.0;
        let steps = ((right - plot.space.left) / 8.0).max(0.0) as u32;
        let places = (0..=steps).map(|step| (right - f64::from(step) * 8.0, top));
        match placer.place(size, places) {
            Some(place) => pen.write_in(&name, place, hand),
            None => Ok(()),
        }
    }

    /// The names of the two series, beside the trial that failed most.
    fn names(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        let by_share =
            |a: &(&TrialView, ShareInterval), b: &(&TrialView, ShareInterval)| a.1.mid.total_cmp(&b.1.mid);
        let size = self.layout.text * 0.9;
        let gap = self.layout.dot * 1.8;
        let mut name = |pen: &mut Pen<'_>, label: Label, at: (f64, f64), ink: Ink| {
            let hand = Hand::bold(size, ink);
            let text = label.text(self.language);
            match placer.beside(at, hand.measure(text)?, gap) {
                Some(place) => pen.write_in(text, place, hand),
                None => Ok(()),
            }
        };
        if let Some((trial, share)) = self.shown_refused().max_by(by_share) {
            let at = (plot.x.at(trial.rate), plot.y.at(share.mid));
            name(pen, Label::TurnedAway, at, Ink::Load)?;
        }
        let judged = self
            .shown()
            .filter(|(trial, share)| !trial.is_void() && share.mid > 0.0);
        let Some((trial, share)) = judged.max_by(by_share) else {
            return Ok(());
        };
        let at = (plot.x.at(trial.rate), plot.y.at(share.mid));
        if self.view.all_failures_are_502() {
            return name(pen, Label::AllFailuresAre502, at, Ink::GatewayText);
        }
        name(pen, Label::AllFailures, at, Ink::FailureText)?;
        match self.shown_502().max_by(by_share) {
            Some((trial, share)) => {
                let at = (plot.x.at(trial.rate), plot.y.at(share.mid));
                name(pen, Label::Of502, at, Ink::GatewayText)
            }
            None => Ok(()),
        }
    }
}
