//! Who is mentioned in a text.

use serde_json::{Map, Value, json};

use super::post::Post;
use crate::world::World;
use crate::world::channels::channel::Kind;

/// Names after `sigil` (`@` or `~`) in a text, in order, each once.
pub fn names(text: &str, sigil: char) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut previous = ' ';
    for (at, letter) in text.char_indices() {
        if letter == sigil && !previous.is_alphanumeric() {
            let rest = &text[at + letter.len_utf8()..];
            let end = rest.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c)));
            let name = rest[..end.unwrap_or(rest.len())].trim_end_matches(['.', '-', '_']);
            let name = name.to_lowercase();
            if !name.is_empty() && !found.contains(&name) {
                found.push(name);
            }
        }
        previous = letter;
    }
    found
}

/// The texts of attachments in which names count.
fn attached(props: &Map<String, Value>) -> Vec<&str> {
    let attachments = props.get("attachments").and_then(Value::as_array);
    let all = attachments.into_iter().flatten();
    let texts = all.flat_map(|one| [&one["pretext"], &one["text"]]);
    texts.filter_map(Value::as_str).collect()
}

/// The users whom a post notifies, without its author: by name, by `@channel`, `@all` or `@here`,
/// the other side of a direct channel, and who was just added.
pub fn of_post(world: &World, post: &Post) -> Vec<String> {
    let members = world.members.get(&post.channel_id);
    let members: Vec<&String> = members.into_iter().flat_map(|map| map.keys()).collect();
    let mut words = names(&post.message, '@');
    for text in attached(&post.props.map()) {
        words.extend(names(text, '@'));
    }
    let everybody = words
        .iter()
        .any(|w| matches!(w.as_str(), "channel" | "all" | "here"));
    let direct = world
        .channel(&post.channel_id)
        .is_some_and(|channel| matches!(channel.kind, Kind::Direct | Kind::Group));
    let system = post.kind.starts_with("system_");
    let added = post.props.get("addedUserId");
    let added = added.as_ref().and_then(Value::as_str);
    let hit = |id: &str| {
        let name = world
            .user(id)
            .map(|user| user.username.clone())
            .unwrap_or_default();
        added == Some(id) || !system && (direct || everybody || words.contains(&name))
    };
    let notified = members
        .into_iter()
        .filter(|id| **id != post.user_id && hit(id));
    notified.cloned().collect()
}

/// The public channels that a post's text or attachments name, as `channel_mentions` in its props
/// (`FillInPostProps`): name → what to show.
pub fn channels(
    world: &World,
    channel_id: &str,
    message: &str,
    props: &Map<String, Value>,
) -> Map<String, Value> {
    let Some(team_id) = world
        .channel(channel_id)
        .map(|channel| channel.team_id.as_str())
    else {
        return Map::new();
    };
    let mut all = names(message, '~');
    for text in attached(props) {
        all.extend(names(text, '~'));
    }
    let open = all.into_iter().filter_map(|name| {
        let channel = world.channel_named(team_id, &name)?;
        let shown = json!({
            "display_name": channel.display_name, "team_name": world.team_name(team_id),
        });
        (channel.kind == Kind::Open).then_some((name, shown))
    });
    open.collect()
}

impl World {
    /// A new post's event tells the ids of the channels that it names; answers don't.
    pub(in crate::world) fn identify_channels(&self, team_id: &str, props: &mut Value) {
        let named = props.get_mut("channel_mentions");
        let named = named.and_then(Value::as_object_mut);
        for (name, shown) in named.into_iter().flatten() {
            shown["id"] = json!(self.channel_named(team_id, name).map(|c| &c.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_punctuation_begins() {
        assert_eq!(
            names("hi @Ann. and @ben-2, not a@b.c ~dev @ann", '@'),
            ["ann", "ben-2"]
        );
        assert_eq!(names("in ~dev!", '~'), ["dev"]);
    }
}
