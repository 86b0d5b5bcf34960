//! The drawer with the wire: why a button did nothing.

use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, web};
use matteractor::testing::Chat;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::cards::card;
use super::desk::Rest;
use super::driver::Browser;
use crate::chat::builtin;

/// Doors that go wrong, each in a way of its own; `/slow` answers once it is told to.
async fn doors() -> (String, Arc<Notify>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let released = Arc::new(Notify::new());
    let slow = web::Data::from(Arc::clone(&released));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(slow.clone())
            .route("/slow", web::post().to(slow_door))
            .route("/page", web::post().to(async || "<html>"))
            .route("/broken", web::post().to(HttpResponse::InternalServerError))
            .route(
                "/typo",
                web::post().to(async || web::Json(json!({"updated": {}}))),
            )
    });
    let server = server
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap();
    actix_web::rt::spawn(server.run());
    (url, released)
}

async fn slow_door(released: web::Data<Notify>) -> web::Json<Value> {
    released.notified().await;
    web::Json(json!({}))
}

/// A button for each of these names, each to its URL.
fn buttons(urls: &[(&str, String)]) -> Value {
    let actions: Vec<_> = urls
        .iter()
        .map(|(name, url)| {
            json!({
                "id": name, "name": name, "type": "button",
                "integration": {"url": url, "context": {}},
            })
        })
        .collect();
    json!({"attachments": [{"text": "Doors", "actions": actions}]})
}

/// Names, URLs, and what the wire says about them.
fn ways(url: &str) -> [(&'static str, String, &'static str); 6] {
    // It takes connections and lets them go.
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf_url = format!("http://{}/", deaf.local_addr().unwrap());
    std::thread::spawn(move || while deaf.accept().is_ok() {});
    let at = |path: &str| format!("{url}{path}");
    let nobody = "http://127.0.0.1:9/".to_owned();
    [
        ("page", at("/page"), "The answer is no JSON"),
        ("broken", at("/broken"), "The bot failed: see its log."),
        ("typo", at("/typo"), "The server ignores “updated”."),
        ("nowhere", at("/nowhere"), "The bot has no such door"),
        ("nobody", nobody, "Nothing listens there"),
        ("deaf", deaf_url, "The bot closed the connection"),
    ]
}

#[actix_web::test]
async fn each_way_of_going_wrong_is_told_in_the_wire() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    let ways = ways(&doors().await.0);
    let urls = ways.clone().map(|(name, url, _)| (name, url));
    rest.says("", buttons(&urls)).await;
    ann.click("#wire-button", "").await;
    for (name, _, why) in ways {
        ann.click(".action", name).await;
        ann.sees("#wire .why", why).await;
    }
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_call_that_waits_for_its_answer_is_in_the_wire() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    let (url, released) = doors().await;
    rest.says("", buttons(&[("slow", format!("{url}/slow"))]))
        .await;
    ann.click("#wire-button", "").await;
    ann.click(".action", "slow").await;
    ann.sees("#wire .ending.waiting", "waiting").await;
    released.notify_one();
    ann.sees("#wire .ending.done", "200 done").await;
    ann.sees_no("#wire .ending.waiting", "").await;
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn the_wire_says_why_a_button_did_nothing() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
    let door = format!("{}/actions", chat.hooks_url());
    rest.says("", card(&door)).await;
    ann.click(".action", "danger").await;
    ann.click(".action-error button", "See the wire").await;
    ann.sees("#wire .ending.refused", "401 refused").await;
    ann.sees("#wire .why", "It carries no envelope").await;
    // The link leads to the very call.
    ann.sees("#wire details[open] .wire-inside", "trigger signed")
        .await;
    ann.says(r#"/poll --anonymous "Lunch?" "Pizza" "Soup""#)
        .await;
    ann.click(".action", "Pizza").await;
    ann.sees(
        "#wire summary",
        "This person reads: “Your vote counts for **Pizza**.”",
    )
    .await;
    ann.click("#wire summary", "This person reads").await;
    ann.sees("#wire .wire-inside", "trigger signed").await;
    ann.sees("#wire .wire-inside", "envelope m1.").await;
    ann.click("#wire [data-filter=wrong]", "").await;
    ann.sees_no("#wire summary", "This person reads").await;
    let shown = ann.reads("#wire", "").await;
    let token = chat.sandbox().traffic().into_iter().find_map(|exchange| {
        let text = String::from_utf8_lossy(&exchange.request).into_owned();
        let (_, rest) = text.split_once("&token=")?;
        Some(rest.split('&').next().unwrap().to_owned())
    });
    assert!(!shown.contains(&token.unwrap()), "a token is shown");
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn the_wire_needs_a_login() {
    let chat = Chat::start(builtin()).await;
    let url = format!("{}/sandbox/wire?since=0", chat.sandbox().url());
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    chat.end().await;
}
