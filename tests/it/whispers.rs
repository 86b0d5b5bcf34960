//! What only one person should read, at doors whose answers can't say it.

use matteractor::skill::{
    AnySkill, Context, Dialog, Failure, Post, Skill, Slash, Stateless, Submission, Turn,
};
use matteractor::testing::{Chat, Fault, Setup};
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::chat::bot_leaves;

/// Opened by a test once Mattermost has its answer.
static GATE: Semaphore = Semaphore::const_new(0);
static FORM_GATE: Semaphore = Semaphore::const_new(0);

#[derive(Deserialize)]
struct Guest {
    name: String,
}

async fn register(mut cx: Context<()>, slash: Slash) -> Turn<Stateless> {
    if slash.text == "late"
        && let Ok(permit) = FORM_GATE.acquire().await
    {
        permit.forget();
    }
    cx.open(
        slash.ticket,
        Dialog::new("guest", "Who comes?").text("name", "Name"),
    )?;
    cx.done()
}

async fn registered(mut cx: Context<()>, form: Submission<Guest>) -> Turn<Stateless> {
    if form.values.name == "slow" {
        let _ = GATE.acquire().await;
        return Err(Failure::field("name", "That is nobody's name."));
    }
    cx.whisper(format!("{} is on the list.", form.values.name));
    cx.done()
}

async fn hint(mut cx: Context<()>, _: Post) -> Turn<Stateless> {
    cx.whisper("The password is on the fridge.");
    cx.done()
}

async fn panics(_: Context<()>, _: Post) -> Turn<Stateless> {
    panic!("on purpose")
}

fn skills() -> Setup {
    let skill = Skill::stateless("guests")
        .slash("register", "", register)
        .dialog_begins("guest", registered)
        .hears("^vpn hint", hint)
        .hears("^vpn panic", panics);
    Setup::from(AnySkill::from(skill)).outgoing("vpn")
}

/// Takes the bot out of a channel, where only the outgoing webhook hears posts then.
async fn without_bot(chat: &Chat, channel: &matteractor::sandbox::User) {
    bot_leaves(chat, "off-topic").await;
    channel.sees("removed").await;
}

#[actix_web::test]
async fn what_a_submitted_form_is_answered_comes_as_a_direct_message() {
    let chat = Chat::start(skills()).await;
    let ann = chat.person("ann").await;
    let dev = ann.in_channel("dev");
    dev.slash("/register").await;
    let form = dev.dialog().await.fill("name", "Ada");
    form.submit().await.closed();
    ann.to("bot").sees("Ada is on the list.").await;
    dev.sees_no("on the list").await;
    chat.end().await;
}

#[actix_web::test]
async fn who_submits_a_form_that_is_refused_late_reads_why() {
    let hasty = skills().setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms");
    let chat = Chat::start(hasty).await;
    let ann = chat.person("ann").await;
    let dev = ann.in_channel("dev");
    dev.slash("/register").await;
    let form = dev.dialog().await.fill("name", "slow");
    form.submit().await.closed();
    GATE.add_permits(1);
    let told = ann.to("bot").sees("was not accepted").await.text();
    assert!(told.contains("name: That is nobody's name."), "{told}");
    chat.end().await;
}

#[actix_web::test]
async fn a_form_opens_also_where_its_command_is_answered_late() {
    let hasty = skills().setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms");
    let chat = Chat::start(hasty).await;
    let ann = chat.person("ann").await;
    ann.slash("/register late").await;
    ann.sees("working on it").await;
    FORM_GATE.add_permits(1);
    let form = ann.dialog().await.fill("name", "Ada");
    chat.faults()
        .next(1, "POST", "/api/v4/actions/dialogs/open", Fault::Fail);
    ann.slash("/register late").await;
    FORM_GATE.add_permits(1);
    ann.sees_once("The form could not be opened. Please try again.")
        .await;
    form.submit().await.closed();
    ann.to("bot").sees("Ada is on the list.").await;
    chat.end().await;
}

#[actix_web::test]
async fn what_an_outgoing_webhook_brings_is_answered_to_its_person_alone() {
    let chat = Chat::start(skills()).await;
    let ann = chat.person("ann").await;
    let channel = ann.in_channel("off-topic");
    without_bot(&chat, &channel).await;
    channel.says("vpn hint, please").await;
    ann.to("bot").sees("on the fridge").await;
    channel.says("vpn panic").await;
    ann.to("bot").sees("say the id").await;
    channel.sees_no("on the fridge").await;
    channel.sees_no("say the id").await;
    chat.end().await;
}

#[actix_web::test]
async fn without_an_account_a_failure_is_said_in_answer_to_the_webhook() {
    let chat = Chat::start(skills().setting("BOT_TOKEN", "")).await;
    let channel = chat.person("ann").await.in_channel("off-topic");
    channel.says("vpn hint, please").await;
    channel.says("vpn panic").await;
    channel.sees("say the id").await;
    channel.sees_no("on the fridge").await;
    chat.end().await;
}
