//! What to do next: short, for a person who has the page open.

use super::texts;

texts! {
    /// One piece of advice.
    Advice {
        Throttle: "Spread the send so that its peak, scanners and the everyday load included, stays below the verified load.",
            "Den Versand so strecken, dass seine Spitze samt Link-Scannern und Grundlast unter der geprüften Last bleibt.";
        ThrottleFar: "Spread the send so that its peak, scanners and the everyday load included, stays well below the interval: no load is verified.",
            "Den Versand so strecken, dass seine Spitze samt Link-Scannern und Grundlast deutlich unter dem Intervall bleibt: Keine Last ist geprüft.";
        ReadGatewayLog: "Read the gateway’s error log at the second of the first 502: it names why the backend did not answer.",
            "Das Fehlerprotokoll des Gateways zur Sekunde der ersten 502 lesen: Es nennt, warum das Backend nicht antwortete.";
        MoreWorkers: "502 at once usually means a full queue: more backend workers, a shorter answer, or a cache in front of them.",
            "Sofortige 502 bedeuten meist eine volle Warteschlange: mehr Backend-Prozesse, kürzere Antworten oder ein Cache davor.";
        Timeouts: "Answers time out: the backend works on requests that nobody waits for any more. Shorten its queue before you lengthen a timeout.",
            "Antworten laufen in die Zeitgrenze: Das Backend bearbeitet Anfragen, auf die niemand mehr wartet. Erst die Warteschlange kürzen, dann Zeitgrenzen verlängern.";
        Unavailable: "503 is often a decision: a connection limit, a maintenance page, or no healthy backend. The gateway’s log says which.",
            "503 ist oft eine Entscheidung: ein Verbindungslimit, eine Wartungsseite oder kein gesundes Backend. Das Protokoll des Gateways sagt, was davon.";
        RefusedConnections: "Connections fail below HTTP: look at the listen backlog, the limit of open files, and the firewall.",
            "Verbindungen scheitern unterhalb von HTTP: Listen-Backlog, Grenze offener Dateien und Firewall prüfen.";
        AskWhoLimits: "Ask who runs the CDN, the firewall and the gateway which limit this is, and whether it counts per address.",
            "Bei den Betreibern von CDN, Firewall und Gateway klären, welche Grenze das ist und ob sie je Adresse zählt.";
        NoSendSize: "Derive no send size from it: a thousand visitors come from a thousand addresses.",
            "Keine Versandgröße daraus ableiten: Tausend Besucher kommen von tausend Adressen.";
        HoldLonger: "Before a send that matters, search with `--profile long`: leaks and rare stalls show only with time.",
            "Vor einem wichtigen Versand mit `--profile long` suchen: Lecks und seltene Hänger zeigen sich erst mit der Zeit.";
        OfferMore: "To find the tipping point itself, raise `--to`.",
            "Um den Kipppunkt selbst zu finden, `--to` erhöhen.";
        SearchOnward: "To find the tipping point itself, search without `--enough`.",
            "Um den Kipppunkt selbst zu finden, ohne `--enough` suchen.";
        RepairFirst: "Open the site in a browser and read the gateway’s log: it fails without load, so load is not the cause.",
            "Die Website im Browser öffnen und das Protokoll des Gateways lesen: Sie scheitert ohne Last, also ist Last nicht die Ursache.";
        StartLower: "The share of failures grows with the load, so load is a cause: start lower with `--from`.",
            "Der Anteil der Fehler wächst mit der Last, Last ist also eine Ursache: mit `--from` tiefer beginnen.";
        CheckBackends: "A constant share points to one broken backend behind a load balancer: look at each of them by itself.",
            "Ein gleichbleibender Anteil deutet auf ein defektes Backend hinter einem Load-Balancer: jedes einzeln prüfen.";
        AllowUs: "Have this machine’s address allowed, or measure the origin behind the CDN with `target.resolve`.",
            "Die Adresse dieses Rechners freigeben lassen, oder den Ursprung hinter dem CDN mit `target.resolve` messen.";
        KeepStill: "Keep the site still while it is measured: no autoscaling, no deployments, no other tests.",
            "Die Website während der Messung in Ruhe lassen: kein Autoscaling, keine Deployments, keine anderen Tests.";
        MeasureAgain: "Then measure again: two findings that agree are worth more than one.",
            "Danach erneut messen: Zwei Befunde, die übereinstimmen, sind mehr wert als einer.";
        LargerMachine: "Measure from a larger machine, or with `connections: pooled`, which needs fewer ports and handshakes.",
            "Von einem größeren Rechner messen oder mit `connections: pooled`, das weniger Ports und Handshakes braucht.";
        SearchForIt: "A run shows one load. `tipover find` shows how far away the tipping point is.",
            "Ein Lauf zeigt eine Last. `tipover find` zeigt, wie weit der Kipppunkt entfernt ist.";
        AddThresholds: "Add `thresholds:` to the scenario, and a pipeline can decide by the exit code.",
            "`thresholds:` ins Szenario schreiben, dann kann eine Pipeline am Exit-Code entscheiden.";
        MoreBudget: "The search was not done: let it run to its end, or give it more time with `--budget`.",
            "Die Suche war nicht fertig: sie zu Ende laufen lassen oder ihr mit `--budget` mehr Zeit geben.";
    }
}
