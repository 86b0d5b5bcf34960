//! What can't be done, or not now: people are told, and nothing is forgotten, whatever happens meanwhile.

use std::rc::Rc;
use std::time::Duration;

use anyhow::anyhow;
use matteractor::simulation::{self, Chat};
use matteractor::skill::{AnySkill, Card, Context, Failure, Never, Skill, Slash, State, Turn};
use matteractor::testing::{Fault, Setup};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use super::errands::all_skills;
use super::{minutes, paused};

fn play(own: Vec<AnySkill>, work: impl AsyncFnOnce(Rc<Chat>)) {
    play_in(setup(own), work);
}

fn play_in(setup: Setup, work: impl AsyncFnOnce(Rc<Chat>)) {
    paused(simulation::play(1, setup, work));
}

fn setup(own: Vec<AnySkill>) -> Setup {
    Setup::of(all_skills().into_iter().chain(own).collect())
}

async fn letters(chat: &Chat, text: &str) -> usize {
    let letters = chat.letters("ann").await.unwrap();
    letters
        .iter()
        .filter(|post| post.text.contains(text))
        .count()
}

#[test]
fn who_spoke_reads_that_an_answer_can_never_leave_though_that_fails_too_at_first() {
    play(vec![], async |chat| {
        chat.faults().next_posts(1, Fault::Refuse(413));
        chat.faults().next_posts(3, Fault::Fail);
        chat.says("ann", "dev", "count one").await.unwrap();
        sleep(Duration::from_millis(300)).await;
        chat.kill_bot().await;
        chat.start_bot().await;
        minutes(2).await;
        assert_eq!(letters(&chat, "say the id").await, 1);
    });
}

/// A timer whose turn never goes well.
#[derive(Serialize, Deserialize)]
struct Bomb;

#[derive(Serialize, Deserialize)]
struct Due;

impl State for Bomb {
    const NAME: &'static str = "bomb";
    type Button = Never;
    type Signal = Due;
}

async fn light(cx: Context<()>, _: Slash) -> Turn<Bomb> {
    let mut cx = cx.with(Bomb);
    cx.after("fuse", Duration::from_secs(60), Due)?;
    cx.whisper("lit");
    cx.keep()
}

async fn due(_: Context<Bomb>, _: Due) -> Turn<Bomb> {
    Err(Failure::Broken(anyhow!("it is wet")))
}

#[test]
fn whose_timer_never_goes_well_reads_so_once() {
    let bomb = Skill::plain().slash("bomb", "", light).signal(due);
    play(vec![bomb.into()], async |chat| {
        chat.slash("ann", "dev", "/bomb").await.unwrap();
        minutes(2).await;
        assert_eq!(letters(&chat, "went wrong").await, 0, "it is tried again");
        minutes(20).await;
        assert_eq!(letters(&chat, "went wrong").await, 1);
    });
}

#[test]
fn who_waits_for_a_form_that_does_not_open_reads_so_in_time() {
    play(vec![], async |chat| {
        let opens = "/api/v4/actions/dialogs/open";
        chat.faults().next(1, "POST", opens, Fault::Slow(40_000));
        let begun = Instant::now();
        let answered = chat.slash("ann", "dev", "/form word").await.unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5));
        let told = answered.told().unwrap();
        assert!(told.contains("could not be opened"), "{told}");
    });
}

#[test]
fn what_somebody_changes_about_a_card_while_the_store_is_away_is_put_right() {
    play(vec![], async |chat| {
        chat.slash("ann", "dev", "/counter one").await.unwrap();
        let admin = chat.person("admin").await.in_channel("dev");
        let card = admin.sees("one").await;
        minutes(2).await;
        let title = chat.looks("ann", "dev").await.unwrap()[0].text.clone();
        // A card that needs nothing isn't in memory.
        chat.stop_bot().await;
        chat.start_bot().await;
        minutes(1).await;
        chat.disk_faults().down(true);
        admin.edits(&card, "nonsense").await;
        sleep(Duration::from_secs(5)).await;
        chat.disk_faults().down(false);
        minutes(1).await;
        assert_eq!(chat.looks("ann", "dev").await.unwrap()[0].text, title);
    });
}

#[test]
fn an_answer_that_is_held_back_when_the_program_stops_is_heard_after_it() {
    play(vec![], async |chat| {
        chat.faults().lose_event("posted");
        chat.faults().next_posts(1, Fault::Slow(20_000));
        chat.slash("ann", "dev", "/quiz it").await.unwrap();
        sleep(Duration::from_secs(1)).await;
        chat.says("ann", "dev", "four").await.unwrap();
        sleep(Duration::from_secs(1)).await;
        chat.stop_bot().await;
        chat.start_bot().await;
        minutes(1).await;
        let posts = chat.looks("ann", "dev").await.unwrap();
        let heard = posts.iter().filter(|post| post.text == "heard four of it");
        assert_eq!(heard.count(), 1);
    });
}

/// A card that only commands change, and whose second version is long.
#[derive(Default, Serialize, Deserialize)]
struct Board(usize);

impl State for Board {
    const NAME: &'static str = "board";
    type Button = Never;
    type Signal = Never;
}

async fn step(mut cx: Context<Board>, _: Slash) -> Turn<Board> {
    cx.state.0 += 1;
    cx.keep()
}

fn board(board: &Board) -> Card<Never> {
    match board.0 {
        2 => Card::new("x".repeat(20_000)),
        n => Card::new(format!("board {n}")),
    }
}

#[test]
fn a_card_that_gets_too_long_is_shown_again_once_it_is_shorter() {
    let skill = Skill::card(board).starting(Board::default);
    let skill = skill.slash_here("step", "", step);
    let setup = setup(vec![skill.into()]).max_post_size(30_000);
    play_in(setup, async |chat| {
        // The bot doesn't know yet.
        chat.world(|world| world.set_max_post_size(16_383));
        let shows = async || chat.looks("ann", "dev").await.unwrap()[0].text.clone();
        for (step, shown) in [(1, "board 1"), (2, "board 1"), (3, "board 3")] {
            chat.slash("ann", "dev", "/step").await.unwrap();
            sleep(Duration::from_secs(2)).await;
            assert_eq!(shows().await, shown, "step {step}");
            // By then a refusal is no race any more.
            minutes(1).await;
        }
        assert!(chat.problems().await.is_empty());
    });
}
