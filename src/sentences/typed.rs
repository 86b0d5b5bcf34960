use crate::event::Body;

/// More than that isn't repeated.
const LETTERS: usize = 10_000;

/// Why a command is refused, with the command as it was typed below it: Mattermost doesn't show it
/// any more, and nobody wants to type it again. Other events have only the sentence.
pub(crate) fn with_typed(sentence: String, body: &Body) -> String {
    match body {
        Body::Slash(summons) => with_command(sentence, &summons.trigger, &summons.text),
        _ => sentence,
    }
}

/// The same for a command that is no event yet; `trigger` has no slash before it.
pub(crate) fn with_command(sentence: String, trigger: &str, text: &str) -> String {
    if text.is_empty() {
        return sentence;
    }
    let typed = format!("/{trigger} {text}");
    let (cut, dots) = match typed.char_indices().nth(LETTERS) {
        Some((end, _)) => (&typed[..end], "…"),
        None => (&*typed, ""),
    };
    let longest = cut.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{sentence}\n{fence}text\n{cut}{dots}\n{fence}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::event::{SlashBody, TriggerId};

    fn typed(text: &str) -> String {
        let body = Body::Slash(SlashBody {
            trigger: "poll".into(),
            text: text.into(),
            people: BTreeMap::new(),
            channels: BTreeMap::new(),
            conversation: false,
            trigger_id: TriggerId::new("t"),
            response_url: None,
        });
        with_typed("No.".into(), &body)
    }

    #[test]
    fn a_refused_command_is_repeated_in_code_that_nothing_in_it_ends() {
        assert_eq!(typed(""), "No.");
        assert_eq!(typed("\"A @all"), "No.\n```text\n/poll \"A @all\n```");
        let ticks = typed("a\n```\nb");
        assert_eq!(ticks, "No.\n````text\n/poll a\n```\nb\n````");
        let long = typed(&"ü".repeat(16_000));
        assert!(long.chars().count() < 10_100 && long.contains("ü…\n```"));
    }
}
