//! Writes groups: a group is one transaction, in which each commit is accepted or rejected on its own.

use std::path::Path;

use rusqlite::Connection;

use super::fault::Fault;
use super::file::Lock;
use super::request::{Done, Outcome, Request, Write};
use super::save::save;
use super::window::CommitWindow;
use super::{connect, side};
use crate::store::CommitError;
use crate::telemetry::names;

/// The one connection that writes.
pub(super) struct Writer {
    /// `None` after a failure that left it in doubt.
    connection: Option<Connection>,
    /// What was logged of a file that isn't there any more.
    astray: Option<String>,
    /// Given free last: a database's lock outlives its connections.
    lock: Lock,
}

impl Writer {
    pub fn new(connection: Connection, lock: Lock) -> Self {
        Self {
            connection: Some(connection),
            astray: None,
            lock,
        }
    }

    fn path(&self) -> &Path {
        &self.lock.path
    }

    /// Copies the log into the file, if nobody else has it open, and gives it free.
    pub fn close(mut self) {
        if let Some(connection) = self.connection.take()
            && let Err((_, error)) = connection.close()
        {
            tracing::warn!(%error, "store did not close well");
        }
    }

    /// Writes a group and answers; where it can't be written as one, its writes one by one, so that only the
    /// poisonous one fails.
    pub fn group(&mut self, requests: Vec<Request>) {
        let (writes, answers): (Vec<_>, Vec<_>) = requests
            .into_iter()
            .map(|request| (request.write, request.answer))
            .unzip();
        metrics::histogram!(names::COMMIT_GROUP).record(writes.len() as f64);
        self.look_for_file();
        let mut outcomes = match self.transaction(&writes) {
            Ok(outcomes) => outcomes,
            Err(fault) if fault.passes() || writes.len() == 1 => {
                tracing::warn!(error = %fault.0, writes = writes.len(), "store can't write");
                writes.iter().map(|_| Err(fault.again().into())).collect()
            }
            Err(_) => self.one_by_one(&writes),
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

    fn one_by_one(&mut self, writes: &[Write]) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(writes.len());
        for write in writes {
            outcomes.push(match self.transaction(std::slice::from_ref(write)) {
                Ok(mut outcome) => outcome.pop().unwrap_or(Ok(Done::Nothing)),
                Err(fault) => {
                    tracing::warn!(error = %fault.0, "store can't write");
                    Err(fault.into())
                }
            });
        }
        outcomes
    }

    fn transaction(&mut self, writes: &[Write]) -> Result<Vec<Outcome>, Fault> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect::to_write(self.path())
                .map_err(|error| Fault::from(error).at(self.path()))?,
        };
        let outcomes = write_all(writes, &connection);
        let outcomes = outcomes.map_err(|fault| fault.at(self.path()));
        // What is in doubt is opened anew.
        if outcomes.is_ok() || connection.execute_batch("ROLLBACK").is_ok() {
            self.connection = Some(connection);
        }
        outcomes
    }
}

/// A transaction: decides each write in order, also against the earlier ones, and writes what they
/// come to.
fn write_all(writes: &[Write], to: &Connection) -> Result<Vec<Outcome>, Fault> {
    to.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut window = CommitWindow::default();
    writes.iter().for_each(|write| window.add(write));
    let before = window.load(to)?;
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
    save(&before, &tables, to)?;
    for (write, outcome) in writes.iter().zip(&mut outcomes) {
        if let Some(done) = side::write(write, to)? {
            *outcome = Ok(done);
        }
    }
    to.prepare_cached("COMMIT")?.execute([])?;
    Ok(outcomes)
}
