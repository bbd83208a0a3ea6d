//! A scenario for the tests of this floor, made by hand.

use std::time::Duration;

use crate::load::{ArrivalProcess, Crowd, Curve};
use crate::scenario::{
    AnswerCaps, Body, Connections, Header, HttpVersion, Journey, Journeys, LoadPlan, Method, ProxyPlan,
    Scenario, SearchPlan, Secret, SourceAddresses, Step, StopRules, Target, Timeouts, TlsPlan,
};

/// A scenario that plays one step with `method` on `url`, over HTTP with short timeouts.
pub(crate) fn scenario(method: Method, url: &str, body: Body) -> Scenario {
    Scenario {
        name: "example".to_owned(),
        target: target(url),
        journeys: Journeys::new(vec![Journey::only(vec![Step {
            body,
            ..Step::new(method, url.parse().unwrap())
        }])]),
        baseline: crate::units::Rate::ZERO,
        campaigns: Vec::new(),
        load: LoadPlan {
            campaign: None,
            arrivals: ArrivalProcess::Even,
            stages: Vec::new(),
            curve: Curve::default(),
            crowd: Crowd::default(),
        },
        search: SearchPlan::default(),
        stop: StopRules::default(),
        side_effects: false,
        authorization: None,
        thresholds: Vec::new(),
        source_addresses: SourceAddresses::default(),
        languages: Vec::new(),
        effective: String::new(),
        secrets: Vec::new(),
    }
}

pub(crate) fn target(url: &str) -> Target {
    Target {
        url: url.parse().unwrap(),
        stands_for: None,
        headers: Vec::new(),
        resolve: Vec::new(),
        tls: TlsPlan::default(),
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            answer: Duration::from_secs(20),
            step: None,
        },
        connections: Connections::default(),
        http: HttpVersion::default(),
        proxy: ProxyPlan::default(),
        caps: AnswerCaps::default(),
    }
}

pub(crate) fn header(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: Secret::new(value),
    }
}
