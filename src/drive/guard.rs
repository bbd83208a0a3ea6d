//! Whether a load may be played: decided on the addresses that will be contacted, not on names.
//! It records consent; it proves nothing. It does no I/O and knows no clock: today is given.

mod reach;

use std::fmt;
use std::net::IpAddr;

use jiff::civil::Date;

pub use reach::Reach;

use crate::scenario::{Authorization, Journeys, Target};
use crate::transport::Pinned;

/// Everything that the decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The site.
    pub target: &'a Target,
    /// What its visitors do.
    pub journeys: &'a Journeys,
    /// The addresses that will be contacted.
    pub pinned: &'a Pinned,
    /// What the scenario says about consent.
    pub authorization: Option<&'a Authorization>,
    /// The value of `--authorized-by`.
    pub authorized_by: Option<&'a str>,
    /// Whether requests go through a proxy, so that their true addresses are not known.
    pub proxied: bool,
    /// Whether the scenario says `side_effects: allowed`.
    pub side_effects: bool,
    /// For a search: how many seconds it may stay above what the site carries. Nothing for a load as written.
    pub seconds_above: Option<u32>,
    /// The day of the decision.
    pub today: Date,
}

/// A load that may be played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// Who allowed it; nothing where the site is on this machine or in a private network.
    pub authorized_by: Option<String>,
    /// A sentence that must be answered with yes before the load, on the terminal or by `--yes`.
    pub needs_yes: Option<String>,
}

/// Why a load may not be played. The command line ends with 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// An address that no load is ever played against.
    Forbidden {
        /// The host.
        host: String,
        /// Its address.
        address: IpAddr,
        /// What the address is.
        why: &'static str,
    },
    /// Nobody said that the load is allowed.
    Unauthorized {
        /// The host.
        host: String,
        /// Why its addresses need consent.
        why: String,
        /// The first day after which an example would not hold any more.
        until: Date,
    },
    /// The authorization holds for other hosts.
    OtherHosts {
        /// The host that is not named.
        host: String,
        /// Those that are.
        named: Vec<String>,
    },
    /// The authorization holds no more.
    Expired {
        /// Its last day.
        valid_until: Date,
    },
    /// The journey changes the site, and nobody said that it may.
    SideEffects {
        /// Which step, from 1.
        step: usize,
        /// Its method.
        method: &'static str,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Forbidden { host, address, why } => {
                write!(formatter, "no load against `{host}`: {address} is {why}")
            }
            Refusal::Unauthorized { host, why, .. } => {
                write!(
                    formatter,
                    "no load against `{host}` without its owner's consent: {why}"
                )
            }
            Refusal::OtherHosts { host, named } if named.is_empty() => {
                write!(
                    formatter,
                    "the authorization names no host, so not `{host}` either"
                )
            }
            Refusal::OtherHosts { host, named } => {
                write!(
                    formatter,
                    "the authorization holds for {}, not for `{host}`",
                    named.join(", ")
                )
            }
            Refusal::Expired { valid_until } => {
                write!(formatter, "the authorization ended with {valid_until}")
            }
            Refusal::SideEffects { step, method } => {
                write!(
                    formatter,
                    "step {step} is a {method}, which may change a site that is not local"
                )
            }
        }
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    /// What to do about it: where lines are missing in the scenario, exactly those lines.
    pub fn hint(&self) -> String {
        match self {
            Refusal::Forbidden { .. } => {
                "name the site by an address of its own, such as 127.0.0.1 for this machine".to_owned()
            }
            Refusal::Unauthorized { host, until, .. } => format!(
                "with the owner's consent, add to the scenario\n\
                 authorization:\n  owner: WHOSE SITE IT IS\n  approved_by: WHO SAID YES\n  hosting_informed: yes\n  \
                 valid_until: {until}\n  hosts: [{}]\n\
                 or say who allowed it: `--authorized-by NAME`",
                as_yaml(host)
            ),
            Refusal::OtherHosts { host, named } => {
                let hosts: Vec<String> = named.iter().chain([host]).map(|host| as_yaml(host)).collect();
                format!(
                    "with the owner's consent, write in the scenario\nauthorization:\n  hosts: [{}]",
                    hosts.join(", ")
                )
            }
            Refusal::Expired { .. } => {
                "ask the owner again, then move `valid_until` of `authorization`".to_owned()
            }
            Refusal::SideEffects { .. } => {
                "if the site may be changed, add to the scenario\nside_effects: allowed".to_owned()
            }
        }
    }
}

/// An IPv6 address in a YAML list has to be quoted.
fn as_yaml(host: &str) -> String {
    if host.contains(':') {
        format!("\"{host}\"")
    } else {
        host.to_owned()
    }
}

/// Decides whether the load may be played. Silent only where every address is this machine or a private network;
/// anything else needs the consent of the site's owner.
///
/// # Errors
/// It may not; with the reason and what is missing.
pub fn decide(question: &Question<'_>) -> Result<Permission, Refusal> {
    let mut away = None;
    for (host, addresses) in question.pinned.hosts() {
        for address in addresses {
            match Reach::of(*address) {
                Reach::Local => {}
                Reach::Forbidden(why) => {
                    return Err(Refusal::Forbidden {
                        host: host.to_owned(),
                        address: *address,
                        why,
                    });
                }
                Reach::Away(kind) if away.is_none() => {
                    away = Some(format!("{address} is {kind}"));
                }
                Reach::Away(_) => {}
            }
        }
    }
    if question.proxied
        && let Some(refusal) = forbidden_literal(question.target)
    {
        return Err(refusal);
    }
    let pinned_nothing = question.pinned.hosts().all(|(_, addresses)| addresses.is_empty());
    let why = if question.proxied {
        "through a proxy its address is not known".to_owned()
    } else if pinned_nothing {
        "its address is not known".to_owned()
    } else if let Some(why) = away {
        why
    } else {
        return Ok(Permission {
            authorized_by: None,
            needs_yes: None,
        });
    };
    let authorized_by = consent(question, why)?;
    changes_nothing(question)?;
    Ok(Permission {
        authorized_by: Some(authorized_by),
        needs_yes: question
            .seconds_above
            .map(|seconds| warning(question.target, seconds)),
    })
}

/// A proxy is not asked for an address that no load is ever played against, either.
fn forbidden_literal(target: &Target) -> Option<Refusal> {
    let host = target.url.host_str()?.trim_matches(['[', ']']);
    let address: IpAddr = host.parse().ok()?;
    match Reach::of(address) {
        Reach::Forbidden(why) => Some(Refusal::Forbidden {
            host: host.to_owned(),
            address,
            why,
        }),
        Reach::Local | Reach::Away(_) => None,
    }
}

/// Who allowed it, for every host that is contacted.
fn consent(question: &Question<'_>, why: String) -> Result<String, Refusal> {
    let named = question
        .authorized_by
        .map(str::trim)
        .filter(|name| !name.is_empty());
    if let Some(name) = named {
        return Ok(name.to_owned());
    }
    let host = question.target.url.host_str().unwrap_or_default();
    let host = host.trim_matches(['[', ']']).to_ascii_lowercase();
    let Some(authorization) = question.authorization else {
        let until = question.today.saturating_add(jiff::Span::new().days(14));
        return Err(Refusal::Unauthorized { host, why, until });
    };
    let contacted = question.pinned.hosts().map(|(host, _)| host.to_owned());
    for host in contacted.chain([host]) {
        if !authorization.hosts.contains(&host) {
            return Err(Refusal::OtherHosts {
                host,
                named: authorization.hosts.clone(),
            });
        }
    }
    match authorization.valid_until {
        Some(valid_until) if valid_until < question.today => Err(Refusal::Expired { valid_until }),
        _ => Ok(authorization.approved_by.clone()),
    }
}

fn changes_nothing(question: &Question<'_>) -> Result<(), Refusal> {
    let mut steps = question
        .journeys
        .iter()
        .flat_map(|journey| journey.steps.iter().enumerate());
    match steps.find(|(_, step)| !step.method.is_safe()) {
        Some((index, step)) if !question.side_effects => Err(Refusal::SideEffects {
            step: index + 1,
            method: step.method.as_str(),
        }),
        _ => Ok(()),
    }
}

fn warning(target: &Target, seconds: u32) -> String {
    let host = target.url.host_str().unwrap_or_default();
    format!(
        "this search will break {host} for up to {seconds} seconds: it goes above what the site carries, and its \
         visitors will see errors"
    )
}
