//! Slash commands: what a command sends, and what answers it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::attachment::{Attachment, Attachments};
use super::form::{self, FormError, Pairs};
use super::ids::{ChannelId, Id, PostId, TeamId, UserId};
use super::lenient::{maybe, present, without_nulls};
use super::props::Props;
use super::token::Token;
use super::word::word;

/// A name in the text and whom it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<T> {
    /// The name, without `@` or `~`.
    pub name: String,
    /// The user or channel of that name.
    pub id: T,
}

/// What a slash command sends: the same pairs as a form (POST) and in the query (GET).
#[derive(Debug, Clone)]
pub struct SlashRequest {
    /// The command's own token; it comes in the `Authorization` header as well.
    pub token: Token,
    /// The team; in a direct channel what the client sent.
    pub team_id: Option<TeamId>,
    /// The team's name in addresses.
    pub team_domain: String,
    /// Where it was typed.
    pub channel_id: ChannelId,
    /// The channel's name in addresses.
    pub channel_name: String,
    /// Who typed.
    pub user_id: UserId,
    /// Their name, without `@`.
    pub user_name: String,
    /// The trigger with its slash, in lower case.
    pub command: String,
    /// What follows the first white space, as it came; see [`SlashRequest::argument`].
    pub text: String,
    /// Opens dialogs for 30 s, see [`super::trigger`].
    pub trigger_id: String,
    /// The first post of the thread that it was typed in; servers before 10.12 don't say.
    pub root_id: Option<PostId>,
    /// Takes 5 answers within 30 minutes, without other proof. Servers before 11.2 built it from
    /// the caller's `Host` header, so it can point anywhere.
    pub response_url: String,
    /// People of the team that the text names.
    pub user_mentions: Vec<Mention<UserId>>,
    /// Public channels that the text names.
    pub channel_mentions: Vec<Mention<ChannelId>>,
    /// Pairs that have no name here.
    pub extra: Vec<(String, String)>,
}

impl SlashRequest {
    /// Reads a form or a query string.
    pub fn from_form(bytes: &[u8]) -> Result<Self, FormError> {
        let mut pairs = Pairs::decode(bytes);
        Ok(Self {
            token: Token::new(pairs.text("token")),
            team_id: pairs.maybe_id("team_id")?,
            team_domain: pairs.text("team_domain"),
            channel_id: pairs.id("channel_id")?,
            channel_name: pairs.text("channel_name"),
            user_id: pairs.id("user_id")?,
            user_name: pairs.text("user_name"),
            command: pairs.take("command").ok_or(FormError::Missing("command"))?,
            text: pairs.text("text"),
            trigger_id: pairs.text("trigger_id"),
            root_id: pairs.maybe_id("root_id")?,
            response_url: pairs.text("response_url"),
            user_mentions: mentions(&mut pairs, "user_mentions", "user_mentions_ids")?,
            channel_mentions: mentions(&mut pairs, "channel_mentions", "channel_mentions_ids")?,
            extra: pairs.rest(),
        })
    }

    /// Writes a form or query string, with an empty `root_id` outside threads as since 10.12.
    pub fn to_form(&self) -> String {
        let id = |id: &Option<TeamId>| id.map(|id| id.to_string()).unwrap_or_default();
        let (team, root) = (id(&self.team_id), self.root_id.map(|id| id.to_string()));
        let mut pairs = vec![
            ("channel_id", self.channel_id.as_str()),
            ("channel_name", &self.channel_name),
            ("command", &self.command),
            ("response_url", &self.response_url),
            ("root_id", root.as_deref().unwrap_or_default()),
            ("team_domain", &self.team_domain),
            ("team_id", &team),
            ("text", &self.text),
            ("token", self.token.expose()),
            ("trigger_id", &self.trigger_id),
            ("user_id", self.user_id.as_str()),
            ("user_name", &self.user_name),
        ];
        for mention in &self.user_mentions {
            pairs.push(("user_mentions", &mention.name));
            pairs.push(("user_mentions_ids", mention.id.as_str()));
        }
        for mention in &self.channel_mentions {
            pairs.push(("channel_mentions", &mention.name));
            pairs.push(("channel_mentions_ids", mention.id.as_str()));
        }
        pairs.extend(
            self.extra
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        form::encode(pairs)
    }

    /// What people meant to type: the text without white space around it, and without the rest
    /// of a character that Mattermost cut (it splits one byte after a white space, however wide).
    pub fn argument(&self) -> &str {
        let broken = |c: char| c == char::REPLACEMENT_CHARACTER || c.is_whitespace();
        self.text.trim_start_matches(broken).trim_end()
    }
}

fn mentions<T: Id>(
    pairs: &mut Pairs,
    names: &'static str,
    ids: &'static str,
) -> Result<Vec<Mention<T>>, FormError> {
    let pair = |(name, id): (String, String)| match T::parse(&id) {
        Ok(id) => Ok(Mention { name, id }),
        Err(source) => Err(FormError::Id { name: ids, source }),
    };
    let found = pairs.all(names);
    found.into_iter().zip(pairs.all(ids)).map(pair).collect()
}

word! {
    /// Who sees an answer.
    ResponseType {
        /// Only the person who typed.
        Ephemeral = "ephemeral",
        /// All in the channel, as a post of the person who typed. Other words post nothing.
        InChannel = "in_channel",
    }
}

/// What answers a slash command, at once with status 200 or later at its `response_url`
/// (`model.CommandResponse`). `None` is an absent key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SlashResponse {
    /// Who sees it; only the person by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_type: Option<ResponseType>,
    /// The text, in Markdown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Another name to post as, where the server allows it; the command's own setting wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Another picture, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// Another channel; the person who typed must be a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// The post's type: `custom_…`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The post's props.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub props: Option<Props>,
    /// An address that the client goes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goto_location: Option<String>,
    /// Leaves `<…>` in the text alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_slack_parsing: Option<bool>,
    /// The attachments.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub attachments: Option<Attachments>,
    /// More answers of this form; those within them are ignored.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "without_nulls"
    )]
    pub extra_responses: Option<Vec<SlashResponse>>,
    /// Overwritten by the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_id: Option<String>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl SlashResponse {
    /// Nothing to see: `{}`.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// A text for the person who typed, taken literally.
    pub fn whisper(text: impl Into<String>) -> Self {
        Self::said(ResponseType::Ephemeral, text)
    }

    /// A text for the channel, taken literally. It becomes the post of the person who typed.
    pub fn in_channel(text: impl Into<String>) -> Self {
        Self::said(ResponseType::InChannel, text)
    }

    /// Adds an attachment.
    pub fn attach(mut self, attachment: Attachment) -> Self {
        match &mut self.attachments {
            Some(Attachments::List(list)) => list.push(attachment),
            other => *other = Some(vec![attachment].into()),
        }
        self
    }

    fn said(to: ResponseType, text: impl Into<String>) -> Self {
        Self {
            response_type: Some(to),
            text: Some(text.into()),
            skip_slack_parsing: Some(true),
            ..Self::default()
        }
    }
}

/// What a client sends to `commands/execute`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExecuteCommand {
    /// Where.
    pub channel_id: ChannelId,
    /// The whole line, with its slash.
    pub command: String,
    /// The team, in direct channels.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "maybe")]
    pub team_id: Option<TeamId>,
    /// The thread, not yet checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_id: Option<String>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// What the client gets back from `commands/execute`: the answer with all keys.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CommandDone {
    /// As answered.
    pub response_type: String,
    /// As answered.
    pub text: String,
    /// As answered.
    pub username: String,
    /// As answered.
    pub channel_id: String,
    /// As answered.
    pub icon_url: String,
    /// As answered.
    #[serde(rename = "type")]
    pub kind: String,
    /// As answered.
    pub props: Option<Props>,
    /// As answered.
    pub goto_location: String,
    /// The trigger that a dialog would be opened with.
    pub trigger_id: String,
    /// As answered.
    pub skip_slack_parsing: bool,
    /// As answered.
    pub attachments: Option<Attachments>,
    /// As answered.
    pub extra_responses: Option<Vec<Option<CommandDone>>>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "token=t&team_id=&channel_id=f47qhit1gidnznckaqxfwxw5tw&\
        user_id=9g66xk3awbfjf8rea197dhw1ba&command=%2Fpoll&trigger_id=x&root_id=";

    #[test]
    fn a_text_that_begins_within_a_character_is_read() {
        let form = format!("{FORM}&text=%80%80+%22Lunch%3F%22+%22Caf%C3%A9%22+");
        let request = SlashRequest::from_form(form.as_bytes()).unwrap();
        assert_eq!(request.argument(), r#""Lunch?" "Café""#);
        assert!(request.text.starts_with(char::REPLACEMENT_CHARACTER));
        assert_eq!((request.team_id, request.root_id), (None, None));
    }

    #[test]
    fn repeated_pairs_become_mentions_in_their_order() {
        let (ann, ben) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        let form = format!(
            "{FORM}&user_mentions=ann&user_mentions_ids={ann}&user_mentions=ben&\
             user_mentions_ids={ben}&new_key=1"
        );
        let request = SlashRequest::from_form(form.as_bytes()).unwrap();
        let found: Vec<_> = request
            .user_mentions
            .iter()
            .map(|m| (&*m.name, m.id))
            .collect();
        assert_eq!(found, [("ann", ann), ("ben", ben)]);
        assert_eq!(request.extra, [("new_key".to_owned(), "1".to_owned())]);
        let again = SlashRequest::from_form(request.to_form().as_bytes()).unwrap();
        assert_eq!(again.user_mentions, request.user_mentions);
        assert_eq!(again.extra, request.extra);
    }

    #[test]
    fn a_request_without_its_user_is_refused_by_name() {
        let form = FORM.replace("user_id", "nobody");
        let error = SlashRequest::from_form(form.as_bytes()).unwrap_err();
        assert_eq!(error, FormError::Missing("user_id"));
    }

    #[test]
    fn an_answer_is_no_more_than_it_needs() {
        assert_eq!(
            serde_json::to_string(&SlashResponse::nothing()).unwrap(),
            "{}"
        );
        let answer = SlashResponse::in_channel("hi").attach(Attachment::text("card"));
        assert_eq!(
            serde_json::to_string(&answer).unwrap(),
            r#"{"response_type":"in_channel","text":"hi","skip_slack_parsing":true,"#.to_owned()
                + r#""attachments":[{"text":"card"}]}"#
        );
    }
}
