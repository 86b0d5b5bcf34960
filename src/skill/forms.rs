use anyhow::Context as _;

use super::{Call, Failure, Outcome, Trigger};
use crate::model::allowed::Allowed;

/// What a part's turns may want: the dialogs that it handles, and posts that the server takes.
pub(crate) struct Forms {
    allowed: Allowed,
    part: String,
    submitted: Vec<String>,
    cancelled: Vec<String>,
}

impl Forms {
    /// Of the part of this name, whose handlers answer to these.
    pub fn of<'a>(part: &str, triggers: impl Iterator<Item = &'a Trigger>, call: &Call) -> Self {
        let mut forms = Self {
            allowed: call.services.directory.allowed(),
            part: part.to_owned(),
            submitted: Vec::new(),
            cancelled: Vec::new(),
        };
        for trigger in triggers {
            match trigger {
                Trigger::Dialog { form, .. } => forms.submitted.push(form.clone()),
                Trigger::Cancelled { form } => forms.cancelled.push(form.clone()),
                _ => {}
            }
        }
        forms
    }

    /// What is posted must be short enough, and a dialog that is opened must be handled; being closed is
    /// told where that is handled too.
    pub fn check(self, mut outcome: Outcome) -> Result<Outcome, Failure> {
        let said = outcome.effects.says.iter().map(|say| &say.draft.text);
        for text in said.chain(outcome.card.iter().map(|card| &card.text)) {
            let fits = self.allowed.message(text);
            fits.with_context(|| format!("what {} wants posted is too long", self.part))
                .map_err(Failure::Broken)?;
        }
        let Some((draft, _)) = &mut outcome.effects.opening else {
            return Ok(outcome);
        };
        if !self.submitted.contains(&draft.form) {
            return Err(Failure::Broken(anyhow::anyhow!(
                "{} opens the dialog {form:?} and nothing handles it: add `.dialog({form:?}, …)`",
                self.part,
                form = draft.form
            )));
        }
        if self.cancelled.contains(&draft.form) {
            draft.dialog.notify_on_cancel = Some(true);
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::Stage;
    use crate::skill::{
        Allowed, Context, Dialog, Never, Skill, Slash, State, Stateless, Submission, Turn,
    };

    async fn ask(mut cx: Context<()>, cmd: Slash) -> Turn<Stateless> {
        cx.open(
            cmd.ticket,
            Dialog::new("name", "Your name").text("name", "Name"),
        )?;
        cx.done()
    }

    #[derive(serde::Deserialize)]
    struct Form {
        name: String,
    }

    async fn greet(mut cx: Context<()>, form: Submission<Form>) -> Turn<Stateless> {
        cx.whisper(format!("Hello {}!", form.values.name));
        cx.done()
    }

    #[tokio::test]
    #[should_panic(expected = "add `.dialog(\"name\", …)`")]
    async fn a_dialog_that_nothing_handles_fails_the_turn_that_opens_it() {
        let mut stage = Stage::new(Skill::stateless("greet").slash("greet", "", ask));
        stage.slash("ann", "/greet").await;
    }

    #[tokio::test]
    async fn a_dialog_of_a_new_slot_comes_back() {
        let skill = Skill::stateless("greet")
            .slash("greet", "", ask)
            .dialog_begins("name", greet);
        let mut stage = Stage::new(skill);
        stage.slash("ann", "/greet").await;
        assert_eq!(stage.dialog("ann").unwrap().notify_on_cancel, None);
        stage.submit("ann", &[("name", "Ann")]).await;
        assert_eq!(stage.whisper("ann"), "Hello Ann!");
    }

    async fn calls(mut cx: Context<()>, cmd: Slash) -> Turn<Stateless> {
        cx.open(cmd.ticket, Dialog::new("name", cmd.text).text("n", "N"))?;
        cx.say("opened");
        cx.done()
    }

    #[tokio::test]
    #[should_panic(expected = "the dialog \"name\": dialog title has 26 bytes, the limit is 24")]
    async fn a_title_that_is_too_long_for_the_server_fails_the_turn() {
        let skill = Skill::stateless("greet")
            .slash("greet", "", calls)
            .dialog_begins("name", greet);
        let mut stage = Stage::new(skill);
        stage.slash("ann", "/greet xxxxxxxxxxxxxxxxxxxxxxxx").await;
        assert_eq!(stage.posts(), ["opened"]);
        stage.slash("ann", "/greet äääääääääääää").await;
    }

    #[tokio::test]
    #[should_panic(expected = "what greet wants posted is too long: message has 6 characters")]
    async fn a_post_that_is_too_long_for_the_server_fails_the_turn() {
        let skill = Skill::stateless("greet")
            .slash("greet", "", calls)
            .dialog_begins("name", greet);
        let mut stage = Stage::new(skill);
        stage.allows(Allowed::default().with_message_chars(5));
        stage.slash("ann", "/greet Ann").await;
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Asked;
    impl State for Asked {
        const NAME: &'static str = "asked";
        type Button = Never;
        type Signal = Never;
    }

    async fn ask_and_keep(mut cx: Context<()>, cmd: Slash) -> Turn<Asked> {
        cx.open(
            cmd.ticket,
            Dialog::new("name", "Your name").text("name", "Name"),
        )?;
        cx.begin(Asked)
    }

    #[tokio::test]
    async fn a_dialog_whose_closing_is_handled_asks_to_be_told() {
        let skill = Skill::plain()
            .slash("greet", "", ask_and_keep)
            .dialog("name", |cx: Context<Asked>, _: Submission<Form>| async {
                cx.end()
            })
            .cancelled("name", |mut cx: Context<Asked>| async {
                cx.say("Never mind.");
                cx.end()
            });
        let mut stage = Stage::new(skill);
        stage.slash("ann", "/greet").await;
        stage.cancels("ann").await;
        assert_eq!(stage.posts(), ["Never mind."]);
        assert_eq!(stage.states::<Asked>(), 0);
        stage.slash("ann", "/greet").await;
        stage.again().await;
        stage.submit("ann", &[("name", "Ann")]).await;
        assert_eq!(stage.states::<Asked>(), 0);
    }
}
