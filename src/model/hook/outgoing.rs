//! What outgoing webhooks send, and what answers them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::attachment::Attachments;
use crate::model::form::{self, FormError, Pairs};
use crate::model::ids::{ChannelId, FileId, Millis, PostId, TeamId, UserId};
use crate::model::lenient::{maybe, present};
use crate::model::props::Props;
use crate::model::token::Token;

/// What an outgoing webhook sends (`model.OutgoingWebhookPayload`), as a form or as JSON by the
/// hook's `content_type`. As serde sees it, it is the JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OutgoingRequest {
    /// What the hook proves itself with.
    pub token: Token,
    /// The team.
    #[serde(default, with = "maybe")]
    pub team_id: Option<TeamId>,
    /// The team's name in addresses.
    #[serde(default)]
    pub team_domain: String,
    /// Where the post is: a public channel.
    pub channel_id: ChannelId,
    /// The channel's name in addresses.
    #[serde(default)]
    pub channel_name: String,
    /// When the post was made: milliseconds in JSON, whole seconds in a form.
    pub timestamp: Millis,
    /// Who made the post; bots and slash answers fire webhooks, too.
    pub user_id: UserId,
    /// Their name, without `@`.
    #[serde(default)]
    pub user_name: String,
    /// The post.
    pub post_id: PostId,
    /// Its text.
    #[serde(default)]
    pub text: String,
    /// The word that fired it; that of the last hook where several matched.
    #[serde(default)]
    pub trigger_word: String,
    /// The files, separated by commas on the wire.
    #[serde(default, with = "commas")]
    pub file_ids: Vec<FileId>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl OutgoingRequest {
    /// Reads a form; its time is in seconds.
    pub fn from_form(bytes: &[u8]) -> Result<Self, FormError> {
        let mut pairs = Pairs::decode(bytes);
        let seconds = pairs
            .take("timestamp")
            .ok_or(FormError::Missing("timestamp"))?;
        let seconds = seconds
            .parse()
            .map_err(|_| FormError::Number("timestamp"))?;
        let files = commas::split(&pairs.text("file_ids"));
        Ok(Self {
            token: Token::new(pairs.text("token")),
            team_id: pairs.maybe_id("team_id")?,
            team_domain: pairs.text("team_domain"),
            channel_id: pairs.id("channel_id")?,
            channel_name: pairs.text("channel_name"),
            timestamp: Millis::from_secs(seconds),
            user_id: pairs.id("user_id")?,
            user_name: pairs.text("user_name"),
            post_id: pairs.id("post_id")?,
            text: pairs.text("text"),
            trigger_word: pairs.text("trigger_word"),
            file_ids: files.map_err(|source| FormError::Id {
                name: "file_ids",
                source,
            })?,
            extra: pairs
                .rest()
                .into_iter()
                .map(|(n, v)| (n, Value::String(v)))
                .collect(),
        })
    }

    /// Writes a form, with the time in seconds.
    pub fn to_form(&self) -> String {
        let team = self.team_id.map(|id| id.to_string()).unwrap_or_default();
        let (time, files) = (
            self.timestamp.as_secs().to_string(),
            commas::join(&self.file_ids),
        );
        let pairs = [
            ("channel_id", self.channel_id.as_str()),
            ("channel_name", &self.channel_name),
            ("file_ids", &files),
            ("post_id", self.post_id.as_str()),
            ("team_domain", &self.team_domain),
            ("team_id", &team),
            ("text", &self.text),
            ("timestamp", &time),
            ("token", self.token.expose()),
            ("trigger_word", &self.trigger_word),
            ("user_id", self.user_id.as_str()),
            ("user_name", &self.user_name),
        ];
        let extra = self
            .extra
            .iter()
            .filter_map(|(n, v)| Some((n.as_str(), v.as_str()?)));
        form::encode(pairs.into_iter().chain(extra))
    }
}

/// File ids in one text.
mod commas {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::ids::{FileId, IdError};

    pub fn split(text: &str) -> Result<Vec<FileId>, IdError> {
        text.split(',')
            .filter(|id| !id.is_empty())
            .map(FileId::parse)
            .collect()
    }

    pub fn join(files: &[FileId]) -> String {
        files
            .iter()
            .map(FileId::as_str)
            .collect::<Vec<_>>()
            .join(",")
    }

    pub fn serialize<S: Serializer>(files: &[FileId], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&join(files))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<FileId>, D::Error> {
        let text = Option::<Cow<str>>::deserialize(from)?.unwrap_or_default();
        split(&text).map_err(serde::de::Error::custom)
    }
}

/// What answers an outgoing webhook (`model.OutgoingWebhookResponse`); nothing is posted without
/// text and attachments.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OutgoingResponse {
    /// The text; a long one becomes several posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Another name to post as, where the server allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Another picture, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// The post's props.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub props: Option<Props>,
    /// The attachments.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub attachments: Option<Attachments>,
    /// The post's type: `custom_…`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `comment` answers in the thread of the post, which must not be a reply itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_type: Option<String>,
    /// The post's priority, as it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Value>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl OutgoingResponse {
    /// Posts nothing.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Posts a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self {
            text: Some(text.into()),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[u8] = b"token=t&team_id=5dx459f61fyuip5wj5whoo8r4e&\
        channel_id=f47qhit1gidnznckaqxfwxw5tw&user_id=9g66xk3awbfjf8rea197dhw1ba&\
        post_id=j74fna1xrir77bust63gjjz6iy&timestamp=1795453837&text=hi&file_ids=&";

    #[test]
    fn both_units_of_time_become_milliseconds() {
        let call = OutgoingRequest::from_form(FORM).unwrap();
        assert_eq!(call.timestamp, Millis(1_795_453_837_000));
        let json = serde_json::to_string(&call).unwrap();
        assert!(json.contains(r#""timestamp":1795453837000"#), "{json}");
        let again: OutgoingRequest = serde_json::from_str(&json).unwrap();
        assert_eq!(again.timestamp, call.timestamp);
        assert!(again.to_form().contains("timestamp=1795453837&"));
    }

    #[test]
    fn files_are_separated_by_commas() {
        let [a, b] = [FileId::from_bytes([1; 16]), FileId::from_bytes([2; 16])];
        let form = String::from_utf8(FORM.to_vec()).unwrap();
        let form = form.replace("file_ids=", &format!("file_ids={a}%2C{b}"));
        let call = OutgoingRequest::from_form(form.as_bytes()).unwrap();
        assert_eq!(call.file_ids, [a, b]);
        assert_eq!(
            OutgoingRequest::from_form(call.to_form().as_bytes())
                .unwrap()
                .file_ids,
            [a, b]
        );
    }
}
