use actix::prelude::*;

use super::parts::{Hearing, Parts};
use crate::actors::intake::{Intake, IntakeSetup, Recipients, recall};
use crate::actors::messages::{Drain, Probe};
use crate::actors::poster::Poster;
use crate::actors::router::Router;
use crate::actors::socket::{Socket, SocketParts, resume_of};
use crate::actors::{Asks, Backlog};
use crate::store::StoreError;
use crate::turns::Memberships;

/// The actors that hear posts.
pub(super) struct Inbound {
    intake: Addr<Intake>,
    socket: Addr<Socket>,
    thread: Option<Arbiter>,
}

impl Inbound {
    pub async fn open(
        parts: &Parts,
        hearing: &Hearing,
        memberships: &Memberships,
        recipients: Recipients,
        place: Context<Intake>,
    ) -> Result<Self, StoreError> {
        let backlog = Backlog::default();
        let good = recall(&*parts.store, memberships, hearing.began).await?;
        let intake = place.run(Intake::new(IntakeSetup {
            rest: parts.rest.clone(),
            store: parts.store.clone(),
            time: parts.time.clone(),
            catalog: parts.catalog.clone(),
            memberships: memberships.clone(),
            recipients,
            good,
            backlog: backlog.clone(),
            max_age: hearing.max_age,
            window: (parts.limits.place_queue / 2).max(1),
        }));
        let line = SocketParts {
            wire: hearing.wire.clone(),
            rest: parts.rest.clone(),
            token: hearing.token.clone(),
            ping: hearing.socket.ping,
            pong_timeout: hearing.socket.pong_timeout,
            resume: parts.store.session().await?.as_ref().and_then(resume_of),
            intake: intake.clone().recipient(),
            backlog,
        };
        let thread = hearing.own_thread.then(Arbiter::new);
        let socket = supervised(line, thread.as_ref());
        Ok(Self {
            intake,
            socket,
            thread,
        })
    }

    /// Takes nothing new, and remembers how far everything is handled.
    pub async fn drain(&self) {
        let _ = self.socket.send(Drain).await;
        let _ = self.intake.send(Drain).await;
    }

    /// Ends the Socket's thread.
    pub fn close(self) {
        if let Some(thread) = self.thread {
            thread.stop();
        }
    }

    pub fn probes(&self) -> [(&'static str, Recipient<Probe>); 2] {
        [
            ("socket", self.socket.clone().recipient()),
            ("intake", self.intake.clone().recipient()),
        ]
    }
}

pub(super) fn recipients(router: &Addr<Router>, poster: &Addr<Poster>, asks: Asks) -> Recipients {
    Recipients {
        events: router.clone().recipient(),
        asks,
        echo: poster.clone().recipient(),
        edited: poster.clone().recipient(),
        deleted: poster.clone().recipient(),
    }
}

/// The Socket, which begins anew when it stops.
fn supervised(line: SocketParts, thread: Option<&Arbiter>) -> Addr<Socket> {
    match thread {
        Some(thread) => Supervisor::start_in_arbiter(&thread.handle(), |_| Socket::new(line)),
        None => Supervisor::start(|_| Socket::new(line)),
    }
}
