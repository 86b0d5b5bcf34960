use super::*;
use crate::actors::poster::waiting::LIFE;
use crate::event::Button;

fn given_up(cards: &Cards, now: Millis) -> Vec<(Slot, PostId)> {
    let given_up = cards.given_up(now).into_iter();
    given_up.map(|(slot, post, _)| (slot, post)).collect()
}

#[test]
fn cards_in_a_channel_that_was_deleted_are_given_up() {
    let (mut cards, now) = refused();
    cards.lose(channel(), lost(Why::Deleted), now);
    assert!(given_up(&cards, now).is_empty());
    cards.lose(channel(), lost(Why::Deleted), now.plus(LOOKS));
    let over = now.plus(TELLS);
    assert_eq!(given_up(&cards, over), [(slot(), post())]);
    cards.gone(&slot());
    assert!(given_up(&cards, over).is_empty());
}

/// One that was posted at [`NOW`], in a channel that is archived.
fn archived(buttons: Vec<Button>) -> Cards {
    let (mut cards, now) = refused();
    let row = &mut cards.cards.get_mut(&slot()).unwrap().row;
    row.home = Home::Bot {
        row: RowId::new(NOW, 1, 1),
        lane: Lane::Channel(channel()),
        root: None,
        from: None,
    };
    row.wanted = Arc::new(CardContent {
        buttons,
        ..CardContent::default()
    });
    cards.lose(channel(), lost(Why::Archived), now);
    cards
}

#[test]
fn a_card_without_buttons_waits_for_an_archived_channel_for_thirty_days() {
    let cards = archived(Vec::new());
    let over = NOW.plus(LIFE);
    assert!(given_up(&cards, over.minus(Duration::from_secs(1))).is_empty());
    assert_eq!(given_up(&cards, over), [(slot(), post())]);
}

#[test]
fn a_card_that_can_be_clicked_waits_as_long_as_it_can() {
    let button = serde_json::json!({"label": "Yes", "press": 1});
    let cards = archived(vec![serde_json::from_value(button).unwrap()]);
    assert!(given_up(&cards, NOW.plus(LIFE + LIFE)).is_empty());
}
