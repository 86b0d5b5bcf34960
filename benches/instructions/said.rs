//! What comes from Mattermost.

use matteractor::internals::{Envelope, EnvelopeKind, Keyring, Nonce, Seal, TriggerKey};
use std::time::Duration;

use matteractor::model::ids::{ChannelId, Millis, PostId, UserId};

use secrecy::SecretString;
use serde_json::{Value, json};

/// A sealed envelope, as a button carries it.
pub struct Sealed {
    pub seal: Seal,
    pub text: String,
    pub now: Millis,
}

/// A server's key, a trigger that it has signed, and a moment at which that is fresh.
pub type Signed = (TriggerKey, String, Millis);

const NOW: Millis = Millis(1_700_000_000_000);

/// The body of a click, as 11.6 sends it.
pub fn click() -> String {
    let id = |n| ChannelId::from_bytes([n; 16]);
    json!({
        "user_id": id(1), "user_name": "ann", "channel_id": id(7), "channel_name": "town-square",
        "team_id": id(3), "team_domain": "chat", "post_id": id(8), "trigger_id": "t".repeat(240),
        "type": "button", "data_source": "", "context": {"m": sealed().text},
    })
    .to_string()
}

/// A frame that tells of a post, as 11.6 sends it.
pub fn frame() -> String {
    let (user, channel, post) = ids();
    let post = json!({
        "id": post, "create_at": NOW, "update_at": NOW, "edit_at": 0, "delete_at": 0, "is_pinned": false,
        "user_id": user, "channel_id": channel, "root_id": "", "original_id": "",
        "message": "Who takes the \u{201c}late\u{201d} shift tomorrow?\nI can't.", "type": "", "props": {},
        "hashtags": "", "file_ids": [], "pending_post_id": "", "remote_id": "", "reply_count": 0,
        "last_reply_at": 0, "participants": null, "metadata": {},
    });
    json!({
        "event": "posted",
        "data": {
            "channel_display_name": "Town Square", "channel_name": "town-square", "channel_type": "O",
            "post": post.to_string(), "sender_name": "@ann", "set_online": true, "team_id": channel,
        },
        "broadcast": {
            "omit_users": null, "user_id": "", "channel_id": channel, "team_id": "", "connection_id": "",
            "omit_connection_id": "",
        },
        "seq": 12,
    })
    .to_string()
}

fn ids() -> (UserId, ChannelId, PostId) {
    (
        UserId::from_bytes([1; 16]),
        ChannelId::from_bytes([7; 16]),
        PostId::from_bytes([8; 16]),
    )
}

pub fn sealed() -> Sealed {
    let secret = SecretString::from("0123456789abcdef0123456789abcdef");
    let seal = Seal::new(Keyring::from_secret(&secret).expect("it is long enough"));
    let envelope = Envelope {
        kind: EnvelopeKind::Action,
        place: format!("c:{}", ids().1),
        skill: "poll".into(),
        topic: "lunch".into(),
        button: json!({"Vote": 1}),
        offered: None,
        expires: NOW.plus(Duration::from_secs(60)),
        nonce: Nonce([9; 16]),
    };
    let text = envelope.sealed(&seal);
    Sealed {
        seal,
        text,
        now: NOW,
    }
}

/// One that a real server has signed.
pub fn signed() -> Signed {
    let text = include_str!("../../tests/fixtures/trust/triggers.json");
    let all: Vec<Value> = serde_json::from_str(text).expect("it is a list");
    let of = |key: &str| all[0][key].as_str().unwrap_or_default().to_owned();
    let key = TriggerKey::parse(&of("public_key")).expect("it is a key");
    let at = Millis(all[0]["at"].as_i64().unwrap_or_default());
    (key, of("trigger_id"), at)
}
