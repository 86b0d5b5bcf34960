use serde::Serialize;
use serde_json::Value;

/// How a part is. The page of `/health` shows all of it, and understands what is asked for here.
pub trait Health: Serialize {
    /// Sentences for the admin: what is wrong, and where possible what to do.
    fn problems(&self) -> &[String];

    /// How long ago anything came from Mattermost by this way; `None` where nothing has, or where it is none.
    fn last_event_ms(&self) -> Option<u128> {
        None
    }
}

/// What a part says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// Sentences for the admin.
    pub problems: Vec<String>,
    /// How long ago anything came from Mattermost by this way.
    pub last_event_ms: Option<u128>,
    /// All of it, for the page.
    pub shown: Value,
}

impl Said {
    /// What this state says.
    pub fn of(state: &impl Health) -> Self {
        let shown = serde_json::to_value(state);
        Self {
            problems: state.problems().to_vec(),
            last_event_ms: state.last_event_ms(),
            shown: shown.unwrap_or_else(|error| Value::String(error.to_string())),
        }
    }
}
