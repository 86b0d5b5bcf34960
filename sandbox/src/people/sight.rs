//! What people see of posts: text and things to press. Pure functions of the server's JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// One post or whisper as a person sees it.
#[derive(Debug, Clone)]
pub struct Sight {
    /// The post's id.
    pub id: String,
    /// Whether only this person sees it.
    pub whisper: bool,
    /// The post as the server gave it.
    pub post: Value,
}

/// A button or menu of a post.
#[derive(Debug, Clone)]
pub struct Control {
    /// The post's id.
    pub post_id: String,
    /// The action's id.
    pub action_id: String,
    /// What ephemeral posts need to be clicked.
    pub cookie: Option<String>,
    /// A menu's options: what is shown, what is sent.
    pub options: Vec<(String, String)>,
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

impl Sight {
    /// A post from REST or an event.
    pub fn new(post: Value, whisper: bool) -> Self {
        Self {
            id: word(&post, "id").to_owned(),
            whisper,
            post,
        }
    }

    /// Who posted it: the id, or the name that a webhook gave itself.
    pub fn author(&self) -> &str {
        let shown = word(&self.post["props"], "override_username");
        if shown.is_empty() {
            word(&self.post, "user_id")
        } else {
            shown
        }
    }

    /// The message alone.
    pub fn message(&self) -> &str {
        word(&self.post, "message")
    }

    /// The first post of its thread; itself if it is that.
    pub fn root(&self) -> &str {
        let root = word(&self.post, "root_id");
        if root.is_empty() { &self.id } else { root }
    }

    /// Whether it is in the thread that this post is in, and didn't begin it.
    pub fn is_reply_to(&self, post: &Sight) -> bool {
        self.id != post.root() && self.root() == post.root()
    }

    /// Whether it is shown in its thread alone: a whisper that has a root, for whoever has collapsed threads,
    /// as Mattermost's default is.
    pub fn is_hidden(&self) -> bool {
        self.whisper && !word(&self.post, "root_id").is_empty()
    }

    fn attachments(&self) -> impl Iterator<Item = &Value> {
        let list = self.post["props"]["attachments"].as_array();
        list.into_iter().flatten()
    }

    fn actions(&self) -> impl Iterator<Item = &Value> {
        self.attachments()
            .flat_map(|one| one["actions"].as_array().into_iter().flatten())
    }

    /// All text on it, a line for each part; buttons as `[name]`, menus as `[name ▾]`.
    pub fn text(&self) -> String {
        let mut lines = vec![self.message().to_owned()];
        for one in self.attachments() {
            let heads = ["pretext", "author_name", "title", "text"];
            lines.extend(heads.iter().map(|key| word(one, key).to_owned()));
            for field in one["fields"].as_array().into_iter().flatten() {
                let value = match &field["value"] {
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                lines.push(format!("{}: {value}", word(field, "title")));
            }
            lines.push(word(one, "footer").to_owned());
        }
        let controls = self.actions().map(|action| match word(action, "type") {
            "select" => format!("[{} ▾]", label_of(action)),
            _ => format!("[{}]", label_of(action)),
        });
        lines.push(controls.collect::<Vec<_>>().join(" "));
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    /// The button (or menu) with this label, unless it is disabled.
    pub fn control(&self, label: &str, menu: bool) -> Option<Control> {
        let action = self.actions().find(|action| {
            label_of(action) == label
                && (word(action, "type") == "select") == menu
                && action["disabled"] != true
        })?;
        let options = action["options"].as_array().into_iter().flatten();
        Some(Control {
            post_id: self.id.clone(),
            action_id: word(action, "id").to_owned(),
            cookie: action["cookie"].as_str().map(str::to_owned),
            options: options
                .map(|option| (word(option, "text").into(), word(option, "value").into()))
                .collect(),
        })
    }
}

/// Of what is in a channel and its threads, what its main pane shows.
pub fn shown(sights: &[Sight]) -> Vec<Sight> {
    let shown = sights.iter().filter(|sight| !sight.is_hidden());
    shown.cloned().collect()
}

/// As people see it, who don't see what has no width.
fn label_of(action: &Value) -> String {
    word(action, "name").replace('\u{200b}', "")
}

/// What is in a channel, oldest first: the posts of a page (newest first, as REST gives it) and
/// the whispers that were heard there, in order of time.
pub fn in_channel(page: &Value, whispers: &[Value], channel_id: &str) -> Vec<Sight> {
    let order = page["order"].as_array().into_iter().flatten().rev();
    let posts = order.filter_map(|id| page["posts"].get(id.as_str()?));
    let mut all: Vec<Sight> = posts.map(|post| Sight::new(post.clone(), false)).collect();
    let own = whispers
        .iter()
        .filter(|post| post["channel_id"] == channel_id);
    all.extend(own.map(|post| Sight::new(post.clone(), true)));
    all.sort_by_key(|sight| sight.post["create_at"].as_i64());
    all
}

/// What a person can read, as text; `names` are people's names by id.
pub fn transcript(sights: &[Sight], names: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    for sight in sights {
        let author = names
            .get(sight.author())
            .map_or(sight.author(), String::as_str);
        let mark = if sight.whisper { " (only you)" } else { "" };
        let thread = if sight.root() == sight.id {
            ""
        } else {
            "  ↳ "
        };
        let text = sight.text().replace('\n', "\n      ");
        // Writing to a string can't fail.
        let _ = writeln!(out, "{thread}@{author}{mark}: {text}");
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn card() -> Sight {
        let action = |name: &str, kind: &str| json!({"id": "x", "name": name, "type": kind});
        Sight::new(
            json!({"id": "p", "message": "Lunch?", "user_id": "u", "props": {"attachments": [{
                "text": "Pick", "fields": [{"title": "Soup", "value": 2}],
                "actions": [action("Pizza", "button"), action("More", "select")],
            }]}}),
            false,
        )
    }

    #[test]
    fn a_card_reads_as_text_fields_and_controls() {
        assert_eq!(card().text(), "Lunch?\nPick\nSoup: 2\n[Pizza] [More ▾]");
    }

    #[test]
    fn a_button_is_no_menu() {
        assert!(card().control("Pizza", false).is_some());
        assert!(card().control("Pizza", true).is_none());
        assert!(card().control("More", true).is_some());
    }

    #[test]
    fn a_whisper_with_a_root_is_shown_in_its_thread_alone() {
        let whisper = |root: &str| {
            let post = json!({"id": "w", "root_id": root, "message": "psst"});
            Sight::new(post, true)
        };
        let all = [whisper(""), whisper("p"), card()];
        assert_eq!(shown(&all).len(), 2);
        assert!(all[1].is_hidden() && all[1].is_reply_to(&card()));
    }

    #[test]
    fn a_channel_shows_whispers_between_posts() {
        let post = |id: &str, at: i64| json!({"id": id, "create_at": at, "message": id});
        let page = json!({"order": ["b", "a"], "posts": {"a": post("a", 1), "b": post("b", 5)}});
        let whisper = |id: &str, channel: &str| json!({"id": id, "create_at": 3, "channel_id": channel, "message": id});
        let seen = in_channel(&page, &[whisper("w", "c"), whisper("x", "elsewhere")], "c");
        let ids: Vec<&str> = seen.iter().map(|sight| sight.id.as_str()).collect();
        assert_eq!(ids, ["a", "w", "b"]);
    }
}
