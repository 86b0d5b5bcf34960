//! What the bot can do, in its own words.
//!
//! ```text
//! ann (to the bot):  help
//! bot:               This is what I can do:
//!                    - `/poll "Question" "A" "B" …` asks a question, with a button for each answer
//! ann (to the bot):  what?
//! bot:               I don't know what to do with that. Say `help`, and I'll tell what I can do.
//! ben (in ~dev):     @bot how do I make a poll?
//! bot (in a thread): I don't know what to do with that. Write `@bot help`, and I'll tell what I can do.
//! ben:               /poll help
//!                    (only ben) `/poll "Question" "A" "B" …` asks a question, …
//! ```

use serde::Deserialize;

use crate::skill::{
    AnySkill, Context, Entry, Misconfigured, Place, Post, Skill, Stateless, Table, Turn,
};

const HINT: &str = "I don't know what to do with that. Say `help`, and I'll tell what I can do.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Settings {
    hint: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { hint: true }
    }
}

/// `help` to the bot, and `/trigger help`. Settings: `hint`, at first true: whether somebody who
/// writes to the bot what no skill hears, directly or with its mention, is told of it.
pub fn skill(table: &Table) -> Result<AnySkill, Misconfigured> {
    let Settings { hint } = table.decode()?;
    let skill = Skill::stateless("help")
        .about("tells what the bot can do")
        .help(help);
    Ok(match hint {
        true => skill.otherwise(wonder).mentioned(point),
        false => skill,
    }
    .into())
}

async fn help(mut cx: Context<()>, trigger: Option<String>) -> Turn<Stateless> {
    let entries = cx.entries().iter();
    match trigger {
        Some(trigger) => {
            let of_it = entries.filter(|e| e.trigger.as_deref() == Some(&trigger));
            let lines: Vec<_> = of_it.map(line).collect();
            cx.whisper(lines.join("\n"));
        }
        None => {
            let lines: Vec<_> = entries.map(|entry| format!("- {}", line(entry))).collect();
            let text = match lines.is_empty() {
                true => "I have no commands; I only listen.".into(),
                false => format!("This is what I can do:\n{}", lines.join("\n")),
            };
            match cx.place() {
                Place::Direct(_) => cx.reply(text),
                _ => cx.reply_in_thread(text),
            }
        }
    }
    cx.done()
}

async fn wonder(mut cx: Context<()>, _: Post) -> Turn<Stateless> {
    cx.reply(HINT);
    cx.done()
}

async fn point(mut cx: Context<()>, _: Post) -> Turn<Stateless> {
    let help = format!("{} help", cx.bot());
    cx.reply_in_thread(format!(
        "I don't know what to do with that. Write `{help}`, and I'll tell what I can do."
    ));
    cx.done()
}

fn line(entry: &Entry) -> String {
    // A tick would end the code that the usage is shown as.
    let usage = entry.usage.replace('`', "'");
    format!("`{usage}` {}", entry.about).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::Stage;

    async fn greet(mut cx: Context<()>, _: Post) -> Turn<Stateless> {
        cx.reply("Hello!");
        cx.done()
    }

    fn stage_with(help: AnySkill) -> Stage {
        let poll = crate::skills::poll::skill(&Table::default()).unwrap();
        let greeter = Skill::stateless("greeter")
            .about("says hello")
            .command("greet", "NAME", greet)
            .hears("(?i)hello", greet);
        Stage::with(vec![help, poll, greeter.into()])
    }

    fn stage() -> Stage {
        stage_with(skill(&Table::default()).unwrap())
    }

    const ALL: &str = "This is what I can do:\n\
        - `/poll \"Question\" \"A\" \"B\" … [--multiple] [--anonymous] [--fixed] [--until 2h]` asks a question, \
        with a button for each answer\n\
        - `greet NAME` says hello";

    #[tokio::test]
    async fn help_in_the_direct_channel_lists_all_commands() {
        let mut stage = stage();
        stage.tells("ann", "Help").await;
        assert_eq!(stage.posts_to("ann"), [ALL]);
    }

    #[tokio::test]
    async fn help_behind_a_mention_is_given_in_a_thread() {
        let mut stage = stage();
        stage.mentions("ann", "help").await;
        assert_eq!(stage.thread_posts(), [ALL]);
        stage.mentions("ann", "").await;
        assert_eq!(stage.thread_posts().len(), 2);
    }

    #[tokio::test]
    async fn help_of_a_command_is_of_that_command_and_for_one_person() {
        let mut stage = stage();
        stage.slash("ann", "/poll help").await;
        let whisper = stage.whisper("ann");
        assert!(whisper.starts_with("`/poll \"Question\""), "{whisper}");
        assert!(!whisper.contains("greet"), "{whisper}");
        assert!(stage.posts().is_empty());
    }

    #[tokio::test]
    async fn a_hint_is_given_where_nothing_else_hears_what_the_bot_is_told() {
        let mut stage = stage();
        stage.tells("ann", "hello bot").await;
        stage.tells("ann", "greet").await;
        stage.tells("ann", "what?").await;
        assert_eq!(stage.posts_to("ann"), ["Hello!", "Hello!", HINT]);
    }

    #[tokio::test]
    async fn who_mentions_the_bot_and_is_not_understood_is_pointed_to_the_help() {
        let mut stage = stage();
        stage.says("ann", "what?").await;
        stage.mentions("ann", "hello").await;
        assert_eq!(stage.posts(), ["Hello!"]);
        stage.mentions("ann", "how do I make a poll?").await;
        stage.says("ann", "And who is @bot?").await;
        let hint =
            "I don't know what to do with that. Write `@bot help`, and I'll tell what I can do.";
        assert_eq!(stage.thread_posts(), [hint, hint]);
    }

    #[tokio::test]
    async fn help_is_understood_however_it_is_typed() {
        let mut stage = stage();
        let typed = [
            "Help.",
            "help!",
            " “help” ",
            "HELP",
            "*help*",
            "`help`",
            "help?",
            "help…",
            "ｈｅｌｐ？",
            "please help",
            "help me, please!",
        ];
        for text in typed {
            stage.tells("ann", text).await;
        }
        assert_eq!(stage.posts_to("ann"), [ALL; 11]);
        stage.mentions("ann", "help?").await;
        assert_eq!(stage.thread_posts(), [ALL]);
        for text in [
            "/poll Help",
            "/poll help.",
            "/poll --help",
            "/poll \"help\"",
            "/poll help?",
            "/poll help!",
            "/poll help！",
            "/poll help please",
            "/poll ?",
            "/poll \"Lunch?\" help?",
            "/poll \"Lunch?\" help please --fixed",
            "/poll help \"Lunch?\"",
            "/poll Lunch? help",
        ] {
            stage.slash("ann", text).await;
            let whisper = stage.whisper("ann");
            assert!(whisper.starts_with("`/poll \"Question\""), "{whisper}");
        }
    }

    #[tokio::test]
    async fn the_hint_can_be_switched_off() {
        let off = serde_json::json!({"hint": false});
        let table = Table::new("help", off.as_object().unwrap().clone());
        let mut stage = stage_with(skill(&table).unwrap());
        stage.tells("ann", "what?").await;
        stage.mentions("ann", "what?").await;
        assert!(stage.posts_to("ann").is_empty() && stage.posts().is_empty());
    }

    #[tokio::test]
    async fn an_unknown_command_is_told_which_ones_there_are() {
        let mut stage = stage();
        stage.slash("ann", "/pol").await;
        let whisper = stage.whisper("ann");
        assert!(
            whisper.starts_with("`/pol` is not known here. Known is `/poll "),
            "{whisper}"
        );
    }

    #[test]
    fn an_unknown_setting_is_told() {
        let values = serde_json::json!({"hints": false});
        let table = Table::new("help", values.as_object().unwrap().clone());
        let error = skill(&table).err().unwrap().to_string();
        assert!(
            error.starts_with("[skills.help]: unknown field `hints`"),
            "{error}"
        );
    }
}
