//! Cards: menus and styles.

use matteractor::skill::{
    AnySkill, Card, Click, Context, Never, Skill, Slash, State, Style, Turn, escape,
};
use matteractor::testing::Chat;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::desk::Rest;
use super::driver::{Browser, DOWN, ENTER};
use crate::chat::builtin;

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
    let chat = Chat::start(skills()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.says("/trip").await;
    ann.sees(".message", "A trip to nowhere").await;
    ann.click(".action-menu input", "").await;
    ann.sees("[role=option]", "Oslo").await;
    ann.types(".action-menu input", "lis").await;
    ann.sees_no("[role=option]", "Oslo").await;
    ann.presses(&format!("{DOWN}{ENTER}")).await;
    ann.sees(".message", "A trip to lisbon").await;
    browser.close().await;
    chat.end().await;
}

/// A button of every style, to nobody's door.
pub fn card(url: &str) -> Value {
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
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let rest = Rest::login(chat.sandbox().url(), "ann").await;
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
    chat.end().await;
}
