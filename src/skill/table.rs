use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A skill's own table of the settings, `[skills.NAME]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    name: String,
    values: Map<String, Value>,
}

/// A skill's settings that don't fit, as a sentence for the admin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("[skills.{skill}]: {what}")]
pub struct Misconfigured {
    /// Whose table.
    pub skill: String,
    /// What to change.
    pub what: String,
}

impl Table {
    /// The table of the skill `name`.
    pub fn new(name: impl Into<String>, values: Map<String, Value>) -> Self {
        Self {
            name: name.into(),
            values,
        }
    }

    /// The table as the skill's own struct; derive it with `#[serde(deny_unknown_fields, default)]`,
    /// so that a misspelt key is told to the admin.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Misconfigured> {
        serde_json::from_value(Value::Object(self.values.clone()))
            .map_err(|e| self.wrong(e.to_string()))
    }

    /// A value that decodes and can't be used all the same.
    pub fn wrong(&self, what: impl Into<String>) -> Misconfigured {
        Misconfigured {
            skill: self.name.clone(),
            what: what.into(),
        }
    }
}
