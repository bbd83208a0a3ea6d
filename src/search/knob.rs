//! Temporary.
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};
static MAP: OnceLock<Mutex<HashMap<&'static str, f64>>> = OnceLock::new();
/// A temporary knob.
pub fn knob(name: &'static str, default: f64) -> f64 {
    let mut map = MAP.get_or_init(Default::default).lock().unwrap();
    *map.entry(name).or_insert_with(|| {
        std::env::var(name)
            .ok()
            .and_then(|v| v.parse().ok())
            .unwrap_or(default)
    })
}
