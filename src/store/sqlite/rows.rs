//! Rows as SQLite gives them, and back to plain data.

use std::str::FromStr;

use rusqlite::Row;
use serde::de::DeserializeOwned;

use super::fault::Fault;
use crate::event::{CardRow, Job, JobKind, Place, RowId, Slot, SlotRow};
use crate::model::ids::Millis;
use crate::store::tables::OutboxRow;

/// The columns of a [`slot_row`], of a table called `t`.
macro_rules! slot_columns {
    () => {
        "t.place, t.skill, t.topic, t.version, t.form, t.state, t.listening, t.expires"
    };
}
/// The same, without the state, for slots that are written anew.
macro_rules! slot_columns_but_state {
    () => {
        "t.place, t.skill, t.topic, t.version, t.form, '', t.listening, t.expires"
    };
}
/// The columns of a [`job`], of a table called `t`.
macro_rules! job_columns {
    () => {
        "t.id, t.place, t.skill, t.topic, t.kind, t.name, t.due, t.payload, t.attempts, \
         t.cause"
    };
}
/// The columns of [`outgoing`], of a table called `t`.
macro_rules! outbox_columns {
    () => {
        "t.row, t.aside, t.waits, t.told"
    };
}
/// The columns of a [`card`], of a table called `t`.
macro_rules! card_columns {
    () => {
        "t.place, t.skill, t.topic, t.home, t.post, t.wanted, \
         t.wanted_version, t.shown_version"
    };
}
pub(super) use {card_columns, job_columns, outbox_columns, slot_columns, slot_columns_but_state};

/// A slot by the three columns that name it, from this one on.
fn slot(row: &Row<'_>, first: usize) -> Result<Slot, Fault> {
    let place = parse::<Place>("place", text(row, first)?)?;
    Ok(Slot::new(
        place,
        text(row, first + 1)?,
        text(row, first + 2)?,
    ))
}

/// A slot with what is in it.
pub(super) fn slot_row(row: &Row<'_>) -> Result<SlotRow, Fault> {
    Ok(SlotRow {
        slot: slot(row, 0)?,
        version: row.get(3)?,
        form: number("form", row.get(4)?)?,
        state: text(row, 5)?.into(),
        listening: maybe(row, 6)?
            .map(|text| json("question", text))
            .transpose()?,
        expires: row.get::<_, Option<i64>>(7)?.map(Millis),
    })
}

pub(super) fn job(row: &Row<'_>) -> Result<Job, Fault> {
    let (kind, name) = (text(row, 4)?, text(row, 5)?);
    Ok(Job {
        id: RowId::read(text(row, 0)?),
        slot: slot(row, 1)?,
        kind: JobKind::read(kind, name).ok_or_else(|| Fault::unreadable("job", kind))?,
        due: Millis(row.get(6)?),
        payload: row.get(7)?,
        attempts: number("job", row.get(8)?)?,
        cause: maybe(row, 9)?.map(|id| parse("job", id)).transpose()?,
    })
}

/// A row of the outbox.
pub(super) fn outgoing(row: &Row<'_>) -> Result<OutboxRow, Fault> {
    Ok(OutboxRow {
        row: json("outbox row", text(row, 0)?)?,
        aside: row.get(1)?,
        waits: row.get::<_, Option<i64>>(2)?.map(Millis),
        told: row.get::<_, i64>(3)? != 0,
    })
}

pub(super) fn card(row: &Row<'_>) -> Result<CardRow, Fault> {
    Ok(CardRow {
        slot: slot(row, 0)?,
        home: json("card", text(row, 3)?)?,
        post: maybe(row, 4)?.map(|post| parse("post", post)).transpose()?,
        wanted: json("card", text(row, 5)?)?,
        wanted_version: row.get(6)?,
        shown_version: row.get(7)?,
    })
}

/// A column's text.
pub(super) fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str, Fault> {
    let text = row.get_ref(column)?.as_str();
    text.map_err(|error| Fault::unreadable("value", error))
}

/// A column's text, if there is one.
fn maybe<'r>(row: &'r Row<'_>, column: usize) -> Result<Option<&'r str>, Fault> {
    let text = row.get_ref(column)?.as_str_or_null();
    text.map_err(|error| Fault::unreadable("value", error))
}

/// Something that is stored as text.
pub(super) fn parse<T: FromStr>(what: &str, text: &str) -> Result<T, Fault>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| Fault::unreadable(what, error))
}

/// A column of 16 bytes.
pub(super) fn bytes(what: &str, row: &Row<'_>, column: usize) -> Result<[u8; 16], Fault> {
    let bytes = row.get_ref(column)?.as_blob();
    let bytes = bytes.map_err(|error| Fault::unreadable(what, error))?;
    let sixteen = bytes.try_into();
    sixteen.map_err(|_| Fault::unreadable(what, "it isn't of 16 bytes"))
}

fn number(what: &str, stored: i64) -> Result<u32, Fault> {
    stored
        .try_into()
        .map_err(|error| Fault::unreadable(what, error))
}

fn json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|error| Fault::unreadable(what, error))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn bytes_are_sixteen_or_unreadable() {
        let memory = Connection::open_in_memory().unwrap();
        let read = |sql: &str| memory.query_row(sql, [], |row| Ok(bytes("key", row, 0)));
        let key = read("SELECT x'00010A6C657474657273203031323334'").unwrap();
        assert_eq!(key.unwrap(), *b"\0\x01\x0aletters 01234");
        for wrong in ["x''", "x'0A'", "'letters as a text'", "NULL", "7"] {
            let read = read(&format!("SELECT {wrong}")).unwrap();
            assert!(read.is_err(), "{wrong}");
        }
    }
}
