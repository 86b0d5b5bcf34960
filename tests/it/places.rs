//! The bot loses a channel, or a person can't be written to: nothing is lost, and who should know does.

use matteractor::internals::Store;
use std::rc::Rc;
use std::time::Duration;

use matteractor::sandbox::User;
use matteractor::simulation::{Chat, play};
use matteractor::skill::{Address, AnySkill, Context, Never, Skill, Slash, State, Turn};

use matteractor::testing::Fault;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::chat::builtin;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Says in another channel, or to a person, what it is told, as the place where it was said can't.
#[derive(Serialize, Deserialize)]
struct Relay;

impl State for Relay {
    const NAME: &'static str = "relay";
    type Button = Never;
    type Signal = String;
}

pub fn relay() -> AnySkill {
    Skill::<Relay>::plain()
        .starting(|| Relay)
        .slash("relay", "~CHANNEL WORDS", relayed)
        .signal(|mut cx: Context<Relay>, words: String| async move {
            cx.say(words);
            cx.keep()
        })
        .into()
}

async fn relayed(mut cx: Context<()>, cmd: Slash) -> Turn<Relay> {
    for channel in cmd.channels.values() {
        cx.tell(&Address::<Relay>::channel(channel), cmd.text.clone())?;
    }
    for person in cmd.people.values() {
        cx.say_to(person, cmd.text.clone());
    }
    cx.done()
}

/// All three questions, by everybody but the starter.
async fn answers(chat: &Chat, person: &User) {
    let direct = person.to("bot");
    for n in 1..=3 {
        direct.sees(&format!("({n}/3)")).await;
        // What is said in the same instant isn't an answer yet.
        chat.after(Duration::from_secs(1)).await;
        direct.says("nothing").await;
    }
    direct.sees("Thank you!").await;
}

/// A standup in ~dev that ann began, which nobody has answered.
async fn standup(chat: &Rc<Chat>) -> (User, User) {
    let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
    ann.in_channel("dev").slash("/standup").await;
    ann.in_channel("dev").sees("0 of 4 answered").await;
    (ann.in_channel("dev"), ben.in_channel("dev"))
}

async fn everybody_answers(chat: &Rc<Chat>) {
    for name in ["admin", "ann", "ben", "cleo"] {
        answers(chat, &chat.person(name).await).await;
    }
}

const LOST: &str = "The sum-up of the standup in **Dev** can't be posted, because I'm not in the channel any \
    more. Invite me there with `/invite @bot`, and it will be posted.";

#[tokio::test(start_paused = true)]
async fn the_sum_up_comes_once_the_bot_is_invited_again_and_nobody_was_told_a_lie() {
    play(1, builtin(), async |chat| {
        let (ann, ben) = standup(&chat).await;
        chat.bot_is_in("dev", false).await.unwrap();
        everybody_answers(&chat).await;
        ben.to("bot").sees("just now I can't post in it").await;
        chat.after(MINUTE).await;
        ann.sees_no("Standup of").await;
        chat.bot_is_in("dev", true).await.unwrap();
        ann.sees("Standup of").await;
        ann.sees("4 of 4 answered. It is over.").await;
        chat.after(15 * MINUTE).await;
        ann.sees_once("Standup of").await;
        ann.to("bot").sees_no("can't be posted").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_sum_up_comes_once_an_archived_channel_is_restored() {
    play(2, builtin(), async |chat| {
        let (ann, _) = standup(&chat).await;
        chat.is_archived("dev", true).await.unwrap();
        everybody_answers(&chat).await;
        chat.after(11 * MINUTE).await;
        let told = ann.to("bot").sees("can't be posted").await.text();
        assert!(
            told.contains("because the channel is archived. Have it restored"),
            "{told}"
        );
        chat.is_archived("dev", false).await.unwrap();
        ann.sees("Standup of").await;
        ann.sees_once("Standup of").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_began_the_standup_is_told_after_ten_minutes_once_over_restarts() {
    play(3, builtin(), async |chat| {
        let (ann, ben) = standup(&chat).await;
        chat.bot_is_in("dev", false).await.unwrap();
        everybody_answers(&chat).await;
        chat.after(9 * MINUTE).await;
        ann.to("bot").sees_no("can't be posted").await;
        chat.kill_bot().await;
        chat.start_bot().await;
        chat.after(2 * MINUTE).await;
        ann.to("bot").sees(LOST).await;
        for kill in [true, false, true] {
            match kill {
                true => chat.kill_bot().await,
                false => chat.stop_bot().await,
            }
            chat.start_bot().await;
            chat.after(12 * MINUTE).await;
        }
        ann.to("bot").sees_once("can't be posted").await;
        ben.to("bot").sees_no("can't be posted").await;
        // It is invited while it is away.
        chat.stop_bot().await;
        chat.bot_is_in("dev", true).await.unwrap();
        chat.start_bot().await;
        ann.sees("Standup of").await;
        ann.sees_once("Standup of").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_waits_keeps_its_order_and_holds_up_nothing_else() {
    play(4, vec![relay()], async |chat| {
        let ann = chat.person("ann").await;
        chat.bot_is_in("dev", false).await.unwrap();
        for n in 1..=3 {
            ann.slash(&format!("/relay ~dev word {n}")).await;
        }
        chat.after(MINUTE).await;
        ann.slash("/relay ~off-topic other").await;
        ann.in_channel("off-topic").sees("other").await;
        chat.kill_bot().await;
        chat.start_bot().await;
        ann.slash("/relay ~dev word 4").await;
        chat.after(20 * MINUTE).await;
        let told = ann.to("bot").sees("can't be posted").await.text();
        assert!(told.contains("4 posts of mine in ~dev"), "{told}");
        ann.to("bot").sees_once("can't be posted").await;
        chat.bot_is_in("dev", true).await.unwrap();
        let dev = ann.in_channel("dev");
        dev.sees("word 4").await;
        let said: Vec<_> = dev.looks().await.iter().map(|one| one.text()).collect();
        let words: Vec<_> = said.iter().filter(|text| text.contains("word")).collect();
        let expected: Vec<_> = (1..=4).map(|n| format!("~dev word {n}")).collect();
        assert_eq!(words, expected.iter().collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_return_that_nobody_was_told_of_is_found_out() {
    play(5, vec![relay()], async |chat| {
        let ann = chat.person("ann").await;
        chat.bot_is_in("dev", false).await.unwrap();
        ann.slash("/relay ~dev word").await;
        chat.after(MINUTE).await;
        chat.faults().lose_event("user_added");
        chat.bot_is_in("dev", true).await.unwrap();
        chat.after(6 * MINUTE).await;
        ann.in_channel("dev").sees("word").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_lasts_a_moment_loses_nothing() {
    play(6, vec![relay()], async |chat| {
        let ann = chat.person("ann").await;
        for (n, status) in [403, 404].into_iter().enumerate() {
            chat.faults().next_posts(4, Fault::Refuse(status));
            ann.slash(&format!("/relay ~dev word {n}")).await;
            ann.in_channel("dev").sees(&format!("word {n}")).await;
        }
        assert!(chat.disk().store().set_aside(9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_poll_that_is_to_be_deleted_goes_once_the_bot_is_invited_again() {
    play(9, builtin(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        for archived in [false, true] {
            ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup""#).await;
            ann.sees("Lunch today?").await;
            ann.click("Delete").await;
            let form = ann.dialog().await;
            match archived {
                true => chat.is_archived("dev", true).await.unwrap(),
                false => chat.bot_is_in("dev", false).await.unwrap(),
            }
            form.submit().await.closed();
            chat.after(11 * MINUTE).await;
            let told = ann.to("bot").sees("can't be deleted").await.text();
            assert!(told.starts_with("A post of mine in "), "{told}");
            assert_eq!(chat.disk().store().set_aside(9).await.unwrap(), []);
            match archived {
                true => chat.is_archived("dev", false).await.unwrap(),
                false => chat.bot_is_in("dev", true).await.unwrap(),
            }
            chat.after(MINUTE).await;
            ann.sees_no("Lunch today?").await;
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_lasts_a_moment_keeps_no_post_from_being_deleted_and_no_card_from_being_shown()
 {
    play(10, builtin(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        for status in [403, 404] {
            ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup" --until 2h"#)
                .await;
            ann.sees("Lunch today?").await;
            chat.faults()
                .next(3, "PUT", "/api/v4/posts/", Fault::Refuse(status));
            chat.after(121 * MINUTE).await;
            ann.sees("closed at").await;
            ann.click("Delete").await;
            let form = ann.dialog().await;
            chat.faults()
                .next(3, "DELETE", "/api/v4/posts/", Fault::Refuse(403));
            form.submit().await.closed();
            chat.after(MINUTE).await;
            ann.sees_no("Lunch today?").await;
        }
        assert_eq!(chat.disk().store().set_aside(9).await.unwrap(), []);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn why_a_card_is_not_shown_is_a_problem_in_mattermosts_words() {
    play(14, builtin(), async |chat| {
        let ann = chat.person("ann").await.in_channel("dev");
        ann.slash(r#"/poll "Lunch today?" "Pizza" "Soup" --until 1h"#)
            .await;
        ann.sees("Lunch today?").await;
        chat.faults()
            .next(99, "PUT", "/api/v4/posts/", Fault::Refuse(400));
        chat.after(63 * MINUTE).await;
        let said = chat.problems().await.join("; ");
        assert!(
            said.contains("1 card doesn't show") && said.contains("refused with 400"),
            "{said}"
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_that_stays_where_the_bot_is_a_member_is_told() {
    play(7, vec![relay()], async |chat| {
        let ann = chat.person("ann").await;
        chat.faults().next_posts(22, Fault::Refuse(403));
        ann.slash("/relay ~dev word").await;
        chat.after(MINUTE).await;
        ann.to("bot").sees("couldn't post in a channel").await;
        assert_eq!(chat.disk().store().set_aside(9).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_was_deleted_for_good_is_given_up_and_told() {
    play(8, vec![relay()], async |chat| {
        let ann = chat.person("ann").await;
        let path = format!("/channels/{}?permanent=true", chat.channel("dev").unwrap());
        chat.faults().next_posts(1_000, Fault::Cut);
        ann.slash("/relay ~dev word").await;
        let admin = chat.person("admin").await;
        let deleted = admin.asks("DELETE", &path, Value::Null).await;
        assert_eq!(deleted.status, 200);
        chat.faults().clear();
        chat.after(15 * MINUTE).await;
        let told = ann.to("bot").sees("can't be posted").await.text();
        assert!(told.contains("because the channel was deleted."), "{told}");
        ann.to("bot").sees_once("can't be posted").await;
        assert_eq!(chat.disk().store().set_aside(9).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_thirty_days_is_not_waited_for_any_more() {
    play(9, vec![relay()], async |chat| {
        let ann = chat.person("ann").await;
        chat.bot_is_in("dev", false).await.unwrap();
        ann.slash("/relay ~dev word").await;
        chat.after(11 * MINUTE).await;
        // Days without the bot cost nothing.
        for (days, unsent, aside) in [(29, 1, 0), (1, 0, 1)] {
            chat.stop_bot().await;
            chat.after(days * DAY).await;
            chat.start_bot().await;
            chat.after(MINUTE).await;
            let store = chat.disk().store();
            assert_eq!(store.unsent(None, 9).await.unwrap().len(), unsent);
            assert_eq!(store.set_aside(9).await.unwrap().len(), aside);
        }
        ann.to("bot").sees_once("can't be posted").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_opens_the_direct_channel_at_the_same_moment_is_asked() {
    play(10, builtin(), async |chat| {
        chat.world(|world| world.faults.membership_lag = 70);
        let (ann, ben) = standup(&chat).await;
        ann.to("bot").sees("(1/3)").await;
        ben.to("bot").sees("(1/3)").await;
        ben.to("bot").sees_once("(1/3)").await;
        assert!(chat.disk().store().set_aside(9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_written_to_is_not_absent_and_the_starter_reads_who() {
    play(11, builtin(), async |chat| {
        let cleo = chat.person("cleo").await;
        chat.world(|world| world.faults.shut_out(cleo.id(), true));
        let (ann, ben) = standup(&chat).await;
        ann.within(MINUTE).sees("I couldn't ask: cleo").await;
        ann.within(MINUTE)
            .to("bot")
            .sees("For the standup of **Dev** I couldn't ask: cleo.")
            .await;
        for person in [&ann, &ben, &chat.person("admin").await] {
            answers(&chat, person).await;
        }
        let sum_up = ann.sees("Standup of").await.text();
        assert!(
            sum_up.contains("I couldn't ask: cleo") && !sum_up.contains("Absent"),
            "{sum_up}"
        );
        chat.after(MINUTE).await;
        ann.to("bot").sees_once("I couldn't ask: cleo").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_writes_to_somebody_who_cannot_be_written_to_reads_that_the_bot_could_not() {
    play(13, vec![relay()], async |chat| {
        let cleo = chat.person("cleo").await;
        chat.world(|world| world.faults.shut_out(cleo.id(), true));
        let ann = chat.person("ann").await.in_channel("dev");
        ann.slash("/relay @cleo word").await;
        chat.after(MINUTE).await;
        ann.sees("@bot couldn't write to @cleo directly").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_cannot_be_told_where_they_typed_is_told_directly_what_could_not_be_said() {
    play(15, vec![relay()], async |chat| {
        let cleo = chat.person("cleo").await;
        chat.world(|world| world.faults.shut_out(cleo.id(), true));
        let gone = Fault::Refuse(404);
        chat.faults().next(99, "POST", "/hooks/commands/", gone);
        let ann = chat.person("ann").await;
        ann.in_channel("dev").slash("/relay @cleo word").await;
        chat.after(MINUTE).await;
        let direct = ann.to("bot");
        direct.sees("@bot couldn't write to @cleo directly").await;
        direct.sees_once("couldn't write to @cleo").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_is_out_of_use_is_not_asked() {
    play(12, builtin(), async |chat| {
        chat.is_active("cleo", false).await.unwrap();
        let ann = chat.person("ann").await.in_channel("dev");
        ann.slash("/standup").await;
        ann.sees("0 of 3 answered").await;
        chat.after(MINUTE).await;
        chat.is_active("cleo", true).await.unwrap();
        let cleo = chat.person("cleo").await;
        cleo.to("bot").sees_no("(1/3)").await;
    })
    .await;
}

/// Says something every quarter of an hour.
#[derive(Serialize, Deserialize)]
struct Clockwork;

impl State for Clockwork {
    const NAME: &'static str = "clockwork";
    type Button = Never;
    type Signal = ();
}

async fn winds(mut cx: Context<Clockwork>, _: Slash) -> Turn<Clockwork> {
    cx.after("tick", 15 * MINUTE, ())?;
    cx.keep()
}

async fn ticks(mut cx: Context<Clockwork>, (): ()) -> Turn<Clockwork> {
    cx.say("tick");
    cx.after("tick", 15 * MINUTE, ())?;
    cx.keep()
}

#[tokio::test(start_paused = true)]
async fn whose_timer_goes_on_in_a_lost_channel_is_told_once_a_day() {
    let clockwork = Skill::plain()
        .starting(|| Clockwork)
        .slash_here("wind", "", winds)
        .signal(ticks);
    play(12, vec![AnySkill::from(clockwork)], async |chat| {
        let ann = chat.person("ann").await;
        ann.in_channel("dev").slash("/wind").await;
        chat.bot_is_in("dev", false).await.unwrap();
        chat.after(6 * 60 * MINUTE).await;
        ann.to("bot").sees_once("can't be posted").await;
        chat.after(DAY).await;
        ann.to("bot").sees_times("can't be posted", 2).await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_bot_that_was_renamed_is_called_by_its_new_name() {
    play(13, builtin(), async |chat| {
        let (ann, _) = standup(&chat).await;
        chat.bot_is_in("dev", false).await.unwrap();
        everybody_answers(&chat).await;
        chat.renames_bot("robot").await.unwrap();
        chat.after(2 * MINUTE).await;
        ann.tries_slash("/standup", "").await;
        ann.sees("Type `/invite @robot`").await;
        chat.after(11 * MINUTE).await;
        ann.to("robot")
            .sees("Invite me there with `/invite @robot`")
            .await;
    })
    .await;
}
