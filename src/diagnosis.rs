//! Which layer failed, and why: from an answer, and from what servers write down.
//!
//! Two ways in. [`fingerprint()`] looks at one answer and names who made it. [`Explainer`] reads log lines of any
//! server it knows, sorts them into [`Cause`]s, and counts. Both say `unknown` where nothing is shown. It opens no
//! file and knows no clock.

pub mod advice;
mod answer;
mod cause;
mod fingerprint;
mod logs;
mod product;
mod status;

pub use answer::{Answer, AnswerError};
pub use cause::{Cause, CauseSet};
pub use fingerprint::{Challenge, Edge, Fingerprint, MadeBy, challenge, edge, fingerprint};
pub use logs::{Explained, Explainer, LONGEST_LINE, LineSplitter};
pub use product::Product;
pub use status::{Filled, Gauge, LONGEST_STATUS, Moment, fullest, gauges};
