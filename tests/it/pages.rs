//! A proxy answers in Mattermost's place, and nothing that it says counts.

use std::time::Duration;

use matteractor::sandbox::User;
use matteractor::skill::{
    AnySkill, Context, Dialog, Post, Skill, Slash, Stateless, Submission, Turn,
};
use matteractor::testing::{Chat, Fault, Setup};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::chat::{admin_page, as_admin, builtin, restart_bot, until};
use crate::program::{Program, mattermost};

/// Some of what proxies say; the client's own tests have all of it.
const STATUSES: [u16; 8] = [200, 204, 302, 401, 403, 404, 413, 502];
const LUNCH: &str = r#"/poll "Lunch?" "Pizza" "Soup""#;

/// Opened by a test once Mattermost has waited long enough.
static GATE: Semaphore = Semaphore::const_new(0);

#[derive(Deserialize)]
struct Guest {
    name: String,
}

async fn waits(mut cx: Context<()>, _: Slash) -> Turn<Stateless> {
    let _ = GATE.acquire().await;
    cx.whisper("late, but here");
    cx.done()
}

async fn register(mut cx: Context<()>, slash: Slash) -> Turn<Stateless> {
    cx.open(
        slash.ticket,
        Dialog::new("guest", "Who comes?").text("name", "Name"),
    )?;
    cx.done()
}

async fn registered(mut cx: Context<()>, form: Submission<Guest>) -> Turn<Stateless> {
    cx.say(format!("{} comes", form.values.name));
    cx.done()
}

async fn says(mut cx: Context<()>, post: Post) -> Turn<Stateless> {
    cx.say(format!("heard: {}", post.text));
    cx.done()
}

fn skills() -> Vec<AnySkill> {
    let skill = Skill::stateless("odd")
        .slash("waits", "", waits)
        .slash("register", "", register)
        .dialog_begins("guest", registered)
        .hears("^hello", says);
    vec![skill.into()]
}

async fn health(chat: &Chat) -> (u16, Value) {
    let (status, page) = admin_page(chat, "/health").await;
    (status, serde_json::from_str(&page).unwrap())
}

async fn problems(chat: &Chat) -> String {
    health(chat).await.1["problems"].to_string()
}

async fn all_is_well(chat: &Chat) {
    until(async || health(chat).await.0 == 200).await;
    let (_, health) = health(chat).await;
    assert_eq!(health["problems"], json!([]));
    assert_eq!(health["parts"]["poster"]["set_aside"], 0);
}

async fn cards(person: &User) -> usize {
    let looks = person.looks().await.into_iter();
    looks.filter(|post| post.text().contains("Lunch?")).count()
}

#[actix_web::test]
async fn a_card_is_posted_once_whatever_a_proxy_says_to_it() {
    for status in STATUSES {
        let chat = Chat::start(builtin()).await;
        let ann = chat.person("ann").await.in_channel("dev");
        chat.faults().next_posts(2, Fault::Page(status));
        ann.slash(LUNCH).await;
        ann.sees("Lunch?").await;
        assert_eq!(cards(&ann).await, 1, "{status}: {}", ann.reads().await);
        all_is_well(&chat).await;
        chat.end().await;
    }
}

#[actix_web::test]
async fn a_card_is_not_given_up_whatever_a_proxy_says_to_its_change() {
    for status in STATUSES {
        let chat = Chat::start(builtin()).await;
        let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
        let (ann, ben) = (ann.in_channel("dev"), ben.in_channel("dev"));
        ann.slash(LUNCH).await;
        ann.sees("Lunch?").await;
        // An option that a dialog adds is shown by a PUT, which goes to the post's patch.
        let posts = "/api/v4/posts/";
        chat.faults().next(1, "PUT", posts, Fault::Page(status));
        ben.click("Add option").await;
        let form = ben.dialog().await.fill("option", "Curry");
        form.submit().await.closed();
        ann.within(Duration::from_secs(30)).sees("Curry").await;
        all_is_well(&chat).await;
        chat.end().await;
    }
}

#[actix_web::test]
async fn while_the_server_is_away_health_says_what_came_and_all_is_done_when_it_is_back() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    chat.faults().away(404);
    ann.slash(LUNCH).await;
    ann.says("@bot help").await;
    let line = "404 page not found";
    let address = format!("{}/api/v4/posts", chat.sandbox().url());
    until(async || problems(&chat).await.contains(&address)).await;
    let problems = problems(&chat).await;
    assert!(problems.contains(line), "{problems}");
    assert_eq!(health(&chat).await.0, 503);
    let ready = admin_page(&chat, "/health/ready").await;
    assert_eq!(ready, (200, "ok\n".to_owned()), "people read a sentence");
    chat.faults().back();
    let patient = ann.within(Duration::from_secs(60));
    patient.sees("Lunch?").await;
    patient.sees("/poll").await;
    assert_eq!(cards(&ann).await, 1, "{}", ann.reads().await);
    all_is_well(&chat).await;
    chat.end().await;
}

#[actix_web::test]
async fn a_proxy_that_lets_only_the_upgrade_go_nowhere_is_told() {
    let socket = "/api/v4/websocket";
    for status in [200, 401, 404] {
        let chat = Chat::start(skills()).await;
        let ann = chat.person("ann").await.in_channel("dev");
        chat.faults().next(3, "GET", socket, Fault::Page(status));
        chat.faults().cut_sockets();
        let told = format!("{socket} answers {status}, but not as Mattermost does");
        until(async || problems(&chat).await.contains(&told)).await;
        ann.says("hello").await;
        let patient = ann.within(Duration::from_secs(60));
        patient.sees("heard: hello").await;
        all_is_well(&chat).await;
        chat.end().await;
    }
}

#[actix_web::test]
async fn a_late_answer_comes_in_spite_of_a_proxy() {
    let hurried = Setup::of(skills()).setting("MATTERACTOR__LIMITS__ANSWER_BUDGET", "100ms");
    for setup in [hurried.clone(), hurried.setting("BOT_TOKEN", "")] {
        for status in [302, 401, 404, 502] {
            let chat = Chat::start(setup.clone()).await;
            let ann = chat.person("ann").await.in_channel("dev");
            let hooks = "/hooks/commands/";
            chat.faults().next(2, "POST", hooks, Fault::Page(status));
            ann.slash("/waits").await;
            GATE.add_permits(1);
            let whispered = async || ann.reads().await.contains("late, but here");
            until(whispered).await;
            chat.end().await;
        }
    }
}

#[actix_web::test]
async fn a_form_opens_in_spite_of_a_proxy() {
    let chat = Chat::start(skills()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    for status in [302, 404, 503] {
        let open = "/api/v4/actions/dialogs/open";
        chat.faults().next(2, "POST", open, Fault::Page(status));
        ann.slash("/register").await;
        let form = ann.dialog().await.fill("name", format!("guest {status}"));
        form.submit().await.closed();
        ann.sees(&format!("guest {status} comes")).await;
    }
    chat.end().await;
}

#[actix_web::test]
async fn what_leaves_by_the_incoming_webhook_waits_for_mattermost() {
    let setup = Setup::of(skills()).setting("BOT_TOKEN", "");
    let chat = Chat::start(setup.outgoing("hello")).await;
    let ann = chat.person("ann").await.in_channel("off-topic");
    let hook = json!({"channel_id": ann.channel_id().await});
    let hook = as_admin(&chat, "POST", "/hooks/incoming", hook).await;
    let id = hook["id"].as_str().unwrap();
    let url = format!("{}/hooks/{id}", chat.sandbox().url());
    chat.set("INCOMING_WEBHOOK_URL", url);
    restart_bot(&chat).await;
    for status in [302, 401, 404, 503] {
        chat.faults()
            .next(3, "POST", "/hooks/", Fault::Page(status));
        ann.says(&format!("hello {status}")).await;
        let heard = format!("heard: hello {status}");
        ann.within(Duration::from_secs(30)).sees(&heard).await;
        let page = problems(&chat).await;
        assert!(!page.contains(id), "the address is a secret: {page}");
    }
    chat.end().await;
}

#[actix_web::test]
async fn a_proxys_pages_at_the_start_are_waited_out_and_told() {
    for status in [200, 302, 401, 404] {
        let (sandbox, known) = mattermost().await;
        sandbox.with(|world| world.away(Some(status)));
        let mut program = Program::start(&[
            ("MATTERMOST_URL", sandbox.url()),
            ("BOT_TOKEN", &known.bot_token),
        ]);
        let waits = program.says("waiting for Mattermost to answer").await;
        let line = program
            .says("Mattermost can't be reached; trying again")
            .await;
        let error = line["error"].as_str().unwrap();
        let address = format!("{}/api/v4/users/me answers {status}", sandbox.url());
        assert!(error.contains(&address), "{error}");
        let is = match status {
            302 => "sends callers elsewhere",
            _ => "isn't Mattermost",
        };
        let hint = format!("what answers there ({status}) {is}");
        program.says_with(&hint).await;
        let admin = format!("http://{}", waits["admin"].as_str().unwrap());
        let get = async |path: &str| {
            let page = reqwest::get(format!("{admin}{path}")).await.unwrap();
            (page.status().as_u16(), page.text().await.unwrap())
        };
        let (code, page) = get("/health").await;
        assert_eq!(code, 503);
        assert!(page.contains(&address), "{page}");
        assert_eq!(
            get("/health/ready").await.0,
            503,
            "its doors aren't open yet"
        );
        assert_eq!(get("/health/live").await.0, 200);
        sandbox.with(|world| world.away(None));
        program.says("ready").await;
        program.terminate().await;
        assert_eq!(program.ends().await.code(), Some(0));
        sandbox.stop().await;
    }
}

#[actix_web::test]
async fn a_token_that_is_refused_is_a_problem_and_people_go_on_reading_sentences() {
    let chat = Chat::start(builtin()).await;
    let ann = chat.person("ann").await.in_channel("dev");
    chat.faults().revoke_token();
    ann.slash(LUNCH).await;
    until(async || problems(&chat).await.contains("BOT_TOKEN")).await;
    assert_eq!(health(&chat).await.0, 503);
    assert_eq!(admin_page(&chat, "/health/ready").await.0, 200);
    let metrics = admin_page(&chat, "/metrics").await.1;
    assert!(!metrics.contains("matteractor_problems 0"), "{metrics}");
    restart_bot(&chat).await;
    ann.sees("Lunch?").await;
    all_is_well(&chat).await;
    chat.end().await;
}
