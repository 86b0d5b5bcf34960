use bytes::Bytes;
use http::{Response, Uri};
use serde::de::DeserializeOwned;

use crate::client::error::RestError;
use crate::model::server::StatusOk;

/// An answer with a status of success, which may yet be somebody else's: a login page has 200, too.
pub(super) struct Success {
    pub uri: Uri,
    pub answer: Response<Bytes>,
}

impl Success {
    /// The body as what was asked for.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, RestError> {
        let body = self.answer.body();
        serde_json::from_slice(body)
            .map_err(|why| RestError::of_success(&self.uri, self.answer.status(), body, &why))
    }

    /// Whether it says that all is well, as Mattermost does: `ok`, or `{"status":"OK"}`.
    pub fn is_ok(&self) -> Result<(), RestError> {
        let body = self.answer.body().trim_ascii();
        let said = serde_json::from_slice::<StatusOk>(body);
        if body == b"ok" || said.is_ok_and(|said| said.status == "OK") {
            return Ok(());
        }
        Err(self.foreign())
    }

    /// Where the body is JSON of others.
    pub fn foreign(&self) -> RestError {
        RestError::of_stranger(&self.uri, &self.answer)
    }
}
