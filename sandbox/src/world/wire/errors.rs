//! The errors that a Mattermost server answers with. Ids and statuses are those of the recordings.

use bytes::Bytes;
use serde_json::json;

/// An error answer: `{"id","message","detailed_error","request_id","status_code"}`.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The HTTP status, also in the body.
    pub status: u16,
    /// What programs may switch on, e.g. `api.context.permissions.app_error`.
    pub id: String,
    /// What people read.
    pub message: String,
    /// What developers read.
    pub detail: String,
    /// Errors of the router itself (unknown pages) carry no request id.
    pub request_id: bool,
}

impl Refusal {
    /// An error without detail.
    pub fn new(status: u16, id: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            id: id.to_owned(),
            message: message.into(),
            detail: String::new(),
            request_id: true,
        }
    }

    /// The same error with a detail.
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// 403: the person lacks `permission`.
    pub fn forbidden(user: &str, permission: &str) -> Self {
        let text = "You do not have the appropriate permissions.";
        Self::new(403, "api.context.permissions.app_error", text)
            .because(format!("userId={user}, permission={permission}"))
    }

    /// 401: no token, or one that the server doesn't know.
    pub fn session(token: Option<&str>) -> Self {
        let text = "Invalid or expired session, please login again.";
        Self::new(401, "api.context.session_expired.app_error", text)
            .because(token.map_or("UserRequired".to_owned(), |t| format!("token={t}")))
    }

    /// 400: the body, or a field of it, is missing or broken.
    pub fn body(what: &str) -> Self {
        let text = format!("Invalid or missing {what} in request body.");
        Self::new(400, "api.context.invalid_body_param.app_error", text)
    }

    /// 400: a part of the path or query is malformed.
    pub fn url(what: &str) -> Self {
        let text = format!("Invalid or missing {what} parameter in request URL.");
        Self::new(400, "api.context.invalid_url_param.app_error", text)
    }

    /// 404: the server has no such page.
    pub fn page(path: &str) -> Self {
        let text = "Sorry, we could not find the page.";
        let mut refusal = Self::new(404, "api.context.404.app_error", text).because(format!(
            "There doesn't appear to be an api call for the url='{path}'.  \
             Typo? are you missing a team_id or user_id as part of the url?"
        ));
        refusal.request_id = false;
        refusal
    }

    /// 500: another request with the same `pending_post_id` isn't done yet.
    pub fn in_flight() -> Self {
        let text = "Rejected post since another client is making the same request.";
        Self::new(500, "api.post.deduplicate_create_post.pending", text)
    }

    /// 500: the post that a `pending_post_id` made is deleted.
    pub fn repeats_deleted() -> Self {
        let text = "Failed to fetch original post after deduplicating a client repeating the same request.";
        Self::new(500, "api.post.deduplicate_create_post.failed_to_get", text)
    }

    /// 413: the body is over `MaximumPayloadSizeBytes`.
    pub fn too_large() -> Self {
        let text = "Unable to process request. Request body too large.";
        Self::new(413, "api.context.request_body_too_large.app_error", text)
            .because("Use the setting `MaximumPayloadSizeBytes` in Mattermost config")
    }

    /// 404: no post with this id.
    pub fn post(id: &str) -> Self {
        Self::new(404, "app.post.get.app_error", "Unable to get the post.")
            .because(format!("resource \"Post\" not found, id: {id}"))
    }

    /// 404: no user with this id or name.
    pub fn user(what: &str) -> Self {
        let text = "Unable to find the user.";
        Self::new(404, "app.user.missing_account.const", text)
            .because(format!("resource \"User\" not found, id: {what}"))
    }

    /// 404: no channel with this id or name.
    pub fn channel(what: &str) -> Self {
        let text = "Unable to find the existing channel .";
        Self::new(404, "app.channel.get.existing.app_error", text)
            .because(format!("resource \"Channel\" not found, id: {what}"))
    }

    /// 404: no team with this id or name.
    pub fn team(what: &str) -> Self {
        let text = "Unable to find the existing team.";
        Self::new(404, "app.team.get.find.app_error", text)
            .because(format!("resource \"Team\" not found, id: {what}"))
    }

    /// The body of the answer; `request_id` goes in where this kind of error has one.
    pub fn body_bytes(&self, request_id: &str) -> Bytes {
        let mut body = json!({
            "id": self.id,
            "message": self.message,
            "detailed_error": self.detail,
            "status_code": self.status,
        });
        if self.request_id {
            body["request_id"] = json!(request_id);
        }
        body.to_string().into()
    }
}
