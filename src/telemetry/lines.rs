//! What a line of the log may hold. Much of it was chosen by others: it is short, and has one line.

use std::fmt::{self, Debug, Display, Write as _};
use std::io::{self, Write};

use serde_json::Value;
use tracing::field::Field;
use tracing_subscriber::fmt::format::Writer;

/// The longest value of a field, in characters;
const FIELD: usize = 200;
/// and the longest sentence, which is our own.
const SENTENCE: usize = 500;

/// A text as it may be logged: at most 200 characters, nothing that moves a terminal's cursor.
pub fn short<T: Display>(value: T) -> Short<T> {
    Short(value)
}

/// See [`short`].
#[derive(Debug, Clone, Copy)]
pub struct Short<T>(T);

impl<T: Display> Display for Short<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        cut(f, FIELD, |cut| write!(cut, "{}", self.0))
    }
}

/// Writes a field of a line in text.
pub(super) fn field(writer: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
    match field.name() {
        "message" => cut(writer, SENTENCE, |cut| write!(cut, "{value:?}")),
        name => {
            write!(writer, "{}=", name.trim_start_matches("r#"))?;
            cut(writer, FIELD, |cut| write!(cut, "{value:?}"))
        }
    }
}

/// Lines of JSON, with long texts cut; each write is a line.
pub(super) struct Json<W>(pub W);

impl<W: Write> Write for Json<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // Most lines are shorter than any of their texts may be.
        if line.len() > FIELD
            && let Ok(mut value) = serde_json::from_slice::<Value>(line)
        {
            shorten(&mut value);
            writeln!(self.0, "{value}")?;
        } else {
            self.0.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn shorten(line: &mut Value) {
    let Value::Object(fields) = line else { return };
    for (name, value) in fields {
        let most = if name == "message" { SENTENCE } else { FIELD };
        let text = match value {
            Value::String(text) => text,
            _ => continue,
        };
        if text.chars().nth(most).is_some() {
            *text = text.chars().take(most).chain(['…']).collect();
        }
    }
}

/// Lets `write` write at most so many characters.
fn cut(
    out: &mut dyn fmt::Write,
    most: usize,
    write: impl FnOnce(&mut Cut<'_>) -> fmt::Result,
) -> fmt::Result {
    let mut cut = Cut { out, left: most };
    match write(&mut cut) {
        // It was stopped: nothing more of it is wanted.
        Err(_) if cut.left == 0 => cut.out.write_char('…'),
        done => done,
    }
}

struct Cut<'a> {
    out: &'a mut dyn fmt::Write,
    left: usize,
}

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            if c.is_control() || "\u{2028}\u{2029}".contains(c) {
                write!(self.out, "{}", c.escape_default())?;
            } else {
                self.out.write_char(c)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::telemetry::{lines_of_json, lines_of_text};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Log {
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(str::to_owned).collect()
        }
    }

    fn speak() {
        let long = "é".repeat(1_000_000);
        let forged = "x\n2026-11-29T00:00:00Z  INFO all is well\u{1b}[2J";
        tracing::warn!(error = %long, path = long, other = ?long, %forged, number = 7, "a sentence");
        tracing::info!("{long}");
    }

    #[test]
    fn a_line_of_text_is_short_and_one_whoever_chose_its_words() {
        let log = Log::default();
        let out = log.clone();
        tracing::subscriber::with_default(
            lines_of_text("trace", false, move || out.clone()),
            speak,
        );
        let lines = log.lines();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(
            lines.iter().all(|line| line.chars().count() < 1_000),
            "{lines:?}"
        );
        assert!(lines[0].contains(r"forged=x\n2026"), "{}", lines[0]);
        assert!(lines[0].contains("a sentence error=é") && lines[0].contains("number=7"));
        assert!(lines[0].contains("é… path=\"é"), "{}", lines[0]);
    }

    #[test]
    fn a_line_of_json_is_short_too_and_still_json() {
        let log = Log::default();
        let out = log.clone();
        tracing::subscriber::with_default(lines_of_json("trace", move || out.clone()), speak);
        let lines = log.lines();
        assert_eq!(lines.len(), 2, "{lines:?}");
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
        assert_eq!(line["error"].as_str().unwrap().chars().count(), FIELD + 1);
        assert_eq!(
            (&line["message"], &line["number"]),
            (&"a sentence".into(), &7.into())
        );
        assert!(lines[1].chars().count() < 1_000);
    }

    #[test]
    fn a_short_text_stays_as_it_is() {
        let exact = "x".repeat(FIELD);
        assert_eq!(short(&exact).to_string(), exact);
        assert_eq!(short(format!("{exact}y")).to_string(), format!("{exact}…"));
        assert_eq!(short("a\tb").to_string(), r"a\tb");
    }
}
