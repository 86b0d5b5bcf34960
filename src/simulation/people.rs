use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use super::chat::{Chat, ChatError};
use super::network::Disconnected;
use super::spoil;
use crate::actors::card_format::{ROW_PROP, VERSION_PROP};
use crate::event::{RowId, Version};
use crate::sandbox::seed::password;

/// What somebody got back.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandAnswered {
    /// The server's status; 0 where the connection ended.
    pub status: u16,
    /// The server's answer.
    pub body: Value,
    /// What the bot answered to the server, where it was asked and did.
    pub bot: Option<Value>,
}

impl CommandAnswered {
    /// What the bot says to this person alone.
    pub fn told(&self) -> Option<&str> {
        let bot = self.bot.as_ref()?;
        let text = bot.get("ephemeral_text").or_else(|| bot.get("text"))?;
        text.as_str().filter(|text| !text.is_empty())
    }
}

/// A post as people see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// Its id.
    pub id: String,
    /// Who posted it.
    pub by: String,
    /// Its text.
    pub text: String,
    /// The row of the bot's outbox that it was, for the bot's posts.
    pub row: Option<RowId>,
    /// The version of the state that it shows, for cards.
    pub version: Option<Version>,
    /// Its buttons: label and id.
    pub buttons: Vec<(String, String)>,
}

impl Seen {
    fn read(post: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let props = &post["props"];
        let attachments = props["attachments"].as_array().into_iter().flatten();
        let actions = attachments.flat_map(|one| one["actions"].as_array().into_iter().flatten());
        Self {
            id: text(&post["id"]),
            by: text(&post["user_id"]),
            text: text(&post["message"]),
            row: props[ROW_PROP].as_str().map(RowId::read),
            version: props[VERSION_PROP].as_i64(),
            buttons: actions
                .map(|action| (text(&action["name"]), text(&action["id"])))
                .collect(),
        }
    }
}

/// What people do, by name, for random plays and their checkers: with what the bot answered, and
/// which row of its outbox a post was. [`Chat::person`] has the same people with more verbs. They
/// are `admin`, `ann`, `ben` and `cleo`, and the network never fails them.
impl Chat {
    /// Posts, and tells the post's id.
    pub async fn says(&self, who: &str, channel: &str, text: &str) -> Result<String, ChatError> {
        let post = json!({"channel_id": self.channel(channel)?, "message": text});
        let answered = self.asks(who, Method::POST, "/posts", post).await?;
        let id = answered.body["id"].as_str().map(str::to_owned);
        self.trace()
            .note(format_args!("{who} says {text:?} in {channel}"));
        id.ok_or_else(|| ChatError::Unexpected(answered.body.to_string()))
    }

    /// Posts what programs can't read: with props that are too deep, so that only the rest of it
    /// can be, or nothing of it at all.
    pub async fn spoils(
        &self,
        who: &str,
        channel: &str,
        text: &str,
        wholly: bool,
    ) -> Result<String, ChatError> {
        let hole = if wholly { spoil::GARBLED } else { spoil::DEEP };
        let channel = self.channel(channel)?;
        let post = json!({"channel_id": channel, "message": text, "props": {"x": hole}});
        let answered = self.asks(who, Method::POST, "/posts", post).await?;
        let id = answered.body["id"].as_str().map(str::to_owned);
        id.ok_or_else(|| ChatError::Unexpected(answered.body.to_string()))
    }

    /// Types a slash command.
    pub async fn slash(
        &self,
        who: &str,
        channel: &str,
        line: &str,
    ) -> Result<CommandAnswered, ChatError> {
        self.trace()
            .note(format_args!("{who} types {line:?} in {channel}"));
        let command = json!({"channel_id": self.channel(channel)?, "command": line});
        self.asks(who, Method::POST, "/commands/execute", command)
            .await
    }

    /// Presses the button with this label on a post that has it.
    pub async fn clicks(
        &self,
        who: &str,
        post: &Seen,
        label: &str,
    ) -> Result<CommandAnswered, ChatError> {
        let button = post.buttons.iter().find(|(name, _)| name == label);
        let (_, id) = button.ok_or_else(|| ChatError::Missing(label.to_owned()))?;
        self.trace()
            .note(format_args!("{who} presses {label} on {:?}", post.text));
        let path = format!("/posts/{}/actions/{id}", post.id);
        self.asks(who, Method::POST, &path, json!({})).await
    }

    /// All posts of a channel that are not the server's own, the oldest first.
    pub async fn looks(&self, who: &str, channel: &str) -> Result<Vec<Seen>, ChatError> {
        let id = self.channel(channel)?;
        self.posts_of(who, &id).await
    }

    pub(super) async fn posts_of(&self, who: &str, id: &str) -> Result<Vec<Seen>, ChatError> {
        let (mut seen, mut page) = (Vec::new(), 0);
        loop {
            let path = format!("/channels/{id}/posts?per_page=200&page={page}");
            let found = self.asks(who, Method::GET, &path, Value::Null).await?.body;
            let order = found["order"].as_array().cloned().unwrap_or_default();
            if order.is_empty() {
                seen.reverse();
                return Ok(seen);
            }
            let posts = order
                .iter()
                .filter_map(|id| found["posts"].get(id.as_str()?));
            let spoken = posts.filter(|post| !post["type"].as_str().is_some_and(is_system));
            seen.extend(spoken.map(Seen::read));
            page += 1;
        }
    }

    /// The dialog that has this text at its top, as the bot sent it, once it is open.
    pub fn dialog(&self, intro: &str) -> Option<Value> {
        let dialogs = self.network.dialogs.borrow();
        let mut found = dialogs.iter();
        found
            .find(|sent| sent["dialog"]["introduction_text"] == intro)
            .cloned()
    }

    /// Submits a dialog.
    pub async fn submits(
        &self,
        who: &str,
        channel: &str,
        dialog: &Value,
        values: Value,
    ) -> Result<CommandAnswered, ChatError> {
        self.trace()
            .note(format_args!("{who} submits {values} in {channel}"));
        let form = json!({
            "url": dialog["url"], "callback_id": dialog["dialog"]["callback_id"],
            "state": dialog["dialog"]["state"], "channel_id": self.channel(channel)?,
            "team_id": "", "submission": values, "cancelled": false,
        });
        self.asks(who, Method::POST, "/actions/dialogs/submit", form)
            .await
    }

    /// Somebody's request; without a token from who may not log in.
    pub(super) async fn asks(
        &self,
        who: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Result<CommandAnswered, ChatError> {
        let token = self.logged_in(who).await?;
        let ended = self.send(method, path, token.as_deref(), body).await?;
        Ok(CommandAnswered {
            status: ended.response.as_ref().map_or(0, |r| r.status().as_u16()),
            body: read(ended.response.as_ref()),
            bot: ended.integration.as_ref().map(|r| read(Some(r))),
        })
    }

    /// Somebody's token; none for who may not log in.
    async fn logged_in(&self, who: &str) -> Result<Option<String>, ChatError> {
        if let Some(token) = self.tokens.borrow().get(who) {
            return Ok(Some(token.clone()));
        }
        let login = json!({"login_id": who, "password": password(who)});
        let ended = self.send(Method::POST, "/users/login", None, login).await?;
        let token = ended
            .response
            .as_ref()
            .and_then(|r| r.headers().get("token"));
        let token = token.and_then(|token| token.to_str().ok());
        let mut tokens = self.tokens.borrow_mut();
        Ok(token.map(|token| {
            let token = token.to_owned();
            tokens.entry(who.to_owned()).or_insert(token).clone()
        }))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Value,
    ) -> Result<Disconnected, ChatError> {
        let body = match body {
            Value::Null => Bytes::new(),
            body => body.to_string().into(),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v4{path}"));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let request = request.body(body);
        let request = request.map_err(|error| ChatError::Unexpected(error.to_string()))?;
        Ok(self.network.request(request).await)
    }
}

fn is_system(kind: &str) -> bool {
    kind.starts_with("system_")
}

fn read(response: Option<&Response<Bytes>>) -> Value {
    let body = response.map(|response| serde_json::from_slice(response.body()));
    body.and_then(Result::ok).unwrap_or_default()
}
