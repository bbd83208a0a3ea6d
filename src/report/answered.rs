//! Who made the failed answers, from the examples in the record.

use super::summary::AnsweredBy;
use crate::diagnosis::{Answer, Fingerprint, MadeBy, fingerprint};
use crate::record::{Class, Sample};
use crate::words::{Language, Phrase, class_name};

/// Who made the answers of each class of which there are examples, in the order of the classes; of one class, whoever
/// made the most first.
pub(super) fn answered_by(samples: &[Sample]) -> Vec<AnsweredBy> {
    let mut all: Vec<(Class, AnsweredBy)> = Vec::new();
    for sample in samples {
        let Some(found) = made(sample) else { continue };
        let is_same = |other: &AnsweredBy| {
            other.gateway == found.gateway.word() && other.made_by == found.made_by.word()
        };
        match all
            .iter_mut()
            .find(|(class, other)| *class == sample.class && is_same(other))
        {
            Some((_, known)) => {
                known.examples += 1;
                if found.confidence > known.confidence {
                    known.confidence = found.confidence;
                    known.evidence = found.evidence;
                }
            }
            None => all.push((sample.class, of_one(sample.class, found))),
        }
    }
    all.sort_by_key(|(class, found)| (*class, std::cmp::Reverse(found.examples)));
    all.into_iter().map(|(_, found)| found).collect()
}

/// The fingerprint of an example; nothing where no whole answer came.
fn made(sample: &Sample) -> Option<Fingerprint> {
    let Class::Status(status) = sample.class else {
        return None;
    };
    Some(fingerprint(&Answer {
        status,
        headers: sample.headers.clone(),
        body: sample.body.clone(),
        ..Answer::default()
    }))
}

fn of_one(class: Class, found: Fingerprint) -> AnsweredBy {
    AnsweredBy {
        class: class.to_string(),
        gateway: found.gateway.word().to_owned(),
        made_by: found.made_by.word().to_owned(),
        confidence: found.confidence,
        evidence: found.evidence,
        examples: 1,
    }
}

/// The sentence about one of them.
pub(super) fn sentence(found: &AnsweredBy, language: Language) -> String {
    let class = found
        .class
        .parse()
        .map_or_else(|_| found.class.clone(), |class| class_name(class, language));
    let phrase = match MadeBy::ALL.iter().find(|layer| layer.word() == found.made_by) {
        Some(MadeBy::Gateway) => Phrase::MadeByGateway,
        Some(MadeBy::Edge) => Phrase::MadeByEdge,
        Some(MadeBy::Application) => Phrase::MadeByApplication,
        Some(MadeBy::Unknown) | None => Phrase::MadeByUnknown,
    };
    let sure = language.percent(found.confidence);
    phrase.fill(
        language,
        &[("class", &class), ("product", &found.gateway), ("share", &sure)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(class: Class, server: &str, body: &str) -> Sample {
        Sample {
            due: 1,
            offered: 10.0,
            class,
            step: 0,
            headers: vec![
                ("server".to_owned(), server.to_owned()),
                ("content-type".to_owned(), "text/plain".to_owned()),
            ],
            body: body.to_owned(),
            error: None,
        }
    }

    #[test]
    fn the_layers_behind_one_status_are_told_apart() {
        let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>";
        let found = answered_by(&[
            sample(Class::Status(502), "nginx", "the shop is broken"),
            sample(Class::Status(502), "nginx", page),
            sample(Class::Status(502), "nginx", page),
            sample(Class::Reset, "", ""),
        ]);
        let names: Vec<(&str, u32)> = found
            .iter()
            .map(|one| (one.gateway.as_str(), one.examples))
            .collect();
        assert_eq!(names, [("nginx", 2), ("application", 1)]);
        assert!(sentence(&found[0], Language::English).contains("nginx"));
        assert!(sentence(&found[1], Language::German).contains("Anwendung"));
    }
}
