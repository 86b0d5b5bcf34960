//! One post that is never taken, while others are: its channel doesn't fall silent for it, and neither does the bot.

use matteractor::internals::Store;
use std::rc::Rc;
use std::time::Duration;

use matteractor::sandbox::User;
use matteractor::simulation::{Chat, play};
use matteractor::skill::{AnySkill, Card, Context, Never, Skill, Slash, State, Stateless, Turn};

use matteractor::testing::{Fault, Setup};
use serde::{Deserialize, Serialize};

use crate::places::relay;

/// What a proxy doesn't let through, or a server fails over.
const BAD: &str = "union select";

/// A card that is posted anew, or changed where it is.
#[derive(Default, Serialize, Deserialize)]
struct Board(String);

impl State for Board {
    const NAME: &'static str = "board";
    type Button = Never;
    type Signal = Never;
}

async fn write(mut cx: Context<Board>, cmd: Slash) -> Turn<Board> {
    cx.state.0 = cmd.text;
    cx.repost();
    cx.keep()
}

async fn edit(mut cx: Context<Board>, cmd: Slash) -> Turn<Board> {
    cx.state.0 = cmd.text;
    cx.keep()
}

async fn shout(mut cx: Context<()>, cmd: Slash) -> Turn<Stateless> {
    for n in 1..=12 {
        cx.say(format!("{} {n}", cmd.text));
    }
    cx.done()
}

fn skills() -> Vec<AnySkill> {
    vec![
        relay(),
        Skill::card(|board: &Board| Card::<Never>::new(&board.0))
            .starting(Board::default)
            .slash_here("board", "", write)
            .slash_here("edit", "", edit)
            .into(),
        Skill::stateless("shout").slash("shout", "", shout).into(),
    ]
}

/// What the bot says in another channel meanwhile, twice a minute.
async fn others_for(minutes: u32, ann: &User, chat: &Rc<Chat>) {
    for n in 0..2 * minutes {
        ann.slash(&format!("/relay ~off-topic other {n}")).await;
        chat.after(Duration::from_secs(30)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_text_that_is_never_taken_silences_its_channel_for_minutes_only_and_its_person_reads_why()
{
    for (seed, fault, answer) in [
        (1, Fault::Page(403), "answers 403, but not as Mattermost"),
        (2, Fault::Fail, "server error 500"),
    ] {
        play(seed, skills(), async |chat| {
            let ann = chat.person("ann").await;
            chat.faults().filter(BAD, fault);
            ann.slash(&format!("/relay ~dev {BAD}")).await;
            ann.slash("/relay ~dev after it").await;
            others_for(9, &ann, &chat).await;
            let (dev, direct) = (ann.in_channel("dev"), ann.to("bot"));
            dev.sees_no("after it").await;
            others_for(4, &ann, &chat).await;
            dev.sees_once("after it").await;
            let told = direct.sees("can't be posted: other posts were").await;
            direct.sees_once("can't be posted").await;
            assert!(told.text().contains(answer), "{}", told.text());
            let problems = chat.problems().await.join("; ");
            let set_aside = problems.contains("1 post was set aside");
            assert!(set_aside && problems.contains(answer), "{problems}");
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_taken_everything_waits_for_hours() {
    for (seed, fault) in [(3, Fault::Fail), (4, Fault::Page(403))] {
        play(seed, skills(), async |chat| {
            let ann = chat.person("ann").await;
            ann.slash("/relay ~off-topic before").await;
            ann.in_channel("off-topic").sees("before").await;
            chat.faults().next_posts(usize::MAX, fault);
            ann.slash("/relay ~dev word").await;
            others_for(25, &ann, &chat).await;
            chat.faults().clear();
            others_for(2, &ann, &chat).await;
            ann.in_channel("dev").sees_once("word").await;
            ann.in_channel("off-topic").sees_once("other 49").await;
            assert_eq!(chat.disk().store().set_aside(9).await.unwrap(), []);
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_card_that_has_moved_on_is_posted_by_its_next_row_and_nobody_reads_that_it_is_not() {
    play(5, skills(), async |chat| {
        let ann = chat.person("ann").await;
        let dev = ann.in_channel("dev");
        chat.faults().filter(BAD, Fault::Page(403));
        dev.slash(&format!("/board {BAD}")).await;
        dev.slash("/board fine").await;
        others_for(13, &ann, &chat).await;
        dev.sees_once("fine").await;
        ann.to("bot").sees_no("can't be posted").await;
        assert_eq!(chat.disk().store().set_aside(9).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_deleted_silences_its_channel_for_minutes_only() {
    play(8, skills(), async |chat| {
        let ann = chat.person("ann").await;
        let dev = ann.in_channel("dev");
        let none = Fault::Page(405);
        chat.faults()
            .next(usize::MAX, "DELETE", "/api/v4/posts/", none);
        dev.slash("/board one").await;
        dev.sees("one").await;
        dev.slash("/board two").await;
        dev.sees("two").await;
        ann.slash("/relay ~dev after it").await;
        others_for(13, &ann, &chat).await;
        dev.sees_once("after it").await;
        assert_eq!(chat.disk().store().set_aside(9).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_nothing_leaves_is_refused_alone() {
    let setup = Setup::from(skills())
        .setting("MATTERACTOR__LIMITS__PLACE_QUEUE", "4")
        .setting("MATTERACTOR__LIMITS__TOTAL_QUEUE", "8");
    play(6, setup, async |chat| {
        let ann = chat.person("ann").await;
        let dev = ann.in_channel("dev");
        chat.faults().filter(BAD, Fault::Page(403));
        dev.slash(&format!("/shout {BAD}")).await;
        chat.after(Duration::from_secs(60)).await;
        let refused = dev.slash("/shout more").await.to_string();
        assert!(refused.contains("too much to do right now"), "{refused}");
        ann.slash("/relay ~off-topic other").await;
        ann.in_channel("off-topic").sees("other").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_no_text_can_have_is_left_out() {
    play(7, skills(), async |chat| {
        let ann = chat.person("ann").await;
        let dev = ann.in_channel("dev");
        ann.slash("/relay ~dev wo\0rd").await;
        dev.sees("word").await;
        dev.slash("/board car\0d").await;
        dev.sees("card").await;
        dev.slash("/edit bo\0ard").await;
        dev.sees_once("board").await;
        // The bot doesn't take its own card for one that somebody has changed.
        chat.after(Duration::from_secs(60)).await;
        let lines = chat.trace().lines();
        let puts = lines.iter().filter(|line| line.contains("bot PUT "));
        assert_eq!(puts.count(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_card_that_is_never_taken_is_told_directly_and_no_problem_any_more() {
    play(9, skills(), async |chat| {
        let ann = chat.person("ann").await;
        chat.faults().filter(BAD, Fault::Page(403));
        ann.in_channel("dev").slash(&format!("/board {BAD}")).await;
        others_for(13, &ann, &chat).await;
        let direct = ann.to("bot");
        direct.sees("can't be posted: other posts were").await;
        let problems = chat.problems().await.join("; ");
        assert!(
            problems.contains("was set aside") && !problems.contains("card doesn't show"),
            "{problems}"
        );
    })
    .await;
}
