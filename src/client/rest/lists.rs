//! Lists whose entries are read alone, so that none takes the others with it.

use std::borrow::Cow;

use http::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Rest, malformed};
use crate::client::error::RestError;
use crate::model::post::PostPage;
use crate::telemetry::names;

/// How many are asked for at once by their ids: about 6 kB.
pub(super) const AT_ONCE: usize = 200;

/// A list, as far as it can be read.
pub(in crate::client) struct List<T> {
    kind: &'static str,
    pub entries: Vec<T>,
    /// How many there are, also those that can't be read.
    pub count: usize,
    /// The ids of those that can't be read, where these can.
    pub unread: Vec<String>,
}

/// What of any entry is needed to name it.
#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, alias = "user_id")]
    id: Cow<'a, str>,
}

impl<T: DeserializeOwned> List<T> {
    /// Reads a list; `kind` says of what.
    pub fn read(json: &[u8], kind: &'static str) -> Result<Self, RestError> {
        let raw: Vec<&RawValue> = serde_json::from_slice(json)
            .map_err(|error| RestError::Malformed(error.to_string()))?;
        let mut list = Self::empty(kind);
        raw.into_iter().for_each(|entry| list.read_one(entry));
        Ok(list)
    }

    pub(super) fn empty(kind: &'static str) -> Self {
        Self {
            kind,
            entries: Vec::new(),
            count: 0,
            unread: Vec::new(),
        }
    }

    /// All that was read so far, for who goes on.
    pub(super) fn taken(&mut self) -> Self {
        let kind = self.kind;
        std::mem::replace(self, Self::empty(kind))
    }

    /// Another entry.
    pub(super) fn read_one(&mut self, entry: &RawValue) {
        match serde_json::from_str(entry.get()) {
            Ok(entry) => {
                self.count += 1;
                self.entries.push(entry);
            }
            Err(error) => {
                let named: Option<Named<'_>> = serde_json::from_str(entry.get()).ok();
                let id = named.map(|named| named.id.into_owned()).unwrap_or_default();
                self.pass_over(id, &error.to_string());
            }
        }
    }

    /// Another one, of which no more can be read than its id.
    pub(super) fn pass_over(&mut self, id: String, why: &str) {
        passed_over(self.kind, &id, why);
        self.count += 1;
        self.unread.push(id);
    }
}

/// The id of an entry whose end is missing: Mattermost writes it first.
pub(super) fn id_at_the_beginning(part: &[u8]) -> String {
    let part = String::from_utf8_lossy(&part[..part.len().min(256)]);
    let id = part
        .split_once("\"id\":\"")
        .and_then(|(_, id)| id.split_once('"'));
    id.map_or_else(String::new, |(id, _)| id.to_owned())
}

impl Rest {
    /// What is listed for some ids: a read in spite of its method.
    pub(super) async fn list_of<T: DeserializeOwned>(
        &self,
        path: &str,
        ids: &impl Serialize,
        kind: &'static str,
    ) -> Result<Vec<T>, RestError> {
        self.budget().wait().await;
        let body = self.send_bytes(Method::POST, path, ids).await?;
        Ok(List::read(&body, kind)?.entries)
    }

    /// Reads a list of posts.
    pub(super) async fn page(&self, path: &str) -> Result<PostPage, RestError> {
        let body = self.get_bytes(path).await?;
        let page = PostPage::read(&body).map_err(|error| malformed(path, &error))?;
        for (id, error) in &page.unread {
            passed_over("post", id, error);
        }
        Ok(page)
    }
}

/// For the admin: an entry that can't be read is passed over.
fn passed_over(kind: &'static str, id: &str, error: &str) {
    metrics::counter!(names::UNREADABLE, "kind" => kind).increment(1);
    tracing::warn!(
        kind,
        id,
        error,
        "an entry of a list can't be read; it is passed over"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::channel::{ChannelMember, ListedChannel};
    use crate::model::user::User;

    const ANN: &str = "9g66xk3awbfjf8rea197dhw1ba";
    const BEN: &str = "5tt4cgq3fjnq7dnt1qyor8y6nh";

    fn list<T: DeserializeOwned>(entries: &[String]) -> List<T> {
        let json = format!("[{}]", entries.join(","));
        List::read(json.as_bytes(), "user").unwrap()
    }

    #[test]
    fn an_entry_that_cannot_be_read_takes_no_other_one_with_it() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let good = format!(r#"{{"id":"{ANN}","username":"ann"}}"#);
        let bad = [
            format!(r#"{{"id":"{BEN}","username":7}}"#),
            format!(r#"{{"id":"{BEN}","username":"ben","props":{deep}}}"#),
        ];
        for bad in bad {
            let users: List<User> = list(&[bad, good.clone()]);
            assert_eq!((users.entries.len(), users.count), (1, 2));
            assert_eq!(users.unread, [BEN]);
        }
        let users: List<User> = list(&[good, "7".into(), "null".into()]);
        assert_eq!((users.entries.len(), users.unread.len()), (1, 2));
        let member = format!(r#"{{"channel_id":"{ANN}","user_id":"{BEN}"}}"#);
        let members: List<ChannelMember> = list(&[format!(r#"{{"user_id":"{ANN}"}}"#), member]);
        assert_eq!(
            (members.entries.len(), members.unread),
            (1, vec![ANN.into()])
        );
        let channel = format!(r#"{{"id":"{ANN}","type":"O","props":{deep}}}"#);
        let channels: List<ListedChannel> = list(&[format!(r#"{{"id":"{BEN}"}}"#), channel]);
        assert_eq!(
            (channels.entries.len(), channels.unread),
            (1, vec![BEN.into()])
        );
    }
}
