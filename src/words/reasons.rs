//! Why a threshold held, failed, or is not known; and why a run says nothing about a campaign.

use super::phrases::filled;
use super::{Language, texts};

texts! {
    /// A piece of a reason, some with places in braces.
    ReasonText {
        Interval: "the 95% interval is {low} to {high} pages/s", "das 95-%-Intervall reicht von {low} bis {high} Seiten/s";
        Carried: "carried at least {rate} pages/s", "trug mindestens {rate} Seiten/s";
        FailsAlready: "it already fails at {rate} pages/s", "schon bei {rate} Seiten/s scheitert sie";
        FailsFrom: "it fails at {rate} pages/s, and less was not offered", "bei {rate} Seiten/s scheitert sie, und weniger wurde nicht angeboten";
        HeldFor: "{rate} pages/s were held for {seconds}", "{rate} Seiten/s wurden {seconds} lang gehalten";
        FailedAgain: "{rate} pages/s failed, and failed again after some time", "{rate} Seiten/s scheiterten, und nach einiger Zeit erneut";
        HeldOnly: "held at {rate} pages/s, and no higher load was decided", "bei {rate} Seiten/s gehalten, über höhere Last ist nichts entschieden";
        NothingHeld: "no load was held, and none failed for good", "keine Last wurde gehalten, und keine scheiterte endgültig";
        NoTippingPoint: "the search named no tipping point", "die Suche nannte keinen Kipppunkt";
        OnlySearch: "only a search finds a tipping point", "einen Kipppunkt findet nur eine Suche";
        NoVerifiedLoad: "no load was verified, and a search breaks the site on purpose above it", "keine Last ist geprüft, und darüber bricht eine Suche die Website mit Absicht";
        Unreadable: "this version cannot read it: {error}", "diese Version kann sie nicht lesen: {error}";

        Quantile: "{quantile} was {value} ({low} to {high}) over {count} good answers", "{quantile} lag bei {value} ({low} bis {high}) über {count} gute Antworten";
        QuantileOpen: "{quantile} was {value} over {count} good answers", "{quantile} lag bei {value} über {count} gute Antworten";
        NoSuccess: "no request succeeded", "keine Anfrage war erfolgreich";
        Failures: "{part} of {count} requests failed ({low} to {high})", "{part} von {count} Anfragen scheiterten ({low} bis {high})";
        Checks: "{part} of {count} requests were answered as expected ({low} to {high})", "{part} von {count} Anfragen wurden wie erwartet beantwortet ({low} bis {high})";
        NoRequest: "no request was completed", "keine Anfrage wurde abgeschlossen";
        TooFew: "too few to tell: it takes {needed} requests", "zu wenige für ein Urteil: Nötig sind {needed} Anfragen";
        OverStretch: "over {seconds} from second {from} on", "über {seconds} ab Sekunde {from}";
        InEvery: "in each of {count} stretches of {seconds}", "in jedem von {count} Abschnitten von {seconds}";
        TooShort: "the load did not last {seconds}", "die Last dauerte keine {seconds}";
        AtLoad: "at {rate} pages/s", "bei {rate} Seiten/s";
        AtLoads: "at {low} to {high} pages/s", "bei {low} bis {high} Seiten/s";
        NoSuchLoad: "no load near {rate} pages/s was played for long enough; the highest was {highest}", "keine Last nahe {rate} Seiten/s wurde lange genug gespielt; die höchste war {highest}";
        LoadsDisagree: "it held at one load and failed at a lower one", "bei einer Last hielt sie, bei einer niedrigeren nicht";
        OurMachine: "this machine was too slow to say so of the site", "dieser Rechner war zu langsam, um das von der Website zu sagen";

        Headroom: "the headroom is {low} to {high}", "die Reserve liegt bei {low} bis {high}";
        HeadroomOpen: "the headroom is at least {low}", "die Reserve ist mindestens {low}";
        NoSuchCampaign: "the run knows no campaign {name}", "der Lauf kennt keine Kampagne {name}";

        LimitOfOneAddress: "a rate limit was seen from one address, and may hold for each address apart", "eine Ratenbegrenzung wurde von einer Adresse aus gesehen und gilt vielleicht für jede Adresse einzeln";
        CacheAnswered: "a cache at the edge gave {share} of the answers, not the site behind it", "ein Cache am Rand gab {share} der Antworten, nicht die Website dahinter";
        NothingSearched: "the run played a load and searched for no tipping point", "der Lauf spielte eine Last und suchte keinen Kipppunkt";
        NothingCarried: "no load is known that the site carries", "es ist keine Last bekannt, die die Website trägt";
    }
}

impl ReasonText {
    /// The text in `language` with its places filled.
    pub fn fill(self, language: Language, places: &[(&str, &str)]) -> String {
        filled(self.text(language), places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn places(text: &str) -> BTreeSet<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .collect()
    }

    #[test]
    fn every_reason_says_the_same_in_both_languages() {
        for reason in ReasonText::ALL {
            let [english, german] = Language::ALL.map(|language| reason.text(language));
            assert_ne!(english, german);
            assert_eq!(places(english), places(german), "{english}");
        }
    }
}
