//! What makes a world outlive its process: its inputs, line by line.
//!
//! Ids come from a seeded generator, so taking the same inputs again gives the same world. A line
//! is written before its input is taken; a line that a crash cut short was never answered.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;

use super::entry::Entry;
pub use super::entry::Journal;
use super::world::{BadKey, Signer, World};

/// Who may read and write it: its owner.
#[cfg(unix)]
const OWNER: u32 = 0o600;

/// Why a journal can't be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file can't be read or written.
    #[error("can't use the journal: {0}")]
    Io(#[from] io::Error),
    /// A line in the middle is broken: the file was changed by something else.
    #[error("line {0} of the journal is broken")]
    Broken(usize),
    /// The key is none.
    #[error(transparent)]
    Key(#[from] BadKey),
}

/// A journal in a file of JSON lines.
#[derive(Debug)]
pub struct FileJournal {
    file: File,
    /// Up to here all lines are whole.
    good: u64,
}

impl Journal for FileJournal {
    fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        if let Err(error) = self.file.write_all(&line) {
            // Half a line must not stand before the next one.
            self.file.set_len(self.good)?;
            return Err(error);
        }
        self.good += line.len() as u64;
        Ok(())
    }
}

/// The world that `path` remembers, or a new one with the usual people; either way it goes on
/// writing there.
pub fn open(path: &Path, now: i64, site_url: &str) -> Result<World, JournalError> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, OWNER);
    let file = options.open(path)?;
    // Passwords and tokens are in it, also in one that an older version made.
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(OWNER))?;
    let (world, good) = read(&file)?;
    // What a crash cut short must not stand before the next line.
    file.set_len(good)?;
    let mut journal = FileJournal { file, good };
    let mut world = match world {
        Some(world) => world,
        None => {
            let first = fresh(now)?;
            journal.append(&first)?;
            begin(&first)?
        }
    };
    journal.append(&Entry::Restart)?;
    world.forget();
    world.set_site_url(site_url);
    world.record_to(Box::new(journal));
    Ok(world)
}

/// A new world with the usual people that remembers nothing.
pub fn in_memory(now: i64, site_url: &str) -> Result<World, JournalError> {
    let mut world = begin(&fresh(now)?)?;
    world.set_site_url(site_url);
    Ok(world)
}

fn fresh(now: i64) -> Result<Entry, JournalError> {
    Ok(Entry::World {
        now,
        seed: fastrand::u64(..),
        key: STANDARD.encode(Signer::generate()?),
    })
}

fn begin(first: &Entry) -> Result<World, JournalError> {
    let Entry::World { now, seed, key } = first else {
        return Err(JournalError::Broken(1));
    };
    let key = STANDARD.decode(key).map_err(|_| JournalError::Broken(1))?;
    let mut world = World::new(*seed, Signer::new(&key)?);
    world.people(*now);
    Ok(world)
}

/// The world of the whole lines, and how many bytes they are.
fn read(file: &File) -> Result<(Option<World>, u64), JournalError> {
    let mut reader = BufReader::new(file);
    let (mut world, mut good, mut line) = (None, 0, Vec::new());
    for number in 1.. {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if length == 0 || line.last() != Some(&b'\n') {
            break;
        }
        let entry: Result<Entry, _> = serde_json::from_slice(&line);
        let entry = entry.map_err(|_| JournalError::Broken(number))?;
        match &mut world {
            None => world = Some(begin(&entry)?),
            Some(world) => replay(entry, world),
        }
        good += length as u64;
    }
    Ok((world, good))
}

/// Takes this input again.
fn replay(entry: Entry, world: &mut World) {
    match entry {
        Entry::World { .. } => {}
        Entry::Request {
            now,
            method,
            uri,
            authorization,
            content_type,
            body,
        } => {
            let mut builder = Request::builder().method(method.as_str()).uri(uri);
            for (name, value) in [
                ("authorization", authorization),
                ("content-type", content_type),
            ] {
                if let Some(value) = value {
                    builder = builder.header(name, value);
                }
            }
            if let Ok(request) = builder.body(body.into()) {
                world.apply(now, request, None);
            }
        }
        Entry::Answered { now, id, answer } => {
            world.resume(now, id, answer.into());
        }
        Entry::Provision { now, bot } => {
            world.apply_provision(now, &bot);
        }
        Entry::Revoke { token } => world.apply_revoke(&token),
        Entry::Like { version } => world.apply_like(version),
        Entry::PostSize { characters } => world.apply_max_post_size(characters),
        Entry::Restart => world.forget(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_its_owner_reads_the_journal_also_one_that_an_older_version_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mode = || metadata(&path).unwrap().permissions().mode() & 0o777;
        open(&path, 1_000, "http://127.0.0.1:1").unwrap();
        assert_eq!(mode(), 0o600);
        set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        open(&path, 2_000, "http://127.0.0.1:1").unwrap();
        assert_eq!(mode(), 0o600);
    }
}
