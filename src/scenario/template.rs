//! `${VAR}`, `${VAR:-default}`, `${VAR:?message}`, `${secret:name}` and `$${` inside a scalar that was parsed already:
//! what they stand for can never change the structure of a document.

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As it stands.
    Text(String),
    /// A variable of the environment.
    Variable { name: String, otherwise: Otherwise },
    /// `${secret:name}`
    Secret(String),
}

/// What holds where a variable is not set or empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// `${VAR}`: not set is an error; empty is empty.
    Missing,
    /// `${VAR:-default}`
    Default(String),
    /// `${VAR:?message}`
    Message(String),
}

/// Why a text cannot be taken apart: the message and the hint.
pub(super) type TemplateError = (String, &'static str);

const FORMS: &str =
    "write `${NAME}`, `${NAME:-default}` or `${NAME:?message}`; a `${` that is meant as text is `$${`";

/// The parts of `text`.
pub(super) fn parts(text: &str) -> Result<Vec<Part>, TemplateError> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            plain.push_str(&rest[..at - 1]);
            plain.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        plain.push_str(&rest[..at]);
        let inside = &rest[at + 2..];
        let Some(end) = inside.find('}') else {
            return Err(("`${` has no closing `}`".to_owned(), FORMS));
        };
        if !plain.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut plain)));
        }
        parts.push(reference(&inside[..end])?);
        rest = &inside[end + 1..];
    }
    plain.push_str(rest);
    if !plain.is_empty() || parts.is_empty() {
        parts.push(Part::Text(plain));
    }
    Ok(parts)
}

/// `text` so that it stands for itself.
pub(super) fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

fn reference(inside: &str) -> Result<Part, TemplateError> {
    if inside.contains("${") {
        return Err((
            "a default cannot hold another `${…}`".to_owned(),
            "set the variable before the run instead",
        ));
    }
    if let Some(name) = inside.strip_prefix("secret:") {
        return if is_secret_name(name) {
            Ok(Part::Secret(name.to_owned()))
        } else {
            Err((
                format!("`{name}` is no name of a secret"),
                "use letters, digits, `_` and `-`, as in `${secret:preview_token}`",
            ))
        };
    }
    let (name, otherwise) = match inside.split_once(':') {
        None => (inside, Otherwise::Missing),
        Some((name, rest)) => match (rest.strip_prefix('-'), rest.strip_prefix('?')) {
            (Some(default), _) => (name, Otherwise::Default(default.to_owned())),
            (_, Some(message)) => (name, Otherwise::Message(message.to_owned())),
            _ => return Err((format!("`${{{inside}}}` cannot be read"), FORMS)),
        },
    };
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err((format!("`{name}` is no name of a variable"), FORMS));
    }
    Ok(Part::Variable {
        name: name.to_owned(),
        otherwise,
    })
}

/// Whether `name` may name a secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_is_taken_apart() {
        let variable = |name: &str, otherwise| Part::Variable {
            name: name.to_owned(),
            otherwise,
        };
        let read = parts("a${A}b${B:-x:y}${C:?say it}${secret:t-1}").unwrap();
        assert_eq!(
            read,
            [
                Part::Text("a".to_owned()),
                variable("A", Otherwise::Missing),
                Part::Text("b".to_owned()),
                variable("B", Otherwise::Default("x:y".to_owned())),
                variable("C", Otherwise::Message("say it".to_owned())),
                Part::Secret("t-1".to_owned()),
            ]
        );
        for bad in ["${", "${}", "${1A}", "${A:+x}", "${secret:}", "${A:-${B}}"] {
            assert!(parts(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn an_escaped_text_stands_for_itself(text in "[a${}:-]{0,12}") {
            // `$${` is written for `${`, so a text that ends in `$` before it is out of reach; nobody needs one.
            prop_assume!(!text.contains("$${"));
            prop_assert_eq!(parts(&escaped(&text)).unwrap(), vec![Part::Text(text)]);
        }
    }
}
