use super::alone::Alone;
use super::ended::{Aside, Ended};
use super::lanes::Queued;
use super::outlet::Outlet;
use super::outlet::place::{Patience, PostRefusal};
use crate::client::error::{RestError, Retry};
use crate::event::{Row, RowKind};
use crate::model::ids::PostId;

/// Taking away a post of the bot's, because somebody wants it so.
impl Outlet {
    /// A card's former post keeps its thread; what somebody wants gone goes with it. Where the bot has lost the
    /// channel it goes when the bot is back.
    pub(super) async fn remove(&self, queued: &Queued, post: &PostId) -> Ended {
        let mut patience = Patience::with(queued);
        loop {
            let removed = match queued.row.kind {
                RowKind::Withdrawal(_) => self.withdrawn(post).await,
                _ => self.taken_away(post).await,
            };
            let Err(error) = removed else {
                return self.gone(&queued.row).await;
            };
            match self.refused(queued, &error, &mut patience).await {
                PostRefusal::Again => {}
                // An invitation wouldn't help.
                PostRefusal::Final(aside) => return Ended::SetAside(Aside::because(aside.reason)),
                PostRefusal::Lost(lost) => {
                    return Ended::Waits {
                        lost,
                        maybe_sent: false,
                    };
                }
            }
        }
    }

    /// Tries until the post is gone or never can be; as often as it likes, for that changes nothing more.
    pub(super) async fn until_gone(
        &self,
        post: &PostId,
        delete: impl AsyncFn() -> Result<(), RestError>,
    ) -> Result<(), RestError> {
        let (mut failures, mut alone) = (0, Alone::among(&self.taken));
        loop {
            let Err(error) = delete().await else {
                return Ok(());
            };
            alone.met(&error);
            if error.retry() == Retry::Never || alone.aside().is_some() {
                return Err(error);
            }
            failures += 1;
            tracing::info!(%post, %error, failures, "a post is deleted later");
            self.wait(&error, failures).await;
        }
    }

    /// Returns once a card's former post is gone, or says where it went.
    async fn taken_away(&self, post: &PostId) -> Result<(), RestError> {
        self.until_gone(post, async || self.deleted(post).await)
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
