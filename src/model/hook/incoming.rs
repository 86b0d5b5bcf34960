//! What incoming webhooks take.

use serde::{Deserialize, Serialize};
use serde_json::Map;
use serde_json::Value;

use crate::model::attachment::{Attachment, Attachments};
use crate::model::form::{FormError, Pairs};
use crate::model::lenient::present;
use crate::model::limits::LimitError;
use crate::model::props::Props;

/// What an incoming webhook takes (`model.IncomingWebhookRequest`). It can't answer in threads,
/// and the poster is who made the hook.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct IncomingRequest {
    /// The text; needed where there are no attachments. A long one becomes several posts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Another name to post as, where the server allows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Another picture, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_url: Option<String>,
    /// An emoji as picture, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon_emoji: Option<String>,
    /// Another channel: `name`, `#name`, or `@user` for a direct one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
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
    /// The post's priority, as it comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Value>,
    /// Keys that have no name here.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl IncomingRequest {
    /// Posts a text, which must not be empty.
    pub fn text(text: impl Into<String>) -> Result<Self, LimitError> {
        let text = text.into();
        match text.is_empty() {
            true => Err(LimitError::Empty { what: "text" }),
            false => Ok(Self {
                text: Some(text),
                ..Self::default()
            }),
        }
    }

    /// Posts attachments, which Mattermost's check must find nothing in.
    pub fn attachments(list: Vec<Attachment>) -> Result<Self, LimitError> {
        list.iter().try_for_each(Attachment::check)?;
        match list.is_empty() {
            true => Err(LimitError::Empty {
                what: "attachments",
            }),
            false => Ok(Self {
                attachments: Some(list.into()),
                ..Self::default()
            }),
        }
    }

    /// Posts to another channel: `name`, `#name`, or `@user`.
    pub fn to(self, channel: impl Into<String>) -> Self {
        Self {
            channel: Some(channel.into()),
            ..self
        }
    }

    /// Reads a form with all in one pair `payload`.
    pub fn from_form(bytes: &[u8]) -> Result<Self, FormError> {
        let name = "payload";
        let json = Pairs::decode(bytes)
            .take(name)
            .ok_or(FormError::Missing(name))?;
        serde_json::from_str(&json).map_err(|e| FormError::Json {
            name,
            reason: e.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incoming_webhook_needs_text_or_attachments() {
        assert!(IncomingRequest::text("").is_err());
        assert!(IncomingRequest::attachments(vec![]).is_err());
        let hook = IncomingRequest::from_form(b"payload=%7B%22text%22%3A%22hi%22%7D").unwrap();
        assert_eq!(hook, IncomingRequest::text("hi").unwrap());
    }
}
