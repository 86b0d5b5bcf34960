use super::ended::{Aside, Ended};
use super::outlet::Outlet;
use crate::client::error::{RestError, Retry};
use crate::model::ids::PostId;

/// Taking away a post of the bot's.
impl Outlet {
    /// Deletes a post until it is gone or never can be.
    pub(super) async fn delete(&self, post: &PostId) -> Ended {
        let mut failures = 0;
        loop {
            let error = match self.try_to_delete(post).await {
                Ok(()) => return Ended::Left,
                Err(error) => error,
            };
            if error.retry() == Retry::Never {
                let aside = Aside::refused(&error);
                return Ended::SetAside(Aside {
                    reason: format!("a post can't be deleted: {}", aside.reason),
                    // An invitation wouldn't help.
                    forbidden: false,
                });
            }
            failures += 1;
            tracing::info!(%post, %error, failures, "a post is deleted later");
            self.wait(&error, failures).await;
        }
    }

    /// Of a post that isn't there Mattermost says 403 or 404, by its version.
    async fn try_to_delete(&self, post: &PostId) -> Result<(), RestError> {
        self.rest.budget().wait().await;
        let Err(error) = self.rest.delete_post(post).await else {
            return Ok(());
        };
        if error.retry() != Retry::Never {
            return Err(error);
        }
        let there = self.rest.post(post).await;
        if error.is_not_found() || there.is_err_and(|error| error.is_not_found()) {
            return Ok(());
        }
        Err(error)
    }
}
