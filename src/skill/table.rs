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
        serde_path_to_error::deserialize(Value::Object(self.values.clone()))
            .map_err(|e| self.wrong(told(&e.path().to_string(), &e.inner().to_string())))
    }

    /// A value that decodes and can't be used all the same.
    pub fn wrong(&self, what: impl Into<String>) -> Misconfigured {
        Misconfigured {
            skill: self.name.clone(),
            what: what.into(),
        }
    }
}

/// Which value is wrong and what belongs there, without the value: it may be a secret.
fn told(path: &str, error: &str) -> String {
    let of_value = ["invalid ", "unknown variant "];
    let of_value = of_value.iter().any(|begin| error.starts_with(begin));
    match error.rsplit_once(", expected ") {
        Some((_, expected)) if of_value => {
            format!("{path} must be {}", plain(expected))
        }
        _ if path.contains('.') || path.contains('[') => format!("{path}: {error}"),
        _ => error.to_owned(),
    }
}

/// What serde expects, in words of people who know no Rust.
fn plain(expected: &str) -> &str {
    match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        _ if expected.starts_with("struct ") || expected == "a map" => "a table",
        _ => expected,
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Settings {
        most: u32,
        api_token: String,
        rooms: Vec<Room>,
        mood: Mood,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Room {
        name: String,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Mood {
        #[default]
        Calm,
        Wild,
    }

    #[test]
    fn what_fits_is_the_skills_own_struct() {
        let Value::Object(values) = json!({"most": 3, "rooms": [{"name": "a"}], "mood": "wild"})
        else {
            unreachable!()
        };
        let expected = Settings {
            most: 3,
            rooms: vec![Room { name: "a".into() }],
            mood: Mood::Wild,
            ..Settings::default()
        };
        assert_eq!(Table::new("x", values).decode(), Ok(expected));
    }

    #[test]
    fn a_value_of_the_wrong_type_is_told_with_its_key_and_without_itself() {
        for (values, told) in [
            (
                json!({"most": "canary"}),
                "most must be a whole number from 0 to 4294967295",
            ),
            (
                json!({"most": -5}),
                "most must be a whole number from 0 to 4294967295",
            ),
            (json!({"rooms": "canary"}), "rooms must be a list"),
            (json!({"rooms": ["canary"]}), "rooms[0] must be a table"),
            (json!({"api_token": 123_456}), "api_token must be a string"),
            (
                json!({"rooms": [{"name": "a"}, {"name": ["canary, expected b"]}]}),
                "rooms[1].name must be a string",
            ),
            (json!({"rooms": [{}]}), "rooms[0]: missing field `name`"),
            (json!({"mood": "canary"}), "mood must be `calm` or `wild`"),
            (
                json!({"moost": 1}),
                "unknown field `moost`, expected one of `most`, `api_token`, `rooms`, `mood`",
            ),
        ] {
            let Value::Object(values) = values else {
                unreachable!()
            };
            let error = Table::new("x", values).decode::<Settings>().unwrap_err();
            assert_eq!(error.to_string(), format!("[skills.x]: {told}"));
        }
    }
}
