mod deactivated;
mod markdown;
mod unfinished;
mod unreached;

use std::time::Duration;

use super::interview::Interview;
use super::*;
use crate::prelude::Stage;
use crate::skill::Allowed;

fn table(json: serde_json::Value) -> Table {
    Table::new("standup", json.as_object().unwrap().clone())
}

/// A stage on which two questions are asked.
fn stage() -> Stage {
    let settings = serde_json::json!({"questions": ["Done?", "Next?"], "minutes": 30});
    let mut stage = Stage::new(skill(&table(settings)).unwrap()).people(&["ann", "ben"]);
    stage.scene("dev");
    stage
}

async fn begun() -> Stage {
    let mut stage = stage();
    stage.slash("ann", "/standup").await;
    stage
}

fn last(stage: &Stage, name: &str) -> String {
    stage.posts_to(name).pop().unwrap_or_default()
}

const INTRO: &str = "**dev** holds a standup, started by ann. Say `back` for the question before, \
    or `cancel` if you can't make it.\n\n(1/2) Done?";

#[tokio::test]
async fn everybody_is_asked_and_the_channel_reads_the_answers_when_all_have_answered() {
    let mut stage = begun().await;
    assert_eq!(
        stage.whisper("ann"),
        "@bot is asking 2 people in direct messages."
    );
    assert_eq!(stage.posts_to("ann"), [INTRO]);
    assert_eq!(
        stage.card(),
        "**Standup**: 0 of 2 answered.\nMissing: ann, ben\nstarted by ann\n[End now]"
    );
    stage.tells("ben", "Tests").await;
    assert_eq!(last(&stage, "ben"), "(2/2) Next?");
    stage.tells("ben", "Code\nand docs").await;
    assert_eq!(last(&stage, "ben"), "Thank you! **dev** will read it.");
    assert_eq!(
        stage.card(),
        "**Standup**: 1 of 2 answered.\nAnswered: ben\nMissing: ann\nstarted by ann\n[End now]"
    );
    assert!(stage.posts().is_empty());
    stage.tells("ann", "Slides").await;
    stage.tells("ann", "Rest").await;
    assert_eq!(
        stage.posts(),
        ["**Standup of dev**\n\n\
          **ben**\n\nDone?\n> Tests\n\nNext?\n> Code\n> and docs\n\n\
          **ann**\n\nDone?\n> Slides\n\nNext?\n> Rest"]
    );
    assert_eq!(
        stage.card(),
        "**Standup**: 2 of 2 answered. It is over.\nAnswered: ann, ben\nstarted by ann"
    );
    stage.after(Duration::from_secs(3600)).await;
    assert_eq!(
        (stage.states::<Interview>(), stage.states::<Floor>()),
        (0, 0)
    );
}

#[tokio::test]
async fn back_asks_the_last_question_again() {
    let mut stage = begun().await;
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "Back").await;
    assert_eq!(last(&stage, "ben"), "(1/2) Done?");
    stage.tells("ben", "back").await;
    assert_eq!(
        last(&stage, "ben"),
        "This is the first question.\n\n(1/2) Done?"
    );
    stage.tells("ben", "Better tests").await;
    stage.tells("ben", "Code").await;
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.contains("> Better tests") && !sum_up.contains("> Tests"),
        "{sum_up}"
    );
}

#[tokio::test]
async fn who_cancels_is_told_so_and_counts_as_absent() {
    let mut stage = begun().await;
    stage.tells("ben", "Tests").await;
    stage.tells("ben", "cancel").await;
    assert_eq!(
        last(&stage, "ben"),
        "All right: **dev** hears that you can't make it. Say `back` if you can after all."
    );
    assert!(
        stage.card().contains("Missing: ann\nAbsent: ben\n"),
        "{}",
        stage.card()
    );
    stage.tells("ann", "cancel").await;
    assert_eq!(
        stage.posts(),
        ["**Standup of dev**\n\nNobody has answered.\n\nAbsent: ann, ben"]
    );
}

#[tokio::test]
async fn when_time_is_up_the_channel_reads_what_came_and_interviews_stop() {
    let mut stage = begun().await;
    for answer in ["Tests", "Code"] {
        stage.tells("ben", answer).await;
    }
    stage.tells("ann", "Slides").await;
    stage.after(Duration::from_secs(29 * 60)).await;
    assert!(stage.posts().is_empty());
    stage.after(Duration::from_secs(60)).await;
    let sum_up = stage.posts().remove(0);
    let ann = "> Code\n\n**ann** (not finished)\n\nDone?\n> Slides";
    assert!(sum_up.ends_with(ann), "{sum_up}");
    assert_eq!(
        last(&stage, "ann"),
        "The standup in **dev** is over. What you have answered is in its sum-up."
    );
    let said = stage.posts_to("ann").len();
    stage.tells("ann", "Rest").await;
    assert_eq!(
        last(&stage, "ann"),
        "The standup in **dev** is over, so this isn't in its sum-up. Post it there if others should read it."
    );
    stage.tells("ann", "And that").await;
    assert_eq!(stage.posts_to("ann").len(), said + 1, "it is said once");
    stage.edits("ben", "Code", "Docs").await;
    assert_eq!(
        last(&stage, "ben"),
        "The standup in **dev** is over: its sum-up stays as it was."
    );
    assert_eq!(stage.posts().len(), 1);
    assert_eq!(stage.states::<Interview>(), 0);
}

#[tokio::test]
async fn only_who_started_it_ends_a_standup_early() {
    let mut stage = begun().await;
    stage.click("ben", "End now").await;
    assert_eq!(
        stage.whisper("ben"),
        "Only ann, who started it, can end this standup. So can admins of the channel and of the server."
    );
    stage.click("ann", "End now").await;
    assert_eq!(stage.posts().len(), 1);
    assert_eq!(last(&stage, "ben"), "The standup in **dev** is over.");
    stage.click_late("ann", "End now").await;
    assert_eq!(stage.whisper("ann"), "This standup is over.");
    stage.after(Duration::from_secs(3600)).await;
    assert_eq!(stage.posts().len(), 1, "the time limit is off");
}

#[tokio::test]
async fn a_person_in_two_standups_is_asked_by_one_after_the_other() {
    let mut stage = begun().await;
    stage.scene("ops");
    stage.slash("ben", "/standup").await;
    let waiting = "After this, **ops** would like to hear from you too.";
    assert_eq!(last(&stage, "ann"), waiting);
    stage.tells("ann", "Slides").await;
    stage.tells("ann", "Rest").await;
    let said = stage.posts_to("ann");
    assert!(
        said[said.len() - 2].starts_with("Thank you! **dev**"),
        "{said:?}"
    );
    assert!(
        said[said.len() - 1].starts_with("**ops** holds a standup, started by ben."),
        "{said:?}"
    );
    stage.tells("ann", "cancel").await;
    assert!(
        stage.card().contains("Missing: ben\nAbsent: ann"),
        "{}",
        stage.card()
    );
    stage.scene("dev");
    assert!(
        stage.card().contains("Answered: ann\nMissing: ben"),
        "{}",
        stage.card()
    );
}

#[tokio::test]
async fn a_standup_that_ends_while_it_waits_does_not_ask_any_more() {
    let mut stage = begun().await;
    stage.scene("ops");
    stage.slash("ben", "/standup").await;
    stage.click("ben", "End now").await;
    assert_eq!(last(&stage, "ann"), "The standup in **ops** is over.");
    stage.tells("ann", "Slides").await;
    stage.tells("ann", "Rest").await;
    assert_eq!(last(&stage, "ann"), "Thank you! **dev** will read it.");
    assert_eq!(stage.states::<Interview>(), 2, "hers can still be changed");
}

#[tokio::test]
async fn when_the_one_that_asks_ends_the_one_that_waits_asks() {
    let mut stage = begun().await;
    stage.scene("ops");
    stage.slash("ben", "/standup").await;
    stage.scene("dev");
    stage.click("ann", "End now").await;
    let said = stage.posts_to("ann");
    assert_eq!(said[said.len() - 2], "The standup in **dev** is over.");
    assert!(
        said[said.len() - 1].starts_with("**ops** holds a standup"),
        "{said:?}"
    );
}

#[tokio::test]
async fn one_standup_runs_in_a_channel_at_a_time() {
    let mut stage = begun().await;
    stage.slash("ben", "/standup").await;
    assert_eq!(
        stage.whisper("ben"),
        "A standup is running in this channel already: here is its card again."
    );
    assert_eq!(stage.posts_to("ben").len(), 1);
    stage.click("ann", "End now").await;
    stage.slash("ben", "/standup").await;
    assert_eq!(
        stage.whisper("ben"),
        "@bot is asking 2 people in direct messages."
    );
    assert!(stage.card().contains("started by ben"));
}

#[tokio::test]
async fn bots_and_people_who_have_left_are_not_asked() {
    let mut stage = stage();
    stage.member("helper", |helper| helper.is_bot = true);
    stage.member("ben", |ben| ben.active = false);
    stage.slash("ann", "/standup").await;
    assert_eq!(
        stage.whisper("ann"),
        "@bot is asking 1 person in a direct message."
    );
    assert!(stage.posts_to("ben").is_empty() && stage.posts_to("helper").is_empty());
}

#[tokio::test]
async fn where_nobody_can_be_asked_a_sentence_says_why() {
    let mut stage = stage();
    stage.slash_direct("ann", "/standup").await;
    let sentence = "Type `/standup` in the channel whose people @bot should ask.";
    assert_eq!(stage.whisper("ann"), sentence);
    stage.member("ann", |ann| ann.is_bot = true);
    stage.member("ben", |ben| ben.active = false);
    stage.slash("ben", "/standup").await;
    let sentence = "There is nobody in this channel who could be asked.";
    assert_eq!(stage.whisper("ben"), sentence);
    stage.bot_leaves();
    stage.slash("ben", "/standup").await;
    let sentence = "@bot is not in this channel. Type `/invite @bot`, and try again; into a direct message nobody can be invited.";
    assert_eq!(stage.whisper("ben"), sentence);
    assert_eq!((stage.states::<Floor>(), stage.states::<Run>()), (0, 0));
}

#[tokio::test]
async fn a_channel_with_too_many_people_is_not_asked() {
    let settings = serde_json::json!({"max_people": 2});
    let mut stage = Stage::new(skill(&table(settings)).unwrap()).people(&["ann", "ben", "cleo"]);
    stage.slash("ann", "/standup").await;
    assert_eq!(
        stage.whisper("ann"),
        "There are 3 people here; 2 are asked at most."
    );
}

#[tokio::test]
async fn an_answer_without_words_or_with_too_many_is_asked_for_again() {
    let mut stage = begun().await;
    stage.tells("ben", " ").await;
    assert_eq!(
        last(&stage, "ben"),
        "Please answer in words.\n\n(1/2) Done?"
    );
    stage.tells("ben", &"x".repeat(2001)).await;
    let sentence = "That is too long: please use 2000 characters at most.\n\n(1/2) Done?";
    assert_eq!(last(&stage, "ben"), sentence);
}

#[tokio::test]
async fn answers_mention_nobody_and_long_sum_ups_come_in_parts() {
    let mut stage = begun().await;
    for name in ["ann", "ben"] {
        stage.tells(name, &"@all ".repeat(390)).await;
        stage.tells(name, &"[".repeat(1999)).await;
    }
    let parts = stage.posts();
    assert!(parts.len() > 1);
    for part in parts {
        assert!(part.chars().count() <= 16_383);
        assert!(!part.contains("@all"), "{part}");
    }
}

#[tokio::test]
async fn parts_of_a_sum_up_are_as_short_as_the_server_wants_them() {
    let mut stage = begun().await;
    stage.allows(Allowed::default().with_message_chars(1_000));
    for name in ["ann", "ben"] {
        stage.tells(name, &"word ".repeat(390)).await;
        stage.tells(name, "Nothing.").await;
    }
    let parts = stage.posts();
    assert!(parts.len() > 3);
    let all = parts.concat();
    assert_eq!(all.matches("word").count(), 2 * 390);
    assert!(parts.iter().all(|part| part.chars().count() <= 1_000));
}

#[tokio::test]
async fn answers_that_come_after_the_end_are_posted_as_late() {
    let mut stage = begun().await;
    let ann = stage.person("ann");
    let Interview::Asking(asking) = stage.state::<Interview>() else {
        panic!()
    };
    stage.click("ann", "End now").await;
    let late = ToRun::Heard(ann, vec!["Slides".into(), "Rest".into()]);
    stage.signal(asking.run(), late).await;
    assert_eq!(
        stage.posts()[1],
        "**ann** answered after the standup:\n\nDone?\n> Slides\n\nNext?\n> Rest"
    );
}

#[tokio::test]
async fn words_are_understood_however_they_are_typed() {
    let mut stage = begun().await;
    stage.tells("ben", "Tests").await;
    for (back, text) in ["Back.", " “back” ", "BACK!", "`back`"].iter().zip(1..) {
        stage.tells("ben", back).await;
        assert_eq!(last(&stage, "ben"), "(1/2) Done?", "{back}");
        stage.tells("ben", &format!("Tests {text}")).await;
    }
    let help = "**dev** holds a standup: what you write is your answer. Say `back` for the question \
        before, or `cancel` if you can't make it.\n\n(2/2) Next?";
    for typed in ["help", "help?", "Help please!", "ｈｅｌｐ！"] {
        stage.tells("ben", typed).await;
        assert_eq!(last(&stage, "ben"), help, "{typed}");
    }
    stage.tells("ben", "Cancel the rollout?").await;
    assert_eq!(last(&stage, "ben"), "Thank you! **dev** will read it.");
    stage.tells("ann", "Cancel?").await;
    assert!(stage.posts()[0].ends_with("> Tests 4\n\nNext?\n> Cancel the rollout?\n\nAbsent: ann"));
}

#[tokio::test]
async fn who_has_answered_all_may_go_back_and_cancel_while_the_standup_runs() {
    let mut stage = begun().await;
    for answer in ["Tests", "Code", "Back."] {
        stage.tells("ben", answer).await;
    }
    assert_eq!(last(&stage, "ben"), "(2/2) Next?");
    assert!(
        stage.card().contains("Missing: ann, ben"),
        "{}",
        stage.card()
    );
    stage.tells("ben", "Docs").await;
    assert_eq!(last(&stage, "ben"), "Thank you! **dev** will read it.");
    assert!(
        stage.card().contains("Answered: ben\nMissing: ann"),
        "{}",
        stage.card()
    );
    stage.tells("ben", "what?").await;
    assert_eq!(
        stage.whisper("ben"),
        "**dev** has your answers already, and this isn't among them: edit your last answer to add it. Say `back` for the question before, or `cancel` if you can't make it."
    );
    stage.tells("ben", "Cancel!").await;
    assert!(
        stage.card().contains("Missing: ann\nAbsent: ben"),
        "{}",
        stage.card()
    );
    stage.tells("ann", "Slides").await;
    stage.tells("ann", "Rest").await;
    assert!(
        stage.posts()[0].ends_with("> Rest\n\nAbsent: ben"),
        "{:?}",
        stage.posts()
    );
    stage.tells("ann", "Help").await;
    assert_eq!(
        last(&stage, "ann"),
        "The standup in **dev** is over. Say `help` once more for what else I can do."
    );
}

#[tokio::test]
async fn an_edited_answer_is_the_answer() {
    let mut stage = begun().await;
    stage.tells("ben", "Tets").await;
    stage.edits("ben", "Tets", "Tests").await;
    stage.tells("ben", "Cod").await;
    stage.edits("ben", "Cod", "Code").await;
    stage.edits("ben", "Tests", "More tests").await;
    let said = stage.posts_to("ben").len();
    stage.edits("ben", "Code", &"x".repeat(2_001)).await;
    assert!(stage.whisper("ben").contains("stays as it was"));
    assert_eq!(stage.posts_to("ben").len(), said);
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    assert!(
        sum_up.contains("Done?\n> More tests\n\nNext?\n> Code\n"),
        "{sum_up}"
    );
    stage.edits("ben", "More tests", "Nothing").await;
    assert_eq!(stage.posts(), [sum_up], "it is over");
}

#[tokio::test]
async fn a_file_is_an_answer_and_the_channel_reads_a_link_to_it() {
    let mut stage = begun().await;
    stage.sends("ben", "", &["f1"]).await;
    let told = last(&stage, "ben");
    assert!(
        told.contains("a link to your file") && told.ends_with("(2/2) Next?"),
        "{told}"
    );
    stage.sends("ben", "cancel", &["f2", "f3"]).await;
    stage.click("ann", "End now").await;
    let sum_up = stage.posts().remove(0);
    let first = "Done?\n> [file](/api/v4/files/f1)";
    let second =
        "Next?\n> cancel\n>\n> [file 1](/api/v4/files/f2)\n>\n> [file 2](/api/v4/files/f3)";
    assert!(
        sum_up.contains(first) && sum_up.contains(second),
        "{sum_up}"
    );
}

#[tokio::test]
async fn what_stands_behind_the_command_is_refused() {
    let mut stage = stage();
    for line in ["/standup ANYTHING", "/standup --now", "/standup cancel"] {
        stage.slash("ann", line).await;
        let told = stage.whisper("ann");
        assert!(
            told.starts_with("Nothing may stand behind `/standup`"),
            "{told}"
        );
    }
    assert_eq!((stage.states::<Floor>(), stage.states::<Run>()), (0, 0));
}

#[test]
fn settings_that_do_not_fit_are_told() {
    use serde_json::json;
    for (json, part) in [
        (
            json!({"question": []}),
            "[skills.standup]: unknown field `question`",
        ),
        (json!({"questions": []}), "questions must be 1 to 10"),
        (json!({"questions": [" "]}), "of 1 to 300 characters"),
        (json!({"minutes": 0}), "minutes must be from 1 to 1440"),
        (
            json!({"minutes": "1h"}),
            "minutes must be a whole number of minutes from 1 to 1440",
        ),
        (json!({"max_people": 0}), "max_people must be from 1 to 200"),
    ] {
        let error = skill(&table(json)).err().unwrap().to_string();
        assert!(error.contains(part), "{error}");
    }
}
