//! The words of a send plan: for the person who sends.

use super::phrases::filled;
use super::{Language, texts};

texts! {
    /// A text of a send plan, some with places in braces.
    PlanText {
        Peak: "Peak {at} after the start: {visits} visits/s, {pages} page views/s, {requests} requests/s, up to {visitors} visitors at once.",
            "Spitze {at} nach dem Start: {visits} Besuche/s, {pages} Seitenaufrufe/s, {requests} Anfragen/s, bis zu {visitors} Besucher zugleich.";
        PeakScanned: "Peak {at} after the start: {visits} visits/s, {pages} page views/s, {requests} requests/s with link scanners, up to {visitors} visitors at once.",
            "Spitze {at} nach dem Start: {visits} Besuche/s, {pages} Seitenaufrufe/s, mit Link-Scannern {requests} Anfragen/s, bis zu {visitors} Besucher zugleich.";
        Go: "{name}: go", "{name}: freigegeben";
        Throttle: "{name}: send more slowly, over {duration} or longer", "{name}: langsamer senden, über {duration} oder länger";
        NoGo: "{name}: no-go", "{name}: nicht senden";
        Conditional: "{name}: go, on a condition", "{name}: freigegeben unter einer Bedingung";
        Unjudged: "{name}: what it brings", "{name}: was kommt";
        IfScanners: "Go if at most {share} of the recipients sit behind link scanners: nobody has measured how many do.",
            "Freigegeben, wenn höchstens {share} der Empfänger hinter Link-Scannern sitzen: Wie viele es sind, hat niemand gemessen.";
        IfSlowScanners: "This holds if at most {share} of the recipients sit behind link scanners: nobody has measured how many do.",
            "Das gilt, wenn höchstens {share} der Empfänger hinter Link-Scannern sitzen: Wie viele es sind, hat niemand gemessen.";
        IfGrown: "Only if the site is scaled out and warm before the start: at first it failed at {rate} pages/s, and carried more only later.",
            "Nur, wenn die Website vor dem Start hochgefahren und warm ist: Anfangs scheiterte sie schon bei {rate} Seiten/s und trug erst später mehr.";
        IfStaging: "Measured on staging: it holds for production only if that carries as much.",
            "Auf Staging gemessen: Es gilt für die Produktion nur, wenn sie ebenso viel trägt.";
        IfCopy: "Measured on a copy: it holds for production only if that carries as much.",
            "An einer Kopie gemessen: Es gilt für die Produktion nur, wenn sie ebenso viel trägt.";
        Headroom: "Headroom {low} (asked for: {safety}): the site tips at {tip} pages/s, and the busiest moment brings {load}.",
            "Reserve {low} (verlangt: {safety}): Die Website kippt bei {tip} Seiten/s, der stärkste Augenblick bringt {load}.";
        HeadroomAtLeast: "Headroom at least {low} (asked for: {safety}): the site carries {tip} pages/s or more, and the busiest moment brings {load}.",
            "Reserve mindestens {low} (verlangt: {safety}): Die Website trägt {tip} Seiten/s oder mehr, der stärkste Augenblick bringt {load}.";
        NoVerdict: "No verdict: {why}.", "Kein Urteil: {why}.";
        BusiestMoment: "The busiest moment brings {load} pages/s.", "Der stärkste Augenblick bringt {load} Seiten/s.";
        HeadroomRange: "With the whole interval ({from} to {to} pages/s): {low} to {high}.",
            "Mit dem ganzen Intervall ({from} bis {to} Seiten/s): {low} bis {high}.";
        LargestSend: "Largest send in {duration}: {count} recipients.", "Größter Versand in {duration}: {count} Empfänger.";
        LargestAudience: "Largest audience: {count}.", "Größtes Publikum: {count}.";
        Speed: "Fastest safe send: {duration}, at most {minute} mails a minute ({hour} an hour).",
            "Schnellster sicherer Versand: {duration}, höchstens {minute} Mails je Minute ({hour} je Stunde).";
        AtOnce: "All may go out at once.", "Alles darf auf einmal hinaus.";
        NoSpeed: "No send of up to {duration} is slow enough.", "Kein Versand bis {duration} ist langsam genug.";
        Endless: "Safe for any number of recipients: {minute} mails a minute.",
            "Sicher für beliebig viele Empfänger: {minute} Mails je Minute.";
        InBatches: "In batches: {count} × {size}, every {every}.", "In Paketen: {count} × {size}, alle {every}.";
        BreakEven: "Break-even: {share} of the recipients behind link scanners.",
            "Grenzfall: {share} der Empfänger hinter Link-Scannern.";
        AtRisk: "Sent as planned, about {visits} visits would fail, over {duration}.",
            "Wie geplant gesendet, würden etwa {visits} Besuche scheitern, über {duration}.";
        AtRiskRevenue: "Sent as planned, about {visits} visits would fail, over {duration}: about {money} of revenue.",
            "Wie geplant gesendet, würden etwa {visits} Besuche scheitern, über {duration}: etwa {money} Umsatz.";
        Together: "Together with the other campaigns and what the site carries already.",
            "Zusammen mit den anderen Kampagnen und dem, was die Website schon trägt.";
        NoTip: "Without a tipping point there is no verdict: add `--tip 36pages/s`, or `--from RUN`.",
            "Ohne Kipppunkt kein Urteil: `--tip 36pages/s` oder `--from LAUF` angeben.";

        Assumptions: "What this rests on", "Worauf das beruht";
        ColumnKey: "number", "Größe";
        ColumnValue: "value", "Wert";
        ColumnSource: "source", "Quelle";
        Given: "given", "angegeben";
        Default: "default", "Vorgabe";
        Extrapolated: "extrapolated", "extrapoliert";
        Range: "If more or fewer recipients sit behind link scanners", "Wenn mehr oder weniger Empfänger hinter Link-Scannern sitzen";
        ColumnShare: "share scanned", "Anteil gescannt";
        ColumnHeadroom: "headroom", "Reserve";
        ColumnLargest: "largest send", "größter Versand";
        ColumnPlanned: "planned", "geplant";

        SendPlan: "Send plan", "Sendeplan";
        BadgeGo: "Go", "Freigabe";
        BadgeThrottle: "Slower", "Langsamer";
        BadgeNoGo: "No-go", "Nicht senden";
        BadgeConditional: "Conditional", "Bedingt";
        BadgeNone: "Forecast", "Prognose";
        HowFast: "When and how fast", "Wann und wie schnell";
        NumberHeadroom: "Headroom", "Reserve";
        NumberPeak: "Busiest moment", "Stärkster Augenblick";
        NumberLargest: "Largest send", "Größter Versand";
        NumberSpeed: "Throttle", "Versanddrossel";
        AskedFor: "asked for: {safety}", "verlangt: {safety}";
        AfterStart: "{at} after the start", "{at} nach dem Start";
        InPlanned: "in {duration}", "in {duration} Sendezeit";
        PerMinute: "{count} a minute", "{count} je Minute";
        PerHour: "{count} an hour", "{count} je Stunde";
        AnySpeed: "none needed", "keine nötig";
        NoneFits: "none fits", "keine reicht";
        Stop: "Stop the send when", "Den Versand anhalten, wenn";
        Stop502: "the site answers 502, 503 or 504, or no longer answers: stop at once;",
            "die Website 502, 503 oder 504 antwortet oder gar nicht mehr: sofort anhalten;";
        StopSlow: "pages take more than twice as long as before the send, for a minute;",
            "Seiten eine Minute lang mehr als doppelt so lange brauchen wie vor dem Versand;";
        StopLoad: "the origin sees more than {rate} page views/s (the safe line of the chart).",
            "am Ursprung mehr als {rate} Seitenaufrufe/s ankommen (die sichere Linie des Diagramms).";
        StopOrders: "orders or sign-ups fall while visits rise.", "Bestellungen oder Anmeldungen sinken, während die Besuche steigen.";
        Watch: "What to watch", "Worauf zu achten ist";
        WatchFirst: "The first minutes belong to link scanners: many requests without cookies, images or scripts. They are no visitors, and they press as hard.",
            "Die ersten Minuten gehören den Link-Scannern: viele Anfragen ohne Cookies, Bilder und Skripte. Sie sind keine Besucher und drücken ebenso.";
        WatchPeak: "The peak is expected {at} after the start; an engineer should be there until {until} after the start.",
            "Die Spitze wird {at} nach dem Start erwartet; bis {until} nach dem Start sollte jemand aus der Technik da sein.";
        WatchCache: "The links differ from person to person: a cache that looks at the query string misses every one of them.",
            "Die Links unterscheiden sich je Person: Ein Cache, der auf den Query-String sieht, verfehlt jeden.";
        WatchImages: "The images of the mail come from the site itself: {rate} more requests/s at the peak.",
            "Die Bilder der Mail kommen von der Website selbst: {rate} weitere Anfragen/s in der Spitze.";
        Watch503: "If the site must fail, let it answer 503 with Retry-After rather than 502: search engines treat that as temporary.",
            "Wenn die Website scheitern muss, dann mit 503 und Retry-After statt mit 502: Suchmaschinen halten das für vorübergehend.";
        Made: "A forecast, no measurement: it is as good as the numbers below.",
            "Eine Prognose, keine Messung: Sie ist so gut wie die Zahlen darunter.";

        ForecastTitle: "{name} brings up to {load} pages/s, {at} after the start",
            "{name} bringt bis zu {load} Seiten/s, {at} nach dem Start";
        ForecastOver: "{name} passes the tipping point: {load} of {tip} pages/s, {at} after the start",
            "{name} überschreitet den Kipppunkt: {load} von {tip} Seiten/s, {at} nach dem Start";
        ForecastSafe: "{name} stays below the safe line: {load} of {safe} pages/s",
            "{name} bleibt unter der sicheren Linie: {load} von {safe} Seiten/s";
        ForecastThin: "{name} passes the safe line: {load} of {safe} pages/s",
            "{name} überschreitet die sichere Linie: {load} von {safe} Seiten/s";
        DescribeForecast: "Page views per second over the minutes after the start, stacked: what the site carries already, people, link scanners. {title}.",
            "Seitenaufrufe je Sekunde über den Minuten nach dem Start, gestapelt: Grundlast, Menschen, Link-Scanner. {title}.";
        AxisMinutes: "Minutes after the start", "Minuten nach dem Start";
        AxisHours: "Hours after the start", "Stunden nach dem Start";
        AxisSeconds: "Seconds after the start", "Sekunden nach dem Start";
        AxisPages: "Page views/s", "Seitenaufrufe/s";
        People: "people", "Menschen";
        Scanners: "link scanners", "Link-Scanner";
        OtherCampaigns: "other campaigns", "andere Kampagnen";
        Baseline: "already there", "Grundlast";
        TipLine: "tips at {rate}", "kippt bei {rate}";
        SafeLine: "safe up to {rate}", "sicher bis {rate}";
        PlannerThrottle: "{count} recipients need at least {duration}", "{count} Empfänger brauchen mindestens {duration}";
        PlannerGo: "{count} recipients fit into {duration}", "{count} Empfänger passen in {duration}";
        PlannerNoGo: "{count} recipients fit into no allowed send", "{count} Empfänger passen in keinen erlaubten Versand";
        DescribePlanner: "The largest safe audience over the time the send takes, with link scanners and without. {title}.",
            "Das größte sichere Publikum über der Versanddauer, mit und ohne Link-Scanner. {title}.";
        AxisDuration: "Send duration", "Versanddauer";
        AxisRecipients: "Largest audience", "Größtes Publikum";
        WithScanners: "safe, {share} scanned", "sicher, {share} gescannt";
        PeopleOnly: "without scanners", "ohne Scanner";
        ThePlan: "the plan", "der Plan";
        Subtitle: "{scenario} · forecast · safety factor {safety}", "{scenario} · Prognose · Sicherheitsfaktor {safety}";
        SubtitleOpen: "{scenario} · forecast", "{scenario} · Prognose ohne Kipppunkt";
        SketchLegend: "#: people  s: link scanners  o: other campaigns  .: already there",
            "#: Menschen  s: Link-Scanner  o: andere Kampagnen  .: Grundlast";
    }
}

impl PlanText {
    /// The text in `language` with its places filled.
    pub fn fill(self, language: Language, places: &[(&str, &str)]) -> String {
        filled(self.text(language), places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Source, printable};

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
    fn every_text_of_a_plan_says_the_same_in_both_languages() {
        let plan = PlanText::ALL
            .iter()
            .map(|one| Language::ALL.map(|language| one.text(language)));
        let sources = Source::ALL
            .iter()
            .map(|one| Language::ALL.map(|language| one.text(language)));
        for [english, german] in plan.chain(sources) {
            assert_ne!(english, german);
            assert_eq!(places(english), places(german), "{english}");
            assert!(!english.is_empty() && printable(english) == english && printable(german) == german);
        }
    }
}
