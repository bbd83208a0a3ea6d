//! The guard: who may put a load on what. Every address here is only looked at, never contacted.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::net::IpAddr;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use tipover::drive::guard::{Permission, Question, Refusal, decide};
use tipover::scenario::{
    AnswerCaps, Authorization, Connections, HttpVersion, Journey, Journeys, Method, ProxyPlan, Step, Target,
    Timeouts, TlsPlan,
};
use tipover::transport::Pinned;

const TODAY: Date = date(2026, 11, 23);
const SILENT: Permission = Permission {
    authorized_by: None,
    needs_yes: None,
};

struct Case {
    target: Target,
    journeys: Journeys,
    pinned: Pinned,
}

impl Case {
    fn new(url: &str, addresses: &[&str]) -> Self {
        Self::at(url, addresses.iter().map(|text| text.parse().unwrap()))
    }

    fn at(url: &str, addresses: impl IntoIterator<Item = IpAddr>) -> Self {
        let target = Target {
            url: url.parse().unwrap(),
            stands_for: None,
            headers: Vec::new(),
            resolve: Vec::new(),
            tls: TlsPlan::default(),
            timeouts: Timeouts::default(),
            connections: Connections::default(),
            http: HttpVersion::default(),
            proxy: ProxyPlan::default(),
            caps: AnswerCaps::default(),
        };
        let host = target.url.host_str().unwrap().trim_matches(['[', ']']).to_owned();
        Self {
            pinned: Pinned::new(80).with(&host, addresses),
            journeys: journeys(Method::Get),
            target,
        }
    }

    fn ask(&self) -> Question<'_> {
        Question {
            target: &self.target,
            journeys: &self.journeys,
            pinned: &self.pinned,
            authorization: None,
            authorized_by: None,
            proxied: false,
            side_effects: false,
            seconds_above: None,
            today: TODAY,
        }
    }
}

fn journeys(method: Method) -> Journeys {
    let step = |method| Step::new(method, "http://shop.example/".parse().unwrap());
    let steps = vec![step(Method::Get), step(method)];
    Journeys::new(vec![Journey::only(steps)])
}

fn authorization(hosts: &[&str], valid_until: Option<Date>) -> Authorization {
    Authorization {
        owner: Some("Shop GmbH".to_owned()),
        approved_by: "ops@shop.example".to_owned(),
        hosting_informed: Some(true),
        valid_until,
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
    }
}

#[test]
fn a_local_site_is_played_without_a_word() {
    for addresses in [
        &["127.0.0.1"][..],
        &["::1"],
        &["10.1.2.3", "fd12::1", "192.168.7.7", "172.20.0.1"],
    ] {
        let case = Case::new("http://shop.example/", addresses);
        assert_eq!(
            decide(&Question {
                seconds_above: Some(120),
                ..case.ask()
            }),
            Ok(SILENT)
        );
    }
}

#[test]
fn a_public_a_shared_a_link_local_and_a_mixed_site_need_consent() {
    for addresses in [
        &["198.51.100.1"][..],
        &["100.64.0.1"],
        &["fe80::1"],
        &["127.0.0.1", "198.51.100.1"],
        &[],
    ] {
        let case = Case::new("http://shop.example/", addresses);
        assert!(
            matches!(decide(&case.ask()), Err(Refusal::Unauthorized { .. })),
            "{addresses:?}"
        );
        let allowed = Question {
            authorized_by: Some("Ada"),
            ..case.ask()
        };
        assert_eq!(decide(&allowed).unwrap().authorized_by.unwrap(), "Ada");
        let blank = Question {
            authorized_by: Some("  "),
            ..case.ask()
        };
        assert!(decide(&blank).is_err());
    }
}

#[test]
fn no_consent_opens_a_forbidden_address() {
    for address in [
        "169.254.169.254",
        "0.0.0.0",
        "::",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
    ] {
        let case = Case::new("http://shop.example/", &["127.0.0.1", address]);
        let asked = Question {
            authorized_by: Some("Ada"),
            ..case.ask()
        };
        assert!(
            matches!(decide(&asked), Err(Refusal::Forbidden { .. })),
            "{address}"
        );
    }
}

#[test]
fn an_authorization_holds_for_its_hosts_and_to_its_last_day() {
    let case = Case::new("https://Shop.example/", &["198.51.100.1"]);
    let decided = |hosts: &[&str], until| {
        let authorization = authorization(hosts, until);
        decide(&Question {
            authorization: Some(&authorization),
            ..case.ask()
        })
    };
    let yes = decided(&["other.example", "shop.example"], Some(TODAY)).unwrap();
    assert_eq!(yes.authorized_by.unwrap(), "ops@shop.example");
    assert!(decided(&["shop.example"], None).is_ok());
    let yesterday = date(2026, 11, 22);
    let expired = decided(&["shop.example"], Some(yesterday)).unwrap_err();
    assert_eq!(
        expired,
        Refusal::Expired {
            valid_until: yesterday
        }
    );
    let other = decided(&["www.shop.example", "example"], Some(TODAY)).unwrap_err();
    assert!(matches!(other, Refusal::OtherHosts { .. }));
    assert!(
        other
            .hint()
            .contains("hosts: [www.shop.example, example, shop.example]"),
        "{}",
        other.hint()
    );
}

#[test]
fn a_refusal_prints_the_lines_that_would_lift_it() {
    let case = Case::new("https://shop.example/", &["198.51.100.1"]);
    let refusal = decide(&case.ask()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "no load against `shop.example` without its owner's consent: 198.51.100.1 is a public address"
    );
    assert_eq!(
        refusal.hint(),
        "with the owner's consent, add to the scenario\n\
         authorization:\n  owner: WHOSE SITE IT IS\n  approved_by: WHO SAID YES\n  hosting_informed: yes\n  \
         valid_until: 2026-12-07\n  hosts: [shop.example]\n\
         or say who allowed it: `--authorized-by NAME`"
    );
    let six = Case::new("https://[2001:db8::1]/", &["2001:db8::1"]);
    assert!(
        decide(&six.ask())
            .unwrap_err()
            .hint()
            .contains("hosts: [\"2001:db8::1\"]")
    );
}

#[test]
fn a_proxy_hides_the_address_so_even_a_local_one_needs_consent() {
    let case = Case::new("http://localhost/", &["127.0.0.1"]);
    let asked = Question {
        proxied: true,
        ..case.ask()
    };
    assert!(matches!(decide(&asked), Err(Refusal::Unauthorized { .. })));
}

#[test]
fn no_proxy_is_asked_for_a_metadata_service() {
    let mut case = Case::new("http://169.254.169.254/", &[]);
    case.pinned = Pinned::new(80);
    let asked = Question {
        proxied: true,
        authorized_by: Some("Ada"),
        ..case.ask()
    };
    assert!(matches!(decide(&asked), Err(Refusal::Forbidden { .. })));
}

#[test]
fn what_may_change_a_site_that_is_not_local_must_be_allowed() {
    for method in [Method::Post, Method::Put, Method::Patch, Method::Delete] {
        let mut case = Case::new("http://shop.example/", &["198.51.100.1"]);
        case.journeys = journeys(method);
        let asked = Question {
            authorized_by: Some("Ada"),
            ..case.ask()
        };
        let refusal = decide(&asked).unwrap_err();
        assert_eq!(
            refusal,
            Refusal::SideEffects {
                step: 2,
                method: method.as_str()
            }
        );
        assert!(
            decide(&Question {
                side_effects: true,
                ..asked
            })
            .is_ok()
        );
        let local = Case {
            journeys: journeys(method),
            ..Case::new("http://shop.example/", &["10.0.0.1"])
        };
        assert_eq!(decide(&local.ask()), Ok(SILENT));
    }
}

#[test]
fn a_search_on_a_site_that_is_not_local_asks_first_and_says_for_how_long() {
    let case = Case::new("http://shop.example/", &["198.51.100.1"]);
    let asked = Question {
        authorized_by: Some("Ada"),
        ..case.ask()
    };
    assert_eq!(decide(&asked).unwrap().needs_yes, None);
    let search = Question {
        seconds_above: Some(120),
        ..asked
    };
    let sentence = decide(&search).unwrap().needs_yes.unwrap();
    assert!(
        sentence.starts_with("this search will break shop.example for up to 120 seconds"),
        "{sentence}"
    );
}

fn any_address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<u32>().prop_map(|bits| IpAddr::from(std::net::Ipv4Addr::from_bits(bits))),
        any::<u128>().prop_map(|bits| IpAddr::from(std::net::Ipv6Addr::from_bits(bits))),
        (0_u8..=255).prop_map(|last| IpAddr::from([10, 0, 0, last])),
        (0_u16..=255).prop_map(|last| IpAddr::from([0xfd00, 0, 0, 0, 0, 0, 0, last])),
    ]
}

proptest! {
    #[test]
    fn silence_means_that_every_single_address_is_silent_alone(
        addresses in prop::collection::vec(any_address(), 1..5)
    ) {
        let silent = |addresses: &[IpAddr]| {
            decide(&Case::at("http://shop.example/", addresses.iter().copied()).ask()) == Ok(SILENT)
        };
        let each = addresses.iter().all(|address| silent(&[*address]));
        prop_assert_eq!(silent(&addresses), each);
    }
}
