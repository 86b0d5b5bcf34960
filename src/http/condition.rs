//! How the program is, from what its parts say.

use serde::Deserialize;
use serde_json::{Map, Value};

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Its doors aren't open yet.
    Starting,
    /// They are.
    Running,
    /// It ends.
    Draining,
}

/// The program at one moment.
#[derive(Debug, Clone)]
pub(super) struct Condition {
    pub standing: Standing,
    /// What each part says of itself; null where it hangs.
    pub parts: Map<String, Value>,
}

/// What this page understands of a part's state.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    /// Sentences for the admin: what is wrong, and where possible what to do.
    problems: Vec<String>,
    /// How long ago anything came from Mattermost.
    last_event_ms: Option<u64>,
}

impl Condition {
    /// What keeps calls from being taken here. Whatever else is wrong, callers read a sentence of this
    /// program, which is better than the error page of a proxy that has nobody to hand them to.
    pub fn not_ready(&self) -> Vec<String> {
        let mut found = self.hanging();
        match self.standing {
            Standing::Starting => found.push("starting: waiting for Mattermost to answer".into()),
            Standing::Draining => found.push("stopping".into()),
            Standing::Running => {}
        }
        found
    }

    /// The parts that hang.
    pub fn hanging(&self) -> Vec<String> {
        let hanging = self.parts.iter().filter(|(_, state)| state.is_null());
        hanging
            .map(|(name, _)| format!("{name} doesn't answer"))
            .collect()
    }

    /// What is wrong, a sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut found = self.not_ready();
        let parts = self.parts.values();
        found.extend(parts.flat_map(|state| said(state).problems));
        found
    }

    /// How long ago anything came from Mattermost, by either way.
    pub fn last_event_ms(&self) -> Option<u64> {
        let ages = self.parts.values();
        ages.filter_map(|state| said(state).last_event_ms).min()
    }
}

fn said(state: &Value) -> Said {
    Said::deserialize(state).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn condition(standing: Standing, parts: Value) -> Condition {
        let Value::Object(parts) = parts else {
            panic!()
        };
        Condition { standing, parts }
    }

    #[test]
    fn what_parts_say_is_a_problem_and_keeps_no_call_away() {
        let parts = json!({
            "poster": { "problems": ["2 posts wait"], "unsent": 2 },
            "intake": { "problems": [], "last_event_ms": 40 },
            "webhooks": { "last_event_ms": 7 },
        });
        let condition = condition(Standing::Running, parts);
        assert_eq!(condition.problems(), ["2 posts wait"]);
        assert!(condition.not_ready().is_empty() && condition.hanging().is_empty());
        assert_eq!(condition.last_event_ms(), Some(7));
    }

    #[test]
    fn calls_belong_elsewhere_while_it_starts_ends_or_hangs() {
        for (standing, why) in [
            (
                Standing::Starting,
                "starting: waiting for Mattermost to answer",
            ),
            (Standing::Draining, "stopping"),
        ] {
            let condition = condition(standing, json!({}));
            assert_eq!(condition.not_ready(), [why]);
            assert_eq!(condition.problems(), [why]);
            assert!(condition.hanging().is_empty());
        }
        let condition = condition(Standing::Running, json!({ "router": null }));
        assert_eq!(condition.hanging(), ["router doesn't answer"]);
        assert_eq!(condition.not_ready(), condition.hanging());
    }
}
