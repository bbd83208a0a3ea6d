//! How long a search will take at the site's rate, why, and what makes it shorter: said before it starts.

use std::time::Duration;

use super::{WORDS, rate};
use crate::scenario::{Profile, SearchPlan};
use crate::search::Settings;
use crate::search::forecast::{Forecast, forecast, requests_to_pass, seconds_to_see_overload};
use crate::units::{Rate, Share};

/// Loads for which it is said, as far as they lie within the search.
const LOADS: [f64; 3] = [20.0, 200.0, 2_000.0];
/// Below this, what is slow about a search is how few requests there are.
const FEW: f64 = 100.0;

/// How long the search of `plan` will take, in lines of at most 80 columns.
pub(super) fn how_long(plan: &SearchPlan) -> String {
    let settings = Settings::new(plan);
    match settings.enough.last() {
        Some(wanted) => of_a_proof(plan, &settings, *wanted),
        None => of_a_search(plan, &settings),
    }
}

fn of_a_proof(plan: &SearchPlan, settings: &Settings, wanted: f64) -> String {
    let time = forecast(settings, wanted);
    let mut text = format!(
        "time: {} where the site carries it, up to {} where it falters, longer\n      where it grows: a failure must \
         stand after the site had time to recover\n",
        about(time.typical, time.typical),
        length(time.slow)
    );
    if time.typical > plan.budget {
        text.push_str(&format!(
            "note: the budget of {} is shorter: thresholds may stay undecided;\n      `--profile quick` holds for \
             less, `--budget` allows more\n",
            length(plan.budget)
        ));
    }
    text
}

fn of_a_search(plan: &SearchPlan, settings: &Settings) -> String {
    let mut text = format!(
        "time, by where the site tips over (precision {}, limit {}{}):\n",
        WORDS.percent(settings.precision),
        WORDS.percent(settings.share),
        match settings.repeat {
            0 | 1 => String::new(),
            many => format!(", {many} searches"),
        }
    );
    let mut short = None;
    for load in loads(settings) {
        let time = forecast(settings, load);
        let why = if load < FEW {
            why(settings, load)
        } else {
            String::new()
        };
        text.push_str(&format!(
            "{:>8} pages/s  {}{why}\n",
            rate(Rate::per_second(load)),
            about(time.typical, time.slow)
        ));
        let budget = plan.budget * settings.repeat.max(1);
        if short.is_none() && time.slow > budget {
            short = Some((load, time, budget));
        }
    }
    if let Some((load, time, budget)) = short {
        text.push_str(&too_short(plan, load, time, budget));
    }
    text
}

/// What is slow at a low load.
fn why(settings: &Settings, load: f64) -> String {
    let pass = requests_to_pass(settings.share) / load;
    let overload = seconds_to_see_overload(settings.precision, load);
    format!(
        ": a pass takes {} s or more,\n{:18}an overload of {} shows after {} s",
        WORDS.quantity(pass.ceil()),
        "",
        WORDS.percent(settings.precision),
        WORDS.quantity(overload.ceil())
    )
}

/// Loads that the site may tip over at, one for each order of magnitude.
fn loads(settings: &Settings) -> Vec<f64> {
    let within = |load: &f64| *load > 1.5 * settings.from && *load <= settings.to;
    let known: Vec<f64> = LOADS.into_iter().filter(within).collect();
    if known.is_empty() {
        vec![(settings.from * settings.to).sqrt()]
    } else {
        known
    }
}

/// The budget does not reach at `load`: what a wider precision and a larger share would take there.
fn too_short(plan: &SearchPlan, load: f64, time: Forecast, budget: Duration) -> String {
    let share = Share::new((2.0 * plan.share.get()).min(0.5));
    let wider = SearchPlan {
        profile: Profile::Quick,
        ..plan.clone()
    };
    let larger = SearchPlan {
        share,
        ..plan.clone()
    };
    let mut offers = Vec::new();
    for (plan, words) in [
        (wider, "`--profile quick`".to_owned()),
        (larger, format!("`--share {share}`")),
    ] {
        let other = forecast(&Settings::new(&plan), load);
        if other.typical < time.typical.mul_f64(0.9) {
            offers.push(format!("{words} {}", about(other.typical, other.slow)));
        }
    }
    offers.push(format!(
        "or allow more, `--budget {}m`",
        time.slow.as_secs().div_ceil(60)
    ));
    format!(
        "note: at {} pages/s the budget of {} may not be enough;\n      {}\n",
        rate(Rate::per_second(load)),
        length(budget),
        offers.join(",\n      ")
    )
}

/// "about 3 to 7 min", in the unit of the longer one.
fn about(low: Duration, high: Duration) -> String {
    let in_minutes = high.as_secs() >= 120;
    let number = |time: Duration| {
        if in_minutes {
            WORDS.quantity((time.as_secs_f64() / 60.0).round().max(1.0))
        } else {
            WORDS.quantity((time.as_secs_f64() / 5.0).ceil() * 5.0)
        }
    };
    let unit = if in_minutes { "min" } else { "s" };
    let (low, high) = (number(low), number(high));
    if low == high {
        format!("about {low} {unit}")
    } else {
        format!("about {low} to {high} {unit}")
    }
}

fn length(time: Duration) -> String {
    if time.as_secs() >= 120 {
        format!("{} min", WORDS.quantity((time.as_secs_f64() / 60.0).round()))
    } else {
        format!("{} s", time.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Enough;

    fn plan() -> SearchPlan {
        SearchPlan::default()
    }

    #[test]
    fn it_is_said_for_each_order_of_magnitude_and_fits_80_columns() {
        for plan in [
            plan(),
            SearchPlan { repeat: 3, ..plan() },
            SearchPlan {
                share: Share::new(0.001),
                ..plan()
            },
            SearchPlan {
                enough: Some(Enough {
                    loads: vec![Rate::per_second(28.0)],
                    hold: Duration::ZERO,
                }),
                budget: Duration::from_secs(60),
                ..plan()
            },
        ] {
            let text = how_long(&plan);
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            assert!(text.starts_with("time") && text.contains("about"), "{text}");
        }
        let text = how_long(&plan());
        assert!(
            text.contains("20 pages/s") && text.contains("2,000 pages/s"),
            "{text}"
        );
        assert!(text.contains("250 s"), "the physics is named: {text}");
    }

    #[test]
    fn a_budget_that_is_too_short_comes_with_offers() {
        let text = how_long(&SearchPlan {
            budget: Duration::from_secs(120),
            ..plan()
        });
        assert!(
            text.contains("--profile quick") && text.contains("--share 2%") && text.contains("--budget"),
            "{text}"
        );
        let wide = SearchPlan {
            from: Rate::per_second(100.0),
            to: Rate::per_second(4_000.0),
            ..plan()
        };
        assert!(!how_long(&wide).contains("note"), "{}", how_long(&wide));
    }

    #[test]
    fn a_search_between_close_bounds_is_told_for_their_middle() {
        let close = SearchPlan {
            from: Rate::per_second(30.0),
            to: Rate::per_second(80.0),
            ..plan()
        };
        assert!(how_long(&close).contains("49 pages/s"), "{}", how_long(&close));
    }
}
