//! The words of the charts beside C1 and C2.

use super::phrases::filled;
use super::{Language, texts};

texts! {
    /// A text of a chart, some with places in braces.
    ChartText {
        GoodputHeading: "Good answers over load", "Gute Antworten über der Last";
        GoodputFalls: "At most {best} pages/s are answered well; offered {rate}, only {last}",
            "Höchstens {best} Seiten/s werden gut beantwortet; bei angebotenen {rate} nur noch {last}";
        GoodputHolds: "What is offered is answered well, up to {rate} pages/s",
            "Was angeboten wird, wird gut beantwortet, bis {rate} Seiten/s";
        GoodputBest: "At most {best} pages/s are answered well", "Höchstens {best} Seiten/s werden gut beantwortet";
        GoodputEmpty: "No load was held long enough to count its answers", "Keine Last wurde lange genug gehalten, um ihre Antworten zu zählen";
        GoodputDescribe: "Pages a second that were answered well, over the load that was offered. {title}.",
            "Gut beantwortete Seiten je Sekunde über der angebotenen Last. {title}.";
        AxisGood: "Answered well, pages/s", "Gut beantwortet, Seiten/s";
        Everything: "all of it", "alles";
        TipsHere: "tipping point", "Kipppunkt";

        TimelineHeading: "The run, second by second", "Der Lauf, Sekunde für Sekunde";
        TimelineFailed: "{failed} of {count} requests failed in {time}; the first after {at}",
            "{failed} von {count} Anfragen scheiterten in {time}; die erste nach {at}";
        TimelineClean: "{count} requests in {time}, none failed", "{count} Anfragen in {time}, keine scheiterte";
        TimelineDescribe: "Load that was offered, answered well and failed, over time. {title}.",
            "Angebotene, gut beantwortete und gescheiterte Last über der Zeit. {title}.";
        AxisTime: "Time since the start", "Zeit seit dem Start";
        AxisRate: "Pages/s", "Seiten/s";
        Offered: "offered", "angeboten";
        Answered: "answered well", "gut beantwortet";
        Failed: "failed", "gescheitert";
        First502: "first 502", "erster 502";
        FirstFailure: "first failure", "erster Fehler";
        Stopped: "stopped", "abgebrochen";
    }
}

impl ChartText {
    /// The text in `language` with its places filled.
    pub fn fill(self, language: Language, places: &[(&str, &str)]) -> String {
        filled(self.text(language), places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::printable;

    fn places(text: &str) -> Vec<&str> {
        let mut found: Vec<&str> = text
            .split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_text_of_a_chart_says_the_same_in_both_languages() {
        for one in ChartText::ALL {
            let [english, german] = Language::ALL.map(|language| one.text(language));
            assert_ne!(english, german);
            assert_eq!(places(english), places(german), "{english}");
            assert!(printable(english) == english && printable(german) == german);
        }
    }
}
