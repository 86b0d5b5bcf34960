use super::links::{ENDS, Linked, encoded};

/// A line that is written, in which links stay what they are: Mattermost would count a mark right
/// behind one to it, so that such a link stands in `<…>`.
pub(super) struct LinkLine<'a> {
    pub text: &'a mut String,
    /// Where the last link stands.
    link: std::ops::Range<usize>,
}

impl<'a> LinkLine<'a> {
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

    /// Code: for the server and for apps a link goes on to the next space, over the ticks that begin it.
    pub fn code(&mut self, code: &str) {
        let space = |c: char| c.is_ascii_whitespace();
        let word = self.text.rsplit(space).next().unwrap_or_default();
        if may_be_link(word) || begins_other(word, code) {
            self.text.push(' ');
        }
        self.text.push_str(code);
    }

    fn frame(&mut self) {
        let after = self.text.split_off(self.link.end);
        let link = self.text.split_off(self.link.start);
        let bare = self.text.trim_end_matches('\\');
        let escapes = (self.text.len() - bare.len()) % 2 == 1;
        if link.contains("://") || link.starts_with("www") {
            if escapes {
                self.text.push('\\');
            }
            // With an `@` it would be taken for an address of mail, and with a bar for one of
            // Slack's links; apps need a scheme.
            let link = encoded(&link).replace('|', "%7C");
            let scheme = if link.contains("://") { "" } else { "http://" };
            self.text.extend(["<", scheme, &link, ">"]);
        } else if link.starts_with("mailto:") && link.contains('@') && !escapes {
            self.text.extend(["<", &link, ">"]);
        } else {
            let apart = match link.contains(':') {
                true => link.replacen(':', ":\u{200b}", 1),
                false => link.replacen('/', "\u{200b}/", 1),
            };
            self.text.push_str(&apart);
        }
        self.text.push_str(&after);
        self.link = 0..0;
    }
}

/// Whether a word may hold a link that begins somewhere in it, for any client.
fn may_be_link(word: &str) -> bool {
    let host = word.split_once('/').map_or("", |(host, _)| host);
    let parts = host.split('.').filter(|part| !part.is_empty());
    word.contains("//") || word.to_ascii_lowercase().contains("www") || parts.count() > 1
}

/// Whether apps take the ticks that code begins with for a part of something else: of a face, `` :`( ``, or
/// of an address of mail, which may hold some.
fn begins_other(word: &str, code: &str) -> bool {
    let inside = code.trim_start_matches('`');
    let eyes = word.ends_with(':') && (inside.starts_with('(') || inside.starts_with("-("));
    let local = |c: char| c.is_alphanumeric() || ".!#$%&'*+/=?^_{|}~-".contains(c);
    let begin = inside.split(char::is_whitespace).next().unwrap_or_default();
    eyes || word.ends_with(local) && begin.find('@').is_some_and(|at| at > 0)
}
