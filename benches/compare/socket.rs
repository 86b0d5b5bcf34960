use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::Message;

use crate::pretend::bot;

/// The frame that tells of a post.
pub fn posted(post: &Value, seq: i64) -> String {
    let bot = bot();
    let sender = match post["user_id"] == bot["id"] {
        true => format!("@{}", bot["username"].as_str().unwrap_or_default()),
        false => "@ann".into(),
    };
    let frame = json!({
        "event": "posted",
        "data": {
            "channel_display_name": "Channel", "channel_name": "channel", "channel_type": "O",
            "post": post.to_string(), "sender_name": sender, "set_online": true, "team_id": "",
        },
        "broadcast": {
            "omit_users": null, "user_id": "", "channel_id": post["channel_id"], "team_id": "",
            "connection_id": "", "omit_connection_id": "",
        },
        "seq": seq,
    });
    frame.to_string()
}

/// The bot's WebSocket; the last one, if there were several.
#[derive(Default)]
pub struct Ears(Mutex<Option<Ear>>);

struct Ear {
    next_seq: i64,
    frames: UnboundedSender<String>,
}

impl Ears {
    /// Whether there is one.
    pub fn is_any(&self) -> bool {
        self.lock().is_some()
    }

    /// Tells of a post.
    pub fn posted(&self, post: &Value) {
        let mut ear = self.lock();
        let Some(ear) = ear.as_mut() else { return };
        let frame = posted(post, ear.next_seq);
        ear.next_seq += 1;
        // A bot that has gone hears nothing.
        let _ = ear.frames.send(frame);
    }

    /// Tells the bot of posts and answers what it says, until it goes.
    pub fn listen(&self, stream: TcpStream, bot: &str) -> anyhow::Result<()> {
        let (frames, to_send) = unbounded_channel();
        let hello = json!({
            "event": "hello",
            "data": {"connection_id": "c".repeat(26), "server_version": "11.6.0"},
            "broadcast": {"user_id": bot, "channel_id": "", "team_id": "", "omit_users": null},
            "seq": 0,
        });
        frames.send(hello.to_string())?;
        *self.lock() = Some(Ear {
            next_seq: 1,
            frames,
        });
        stream.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(serve(stream, to_send))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Ear>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(stream: TcpStream, mut frames: UnboundedReceiver<String>) -> anyhow::Result<()> {
    let stream = tokio::net::TcpStream::from_std(stream)?;
    let (mut sends, mut hears) = tokio_tungstenite::accept_async(stream).await?.split();
    loop {
        let frame = tokio::select! {
            frame = frames.recv() => frame,
            said = hears.next() => match said {
                Some(Ok(Message::Text(said))) => {
                    let said: Value = serde_json::from_str(&said)?;
                    Some(json!({"status": "OK", "seq_reply": said["seq"]}).to_string())
                }
                Some(Ok(_)) => continue,
                _ => None,
            },
        };
        match frame {
            Some(frame) => sends.send(Message::text(frame)).await?,
            None => return Ok(()),
        }
    }
}
