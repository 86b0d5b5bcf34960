use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, anyhow, ensure};
use rusqlite::{Connection, Transaction, params};
use tokio::sync::{mpsc, oneshot};

/// How many writes are one transaction at most.
const GROUP: usize = 256;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE commits (at INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (at, id)) STRICT, WITHOUT ROWID;
    CREATE TABLE keys (key BLOB NOT NULL PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX keys_until ON keys (until);
    CREATE TABLE slots (topic INTEGER NOT NULL PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
    CREATE TABLE cards (topic INTEGER NOT NULL PRIMARY KEY, version INTEGER NOT NULL, wanted TEXT NOT NULL, post TEXT) STRICT;
    CREATE TABLE outbox (id TEXT NOT NULL PRIMARY KEY, row TEXT NOT NULL) STRICT;
";

/// What is written at once.
#[derive(Default)]
pub struct Rows {
    pub key: Option<[u8; 32]>,
    pub slot: Option<(u64, u64, String)>,
    pub card: Option<(u64, u64, String)>,
    pub outbox: Option<(String, String)>,
    /// A row that has left, whose card is this post.
    pub left: Option<(String, u64, String)>,
}

struct Request {
    rows: Rows,
    done: oneshot::Sender<bool>,
}

/// SQLite in a thread of its own: what came while one group was synced is the next.
pub struct Store(mpsc::UnboundedSender<Request>);

impl Store {
    /// A new one in this file.
    pub fn open(file: &str) -> anyhow::Result<Self> {
        let mut connection = Connection::open(file)?;
        connection.execute_batch(SCHEMA)?;
        let (sender, mut requests) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            let mut group = Vec::with_capacity(GROUP);
            while requests.blocking_recv_many(&mut group, GROUP) > 0 {
                if let Err(error) = write(&mut connection, &mut group) {
                    eprintln!("the store can't write: {error:#}");
                }
            }
        });
        Ok(Self(sender))
    }

    /// Writes rows.
    pub async fn write(&self, rows: Rows) -> anyhow::Result<()> {
        self.begin(rows).await
    }

    /// The rows have their place in the order now; the rest is waiting.
    pub fn begin(&self, rows: Rows) -> impl Future<Output = anyhow::Result<()>> + use<> {
        let (done, wait) = oneshot::channel();
        let sent = self.0.send(Request { rows, done });
        async move {
            sent.map_err(|_| anyhow!("the store has ended"))?;
            ensure!(wait.await.context("not written")?, "this was done before");
            Ok(())
        }
    }
}

fn write(connection: &mut Connection, group: &mut Vec<Request>) -> anyhow::Result<()> {
    let transaction = connection.transaction()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
    let mut outcomes = Vec::with_capacity(group.len());
    for request in group.iter() {
        outcomes.push(put(&transaction, &request.rows, now)?);
    }
    transaction.commit()?;
    for (request, outcome) in group.drain(..).zip(outcomes) {
        let _ = request.done.send(outcome);
    }
    Ok(())
}

/// `false` where the key was there.
fn put(to: &Transaction<'_>, rows: &Rows, now: i64) -> rusqlite::Result<bool> {
    if let Some(key) = &rows.key {
        let mut keys = to.prepare_cached("INSERT OR IGNORE INTO keys VALUES (?, ?)")?;
        if keys.execute(params![key, now + 120_000])? == 0 {
            return Ok(false);
        }
        let id = fastrand::u128(..).to_be_bytes();
        to.prepare_cached("INSERT INTO commits VALUES (?, ?)")?
            .execute(params![now, id])?;
    }
    if let Some((topic, version, state)) = &rows.slot {
        to.prepare_cached("INSERT OR REPLACE INTO slots VALUES (?, ?, ?)")?
            .execute(params![*topic as i64, *version as i64, state])?;
    }
    if let Some((topic, version, wanted)) = &rows.card {
        const SQL: &str = "INSERT INTO cards VALUES (?, ?, ?, NULL) \
            ON CONFLICT (topic) DO UPDATE SET version = excluded.version, wanted = excluded.wanted";
        to.prepare_cached(SQL)?
            .execute(params![*topic as i64, *version as i64, wanted])?;
    }
    if let Some((id, row)) = &rows.outbox {
        to.prepare_cached("INSERT INTO outbox VALUES (?, ?)")?
            .execute(params![id, row])?;
    }
    if let Some((id, topic, post)) = &rows.left {
        to.prepare_cached("DELETE FROM outbox WHERE id = ?")?
            .execute(params![id])?;
        to.prepare_cached("UPDATE cards SET post = ? WHERE topic = ?")?
            .execute(params![post, *topic as i64])?;
    }
    Ok(true)
}
