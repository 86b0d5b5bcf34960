//! The recordings of real servers, replayed against the sandbox's world: every request of a
//! client must get the same status, headers, error id and JSON keys, every call to the
//! integration must have the same shape, and every WebSocket must get the same frames.

pub mod frames;
mod recording;
pub mod replay;
pub mod shapes;
pub mod sockets;
pub mod stage;

use frames::{Share, compare};
use recording::{RECORDINGS, Recording};
use replay::replay;
use sockets::Sockets;
use stage::Stage;

fn agree(stage: &Stage) {
    let all = &stage.disagreements;
    assert!(all.is_empty(), "{}", all.join("\n"));
}

fn requests(recording: &Recording) {
    let like = recording.like.version();
    let mut stage = Stage::prepared(recording);
    stage.listen("anna"); // her buttons on ephemeral posts come this way
    let (mut agreed, mut all) = (0, 0);
    for (name, entries) in recording.files() {
        let (good, total) = replay(&mut stage, name, &entries);
        println!("{like} {name}: {good} of {total} agree");
        agreed += good;
        all += total;
    }
    println!("{like}: {agreed} of {all} exchanges agree");
    agree(&stage);
}

#[test]
fn the_sandbox_answers_as_real_servers_did() {
    RECORDINGS.iter().for_each(requests);
}

#[test]
fn the_bots_sockets_get_what_they_got_from_real_servers() {
    for recording in &RECORDINGS {
        let mut sockets = Sockets::new(recording);
        sockets.act();
        let (like, share) = (recording.like.version(), &sockets.share);
        println!(
            "{like} sockets: {} of {} frames agree",
            share.agreed, share.all
        );
        agree(&sockets.stage);
    }
}

/// One connection of a person saw four files in a row.
fn seen(recording: &Recording) {
    let mut stage = Stage::prepared(recording);
    let mut share = Share::none();
    for (name, entries) in recording.files() {
        if name == "slash" {
            stage.listen("anna");
            stage.hear();
            // It began with a challenge, which is answered after `hello`.
            let reply = "{\"status\": \"OK\", \"seq_reply\": 1}".to_owned();
            let (_, frames) = stage.heard.get_mut("anna").unwrap();
            frames.insert(1, mattermost_sandbox::Frame::Text(reply));
        }
        replay(&mut stage, name, &entries);
        let socket = entries.iter().find(|entry| entry["websocket"].is_string());
        let socket = socket.filter(|_| name != "websocket");
        if let Some(frames) = socket.and_then(|entry| entry["frames"].as_array()) {
            let ours = std::mem::take(&mut stage.heard.get_mut("anna").unwrap().1);
            let first = frames::first(&ours);
            compare(&mut stage, (name, first), frames, &ours, &mut share);
        }
    }
    let like = recording.like.version();
    println!(
        "{like} a person's socket: {} of {} frames agree",
        share.agreed, share.all
    );
    agree(&stage);
}

#[test]
fn people_see_what_they_saw_on_real_servers() {
    RECORDINGS.iter().for_each(seen);
}
