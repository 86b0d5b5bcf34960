use super::links::{ENDS, Linked, encoded};

/// A line that is written, in which links stay what they are: Mattermost would count a mark right
/// behind one to it, so that such a link stands in `<…>`.
pub(super) struct Line<'a> {
    pub text: &'a mut String,
    /// Where the last link stands.
    link: std::ops::Range<usize>,
}

impl<'a> Line<'a> {
    pub fn new(text: &'a mut String) -> Self {
        Self { text, link: 0..0 }
    }

    pub fn link(&mut self, link: &Linked<'_>) {
        let start = self.text.len();
        self.text.push_str(&link.text);
        self.link = start..self.text.len();
    }

    /// Whether a link ends here, or before marks that it could go on over.
    pub fn behind_link(&self) -> bool {
        !self.link.is_empty() && self.text[self.link.end..].trim_matches(ENDS).is_empty()
    }

    /// Something that isn't as it was typed, or that could end a link for one and not for another.
    pub fn mark(&mut self, mark: &str) {
        let framed = self.text[..self.link.start].ends_with('<') && mark == ">";
        if self.behind_link() && !framed {
            self.frame();
        }
        self.text.push_str(mark);
    }

    /// Code: for the server a link goes on to the next white space, over its first tick.
    pub fn code(&mut self, code: &str) {
        if !self.link.is_empty() && !self.text[self.link.end..].contains(char::is_whitespace) {
            self.frame();
        }
        self.text.push_str(code);
    }

    fn frame(&mut self) {
        let after = self.text.split_off(self.link.end);
        let link = self.text.split_off(self.link.start);
        if link.contains("//") || link.starts_with("www") {
            // With an `@` it would be taken for an address of mail, and with a bar for one of
            // Slack's links.
            let link = encoded(&link).replace('|', "%7C");
            self.text.extend(["<", &link, ">"]);
        } else if link.starts_with("mailto:") && link.contains('@') {
            self.text.extend(["<", &link, ">"]);
        } else {
            self.text.push_str(&link.replacen(':', ":\u{200b}", 1));
        }
        self.text.push_str(&after);
        self.link = 0..0;
    }
}
