//! The least that any server must do for the same promises, without a framework of ours: the same signatures
//! checked, the same rows and keys synced before an answer, a card in the answer. No skills, no actors, no limits,
//! no faults.

mod echo;
mod front;
mod store;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, anyhow, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use matteractor::model::trigger::Trigger;
use ring::hmac;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::polls::TOKEN;
use store::{Rows, Store};

/// What takes its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// actix-web.
    Actix,
    /// HTTP written by hand over tokio.
    Tokio,
}

/// All that calls share.
struct Floor {
    public_key: UnparsedPublicKey<Vec<u8>>,
    mac: hmac::Key,
    store: Store,
    polls: Mutex<HashMap<u64, Poll>>,
    rows: AtomicU64,
    client: reqwest::Client,
    mattermost: String,
}

struct Poll {
    question: String,
    options: Vec<String>,
    votes: HashMap<String, usize>,
    version: u64,
    channel: String,
}

#[derive(Deserialize)]
struct Slash {
    channel_id: String,
    text: String,
    token: String,
    trigger_id: String,
}

#[derive(Deserialize)]
struct Click {
    user_id: String,
    channel_id: String,
    trigger_id: String,
    context: Context,
}

#[derive(Deserialize)]
struct Context {
    poll: u64,
    option: usize,
    mac: String,
}

/// Runs until it is killed. `MATTERMOST_URL` and `PUBLIC_KEY` are in the environment, and the store is in the
/// current folder.
pub fn run(kind: Kind) -> anyhow::Result<()> {
    // Nothing here speaks TLS, and yet the client asks for it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let public_key = STANDARD.decode(std::env::var("PUBLIC_KEY")?)?;
    // Behind what says which kind of key it is, there is its point.
    let point = public_key.get(26..).context("no key")?.to_vec();
    let floor = Arc::new(Floor {
        public_key: UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point),
        mac: hmac::Key::new(hmac::HMAC_SHA256, b"a key of its own"),
        store: Store::open("floor.db")?,
        polls: Mutex::default(),
        rows: AtomicU64::default(),
        client: reqwest::Client::builder().no_proxy().build()?,
        mattermost: std::env::var("MATTERMOST_URL")?,
    });
    front::run(kind, floor)
}

/// Says in the words of ours where it takes calls.
fn ready(hooks: std::net::SocketAddr) {
    eprintln!(
        "{}",
        json!({"level": "INFO", "message": "ready", "hooks": hooks})
    );
}

impl Floor {
    async fn slash(self: Arc<Self>, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let slash: Slash = serde_urlencoded::from_bytes(body)?;
        ensure!(slash.token == TOKEN, "another token");
        let key = self.verify(&slash.trigger_id)?;
        let parts: Vec<_> = slash
            .text
            .split("\" \"")
            .map(|part| part.trim_matches('"').to_owned())
            .collect();
        let (question, options) = parts.split_first().context("no question")?;
        let number = self.next();
        let poll = Poll {
            question: question.clone(),
            options: options.to_vec(),
            votes: HashMap::new(),
            version: 1,
            channel: slash.channel_id,
        };
        let post = self.post(number, &poll);
        let mut rows = poll.rows(number, key, &post);
        let row = format!("{number:026}");
        rows.outbox = Some((row.clone(), post.to_string()));
        self.lock().insert(number, poll);
        self.store.write(rows).await?;
        tokio::spawn(async move { self.leave(row, number, post).await });
        Ok(b"{}".to_vec())
    }

    /// Posts what is stored, and stores that it has left.
    async fn leave(&self, row: String, number: u64, post: Value) {
        if let Err(error) = self.send(row, number, post).await {
            eprintln!("a post can't leave: {error:#}");
        }
    }

    async fn send(&self, row: String, number: u64, post: Value) -> anyhow::Result<()> {
        let url = format!("{}/api/v4/posts", self.mattermost);
        let body = post.to_string();
        let call = self.client.post(url).bearer_auth("bot-token").body(body);
        let posted: Value = serde_json::from_slice(&call.send().await?.bytes().await?)?;
        let rows = Rows {
            left: Some((row, number, posted["id"].to_string())),
            ..Rows::default()
        };
        self.store.write(rows).await
    }

    async fn act(&self, body: &[u8]) -> anyhow::Result<Vec<u8>> {
        let click: Click = serde_json::from_slice(body)?;
        let key = self.verify(&click.trigger_id)?;
        let Context {
            poll: number,
            option,
            mac,
        } = click.context;
        let told = STANDARD.decode(mac)?;
        let said = said(number, option, &click.channel_id);
        hmac::verify(&self.mac, said.as_bytes(), &told).map_err(|_| anyhow!("another button"))?;
        let (wait, answer) = {
            let mut polls = self.lock();
            let poll = polls.get_mut(&number).context("no such poll")?;
            poll.votes.insert(click.user_id, option);
            poll.version += 1;
            let post = self.post(number, poll);
            // In the order of their versions.
            let wait = self.store.begin(poll.rows(number, key, &post));
            let update = json!({"message": post["message"], "props": post["props"]});
            (
                wait,
                json!({"update": update, "ephemeral_text": "Vote counted."}),
            )
        };
        wait.await?;
        Ok(answer.to_string().into_bytes())
    }

    /// Checks a trigger; the key under which it is remembered.
    fn verify(&self, trigger_id: &str) -> anyhow::Result<[u8; 32]> {
        let trigger = Trigger::parse(trigger_id)?;
        let proved = self
            .public_key
            .verify(trigger.signed.as_bytes(), &trigger.signature);
        proved.map_err(|_| anyhow!("another signature"))?;
        let digest = ring::digest::digest(&ring::digest::SHA256, trigger.signed.as_bytes());
        Ok(digest.as_ref().try_into()?)
    }

    fn post(&self, number: u64, poll: &Poll) -> Value {
        let button = |(option, name): (usize, &String)| {
            let mac = hmac::sign(&self.mac, said(number, option, &poll.channel).as_bytes());
            let context = json!({"poll": number, "option": option, "mac": STANDARD.encode(mac)});
            json!({
                "id": format!("vote{option}"), "name": name, "type": "button", "style": "primary",
                "integration": {"url": "http://127.0.0.1/actions", "context": context},
            })
        };
        let actions: Vec<Value> = poll.options.iter().enumerate().map(button).collect();
        let counts = poll.options.iter().enumerate().map(|(option, name)| {
            let count = poll.votes.values().filter(|vote| **vote == option).count();
            format!("{name}: {count}")
        });
        let text = counts.collect::<Vec<_>>().join("\n");
        let attachment = json!({"text": text, "actions": actions});
        json!({
            "channel_id": poll.channel, "message": format!("**{}**\n{text}", poll.question),
            "props": {"attachments": [attachment], "row": format!("{number:026}")},
        })
    }

    fn next(&self) -> u64 {
        self.rows.fetch_add(1, Ordering::Relaxed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Poll>> {
        self.polls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Poll {
    /// What a change of it comes to in the store.
    fn rows(&self, number: u64, key: [u8; 32], post: &Value) -> Rows {
        let state =
            json!({"question": self.question, "options": self.options, "votes": self.votes});
        Rows {
            key: Some(key),
            slot: Some((number, self.version, state.to_string())),
            card: Some((number, self.version, post.to_string())),
            ..Rows::default()
        }
    }
}

/// What a button proves.
fn said(poll: u64, option: usize, channel: &str) -> String {
    format!("{poll}:{option}:{channel}")
}
