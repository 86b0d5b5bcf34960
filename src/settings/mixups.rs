//! Tokens that stand in two places, or were never filled in: what was copied and then forgotten. No sentence
//! repeats one.

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;
use super::shown::may_be_secret;
use super::{Hooks, SlashToken};

/// What the documentation writes in a token's place, with a number or without.
const PLACEHOLDER: &str = "token";

/// Whether nobody has put a token there yet.
pub(super) fn is_placeholder(text: &str) -> bool {
    let word = text.trim_matches(['<', '>']).to_lowercase();
    let number = word.strip_prefix(PLACEHOLDER);
    number.is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// Tells of each token that is another's, too: Mattermost gives none twice.
pub(super) fn tell(reader: &mut Reader, bot: Option<&SecretString>, hooks: &Hooks) {
    let slash = &hooks.slash_tokens;
    for (at, token) in slash.iter().enumerate() {
        if bot.is_some_and(|bot| same(bot, &token.token)) {
            reader.problem(format!(
                "{}: this is BOT_TOKEN: write the token that Mattermost showed when the slash command was made.",
                token.place
            ));
        }
        let before = slash[..at].iter().find(|before| are_one(before, token));
        if let Some(before) = before {
            reader.problem(twice(before, token));
        }
    }
    for token in &hooks.outgoing_tokens {
        let of_command = slash.iter().find(|slash| same(&slash.token, token));
        let whose = match (bot.filter(|bot| same(bot, token)), of_command) {
            (Some(_), _) => "BOT_TOKEN",
            (None, Some(slash)) => slash.place.as_str(),
            (None, None) => continue,
        };
        reader.problem(format!(
            "OUTGOING_TOKENS: the same token is in {whose}: write the one that Mattermost showed when the outgoing webhook was made."
        ));
    }
}

/// What is wrong with two entries that have one token.
fn twice(before: &SlashToken, token: &SlashToken) -> String {
    let (place, first) = (&token.place, &before.place);
    match (&before.trigger, &token.trigger) {
        (Some(one), Some(other)) if one != other => format!(
            "{place}: the token of /{other} is that of /{one}, too: each command has a token of its own."
        ),
        _ => same_as(place, first),
    }
}

/// The sentence about an entry that repeats another's token.
pub(super) fn same_as(place: &str, first: &str) -> String {
    let (_, number) = first.rsplit_once(' ').unwrap_or_default();
    format!("{place}: the same token is in entry {number}: write the other one, or leave one out.")
}

/// Whether two entries have one token. Where name and token are swapped, the names are secrets; that is told later.
fn are_one(a: &SlashToken, b: &SlashToken) -> bool {
    let secret = |token: &SlashToken| token.trigger.as_deref().is_some_and(may_be_secret);
    !secret(a) && !secret(b) && same(&a.token, &b.token)
}

fn same(a: &SecretString, b: &SecretString) -> bool {
    a.expose_secret() == b.expose_secret()
}

#[cfg(test)]
mod tests {
    use crate::settings::tests::{enough, load, problems};

    const CANARY: &str = "canary0canary0canary0canar";

    const OTHER: &str = "other0canary0canary0canary";

    fn told(env: &[(&str, &str)]) -> Vec<String> {
        let told = problems(&enough(env));
        assert!(!told.concat().contains("canary"), "{told:?}");
        told
    }

    #[test]
    fn one_token_for_two_commands_is_told_with_both() {
        let twice = format!("poll={CANARY},{OTHER},standup={CANARY}");
        assert_eq!(
            told(&[("SLASH_TOKENS", &twice)]),
            [
                "SLASH_TOKENS in the environment, entry 3: the token of /standup is that of /poll, too: each command has a token of its own."
            ]
        );
        let harmless = format!("poll={CANARY},standup={OTHER}");
        let swapped = format!("{CANARY}=poll,{OTHER}=poll");
        for list in [harmless, swapped] {
            assert_eq!(told(&[("SLASH_TOKENS", &list)]), [""; 0]);
        }
    }

    #[test]
    fn one_token_twice_in_a_list_is_told_with_both_entries() {
        let list = |entries: [&str; 3]| entries.map(|name| format!("{name}{CANARY}")).join(",");
        let other = list(["", "", ""]).replacen(CANARY, OTHER, 1);
        for (name, value) in [
            ("SLASH_TOKENS", other.as_str()),
            (
                "SLASH_TOKENS",
                &other.replace(&format!(",{CANARY},"), &format!(",poll={CANARY},")),
            ),
            (
                "SLASH_TOKENS",
                &format!("{OTHER},poll={CANARY},/Poll = {CANARY}"),
            ),
            ("OUTGOING_TOKENS", &other),
        ] {
            let rest = "the same token is in entry 2: write the other one, or leave one out.";
            assert_eq!(
                told(&[(name, value)]),
                [format!("{name} in the environment, entry 3: {rest}")]
            );
        }
    }

    #[test]
    fn the_token_of_the_bot_is_none_of_a_command_and_none_of_a_webhook() {
        let poll = format!("poll={CANARY}");
        for (name, value, start) in [
            (
                "SLASH_TOKENS",
                poll.as_str(),
                "SLASH_TOKENS in the environment, entry 1: this is BOT_TOKEN",
            ),
            (
                "SLASH_TOKENS",
                CANARY,
                "SLASH_TOKENS in the environment, entry 1: this is BOT_TOKEN",
            ),
            (
                "OUTGOING_TOKENS",
                CANARY,
                "OUTGOING_TOKENS: the same token is in BOT_TOKEN",
            ),
        ] {
            let told = told(&[("BOT_TOKEN", CANARY), (name, value)]);
            assert!(told.len() == 1 && told[0].starts_with(start), "{told:?}");
        }
        let told = told(&[("SLASH_TOKENS", CANARY), ("OUTGOING_TOKENS", CANARY)]);
        let place = "the same token is in SLASH_TOKENS in the environment, entry 1";
        assert!(told.len() == 1 && told[0].contains(place), "{told:?}");
    }

    #[test]
    fn what_the_documentation_has_in_a_tokens_place_is_no_token() {
        let fill_in = "was never filled in";
        for (name, value) in [
            ("SLASH_TOKENS", "poll=token1"),
            ("SLASH_TOKENS", "poll=TOKEN1,"),
            ("SLASH_TOKENS", "count=TOKEN"),
            ("SLASH_TOKENS", "token2"),
            ("SLASH_TOKENS", "<token>"),
            ("OUTGOING_TOKENS", "token3"),
            ("BOT_TOKEN", "TOKEN"),
        ] {
            let told = told(&[(name, value)]);
            assert_eq!(told.len(), 1, "{value}: {told:?}");
            assert!(
                told[0].starts_with(name) && told[0].contains(fill_in),
                "{told:?}"
            );
        }
        load(&[("SLASH_TOKENS", "tokens0tokens0tokens0token")]);
    }

    #[test]
    fn quotation_marks_around_the_whole_list_are_told_as_such() {
        for list in [
            "\"poll=abc,standup=def\"",
            "'poll=abc,standup=def'",
            "“poll=abc, standup=def”",
            "\"poll=abc,standup=def",
            "poll=abc,standup=def'",
            "\"abc\"",
        ] {
            assert_eq!(
                told(&[("SLASH_TOKENS", list)]),
                [
                    "SLASH_TOKENS in the environment: there is a quotation mark at an end of the list: write it without any, as poll=TOKEN,standup=TOKEN."
                ],
                "{list}"
            );
        }
        let told = told(&[("OUTGOING_TOKENS", "\"abc\"")]);
        assert!(
            told[0].ends_with("without any, as TOKEN,TOKEN."),
            "{told:?}"
        );
    }
}
