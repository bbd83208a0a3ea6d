//! The sentences of a report, with places for numbers in braces.

use super::{Language, texts};

texts! {
    /// A sentence with places in braces, such as `{rate}`.
    Phrase {
        Tipped: "The site tips over at {rate} pages/s (95% interval {low} to {high}): above that, requests fail, mostly with {class}.",
            "Die Website kippt bei {rate} Seiten/s (95-%-Intervall {low} bis {high}): Darüber scheitern Anfragen, meist mit {class}.";
        TippedByPolicy: "A rate limit sets in at {rate} pages/s (95% interval {low} to {high}): above that, requests are turned away at once, mostly with {class}.",
            "Ab {rate} Seiten/s greift eine Ratenbegrenzung (95-%-Intervall {low} bis {high}): Darüber werden Anfragen sofort abgewiesen, meist mit {class}.";
        TippedUnconverged: "The search ended before its interval was narrow: more time makes it narrower.",
            "Die Suche endete, bevor ihr Intervall schmal war: Mehr Zeit macht es schmaler.";
        NotReached: "No tipping point up to {rate} pages/s: fewer than {share} of the requests fail there (95% confidence).",
            "Kein Kipppunkt bis {rate} Seiten/s: Dort scheitern weniger als {share} der Anfragen (95 % Sicherheit).";
        NotReachedUnknown: "No tipping point up to {rate} pages/s, the highest load that was really offered.",
            "Kein Kipppunkt bis {rate} Seiten/s, der höchsten wirklich angebotenen Last.";
        Proven: "The site carries {rate} pages/s, as much as was asked for: fewer than {share} of the requests fail there (95% confidence).",
            "Die Website trägt {rate} Seiten/s, so viel wie verlangt: Dort scheitern weniger als {share} der Anfragen (95 % Sicherheit).";
        Refuted: "The site does not carry {rate} pages/s: it tips over somewhere between {low} and {high} pages/s, mostly with {class}.",
            "Die Website trägt {rate} Seiten/s nicht: Sie kippt irgendwo zwischen {low} und {high} Seiten/s, meist mit {class}.";
        RefutedByPolicy: "The site does not carry {rate} pages/s: a rate limit sets in somewhere between {low} and {high} pages/s, mostly with {class}.",
            "Die Website trägt {rate} Seiten/s nicht: Irgendwo zwischen {low} und {high} Seiten/s greift eine Ratenbegrenzung, meist mit {class}.";
        TooClose: "Whether the site carries {rate} pages/s is too close to tell: it tips over somewhere between {low} and {high} pages/s.",
            "Ob die Website {rate} Seiten/s trägt, ist zu knapp: Sie kippt irgendwo zwischen {low} und {high} Seiten/s.";
        Undecided: "Whether it carries {rate} pages/s was not decided.",
            "Ob sie {rate} Seiten/s trägt, blieb offen.";
        OverSearches: "Pooled over {count} searches of this site.",
            "Zusammengefasst aus {count} Suchen an dieser Website.";
        FailuresAbove: "Above that, failures were seen ({class} at {rate} pages/s), but no load there was judged.",
            "Darüber gab es Fehler ({class} bei {rate} Seiten/s), aber keine Last dort wurde beurteilt.";
        NothingJudged: "The search ended before any load was judged: nothing is known about the site.",
            "Die Suche endete, bevor eine Last beurteilt war: Über die Website ist nichts bekannt.";
        AlreadyFailing: "The site already fails at {rate} pages/s: {share} of the requests, mostly with {class}.",
            "Die Website scheitert schon bei {rate} Seiten/s: {share} der Anfragen, meist mit {class}.";
        AlreadyFailingShare: "The site fails at any load, {rate} pages/s or more: about one request in {parts}, mostly with {class}. One backend of {parts}?",
            "Die Website scheitert bei jeder Last, ob {rate} Seiten/s oder mehr: etwa eine von {parts} Anfragen, meist mit {class}. Eines von {parts} Backends?";
        AlreadyFailingUnseen: "The site already fails before any load, mostly with {class}.",
            "Die Website scheitert schon ohne Last, meist mit {class}.";
        Blocked: "From {rate} pages/s on, something in front refused this machine ({class}): the site was not measured.",
            "Ab {rate} Seiten/s hat etwas vor der Website diesen Rechner abgewiesen ({class}): Die Website wurde nicht gemessen.";
        BlockedUnseen: "Something in front refused this machine ({class}): the site was not measured.",
            "Etwas vor der Website hat diesen Rechner abgewiesen ({class}): Die Website wurde nicht gemessen.";
        Unsteady: "The site changed while it was measured: no tipping point can be named.",
            "Die Website hat sich während der Messung verändert: Ein Kipppunkt lässt sich nicht nennen.";
        OurLimit: "This machine was the bottleneck: the site carries at least {rate} pages/s.",
            "Dieser Rechner war der Engpass: Die Website trägt mindestens {rate} Seiten/s.";
        OurLimitUnknown: "This machine was the bottleneck: the site was not measured.",
            "Dieser Rechner war der Engpass: Die Website wurde nicht gemessen.";
        RunLimited: "From {rate} pages/s on this machine was the limit ({reason}): what it could not send says nothing about the site, which carries at least what was sent.",
            "Ab {rate} Seiten/s war dieser Rechner die Grenze ({reason}): Was er nicht senden konnte, sagt nichts über die Website; sie trägt mindestens, was gesendet wurde.";
        RunClean: "No failure among {count} requests, at up to {rate} pages/s: fewer than {share} fail (95% confidence).",
            "Kein Fehler unter {count} Anfragen bei bis zu {rate} Seiten/s: Weniger als {share} scheitern (95 % Sicherheit).";
        RunFailed: "{failed} of {count} requests failed ({share}), at up to {rate} pages/s, mostly with {class}.",
            "{failed} von {count} Anfragen scheiterten ({share}) bei bis zu {rate} Seiten/s, meist mit {class}.";
        RunBroken: "Nothing was played: the site was broken before any load ({class}).",
            "Nichts wurde gespielt: Die Website war schon vor jeder Last gestört ({class}).";
        AssetsValue: "{per_page} requests per page: {count} for style sheets, scripts, images and fonts, {unchanged} of them answered “unchanged”, and {cached} taken from a visitor’s cache. Whole pages within {whole} (p95). {failed} of {pages} pages count as failed because one of these did; loads are pages/s all the same.",
            "{per_page} Anfragen je Seite: {count} für Stylesheets, Skripte, Bilder und Schriften, davon {unchanged} mit „unverändert“ beantwortet, und {cached} aus dem Cache eines Besuchers. Ganze Seiten in {whole} (p95). {failed} von {pages} Seiten zählen als gescheitert, weil eine davon scheiterte; Lasten sind trotzdem Seiten/s.";
        RunEmpty: "No request was completed.",
            "Keine Anfrage wurde abgeschlossen.";

        ClicksHalf: "{share} clicked, half of them within {time} of their mail",
            "{share} klickten, die Hälfte davon binnen {time} nach ihrer Mail";
        ClicksSubtitle: "{recipients} mails, sent within {send}; spread of the delays: sigma {sigma}",
            "{recipients} Mails, versandt binnen {send}; Streuung der Verzögerung: Sigma {sigma}";
        ClicksScanners: "Not drawn: link scanners opened {links} links in {share} of the mails.",
            "Nicht gezeichnet: Link-Scanner öffneten {links} Links in {share} der Mails.";

        DecideVerified: "Plan for at most {rate} pages/s: that load was held without tipping.",
            "Höchstens {rate} Seiten/s einplanen: Diese Last wurde gehalten, ohne zu kippen.";
        DecideUnverified: "Stay well below {rate} pages/s: no load was held long enough to be verified.",
            "Deutlich unter {rate} Seiten/s bleiben: Keine Last wurde lange genug gehalten, um als geprüft zu gelten.";
        DecidePolicy: "Somebody set this limit; it is not the site's own. Ask who, and whether it counts per address, before you plan with it.",
            "Diese Grenze hat jemand gesetzt; es ist nicht die der Website. Vor der Planung klären, wer, und ob sie je Adresse zählt.";
        DecideNotReached: "Go up to {rate} pages/s. What lies above was not measured.",
            "Freigabe bis {rate} Seiten/s. Was darüber liegt, wurde nicht gemessen.";
        DecideUnfinished: "No decision yet: {rate} pages/s passed for some seconds, but no load was held. Let the search run to its end.",
            "Noch keine Entscheidung: {rate} Seiten/s gingen einige Sekunden gut, aber keine Last wurde gehalten. Die Suche zu Ende laufen lassen.";
        DecideNothingJudged: "No decision possible: search again, with more time or from a higher load (`--budget`, `--from`).",
            "Keine Entscheidung möglich: erneut suchen, mit mehr Zeit oder ab einer höheren Last (`--budget`, `--from`).";
        DecideStartLower: "No decision possible: even the lowest load of this search was too much. Search again from a lower one (`--from`).",
            "Keine Entscheidung möglich: Schon die niedrigste Last dieser Suche war zu viel. Von einer niedrigeren aus erneut suchen (`--from`).";
        DecideAlreadyFailing: "Do not send: repair the site first, then measure again.",
            "Nicht versenden: erst die Website reparieren, dann erneut messen.";
        DecideBlocked: "No decision possible: have this machine's address allowed at the CDN or firewall, then measure again.",
            "Keine Entscheidung möglich: Die Adresse dieses Rechners in CDN oder Firewall freigeben lassen, dann erneut messen.";
        DecideUnsteady: "No decision possible: switch off autoscaling and deployments, then measure again.",
            "Keine Entscheidung möglich: Autoscaling und Deployments abschalten, dann erneut messen.";
        DecideOurLimit: "No decision possible: this machine was the limit. The site carries at least {rate} pages/s.",
            "Keine Entscheidung möglich: Dieser Rechner war die Grenze. Die Website trägt mindestens {rate} Seiten/s.";
        DecideOurLimitUnknown: "No decision possible: this machine was the limit. Use a larger one, or `pooled` connections.",
            "Keine Entscheidung möglich: Dieser Rechner war die Grenze. Einen größeren verwenden, oder Verbindungen mit `pooled`.";
        DecideThresholdsPassed: "Go: all thresholds ({count}) passed.",
            "Freigabe: Alle Schwellen ({count}) sind eingehalten.";
        DecideThresholdsFailed: "No go: {failed} of {count} thresholds failed.",
            "Keine Freigabe: {failed} von {count} Schwellen sind verletzt.";
        DecideThresholdsUnknown: "No decision possible: {unknown} of {count} thresholds could not be judged.",
            "Keine Entscheidung möglich: {unknown} von {count} Schwellen ließen sich nicht beurteilen.";
        DecideNothing: "Nothing was asked of this run: add thresholds, or search with `tipover find`.",
            "Von diesem Lauf war nichts verlangt: Schwellen ergänzen oder mit `tipover find` suchen.";
        StandsForStaging: "Measured on staging: no promise for production.",
            "Auf Staging gemessen: kein Versprechen für die Produktion.";
        StandsForCopy: "Measured on a copy: no promise for production.",
            "An einer Kopie gemessen: kein Versprechen für die Produktion.";

        TitleTipped: "Tips over at {rate} pages/s ({low}–{high})",
            "Kippt bei {rate} Seiten/s ({low}–{high})";
        TitlePolicy: "Rate limit at {rate} pages/s ({low}–{high})",
            "Ratenbegrenzung bei {rate} Seiten/s ({low}–{high})";
        TitleNotReached: "No tipping point up to {rate} pages/s",
            "Kein Kipppunkt bis {rate} Seiten/s";
        TitleProven: "Carries {rate} pages/s, as asked",
            "Trägt {rate} Seiten/s, wie verlangt";
        TitleRefuted: "Does not carry {rate} pages/s",
            "Trägt {rate} Seiten/s nicht";
        TitleTooClose: "Too close to tell at {rate} pages/s",
            "Zu knapp bei {rate} Seiten/s";
        TitleNothingJudged: "No load was judged", "Keine Last wurde beurteilt";
        TitleAlreadyFailing: "Already fails at {rate} pages/s",
            "Scheitert schon bei {rate} Seiten/s";
        TitleAlreadyFailingUnseen: "Fails before any load",
            "Scheitert schon ohne Last";
        TitleBlocked: "Refused from {rate} pages/s on: not measured",
            "Abgewiesen ab {rate} Seiten/s: nicht gemessen";
        TitleUnsteady: "The site changed under test",
            "Die Website hat sich im Test verändert";
        TitleOurLimit: "Carries at least {rate} pages/s: this machine was the limit",
            "Trägt mindestens {rate} Seiten/s: Dieser Rechner war die Grenze";
        TitleRunClean: "No failure up to {rate} pages/s",
            "Kein Fehler bis {rate} Seiten/s";
        TitleRunFailed: "{share} of the requests failed",
            "{share} der Anfragen scheiterten";
        TitleEmpty: "Nothing was measured",
            "Nichts wurde gemessen";
        TitleLatency: "p95 {low} at {from}, {high} at {rate} pages/s",
            "p95 {low} bei {from}, {high} bei {rate} Seiten/s";
        TitleLatencyOnce: "p95 {high} at {rate} pages/s",
            "p95 {high} bei {rate} Seiten/s";
        TitleLatencyEmpty: "No request succeeded",
            "Keine Anfrage war erfolgreich";

        MarkCampaign: "peak of {name}: {rate}", "Spitze von {name}: {rate}";
        MarkCampaignBeyond: "peak of {name}: {rate} »", "Spitze von {name}: {rate} »";
        AxisMultiples: "Multiples of the planned {name}", "Vielfache der geplanten Kampagne {name}";
        TippedInMultiples: "It tips at {rate} × your {name} ({low} to {high}).", "Sie kippt beim {rate}-Fachen von {name} ({low} bis {high}).";
        CarriedInMultiples: "It carries {rate} × your {name} or more.", "Sie trägt das {rate}-Fache von {name} oder mehr.";
        TitleTippedInMultiples: "Tips at {rate} × your {name} ({low}–{high})", "Kippt beim {rate}-Fachen von {name} ({low}–{high})";
        ThresholdLine: "threshold {verdict}: {text} ({why})", "Schwelle {verdict}: {text} ({why})";
        FirstUnloaded: "{class}, before any load", "mit {class}, noch ohne Last";
        FirstSeen: "{class} at {rate} pages/s, {seconds} after the start",
            "mit {class} bei {rate} Seiten/s, {seconds} nach dem Beginn";
        AtRate: "at {rate} pages/s", "bei {rate} Seiten/s";
        HeldFor: "held for {seconds}", "{seconds} lang gehalten";
        AfterStart: "{seconds} after the start", "{seconds} nach dem Beginn";
        IntervalOf: "{low} to {high} (95% interval)", "{low} bis {high} (95-%-Intervall)";
        Between: "{low} to {high}", "{low} bis {high}";
        InVisits: "= {rate} visits/s", "= {rate} Besuche/s";
        Recovered: "The site answered well again within {seconds} of the last failing load, and then carried {rate} pages/s.",
            "Nach der letzten zu hohen Last antwortete die Website binnen {seconds} wieder gut und trug dann {rate} Seiten/s.";
        RecoveredNot: "The site did not recover while we watched: it needs a restart or more time.",
            "Die Website hat sich nicht erholt, solange wir zusahen: Sie braucht einen Neustart oder mehr Zeit.";
        RecoveryOpen: "Whether the site recovers was not seen.", "Ob sich die Website erholt, war nicht zu sehen.";
        RecoveryUnseen: "There was nothing to recover from.", "Es gab nichts, wovon sie sich erholen musste.";
        RefusedUs: "Before or beside the failures, {count} requests were turned away with {class}: a limit, not a failure of the site.",
            "Vor oder neben den Fehlern wurden {count} Anfragen mit {class} abgewiesen: eine Begrenzung, kein Fehler der Website.";
        LatenessValue: "p99 {typical}, at most {most}", "p99 {typical}, höchstens {most}";
        LimitedValue: "{verdict}, from {rate} pages/s on, by {reason}", "{verdict}, ab {rate} Seiten/s, durch {reason}";
        MachineValue: "{workers} threads, {cpu} of their processor time at most, {files} of {limit} open files, {memory}",
            "{workers} Threads, höchstens {cpu} ihrer Prozessorzeit, {files} von {limit} offenen Dateien, {memory}";
        RequestsValue: "{low} to {high}", "{low} bis {high}";
        HorizonValue: "the finding holds for {seconds} of constant load; rarer failures are not seen",
            "der Befund gilt für {seconds} konstanter Last; Selteneres bleibt unsichtbar";
        TruthValues: "It serves {capacity} pages/s (workers ÷ service time). With these arrivals, this limit and this horizon it tips at {rate} pages/s, by simulation of the same model. The search is off by {error}.",
            "Sie bedient {capacity} Seiten/s (Prozesse ÷ Bedienzeit). Mit diesen Ankünften, dieser Grenze und diesem Horizont kippt sie bei {rate} Seiten/s, nach Simulation desselben Modells. Die Suche liegt {error} daneben.";
        TruthWithout: "It serves {capacity} pages/s (workers ÷ service time). With these arrivals, this limit and this horizon it tips at {rate} pages/s, by simulation of the same model.",
            "Sie bedient {capacity} Seiten/s (Prozesse ÷ Bedienzeit). Mit diesen Ankünften, dieser Grenze und diesem Horizont kippt sie bei {rate} Seiten/s, nach Simulation desselben Modells.";
        TruthPoisson: "Why below its capacity? Visitors do not come evenly spaced. In a Poisson stream some moments bring twice the mean; a short queue, or the burst that a limiter allows, overflows then, although on average there is room. Evenly spaced arrivals would tip closer to the capacity.",
            "Warum unter der Kapazität? Besucher kommen nicht in gleichem Abstand. In einem Poisson-Strom bringen manche Augenblicke das Doppelte des Mittels; dann läuft eine kurze Warteschlange (oder der Vorrat einer Ratenbegrenzung) über, obwohl im Mittel Platz ist. Gleichmäßige Ankünfte würden näher an der Kapazität kippen.";
        MadeByGateway: "{class} was made by the gateway, {product} ({share} sure).",
            "{class} stammt vom Gateway, {product} (zu {share} sicher).";
        MadeByEdge: "{class} was made by the network in front, {product} ({share} sure).",
            "{class} stammt vom vorgelagerten Netz, {product} (zu {share} sicher).";
        MadeByApplication: "{class} was made by the application itself, not by a gateway ({share} sure).",
            "{class} stammt von der Anwendung selbst, nicht von einem Gateway (zu {share} sicher).";
        MadeByUnknown: "Nothing shows who made {class}.",
            "Nichts zeigt, von wem {class} stammt.";
        FullWithQueue: "{name}: full from {rate} pages/s on, {used} of {limit} in use, up to {waiting} waiting.",
            "{name}: voll ab {rate} Seiten/s, {used} von {limit} belegt, bis zu {waiting} wartend.";
        Full: "{name}: full from {rate} pages/s on, {used} of {limit} in use.",
            "{name}: voll ab {rate} Seiten/s, {used} von {limit} belegt.";
        FullQueue: "{name}: waiting from {rate} pages/s on, up to {waiting}.",
            "{name}: Wartende ab {rate} Seiten/s, bis zu {waiting}.";
        AlertTipping: "80% of the load at which the site tips over ({rate} requests/s)",
            "80 % der Last, bei der die Website kippt ({rate} Anfragen/s)";
        AlertFull: "{name}: nearly full, as it was when the site tipped over",
            "{name}: fast voll, wie beim Kippen der Website";
        WorkersFormula: "{workers} workers ÷ {service} per request = {rate} requests/s: what they can do at most. Each further worker adds {more} requests/s, as long as memory and processors last; an answer in half the time doubles all of it.",
            "{workers} Prozesse ÷ {service} je Anfrage = {rate} Anfragen/s: mehr können sie nicht. Jeder weitere bringt {more} Anfragen/s, solange Speicher und Prozessoren reichen; eine Antwort in halber Zeit verdoppelt alles.";
        FullAnyway: "{name}: full at the lowest load already, so not by this load.",
            "{name}: schon bei der niedrigsten Last voll, also nicht durch diese Last.";
        FullCounter: "{name}: grew from {rate} pages/s on.", "{name}: nahm ab {rate} Seiten/s zu.";
        DescribeFilling: "The share of each watched resource that was in use, over the offered load. {title}.",
            "Der belegte Anteil jeder beobachteten Ressource über der angebotenen Last. {title}.";
        SampleHeading: "{class}, step {step}, at {rate} pages/s", "Beendet mit {class}: Schritt {step}, bei {rate} Seiten/s";

        Horizon: "for {seconds} of constant load", "für {seconds} konstanter Last";
        DescribeLatency: "Latency of successful requests over the offered load, on a logarithmic axis. {title}.",
            "Latenz erfolgreicher Anfragen über der angebotenen Last, auf logarithmischer Achse. {title}.";
        MarkTipping: "tipping point {low}–{high}", "Kipppunkt {low}–{high}";
        MarkFirst502: "first 502 came at {rate}", "erste 502 kam bei {rate}";
        MarkVerified: "verified: {rate}", "geprüft: {rate}";
        MarkLimit: "limit {share}", "Grenze {share}";
    }
}

impl Phrase {
    /// The sentence in `language` with its places filled: pairs of a name and what stands there.
    pub fn fill(self, language: Language, places: &[(&str, &str)]) -> String {
        filled(self.text(language), places)
    }
}

/// `text` with its places in braces filled.
pub(super) fn filled(text: &str, places: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let place = places.iter().find(|(place, _)| *place == name);
        filled.push_str(place.map_or("–", |(_, text)| text));
        rest = after;
    }
    filled.push_str(rest);
    filled
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
    fn both_languages_have_the_same_places_in_every_sentence() {
        for phrase in Phrase::ALL {
            let (english, german) = (phrase.text(Language::English), phrase.text(Language::German));
            assert!(
                !english.is_empty() && !german.is_empty() && english != german,
                "{english}"
            );
            assert_eq!(places(english), places(german), "{english}");
        }
    }

    #[test]
    fn what_stands_in_a_place_is_not_read_again() {
        let text = Phrase::MarkFirst502.fill(Language::English, &[("rate", "{rate}")]);
        assert_eq!(text, "first 502 came at {rate}");
    }
}
