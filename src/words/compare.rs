//! The words of a comparison of runs.

use super::phrases::filled;
use super::{Language, texts};

texts! {
    /// A text of a comparison, some with places in braces.
    CompareText {
        Less: "The site carries less than before: {new} instead of {base} pages/s ({mid}; 95% interval {low} to {high})",
            "Die Website trägt weniger als zuvor: {new} statt {base} Seiten/s ({mid}; 95-%-Intervall {low} bis {high})";
        More: "The site carries more than before: {new} instead of {base} pages/s ({mid}; 95% interval {low} to {high})",
            "Die Website trägt mehr als zuvor: {new} statt {base} Seiten/s ({mid}; 95-%-Intervall {low} bis {high})";
        Same: "No difference shown: {new} and, before, {base} pages/s ({mid}; 95% interval {low} to {high})",
            "Kein Unterschied gezeigt: {new} und zuvor {base} Seiten/s ({mid}; 95-%-Intervall {low} bis {high})";
        LessBound: "The site carries less than before: at most {new} pages/s instead of at least {base}",
            "Die Website trägt weniger als zuvor: höchstens {new} statt mindestens {base} Seiten/s";
        MoreBound: "The site carries more than before: at least {new} pages/s instead of at most {base}",
            "Die Website trägt mehr als zuvor: mindestens {new} statt höchstens {base} Seiten/s";
        NoReturn: "The site does not come back after a failure any more", "Die Website erholt sich nach einem Ausfall nicht mehr";
        Unknown: "Whether the tipping point moved is not known", "Ob sich der Kipppunkt bewegt hat, ist nicht bekannt";
        Accepted: "Worse, but by no more than the {tolerance} that were tolerated.",
            "Schlechter, aber nicht um mehr als die geduldeten {tolerance}.";
        Regression: "That is worse by more than the {tolerance} that were tolerated.",
            "Das ist um mehr als die geduldeten {tolerance} schlechter.";
        Smallest: "A change of less than about {share} cannot be told from chance with these two searches.",
            "Eine Änderung von weniger als etwa {share} lässt sich mit diesen beiden Suchen nicht vom Zufall unterscheiden.";
        WhyUnknown: "At least one of the runs names no load at which the site tips, or the loads that they name leave both open: {base} · {new}",
            "Mindestens einer der Läufe nennt keine Last, bei der die Website kippt, oder die genannten Lasten lassen beides offen: {base} · {new}";
        Latency: "At {rate} pages/s, 95% of the visitors wait at most {new}, before {base} ({mid}; 95% interval {low} to {high}): {word}.",
            "Bei {rate} Seiten/s warten 95 % der Besucher höchstens {new}, zuvor {base} ({mid}; 95-%-Intervall {low} bis {high}): {word}.";
        LatencyNone: "The runs share no load at which latency could be compared.",
            "Die Läufe haben keine Last gemeinsam, bei der sich die Wartezeit vergleichen ließe.";
        Slower: "slower", "langsamer";
        Faster: "faster", "schneller";
        NoChange: "no difference shown", "kein Unterschied gezeigt";
        RecoveredBoth: "It recovers after a failure: in {new}, before in {base}.",
            "Sie erholt sich nach einem Ausfall: in {new}, zuvor in {base}.";
        RecoveredNow: "It recovers after a failure, in {new}: before, it did not.",
            "Sie erholt sich nach einem Ausfall, in {new}: Zuvor tat sie es nicht.";
        RecoveredBefore: "It does not recover after a failure: before, it did in {base}.",
            "Sie erholt sich nach einem Ausfall nicht: Zuvor tat sie es in {base}.";
        RecoveredNever: "It recovers after a failure in neither run.",
            "Sie erholt sich nach einem Ausfall in keinem der Läufe.";
        RecoveryUnseen: "How it recovers was not looked at in both runs.",
            "Wie sie sich erholt, wurde nicht in beiden Läufen betrachtet.";
        CauseSame: "It fails in the same way: mostly with {new}.", "Sie scheitert auf dieselbe Weise: meist mit {new}.";
        CauseOther: "It fails in another way: mostly with {new}, before with {base}.",
            "Sie scheitert auf andere Weise: meist mit {new}, zuvor mit {base}.";
        CauseNone: "In at least one of the runs nothing failed.", "In mindestens einem der Läufe scheiterte nichts.";
        LimitOther: "What sets the limit is another: now {new}, before {base}.",
            "Was die Grenze setzt, ist ein anderes: jetzt {new}, zuvor {base}.";
        Overload: "overload", "Überlast";
        Policy: "a rate limit", "eine Ratenbegrenzung";

        NotAlike: "The runs are not alike", "Die Läufe sind nicht gleich";
        Target: "the site is another", "die Website ist eine andere";
        StandsFor: "the site stands for something else", "die Website steht für etwas anderes";
        Journey: "a visit is made of something else", "ein Besuch besteht aus etwas anderem";
        Scenario: "the scenario differs", "das Szenario ist ein anderes";
        Arrivals: "visits arrive in another way", "Besuche treffen anders ein";
        Connections: "connections are made in another way", "Verbindungen werden anders aufgebaut";
        Failure: "something else counts as a failure", "etwas anderes gilt als Fehler";

        Comparison: "Comparison", "Vergleich";
        BadgeWorse: "Worse", "Schlechter";
        BadgeBetter: "Better", "Besser";
        BadgeSame: "No difference shown", "Kein Unterschied gezeigt";
        BadgeUnknown: "Not known", "Nicht bekannt";
        BesideTipping: "Beside the tipping point", "Neben dem Kipppunkt";
        Runs: "The runs", "Die Läufe";
        ColumnRun: "run", "Lauf";
        ColumnWhen: "when", "wann";
        ColumnTipping: "tipping point, pages/s", "Kipppunkt, Seiten/s";
        ColumnFactor: "against the base", "gegen die Basis";
        ColumnVerdict: "verdict", "Urteil";
        Base: "base", "Basis";
        BaseOf: "base ({count} runs)", "Basis ({count} Läufe)";
        New: "new", "neu";
        AtLeast: "at least {rate}", "mindestens {rate}";
        AtMost: "at most {rate}", "höchstens {rate}";
        NoRate: "none named", "keiner genannt";
        AxisRuns: "Run", "Lauf";
        AxisTipping: "Tipping point, pages/s", "Kipppunkt, Seiten/s";
        Describe: "The tipping interval of each run, the base first, as a dot with whiskers. {title}.",
            "Das Kippintervall jedes Laufs, die Basis zuerst, als Punkt mit Spanne. {title}.";
        Made: "Made with", "Erstellt mit";
    }
}

impl CompareText {
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
    fn every_text_of_a_comparison_says_the_same_in_both_languages() {
        for one in CompareText::ALL {
            let [english, german] = Language::ALL.map(|language| one.text(language));
            assert_ne!(english, german);
            assert_eq!(places(english), places(german), "{english}");
            assert!(printable(english) == english && printable(german) == german);
        }
    }
}
