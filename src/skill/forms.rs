use super::invoke::Typed;
use super::{Failure, Outcome, State, Trigger};

/// The dialogs that a part handles.
pub(crate) struct Forms {
    part: String,
    submitted: Vec<String>,
    cancelled: Vec<String>,
}

impl Forms {
    pub fn of<S: State>(part: &Typed<S>) -> Self {
        let mut forms = Self {
            part: part.name.clone(),
            submitted: Vec::new(),
            cancelled: Vec::new(),
        };
        for (trigger, _) in &part.handlers {
            match trigger {
                Trigger::Dialog { form, .. } => forms.submitted.push(form.clone()),
                Trigger::Cancelled { form } => forms.cancelled.push(form.clone()),
                _ => {}
            }
        }
        forms
    }

    /// A dialog that is opened must be handled; being closed is told where that is handled too.
    pub fn check(self, mut outcome: Outcome) -> Result<Outcome, Failure> {
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
    use crate::skill::{
        Context, Dialog, Never, Skill, Slash, Stage, State, Stateless, Submission, Turn,
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
