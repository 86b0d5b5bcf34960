pub(super) mod boxes;
pub(super) mod looking;
pub(super) mod moving;
pub(super) mod once;
pub(super) mod place;
pub(super) mod unsaid;
pub(super) mod writes;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

pub use self::boxes::Boxes;
pub use self::looking::Looking;
use self::place::Patience;
pub use self::unsaid::Unsaid;
use self::writes::CardToPost;
use super::alone::TakenPosts;
use super::ended::{Aside, Ended};
use super::lanes::Queued;
use super::overdue::LastTrouble;
use crate::actors::card_format::{CardFormat, ROW_PROP};
use crate::client::error::{RestError, Retry};
use crate::client::rest::Rest;
use crate::client::retry::full_jitter;
use crate::event::{CardRow, Draft, Lane, RowKind, Slot};
use crate::model::ids::{ChannelId, PostId, UserId};
use crate::model::post::NewPost;
use crate::model::props::Props;
use crate::sentences::unposted::why;
use crate::store::Store;
use crate::time::{Time, sleep};
use crate::turns::{Memberships, Spot};

/// How long to wait when the token is refused: it will not get better by asking.
const REFUSED: Duration = Duration::from_secs(30);
/// How long to wait after each try to read a card that somebody waits for.
const CARD_WAITS: [Duration; 2] = [Duration::from_millis(50), Duration::ZERO];

/// The ways out of the program.
#[derive(Clone)]
pub struct Outlet {
    /// Calls Mattermost.
    pub rest: Rest,
    /// The bot; `None` without an account.
    pub me: Option<UserId>,
    /// What cards look like.
    pub format: CardFormat,
    /// An incoming webhook, for posts where there is no bot account.
    pub incoming: Option<SecretString>,
    /// Where rows are settled before what may be lost is sent.
    pub store: Arc<dyn Store>,
    /// Where the bot is a member.
    pub memberships: Memberships,
    /// How many message boxes were opened lately.
    pub boxes: Boxes,
    /// Who are told what no row can tell.
    pub unsaid: Unsaid,
    /// Whose turn it is to look for what may have been sent.
    pub looking: Looking,
    /// The clock.
    pub time: Time,
    /// Why what waits to leave couldn't.
    pub last_trouble: LastTrouble,
    /// How many posts Mattermost has taken.
    pub taken: TakenPosts,
}

impl Outlet {
    /// Sends a row until it has left or never can. `card` is what its card shows now.
    pub(super) async fn send(&self, queued: Queued, card: Option<CardToPost>) -> Ended {
        let row = &queued.row;
        match &row.kind {
            RowKind::Whisper {
                text,
                response_url,
                window,
            } => {
                self.whisper(&queued, text, response_url.as_deref(), window.as_ref())
                    .await
            }
            RowKind::Response { url, inline } => match self.public(inline) {
                Ok(response) => match self.respond_once(row, url, &response).await {
                    true => Ended::Left,
                    false => Ended::SetAside(Aside::because(why::UNANSWERED)),
                },
                Err(error) => Ended::SetAside(Aside::because(error)),
            },
            RowKind::Delete(post) | RowKind::Withdrawal(post) => self.remove(&queued, post).await,
            RowKind::Post(draft) => self.post_draft(&queued, draft).await,
            RowKind::Card(_) => match card {
                Some(first) if first.is_posted_by(&row.id) => self.post_card(&queued, first).await,
                Some(_) => self.overtaken(row, queued.maybe_sent).await,
                None => Ended::SetAside(Aside::because(why::NO_SLOT)),
            },
        }
    }

    /// A slot's card as the store has it; none where it can't be read soon, for somebody waits.
    pub(super) async fn card(&self, slot: &Slot) -> Option<CardRow> {
        for wait in CARD_WAITS {
            match self.store.card(slot).await {
                Ok(card) => return card,
                Err(error) => tracing::warn!(%slot, %error, "a card can't be loaded"),
            }
            sleep(wait).await;
        }
        None
    }

    /// A slot's card as the store has it.
    pub(super) async fn stored_card(&self, slot: &Slot) -> Option<CardToPost> {
        let mut failures = 0;
        loop {
            match self.store.card(slot).await {
                Ok(row) => return row.as_ref().map(CardToPost::of),
                Err(error) => {
                    tracing::warn!(%slot, %error, "a card can't be loaded");
                    failures += 1;
                    let mut rng = fastrand::Rng::with_seed(fastrand::u64(..));
                    sleep(full_jitter(failures, &mut rng)).await;
                }
            }
        }
    }

    pub(super) async fn post_text(&self, queued: &Queued, text: &str) -> Ended {
        let draft = Draft {
            text: text.to_owned(),
            ..Draft::default()
        };
        self.post_draft(queued, &draft).await
    }

    pub(super) async fn post_draft(&self, queued: &Queued, draft: &Draft) -> Ended {
        let mut props = Props::default();
        for (key, value) in &draft.props {
            props = props.with(key.clone(), value.clone());
        }
        let props = props.with(ROW_PROP, queued.row.id.as_str());
        self.post(queued, draft.text.clone(), draft.root, props)
            .await
    }

    async fn post_card(&self, queued: &Queued, first: CardToPost) -> Ended {
        let (card, version) = (&first.card, first.version);
        let props = self
            .format
            .props(Some(&first.slot), card, Some(&queued.row.id), version);
        let props = match props {
            Ok(props) => props,
            Err(error) => return Ended::SetAside(Aside::because(error)),
        };
        let text = card.text.clone();
        match self.post(queued, text, first.root, props).await {
            Ended::Posted { post, at, shown } => Ended::Posted {
                post,
                at,
                shown: Some(shown.unwrap_or(version)),
            },
            other => other,
        }
    }

    /// Posts as the bot, exactly once; without an account by the incoming webhook, at most once.
    async fn post(
        &self,
        queued: &Queued,
        text: String,
        root: Option<PostId>,
        props: Props,
    ) -> Ended {
        let row = &queued.row;
        let Some(me) = self.me else {
            return self.post_by_webhook(row, text, props).await;
        };
        let mut patience = Patience::with(queued);
        let channel = match self.channel(&me, &row.lane, &mut patience).await {
            Ok(channel) => channel,
            Err(aside) => return Ended::SetAside(aside),
        };
        // The turn was taken when the server may have allowed more.
        let fits = self.rest.allowed().message(&text);
        let built = fits.and_then(|()| NewPost::new(channel, text).with_props(props));
        let post = match built {
            Ok(post) => root.into_iter().fold(post, NewPost::in_thread),
            Err(error) => return Ended::SetAside(Aside::because(error)),
        };
        let post = post.named(format!("{me}:{}", row.id));
        self.post_exactly_once(&me, queued, &post, patience).await
    }

    pub(super) async fn channel(
        &self,
        me: &UserId,
        lane: &Lane,
        patience: &mut Patience,
    ) -> Result<ChannelId, Aside> {
        let person = match lane {
            Lane::Channel(channel) => return Ok(*channel),
            Lane::Direct(person) => person,
        };
        if let Some(channel) = self.memberships.direct_channel(person) {
            return Ok(channel);
        }
        let mut failures = 0;
        loop {
            self.rest.budget().wait().await;
            match self.rest.direct_channel(me, person).await {
                Ok(channel) => {
                    let spot = Spot {
                        direct: Some(*person),
                        ..self.memberships.look(|channels| channels.spot(&channel.id))
                    };
                    self.memberships.joined(channel.id, spot);
                    return Ok(channel.id);
                }
                Err(error) if error.retry() == Retry::Never => {
                    if !self.paused(patience).await {
                        return Err(Aside::unreachable(&error));
                    }
                }
                Err(error) => {
                    failures += 1;
                    self.wait(&error, failures).await;
                }
            }
        }
    }

    /// Asks until there is an answer, or a refusal for good.
    pub(super) async fn patiently<T>(
        &self,
        mut ask: impl AsyncFnMut() -> Result<T, RestError>,
    ) -> Result<T, RestError> {
        let mut failures = 0;
        loop {
            match ask().await {
                Err(error) if error.retry() != Retry::Never => {
                    failures += 1;
                    self.wait(&error, failures).await;
                }
                answer => return answer,
            }
        }
    }

    /// Waits before another try: with a token that was refused only until it is accepted again.
    pub(super) async fn wait(&self, error: &RestError, failures: u32) {
        self.last_trouble.note(error);
        let pause = sleep(self.pause(error, failures));
        if error.retry() == Retry::Stop {
            tokio::select! {
                () = pause => {}
                () = self.memberships.let_in() => {}
            }
        } else {
            pause.await;
        }
    }

    pub(super) fn pause(&self, error: &RestError, failures: u32) -> Duration {
        match error.retry() {
            Retry::After(wait) => wait.max(Duration::from_millis(100)),
            Retry::Stop => REFUSED,
            _ => full_jitter(failures, &mut fastrand::Rng::with_seed(fastrand::u64(..))),
        }
    }
}

#[cfg(test)]
impl Outlet {
    /// Ways out to this server at the time 1,000 s, with an empty store.
    pub(super) fn to(server: &Arc<crate::actors::fake::Server>, memberships: &Memberships) -> Self {
        use crate::trust::{Keyring, Seal};
        memberships.named("polly");
        let time = Time::simulated(crate::model::ids::Millis(1_000_000));
        let keyring = Keyring::from_secret(&Keyring::generate_secret()).expect("it is well made");
        let format = CardFormat {
            seal: Seal::new(keyring),
            actions_url: String::new(),
            dialogs_url: String::new(),
            button_life: Duration::ZERO,
            dialog_life: Duration::ZERO,
            time: time.clone(),
        };
        Self {
            rest: server.rest(),
            me: Some(crate::actors::fake::me()),
            format,
            incoming: None,
            store: Arc::new(crate::store::Memory::new()),
            memberships: memberships.clone(),
            boxes: Boxes::default(),
            unsaid: Unsaid::default(),
            looking: Looking::default(),
            time,
            last_trouble: LastTrouble::default(),
            taken: TakenPosts::default(),
        }
    }
}
