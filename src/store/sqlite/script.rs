use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, Executor, Sqlite, SqliteConnection, Type};

use super::fault::Fault;

/// Statements that run one after the other in one go. The connection has a thread of its own, so
/// each way there and back costs two hand-overs between threads, as much as a statement itself.
///
/// The sets of statements that are in use are few, and each is prepared once.
#[derive(Default)]
pub(super) struct Script {
    sql: String,
    values: SqliteArguments,
}

impl Script {
    /// Adds a statement; each of its `?` stands for the next value.
    pub fn add(&mut self, sql: &'static str) -> &mut Self {
        self.part(sql).part(";\n")
    }

    /// Adds a part of a statement.
    pub fn part(&mut self, sql: &'static str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    /// Adds a value.
    pub fn bind<'v, T>(&mut self, value: T) -> Result<&mut Self, Fault>
    where
        T: Encode<'v, Sqlite> + Type<Sqlite>,
    {
        let added = self.values.add(value);
        added.map_err(|error| Fault::from(sqlx::Error::Encode(error)))?;
        Ok(self)
    }

    /// Runs it; the last row. After an error the statements before it have run.
    pub async fn run(self, to: &mut SqliteConnection) -> Result<Option<SqliteRow>, Fault> {
        let mut last = None;
        // Only constants were added.
        let query = sqlx::query_with(AssertSqlSafe(self.sql), self.values);
        let mut steps = to.fetch_many(query);
        while let Some(step) = steps.try_next().await? {
            last = step.right().or(last);
        }
        Ok(last)
    }
}
