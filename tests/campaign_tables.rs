//! The figures that the campaign model documents come out of the code, from the formulas.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends at its first surprise"
)]

use std::path::Path;

use tipover::campaign::{
    Answer, Condition, Decision, Delay, Forecast, Measured, Origin, TippingPoint, Verdict,
};
use tipover::scenario::{Overrides, StandsFor, from_text};

fn answers(campaigns: &str, more: &str, tip: Option<(f64, f64)>) -> Vec<Answer> {
    let text = format!(
        "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\nbaseline: 3/s\ncampaigns: {campaigns}\n{more}"
    );
    let loaded = from_text(&text, "a.yaml", Path::new(""), &Overrides::default(), &|_| None)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let scenario = loaded.scenario;
    let measured = tip.map(|(low, high)| Measured {
        tipping_point: TippingPoint {
            low,
            mid: Some(f64::midpoint(low, high)),
            high: Some(high),
        },
        stands_for: scenario.target.stands_for,
        failed_at_first: None,
    });
    Forecast::new(&scenario).answers(measured, &scenario.thresholds)
}

/// A newsletter against a tipping point of 36 pages/s.
fn newsletter(keys: &str) -> (Answer, Decision) {
    let campaigns = format!("[ {{ newsletter: {{ click_rate: 3.5%, pages: 3, links: 8, {keys} }} }} ]");
    let answer = answers(&campaigns, "", Some((36.0, 36.0))).remove(0);
    let decision = answer.decision.clone().unwrap();
    (answer, decision)
}

fn near(found: f64, wanted: f64, part: f64) -> bool {
    (found / wanted - 1.0).abs() <= part
}

#[test]
fn the_largest_sends_are_those_of_the_table() {
    for (duration, share_by, people_only, with_scanners, per_minute) in [
        ("1m", 0.015, 765e3, 15.4e3, 15_450.0),
        ("10m", 0.114, 1.06e6, 137e3, 13_700.0),
        ("60m", 0.325, 2.22e6, 663e3, 11_000.0),
        ("4h", 0.551, 5.2e6, 2.19e6, 9_100.0),
    ] {
        let seconds = duration.parse::<tipover::units::Span>().unwrap().as_secs_f64();
        let by = Delay::NEWSLETTER.share_by(seconds);
        assert!((by - share_by).abs() < 0.001, "{duration}: {by}");
        let keys =
            |share: &str| format!("recipients: 10k, send_duration: {duration}, scanner_share: {share}");
        let (_, alone) = newsletter(&keys("0%"));
        assert!(
            near(alone.largest, people_only, 0.01),
            "{duration}: {}",
            alone.largest
        );
        let (_, both) = newsletter(&keys("1%"));
        assert!(
            near(both.largest, with_scanners, 0.006),
            "{duration}: {}",
            both.largest
        );
        let rate = 60.0 * both.largest / seconds;
        assert!(near(rate, per_minute, 0.006), "{duration}: {rate}");
        assert!(near(both.endless_per_minute.unwrap(), 6_800.0, 0.005));
    }
    // The closed form is 6 % high where the send is as short as the first clicks: C/(c·P·F(D)/D).
    let closed = 21.0 * 60.0 / (0.035 * 3.0 * Delay::NEWSLETTER.share_by(60.0));
    assert!(near(closed, 811e3, 0.005), "{closed}");
}

#[test]
fn the_example_has_the_headroom_of_the_table_at_every_scanner_share() {
    for (share, headroom) in [
        ("0%", 5.5),
        ("0.4%", 2.2),
        ("1%", 1.18),
        ("5%", 0.28),
        ("10%", 0.15),
    ] {
        let (_, decision) = newsletter(&format!(
            "recipients: 180k, send_duration: 10m, scanner_share: {share}"
        ));
        assert!(
            near(decision.headroom.low, headroom, 0.03),
            "{share}: {:?}",
            decision.headroom
        );
        let known: Vec<f64> = decision.scanner_range.iter().map(|at| at.share).collect();
        assert_eq!(known, [0.0, 0.004, 0.01, 0.05, 0.1]);
        let same = decision
            .scanner_range
            .iter()
            .find(|at| {
                near(
                    at.share + 1.0,
                    share.parse::<tipover::units::Share>().unwrap().get() + 1.0,
                    1e-9,
                )
            })
            .unwrap();
        assert!(near(same.headroom, decision.headroom.low, 1e-9));
    }
}

#[test]
fn a_send_that_is_too_fast_is_throttled_to_the_speed_that_just_fits() {
    let (_, decision) = newsletter("recipients: 180k, send_duration: 10m, scanner_share: 1%");
    assert_eq!(decision.verdict, Verdict::Throttle);
    let shortest = decision.shortest.unwrap();
    let keys = |seconds: f64| format!("recipients: 180k, send_duration: {seconds}s, scanner_share: 1%");
    let (_, slower) = newsletter(&keys(shortest.ceil()));
    assert_eq!(slower.verdict, Verdict::Go, "{shortest}");
    assert!(near(slower.largest, 180e3, 0.001), "{}", slower.largest);
    let (_, faster) = newsletter(&keys((shortest * 0.99).floor()));
    assert_eq!(faster.verdict, Verdict::Throttle);
    assert!(near(decision.per_minute.unwrap(), 60.0 * 180e3 / shortest, 1e-9));
    let (_, never) = newsletter(&format!("{}, longest_send: 12m", keys(600.0)));
    assert_eq!((never.verdict, never.shortest), (Verdict::NoGo, None));
}

#[test]
fn no_plain_go_without_a_measured_scanner_share_or_from_staging() {
    let campaigns = "[ { newsletter: { recipients: 50k, pages: 3 } } ]";
    let guess = answers(campaigns, "", Some((36.0, 36.0))).remove(0);
    let decision = guess.decision.unwrap();
    assert_eq!(decision.verdict, Verdict::Conditional);
    let share = decision.break_even.unwrap();
    assert_eq!(decision.conditions, [Condition::Scanners(share)]);
    let at_it = format!(
        "[ {{ newsletter: {{ recipients: 50k, pages: 3, scanner_share: {}% }} }} ]",
        share * 100.0
    );
    let even = answers(&at_it, "", Some((36.0, 36.0)))
        .remove(0)
        .decision
        .unwrap();
    assert!(near(even.headroom.low, 1.5, 1e-6), "{:?}", even.headroom);

    let known = "[ { newsletter: { recipients: 20k, pages: 3, scanner_share: 1% } } ]";
    let text = format!(
        "version: 1\ntarget: {{ url: \"http://localhost\", stands_for: staging }}\njourney: [ {{ get: / }} ]\ncampaigns: {known}\n"
    );
    let scenario = from_text(&text, "a", Path::new(""), &Overrides::default(), &|_| None)
        .unwrap()
        .scenario;
    let measured = Measured {
        tipping_point: TippingPoint {
            low: 500.0,
            mid: None,
            high: None,
        },
        stands_for: scenario.target.stands_for,
        failed_at_first: None,
    };
    let staging = Forecast::new(&scenario)
        .answers(Some(measured), &[])
        .remove(0)
        .decision
        .unwrap();
    assert_eq!(staging.verdict, Verdict::Conditional);
    assert_eq!(staging.conditions, [Condition::Production(StandsFor::Staging)]);
}

#[test]
fn the_peaks_of_all_kinds_are_those_of_the_table() {
    let peak = |campaign: &str| answers(&format!("[ {campaign} ]"), "", None).remove(0).peak;
    let mail = peak("{ newsletter: { recipients: 100k, send_duration: 10m, pages: 3 } }");
    assert!(
        near(mail.visits, 0.66, 0.01) && near(mail.page_views, 2.0, 0.01),
        "{mail:?}"
    );
    assert!(near(mail.requests - mail.page_views, 13.33, 0.01), "{mail:?}");
    assert!((mail.at - 600.0).abs() < 2.0, "{mail:?}");
    let spot = peak("{ tv_spot: { viewers: 2M } }");
    assert!(
        near(spot.visits, 9.6, 0.01) && (spot.at - 13.0).abs() < 0.2,
        "{spot:?}"
    );
    assert!(spot.visitors < 1_000.0, "more visitors than visits: {spot:?}");
    let viral = peak("{ viral: { visits: 30k } }");
    assert!(near(viral.visits * 3_600.0, 0.156 * 30e3, 0.005), "{viral:?}");
    let news = peak("{ breaking_news: { visits: 6k } }");
    assert!(near(news.visits * 60.0, 600.0, 0.03), "{news:?}");
    let sale = peak("{ flash_sale: { audience: 6k } }");
    assert!(near(sale.visits, 0.0017 * 6e3, 0.03), "{sale:?}");
    let stress = peak("{ flash_sale: { audience: 6k, preset: stress } }");
    assert!(near(stress.visits, 0.031 * 6e3, 0.01), "{stress:?}");
    // A rate that hardly changes within a visit: λ·W.
    assert!(near(viral.visitors, viral.visits * 127.0, 0.001), "{viral:?}");
}

#[test]
fn a_pulse_has_a_largest_audience_and_no_throttle() {
    let campaigns = "[ { tv_spot: { viewers: 1M, pages: 3 } } ]";
    let decision = answers(campaigns, "", Some((36.0, 36.0)))
        .remove(0)
        .decision
        .unwrap();
    // V_max = C/(P·peak density), in viewers.
    let largest = 21.0
        / (3.0 * 0.0005)
        / tipover::campaign::Shape::Pulse(tipover::campaign::Pulse::TV_SPOT)
            .peak()
            .density;
    assert!(near(decision.largest, largest, 1e-6));
    assert_eq!(decision.verdict, Verdict::Go);
    assert!(decision.per_minute.is_none() && decision.batches.is_none() && decision.scanner_range.is_empty());
}

#[test]
fn a_campaign_that_meets_another_has_less_room() {
    let alone = answers(
        "[ { tv_spot: { viewers: 2M, pages: 3 } } ]",
        "",
        Some((60.0, 60.0)),
    );
    let both = |starts: &str| {
        let campaigns = format!(
            "[ {{ newsletter: {{ recipients: 100k, pages: 3, scanner_share: 1% }} }}, {{ tv_spot: {{ viewers: 2M, pages: 3, starts: {starts} }} }} ]"
        );
        answers(&campaigns, "", Some((60.0, 60.0))).remove(1)
    };
    let headroom = |answer: &Answer| answer.decision.as_ref().unwrap().headroom.low;
    let meeting = both("5m");
    // 28.7 of the spot, 13.3 of scanners and 1.5 of those who click.
    assert!(
        near(60.0 / headroom(&meeting), 3.0 + 28.8 + 13.3 + 1.5, 0.01),
        "{}",
        headroom(&meeting)
    );
    assert!(headroom(&both("3d")) > 0.98 * headroom(&alone[0]));
    let largest = |answer: &Answer| answer.decision.as_ref().unwrap().largest;
    assert!(largest(&meeting) < 0.65 * largest(&alone[0]));
}

#[test]
fn what_is_at_risk_is_what_comes_above_the_tipping_point() {
    let keys = "[ { breaking_news: { visits: 60k, pages: 1, conversion_rate: 2%, order_value: 80 EUR } } ]";
    let risk = |tip: f64| {
        answers(keys, "", Some((tip, tip)))
            .remove(0)
            .decision
            .unwrap()
            .at_risk
    };
    assert!(risk(200.0).visits == 0.0 && risk(200.0).seconds == 0.0);
    let some = risk(53.0);
    // A slow sum of 60,000·density·(1 − 53/load), second by second.
    let shape = tipover::campaign::Shape::Pulse(tipover::campaign::Pulse::BREAKING_NEWS);
    let slow: f64 = (0..4_000)
        .map(|second| 60e3 * shape.density(f64::from(second) + 0.5))
        .map(|rate| rate * (1.0 - 53.0 / (rate + 3.0)).max(0.0))
        .sum();
    assert!(near(some.visits, slow, 0.002), "{} against {slow}", some.visits);
    assert!(near(some.revenue.unwrap(), slow * 1.6, 0.002));
}

#[test]
fn every_number_says_whether_it_was_given() {
    let (answer, _) = newsletter("recipients: 180k, name: sale");
    let of = |name: &str| {
        let found = answer.campaign.assumptions.iter().find(|one| one.name == name);
        found.map(|one| (one.value.as_str(), one.origin)).unwrap()
    };
    assert_eq!(answer.campaign.name, "sale");
    assert_eq!(of("recipients"), ("180k", Origin::Given));
    assert_eq!(of("click_rate"), ("3.5%", Origin::Given));
    assert_eq!(of("send_duration"), ("18m", Origin::Default));
    assert_eq!(of("scanner_share"), ("1%", Origin::Extrapolated));
    assert_eq!(
        of("click_delay"),
        ("median 2.95h, sigma 2.38", Origin::Extrapolated)
    );
    assert_eq!(of("visit_length"), ("127s", Origin::Default));
}

#[test]
fn a_threshold_asks_for_another_safety() {
    let campaigns = "[ { tv_spot: { viewers: 2M, pages: 3, name: spot } } ]";
    let decision = |more: &str| {
        answers(campaigns, more, Some((60.0, 60.0)))
            .remove(0)
            .decision
            .unwrap()
    };
    assert_eq!(decision("").safety, 1.5);
    let strict = decision("thresholds: [ headroom(spot) >= 2 ]");
    assert_eq!((strict.safety, strict.verdict), (2.0, Verdict::NoGo));
}
