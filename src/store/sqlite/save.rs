//! Writes what a group has changed: a statement for each row that goes or comes.

use std::collections::BTreeMap;

use rusqlite::Connection;

use super::fault::Fault;
use super::query::{name, run_each};
use crate::store::tables::StoredTables;

/// The difference between two states of a table.
struct Diff<'a, K, V> {
    gone: Vec<&'a K>,
    put: Vec<(&'a K, &'a V)>,
}

impl<'a, K: Ord, V: PartialEq> Diff<'a, K, V> {
    fn of(before: &'a BTreeMap<K, V>, after: &'a BTreeMap<K, V>) -> Self {
        let gone = before.keys().filter(|key| !after.contains_key(key));
        let put = after
            .iter()
            .filter(|(key, value)| before.get(key) != Some(value));
        Self {
            gone: gone.collect(),
            put: put.collect(),
        }
    }
}

/// Writes the difference between what was loaded and what it became.
pub(super) fn save(
    before: &StoredTables,
    after: &StoredTables,
    to: &Connection,
) -> Result<(), Fault> {
    save_events(before, after, to)?;
    save_slots(before, after, to)?;
    save_jobs(before, after, to)?;
    save_outbox(before, after, to)?;
    save_cards(before, after, to)
}

/// Commits and keys only come; pruning is done elsewhere.
fn save_events(before: &StoredTables, after: &StoredTables, to: &Connection) -> Result<(), Fault> {
    const COMMIT: &str = "INSERT INTO commits (at, id) VALUES (?1, ?2)";
    let commits = after.commits.difference(&before.commits);
    run_each(to, COMMIT, commits, |(at, id)| Ok((at.0, id)))?;
    const KEY: &str = "INSERT INTO keys (key, until) VALUES (?1, ?2)";
    let keys = Diff::of(&before.keys, &after.keys).put;
    run_each(to, KEY, keys, |(key, until)| Ok((key.as_bytes(), until.0)))
}

fn save_slots(before: &StoredTables, after: &StoredTables, to: &Connection) -> Result<(), Fault> {
    const GONE: &str = "DELETE FROM slots WHERE place = ?1 AND skill = ?2 AND topic = ?3";
    const PUT: &str = "INSERT INTO slots \
        (place, skill, topic, version, form, state, listening, asks, expires) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) \
        ON CONFLICT (place, skill, topic) DO UPDATE SET version = excluded.version, \
            form = excluded.form, state = excluded.state, listening = excluded.listening, \
            asks = excluded.asks, expires = excluded.expires";
    let diff = Diff::of(&before.slots, &after.slots);
    run_each(to, GONE, diff.gone, |slot| Ok(name(slot)))?;
    run_each(to, PUT, diff.put, |(slot, row)| {
        let (place, skill, topic) = name(slot);
        let listening = row.listening.as_ref();
        Ok((
            place,
            skill,
            topic,
            row.version,
            row.form,
            &*row.state,
            listening.map(serde_json::to_string).transpose()?,
            listening.map(|listening| listening.row.as_str()),
            row.expires.map(|expires| expires.0),
        ))
    })
}

fn save_jobs(before: &StoredTables, after: &StoredTables, to: &Connection) -> Result<(), Fault> {
    const GONE: &str = "DELETE FROM jobs WHERE id = ?1";
    const PUT: &str = "INSERT OR REPLACE INTO jobs \
        (id, place, skill, topic, kind, name, due, payload, attempts, cause) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let diff = Diff::of(&before.jobs, &after.jobs);
    run_each(to, GONE, diff.gone, |id| Ok((id.as_str(),)))?;
    run_each(to, PUT, diff.put, |(id, job)| {
        let (place, skill, topic) = name(&job.slot);
        Ok((
            id.as_str(),
            place,
            skill,
            topic,
            job.kind.kind(),
            job.kind.name(),
            job.due.0,
            &job.payload,
            job.attempts,
            job.cause.as_ref().map(|cause| cause.as_str()),
        ))
    })
}

fn save_outbox(before: &StoredTables, after: &StoredTables, to: &Connection) -> Result<(), Fault> {
    const GONE: &str = "DELETE FROM outbox WHERE id = ?1";
    const PUT: &str = "INSERT OR REPLACE INTO outbox (id, row, aside, waits, told) \
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let diff = Diff::of(&before.outbox, &after.outbox);
    run_each(to, GONE, diff.gone, |id| Ok((id.as_str(),)))?;
    run_each(to, PUT, diff.put, |(id, outgoing)| {
        let row = serde_json::to_string(&outgoing.row)?;
        let waits = outgoing.waits.map(|waits| waits.0);
        Ok((id.as_str(), row, &outgoing.aside, waits, outgoing.told))
    })
}

fn save_cards(before: &StoredTables, after: &StoredTables, to: &Connection) -> Result<(), Fault> {
    const GONE: &str = "DELETE FROM cards WHERE place = ?1 AND skill = ?2 AND topic = ?3";
    const PUT: &str = "INSERT INTO cards \
        (place, skill, topic, home, post, wanted, wanted_version, shown_version) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
        ON CONFLICT (place, skill, topic) DO UPDATE SET home = excluded.home, \
            post = excluded.post, wanted = excluded.wanted, \
            wanted_version = excluded.wanted_version, \
            shown_version = excluded.shown_version";
    let diff = Diff::of(&before.cards, &after.cards);
    run_each(to, GONE, diff.gone, |slot| Ok(name(slot)))?;
    run_each(to, PUT, diff.put, |(slot, card)| {
        let (place, skill, topic) = name(slot);
        Ok((
            place,
            skill,
            topic,
            serde_json::to_string(&card.home)?,
            card.post.as_ref().map(|post| post.as_str()),
            serde_json::to_string(&card.wanted)?,
            card.wanted_version,
            card.shown_version,
        ))
    })
}
