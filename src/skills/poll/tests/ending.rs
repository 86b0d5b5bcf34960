use super::*;

#[tokio::test]
async fn its_author_closes_a_poll_and_nobody_else() {
    let mut stage = lunch("").await;
    stage.click("ben", "Close").await;
    assert_eq!(
        stage.whisper("ben"),
        "Only ann, who asked, can close this poll. So can admins of the channel and of the server."
    );
    stage.click("ben", "Pizza").await;
    stage.click("ann", "Close").await;
    let card = stage.card();
    assert!(
        card.ends_with("1 vote · asked by ann · closed by ann\n[Delete]"),
        "{card}"
    );
}

#[tokio::test]
async fn nothing_changes_a_closed_poll() {
    let mut stage = lunch("").await;
    stage.click("cleo", "Add option").await;
    stage.click("ann", "Close").await;
    let closed = stage.card();
    for button in ["Pizza", "Add option", "Close"] {
        stage.click_late("ann", button).await;
        assert_eq!(stage.whisper("ann"), "This poll is closed.");
    }
    stage.submit("cleo", &[("option", "Curry")]).await;
    assert_eq!(stage.whisper("cleo"), "This poll is closed.");
    assert_eq!(stage.card(), closed);
}

#[tokio::test]
async fn a_poll_closes_at_its_time_in_the_time_zone_of_its_author() {
    let mut stage = stage();
    stage.member("ann", |ann| ann.timezone = "Europe/Berlin".into());
    // It is 10:00 in Berlin.
    stage
        .slash("ann", "/poll Lunch? Pizza Soup --until 12:30")
        .await;
    let open = "0 votes · asked by ann · open until 12:30 (Europe/Berlin)";
    assert!(stage.card().contains(open), "{}", stage.card());
    stage.click("ben", "Soup").await;
    stage.after(Duration::from_secs(149 * 60)).await;
    assert!(stage.buttons().len() > 1);
    stage.after(Duration::from_secs(60)).await;
    assert!(
        stage
            .card()
            .ends_with("closed at 12:30 (Europe/Berlin)\n[Delete]"),
        "{}",
        stage.card()
    );
    stage.click_late("ben", "Pizza").await;
    assert_eq!(stage.whisper("ben"), "This poll is closed.");
}

#[tokio::test]
async fn a_poll_that_its_author_closed_is_not_closed_again_by_time() {
    let mut stage = lunch("--until 2h").await;
    stage.click("ann", "Close").await;
    stage.after(Duration::from_secs(3 * 3600)).await;
    assert!(stage.card().ends_with("closed by ann\n[Delete]"));
}

#[tokio::test]
async fn an_admin_closes_a_poll_of_another_and_is_named() {
    let mut stage = lunch("").await;
    stage.admin("cleo");
    stage.click("cleo", "Close").await;
    let card = stage.card();
    assert!(
        card.ends_with("asked by ann · closed by cleo\n[Delete]"),
        "{card}"
    );
}

#[tokio::test]
async fn where_admins_cannot_be_seen_only_the_author_closes_a_poll() {
    let mut stage = lunch("").await;
    stage.admin("cleo");
    stage.bot_leaves();
    stage.click("cleo", "Close").await;
    let whisper = stage.whisper("cleo");
    assert!(
        whisper.contains("the bot isn't in it and can't see who is one"),
        "{whisper}"
    );
    stage.click("ann", "Close").await;
    assert!(stage.card().contains("closed by ann"));
}

#[tokio::test]
async fn nobody_administrates_a_conversation_and_no_sentence_says_so() {
    for bot_is_there in [true, false] {
        let mut stage = stage();
        stage.conversation("ann, ben, cleo");
        if !bot_is_there {
            stage.bot_leaves();
        }
        stage.slash("ann", r#"/poll "Lunch?""#).await;
        for (button, what) in [("Close", "close"), ("Delete", "delete")] {
            stage.click("ben", button).await;
            let told =
                format!("Only ann, who asked, can {what} this poll. So can admins of the server.");
            assert_eq!(stage.whisper("ben"), told);
        }
        stage.click("ann", "Close").await;
        stage.click("ann", "Delete").await;
        stage.submit("ann", &[]).await;
        assert_eq!(stage.states::<Poll>(), 0);
    }
}

#[tokio::test]
async fn its_author_or_an_admin_deletes_a_poll_when_asked_once_more() {
    for who in ["ann", "cleo"] {
        let mut stage = lunch("").await;
        stage.admin("cleo");
        stage.click("ben", "Pizza").await;
        stage.click("ben", "Delete").await;
        let whisper = stage.whisper("ben");
        assert!(
            whisper.starts_with("Only ann, who asked, can delete this poll."),
            "{whisper}"
        );
        assert!(stage.dialog("ben").is_none());
        stage.click(who, "Delete").await;
        let dialog = stage.dialog(who).unwrap();
        assert_eq!(dialog.title, "Delete this poll?");
        assert_eq!(
            dialog.introduction_text.as_deref(),
            Some(
                "**Lunch?**\n\n1 person has voted. It is gone then for everybody, with its votes and its thread."
            )
        );
        stage.cancels(who).await;
        assert_eq!(stage.states::<Poll>(), 1);
        stage.click(who, "Delete").await;
        stage.submit(who, &[]).await;
        assert_eq!(stage.states::<Poll>(), 0);
        let there = stage.transcript();
        assert!(stage.buttons().is_empty(), "the post is there: {there}");
    }
}

#[tokio::test]
async fn a_poll_without_votes_is_said_to_have_none() {
    let mut stage = lunch("").await;
    stage.click("ann", "Delete").await;
    let told = stage.dialog("ann").unwrap().introduction_text.as_deref();
    let told = told.unwrap_or_default();
    assert!(
        told.starts_with("**Lunch?**\n\nNobody has voted. It is"),
        "{told}"
    );
}

#[tokio::test]
async fn who_is_no_admin_any_more_deletes_nothing() {
    let mut stage = lunch("").await;
    stage.admin("cleo");
    stage.click("cleo", "Delete").await;
    stage.bot_leaves();
    stage.submit("cleo", &[]).await;
    assert_eq!(stage.states::<Poll>(), 1);
    assert!(stage.whisper("cleo").contains("can delete this poll"));
}

#[tokio::test]
async fn a_closed_poll_is_deleted_and_its_time_comes_for_nobody() {
    let mut stage = lunch("--until 2h").await;
    stage.click("ann", "Close").await;
    stage.click("ann", "Delete").await;
    stage.submit("ann", &[]).await;
    stage.after(Duration::from_secs(3 * 3600)).await;
    assert_eq!(stage.states::<Poll>(), 0);
}

#[tokio::test]
async fn the_time_of_a_poll_is_said_with_its_zone() {
    let mut stage = stage();
    stage.member("ann", |ann| ann.timezone = "Europe/Berlin".into());
    for (until, shown) in [
        ("--until 2h 30m", "12:30 (Europe/Berlin)"),
        ("--until=5pm", "17:00 (Europe/Berlin)"),
        (
            "—until tomorrow 9:00",
            "Tue, 6 Jan 2026, 09:00 (Europe/Berlin)",
        ),
        (
            "--until \"2026-01-06\"",
            "Tue, 6 Jan 2026, 23:59 (Europe/Berlin)",
        ),
        (
            "--until 2026-01-06T18:00+09:00",
            "Tue, 6 Jan 2026, 18:00 (+09:00)",
        ),
        ("--until 18:00 −05:00", "18:00 (-05:00)"),
        (
            "--until Tue, 6 Jan 2026, 18:00 (Europe/Berlin)",
            "Tue, 6 Jan 2026, 18:00 (Europe/Berlin)",
        ),
        ("--until=12:30 (Europe/Berlin)", "12:30 (Europe/Berlin)"),
        ("--until 17h", "Tue, 6 Jan 2026, 03:00 (Europe/Berlin)"),
        ("--until 17 Uhr", "17:00 (Europe/Berlin)"),
        (
            "--until tomorrow 17h30",
            "Tue, 6 Jan 2026, 17:30 (Europe/Berlin)",
        ),
    ] {
        let line = format!(r#"/poll "Lunch?" {until} --fixed "Pizza" "Soup""#);
        stage.slash("ann", &line).await;
        let open = format!("asked by ann · open until {shown}\n[Pizza] [Soup]");
        assert!(stage.card().contains(&open), "{until}: {}", stage.card());
    }
}

#[tokio::test]
async fn a_zone_that_was_changed_counts_at_once_and_one_that_is_unknown_is_told() {
    let mut stage = stage();
    for zone in ["Europe/Berlin", "Asia/Tokyo"] {
        stage.member("ann", |ann| ann.timezone = zone.into());
        stage.slash("ann", r#"/poll "Lunch?" --until 23:00"#).await;
        let open = format!("open until 23:00 ({zone})");
        assert!(stage.card().contains(&open), "{}", stage.card());
    }
    stage.member("ann", |ann| ann.timezone = "Mars/Base".into());
    stage.slash("ann", r#"/poll "Lunch?" --until 23:00"#).await;
    let whisper = stage.whisper("ann");
    assert!(
        whisper.starts_with("The time zone Mars/Base isn't known here. Write it behind the time"),
        "{whisper}"
    );
}
