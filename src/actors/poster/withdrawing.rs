use super::ended::{Aside, Ended};
use super::outlet::Outlet;
use crate::client::error::{RestError, Retry};
use crate::event::{Row, RowKind};
use crate::model::ids::PostId;

/// Taking away a post of the bot's, because somebody wants it so.
impl Outlet {
    /// A card's former post keeps its thread; what somebody wants gone goes with it.
    pub(super) async fn remove(&self, row: &Row, post: &PostId) -> Ended {
        match row.kind {
            RowKind::Withdrawal(_) => self.withdraw(row, post).await,
            _ => self.take_away(row, post).await,
        }
    }

    async fn withdraw(&self, row: &Row, post: &PostId) -> Ended {
        match self.withdrawn(post).await {
            Ok(()) => self.gone(row).await,
            // An invitation wouldn't help.
            Err(error) => {
                Ended::SetAside(Aside::because(format!("a post can't be deleted: {error}")))
            }
        }
    }

    /// Tries until the post is gone or never can be; as often as it likes, for that changes nothing more.
    pub(super) async fn until_gone(
        &self,
        post: &PostId,
        delete: impl AsyncFn() -> Result<(), RestError>,
    ) -> Result<(), RestError> {
        self.patiently(delete, |error, failures| {
            tracing::info!(%post, %error, failures, "a post is deleted later");
        })
        .await
    }

    /// Returns once a post of the bot's is gone with its thread, or never can be.
    pub(super) async fn withdrawn(&self, post: &PostId) -> Result<(), RestError> {
        let delete = async || self.try_to_withdraw(post).await;
        self.until_gone(post, delete).await
    }

    pub(super) async fn gone(&self, row: &Row) -> Ended {
        self.settled_first(&row.id).await;
        Ended::Left
    }

    /// Of a post that isn't there Mattermost says 403 or 404, by its version.
    async fn try_to_withdraw(&self, post: &PostId) -> Result<(), RestError> {
        self.rest.budget().wait().await;
        let Err(error) = self.rest.delete_post(post).await else {
            return Ok(());
        };
        if error.retry() != Retry::Never {
            return Err(error);
        }
        match self.rest.post(post).await {
            _ if error.is_not_found() => Ok(()),
            Err(there) if there.is_not_found() => Ok(()),
            _ => Err(error),
        }
    }
}
