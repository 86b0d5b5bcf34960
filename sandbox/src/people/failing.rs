//! How a person waits and fails.

use tokio::time::Instant;

use super::here;
use super::rest_client::Answer;
use super::sight::{self, Sight};
use super::user::User;

/// How often somebody looks again, while waiting, without having heard anything.
const GLANCES: u32 = 100;

impl User {
    /// Looks whenever something happens until `find` finds something in the place.
    pub(super) async fn waits<T>(&self, find: impl Fn(&[Sight]) -> Option<T>) -> Option<T> {
        self.waits_everywhere(|seen| find(&sight::shown(seen)))
            .await
    }

    /// The same with what is seen in its threads alone.
    pub(super) async fn waits_everywhere<T>(
        &self,
        find: impl Fn(&[Sight]) -> Option<T>,
    ) -> Option<T> {
        let end = Instant::now() + self.patience;
        let mut news = self.listener.news();
        loop {
            news.mark_unchanged();
            if let Some(found) = find(&self.looks_everywhere().await) {
                return Some(found);
            }
            if Instant::now() > end {
                return None;
            }
            let _ = tokio::time::timeout(self.patience / GLANCES, news.changed()).await;
        }
    }

    pub(super) async fn insist(&self, what: &str, answer: &Answer, status: u16) {
        if answer.status != status {
            let why = format!("couldn't {what}: {} {}", answer.status, answer.body);
            self.fail::<()>(&why).await;
        }
    }

    pub(super) async fn fail<T>(&self, why: &str) -> T {
        let transcript = self.reads().await;
        let at = here::line();
        panic!(
            "{at}{}: {why} in {}, which reads:\n{transcript}",
            self.name, self.place
        );
    }
}
