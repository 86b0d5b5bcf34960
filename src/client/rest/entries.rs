//! A list of any length, read while it comes: as text only the entry that is coming is in memory.

use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::lists::{List, id_at_the_beginning};

/// The longest entry, in bytes: Mattermost takes bodies of 300,000, but plugins may write more.
const LONGEST: usize = 1 << 20;

/// Cuts a list into its entries, wherever the pieces end in which it comes.
pub(super) struct Entries<T> {
    list: List<T>,
    /// What has come of an entry that isn't whole.
    part: Vec<u8>,
    /// Only its beginning was kept.
    is_long: bool,
    /// How many brackets are open: 1 between entries.
    depth: usize,
    /// Within a text, and there right after a backslash.
    in_text: bool,
    is_escaped: bool,
    /// After a comma an entry must come.
    is_due: bool,
    has_ended: bool,
}

impl<T: DeserializeOwned> Entries<T> {
    /// Before anything has come; `kind` says of what the list is.
    pub fn new(kind: &'static str) -> Self {
        Self {
            list: List::empty(kind),
            part: Vec::new(),
            is_long: false,
            depth: 0,
            in_text: false,
            is_escaped: false,
            is_due: false,
            has_ended: false,
        }
    }

    /// Another piece has come. Gives back what is whole by now.
    ///
    /// # Errors
    /// Where it is no list.
    pub fn piece(&mut self, piece: &[u8]) -> Result<List<T>, String> {
        let mut begins = 0;
        for (at, byte) in piece.iter().enumerate() {
            if self.in_text {
                self.text(*byte);
            } else if self.depth == 0 {
                self.outside(*byte)?;
                begins = at + 1;
            } else if self.depth == 1 && matches!(byte, b',' | b']') {
                self.is_whole(&piece[begins..at], *byte == b',')?;
                begins = at + 1;
            } else {
                self.inside(*byte)?;
            }
        }
        self.keep(&piece[begins..]);
        Ok(self.list.taken())
    }

    /// Nothing more comes.
    ///
    /// # Errors
    /// Where that is too early.
    pub fn end(&self) -> Result<(), String> {
        match self.has_ended {
            true => Ok(()),
            false => Err("the list breaks off".into()),
        }
    }

    fn text(&mut self, byte: u8) {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => self.in_text = false,
            _ => {}
        }
    }

    fn outside(&mut self, byte: u8) -> Result<(), String> {
        match byte {
            b'[' if !self.has_ended => self.depth = 1,
            b' ' | b'\n' | b'\r' | b'\t' => {}
            _ => return Err("it isn't one list".into()),
        }
        Ok(())
    }

    fn inside(&mut self, byte: u8) -> Result<(), String> {
        match byte {
            b'"' => self.in_text = true,
            b'[' | b'{' => self.depth += 1,
            b'}' if self.depth == 1 => return Err("a bracket closes that isn't open".into()),
            b']' | b'}' => self.depth -= 1,
            _ => {}
        }
        Ok(())
    }

    /// An entry is whole, or the list has none; `more` says that another one follows.
    fn is_whole(&mut self, rest: &[u8], more: bool) -> Result<(), String> {
        let is_due = std::mem::replace(&mut self.is_due, more) || more;
        if !more {
            (self.depth, self.has_ended) = (0, true);
        }
        let mut part = std::mem::take(&mut self.part);
        if std::mem::take(&mut self.is_long) {
            let id = id_at_the_beginning(&part);
            self.list.pass_over(id, "it is longer than 1 MiB");
            return Ok(());
        }
        let entry = if part.is_empty() {
            rest
        } else {
            part.extend_from_slice(rest);
            &part
        };
        if !entry.trim_ascii().is_empty() || is_due {
            let raw = serde_json::from_slice::<&RawValue>(entry);
            self.list.read_one(raw.map_err(|error| error.to_string())?);
        }
        part.clear();
        self.part = part;
        Ok(())
    }

    fn keep(&mut self, rest: &[u8]) {
        let room = LONGEST.saturating_sub(self.part.len());
        self.is_long |= rest.len() > room;
        self.part.extend_from_slice(&rest[..rest.len().min(room)]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::channel::ListedChannel;

    const ANN: &str = "9g66xk3awbfjf8rea197dhw1ba";
    const BEN: &str = "5tt4cgq3fjnq7dnt1qyor8y6nh";

    type Read = Result<(Vec<String>, Vec<String>), String>;

    /// Ids of what was read, and of what couldn't be.
    fn read<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Read {
        let mut entries = Entries::<ListedChannel>::new("channel");
        let (mut ids, mut unread) = (Vec::new(), Vec::new());
        for piece in pieces {
            let list = entries.piece(piece)?;
            ids.extend(list.entries.iter().map(|channel| channel.id.to_string()));
            unread.extend(list.unread);
        }
        entries.end()?;
        Ok((ids, unread))
    }

    fn channel(id: &str) -> String {
        format!(r#"{{"id":"{id}","type":"O","header":"a \" ], {{ é \\","props":{{"x":[1,[]]}}}}"#)
    }

    #[test]
    fn wherever_a_list_is_cut_into_pieces_all_of_it_is_read() {
        let odd = format!(r#"{{"id":"{BEN}","type":7}}"#);
        let json = format!(" [{} ,\n{odd},7,{}]\n", channel(ANN), channel(BEN));
        let whole = (
            vec![ANN.to_owned(), BEN.to_owned()],
            vec![BEN.to_owned(), String::new()],
        );
        assert_eq!(read([json.as_bytes()]), Ok(whole.clone()));
        for size in 1..json.len() {
            assert_eq!(
                read(json.as_bytes().chunks(size)),
                Ok(whole.clone()),
                "{size}"
            );
        }
        for none in ["[]", " [ \n] "] {
            assert_eq!(read(none.as_bytes().chunks(1)), Ok((vec![], vec![])));
        }
    }

    #[test]
    fn what_is_no_list_or_breaks_off_is_an_error() {
        let one = channel(ANN);
        for wrong in [
            "",
            " ",
            "[",
            "null",
            "{}",
            "\"[]\"",
            "[] []",
            "[]]",
            "[,]",
            "[}",
            "[7,]",
            "[7 8]",
            "[{]}]",
            "[\"\u{1}\"]",
            &format!("[{one}"),
            &format!("[{one},"),
            &format!("[{one},]"),
            &one,
        ] {
            for size in [1, 7, 1_000] {
                let read = read(wrong.as_bytes().chunks(size));
                assert!(read.is_err(), "{wrong} in pieces of {size}: {read:?}");
            }
        }
        let not_a_text = [b"[\"\xff\"]".as_slice()];
        assert!(read(not_a_text).is_err());
    }

    #[test]
    fn an_entry_that_is_too_long_takes_no_other_one_with_it_and_no_memory() {
        let mut entries = Entries::<ListedChannel>::new("channel");
        let begin = format!(r#"[{},{{"id":"{BEN}","type":"O","header":""#, channel(ANN));
        let first = entries.piece(begin.as_bytes()).unwrap();
        let mut unread = first.unread;
        for _ in 0..3_000 {
            unread.extend(entries.piece(&[b'x'; 1_024]).unwrap().unread);
            assert!(entries.part.capacity() <= 2 * LONGEST);
        }
        let end = format!(r#""}},{}]"#, channel(BEN));
        let last = entries.piece(end.as_bytes()).unwrap();
        unread.extend(last.unread);
        entries.end().unwrap();
        assert_eq!((first.entries.len(), last.entries.len()), (1, 1));
        assert_eq!(unread, [BEN]);
    }
}
