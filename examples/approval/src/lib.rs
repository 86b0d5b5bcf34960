//! A bot that asks one person for a decision.
//!
//! ```text
//! ann:  /approve "Deploy 1.2?" @ben
//! bot:  Deploy 1.2?
//!       ann asks @ben  [Approve] [Reject]
//! ben:  presses [Reject], and says why in a dialog
//! bot:  Deploy 1.2?
//!       Rejected by ben: It is Friday.
//! bot → ann:  ben has rejected “Deploy 1.2?”: It is Friday.
//! ```

use std::time::Duration;

use matteractor::prelude::*;
use serde::{Deserialize, Serialize};

/// After this time without a decision the person is reminded, once.
pub const REMINDER: Duration = Duration::from_secs(4 * 3600);
/// How long a card's buttons are answered.
const REMEMBERED: Duration = Duration::from_secs(90 * 24 * 3600);

const USAGE: &str = r#""What?" @who"#;

/// What one card is about.
#[derive(Serialize, Deserialize)]
pub struct Approval {
    what: String,
    asked_by: Person,
    decides: Person,
    decision: Option<Decision>,
}

#[derive(Serialize, Deserialize)]
enum Decision {
    Approved,
    Rejected { reason: String },
}

/// A card's buttons.
#[derive(Serialize, Deserialize)]
pub enum Press {
    Approve,
    Reject,
}

/// What a timer says.
#[derive(Serialize, Deserialize)]
pub enum Signal {
    Remind,
}

impl State for Approval {
    const NAME: &'static str = "approval";
    type Button = Press;
    type Signal = Signal;
}

/// The dialog's one field.
#[derive(Deserialize)]
struct Rejection {
    reason: String,
}

pub fn skill() -> Skill<Approval> {
    Skill::card(view)
        .about("asks a person for a decision")
        .slash("approve", USAGE, ask)
        .click(press)
        .dialog("reject", reject)
        .signal(remind)
}

async fn ask(cx: Context<()>, cmd: Slash) -> Turn<Approval> {
    let words = cmd.words()?;
    let [what, who] = words.as_slice() else {
        return cx.refuse(format!("Try `/approve {USAGE}`."));
    };
    let name = who.trim_start_matches('@');
    let Some(id) = cmd.people.get(name) else {
        return cx.refuse(format!("There is nobody called {}.", escape(who)));
    };
    let mut cx = cx.with(Approval {
        what: what.clone(),
        asked_by: cmd.by,
        decides: Person {
            id: *id,
            name: name.to_owned(),
        },
        decision: None,
    });
    cx.after("reminder", REMINDER, Signal::Remind)?;
    cx.expire_after(REMEMBERED);
    cx.keep()
}

async fn press(mut cx: Context<Approval>, click: Click<Press>) -> Turn<Approval> {
    cx.state.may_decide(&click.by)?;
    match click.button {
        Press::Approve => decide(cx, Decision::Approved),
        Press::Reject => {
            let dialog = Dialog::new("reject", "Reject")
                .intro(format!("**{}**", escape(&cx.state.what)))
                .submit_label("Reject")
                .text("reason", "Why?");
            cx.open(click.ticket, dialog)?;
            cx.keep()
        }
    }
}

async fn reject(cx: Context<Approval>, form: Submission<Rejection>) -> Turn<Approval> {
    cx.state.may_decide(&form.by)?;
    let reason = form.values.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Failure::field("reason", "A word or two, please."));
    }
    decide(cx, Decision::Rejected { reason })
}

fn decide(mut cx: Context<Approval>, decision: Decision) -> Turn<Approval> {
    let Approval { what, decides, .. } = &cx.state;
    let (who, what) = (escape(&decides.name), escape(what));
    let told = match &decision {
        Decision::Approved => format!("{who} has approved “{what}”."),
        Decision::Rejected { reason } => {
            format!("{who} has rejected “{what}”: {}", escape(reason))
        }
    };
    let asked_by = cx.state.asked_by.id;
    cx.say_to(&asked_by, told);
    cx.cancel("reminder");
    cx.state.decision = Some(decision);
    cx.keep()
}

async fn remind(mut cx: Context<Approval>, Signal::Remind: Signal) -> Turn<Approval> {
    let Approval { what, asked_by, .. } = &cx.state;
    let text = format!("{} still waits: “{}”", escape(&asked_by.name), escape(what));
    let decides = cx.state.decides.id;
    cx.say_to(&decides, text);
    cx.keep()
}

impl Approval {
    fn may_decide(&self, person: &Person) -> Result<(), Failure> {
        if person.id != self.decides.id {
            let who = escape(&self.decides.name);
            return Err(Failure::refuse(format!("Only {who} can decide this.")));
        }
        match self.decision {
            None => Ok(()),
            Some(_) => Err(Failure::refuse("This is decided.")),
        }
    }
}

fn view(approval: &Approval) -> Card<Press> {
    let Approval {
        asked_by, decides, ..
    } = approval;
    let card = Card::new(format!("**{}**", escape(&approval.what)));
    let who = escape(&decides.name);
    match &approval.decision {
        // The name as it is: it shall be a mention, so that the person hears of it.
        None => card
            .body(format!("{} asks @{}", escape(&asked_by.name), decides.name))
            .styled("Approve", Style::Success, Press::Approve)
            .styled("Reject", Style::Danger, Press::Reject),
        Some(Decision::Approved) => card.body(format!("Approved by {who}")).color("good"),
        Some(Decision::Rejected { reason }) => card
            .body(format!("Rejected by {who}: {}", escape(reason)))
            .color("danger"),
    }
}
