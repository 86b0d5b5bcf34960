//! Answers to what people ask again and again.
//!
//! ```text
//! ann:  How do I get on the VPN?
//! bot:  See https://wiki.example.com/vpn.
//! ```
//!
//! with the settings
//!
//! ```toml
//! [[skills.faq.answers]]
//! pattern = '\bvpn\b'
//! answer = "See https://wiki.example.com/vpn."
//! ```

use std::sync::Arc;

use serde::Deserialize;

use crate::skill::{AnySkill, Context, Misconfigured, Skill, Stateless, Table, Turn, in_parts};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    answers: Vec<KnownAnswer>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownAnswer {
    pattern: String,
    answer: String,
}

/// Hears posts where the bot is a member, and by outgoing webhooks where it isn't. Settings:
/// `answers`, each a `pattern` (a regular expression of the crate `regex`, for which upper and
/// lower case are the same unless it says `(?-i)`) and an `answer` in markdown. The first pattern
/// that matches answers, in the thread if the question is in one; in several posts where it is longer than the
/// server takes. Without answers it hears nothing.
pub fn skill(table: &Table) -> Result<AnySkill, Misconfigured> {
    let settings: Settings = table.decode()?;
    if settings.answers.is_empty() {
        return Ok(AnySkill::none());
    }
    let mut skill = Skill::stateless("faq").about("answers what is asked again and again");
    for KnownAnswer { pattern, answer } in settings.answers {
        check(&pattern, &answer).map_err(|what| table.wrong(what))?;
        let answer: Arc<str> = answer.into();
        skill = skill.hears(&format!("(?i){pattern}"), move |cx, _| {
            reply(cx, answer.clone())
        });
    }
    Ok(skill.into())
}

async fn reply(mut cx: Context<()>, answer: Arc<str>) -> Turn<Stateless> {
    for part in in_parts(&answer, cx.longest()) {
        cx.reply(part);
    }
    cx.done()
}

fn check(pattern: &str, answer: &str) -> Result<(), String> {
    let parsed = regex::Regex::new(&format!("(?i){pattern}"));
    let parsed = parsed.map_err(|e| format!("the pattern {pattern:?} can't be read: {e}"))?;
    if parsed.is_match("") {
        return Err(format!("the pattern {pattern:?} matches every post"));
    }
    match answer.is_empty() {
        true => Err(format!("the answer to {pattern:?} is empty")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::Stage;
    use crate::skill::Allowed;

    fn table(answers: serde_json::Value) -> Table {
        let values = serde_json::json!({ "answers": answers });
        Table::new("faq", values.as_object().unwrap().clone())
    }

    fn stage() -> Stage {
        let answers = serde_json::json!([
            {"pattern": r"\bvpn\b", "answer": "See the wiki."},
            {"pattern": "lunch|vpn menu", "answer": "At noon."},
            {"pattern": "(?-i)SOS", "answer": "Call 112."},
        ]);
        Stage::new(skill(&table(answers)).unwrap())
    }

    #[tokio::test]
    async fn a_known_question_is_answered_whatever_its_case() {
        let mut stage = stage();
        stage.says("ann", "How do I get on the VPN?").await;
        assert_eq!(stage.posts(), ["See the wiki."]);
        assert!(stage.thread_posts().is_empty());
        stage.says("ann", "httpvpns?").await;
        stage.says("ann", "sos").await;
        assert_eq!(stage.posts().len(), 1);
        stage.says("ann", "SOS").await;
        assert_eq!(stage.posts()[1], "Call 112.");
    }

    #[test]
    fn without_answers_nothing_is_heard() {
        let nothing = skill(&Table::default()).unwrap();
        let catalog = crate::skill::Catalog::build(vec![nothing]).unwrap();
        assert!(catalog.entries().is_empty());
    }

    #[tokio::test]
    async fn a_question_in_a_thread_is_answered_there() {
        let mut stage = stage();
        stage.says_in_thread("ann", "lunch?").await;
        assert_eq!(stage.thread_posts(), ["At noon."]);
    }

    #[tokio::test]
    async fn a_question_to_the_bot_itself_is_answered_too() {
        let mut stage = stage();
        stage.tells("ann", "lunch").await;
        assert_eq!(stage.posts_to("ann"), ["At noon."]);
        stage.mentions("ann", "lunch").await;
        assert_eq!(stage.posts(), ["At noon."]);
    }

    #[tokio::test]
    async fn the_first_pattern_that_matches_answers_alone() {
        let mut stage = stage();
        stage.says("ann", "Where is the vpn menu for lunch?").await;
        assert_eq!(stage.posts(), ["See the wiki."]);
    }

    #[tokio::test]
    async fn an_answer_that_is_longer_than_the_server_takes_comes_in_parts() {
        let answers = serde_json::json!([{"pattern": "long", "answer": "Read this.\nAnd that."}]);
        let mut stage = Stage::new(skill(&table(answers)).unwrap());
        stage.says("ann", "a long one").await;
        assert_eq!(stage.posts(), ["Read this.\nAnd that."]);
        stage.allows(Allowed::default().with_message_chars(12));
        stage.says("ann", "a long one").await;
        assert_eq!(stage.posts()[1..], ["Read this.", "And that."]);
    }

    #[tokio::test]
    async fn a_post_that_comes_by_two_ways_is_answered_once() {
        let mut stage = stage();
        stage.says_to_webhook("ann", "vpn?").await;
        stage.again().await;
        assert_eq!(stage.posts(), ["See the wiki."]);
    }

    #[test]
    fn settings_that_do_not_fit_are_told() {
        for (answers, part) in [
            (
                serde_json::json!([{"pattern": "(", "answer": "x"}]),
                "[skills.faq]: the pattern \"(\" can't be read",
            ),
            (
                serde_json::json!([{"pattern": "a*", "answer": "x"}]),
                "matches every post",
            ),
            (
                serde_json::json!([{"pattern": "a", "answer": ""}]),
                "the answer to \"a\" is empty",
            ),
            (
                serde_json::json!([{"pattern": "a", "reply": "x"}]),
                "unknown field `reply`",
            ),
        ] {
            let error = skill(&table(answers)).err().unwrap().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
