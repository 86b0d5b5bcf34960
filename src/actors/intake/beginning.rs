use std::pin::pin;
use std::time::Duration;

use futures_util::TryStreamExt;

use super::line::{Line, remembered};
use crate::client::error::RestError;
use crate::client::rest::Rest;
use crate::client::retry::full_jitter;
use crate::model::ids::Millis;
use crate::store::{Cursor, Store, StoreError};
use crate::time::sleep;
use crate::turns::Memberships;

/// How long to wait before the store is asked again.
const AGAIN: Duration = Duration::from_secs(1);
/// How many cursors are read at once.
const SOME: usize = 1_024;

/// Where hearing begins, for a store that doesn't know yet: what is in the channels now is history,
/// and everything that comes later is answered, however short this process lives. To be done before
/// the first event is taken; it waits for Mattermost and the store for as long as it takes. When that was is
/// what comes back.
///
/// # Errors
/// `Refused`, where the store will never take it.
pub async fn begin_hearing(rest: &Rest, store: &dyn Store) -> Result<Millis, StoreError> {
    let mut failures = 0;
    loop {
        match begin(rest, store, &mut failures).await {
            Err(error @ StoreError::Unavailable(_)) => {
                tracing::warn!(%error, "where hearing begins can't be remembered");
                sleep(AGAIN).await;
            }
            done => return done,
        }
    }
}

async fn begin(rest: &Rest, store: &dyn Store, failures: &mut u32) -> Result<Millis, StoreError> {
    if let Some(began) = store.began().await? {
        return Ok(began);
    }
    let (newest, cursors) = loop {
        match listed(rest).await {
            Ok(listed) => break listed,
            Err(error) => tracing::warn!(%error, "channels can't be listed; trying again"),
        }
        *failures += 1;
        sleep(full_jitter(*failures, &mut fastrand::Rng::new())).await;
    };
    // An earlier version remembered cursors alone: they never move back.
    let youngest = youngest(store).await?;
    let cursors = match youngest {
        Some(_) => Vec::new(),
        None => cursors,
    };
    let at = youngest.or(newest).unwrap_or(Millis::default());
    store.begin(at, cursors).await?;
    Ok(at)
}

/// The youngest of the cursors that an earlier version has remembered.
async fn youngest(store: &dyn Store) -> Result<Option<Millis>, StoreError> {
    let mut youngest = None;
    each_cursor(store, |cursor| youngest = youngest.max(Some(cursor.at))).await?;
    Ok(youngest)
}

/// How far each channel was handled is known from now on. Gives back a moment at which nothing was missing, where
/// hearing began at `began`.
///
/// # Errors
/// Where the store can't be read.
pub async fn recall(
    store: &dyn Store,
    memberships: &Memberships,
    began: Millis,
) -> Result<Millis, StoreError> {
    let mut good = began;
    each_cursor(store, |cursor| {
        let mark = remembered(cursor);
        good = good.max(Line::woken(&mark).cursor());
        memberships.change(|channels| {
            channels.follow(cursor.channel);
            channels.rests(&cursor.channel, mark);
        });
    })
    .await?;
    Ok(good)
}

/// All cursors, a few at a time: there may be hundreds of thousands.
async fn each_cursor(store: &dyn Store, mut take: impl FnMut(&Cursor)) -> Result<(), StoreError> {
    let mut last = None;
    loop {
        let some = store.cursors(last.as_ref(), SOME).await?;
        some.iter().for_each(&mut take);
        match some.last() {
            Some(cursor) if some.len() == SOME => last = Some(cursor.channel),
            _ => return Ok(()),
        }
    }
}

/// The youngest post of all channels, and where hearing begins in each.
async fn listed(rest: &Rest) -> Result<(Option<Millis>, Vec<Cursor>), RestError> {
    let mut lists = pin!(rest.my_channels());
    let (mut newest, mut cursors) = (None, Vec::new());
    while let Some(some) = lists.try_next().await? {
        let last = some.channels.iter().map(|channel| channel.last_post_at);
        newest = newest.max(last.max());
        cursors.extend(some.channels.iter().map(|channel| Cursor {
            channel: channel.id,
            at: channel.last_post_at,
            done: channel.last_post_at,
        }));
    }
    Ok((newest, cursors))
}
