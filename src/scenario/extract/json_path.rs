//! A place in a JSON value: `$.cart.items[0].sku`, `$['a name']`, `$.items[-1]`, `$.items[*].id`. A part of RFC 9535;
//! filters and slices are left to regular expressions.

use std::fmt;

use serde_json::Value;

/// How deep a path may go: as deep as `serde_json` reads.
const MOST_STEPS: usize = 127;

/// A way from the root of a JSON value to a place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonPath {
    steps: Vec<Step>,
    written: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    /// From the front, or below zero from the end.
    Index(i64),
    Any,
}

impl JsonPath {
    /// The path that `text` describes.
    ///
    /// # Errors
    /// What of it cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(mut rest) = text.strip_prefix('$') else {
            return Err("a path begins with `$`".to_owned());
        };
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, after) = if let Some(inside) = rest.strip_prefix('[') {
                bracket(inside)?
            } else if let Some(name) = rest.strip_prefix('.') {
                dotted(name)?
            } else {
                return Err(format!("`{rest}` is no `.name` and no `[…]`"));
            };
            steps.push(step);
            rest = after;
        }
        if steps.len() > MOST_STEPS {
            return Err(format!("a path has at most {MOST_STEPS} parts"));
        }
        let written = text.to_owned();
        Ok(Self { steps, written })
    }

    /// The first value at this place.
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        find(&self.steps, value)
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

fn dotted(text: &str) -> Result<(Step, &str), String> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match name {
        "" => Err("a `.` without a name".to_owned()),
        "*" => Ok((Step::Any, rest)),
        name => Ok((Step::Name(name.to_owned()), rest)),
    }
}

fn bracket(text: &str) -> Result<(Step, &str), String> {
    let open = || "a `[` without its `]`".to_owned();
    if let Some(quote) = text.chars().next().filter(|letter| matches!(letter, '\'' | '"')) {
        let inside = &text[1..];
        let end = inside.find(quote).ok_or_else(open)?;
        let rest = inside[end + 1..].strip_prefix(']').ok_or_else(open)?;
        return Ok((Step::Name(inside[..end].to_owned()), rest));
    }
    let (inside, rest) = text.split_once(']').ok_or_else(open)?;
    match inside.trim() {
        "*" => Ok((Step::Any, rest)),
        number => match number.parse() {
            Ok(index) => Ok((Step::Index(index), rest)),
            Err(_) => Err(format!("`[{inside}]` is no number, no `*` and no quoted name")),
        },
    }
}

fn find<'v>(steps: &[Step], value: &'v Value) -> Option<&'v Value> {
    let Some((step, rest)) = steps.split_first() else {
        return Some(value);
    };
    match step {
        Step::Name(name) => find(rest, value.get(name)?),
        Step::Index(index) => {
            let list = value.as_array()?;
            let at = if *index < 0 {
                list.len()
                    .checked_sub(usize::try_from(index.unsigned_abs()).ok()?)?
            } else {
                usize::try_from(*index).ok()?
            };
            find(rest, list.get(at)?)
        }
        Step::Any => match value {
            Value::Array(list) => list.iter().find_map(|one| find(rest, one)),
            Value::Object(map) => map.values().find_map(|one| find(rest, one)),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_path_leads_to_the_first_value_at_its_place() {
        let value =
            json!({ "cart": { "items": [ { "sku": "a" }, { "sku": "b", "count": 2 } ], "a.b": null } });
        for (path, found) in [
            ("$.cart.items[0].sku", Some(json!("a"))),
            ("$.cart.items[-1].sku", Some(json!("b"))),
            ("$.cart.items[*].count", Some(json!(2))),
            ("$['cart'][\"a.b\"]", Some(Value::Null)),
            ("$.*.items[1]", Some(json!({ "sku": "b", "count": 2 }))),
            ("$", Some(value.clone())),
            ("$.cart.items[2]", None),
            ("$.cart.items[-3]", None),
            ("$.cart.items.sku", None),
            ("$.card", None),
        ] {
            assert_eq!(
                JsonPath::parse(path).unwrap().find(&value),
                found.as_ref(),
                "{path}"
            );
        }
    }

    #[test]
    fn what_is_no_path_is_named() {
        for bad in ["", "cart", "$cart", "$.", "$[", "$[x]", "$['a]", "$['a'", "$..a"] {
            assert!(JsonPath::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reading_a_path_never_panics(text in "[$.a\\[\\]'\"*0-9é-]{0,16}") {
            if let Ok(path) = JsonPath::parse(&text) {
                path.find(&json!({ "a": [1, { "a": 2 }] }));
            }
        }
    }
}
