//! Cards: menus, styles, and why a button did nothing.

use matteractor::skill::{
    AnySkill, Card, Click, Context, Never, Skill, Slash, State, Style, Turn, escape,
};
use matteractor::testing::Town;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::Rest;
use super::driver::{Browser, DOWN, ENTER};
use crate::town::builtin;

#[derive(Serialize, Deserialize)]
struct Trip {
    city: String,
}

#[derive(Serialize, Deserialize)]
enum Press {
    City,
}

impl State for Trip {
    const NAME: &'static str = "trip";
    type Button = Press;
    type Signal = Never;
}

async fn plan(cx: Context<()>, _: Slash) -> Turn<Trip> {
    cx.begin(Trip {
        city: "nowhere".into(),
    })
}

async fn choose(mut cx: Context<Trip>, click: Click<Press>) -> Turn<Trip> {
    cx.state.city = click.choice.unwrap_or_default();
    cx.keep()
}

fn view(trip: &Trip) -> Card<Press> {
    let cities = [("Berlin", "berlin"), ("Lisbon", "lisbon"), ("Oslo", "oslo")];
    Card::new(format!("A trip to {}", escape(&trip.city)))
        .color("#8a2bb8")
        .short_field("Days", "3")
        .menu("Pick a city", cities, Press::City)
        .styled("Anywhere", Style::Primary, Press::City)
}

fn skills() -> Vec<AnySkill> {
    vec![
        Skill::card(view)
            .slash("trip", "", plan)
            .click(choose)
            .into(),
    ]
}

#[actix_web::test]
async fn a_menu_is_searched_and_its_choice_comes_to_the_bot() {
    let town = Town::start(skills()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    ann.says("/trip").await;
    ann.sees(".message", "A trip to nowhere").await;
    ann.click(".action-menu input", "").await;
    ann.sees("[role=option]", "Oslo").await;
    ann.types(".action-menu input", "lis").await;
    ann.sees_no("[role=option]", "Oslo").await;
    ann.presses(&format!("{DOWN}{ENTER}")).await;
    ann.sees(".message", "A trip to lisbon").await;
    browser.close().await;
    town.end().await;
}

/// A button of every style, to nobody's door.
fn card(url: &str) -> Value {
    let styles = ["default", "primary", "success", "good", "warning", "danger"];
    let actions = styles.map(|style| {
        json!({
            "id": style, "name": style, "type": "button", "style": style,
            "integration": {"url": url, "context": {"n": 1}},
        })
    });
    json!({"attachments": [{
        "color": "#ff8000", "title": "Six styles", "text": "**Look**", "actions": actions,
        "fields": [{"title": "A", "value": "1", "short": true}],
    }]})
}

#[actix_web::test]
async fn attachments_have_colours_fields_and_six_styles() {
    let town = Town::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    let rest = Rest::login(town.sandbox().url(), "ann").await;
    rest.says("", card("http://127.0.0.1:9/")).await;
    ann.sees(".attachment dt", "A").await;
    let look = "const styles = [...document.querySelectorAll('.action')].map((node) => {
            const look = getComputedStyle(node);
            return look.color + look.backgroundColor + look.borderColor;
        });
        const bar = getComputedStyle(document.querySelector('.attachment')).borderLeftColor;
        return [new Set(styles).size, bar];";
    assert_eq!(
        ann.script(look, vec![]).await,
        json!([6, "rgb(255, 128, 0)"])
    );
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn the_wire_says_why_a_button_did_nothing() {
    let town = Town::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    let rest = Rest::login(town.sandbox().url(), "ann").await;
    let door = format!("{}/actions", town.hooks_url());
    rest.says("", card(&door)).await;
    ann.click(".action", "danger").await;
    ann.click(".action-error button", "See the wire").await;
    ann.sees("#wire .ending.refused", "401 refused").await;
    ann.sees("#wire .why", "It carries no envelope").await;
    ann.says(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
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
    let token = town.sandbox().traffic().into_iter().find_map(|exchange| {
        let text = String::from_utf8_lossy(&exchange.request).into_owned();
        let (_, rest) = text.split_once("&token=")?;
        Some(rest.split('&').next().unwrap().to_owned())
    });
    assert!(!shown.contains(&token.unwrap()), "a token is shown");
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn the_wire_needs_a_login() {
    let town = Town::start(builtin()).await;
    let url = format!("{}/sandbox/wire?since=0", town.sandbox().url());
    let answer = reqwest::get(url).await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    town.end().await;
}
