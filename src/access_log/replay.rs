//! What of an access log may be played again: reading requests alone, without what belongs to one person, in their own
//! timing times a factor, with the mix of pages that they make.
//!
//! A log holds links that do something when they are opened, and secrets of those who opened them. Both stay out: a
//! request is refused where its path or query names a deed, and parameters that look like a token are dropped.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use super::Entry;

/// A target longer than this is not played, in bytes.
const LONGEST: usize = 2_048;
/// A word this long, of letters and digits mixed, is a token.
const TOKEN: usize = 16;
/// Pages that a mix tells apart.
const PAGES: usize = 10_000;

/// Words of links that do something: English and German, as mail services and shops write them. They are looked for
/// without signs between letters, so `opt-out` and `opt_out` are `optout`.
pub const DENIED: [&str; 36] = [
    "unsubscribe",
    "optout",
    "optin",
    "logout",
    "logoff",
    "signout",
    "reset",
    "confirm",
    "verify",
    "activate",
    "approve",
    "accept",
    "decline",
    "delete",
    "remove",
    "destroy",
    "cancel",
    "revoke",
    "purchase",
    "subscribe",
    "password",
    "abmeld",
    "abbestell",
    "austrag",
    "ausloggen",
    "passwort",
    "bestaetig",
    "bestätig",
    "verifizier",
    "aktivier",
    "freigeb",
    "loesch",
    "lösch",
    "kuendig",
    "kündig",
    "stornier",
];
/// Names of parameters that belong to one person, whatever their value is.
const PERSONAL: [&str; 24] = [
    "token",
    "key",
    "apikey",
    "sig",
    "signature",
    "auth",
    "session",
    "sessionid",
    "sid",
    "phpsessid",
    "jsessionid",
    "code",
    "hash",
    "pass",
    "secret",
    "email",
    "mail",
    "user",
    "uid",
    "otp",
    "nonce",
    "csrf",
    "jwt",
    "mceid",
];

/// Why a request is not played again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// It is no GET and no HEAD: it may change something.
    Method,
    /// Its target is no path, or holds what no address may.
    Target,
    /// It names a deed, such as `unsubscribe`.
    Denied,
    /// Its path holds what looks like a token.
    Token,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Refusal::Method => "neither GET nor HEAD",
            Refusal::Target => "no plain path",
            Refusal::Denied => "names a deed, as `unsubscribe` does",
            Refusal::Token => "holds a token",
        })
    }
}

/// A request that may be played.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Playable {
    /// Whether it asks for headers only.
    pub is_head: bool,
    /// Path and query, without tokens.
    pub target: String,
}

/// What of `entry` may be played; `denied` are words of a scenario beside [`DENIED`].
///
/// # Errors
/// Why nothing of it may.
pub fn playable(entry: &Entry<'_>, denied: &[String]) -> Result<Playable, Refusal> {
    let is_head = match entry.method {
        b"GET" => false,
        b"HEAD" => true,
        _ => return Err(Refusal::Method),
    };
    let path = address_of(entry.path())
        .filter(|path| path.starts_with('/') && !path.starts_with("//"))
        .ok_or(Refusal::Target)?;
    let query = address_of(entry.query()).ok_or(Refusal::Target)?;
    let plain = words_of(&decoded(path)) + " " + &words_of(&decoded(query));
    let own = denied
        .iter()
        .map(|word| letters_of(word))
        .filter(|word| !word.is_empty());
    if DENIED.iter().any(|word| plain.contains(word)) || own.into_iter().any(|word| plain.contains(&word)) {
        return Err(Refusal::Denied);
    }
    // `/cart;jsessionid=…` is a page and a session.
    let path = path.split(';').next().unwrap_or(path);
    if path.split('/').any(|part| is_token(&decoded(part))) {
        return Err(Refusal::Token);
    }
    let kept: Vec<&str> = query.split('&').filter(|part| is_harmless(part)).collect();
    let target = if kept.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{}", kept.join("&"))
    };
    Ok(Playable { is_head, target })
}

/// `bytes` as a part of an address: ASCII without spaces, quotes, backslashes and controls.
fn address_of(bytes: &[u8]) -> Option<&str> {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b'<' | b'>');
    let text = std::str::from_utf8(bytes).ok()?;
    (bytes.len() <= LONGEST && bytes.iter().all(is_plain)).then_some(text)
}

/// `text` with its percent signs read, twice over, because links in links are encoded twice.
fn decoded(text: &str) -> String {
    let once = |text: &str| {
        let bytes = text.as_bytes();
        let mut read = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
            match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
                Some(byte) => {
                    read.push(byte);
                    at += 3;
                }
                None => {
                    read.push(bytes[at]);
                    at += 1;
                }
            }
        }
        String::from_utf8_lossy(&read).into_owned()
    };
    once(&once(text))
}

/// `text` in small letters, its parts apart; signs within a part are left out, so that `Opt-Out` reads `optout` and
/// `/shop/tinte` does not read `optin`.
fn words_of(text: &str) -> String {
    let kept = text.chars().filter_map(|letter| match letter {
        letter if letter.is_alphanumeric() => Some(letter),
        '-' | '_' | '.' | '+' | '~' | ' ' => None,
        _ => Some(' '),
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// The letters and digits of `text`, small.
fn letters_of(text: &str) -> String {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a parameter belongs to nobody: neither its name nor its value says so.
fn is_harmless(part: &str) -> bool {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    let (name, value) = (letters_of(&decoded(name)), decoded(value));
    let is_personal = PERSONAL.contains(&name.as_str())
        || ["token", "session", "secret", "signature", "password"]
            .iter()
            .any(|word| name.contains(word));
    !(part.is_empty() || is_personal || value.contains('@') || value.split(['/', '.']).any(is_token))
}

/// Whether a word is made as no person writes one: long, and of letters and digits mixed, or of digits alone.
fn is_token(word: &str) -> bool {
    let is_one_word = word
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '=' | '+' | '~'));
    let digits = word.chars().filter(char::is_ascii_digit).count();
    // `sale-2026-black-week-for-everyone` has four digits in a row at most, and dashes between words.
    let longest = word.split(['-', '_']).map(str::len).max().unwrap_or(0);
    let is_identifier = word.len() == 36 && word.split('-').count() == 5;
    is_one_word && word.len() >= TOKEN && digits >= 3 && (longest >= TOKEN || is_identifier)
}

/// When an entry is due in a replay that began with the entry at `first_millis` and goes `factor` times as fast; nothing
/// for one before it, or where `factor` is no speed.
pub fn due(first_millis: i64, entry: &Entry<'_>, factor: f64) -> Option<Duration> {
    let millis = entry.moment.millis.checked_sub(first_millis)?;
    let millis = u64::try_from(millis).ok()?;
    (factor > 0.0).then_some(())?;
    Duration::try_from_secs_f64(millis as f64 / 1e3 / factor).ok()
}

/// The pages of a replay and how often each is asked for. At most 10,000 are told apart; the rest is counted together.
#[derive(Debug, Clone, Default)]
pub struct Mix {
    pages: HashMap<String, u64>,
    /// Requests for pages that are not told apart.
    pub others: u64,
    /// Requests that are not played, by reason.
    pub refused: HashMap<Refusal, u64>,
}

impl Mix {
    /// One more entry, played or not.
    pub fn add(&mut self, request: Result<&Playable, Refusal>) {
        match request {
            Err(refusal) => *self.refused.entry(refusal).or_default() += 1,
            Ok(request) => {
                let path = request.target.split('?').next().unwrap_or_default();
                if let Some(count) = self.pages.get_mut(path) {
                    *count += 1;
                } else if self.pages.len() < PAGES {
                    self.pages.insert(path.to_owned(), 1);
                } else {
                    self.others += 1;
                }
            }
        }
    }

    /// All requests that are played.
    pub fn played(&self) -> u64 {
        self.pages.values().sum::<u64>() + self.others
    }

    /// The `most` pages that are asked for most, most first; pages of one count in the order of their names.
    pub fn top(&self, most: usize) -> Vec<(&str, u64)> {
        let mut pages: Vec<(&str, u64)> = self
            .pages
            .iter()
            .map(|(page, count)| (page.as_str(), *count))
            .collect();
        pages.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        pages.truncate(most);
        pages
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_log::parse;
    use proptest::prelude::*;

    fn line(method: &str, target: &str) -> Vec<u8> {
        format!(r#"192.0.2.1 - - [20/Nov/2026:09:00:00 +0100] "{method} {target} HTTP/1.1" 200 1"#)
            .into_bytes()
    }

    fn played(method: &str, target: &str) -> Result<String, Refusal> {
        playable(
            &parse(&line(method, target)).unwrap(),
            &["Geheim-Tipp".to_owned()],
        )
        .map(|request| request.target)
    }

    #[test]
    fn pages_are_played_without_what_belongs_to_one_person() {
        for (target, expected) in [
            ("/", "/"),
            ("/sale?utm_source=mail&page=2", "/sale?utm_source=mail&page=2"),
            ("/sale?token=abc&page=2", "/sale?page=2"),
            ("/sale?page=2&mc_eid=0a1b2c3d4e", "/sale?page=2"),
            ("/sale?a=anna%40shop.example", "/sale"),
            (
                "/sale?next=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0",
                "/sale",
            ),
            ("/sale;jsessionid=0123456789ABCDEF?x=1", "/sale?x=1"),
            (
                "/blog/sale-2026-black-week-for-everyone",
                "/blog/sale-2026-black-week-for-everyone",
            ),
            ("/shop/tinte", "/shop/tinte"),
            ("https://shop.example/sale", "/sale"),
        ] {
            assert_eq!(played("GET", target).as_deref(), Ok(expected), "{target}");
        }
        assert_eq!(played("HEAD", "/").as_deref(), Ok("/"));
    }

    #[test]
    fn what_does_something_or_names_a_person_is_never_played() {
        for (method, target, refusal) in [
            ("POST", "/cart", Refusal::Method),
            ("DELETE", "/cart", Refusal::Method),
            ("GET", "/newsletter/unsubscribe?x=1", Refusal::Denied),
            ("GET", "/newsletter/Un-Subscribe", Refusal::Denied),
            ("GET", "/newsletter/abmelden", Refusal::Denied),
            ("GET", "/konto?aktion=k%C3%BCndigen", Refusal::Denied),
            ("GET", "/go?to=%252Flogout", Refusal::Denied),
            ("GET", "/account/reset_password", Refusal::Denied),
            ("GET", "/opt-in/confirm", Refusal::Denied),
            ("GET", "/geheim_tipp", Refusal::Denied),
            ("GET", "/k/4f2a9c817be34d0f9b2c", Refusal::Token),
            ("GET", "/k/0f8fad5b-d9cb-469f-a165-70867728950e", Refusal::Token),
            ("GET", "*", Refusal::Target),
            ("GET", "//elsewhere.example/sale", Refusal::Target),
            ("GET", r"/a\x22b", Refusal::Target),
        ] {
            assert_eq!(played(method, target), Err(refusal), "{method} {target}");
        }
    }

    #[test]
    fn a_replay_keeps_its_timing_times_a_factor() {
        let bytes = line("GET", "/");
        let entry = parse(&bytes).unwrap();
        let first = entry.moment.millis - 90_000;
        assert_eq!(due(first, &entry, 1.0), Some(Duration::from_secs(90)));
        assert_eq!(due(first, &entry, 3.0), Some(Duration::from_secs(30)));
        for (first, factor) in [
            (entry.moment.millis + 1, 1.0),
            (first, 0.0),
            (first, -1.0),
            (i64::MIN, 1.0),
        ] {
            assert_eq!(due(first, &entry, factor), None);
        }
    }

    #[test]
    fn a_mix_counts_pages_and_what_is_left_out() {
        let mut mix = Mix::default();
        for (method, target) in [
            ("GET", "/b"),
            ("GET", "/a?x=1"),
            ("GET", "/a?x=2"),
            ("GET", "/c"),
            ("POST", "/a"),
        ] {
            let request = playable(&parse(&line(method, target)).unwrap(), &[]);
            mix.add(request.as_ref().map_err(|refusal| *refusal));
        }
        assert_eq!((mix.top(2), mix.played()), (vec![("/a", 2), ("/b", 1)], 4));
        assert_eq!(mix.refused[&Refusal::Method], 1);
    }

    proptest! {
        #[test]
        fn whatever_is_played_is_a_plain_path_and_is_played_again_as_it_is(target in "[/a-zA-Z0-9?&=%;@.~+#ü-]{1,80}") {
            let bytes = line("GET", &format!("/{target}"));
            if let Ok(request) = playable(&parse(&bytes).unwrap(), &[]) {
                prop_assert!(request.target.starts_with('/') && request.target.bytes().all(|byte| byte.is_ascii_graphic()));
                let again = line("GET", &request.target);
                prop_assert_eq!(playable(&parse(&again).unwrap(), &[]), Ok(request));
            }
        }
    }
}
