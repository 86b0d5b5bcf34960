//! The one task that writes.
//!
//! What arrived while the last group was being synced is the next group: no timer. A group is one
//! transaction; each of its commits is accepted or rejected on its own.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot, watch};

use super::fault::Fault;
use super::file::Lock;
use super::save::save;
use super::script::Script;
use super::side;
use super::window::Window;
use crate::event::JobId;
use crate::model::ids::{ChannelId, Millis};
use crate::store::{Commit, CommitError, Cursor, Session, Settled};
use crate::telemetry::names;

/// How many writes may wait; the next ones wait for a place.
const QUEUE: usize = 1024;
/// How many writes are one transaction at most.
const GROUP: usize = 256;

/// Something to write.
pub(super) enum Write {
    Commit(Commit),
    Settle(Vec<Settled>),
    Postpone {
        job: JobId,
        due: Millis,
        attempts: u32,
    },
    Begin(Millis, Vec<Cursor>),
    MoveCursors(Vec<Cursor>, Option<Session>),
    DropCursors(Vec<ChannelId>),
    Secret {
        name: String,
        fresh: Vec<u8>,
    },
    Prune(Millis),
    Probe,
    #[cfg(test)]
    Sql(&'static str),
    #[cfg(test)]
    Panic,
}

/// What a write gives back.
pub(super) enum Done {
    Nothing,
    Secret(Vec<u8>),
    Pruned {
        /// Keys and slots.
        gone: u64,
        /// Whether there is more.
        more: bool,
    },
}

/// A write, and whom to tell.
pub(super) struct Request {
    pub write: Write,
    pub answer: oneshot::Sender<Result<Done, CommitError>>,
}

/// Where the writer is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Life {
    Runs,
    Ended,
    Died,
}

/// Tells that the writer has died, unless it ended in order.
struct Guard(watch::Sender<Life>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.send_if_modified(|life| {
            let died = *life == Life::Runs;
            *life = if died { Life::Died } else { *life };
            died
        });
    }
}

/// The writer's own things.
pub(super) struct Writer {
    options: SqliteConnectOptions,
    /// `None` after a failure that left it in doubt.
    connection: Option<SqliteConnection>,
    requests: mpsc::Receiver<Request>,
    /// What was logged of a file that isn't there any more.
    astray: Option<String>,
    /// Given free last: a database's lock outlives its connections.
    lock: Lock,
}

impl Writer {
    /// Starts the task. It ends, after writing what waits, when the sender is dropped.
    pub fn spawn(
        options: SqliteConnectOptions,
        connection: SqliteConnection,
        lock: Lock,
    ) -> (mpsc::Sender<Request>, watch::Receiver<Life>) {
        let (sender, requests) = mpsc::channel(QUEUE);
        let (life, watched) = watch::channel(Life::Runs);
        let writer = Self {
            options,
            connection: Some(connection),
            requests,
            astray: None,
            lock,
        };
        tokio::spawn(writer.run(Guard(life)));
        (sender, watched)
    }

    async fn run(mut self, guard: Guard) {
        let mut requests = Vec::with_capacity(GROUP);
        while self.requests.recv_many(&mut requests, GROUP).await > 0 {
            self.group(&mut requests).await;
            // Those who were answered may ask again now, and be in the next group together.
            tokio::task::yield_now().await;
        }
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "store did not close well");
        }
        drop(self.lock);
        guard.0.send_replace(Life::Ended);
    }

    async fn open(&self) -> Result<SqliteConnection, Fault> {
        let opened = self.options.connect().await;
        opened.map_err(|error| Fault::from(error).at(&self.lock.path))
    }

    /// Writes a group; where it can't be written as one, its writes one by one, so that only the
    /// poisonous one fails.
    async fn group(&mut self, requests: &mut Vec<Request>) {
        let (writes, answers): (Vec<_>, Vec<_>) = requests
            .drain(..)
            .map(|request| (request.write, request.answer))
            .unzip();
        metrics::histogram!(names::COMMIT_GROUP).record(writes.len() as f64);
        self.look_for_file();
        let mut outcomes = match self.transaction(&writes).await {
            Ok(outcomes) => outcomes,
            Err(fault) if fault.passes() || writes.len() == 1 => {
                tracing::warn!(error = %fault.0, writes = writes.len(), "store can't write");
                writes.iter().map(|_| Err(fault.again().into())).collect()
            }
            Err(_) => self.one_by_one(&writes).await,
        };
        for (write, outcome) in writes.iter().zip(&mut outcomes) {
            if let (Write::Probe, Some(astray)) = (write, &self.astray) {
                *outcome = Err(CommitError::Refused(astray.clone()));
            }
        }
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // Whoever asked may have given up; it is written all the same.
            let _ = answer.send(outcome);
        }
    }

    /// Tells once of a file that others have taken away. SQLite goes on with what it has open.
    fn look_for_file(&mut self) {
        let astray = self.lock.astray();
        if let Some(said) = astray.as_ref().filter(|_| astray != self.astray) {
            tracing::error!("the store {said}");
        }
        self.astray = astray;
    }

    async fn one_by_one(&mut self, writes: &[Write]) -> Vec<Result<Done, CommitError>> {
        let mut outcomes = Vec::with_capacity(writes.len());
        for write in writes {
            outcomes.push(match self.transaction(std::slice::from_ref(write)).await {
                Ok(mut outcome) => outcome.pop().unwrap_or(Ok(Done::Nothing)),
                Err(fault) => {
                    tracing::warn!(error = %fault.0, "store can't write");
                    Err(fault.into())
                }
            });
        }
        outcomes
    }

    async fn transaction(
        &mut self,
        writes: &[Write],
    ) -> Result<Vec<Result<Done, CommitError>>, Fault> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.open().await?,
        };
        let outcomes = write_all(writes, &mut connection).await;
        let outcomes = outcomes.map_err(|fault| fault.at(&self.lock.path));
        // What is in doubt is opened anew.
        if outcomes.is_ok()
            || sqlx::raw_sql("ROLLBACK")
                .execute(&mut connection)
                .await
                .is_ok()
        {
            self.connection = Some(connection);
        }
        outcomes
    }
}

/// A transaction: decides each write in order, also against the earlier ones, and writes what they
/// come to.
async fn write_all(
    writes: &[Write],
    to: &mut SqliteConnection,
) -> Result<Vec<Result<Done, CommitError>>, Fault> {
    let mut window = Window::default();
    writes.iter().for_each(|write| window.add(write));
    let before = window.load(to).await?;
    let mut tables = before.clone();
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes {
        let mut outcome = Ok(Done::Nothing);
        match write {
            Write::Commit(commit) => outcome = tables.commit(commit).map(|()| Done::Nothing),
            Write::Settle(settled) => settled.iter().for_each(|settled| tables.settle(settled)),
            Write::Postpone { job, due, attempts } => tables.postpone(job, *due, *attempts),
            _ => {}
        }
        outcomes.push(outcome);
    }
    let mut script = Script::default();
    save(&before, &tables, &mut script)?;
    if writes.iter().any(side::is_one) {
        script.run(to).await?;
        for (write, outcome) in writes.iter().zip(&mut outcomes) {
            if let Some(done) = side::write(write, to).await? {
                *outcome = Ok(done);
            }
        }
        script = Script::default();
    }
    script.add("COMMIT");
    script.run(to).await?;
    Ok(outcomes)
}
