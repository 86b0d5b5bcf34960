use super::parts::Parts;
use crate::actors::face::Face;
use crate::actors::poster::{Boxes, LastTrouble, Looking, Outlet, Taken, Unsaid};
use crate::turns::Presence;

/// The ways out of the program.
pub(super) fn outlet(parts: &Parts, presence: &Presence, face: &Face) -> Outlet {
    Outlet {
        rest: parts.rest.clone(),
        me: parts.me.as_ref().map(|me| me.id),
        face: face.clone(),
        incoming: parts.incoming.clone(),
        store: parts.store.clone(),
        presence: presence.clone(),
        boxes: Boxes::default(),
        unsaid: Unsaid::default(),
        looking: Looking::default(),
        time: parts.time.clone(),
        last_trouble: LastTrouble::default(),
        taken: Taken::default(),
    }
}
