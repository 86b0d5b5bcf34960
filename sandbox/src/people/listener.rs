//! A person's WebSocket: it hears whispers and dialogs, which no REST call gives, and notices
//! that something happened.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::rt;
use futures_util::StreamExt;
use serde_json::Value;
use tokio::sync::watch;

use super::rest_client::{Answer, RestClient};

/// How long a person waits before it connects again.
const AGAIN: Duration = Duration::from_millis(50);

#[derive(Debug, Default)]
struct HeardEvent {
    whispers: Vec<Value>,
    dialogs: VecDeque<Value>,
    /// The triggers of what the person did and was answered: a client shows no other dialogs.
    triggers: HashSet<String>,
}

impl HeardEvent {
    /// A whisper that changes stays where it was; its new form doesn't say when it was made.
    fn changed(&mut self, mut post: Value) {
        let mut whispers = self.whispers.iter_mut();
        if let Some(whisper) = whispers.find(|whisper| whisper["id"] == post["id"]) {
            post["create_at"] = whisper["create_at"].take();
            *whisper = post;
        }
    }
}

/// A WebSocket that reconnects until the person is gone.
#[derive(Debug)]
pub(super) struct Listener {
    heard: Arc<Mutex<HeardEvent>>,
    news: watch::Receiver<u64>,
    task: rt::task::JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    /// Listens from now on; returns when `hello` was heard.
    pub async fn open(line: &RestClient) -> Self {
        let heard = Arc::new(Mutex::new(HeardEvent::default()));
        let (tell, mut news) = watch::channel(0);
        let (line, theirs) = (line.clone(), Arc::clone(&heard));
        let task = rt::spawn(async move {
            while !tell.is_closed() {
                listen(&line, &theirs, &tell).await;
                rt::time::sleep(AGAIN).await;
            }
        });
        // The sender lives as long as the task: an error means that the task is gone.
        let _ = news.changed().await;
        Self { heard, news, task }
    }

    /// Something to wait on: it changes with everything that is heard.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.clone()
    }

    /// The whispers so far.
    pub fn whispers(&self) -> Vec<Value> {
        self.locked(|heard| heard.whispers.clone())
    }

    /// The oldest dialog on the screen that nobody has taken.
    pub fn dialog(&self) -> Option<Value> {
        self.locked(|heard| {
            let told = |dialog: &Value| dialog["trigger_id"].as_str().map(str::to_owned);
            let shown = |dialog| told(dialog).is_some_and(|id| heard.triggers.contains(&id));
            let at = heard.dialogs.iter().position(shown)?;
            heard.dialogs.remove(at)
        })
    }

    /// What the person did was answered like this: from now on its dialogs are shown.
    pub fn answered(&self, answer: &Answer) {
        if let Some(trigger) = answer.body["trigger_id"].as_str() {
            self.locked(|heard| heard.triggers.insert(trigger.to_owned()));
        }
    }

    fn locked<T>(&self, act: impl FnOnce(&mut HeardEvent) -> T) -> T {
        act(&mut self.heard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn listen(line: &RestClient, heard: &Mutex<HeardEvent>, tell: &watch::Sender<u64>) {
    let Some(mut frames) = line.listen().await else {
        return;
    };
    while let Some(text) = frames.next().await {
        let event: Value = serde_json::from_str(&text).unwrap_or_default();
        let inner = |key: &str| {
            let text = event["data"][key].as_str()?;
            serde_json::from_str::<Value>(text).ok()
        };
        {
            let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
            match event["event"].as_str() {
                Some("ephemeral_message") => heard.whispers.extend(inner("post")),
                Some("post_edited") => heard.changed(inner("post").unwrap_or_default()),
                Some("open_dialog") => heard.dialogs.extend(inner("dialog")),
                _ => {}
            }
        }
        tell.send_modify(|count| *count += 1);
    }
}
