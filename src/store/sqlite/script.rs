use std::fmt::Write as _;

use futures_util::TryStreamExt;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Either, Encode, Executor, Sqlite, SqliteConnection, Type};

use super::fault::Fault;

/// Statements that run one after the other in one go. The connection has a thread of its own, so
/// each way there and back costs two hand-overs between threads, as much as a statement itself.
///
/// The sets of statements that are in use are few, and each is prepared once.
#[derive(Default)]
pub(super) struct Script {
    sql: String,
    values: SqliteArguments,
    statements: usize,
}

impl Script {
    /// Adds a statement; each of its `?` stands for the next value.
    pub fn add(&mut self, sql: &'static str) -> &mut Self {
        // Writing to a string can't fail.
        let _ = writeln!(self.sql, "{sql};");
        self.statements += 1;
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

    /// Runs it; the rows of each statement. After an error the statements before it have run.
    pub async fn run(self, to: &mut SqliteConnection) -> Result<Vec<Vec<SqliteRow>>, Fault> {
        let mut rows = Vec::new();
        rows.resize_with(self.statements, Vec::new);
        // Only constants were added.
        let query = sqlx::query_with(AssertSqlSafe(self.sql), self.values);
        let mut steps = to.fetch_many(query);
        let mut statement = 0;
        while let Some(step) = steps.try_next().await? {
            match step {
                Either::Left(_) => statement += 1,
                Either::Right(row) => {
                    if let Some(rows) = rows.get_mut(statement) {
                        rows.push(row);
                    }
                }
            }
        }
        Ok(rows)
    }
}
