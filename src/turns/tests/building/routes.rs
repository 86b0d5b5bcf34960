//! By which way each thing leaves.

use super::*;
use crate::event::{Blame, DialogDraft, Home, Row, Window};
use crate::model::dialog::Dialog;

fn form() -> DialogDraft {
    DialogDraft {
        form: "edit".into(),
        dialog: Dialog::new("Edit").unwrap(),
    }
}

/// The whisper that a row is, with the window that it is shown in.
fn whisper(row: &Row) -> (&str, Option<&Window>) {
    match &row.kind {
        RowKind::Whisper { text, window, .. } => (text, window.as_ref()),
        other => panic!("no whisper: {other:?}"),
    }
}

#[test]
fn who_can_be_answered_is_and_others_read_a_row() {
    let answered = batch().turn(slash(), wants(whispers("psst"))).built();
    let Answer::Done { whisper: said, .. } = &answered.answers[0] else {
        panic!("{:?}", answered.answers);
    };
    assert_eq!(said.as_deref(), Some("psst"));
    assert!(answered.commit.rows.is_empty());
    let late = batch().late(slash(), wants(whispers("psst"))).built();
    assert_eq!(late.answers, [Answer::silent()]);
    assert_eq!(whisper(&late.commit.rows[0]), ("psst", None));
    assert_eq!(late.commit.rows[0].lane, Lane::Direct(ann()));
    let form = batch().turn(dialog(false), wants(whispers("psst"))).built();
    assert_eq!(
        whisper(&form.commit.rows[0]).0,
        "psst",
        "a dialog closes without a word"
    );
}

#[test]
fn what_must_be_seen_after_a_click_that_is_late_is_a_window_of_its_own() {
    let effects = Effects {
        alerts: vec!["Mind!".into()],
        ..whispers("psst")
    };
    let built = batch().late(click(), wants(effects)).built();
    let rows: Vec<_> = built.commit.rows.iter().map(whisper).collect();
    let window = Window::Message(TriggerId::new("click"));
    assert_eq!(rows, [("psst", None), ("Mind!", Some(&window))]);
}

#[test]
fn where_a_form_is_opened_late_all_words_are_one() {
    let effects = Effects {
        alerts: vec!["Mind!".into()],
        opening: Some((form(), TriggerId::new("click"))),
        ..whispers("psst")
    };
    let built = batch().late(click(), wants(effects)).built();
    let rows: Vec<_> = built.commit.rows.iter().map(whisper).collect();
    assert!(matches!(rows[0].1, Some(Window::Form(_))), "{rows:?}");
    assert_eq!(rows[1..], [("psst\nMind!", None)]);
}

#[test]
fn a_refusal_of_what_an_outgoing_webhook_brought_is_for_its_person_alone() {
    let told = Verdict::Told("No.".into());
    let built = batch().comes_to(said(true), told, true).built();
    assert_eq!(built.answers, [Answer::silent()]);
    assert_eq!(whisper(&built.commit.rows[0]).0, "No.");
    let mut without = batch();
    without.memberships = Memberships::default();
    let told = Verdict::Told("No.".into());
    let built = without.comes_to(said(true), told, true).built();
    assert_eq!(
        built.answers,
        [Answer::Refused("No.".into())],
        "there is no other way"
    );
}

#[test]
fn two_turns_of_one_card_are_one_write_with_one_row() {
    let built = batch()
        .turn(slash(), shows("a", Effects::default()))
        .turn(click(), shows("b", Effects::default()))
        .built();
    let [write] = &built.commit.cards[..] else {
        panic!("{:?}", built.commit.cards);
    };
    assert_eq!((&*write.wanted.text, write.version), ("b", 1));
    assert_eq!(write.post, Some(post()), "it was clicked there");
    let [row] = &built.commit.rows[..] else {
        panic!("{:?}", built.commit.rows);
    };
    assert_eq!(row.kind, RowKind::Card(slot()));
    assert_eq!(write.home.as_ref().and_then(Home::row), Some(&row.id));
    let Answer::Done { card, .. } = &built.answers[1] else {
        panic!("{:?}", built.answers);
    };
    assert_eq!(*card, Some((slot(), 1)), "the click's answer may show it");
}

#[test]
fn where_the_bot_can_not_post_the_answer_carries_it_all() {
    let built = away().turn(slash(), shows("card", says("said"))).built();
    let Answer::Done { inline, .. } = &built.answers[0] else {
        panic!("{:?}", built.answers);
    };
    let inline = inline.as_ref().unwrap();
    assert_eq!(inline.card.text, "said\n\ncard");
    assert_eq!(inline.slot, Some(slot()), "its buttons are the slot's");
    assert!(built.commit.rows.is_empty());
    assert_eq!(built.commit.cards[0].home, Some(Home::Person));
    let late = away().late(slash(), wants(says("said"))).built();
    let kind = &late.commit.rows[0].kind;
    assert!(
        matches!(kind, RowKind::Response { url, .. } if url.starts_with("http://there")),
        "{kind:?}"
    );
}

#[test]
fn a_card_is_posted_anew_only_where_the_bot_can_post() {
    let again = || Effects {
        repost: true,
        ..Effects::default()
    };
    let known = |mut batch: Batch| {
        batch.turn(slash(), shows("a", Effects::default()));
        batch.copy.committed();
        batch.turns.clear();
        batch.turn(click(), shows("b", again())).built()
    };
    let moved = known(batch());
    assert!(moved.commit.cards[0].moves && moved.commit.rows.len() == 1);
    let stays = known(away());
    assert!(!stays.commit.cards[0].moves && stays.commit.rows.is_empty());
    assert_eq!(
        stays.commit.cards[0].wanted.text, "b",
        "it is brought up to date where it is"
    );
}

#[test]
fn who_is_told_of_what_can_not_be_posted_is_whom_it_concerns_else_whose_doing_it_is() {
    let blame = |body, effects| {
        let built = batch().turn(body, wants(effects)).built();
        built.commit.rows[0].blame.clone()
    };
    let of = |person, url: Option<&str>, what: Option<&str>| {
        Some(Blame {
            person,
            response_url: url.map(str::to_owned),
            what: what.map(str::to_owned),
        })
    };
    let url = Some("http://there/hooks/commands/x");
    assert_eq!(blame(slash(), says("a")), of(ann(), url, None));
    let concerns = |person| Effects {
        concerns: Some((person, "your poll".into())),
        ..says("a")
    };
    assert_eq!(
        blame(slash(), concerns(ben())),
        of(ben(), None, Some("your poll"))
    );
    assert_eq!(
        blame(slash(), concerns(ann())),
        of(ann(), url, Some("your poll"))
    );
    assert_eq!(blame(timer_rings("a"), says("a")), of(ben(), None, None));
}

#[test]
fn what_goes_and_what_is_said_is_a_row_each_in_this_order() {
    let effects = Effects {
        deletes: vec![post()],
        ..says("a")
    };
    let built = batch().turn(click(), wants(effects)).built();
    let kinds: Vec<_> = built
        .commit
        .rows
        .iter()
        .map(|row| row.kind.name())
        .collect();
    assert_eq!(kinds, ["withdrawal", "post"]);
    assert_eq!(built.commit.rows[1].from, Some(slot()));
    assert_eq!(built.commit.rows[0].event, Some(by_ann(click()).id()));
}
