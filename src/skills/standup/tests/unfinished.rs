//! Answers that are not all, or no more.

use super::*;

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
    let ann = "**ann** (not finished)\n\nDone?\n> Slides\n\nNext?\n> Rest";
    assert!(sum_up.contains(ann), "{sum_up}");
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
