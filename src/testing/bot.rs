use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

use actix::System;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::app::{App, Ending};
use crate::settings::Settings;
use crate::skill::AnySkill;
use crate::time::{sleep, timeout};

/// How long the bot may take to end, in order or not: longer than it gives itself to drain.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a bot may take to settle, and how often it is asked.
const SETTLES: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(10);

/// The whole bot, in an actix system and on a thread of its own, so that all of it can be ended at
/// any moment.
pub(super) struct Bot {
    /// Where its doors are.
    pub hooks: SocketAddr,
    /// Where its health is.
    pub admin: SocketAddr,
    end: oneshot::Sender<Ending>,
    ended: oneshot::Receiver<Result<(), String>>,
}

type Started = Result<(SocketAddr, SocketAddr), String>;

impl Bot {
    /// Starts it; its doors are open when this returns.
    pub async fn start(settings: Settings, skills: Vec<AnySkill>) -> Result<Self, String> {
        let (tell, started) = oneshot::channel();
        let (end, ending) = oneshot::channel();
        let (done, ended) = oneshot::channel();
        let life = move || {
            let system = System::new();
            let lived = system.block_on(live(settings, skills, tell, ending));
            // With the system all that is left ends: its tasks here, its arbiters elsewhere.
            System::current().stop();
            let stopped = system.run().map_err(|error| error.to_string());
            // Nobody may be waiting any more.
            let _ = done.send(lived.and(stopped));
        };
        let thread = thread::Builder::new().name("bot".into());
        thread.spawn(life).map_err(|error| error.to_string())?;
        let started = started.await.map_err(|_| "its thread died")?;
        let (hooks, admin) = started?;
        Ok(Self {
            hooks,
            admin,
            end,
            ended,
        })
    }

    /// Waits until it is connected and hears posts; not for ever, for a fault may keep it from that.
    pub async fn settles(&self) {
        let ready = async {
            while !hears(self.admin).await {
                sleep(GLANCE).await;
            }
        };
        // What goes wrong is for the test to see.
        let _ = timeout(SETTLES, ready).await;
    }

    /// Ends it; nothing of it runs any more when this returns.
    pub async fn end(self, how: Ending) -> Result<(), String> {
        // One that has ended already says why below.
        let _ = self.end.send(how);
        match timeout(PATIENCE, self.ended).await {
            Ok(Ok(ended)) => ended,
            Ok(Err(_)) => Err("its thread died".into()),
            Err(_) => Err(format!("it still runs after {PATIENCE:?}")),
        }
    }
}

/// Whether its health says that it hears: it has a connection, or does without one.
async fn hears(admin: SocketAddr) -> bool {
    const ASK: &[u8] = b"GET /health HTTP/1.1\r\nHost: bot\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    let asked = async {
        let mut stream = TcpStream::connect(admin).await?;
        stream.write_all(ASK).await?;
        stream.read_to_string(&mut answer).await
    };
    if asked.await.is_err() {
        return false;
    }
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let health: Value = serde_json::from_str(body).unwrap_or_default();
    let parts = &health["parts"];
    parts["router"].is_object() && parts["socket"]["connected"] != false
}

async fn live(
    settings: Settings,
    skills: Vec<AnySkill>,
    tell: oneshot::Sender<Started>,
    ending: oneshot::Receiver<Ending>,
) -> Result<(), String> {
    let app = match App::build(settings, skills).await {
        Ok(app) => app,
        Err(error) => {
            let _ = tell.send(Err(format!("{error:#}")));
            return Ok(());
        }
    };
    let _ = tell.send(Ok((app.hooks_address(), app.admin_address())));
    // A test that fails drops the chat, and nobody is left to say how.
    let ending = async { ending.await.unwrap_or(Ending::AtOnce) };
    let ended = app.run_until(ending).await;
    ended.map_err(|error| format!("{error:#}"))
}
