//! What must stay secret: tokens, keys and the address of an incoming webhook. No problem quotes one.

use secrecy::SecretString;
use url::Url;

use super::SlashToken;
use super::mixups::{is_placeholder, same_as};
use super::reader::{Reader, Setting};
use super::shown::{LONG, may_be_secret};

/// The shortest envelope key, in bytes: as long as the output of its hash.
const SHORTEST_SECRET: usize = 32;
/// What shells and editors put around texts.
const QUOTES: [char; 9] = ['"', '\'', '`', '“', '”', '„', '‘', '’', '«'];

/// What a token in a list is for.
struct Whose<'a> {
    /// How an entry is written.
    example: &'a str,
    /// Where Mattermost shows the token.
    shown: String,
}

/// The token of a command or an outgoing webhook: one that was made up is nobody's, or anybody's who guesses it.
fn hook_token(reader: &mut Reader, found: Setting, whose: &Whose<'_>) -> Option<SecretString> {
    let found = filled_in(reader, found)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let (place, example) = (&found.place, whose.example);
    if found.text.is_empty() || !found.text.chars().all(plain) {
        reader.problem(format!(
            "{place}: this is no token: write {example}, with commas between several and without quotation marks; a token is one word of letters and digits."
        ));
        return None;
    }
    if !is_made_by_mattermost(&found.text) {
        reader.problem(format!(
            "{place}: this is no token of Mattermost's, which has {LONG} characters, a-z and 0-9: copy it from {}.",
            whose.shown
        ));
        return None;
    }
    Some(found.text.into())
}

/// Whether a text has the form of Mattermost's tokens (`model.NewId`). One letter again and again has it, too, but
/// comes from no chance.
fn is_made_by_mattermost(text: &str) -> bool {
    let right = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut letters = text.bytes();
    let first = letters.next();
    text.len() == LONG && text.bytes().all(right) && letters.any(|b| Some(b) != first)
}

/// What the documentation has in a token's place is none, and everybody knows it.
fn filled_in(reader: &mut Reader, found: Setting) -> Option<Setting> {
    if !is_placeholder(&found.text) {
        return Some(found);
    }
    reader.problem(format!(
        "{}: this was never filled in: write the token that Mattermost has made.",
        found.place
    ));
    None
}

/// The entries of a list of tokens, written as in `example`. Marks around the whole list would be blamed on its
/// first entry, or its last.
fn hook_tokens(reader: &mut Reader, key: &str, example: &str) -> (Vec<String>, String) {
    let (entries, place) = reader.list(key);
    let begins = entries.first().is_some_and(|one| one.starts_with(QUOTES));
    if !begins && !entries.last().is_some_and(|one| one.ends_with(QUOTES)) {
        return (entries, place);
    }
    reader.problem(format!(
        "{place}: there is a quotation mark at an end of the list: write it without any, as {example}."
    ));
    (Vec::new(), place)
}

/// A token goes into a header: one word of visible ASCII.
pub(super) fn token(reader: &mut Reader, found: Setting) -> Option<SecretString> {
    let Setting { text, place } = filled_in(reader, found)?;
    if text
        .chars()
        .all(|c| c.is_ascii_graphic() && !"\"'`".contains(c))
    {
        return Some(text.into());
    }
    reader.problem(format!(
        "{place}: this is no token: a token is one word of letters and digits, without quotation marks around it or \"Bearer\" before it."
    ));
    None
}

pub(super) fn incoming_webhook_url(reader: &mut Reader) -> Option<SecretString> {
    let Setting { text, place } = reader.text("mattermost.incoming_webhook_url")?;
    let right = Url::parse(&text).is_ok_and(|url| {
        let web = matches!(url.scheme(), "http" | "https") && url.path().contains("/hooks/");
        web && text.parse::<http::Uri>().is_ok()
    });
    if !right {
        reader.problem(format!(
            "{place}: this is no incoming webhook; write its whole address, https://chat.example.org/hooks/ and the id."
        ));
    }
    Some(text.into())
}

fn of_command(trigger: Option<&str>) -> Whose<'static> {
    let command = trigger.map(|name| format!(", at /{name}"));
    Whose {
        example: "the token, or trigger=token",
        shown: format!(
            "Product menu > Integrations > Slash Commands{}",
            command.unwrap_or_default()
        ),
    }
}

pub(super) fn slash_tokens(reader: &mut Reader) -> Vec<SlashToken> {
    let example = "poll=TOKEN,standup=TOKEN";
    let (entries, place) = hook_tokens(reader, "hooks.slash_tokens", example);
    let mut tokens = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        let (trigger, text) = match entry.split_once('=') {
            Some((trigger, text)) => (Some(trigger), text),
            None => (None, entry.as_str()),
        };
        let trigger = trigger.map(|t| t.trim().trim_start_matches('/').to_lowercase());
        let place = format!("{place}, entry {}", at + 1);
        if trigger.as_deref() == Some("") || text.trim().is_empty() {
            reader.problem(format!("{place}: write a token, or trigger=token."));
            continue;
        }
        let (text, at) = (text.trim().to_owned(), place.clone());
        let found = Setting { text, place: at };
        // Where the two are swapped, that is told once the commands are known.
        let found = match trigger.as_deref() {
            Some(name) if may_be_secret(name) => Some(found.text.into()),
            name => hook_token(reader, found, &of_command(name)),
        };
        tokens.extend(found.map(|token| SlashToken {
            trigger,
            token,
            place,
        }));
    }
    tokens
}

pub(super) fn tokens(reader: &mut Reader, key: &str) -> Vec<SecretString> {
    let whose = Whose {
        example: "the token",
        shown: "Product menu > Integrations > Outgoing Webhooks".to_owned(),
    };
    let (entries, place) = hook_tokens(reader, key, "TOKEN,TOKEN");
    for (at, text) in entries.iter().enumerate() {
        if let Some(first) = entries[..at].iter().position(|before| before == text) {
            let [first, again] = [first, at].map(|at| format!("{place}, entry {}", at + 1));
            reader.problem(same_as(&again, &first));
        }
    }
    let entries = entries.into_iter().enumerate();
    let found = entries.map(|(at, text)| Setting {
        text,
        place: format!("{place}, entry {}", at + 1),
    });
    found
        .filter_map(|found| hook_token(reader, found, &whose))
        .collect()
}

pub(super) fn envelope_key(
    reader: &mut Reader,
    Setting { text, place }: Setting,
) -> Option<SecretString> {
    if text.len() >= SHORTEST_SECRET {
        return Some(text.into());
    }
    reader.problem(format!(
        "{place}: the key is too short; write at least {SHORTEST_SECRET} random characters."
    ));
    None
}

pub(super) fn old_secrets(reader: &mut Reader) -> Vec<SecretString> {
    let (entries, place) = reader.list("hooks.old_secrets");
    let entries = entries.into_iter().enumerate();
    let found = entries.map(|(at, text)| Setting {
        text,
        place: format!("{place}, entry {}", at + 1),
    });
    found
        .filter_map(|found| envelope_key(reader, found))
        .collect()
}
