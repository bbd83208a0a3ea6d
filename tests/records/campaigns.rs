//! Records of searches whose scenario plans campaigns: with room, without, beyond the chart, behind a limit that is a
//! policy, and counted in multiples of the campaign.

use tipover::campaign::Forecast;
use tipover::record::RunRecord;
use tipover::scenario::{Overrides, from_text};
use tipover::search::{Finding, Limit};

use super::Case;
use super::{policy, tipped};

/// The campaigns `written` on a site that carries 3 pages per second already, as a record keeps them.
pub(crate) fn forecast(written: &str) -> Forecast {
    let text = format!(
        "version: 1\ntarget: http://localhost\njourney: [ {{ get: / }} ]\nbaseline: 3/s\ncampaigns: {written}\n"
    );
    let folder = std::path::Path::new("");
    let loaded = from_text(&text, "a.yaml", folder, &Overrides::default(), &|_| None);
    Forecast::new(&loaded.unwrap().scenario)
}

fn planning(record: &mut RunRecord, forecast: &Forecast, thresholds: &[&str]) {
    record.header.forecast = Some(serde_json::to_value(forecast).unwrap());
    record.header.thresholds = thresholds.iter().map(|text| (*text).to_owned()).collect();
}

/// The search that tipped, with campaigns.
pub(crate) fn planned(written: &str, thresholds: &[&str]) -> (RunRecord, Finding) {
    let (mut record, found) = tipped();
    planning(&mut record, &forecast(written), thresholds);
    (record, found)
}

pub(super) fn all() -> Vec<Case> {
    let (go, found_go) = planned(
        "[ { newsletter: { recipients: 180k, scanner_share: 1%, pages: 3 } } ]",
        &["headroom(newsletter) >= 1.5", "failures < 1% at newsletter.peak"],
    );
    let (late, found_late) = planned(
        "[ { newsletter: { name: black_week, recipients: 1.4M, links: 8, scanner_share: 2%, conversion_rate: 2%, order_value: 80 EUR } }, \
           { tv_spot: { viewers: 2M, response_rate: 1%, starts: 10m } } ]",
        &[],
    );
    let (mut refused, found_refused) = {
        let (_, record, found) = policy();
        (record, found.unwrap())
    };
    planning(
        &mut refused,
        &forecast("[ { push: { recipients: 80k } } ]"),
        &["headroom(push) >= 1.5", "p95 < 800ms at push.peak"],
    );
    assert_eq!(found_refused.limit, Some(Limit::Policy));
    let (mut counted, found_counted) = planned(
        "[ { newsletter: { recipients: 400k, scanner_share: 1%, pages: 3 } } ]",
        &[],
    );
    let mut in_multiples = forecast("[ { newsletter: { recipients: 400k, scanner_share: 1%, pages: 3 } } ]");
    in_multiples.counted_in = Some("newsletter".to_owned());
    counted.header.forecast = Some(serde_json::to_value(in_multiples).unwrap());
    vec![
        ("campaign_with_room", go, Some(found_go)),
        ("campaigns_without_room", late, Some(found_late)),
        ("campaign_behind_a_policy", refused, Some(found_refused)),
        ("campaign_in_multiples", counted, Some(found_counted)),
    ]
}
