//! How a test learns which of its lines has failed.

use std::panic::Location;

tokio::task_local! {
    /// The line of the test that is under way.
    static HERE: &'static Location<'static>;
}

/// Does what the caller's caller asked for, and remembers where that stands: within an async
/// function a panic knows only the kit's own line.
#[track_caller]
pub(super) fn here<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let at = Location::caller();
    async move {
        match HERE.try_with(|_| ()) {
            // A verb that is made of others.
            Ok(()) => work.await,
            Err(_) => HERE.scope(at, work).await,
        }
    }
}

/// Which line that is, to stand before what went wrong.
pub(super) fn line() -> String {
    HERE.try_with(|at| format!("at {at}: ")).unwrap_or_default()
}
