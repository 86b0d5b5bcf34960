use super::*;

fn deactivates(stage: &mut Stage, name: &str) {
    stage.member(name, |member| member.active = false);
}

#[tokio::test]
async fn who_is_deactivated_meanwhile_is_neither_waited_for_nor_absent() {
    let mut stage = begun().await;
    deactivates(&mut stage, "ben");
    let said = stage.posts_to("ben");
    for answer in ["Slides", "Rest"] {
        stage.tells("ann", answer).await;
    }
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.ends_with("> Rest\n\nDeactivated: ben") && !sum_up.contains("Absent"),
        "{sum_up}"
    );
    assert!(
        stage.card().contains("1 of 2 answered. It is over."),
        "{}",
        stage.card()
    );
    assert_eq!(stage.posts_to("ben"), said, "nothing more is said to them");
    stage.member("ben", |member| member.active = true);
    stage.tells("ben", "Tests").await;
    assert!(last(&stage, "ben").contains("this isn't in its sum-up"));
    stage.tells("ben", "Tests").await;
    assert_eq!(stage.posts_to("ben").len(), said.len() + 1);
}

#[tokio::test]
async fn who_is_deactivated_is_not_absent_when_the_time_is_up() {
    let mut stage = begun().await;
    deactivates(&mut stage, "ben");
    stage.after(Duration::from_secs(30 * 60)).await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.ends_with("Nobody has answered.\n\nNo answer: ann\n\nDeactivated: ben"),
        "{sum_up}"
    );
}

#[tokio::test]
async fn another_standup_that_waits_asks_nobody_who_was_deactivated() {
    let mut stage = begun().await;
    stage.scene("ops");
    stage.slash("ann", "/standup").await;
    let said = stage.posts_to("ben");
    deactivates(&mut stage, "ben");
    stage.scene("dev");
    stage.click("ann", "End now").await;
    assert_eq!(stage.posts_to("ben"), said);
    stage.scene("ops");
    assert!(
        stage.card().contains("Missing: ann\nDeactivated: ben"),
        "{}",
        stage.card()
    );
}

#[tokio::test]
async fn a_bot_that_has_lost_the_channel_waits_for_all() {
    let mut stage = begun().await;
    deactivates(&mut stage, "ben");
    stage.bot_leaves();
    for answer in ["Slides", "Rest"] {
        stage.tells("ann", answer).await;
    }
    assert!(stage.card().contains("Missing: ben"), "{}", stage.card());
}
