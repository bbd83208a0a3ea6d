//! The words of findings and reports, in English and German.

mod advice;
mod charts;
mod classes;
mod compare;
mod labels;
mod language;
mod phrases;
mod plan;
mod played;
mod reasons;
mod safe;
mod sources;

pub use advice::Advice;
pub use charts::ChartText;
pub use classes::{Ended, class_name};
pub use compare::CompareText;
pub use labels::Label;
pub use language::{Language, LanguageError};
pub use phrases::Phrase;
pub use plan::PlanText;
pub use played::PlayedText;
pub use reasons::ReasonText;
pub use safe::printable;
pub use sources::Source;

/// A closed list of texts in both languages: a text that is missing in one does not compile.
macro_rules! texts {
    ($(#[$about:meta])* $name:ident { $($variant:ident: $english:literal, $german:literal;)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("“", $english, "”")] $variant,)+
        }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The text in `language`.
            pub const fn text(self, language: $crate::words::Language) -> &'static str {
                match (self, language) {
                    $(
                        ($name::$variant, $crate::words::Language::English) => $english,
                        ($name::$variant, $crate::words::Language::German) => $german,
                    )+
                }
            }
        }
    };
}
pub(crate) use texts;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_exists_in_both_languages() {
        for language in Language::ALL {
            let labels = Label::ALL.iter().map(|label| label.text(language));
            let advice = Advice::ALL.iter().map(|advice| advice.text(language));
            let ended = Ended::ALL.iter().map(|ended| ended.text(language));
            let phrases = Phrase::ALL.iter().map(|phrase| phrase.text(language));
            for text in labels.chain(advice).chain(ended).chain(phrases) {
                assert!(
                    !text.is_empty() && text.trim() == text && !text.contains("  "),
                    "{text:?}"
                );
                assert_eq!(printable(text), text);
            }
        }
    }

    #[test]
    fn a_whole_sentence_is_never_the_same_in_both_languages() {
        for advice in Advice::ALL {
            assert_ne!(advice.text(Language::English), advice.text(Language::German));
        }
    }
}
