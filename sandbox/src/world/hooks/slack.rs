//! Texts written for Slack, as the server reads them in integrations' answers (`app/slack.go`).

use serde_json::{Map, Value};

use crate::world::World;

/// What shouts in Slack, and here.
const SHOUTS: [(&str, &str); 3] = [
    ("<!channel>", "@channel"),
    ("<!here>", "@here"),
    ("<!all>", "@all"),
];

impl World {
    /// `<!here>` becomes `@here`, and `<@id>` the name of that user.
    pub(in crate::world) fn read_slack(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (slack, ours) in SHOUTS {
            out = out.replace(slack, ours);
        }
        for part in text.split("<@").skip(1) {
            let id = part.split('>').next().unwrap_or("");
            if let Some(user) = self.user(id) {
                out = out.replace(&format!("<@{id}>"), &format!("@{}", user.username));
            }
        }
        out
    }

    /// The same in an answer's text and attachments.
    pub(in crate::world) fn read_slack_in(&self, answer: &mut Map<String, Value>) {
        self.reads_slack_in(answer, &["text"]);
        let attachments = answer.get_mut("attachments").and_then(Value::as_array_mut);
        for attachment in attachments.into_iter().flatten() {
            let Some(attachment) = attachment.as_object_mut() else {
                continue;
            };
            self.reads_slack_in(attachment, &["pretext", "text", "title"]);
            let fields = attachment.get_mut("fields").and_then(Value::as_array_mut);
            for field in fields.into_iter().flatten() {
                if let Some(field) = field.as_object_mut() {
                    self.reads_slack_in(field, &["value"]);
                }
            }
        }
    }

    fn reads_slack_in(&self, map: &mut Map<String, Value>, keys: &[&str]) {
        for key in keys {
            if let Some(Value::String(text)) = map.get_mut(*key) {
                *text = self.read_slack(text);
            }
        }
    }
}

/// `<url|words>` becomes a link in Markdown: webhooks' posts only.
pub fn links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once('<') {
        out.push_str(before);
        let link = inner.split_once('>').and_then(|(link, after)| {
            let (url, words) = link.split_once('|')?;
            let plain = !url.is_empty() && !words.is_empty();
            let bad = |c: char| "\n<|".contains(c);
            (plain && !url.contains(bad) && !words.contains(bad)).then_some((url, words, after))
        });
        match link {
            Some((url, words, after)) => {
                out.push_str(&format!("[{words}]({url})"));
                rest = after;
            }
            None => {
                out.push('<');
                rest = inner;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::world::tests::Stand;

    #[test]
    fn links_of_slack_become_markdown_and_other_brackets_stay() {
        assert_eq!(
            links("see <http://x|the page>, a < b, <http://y>"),
            "see [the page](http://x), a < b, <http://y>"
        );
    }

    #[test]
    fn a_commands_answer_may_speak_slack_unless_it_says_that_it_does_not() {
        let mut stand = Stand::new();
        let ann = stand.world.user_named("ann").unwrap().id.clone();
        let channel = stand.channel("dev");
        let line = json!({"channel_id": channel, "command": "/poll"});
        for (skip, shown) in [(false, "@here @ann"), (true, &*format!("<!here> <@{ann}>"))] {
            let call = stand.call("ben", "POST", "/commands/execute", line.clone());
            let answer = json!({
                "response_type": "in_channel", "text": format!("<!here> <@{ann}>"),
                "skip_slack_parsing": skip,
            });
            stand.answer(&call, answer);
            let last = stand.world.newest(&channel).next().unwrap();
            assert_eq!(last.message, shown);
        }
    }
}
