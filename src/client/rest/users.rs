//! People and bots.

use super::Rest;
use super::lists::AT_ONCE;
use crate::client::error::RestError;
use crate::model::ids::UserId;
use crate::model::user::User;

impl Rest {
    /// Whose token this is. Also keeps the WebSocket's window for a resume open, if it is called
    /// once a minute.
    pub async fn me(&self) -> Result<User, RestError> {
        self.get("/api/v4/users/me").await
    }

    /// Somebody.
    pub async fn user(&self, id: &UserId) -> Result<User, RestError> {
        self.get(&format!("/api/v4/users/{id}")).await
    }

    /// Many people, in any order; those who don't exist or can't be read are left out.
    pub async fn users_by_ids(&self, ids: &[UserId]) -> Result<Vec<User>, RestError> {
        let mut users = Vec::with_capacity(ids.len());
        for ids in ids.chunks(AT_ONCE) {
            users.extend(self.list_of("/api/v4/users/ids", &ids, "user").await?);
        }
        Ok(users)
    }
}
