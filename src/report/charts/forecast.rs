//! C7: who comes when, stacked, below the lines of what the site carries.

use super::ChartError;
use super::frame::{Around, Axes, Plot, Room, Side, axes, surround};
use super::image::described;
use super::layout::Layout;
use super::palette::Ink;
use super::pen::{Hand, Pen};
use super::place::{Placer, Space};
use super::scale::Spread;
use crate::campaign::Answer;
use crate::report::plan::{Layers, PlanView, layers, length};
use crate::words::{Language, PlanText, printable};

/// Points of the curve.
const POINTS: u32 = 400;

/// Draws the curve of a campaign; `id` keeps its names apart from those of other charts in a page.
///
/// # Errors
/// The embedded fonts cannot be read.
pub fn forecast(
    view: &PlanView<'_>,
    answer: &Answer,
    language: Language,
    layout: &Layout,
    id: &str,
) -> Result<String, ChartError> {
    let curve = Curve::new(view, answer, language, layout);
    let around = curve.around();
    let svg = Pen::draw(layout.size, |pen| {
        let space = surround(pen, layout, &around)?;
        curve.draw(pen, space)
    })?;
    Ok(described(&svg, &around, id))
}

/// The words below every chart of a plan.
pub(super) fn source() -> String {
    format!("tipover {}", env!("CARGO_PKG_VERSION"))
}

/// The line under the title of every chart of a plan.
pub(super) fn subtitle(view: &PlanView<'_>, answer: &Answer, language: Language) -> String {
    let scenario = printable(view.name);
    match &answer.decision {
        Some(decision) => {
            let safety = language.quantity(decision.safety);
            PlanText::Subtitle.fill(language, &[("scenario", &scenario), ("safety", &safety)])
        }
        None => PlanText::SubtitleOpen.fill(language, &[("scenario", &scenario)]),
    }
}

struct Curve<'a> {
    view: &'a PlanView<'a>,
    answer: &'a Answer,
    language: Language,
    layout: &'a Layout,
    /// Seconds after the start, and what comes then.
    points: Vec<(f64, Layers)>,
    /// Seconds of a unit of the axis.
    unit: f64,
    /// When it is busiest, with everything together.
    top: (f64, f64),
}

impl<'a> Curve<'a> {
    fn new(view: &'a PlanView<'a>, answer: &'a Answer, language: Language, layout: &'a Layout) -> Self {
        let campaign = &answer.campaign;
        let end = view.forecast.streams(campaign).settled();
        let mut places: Vec<f64> = (0..=POINTS)
            .map(|point| end * f64::from(point) / f64::from(POINTS))
            .collect();
        places.push(answer.peak.at.min(end));
        places.sort_by(f64::total_cmp);
        let points: Vec<(f64, Layers)> = places
            .into_iter()
            .map(|at| (at, layers(view.forecast, campaign, at)))
            .collect();
        let total = |point: &(f64, Layers)| point.1.iter().sum::<f64>();
        let busiest = points.iter().max_by(|a, b| total(a).total_cmp(&total(b)));
        let top = busiest.map_or((0.0, 0.0), |point| (point.0, total(point)));
        let unit = match end {
            end if end < 600.0 => 1.0,
            end if end < 6.0 * 3_600.0 => 60.0,
            _ => 3_600.0,
        };
        Self {
            view,
            answer,
            language,
            layout,
            points,
            unit,
            top,
        }
    }

    fn tip(&self) -> Option<f64> {
        self.view.measured.map(|measured| measured.tipping_point.low)
    }

    fn safe(&self) -> Option<f64> {
        let decision = self.answer.decision.as_ref()?;
        Some(self.tip()? / decision.safety)
    }

    fn around(&self) -> Around {
        let language = self.language;
        let number = |value: f64| language.quantity(value);
        let (at, load) = (length(self.top.0, language), number(self.top.1));
        let name = self.answer.campaign.name.as_str();
        let (tip, safe) = (self.tip().unwrap_or(0.0), self.safe().unwrap_or(0.0));
        let text = match self.tip() {
            None => PlanText::ForecastTitle,
            Some(tip) if self.top.1 > tip => PlanText::ForecastOver,
            Some(_) if self.top.1 > safe => PlanText::ForecastThin,
            Some(_) => PlanText::ForecastSafe,
        };
        let (tip, safe) = (number(tip), number(safe));
        let places = [
            ("name", name),
            ("load", &load),
            ("at", &at),
            ("tip", &tip),
            ("safe", &safe),
        ];
        let title = text.fill(language, &places);
        Around {
            subtitle: subtitle(self.view, self.answer, language),
            note: String::new(),
            source: source(),
            description: PlanText::DescribeForecast.fill(language, &[("title", &title)]),
            title,
        }
    }

    fn draw(&self, pen: &mut Pen<'_>, space: Space) -> Result<(), ChartError> {
        let write = |_: Side, value: f64| self.language.quantity(value);
        let across = match self.unit {
            unit if unit < 60.0 => PlanText::AxisSeconds,
            unit if unit < 3_600.0 => PlanText::AxisMinutes,
            _ => PlanText::AxisHours,
        };
        let words = Axes {
            across: across.text(self.language),
            up: PlanText::AxisPages.text(self.language),
            unit: 1.0,
            write: &write,
            room: Room {
                lane: 0.0,
                gutter: 0.0,
            },
        };
        let end = self.points.last().map_or(1.0, |point| point.0) / self.unit;
        // A tipping point far above the curve would flatten it: the title names it.
        let line = self.tip().filter(|tip| *tip < 4.0 * self.top.1).unwrap_or(0.0);
        let height = self.top.1.max(line) * 1.12;
        let plot = axes(
            pen,
            self.layout,
            space,
            &words,
            (Spread::Linear, (0.0, end)),
            (Spread::Linear, (0.0, height)),
        )?;
        let mut placer = Placer::new(plot.space);
        self.areas(pen, &plot)?;
        self.lines(pen, &plot, height, &mut placer)?;
        self.names(pen, &plot, &mut placer)
    }

    /// The layers, from below; each with its upper edge drawn, so that colour alone tells nothing.
    fn areas(&self, pen: &mut Pen<'_>, plot: &Plot) -> Result<(), ChartError> {
        for (layer, (ink, opacity)) in INKS.into_iter().enumerate() {
            if self.is_empty(layer) {
                continue;
            }
            let edge = |upto: usize| -> Vec<(f64, f64)> {
                let points = self.points.iter();
                points
                    .map(|(at, layers)| {
                        let sum: f64 = layers.iter().take(upto).sum();
                        (plot.x.at(at / self.unit), plot.y.at(sum))
                    })
                    .collect()
            };
            let (low, high) = (edge(layer), edge(layer + 1));
            let mut outline = high.clone();
            outline.extend(low.into_iter().rev());
            pen.area(&outline, ink, opacity)?;
            // Where a layer is empty its edge is that of the one below.
            let edges: Vec<(bool, (f64, f64))> = self
                .points
                .iter()
                .map(|(_, layers)| layers[layer] > 0.0)
                .zip(high)
                .collect();
            for stretch in edges.chunk_by(|before, after| before.0 || after.0) {
                let line: Vec<(f64, f64)> = stretch.iter().map(|point| point.1).collect();
                if stretch.iter().any(|point| point.0) && line.len() > 1 {
                    pen.line(&line, ink, 1.0, 3)?;
                }
            }
        }
        Ok(())
    }

    fn is_empty(&self, layer: usize) -> bool {
        self.points.iter().all(|(_, layers)| layers[layer] <= 0.0)
    }

    fn lines(
        &self,
        pen: &mut Pen<'_>,
        plot: &Plot,
        height: f64,
        placer: &mut Placer,
    ) -> Result<(), ChartError> {
        let marks = [
            (self.tip(), PlanText::TipLine, Ink::Failure, Ink::FailureText),
            (self.safe(), PlanText::SafeLine, Ink::Safe, Ink::SafeText),
        ];
        for (rate, text, ink, words) in marks {
            let Some(rate) = rate.filter(|rate| *rate <= height) else {
                continue;
            };
            let y = plot.y.at(rate);
            let (left, right) = (plot.space.left, plot.space.right);
            if ink == Ink::Failure {
                pen.line(&[(left, y), (right, y)], ink, 1.0, 4)?;
            } else {
                pen.dashes((left, y), (right, y), self.layout.text * 0.4, ink, 3)?;
            }
            let hand = Hand::bold(self.layout.text * 0.9, words);
            let name = text.fill(self.language, &[("rate", &self.language.quantity(rate))]);
            let size = hand.measure(&name)?;
            let places = [
                (right - size.0, y - size.1 - 3.0),
                (right - size.0, y + 3.0),
                (left + 8.0, y - size.1 - 3.0),
            ];
            if let Some(place) = placer.place(size, places) {
                pen.write_in(&name, place, hand)?;
            }
            placer.take(Space {
                left,
                right,
                top: y - 2.0,
                bottom: y + 2.0,
            });
        }
        Ok(())
    }

    /// The name of each layer where it is thickest, beside that where there is no room.
    fn names(&self, pen: &mut Pen<'_>, plot: &Plot, placer: &mut Placer) -> Result<(), ChartError> {
        for (at, layers) in self.points.iter().step_by(4) {
            let total: f64 = layers.iter().sum();
            placer.take(Space::around((plot.x.at(at / self.unit), plot.y.at(total)), 4.0));
        }
        for (layer, text) in NAMES.into_iter().enumerate().rev() {
            // In the middle of where it is thickest: a plateau is named at its centre.
            let most = self
                .points
                .iter()
                .map(|(_, layers)| layers[layer])
                .fold(0.0, f64::max);
            let thick: Vec<&(f64, Layers)> = self
                .points
                .iter()
                .filter(|(_, layers)| most > 0.0 && layers[layer] >= 0.95 * most)
                .collect();
            let Some((at, layers)) = thick.get(thick.len() / 2) else {
                continue;
            };
            let below: f64 = layers.iter().take(layer).sum();
            let middle = plot.y.at(below + layers[layer] / 2.0);
            let ink = [Ink::Muted, Ink::GatewayText, Ink::Load, Ink::FailureText][layer];
            let hand = Hand::bold(self.layout.text * 0.9, ink);
            let name = text.text(self.language);
            let gap = self.layout.dot * 1.5;
            if let Some(place) = placer.beside((plot.x.at(at / self.unit), middle), hand.measure(name)?, gap)
            {
                pen.write_in(name, place, hand)?;
            }
        }
        Ok(())
    }
}

const INKS: [(Ink, f64); 4] = [
    (Ink::Muted, 0.25),
    (Ink::Gateway, 0.35),
    (Ink::Load, 0.40),
    (Ink::Failure, 0.35),
];
const NAMES: [PlanText; 4] = [
    PlanText::Baseline,
    PlanText::OtherCampaigns,
    PlanText::People,
    PlanText::Scanners,
];
