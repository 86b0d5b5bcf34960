//! Commands without a token. The signature proves who calls and when, and nothing else: the form may
//! be the caller's own. What it says is asked of the server, or left out.

use std::time::Duration;

use super::callers::Stranger;
use super::refusals::Refusal;
use crate::client::error::RestError;
use crate::client::witness::{Attendance, Witness};
use crate::model::channel::ChannelType;
use crate::model::ids::{ChannelId, UserId};
use crate::model::slash::{Mention, SlashRequest};
use crate::model::user::User;
use crate::sentences::commands;
use crate::time::{sleep, timeout};
use crate::turns::Memberships;

/// How many mentions are looked at; the others mean nobody.
const PEOPLE: usize = 200;
const CHANNELS: usize = 10;

/// How often it is looked whether the bot has come.
const GLANCE: Duration = Duration::from_millis(20);

/// Who can say what a signature doesn't prove.
#[derive(Clone, Debug)]
pub struct Proofs {
    /// Asks the server; `None` without an account.
    pub witness: Option<Witness>,
    /// How long that may take: a part of the budget for answers.
    pub patience: Duration,
}

impl Proofs {
    /// The command with nothing in it that its caller could have made up.
    pub(super) async fn proven(
        &self,
        slash: SlashRequest,
        memberships: &Memberships,
    ) -> Result<SlashRequest, Refusal> {
        let Some(witness) = &self.witness else {
            return Err(unproven(commands::unchecked(&shown(&slash.command))));
        };
        let asked = timeout(self.patience, testified(witness, slash, memberships)).await;
        asked.unwrap_or_else(|_| Err(later("it takes too long")))
    }
}

async fn testified(
    witness: &Witness,
    mut slash: SlashRequest,
    memberships: &Memberships,
) -> Result<SlashRequest, Refusal> {
    let (asker, place) = (slash.user_id, slash.channel_id);
    let here = memberships.known(&place).is_some();
    let standing = witness.standing(&place, &asker, here).await;
    match standing.map_err(unanswered)? {
        Attendance::Both => {}
        Attendance::Stranger => return Err(Stranger::Absent.into()),
        Attendance::Blind => return Err(unseen(&slash, memberships)),
    }
    // Else a card would be the answer, with its envelopes, to a caller that may be no Mattermost.
    // The WebSocket says a moment later that the bot was invited.
    while !memberships.can_post(&place) {
        sleep(GLANCE).await;
    }
    let asked = witness.user(&asker, &asker).await;
    slash.user_name = asked.map_err(unanswered)?.username.clone();
    let channel = witness.channel(&asker, &place).await.map_err(unanswered)?;
    slash.channel_name.clone_from(&channel.name);
    slash.team_id = channel.team_id;
    slash.team_domain.clear();
    if let Some(root) = slash.root_id {
        let (at, root) = witness.root(&asker, &root).await.map_err(unanswered)?;
        if at != place {
            return Err(Stranger::Absent.into());
        }
        slash.root_id = Some(root);
    }
    slash.user_mentions = people(witness, &asker, slash.user_mentions).await?;
    slash.channel_mentions = channels(witness, &slash).await?;
    // Whatever would go there goes to the person directly.
    slash.response_url.clear();
    slash.extra.clear();
    Ok(slash)
}

/// The bot can't see who is there, for it isn't there itself.
fn unseen(slash: &SlashRequest, memberships: &Memberships) -> Refusal {
    let (bot, command) = (&memberships.name(), &shown(&slash.command));
    unproven(match is_conversation(&slash.channel_name) {
        true => commands::unchecked_in_conversation(command, bot),
        false => commands::unchecked_in_channel(command, bot),
    })
}

/// A direct or a group message, by its name: two ids, or a hash. It chooses a sentence, no more.
fn is_conversation(name: &str) -> bool {
    name.contains("__") || name.len() == 40 && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A command's name, as far as it may be repeated to its caller.
fn shown(command: &str) -> String {
    let plain = |c: &char| c.is_ascii_alphanumeric() || "_./-".contains(*c);
    let name: String = command.chars().filter(plain).take(64).collect();
    format!("/{}", name.trim_start_matches('/'))
}

/// The people whose names are theirs.
async fn people(
    witness: &Witness,
    asker: &UserId,
    mut said: Vec<Mention<UserId>>,
) -> Result<Vec<Mention<UserId>>, Refusal> {
    said.truncate(PEOPLE);
    let ids: Vec<UserId> = said.iter().map(|mention| mention.id).collect();
    let known = witness.users(asker, &ids).await.map_err(unanswered)?;
    said.retain(|mention| {
        let is = |user: &User| {
            user.id == mention.id && user.username.eq_ignore_ascii_case(&mention.name)
        };
        known.iter().any(|user| is(user))
    });
    Ok(said)
}

/// The public channels of this team whose names are theirs.
async fn channels(
    witness: &Witness,
    slash: &SlashRequest,
) -> Result<Vec<Mention<ChannelId>>, Refusal> {
    let mut known = Vec::new();
    for mention in slash.channel_mentions.iter().take(CHANNELS) {
        let channel = match witness.channel(&slash.user_id, &mention.id).await {
            Ok(channel) => channel,
            // One that the bot may not see.
            Err(RestError::Refused { .. }) => continue,
            Err(error) => return Err(unanswered(error)),
        };
        let public = channel.kind == ChannelType::Open && channel.team_id == slash.team_id;
        if public && channel.name.eq_ignore_ascii_case(&mention.name) {
            known.push(mention.clone());
        }
    }
    Ok(known)
}

fn unanswered(error: RestError) -> Refusal {
    match error {
        RestError::Refused { .. } => Stranger::Absent.into(),
        error => later(&error.to_string()),
    }
}

fn later(why: &str) -> Refusal {
    Refusal::Unproven {
        sentence: commands::UNASKED.to_owned(),
        why: Some(why.to_owned()),
    }
}

fn unproven(sentence: String) -> Refusal {
    Refusal::Unproven {
        sentence,
        why: None,
    }
}
