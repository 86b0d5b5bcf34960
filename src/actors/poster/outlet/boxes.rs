use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Outlet;
use crate::actors::messages::Alert;
use crate::actors::poster::ended::Ended;
use crate::actors::poster::lanes::Queued;
use crate::event::TriggerId;
use crate::time::{Instant, instant, timeout};

/// So many message boxes are opened within [`WHILE`]: each is a call while Mattermost waits.
const MOST: usize = 20;
const WHILE: Duration = Duration::from_secs(1);
/// How long one may take, as the click's answer waits for it.
const PATIENCE: Duration = Duration::from_secs(1);
/// The most that a title takes, in bytes, where nothing else is known of the server.
const TITLE: usize = 24;

/// When message boxes were opened lately. Clones count together.
#[derive(Clone, Debug, Default)]
pub struct Boxes(Arc<Mutex<VecDeque<Instant>>>);

impl Boxes {
    /// Whether one more may be opened; it is counted then.
    fn take(&self) -> bool {
        let now = instant();
        let mut opened = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while opened
            .front()
            .is_some_and(|at| now.duration_since(*at) >= WHILE)
        {
            opened.pop_front();
        }
        let free = opened.len() < MOST;
        if free {
            opened.push_back(now);
        }
        free
    }
}

/// What a person must see after a click. An ephemeral post would have the clicked post as its root, and
/// people with collapsed threads see it in the thread alone.
impl Outlet {
    /// Opens a message box, at most once; `false` where the person has to read it elsewhere.
    pub(in crate::actors::poster) async fn alert(&self, alert: &Alert) -> bool {
        self.may_alert(alert) && self.opens(alert).await
    }

    /// A whisper that was too late for a click's answer.
    pub(in crate::actors::poster) async fn alert_late(
        &self,
        queued: &Queued,
        text: &str,
        trigger_id: &TriggerId,
    ) -> Ended {
        let alert = Alert {
            text: text.to_owned(),
            trigger_id: trigger_id.clone(),
        };
        if queued.maybe_sent || !self.may_alert(&alert) {
            return self.post_text(queued, text).await;
        }
        let row = &queued.row;
        if !self.settled_first(&row.id).await || self.opens(&alert).await {
            return Ended::Left;
        }
        self.post_instead(row, text).await
    }

    fn may_alert(&self, alert: &Alert) -> bool {
        let sayable = !alert.trigger_id.expose().is_empty() && !alert.text.trim().is_empty();
        sayable && self.boxes.take()
    }

    async fn opens(&self, alert: &Alert) -> bool {
        let name = self.memberships.name();
        let own = Some(name.as_str()).filter(|name| (1..=TITLE).contains(&name.len()));
        let title = own.unwrap_or("Message");
        let dialog = self
            .format
            .message_box(title, &alert.text, &alert.trigger_id);
        let Ok(dialog) = dialog.inspect_err(|error| tracing::error!(%error, "a message box"))
        else {
            return false;
        };
        match timeout(PATIENCE, self.rest.open_dialog(&dialog)).await {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::info!(%error, "a message box can't be opened");
                false
            }
            Err(_) => {
                tracing::info!("a message box took too long to open");
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::sleep;

    #[tokio::test(start_paused = true)]
    async fn so_many_are_opened_in_any_second_and_no_more() {
        let boxes = Boxes::default();
        let opened = |tries: usize| (0..tries).filter(|_| boxes.take()).count();
        assert_eq!(opened(15), 15);
        sleep(WHILE / 2).await;
        assert_eq!(opened(15), MOST - 15);
        sleep(WHILE / 2).await;
        assert_eq!(opened(30), 15);
        sleep(WHILE * 2).await;
        assert_eq!(opened(30), MOST);
    }
}
