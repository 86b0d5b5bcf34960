//! Which skills are on, and the tables that they read themselves.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use super::SettingsError;
use super::layers::{is_built_in, place};
use super::reader::Reader;
use super::shown::shown;

/// The section `[skills]`. `Debug` shows names only: a skill's own table may hold a secret.
#[derive(Clone, Default, PartialEq)]
pub struct Skills {
    /// Names of the skills that are on; where several could take a post, the first does.
    pub order: Vec<String>,
    tables: BTreeMap<String, SkillTable>,
    place: String,
}

#[derive(Clone, Default, PartialEq)]
struct SkillTable {
    values: Map<String, Value>,
    /// Of the values, in the order of `keys`.
    places: Vec<String>,
    keys: Vec<String>,
}

impl Skills {
    pub(super) fn read(reader: &mut Reader) -> Self {
        let (order, place_of_order) = reader.list("skills.order");
        let mut skills = Self {
            order,
            tables: BTreeMap::new(),
            place: place_of_order,
        };
        for (key, value) in reader.rest_of("skills.") {
            let at = place(&format!("skills.{key}"), &value);
            let Some((name, key)) = key.split_once('.') else {
                reader.problem(format!(
                    "{at}: [skills] has only the key order; a skill's own keys go into [skills.{key}]."
                ));
                continue;
            };
            let table = skills.tables.entry(name.to_owned()).or_default();
            match value.try_deserialize() {
                Ok(value) => {
                    table.values.insert(key.to_owned(), value);
                    table.places.push(at);
                    table.keys.push(key.to_owned());
                }
                Err(e) => reader.problem(format!("{at}: this value can't be read: {e}.")),
            }
        }
        skills
    }

    /// Whether nobody has set `order`.
    pub fn is_default_order(&self) -> bool {
        is_built_in(&self.place)
    }

    /// A skill's own table, merged from all layers; empty where nothing is set.
    ///
    /// The skill decodes it, best with `#[serde(default, deny_unknown_fields)]`, and with
    /// [`duration::deserialize`](super::duration::deserialize) for durations.
    pub fn table(&self, name: &str) -> Map<String, Value> {
        self.tables
            .get(name)
            .map_or_else(Map::new, |table| table.values.clone())
    }

    /// The same without the built-in defaults, which are for the built-in skill of this name.
    pub fn table_as_set(&self, name: &str) -> Map<String, Value> {
        let Some(table) = self.tables.get(name) else {
            return Map::new();
        };
        let keys = table.keys.iter().zip(&table.places);
        let set = keys.filter(|(_, place)| !is_built_in(place));
        let set = set.filter_map(|(key, _)| table.values.get_key_value(key));
        set.map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// Where the values of a skill's own table were written, for a sentence about one of them.
    pub fn places(&self, name: &str) -> &[String] {
        self.tables.get(name).map_or(&[], |table| &table.places)
    }

    /// A sentence of a skill about its own table, after the place of the key that it is about: the one that it
    /// begins with, or calls an unknown field.
    pub fn placed(&self, name: &str, sentence: &str) -> String {
        let begin = sentence.strip_prefix("unknown field `").unwrap_or(sentence);
        let in_key = |c: char| c.is_alphanumeric() || "_-".contains(c);
        let key = begin.split(|c| !in_key(c)).next().unwrap_or_default();
        let table = self.tables.get(name);
        let place = table.and_then(|table| {
            let at = table.keys.iter().position(|known| known == key)?;
            table.places.get(at)
        });
        match place {
            Some(place) => format!("{place}: [skills.{name}]: {sentence}"),
            None => format!("[skills.{name}]: {sentence}"),
        }
    }

    /// Checks that every name in `order` and every `[skills.NAME]` that somebody has set is one of the skills
    /// that the program has.
    ///
    /// # Errors
    /// A sentence for each unknown or repeated name.
    pub fn check_names(&self, known: &[&str]) -> Result<(), SettingsError> {
        let exist = format!("the skills are {}", known.join(", "));
        let missing = |name: &str| !known.contains(&name);
        let mut problems = Vec::new();
        let order = match self.is_default_order() {
            true => &[],
            false => &self.order[..],
        };
        for (at, name) in order.iter().enumerate() {
            if missing(name) {
                problems.push(format!(
                    "{}: there is no skill {}; {exist}.",
                    self.place,
                    shown(name)
                ));
            } else if order[..at].contains(name) {
                problems.push(format!(
                    "{}: \"{name}\" is listed twice; leave one out.",
                    self.place
                ));
            }
        }
        let set = |table: &SkillTable| table.places.iter().any(|place| !is_built_in(place));
        let unknown = |(name, table): &(&String, &SkillTable)| missing(name) && set(table);
        for (name, table) in self.tables.iter().filter(unknown) {
            problems.push(format!(
                "{}: there is no skill \"{name}\"; {exist}.",
                table.places.join(", ")
            ));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(SettingsError::new(problems))
        }
    }
}

impl fmt::Debug for Skills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Skills")
            .field("order", &self.order)
            .field("tables", &self.tables.keys())
            .finish_non_exhaustive()
    }
}
