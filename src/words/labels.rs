//! The short words of pages, charts and tables.

use super::texts;

texts! {
    /// A label, a heading or a short text without places.
    Label {
        AxisLoad: "Offered load, pages/s", "Angebotene Last, Seiten/s";
        AxisFailed: "Failed requests", "Gescheiterte Anfragen";
        AxisLatency: "Latency", "Latenz";
        AxisFilling: "In use", "Belegt";
        MonitoringHeading: "Watch it from now on", "Künftig überwachen";
        MonitoringAbout: "Rules for Prometheus, to paste: they warn before the site tips over.",
            "Regeln für Prometheus zum Einfügen: Sie warnen, bevor die Website kippt.";
        WatchedHeading: "On the servers", "Auf den Servern";
        FillingTable: "How full, in numbers", "Wie voll, in Zahlen";
        NothingFull: "No watched resource was full", "Keine beobachtete Ressource war voll";
        WatchedCauses: "What the logs say", "Was die Protokolle sagen";
        ColumnCause: "Cause", "Ursache";
        ColumnLines: "Lines", "Zeilen";
        ColumnFromRate: "From, pages/s", "Ab, Seiten/s";
        ColumnWhatToDo: "What to do", "Was zu tun ist";
        Example: "Example", "Beispiel";
        SourcesLost: "Not seen to the end:", "Nicht bis zum Ende gesehen:";
        AxisAfterSend: "Minutes after the first mail", "Minuten nach der ersten Mail";
        AxisVisitsPerMinute: "Visits per minute", "Besuche pro Minute";
        ClicksCounted: "counted", "gezählt";
        ClicksFitted: "fitted", "angepasst";
        ClicksUsual: "comes anyway", "kommt ohnehin";
        ClicksAbout: "Visits per minute over the time after the send: what was counted as dots, the fitted curve as a line, what comes anyway below it.",
            "Besuche pro Minute über der Zeit nach dem Versand: Gezähltes als Punkte, die angepasste Kurve als Linie, darunter, was ohnehin kommt.";
        SafeZone: "safe zone", "sicherer Bereich";
        PassedBriefly: "passed, not held", "bestanden, nicht gehalten";
        BelowInterval: "below the interval", "unter dem Intervall";
        TurnedAway: "turned away (401, 403, 429)", "abgewiesen (401, 403, 429)";
        AllFailures: "all failures", "alle Fehler";
        AllFailuresAre502: "failures, all of them 502", "Fehler, alle 502";
        ArrivalsClosed: "closed model", "geschlossenes Modell";
        ClosedHides: "each visitor waits for its answer before it asks again. When the site slows down, it is asked less, and the waiting of those who would have come is missing from the latencies (coordinated omission). Real visitors do not wait for each other: a load in visits/s shows what they feel.",
            "Jeder Besucher wartet auf seine Antwort, bevor er wieder fragt. Wird die Website langsamer, wird sie seltener gefragt, und das Warten derer, die gekommen wären, fehlt in den Latenzen (coordinated omission). Echte Besucher warten nicht aufeinander: Eine Last in Besuchen/s zeigt, was sie spüren.";
        ArrivalsPoisson: "Poisson arrivals", "Poisson-Ankünfte";
        PoissonGap: "at random, as visitors come: some moments bring twice the mean. A site with a short queue tips below its capacity then (workers ÷ service time); evenly spaced requests would find a higher load that no campaign has.",
            "zufällig, wie Besucher kommen: Manche Augenblicke bringen das Doppelte des Mittels. Mit kurzer Warteschlange kippt eine Website dann unter ihrer Kapazität (Prozesse ÷ Bedienzeit); gleichmäßige Anfragen fänden eine höhere Last, die keine Kampagne hat.";
        ArrivalsEven: "even arrivals", "gleichmäßige Ankünfte";
        SignVoid: "crosses: this machine was disturbed, not judged", "Kreuze: Rechner gestört, nicht gewertet";
        FailuresMedian: "failures, median", "Fehler, Median";
        Of502: "of these 502", "davon 502";

        KindTipped: "Tipping point found", "Kipppunkt gefunden";
        KindPolicy: "Rate limit found", "Ratenbegrenzung gefunden";
        KindNotReached: "Not reached", "Nicht erreicht";
        KindProven: "Proven", "Nachgewiesen";
        KindRefuted: "Refuted", "Widerlegt";
        KindTooClose: "Too close to tell", "Zu knapp";
        KindUnknown: "Nothing found", "Nichts gefunden";
        KindAlreadyFailing: "Already failing", "Scheitert schon";
        KindBlocked: "Blocked", "Abgewiesen";
        KindUnsteady: "Unsteady", "Unstet";
        KindOurLimit: "Our limit", "Unsere Grenze";
        KindRun: "Run", "Lauf";
        Interrupted: "Interrupted by hand: what follows is what was seen until then.",
            "Von Hand abgebrochen: Es folgt, was bis dahin zu sehen war.";
        Partial: "Partial: the run was killed before its end; what follows is what its record holds.",
            "Unvollständig: Der Lauf wurde vor seinem Ende beendet; es folgt, was seine Aufzeichnung enthält.";
        Capped: "Ended early by a cap or a stop rule", "Vorzeitig beendet durch eine Obergrenze oder Abbruchregel";
        Torn: "The last line of the record was torn and is left out.",
            "Die letzte Zeile der Aufzeichnung war zerrissen und fehlt.";

        TippingPoint: "Tipping point", "Kipppunkt";
        TipsBetween: "Tips over between", "Kippt zwischen";
        NotNarrowed: "not narrowed down: only asked for a load", "nicht eingegrenzt: nur nach einer Last gefragt";
        VerifiedLoad: "Verified load", "Geprüfte Last";
        HighestLoad: "Highest load", "Höchste Last";
        First502: "First 502", "Erste 502";
        P95At: "p95 at the verified load", "p95 bei geprüfter Last";
        P95Overall: "p95 at the highest load", "p95 bei höchster Last";
        NoneSeen: "none seen", "keine gesehen";
        NotNamed: "not named", "nicht genannt";
        NotHeld: "none held", "keine gehalten";
        PagesPerSecond: "pages/s", "Seiten/s";
        VisitsPerSecond: "visits/s", "Besuche/s";
        Interval: "95% interval", "95-%-Intervall";

        CampaignsHeading: "The campaigns", "Die Kampagnen";
        CampaignPeak: "Campaign peak", "Kampagnenspitze";
        HeadroomHeading: "Headroom", "Reserve";

        Next: "What to do next", "Was jetzt zu tun ist";
        SearchSays: "The search’s own words", "Die Suche im Wortlaut (englisch)";
        LatencyHeading: "Latency", "Latenz";
        Parts: "Where the time of the good answers went", "Wo die Zeit der guten Antworten blieb";
        ColumnPart: "part", "Abschnitt";
        ColumnLongest: "longest", "längste";
        PartDns: "looking up the name, once before the run", "Namensauflösung, einmal vor dem Lauf";
        PartConnect: "connecting", "Verbinden";
        PartTls: "TLS handshake", "TLS-Handshake";
        PartSend: "sending the request", "Senden der Anfrage";
        PartFirstByte: "waiting for the first byte", "Warten auf das erste Byte";
        PartReceive: "receiving the answer", "Empfangen der Antwort";
        Protocol: "Protocol", "Protokoll";
        Proxy: "Through the proxy", "Über den Proxy";
        Redirects: "Redirects followed", "Gefolgte Weiterleitungen";
        Assets: "Fetched with the pages", "Mit den Seiten geladen";
        Steps: "Steps", "Schritte";
        ColumnStep: "step", "Schritt";
        ColumnRequests: "requests", "Anfragen";
        ColumnFailures: "failures", "Fehler";
        Retried: "Sent a second time", "Zweimal gesendet";
        Trials: "Trials", "Versuche";
        Loads: "Stretches of load", "Lastabschnitte";
        ColumnLoad: "pages/s", "Seiten/s";
        ColumnPhase: "phase", "Phase";
        ColumnSeconds: "s", "s";
        ColumnSent: "sent", "gesendet";
        ColumnUnsent: "unsent", "nicht gesendet";
        ColumnFailed: "failed", "gescheitert";
        ColumnInterval: "95% interval", "95-%-Intervall";
        Column502: "502", "502";
        ColumnVerdict: "verdict", "Urteil";
        VerdictGood: "good", "gut";
        VerdictBad: "bad", "schlecht";
        VerdictNear: "near", "nahe";
        VerdictUnknown: "unknown", "unklar";
        VerdictVoid: "void", "ungültig";
        PhaseBaseline: "baseline", "Grundlast";
        PhaseCoarse: "coarse", "grob";
        PhaseRefine: "refine", "fein";
        PhaseHold: "hold", "Halten";
        PhaseChallenge: "challenge", "Gegenprobe";
        PhaseRecover: "recover", "Erholung";

        Who: "What came first, and who answered", "Was zuerst kam und wer geantwortet hat";
        FirstFailure: "First failure", "Erster Fehler";
        AllAnswers: "All answers", "Alle Antworten";
        ColumnClass: "ended with", "beendet mit";
        ColumnCount: "count", "Anzahl";
        ColumnShare: "share", "Anteil";
        CountsAsFailure: "counts as failure", "zählt als Fehler";
        Yes: "yes", "ja";
        No: "no", "nein";
        Examples: "Failed answers, one of each kind", "Gescheiterte Antworten, je eine";
        RecoveryHeading: "Recovery", "Erholung";

        Trust: "How far to trust this", "Wie weit dem zu trauen ist";
        Generator: "This machine", "Dieser Rechner";
        GeneratorOk: "fast enough", "schnell genug";
        GeneratorLimited: "limited what was measured", "hat die Messung begrenzt";
        ByCpu: "processor time", "Prozessorzeit";
        ByLateness: "lateness of its own", "eigene Verspätung";
        ByInFlight: "requests in flight", "Anfragen im Umlauf";
        ByFiles: "open files", "offene Dateien";
        ByPorts: "local ports", "lokale Ports";
        ByMemory: "memory", "Speicher";
        OursFrom: "this machine’s limit", "Grenze dieses Rechners";
        Lateness: "Lateness of requests", "Verspätung der Anfragen";
        Disturbed: "Disturbed seconds", "Gestörte Sekunden";
        Unsent: "Arrivals given up", "Aufgegebene Ankünfte";
        RequestsPerTrial: "Requests per trial", "Anfragen je Versuch";
        Arrivals: "Arrivals", "Ankünfte";
        Think: "Think times", "Denkzeiten";
        ThinkNone: "left out: a trial is steady at once", "weggelassen: ein Versuch ist sofort stationär";
        ThinkReal: "kept", "beibehalten";
        Confidence: "Confidence", "Sicherheit";
        HorizonHeading: "Horizon", "Horizont";
        Searches: "Searches that are pooled", "Zusammengefasste Suchen";
        Converged: "Search", "Suche";
        ConvergedYes: "came to its own end", "kam zu ihrem eigenen Ende";
        ConvergedNo: "ended before it was done", "endete, bevor sie fertig war";
        TrustStore: "Trusted certificates", "Vertraute Zertifikate";
        TrustSystem: "of the system", "des Systems";
        TrustBundled: "bundled", "mitgeliefert";
        TrustFile: "from a file", "aus einer Datei";
        TrustInsecure: "any: the site’s identity was not checked", "beliebige: Die Identität der Website wurde nicht geprüft";
        TrustUnused: "not used (no TLS)", "nicht verwendet (kein TLS)";
        Connections: "Connections", "Verbindungen";
        ConnectionsVisitor: "one per visitor", "eine je Besucher";
        ConnectionsPooled: "pooled", "gemeinsam genutzt";
        ConnectionsRequest: "one per request", "eine je Anfrage";
        Seed: "Seed", "Startwert";
        Machine: "Machine", "Rechner";
        StandsFor: "Stands for", "Steht für";
        FailureFamily: "Counts as failure", "Als Fehler zählt";
        FamilyGateway: "502, 503, 504, 52x, connections that failed", "502, 503, 504, 52x, gescheiterte Verbindungen";
        FamilyAny5xx: "every 5xx, connections that failed", "jeder 5xx, gescheiterte Verbindungen";
        LimitHeading: "Limit of failures", "Grenze der Fehler";

        TruthHeading: "The truth about this demo site", "Die Wahrheit über diese Demo-Website";
        Thresholds: "Thresholds", "Schwellen";
        ColumnThreshold: "threshold", "Schwelle";
        ColumnWhy: "why", "warum";
        Passed: "passed", "eingehalten";
        Failed: "failed", "verletzt";
        NotKnown: "not known", "unbekannt";
        About: "About this run", "Über diesen Lauf";
        RunId: "Run", "Lauf";
        Started: "Started", "Begonnen";
        Command: "Command", "Befehl";
        Site: "Site", "Website";
        Addresses: "Addresses", "Adressen";
        Authorized: "Authorized by", "Genehmigt von";
        NotNeeded: "not needed", "nicht nötig";
        Version: "Version", "Version";
        ScenarioHash: "SHA-256 of the scenario", "SHA-256 des Szenarios";
        Effective: "The scenario as it was understood", "Das Szenario, wie es verstanden wurde";
        LanguageHeading: "Language", "Sprache";
    }
}
