use std::time::Duration;

use super::*;
use crate::skill::Stage;

fn stage() -> Stage {
    Stage::new(skill(&Table::default()).unwrap()).people(&["ann", "ben", "cleo"])
}

async fn lunch(rest: &str) -> Stage {
    let mut stage = stage();
    let line = format!(r#"/poll "Lunch?" "Pizza" "Soup" {rest}"#);
    stage.slash("ann", line.trim()).await;
    stage
}

fn table(json: serde_json::Value) -> Table {
    Table::new("poll", json.as_object().unwrap().clone())
}

#[tokio::test]
async fn a_poll_counts_one_vote_a_person_and_shows_who_voted() {
    let mut stage = lunch("").await;
    stage.click("ben", "Pizza").await;
    assert_eq!(stage.whisper("ben"), "Your vote counts for **Pizza**.");
    stage.click("cleo", "Pizza").await;
    stage.click("ann", "Soup").await;
    assert_eq!(
        stage.card(),
        "**Lunch?**\n\
         `▇▇▇▇▇▇▇···` **Pizza**: 2 (ben, cleo)\n\
         `▇▇▇·······` **Soup**: 1 (ann)\n\
         3 votes · asked by ann\n\
         [Pizza] [Soup] [Add option] [Close]"
    );
    stage.click("ben", "Pizza").await;
    assert_eq!(stage.whisper("ben"), "Your vote is for **Pizza** already.");
    assert_eq!(stage.state::<Poll>().votes.len(), 3);
}

#[tokio::test]
async fn another_vote_moves_the_first() {
    let mut stage = lunch("").await;
    stage.click("ben", "Pizza").await;
    stage.click("ben", "Soup").await;
    assert_eq!(stage.whisper("ben"), "Your vote now counts for **Soup**.");
    let card = stage.card();
    assert!(card.contains("**Pizza**: 0\n"), "{card}");
    assert!(card.contains("**Soup**: 1 (ben)\n1 vote ·"), "{card}");
}

#[tokio::test]
async fn a_click_that_arrives_twice_counts_once() {
    let mut stage = lunch("--multiple").await;
    stage.click("ben", "Pizza").await;
    stage.again().await;
    assert!(stage.card().contains("**Pizza**: 1 (ben)"));
}

#[tokio::test]
async fn with_several_votes_each_a_second_press_takes_a_vote_back() {
    let mut stage = lunch("--multiple").await;
    stage.click("ben", "Pizza").await;
    stage.click("ben", "Soup").await;
    let card = stage.card();
    assert!(card.contains("**Pizza**: 1 (ben)"), "{card}");
    assert!(card.contains("**Soup**: 1 (ben)"), "{card}");
    assert!(
        card.contains("1 voter · asked by ann · several votes each"),
        "{card}"
    );
    stage.click("ben", "Pizza").await;
    stage.click("ben", "Soup").await;
    assert_eq!(
        stage.whisper("ben"),
        "Your vote for **Soup** is taken back."
    );
    assert!(stage.card().contains("0 voters"));
}

#[tokio::test]
async fn an_anonymous_poll_keeps_no_names() {
    let mut stage = lunch("--anonymous").await;
    stage.click("ben", "Pizza").await;
    stage.click("ben", "Soup").await;
    let card = stage.card();
    assert!(
        card.contains("**Soup**: 1\n1 vote · asked by ann · anonymous"),
        "{card}"
    );
    assert!(!card.contains("ben"), "{card}");
    let state = serde_json::to_string(&stage.state::<Poll>()).unwrap();
    assert!(!state.contains("ben"), "{state}");
}

#[tokio::test]
async fn its_author_closes_a_poll_and_nobody_else() {
    let mut stage = lunch("").await;
    stage.click("ben", "Close").await;
    assert_eq!(
        stage.whisper("ben"),
        "Only ann, who asked, can close this poll."
    );
    stage.click("ben", "Pizza").await;
    stage.click("ann", "Close").await;
    assert!(
        stage
            .card()
            .ends_with("1 vote · asked by ann · closed by ann")
    );
    assert!(stage.buttons().is_empty());
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
    assert!(!stage.buttons().is_empty());
    stage.after(Duration::from_secs(60)).await;
    assert!(stage.buttons().is_empty());
    assert!(
        stage.card().ends_with("closed at 12:30 (Europe/Berlin)"),
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
    assert!(stage.card().ends_with("closed by ann"));
}

#[tokio::test]
async fn a_dash_that_a_phone_made_of_two_hyphens_is_read() {
    let mut stage = stage();
    stage
        .slash("ann", "/poll “Lunch?” „Pizza“ “Soup” —multiple")
        .await;
    assert!(stage.card().contains("several votes each"));
}

#[tokio::test]
async fn what_makes_no_poll_is_refused_in_a_sentence() {
    let long = |n| "x".repeat(n);
    let many: Vec<_> = (0..21).map(|n| format!("o{n}")).collect();
    for (line, part) in [
        ("".into(), "needs a question and at least 2 options"),
        (
            "Lunch? Pizza".into(),
            "needs a question and at least 2 options",
        ),
        (r#""" A B"#.into(), "needs a question"),
        (r#""Lunch? A B"#.into(), "quotation mark missing"),
        (
            r#"Lunch? Pizza " pizza ""#.into(),
            "The option **pizza** is there twice.",
        ),
        (r#"Lunch? Pizza """#.into(), "An option is empty."),
        (
            format!("{} A B", long(301)),
            "The question is too long: it may have 300",
        ),
        (
            format!("Lunch? A {}", long(101)),
            "An option is too long: it may have 100",
        ),
        (
            format!("Lunch? {}", many.join(" ")),
            "These are 21 options; a poll has at most 20.",
        ),
        ("Lunch? A B --loud".into(), "I don't know `--loud`."),
        ("Lunch? A B --until".into(), "`--until` needs a time"),
        ("Lunch? A B --until 08:59".into(), "08:59 is over already."),
        (
            "Lunch? A B --until 2025-12-24T18:00".into(),
            "is over already.",
        ),
        (
            "Lunch? A B --until soon".into(),
            "I can't read the time soon.",
        ),
    ] {
        let mut stage = stage();
        stage.slash("ann", &format!("/poll {line}")).await;
        let whisper = stage.whisper("ann");
        assert!(whisper.contains(part), "{line}: {whisper}");
        assert_eq!(stage.states::<Poll>(), 0, "{line}");
    }
}

#[tokio::test]
async fn anybody_adds_an_option_by_a_dialog() {
    let mut stage = lunch("").await;
    stage.click("ben", "Add option").await;
    assert_eq!(stage.dialog("ben").unwrap().title, "Add an option");
    stage.submit("ben", &[("option", "  Green\tcurry ")]).await;
    assert!(stage.dialog("ben").is_none());
    assert_eq!(
        stage.buttons(),
        ["Pizza", "Soup", "Green curry", "Add option", "Close"]
    );
    stage.click("cleo", "Green curry").await;
    assert!(stage.card().contains("**Green curry**: 1 (cleo)"));
}

#[tokio::test]
async fn an_option_that_cannot_be_added_is_told_at_its_field() {
    let mut stage = lunch("").await;
    stage.click("ben", "Add option").await;
    for (option, sentence) in [
        ("SOUP", "This option is there already."),
        ("  ", "An option is empty."),
    ] {
        stage.submit("ben", &[("option", option)]).await;
        assert_eq!(stage.errors("ben")["option"], sentence);
    }
    stage.submit("ben", &[("option", "Curry")]).await;
    assert!(stage.errors("ben").is_empty());
    assert_eq!(stage.state::<Poll>().options.len(), 3);
    let poll = stage.state::<Poll>();
    let long = "x".repeat(101);
    assert_eq!(
        poll.check_new(&long, 20).unwrap_err(),
        "An option is too long: it may have 100 characters."
    );
}

#[tokio::test]
async fn no_option_is_added_beyond_the_most() {
    let skill = skill(&table(serde_json::json!({"max_options": 3}))).unwrap();
    let mut stage = Stage::new(skill);
    stage.slash("ann", "/poll Lunch? Pizza Soup").await;
    stage.click("ben", "Add option").await;
    stage.click("cleo", "Add option").await;
    stage.submit("ben", &[("option", "Curry")]).await;
    stage.submit("cleo", &[("option", "Rice")]).await;
    let full = "There are 3 options already, and that is the most.";
    assert_eq!(stage.errors("cleo")["option"], full);
    stage.click("ann", "Add option").await;
    assert_eq!(stage.whisper("ann"), full);
    assert!(stage.dialog("ann").is_none());
}

#[tokio::test]
async fn what_people_write_mentions_nobody_and_is_their_markdown() {
    let mut stage = stage();
    stage
        .slash(
            "ann",
            r##"/poll "@all *now*?" "@channel" "# `big`" "https://x.org/@a#b" "*" "@ben""##,
        )
        .await;
    stage.click("ben", "@channel").await;
    let card = stage.card();
    let lines = card.lines().filter(|line| !line.starts_with('['));
    for line in lines {
        for (at, _) in line.match_indices('@') {
            let link = line[..at].ends_with("https://x.org/");
            assert!(link || line[at + 1..].starts_with('\u{200b}'), "{line}");
        }
    }
    assert!(card.starts_with("@\u{200b}all *now*?\n"), "{card}");
    for shown in ["**# `big`**: 0", "**https://x.org/@a#b**: 0", r" \*: 0"] {
        assert!(card.contains(shown), "{card}");
    }
}

#[test]
fn many_names_are_counted() {
    let ballots = (0..50u8).map(|n| {
        let ballot = Ballot(format!("p{n:02}"), Choices::only(0));
        (UserId::from_bytes([n; 16]), ballot)
    });
    let poll = Poll {
        question: "Q".into(),
        options: vec!["A".into(), "B".into()],
        author: Person {
            id: UserId::from_bytes([0; 16]),
            name: "ann".into(),
        },
        votes: ballots.collect(),
        multiple: false,
        anonymous: false,
        until: None,
        end: None,
    };
    let body = view(&poll).into_inner().body;
    assert!(body.contains("p39 and 10 more)"), "{body}");
    assert!(body.ends_with("`··········` **B**: 0"), "{body}");
}

#[test]
fn settings_that_do_not_fit_are_told() {
    for (json, part) in [
        (
            serde_json::json!({"max_option": 3}),
            "[skills.poll]: unknown field `max_option`",
        ),
        (
            serde_json::json!({"max_options": 1}),
            "max_options must be from 2 to 50",
        ),
        (serde_json::json!({"max_options": "many"}), "invalid type"),
    ] {
        let error = skill(&table(json)).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
}
