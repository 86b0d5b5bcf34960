use super::parts::Parts;
use crate::actors::card_format::CardFormat;
use crate::actors::poster::{Boxes, LastTrouble, Looking, Outlet, TakenPosts, Unsaid};
use crate::turns::Memberships;

/// The ways out of the program.
pub(super) fn outlet(parts: &Parts, memberships: &Memberships, format: &CardFormat) -> Outlet {
    Outlet {
        rest: parts.rest.clone(),
        me: parts.me.as_ref().map(|me| me.id),
        format: format.clone(),
        incoming: parts.incoming.clone(),
        store: parts.store.clone(),
        memberships: memberships.clone(),
        boxes: Boxes::default(),
        unsaid: Unsaid::default(),
        looking: Looking::default(),
        time: parts.time.clone(),
        last_trouble: LastTrouble::default(),
        taken: TakenPosts::default(),
    }
}
