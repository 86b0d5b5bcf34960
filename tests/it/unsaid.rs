//! What nothing came of after all, though it was said to be worked on: its person reads so.

use std::rc::Rc;
use std::time::Duration;

use matteractor::simulation::{Chat, play};
use matteractor::testing::Fault;

use crate::chat::builtin;

const POLL: &str = r#"/poll "Lunch?" "Pizza" "Sushi""#;
const UNSAVED: &str = "Nothing can be saved right now, so most likely nothing was done.";

/// Commits wait for so long that what comes behind them is late, and then the store is away for a minute.
async fn fails(chat: &Chat) {
    chat.after(Duration::from_secs(4)).await;
    chat.disk_faults().down(true);
    chat.disk_faults().release();
    chat.after(Duration::from_secs(60)).await;
    chat.disk_faults().down(false);
}

#[tokio::test(start_paused = true)]
async fn a_command_that_was_worked_on_and_could_not_be_saved_is_told() {
    play(1, builtin(), async |chat: Rc<Chat>| {
        let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
        let (ann, ben) = (ann.in_channel("dev"), ben.in_channel("dev"));
        chat.disk_faults().hold();
        let late = async {
            chat.after(Duration::from_millis(10)).await;
            ben.tries_slash(POLL, "").await
        };
        let (_, late, ()) = tokio::join!(ann.tries_slash(POLL, ""), late, fails(&chat));
        let said = late.body["text"].as_str().unwrap();
        assert!(said.contains("working on it"), "{said}");
        let told = ben.sees(UNSAVED).await.text();
        assert!(told.contains(POLL), "the command is repeated: {told}");
        ann.sees(UNSAVED).await;
        ann.sees_no("0 votes").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_click_that_could_not_be_saved_in_the_end_is_told() {
    play(2, builtin(), async |chat: Rc<Chat>| {
        let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
        let (ann, ben) = (ann.in_channel("dev"), ben.in_channel("dev"));
        ann.slash(POLL).await;
        ben.sees("0 votes").await;
        chat.disk_faults().hold();
        let late = async {
            chat.after(Duration::from_millis(10)).await;
            ben.tries_click("Sushi").await
        };
        let (_, late, ()) = tokio::join!(ann.tries_click("Pizza"), late, fails(&chat));
        assert_eq!(late.status, 200);
        assert!(ben.message_box().await.contains(UNSAVED));
        assert!(ann.message_box().await.contains(UNSAVED));
        ann.click("Pizza").await;
        ben.sees("1 vote").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_may_have_been_seen_is_not_said_directly_too() {
    play(3, builtin(), async |chat: Rc<Chat>| {
        let (ann, ben) = (chat.person("ann").await, chat.person("ben").await);
        let (ann, ben) = (ann.in_channel("dev"), ben.in_channel("dev"));
        chat.faults()
            .next(2, "POST", "/hooks/commands", Fault::CutAfter);
        chat.disk_faults().hold();
        let late = async {
            chat.after(Duration::from_millis(10)).await;
            ben.tries_slash(POLL, "").await
        };
        tokio::join!(ann.tries_slash(POLL, ""), late, fails(&chat));
        ben.sees(UNSAVED).await;
        chat.after(Duration::from_secs(120)).await;
        ben.to("bot").sees_no(UNSAVED).await;
    })
    .await;
}
