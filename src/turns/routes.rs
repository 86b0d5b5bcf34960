use super::Memberships;
use super::joined::{joined, merged};
use crate::event::{
    Blame, Body, Draft, Event, Home, Inline, Lane, Opening, Row, RowId, RowKind, Slot, Version,
    Window,
};
use crate::model::ids::{Millis, PostId, UserId};
use crate::sentences::outdated::UNOPENED;
use crate::skill::{Change, Outcome, RowIds};
use crate::store::CardWrite;

/// By which way each thing leaves that turns want to leave: the rows and cards of a commit.
pub(super) struct Routes<'a> {
    pub now: Millis,
    pub ids: &'a RowIds,
    pub memberships: &'a Memberships,
    pub rows: Vec<Row>,
    pub cards: Vec<CardWrite>,
}

impl Routes<'_> {
    /// Writes the card of this version; `true` where a known card changed by a click, and may be shown inline.
    pub(super) fn card(
        &mut self,
        event: &Event,
        outcome: &Outcome,
        version: Version,
        inline: &mut Option<Inline>,
    ) -> bool {
        let (Some(card), Change::Keep(_)) = (&outcome.card, &outcome.change) else {
            return false;
        };
        let slot = &outcome.slot;
        let clicked = clicked_post(event, slot);
        let of_slot = |write: &CardWrite| write.slot == *slot;
        let before = self.cards.iter().position(of_slot);
        let before = before.map(|at| (at, self.cards[at].home.is_some()));
        let home = match before {
            None if version == 1 => self.home(event, outcome, inline),
            None | Some((_, false)) if outcome.effects.repost => {
                self.new_home(event, outcome, inline)
            }
            _ => None,
        };
        if let Some((at, _)) = before {
            let write = &mut self.cards[at];
            write.wanted = card.clone();
            write.post = write.post.or(clicked);
            write.moves |= home.is_some();
            write.home = write.home.take().or(home);
            return clicked.is_some();
        }
        self.cards.push(CardWrite {
            slot: slot.clone(),
            moves: version > 1 && home.is_some(),
            home,
            post: clicked,
            wanted: card.clone(),
            version,
        });
        clicked.is_some()
    }

    /// Posts that go.
    pub(super) fn deletions(&mut self, event: &Event, outcome: &Outcome) {
        let place = lane_of(event, outcome);
        for post in &outcome.effects.deletes {
            let Some(lane) = place.clone() else {
                tracing::error!(event = %event.id(), slot = %outcome.slot, %post, "a desk has no channel to delete a post in");
                return;
            };
            let row = self.ids.next(self.now);
            self.row(row, lane, RowKind::Withdrawal(*post), event, None);
        }
    }

    /// Where a card stands that is posted anew; nowhere else where the bot could never post it.
    fn new_home(
        &mut self,
        event: &Event,
        outcome: &Outcome,
        inline: &mut Option<Inline>,
    ) -> Option<Home> {
        let lane = lane_of(event, outcome)?;
        let goes = match &lane {
            Lane::Channel(channel) => self.memberships.can_post(channel),
            Lane::Direct(_) => self.memberships.has_account(),
        };
        if !goes && !self.must_go_inline(&lane, event) {
            tracing::warn!(event = %event.id(), slot = %outcome.slot, "a card can't be posted anew where the bot isn't");
            return None;
        }
        self.home(event, outcome, inline)
    }

    /// Where a new card stands.
    fn home(
        &mut self,
        event: &Event,
        outcome: &Outcome,
        inline: &mut Option<Inline>,
    ) -> Option<Home> {
        let lane = lane_of(event, outcome)?;
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
        Some(Home::Bot {
            row,
            lane,
            root,
            from: None,
        })
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
                event.channel == Some(*channel) && !self.memberships.can_post(channel)
            }
            Lane::Direct(_) => false,
        };
        answerable && here
    }

    /// What one person sees of a turn that is late. A screen shows one window: the dialog.
    pub(super) fn late_words(
        &mut self,
        event: &Event,
        opening: Option<Box<Opening>>,
        mut whisper: Option<String>,
        mut alert: Option<String>,
    ) {
        if let Some(opening) = opening {
            self.late_form(event, opening);
            let texts: Vec<_> = whisper.take().into_iter().chain(alert.take()).collect();
            whisper = joined(&texts);
        }
        if let Some(text) = whisper {
            self.late(event, text);
        }
        if let Some(text) = alert {
            self.late_alert(event, text);
        }
    }

    /// What only the person sees, after the answer was gone.
    pub(super) fn late(&mut self, event: &Event, text: String) {
        self.late_by(event, text, None);
    }

    /// The same for what must be seen, also after a click, and of what the program itself has brought by the person
    /// whose doing it goes back to.
    pub(super) fn late_alert(&mut self, event: &Event, text: String) {
        let window = match &event.body {
            Body::Click(click) => Some(Window::Message(click.trigger_id.clone())),
            _ => None,
        };
        if let Some(person) = event.cause() {
            self.late_for(person, event, text, window);
        }
    }

    /// A dialog that the answer can't wait for any more; where it doesn't open the person reads so.
    fn late_form(&mut self, event: &Event, opening: Box<Opening>) {
        self.late_by(event, UNOPENED.into(), Some(Window::Form(opening)));
    }

    fn late_by(&mut self, event: &Event, text: String, window: Option<Window>) {
        let Some(by) = event.by.as_ref().map(|by| by.id) else {
            return;
        };
        self.late_for(by, event, text, window);
    }

    fn late_for(&mut self, person: UserId, event: &Event, text: String, window: Option<Window>) {
        let kind = RowKind::Whisper {
            text,
            response_url: response_url(event),
            window,
        };
        let lane = Lane::Direct(person);
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
        self.rows.push(Row {
            id,
            lane,
            kind,
            created: self.now,
            blame: blame(event, outcome),
            from,
            event: Some(event.id()),
        });
    }
}

/// Where what a turn posts goes: its slot's place, or where the event was.
fn lane_of(event: &Event, outcome: &Outcome) -> Option<Lane> {
    Lane::of(&outcome.slot.place).or(event.channel.map(Lane::Channel))
}

fn clicked_post(event: &Event, slot: &Slot) -> Option<PostId> {
    match &event.body {
        Body::Click(click) if click.slot == *slot => click.post,
        _ => None,
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

/// Where the person of a slash command can be answered later.
pub(crate) fn response_url(event: &Event) -> Option<String> {
    match &event.body {
        Body::Slash(summons) => summons.response_url.clone(),
        _ => None,
    }
}
