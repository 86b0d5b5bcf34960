use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use matteractor::model::ids::{ChannelId, TeamId, UserId};
use serde_json::{Value, json};

use crate::callers;
use crate::pretend::Pretend;
use crate::signer::Signer;

/// The token of `/poll`, here and at the peer's.
pub const TOKEN: &str = "tk8a1fyw6cjmze3ghrbo9u5pxd";
/// What can be voted for.
pub const OPTIONS: [&str; 3] = ["Pizza", "Soup", "Salad"];

/// A poll with buttons.
pub struct Poll {
    pub channel: ChannelId,
    post: String,
    /// What each option's button gives back.
    contexts: Vec<Value>,
}

/// The channel of this number.
pub fn channel(number: usize) -> ChannelId {
    ChannelId::from_bytes((number as u128 + 1).to_be_bytes())
}

/// The person of this number.
pub fn person(number: usize) -> UserId {
    UserId::from_bytes(((7 << 64) | number as u128).to_be_bytes())
}

/// The team of all channels.
pub fn team() -> TeamId {
    TeamId::from_bytes([9; 16])
}

/// Types `/poll` in the channel of this number; the answer.
pub async fn ask(to: SocketAddr, signer: &Signer, number: usize) -> anyhow::Result<Value> {
    let request = typed(to, signer, number)?;
    callers::read(&callers::call(to, &request).await?.1)
}

/// The bytes of a `/poll` in the channel of this number, with a trigger of its own.
pub fn typed(to: SocketAddr, signer: &Signer, number: usize) -> anyhow::Result<Vec<u8>> {
    let asks = person(0);
    let form = serde_urlencoded::to_string([
        ("channel_id", channel(number).as_str()),
        ("channel_name", &format!("channel-{number}")),
        ("command", "/poll"),
        ("response_url", ""),
        ("root_id", ""),
        ("team_domain", "team"),
        ("team_id", team().as_str()),
        ("text", r#""Lunch?" "Pizza" "Soup" "Salad""#),
        ("token", TOKEN),
        ("trigger_id", &signer.trigger(asks)?),
        ("user_id", asks.as_str()),
        ("user_name", "voter-0"),
    ])?;
    let media_type = "application/x-www-form-urlencoded";
    Ok(callers::request(to, "/slash", media_type, &form))
}

impl Poll {
    /// A new poll in the channel of this number; its buttons are in the answer or in the bot's post.
    pub async fn begin(
        to: SocketAddr,
        signer: &Signer,
        pretend: Option<&Pretend>,
        number: usize,
    ) -> anyhow::Result<Self> {
        let answer = ask(to, signer, number).await?;
        let channel = channel(number);
        let inline = &answer["attachments"][0]["actions"];
        let (post, actions) = match (inline.is_array(), pretend) {
            (true, _) => (channel.as_str().to_owned(), inline.clone()),
            (false, Some(pretend)) => {
                let post = pretend.first_post(channel.as_str()).await?;
                (post.id, post.attachments[0]["actions"].clone())
            }
            (false, None) => anyhow::bail!("no buttons in {answer}"),
        };
        let actions = actions.as_array().context("a poll without buttons")?;
        let context = |name: &str| {
            let action = actions.iter().find(|action| action["name"] == name);
            action.map(|action| action["integration"]["context"].clone())
        };
        let contexts: Vec<_> = OPTIONS.into_iter().filter_map(context).collect();
        ensure!(contexts.len() == OPTIONS.len(), "{actions:?} lack options");
        Ok(Self {
            channel,
            post,
            contexts,
        })
    }

    /// The bytes of a click on an option, with a trigger of its own.
    pub fn click(
        &self,
        to: SocketAddr,
        signer: &Signer,
        voter: usize,
        option: usize,
    ) -> anyhow::Result<(String, Vec<u8>)> {
        let trigger = signer.trigger(person(voter))?;
        let body = json!({
            "user_id": person(voter).as_str(),
            "user_name": format!("voter-{voter}"),
            "channel_id": self.channel.as_str(),
            "channel_name": "a-channel",
            "team_id": team().as_str(),
            "team_domain": "team",
            "post_id": self.post,
            "trigger_id": trigger,
            "type": "button",
            "data_source": "",
            "context": self.contexts[option],
        });
        let body = body.to_string();
        let request = callers::request(to, "/actions", "application/json", &body);
        Ok((trigger, request))
    }
}
