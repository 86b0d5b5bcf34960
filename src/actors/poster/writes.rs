use std::sync::Arc;

use crate::event::{Card, CardRow, Home, RowId, Slot, Version};
use crate::model::ids::PostId;

/// A card that is to be posted.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct First {
    pub slot: Slot,
    /// The row that posts it.
    pub row: Option<RowId>,
    pub card: Arc<Card>,
    pub version: Version,
    /// In which thread.
    pub root: Option<PostId>,
}

impl First {
    /// Whether this row posts it: another one may by now.
    pub fn is_posted_by(&self, row: &RowId) -> bool {
        self.row.as_ref() == Some(row)
    }

    /// As a card is wanted now.
    pub fn of(row: &CardRow) -> Self {
        Self {
            slot: row.slot.clone(),
            row: match &row.home {
                Home::Bot { row, .. } => Some(row.clone()),
                Home::Person => None,
            },
            card: row.wanted.clone(),
            version: row.wanted_version,
            root: match &row.home {
                Home::Bot { root, .. } => *root,
                Home::Person => None,
            },
        }
    }
}

/// A replacement of a card's post that is to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Put {
    pub slot: Slot,
    pub post: PostId,
    pub row: Option<RowId>,
    pub version: Version,
    pub card: Arc<Card>,
}
