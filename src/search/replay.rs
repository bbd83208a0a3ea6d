//! A search played again from the seconds of a record: the same windows lead to the same moves and the same finding.

use super::begin::begin;
use super::finding::Finding;
use super::settings::Settings;
use super::step::{Concluded, Move};
use super::windows::Windows;
use crate::record::{ClassError, Second};

/// The finding and the trials of a search with `settings` that saw `seconds`. Seconds outside of any trial are waited
/// through; a record that ends early gives what was known by then.
///
/// # Errors
/// The settings name a failure that is no class.
pub fn replay(settings: &Settings, seconds: &[Second]) -> Result<(Finding, Vec<Concluded>), ClassError> {
    let mut search = begin(settings)?;
    let mut windows = Windows::new();
    let mut trials = Vec::new();
    for second in seconds {
        let window = windows.window(second);
        if second.trial.is_none() {
            continue;
        }
        if search.next_move() == Move::Stop {
            break;
        }
        search.observe(&window);
        trials.extend(search.concluded());
    }
    Ok((search.finding(), trials))
}
