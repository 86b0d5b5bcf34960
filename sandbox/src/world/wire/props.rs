//! A post's props as they are kept.

use serde_json::{Map, Value};

/// Props as text: a tree of them takes ten times the memory, and there are many posts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Props(Option<Box<str>>);

impl Props {
    /// To be read.
    pub fn map(&self) -> Map<String, Value> {
        let text = self.0.as_deref().unwrap_or("{}");
        serde_json::from_str(text).unwrap_or_default()
    }

    /// One of them.
    pub fn get(&self, key: &str) -> Option<Value> {
        // Most posts have none, or not this one.
        self.0.as_deref().filter(|text| text.contains(key))?;
        self.map().remove(key)
    }
}

impl From<Map<String, Value>> for Props {
    fn from(map: Map<String, Value>) -> Self {
        let text = (!map.is_empty()).then(|| Value::Object(map).to_string().into());
        Self(text)
    }
}
