use std::time::Duration;

use super::Context;
use crate::time;

impl<T> Context<T> {
    /// What a read comes to within this time; `None` where it takes longer. A turn that waits too long for
    /// Mattermost fails as a whole, so what it can do without is read like this.
    pub async fn within<R>(&self, limit: Duration, read: impl Future<Output = R>) -> Option<R> {
        time::timeout(limit, read).await.ok()
    }

    /// Waits, before something is read once more. Nobody else's turn in this place begins meanwhile.
    pub async fn pause(&self, time: Duration) {
        time::sleep(time).await;
    }
}
