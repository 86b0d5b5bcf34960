//! Writes beside the turns: cursors, secrets, pruning, the probe. A statement or a few each.

use rusqlite::Connection;

use super::fault::Fault;
use super::query::{one, run, run_each};
use super::request::{Done, Write};
use crate::model::ids::{ChannelId, Millis};
use crate::store::tables::{ASIDE_MEMORY, COMMIT_MEMORY};
use crate::store::{Cursor, Session};

/// How many rows of a table are pruned at once, so that turns don't wait behind it.
const PRUNED: i64 = 1000;

/// Does a write that needs no decision; `None` if it is one of the others.
pub(super) fn write(write: &Write, to: &Connection) -> Result<Option<Done>, Fault> {
    let done = match write {
        Write::Commit(_) | Write::Settle(_) | Write::Postpone { .. } => return Ok(None),
        Write::Begin(at, cursors) => begin(*at, cursors, to)?,
        Write::MoveCursors(cursors, session) => move_cursors(cursors, session.as_ref(), to)?,
        Write::DropCursors(channels) => drop_cursors(channels, to)?,
        Write::Secret { name, fresh } => secret(name, fresh, to)?,
        Write::Prune(now) => prune(*now, to)?,
        Write::Probe => {
            run(to, "UPDATE probe SET times = times + 1", [])?;
            Done::Nothing
        }
        #[cfg(test)]
        Write::Sql(sql) => {
            to.execute_batch(sql)?;
            Done::Nothing
        }
        #[cfg(test)]
        Write::Panic => panic!("told to"),
    };
    Ok(Some(done))
}

fn begin(at: Millis, cursors: &[Cursor], to: &Connection) -> Result<Done, Fault> {
    const SQL: &str = "INSERT OR IGNORE INTO hearing (one, began) VALUES (1, ?1)";
    match run(to, SQL, [at.0])? {
        0 => Ok(Done::Nothing),
        _ => move_cursors(cursors, None, to),
    }
}

fn move_cursors(
    cursors: &[Cursor],
    session: Option<&Session>,
    to: &Connection,
) -> Result<Done, Fault> {
    const SQL: &str = "INSERT INTO cursors (channel, at, done) VALUES (?1, ?2, ?3) \
        ON CONFLICT (channel) DO UPDATE \
        SET at = max(at, excluded.at), done = max(done, excluded.done)";
    run_each(to, SQL, cursors, |cursor| {
        Ok((cursor.channel.as_str(), cursor.at.0, cursor.done.0))
    })?;
    if let Some(session) = session {
        const SQL: &str =
            "INSERT OR REPLACE INTO session (one, connection_id, next_seq) VALUES (1, ?1, ?2)";
        run(to, SQL, (&session.connection_id, session.next_seq))?;
    }
    Ok(Done::Nothing)
}

fn drop_cursors(channels: &[ChannelId], to: &Connection) -> Result<Done, Fault> {
    const SQL: &str = "DELETE FROM cursors WHERE channel = ?1";
    run_each(to, SQL, channels, |channel| Ok((channel.as_str(),)))?;
    Ok(Done::Nothing)
}

fn secret(name: &str, fresh: &[u8], to: &Connection) -> Result<Done, Fault> {
    const INSERT: &str = "INSERT OR IGNORE INTO secrets (name, value) VALUES (?1, ?2)";
    run(to, INSERT, (name, fresh))?;
    const SELECT: &str = "SELECT value FROM secrets WHERE name = ?1";
    let value = one(to, SELECT, [name], |row| Ok(row.get(0)?))?;
    Ok(Done::Secret(value.unwrap_or_default()))
}

fn prune(now: Millis, to: &Connection) -> Result<Done, Fault> {
    const COMMITS: &str = "DELETE FROM commits WHERE (at, id) IN \
        (SELECT at, id FROM commits WHERE at <= ?1 ORDER BY at, id LIMIT ?2)";
    const KEYS: &str = "DELETE FROM keys WHERE key IN \
        (SELECT key FROM keys WHERE until <= ?1 ORDER BY until LIMIT ?2)";
    const ASIDE: &str = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox \
        WHERE aside IS NOT NULL AND row ->> 'created' <= ?1 ORDER BY id LIMIT ?2)";
    // The same slots three times, with what hangs on them first.
    macro_rules! expired {
        ($table:literal) => {
            expired!($table, "")
        };
        ($table:literal, $but:literal) => {
            concat!(
                "DELETE FROM ",
                $table,
                " WHERE ",
                $but,
                "(place, skill, topic) IN (SELECT place, skill, topic FROM slots \
                 WHERE expires <= ?1 ORDER BY expires, place, skill, topic LIMIT ?2)"
            )
        };
    }
    const ORPHANS: &str = "DELETE FROM cards WHERE rowid IN (SELECT t.rowid FROM cards AS t \
        WHERE (t.home = '\"person\"' OR t.post IS NOT NULL AND t.shown_version >= t.wanted_version) \
        AND NOT EXISTS (SELECT 1 FROM slots AS s WHERE s.place = t.place AND s.skill = t.skill \
            AND s.topic = t.topic) LIMIT ?2) AND ?1 IS NOT NULL";
    let commits = some(COMMITS, now.minus(COMMIT_MEMORY), to)?;
    let keys = some(KEYS, now, to)?;
    let aside = some(ASIDE, now.minus(ASIDE_MEMORY), to)?;
    some(expired!("jobs", "kind <> 'mail' AND "), now, to)?;
    some(expired!("cards"), now, to)?;
    let slots = some(expired!("slots"), now, to)?;
    let orphans = some(ORPHANS, now, to)?;
    let all = [commits, keys, aside, slots, orphans];
    Ok(Done::Pruned {
        gone: keys + slots,
        more: all.iter().any(|&gone| gone >= PRUNED.cast_unsigned()),
    })
}

fn some(sql: &'static str, now: Millis, to: &Connection) -> Result<u64, Fault> {
    Ok(run(to, sql, [now.0, PRUNED])? as u64)
}
