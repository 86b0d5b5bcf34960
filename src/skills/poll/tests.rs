mod asking;
mod ending;

use std::time::Duration;

use super::*;
use crate::prelude::Stage;

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
    stage.click("cleo", "Pizza").await;
    stage.click("ann", "Soup").await;
    assert_eq!(
        stage.card(),
        "**Lunch?**\n\
         `▇▇▇▇▇▇▇···` **Pizza**: 2 (ben, cleo)\n\
         `▇▇▇·······` **Soup**: 1 (ann)\n\
         3 votes · asked by ann\n\
         [Pizza] [Soup] [Add option] [Close] [Delete]"
    );
    stage.click("ben", "Pizza").await;
    assert_eq!(stage.state::<Poll>().votes.len(), 3);
    let told = stage.whispers("ben");
    assert!(told.is_empty(), "the card shows it: {told:?}");
}

#[tokio::test]
async fn another_vote_moves_the_first() {
    let mut stage = lunch("").await;
    stage.click("ben", "Pizza").await;
    stage.click("ben", "Soup").await;
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
    assert!(stage.card().contains("0 voters"));
}

#[tokio::test]
async fn a_voter_whom_the_card_does_not_name_reads_what_counts() {
    let mut stage = lunch("--anonymous").await;
    for (option, told) in [
        ("Pizza", "Your vote counts for **Pizza**."),
        ("Pizza", "Your vote is for **Pizza** already."),
        ("Soup", "Your vote now counts for **Soup**."),
    ] {
        stage.click("ben", option).await;
        assert_eq!(stage.whisper("ben"), told);
    }
    let mut stage = lunch("--anonymous --multiple").await;
    for told in [
        "Your vote counts for **Soup**.",
        "Your vote for **Soup** is taken back.",
    ] {
        stage.click("ben", "Soup").await;
        assert_eq!(stage.whisper("ben"), told);
    }
    // With too many names for the card.
    let mut stage = lunch("").await;
    for n in 0..=view::NAMES {
        stage.click(&format!("voter{n}"), "Soup").await;
    }
    let last = format!("voter{}", view::NAMES);
    assert_eq!(stage.whisper(&last), "Your vote counts for **Soup**.");
    assert!(stage.whispers("voter7").is_empty());
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
async fn anybody_adds_an_option_by_a_dialog() {
    let mut stage = lunch("").await;
    stage.click("ben", "Add option").await;
    assert_eq!(stage.dialog("ben").unwrap().title, "Add an option");
    stage.submit("ben", &[("option", "  Green\tcurry ")]).await;
    assert!(stage.dialog("ben").is_none());
    assert_eq!(
        stage.buttons(),
        [
            "Pizza",
            "Soup",
            "Green curry",
            "Add option",
            "Close",
            "Delete"
        ]
    );
    stage.click("cleo", "Green curry").await;
    assert!(stage.card().contains("**Green curry**: 1 (cleo)"));
}

#[tokio::test]
async fn who_was_renamed_is_called_by_the_new_name_once_they_press_something() {
    let mut stage = lunch("").await;
    stage.click("ann", "Pizza").await;
    stage.click("ben", "Pizza").await;
    for (name, new) in [("ann", "anna"), ("ben", "benny")] {
        stage.member(name, |member| member.person.name = new.into());
    }
    stage.click("ben", "Add option").await;
    stage.submit("ben", &[("option", "Curry")]).await;
    assert!(stage.card().contains("**Pizza**: 2 (ann, benny)"));
    stage.click("ann", "Close").await;
    let card = stage.card();
    assert!(card.contains("**Pizza**: 2 (anna, benny)"), "{card}");
    assert!(card.contains("asked by anna · closed by anna"), "{card}");
}

#[tokio::test]
async fn the_buttons_of_the_card_are_not_taken_for_options_that_are_called_so() {
    let mut stage = stage();
    let line = r#"/poll "The old repository?" "close" "Close poll" "DELETE" "Keep""#;
    stage.slash("ann", line).await;
    let own = ["Add option", "Close this poll", "Delete poll"];
    assert_eq!(stage.buttons()[4..], own);
    stage.click("ann", "DELETE").await;
    assert!(stage.card().contains("**DELETE**: 1 (ann)"));
    stage.click("ben", "Add option").await;
    stage.submit("ben", &[("option", "add\u{a0}option")]).await;
    assert_eq!(
        stage.buttons().last_chunk::<3>().unwrap()[0],
        "Add an option"
    );
    stage.click("ann", "Close this poll").await;
    assert_eq!(stage.buttons(), ["Delete"]);
}

#[tokio::test]
async fn an_option_that_cannot_be_added_is_told_at_its_field() {
    let mut stage = lunch("").await;
    stage.click("ben", "Add option").await;
    for (option, sentence) in [
        ("SOUP", "This option is there already."),
        ("  ", "An option is empty, or nothing of it can be seen."),
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
        format!(
            "An option is too long: it may have 100 characters. It begins {}…",
            "x".repeat(60)
        )
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
async fn nobody_adds_an_option_where_that_is_switched_off() {
    let by_setting = Stage::new(skill(&table(serde_json::json!({"new_options": false}))).unwrap());
    for (mut stage, flag) in [(stage(), "–fixed"), (by_setting, "")] {
        let line = format!("/poll Lunch? Pizza Soup {flag}");
        stage.slash("ann", line.trim()).await;
        assert_eq!(stage.buttons(), ["Pizza", "Soup", "Close", "Delete"]);
    }
}

#[test]
fn a_poll_that_an_older_version_has_stored_is_read() {
    let author = Person {
        id: UserId::from_bytes([0; 16]),
        name: "ann".into(),
    };
    let old = serde_json::json!({
        "question": "Q", "options": ["A", "B"], "author": author, "votes": {},
        "multiple": false, "anonymous": false, "until": null, "end": "Closed",
    });
    let poll: Poll = serde_json::from_value(old).unwrap();
    let footer = view(&poll).into_inner().footer;
    assert!(!poll.fixed && footer.ends_with("closed by ann"), "{footer}");
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

#[tokio::test]
async fn a_question_and_an_option_are_one_line_whatever_they_begin_with() {
    let mut stage = stage();
    stage
        .slash("ann", r##"/poll "```js" "~~~" "* * *" "# *big*""##)
        .await;
    let card = stage.card();
    assert!(card.starts_with("**\\`\\`\\`js**\n"), "{card}");
    for shown in [r"**\~\~\~**: 0", r"\* * \*: 0", r"\# *big*: 0"] {
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
        fixed: false,
        conversation: false,
        closer: None,
        post: None,
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
        (
            serde_json::json!({"max_options": "many"}),
            "max_options must be a whole number from 2 to 50",
        ),
        (
            serde_json::json!({"new_options": "no"}),
            "new_options must be true or false",
        ),
    ] {
        let error = skill(&table(json)).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
}
