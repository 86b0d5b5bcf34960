//! The doors without a socket: whatever is called, its answer, its lines in the log, its counters.
//!
//! There is no bot account, so that a card is the answer to its command. All is on one thread with
//! paused time.

use matteractor::internals::{
    Base, Callers, Catalog, ConnectRequest, Connection, Core, Keyring, Keys, Memory, NoAccount,
    Options, Parts, Rest, Seal, Settings, Signatures, Time, Tokens, TriggerKey, Wire, WireError,
    Workshop,
};
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};

use matteractor::model::ids::{Millis, UserId};
use matteractor::sandbox::Signer;

use matteractor::skill::AnySkill;

use serde_json::{Value, json};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Doors with everything behind them.
pub struct Threshold {
    core: Core,
    mattermost: Arc<Listener>,
    signer: Signer,
    time: Time,
    log: Log,
    metrics: matteractor::internals::PrometheusHandle,
    triggers: u32,
}

/// What became of a call.
#[derive(Debug)]
pub struct Outcome {
    pub status: u16,
    pub body: String,
    pub headers: http::HeaderMap,
    /// What was logged meanwhile at the level info or above.
    pub lines: Vec<String>,
    /// What has grown meanwhile, and by how much; of events and refusals only.
    pub counted: BTreeMap<String, u64>,
}

impl Outcome {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// A Mattermost that says the same to everything, at first yes, and remembers what it was asked.
#[derive(Default)]
struct Listener {
    asked: Mutex<Vec<Value>>,
    mood: Mutex<Mood>,
}

/// How this Mattermost answers.
#[derive(Clone, Copy, Default)]
pub enum Mood {
    #[default]
    Yes,
    No,
    /// Yes, after this time.
    Slow(Duration),
}

#[async_trait]
impl Wire for Listener {
    async fn request(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        let said = serde_json::from_slice(request.body()).unwrap_or_default();
        self.asked.lock().unwrap().push(said);
        let mood = *self.mood.lock().unwrap();
        let mut response = Response::new(Bytes::from_static(br#"{"status":"OK"}"#));
        match mood {
            Mood::Yes => {}
            Mood::No => *response.status_mut() = http::StatusCode::BAD_REQUEST,
            Mood::Slow(time) => tokio::time::sleep(time).await,
        }
        Ok(response)
    }

    async fn connect(&self, _: ConnectRequest) -> Result<Connection, WireError> {
        Err(WireError::NotSent("nobody listens".into()))
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn take(&self) -> Vec<String> {
        let text = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(text).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

/// Runs a test on such doors.
pub fn at<F: AsyncFnOnce(Threshold)>(skills: Vec<AnySkill>, test: F) {
    let recorder = matteractor::internals::recorder();
    let metrics = recorder.handle();
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone());
    metrics::with_local_recorder(&recorder, || {
        tracing::subscriber::with_default(lines.finish(), || {
            actix::System::new().block_on(async {
                tokio::time::pause();
                test(Threshold::new(skills, log, metrics).await).await;
            });
        });
    });
}

impl Threshold {
    async fn new(
        skills: Vec<AnySkill>,
        log: Log,
        metrics: matteractor::internals::PrometheusHandle,
    ) -> Self {
        let signer = Signer::new(&Signer::generate().unwrap()).unwrap();
        let keys = Keys::default();
        keys.learn(TriggerKey::parse(&signer.public_key()).unwrap());
        let (mut slash, mut outgoing) = (Tokens::default(), Tokens::default());
        for name in ["board", "other"] {
            slash.add(Some(name), format!("{name}-token").into());
        }
        outgoing.add(None, "outgoing-token".to_owned().into());
        let env = [
            ("MATTERMOST_URL", "http://127.0.0.1:1"),
            ("SLASH_TOKENS", "tk8a1fyw6cjmze3ghrbo9u5pxd"),
            // Paused time still passes actor by actor: a month of it takes long.
            ("MATTERACTOR__LIMITS__BUTTON_LIFE", "20m"),
            ("MATTERACTOR__LIMITS__DIALOG_LIFE", "10m"),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings = Settings::load(&Options {
            env: env.into(),
            ..Options::default()
        });
        let time = Time::simulated(Millis(1_772_000_000_000));
        let mattermost = Arc::new(Listener::default());
        let base = Base::parse("http://mattermost.invalid").unwrap();
        let secret = "nobody but the tests knows this secret".to_owned().into();
        let limits = settings.unwrap().limits;
        let rest = Rest::new(mattermost.clone(), base, None);
        let core = Core::start(Parts {
            catalog: Arc::new(Catalog::build(skills).unwrap()),
            directory: Arc::new(NoAccount { rest: rest.clone() }),
            store: Arc::new(Memory::new()),
            rest,
            me: None,
            seal: Seal::new(Keyring::from_secret(&secret).unwrap()),
            callers: Callers::new(slash, outgoing, Signatures::Checked(keys)),
            url: "http://bot.invalid".into(),
            incoming: None,
            limits,
            workshop: Workshop::here(limits.turn),
            hearing: None,
            time: time.clone(),
        });
        Self {
            core: core.await.unwrap(),
            mattermost,
            signer,
            time,
            log,
            metrics,
            triggers: 0,
        }
    }

    /// Lets time pass.
    pub async fn passes(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    /// A fresh trigger of this person's, as the server signs it.
    pub fn trigger(&mut self, person: u8) -> String {
        self.triggers += 1;
        let client = format!("client{}", self.triggers);
        self.signer.trigger(&client, &id(person), self.time.now().0)
    }

    /// Any call.
    pub async fn calls(&self, method: Method, path: &str, kind: &str, body: String) -> Outcome {
        self.log.take();
        let before = self.counters();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .body(Bytes::from(body))
            .unwrap();
        let (head, body) = self.core.doors.handle(request).await.into_parts();
        let mut counted = self.counters();
        for (name, count) in &mut counted {
            *count -= before.get(name).copied().unwrap_or_default();
        }
        counted.retain(|_, count| *count > 0);
        Outcome {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
            lines: self.log.take(),
            counted,
        }
    }

    /// A slash command, as the server sends it.
    pub async fn types(&mut self, person: u8, command: &str, change: &[(&str, &str)]) -> Outcome {
        let (trigger, who, place) = (self.trigger(person), id(person), id(CHANNEL));
        let token = format!("{command}-token");
        let slashed = format!("/{command}");
        let mut form: BTreeMap<&str, &str> = BTreeMap::from([
            ("channel_id", &*place),
            ("channel_name", "dev"),
            ("command", &slashed),
            ("root_id", ""),
            ("team_domain", "home"),
            ("team_id", &place),
            ("text", ""),
            ("token", &token),
            ("trigger_id", &trigger),
            ("user_id", &who),
            ("user_name", "somebody"),
            ("response_url", ""),
        ]);
        form.extend(change.iter().copied());
        let body = serde_urlencoded::to_string(form).unwrap();
        self.calls(Method::POST, "/slash", FORM, body).await
    }

    /// A click on what carries this context.
    pub async fn clicks(&mut self, person: u8, context: &Value, change: Value) -> Outcome {
        let trigger = self.trigger(person);
        let body = json!({
            "user_id": id(person), "user_name": "somebody", "channel_id": id(CHANNEL),
            "channel_name": "dev", "team_id": id(CHANNEL), "team_domain": "home",
            "post_id": id(9), "trigger_id": trigger, "type": "button", "data_source": "",
            "context": context,
        });
        self.posts("/actions", body, change).await
    }

    /// A dialog that comes back with this state.
    pub async fn submits(&mut self, person: u8, state: &str, change: Value) -> Outcome {
        let body = json!({
            "type": "dialog_submission", "callback_id": "", "state": state, "user_id": id(person),
            "channel_id": id(CHANNEL), "team_id": id(CHANNEL), "submission": {"text": "milk"},
            "cancelled": false,
        });
        self.posts("/dialogs", body, change).await
    }

    /// The state of the dialog that was opened last.
    pub fn opened(&self) -> String {
        let said = self.mattermost.asked.lock().unwrap();
        let opened = said.iter().rev().find(|said| said["dialog"].is_object());
        let opened = opened.expect("a dialog was opened");
        opened["dialog"]["state"].as_str().unwrap().to_owned()
    }

    /// From now on Mattermost answers so.
    pub fn mood(&self, mood: Mood) {
        *self.mattermost.mood.lock().unwrap() = mood;
    }

    /// The message boxes that were asked for, as dialogs.
    pub fn boxes(&self) -> Vec<Value> {
        let said = self.mattermost.asked.lock().unwrap();
        let dialogs = said.iter().map(|said| &said["dialog"]);
        let boxes = dialogs.filter(|dialog| dialog["elements"] == json!([]));
        boxes.cloned().collect()
    }

    async fn posts(&self, path: &str, mut body: Value, change: Value) -> Outcome {
        for (key, value) in change.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        self.calls(Method::POST, path, JSON, body.to_string()).await
    }

    /// What a metric without labels shows now.
    pub fn gauge(&self, name: &str) -> f64 {
        let page = self.metrics.render();
        let mut found = page.lines().filter_map(|line| line.strip_prefix(name));
        found.next().expect("it is there").trim().parse().unwrap()
    }

    fn counters(&self) -> BTreeMap<String, u64> {
        let page = self.metrics.render();
        let counters = page.lines().filter_map(|line| {
            let line = line.strip_prefix("matteractor_")?;
            let (name, count) = line.rsplit_once(' ')?;
            let wanted = name.starts_with("refused_total") || name.starts_with("events_total");
            Some((name.to_owned(), count.parse().ok()?)).filter(|_| wanted)
        });
        counters.collect()
    }
}

/// The channel that all happens in.
pub const CHANNEL: u8 = 100;

/// An id of a person, a channel or whatever.
pub fn id(n: u8) -> String {
    UserId::from_bytes([n; 16]).to_string()
}
