#!/usr/bin/env bash
# actix 0.13.5 (crates.io), an actor in a `Context`.
#
# Behaviour: whenever anything comes for an actor, one message, say, all futures that it has spawned by `ctx.spawn` are
# polled, whether anything has woken them or not. Of 1,000 futures that wait for something that never comes, 10 messages
# have each polled 10 times. So a message costs the more the more is under way.
#
# What one would have guessed: as with tasks of tokio, and as with `FuturesUnordered`, only what was woken is polled.
# What that leads to: whatever may be many runs as a task of its own (`actix::spawn`), and sends the actor a message.
#
# Output seen:
#   futures 1000, messages 10, polls before 1000, polls by the messages 10000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "polls"
version = "0.0.0"
edition = "2021"

[dependencies]
actix = { version = "=0.13.5", default-features = false, features = ["macros"] }
TOML
cat > src/main.rs <<'RUST'
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;

use actix::prelude::*;

const FUTURES: usize = 1_000;
const MESSAGES: usize = 10;
static POLLS: AtomicUsize = AtomicUsize::new(0);

struct Busy;

impl Actor for Busy {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        for _ in 0..FUTURES {
            // Nobody ever wakes it.
            let waits = poll_fn(|_| {
                POLLS.fetch_add(1, Relaxed);
                Poll::<()>::Pending
            });
            ctx.spawn(waits.into_actor(self));
        }
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Hello;

impl Handler<Hello> for Busy {
    type Result = ();

    fn handle(&mut self, _: Hello, _: &mut Context<Self>) {}
}

#[actix::main]
async fn main() {
    let busy = Busy.start();
    // Until all were polled once, as any future is.
    while POLLS.load(Relaxed) < FUTURES {
        actix::clock::sleep(std::time::Duration::from_millis(10)).await;
    }
    actix::clock::sleep(std::time::Duration::from_millis(100)).await;
    let before = POLLS.load(Relaxed);
    for _ in 0..MESSAGES {
        busy.send(Hello).await.unwrap();
        // Each alone, so that none is taken along with another.
        actix::clock::sleep(std::time::Duration::from_millis(10)).await;
    }
    let by_messages = POLLS.load(Relaxed) - before;
    println!("futures {FUTURES}, messages {MESSAGES}, polls before {before}, polls by the messages {by_messages}");
}
RUST
said=$(cargo run --quiet)
echo "$said"
[ "$said" = "futures 1000, messages 10, polls before 1000, polls by the messages 10000" ]
