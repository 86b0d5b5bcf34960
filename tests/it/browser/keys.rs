//! The keyboard alone, and the width of a phone.

use matteractor::testing::Town;

use serde_json::json;

use super::driver::{Browser, CONTROL, ENTER, ESCAPE, RELEASE};
use crate::town::builtin;

#[actix_web::test]
async fn somebody_is_found_and_written_to_by_the_keyboard() {
    let town = Town::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    ann.presses(&format!("{CONTROL}k{RELEASE}")).await;
    ann.types(".switcher input", "cleo").await;
    ann.sees_no(".switcher li", "Off-Topic").await;
    ann.presses(ENTER).await;
    ann.sees("#channel-head h1", "cleo").await;
    ann.presses(&format!("Hi :tad{ENTER}")).await;
    ann.presses(ENTER).await;
    ann.sees("#posts .message .emoji", "🎉").await;
    ann.presses(&format!("{CONTROL}k{RELEASE}")).await;
    ann.sees("dialog", "Find or add").await;
    ann.presses(ESCAPE).await;
    ann.sees_no("dialog", "").await;
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn slash_commands_are_completed_with_their_hints() {
    let town = Town::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    ann.types("#composer-text", "/po").await;
    ann.sees(".completion [aria-selected=true]", "/poll").await;
    ann.presses(ENTER).await;
    let hint = ann.reads(".completion .only-hint", "Question").await;
    assert!(hint.contains("--multiple"), "{hint}");
    ann.presses(&format!("\"Lunch?\" \"A\" \"B\"{ENTER}")).await;
    ann.sees(".message", "Lunch?").await;
    ann.says("/nothing").await;
    ann.sees(".composer-error", "not found").await;
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn every_control_has_a_name() {
    let town = Town::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    ann.says(r#"/poll "Lunch?" "A" "B""#).await;
    ann.click(".action", "B").await;
    ann.click("#wire-button", "").await;
    ann.sees("#wire summary", "click").await;
    let nameless = "return [...document.querySelectorAll('button, input, select, textarea, nav, aside, section')]
        .filter((node) => !node.ariaLabel && !node.textContent.trim() && !node.labels?.length)
        .map((node) => node.cloneNode().outerHTML)";
    assert_eq!(ann.script(nameless, vec![]).await, json!([]));
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn a_phone_shows_one_pane_at_a_time() {
    let town = Town::start(builtin()).await;
    let browser = Browser::phone().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    let fits = "return [innerWidth, document.documentElement.scrollWidth]";
    assert_eq!(ann.script(fits, vec![]).await, json!([390, 390]));
    ann.says("Hello from a phone").await;
    ann.sees(".message", "Hello from a phone").await;
    ann.click(".menu-button", "").await;
    ann.click(".channel", "Off-Topic").await;
    ann.sees("#channel-head h1", "# Off-Topic").await;
    let aside = "return getComputedStyle(document.getElementById('sidebar')).visibility";
    assert_eq!(ann.script(aside, vec![]).await, "hidden");
    browser.close().await;
    town.end().await;
}
