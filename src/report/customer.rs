//! A report that may leave the house: without what answers and scenario say of the site's inside.

use std::net::IpAddr;

use super::summary::AnsweredBy;
use crate::record::{RunRecord, Sample};

/// Stands where something was left out.
const LEFT_OUT: &str = "…";

/// Who reads a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Audience {
    /// Those who run the site: all that the record holds.
    #[default]
    House,
    /// Others: no bodies, no values of headers, no addresses, no scenario, and of the command line its first words.
    Customer,
}

/// `record` without bodies, values of headers, addresses of machines, the scenario, and what was typed beside the
/// command. Names of sites stay: the report is about one.
pub(super) fn for_customer(record: &RunRecord) -> RunRecord {
    let mut told = record.clone();
    let header = &mut told.header;
    header.pinned.clear();
    header.proxy.clear();
    header.lookup_us.clear();
    header.arguments = vec![header.command.clone()];
    header.effective = format!("# {LEFT_OUT}\n");
    header.scenario.target = without_address(&header.scenario.target);
    for sample in &mut told.samples {
        tell(sample);
    }
    for event in &mut told.events {
        event.detail = without_addresses(&event.detail);
    }
    told
}

fn tell(sample: &mut Sample) {
    for (_, value) in &mut sample.headers {
        LEFT_OUT.clone_into(value);
    }
    sample.body.clear();
    sample.error = sample.error.as_deref().map(without_addresses);
}

/// Who made the answers, without the words of the answers that showed it.
pub(super) fn tell_who(all: &mut [AnsweredBy]) {
    for one in all {
        one.evidence.clear();
    }
}

/// `text` with each address of a machine left out, its port included.
fn without_addresses(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_hexdigit() && c != ':' && c != '[' && c != ']');
        // A sentence may go on with a colon or end in a point.
        let bare = [bare, bare.trim_end_matches([':', '.'])]
            .into_iter()
            .find(|bare| is_address(bare));
        bare.map_or_else(|| word.to_owned(), |bare| word.replace(bare, LEFT_OUT))
    });
    words.collect::<Vec<String>>().join(" ")
}

fn is_address(word: &str) -> bool {
    word.parse::<IpAddr>().is_ok() || word.parse::<std::net::SocketAddr>().is_ok()
}

/// The address of a site, where its host is a name; of a machine's address only the scheme and the path.
fn without_address(target: &str) -> String {
    let Some((scheme, rest)) = target.split_once("://") else {
        return target.to_owned();
    };
    let (host, path) = rest.find('/').map_or((rest, ""), |at| (&rest[..at], &rest[at..]));
    if is_address(host) || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        format!("{scheme}://{LEFT_OUT}{path}")
    } else {
        target.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_machines_are_left_out_and_names_stay() {
        for (text, told) in [
            ("connect to 10.0.0.7:443: refused", "connect to …: refused"),
            ("no route to 2001:db8::1", "no route to …"),
            ("[::1]:80 hung up after 3 s", "… hung up after 3 s"),
            (
                "shop.example answered 502 at 12:30",
                "shop.example answered 502 at 12:30",
            ),
        ] {
            assert_eq!(without_addresses(text), told);
        }
        assert_eq!(without_address("http://10.0.0.7:8080/sale"), "http://…/sale");
        assert_eq!(without_address("https://shop.example/"), "https://shop.example/");
    }
}
