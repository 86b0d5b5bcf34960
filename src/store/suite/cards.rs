//! Cards and what they show.

use super::*;

promises! {
    a_posted_card_is_known_and_shows_its_version
    a_row_of_an_older_card_does_not_post_the_new_one
    a_card_never_goes_back
    a_card_that_begins_elsewhere_starts_anew
    a_card_that_moves_has_its_post_until_the_next_one_is_there
    a_card_whose_post_is_gone_is_posted_anew
    a_card_whose_former_post_is_gone_keeps_its_own
    a_card_that_waits_for_its_post_waits_on_where_a_former_one_is_gone
    an_altered_card_is_shown_again
    a_gone_card_shows_nothing_more
    all_cards_that_are_behind_are_read_page_by_page
}

/// A slot with a card that the bot has yet to post with this row.
pub(super) async fn show(store: &dyn Store, slot: &Slot, n: u32) {
    let first = Commit {
        slots: vec![write(slot, 0)],
        cards: vec![card(slot, Some(home(n)), 1)],
        rows: vec![outgoing(n, RowKind::Card(slot.clone()))],
        ..commit()
    };
    store.commit(first).await.unwrap();
}

async fn want(store: &dyn Store, card: CardWrite) -> CardRow {
    let slot = card.slot.clone();
    store
        .commit(Commit {
            cards: vec![card],
            ..commit()
        })
        .await
        .unwrap();
    store.card(&slot).await.unwrap().unwrap()
}

async fn a_posted_card_is_known_and_shows_its_version(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    want(store, card(&slot, None, 3)).await;
    assert_eq!(store.stale_cards(None, 9).await.unwrap(), []);
    store
        .settle(vec![posted(1, post(1), 77, Some(1))])
        .await
        .unwrap();
    let stale = store.stale_cards(None, 9).await.unwrap();
    assert_eq!(
        (stale.len(), stale[0].post, stale[0].shown_version),
        (1, Some(post(1)), 1)
    );
    assert_eq!(
        store.card_of_post(&post(1)).await.unwrap().as_ref(),
        Some(&stale[0])
    );
    assert_eq!(store.card_of_post(&post(2)).await.unwrap(), None);
    let shown = |n, version| Settled::Shown {
        slot: slot.clone(),
        post: post(n),
        version,
    };
    store
        .settle(vec![shown(2, 9), shown(1, 3), shown(1, 2)])
        .await
        .unwrap();
    assert_eq!(store.stale_cards(None, 9).await.unwrap(), []);
    let found = store.card(&slot).await.unwrap().unwrap();
    assert_eq!((found.post, found.shown_version), (Some(post(1)), 3));
}

async fn a_row_of_an_older_card_does_not_post_the_new_one(store: &dyn Store) {
    show(store, &slot(1), 1).await;
    let forget = SlotWrite {
        slot: slot(1),
        read: 1,
        row: None,
    };
    store
        .commit(Commit {
            slots: vec![forget],
            ..commit()
        })
        .await
        .unwrap();
    show(store, &slot(1), 2).await;
    store
        .settle(vec![posted(1, post(1), 77, Some(5))])
        .await
        .unwrap();
    let found = store.card(&slot(1)).await.unwrap().unwrap();
    assert_eq!((found.post, found.shown_version), (None, 0));
}

async fn a_card_never_goes_back(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    let taught = CardWrite {
        post: Some(post(1)),
        ..card(&slot, None, 4)
    };
    let found = want(store, taught).await;
    assert_eq!(
        (found.wanted_version, found.post, &found.home),
        (4, Some(post(1)), &home(1))
    );
    let found = want(store, card(&slot, None, 3)).await;
    assert_eq!((found.wanted_version, found.post), (4, Some(post(1))));
    assert_eq!(found.wanted.text, "version 4");
}

async fn a_card_that_begins_elsewhere_starts_anew(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    store
        .settle(vec![posted(1, post(1), 77, Some(1))])
        .await
        .unwrap();
    let found = want(store, card(&slot, Some(home(1)), 2)).await;
    assert_eq!((found.post, found.shown_version), (Some(post(1)), 1));
    let found = want(store, card(&slot, Some(home(2)), 3)).await;
    assert_eq!(
        (found.post, found.shown_version, found.home),
        (None, 0, home(2))
    );
    let found = want(
        store,
        CardWrite {
            post: Some(post(3)),
            ..card(&slot, Some(Home::Person), 4)
        },
    );
    assert_eq!(found.await.post, Some(post(3)));
    // Only clicks change it.
    assert_eq!(store.stale_cards(None, 9).await.unwrap(), []);
}

/// A commit after which the card is posted anew by this row.
async fn move_to(store: &dyn Store, slot: &Slot, n: u32, version: Version) {
    let moves = CardWrite {
        moves: true,
        post: Some(post(9)),
        ..card(slot, Some(home(n)), version)
    };
    let commit = Commit {
        cards: vec![moves],
        rows: vec![outgoing(n, RowKind::Card(slot.clone()))],
        ..commit()
    };
    store.commit(commit).await.unwrap();
}

async fn unsent(store: &dyn Store) -> Vec<RowKind> {
    let rows = store.unsent(None, 9).await.unwrap();
    rows.into_iter().map(|row| row.kind).collect()
}

async fn a_card_that_moves_has_its_post_until_the_next_one_is_there(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    store
        .settle(vec![posted(1, post(1), 77, Some(1))])
        .await
        .unwrap();
    move_to(store, &slot, 2, 2).await;
    let found = store.card(&slot).await.unwrap().unwrap();
    assert_eq!((found.post, found.shown_version), (Some(post(1)), 1));
    assert_eq!(found.home.row(), Some(&id(1)));
    assert_eq!(store.stale_cards(None, 9).await.unwrap().len(), 1);
    assert_eq!(unsent(store).await, [RowKind::Card(slot.clone())]);
    for _ in 0..2 {
        store
            .settle(vec![posted(2, post(2), 78, Some(2))])
            .await
            .unwrap();
        let found = store.card(&slot).await.unwrap().unwrap();
        assert_eq!((found.post, found.shown_version), (Some(post(2)), 2));
        assert_eq!(unsent(store).await, [RowKind::Delete(post(1))]);
    }
    // A click on the post that goes teaches nothing.
    let late = CardWrite {
        post: Some(post(1)),
        ..card(&slot, None, 3)
    };
    assert_eq!(want(store, late).await.post, Some(post(2)));
    assert_eq!(store.card_of_post(&post(1)).await.unwrap(), None);
}

async fn a_card_whose_post_is_gone_is_posted_anew(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    store
        .settle(vec![posted(1, post(1), 77, Some(1)), gone(&slot, 1)])
        .await
        .unwrap();
    move_to(store, &slot, 2, 2).await;
    // It is gone while it moves.
    store
        .settle(vec![posted(2, post(2), 78, Some(2))])
        .await
        .unwrap();
    move_to(store, &slot, 3, 3).await;
    store
        .settle(vec![gone(&slot, 2), posted(3, post(3), 79, Some(3))])
        .await
        .unwrap();
    let found = store.card(&slot).await.unwrap().unwrap();
    assert_eq!((found.post, found.shown_version), (Some(post(3)), 3));
    assert_eq!(unsent(store).await, []);
}

/// A former post that is taken away says nothing of the one that the card has.
async fn a_card_whose_former_post_is_gone_keeps_its_own(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    let settled = vec![posted(1, post(1), 77, Some(1)), gone(&slot, 7)];
    store.settle(settled).await.unwrap();
    let found = store.card(&slot).await.unwrap().unwrap();
    assert_eq!((found.post, found.shown_version), (Some(post(1)), 1));
    // Nor one that was posted for nothing while the card moves.
    move_to(store, &slot, 2, 2).await;
    store.settle(vec![gone(&slot, 7)]).await.unwrap();
    let settled = vec![posted(2, post(2), 78, Some(2))];
    store.settle(settled).await.unwrap();
    assert_eq!(unsent(store).await.len(), 1, "the former post goes");
}

/// The store is told of a first post, and of its deletion, only once the card is to be posted anew.
async fn a_card_that_waits_for_its_post_waits_on_where_a_former_one_is_gone(store: &dyn Store) {
    let slot = slot(1);
    show(store, &slot, 1).await;
    move_to(store, &slot, 2, 2).await;
    let shown = Settled::Shown {
        slot: slot.clone(),
        post: post(1),
        version: 1,
    };
    let settled = vec![posted(1, post(1), 77, Some(1)), shown, gone(&slot, 1)];
    store.settle(settled).await.unwrap();
    assert_eq!(store.card(&slot).await.unwrap().unwrap().post, None);
    let settled = vec![posted(2, post(2), 78, Some(2))];
    store.settle(settled).await.unwrap();
    let found = store.card(&slot).await.unwrap().unwrap();
    assert_eq!((found.post, found.shown_version), (Some(post(2)), 2));
    assert_eq!(unsent(store).await, [RowKind::Delete(post(1))]);
}

fn gone(slot: &Slot, n: u8) -> Settled {
    Settled::Gone {
        slot: slot.clone(),
        post: post(n),
    }
}

async fn an_altered_card_is_shown_again(store: &dyn Store) {
    show(store, &slot(1), 1).await;
    store
        .settle(vec![posted(1, post(1), 77, Some(1))])
        .await
        .unwrap();
    assert_eq!(store.stale_cards(None, 9).await.unwrap(), []);
    store
        .settle(vec![Settled::Altered(slot(1)), Settled::Altered(slot(2))])
        .await
        .unwrap();
    assert_eq!(store.stale_cards(None, 9).await.unwrap().len(), 1);
}

async fn a_gone_card_shows_nothing_more(store: &dyn Store) {
    show(store, &slot(1), 1).await;
    let settled = vec![posted(1, post(1), 77, Some(1))];
    store.settle(settled).await.unwrap();
    store
        .settle(vec![gone(&slot(1), 1), gone(&slot(2), 1)])
        .await
        .unwrap();
    assert_eq!(store.card(&slot(1)).await.unwrap(), None);
    let cards = vec![card(&slot(1), None, 2)];
    store
        .commit(Commit {
            cards,
            ..turn(&place(1), 1)
        })
        .await
        .unwrap();
    assert_eq!(store.card(&slot(1)).await.unwrap(), None);
    assert_eq!(version(store, &slot(1)).await, 2);
}

async fn all_cards_that_are_behind_are_read_page_by_page(store: &dyn Store) {
    for n in 1..=5u8 {
        let slot = slot(n);
        show(store, &slot, n.into()).await;
        let row = posted(n.into(), post(n), 77, Some(0));
        store.settle(vec![row]).await.unwrap();
    }
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = store.stale_cards(after.as_ref(), 2).await.unwrap();
        read.extend(page.iter().map(|card| card.slot.clone()));
        match page.last() {
            Some(card) => after = Some(card.slot.clone()),
            None => break,
        }
    }
    let mut all: Vec<Slot> = (1..=5).map(slot).collect();
    read.sort();
    all.sort();
    assert_eq!(read, all);
}
