//! The words of a campaign that was played: what it met, and what that would have cost.

use super::phrases::filled;
use super::{Language, texts};

texts! {
    /// A text about a campaign that was played, some with places in braces.
    PlayedText {
        Heading: "The campaign", "Die Kampagne";
        Played: "Played: {name}, from {from} until {until} after its start; its people come most at {peak}.",
            "Gespielt: {name}, von {from} bis {until} nach dem Start; am meisten Menschen kommen bei {peak}.";
        Brought: "It brought {visits} visits.", "Sie brachte {visits} Besuche.";
        BroughtScans: "It brought {visits} visits, and {scans} requests of link scanners, of which {failed} failed.",
            "Sie brachte {visits} Besuche und {scans} Anfragen von Link-Scannern, von denen {failed} scheiterten.";
        NoFailure: "The site did not fail.", "Die Website ist nicht gescheitert.";
        First502: "The first 502 came {at} after the start.", "Das erste 502 kam {at} nach dem Start.";
        FirstFailure: "The first failure came {at} after the start; no 502 came.",
            "Der erste Fehler kam {at} nach dem Start; ein 502 kam nicht.";
        FailedFor: "In {seconds} in all, more than 1 in 100 answers were failures, for the last time {until} after the start.",
            "Insgesamt {seconds} lang war mehr als 1 von 100 Antworten ein Fehler, zuletzt {until} nach dem Start.";
        Recovered: "The site came back.", "Die Website hat sich erholt.";
        NotRecovered: "The site did not come back while it was watched.", "Die Website hat sich nicht erholt, solange zugesehen wurde.";
        NotKnownRecovered: "Whether it came back is not known: too little was seen afterwards.",
            "Ob sie sich erholt hat, ist nicht bekannt: Danach war zu wenig zu sehen.";
        Hit: "{hit} visits met a failure, and {lost} of them ended without what they came for.",
            "{hit} Besuche trafen auf einen Fehler, {lost} davon endeten ohne das, wofür sie kamen.";
        Cost: "At {rate} of visits that order and {value} an order, that is {money} of revenue at risk.",
            "Bei {rate} bestellenden Besuchen und {value} je Bestellung sind das {money} gefährdeter Umsatz.";
        Reloads: "Visitors reloaded {count} pages that had failed.", "Besucher luden {count} gescheiterte Seiten neu.";
        NoReloads: "Nobody reloaded a page that had failed.", "Niemand lud eine gescheiterte Seite neu.";
    }
}

impl PlayedText {
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
        let ends = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        let mut found: Vec<&str> = ends.map(|(place, _)| place).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn every_text_says_the_same_in_both_languages() {
        for text in PlayedText::ALL {
            let [english, german] = Language::ALL.map(|language| text.text(language));
            assert_ne!(english, german);
            assert_eq!(places(english), places(german), "{english}");
            assert!(printable(english) == english && printable(german) == german);
        }
    }
}
