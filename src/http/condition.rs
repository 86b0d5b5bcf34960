//! How the program is, from what its parts say.

use serde_json::{Map, Value};

use crate::actors::Said;

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
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
    pub standing: Progress,
    /// What each part says of itself; nothing where it hangs.
    pub parts: Vec<(&'static str, Option<Said>)>,
}

impl Condition {
    /// What keeps calls from being taken here. Whatever else is wrong, callers read a sentence of this
    /// program, which is better than the error page of a proxy that has nobody to hand them to.
    pub fn not_ready(&self) -> Vec<String> {
        let mut found = self.hanging();
        match self.standing {
            Progress::Starting => found.push("starting: waiting for Mattermost to answer".into()),
            Progress::Draining => found.push("stopping".into()),
            Progress::Running => {}
        }
        found
    }

    /// The parts that hang.
    pub fn hanging(&self) -> Vec<String> {
        let hanging = self.parts.iter().filter(|(_, said)| said.is_none());
        hanging
            .map(|(name, _)| format!("{name} doesn't answer"))
            .collect()
    }

    /// What is wrong, a sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut found = self.not_ready();
        found.extend(self.said().flat_map(|said| said.problems.iter().cloned()));
        found
    }

    /// How long ago anything came from Mattermost, by either way.
    pub fn last_event_ms(&self) -> Option<u128> {
        self.said().filter_map(|said| said.last_event_ms).min()
    }

    /// The parts as the page shows them; null where one hangs.
    pub fn shown(&self) -> Map<String, Value> {
        let shown =
            |said: &Option<Said>| said.as_ref().map_or(Value::Null, |said| said.shown.clone());
        let parts = self.parts.iter();
        parts
            .map(|(name, said)| ((*name).to_owned(), shown(said)))
            .collect()
    }

    fn said(&self) -> impl Iterator<Item = &Said> {
        self.parts.iter().filter_map(|(_, said)| said.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn condition(standing: Progress, parts: &[(&'static str, Option<Said>)]) -> Condition {
        let parts = parts.to_vec();
        Condition { standing, parts }
    }

    fn said(problems: &[&str], last_event_ms: Option<u128>) -> Option<Said> {
        Some(Said {
            problems: problems.iter().map(|&problem| problem.into()).collect(),
            last_event_ms,
            shown: json!({ "problems": problems, "unsent": 2 }),
        })
    }

    #[test]
    fn what_parts_say_is_a_problem_and_keeps_no_call_away() {
        let parts = [
            ("poster", said(&["2 posts wait"], None)),
            ("intake", said(&[], Some(40))),
            ("webhooks", said(&[], Some(7))),
        ];
        let condition = condition(Progress::Running, &parts);
        assert_eq!(condition.problems(), ["2 posts wait"]);
        assert!(condition.not_ready().is_empty() && condition.hanging().is_empty());
        assert_eq!(condition.last_event_ms(), Some(7));
    }

    #[test]
    fn calls_belong_elsewhere_while_it_starts_ends_or_hangs() {
        for (standing, why) in [
            (
                Progress::Starting,
                "starting: waiting for Mattermost to answer",
            ),
            (Progress::Draining, "stopping"),
        ] {
            let condition = condition(standing, &[]);
            assert_eq!(condition.not_ready(), [why]);
            assert_eq!(condition.problems(), [why]);
            assert!(condition.hanging().is_empty());
        }
        let parts = [("router", None), ("poster", said(&["2 posts wait"], None))];
        let condition = condition(Progress::Running, &parts);
        assert_eq!(condition.hanging(), ["router doesn't answer"]);
        assert_eq!(condition.not_ready(), condition.hanging());
        assert_eq!(condition.shown()["router"], Value::Null);
        assert_eq!(condition.shown()["poster"]["unsent"], 2);
    }
}
