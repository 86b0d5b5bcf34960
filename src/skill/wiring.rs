use std::any::TypeId;
use std::collections::BTreeMap;

use super::card::View;
use super::invoke::Typed;
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
            undelivered: None,
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

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use crate::skill::{AnySkill, Catalog, Context, Post, Skill, Slash, State, Stateless, Turn};

    #[derive(Serialize, Deserialize)]
    struct Full;
    impl State for Full {
        const NAME: &'static str = "full";
        const ASKS: bool = true;
        type Button = u8;
        type Signal = u8;
    }

    async fn slash(cx: Context<()>, _: Slash) -> Turn<Full> {
        cx.begin(Full)
    }

    async fn slash_here(cx: Context<Full>, _: Slash) -> Turn<Full> {
        cx.keep()
    }

    async fn hear(cx: Context<()>, _: Post) -> Turn<Stateless> {
        cx.done()
    }

    fn wrong(skills: Vec<AnySkill>) -> String {
        Catalog::build(skills)
            .err()
            .map_or(String::new(), |e| e.to_string())
    }

    #[test]
    fn all_that_is_missing_is_told_at_once_with_the_method_to_add() {
        let said = wrong(vec![
            Skill::<Full>::plain()
                .slash_here("full", "", slash_here)
                .into(),
        ]);
        for method in [".click(…)", ".signal(…)", ".reply(…)", ".starting(…)"] {
            assert!(
                said.contains(&format!("add `{method}`")),
                "{method}: {said}"
            );
        }
        let said = wrong(vec![Skill::stateless("Über").into()]);
        assert!(said.contains("its name must be of a-z"), "{said}");
        assert!(said.contains("it has no handler"), "{said}");
    }

    #[test]
    fn what_is_there_twice_is_told() {
        let greeter = |name| Skill::stateless(name).command("hi", "", hear);
        let said = wrong(vec![greeter("a").into(), greeter("b").into()]);
        assert_eq!(
            said,
            "b: the command \"hi\" is handled twice: take one away"
        );
        let said = wrong(vec![
            Skill::stateless("a").hears("x", hear).into(),
            Skill::stateless("a").hears("y", hear).into(),
        ]);
        assert!(said.contains("two states are named \"a\""), "{said}");
        let twice = Skill::<Full>::plain()
            .slash("x", "", slash)
            .slash("X", "", slash);
        assert!(wrong(vec![twice.into()]).contains("full: /x is handled twice"));
        let twice = Skill::stateless("a").otherwise(hear).otherwise(hear);
        let said = wrong(vec![twice.into()]);
        assert!(
            said.contains("what nothing else hears is handled twice"),
            "{said}"
        );
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_told() {
        let said = wrong(vec![Skill::stateless("a").hears("(", hear).into()]);
        assert!(said.starts_with("a: the pattern \"(\" is wrong"), "{said}");
    }
}
