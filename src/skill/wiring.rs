use std::any::TypeId;
use std::collections::BTreeMap;

use super::invoke::{Typed, View};
use super::{Never, State, Trigger};

impl<S: State> Typed<S> {
    pub fn new(view: Option<View<S>>) -> Self {
        Self {
            name: S::NAME.to_owned(),
            about: String::new(),
            view,
            fresh: None,
            handlers: Vec::new(),
            works: BTreeMap::new(),
        }
    }

    fn has(&self, wanted: impl Fn(&Trigger) -> bool) -> bool {
        self.handlers.iter().any(|(trigger, _)| wanted(trigger))
    }

    /// Mistakes in the wiring that the types can't show, each naming the method to add.
    pub(crate) fn wiring(&self) -> Vec<String> {
        let never = TypeId::of::<Never>();
        let takes_own = |t: &Trigger| matches!(t, Trigger::Slash { here: true, .. });
        let checks = [
            (
                self.name.is_empty()
                    || !self
                        .name
                        .chars()
                        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c)),
                "its name must be of a-z, 0-9, '.' and '-': change `State::NAME`",
            ),
            (
                TypeId::of::<S::Button>() != never && !self.has(|t| *t == Trigger::Click),
                "its state has a `Button` and nothing handles a press: add `.click(…)`",
            ),
            (
                TypeId::of::<S::Signal>() != never && !self.has(|t| *t == Trigger::Signal),
                "its state has a `Signal` and nothing handles it: add `.signal(…)`",
            ),
            (
                S::ASKS && !self.has(|t| *t == Trigger::Reply),
                "its state asks and nothing handles the answer: add `.reply(…)`",
            ),
            (
                self.fresh.is_none() && self.has(takes_own),
                "`.slash_here(…)` may find no slot: add `.starting(…)`",
            ),
            (
                self.handlers.is_empty(),
                "it has no handler: add `.slash(…)`, `.hears(…)` or another",
            ),
        ];
        let found = checks.into_iter().filter(|(wrong, _)| *wrong);
        found.map(|(_, what)| what.to_owned()).collect()
    }
}
