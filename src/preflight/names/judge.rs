//! What the answers of resolvers mean for visitors.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use super::super::finding::{Area, Finding};
use super::NameAnswer;

/// Above this a name is slow: it is a part of every first visit.
const SLOW: Duration = Duration::from_millis(300);
/// A record that lives longer than this outlives a campaign's first hour: a failed address stays in use.
const LONG_LIFE: u32 = 3_600;
/// One that lives shorter than this is asked for again by nearly every visitor.
const SHORT_LIFE: u32 = 20;

/// What to say about `host`: `found` by this machine's own way in `took`, and by the resolvers that were asked.
pub(in crate::preflight) fn judged(
    host: &str,
    found: &[IpAddr],
    took: Option<Duration>,
    answers: &[NameAnswer],
) -> Vec<Finding> {
    let mut findings = vec![own(host, found, took)];
    let ours: BTreeSet<IpAddr> = found.iter().copied().collect();
    for answer in answers {
        findings.push(one(host, answer, !found.is_empty()));
        findings.extend(differs(&ours, answer));
    }
    findings.extend(life(answers));
    findings
}

/// What this machine found by itself, which is what a run uses.
fn own(host: &str, found: &[IpAddr], took: Option<Duration>) -> Finding {
    if host.parse::<IpAddr>().is_ok() {
        return Finding::ok(Area::Dns, format!("{host} is an address: no name to look up"));
    }
    let text = format!("{host} is {}", listed(found));
    match took {
        Some(took) if took >= SLOW => Finding::warning(
            Area::Dns,
            format!("{text}; the resolver took {}", millis(took.as_secs_f64() * 1e3)),
            "a slow name delays every first visit: look at the resolver of this machine, and at the name's own servers",
        ),
        Some(took) => Finding::ok(
            Area::Dns,
            format!("{text}, in {}", millis(took.as_secs_f64() * 1e3)),
        ),
        None => Finding::ok(Area::Dns, text),
    }
}

fn one(host: &str, answer: &NameAnswer, is_known: bool) -> Finding {
    let who = who(answer);
    if let Some(error) = answer.error.as_ref().filter(|_| answer.is_system && is_known) {
        return Finding::ok(
            Area::Dns,
            format!("{who}: {error}; this machine knows {host} by itself (`/etc/hosts`, or a cache)"),
        );
    }
    if let Some(error) = answer.error.as_ref().filter(|_| !answer.is_reached) {
        return Finding::warning(
            Area::Dns,
            format!("{who}: {error}"),
            "name a resolver that answers, or let this machine reach it: UDP and TCP, port 53",
        );
    }
    if let Some(error) = &answer.error {
        return Finding::warning(
            Area::Dns,
            format!("{who}: {host}: {error}"),
            "visitors who use this resolver do not reach the site: look at the name's records and at the resolver",
        );
    }
    let records: Vec<String> = answer
        .records
        .iter()
        .map(|record| format!("{} {} ({} s)", record.kind, record.value, record.ttl_seconds))
        .collect();
    Finding::ok(
        Area::Dns,
        format!(
            "{who}: {}, in {}",
            records.join(", "),
            millis(answer.milliseconds)
        ),
    )
}

/// Addresses that this resolver has and we have not, or the other way round; of the kinds that both know.
fn differs(ours: &BTreeSet<IpAddr>, answer: &NameAnswer) -> Option<Finding> {
    let theirs = answer.addresses();
    if answer.error.is_some() || theirs.is_empty() || ours.is_empty() {
        return None;
    }
    // This machine may have no way to one family, and then leaves it out.
    let known = |address: &&IpAddr| ours.iter().any(|own| own.is_ipv4() == address.is_ipv4());
    let more: Vec<IpAddr> = theirs.difference(ours).filter(known).copied().collect();
    let fewer: Vec<IpAddr> = ours.difference(&theirs).copied().collect();
    if more.is_empty() && fewer.is_empty() {
        return None;
    }
    let mut parts = Vec::new();
    if !more.is_empty() {
        parts.push(format!("it also knows {}", listed(&more)));
    }
    if !fewer.is_empty() {
        parts.push(format!("it does not know {}", listed(&fewer)));
    }
    Some(Finding::warning(
        Area::Dns,
        format!("{} answers otherwise: {}", who(answer), parts.join("; ")),
        "a network that answers by place does so on purpose; otherwise an old record is still out there: wait for its \
         time to live, or find the server that was not told",
    ))
}

/// Times to live that make a change slow, or every visit a question.
fn life(answers: &[NameAnswer]) -> Option<Finding> {
    let all = answers.iter().flat_map(|answer| &answer.records);
    let longest = all.clone().map(|record| record.ttl_seconds).max()?;
    let shortest = all.map(|record| record.ttl_seconds).min()?;
    if longest > LONG_LIFE {
        return Some(Finding::warning(
            Area::Dns,
            format!("records may be kept for {longest} s: a change of address reaches visitors no sooner"),
            "lower the time to live to 300 s a day before the send; then an address can be changed while it runs",
        ));
    }
    if shortest < SHORT_LIFE && answers.iter().any(|answer| !answer.is_system) {
        return Some(Finding::warning(
            Area::Dns,
            format!("records are kept for {shortest} s only: nearly every visitor asks again"),
            "60 s to 300 s spare visitors the question and still let an address be changed",
        ));
    }
    None
}

fn who(answer: &NameAnswer) -> String {
    if answer.is_system {
        format!("resolver {} (of this machine)", answer.resolver)
    } else {
        format!("resolver {}", answer.resolver)
    }
}

fn listed(addresses: &[IpAddr]) -> String {
    let words: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    words.join(", ")
}

fn millis(milliseconds: f64) -> String {
    super::super::address::in_millis(Duration::from_secs_f64(milliseconds.max(0.0) / 1e3))
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::super::super::finding::Weight;
    use super::super::NameRecord;
    use super::*;

    fn answer(values: &[&str], ttl_seconds: u32) -> NameAnswer {
        let record = |value: &&str| NameRecord {
            name: "shop.test".to_owned(),
            kind: if value.contains(':') { "AAAA" } else { "A" },
            value: (*value).to_owned(),
            ttl_seconds,
        };
        NameAnswer {
            resolver: SocketAddr::from(([127, 0, 0, 1], 53)),
            is_system: false,
            milliseconds: 1.0,
            records: values.iter().map(record).collect(),
            is_reached: true,
            error: None,
        }
    }

    fn addresses(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn warnings(found: &[&str], answer: NameAnswer) -> Vec<String> {
        let findings = judged(
            "shop.test",
            &addresses(found),
            Some(Duration::from_millis(3)),
            &[answer],
        );
        let bad = findings.into_iter().filter(|finding| finding.level > Weight::Ok);
        bad.map(|finding| finding.text).collect()
    }

    #[test]
    fn an_answer_with_other_addresses_is_a_warning_and_one_in_another_order_is_none() {
        assert!(
            warnings(
                &["127.0.0.1", "127.0.0.2"],
                answer(&["127.0.0.2", "127.0.0.1"], 300)
            )
            .is_empty()
        );
        let other = warnings(&["127.0.0.1"], answer(&["127.0.0.9"], 300));
        assert_eq!(
            other,
            ["resolver 127.0.0.1:53 answers otherwise: it also knows 127.0.0.9; it does not know 127.0.0.1"]
        );
    }

    #[test]
    fn a_family_that_this_machine_leaves_out_is_no_difference() {
        assert!(warnings(&["127.0.0.1"], answer(&["127.0.0.1", "::1"], 300)).is_empty());
    }

    #[test]
    fn a_resolver_that_knows_no_such_name_and_a_life_of_a_day_are_warnings() {
        let mut unknown = answer(&[], 0);
        unknown.error = Some("there is no such name (NXDOMAIN)".to_owned());
        assert_eq!(
            warnings(&["127.0.0.1"], unknown),
            ["resolver 127.0.0.1:53: shop.test: there is no such name (NXDOMAIN)"]
        );
        let mut of_this_machine = answer(&[], 0);
        of_this_machine.is_system = true;
        of_this_machine.error = Some("there is no such name (NXDOMAIN)".to_owned());
        assert!(
            warnings(&["127.0.0.1"], of_this_machine).is_empty(),
            "a name in `/etc/hosts` is no problem"
        );
        let old = warnings(&["127.0.0.1"], answer(&["127.0.0.1"], 86_400));
        assert_eq!(
            old,
            ["records may be kept for 86400 s: a change of address reaches visitors no sooner"]
        );
    }
}
