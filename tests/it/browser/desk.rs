//! What browser tests need besides a browser: REST as a person, and an integration of their own.

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpServer, web};
use matteractor::sandbox::Running;
use matteractor::sandbox::seed::password;
use reqwest::Method;
use serde_json::{Value, json};

/// A person's REST calls.
pub struct Rest {
    url: String,
    token: String,
    http: reqwest::Client,
}

impl Rest {
    pub async fn login(url: &str, name: &str) -> Self {
        let http = reqwest::Client::new();
        let me = json!({"login_id": name, "password": password(name)}).to_string();
        let path = format!("{url}/api/v4/users/login");
        let login = http.post(path).body(me).send().await.unwrap();
        let token = login.headers()["token"].to_str().unwrap().to_owned();
        let url = url.to_owned();
        Self { url, token, http }
    }

    /// A call that must succeed.
    pub async fn call(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self
            .http
            .request(method, format!("{}/api/v4{path}", self.url))
            .bearer_auth(&self.token);
        let request = match body {
            Value::Null => request,
            body => request.body(body.to_string()),
        };
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.call(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.call(Method::PUT, path, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.call(Method::GET, path, Value::Null).await
    }

    pub async fn team(&self) -> String {
        let teams = self.get("/users/me/teams").await;
        teams[0]["id"].as_str().unwrap().to_owned()
    }

    /// The direct channel with somebody, made where there is none.
    pub async fn direct(&self, name: &str) -> String {
        let me = self.get("/users/me").await;
        let other = self.get(&format!("/users/username/{name}")).await;
        let ids = json!([me["id"], other["id"]]);
        let channel = self.post("/channels/direct", ids).await;
        channel["id"].as_str().unwrap().to_owned()
    }

    pub async fn channel(&self, name: &str) -> String {
        let team = self.team().await;
        let channel = self
            .get(&format!("/teams/{team}/channels/name/{name}"))
            .await;
        channel["id"].as_str().unwrap().to_owned()
    }

    /// A post in dev.
    pub async fn says(&self, message: &str, props: Value) -> Value {
        let channel = self.channel("dev").await;
        let body = json!({"channel_id": channel, "message": message, "props": props});
        self.post("/posts", body).await
    }
}

/// An integration that opens one form for `/form` and answers with what it is told to.
#[derive(Clone)]
pub struct Integration {
    pub url: String,
    mattermost: String,
    form: Value,
    /// Answers to come, the next one last.
    pub answers: Arc<Mutex<Vec<Value>>>,
    /// What came to the form's door.
    pub heard: Arc<Mutex<Vec<Value>>>,
}

impl Integration {
    /// Starts it and registers `/form`; `ADDRESS` in the form becomes the integration's address.
    pub async fn start(sandbox: &Running, form: Value) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let form = form.to_string().replace("ADDRESS", &url);
        let own = Self {
            mattermost: sandbox.url().to_owned(),
            form: serde_json::from_str(&form).unwrap(),
            answers: Arc::default(),
            heard: Arc::default(),
            url,
        };
        let data = web::Data::new(own.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/slash", web::post().to(slash))
                .route("/form", web::post().to(told))
        });
        let server = server
            .workers(1)
            .disable_signals()
            .listen(listener)
            .unwrap();
        actix_web::rt::spawn(server.run());
        let admin = Rest::login(sandbox.url(), "admin").await;
        let team = admin.team().await;
        let command = json!({
            "team_id": team, "trigger": "form", "method": "P", "url": format!("{}/slash", own.url),
            "auto_complete": true, "auto_complete_hint": "[anything]",
        });
        admin.post("/commands", command).await;
        own
    }

    /// The next answers at the form's door.
    pub fn will_answer(&self, answers: impl IntoIterator<Item = Value>) {
        let mut all: Vec<_> = answers.into_iter().collect();
        all.reverse();
        *self.answers.lock().unwrap() = all;
    }

    /// What came last.
    pub fn last(&self) -> Value {
        let heard = self.heard.lock().unwrap();
        heard.last().expect("nothing came").clone()
    }
}

async fn slash(
    own: web::Data<Integration>,
    form: web::Form<Vec<(String, String)>>,
) -> web::Json<Value> {
    let trigger = form.iter().find(|(key, _)| key == "trigger_id").unwrap();
    let open = json!({
        "trigger_id": trigger.1, "url": format!("{}/form", own.url), "dialog": own.form,
    });
    let url = format!("{}/api/v4/actions/dialogs/open", own.mattermost);
    let http = reqwest::Client::new();
    let opened = http.post(url).body(open.to_string()).send().await.unwrap();
    assert!(opened.status().is_success());
    web::Json(json!({}))
}

async fn told(own: web::Data<Integration>, body: web::Json<Value>) -> web::Json<Value> {
    own.heard.lock().unwrap().push(body.into_inner());
    let answer = own.answers.lock().unwrap().pop();
    web::Json(answer.unwrap_or_else(|| json!({})))
}
