//! Reads one key after the other and goes on after a problem, so that people see all at once.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use config::{Value, ValueKind};

use super::layers::{DottedValues, known, place};
use super::shown::shown;
use super::{SettingsError, duration};

/// What is left to read, and what was wrong so far.
///
/// After a problem a method answers a placeholder, which nobody sees: [`Reader::finish`] fails.
pub(super) struct Reader {
    left: DottedValues,
    problems: Vec<String>,
    warnings: Vec<String>,
}

/// A text that isn't empty, and where it was written.
pub(super) struct Setting {
    pub text: String,
    pub place: String,
}

impl Reader {
    pub fn new(leaves: DottedValues) -> Self {
        Self {
            left: leaves,
            problems: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub fn problem(&mut self, sentence: String) {
        self.problems.push(sentence);
    }

    /// What works, but not as it was written.
    pub fn warning(&mut self, sentence: String) {
        self.warnings.push(sentence);
    }

    /// All of these.
    pub fn warnings(&mut self) -> Vec<String> {
        std::mem::take(&mut self.warnings)
    }

    /// Whether there is anything to read; an empty text is done with.
    pub fn is_set(&mut self, key: &str) -> bool {
        let empty =
            |value: &Value| matches!(&value.kind, ValueKind::String(s) if s.trim().is_empty());
        if self.left.get(key).is_some_and(empty) {
            self.left.remove(key);
        }
        self.left.contains_key(key)
    }

    /// The text of a key, unless it is empty.
    pub fn text(&mut self, key: &str) -> Option<Setting> {
        let value = self.left.remove(key)?;
        let place = place(key, &value);
        match value.kind {
            ValueKind::String(text) => {
                let text = text.trim().to_owned();
                (!text.is_empty()).then_some(Setting { text, place })
            }
            _ => {
                self.problem(format!("{place}: write a text in quotation marks."));
                None
            }
        }
    }

    /// A list, or one text with commas.
    pub fn list(&mut self, key: &str) -> (Vec<String>, String) {
        let Some(value) = self.left.remove(key) else {
            return (Vec::new(), key.to_owned());
        };
        let place = place(key, &value);
        let entries = match value.kind {
            ValueKind::String(text) => Some(text.split(',').map(str::to_owned).collect()),
            ValueKind::Array(entries) => entries.into_iter().map(only_text).collect(),
            _ => None,
        };
        let Some(entries): Option<Vec<String>> = entries else {
            self.problem(format!(
                r#"{place}: write a list of texts: ["a", "b"] in a file, a,b in the environment."#
            ));
            return (Vec::new(), place);
        };
        let entries = entries.iter().map(|entry| entry.trim().to_owned());
        (entries.filter(|entry| !entry.is_empty()).collect(), place)
    }

    pub fn flag(&mut self, key: &str) -> bool {
        let Some(value) = self.left.remove(key) else {
            return false;
        };
        let place = place(key, &value);
        value.into_bool().unwrap_or_else(|_| {
            self.problem(format!("{place}: write true or false."));
            false
        })
    }

    pub fn number(&mut self, key: &str, range: RangeInclusive<u32>) -> u32 {
        let Some(value) = self.left.remove(key) else {
            return *range.start();
        };
        let place = place(key, &value);
        let number = match value.kind {
            ValueKind::I64(_) | ValueKind::U64(_) | ValueKind::String(_) => value.into_int().ok(),
            _ => None,
        };
        match number.and_then(|n| u32::try_from(n).ok()) {
            Some(number) if range.contains(&number) => number,
            _ => {
                let (least, most) = range.into_inner();
                self.problem(format!(
                    "{place}: write a whole number from {least} to {most}."
                ));
                least
            }
        }
    }

    /// A duration from 1 ms to `limit`, which people read as `most`.
    pub fn duration(&mut self, key: &str, (most, limit): (&str, Duration)) -> Duration {
        let Some(Setting { text, place }) = self.text(key) else {
            return Duration::ZERO;
        };
        match duration::parse(&text) {
            Ok(length) if (Duration::from_millis(1)..=limit).contains(&length) => length,
            Ok(_) => {
                self.problem(format!(
                    "{place}: {} is not between 1ms and {most}.",
                    shown(&text)
                ));
                Duration::ZERO
            }
            Err(fix) => {
                let text = shown(&text);
                self.problem(format!("{place}: {text} is no duration; {fix}."));
                Duration::ZERO
            }
        }
    }

    pub fn address(&mut self, key: &str) -> SocketAddr {
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let Some(Setting { text, place }) = self.text(key) else {
            return nowhere;
        };
        let numeric = text.replacen("localhost:", "127.0.0.1:", 1);
        numeric.parse().unwrap_or_else(|_| {
            let text = shown(&text);
            self.problem(format!(
                r#"{place}: {text} is no address to listen on; write an IP address and a port, such as 127.0.0.1:8000, 0.0.0.0:8000 or [::]:8000."#
            ));
            nowhere
        })
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, key: &str, choices: &[(&str, T)]) -> T {
        let (_, first) = choices[0];
        let Some(Setting { text, place }) = self.text(key) else {
            return first;
        };
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map_or_else(
            || {
                let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
                let words = words.join(", ");
                let text = shown(&text);
                self.problem(format!("{place}: {text} is none of {words}."));
                first
            },
            |(_, meaning)| *meaning,
        )
    }

    /// Everything below `section`, by its dotted key without that.
    pub fn rest_of(&mut self, section: &str) -> Vec<(String, Value)> {
        let (below, left) = std::mem::take(&mut self.left)
            .into_iter()
            .partition(|(key, _)| key.starts_with(section));
        self.left = left;
        let below: DottedValues = below;
        below
            .into_iter()
            .map(|(key, value)| (key[section.len()..].to_owned(), value))
            .collect()
    }

    /// What nobody has read by now is no key of this program.
    pub fn refuse_unknown(&mut self) {
        let known = known();
        for (key, value) in std::mem::take(&mut self.left) {
            let place = place(&key, &value);
            let section = key.split('.').next().unwrap_or_default();
            let siblings: Vec<&str> = known
                .keys()
                .filter_map(|name| name.strip_prefix(section)?.strip_prefix('.'))
                .collect();
            self.problem(if siblings.is_empty() || section == "skills" {
                let mut sections: Vec<&str> =
                    known.keys().filter_map(|k| k.split('.').next()).collect();
                sections.dedup();
                format!(
                    "{place}: there is no such key; the sections are {}.",
                    sections.join(", ")
                )
            } else {
                format!(
                    "{place}: there is no such key; [{section}] has {}.",
                    siblings.join(", ")
                )
            });
        }
    }

    /// The value, if nothing was wrong.
    pub fn finish<T>(self, value: T) -> Result<T, SettingsError> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(SettingsError::new(self.problems))
        }
    }
}

fn only_text(value: Value) -> Option<String> {
    match value.kind {
        ValueKind::String(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(key: &str, kind: impl Into<ValueKind>) -> Reader {
        let value = Value::new(Some(&"HERE".to_owned()), kind);
        Reader::new(DottedValues::from([(key.to_owned(), value)]))
    }

    #[test]
    fn a_list_is_a_list_or_a_text_with_commas() {
        let commas = reading("k", " a, b ,,c").list("k").0;
        let list = reading("k", vec!["a", " b", "c"]).list("k").0;
        assert_eq!(commas, ["a", "b", "c"]);
        assert_eq!(list, commas);
    }

    #[test]
    fn a_number_outside_its_range_names_the_range_and_the_place() {
        for wrong in ["0", "5000", "-1", "many", "1.5"] {
            let mut reader = reading("k", wrong);
            reader.number("k", 1..=4096);
            let problems = reader.finish(()).map_err(|e| e.to_string());
            assert_eq!(
                problems,
                Err("HERE: write a whole number from 1 to 4096.".to_owned()),
                "{wrong}"
            );
        }
        assert_eq!(reading("k", "64").number("k", 1..=4096), 64);
        assert_eq!(reading("k", 64_i64).number("k", 1..=4096), 64);
    }

    #[test]
    fn localhost_may_stand_for_its_address() {
        assert_eq!(
            reading("k", "localhost:80").address("k"),
            SocketAddr::from(([127, 0, 0, 1], 80))
        );
        let mut reader = reading("k", "example.org:80");
        reader.address("k");
        assert!(reader.finish(()).is_err());
    }
}
