use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// Schemes whose addresses every client makes links of; a server may add some.
const SCHEMES: [&str; 6] = ["http", "https", "ftp", "mailto", "tel", "mattermost"];
/// Those that Mattermost's server knows, too, and looks for no mentions in.
const SERVER_SCHEMES: [&str; 5] = ["http", "https", "ftp", "mailto", "tel"];

/// What would be a mark where a client makes no link of it.
const MARKS: [char; 7] = ['*', '~', '\\', '|', '[', ']', '!'];

/// What no link ends with.
pub(super) const ENDS: [char; 12] = ['?', '!', '.', ',', ':', ';', '*', '_', '~', '\'', '"', '\\'];

/// Something in a text that Mattermost makes a link of without further marks.
pub(super) struct Linked<'a> {
    /// How many bytes of the text it is.
    pub len: usize,
    /// How it is written so that it is one link and mentions nobody: nearly always as it was.
    pub text: Cow<'a, str>,
}

/// Whether a text may hold a link at all.
pub(super) fn may_link(text: &str) -> bool {
    text.contains([':', '/', '@']) || text.contains("www") || text.contains("WWW")
}

/// The link that begins at this byte, as the web client finds it (`url` in its fork of marked, and
/// `emailRegex` in its `text_formatting`), up to what could end it for the server.
pub(super) fn link_at(text: &str, at: usize) -> Option<Linked<'_>> {
    let (before, rest) = text.split_at(at);
    let word = before.trim_end_matches('_');
    if word.ends_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    email(rest, before.chars().next_back())
        .or_else(|| of_scheme(rest, before))
        .or_else(|| bare(rest, before))
}

fn email(rest: &str, before: Option<char>) -> Option<Linked<'_>> {
    static EMAIL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let local = r"[A-Za-z0-9](?:[A-Za-z0-9.%+_-]*[A-Za-z0-9])?";
        let pattern = format!(r"^{local}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{{2,}}");
        Regex::new(&pattern).ok()
    });
    if before.is_some_and(|c| ".%+-/=".contains(c)) {
        return None;
    }
    let found = EMAIL.as_ref()?.find(rest)?;
    as_typed(&rest[..found.end()])
}

/// `scheme:…`: any scheme before `//`, the known ones before a letter as well.
fn of_scheme<'a>(rest: &'a str, before: &str) -> Option<Linked<'a>> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
    let colon = rest.find(|c| !inner(c))?;
    let scheme = &rest[..colon];
    let after = rest[colon..].strip_prefix(':')?;
    let begins = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    if !begins || !(2..=32).contains(&scheme.len()) {
        return None;
    }
    let known = SCHEMES.contains(&scheme);
    let body = |c: char| c == '/' || c == '%' || c.is_alphanumeric();
    if known && after.starts_with('/') && !after.starts_with("//") {
        return unlinked(&rest[..=colon], colon + 1);
    }
    if !(after.starts_with("//") || known && after.starts_with(body)) {
        return None;
    }
    let slashes = after.len() - after.trim_start_matches('/').len();
    let Some(end) = extent(rest, colon + 1 + slashes) else {
        return unlinked(&rest[..=colon], colon + 1);
    };
    let link = &rest[..end];
    let seen =
        SERVER_SCHEMES.contains(&scheme) && slashes == 2 && server_takes(&after[2..], before);
    // Where no client links it, marks in it would count.
    if !known && link.contains(MARKS) {
        return unlinked(&rest[..=colon], colon + 1);
    }
    if !mentions(link) {
        return as_typed(link);
    }
    match seen {
        true => as_typed(link),
        false => Some(Linked {
            len: link.len(),
            text: encoded(link).into(),
        }),
    }
}

/// `www.…`, and a host's name with a path: of the second the client makes a link only where its reading
/// begins anew, so that it may be a path as well, as in `node_modules/socket.io/my_file.js`.
fn bare<'a>(rest: &'a str, before: &str) -> Option<Linked<'a>> {
    static HOST: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:www\d{0,3}\.|[\p{L}\d][\p{L}\d.-]*\.\p{L}{2,4}/)").ok());
    let host = HOST.as_ref()?.find(rest)?.end();
    let head = rest[..host].trim_end_matches(['.', '/']);
    let Some(end) = extent(rest, host) else {
        return unlinked(head, head.len());
    };
    let link = &rest[..end];
    let www = rest.starts_with("www");
    let reads_so = match www {
        true => !link.contains('['),
        false => !has_marks(link),
    };
    if !reads_so {
        return unlinked(head, head.len());
    }
    match mentions(link) {
        false => as_typed(link),
        true => Some(Linked {
            len: link.len(),
            text: match server_takes(link, before) {
                true => format!("http://{link}").into(),
                false => encoded(link).into(),
            },
        }),
    }
}

/// Whether something in a path would have a meaning where it is no link: `_` and `~` have none within
/// words and alone.
fn has_marks(link: &str) -> bool {
    let in_word = |at: usize| {
        let (before, after) = (&link[..at], &link[at + 1..]);
        let before = before.trim_end_matches('_');
        let after = after.trim_start_matches('_');
        before.ends_with(|c: char| c.is_ascii_alphanumeric())
            && after.starts_with(char::is_alphanumeric)
    };
    let mut slanted = link.match_indices('_').filter(|(at, _)| !in_word(*at));
    let marks = MARKS.iter().filter(|mark| **mark != '~');
    marks.into_iter().any(|mark| link.contains(*mark))
        || link.contains("~~")
        || mentions(link)
        || slanted.next().is_some()
}

/// What would begin a link over marks that aren't there yet.
#[allow(clippy::unnecessary_wraps, reason = "all that make one may find none")]
fn unlinked(head: &str, len: usize) -> Option<Linked<'_>> {
    Some(Linked {
        len,
        text: format!("{head}\u{200b}").into(),
    })
}

#[allow(clippy::unnecessary_wraps, reason = "all that make one may find none")]
fn as_typed(link: &str) -> Option<Linked<'_>> {
    Some(Linked {
        len: link.len(),
        text: link.into(),
    })
}

/// Where a link ends whose part after the scheme begins at `from`; `None` where nothing follows.
fn extent(rest: &str, from: usize) -> Option<usize> {
    let mut end = from;
    while let Some(letter) = rest[end..].chars().next() {
        let after = &rest[end + letter.len_utf8()..];
        let goes_on = !after.is_empty()
            && !after.starts_with(|c: char| c.is_whitespace() || "()<>".contains(c));
        let taken = match letter {
            '(' => bracketed(&rest[end..]),
            ')' | '<' | '>' | '`' => None,
            // It would begin an image for who takes no brackets.
            '!' if after.starts_with('[') => None,
            '[' => in_brackets(&rest[end..], rest[..end].ends_with("//")),
            ']' => None,
            '!' | '{' | ';' | ':' | '\'' | '"' | ',' | '?' | '«' | '»' | '“' | '”' | '‘' | '’' => {
                goes_on.then_some(letter.len_utf8())
            }
            c if c.is_whitespace() || is_wide_mark(c) => None,
            c => Some(c.len_utf8()),
        };
        let Some(taken) = taken else { break };
        end += taken;
    }
    let end = rest[..end].trim_end_matches(ENDS).len();
    (end > from).then_some(end)
}

/// A host's number, the index of a list, as in `?a[]=1&b[x]=2`, or a list, as in `?a=[1,2]`. The server and the web
/// client take all that is balanced, but for apps brackets make a link where another pair or a parenthesis follows, and
/// what other marks make of them isn't known of all.
fn in_brackets(rest: &str, host: bool) -> Option<usize> {
    let end = rest.find(']')? + 1;
    let index = |c: char| c.is_ascii_alphanumeric() || "-_%.,+=/".contains(c);
    let number = |c: char| c.is_ascii_hexdigit() || c == ':';
    let (inside, after) = (&rest[1..end - 1], &rest[end..]);
    let is_host = host && inside.chars().all(number) && after.starts_with([':', '/']);
    let goes_on = match after.chars().next() {
        None => true,
        Some('[') => in_brackets(after, false).is_some(),
        Some(c) => c.is_whitespace() || c.is_ascii_alphanumeric() || "=&/?#%.,;!+-_@".contains(c),
    };
    (is_host || inside.chars().all(index) && goes_on).then_some(end)
}

/// `(…)` with one more pair within, at most.
fn bracketed(rest: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, letter) in rest.char_indices() {
        match letter {
            '(' if depth < 2 => depth += 1,
            ')' if depth == 1 => return Some(at + 1),
            ')' => depth -= 1,
            '(' | '<' | '>' | '`' => return None,
            c if c.is_whitespace() => return None,
            _ => {}
        }
    }
    None
}

fn is_wide_mark(c: char) -> bool {
    matches!(c,
        '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
        | '\u{ff5b}'..='\u{ff5e}' | '\u{3001}' | '\u{3002}' | '\u{300c}'..='\u{3011}')
}

/// Whether an `@` in it would be a mention in a text that is no link.
fn mentions(link: &str) -> bool {
    link.match_indices('@')
        .any(|(at, _)| !link[..at].ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// Whether the server takes an address for one, by its part behind `//` (`checkDomain`), and by what is
/// before it: the scheme in `:https://` is an emoji's name for it.
fn server_takes(rest: &str, before: &str) -> bool {
    let in_emoji = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '+' | '-');
    if before.trim_end_matches(in_emoji).ends_with(':') {
        return false;
    }
    let host: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || !c.is_ascii() || "._-$+=^|~`".contains(*c))
        .collect();
    host.starts_with(char::is_alphanumeric) && !host.contains('_')
}

/// The same address, with no `@` that mentions somebody: one behind a letter or a number, as in `git@host`, does
/// not, and the address would be another without it.
pub(super) fn encoded(link: &str) -> String {
    let mut text = String::with_capacity(link.len());
    for letter in link.chars() {
        let inside = text.ends_with(|c: char| c.is_ascii_alphanumeric());
        match letter {
            '@' if !inside => text.push_str("%40"),
            _ => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The link at the first letter from which there is one, as typed and as written.
    fn found(text: &str) -> Option<(&str, String)> {
        let mut starts = text.char_indices().map(|(at, _)| at);
        starts.find_map(|at| {
            let link = link_at(text, at)?;
            Some((&text[at..at + link.len], link.text.into_owned()))
        })
    }

    #[test]
    fn what_mattermost_links_is_found_to_its_last_letter() {
        for (text, link) in [
            (
                "see https://git.example.org/g/p/-/issues/12#note_55.",
                "https://git.example.org/g/p/-/issues/12#note_55",
            ),
            (
                "(https://npmjs.com/package/@types/node)",
                "https://npmjs.com/package/@types/node",
            ),
            ("https://x.org/a_(b)_c, d", "https://x.org/a_(b)_c"),
            ("https://x.org/?a[]=1&b={2}", "https://x.org/?a[]=1&b={2}"),
            ("ftp://x.org/~ann/*", "ftp://x.org/~ann/"),
            ("http://[::1]:8080/a_b", "http://[::1]:8080/a_b"),
            (
                "https://x.org/a_b_c/@x?y=[1]",
                "https://x.org/a_b_c/@x?y=[1]",
            ),
            ("see https://x.org/?y=[1,2]. And", "https://x.org/?y=[1,2]"),
            (
                "https://x.org/[a]/b_c?d[e]&f=[]#g",
                "https://x.org/[a]/b_c?d[e]&f=[]#g",
            ),
            ("https://x.org/a[b](https://y.org)", "https://x.org/a"),
            ("https://x.org/a[b][c](https://y.org)", "https://x.org/a"),
            ("https://x.org/a[b]: https://y.org", "https://x.org/a"),
            ("https://x.org/a[b]](https://y.org)", "https://x.org/a"),
            ("https://x.org/a[[b]]", "https://x.org/a"),
            ("https://x.org/a[b]*c*", "https://x.org/a"),
            ("https://x.org/a[b c]", "https://x.org/a"),
            ("https://x.org/a]b", "https://x.org/a"),
            ("https://x.org/a![b]=1", "https://x.org/a"),
            ("www.example.org/a_b_?", "www.example.org/a_b"),
            ("mailto:ann_b@example.org", "mailto:ann_b@example.org"),
            ("tel:+49", ""),
            ("tel:0049", "tel:0049"),
            ("mattermost://x/y_z", "mattermost://x/y_z"),
            ("slack://open?id=a_b", "slack://open?id=a_b"),
            ("git+ssh://g@x.org/a#b", "git+ssh://g@x.org/a#b"),
            ("ann.b+c@mail.example.org!", "ann.b+c@mail.example.org"),
            ("<https://x.org/#a>", "https://x.org/#a"),
            ("https://x.org/\u{3002}next", "https://x.org/"),
            ("x](https://x.org/a](https://y.org)", "https://x.org/a"),
            ("xhttps:/a note:this 10:30 c: a.b", ""),
        ] {
            let typed = found(text).map_or("", |(typed, _)| typed);
            assert_eq!(typed, link, "{text}");
        }
    }

    #[test]
    fn a_link_stays_as_it_was_typed_unless_the_server_would_find_a_mention_in_it() {
        for (text, written) in [
            (
                "https://medium.com/@channel/a",
                "https://medium.com/@channel/a",
            ),
            ("https://ann:pw@x.org/@all", "https://ann:pw@x.org/@all"),
            ("https://x.org/@x?y=[1]", "https://x.org/@x?y=[1]"),
            ("https://x.org/[1]/@all", "https://x.org/[1]/@all"),
            ("https://my_host/[1]/@all", "https://my_host/[1]/%40all"),
            ("medium.com/x/a_b~c", "medium.com/x/a_b~c"),
            ("www.medium.com/@all", "http://www.medium.com/@all"),
            ("mattermost://x/@all", "mattermost://x/%40all"),
            ("https://my_host/@all", "https://my_host/%40all"),
            ("example.com/a/b.html", "example.com/a/b.html"),
        ] {
            assert_eq!(found(text).unwrap().1, written);
        }
    }

    #[test]
    fn a_path_with_marks_is_no_link_and_gets_no_scheme() {
        for text in [
            "medium.com/@channel/a",
            "x.org/a*b",
            "x.org/_a_",
            "x.org/a~~b",
            "x.org/?a[]=1",
            "éé.org/?a[]=1",
        ] {
            let host = text.split('/').next().unwrap();
            assert_eq!(found(text), Some((host, format!("{host}\u{200b}"))));
        }
    }
}
