//! The words of findings and reports, in English and German.

mod classes;
mod labels;
mod language;
mod phrases;
mod safe;

pub use classes::{Ended, class_name};
pub use labels::Label;
pub use language::{Language, LanguageError};
pub use phrases::Phrase;
pub use safe::printable;

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
