//! The page's files, embedded.

use std::borrow::Cow;

/// A file of the page.
#[derive(Debug)]
pub(super) struct Asset {
    /// Below `/assets/`.
    pub path: &'static str,
    embedded: &'static [u8],
}

impl Asset {
    /// Its bytes; in debug builds as they are in the source folder now, so that a change shows
    /// when the page is loaded again.
    pub fn body(&self) -> Cow<'static, [u8]> {
        const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/page/assets/");
        if cfg!(debug_assertions)
            && let Ok(body) = std::fs::read(format!("{FOLDER}{}", self.path))
        {
            return body.into();
        }
        self.embedded.into()
    }

    /// Its content type, by the end of its name.
    pub fn kind(&self) -> &'static str {
        match self.path.rsplit_once('.').map_or("", |(_, end)| end) {
            "html" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        }
    }
}

/// The file at this path.
pub(super) fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

macro_rules! assets {
    ($($path:literal)*) => {
        &[$(Asset { path: $path, embedded: include_bytes!(concat!("assets/", $path)) }),*]
    };
}

const ASSETS: &[Asset] = assets! {
    "actions.js"
    "address.js"
    "api.js"
    "attachments.js"
    "center.js"
    "channels.js"
    "chat.js"
    "combobox.js"
    "completion.js"
    "composer.js"
    "confirm.js"
    "dialog.js"
    "dom.js"
    "elements.js"
    "emoji.js"
    "events.js"
    "files.js"
    "forms.css"
    "icon.svg"
    "index.html"
    "keys.js"
    "layout.css"
    "main.js"
    "markdown.js"
    "notices.js"
    "people.js"
    "post.js"
    "postlist.js"
    "posts.css"
    "reactions.js"
    "sidebar.js"
    "socket.js"
    "state.js"
    "switcher.js"
    "theme.css"
    "theme.js"
    "thread.js"
    "vendor/README.md"
    "vendor/emoji.LICENSE"
    "vendor/emoji.js"
    "vendor/highlight/LICENSE"
    "vendor/highlight/bash.js"
    "vendor/highlight/c.js"
    "vendor/highlight/core.js"
    "vendor/highlight/cpp.js"
    "vendor/highlight/css.js"
    "vendor/highlight/diff.js"
    "vendor/highlight/go.js"
    "vendor/highlight/ini.js"
    "vendor/highlight/java.js"
    "vendor/highlight/javascript.js"
    "vendor/highlight/json.js"
    "vendor/highlight/markdown.js"
    "vendor/highlight/python.js"
    "vendor/highlight/rust.js"
    "vendor/highlight/sql.js"
    "vendor/highlight/typescript.js"
    "vendor/highlight/xml.js"
    "vendor/highlight/yaml.js"
    "vendor/markdown-it.LICENSE"
    "vendor/markdown-it.js"
    "vendor/purify.LICENSE"
    "vendor/purify.js"
    "wire.css"
    "wire.js"
};

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn files(folder: &Path, found: &mut Vec<String>, root: &Path) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files(&path, found, root);
            } else {
                let inside = path.strip_prefix(root).unwrap();
                found.push(inside.to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page/assets");
        let mut found = Vec::new();
        files(&root, &mut found, &root);
        found.sort();
        let mut known: Vec<_> = ASSETS.iter().map(|asset| asset.path).collect();
        known.sort_unstable();
        assert_eq!(found, known);
    }

    #[test]
    fn the_page_writes_markup_in_one_place_only() {
        for asset in ASSETS
            .iter()
            .filter(|asset| !asset.path.starts_with("vendor/"))
        {
            let text = std::str::from_utf8(asset.embedded).unwrap();
            for word in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
            ] {
                assert!(!text.contains(word), "{word} in {}", asset.path);
            }
            for word in ["onclick=", "onerror=", "<style", "style=\""] {
                assert!(!text.contains(word), "{word} in {}", asset.path);
            }
        }
    }
}
