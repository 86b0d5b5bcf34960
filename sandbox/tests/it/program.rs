//! The program, as somebody with a bot in another language starts it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use mattermost_sandbox::User;
use serde_json::{Value, json};

/// It runs, and what it has said before it was ready.
struct Program {
    child: Child,
    said: HashMap<String, String>,
    client: reqwest::Client,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mattermost-sandbox"))
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let before = lines
            .map(Result::unwrap)
            .take_while(|line| line != "# ready");
        let said = before.filter_map(|line| {
            let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
            Some((name.to_owned(), value.to_owned()))
        });
        let said = said.collect();
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            child,
            said,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    fn said(&self, name: &str) -> &str {
        &self.said[name]
    }

    async fn asks(&self, token: &str, path: &str, body: &Value) -> (u16, String) {
        let url = format!("{}{path}", self.said("MATTERMOST_URL"));
        let request = self.client.post(url).bearer_auth(token);
        let answer = request.body(body.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.text().await.unwrap())
    }

    async fn reads(&self, token: &str, path: &str) -> Value {
        let url = format!("{}{path}", self.said("MATTERMOST_URL"));
        let answer = self.client.get(url).bearer_auth(token).send().await;
        serde_json::from_slice(&answer.unwrap().bytes().await.unwrap()).unwrap()
    }

    /// A channel that everybody is in.
    async fn dev(&self) -> String {
        let token = self.said("BOT_TOKEN");
        let team = self.reads(token, "/api/v4/teams/name/home").await;
        let team = team["id"].as_str().unwrap();
        let channel = format!("/api/v4/teams/{team}/channels/name/dev");
        let channel = self.reads(token, &channel).await;
        channel["id"].as_str().unwrap().to_owned()
    }

    /// The bot posts there; the status.
    async fn posts(&self, channel: &str, text: &str) -> u16 {
        let post = json!({"channel_id": channel, "message": text});
        let token = self.said("BOT_TOKEN");
        self.asks(token, "/api/v4/posts", &post).await.0
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[actix::test]
async fn a_bot_elsewhere_is_told_all_that_it_needs() {
    let program = Program::start(&["--command", "count", "--command", "/sum", "--word", "total"]);
    assert!(program.said("SLASH_TOKENS").starts_with("count="));
    assert!(program.said("SLASH_TOKENS").contains(",sum="));
    assert!(!program.said("OUTGOING_TOKENS").is_empty());
    assert_eq!(program.said("INTEGRATION_URL"), "http://127.0.0.1:8000");
    let dev = program.dev().await;
    assert_eq!(program.posts(&dev, "hello from elsewhere").await, 201);
    let ann = User::arrives(program.said("MATTERMOST_URL"), "ann").await;
    ann.in_channel("dev").sees("hello from elsewhere").await;
}

#[actix::test]
async fn what_goes_wrong_is_set_by_whoever_is_logged_in() {
    let program = Program::start(&[]);
    let (token, dev) = (program.said("BOT_TOKEN").to_owned(), program.dev().await);
    let strike =
        json!({"strike": {"method": "POST", "path": "/api/v4/posts", "fault": {"too_many": 1}}});
    let faults = "/sandbox/faults";
    assert_eq!(program.asks("nobody's", faults, &strike).await.0, 401);
    assert_eq!(program.posts(&dev, "first").await, 201, "nothing was set");
    assert_eq!(program.asks(&token, faults, &strike).await.0, 204);
    assert_eq!(program.posts(&dev, "second").await, 429);
    assert_eq!(program.posts(&dev, "third").await, 201, "once");
    let (status, why) = program.asks(&token, faults, &json!({"strike": {}})).await;
    assert_eq!(
        (status, why.contains("missing field")),
        (400, true),
        "{why}"
    );
    assert_eq!(
        program.asks(&token, faults, &json!({"away": 502})).await.0,
        204
    );
    assert_eq!(program.posts(&dev, "fourth").await, 502);
    assert_eq!(program.asks(&token, faults, &json!("clear")).await.0, 204);
    assert_eq!(program.posts(&dev, "fifth").await, 201);
}
