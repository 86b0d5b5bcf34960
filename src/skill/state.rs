use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// What a skill remembers of one topic in one place, stored as JSON.
///
/// ```
/// use matteractor::skill::{Never, State};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Counter { presses: u32 }
/// #[derive(Serialize, Deserialize)]
/// enum Press { More }
///
/// impl State for Counter {
///     const NAME: &'static str = "counter";
///     type Button = Press;
///     type Signal = Never;
/// }
/// ```
pub trait State: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Names the state in the store, in envelopes and logs: `[a-z0-9.-]+`, never to be changed.
    const NAME: &'static str;
    /// The form of the JSON; older forms go through [`State::migrate`].
    const VERSION: u32 = 1;
    /// Whether it asks people things ([`crate::skill::Context::ask`]), and so needs `.reply(…)`.
    const ASKS: bool = false;
    /// What its buttons and menus mean; [`Never`] where it has none.
    type Button: Serialize + DeserializeOwned + Send + 'static;
    /// What timers, other slots and work tell it; [`Never`] where nothing does.
    type Signal: Serialize + DeserializeOwned + Send + 'static;

    /// Makes a state out of an older form. An error fails the turn and leaves the slot as it is.
    fn migrate(form: u32, old: Value) -> Result<Self, String> {
        let _ = old;
        Err(format!(
            "{} has no way from form {form} to form {}",
            Self::NAME,
            Self::VERSION
        ))
    }
}

/// The type of what never happens: no buttons, no signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Never {}

impl Serialize for Never {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl<'de> Deserialize<'de> for Never {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom("nothing like that is ever sent"))
    }
}

/// The state of skills that remember nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stateless;

impl State for Stateless {
    const NAME: &'static str = "";
    type Button = Never;
    type Signal = Never;
}
