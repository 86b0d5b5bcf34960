use super::*;

#[tokio::test]
async fn who_cannot_be_written_to_is_no_longer_waited_for() {
    let mut stage = stage().people(&["ann", "ben", "cleo"]);
    stage.shuts_out_bot("ben");
    stage.slash("ann", "/standup").await;
    assert!(
        stage
            .card()
            .contains("Missing: ann, cleo\nI couldn't ask: ben\n"),
        "{}",
        stage.card()
    );
    stage.after(Duration::from_secs(30)).await;
    assert_eq!(
        last(&stage, "ann"),
        "For the standup of **dev** I couldn't ask: ben. Mattermost doesn't let me write to them."
    );
    // It can't be written to later, either.
    stage.shuts_out_bot("cleo");
    stage.tells("cleo", "Tests").await;
    for answer in ["Slides", "Rest"] {
        stage.tells("ann", answer).await;
    }
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.ends_with("I couldn't ask: ben, cleo") && !sum_up.contains("Absent"),
        "{sum_up}"
    );
    assert_eq!(
        stage
            .posts_to("ann")
            .iter()
            .filter(|text| text.contains("I couldn't ask"))
            .count(),
        2
    );
}

#[tokio::test]
async fn a_standup_that_can_ask_nobody_is_over_at_once() {
    let mut stage = stage();
    stage.shuts_out_bot("ann");
    stage.shuts_out_bot("ben");
    stage.slash("ann", "/standup").await;
    assert_eq!(
        stage.posts(),
        ["**Standup of dev**\n\nNobody has answered.\n\nI couldn't ask: ann, ben"]
    );
    assert_eq!(stage.states::<Floor>(), 0);
}

#[tokio::test]
async fn who_is_asked_by_several_standups_and_cannot_be_written_to_is_told_to_each() {
    let mut stage = stage();
    stage.slash("ann", "/standup").await;
    stage.scene("ops");
    stage.slash("ann", "/standup").await;
    stage.shuts_out_bot("ben");
    stage.tells("ben", "Tests").await;
    for channel in ["dev", "ops"] {
        stage.scene(channel);
        assert!(
            stage.card().contains("I couldn't ask: ben"),
            "{}",
            stage.card()
        );
    }
}

#[tokio::test]
async fn who_answers_while_the_channel_is_lost_reads_when_it_will_be_read() {
    let mut stage = begun().await;
    stage.bot_leaves();
    for answer in ["Tests", "Code"] {
        stage.tells("ben", answer).await;
    }
    assert_eq!(
        last(&stage, "ben"),
        "Thank you! **dev** will read it. That will be when I'm back there: just now I can't post in it."
    );
}
