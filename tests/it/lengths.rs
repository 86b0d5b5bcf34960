//! How long posts and the titles of dialogs may be is the server's to say.

use matteractor::sandbox::Like;
use matteractor::skill::{AnySkill, Context, Dialog, Skill, Slash, Stateless, Submission, Turn};
use matteractor::testing::{Chat, Setup};
use serde_json::Value;

async fn says(mut cx: Context<()>, slash: Slash) -> Turn<Stateless> {
    cx.say("ä".repeat(slash.text.parse()?));
    cx.done()
}

async fn titled(mut cx: Context<()>, slash: Slash) -> Turn<Stateless> {
    let dialog = Dialog::new("form", slash.text).text("why", "Why?");
    cx.open(slash.ticket, dialog)?;
    cx.done()
}

async fn filled(cx: Context<()>, _: Submission<Value>) -> Turn<Stateless> {
    cx.done()
}

fn skills() -> Vec<AnySkill> {
    let skill = Skill::stateless("long")
        .slash("says", "", says)
        .slash("titled", "", titled)
        .dialog_begins("form", filled);
    vec![skill.into()]
}

#[actix_web::test]
async fn posts_are_as_long_as_the_server_allows() {
    for (limit, fits, over) in [(4_000, 4_000, 4_001), (30_000, 20_000, 30_001)] {
        let chat = Chat::start(Setup::of(skills()).max_post_size(limit)).await;
        let ann = chat.person("ann").await.in_channel("dev");
        ann.slash(&format!("/says {over}")).await;
        let whisper = ann.whisper().await;
        assert!(whisper.contains("nothing was changed"), "{whisper}");
        ann.slash(&format!("/says {fits}")).await;
        ann.sees(&"ä".repeat(fits)).await;
        ann.sees_no(&"ä".repeat(fits + 1)).await;
        chat.end().await;
    }
}

#[actix_web::test]
async fn a_dialogs_title_is_as_long_as_the_servers_version_allows() {
    let (bytes, umlauts) = ("x".repeat(24), "ä".repeat(13));
    for (like, long) in [(Like::V11_10, false), (Like::V12_0, true)] {
        let chat = Chat::start(Setup::of(skills()).like(like)).await;
        let ann = chat.person("ann").await.in_channel("dev");
        ann.slash(&format!("/titled {bytes}")).await;
        assert_eq!(ann.dialog().await.title(), bytes);
        ann.slash(&format!("/titled {umlauts}")).await;
        if long {
            assert_eq!(ann.dialog().await.title(), umlauts);
        } else {
            let whisper = ann.whisper().await;
            assert!(whisper.contains("say the id"), "{whisper}");
        }
        chat.end().await;
    }
}
