//! Statements that are prepared once for each connection.

use rusqlite::{Connection, Params, Row};

use super::fault::Fault;
use crate::event::Slot;

/// All rows of a query.
pub(super) fn all<T>(
    at: &Connection,
    sql: &'static str,
    by: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut statement = at.prepare_cached(sql)?;
    let mut rows = statement.query(by)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The first row of a query, if there is one.
pub(super) fn one<T>(
    at: &Connection,
    sql: &'static str,
    by: impl Params,
    read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    let mut statement = at.prepare_cached(sql)?;
    let mut rows = statement.query(by)?;
    rows.next()?.map(read).transpose()
}

/// Runs a statement; how many rows it has changed.
pub(super) fn run(at: &Connection, sql: &'static str, by: impl Params) -> Result<usize, Fault> {
    Ok(at.prepare_cached(sql)?.execute(by)?)
}

/// Takes every row of a query that is made by each of these.
pub(super) fn each_by<P: Params>(
    at: &Connection,
    sql: &'static str,
    all: impl IntoIterator<Item = P>,
    mut take: impl FnMut(&Row<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut all = all.into_iter().peekable();
    if all.peek().is_none() {
        return Ok(());
    }
    let mut statement = at.prepare_cached(sql)?;
    for by in all {
        let mut rows = statement.query(by)?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
    }
    Ok(())
}

/// Runs a statement for each of these.
pub(super) fn run_each<T, P: Params>(
    at: &Connection,
    sql: &'static str,
    items: impl IntoIterator<Item = T>,
    by: impl Fn(T) -> Result<P, Fault>,
) -> Result<(), Fault> {
    let mut items = items.into_iter().peekable();
    if items.peek().is_none() {
        return Ok(());
    }
    let mut statement = at.prepare_cached(sql)?;
    for item in items {
        statement.execute(by(item)?)?;
    }
    Ok(())
}

/// A slot as the three columns that name it.
pub(super) fn name(slot: &Slot) -> (String, &str, &str) {
    (slot.place.to_string(), &slot.skill, &slot.topic)
}
