//! What can be typed after `check`.

use std::net::{IpAddr, SocketAddr};

use clap::Args;

use super::{Consent, Target};

/// What stands below the flags of `check`.
const AFTER_CHECK: &str = "\
Looked at are: the name by this machine's resolver and each `--resolver` (every record, its time to live, differing \
answers); each address from TCP over TLS (chain, name, days left, versions) to a page (status, redirects, who answers, \
edge, compression, keep-alive, clock); one visit of each journey with its checks. Each finding is ok, a warning or an \
error, with what mends it; an error ends with 4. A journey that writes is walked only with `side_effects: allowed`.

With `--json`, stdout is one object: `name`, `target`, `warnings` (each with `file`, `line`, `column`, `message`, \
`hint`), `addresses` (per host), `seen` (what was looked at, in words), `broken` (`class` and `why`, or null), \
`findings` (each with `area`, `level`, `address`, `text`, `remedy`), `names`, `places` and `origin` (what was seen) \
and `visits`. \
Of `--machine`: `requests_per_second`, `new_connections_per_second`, `tls_handshakes_per_second`, \
`concurrent_connections`, `memory_per_connection_bytes`, `in_flight_cap`, `timer_lateness_ms` (`p50`, `p99`, `max`), \
`cores`, `file_limit`, `local_ports`, `seconds`.";

/// Check a scenario, its addresses, and who answers. No load
#[derive(Debug, Args)]
#[command(after_help = AFTER_CHECK)]
#[command(mut_arg("scenario", |argument| {
    let argument = argument.required(false).required_unless_present("machine");
    argument.default_value_if("machine", "true", Some("")).hide_default_value(true)
}))]
pub(in crate::cli) struct Check {
    /// Measure this machine instead, on loopback, in a few seconds: what a load can ask of it
    #[arg(long, conflicts_with = "scenario")]
    pub(in crate::cli) machine: bool,
    /// Ask this resolver for the site's name too, and compare: `1.1.1.1`, `[::1]:5353`; may be given several times
    #[arg(long, value_name = "ADDRESS", value_parser = resolver)]
    pub(in crate::cli) resolver: Vec<SocketAddr>,
    /// Look at the origin at this address too, and compare it with what is in front of it
    #[arg(long, value_name = "ADDRESS", value_parser = origin)]
    pub(in crate::cli) origin: Option<(IpAddr, Option<u16>)>,
    #[command(flatten)]
    pub(in crate::cli) target: Target,
    #[command(flatten)]
    pub(in crate::cli) consent: Consent,
}

/// An address with or without a port; a resolver listens at 53.
fn resolver(typed: &str) -> Result<SocketAddr, &'static str> {
    let (address, port) = origin(typed)?;
    Ok(SocketAddr::new(address, port.unwrap_or(53)))
}

fn origin(typed: &str) -> Result<(IpAddr, Option<u16>), &'static str> {
    if let Ok(place) = typed.parse::<SocketAddr>() {
        return Ok((place.ip(), Some(place.port())));
    }
    let address = typed.trim_start_matches('[').trim_end_matches(']').parse();
    address
        .map(|address| (address, None))
        .map_err(|_| "an address is needed, as in `127.0.0.1`, `127.0.0.1:8443` or `[::1]:8443`")
}
