use std::fmt;
use std::sync::Arc;

use anyhow::Context as _;

use crate::settings::{Settings, SettingsError};
use crate::skill::{AnySkill, Misconfigured, Table};
use crate::skills;

type Make = dyn Fn(&Table) -> Result<AnySkill, Misconfigured> + Send + Sync;

/// The skills that a program has, each by the name that settings know it by: built-in ones, one's own, or both.
///
/// Which of them are on, and in which order, says `skills.order` of the settings. Where nobody has set that, all of one's
/// own are on, in the order in which they were added, and after them those built-in ones of the program that are on
/// by default. `[skills.NAME]` is a skill's own table.
///
/// ```
/// use matteractor::Skills;
/// use matteractor::skill::{Skill, Stateless};
///
/// let skills = Skills::builtin().with("echo", |_| {
///     let echo = Skill::stateless("echo").slash("echo", "WORDS", |mut cx, said| async move {
///         cx.say(said.text);
///         cx.done()
///     });
///     Ok(echo.into())
/// });
/// ```
#[derive(Clone, Default)]
pub struct Skills {
    own: Vec<(String, Arc<Make>)>,
    builtin: Vec<&'static str>,
}

impl Skills {
    /// None yet.
    pub fn none() -> Self {
        Self::default()
    }

    /// All built-in ones: `help`, `poll`, `standup`, `faq`.
    pub fn builtin() -> Self {
        Self {
            own: Vec::new(),
            builtin: skills::NAMES.to_vec(),
        }
    }

    /// One more of one's own, made from its table `[skills.NAME]` at each start. A built-in one of this name isn't had
    /// any more.
    #[must_use]
    pub fn with(
        mut self,
        name: &str,
        make: impl Fn(&Table) -> Result<AnySkill, Misconfigured> + Send + Sync + 'static,
    ) -> Self {
        self.builtin.retain(|known| *known != name);
        self.own.retain(|(known, _)| known != name);
        self.own.push((name.to_owned(), Arc::new(make)));
        self
    }

    /// Those that the settings switch on, in their order.
    ///
    /// # Errors
    /// A sentence for each name that no skill has, and for each table that its skill doesn't take.
    #[doc(hidden)]
    pub fn chosen(&self, settings: &Settings) -> anyhow::Result<Vec<AnySkill>> {
        let own = self.own.iter().map(|(name, _)| name.as_str());
        let known: Vec<&str> = own.chain(self.builtin.iter().copied()).collect();
        let order = self.order(settings);
        settings.skills.check_names(&known)?;
        let (mut chosen, mut problems) = (Vec::new(), Vec::new());
        for name in &order {
            match self.make(name, settings)? {
                Ok(skill) => chosen.push(skill),
                Err(wrong) => problems.push(settings.skills.placed(&wrong.skill, &wrong.what)),
            }
        }
        match problems.is_empty() {
            true => Ok(chosen),
            false => Err(SettingsError::new(problems).into()),
        }
    }

    /// Whether there is one of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.builtin.contains(&name) || self.own.iter().any(|(known, _)| known == name)
    }

    /// What the settings say; what nobody has set is all that there is.
    fn order(&self, settings: &Settings) -> Vec<String> {
        let skills = &settings.skills;
        if !skills.is_default_order() {
            return skills.order.clone();
        }
        let own = self.own.iter().map(|(name, _)| name.clone());
        let builtin = skills.order.iter().filter(|name| {
            let name: &str = name;
            self.builtin.contains(&name)
        });
        own.chain(builtin.cloned()).collect()
    }

    fn make(
        &self,
        name: &str,
        settings: &Settings,
    ) -> anyhow::Result<Result<AnySkill, Misconfigured>> {
        if let Some((_, make)) = self.own.iter().find(|(known, _)| known == name) {
            return Ok(make(&Table::new(name, settings.skills.table_as_set(name))));
        }
        let table = Table::new(name, settings.skills.table(name));
        skills::builtin(name, &table).with_context(|| format!("there is no skill {name:?}"))
    }
}

impl fmt::Debug for Skills {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own: Vec<_> = self.own.iter().map(|(name, _)| name).collect();
        f.debug_struct("Skills")
            .field("own", &own)
            .field("builtin", &self.builtin)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Options;
    use crate::skill::{Catalog, Skill};

    fn settings(more: &[(&str, &str)]) -> Settings {
        let needed = [
            ("MATTERMOST_URL", "http://chat.example"),
            ("BOT_TOKEN", "6qnq9ktew5h85q4wk78tscz4r1"),
            ("INTEGRATION_URL", "http://bot.example"),
        ];
        let env = needed.iter().chain(more);
        let env = env.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Settings::load(&Options {
            env: env.collect(),
            ..Options::default()
        })
        .unwrap()
    }

    fn echo(table: &Table) -> Result<AnySkill, Misconfigured> {
        #[derive(serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Own {
            word: String,
        }
        impl Default for Own {
            fn default() -> Self {
                Self {
                    word: "echo".into(),
                }
            }
        }
        let own: Own = table.decode()?;
        let skill = Skill::stateless("echo").slash(&own.word, "WORDS", |mut cx, said| async move {
            cx.say(said.text);
            cx.done()
        });
        Ok(skill.into())
    }

    fn commands(skills: &Skills, more: &[(&str, &str)]) -> Vec<String> {
        let chosen = skills.chosen(&settings(more)).unwrap();
        let catalog = Catalog::build(chosen).unwrap();
        let entries = catalog.slash_commands();
        entries.filter_map(|entry| entry.trigger.clone()).collect()
    }

    fn wrong(skills: &Skills, more: &[(&str, &str)]) -> String {
        skills.chosen(&settings(more)).err().unwrap().to_string()
    }

    #[test]
    fn ones_own_come_first_and_the_order_of_the_settings_counts_where_there_is_one() {
        let both = Skills::builtin().with("echo", echo);
        assert_eq!(commands(&both, &[]), ["echo", "poll", "standup"]);
        assert_eq!(commands(&Skills::none().with("echo", echo), &[]), ["echo"]);
        let order = |order| [("MATTERACTOR__SKILLS__ORDER", order)];
        assert_eq!(commands(&both, &order("poll,echo")), ["poll", "echo"]);
        assert_eq!(commands(&both, &order("poll")), ["poll"]);
    }

    #[test]
    fn a_skill_of_ones_own_has_its_table_and_says_what_is_wrong_with_it() {
        let own = Skills::none().with("echo", echo);
        let word = [("MATTERACTOR__SKILLS__ECHO__WORD", "say")];
        assert_eq!(commands(&own, &word), ["say"]);
        let wrong = wrong(&own, &[("MATTERACTOR__SKILLS__ECHO__WORDS", "say")]);
        assert!(
            wrong.contains("MATTERACTOR__SKILLS__ECHO__WORDS"),
            "{wrong}"
        );
        assert!(wrong.contains("[skills.echo]: unknown field"), "{wrong}");
    }

    #[test]
    fn who_names_a_skill_that_the_program_does_not_have_reads_which_it_has() {
        let own = Skills::none().with("echo", echo);
        let order = wrong(&own, &[("MATTERACTOR__SKILLS__ORDER", "poll")]);
        assert!(order.contains("there is no skill") && order.contains("the skills are echo"));
        let table = wrong(&own, &[("MATTERACTOR__SKILLS__POLL__MAX_OPTIONS", "3")]);
        assert!(table.contains("there is no skill \"poll\""), "{table}");
    }

    #[test]
    fn a_skill_of_ones_own_takes_the_place_of_the_built_in_one_of_its_name() {
        let skills = Skills::builtin().with("poll", echo);
        assert_eq!(commands(&skills, &[]), ["echo", "standup"]);
    }
}
