//! The lines that a calibration adds to a scenario.

use super::answer::{Calibration, LinksSource};
use crate::units::Count;

impl Calibration {
    /// The lines for the scenario; what is not known is left out, and its default holds. Nothing without a curve.
    pub fn scenario_lines(&self) -> Option<String> {
        let curve = self.curve.as_ref()?;
        let mut fields = vec![format!("recipients: {}", Count::new(self.recipients))];
        let mut add =
            |name: &str, value: Option<String>| fields.extend(value.map(|value| format!("{name}: {value}")));
        add("click_rate", self.click_rate.map(|rate| percentage(rate.mid)));
        add("send_duration", Some(span(curve.send_seconds.mid)));
        if let Some(scanners) = &self.scanners {
            let links = (scanners.links_source != LinksSource::Default).then(|| scanners.links.to_string());
            add("links", links);
            add("scanner_share", Some(percentage(scanners.share)));
        }
        add("pages", self.pages_per_visit.map(|pages| figures(pages, 3)));
        let shape = format!(
            "{{ median: {}, sigma: {} }}",
            span(curve.median_seconds.mid),
            figures(curve.sigma.mid, 3)
        );
        add("click_delay", Some(shape));
        let mut lines = String::new();
        let baseline = self.baseline.and_then(|baseline| baseline.pages_per_second);
        if let Some(baseline) = baseline.filter(|baseline| *baseline >= 0.005) {
            lines.push_str(&format!("baseline: {}pages/s\n", figures(baseline, 3)));
        }
        lines.push_str(&format!(
            "campaigns:\n  - newsletter: {{ {} }}\n",
            fields.join(", ")
        ));
        Some(lines)
    }
}

/// `value` with `count` figures that count, without zeros at the end.
fn figures(value: f64, count: i32) -> String {
    let whole = if value > 0.0 {
        value.log10().floor() as i32 + 1
    } else {
        1
    };
    let decimals = (count - whole).clamp(0, 6) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn percentage(share: f64) -> String {
    format!("{}%", figures(100.0 * share, 3))
}

/// A length of time as a scenario writes it.
fn span(seconds: f64) -> String {
    match seconds {
        s if s >= 7_200.0 => format!("{}h", figures(s / 3_600.0, 3)),
        s if s >= 120.0 => format!("{}m", figures(s / 60.0, 3)),
        s => format!("{}s", figures(s, 3)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Share, Span};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_pasted_reads_back_as_it_was(seconds in 1.0_f64..1e6, share in 0.000_01_f64..1.0) {
            let back = span(seconds).parse::<Span>().unwrap().as_secs_f64();
            prop_assert!((back / seconds - 1.0).abs() < 0.006, "{} for {seconds}", span(seconds));
            let back = percentage(share).parse::<Share>().unwrap().get();
            prop_assert!((back / share - 1.0).abs() < 0.006, "{} for {share}", percentage(share));
        }
    }
}
