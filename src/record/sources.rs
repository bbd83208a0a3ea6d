//! What logs and status pages showed in one second, as lines of a record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What one source showed in one second. Sources that showed nothing leave no line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceLine {
    /// The second, from 0.
    pub second: u32,
    /// Its name.
    pub source: String,
    /// How full the resources of a status page were, as it was read last in this second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gauges: Vec<GaugeLine>,
    /// What the lines of a log said that came in this second.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<CauseLine>,
}

/// How full a resource was.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GaugeLine {
    /// Whose it is: a product's word, or `unknown`.
    pub product: String,
    /// What it is.
    pub resource: String,
    /// How much is in use; of a counter, how often it happened since the program started.
    pub used: f64,
    /// How much there is; null where the page does not say.
    pub limit: Option<f64>,
    /// How many wait for it; null where the page does not say.
    pub waiting: Option<f64>,
    /// Whether `used` only ever grows.
    #[serde(default)]
    pub is_counter: bool,
}

/// Lines of a log that said the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CauseLine {
    /// Whose log it is: a product's word, or `unknown`.
    pub gateway: String,
    /// Why, in the words of `tipover explain`.
    pub cause: String,
    /// How many lines.
    pub count: u64,
    /// One of them; client addresses, the values of queries and secrets left out.
    pub example: String,
}
