//! Reads, on connections of their own: what was committed when a read begins.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqlitePool;

use super::fault::Fault;
use super::reading::{list, slots};
use super::rows::{self, card_columns, job_columns, outbox_columns, slot_columns};
use crate::event::{CardRow, Job, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{Millis, PostId};
use crate::store::{Cursor, Session, Waiting};

type Read<T> = Result<T, Fault>;

pub(super) async fn load(pool: &SqlitePool, wanted: &[Slot]) -> Read<Vec<Option<SlotRow>>> {
    const SQL: &str = concat!(
        "SELECT ",
        slot_columns!(),
        " FROM json_each(?1) AS j CROSS JOIN slots AS t ON t.place = j.value ->> 0 \
         AND t.skill = j.value ->> 1 AND t.topic = j.value ->> 2"
    );
    let query = sqlx::query_as(SQL).bind(slots(wanted)?);
    let mut found = BTreeMap::new();
    for columns in query.fetch_all(pool).await? {
        let row = rows::slot_row(columns)?;
        found.insert(row.slot.clone(), row);
    }
    Ok(wanted.iter().map(|slot| found.get(slot).cloned()).collect())
}

pub(super) async fn seen(pool: &SqlitePool, keys: &[Key]) -> Read<Vec<bool>> {
    const SQL: &str = "SELECT t.key FROM json_each(?1) AS j \
        CROSS JOIN keys AS t ON t.key = unhex(j.value)";
    let query = sqlx::query_as(SQL).bind(list(keys.iter().map(Key::to_hex))?);
    let found: Vec<(Vec<u8>,)> = query.fetch_all(pool).await?;
    let found: BTreeSet<Vec<u8>> = found.into_iter().map(|(key,)| key).collect();
    let seen = |key: &Key| found.contains(key.as_bytes().as_slice());
    Ok(keys.iter().map(seen).collect())
}

pub(super) async fn listening(pool: &SqlitePool) -> Read<Vec<Question>> {
    const SQL: &str = concat!(
        "SELECT ",
        slot_columns!(),
        " FROM slots AS t WHERE t.asks IS NOT NULL"
    );
    let mut questions = Vec::new();
    for columns in sqlx::query_as(SQL).fetch_all(pool).await? {
        let SlotRow {
            slot, listening, ..
        } = rows::slot_row(columns)?;
        questions.extend(listening.map(|listening| Question { slot, listening }));
    }
    questions.sort_by(|a, b| a.slot.cmp(&b.slot));
    Ok(questions)
}

pub(super) async fn due(pool: &SqlitePool, now: Millis, limit: usize) -> Read<Vec<Job>> {
    const SQL: &str = concat!(
        "SELECT ",
        job_columns!(),
        " FROM jobs AS t WHERE t.due <= ?1 ORDER BY t.due, t.id LIMIT ?2"
    );
    let query = sqlx::query_as(SQL).bind(now.0).bind(rows_of(limit));
    let found = query.fetch_all(pool).await?;
    found.into_iter().map(rows::job).collect()
}

pub(super) async fn next_due(pool: &SqlitePool, now: Millis) -> Read<Option<Millis>> {
    const SQL: &str = "SELECT min(due) FROM jobs WHERE due > ?1";
    let query = sqlx::query_as(SQL).bind(now.0);
    let (due,): (Option<i64>,) = query.fetch_one(pool).await?;
    Ok(due.map(Millis))
}

pub(super) async fn unsent(
    pool: &SqlitePool,
    after: Option<&RowId>,
    limit: usize,
) -> Read<Vec<Row>> {
    const SQL: &str = concat!(
        "SELECT ",
        outbox_columns!(),
        " FROM outbox AS t WHERE t.aside IS NULL AND t.id > ?1 ORDER BY t.id LIMIT ?2"
    );
    // No id is empty, so all are after it.
    let after = after.map_or("", RowId::as_str);
    let query = sqlx::query_as(SQL).bind(after).bind(rows_of(limit));
    let found = query.fetch_all(pool).await?;
    found
        .into_iter()
        .map(|columns| Ok(rows::outgoing(columns)?.row))
        .collect()
}

pub(super) async fn waiting(pool: &SqlitePool) -> Read<Vec<Waiting>> {
    // The first part is word for word the condition of its index.
    const SQL: &str = "SELECT id, waits, told FROM outbox \
        WHERE waits IS NOT NULL AND aside IS NULL ORDER BY id";
    let found: Vec<(String, i64, bool)> = sqlx::query_as(SQL).fetch_all(pool).await?;
    let waiting = |(row, since, told)| Waiting {
        row: RowId::read(row),
        since: Millis(since),
        told,
    };
    Ok(found.into_iter().map(waiting).collect())
}

pub(super) async fn set_aside(pool: &SqlitePool, limit: usize) -> Read<Vec<(Row, String)>> {
    const SQL: &str = concat!(
        "SELECT ",
        outbox_columns!(),
        " FROM outbox AS t WHERE t.aside IS NOT NULL ORDER BY t.id DESC LIMIT ?1"
    );
    let found = sqlx::query_as(SQL)
        .bind(rows_of(limit))
        .fetch_all(pool)
        .await?;
    let aside = |columns| {
        let outgoing = rows::outgoing(columns)?;
        Ok((outgoing.row, outgoing.aside.unwrap_or_default()))
    };
    found.into_iter().map(aside).collect()
}

pub(super) async fn card(pool: &SqlitePool, slot: &Slot) -> Read<Option<CardRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        card_columns!(),
        " FROM cards AS t WHERE t.place = ?1 AND t.skill = ?2 AND t.topic = ?3"
    );
    let query = sqlx::query_as(SQL).bind(slot.place.to_string());
    let found = query
        .bind(&slot.skill)
        .bind(&slot.topic)
        .fetch_optional(pool)
        .await?;
    found.map(rows::card).transpose()
}

pub(super) async fn card_of_post(pool: &SqlitePool, post: &PostId) -> Read<Option<CardRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        card_columns!(),
        " FROM cards AS t WHERE t.post = ?1 ORDER BY t.place, t.skill, t.topic LIMIT 1"
    );
    let found = sqlx::query_as(SQL)
        .bind(post.as_str())
        .fetch_optional(pool)
        .await?;
    found.map(rows::card).transpose()
}

pub(super) async fn stale_cards(
    pool: &SqlitePool,
    after: Option<&Slot>,
    limit: usize,
) -> Read<Vec<CardRow>> {
    // Word for word the condition of its index.
    const SQL: &str = concat!(
        "SELECT ",
        card_columns!(),
        " FROM cards AS t WHERE t.post IS NOT NULL AND t.shown_version < t.wanted_version \
         AND t.home <> '\"person\"' AND (t.place, t.skill, t.topic) > (?1, ?2, ?3) \
         ORDER BY t.place, t.skill, t.topic LIMIT ?4"
    );
    let (place, skill, topic) = beginning(after);
    let query = sqlx::query_as(SQL).bind(place).bind(skill).bind(topic);
    let found = query.bind(rows_of(limit)).fetch_all(pool).await?;
    found.into_iter().map(rows::card).collect()
}

pub(super) async fn began(pool: &SqlitePool) -> Read<Option<Millis>> {
    const SQL: &str = "SELECT began FROM hearing";
    let found: Option<i64> = sqlx::query_scalar(SQL).fetch_optional(pool).await?;
    Ok(found.map(Millis))
}

pub(super) async fn cursors(pool: &SqlitePool) -> Read<Vec<Cursor>> {
    const SQL: &str = "SELECT channel, at, done FROM cursors ORDER BY channel";
    let found: Vec<(String, i64, i64)> = sqlx::query_as(SQL).fetch_all(pool).await?;
    let cursor = |(channel, at, done): (String, i64, i64)| {
        Ok(Cursor {
            channel: rows::parse("cursor", &channel)?,
            at: Millis(at),
            done: Millis(done),
        })
    };
    found.into_iter().map(cursor).collect()
}

pub(super) async fn session(pool: &SqlitePool) -> Read<Option<Session>> {
    const SQL: &str = "SELECT connection_id, next_seq FROM session";
    let found: Option<(String, i64)> = sqlx::query_as(SQL).fetch_optional(pool).await?;
    Ok(found.map(|(connection_id, next_seq)| Session {
        connection_id,
        next_seq,
    }))
}

pub(super) async fn list_slots(
    pool: &SqlitePool,
    skill: &str,
    after: Option<&Slot>,
    limit: usize,
) -> Read<Vec<SlotRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        slot_columns!(),
        " FROM slots AS t WHERE (?1 = '' OR t.skill = ?1) \
         AND (t.place, t.skill, t.topic) > (?2, ?3, ?4) \
         ORDER BY t.place, t.skill, t.topic LIMIT ?5"
    );
    let (place, after_skill, topic) = beginning(after);
    let query = sqlx::query_as(SQL).bind(skill).bind(place);
    let query = query.bind(after_skill).bind(topic).bind(rows_of(limit));
    let found = query.fetch_all(pool).await?;
    found.into_iter().map(rows::slot_row).collect()
}

/// After which place, skill and topic a page begins. No place is empty, so all are after the empty ones.
fn beginning(after: Option<&Slot>) -> (String, &str, &str) {
    after.map_or((String::new(), "", ""), |slot| {
        (slot.place.to_string(), &slot.skill, &slot.topic)
    })
}

fn rows_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
