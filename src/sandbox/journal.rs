//! What makes a world outlive its process: its inputs, line by line.
//!
//! Ids come from a seeded generator, so taking the same inputs again gives the same world. A line
//! is written before its input is taken; a line that a crash cut short was never answered.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, Write};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};

use super::seed::Bot;
use super::world::{BadKey, CallFailure, Heard, Signer, World};

/// Where lines go. Errors refuse the input.
pub trait Journal: Send {
    /// Adds an entry; when this returns, it outlives the process.
    fn append(&mut self, entry: &Entry) -> io::Result<()>;
}

/// A lasting input of the world.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// The first line: what the world was made of.
    World {
        /// Milliseconds since 1970.
        now: i64,
        /// The generator's seed.
        seed: u64,
        /// The signing key: PKCS #8 in base64.
        key: String,
    },
    /// [`World::request`]
    Request {
        /// Milliseconds since 1970.
        now: i64,
        /// The HTTP method.
        method: String,
        /// Path and query.
        uri: String,
        /// `Authorization`.
        authorization: Option<String>,
        /// `Content-Type`.
        content_type: Option<String>,
        /// The body.
        body: Body,
    },
    /// [`World::answered`]
    Answered {
        /// Milliseconds since 1970.
        now: i64,
        /// Which call.
        id: u64,
        /// What came back, or none within the limit, or why nothing came.
        answer: Outcome,
    },
    /// [`World::provision`]
    Provision {
        /// Milliseconds since 1970.
        now: i64,
        /// What was asked for.
        bot: Bot,
    },
}

/// How a call ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With an answer.
    Heard {
        /// The HTTP status.
        status: u16,
        /// Without parameters.
        content_type: String,
        /// At most 1 MiB.
        body: Body,
    },
    /// Without one in time.
    TimedOut,
    /// Without a connection.
    Unreachable(String),
}

/// Bytes in a line: as they are where they are text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// UTF-8.
    Text(String),
    /// Base64.
    Bytes(String),
}

impl From<&Bytes> for Body {
    fn from(bytes: &Bytes) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(STANDARD.encode(bytes)),
        }
    }
}

impl From<Body> for Bytes {
    fn from(body: Body) -> Self {
        match body {
            Body::Text(text) => text.into(),
            Body::Bytes(text) => STANDARD.decode(text).unwrap_or_default().into(),
        }
    }
}

impl Entry {
    pub(super) fn request(now: i64, request: &Request<Bytes>) -> Self {
        let header = |name: &str| {
            let value = request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.map(str::to_owned)
        };
        Self::Request {
            now,
            method: request.method().to_string(),
            uri: request.uri().to_string(),
            authorization: header("authorization"),
            content_type: header("content-type"),
            body: request.body().into(),
        }
    }

    pub(super) fn answered(now: i64, id: u64, heard: &Result<Heard, CallFailure>) -> Self {
        let answer = match heard {
            Ok(heard) => Outcome::Heard {
                status: heard.status,
                content_type: heard.content_type.clone(),
                body: (&heard.body).into(),
            },
            Err(CallFailure::TimedOut) => Outcome::TimedOut,
            Err(CallFailure::Unreachable(why)) => Outcome::Unreachable(why.clone()),
        };
        Self::Answered { now, id, answer }
    }

    /// Takes this input again.
    fn replay(self, world: &mut World) {
        match self {
            Self::World { .. } => {}
            Self::Request {
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
            Self::Answered { now, id, answer } => {
                let heard = match answer {
                    Outcome::Heard {
                        status,
                        content_type,
                        body,
                    } => Ok(Heard {
                        status,
                        content_type,
                        body: body.into(),
                    }),
                    Outcome::TimedOut => Err(CallFailure::TimedOut),
                    Outcome::Unreachable(why) => Err(CallFailure::Unreachable(why)),
                };
                world.resume(now, id, heard);
            }
            Self::Provision { now, bot } => {
                world.apply_provision(now, &bot);
            }
        }
    }
}

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
pub struct FileJournal(File);

impl Journal for FileJournal {
    fn append(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

/// The world that `path` remembers, or a new one with the usual people; either way it goes on
/// writing there.
pub fn open(path: &Path, now: i64, site_url: &str) -> Result<World, JournalError> {
    let mut options = OpenOptions::new();
    let mut file = options.read(true).append(true).create(true).open(path)?;
    let (entries, good) = read(&file)?;
    // What a crash cut short must not stand before the next line.
    file.set_len(good)?;
    file.seek(io::SeekFrom::End(0))?;
    let mut journal = FileJournal(file);
    let mut entries = entries.into_iter();
    let first = match entries.next() {
        Some(first) => first,
        None => {
            let first = fresh(now)?;
            journal.append(&first)?;
            first
        }
    };
    let mut world = begin(&first)?;
    entries.for_each(|entry| entry.replay(&mut world));
    world.forget_calls();
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

/// The whole lines, and how many bytes they are.
fn read(file: &File) -> Result<(Vec<Entry>, u64), JournalError> {
    let mut reader = BufReader::new(file);
    let (mut entries, mut good, mut line) = (Vec::new(), 0, Vec::new());
    loop {
        line.clear();
        let length = reader.read_until(b'\n', &mut line)?;
        if length == 0 || line.last() != Some(&b'\n') {
            return Ok((entries, good));
        }
        let entry = serde_json::from_slice(&line);
        entries.push(entry.map_err(|_| JournalError::Broken(entries.len() + 1))?);
        good += length as u64;
    }
}
