//! Reads, on connections of their own: what was committed when a read begins.

use rusqlite::Connection;

use super::fault::Fault;
use super::query::{all, name, one};
use super::rows::{self, card_columns, job_columns, outbox_columns, slot_columns, text};
use crate::event::{CardRow, Job, Key, Question, Row, RowId, Slot, SlotRow};
use crate::model::ids::{ChannelId, Millis, PostId};
use crate::store::{Cursor, Session, WaitingRow};

type Read<T> = Result<T, Fault>;

/// What a query finds for each of these, all at one moment.
fn for_each<W, T>(at: &Connection, wanted: &[W], find: impl Fn(&W) -> Read<T>) -> Read<Vec<T>> {
    if let [wanted] = wanted {
        return Ok(vec![find(wanted)?]);
    }
    let moment = at.unchecked_transaction()?;
    let found = wanted.iter().map(find).collect::<Read<_>>()?;
    moment.finish()?;
    Ok(found)
}

pub(super) fn load(at: &Connection, wanted: &[Slot]) -> Read<Vec<Option<SlotRow>>> {
    const SQL: &str = concat!(
        "SELECT ",
        slot_columns!(),
        " FROM slots AS t WHERE t.place = ?1 AND t.skill = ?2 AND t.topic = ?3"
    );
    for_each(at, wanted, |slot| one(at, SQL, name(slot), rows::slot_row))
}

pub(super) fn seen(at: &Connection, keys: &[Key]) -> Read<Vec<bool>> {
    const SQL: &str = "SELECT 1 FROM keys WHERE key = ?1";
    for_each(at, keys, |key| {
        Ok(one(at, SQL, [key.as_bytes()], |_| Ok(()))?.is_some())
    })
}

pub(super) fn listening(at: &Connection) -> Read<Vec<Question>> {
    const SQL: &str = concat!(
        "SELECT ",
        slot_columns!(),
        " FROM slots AS t WHERE t.asks IS NOT NULL"
    );
    let mut questions = Vec::new();
    for row in all(at, SQL, [], rows::slot_row)? {
        let slot = row.slot;
        questions.extend(row.listening.map(|listening| Question { slot, listening }));
    }
    questions.sort_by(|a, b| a.slot.cmp(&b.slot));
    Ok(questions)
}

pub(super) fn due(at: &Connection, now: Millis, limit: usize) -> Read<Vec<Job>> {
    const SQL: &str = concat!(
        "SELECT ",
        job_columns!(),
        " FROM jobs AS t WHERE t.due <= ?1 ORDER BY t.due, t.id LIMIT ?2"
    );
    all(at, SQL, [now.0, rows_of(limit)], rows::job)
}

pub(super) fn next_due(at: &Connection, now: Millis) -> Read<Option<Millis>> {
    const SQL: &str = "SELECT min(due) FROM jobs WHERE due > ?1";
    let due: Option<Option<i64>> = one(at, SQL, [now.0], |row| Ok(row.get(0)?))?;
    Ok(due.flatten().map(Millis))
}

pub(super) fn unsent(at: &Connection, after: Option<&RowId>, limit: usize) -> Read<Vec<Row>> {
    const SQL: &str = concat!(
        "SELECT ",
        outbox_columns!(),
        " FROM outbox AS t WHERE t.aside IS NULL AND t.id > ?1 ORDER BY t.id LIMIT ?2"
    );
    // No id is empty, so all are after it.
    let after = after.map_or("", RowId::as_str);
    all(at, SQL, (after, rows_of(limit)), |row| {
        Ok(rows::outgoing(row)?.row)
    })
}

pub(super) fn waiting(at: &Connection) -> Read<Vec<WaitingRow>> {
    // The first part is word for word the condition of its index.
    const SQL: &str = "SELECT id, waits, told FROM outbox \
        WHERE waits IS NOT NULL AND aside IS NULL ORDER BY id";
    all(at, SQL, [], |row| {
        Ok(WaitingRow {
            row: RowId::read(text(row, 0)?),
            since: Millis(row.get(1)?),
            told: row.get(2)?,
        })
    })
}

pub(super) fn set_aside(at: &Connection, limit: usize) -> Read<Vec<(Row, String)>> {
    const SQL: &str = concat!(
        "SELECT ",
        outbox_columns!(),
        " FROM outbox AS t WHERE t.aside IS NOT NULL ORDER BY t.id DESC LIMIT ?1"
    );
    all(at, SQL, [rows_of(limit)], |row| {
        let outgoing = rows::outgoing(row)?;
        Ok((outgoing.row, outgoing.aside.unwrap_or_default()))
    })
}

pub(super) fn card(at: &Connection, slot: &Slot) -> Read<Option<CardRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        card_columns!(),
        " FROM cards AS t WHERE t.place = ?1 AND t.skill = ?2 AND t.topic = ?3"
    );
    one(at, SQL, name(slot), rows::card)
}

pub(super) fn card_of_post(at: &Connection, post: &PostId) -> Read<Option<CardRow>> {
    const SQL: &str = concat!(
        "SELECT ",
        card_columns!(),
        " FROM cards AS t WHERE t.post = ?1 ORDER BY t.place, t.skill, t.topic LIMIT 1"
    );
    one(at, SQL, [post.as_str()], rows::card)
}

pub(super) fn stale_cards(
    at: &Connection,
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
    let by = (place, skill, topic, rows_of(limit));
    all(at, SQL, by, rows::card)
}

pub(super) fn began(at: &Connection) -> Read<Option<Millis>> {
    const SQL: &str = "SELECT began FROM hearing";
    one(at, SQL, [], |row| Ok(Millis(row.get(0)?)))
}

pub(super) fn cursors(
    at: &Connection,
    after: Option<&ChannelId>,
    limit: usize,
) -> Read<Vec<Cursor>> {
    const SQL: &str = "SELECT channel, at, done FROM cursors \
        WHERE channel > ?1 ORDER BY channel LIMIT ?2";
    let after = after.map_or("", ChannelId::as_str);
    all(at, SQL, (after, rows_of(limit)), |row| {
        Ok(Cursor {
            channel: rows::parse("cursor", text(row, 0)?)?,
            at: Millis(row.get(1)?),
            done: Millis(row.get(2)?),
        })
    })
}

pub(super) fn session(at: &Connection) -> Read<Option<Session>> {
    const SQL: &str = "SELECT connection_id, next_seq FROM session";
    one(at, SQL, [], |row| {
        Ok(Session {
            connection_id: row.get(0)?,
            next_seq: row.get(1)?,
        })
    })
}

pub(super) fn list_slots(
    at: &Connection,
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
    let (place, after, topic) = beginning(after);
    let by = (skill, place, after, topic, rows_of(limit));
    all(at, SQL, by, rows::slot_row)
}

/// After which place, skill and topic a page begins. No place is empty, so all are after the empty ones.
fn beginning(after: Option<&Slot>) -> (String, &str, &str) {
    after.map_or((String::new(), "", ""), name)
}

fn rows_of(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
