//! Answers that are not all, or no more.

use super::*;
use crate::skills::standup::interview::Interview;

#[tokio::test]
async fn what_was_answered_is_in_the_sum_up_also_where_it_ends_before_the_last_answer() {
    let mut stage = begun().await;
    stage.tells("ben", "Tets").await;
    stage.edits("ben", "Tets", "Tests").await;
    stage.tells("ann", "Slides").await;
    stage.tells("ann", "Rest").await;
    stage.tells("ann", "back").await;
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.contains("**ben** (not finished)\n\nDone?\n> Tests"),
        "{sum_up}"
    );
    let ann = "**ann** (not finished)\n\nDone?\n> Slides";
    assert!(
        sum_up.contains(ann) && !sum_up.contains("Rest"),
        "what `back` took back isn't there: {sum_up}"
    );
    assert!(!sum_up.contains("Absent"), "{sum_up}");
    assert!(
        stage.card().contains("Not finished: ann, ben"),
        "{}",
        stage.card()
    );
    assert!(last(&stage, "ben").contains("is in its sum-up"));
}

#[tokio::test]
async fn an_answer_that_was_deleted_is_taken_back() {
    let mut stage = begun().await;
    stage.tells("ben", "Secret").await;
    stage.tells("ben", "Code").await;
    stage.deletes("ben", "Secret").await;
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.contains("Done?\n> (taken back)\n\nNext?\n> Code"),
        "{sum_up}"
    );
}

#[tokio::test]
async fn help_after_the_last_answer_is_the_standups() {
    let mut stage = begun().await;
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "Code").await;
    stage.tells("ben", "Help.").await;
    assert!(
        last(&stage, "ben").contains("Say `back`"),
        "{}",
        last(&stage, "ben")
    );
}

#[tokio::test]
async fn who_looks_for_a_standup_that_runs_gets_its_card() {
    let mut stage = begun().await;
    stage.slash("ben", "/standup").await;
    assert!(stage.whisper("ben").contains("here is its card"));
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "Code").await;
    assert!(stage.card().contains("Answered: ben"), "{}", stage.card());
}

#[tokio::test]
async fn a_post_that_was_too_long_answers_once_it_is_shortened() {
    let mut stage = begun().await;
    let long = "x".repeat(2_001);
    stage.tells("ben", &long).await;
    stage.edits("ben", &long, "Tests").await;
    assert!(last(&stage, "ben").ends_with("(2/2) Next?"));
    stage.tells("ben", "back").await;
    stage.edits("ben", "Tests", "Better tests").await;
    assert!(last(&stage, "ben").ends_with("(2/2) Next?"));
    stage.tells("ben", "Code").await;
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.contains("Done?\n> Better tests\n\nNext?\n> Code"),
        "{sum_up}"
    );
}

#[tokio::test]
async fn who_is_deactivated_after_a_first_answer_is_named_once() {
    let mut stage = begun().await;
    stage.tells("ben", "Tests").await;
    stage.member("ben", |member| member.active = false);
    for answer in ["Slides", "Rest"] {
        stage.tells("ann", answer).await;
    }
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.ends_with("**ben** (not finished)\n\nDone?\n> Tests"),
        "{sum_up}"
    );
    let card = stage.card();
    assert!(card.contains("1 of 2 answered. It is over."), "{card}");
    assert!(
        card.contains("Not finished: ben\n") && !card.contains("Deactivated"),
        "{card}"
    );
}

#[tokio::test]
async fn an_admin_ends_the_standup_of_somebody_else() {
    let mut stage = begun().await;
    stage.admin("ben");
    stage.click("ben", "End now").await;
    assert_eq!(stage.posts().len(), 1);
}

#[tokio::test]
async fn a_running_standup_is_not_shown_where_the_bot_is_not() {
    let mut stage = begun().await;
    stage.bot_leaves();
    stage.slash("ben", "/standup").await;
    let told = stage.whisper("ben");
    assert!(
        told.starts_with("A standup is running here, but @bot isn't in this channel"),
        "{told}"
    );
}

#[tokio::test]
async fn an_answer_that_is_corrected_to_a_word_is_that_word() {
    let mut stage = begun().await;
    stage.tells("ben", "bakc").await;
    stage.edits("ben", "bakc", "back").await;
    assert_eq!(last(&stage, "ben"), "(1/2) Done?");
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "cancle").await;
    stage.edits("ben", "cancle", "Cancel").await;
    assert_eq!(
        last(&stage, "ben"),
        "All right: **dev** hears that you can't make it. Say `back` if you can after all."
    );
    stage.tells("ann", "Stop!").await;
    assert_eq!(
        stage.posts(),
        ["**Standup of dev**\n\nNobody has answered.\n\nAbsent: ann, ben"]
    );
}

#[tokio::test]
async fn nobody_waits_for_who_has_left_the_channel() {
    let mut stage = begun().await;
    stage.leaves("ben");
    for answer in ["Slides", "Rest"] {
        stage.tells("ann", answer).await;
    }
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.ends_with("> Rest\n\nLeft the channel: ben"),
        "{sum_up}"
    );
    assert!(
        stage.card().contains("1 of 2 answered. It is over."),
        "{}",
        stage.card()
    );
}

#[tokio::test]
async fn what_an_interview_is_asked_in_marks_or_other_words_is_understood() {
    let mut stage = begun().await;
    stage.tells("ben", "?").await;
    assert!(last(&stage, "ben").starts_with("**dev** holds a standup: what you write"));
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "Go back!").await;
    assert_eq!(last(&stage, "ben"), "(1/2) Done?");
    stage.tells("ben", "Stop the leak").await;
    assert_eq!(last(&stage, "ben"), "(2/2) Next?");
}

#[tokio::test]
async fn who_has_cancelled_may_take_that_back_while_the_standup_runs() {
    let mut stage = begun().await;
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "cancel").await;
    stage.tells("ben", "Code").await;
    assert_eq!(
        stage.whisper("ben"),
        "**dev** hears that you can't make it, so that this is no answer. Say `back` if you can after all."
    );
    stage.tells("ben", "Back!").await;
    assert_eq!(last(&stage, "ben"), "(2/2) Next?");
    assert!(
        stage.card().contains("Missing: ann, ben"),
        "{}",
        stage.card()
    );
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.contains("**ben** (not finished)\n\nDone?\n> Tests\n\nNo answer: ann"),
        "{sum_up}"
    );
}

#[tokio::test]
async fn a_cancel_that_is_edited_into_an_answer_is_that_answer() {
    let mut stage = begun().await;
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "cancle").await;
    stage.edits("ben", "cancle", "cancel").await;
    stage.edits("ben", "cancel", "Code").await;
    assert_eq!(last(&stage, "ben"), "Thank you! **dev** will read it.");
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.contains("Done?\n> Tests\n\nNext?\n> Code"),
        "{sum_up}"
    );
}

#[tokio::test]
async fn who_has_cancelled_is_told_of_the_end_once_they_write() {
    let mut stage = begun().await;
    stage.tells("ben", "cancel").await;
    stage.click("ann", "End now").await;
    stage.tells("ben", "Tests").await;
    assert!(last(&stage, "ben").contains("this isn't in its sum-up"));
    stage.after(Duration::from_secs(3600)).await;
    assert_eq!(stage.states::<Interview>(), 0);
}

#[tokio::test]
async fn an_answer_that_nobody_sees_is_none() {
    let mut stage = begun().await;
    for unseen in ["\u{200b}", " \u{3164} "] {
        stage.tells("ben", unseen).await;
        assert_eq!(
            last(&stage, "ben"),
            "Please answer in words.\n\n(1/2) Done?"
        );
    }
}

#[tokio::test]
async fn in_a_conversation_without_the_bot_nobody_is_asked_to_invite_it() {
    let mut stage = stage();
    stage.conversation("ann and ben");
    stage.scene("ann and ben");
    stage.bot_leaves();
    stage.slash("ann", "/standup").await;
    let told = stage.whisper("ann");
    assert!(told.contains("in a channel that it is in") && !told.contains("/invite"));
}

#[tokio::test]
async fn an_answer_that_has_become_a_word_is_not_summed_up() {
    let mut stage = stage().people(&["ann", "ben", "cleo"]);
    stage.slash("ann", "/standup").await;
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "Code").await;
    stage.edits("ben", "Tests", "go back").await;
    stage.tells("cleo", "Withdrawn").await;
    stage.tells("cleo", "back").await;
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.contains("**ben**\n\nDone?\n> (taken back)\n\nNext?\n> Code"),
        "{sum_up}"
    );
    assert!(
        sum_up.ends_with("No answer: ann, cleo") && !sum_up.contains("Withdrawn"),
        "{sum_up}"
    );
}

#[tokio::test]
async fn who_comes_back_while_the_standup_runs_is_heard() {
    let mut stage = stage().people(&["ann", "ben", "cleo"]);
    stage.slash("ann", "/standup").await;
    stage.tells("ben", "Tests").await;
    stage.member("ben", |member| member.active = false);
    stage.leaves("cleo");
    for answer in ["Slides", "back", "Slides"] {
        stage.tells("ann", answer).await;
    }
    assert_eq!(stage.posts_to("cleo").len(), 1, "nothing is over");
    stage.tells("cleo", "Docs").await;
    stage.member("ben", |member| member.active = true);
    stage.tells("ben", "Code").await;
    stage.tells("cleo", "Rest").await;
    stage.tells("ann", "Rest").await;
    let sum_up = stage.posts().remove(0);
    for part in [
        "Done?\n> Tests\n\nNext?\n> Code",
        "Done?\n> Docs\n\nNext?\n> Rest",
    ] {
        assert!(sum_up.contains(part), "{sum_up}");
    }
    assert!(
        !sum_up.contains("Left") && !sum_up.contains("Deactivated"),
        "{sum_up}"
    );
}
