use std::time::Duration;

use super::outlet::Outlet;
use crate::event::Opening;
use crate::sentences::outdated::UNOPENED;
use crate::time::{sleep, timeout};

/// How long opening a dialog may take: the call that it answers is waited for.
const OPENS: Duration = Duration::from_secs(3);
/// How long to wait after each try to open a dialog that didn't reach Mattermost: the person waits.
const OPEN_WAITS: [Duration; 3] = [
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::ZERO,
];

/// Dialogs that open.
impl Outlet {
    /// Opens a dialog now; the error is a sentence for the person.
    pub(super) async fn open(&self, opening: &Opening) -> Result<(), String> {
        let opened = timeout(OPENS, self.try_to_open(opening)).await;
        if opened.is_err() {
            tracing::warn!(slot = %opening.slot, "a dialog can't be opened in time");
        }
        let opened = opened.is_ok_and(|opened| opened);
        opened.then_some(()).ok_or_else(|| UNOPENED.to_owned())
    }

    async fn try_to_open(&self, opening: &Opening) -> bool {
        let dialog = self.format.dialog(opening);
        for wait in OPEN_WAITS {
            let Err(error) = self.rest.open_dialog(&dialog).await else {
                return true;
            };
            tracing::warn!(slot = %opening.slot, %error, "a dialog can't be opened");
            if !error.was_unseen() {
                break;
            }
            sleep(wait).await;
        }
        false
    }
}
