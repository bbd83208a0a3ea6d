//! Reports in a real browser: what a reader sees in light and dark, on a phone and in both languages, and that the page
//! asks nobody for anything. A small page around the report measures it from inside; the browser's own log tells what
//! was refused.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at its first surprise"
)]

#[path = "records/builder.rs"]
mod builder;
#[path = "records/cases.rs"]
mod cases;
#[path = "browser/measured.rs"]
mod measured;

use measured::{Seen, browser, look_at};
use tipover::report::{decision, headline, summary};
use tipover::words::Language;

/// The page of a case, and what its head says in each language.
fn report(name: &str) -> (String, [String; 2]) {
    let (_, record, finding) = cases::all().into_iter().find(|case| case.0 == name).unwrap();
    let folder = tempfile::tempdir().unwrap();
    tipover::report::write(&record, finding.as_ref(), folder.path(), &Language::ALL).unwrap();
    let summary = summary(&record, finding.as_ref());
    let said = Language::ALL.map(|language| {
        let decision = decision(&summary, language).replace('`', "");
        format!("{}|{decision}", headline(&summary, language)).replace('\u{a0}', " ")
    });
    (
        std::fs::read_to_string(folder.path().join("report.html")).unwrap(),
        said,
    )
}

fn check(name: &str, is_dark: bool) {
    let Some(browser) = browser() else {
        return;
    };
    let (page, said) = report(name);
    let seen: Seen = look_at(&browser, &page, is_dark);
    assert_eq!(
        seen.console,
        Vec::<String>::new(),
        "{name}: the browser complains"
    );
    assert_eq!(
        seen.requests,
        Vec::<String>::new(),
        "{name}: somebody else was asked"
    );
    assert_eq!(seen.looks.len(), 4, "{name}: two widths in two languages");
    for look in &seen.looks {
        let place = format!("{name}: {} at {} px", look.language, look.width);
        let at = usize::from(look.language == "de");
        assert_eq!(
            look.head.replace('\u{a0}', " "),
            said[at],
            "{place}: the head is not what is seen"
        );
        assert_eq!(look.wider, Vec::<String>::new(), "{place}: wider than the window");
        assert_eq!(
            look.asked,
            Vec::<String>::new(),
            "{place}: the page loads something"
        );
        assert_eq!(look.is_dark, is_dark, "{place}");
        assert!(look.contrast >= 7.0, "{place}: contrast {}", look.contrast);
        assert!(
            look.chart_width > 0.8 * f64::from(look.width) || ["empty", "down"].contains(&name),
            "{place}: a chart of {} px",
            look.chart_width
        );
        assert!(look.has_our_font, "{place}: the embedded font is not used");
    }
}

#[test]
fn a_tipping_point_is_read_in_a_browser_by_day() {
    check("tipped", false);
}

#[test]
fn a_tipping_point_is_read_in_a_browser_by_night() {
    check("tipped", true);
}

#[test]
fn a_run_is_read_in_a_browser() {
    check("run_failing", false);
}

#[test]
fn many_trials_fit_a_phone() {
    check("forty_trials", true);
}

#[test]
fn a_report_without_any_load_is_whole() {
    check("empty", false);
}

#[test]
fn a_site_that_is_down_is_said_to_be() {
    check("down", true);
}

#[test]
fn foreign_text_does_nothing_in_a_browser() {
    check("hostile", false);
}

/// The tests above would pass if nothing were ever noticed.
#[test]
fn what_a_report_must_not_do_is_noticed() {
    let Some(browser) = browser() else {
        return;
    };
    let (page, _) = report("tipped");
    let policy = page.find("<meta http-equiv").unwrap();
    let end = policy + page[policy..].find('>').unwrap() + 1;
    let bad = "<img src=\"http://elsewhere.example/x.png\"><div style=\"width:90rem\">wide</div><script>console.error('told')</script>";
    let with_policy = page.replacen("<article", &format!("{bad}<article"), 1);
    let seen = look_at(&browser, &with_policy, false);
    assert!(
        seen.console
            .iter()
            .any(|line| line.contains("Content Security Policy")),
        "{:?}",
        seen.console
    );
    assert_eq!(seen.requests, Vec::<String>::new(), "the policy holds");
    let without_policy = format!("{}{}", &with_policy[..policy], &with_policy[end..]);
    let seen = look_at(&browser, &without_policy, false);
    assert!(
        seen.requests
            .iter()
            .any(|line| line.contains("elsewhere.example")),
        "{:?}",
        seen.requests
    );
    assert!(seen.console.iter().any(|line| line.contains("told")));
    assert!(seen.looks.iter().all(|look| !look.asked.is_empty()));
    assert!(seen.looks.iter().all(|look| !look.wider.is_empty()));
}

/// A page of a PDF, as Chromium writes it: not the tree of pages.
fn pages_of(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(pdf);
    text.matches("/Type /Page\n").count() + text.matches("/Type/Page\n").count()
}

#[test]
fn the_send_plan_of_a_campaign_prints_on_one_page_in_both_languages() {
    let Some(browser) = browser() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("sale.yaml");
    let text = "version: 1\nname: Black Week newsletter for everybody\ntarget: { url: http://localhost, stands_for: staging }\n\
        journey: [ { get: / } ]\nbaseline: 3/s\ncampaigns:\n  - newsletter: { recipients: 180k, send_duration: 10m, images: 2, \
        open_rate: 40%, conversion_rate: 2%, order_value: 80 EUR }\n";
    std::fs::write(&scenario, text).unwrap();
    for (languages, tip) in [("en,de", "36pages/s"), ("de,en", "20..28pages/s")] {
        let out = folder.path().join(languages);
        let planned = std::process::Command::new(env!("CARGO_BIN_EXE_tipover"))
            .arg("plan")
            .arg(&scenario)
            .args(["--tip", tip, "--lang", languages, "--out"])
            .arg(&out)
            .output()
            .unwrap();
        assert!(planned.status.success(), "{planned:?}");
        let pdf = folder.path().join(format!("{languages}.pdf"));
        let printed = std::process::Command::new(&browser)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-pdf-header-footer",
            ])
            .arg(format!(
                "--user-data-dir={}",
                folder.path().join("profile").display()
            ))
            .arg(format!("--print-to-pdf={}", pdf.display()))
            .arg(format!("file://{}", out.join("send-plan.html").display()))
            .output()
            .unwrap();
        let pdf = std::fs::read(&pdf).unwrap_or_else(|error| panic!("{error}: {printed:?}"));
        assert_eq!(pages_of(&pdf), 1, "{languages}");
    }
}
