//! `.env`: lines of `NAME=value`, read as shells and Compose read them.

use std::cell::Cell;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use super::names;

/// What some editors put before a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// What a file says.
#[derive(Default)]
pub(super) struct Dotenv {
    /// By name; the last of several lines counts.
    pub variables: HashMap<String, String>,
    /// Sentences about what may surprise.
    pub warnings: Vec<String>,
}

impl Dotenv {
    /// A missing file is an empty one.
    ///
    /// # Errors
    /// A sentence with the number of the line, and nothing of its value.
    pub fn read(path: &Path) -> Result<Self, String> {
        let file = path.display();
        match std::fs::read(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Self::parse(&text, &file.to_string()),
                Err(_) => Err(format!("{file} can't be read: save it as UTF-8.")),
            },
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(e) => Err(format!("{file} can't be read: {e}.")),
        }
    }

    fn parse(text: &str, file: &str) -> Result<Self, String> {
        // Without an end of the last line, a blank at its end is taken for an open quotation mark.
        let text = format!("{}\n", text.trim_start_matches(BYTE_ORDER_MARK));
        let given = Cell::new(0);
        let lines = FileLines {
            left: text.as_bytes(),
            given: &given,
        };
        let mut found = Self::default();
        let mut entries = dotenvy::from_read_iter(lines);
        let mut stand = HashMap::new();
        loop {
            let before = given.get();
            match entries.next() {
                None => return Ok(found),
                Some(Ok((name, value))) => {
                    let lines = text.lines().enumerate().take(given.get()).skip(before);
                    let mut lines = lines.filter(|(_, line)| says_something(line)).peekable();
                    let line = lines.peek().map_or(before, |(at, _)| *at) + 1;
                    let entry: String = lines.map(|(_, line)| line).collect();
                    let warning = replaced(&name, &value, &entry, file);
                    found.warnings.extend(warning);
                    let other = found.variables.get(&name).filter(|other| **other != value);
                    if let (Some(first), Some(_)) = (stand.insert(name.clone(), line), other) {
                        let warning = twice(&name, &value, [first, line], file);
                        found.warnings.push(warning);
                    }
                    found.variables.insert(name, value);
                }
                Some(Err(error)) => return Err(refusal(&error, given.get(), file)),
            }
        }
    }
}

fn says_something(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with('#')
}

fn refusal(error: &dotenvy::Error, last: usize, file: &str) -> String {
    let several = match error {
        dotenvy::Error::LineParse(entry, _) => entry.lines().count().max(1),
        _ => 1,
    };
    let line = last + 1 - several.min(last);
    format!(
        "line {line} of {file} can't be read: write NAME=value, with quotes around a value that has spaces or marks."
    )
}

/// Of a setting the last line counts, and an empty one is as if none were there. What libraries read is another
/// matter.
fn twice(name: &str, value: &str, [first, last]: [usize; 2], file: &str) -> String {
    let counts = match (names::is_setting(name), value.trim().is_empty()) {
        (true, true) => format!("line {last} counts, and is empty, so that it is not set here; "),
        (true, false) => format!("line {last} counts; "),
        (false, _) => String::new(),
    };
    format!(
        "{name} stands in {file} twice, in lines {first} and {last}: {counts}take one of them out"
    )
}

/// `$NAME` means a variable's value outside of single quotes, and nothing where there is none. Who writes
/// it into a secret rarely means that.
fn replaced(name: &str, value: &str, entry: &str, file: &str) -> Option<String> {
    let signs = |text: &str| text.matches('$').count();
    (names::is_secret(name) && signs(entry) > signs(value)).then(|| {
        format!(
            "{name} in {file}: a $ was taken for the beginning of a variable's name; if it belongs to the secret, write single quotes around the whole value."
        )
    })
}

/// A text by one line a read, so that it is known how many were needed.
struct FileLines<'a> {
    left: &'a [u8],
    given: &'a Cell<usize>,
}

impl Read for FileLines<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let end = self.left.iter().position(|byte| *byte == b'\n');
        let end = end.map_or(self.left.len(), |at| at + 1);
        let (mut line, _) = self.left.split_at(end);
        let read = line.read(room)?;
        // A line may be longer than the room.
        if read == end && end > 0 {
            self.given.set(self.given.get() + 1);
        }
        self.left = &self.left[read..];
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Options;
    use crate::settings::tests::problems;

    fn parse(text: &str) -> Dotenv {
        Dotenv::parse(text, ".env").unwrap_or_else(|e| panic!("{e}"))
    }

    fn value(text: &str) -> String {
        parse(text).variables["BOT_TOKEN"].clone()
    }

    #[test]
    fn what_editors_of_all_kinds_write_is_read() {
        for text in [
            "BOT_TOKEN=abc",
            "\u{feff}BOT_TOKEN=abc\n",
            "\u{feff}# the bot\r\nBOT_TOKEN=abc\r\n",
            "BOT_TOKEN=abc  ",
            "export BOT_TOKEN='abc'\t",
            "BOT_TOKEN=old\n\nBOT_TOKEN=abc # made in May",
        ] {
            assert_eq!(value(text), "abc", "{text:?}");
        }
        let long = "x".repeat(50_000);
        let text = format!("A=ä{long}\nBOT_TOKEN=abc\nB={long}");
        assert_eq!(value(&text), "abc");
    }

    #[test]
    fn what_cannot_be_read_is_told_with_the_line_where_it_begins_and_without_its_value() {
        for (text, line) in [
            ("BOT_TOKEN canary", 1),
            ("A=1\n\n# here\nBOT_TOKEN=two canary\nB=2\n", 4),
            ("A=1\nBOT_TOKEN=\"canary\nB=2\nC=3", 2),
            ("A=1\nBOT_TOKEN='canary", 2),
            ("A='1\n2'\nBOT_TOKEN=\"canary\\q\"\nB=1", 3),
            ("\u{feff}A=1\r\n2=canary\r\n", 2),
            ("A=1\nBOT_TOKEN=\"can\nary\\q\"\nB=1", 2),
        ] {
            let told = Dotenv::parse(text, ".env").err().unwrap();
            assert!(
                told.starts_with(&format!("line {line} of .env ")),
                "{text:?}: {told}"
            );
            assert!(!told.contains("canary"), "{told}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_is_told_with_both_lines_and_without_its_values() {
        for (text, told) in [
            (
                "BOT_TOKEN=canary\n# later\n\nBOT_TOKEN=\n",
                "BOT_TOKEN stands in .env twice, in lines 1 and 4: line 4 counts, and is empty, so that it is not set here; take one of them out",
            ),
            (
                "A='1\n2'\nBOT_TOKEN=canary\nexport BOT_TOKEN=canary2",
                "BOT_TOKEN stands in .env twice, in lines 3 and 4: line 4 counts; take one of them out",
            ),
            (
                "BOT_TOKEN=\nA=1\nBOT_TOKEN=canary",
                "BOT_TOKEN stands in .env twice, in lines 1 and 3: line 3 counts; take one of them out",
            ),
            (
                "NO_PROXY=canary\nNO_PROXY=",
                "NO_PROXY stands in .env twice, in lines 1 and 2: take one of them out",
            ),
        ] {
            assert_eq!(parse(text).warnings, [told], "{text}");
        }
        for text in ["A=1\nA=1", "A=1\nB=1\n#A=2", "A=1\na=2"] {
            assert_eq!(parse(text).warnings, [""; 0], "{text}");
        }
    }

    #[test]
    fn an_empty_line_that_undoes_a_full_one_is_told_with_what_is_missing_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        let text = "MATTERMOST_URL=http://localhost\nBOT_TOKEN=abc\nBOT_TOKEN=\n";
        std::fs::write(&path, text).unwrap();
        let told = problems(&Options {
            dotenv: Some(path),
            ..Options::default()
        });
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].starts_with("BOT_TOKEN is not set, and neither"),
            "{told:?}"
        );
        assert!(told[1].contains("twice, in lines 2 and 3"), "{told:?}");
    }

    #[test]
    fn a_file_that_is_no_text_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        let utf16: Vec<u8> = "\u{feff}A=1"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        std::fs::write(&path, utf16).unwrap();
        let told = Dotenv::read(&path).err().unwrap();
        assert!(
            told.ends_with(".env can't be read: save it as UTF-8."),
            "{told}"
        );
    }

    #[test]
    fn a_dollar_that_was_replaced_in_a_secret_is_told() {
        const NONE: &str = "no_such_variable_here";
        for text in [
            format!("MATTERACTOR__HOOKS__SECRET=abc${NONE}"),
            format!("# my key\nMATTERACTOR__HOOKS__SECRET=\"abc${{{NONE}}}\""),
            "BOT_TOKEN=abc$".to_owned(),
        ] {
            let warnings = parse(&text).warnings;
            assert!(warnings[0].contains("single quotes"), "{warnings:?}");
            assert!(!warnings[0].contains("abc"), "{warnings:?}");
        }
        for text in [
            "MATTERACTOR__HOOKS__SECRET='abc$def'",
            "MATTERACTOR__HOOKS__SECRET=abc\\$def",
            "# costs 5 $\nBOT_TOKEN=abc",
            "MATTERACTOR__STORE__URL=sqlite://$HOME/bot.db",
        ] {
            assert_eq!(parse(text).warnings, [""; 0], "{text}");
        }
    }
}
