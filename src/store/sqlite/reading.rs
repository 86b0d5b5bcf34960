//! Several lists of rows, read in one go and in one row.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::{Row, SqliteConnection};

use super::fault::Fault;
use super::script::Script;
use crate::event::{Key, Slot};
use crate::store::tables::Tables;

/// What becomes of a list.
type Reader = Box<dyn FnOnce(&str, &mut Tables) -> Result<(), Fault> + Send>;

/// A query for the list of all rows with these columns, as JSON.
macro_rules! found {
    ([$($columns:tt)*], $from:literal) => {
        concat!(
            "(SELECT json_group_array(json_array(",
            $($columns)*,
            ")) ",
            $from,
            ")"
        )
    };
}
pub(super) use found;

/// Lists to read, each with what becomes of its rows.
///
/// They come as the columns of a single row: each row is handed from the connection's thread to the
/// one that waits, and wakes it.
#[derive(Default)]
pub(super) struct Reading {
    script: Script,
    readers: Vec<Reader>,
}

impl Reading {
    /// One that begins a transaction.
    pub fn begin() -> Self {
        let mut reading = Self::default();
        reading.script.add("BEGIN IMMEDIATE");
        reading
    }

    /// Adds a list, [`found!`] by what is bound; `take` gets the columns of each row.
    pub fn add<C: DeserializeOwned + 'static>(
        &mut self,
        sql: &'static str,
        by: String,
        take: fn(C, &mut Tables) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let before = if self.readers.is_empty() {
            "SELECT "
        } else {
            ", "
        };
        self.script.part(before).part(sql).bind(by)?;
        self.readers.push(Box::new(move |json, tables| {
            let rows: Vec<C> = serde_json::from_str(json)?;
            rows.into_iter().try_for_each(|row| take(row, tables))
        }));
        Ok(())
    }

    /// Reads everything.
    pub async fn run(self, at: &mut SqliteConnection) -> Result<Tables, Fault> {
        let mut tables = Tables::default();
        if let Some(row) = self.script.run(at).await? {
            for (column, read) in self.readers.into_iter().enumerate() {
                read(row.try_get(column)?, &mut tables)?;
            }
        }
        Ok(tables)
    }
}

/// A list as the JSON that `json_each` takes.
pub(super) fn list<T: Serialize>(items: impl IntoIterator<Item = T>) -> Result<String, Fault> {
    let items: Vec<T> = items.into_iter().collect();
    Ok(serde_json::to_string(&items)?)
}

/// Slots as lists of three.
pub(super) fn slots<'s>(slots: impl IntoIterator<Item = &'s Slot>) -> Result<String, Fault> {
    let slots = slots.into_iter();
    list(slots.map(|slot| (slot.place.to_string(), &slot.skill, &slot.topic)))
}

/// Bytes as `unhex` takes them.
pub(super) fn hex(bytes: &[u8; 16]) -> String {
    Key::from_bytes(*bytes).to_hex()
}
