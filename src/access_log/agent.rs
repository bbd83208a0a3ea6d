//! What a client says it is. Scanners of links mostly pass for browsers; those that do not are the surest ones.

/// Who a user agent says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Agent {
    /// A browser, or something that passes for one.
    Browser,
    /// A gateway that opens the links of mails.
    Scanner,
    /// A crawler, a monitor or a program.
    Machine,
}

/// Parts of the names that mail gateways and link checkers give. Those of search engines are under [`MACHINES`].
const SCANNERS: [&[u8]; 14] = [
    b"barracuda",
    b"bitdefender",
    b"fortiguard",
    b"fortimail",
    b"ironport",
    b"linkscan",
    b"messagelabs",
    b"mimecast",
    b"proofpoint",
    b"safelinks",
    b"sophos",
    b"symantec",
    b"trendmicro",
    b"trend micro",
];
/// Parts of the names of crawlers, monitors and programs.
const MACHINES: [&[u8]; 17] = [
    b"bot",
    b"crawl",
    b"spider",
    b"slurp",
    b"curl/",
    b"wget/",
    b"python",
    b"go-http-client",
    b"java/",
    b"okhttp",
    b"monitor",
    b"uptime",
    b"pingdom",
    b"facebookexternalhit",
    b"headless",
    b"lighthouse",
    b"tipover/",
];

/// Who says to be `agent`. One that says nothing may be anyone, and counts as a browser.
pub fn agent_of(agent: &[u8]) -> Agent {
    if holds_one(agent, &SCANNERS) {
        Agent::Scanner
    } else if holds_one(agent, &MACHINES) {
        Agent::Machine
    } else {
        Agent::Browser
    }
}

/// Whether `text` holds one of `parts`, which are written small, in capital or small letters.
fn holds_one(text: &[u8], parts: &[&[u8]]) -> bool {
    (0..text.len()).any(|at| {
        let first = text[at].to_ascii_lowercase();
        parts.iter().any(|part| {
            part[0] == first
                && text
                    .get(at..at + part.len())
                    .is_some_and(|here| here.eq_ignore_ascii_case(part))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_told_by_their_names() {
        for (agent, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", Agent::Browser),
            ("", Agent::Browser),
            ("BarracudaCentral", Agent::Scanner),
            ("Mozilla/5.0 (compatible; Googlebot/2.1)", Agent::Machine),
            ("curl/8.5.0", Agent::Machine),
            ("UptimeRobot/2.0", Agent::Machine),
        ] {
            assert_eq!(agent_of(agent.as_bytes()), expected, "{agent}");
        }
    }
}
