//! JSON inside a string, as events carry posts, channels and reactions.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// A value that travels as JSON inside a string.
#[derive(Debug, Clone, PartialEq)]
pub struct Inner<T>(pub T);

impl<T: Serialize> Serialize for Inner<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&serde_json::to_string(&self.0).map_err(ser::Error::custom)?)
    }
}

impl<'de, T: de::DeserializeOwned> Deserialize<'de> for Inner<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        serde_json::from_str(&text)
            .map(Self)
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_goes_into_its_string_and_comes_back() {
        let json = serde_json::to_string(&Inner(vec!["a\"b"])).unwrap();
        assert_eq!(json, r#""[\"a\\\"b\"]""#);
        let back: Inner<Vec<String>> = serde_json::from_str(&json).unwrap();
        assert_eq!(back.0, ["a\"b"]);
        assert!(serde_json::from_str::<Inner<Vec<String>>>(r#"["a"]"#).is_err());
    }
}
