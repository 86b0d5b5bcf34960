//! A connection that is lost, and comes back.

use matteractor::sandbox::faults::Fault;
use matteractor::testing::Chat;

use super::driver::Browser;
use crate::chat::builtin;

#[actix_web::test]
async fn a_lost_connection_is_shown_and_what_was_missed_comes_back() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let ben = chat.person("ben").await.in_channel("dev");
    ben.says("before").await;
    ann.sees("#posts .message", "before").await;
    chat.sandbox().with(|world| {
        world
            .faults
            .strike(usize::MAX, "GET", "/api/v4/websocket", Fault::Fail);
        world.drop_sockets_of("ann");
    });
    ann.sees("#banner.lost", "The connection to the server is lost")
        .await;
    ben.says("missed").await;
    chat.sandbox().with(|world| world.faults.clear());
    ann.sees("#banner.back", "Connected again").await;
    ann.sees("#posts .message", "missed").await;
    ben.says("after").await;
    ann.sees("#posts .message", "after").await;
    let missed = "return [...document.querySelectorAll('#posts .message')]
        .filter((node) => node.textContent.includes('missed')).length";
    assert_eq!(ann.script(missed, vec![]).await, 1);
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_session_that_ended_is_begun_again() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.click(".channel", "Off-Topic").await;
    ann.sees("#channel-head h1", "# Off-Topic").await;
    let token = "return JSON.parse(sessionStorage.getItem('session')).token";
    let token = ann.script(token, vec![]).await;
    // As after a restart of the sandbox, which knows nobody's session.
    chat.world(|world| {
        world.revoke(token.as_str().unwrap());
        world.drop_sockets_of("ann");
    });
    let other = format!("return JSON.parse(sessionStorage.getItem('session'))?.token !== {token}");
    ann.sees("#banner.lost", "").await;
    ann.sees_no("#banner.lost", "").await;
    ann.sees("body[data-connection=up]", "").await;
    assert_eq!(ann.script(&other, vec![]).await, true);
    ann.sees("#channel-head h1", "# Off-Topic").await;
    ann.says("Still here").await;
    ann.sees("#posts .message", "Still here").await;
    browser.close().await;
    chat.end().await;
}
