//! Writes beside the turns: cursors, secrets, pruning, the probe. A statement or a few each.

use sqlx::SqliteConnection;

use super::fault::Fault;
use super::reading::list;
use super::writer::{Done, Write};
use crate::model::ids::{ChannelId, Millis};
use crate::store::tables::{ASIDE_MEMORY, COMMIT_MEMORY};
use crate::store::{Cursor, Session};

/// How many rows of a table are pruned at once, so that turns don't wait behind it.
const PRUNED: i64 = 1000;

/// Whether a write needs no decision.
pub(super) fn is_one(write: &Write) -> bool {
    !matches!(
        write,
        Write::Commit(_) | Write::Settle(_) | Write::Postpone { .. }
    )
}

/// Does a write that needs no decision; `None` if it is one of the others.
pub(super) async fn write(write: &Write, to: &mut SqliteConnection) -> Result<Option<Done>, Fault> {
    let done = match write {
        Write::Commit(_) | Write::Settle(_) | Write::Postpone { .. } => return Ok(None),
        Write::Begin(at, cursors) => begin(*at, cursors, to).await?,
        Write::MoveCursors(cursors, session) => move_cursors(cursors, session.as_ref(), to).await?,
        Write::DropCursors(channels) => drop_cursors(channels, to).await?,
        Write::Secret { name, fresh } => secret(name, fresh, to).await?,
        Write::Prune(now) => prune(*now, to).await?,
        Write::Probe => {
            sqlx::query("UPDATE probe SET times = times + 1")
                .execute(to)
                .await?;
            Done::Nothing
        }
        #[cfg(test)]
        Write::Sql(sql) => {
            sqlx::raw_sql(*sql).execute(to).await?;
            Done::Nothing
        }
        #[cfg(test)]
        Write::Panic => panic!("told to"),
    };
    Ok(Some(done))
}

async fn begin(at: Millis, cursors: &[Cursor], to: &mut SqliteConnection) -> Result<Done, Fault> {
    const SQL: &str = "INSERT OR IGNORE INTO hearing (one, began) VALUES (1, ?1)";
    let begun = sqlx::query(SQL).bind(at.0).execute(&mut *to).await?;
    match begun.rows_affected() {
        0 => Ok(Done::Nothing),
        _ => move_cursors(cursors, None, to).await,
    }
}

async fn move_cursors(
    cursors: &[Cursor],
    session: Option<&Session>,
    to: &mut SqliteConnection,
) -> Result<Done, Fault> {
    if !cursors.is_empty() {
        const SQL: &str = "INSERT INTO cursors (channel, at, done) \
            SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) WHERE true \
            ON CONFLICT (channel) DO UPDATE \
            SET at = max(at, excluded.at), done = max(done, excluded.done)";
        let items = list(cursors.iter().map(|c| (c.channel, c.at, c.done)))?;
        sqlx::query(SQL).bind(items).execute(&mut *to).await?;
    }
    if let Some(session) = session {
        const SQL: &str =
            "INSERT OR REPLACE INTO session (one, connection_id, next_seq) VALUES (1, ?1, ?2)";
        let insert = sqlx::query(SQL).bind(&session.connection_id);
        insert.bind(session.next_seq).execute(to).await?;
    }
    Ok(Done::Nothing)
}

async fn drop_cursors(channels: &[ChannelId], to: &mut SqliteConnection) -> Result<Done, Fault> {
    const SQL: &str = "DELETE FROM cursors WHERE channel IN (SELECT value FROM json_each(?1))";
    sqlx::query(SQL).bind(list(channels)?).execute(to).await?;
    Ok(Done::Nothing)
}

async fn secret(name: &str, fresh: &[u8], to: &mut SqliteConnection) -> Result<Done, Fault> {
    const INSERT: &str = "INSERT OR IGNORE INTO secrets (name, value) VALUES (?1, ?2)";
    sqlx::query(INSERT)
        .bind(name)
        .bind(fresh)
        .execute(&mut *to)
        .await?;
    const SELECT: &str = "SELECT value FROM secrets WHERE name = ?1";
    let (value,): (Vec<u8>,) = sqlx::query_as(SELECT).bind(name).fetch_one(to).await?;
    Ok(Done::Secret(value))
}

async fn prune(now: Millis, to: &mut SqliteConnection) -> Result<Done, Fault> {
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
    let commits = some(COMMITS, now.minus(COMMIT_MEMORY), to).await?;
    let keys = some(KEYS, now, to).await?;
    let aside = some(ASIDE, now.minus(ASIDE_MEMORY), to).await?;
    some(expired!("jobs", "kind <> 'mail' AND "), now, to).await?;
    some(expired!("cards"), now, to).await?;
    let slots = some(expired!("slots"), now, to).await?;
    let orphans = some(ORPHANS, now, to).await?;
    let all = [commits, keys, aside, slots, orphans];
    Ok(Done::Pruned {
        gone: keys + slots,
        more: all.iter().any(|&gone| gone >= PRUNED.cast_unsigned()),
    })
}

async fn some(sql: &'static str, now: Millis, to: &mut SqliteConnection) -> Result<u64, Fault> {
    let delete = sqlx::query(sql).bind(now.0).bind(PRUNED);
    Ok(delete.execute(to).await?.rows_affected())
}
