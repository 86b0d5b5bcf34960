//! Frames of WebSockets.

use matteractor::model::happening::Happening;
use matteractor::model::post::Post;
use matteractor::model::socket::{Envelope, EventName, Frame, Request};
use serde_json::{Value, json};

use super::Tally;
use super::compare::differences;
use super::exchange::same;

pub fn check(frame: &Value, tally: &mut Tally) -> Result<(), String> {
    let text = |key: &str| frame[key].as_str();
    if let Some(json) = text("received") {
        return received(json, tally).map_err(|e| format!("received {json}: {e}"));
    }
    if let Some(json) = text("sent") {
        tally.count("frame: sent");
        return match json {
            "this is not json" => Ok(()),
            _ => same::<Request>(json).map_err(|e| format!("sent {json}: {e}")),
        };
    }
    match (text("what"), text("closed")) {
        (Some(_), None) => tally.count("frame: remark"),
        (None, Some(_)) => tally.count("frame: closed"),
        _ => return Err(format!("a frame of no known kind: {frame}")),
    }
    Ok(())
}

fn received(json: &str, tally: &mut Tally) -> Result<(), String> {
    let came: Value = serde_json::from_str(json).map_err(|e| e.to_string())?;
    let goes = match Frame::decode(json).map_err(|e| e.to_string())? {
        Frame::Reply(reply) => {
            tally.count("frame: received reply");
            json!(reply)
        }
        Frame::Event(event) => {
            let happening = event.happening().map_err(|e| e.to_string())?;
            tally.count(match happening {
                Happening::Other(_) => "frame: received other event",
                _ => "frame: received known event",
            });
            if let Happening::Posted(posted) = &happening {
                let head = posted.head().map_err(|e| e.to_string())?;
                let post = posted.post().map_err(|e| e.to_string())?;
                let agree = head.id == post.id
                    && head.user_id == post.user_id
                    && Some(head.channel_id) == event.broadcast.channel_id
                    && head.root_id == post.root_id
                    && head.create_at == post.create_at
                    && head.is_system() == post.is_system();
                agree
                    .then_some(())
                    .ok_or("the head differs from the post")?;
                same::<Post>(&posted.post)?;
            }
            known(&event, &happening)?;
            json!({"event": event.event, "data": happening,
                "broadcast": event.broadcast, "seq": event.seq})
        }
    };
    match differences(&came, &goes)[..] {
        [] => Ok(()),
        ref found => Err(found.join("; ")),
    }
}

/// An event that has a type of its own must not be left unread.
fn known(event: &Envelope<'_>, happening: &Happening<'_>) -> Result<(), String> {
    let unread = [
        "status_change",
        "thread_updated",
        "multiple_channels_viewed",
    ];
    match (happening, &event.event) {
        (Happening::Other(_), EventName::StatusChange | EventName::Other(_))
            if unread.contains(&event.event.as_str()) =>
        {
            Ok(())
        }
        (Happening::Other(_), name) => Err(format!("nobody has said how to read {name}")),
        _ => Ok(()),
    }
}
