use super::batch::Builder;
use crate::event::{Blame, Body, Draft, Event, Home, Inline, Lane, Row, RowId, RowKind};
use crate::skill::{Change, Outcome};
use crate::store::CardWrite;

/// What a turn wants to leave, and by which way.
impl Builder<'_> {
    /// Writes the card; `true` where a known card changed by a click, and may be shown inline.
    pub(super) fn card(
        &mut self,
        event: &Event,
        outcome: &Outcome,
        inline: &mut Option<Inline>,
    ) -> bool {
        let (Some(card), Change::Keep(_)) = (&outcome.card, &outcome.change) else {
            return false;
        };
        let slot = &outcome.slot;
        let version = self.copy.next_version(slot);
        let clicked = match &event.body {
            Body::Click(click) if click.slot == *slot => click.post,
            _ => None,
        };
        let mut cards = self.built.commit.cards.iter_mut();
        if let Some(write) = cards.find(|write| write.slot == *slot) {
            write.wanted = card.clone();
            write.post = write.post.or(clicked);
            return clicked.is_some();
        }
        let home = if version == 1 {
            self.home(event, outcome, inline)
        } else {
            None
        };
        let (slot, wanted) = (slot.clone(), card.clone());
        self.built.commit.cards.push(CardWrite {
            slot,
            home,
            post: clicked,
            wanted,
            version,
        });
        clicked.is_some()
    }

    /// Where a new card stands.
    fn home(
        &mut self,
        event: &Event,
        outcome: &Outcome,
        inline: &mut Option<Inline>,
    ) -> Option<Home> {
        let lane = Lane::of(&outcome.slot.place).or(event.channel.map(Lane::Channel))?;
        if self.must_go_inline(&lane, event) {
            let (slot, card) = (
                Some(outcome.slot.clone()),
                outcome.card.as_deref().cloned().unwrap_or_default(),
            );
            *inline = merged(inline.take(), Inline { slot, card });
            return Some(Home::Person);
        }
        let row = self.ids.next(self.now);
        let root = outcome.effects.card_root;
        self.row(
            row.clone(),
            lane.clone(),
            RowKind::Card(outcome.slot.clone()),
            event,
            Some(outcome),
        );
        Some(Home::Bot { row, lane, root })
    }

    /// Whether a post for this lane must go out as the answer to the event, because the bot can't
    /// post there itself.
    pub(super) fn must_go_inline(&self, lane: &Lane, event: &Event) -> bool {
        let answerable = match &event.body {
            Body::Slash(_) => true,
            Body::Post(heard) => heard.hooked,
            _ => false,
        };
        let here = match lane {
            Lane::Channel(channel) => {
                event.channel == Some(*channel) && !self.presence.can_post(channel)
            }
            Lane::Direct(_) => false,
        };
        answerable && here
    }

    /// What only the person sees, after the answer was gone.
    pub(super) fn late(&mut self, event: &Event, text: String) {
        let Some(by) = &event.by else { return };
        let kind = RowKind::Whisper {
            text,
            response_url: response_url(event),
        };
        let lane = Lane::Direct(by.id);
        self.row(self.ids.next(self.now), lane, kind, event, None);
    }

    /// What everybody should see in a channel that the bot can't post in, after the answer was gone.
    pub(super) fn late_inline(&mut self, event: &Event, inline: Inline) {
        let Some(channel) = event.channel else { return };
        let kind = match response_url(event) {
            Some(url) => RowKind::Response { url, inline },
            None => RowKind::Post(Draft {
                text: inline.card.text,
                ..Draft::default()
            }),
        };
        let lane = Lane::Channel(channel);
        self.row(self.ids.next(self.now), lane, kind, event, None);
    }

    pub(super) fn row(
        &mut self,
        id: RowId,
        lane: Lane,
        kind: RowKind,
        event: &Event,
        outcome: Option<&Outcome>,
    ) {
        let from = match &kind {
            RowKind::Post(_) => outcome.map(|outcome| outcome.slot.clone()),
            _ => None,
        };
        self.built.commit.rows.push(Row {
            id,
            lane,
            kind,
            created: self.now,
            blame: blame(event, outcome),
            from,
        });
    }
}

/// Who is told where something can't be posted: whom it concerns, or whose doing it is.
fn blame(event: &Event, outcome: Option<&Outcome>) -> Option<Blame> {
    let concerns = outcome.and_then(|outcome| outcome.effects.concerns.clone());
    let (person, what) = match concerns {
        Some((person, what)) => (person, Some(what)),
        None => (event.cause()?, None),
    };
    let own = event.by.as_ref().is_some_and(|by| by.id == person);
    Some(Blame {
        person,
        response_url: response_url(event).filter(|_| own),
        what,
    })
}

fn response_url(event: &Event) -> Option<String> {
    match &event.body {
        Body::Slash(summons) => summons.response_url.clone(),
        _ => None,
    }
}

/// Several posts of one turn go out as one answer; a card keeps its buttons.
pub(super) fn merged(before: Option<Inline>, next: Inline) -> Option<Inline> {
    let Some(mut before) = before else {
        return Some(next);
    };
    let texts = [&before.card.text, &next.card.text];
    let text = texts
        .iter()
        .filter(|t| !t.is_empty())
        .map(|t| t.as_str())
        .collect::<Vec<_>>()
        .join("\n\n");
    if next.slot.is_some() {
        before = next;
    }
    before.card.text = text;
    Some(before)
}
