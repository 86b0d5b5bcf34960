//! The server's own slash commands: those that only make a post, and the words of all of them.

use serde_json::{Map, Value, json};

use super::place::CommandPlace;
use crate::world::World;
use crate::world::posts::post::Post;
use crate::world::wire::rest::{Replied, Reply};

/// What a custom command can't be called (`app/slashcommands`).
const WORDS: [&str; 33] = [
    "away",
    "code",
    "collapse",
    "dnd",
    "echo",
    "expand",
    "groupmsg",
    "header",
    "help",
    "invite",
    "invite_people",
    "join",
    "kick",
    "leave",
    "logout",
    "marketplace",
    "me",
    "message",
    "msg",
    "mute",
    "offline",
    "online",
    "open",
    "purpose",
    "remove",
    "rename",
    "search",
    "secure-connection",
    "settings",
    "share-channel",
    "shortcuts",
    "shrug",
    "status",
];

/// Whether a trigger is one of the server's own.
pub fn reserved(trigger: &str) -> bool {
    WORDS.contains(&trigger)
}

/// Executes one, if it is among those that are played here.
pub fn execute(
    world: &mut World,
    now: i64,
    trigger: &str,
    words: &str,
    place: &CommandPlace,
) -> Option<Replied> {
    let shrug = r"¯\\\_(ツ)\_/¯";
    let (message, kind) = match trigger {
        "me" => (format!("*{words}*"), "me"),
        "shrug" if words.is_empty() => (shrug.to_owned(), ""),
        "shrug" => (format!("{words} {shrug}"), ""),
        "code" if !words.is_empty() => {
            let lines = words.lines().map(|line| format!("    {line}"));
            (lines.collect::<Vec<_>>().join("\n"), "")
        }
        _ => return None,
    };
    Some(post(world, now, message, (kind, words), place))
}

fn post(
    world: &mut World,
    now: i64,
    message: String,
    (kind, words): (&str, &str),
    place: &CommandPlace,
) -> Replied {
    let mut props = Map::new();
    if kind == "me" {
        props.insert("message".to_owned(), json!(words));
    }
    let post = Post {
        user_id: place.user_id.clone(),
        channel_id: place.channel_id.clone(),
        root_id: place.root_id.clone(),
        message: message.clone(),
        kind: kind.to_owned(),
        props: props.clone().into(),
        ..Post::default()
    };
    world.save(now, post, "")?;
    let client = world.ids.mint();
    Reply::ok(json!({
        "response_type": "in_channel", "text": message, "username": "", "channel_id": "",
        "icon_url": "", "type": kind, "props": if props.is_empty() { Value::Null } else { props.into() },
        "goto_location": "", "trigger_id": client, "skip_slack_parsing": false,
        "attachments": null, "extra_responses": null,
    }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::world::tests::Stand;

    #[test]
    fn me_and_shrug_are_posts_of_who_typed() {
        let mut stand = Stand::new();
        let channel = stand.channel("dev");
        for (line, message, kind) in [
            ("/me waves", "*waves*", "me"),
            ("/shrug well", r"well ¯\\\_(ツ)\_/¯", ""),
        ] {
            let line = json!({"channel_id": channel, "command": line});
            let (status, answer) = stand.ask("ann", "POST", "/commands/execute", line);
            assert_eq!((status, &answer["text"]), (200, &json!(message)));
            let last = stand.world.newest(&channel).next().unwrap();
            assert_eq!((&*last.message, &*last.kind), (message, kind));
        }
    }

    #[test]
    fn the_servers_own_words_are_taken() {
        let mut stand = Stand::new();
        let team = stand.world.team_named("home").unwrap();
        let command = json!({"team_id": team, "trigger": "away", "url": "http://x", "method": "P"});
        let (status, answer) = stand.ask("admin", "POST", "/commands", command);
        assert_eq!(status, 400);
        assert_eq!(answer["id"], "api.command.duplicate_trigger.app_error");
    }
}
