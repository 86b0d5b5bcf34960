use std::collections::HashMap;
use std::sync::Arc;

use super::patterns::Patterns;
use super::tables::{self, Tables, TablesBuilder};
use super::words::{asks_help, word};
use super::{AnySkill, Entry, Lead, Part, Route, Trigger, WiringError};
use crate::event::{Body, Event, Listening, Observed, Place, PostBody, Question, Slot};
use crate::sentences::{commands, outdated};

/// All skills, and which handler takes which event. Immutable once built, shared by all.
pub struct Catalog {
    parts: Vec<Arc<dyn Part>>,
    entries: Arc<[Entry]>,
    tables: Tables,
    patterns: Patterns,
    heard: Vec<tables::HeardPattern>,
    /// Of each part, which of its handlers take the slot of their place.
    own: Vec<Vec<bool>>,
}

/// Why an event has no handler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// No skill wants it: a post that nobody hears leaves no trace.
    Unwanted,
    /// A person asked for something that isn't there; the sentence says so.
    Unknown(String),
}

impl Catalog {
    /// Builds the table; everything that is wrong is told at once, each with the method to add.
    pub fn build(skills: Vec<AnySkill>) -> Result<Self, WiringError> {
        let parts: Vec<_> = skills.into_iter().flat_map(|skill| skill.parts).collect();
        let mut builder = TablesBuilder::default();
        for (index, part) in parts.iter().enumerate() {
            builder.part(index, &**part);
        }
        let built = builder.finish()?;
        Ok(Self {
            own: parts.iter().map(|part| own(&**part)).collect(),
            parts,
            entries: built.entries.into(),
            tables: built.tables,
            patterns: built.patterns,
            heard: built.heard,
        })
    }

    /// Which handler takes this event, and for which slot. `listening` is what slots of the event's
    /// place wait for. Precedence: a listening slot, then direct commands and mentions, then
    /// patterns in the order of the skills, then `.otherwise(…)` and `.mentioned(…)`. One event, one
    /// skill.
    pub fn route(&self, event: &Event, listening: &[Question]) -> Result<(Route, Slot), NotTaken> {
        self.follow(event, listening, &mut Lead::None)
    }

    /// Whether any handler takes this event, and what of that holds whoever listens.
    pub fn lead(&self, event: &Event, listening: &[Question]) -> Result<Lead, NotTaken> {
        let mut lead = Lead::None;
        let (route, slot) = self.follow(event, listening, &mut lead)?;
        Ok(match &event.body {
            Body::Post(_) | Body::Observed(_) => lead,
            _ => Lead::To(route, slot),
        })
    }

    /// The same as [`Catalog::route`], with what is known of it; what has become known is in `lead` then.
    pub fn follow(
        &self,
        event: &Event,
        listening: &[Question],
        lead: &mut Lead,
    ) -> Result<(Route, Slot), NotTaken> {
        if let Some(known) = lead.take_to() {
            return Ok(known);
        }
        match &event.body {
            Body::Slash(s) => {
                let helps = asks_help(&s.text) && self.tables.slash.contains_key(&s.trigger);
                let route = if helps { self.tables.help } else { None };
                let route = route.or(self.tables.slash.get(&s.trigger).copied());
                route
                    .map(|r| self.with_slot(r, event))
                    .ok_or_else(|| self.unknown_command(&s.trigger))
            }
            Body::Click(c) => self.of_slot(self.tables.clicks.get(&c.slot.skill), &c.slot),
            Body::Dialog(d) => {
                let name = (d.slot.skill.clone(), d.form.clone());
                let table = if d.cancelled {
                    &self.tables.cancelled
                } else {
                    &self.tables.dialogs
                };
                match table.get(&name) {
                    Some(route) => Ok((*route, d.slot.clone())),
                    None if d.cancelled => Err(NotTaken::Unwanted),
                    None => Err(out_of_date()),
                }
            }
            Body::Signal { slot, .. } => match self.tables.signals.get(&slot.skill) {
                Some(route) => Ok((*route, slot.clone())),
                None => Err(NotTaken::Unwanted),
            },
            Body::Observed(what) => self.route_observed(event, what, listening),
            Body::Post(heard) => self.route_post(event, heard, listening, lead),
        }
    }

    /// A part by its index.
    pub fn part(&self, route: Route) -> &Arc<dyn Part> {
        &self.parts[route.part]
    }

    /// The names of all states, in the order of the skills.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| part.name())
    }

    /// The part whose state has this name.
    pub fn part_named(&self, name: &str) -> Option<&Arc<dyn Part>> {
        self.parts.iter().find(|part| part.name() == name)
    }

    /// What people can ask for, in the order of the skills.
    pub fn entries(&self) -> &Arc<[Entry]> {
        &self.entries
    }

    /// The triggers of all slash commands, with usage and purpose.
    pub fn slash_commands(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.trigger.is_some())
    }

    /// Whether any skill observes this kind.
    pub fn observes(&self, kind: &str) -> bool {
        matches!(kind, "edited" | "deleted") && !self.tables.amended.is_empty()
            || self.tables.observed.contains_key(kind)
    }

    /// Whether any skill hears what bots and webhooks post.
    pub fn hears_bots(&self) -> bool {
        self.heard.iter().any(|heard| heard.bots)
    }

    fn route_observed(
        &self,
        event: &Event,
        what: &Observed,
        listening: &[Question],
    ) -> Result<(Route, Slot), NotTaken> {
        if matches!(what, Observed::Edited { .. } | Observed::Deleted { .. })
            && let Some(amended) = self.asking(event, listening, &self.tables.amended)
        {
            return Ok(amended);
        }
        let route = self.tables.observed.get(what.kind());
        let route = route.ok_or(NotTaken::Unwanted)?;
        Ok(self.with_slot(*route, event))
    }

    fn route_post(
        &self,
        event: &Event,
        heard: &PostBody,
        listening: &[Question],
        lead: &mut Lead,
    ) -> Result<(Route, Slot), NotTaken> {
        // A bot answers no question and gives no commands.
        if heard.by_bot {
            let route = lead.words(|| self.by_word(heard).or_else(|| self.by_pattern(heard)));
            let route = route.ok_or(NotTaken::Unwanted)?;
            return Ok(self.with_slot(route, event));
        }
        if let Some(by) = &event.by {
            let hears = |l: &Listening| l.hears(&by.id, event.root.as_ref(), event.at);
            let asked = listening.iter().filter(|q| hears(&q.listening));
            if let Some(question) = asked.min_by_key(|q| q.listening.since)
                && let Some(route) = self.tables.replies.get(&question.slot.skill)
            {
                return Ok((*route, question.slot.clone()));
            }
        }
        let direct = heard.addressed && matches!(event.place, Place::Direct(_));
        let early = self.asking(event, listening, &self.tables.early);
        let early = early.filter(|_| direct);
        let helps = early.is_some() && word(&heard.text) == "help";
        let route = lead.words(|| self.by_word(heard).or_else(|| self.by_pattern(heard)));
        if let Some(route) = route.filter(|_| !helps) {
            return Ok(self.with_slot(route, event));
        }
        if let Some(early) = early {
            return Ok(early);
        }
        let route = match direct {
            true => self.tables.otherwise,
            false => self.tables.mentioned.filter(|_| heard.mentions),
        };
        Ok(self.with_slot(route.ok_or(NotTaken::Unwanted)?, event))
    }

    /// Who asks this person something, whether or not the question is there yet, and has such a
    /// handler.
    fn asking(
        &self,
        event: &Event,
        listening: &[Question],
        table: &HashMap<String, Route>,
    ) -> Option<(Route, Slot)> {
        let by = event.by.as_ref()?;
        let to_them = |l: &Listening| l.who.as_ref().is_none_or(|who| *who == by.id);
        let mut asked = listening.iter().filter(|q| to_them(&q.listening));
        asked.find_map(|question| {
            let route = table.get(&question.slot.skill)?;
            Some((*route, question.slot.clone()))
        })
    }

    /// The slot of a handler that isn't told one: the place's own, or a new one named by the event.
    fn with_slot(&self, route: Route, event: &Event) -> (Route, Slot) {
        let part = self.part(route);
        let own = self.own[route.part].get(route.handler);
        let own = own.is_some_and(|own| *own);
        let topic = match event.key {
            Some(key) if !own => key.to_hex(),
            _ => String::new(),
        };
        (route, Slot::new(event.place.clone(), part.name(), topic))
    }

    fn of_slot(&self, route: Option<&Route>, slot: &Slot) -> Result<(Route, Slot), NotTaken> {
        route
            .map(|route| (*route, slot.clone()))
            .ok_or_else(out_of_date)
    }

    /// A command in words, or a call for help.
    fn by_word(&self, post: &PostBody) -> Option<Route> {
        // A bot gives no commands.
        if post.by_bot || !post.addressed {
            return None;
        }
        let first = post.text.split_whitespace().next().unwrap_or("");
        let (typed, bare) = (first.to_lowercase(), word(first));
        let helps = typed.is_empty() || bare == "help" || word(&post.text) == "help";
        let commands = &self.tables.commands;
        let command = commands.get(&typed).or_else(|| commands.get(&bare));
        command.copied().or(self.tables.help.filter(|_| helps))
    }

    fn by_pattern(&self, post: &PostBody) -> Option<Route> {
        let counts = |number: usize| self.heard[number].bots || !post.by_bot;
        let first = self.patterns.first(&post.text, counts)?;
        Some(self.heard[first].route)
    }

    fn unknown_command(&self, trigger: &str) -> NotTaken {
        let known: Vec<_> = self
            .slash_commands()
            .map(|e| format!("`{}`", e.usage))
            .collect();
        NotTaken::Unknown(commands::unknown(trigger, &known))
    }
}

fn own(part: &dyn Part) -> Vec<bool> {
    part.triggers().iter().map(Trigger::takes_slot).collect()
}

fn out_of_date() -> NotTaken {
    NotTaken::Unknown(outdated::NO_SKILL.to_owned())
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use crate::prelude::Stage;
    use crate::skill::{
        AnySkill, Context, Never, Observation, Observed, Post, Skill, Slash, State, Stateless, Turn,
    };

    #[derive(Serialize, Deserialize)]
    struct Quiz;
    impl State for Quiz {
        const NAME: &'static str = "quiz";
        const ASKS: bool = true;
        type Button = Never;
        type Signal = Never;
    }

    async fn quiz(cx: Context<()>, cmd: Slash) -> Turn<Quiz> {
        let mut cx = cx.with(Quiz);
        cx.ask(&cmd.by.id, "2 + 2?");
        cx.keep()
    }

    async fn solved(mut cx: Context<Quiz>, _: Post) -> Turn<Quiz> {
        cx.say("answer");
        cx.end()
    }

    fn says(skill: Skill<Stateless>, how: &'static str) -> AnySkill {
        let say = move |mut cx: Context<()>, _: Post| async move {
            cx.say(how);
            cx.done()
        };
        match how {
            "command" => skill.command("four", "", say),
            "otherwise" => skill.otherwise(say),
            _ => skill.hears("four", say),
        }
        .into()
    }

    fn stage() -> Stage {
        Stage::with(vec![
            says(Skill::stateless("d"), "otherwise"),
            says(Skill::stateless("b"), "first pattern"),
            says(Skill::stateless("c"), "second pattern"),
            says(Skill::stateless("a"), "command"),
            Skill::plain().slash("quiz", "", quiz).reply(solved).into(),
        ])
    }

    #[test]
    fn who_types_an_unknown_command_reads_which_there_are() {
        let unknown = |skills| {
            let catalog = super::Catalog::build(skills).unwrap();
            match catalog.unknown_command("pole") {
                super::NotTaken::Unknown(text) => text,
                super::NotTaken::Unwanted => String::new(),
            }
        };
        let quiz = Skill::plain().slash("quiz", "", quiz).reply(solved);
        assert_eq!(
            unknown(vec![quiz.into()]),
            "`/pole` is not known here. Known is `/quiz`."
        );
        let none = says(Skill::stateless("a"), "otherwise");
        assert_eq!(
            unknown(vec![none]),
            "`/pole` is not known here. There are no commands here."
        );
    }

    #[tokio::test]
    async fn an_answer_goes_before_commands_and_those_before_patterns() {
        let mut stage = stage();
        stage.slash_direct("ann", "/quiz").await;
        for text in ["four", "four", "twenty-four", "five"] {
            stage.tells("ann", text).await;
        }
        assert_eq!(
            stage.posts_to("ann"),
            ["2 + 2?", "answer", "command", "first pattern", "otherwise"]
        );
    }

    #[tokio::test]
    async fn what_is_not_said_to_the_bot_is_no_command() {
        let mut stage = stage();
        stage.says("ann", "four").await;
        stage.mentions("ann", "Four score").await;
        stage.mentions("ann", "five").await;
        assert_eq!(stage.posts(), ["first pattern", "command"]);
    }

    async fn welcome(mut cx: Context<()>, seen: Observation) -> Turn<Stateless> {
        if let Observed::Membership { joined: true, .. } = seen.what {
            cx.say("Welcome!");
        }
        cx.done()
    }

    #[tokio::test]
    async fn what_is_observed_goes_to_who_asked_for_it() {
        let mut stage = Stage::new(Skill::stateless("greeter").membership(welcome));
        let person = stage.person("ben").id;
        let joined = Observed::Membership {
            person,
            joined: true,
        };
        stage.observes("ben", joined).await;
        stage
            .observes(
                "ben",
                Observed::Membership {
                    person,
                    joined: false,
                },
            )
            .await;
        assert_eq!(stage.posts(), ["Welcome!"]);
    }
}
