//! Uploaded files.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::world::World;
use crate::world::wire::errors::Refusal;
use crate::world::wire::rest::{Question, Replied, Reply};

/// The largest file (`MaxFileSize`).
const MAX_FILE: usize = 100 * 1024 * 1024;

/// An uploaded file.
#[derive(Debug, Clone)]
pub struct File {
    id: String,
    user_id: String,
    channel_id: String,
    create_at: i64,
    name: String,
    body: Bytes,
}

impl File {
    /// As the server describes it.
    pub fn info(&self) -> Value {
        let extension = self.name.rsplit_once('.').map_or("", |(_, end)| end);
        json!({
            "id": self.id, "user_id": self.user_id, "channel_id": self.channel_id,
            "create_at": self.create_at, "update_at": self.create_at, "delete_at": 0,
            "name": self.name, "extension": extension, "size": self.body.len(),
            "mime_type": self.kind(), "mini_preview": null, "remote_id": "", "archived": false,
        })
    }

    fn kind(&self) -> &'static str {
        match self.name.rsplit_once('.').map(|(_, end)| end) {
            Some("txt" | "md" | "log") => "text/plain; charset=utf-8",
            Some("csv") => "text/csv; charset=utf-8",
            Some("json") => "application/json",
            Some("png") => "image/png",
            Some("jpg" | "jpeg") => "image/jpeg",
            Some("pdf") => "application/pdf",
            _ => "application/octet-stream",
        }
    }
}

impl World {
    /// Of these files the ones that `me` uploaded to this channel.
    pub(in crate::world) fn unattached(
        &self,
        ids: &[String],
        me: &str,
        channel_id: &str,
    ) -> Vec<String> {
        let mine = |id: &&String| {
            let file = self.files.get(*id);
            file.is_some_and(|file| file.user_id == me && file.channel_id == channel_id)
        };
        ids.iter().filter(mine).cloned().collect()
    }

    fn readable_file(&self, q: &Question, id: &str) -> Result<&File, Refusal> {
        let me = q.me()?;
        let file = self.files.get(id).ok_or_else(|| {
            Refusal::new(
                404,
                "app.file_info.get.app_error",
                "Unable to get the file info.",
            )
        })?;
        if !self.may_read(&file.channel_id, me) {
            return Err(Refusal::forbidden(me, "read_channel_content"));
        }
        Ok(file)
    }
}

/// `POST /files`: the bytes alone (`?channel_id=&filename=`), or as `multipart/form-data`
pub fn upload(world: &mut World, q: &Question) -> Replied {
    let me = q.me()?.to_owned();
    let parts = if q.content_type == "multipart/form-data" {
        multipart(&q.body)
    } else {
        let name = q.param("filename").unwrap_or("").to_owned();
        vec![("files".to_owned(), name, q.body.clone())]
    };
    let field = parts.iter().find(|(field, ..)| field == "channel_id");
    let channel_id = match field {
        Some((.., body)) => String::from_utf8_lossy(body).into_owned(),
        None => q.param("channel_id").unwrap_or("").to_owned(),
    };
    if !world.is_member(&channel_id, &me) && !world.is_admin(&me) {
        return Err(Refusal::forbidden(&me, "upload_file"));
    }
    let mut infos = Vec::new();
    for (_, name, body) in parts.into_iter().filter(|(field, ..)| field == "files") {
        if name.is_empty() || body.len() > MAX_FILE {
            return Err(Refusal::new(
                413,
                "api.file.upload_file.too_large_detailed.app_error",
                "Unable to upload file.",
            ));
        }
        let file = File {
            id: world.ids.mint(),
            user_id: me.clone(),
            channel_id: channel_id.clone(),
            create_at: q.now,
            name,
            body,
        };
        infos.push(file.info());
        world.files.insert(file.id.clone(), file);
    }
    Reply::created(json!({"file_infos": infos, "client_ids": null}))
}

/// `GET /files/{id}`
pub fn get(world: &World, q: &Question, id: &str) -> Replied {
    let file = world.readable_file(q, id)?;
    Ok(Reply::File(file.kind().to_owned(), file.body.clone()))
}

/// `GET /files/{id}/info`
pub fn info(world: &World, q: &Question, id: &str) -> Replied {
    Reply::ok(world.readable_file(q, id)?.info())
}

/// (field, file name, body) of every part. The boundary is the body's own first line.
pub(in crate::world) fn multipart(body: &Bytes) -> Vec<(String, String, Bytes)> {
    let Some(end) = find(body, b"\r\n") else {
        return Vec::new();
    };
    let boundary = [b"\r\n", &body[..end]].concat();
    let mut parts = Vec::new();
    let mut rest = body.slice(end..);
    while let Some(length) = find(&rest, &boundary) {
        let part = rest.slice(..length);
        rest = rest.slice(length + boundary.len()..);
        let Some(head_end) = find(&part, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&part[..head_end]).into_owned();
        let value = |key: &str| {
            let (_, after) = head.split_once(&format!("{key}=\""))?;
            after.split('"').next().map(str::to_owned)
        };
        let name = value("; name").unwrap_or_default();
        parts.push((
            name,
            value("filename").unwrap_or_default(),
            part.slice(head_end + 4..),
        ));
    }
    parts
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multipart_body_falls_into_its_parts() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"channel_id\"\r\n\r\nc1\r\n\
            --x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\
            Content-Type: text/plain\r\n\r\nhello\r\n\r\n--x--\r\n";
        let parts = multipart(&Bytes::from(body));
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0].2, "c1");
        assert_eq!(
            (parts[1].1.as_str(), &parts[1].2[..]),
            ("a.txt", &b"hello\r\n"[..])
        );
    }
}
