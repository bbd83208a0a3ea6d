//! Which search the settings ask for. Whoever plays a search, live or from a record, starts it here.

use super::enough::Enough;
use super::repeated::Repeated;
use super::settings::Settings;
use super::step::Search;
use super::tipping::Tipping;
use crate::record::ClassError;

/// The search that `settings` ask for: for the tipping point, for the proof of some loads only, or several in turn.
///
/// # Errors
/// The settings name a failure that is no class.
pub fn begin(settings: &Settings) -> Result<Box<dyn Search + Send>, ClassError> {
    if settings.repeat > 1 {
        return Ok(Box::new(Repeated::new(settings)?));
    }
    once(settings)
}

/// One search, however often the settings want it repeated.
pub(super) fn once(settings: &Settings) -> Result<Box<dyn Search + Send>, ClassError> {
    Ok(if settings.enough.is_empty() {
        Box::new(Tipping::new(settings.clone())?)
    } else {
        Box::new(Enough::new(settings.clone())?)
    })
}
