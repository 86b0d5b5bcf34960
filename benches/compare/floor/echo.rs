use std::collections::HashMap;
use std::sync::Arc;

use futures_util::StreamExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{connect_async, tungstenite::http::HeaderValue};

use super::Floor;
use super::store::Rows;

/// Hears posts and echoes them, those of a channel in their order.
pub async fn hear(floor: Arc<Floor>) {
    if let Err(error) = listen(floor).await {
        eprintln!("the socket has ended: {error:#}");
    }
}

async fn listen(floor: Arc<Floor>) -> anyhow::Result<()> {
    let url = format!(
        "{}/api/v4/websocket",
        floor.mattermost.replacen("http", "ws", 1)
    );
    let mut request = url.into_client_request()?;
    let token = HeaderValue::from_static("Bearer bot-token");
    request.headers_mut().insert("Authorization", token);
    let (mut socket, _) = connect_async(request).await?;
    let mut channels: HashMap<String, mpsc::UnboundedSender<Value>> = HashMap::new();
    while let Some(message) = socket.next().await {
        let event: Value =
            serde_json::from_str(message?.to_text().unwrap_or_default()).unwrap_or_default();
        let Some(post) = event["data"]["post"]
            .as_str()
            .filter(|_| event["event"] == "posted")
        else {
            continue;
        };
        let post: Value = serde_json::from_str(post)?;
        if !post["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("echo "))
        {
            continue;
        }
        let channel = post["channel_id"].to_string();
        let known = channels.entry(channel).or_insert_with(|| {
            let (sender, posts) = mpsc::unbounded_channel();
            tokio::spawn(answer(floor.clone(), posts));
            sender
        });
        let _ = known.send(post);
    }
    Ok(())
}

async fn answer(floor: Arc<Floor>, mut posts: mpsc::UnboundedReceiver<Value>) {
    while let Some(post) = posts.recv().await {
        let number = floor.next();
        let row = format!("{number:026}");
        let text = format!("echo: {}", post["message"].as_str().unwrap_or_default());
        let reply =
            json!({"channel_id": post["channel_id"], "message": text, "props": {"row": row}});
        let id = post["id"].as_str().unwrap_or_default();
        let digest = ring::digest::digest(&ring::digest::SHA256, id.as_bytes());
        let rows = Rows {
            key: digest.as_ref().try_into().ok(),
            outbox: Some((row.clone(), reply.to_string())),
            ..Rows::default()
        };
        match floor.store.write(rows).await {
            Ok(()) => floor.leave(row, number, reply).await,
            Err(error) => eprintln!("a post isn't echoed: {error:#}"),
        }
    }
}
