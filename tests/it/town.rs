//! What these tests begin with, and calls that no person makes.

use matteractor::app::builtin_skills;
use matteractor::testing::{Setup, Town};

/// The built-in skills, and an answer about the VPN that posts lead to by two ways.
pub fn builtin() -> Setup {
    let answers = r#"[{"pattern": "\\bvpn\\b", "answer": "The VPN is in the handbook."}]"#;
    Setup::choosing(builtin_skills)
        .setting("MATTERACTOR__SKILLS__FAQ__ANSWERS", answers)
        .outgoing("vpn")
}

/// The bot is taken out of this channel by an admin.
pub async fn bot_leaves(town: &Town, channel: &str) {
    let admin = town.person("admin").await.in_channel(channel);
    let (channel, bot) = (admin.channel_id().await, town.bot_id());
    let path = format!("/channels/{channel}/members/{bot}");
    let answer = admin.asks("DELETE", &path, serde_json::Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// A page of the admin listener: status and body.
pub async fn admin_page(town: &Town, path: &str) -> (u16, String) {
    fetch(reqwest::Client::new().get(format!("{}{path}", town.admin_url()))).await
}

/// A call to one of the doors, as anybody could make it.
pub async fn door(
    town: &Town,
    path: &str,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> (u16, String) {
    let call = reqwest::Client::new().post(format!("{}{path}", town.hooks_url()));
    fetch(call.header("content-type", content_type).body(body)).await
}

async fn fetch(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}
