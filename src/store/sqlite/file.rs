use std::fs::{self, File, FileType, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// What every SQLite database begins with (<https://www.sqlite.org/fileformat2.html>).
const HEADER: &[u8; 16] = b"SQLite format 3\0";

/// Keeps other processes out of a database, for as long as it lives.
///
/// There are two advisory locks of the operating system, which go with the process however that ends: on
/// `FILE.lock`, beside the file that links lead to, and on the file itself, for one that has several
/// names (hard links). The empty file stays: removing it would let two processes in.
///
/// The second is a `flock`, which SQLite's own locks (`fcntl`) don't meet. It must live as long as SQLite
/// has the file open: closing any descriptor of a file drops all of SQLite's locks on it.
#[derive(Debug)]
pub(super) struct Lock {
    /// The database, as it was named.
    pub path: PathBuf,
    _beside: File,
    file: File,
}

impl Lock {
    /// What to say where another file has the database's name by now, or none: what is written still goes into the
    /// old one, which nobody finds again. Or where nothing is left of it: while it is open it has its first page.
    pub fn astray(&self) -> Option<String> {
        let what = match (fs::metadata(&self.path), self.file.metadata()) {
            (Ok(there), Ok(ours)) if id(&there) != id(&ours) => "was replaced by another file",
            (Ok(there), _) if there.len() == 0 => "was emptied",
            (Err(error), _) if error.kind() == io::ErrorKind::NotFound => "was removed",
            _ => return None,
        };
        Some(format!(
            "{} {what} while the program was running, so that what is written now is lost with the next start: restore a copy of it, and start the program again",
            self.path.display()
        ))
    }
}

/// What tells one file from another.
fn id(file: &fs::Metadata) -> (u64, u64) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        (file.dev(), file.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        (0, 0)
    }
}

/// Takes the locks of a database and makes sure that there is a file that SQLite can open.
pub(super) fn prepare(path: &Path) -> Result<Lock, StoreError> {
    if let Some(folder) = folder(path)
        && !folder.is_dir()
    {
        return Err(refused(format!(
            "the store's folder {} does not exist; make it, or choose another file",
            folder.display()
        )));
    }
    must_be_a_file(path)?;
    // Made first where it isn't there, for only then a link to it leads somewhere.
    let (real, is_new) = match fs::canonicalize(path) {
        Ok(real) => (real, false),
        Err(_) => (open(path).and_then(|_| canonical(path))?, true),
    };
    let beside = lock(path, &lock_path(&real))?;
    let file = lock(path, &real)?;
    check_header(path, &file, is_new)?;
    if let Some(warning) = others_may_read(path, &file) {
        tracing::warn!("{warning}");
    }
    Ok(Lock {
        path: path.to_owned(),
        _beside: beside,
        file,
    })
}

/// Whether this is a database, or will be one.
fn check_header(path: &Path, mut file: &File, is_new: bool) -> Result<(), StoreError> {
    let mut header = Vec::new();
    file.by_ref()
        .take(HEADER.len() as u64)
        .read_to_end(&mut header)
        .map_err(|error| no_access(path, &error))?;
    if !header.is_empty() && header != HEADER {
        return Err(not_a_database(path));
    }
    // One that was just made is empty, too, but only until its first page is written.
    if header.is_empty() && !is_new {
        tracing::warn!(
            "the store {} was empty: beginning anew; if it was in use before, stop the program and restore a copy of it",
            path.display()
        );
    }
    Ok(())
}

fn must_be_a_file(path: &Path) -> Result<(), StoreError> {
    match fs::metadata(path) {
        Ok(there) if !there.is_file() => Err(refused(format!(
            "the store {} is a {}; a file is wanted",
            path.display(),
            kind(there.file_type())
        ))),
        // One that isn't there is made.
        _ => Ok(()),
    }
}

/// What it is instead of a file, as people call it.
fn kind(kind: FileType) -> &'static str {
    if kind.is_dir() {
        return "folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "FIFO";
        }
        if kind.is_socket() {
            return "socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "device";
        }
    }
    "thing of another kind"
}

fn canonical(path: &Path) -> Result<PathBuf, StoreError> {
    fs::canonicalize(path).map_err(|error| no_access(path, &error))
}

/// A sentence where others than the owner may read the file, which holds the key of the buttons.
fn others_may_read(path: &Path, file: &File) -> Option<String> {
    #[cfg(unix)]
    {
        let there = file.metadata().ok()?;
        if std::os::unix::fs::MetadataExt::nlink(&there) > 1 {
            return Some(format!(
                "the store {} has several names (hard links): always open it by the same, for what was written last stands beside that one",
                path.display()
            ));
        }
        let mode = std::os::unix::fs::PermissionsExt::mode(&there.permissions());
        (mode & 0o077 != 0).then(|| {
            format!(
                "the store {} may be read by others (mode {:o}), and the key of all buttons is in it: chmod 600",
                path.display(),
                mode & 0o777
            )
        })
    }
    #[cfg(not(unix))]
    {
        let _ = (path, file);
        None
    }
}

/// The sentence for a file that is something else.
pub(super) fn not_a_database(path: &Path) -> StoreError {
    refused(format!(
        "{} is not a SQLite database: choose another file, or, if it was the store, {}",
        path.display(),
        remedy(path)
    ))
}

/// The sentence for a store of which parts are gone.
pub(super) fn damaged(path: &Path, what: &str) -> StoreError {
    refused(format!(
        "the store {} is damaged ({what}): {}",
        path.display(),
        remedy(path)
    ))
}

/// What to do about a file that can't be read, and what that costs.
fn remedy(path: &Path) -> String {
    let file = path.display();
    format!(
        "restore a copy of it, or move it aside, with {file}-wal and {file}-shm where they are there, and start anew: \
         polls and standups that are open, timers and posts that wait are lost then, and buttons that are in channels \
         don't work any more"
    )
}

/// The sentence for another program's database.
pub(super) fn of_others(path: &Path) -> StoreError {
    refused(format!(
        "{} is the database of another program: choose another file",
        path.display()
    ))
}

/// The sentence for a file whose schema this program doesn't know.
pub(super) fn newer(path: &Path, schema: i64) -> StoreError {
    refused(format!(
        "{} was written by a newer matteractor (schema {schema}); run that one, or restore an older copy",
        path.display()
    ))
}

/// Locks `file`, which is the store at `path` or stands for it.
fn lock(path: &Path, file: &Path) -> Result<File, StoreError> {
    let opened = open(file)?;
    match opened.try_lock() {
        Ok(()) => Ok(opened),
        Err(TryLockError::WouldBlock) => {
            // Closing it would take SQLite's locks from who has it open, if that is this process.
            std::mem::forget(opened);
            // That one may be about to end.
            Err(StoreError::Unavailable(format!(
                "{} is in use by another process, which holds {}",
                path.display(),
                file.display()
            )))
        }
        Err(TryLockError::Error(error)) => Err(no_access(file, &error)),
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
            notes.contains("notes.txt is not a SQLite database: choose another file"),
            "{notes}"
        );
        assert_eq!(
            no_access(Path::new("a.db"), &io::ErrorKind::PermissionDenied.into()).to_string(),
            "a.db is not writable: permission denied; give this user the right to write it and its folder"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_store_has_one_lock_by_whatever_name() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("real")).unwrap();
        symlink(at("real"), at("linked")).unwrap();
        symlink("real/store.db", at("link.db")).unwrap();
        let lock = prepare(&at("link.db")).unwrap();
        assert!(at("real/store.db.lock").exists(), "beside the file itself");
        fs::hard_link(at("real/store.db"), at("hard.db")).unwrap();
        symlink("hard.db", at("both.db")).unwrap();
        for name in [
            "link.db",
            "real/store.db",
            "linked/store.db",
            "hard.db",
            "both.db",
        ] {
            let said = sentence(&at(name));
            assert!(
                said.contains(&format!("{name} is in use by another")),
                "{said}"
            );
        }
        drop(lock);
        let lock = prepare(&at("hard.db")).unwrap();
        assert!(sentence(&at("link.db")).contains("is in use"));
        drop(lock);
        prepare(&at("link.db")).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused_by_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let fifo = folder.path().join("fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.unwrap().success());
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&fifo, &link).unwrap();
        for (path, kind) in [
            (fifo.as_path(), "a FIFO"),
            (&link, "a FIFO"),
            (&socket, "a socket"),
            (Path::new("/dev/null"), "a device"),
            (folder.path(), "a folder"),
        ] {
            let said = sentence(path);
            assert!(
                said.ends_with(&format!("is {kind}; a file is wanted")),
                "{said}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_store_that_others_may_read_is_told() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let lock = prepare(&path).unwrap();
        assert_eq!(others_may_read(&path, &lock.file), None, "as it is made");
        for mode in [0o644, 0o640, 0o604, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let said = others_may_read(&path, &lock.file).unwrap();
            assert!(said.contains(&format!("(mode {mode:o})")), "{said}");
        }
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
