//! What a rule can look for in an answer, and the answer made comparable: one case, one kind of white space.

use super::super::answer::Answer;

/// Letters of a body that are looked at: a gateway's page is short, and an application may quote one further down.
const FAR_ENOUGH: usize = 4096;

/// One thing to look for. Texts are lower case.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sign {
    /// The first `Server` begins so.
    Server(&'static str),
    /// No `Server` at all.
    NoServer,
    /// Not more than one: Caddy adds its own to the backend's.
    OneServer,
    /// A header of this name.
    Has(&'static str),
    /// No header of this name.
    Lacks(&'static str),
    /// A header of this name with this in its value.
    Header(&'static str, &'static str),
    /// The body has this in it.
    Body(&'static str),
    /// The body begins so.
    Begins(&'static str),
    /// The body is this and nothing else.
    Whole(&'static [&'static str]),
    /// No body.
    NoBody,
    /// The page has nginx's shape, whoever signs it.
    NginxShape,
    /// One of these statuses.
    Status(&'static [u16]),
}

/// An answer, made comparable.
pub(super) struct Looks<'a> {
    pub(super) answer: &'a Answer,
    /// Values of all `Server` headers, lower case.
    pub(super) servers: Vec<String>,
    /// The beginning of the body: lower case, one space for any white space, none beside a tag.
    pub(super) body: String,
    /// The media type without its parameters, lower case.
    pub(super) media: String,
}

impl<'a> Looks<'a> {
    pub(super) fn of(answer: &'a Answer) -> Self {
        let media = answer.header("content-type").unwrap_or_default();
        Self {
            answer,
            servers: answer.values("server").map(str::to_ascii_lowercase).collect(),
            body: comparable(&answer.body),
            media: media
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
        }
    }

    /// The first `Server`, or nothing.
    pub(super) fn server(&self) -> &str {
        self.servers.first().map_or("", String::as_str)
    }

    /// Whether a header `name` has `text` in one of its values.
    pub(super) fn has(&self, name: &str, text: &str) -> bool {
        self.answer
            .values(name)
            .any(|value| value.to_ascii_lowercase().contains(text))
    }
}

/// `body` in one case, with one kind of white space and none beside a tag.
fn comparable(body: &str) -> String {
    let mut plain = String::new();
    let mut gap = false;
    for letter in body
        .chars()
        .filter(|letter| *letter != '\u{feff}')
        .take(FAR_ENOUGH)
    {
        if letter.is_whitespace() {
            gap = true;
            continue;
        }
        let beside_a_tag = letter == '<' || plain.is_empty() || plain.ends_with('>');
        if gap && !beside_a_tag {
            plain.push(' ');
        }
        gap = false;
        plain.extend(letter.to_lowercase());
    }
    plain
}

impl Sign {
    /// Whether it is there.
    pub(super) fn is_in(&self, looks: &Looks) -> bool {
        match self {
            Self::Server(text) => looks.server().starts_with(text),
            Self::NoServer => looks.servers.is_empty(),
            Self::OneServer => looks.servers.len() <= 1,
            Self::Has(name) => looks.answer.header(name).is_some(),
            Self::Lacks(name) => looks.answer.header(name).is_none(),
            Self::Header(name, text) => looks.has(name, text),
            Self::Body(text) => looks.body.contains(text),
            Self::Begins(text) => looks.body.starts_with(text),
            Self::Whole(texts) => texts.contains(&looks.body.trim_end_matches('.')),
            Self::NoBody => looks.body.is_empty() && !looks.answer.cut,
            Self::NginxShape => has_nginx_shape(looks),
            Self::Status(statuses) => statuses.contains(&looks.answer.status),
        }
    }

    /// How it reads as evidence; nothing where the rule's own words say it already.
    pub(super) fn words(&self, looks: &Looks) -> Option<String> {
        match self {
            Self::Server(_) => Some(format!(
                "Server: {}",
                looks.answer.header("server").unwrap_or_default()
            )),
            Self::NoServer => Some("no Server header".to_owned()),
            Self::Has(name) => Some(format!(
                "{name}: {}",
                looks.answer.header(name).unwrap_or_default()
            )),
            Self::Lacks(name) => Some(format!("no {name} header")),
            Self::Header(name, text) => Some(format!("{name} holds “{text}”")),
            Self::NoBody => Some("an empty body".to_owned()),
            Self::OneServer
            | Self::Body(_)
            | Self::Begins(_)
            | Self::Whole(_)
            | Self::NginxShape
            | Self::Status(_) => None,
        }
    }
}

/// `<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center>`, with the
/// status of the answer and the same reason twice.
fn has_nginx_shape(looks: &Looks) -> bool {
    let Some(rest) = looks.body.strip_prefix("<html><head><title>") else {
        return false;
    };
    let Some((title, rest)) = rest.split_once("</title></head><body") else {
        return false;
    };
    title.starts_with(&looks.answer.status.to_string())
        && rest
            .split_once('>')
            .and_then(|(_, rest)| rest.strip_prefix("<center><h1>"))
            .is_some_and(|rest| rest.starts_with(title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_and_case_make_no_difference() {
        let page = "<HTML>\r\n <Body>\n\tHello,\r\n   World </Body>";
        assert_eq!(comparable(page), "<html><body>hello, world</body>");
    }

    #[test]
    fn a_page_of_nginx_is_known_by_its_shape() {
        for (body, is_so) in [
            (
                "<html><head><title>502 Bad</title></head><body bgcolor=\"white\"><center><h1>502 Bad</h1>",
                true,
            ),
            (
                "<html><head><title>502 Bad</title></head><body><center><h1>Oh no</h1>",
                false,
            ),
            (
                "<html><head><title>504 Bad</title></head><body><center><h1>504 Bad</h1>",
                false,
            ),
        ] {
            let answer = Answer {
                status: 502,
                body: body.to_owned(),
                ..Answer::default()
            };
            assert_eq!(has_nginx_shape(&Looks::of(&answer)), is_so, "{body}");
        }
    }
}
