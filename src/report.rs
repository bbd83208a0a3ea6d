//! From a record and a finding to what people read: page, charts, tables, exports. Every report is a pure function of the record.

mod advice;
mod answered;
mod around;
mod campaigns;
pub mod charts;
mod junit;
mod machine;
mod markdown;
mod multiples;
mod page;
mod plan;
mod proof;
mod sentences;
mod spoken;
mod summarize;
mod summary;
mod tables;
mod view;
mod write;

pub use campaigns::failed_trial;
pub use plan::{PlanView, plan_json, plan_text, write_plan};
pub use sentences::{decision, headline, sentence, title};
pub use spoken::verdict_lines;
pub use summarize::summary;
pub use summary::*;
pub use view::View;
pub use write::{ReportError, write};
