//! Finding something in the body of an answer: an element of a page by its selector, a value of a JSON text by its
//! path, and what a browser fetches with a page. Everything is taken apart once, and costs no more than the body is long,
//! whatever the body is.

mod assets;
mod json_path;
mod selector;
mod srcset;
mod style;

pub use assets::{Asset, MOST_ASSETS, assets_of_page};
pub use json_path::JsonPath;
pub use selector::Selector;
pub use style::assets_of_style;
