//! The test kit itself: what it promises to authors of skills.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use matteractor::simulation;
use matteractor::skill::{Context, Skill, Slash, Stateless, Turn};
use matteractor::testing::{Chat, Fault, Setup, play};
use tokio::sync::Notify;

use crate::chat::builtin;
use crate::simulation::skills;

const LUNCH: &str = r#"/poll "Lunch?" "Pizza" "Soup""#;

/// What it says when it panics.
fn why(act: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(act)).expect_err("it panics");
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .expect("panics have a text")
}

#[test]
fn what_does_not_appear_in_time_panics_with_what_is_there() {
    let why = why(|| {
        play(skills::all(), async |chat| {
            let ann = chat.person("ann").await.in_channel("dev");
            let hello = ann.says("hello").await;
            ann.replies(&hello, "and more").await;
            let hurried = ann.within(Duration::from_millis(1));
            hurried.sees("good bye").await;
        });
    });
    let (at, why) = why.split_once(": ").unwrap();
    assert!(at.starts_with("at tests/it/kit.rs:"), "{at}");
    let first = "ann: \"good bye\" didn't appear in ~dev, which reads:\n";
    assert!(why.starts_with(first), "{why}");
    assert!(why.contains("\n@ann: hello\n  ↳ @ann: and more\n"), "{why}");
}

#[test]
fn a_setup_that_cannot_work_is_told() {
    let setup = Setup::of(skills::all()).setting("MATTERACTOR__LIMITS__TURN", "soon");
    let why = why(|| play(setup, async |_| ()));
    assert!(why.starts_with("the bot can't start: "), "{why}");
    assert!(why.contains("MATTERACTOR__LIMITS__TURN"), "{why}");
}

/// How the server answered the bot's tries to make this post, in order.
fn tries(chat: &Chat, text: &str) -> Vec<Option<u16>> {
    let traffic = chat.sandbox().traffic().into_iter();
    let posts = traffic.filter(|one| one.by_bot && one.url == "/api/v4/posts");
    let wanted = posts.filter(|one| String::from_utf8_lossy(&one.request).contains(text));
    wanted.map(|one| one.status).collect()
}

#[test]
fn each_fault_meets_the_next_post_of_the_bot_and_of_nobody_else() {
    play(skills::all(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        let faults = [
            (Fault::TooMany(1), Some(429)),
            (Fault::Fail, Some(500)),
            (Fault::FailAfter, Some(500)),
            (Fault::Cut, None),
            (Fault::CutAfter, None),
        ];
        for (number, (fault, status)) in (1..).zip(faults) {
            chat.faults().next_posts(1, fault);
            ann.says("spared").await;
            ann.slash("/tally word").await;
            let tally = format!("tally {number}");
            ann.sees(&tally).await;
            // Its first try has ended when a later post is there.
            ann.slash(&format!("/counter after{number}")).await;
            ann.sees(&format!("after{number} has 0")).await;
            assert_eq!(tries(&chat, &tally)[0], status, "{fault:?}");
        }
        chat.faults().next_posts(1, Fault::Slow(20_000));
        ann.slash("/tally word").await;
        ann.sees("tally 6").await;
        assert!(tries(&chat, "tally 6").is_empty(), "it isn't answered yet");
        chat.kill_bot().await;
    });
}

#[test]
fn a_slash_command_that_mattermost_has_itself_is_told() {
    let echo = Skill::stateless("slow").slash("echo", "WORD", slow);
    let why = why(|| play(echo, async |_| ()));
    assert!(
        why.contains("doesn't take the slash command /echo"),
        "{why}"
    );
}

#[test]
fn a_killed_bot_finishes_nothing_and_goes_on_where_it_was() {
    play(skills::all(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        // What is committed can't leave, and stays in the store.
        chat.faults().next_posts(1_000, Fault::Fail);
        ann.slash("/tally one").await;
        chat.kill_bot().await;
        let refused = ann.tries_slash("/tally two", "").await;
        assert_ne!(refused.status, 200, "nobody is there to take it");
        chat.faults().clear();
        ann.sees_no("tally 1").await;
        chat.start_bot().await;
        ann.sees("tally 1").await;
        ann.slash("/tally three").await;
        ann.sees("tally 2").await;
        ann.sees_once("tally 1").await;
    });
}

/// Told when the handler below has begun.
static BEGUN: Notify = Notify::const_new();

async fn slow(mut cx: Context<()>, cmd: Slash) -> Turn<Stateless> {
    BEGUN.notify_one();
    tokio::time::sleep(Duration::from_secs(2)).await;
    cx.say(format!("{} is done", cmd.text));
    cx.done()
}

#[test]
fn a_stop_finishes_what_was_begun_and_a_kill_does_not() {
    let slow = Skill::stateless("slow").slash("slow", "WORD", slow);
    play(slow, async |chat| {
        let ann = chat.person("ann").await;
        tokio::join!(ann.tries_slash("/slow first", ""), async {
            BEGUN.notified().await;
            chat.kill_bot().await;
        });
        chat.start_bot().await;
        tokio::join!(ann.tries_slash("/slow second", ""), async {
            BEGUN.notified().await;
            chat.stop_bot().await;
        });
        chat.start_bot().await;
        ann.sees("second is done").await;
        ann.sees_no("first is done").await;
    });
}

#[test]
fn buttons_lead_to_the_bot_that_was_started_again() {
    play(builtin(), async |chat| {
        let ann = chat.person("ann").await;
        ann.slash(LUNCH).await;
        ann.click("Pizza").await;
        for _ in 0..2 {
            chat.kill_bot().await;
            assert_ne!(ann.tries_click("Soup").await.status, 200);
            chat.start_bot().await;
        }
        ann.click("Soup").await;
        ann.sees("1 vote").await;
    });
}

#[test]
fn a_bot_without_an_account_answers_commands() {
    play(builtin().setting("BOT_TOKEN", ""), async |chat| {
        let ann = chat.person("ann").await;
        ann.slash(LUNCH).await;
        assert_eq!(ann.sees("Lunch?").await.author(), ann.id());
    });
}

#[test]
fn a_bot_whose_token_is_revoked_works_again_with_a_new_one() {
    play(skills::all(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        ann.slash("/tally one").await;
        ann.sees("tally 1").await;
        chat.faults().revoke_token();
        ann.slash("/tally two").await;
        ann.slash("/tally three").await;
        ann.sees_no("tally 2").await;
        chat.kill_bot().await;
        chat.start_bot().await;
        ann.sees("tally 3").await;
    });
}

#[tokio::test(start_paused = true)]
async fn people_are_the_same_in_virtual_time() {
    simulation::play(1, builtin(), async |chat| {
        let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
        ann.slash(r#"/poll "Lunch?" "Pizza" "Soup" --until 2h --anonymous"#)
            .await;
        ben.click("Add option").await;
        let form = ben.dialog().await;
        let form = form.fill("option", "Pizza");
        assert!(!form.submit().await.error_at("option").is_empty());
        form.fill("option", "Salad").submit().await.closed();
        let card = ben.sees("Salad").await;
        ben.click("Salad").await;
        assert!(ben.whisper_in_thread(&card).await.contains("Salad"));
        ann.to("bot").says("help").await;
        ann.to("bot").sees("/poll").await;
        chat.kill_bot().await;
        chat.after(Duration::from_secs(3 * 3600)).await;
        chat.start_bot().await;
        let poll = ann.sees("closed").await;
        ben.replies(&poll, "and the vpn?").await;
        ann.sees_reply(&poll, "in the handbook").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_plays_the_same_and_another_does_not() {
    let mut traces = Vec::new();
    for seed in [1, 1, 2] {
        let trace = simulation::play(seed, skills::all(), async |chat| {
            let ann = chat.person("ann").await;
            ann.slash("/tally one").await;
            ann.sees("tally 1").await;
            chat.trace().to_string()
        });
        traces.push(trace.await);
    }
    assert_eq!(traces[0], traces[1]);
    assert_ne!(traces[0], traces[2]);
}

#[tokio::test]
#[should_panic(expected = "time must be paused: write `#[tokio::test(start_paused = true)]`")]
async fn virtual_time_needs_paused_time() {
    simulation::play(1, skills::all(), async |_| ()).await;
}
