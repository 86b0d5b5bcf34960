use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// What every SQLite database begins with (<https://www.sqlite.org/fileformat2.html>).
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// Keeps other processes out of a database, for as long as it lives.
///
/// It is an advisory lock of the operating system on `FILE.lock`, which goes with the process
/// however that ends. The empty file stays: removing it would let two processes in.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Takes the lock beside a database and makes sure that there is a file that SQLite can open.
pub(super) fn prepare(path: &Path) -> Result<Lock, StoreError> {
    if let Some(folder) = folder(path)
        && !folder.is_dir()
    {
        return Err(refused(format!(
            "the store's folder {} does not exist; make it, or choose another file",
            folder.display()
        )));
    }
    if path.is_dir() {
        return Err(refused(format!(
            "the store {} is a folder; a file is wanted",
            path.display()
        )));
    }
    let lock = lock(path)?;
    let mut header = Vec::new();
    open(path)?
        .take(HEADER.len() as u64)
        .read_to_end(&mut header)
        .map_err(|error| no_access(path, &error))?;
    match header.is_empty() || header == HEADER {
        true => Ok(lock),
        false => Err(not_a_database(path)),
    }
}

/// The sentence for a file that is something else.
pub(super) fn not_a_database(path: &Path) -> StoreError {
    refused(format!("{} is not a SQLite database", path.display()))
}

/// The sentence for a file whose schema this program doesn't know.
pub(super) fn newer(path: &Path, schema: i64) -> StoreError {
    refused(format!(
        "{} was written by a newer matteractor (schema {schema}); run that one, or restore an older copy",
        path.display()
    ))
}

fn lock(path: &Path) -> Result<Lock, StoreError> {
    let beside = lock_path(path);
    let file = open(&beside)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(refused(format!(
            "{} is in use by another process, which holds {}",
            path.display(),
            beside.display()
        ))),
        Err(TryLockError::Error(error)) => Err(no_access(&beside, &error)),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn folder(path: &Path) -> Option<&Path> {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
}

/// For reading and writing, made where there is none, for the owner alone: secrets are in it.
fn open(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| no_access(path, &error))
}

fn no_access(path: &Path, error: &io::Error) -> StoreError {
    refused(format!(
        "{} is not writable: {error}; give this user the right to write it and its folder",
        path.display()
    ))
}

fn refused(text: String) -> StoreError {
    StoreError::Refused(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(path: &Path) -> String {
        prepare(path).unwrap_err().to_string()
    }

    #[test]
    fn what_stands_in_the_way_is_said_in_a_sentence() {
        let folder = tempfile::tempdir().unwrap();
        let missing = sentence(&folder.path().join("no/store.db"));
        assert!(missing.contains("/no does not exist"), "{missing}");
        let directory = sentence(folder.path());
        assert!(directory.contains("is a folder"), "{directory}");
        let text = folder.path().join("notes.txt");
        std::fs::write(&text, "some notes, not at all a database").unwrap();
        let notes = sentence(&text);
        assert!(
            notes.ends_with("notes.txt is not a SQLite database"),
            "{notes}"
        );
        assert_eq!(
            no_access(Path::new("a.db"), &io::ErrorKind::PermissionDenied.into()).to_string(),
            "a.db is not writable: permission denied; give this user the right to write it and its folder"
        );
    }

    #[test]
    fn a_lock_goes_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let lock = prepare(&path).unwrap();
        let second = sentence(&path);
        assert!(
            second.contains("store.db is in use by another process"),
            "{second}"
        );
        assert!(second.ends_with("store.db.lock"), "{second}");
        drop(lock);
        prepare(&path).unwrap();
    }
}
