//! From a record and a finding to what people read: page, charts, tables, exports. Every report is a pure function of the record.

mod advice;
mod answered;
mod around;
mod campaigns;
pub mod charts;
mod compare;
mod customer;
mod export;
mod junit;
mod machine;
mod markdown;
mod met;
mod monitoring;
mod multiples;
mod page;
mod plan;
mod played;
mod proof;
mod sentences;
mod spoken;
mod summarize;
mod summary;
mod tables;
mod view;
mod watched;
mod write;

pub use campaigns::failed_trial;
pub use compare::{
    Beside, CompareView, ComparedRun, ComparedRuns, comparison_json, comparison_md, comparison_schema,
    comparison_text, write_comparison,
};
pub use customer::Audience;
pub use export::{Format, export};
pub use met::campaign_sentences;
pub use plan::{PlanView, plan_json, plan_schema, plan_text, write_plan};
pub use sentences::{decision, headline, sentence, title};
pub use spoken::verdict_lines;
pub use summarize::summary;
pub use summary::*;
pub use view::View;
pub use watched::{CauseSummary, Filling, ResourceSummary};
pub use write::{ReportError, write, write_for};
