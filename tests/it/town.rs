//! A pretend Mattermost with the whole bot running against it, at ports of their own.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use matteractor::app::{App, builtin_skills};
use matteractor::sandbox::seed::{Bot, Provisioned, SlashCommand, password};
use matteractor::sandbox::{Options, Person, Running, Sandbox};
use matteractor::settings::{self, Settings};
use matteractor::skill::{AnySkill, Catalog};
use serde_json::{Value, json};
use tokio::sync::oneshot;

/// A town: the server, the bot, and a folder that both keep.
pub struct Town {
    pub sandbox: Running,
    pub bot: BotProcess,
    folder: tempfile::TempDir,
    settings: Vec<(String, String)>,
    skills: Option<fn() -> Vec<AnySkill>>,
}

/// The running bot.
pub struct BotProcess {
    pub id: String,
    pub hooks: String,
    pub admin: String,
    stop: Option<oneshot::Sender<()>>,
    ended: Option<actix_web::rt::task::JoinHandle<anyhow::Result<()>>>,
}

impl Town {
    /// With the built-in skills.
    pub async fn start() -> Self {
        Self::build(&[], None).await
    }

    /// With further settings, by their environment variables.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::build(settings, None).await
    }

    /// With other skills.
    pub async fn of(skills: fn() -> Vec<AnySkill>) -> Self {
        Self::build(&[], Some(skills)).await
    }

    /// With other skills and further settings.
    pub async fn of_with(skills: fn() -> Vec<AnySkill>, settings: &[(&str, &str)]) -> Self {
        Self::build(settings, Some(skills)).await
    }

    async fn build(settings: &[(&str, &str)], skills: Option<fn() -> Vec<AnySkill>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let settings: Vec<_> = settings
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        let bot = BotProcess::start(&sandbox, folder.path(), &settings, skills).await;
        Self {
            sandbox,
            bot,
            folder,
            settings,
            skills,
        }
    }

    pub async fn person(&self, name: &str) -> Person {
        self.sandbox.person(name).await
    }

    /// The same with further settings.
    pub async fn restart_with(&mut self, settings: &[(&str, &str)]) {
        let settings = settings.iter().map(|(k, v)| ((*k).into(), (*v).into()));
        self.settings.extend(settings);
        self.restart_bot().await;
    }

    /// Stops the bot in order and starts it again on the same store.
    pub async fn restart_bot(&mut self) {
        self.bot.stop().await;
        // Buttons that were posted before know the old address.
        let listen = self.bot.hooks.trim_start_matches("http://").to_owned();
        self.settings
            .push(("MATTERACTOR__HOOKS__LISTEN".into(), listen));
        self.bot = BotProcess::start(
            &self.sandbox,
            self.folder.path(),
            &self.settings,
            self.skills,
        )
        .await;
    }

    /// Ends all and proves that it ended.
    pub async fn end(mut self) {
        self.bot.stop().await;
        self.sandbox.stop().await;
    }

    /// A page of the admin listener: status and body.
    pub async fn admin(&self, path: &str) -> (u16, String) {
        fetch(reqwest::Client::new().get(format!("{}{path}", self.bot.admin))).await
    }

    /// A call to the server by its system admin; it must succeed.
    pub async fn as_admin(&self, method: reqwest::Method, path: &str) {
        self.as_admin_with(method, path, json!({})).await;
    }

    /// The same with a body, and what it answers.
    pub async fn as_admin_with(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let http = reqwest::Client::new();
        let me = json!({"login_id": "admin", "password": password("admin")}).to_string();
        let login = http
            .post(format!("{}/api/v4/users/login", self.sandbox.url()))
            .body(me);
        let token = login.send().await.unwrap().headers()["token"]
            .to_str()
            .unwrap()
            .to_owned();
        let call = http
            .request(method, format!("{}{path}", self.sandbox.url()))
            .bearer_auth(token)
            .body(body.to_string());
        let (status, answer) = fetch(call).await;
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        serde_json::from_str(&answer).unwrap_or_default()
    }

    /// A call to one of the doors, as anybody could make it.
    pub async fn door(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> (u16, String) {
        let call = reqwest::Client::new().post(format!("{}{path}", self.bot.hooks));
        fetch(call.header("content-type", content_type).body(body)).await
    }
}

async fn fetch(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

impl BotProcess {
    async fn start(
        sandbox: &Running,
        folder: &Path,
        extra: &[(String, String)],
        skills: Option<fn() -> Vec<AnySkill>>,
    ) -> Self {
        let skills = |settings: &Settings| match skills {
            Some(skills) => skills(),
            None => builtin_skills(settings).unwrap(),
        };
        let first = load(sandbox.url(), folder, &Provisioned::default(), extra);
        let commands = commands(skills(&first));
        let known = sandbox.provision(&bot("http://127.0.0.1:0", &commands));
        let settings = load(sandbox.url(), folder, &known, extra);
        let built = skills(&settings);
        let app = App::build(settings, built).await.unwrap();
        let hooks = format!("http://{}", app.hooks_address());
        let admin = format!("http://{}", app.admin_address());
        sandbox.provision(&bot(&hooks, &commands));
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = actix_web::rt::spawn(app.run_until_stopped(async move {
            let _ = stopped.await;
        }));
        Self {
            id: known.bot_id,
            hooks,
            admin,
            stop: Some(stop),
            ended: Some(ended),
        }
        .ready()
        .await
    }

    /// Waits until it hears posts: the first start answers none that were there before.
    async fn ready(self) -> Self {
        let page = format!("{}/health/ready", self.admin);
        let patience = async {
            while fetch(reqwest::Client::new().get(&page)).await.0 != 200 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let ready = tokio::time::timeout(Duration::from_secs(30), patience).await;
        ready.expect("the bot must become ready");
        self
    }

    /// Stops it in order, and proves that it stopped.
    pub async fn stop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
        if let Some(ended) = self.ended.take() {
            let ended = tokio::time::timeout(Duration::from_secs(30), ended).await;
            ended.expect("the bot must stop in order").unwrap().unwrap();
        }
    }
}

fn load(url: &str, folder: &Path, known: &Provisioned, extra: &[(String, String)]) -> Settings {
    let or_none = |text: &str| if text.is_empty() { "none" } else { text }.to_owned();
    let tokens = known
        .command_tokens
        .iter()
        .map(|(trigger, token)| format!("{trigger}={token}"));
    let store: PathBuf = folder.join("bot.db");
    let env = [
        ("MATTERMOST_URL", url.to_owned()),
        ("BOT_TOKEN", or_none(&known.bot_token)),
        ("SLASH_TOKENS", tokens.collect::<Vec<_>>().join(",")),
        ("OUTGOING_TOKENS", or_none(&known.outgoing_tokens.join(","))),
        ("MATTERACTOR__HOOKS__LISTEN", "127.0.0.1:0".to_owned()),
        ("MATTERACTOR__ADMIN__LISTEN", "127.0.0.1:0".to_owned()),
        (
            "MATTERACTOR__STORE__URL",
            format!("sqlite://{}", store.display()),
        ),
        ("MATTERACTOR__POSTING__RATE_PER_SECOND", "1000".to_owned()),
        (
            "MATTERACTOR__SKILLS__FAQ__ANSWERS",
            r#"[{"pattern": "\\bvpn\\b", "answer": "The VPN is in the handbook."}]"#.to_owned(),
        ),
    ];
    let mut env: HashMap<String, String> = env.map(|(k, v)| (k.to_owned(), v)).into();
    env.extend(extra.iter().cloned());
    Settings::load(&settings::Options {
        env,
        ..settings::Options::default()
    })
    .unwrap()
}

fn commands(skills: Vec<AnySkill>) -> Vec<SlashCommand> {
    let catalog = Catalog::build(skills).unwrap();
    let entries = catalog.slash_commands();
    entries
        .map(|entry| SlashCommand {
            trigger: entry.trigger.clone().unwrap(),
            hint: entry.usage.clone(),
            description: entry.about.clone(),
        })
        .collect()
}

fn bot(integration_url: &str, commands: &[SlashCommand]) -> Bot {
    Bot {
        username: "bot".into(),
        integration_url: integration_url.into(),
        commands: commands.to_vec(),
        outgoing: vec!["vpn".into()],
    }
}
