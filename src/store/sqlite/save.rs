//! Writes what a group has changed: a statement a table for what goes, one for what comes, in one go.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::reading::{hex, list, slots};
use super::script::Script;
use crate::store::tables::Tables;

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

/// Long texts, bound as one value of their own: as strings within the list they would be escaped
/// here and parsed there, several times.
#[derive(Default)]
struct Texts(Vec<u8>);

impl Texts {
    /// Adds a text; where it begins, counted from 1, and its length, as `substr` takes them.
    fn add(&mut self, text: &str) -> (usize, usize) {
        let start = self.0.len() + 1;
        self.0.extend_from_slice(text.as_bytes());
        (start, text.len())
    }
}

/// Adds what writes the difference between what was loaded and what it became.
pub(super) fn save(before: &Tables, after: &Tables, to: &mut Script) -> Result<(), Fault> {
    save_events(before, after, to)?;
    save_slots(before, after, to)?;
    save_jobs(before, after, to)?;
    save_outbox(before, after, to)?;
    save_cards(before, after, to)
}

/// Commits and keys only come; pruning is done elsewhere.
fn save_events(before: &Tables, after: &Tables, to: &mut Script) -> Result<(), Fault> {
    let commits: Vec<_> = after.commits.difference(&before.commits).collect();
    if !commits.is_empty() {
        const SQL: &str = "INSERT INTO commits (at, id) \
            SELECT value ->> 0, unhex(value ->> 1) FROM json_each(?)";
        let items = list(commits.iter().map(|(at, id)| (at, hex(id))))?;
        to.add(SQL).bind(items)?;
    }
    let keys = Diff::of(&before.keys, &after.keys).put;
    if !keys.is_empty() {
        const SQL: &str = "INSERT INTO keys (key, until) \
            SELECT unhex(value ->> 0), value ->> 1 FROM json_each(?)";
        let items = list(keys.iter().map(|(key, until)| (key.to_hex(), until)))?;
        to.add(SQL).bind(items)?;
    }
    Ok(())
}

fn save_slots(before: &Tables, after: &Tables, to: &mut Script) -> Result<(), Fault> {
    let diff = Diff::of(&before.slots, &after.slots);
    if !diff.gone.is_empty() {
        const SQL: &str = "DELETE FROM slots WHERE (place, skill, topic) IN \
            (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))";
        to.add(SQL).bind(slots(diff.gone)?)?;
    }
    if !diff.put.is_empty() {
        const SQL: &str = "INSERT INTO slots \
            (place, skill, topic, version, form, state, listening, asks, expires) \
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
                CAST(substr(?, value ->> 5, value ->> 6) AS TEXT), \
                value ->> 7, value ->> 8, value ->> 9 \
            FROM json_each(?) WHERE true \
            ON CONFLICT (place, skill, topic) DO UPDATE SET version = excluded.version, \
                form = excluded.form, state = excluded.state, listening = excluded.listening, \
                asks = excluded.asks, expires = excluded.expires";
        let (mut items, mut texts) = (Vec::new(), Texts::default());
        for (slot, row) in diff.put {
            let listening = row.listening.as_ref();
            let (start, length) = texts.add(&row.state);
            items.push((
                slot.place.to_string(),
                &slot.skill,
                &slot.topic,
                row.version,
                row.form,
                start,
                length,
                listening.map(serde_json::to_string).transpose()?,
                listening.map(|listening| &listening.row),
                row.expires,
            ));
        }
        to.add(SQL).bind(texts.0)?.bind(list(items)?)?;
    }
    Ok(())
}

fn save_jobs(before: &Tables, after: &Tables, to: &mut Script) -> Result<(), Fault> {
    let diff = Diff::of(&before.jobs, &after.jobs);
    if !diff.gone.is_empty() {
        const SQL: &str = "DELETE FROM jobs WHERE id IN (SELECT value FROM json_each(?))";
        to.add(SQL).bind(list(diff.gone)?)?;
    }
    if !diff.put.is_empty() {
        const SQL: &str = "INSERT OR REPLACE INTO jobs \
            (id, place, skill, topic, kind, name, due, payload, attempts, cause) \
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
                value ->> 5, value ->> 6, value ->> 7, value ->> 8, value ->> 9 FROM json_each(?)";
        let items = diff.put.into_iter().map(|(id, job)| {
            let slot = &job.slot;
            (
                id,
                slot.place.to_string(),
                &slot.skill,
                &slot.topic,
                job.kind.kind(),
                job.kind.name(),
                job.due,
                &job.payload,
                job.attempts,
                job.cause,
            )
        });
        to.add(SQL).bind(list(items)?)?;
    }
    Ok(())
}

fn save_outbox(before: &Tables, after: &Tables, to: &mut Script) -> Result<(), Fault> {
    let diff = Diff::of(&before.outbox, &after.outbox);
    if !diff.gone.is_empty() {
        const SQL: &str = "DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(?))";
        to.add(SQL).bind(list(diff.gone)?)?;
    }
    if !diff.put.is_empty() {
        const SQL: &str = "INSERT OR REPLACE INTO outbox (id, row, aside, waits, told) \
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 \
            FROM json_each(?)";
        let mut items = Vec::new();
        for (id, outgoing) in diff.put {
            let row = serde_json::to_string(&outgoing.row)?;
            let (waits, told) = (outgoing.waits, i64::from(outgoing.told));
            items.push((id, row, &outgoing.aside, waits, told));
        }
        to.add(SQL).bind(list(items)?)?;
    }
    Ok(())
}

fn save_cards(before: &Tables, after: &Tables, to: &mut Script) -> Result<(), Fault> {
    let diff = Diff::of(&before.cards, &after.cards);
    if !diff.gone.is_empty() {
        const SQL: &str = "DELETE FROM cards WHERE (place, skill, topic) IN \
            (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))";
        to.add(SQL).bind(slots(diff.gone)?)?;
    }
    if !diff.put.is_empty() {
        const SQL: &str = "INSERT INTO cards \
            (place, skill, topic, home, post, wanted, wanted_version, shown_version) \
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, \
                CAST(substr(?, value ->> 5, value ->> 6) AS TEXT), \
                value ->> 7, value ->> 8 \
            FROM json_each(?) WHERE true \
            ON CONFLICT (place, skill, topic) DO UPDATE SET home = excluded.home, \
                post = excluded.post, wanted = excluded.wanted, \
                wanted_version = excluded.wanted_version, \
                shown_version = excluded.shown_version";
        let (mut items, mut texts) = (Vec::new(), Texts::default());
        for (slot, card) in diff.put {
            let (start, length) = texts.add(&serde_json::to_string(&card.wanted)?);
            items.push((
                slot.place.to_string(),
                &slot.skill,
                &slot.topic,
                serde_json::to_string(&card.home)?,
                card.post,
                start,
                length,
                card.wanted_version,
                card.shown_version,
            ));
        }
        to.add(SQL).bind(texts.0)?.bind(list(items)?)?;
    }
    Ok(())
}
