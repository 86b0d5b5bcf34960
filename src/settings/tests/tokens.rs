//! The lists of tokens.

use secrecy::ExposeSecret;

use super::{TOKENS, enough, load, problems};

#[test]
fn a_token_for_a_command_that_nobody_has_is_told_with_its_place() {
    let place = "SLASH_TOKENS in the environment, entry";
    let settings = load(&[("SLASH_TOKENS", &four(["", "pol=", "/POLL = ", "standup="]))]);
    let told = settings.check_commands(&["poll", "standup"]).unwrap_err();
    let problem = format!(
        "{place} 2: there is no command /pol; the commands are /poll, /standup. Write trigger=token."
    );
    assert!(told.to_string().contains(&problem), "{told}");
    assert!(!told.to_string().contains("entry 3"), "{told}");
    for wrong in [
        "poll:abc",
        "poll='abc',hd64k8zc47nqbkpe9eenyni3to",
        "poll==abc",
        "poll=a b",
        "abc def",
        "poll=",
        "=abc",
        "poll= ",
        "[abc]",
        "poll=abc;standup=def",
        // Made up.
        "abc",
        "poll=changeme",
        "poll=poll",
        "...",
        "YOUR_TOKEN",
        "poll=xxxxxxxxxxxxxxxxxxxxxxxxxx",
        "poll=HD64k8zc47nqbkpe9eenyni3to",
        "\u{feff}abc",
    ] {
        let told = problems(&enough(&[("SLASH_TOKENS", wrong)]));
        assert_eq!(told.len(), 1, "{wrong}: {told:?}");
        assert!(told[0].starts_with(&format!("{place} 1: ")), "{told:?}");
    }
}

/// The tokens, each after its mark.
fn four(marks: [&str; 4]) -> String {
    let entries = marks.iter().zip(TOKENS);
    let entries: Vec<_> = entries
        .map(|(mark, token)| format!("{mark}{token}"))
        .collect();
    entries.join(",")
}

#[test]
fn a_token_that_somebody_made_up_is_told_with_where_the_right_one_is() {
    let rule =
        "this is no token of Mattermost's, which has 26 characters, a-z and 0-9: copy it from";
    for (name, list, place, menu) in [
        (
            "SLASH_TOKENS",
            "poll=canary",
            "entry 1",
            "Slash Commands, at /poll.",
        ),
        ("SLASH_TOKENS", "canary", "entry 1", "Slash Commands."),
        (
            "OUTGOING_TOKENS",
            "hd64k8zc47nqbkpe9eenyni3to,canary",
            "entry 2",
            "Outgoing Webhooks.",
        ),
    ] {
        let told = problems(&enough(&[(name, list)]));
        let whole = format!(
            "{name} in the environment, {place}: {rule} Product menu > Integrations > {menu}"
        );
        assert_eq!(told, [whole]);
    }
}

#[test]
fn a_slash_token_may_belong_to_one_command() {
    let settings = load(&[("SLASH_TOKENS", &four(["/Poll=", " ", "x/y=", ""]))]);
    let tokens = settings.hooks.slash_tokens.iter();
    let tokens: Vec<_> = tokens
        .map(|t| (t.trigger.as_deref(), t.token.expose_secret()))
        .collect();
    assert_eq!(
        tokens,
        [
            (Some("poll"), TOKENS[0]),
            (None, TOKENS[1]),
            (Some("x/y"), TOKENS[2]),
            (None, TOKENS[3])
        ]
    );
}
