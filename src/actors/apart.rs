use std::future::Future;

use actix::prelude::*;
use actix_rt::task::JoinHandle;

use super::guard::Guard;
use super::messages::Back;

/// What runs beside its actor.
///
/// actix polls all that an actor has spawned whenever anything comes for that actor, so that a message costs the
/// more the more is under way. Where that may be much, it is a task of its own.
#[derive(Debug)]
pub(super) struct Apart(JoinHandle<()>);

impl Apart {
    /// Runs `future`, and lets the actor go on with what comes of it. A panic is the actor's: it ends the process, as
    /// one of its own does.
    pub fn run<A, T>(
        name: &'static str,
        ctx: &Context<A>,
        future: impl Future<Output = T> + 'static,
        then: impl FnOnce(T, &mut A, &mut Context<A>) + Send + 'static,
    ) -> Self
    where
        A: Actor<Context = Context<A>> + Handler<Back<A>>,
        T: Send + 'static,
    {
        // It keeps no actor that everybody else has left.
        let actor = ctx.address().downgrade();
        Self(actix_rt::spawn(async move {
            let _guard = Guard::new(name);
            let done = future.await;
            if let Some(actor) = actor.upgrade() {
                actor.do_send(Back(Box::new(move |this, ctx| then(done, this, ctx))));
            }
        }))
    }

    /// What does nothing.
    #[cfg(test)]
    pub fn nothing() -> Self {
        Self(actix_rt::spawn(async {}))
    }

    /// Ends it where it waits. What has come of it by then may still be on its way to the actor.
    pub fn cancel(self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::{mpsc, oneshot};

    /// Says what comes back to it.
    struct Teller(mpsc::UnboundedSender<&'static str>);

    impl Actor for Teller {
        type Context = Context<Self>;
    }

    impl Handler<Back<Self>> for Teller {
        type Result = ();

        fn handle(&mut self, Back(go_on): Back<Self>, ctx: &mut Context<Self>) {
            go_on(self, ctx);
        }
    }

    #[actix::test]
    async fn what_comes_of_it_is_the_actors_and_nothing_comes_of_what_is_cancelled() {
        let (tells, mut told) = mpsc::unbounded_channel();
        let (go, gone) = oneshot::channel::<()>();
        let (never, waits) = oneshot::channel::<()>();
        let teller = Teller::create(|ctx| {
            let tell = |what| move |_, this: &mut Teller, _: &mut _| this.0.send(what).unwrap();
            let cancelled = Apart::run("Teller", ctx, waits, tell("cancelled"));
            Apart::run("Teller", ctx, gone, tell("done"));
            cancelled.cancel();
            Teller(tells)
        });
        go.send(()).unwrap();
        assert_eq!(told.recv().await, Some("done"));
        assert!(never.is_closed(), "it is dropped where it waits");
        drop(teller);
        assert_eq!(told.recv().await, None, "it keeps no actor");
    }
}
