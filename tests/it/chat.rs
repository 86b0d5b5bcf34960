//! What these tests begin with, and calls that no person makes.

use matteractor::Skills;
use std::time::Duration;

use matteractor::testing::{Chat, Setup};
use serde_json::Value;

/// The built-in skills, and an answer about the VPN that posts lead to by two ways.
pub fn builtin() -> Setup {
    let answers = r#"[{"pattern": "\\bvpn\\b", "answer": "The VPN is in the handbook."}]"#;
    Setup::program(Skills::builtin())
        .setting("MATTERACTOR__SKILLS__FAQ__ANSWERS", answers)
        .outgoing("vpn")
}

/// The bot is taken out of this channel by an admin.
pub async fn bot_leaves(chat: &Chat, channel: &str) {
    let admin = chat.person("admin").await.in_channel(channel);
    let (channel, bot) = (admin.channel_id().await, chat.bot_id());
    let path = format!("/channels/{channel}/members/{bot}");
    as_admin(chat, "DELETE", &path, Value::Null).await;
}

/// A request below `/api/v4` by the system admin, which must succeed, and what it answers.
pub async fn as_admin(chat: &Chat, method: &str, path: &str, body: Value) -> Value {
    let admin = chat.person("admin").await;
    let answer = admin.asks(method, path, body).await;
    let (status, body) = (answer.status, answer.body);
    assert!((200..300).contains(&status), "{path}: {status} {body}");
    body
}

/// Stops the bot in order and starts it again on the same store.
pub async fn restart_bot(chat: &Chat) {
    chat.stop_bot().await;
    chat.start_bot().await;
}

/// Waits for something that nobody sees.
pub async fn until(is_so: impl AsyncFn() -> bool) {
    found(async || is_so().await.then_some(())).await;
}

/// Waits until a look finds something.
pub async fn found<T>(look: impl AsyncFn() -> Option<T>) -> T {
    found_in_time(look).await.expect("it must come to be")
}

/// Waits until a look finds something; none where that takes too long.
pub async fn found_in_time<T>(look: impl AsyncFn() -> Option<T>) -> Option<T> {
    let wait = async {
        loop {
            match look().await {
                Some(found) => return found,
                None => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    let patience = Duration::from_secs(30);
    tokio::time::timeout(patience, wait).await.ok()
}

/// A page of the admin listener: status and body.
pub async fn admin_page(chat: &Chat, path: &str) -> (u16, String) {
    fetch(reqwest::Client::new().get(format!("{}{path}", chat.admin_url()))).await
}

/// A call to one of the doors, as anybody could make it.
pub async fn door(
    chat: &Chat,
    path: &str,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> (u16, String) {
    let call = reqwest::Client::new().post(format!("{}{path}", chat.hooks_url()));
    fetch(call.header("content-type", content_type).body(body)).await
}

async fn fetch(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}
