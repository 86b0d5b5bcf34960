//! Dialogs in the browser.

use matteractor::testing::Chat;
use serde_json::{Value, json};

use super::desk::Integration;
use super::driver::{Browser, DOWN, ENTER, ESCAPE};
use crate::chat::builtin;

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
            {"display_name": "Chat", "name": "chat", "type": "select", "data_source": "dynamic",
             "data_source_url": "ADDRESS/form"},
            {"display_name": "Class", "name": "class", "type": "radio", "options": options},
            {"display_name": "Hotel", "name": "hotel", "type": "bool", "default": "true"},
            {"display_name": "Day", "name": "day", "type": "date", "default": "2026-12-01"},
            {"display_name": "Hour", "name": "hour", "type": "datetime", "optional": true,
             "default": "2026-12-01T10:00:00Z"},
            {"display_name": "More", "name": "more", "type": "text", "optional": true},
        ],
    })
}

#[actix_web::test]
async fn a_form_with_all_kinds_of_fields_is_filled_in_and_sent() {
    let chat = Chat::start(builtin()).await;
    let bot = Integration::start(chat.sandbox(), form()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
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
    ann.click("[data-field=chat] input", "").await;
    ann.click("[data-field=chat] [role=option]", "Oslo").await;
    let asked = bot.last();
    assert_eq!(
        (&asked["type"], &asked["submission"]["selected_field"]),
        (&json!("dialog_lookup"), &json!("chat"))
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
        "title": "Offsite", "seats": 5, "notes": "two\nlines", "more": "", "way": "train", "guests": 2,
        "chat": "oslo", "class": "plane", "hotel": true, "day": "2026-12-01",
        "hour": "2026-12-01T10:00:00Z",
    });
    assert_eq!(submission, expected);
    assert_eq!(
        (&sent["callback_id"], &sent["state"]),
        (&json!("trip"), &json!("step 1"))
    );
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_form_goes_on_with_a_second_step() {
    let chat = Chat::start(builtin()).await;
    let first = json!({
        "callback_id": "one", "title": "First", "state": "1",
        "elements": [{"display_name": "Name", "name": "name", "type": "text"}],
    });
    let second = json!({
        "callback_id": "two", "title": "Second", "state": "2",
        "elements": [{"display_name": "Age", "name": "age", "type": "text"}],
    });
    let bot = Integration::start(chat.sandbox(), first).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
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
    chat.end().await;
}

#[actix_web::test]
async fn escape_cancels_a_form_and_tells_the_bot() {
    let chat = Chat::start(builtin()).await;
    let bot = Integration::start(chat.sandbox(), form()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.says("/form").await;
    ann.sees("dialog", "Plan a trip").await;
    ann.presses(ESCAPE).await;
    ann.sees_no("dialog", "").await;
    ann.click("#wire-button", "").await;
    ann.sees("#wire summary", "dialog cancelled").await;
    assert_eq!(bot.last()["cancelled"], true);
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_poll_gets_another_option_by_its_form() {
    let chat = Chat::start(builtin()).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
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
    chat.end().await;
}

#[actix_web::test]
async fn errors_are_at_their_fields_and_a_general_one_is_always_seen() {
    let chat = Chat::start(builtin()).await;
    let mut form = form();
    let elements = form["elements"].as_array_mut().unwrap();
    for element in elements {
        element["optional"] = json!(true);
    }
    let bot = Integration::start(chat.sandbox(), form).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    let errors = json!({"class": "Sold out.", "notes": "Too short.", "no_field": "Not today."});
    bot.will_answer([json!({"error": "Try again.", "errors": errors})]);
    ann.says("/form").await;
    ann.click("dialog button", "Plan it").await;
    ann.sees("[data-field=notes] .field-error", "Too short.")
        .await;
    ann.sees("[data-field=class] .field-error", "Sold out.")
        .await;
    ann.sees(".form-error", "Try again. Not today.").await;
    // The first of the wrong fields has the focus, and the sentence is not scrolled away.
    let seen = "const box = document.querySelector('.form-error').getBoundingClientRect();
        const top = document.elementFromPoint(box.x + 5, box.y + 5);
        return [document.activeElement.name, top.className]";
    assert_eq!(
        ann.script(seen, vec![]).await,
        json!(["notes", "form-error"])
    );
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn a_form_that_is_drawn_anew_keeps_the_values_and_the_focus() {
    let chat = Chat::start(builtin()).await;
    let mut first = form();
    first["source_url"] = json!("ADDRESS/form");
    first["elements"][3]["refresh"] = json!(true);
    let mut second = first.clone();
    second["title"] = json!("Plan a flight");
    second["elements"][3]["display_name"] = json!("Way, again");
    let bot = Integration::start(chat.sandbox(), first).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    bot.will_answer([json!({"type": "form", "form": second})]);
    ann.says("/form").await;
    ann.types("[data-field=title] input", "Offsite").await;
    ann.types("[data-field=way] input", &format!("pla{DOWN}{ENTER}"))
        .await;
    ann.sees("dialog h2", "Plan a flight").await;
    assert_eq!(bot.last()["submission"]["way"], "plane");
    let kept = "return [document.activeElement.closest('[data-field]').dataset.field,
        document.querySelector('[data-field=title] input').value,
        document.querySelector('[data-field=way] input').value]";
    assert_eq!(
        ann.script(kept, vec![]).await,
        json!(["way", "Offsite", "Plane"])
    );
    browser.close().await;
    chat.end().await;
}

#[actix_web::test]
async fn options_are_not_cut_off_and_days_have_their_bounds() {
    let chat = Chat::start(builtin()).await;
    let mut form = form();
    form["elements"][8]["max_date"] = json!("2026-12-24");
    form["elements"][8]["default"] = json!("2026-12-25");
    let elements = form["elements"].as_array_mut().unwrap();
    elements.rotate_left(4); // the menu becomes the last field
    let _bot = Integration::start(chat.sandbox(), form).await;
    let browser = Browser::start().await;
    let ann = browser.person(chat.sandbox().url(), "ann").await;
    ann.says("/form").await;
    ann.click("dialog button", "Plan it").await;
    ann.sees("[data-field=day] .field-error", "not be after 2026-12-24")
        .await;
    ann.click("[data-field=way] input", "").await;
    ann.sees("[data-field=way] [role=option]", "Plane").await;
    let whole =
        "return [...document.querySelectorAll('[data-field=way] [role=option]')].map((node) => {
        const box = node.getBoundingClientRect();
        return document.elementFromPoint(box.x + 9, box.bottom - 3) === node;
    })";
    assert_eq!(ann.script(whole, vec![]).await, json!([true, true]));
    browser.close().await;
    chat.end().await;
}
