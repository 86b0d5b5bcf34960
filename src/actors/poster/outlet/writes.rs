use std::sync::Arc;

use super::Outlet;
use crate::actors::poster::cached_card::Unshown;
use crate::client::error::Retry;
use crate::event::{CardContent, CardRow, Home, RowId, Slot, Version};
use crate::model::ids::{ChannelId, Millis, PostId};

/// A card that is to be posted.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::actors::poster) struct CardToPost {
    pub slot: Slot,
    /// The row that posts it.
    pub row: Option<RowId>,
    pub card: Arc<CardContent>,
    pub version: Version,
    /// In which thread.
    pub root: Option<PostId>,
}

impl CardToPost {
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
pub(in crate::actors::poster) struct Put {
    pub slot: Slot,
    pub channel: Option<ChannelId>,
    pub post: PostId,
    pub row: Option<RowId>,
    pub version: Version,
    pub card: Arc<CardContent>,
}

impl Outlet {
    /// Replaces a card's post, and tells its `update_at`.
    pub(in crate::actors::poster) async fn put(&self, put: &Put) -> Result<Millis, Unshown> {
        let update = self
            .format
            .update(&put.slot, &put.card, put.row.as_ref(), put.version);
        let update = update.map_err(|error| {
            tracing::error!(slot = %put.slot, %error, "a card can't be shown");
            Unshown::Refused
        })?;
        self.rest.budget().wait().await;
        let error = match self.rest.patch_post(&put.post, &update.into()).await {
            Ok(post) => return Ok(post.update_at),
            Err(error) => error,
        };
        self.last_trouble.note(&error);
        if error.retry() != Retry::Never {
            tracing::info!(slot = %put.slot, %error, "a card is shown later");
            return Err(match error.retry() {
                Retry::SameIdOnly => Unshown::Unsure,
                _ => Unshown::Later,
            });
        }
        // Of a post that isn't there Mattermost says 403, as of one that the bot may not edit.
        let there = match error.is_not_found() {
            true => Err(error.clone()),
            false => self.rest.post(&put.post).await.map(drop),
        };
        match there {
            Err(gone) if gone.is_not_found() => {
                tracing::info!(slot = %put.slot, "a card's post is gone");
                Err(Unshown::Gone)
            }
            Err(unknown) if unknown.retry() != Retry::Never => Err(Unshown::Later),
            _ => {
                tracing::error!(slot = %put.slot, %error, "a card can't be shown");
                Err(Unshown::Refused)
            }
        }
    }
}
