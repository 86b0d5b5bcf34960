//! A connection that is lost, and comes back.

use matteractor::sandbox::faults::Fault;
use matteractor::testing::Town;

use super::driver::Browser;
use crate::town::builtin;

#[actix_web::test]
async fn a_lost_connection_is_shown_and_what_was_missed_comes_back() {
    let town = Town::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    let ben = town.person("ben").await.in_channel("dev");
    ben.says("before").await;
    ann.sees("#posts .message", "before").await;
    town.sandbox().with(|world| {
        world
            .faults
            .strike(usize::MAX, "GET", "/api/v4/websocket", Fault::Fail);
        world.drop_sockets_of("ann");
    });
    ann.sees("#banner.lost", "The connection to the server is lost")
        .await;
    ben.says("missed").await;
    town.sandbox().with(|world| world.faults.clear());
    ann.sees("#banner.back", "Connected again").await;
    ann.sees("#posts .message", "missed").await;
    ben.says("after").await;
    ann.sees("#posts .message", "after").await;
    let missed = "return [...document.querySelectorAll('#posts .message')]
        .filter((node) => node.textContent.includes('missed')).length";
    assert_eq!(ann.script(missed, vec![]).await, 1);
    browser.close().await;
    town.end().await;
}
