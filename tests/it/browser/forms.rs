//! Dialogs in the browser.

use matteractor::testing::Town;

use serde_json::{Value, json};

use super::desk::Integration;
use super::driver::{Browser, DOWN, ENTER, ESCAPE};
use crate::town::builtin;

fn form() -> Value {
    let options = json!([{"text": "Train", "value": "train"}, {"text": "Plane", "value": "plane"}]);
    json!({
        "callback_id": "trip", "title": "Plan a trip", "introduction_text": "Where **to**?",
        "submit_label": "Plan it", "state": "step 1", "notify_on_cancel": true,
        "elements": [
            {"display_name": "Title", "name": "title", "type": "text", "min_length": 3},
            {"display_name": "Seats", "name": "seats", "type": "text", "subtype": "number"},
            {"display_name": "Notes", "name": "notes", "type": "textarea", "optional": true},
            {"display_name": "Way", "name": "way", "type": "select", "options": options},
            {"display_name": "Guests", "name": "guests", "type": "select", "data_source": "users",
             "multiselect": true, "optional": true},
            {"display_name": "Town", "name": "town", "type": "select", "data_source": "dynamic",
             "data_source_url": "ADDRESS/form"},
            {"display_name": "Class", "name": "class", "type": "radio", "options": options},
            {"display_name": "Hotel", "name": "hotel", "type": "bool", "default": "true"},
            {"display_name": "Day", "name": "day", "type": "date", "default": "2026-12-01"},
            {"display_name": "Hour", "name": "hour", "type": "datetime", "optional": true,
             "default": "2026-12-01T10:00:00Z"},
        ],
    })
}

#[actix_web::test]
async fn a_form_with_all_kinds_of_fields_is_filled_in_and_sent() {
    let town = Town::start(builtin()).await;
    let bot = Integration::start(town.sandbox(), form()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    ann.says("/form").await;
    ann.sees("dialog .introduction strong", "to").await;
    ann.click("dialog button", "Plan it").await;
    ann.sees("[data-field=title] .field-error", "required")
        .await;
    ann.types("[data-field=title] input", "Offsite").await;
    ann.types("[data-field=seats] input", "12").await;
    ann.types("[data-field=notes] textarea", "two\nlines").await;
    ann.types("[data-field=way] input", &format!("tra{DOWN}{ENTER}"))
        .await;
    ann.click("[data-field=guests] input", "").await;
    ann.click("[data-field=guests] [role=option]", "ben").await;
    ann.click("[data-field=guests] input", "").await;
    ann.click("[data-field=guests] [role=option]", "cleo").await;
    bot.will_answer([json!({"items": [{"text": "Oslo", "value": "oslo"}]})]);
    ann.click("[data-field=town] input", "").await;
    ann.click("[data-field=town] [role=option]", "Oslo").await;
    let asked = bot.last();
    assert_eq!(
        (&asked["type"], &asked["submission"]["selected_field"]),
        (&json!("dialog_lookup"), &json!("town"))
    );
    ann.click("[data-field=class] label", "Plane").await;
    bot.will_answer([json!({"errors": {"seats": "At most 9."}}), json!({})]);
    ann.click("dialog button", "Plan it").await;
    ann.sees("[data-field=seats] .field-error", "At most 9.")
        .await;
    ann.types("[data-field=seats] input", "\u{e003}\u{e003}5")
        .await;
    ann.click("dialog button", "Plan it").await;
    ann.sees_no("dialog", "").await;
    let sent = bot.last();
    let guests = sent["submission"]["guests"].as_array().unwrap().len();
    let mut submission = sent["submission"].clone();
    submission["guests"] = json!(guests);
    let expected = json!({
        "title": "Offsite", "seats": 5, "notes": "two\nlines", "way": "train", "guests": 2,
        "town": "oslo", "class": "plane", "hotel": true, "day": "2026-12-01",
        "hour": "2026-12-01T10:00:00Z",
    });
    assert_eq!(submission, expected);
    assert_eq!(
        (&sent["callback_id"], &sent["state"]),
        (&json!("trip"), &json!("step 1"))
    );
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn a_form_goes_on_with_a_second_step() {
    let town = Town::start(builtin()).await;
    let first = json!({
        "callback_id": "one", "title": "First", "state": "1",
        "elements": [{"display_name": "Name", "name": "name", "type": "text"}],
    });
    let second = json!({
        "callback_id": "two", "title": "Second", "state": "2",
        "elements": [{"display_name": "Age", "name": "age", "type": "text"}],
    });
    let bot = Integration::start(town.sandbox(), first).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    bot.will_answer([json!({"type": "form", "form": second}), json!({})]);
    ann.says("/form").await;
    ann.types("[data-field=name] input", &format!("Ann{ENTER}"))
        .await;
    ann.sees("dialog h2", "Second").await;
    ann.types("[data-field=age] input", &format!("40{ENTER}"))
        .await;
    ann.sees_no("dialog", "").await;
    let sent = bot.last();
    assert_eq!(sent["submission"], json!({"name": "Ann", "age": "40"}));
    assert_eq!(
        (&sent["state"], &sent["callback_id"]),
        (&json!("2"), &json!("one"))
    );
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn escape_cancels_a_form_and_tells_the_bot() {
    let town = Town::start(builtin()).await;
    let bot = Integration::start(town.sandbox(), form()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    ann.says("/form").await;
    ann.sees("dialog", "Plan a trip").await;
    ann.presses(ESCAPE).await;
    ann.sees_no("dialog", "").await;
    ann.click("#wire-button", "").await;
    ann.sees("#wire summary", "dialog cancelled").await;
    assert_eq!(bot.last()["cancelled"], true);
    browser.close().await;
    town.end().await;
}

#[actix_web::test]
async fn a_poll_gets_another_option_by_its_form() {
    let town = Town::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(town.sandbox().url(), "ann").await;
    ann.says(r#"/poll "Lunch?" "Pizza" "Soup""#).await;
    ann.click(".action", "Add option").await;
    ann.types("[data-field=option] input", &format!("Soup{ENTER}"))
        .await;
    ann.sees(".field-error", "This option is there already.")
        .await;
    ann.types("[data-field=option] input", &format!(" of the day{ENTER}"))
        .await;
    ann.sees_no("dialog", "").await;
    ann.sees(".action", "Soup of the day").await;
    browser.close().await;
    town.end().await;
}
