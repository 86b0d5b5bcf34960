//! Rows as SQLite gives them, and back to plain data.

use std::str::FromStr;

use serde::de::DeserializeOwned;

use super::fault::Fault;
use crate::event::{CardRow, Job, JobKind, Place, RowId, Slot, SlotRow};
use crate::model::ids::Millis;
use crate::store::tables::Outgoing;

pub(super) type SlotColumns = (
    String,
    String,
    String,
    i64,
    i64,
    String,
    Option<String>,
    Option<i64>,
);
pub(super) type JobColumns = (
    String,
    String,
    String,
    String,
    String,
    String,
    i64,
    String,
    i64,
    Option<String>,
);
pub(super) type OutboxColumns = (String, Option<String>, Option<i64>, i64);
pub(super) type CardColumns = (
    String,
    String,
    String,
    String,
    Option<String>,
    String,
    i64,
    i64,
);

/// The columns of [`SlotColumns`], of a table called `t`.
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
/// The columns of [`JobColumns`], of a table called `t`.
macro_rules! job_columns {
    () => {
        "t.id, t.place, t.skill, t.topic, t.kind, t.name, t.due, t.payload, t.attempts, \
         t.cause"
    };
}
/// The columns of [`OutboxColumns`], of a table called `t`.
macro_rules! outbox_columns {
    () => {
        "t.row, t.aside, t.waits, t.told"
    };
}
/// The columns of [`CardColumns`], of a table called `t`.
macro_rules! card_columns {
    () => {
        "t.place, t.skill, t.topic, t.home, t.post, t.wanted, \
         t.wanted_version, t.shown_version"
    };
}
pub(super) use {card_columns, job_columns, outbox_columns, slot_columns, slot_columns_but_state};

/// A place as it is stored.
pub(super) fn slot(place: &str, skill: String, topic: String) -> Result<Slot, Fault> {
    Ok(Slot::new(parse::<Place>("place", place)?, skill, topic))
}

/// A slot.
pub(super) fn slot_row(columns: SlotColumns) -> Result<SlotRow, Fault> {
    let (place, skill, topic, version, form, state, listening, expires) = columns;
    Ok(SlotRow {
        slot: slot(&place, skill, topic)?,
        version,
        state: state.into(),
        form: number("form", form)?,
        listening: listening.map(|text| json("question", &text)).transpose()?,
        expires: expires.map(Millis),
    })
}

/// A job.
pub(super) fn job(columns: JobColumns) -> Result<Job, Fault> {
    let (id, place, skill, topic, kind, name, due, payload, attempts, cause) = columns;
    Ok(Job {
        id: RowId::read(id),
        slot: slot(&place, skill, topic)?,
        kind: JobKind::read(&kind, &name).ok_or_else(|| Fault::unreadable("job", &kind))?,
        due: Millis(due),
        payload,
        attempts: number("job", attempts)?,
        cause: cause.map(|id| parse("job", &id)).transpose()?,
    })
}

/// A row of the outbox.
pub(super) fn outgoing(columns: OutboxColumns) -> Result<Outgoing, Fault> {
    let (row, aside, waits, told) = columns;
    Ok(Outgoing {
        row: json("outbox row", &row)?,
        aside,
        waits: waits.map(Millis),
        told: told != 0,
    })
}

/// A card.
pub(super) fn card(columns: CardColumns) -> Result<CardRow, Fault> {
    let (place, skill, topic, home, post, wanted, wanted_version, shown_version) = columns;
    Ok(CardRow {
        slot: slot(&place, skill, topic)?,
        home: json("card", &home)?,
        post: post.map(|post| parse("post", &post)).transpose()?,
        wanted: json("card", &wanted)?,
        wanted_version,
        shown_version,
    })
}

/// Something that is stored as text.
pub(super) fn parse<T: FromStr>(what: &str, text: &str) -> Result<T, Fault>
where
    T::Err: std::fmt::Display,
{
    text.parse().map_err(|error| Fault::unreadable(what, error))
}

/// 16 bytes, as SQL's `hex` gives them.
pub(super) fn bytes(what: &str, hex: &str) -> Result<[u8; 16], Fault> {
    if hex.len() != 32 {
        return Err(Fault::unreadable(what, "it isn't of 16 bytes"));
    }
    let bytes = u128::from_str_radix(hex, 16).map(u128::to_be_bytes);
    bytes.map_err(|error| Fault::unreadable(what, error))
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
    use super::*;

    #[test]
    fn bytes_are_sixteen_or_unreadable() {
        let hex = "00010A6C657474657273203031323334";
        assert_eq!(bytes("key", hex).unwrap(), *b"\0\x01\x0aletters 01234");
        for wrong in ["", "0A", &hex[2..], "000A6C657474657273203031323334zz"] {
            assert!(bytes("key", wrong).is_err(), "{wrong}");
        }
    }
}
