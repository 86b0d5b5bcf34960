mod given_up;

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::actors::poster::cached_card::{SETTLES, STRAYS};
use crate::actors::poster::outlet::place::{LAST_PAUSE, RACES};
use crate::actors::poster::refusals::RETRY;
use crate::actors::poster::waiting::{LOOKS, TELLS};
use crate::event::{Lane, Place, RowId};
use crate::model::ids::ChannelId;
use crate::sentences::lost::{Lost, Why};
use crate::turns::{Memberships, Spot};

const NOW: Millis = Millis(1_000_000);

fn slot() -> Slot {
    Slot::new(Place::Desk("d".into()), "poll", "1")
}

fn card(text: &str) -> Arc<CardContent> {
    Arc::new(CardContent {
        text: text.into(),
        ..CardContent::default()
    })
}

fn channel() -> ChannelId {
    ChannelId::from_bytes([2; 16])
}

fn post() -> PostId {
    PostId::from_bytes([1; 16])
}

fn write(version: Version, text: &str) -> CardWrite {
    let lane = Lane::Channel(channel());
    let home = Some(Home::Bot {
        row: RowId::read("r"),
        lane,
        root: None,
        from: None,
    });
    CardWrite {
        slot: slot(),
        home,
        moves: false,
        post: None,
        wanted: card(text),
        version,
    }
}

/// The version that the answer to a click which made this one may show.
fn shown(cards: &mut Cards, version: Version, now: Millis) -> Option<Version> {
    let (slot, version) = (slot(), Some(version));
    let post = None;
    match cards.grant(
        &ShowInline {
            slot,
            version,
            post,
        },
        now,
    ) {
        Grant::Shows(shown) => Some(shown.version),
        Grant::Waits(_) | Grant::Not => None,
    }
}

/// The post shows this version now.
fn edited(version: Option<Version>) -> Edited {
    Edited {
        post: post(),
        at: NOW,
        version,
        message: String::new(),
        attachments: serde_json::Value::Null,
    }
}

fn posted() -> Cards {
    let mut cards = Cards::default();
    assert!(!cards.wanted(write(1, "one"), NOW));
    cards.posted(&slot(), &RowId::read("r"), post(), 1);
    cards
}

#[test]
fn only_one_writes_a_card_at_a_time() {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    assert_eq!(shown(&mut cards, 2, NOW), Some(2));
    cards.wanted(write(3, "three"), NOW);
    assert_eq!(shown(&mut cards, 3, NOW), None);
    assert!(cards.puts(NOW, 9).is_empty());
    // The inline update is seen: now what is wanted by then is PUT.
    assert_eq!(
        cards.edited(&edited(Some(2)), NOW, |_| true),
        EditMeaning::Shows(slot(), 2)
    );
    let puts = cards.puts(NOW, 9);
    assert_eq!((puts.len(), puts[0].version), (1, 3));
    assert_eq!(shown(&mut cards, 3, NOW), None);
    assert_eq!(cards.put_ended(&puts[0], Ok(NOW), NOW), PutEnded::Shown);
    assert!(cards.puts(NOW, 9).is_empty());
}

#[test]
fn answers_that_come_at_once_say_the_same_of_a_post_that_nothing_else_changes() {
    let mut cards = Cards::default();
    let own = |version, text| CardWrite {
        home: Some(Home::Person),
        ..write(version, text)
    };
    cards.wanted(own(1, "one"), NOW);
    cards.wanted(own(2, "two"), NOW);
    assert_eq!(shown(&mut cards, 2, NOW), Some(2));
    cards.wanted(own(3, "three"), NOW);
    let (slot, version) = (slot(), Some(3));
    let third = ShowInline {
        slot,
        version,
        post: None,
    };
    let Grant::Waits(until) = cards.grant(&third, NOW) else {
        panic!("the second answer may come after the third");
    };
    cards.wanted(own(4, "four"), NOW);
    // Both that waited, and one that was refused, show the fourth.
    for version in [Some(3), Some(4), None] {
        let waited = ShowInline {
            version,
            ..third.clone()
        };
        let Grant::Shows(shown) = cards.grant(&waited, until) else {
            panic!("{version:?} waits again");
        };
        assert_eq!((shown.version, shown.card), (4, card("four")));
    }
}

#[test]
fn a_click_on_a_post_that_the_card_has_left_shows_nothing_there() {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    let (slot, version, post) = (slot(), Some(2), Some(PostId::from_bytes([7; 16])));
    let elsewhere = ShowInline {
        slot,
        version,
        post,
    };
    assert_eq!(cards.grant(&elsewhere, NOW), Grant::Not);
    assert_eq!(cards.puts(NOW, 9).len(), 1);
}

#[test]
fn an_inline_update_that_nobody_saw_is_put() {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    assert_eq!(shown(&mut cards, 2, NOW), Some(2));
    cards.expire(NOW.plus(Duration::from_millis(1_999)));
    assert!(cards.puts(NOW, 9).is_empty());
    cards.expire(NOW.plus(SETTLES));
    assert_eq!(cards.puts(NOW, 9).len(), 1);
}

#[test]
fn a_strangers_edit_is_healed_and_our_own_is_not() {
    let mut cards = posted();
    assert_eq!(
        cards.edited(&edited(Some(1)), NOW, |c| c.text == "one"),
        EditMeaning::Shows(slot(), 1)
    );
    assert!(cards.puts(NOW, 9).is_empty());
    assert_eq!(
        cards.edited(&edited(Some(1)), NOW, |_| false),
        EditMeaning::Altered(slot())
    );
    let puts = cards.puts(NOW, 9);
    assert_eq!(puts.len(), 1);
    // One that takes our props away, too; and whether the PUT came before it nobody knows.
    assert_eq!(
        cards.edited(&edited(None), NOW, |_| true),
        EditMeaning::Altered(slot())
    );
    assert_eq!(cards.put_ended(&puts[0], Ok(NOW), NOW), PutEnded::Again);
    assert_eq!(cards.puts(NOW.plus(RETRY), 9).len(), 1);
}

#[test]
fn a_stranger_who_edits_each_time_is_answered_only_now_and_then() {
    let mut cards = posted();
    for round in 0..2 {
        let now = NOW.plus(RETRY * round);
        assert_eq!(
            cards.edited(&edited(None), now, |_| true),
            EditMeaning::Altered(slot())
        );
        let puts = cards.puts(now, 9);
        assert_eq!(cards.put_ended(&puts[0], Ok(now), now), PutEnded::Shown);
        cards.edited(&edited(None), now, |_| true);
        assert!(cards.puts(now, 9).is_empty());
        let puts = cards.puts(now.plus(RETRY), 9);
        assert_eq!(cards.put_ended(&puts[0], Ok(now), now), PutEnded::Shown);
    }
}

#[test]
fn a_write_that_was_long_on_its_way_is_written_over_and_old_news_is_not() {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    let puts = cards.puts(NOW, 9);
    assert_eq!(cards.put_ended(&puts[0], Ok(NOW), NOW), PutEnded::Shown);
    let first = |at| Edited {
        at,
        ..edited(Some(1))
    };
    let (before, after) = (Millis(NOW.0 - 1), Millis(NOW.0 + 1));
    cards.edited(&first(before), NOW, |_| true);
    assert!(cards.puts(NOW, 9).is_empty());
    let meaning = cards.edited(&first(after), NOW, |_| true);
    assert_eq!(meaning, EditMeaning::Altered(slot()));
    assert_eq!(cards.puts(NOW, 9).len(), 1);
}

#[test]
fn where_a_put_may_still_come_the_card_is_put_once_more_and_settled_only_then() {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    let puts = cards.puts(NOW, 9);
    assert_eq!(
        cards.put_ended(&puts[0], Err(Unshown::Unsure), NOW),
        PutEnded::Again
    );
    let (again, over) = (NOW.plus(RETRY), NOW.plus(STRAYS));
    let puts = cards.puts(again, 9);
    assert_eq!(cards.put_ended(&puts[0], Ok(again), again), PutEnded::Again);
    cards.expire(again);
    assert!(cards.puts(again, 9).is_empty());
    cards.expire(over);
    let puts = cards.puts(over, 9);
    assert_eq!(cards.put_ended(&puts[0], Ok(over), over), PutEnded::Shown);
}

/// A card is PUT, and each time it ends so, until that counts; gives when it did, and the number of PUTs.
fn until_it_counts(cards: &mut Cards, ended: Unshown) -> (Duration, usize) {
    let (mut now, mut puts) = (NOW, 0);
    while now < NOW.plus(Duration::from_secs(60)) {
        let Some(put) = cards.puts(now, 9).pop() else {
            if puts > 0 && now.since(NOW) > 3 * LAST_PAUSE + RACES {
                break;
            }
            now = now.plus(Duration::from_millis(250));
            continue;
        };
        puts += 1;
        if cards.put_ended(&put, Err(ended), now) == PutEnded::Gone {
            break;
        }
    }
    (now.since(NOW), puts)
}

#[test]
fn a_version_that_is_refused_rests_and_the_next_one_is_tried_at_once() {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    let (after, tries) = until_it_counts(&mut cards, Unshown::Refused);
    assert!((5..15).contains(&tries), "{tries}");
    let later = NOW.plus(after);
    assert!(cards.puts(later, 9).is_empty());
    cards.wanted(write(3, "three"), later);
    let puts = cards.puts(later, 9);
    assert_eq!(puts[0].version, 3);
    let ended = cards.put_ended(&puts[0], Ok(later), later);
    assert_eq!(ended, PutEnded::Shown);
}

#[test]
fn a_refusal_that_lasts_a_moment_keeps_no_card_from_being_shown() {
    for refused in [Unshown::Refused, Unshown::Gone] {
        let mut cards = posted();
        cards.wanted(write(2, "two"), NOW);
        let puts = cards.puts(NOW, 9);
        let ended = cards.put_ended(&puts[0], Err(refused), NOW);
        assert_eq!(ended, PutEnded::Again);
        let soon = NOW.plus(Duration::from_millis(250));
        let puts = cards.puts(soon, 9);
        let ended = cards.put_ended(&puts[0], Ok(soon), soon);
        assert_eq!(ended, PutEnded::Shown, "{refused:?}");
    }
}

#[test]
fn a_card_whose_post_is_gone_is_forgotten() {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    let (after, tries) = until_it_counts(&mut cards, Unshown::Gone);
    assert!(after >= RACES && tries < 15, "{after:?}, {tries} PUTs");
    assert!(!cards.knows(&slot()) && cards.slot_of(&post()).is_none());
}

#[test]
fn what_an_answer_shows_is_not_owed_and_what_came_since_is() {
    let mut cards = posted();
    assert!(!cards.is_any_owed());
    cards.wanted(write(2, "two"), NOW);
    assert!(cards.is_any_owed());
    assert_eq!(shown(&mut cards, 2, NOW), Some(2));
    assert!(!cards.is_any_owed());
    cards.wanted(write(3, "three"), NOW);
    assert!(cards.is_any_owed());
}

#[test]
fn a_failed_put_waits_before_it_is_tried_again() {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    let puts = cards.puts(NOW, 9);
    assert_eq!(
        cards.put_ended(&puts[0], Err(Unshown::Later), NOW),
        PutEnded::Again
    );
    assert!(cards.puts(NOW, 9).is_empty());
    assert_eq!(cards.puts(NOW.plus(RETRY), 9).len(), 1);
}

#[test]
fn a_known_card_that_the_store_has_further_on_is_put() {
    let mut cards = posted();
    let mut further = cards.cards[&slot()].row.clone();
    (further.wanted, further.wanted_version) = (card("two"), 2);
    further.post = None;
    cards.loaded(further, NOW);
    let puts = cards.puts(NOW, 9);
    assert_eq!((puts.len(), &puts[0].card), (1, &card("two")));
}

#[test]
fn a_card_that_is_not_known_is_loaded() {
    let mut cards = Cards::default();
    let write = CardWrite {
        home: None,
        ..write(2, "two")
    };
    assert!(cards.wanted(write, NOW));
    assert_eq!(shown(&mut cards, 2, NOW), None);
}

/// A card whose second version is refused for good, and when that was.
fn refused() -> (Cards, Millis) {
    let mut cards = posted();
    cards.wanted(write(2, "two"), NOW);
    let (after, _) = until_it_counts(&mut cards, Unshown::Refused);
    (cards, NOW.plus(after))
}

fn lost(why: Why) -> Lost {
    Lost {
        why,
        name: Some("~dev".into()),
    }
}

fn waiting(cards: &Cards) -> Vec<usize> {
    cards.lost().map(|(_, _, cards)| cards).collect()
}

#[test]
fn what_is_refused_for_good_is_tried_once_whenever_it_has_rested() {
    let (mut cards, mut now) = refused();
    let mut tries = 0;
    for _ in 0..4 * 3600 {
        now = now.plus(Duration::from_secs(1));
        for put in cards.puts(now, 9) {
            tries += 1;
            let ended = cards.put_ended(&put, Err(Unshown::Refused), now);
            assert_eq!(ended, PutEnded::Refused);
        }
    }
    assert_eq!(tries, 24, "every ten minutes in four hours");
    // Nor is a later version a new race.
    cards.wanted(write(3, "three"), now);
    let put = cards.puts(now, 9).remove(0);
    let ended = cards.put_ended(&put, Err(Unshown::Refused), now);
    assert_eq!(ended, PutEnded::Refused);
    assert!(cards.puts(now, 9).is_empty());
}

#[test]
fn a_card_in_a_lost_channel_waits_for_the_return_whatever_is_wanted_meanwhile() {
    let (mut cards, now) = refused();
    cards.look(NOW);
    let later = now.plus(Duration::from_secs(3600));
    assert_eq!(cards.late(later), 1);
    cards.lose(channel(), lost(Why::Archived), now);
    cards.wanted(write(3, "three"), later);
    cards.look(later);
    assert!(cards.puts(later, 9).is_empty());
    assert_eq!((cards.late(later), cards.is_any_owed()), (0, false));
    assert_eq!(waiting(&cards), [1]);
    assert!(!cards.back(&channel()), "it is in memory");
    assert!(cards.lost().next().is_none());
    assert_eq!(cards.late(later), 0, "it has only begun");
    let put = cards.puts(later, 9).remove(0);
    assert_eq!(put.version, 3);
    // Mattermost may not know everywhere yet that the bot is back.
    let ended = cards.put_ended(&put, Err(Unshown::Refused), later);
    assert_eq!(ended, PutEnded::Again);
}

#[test]
fn a_lost_channel_is_looked_into_once_in_five_minutes() {
    let (mut cards, now) = refused();
    cards.lose(channel(), lost(Why::NotMember), now);
    assert!(cards.due(now, 9).is_empty());
    let again = now.plus(LOOKS);
    assert_eq!(cards.due(again, 9), [channel()]);
    assert!(cards.due(again, 9).is_empty());
}

#[test]
fn only_a_return_to_its_own_channel_revives_what_was_refused() {
    let (mut cards, now) = refused();
    let memberships = Memberships::with_account();
    let comes = |id| memberships.joined(id, Spot::default());
    for n in 3..50 {
        comes(ChannelId::from_bytes([n; 16]));
    }
    assert!(cards.came(&memberships).is_empty());
    assert!(cards.puts(now, 9).is_empty());
    comes(channel());
    cards.came(&memberships);
    let put = cards.puts(now, 9).remove(0);
    // It was there when this one was refused, and hasn't come since.
    cards.put_ended(&put, Err(Unshown::Refused), now);
    let over = now.plus(RACES * 2);
    let put = cards.puts(over, 9).remove(0);
    let ended = cards.put_ended(&put, Err(Unshown::Refused), over);
    assert_eq!(ended, PutEnded::Refused);
    cards.refused_since(&slot(), memberships.coming(&channel()));
    cards.came(&memberships);
    assert!(cards.puts(over, 9).is_empty());
}

#[test]
fn a_card_that_waits_or_is_refused_and_that_the_store_has_no_more_is_forgotten() {
    for is_lost in [true, false] {
        let (mut cards, now) = refused();
        if is_lost {
            cards.lose(channel(), lost(Why::Archived), now);
        }
        let row = cards.cards[&slot()].row.clone();
        let read = cards.begins_to_read();
        cards.loaded(row, now);
        cards.was_read(read);
        assert!(cards.knows(&slot()));
        assert_eq!(waiting(&cards).len(), usize::from(is_lost));
        // A read that began before a turn wanted more may not know.
        let read = cards.begins_to_read();
        cards.wanted(write(3, "three"), now);
        cards.was_read(read);
        assert!(cards.knows(&slot()));
        let read = cards.begins_to_read();
        cards.was_read(read);
        assert!(!cards.knows(&slot()) && cards.slot_of(&post()).is_none());
        assert_eq!(waiting(&cards), [0; 0]);
    }
}

#[test]
fn cards_that_wait_in_great_numbers_are_counted_and_not_kept() {
    let mut cards = Cards::default();
    cards.begins_to_read();
    let row = |n: usize| CardRow {
        slot: Slot::new(Place::Desk("d".into()), "poll", n.to_string()),
        post: Some(post()),
        ..write(2, "two").first(write(2, "two").home.unwrap())
    };
    cards.loaded(row(0), NOW);
    cards.lose(channel(), lost(Why::Archived), NOW);
    for n in 1..10 * KEPT {
        cards.loaded(row(n), NOW);
    }
    assert!(cards.cards.len() <= KEPT, "{}", cards.cards.len());
    assert_eq!(waiting(&cards), [10 * KEPT]);
    assert!(cards.back(&channel()), "the others are in the store");
}
