//! A card that scrolled away or was deleted is posted anew, and the old one is taken away.

use std::time::Duration;

use matteractor::sandbox::User;
use matteractor::sandbox::people::Sight;
use matteractor::simulation;
use matteractor::skill::{AnySkill, Card, Click, Context, Never, Skill, Slash, State, Turn};
use matteractor::stage::Stage;
use matteractor::testing::{Fault, play};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::chat::{as_admin, bot_leaves, found, until};

/// Who is on call; each press hands it on.
#[derive(Default, Serialize, Deserialize)]
struct Oncall {
    turn: u32,
    asked: u32,
}

#[derive(Serialize, Deserialize)]
struct Next;

impl State for Oncall {
    const NAME: &'static str = "oncall";
    type Button = Next;
    type Signal = Never;
}

async fn show(mut cx: Context<Oncall>, cmd: Slash) -> Turn<Oncall> {
    cx.state.asked += 1;
    match cmd.text.as_str() {
        "quietly" => {}
        "end" => return cx.end(),
        _ => cx.repost(),
    }
    cx.keep()
}

async fn next(mut cx: Context<Oncall>, _: Click<Next>) -> Turn<Oncall> {
    cx.state.turn += 1;
    cx.keep()
}

fn view(oncall: &Oncall) -> Card<Next> {
    let Oncall { turn, asked } = oncall;
    Card::new(format!("On call: {turn} (asked {asked})")).button("Next", Next)
}

fn skill() -> AnySkill {
    Skill::card(view)
        .starting(Oncall::default)
        .slash_here("oncall", "", show)
        .click(next)
        .into()
}

/// All cards that are in the channel.
async fn cards(person: &User) -> Vec<Sight> {
    let seen = person.looks().await;
    let cards = seen
        .into_iter()
        .filter(|one| one.text().contains("On call"));
    cards.collect()
}

/// Waits until there is one card, which says this, and gives it back.
async fn only(person: &User, text: &str) -> Sight {
    found(async || match &cards(person).await[..] {
        [card] if card.text().contains(text) => Some(card.clone()),
        _ => None,
    })
    .await
}

#[test]
fn a_card_that_scrolled_away_is_posted_anew_and_the_old_one_goes() {
    play(skill(), async |chat| {
        let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
        ann.slash("/oncall").await;
        let first = only(&ann, "asked 1").await;
        ben.says("much has happened since").await;
        ann.slash("/oncall quietly").await;
        assert_eq!(only(&ann, "asked 2").await.id, first.id);
        ann.slash("/oncall").await;
        ann.sees("asked 3").await;
        let second = only(&ann, "asked 3").await;
        assert_ne!(second.id, first.id);
        let all = ann.looks().await;
        assert_eq!(all.last().unwrap().id, second.id, "it is the last post");
        ben.click("Next").await;
        assert_eq!(only(&ann, "On call: 1").await.id, second.id);
        ben.click("Next").await;
        assert_eq!(only(&ann, "On call: 2").await.id, second.id);
    });
}

#[test]
fn a_card_that_an_admin_deleted_comes_when_it_is_asked_for() {
    play(skill(), async |chat| {
        let (ann, admin) = (chat.person("ann").await, chat.person("admin").await);
        for (bot_is_down, asked) in [(false, "asked 1"), (true, "asked 3")] {
            ann.slash("/oncall").await;
            let card = only(&ann, asked).await;
            if bot_is_down {
                chat.stop_bot().await;
            }
            admin.deletes(&card).await;
            if bot_is_down {
                chat.start_bot().await;
            }
            ann.slash("/oncall").await;
            let again = only(&ann, "On call").await;
            assert_ne!(again.id, card.id);
            ann.click("Next").await;
            let turn = if bot_is_down {
                "On call: 2"
            } else {
                "On call: 1"
            };
            assert_eq!(only(&ann, turn).await.id, again.id);
        }
    });
}

#[test]
fn a_card_that_ended_begins_anew_as_what_it_is_now() {
    play(skill(), async |chat| {
        let ann = chat.person("ann").await;
        ann.slash("/oncall").await;
        for _ in 0..3 {
            ann.click("Next").await;
        }
        ann.sees("On call: 3").await;
        ann.slash("/oncall end").await;
        ann.slash("/oncall quietly").await;
        ann.sees("On call: 0").await;
        ann.click("Next").await;
        ann.sees("On call: 1").await;
        assert_eq!(cards(&ann).await.len(), 2, "what ended stays as it is");
    });
}

#[test]
fn answers_below_a_card_stay_when_it_moves() {
    play(skill(), async |chat| {
        let ann = chat.person("ann").await;
        ann.slash("/oncall").await;
        let first = ann.sees("asked 1").await;
        ann.replies(&first, "I can't on Friday").await;
        ann.slash("/oncall").await;
        ann.sees("asked 2").await;
        let old = ann.sees("This has moved").await;
        assert_eq!(old.id, first.id);
        assert!(!old.text().contains("[Next]"), "{}", old.text());
        ann.sees_reply(&old, "on Friday").await;
        only(&ann, "asked 2").await;
    });
}

#[test]
fn however_often_it_is_asked_for_there_is_one_card() {
    play(skill(), async |chat| {
        let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
        ann.slash("/oncall").await;
        let old = ann.sees("asked 1").await;
        for round in 0..3 {
            chat.faults().next_posts(1, Fault::CutAfter);
            chat.faults()
                .next(1, "DELETE", "/api/v4/posts", Fault::FailAfter);
            let clicks = async {
                for _ in 0..3 {
                    ben.tries_click("Next").await;
                }
            };
            let asks = async {
                for _ in 0..3 {
                    ann.slash("/oncall").await;
                }
            };
            tokio::join!(asks, clicks);
            only(&ann, &format!("asked {}", 4 + 3 * round)).await;
        }
        assert!(ann.looks().await.iter().all(|one| one.id != old.id));
    });
}

#[test]
fn what_a_person_posted_for_the_bot_stays_and_the_bots_own_card_comes() {
    play(skill(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        bot_leaves(&chat, "dev").await;
        ann.slash("/oncall").await;
        let own = ann.sees("asked 1").await;
        ann.slash("/oncall").await;
        ann.sees("asked 2").await;
        let path = format!("/channels/{}/members", ann.channel_id().await);
        as_admin(&chat, "POST", &path, json!({"user_id": chat.bot_id()})).await;
        let by_bot = async || {
            let all = cards(&ann).await;
            all.into_iter().find(|one| one.author() == chat.bot_id())
        };
        until(async || {
            ann.slash("/oncall").await;
            by_bot().await.is_some()
        })
        .await;
        let card = by_bot().await.unwrap();
        ann.click_on(&own, "Next").await;
        ann.sees("On call: 1").await;
        let card = by_bot().await.unwrap_or(card);
        ann.click_on(&card, "Next").await;
        ann.sees("On call: 2").await;
        let all = cards(&ann).await;
        let by_bot = all.iter().filter(|one| one.author() == chat.bot_id());
        assert_eq!(by_bot.count(), 1, "{}", ann.reads().await);
        let kept = ann
            .asks("GET", &format!("/posts/{}", own.id), Value::Null)
            .await;
        assert_eq!(kept.status, 200);
    });
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_moment_leaves_one_card() {
    for seed in 0..30 {
        simulation::play(seed, skill(), async |chat| {
            let ann = chat.person("ann").await;
            ann.slash("/oncall").await;
            let first = ann.sees("asked 1").await;
            let killed = async {
                chat.after(Duration::from_millis(1 + seed)).await;
                chat.kill_bot().await;
            };
            tokio::join!(ann.tries_slash("/oncall", ""), killed);
            chat.start_bot().await;
            ann.slash("/oncall").await;
            chat.after(Duration::from_secs(90)).await;
            let all = cards(&ann).await;
            assert_eq!(all.len(), 1, "seed {seed}: {}", ann.reads().await);
            assert_ne!(all[0].id, first.id);
            ann.click("Next").await;
            ann.sees("On call: 1").await;
        })
        .await;
    }
}

#[tokio::test]
async fn on_a_stage_it_moves_below_the_others() {
    let mut stage = Stage::new(skill());
    stage.slash("ann", "/oncall").await;
    stage.deletes_card("admin");
    stage.slash("ann", "/oncall quietly").await;
    assert_eq!(stage.buttons(), Vec::<String>::new());
    stage.slash("ann", "/oncall").await;
    assert!(stage.card().starts_with("On call: 0 (asked 3)"));
    stage.click("ben", "Next").await;
    assert!(stage.card().starts_with("On call: 1"));
}
