//! What time brings: timers, time-outs and slow work, and what is forgotten meanwhile.

use matteractor::internals::Store;
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use matteractor::model::ids::Millis;
use matteractor::simulation::{self, Chat};
use matteractor::skill::{
    AnySkill, Context, Errand, Failure, Never, Post, Skill, Slash, State, Turn,
};

use matteractor::testing::{Fault, Setup};
use serde::{Deserialize, Serialize};

use super::{paused, skills};
use crate::chat::builtin;

fn play(setup: impl Into<Setup>, work: impl AsyncFnOnce(Rc<Chat>)) {
    paused(simulation::play(1, setup, work));
}

async fn minutes(chat: &Chat, n: u64) {
    chat.after(Duration::from_secs(60 * n)).await;
}

async fn times(chat: &Chat, text: &str) -> usize {
    let posts = chat.looks("ann", "dev").await.unwrap();
    posts.iter().filter(|post| post.text == text).count()
}

#[test]
fn a_poll_with_a_time_limit_closes_then_and_not_before() {
    play(builtin(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        let ben = chat.person("ben").await.in_channel("dev");
        ann.slash(r#"/poll "Lunch?" "Pizza" "Soup" --until 30m"#)
            .await;
        ben.click("Pizza").await;
        minutes(&chat, 28).await;
        ben.click("Soup").await;
        ben.sees("1 vote").await;
        ben.sees_no("closed").await;
        minutes(&chat, 3).await;
        let card = ann.sees("closed").await;
        assert!(card.control("Pizza", false).is_none(), "{}", card.text());
        assert!(card.text().contains("**Soup**: 1"), "{}", card.text());
    });
}

#[test]
fn a_standup_is_summed_up_when_its_time_is_up() {
    let setup = builtin()
        .setting("MATTERACTOR__SKILLS__STANDUP__QUESTIONS", r#"["Done?"]"#)
        .setting("MATTERACTOR__SKILLS__STANDUP__MINUTES", "30");
    play(setup, async |chat| {
        let ann = chat.person("ann").await;
        let dev = ann.in_channel("dev");
        dev.slash("/standup").await;
        for name in ["admin", "ann", "ben", "cleo"] {
            chat.person(name).await.to("bot").sees("Done?").await;
        }
        // Nobody answers within the milliseconds in which the bot learns that its question is there.
        minutes(&chat, 1).await;
        ann.to("bot").says("the roof").await;
        minutes(&chat, 27).await;
        dev.sees_no("Standup of").await;
        // It is due while the bot is away.
        chat.kill_bot().await;
        minutes(&chat, 5).await;
        chat.start_bot().await;
        let sum = dev.sees("Standup of").await.text();
        for part in ["the roof", "No answer: ", "admin", "ben", "cleo"] {
            assert!(sum.contains(part), "{part} in {sum}");
        }
        // Who answers now is not heard any more, and another one may begin.
        let cleo = chat.person("cleo").await.to("bot");
        cleo.says("the cellar").await;
        minutes(&chat, 1).await;
        dev.sees_no("the cellar").await;
        dev.slash("/standup").await;
        cleo.sees_times("Done?", 2).await;
    });
}

#[test]
fn what_follows_before_the_next_question_is_there_belongs_to_the_last_answer() {
    let setup = builtin()
        .setting(
            "MATTERACTOR__SKILLS__STANDUP__QUESTIONS",
            r#"["Done?", "Next?"]"#,
        )
        .setting("MATTERACTOR__SKILLS__STANDUP__MINUTES", "30");
    play(setup, async |chat| {
        let ann = chat.person("ann").await;
        let dev = ann.in_channel("dev");
        dev.slash("/standup").await;
        let direct = ann.to("bot");
        direct.sees("Done?").await;
        minutes(&chat, 1).await;
        chat.faults().next_posts(1, Fault::TooMany(60));
        direct.says("the roof").await;
        chat.after(Duration::from_secs(10)).await;
        direct.says("and the cellar").await;
        direct.sees_no("Next?").await;
        minutes(&chat, 2).await;
        direct.sees_once("Next?").await;
        direct.sees_no("I don't know").await;
        direct.says("the garden").await;
        minutes(&chat, 30).await;
        let sum = dev.sees("Standup of").await.text();
        let [roof, cellar, garden] = ["the roof", "and the cellar", "the garden"]
            .map(|part| sum.find(part).unwrap_or_else(|| panic!("{part} in {sum}")));
        assert!(roof < cellar && cellar < garden, "{sum}");
    });
}

thread_local! {
    /// What this test's skills were asked to do: a simulation is one thread.
    static ASKED: RefCell<Vec<(String, u32)>> = const { RefCell::new(Vec::new()) };
}

fn asked(what: &str, attempt: u32) -> usize {
    ASKED.with_borrow_mut(|asked| {
        asked.push((what.to_owned(), attempt));
        asked.len()
    })
}

/// Slow work that goes well at the given attempt.
#[derive(Serialize, Deserialize)]
struct Dig(u32);

#[derive(Serialize, Deserialize)]
enum Found {
    Something,
    GaveUp(String),
}

impl State for Dig {
    const NAME: &'static str = "dig";
    type Button = Never;
    type Signal = Found;
}

async fn dig(cx: Context<()>, slash: Slash) -> Turn<Dig> {
    let at = slash.text.parse().unwrap_or(u32::MAX);
    let mut cx = cx.with(Dig(at));
    cx.work("shovel", &at)?;
    cx.keep()
}

async fn shovel(errand: Errand, at: u32) -> Result<Found, String> {
    asked(&errand.key, errand.attempt);
    match errand.attempt >= at {
        true => Ok(Found::Something),
        false => Err("it is hard".into()),
    }
}

async fn dug(mut cx: Context<Dig>, found: Found) -> Turn<Dig> {
    cx.say(match found {
        Found::Something => "dug".into(),
        Found::GaveUp(why) => format!("gave up: {why}"),
    });
    cx.end()
}

fn digs() -> Vec<AnySkill> {
    let dig =
        Skill::plain()
            .slash("dig", "", dig)
            .signal(dug)
            .work("shovel", shovel, Found::GaveUp);
    vec![dig.into()]
}

#[test]
fn slow_work_is_tried_again_under_one_key_and_its_result_comes_once() {
    play(digs(), async |chat| {
        chat.slash("ann", "dev", "/dig 2").await.unwrap();
        minutes(&chat, 2).await;
        let tries = ASKED.take();
        let attempts: Vec<_> = tries.iter().map(|(_, attempt)| *attempt).collect();
        assert_eq!(attempts, [0, 1, 2]);
        assert!(tries.iter().all(|(key, _)| *key == tries[0].0), "{tries:?}");
        assert_eq!(times(&chat, "dug").await, 1);
    });
}

#[test]
fn slow_work_that_never_goes_well_is_given_up_and_that_is_told_once() {
    play(digs(), async |chat| {
        chat.slash("ann", "dev", "/dig never").await.unwrap();
        minutes(&chat, 1).await;
        chat.kill_bot().await;
        chat.start_bot().await;
        minutes(&chat, 20).await;
        let attempts: Vec<_> = ASKED.take().into_iter().map(|(_, n)| n).collect();
        assert_eq!(attempts, [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(times(&chat, "gave up: it is hard").await, 1);
    });
}

/// A timer whose turn fails when it is taken for the sixth time.
#[derive(Serialize, Deserialize)]
struct Alarm;

impl State for Alarm {
    const NAME: &'static str = "alarm";
    type Button = Never;
    type Signal = ();
}

async fn set(cx: Context<()>, _: Slash) -> Turn<Alarm> {
    let mut cx = cx.with(Alarm);
    cx.after("ring", Duration::from_secs(60), ())?;
    cx.keep()
}

async fn ring(mut cx: Context<Alarm>, (): ()) -> Turn<Alarm> {
    if asked("ring", 0) == 6 {
        return Err(Failure::Broken(std::io::Error::other("on purpose").into()));
    }
    cx.say("ring");
    cx.end()
}

#[test]
fn a_timer_is_not_given_up_because_the_store_was_away() {
    let alarm = Skill::plain().slash("alarm", "", set).signal(ring);
    play(alarm, async |chat| {
        chat.slash("ann", "dev", "/alarm").await.unwrap();
        // Five turns, each of whose commits is tried three times.
        chat.disk_faults().refuse(15);
        minutes(&chat, 5).await;
        assert_eq!(ASKED.take().len(), 7);
        assert_eq!(times(&chat, "ring").await, 1);
    });
}

/// An hour after the beginning of every simulation.
const AN_HOUR_LATER: Millis = Millis(1_772_000_000_000 + 3_600_000);

/// A question that is not kept for long.
#[derive(Serialize, Deserialize)]
struct Quiz;

impl State for Quiz {
    const NAME: &'static str = "quiz";
    const ASKS: bool = true;
    type Button = Never;
    type Signal = Never;
}

async fn quiz(cx: Context<()>, slash: Slash) -> Turn<Quiz> {
    let mut cx = cx.with(Quiz);
    cx.ask(&slash.by.id, "2 + 2?");
    cx.expire_after(Duration::from_secs(60));
    cx.keep()
}

async fn solved(mut cx: Context<Quiz>, _: Post) -> Turn<Quiz> {
    cx.say("solved");
    cx.end()
}

#[test]
fn who_answers_a_question_that_is_forgotten_is_heard_by_the_others() {
    let quiz = Skill::plain().slash("quiz", "", quiz).reply(solved);
    let skills: Vec<AnySkill> = [quiz.into()].into_iter().chain(skills::all()).collect();
    play(skills, async |chat| {
        for restart in [false, true] {
            chat.slash("ann", "dev", "/quiz").await.unwrap();
            minutes(&chat, 3).await;
            let store = chat.disk().store();
            store.prune(AN_HOUR_LATER).await.unwrap();
            if restart {
                // It reads who listens, and only then they are forgotten.
                chat.slash("ann", "dev", "/quiz").await.unwrap();
                minutes(&chat, 1).await;
                chat.kill_bot().await;
                chat.start_bot().await;
                minutes(&chat, 1).await;
                store.prune(AN_HOUR_LATER).await.unwrap();
            }
            chat.says("ann", "dev", "count four").await.unwrap();
            minutes(&chat, 1).await;
            assert_eq!(times(&chat, "solved").await, 0);
            assert_eq!(times(&chat, "counted four").await, 1 + usize::from(restart));
        }
    });
}
