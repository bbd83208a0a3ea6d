//! The short words of pages, charts and tables.

use super::texts;

texts! {
    /// A label, a heading or a short text without places.
    Label {
        AxisLoad: "Offered load, pages/s", "Angebotene Last, Seiten/s";
        AxisFailed: "Failed requests", "Gescheiterte Anfragen";
        AxisLatency: "Latency", "Latenz";
        SafeZone: "safe zone", "sicherer Bereich";
        AllFailures: "all failures", "alle Fehler";
        AllFailuresAre502: "failures, all of them 502", "Fehler, alle 502";
        Of502: "of these 502", "davon 502";
    }
}
