//! Finding something in the body of an answer: an element of a page by its selector, a value of a JSON text by its
//! path. Both are taken apart once, and cost no more than the body is long, whatever the body is.

mod json_path;
mod selector;

pub use json_path::JsonPath;
pub use selector::Selector;
