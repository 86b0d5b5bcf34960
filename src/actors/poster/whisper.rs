use std::time::Duration;

use tracing::field::display;

use super::alone::Alone;
use super::ended::{Aside, Ended};
use super::lanes::Queued;
use super::outlet::Outlet;
use crate::client::error::Retry;
use crate::event::{Blame, Draft, Inline, Lane, Opening, Row, RowId, RowKind, Window};
use crate::model::hook::IncomingRequest;
use crate::model::ids::UserId;
use crate::model::limits::LimitError;
use crate::model::props::Props;
use crate::model::slash::SlashResponse;
use crate::sentences::lost::Task;
use crate::sentences::unposted::{self, why};
use crate::store::Settled;

/// How often a whisper is tried that may become a direct message.
const WHISPER_TRIES: u32 = 5;
/// How long Mattermost takes answers at a `response_url`.
const RESPONSE_LIFE: Duration = Duration::from_secs(30 * 60);

/// What leaves at most once, because it can't be found again.
impl Outlet {
    /// What one person sees, by the first way that is open.
    pub(super) async fn whisper(
        &self,
        queued: &Queued,
        text: &str,
        response_url: Option<&str>,
        window: Option<&Window>,
    ) -> Ended {
        match (window, response_url) {
            (Some(Window::Message(trigger_id)), _) => {
                self.alert_late(queued, text, trigger_id).await
            }
            (Some(Window::Form(opening)), _) if self.open_late(queued, opening).await => {
                Ended::Left
            }
            (_, Some(url)) => {
                let whisper = SlashResponse::whisper(text);
                match self.respond_once(&queued.row, url, &whisper).await {
                    true => Ended::Left,
                    false => self.post_instead(&queued.row, text).await,
                }
            }
            (_, None) => self.post_text(queued, text).await,
        }
    }

    /// Opens a form that was too late for its event's answer, at most once; `false` where the person has to be
    /// told.
    async fn open_late(&self, queued: &Queued, opening: &Opening) -> bool {
        let row = &queued.row.id;
        !queued.maybe_sent && (!self.settled_first(row).await || self.open(opening).await.is_ok())
    }

    /// What its person reads of a row that can never leave.
    pub(super) async fn words(&self, blame: &Blame, row: &Row, aside: &Aside) -> String {
        match row.lane {
            Lane::Direct(person) if aside.forbidden && person != blame.person => {
                self.unwritten(&person, aside).await
            }
            _ => self.apology(blame, row, aside),
        }
    }

    /// A person can't be written to.
    async fn unwritten(&self, person: &UserId, aside: &Aside) -> String {
        let user = self.rest.user(person).await.ok();
        let name = user.map(|user| user.username);
        unposted::unwritten(&self.memberships.name(), name.as_deref(), &aside.reason)
    }

    fn apology(&self, blame: &Blame, row: &Row, aside: &Aside) -> String {
        let Aside { reason, forbidden } = aside;
        let (bot, id) = (&self.memberships.name(), &row.id.to_string());
        if Task::of(&row.kind) == Task::Removal {
            return unposted::undeleted(bot, reason, id);
        }
        if !forbidden || matches!(row.lane, Lane::Direct(_)) {
            return unposted::unsaid(bot, reason, id);
        }
        // Only what goes to a `response_url` stands in the channel itself.
        unposted::forbidden(bot, reason, blame.response_url.is_some())
    }

    pub(super) async fn post_by_webhook(&self, row: &Row, text: String, props: Props) -> Ended {
        let nobody = |reason: &str| Ended::SetAside(Aside::because(reason));
        if matches!(row.lane, Lane::Direct(_)) {
            return nobody(why::NO_DIRECT_MESSAGES);
        }
        let Some(url) = &self.incoming else {
            return nobody(why::NO_WAY);
        };
        let mut request = match IncomingRequest::text(text) {
            Ok(request) => request,
            Err(error) => return Ended::SetAside(Aside::because(error)),
        };
        request.attachments = props.attachments;
        self.mattermost_answers().await;
        if !self.settled_first(&row.id).await {
            return Ended::Left;
        }
        let (mut failures, mut alone) = (0, Alone::among(&self.taken));
        loop {
            let Err(error) = self.rest.incoming_webhook(url, &request).await else {
                self.taken.note();
                return Ended::Left;
            };
            if error.was_unseen() {
                failures += 1;
                alone.met(&error);
                if let Some(aside) = alone.aside() {
                    return Ended::SetAside(aside);
                }
                self.wait(&error, failures).await;
            } else if error.retry() == Retry::SameIdOnly {
                let event = row.event.map(display);
                tracing::error!(row = %row.id, event, %error, "a post by the incoming webhook may be lost");
                return Ended::Left;
            } else {
                return Ended::SetAside(Aside::refused(&error));
            }
        }
    }

    /// Sends to a `response_url`, at most once. `false` where it surely was not seen.
    pub(super) async fn respond_once(
        &self,
        row: &Row,
        url: &str,
        response: &SlashResponse,
    ) -> bool {
        self.mattermost_answers().await;
        if !self.settled_first(&row.id).await {
            return true;
        }
        // Where there is no other way it is tried for as long as the address lives.
        let by_post = self.me.is_some() && matches!(row.kind, RowKind::Whisper { .. });
        let until = row.created.plus(RESPONSE_LIFE);
        for failures in 1.. {
            let Err(error) = self.rest.respond(url, response).await else {
                return true;
            };
            if !error.was_unseen() {
                let lost = error.retry() == Retry::SameIdOnly;
                if lost {
                    let event = row.event.map(display);
                    tracing::warn!(row = %row.id, event, %error, "an answer to a command may be lost");
                }
                return lost;
            }
            let enough = by_post && failures >= WHISPER_TRIES;
            if enough || self.time.now() > until {
                return false;
            }
            self.wait(&error, failures).await;
        }
        false
    }

    /// Waits while calls meet others in Mattermost's place: what may be sent once only isn't spent on
    /// them, nor on a way that is cut.
    async fn mattermost_answers(&self) {
        let mut failures = 0;
        while !self.rest.problems().is_empty() {
            let Err(error) = self.rest.ping().await else {
                return;
            };
            failures += 1;
            self.wait(&error, failures).await;
        }
    }

    /// What may be sent at most once is settled before it is sent.
    pub(super) async fn settled_first(&self, row: &RowId) -> bool {
        let done = self.store.settle(vec![Settled::Left(row.clone())]).await;
        done.inspect_err(|error| tracing::warn!(%row, %error, "a whisper can't be settled"))
            .is_ok()
    }

    /// A whisper whose `response_url` doesn't work (any more) goes as a direct message.
    pub(super) async fn post_instead(&self, row: &Row, text: &str) -> Ended {
        let draft = Draft {
            text: text.to_owned(),
            ..Draft::default()
        };
        // A row that tells of others has nobody's doing behind it: it is for the one in whose lane it is.
        let person = match (&row.blame, &row.lane) {
            (Some(blame), _) => blame.person,
            (None, Lane::Direct(person)) => *person,
            (None, Lane::Channel(_)) => return Ended::Left,
        };
        let row = Row {
            lane: Lane::Direct(person),
            ..row.clone()
        };
        self.post_draft(&Queued::new(row, false), &draft).await
    }

    pub(super) fn public(&self, inline: &Inline) -> Result<SlashResponse, LimitError> {
        let attachment = self.format.attachment(inline.slot.as_ref(), &inline.card)?;
        let response = SlashResponse::in_channel(inline.card.text.clone());
        Ok(attachment.into_iter().fold(response, SlashResponse::attach))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Request;

    use super::*;
    use crate::actors::fake::{Server, channel};
    use crate::client::fake::{Answer, Fake, answer};
    use crate::model::ids::Millis;
    use crate::time::sleep;
    use crate::turns::Memberships;

    /// A proxy that looks into what it hands on.
    fn filter(request: &Request<Bytes>) -> Answer {
        let body = String::from_utf8_lossy(request.body());
        let is_ping = request.uri().path().ends_with("/system/ping");
        match (is_ping, body.contains("union select")) {
            (true, _) => answer(200, r#"{"status":"OK"}"#),
            (false, true) => answer(403, "blocked"),
            (false, false) => answer(200, "ok"),
        }
    }

    async fn posts(outlet: &Outlet, text: &str) -> Ended {
        let draft = Draft {
            text: text.into(),
            ..Draft::default()
        };
        let row = Row {
            id: RowId::read("r"),
            lane: Lane::Channel(channel(1)),
            kind: RowKind::Post(draft.clone()),
            created: Millis(1_000_000),
            blame: None,
            from: None,
            event: None,
        };
        outlet.post_draft(&Queued::new(row, false), &draft).await
    }

    #[tokio::test(start_paused = true)]
    async fn without_an_account_a_text_that_a_proxy_refuses_is_given_up_while_others_are_posted() {
        let (server, _sockets) = Server::start();
        let outlet = Outlet {
            rest: Fake::new(filter).rest(),
            me: None,
            incoming: Some("https://chat.example/team/hooks/xyz".into()),
            ..Outlet::to(&server, &Memberships::default())
        };
        let others = async {
            loop {
                sleep(Duration::from_secs(10)).await;
                assert!(matches!(posts(&outlet, "fine").await, Ended::Left));
            }
        };
        let ended = tokio::select! {
            ended = posts(&outlet, "union select") => ended,
            () = others => Ended::Left,
            () = sleep(Duration::from_secs(3600)) => Ended::Left,
        };
        let Ended::SetAside(aside) = ended else {
            panic!("it would never leave");
        };
        assert!(aside.reason.contains("answers 403"), "{}", aside.reason);
    }
}
