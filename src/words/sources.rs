//! Where an assumption about a campaign comes from.

use super::texts;

texts! {
    /// Where a number comes from that nobody gave, and what it is worth.
    Source {
        Scenario: "scenario", "Szenario";
        Journey: "steps of the journey", "Schritte der Journey";
        Fitted: "GetResponse 2019/20 and 2022, fitted; below an hour extrapolated",
            "GetResponse 2019/20 und 2022, angepasst; unter einer Stunde extrapoliert";
        Stress: "stress preset, extrapolated", "Stressvorgabe, extrapoliert";
        PushDelay: "no published minutes: extrapolated", "keine veröffentlichten Minutenwerte: extrapoliert";
        ClicksGermany: "Inxmail 2021, Germany; branches 1.1–8.2%", "Inxmail 2021, Deutschland; Branchen 1,1–8,2 %";
        ClicksPush: "upper end of the published 1.8–4.5%", "oberes Ende der veröffentlichten 1,8–4,5 %";
        SendSpeed: "10 minutes for every 100,000 mails, usual at mail services",
            "10 Minuten je 100.000 Mails, bei Versanddiensten üblich";
        PushSpeed: "push services send at once: assumed", "Push-Dienste senden sofort: angenommen";
        LongestSend: "a send may take a day: assumed", "ein Versand darf einen Tag dauern: angenommen";
        Links: "a usual newsletter: assumed", "ein üblicher Newsletter: angenommen";
        ScannerGuess: "guess; 0.4–10% until calibrated from an earlier send",
            "geschätzt; 0,4–10 %, bis ein früherer Versand kalibriert ist";
        Tracking: "links of mail services differ per person: assumed",
            "Links von Versanddiensten sind je Person verschieden: angenommen";
        TvResponse: "spots without an offer; with an offer or a QR code about 1%",
            "Spots ohne Angebot; mit Angebot oder QR-Code etwa 1 %";
        TvShape: "measured: peak 13 s after the spot, 75% within 2 minutes",
            "gemessen: Spitze 13 s nach dem Spot, 75 % in 2 Minuten";
        FrontPage: "front pages of aggregators bring 15,000–50,000", "Startseiten von Portalen bringen 15.000–50.000";
        ViralShape: "measured: the best hour has 15.9% of all hits",
            "gemessen: die beste Stunde hat 15,9 % aller Aufrufe";
        NewsShape: "measured: half-life of 5 minutes", "gemessen: Halbwertszeit 5 Minuten";
        Everybody: "everybody comes: the safe assumption", "alle kommen: die sichere Annahme";
        NobodyWaits: "no step; the stress preset lets 30% wait", "kein Sprung; in der Stressvorgabe warten 30 %";
        SaleShape: "assumed; a ticket sale had 51,658 people and 844 requests/s at its peak",
            "angenommen; ein Kartenverkauf hatte 51.658 Menschen und 844 Anfragen/s in der Spitze";
        PagesUsual: "usual: 3 pages a visit", "üblich: 3 Seiten je Besuch";
        OnePerPage: "HTML only, assets from elsewhere: assumed", "nur HTML, alles andere von anderswo: angenommen";
        VisitLength: "retail median; quartiles 75 and 210 s", "Median im Handel; Quartile 75 und 210 s";
        AsMeasured: "the table as it is", "die Tabelle, wie sie ist";
    }
}
