//! Cards as tests have them.

use std::sync::Arc;

use super::{CardRow, Home, Lane, Place, RowId, Slot};
use crate::model::ids::{ChannelId, PostId};

/// In a channel, by this row.
pub(crate) fn home(row: &str) -> Home {
    Home::Bot {
        row: RowId::read(row),
        lane: Lane::Channel(ChannelId::from_bytes([1; 16])),
        root: None,
        from: None,
    }
}

pub(crate) fn post(n: u8) -> PostId {
    PostId::from_bytes([n; 16])
}

/// A card that the row `a` posts, with this post.
pub(crate) fn card_row(post: Option<PostId>) -> CardRow {
    CardRow {
        slot: Slot::new(Place::Desk("d".into()), "oncall", ""),
        home: home("a"),
        post,
        wanted: Arc::default(),
        wanted_version: 3,
        shown_version: 3,
    }
}
