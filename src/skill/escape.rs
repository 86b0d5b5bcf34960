use super::line::LinkLine;
use super::links::{encoded, link_at, may_link};

/// Breaks a mention without being seen: neither server nor clients count it to a name.
pub(crate) const ZERO_WIDTH_SPACE: char = '\u{200b}';
/// What the web client takes for the end of a line.
pub(super) const LINE_BREAK: char = '\u{2424}';
/// A `$` that begins no formula: clients don't know it behind a backslash.
pub(super) const DOLLAR: &str = "&#36;";

/// What a person wrote, as one line of a post that shows just that: it mentions nobody
/// (`@channel`, `@all`, `@here`, `@name`), and its `*`, `_`, `` ` ``, `[`, `$`, … are no markdown. What
/// Mattermost makes a link of (`https://…` or another scheme, `www.…`, an e-mail address) stays as
/// it was typed, and works.
///
/// It is for names, titles and what a bot repeats in its own sentences. Where people's markdown
/// should stay markdown, take [`tame`](fn@super::tame), and for several lines [`quote`](super::quote).
/// Labels of buttons need neither: mentions and links in them don't work.
///
/// Mattermost's server takes `\@all` for a mention, so a space of no width follows an `@`; one
/// within an e-mail address stays as it is. Line breaks become spaces.
///
/// ```
/// use matteractor::skill::escape;
/// assert_eq!(escape("*free* lunch"), r"\*free\* lunch");
/// assert_eq!(escape("@all: snake_case"), "@\u{200b}all: snake_case");
/// assert_eq!(escape("https://example.org/#a_b"), "https://example.org/#a_b");
/// ```
pub fn escape(text: &str) -> String {
    let mut line = String::with_capacity(text.len() + 8);
    escape_to(text, &mut line);
    line
}

/// As [`escape`], at the end of this line.
pub(crate) fn escape_to(text: &str, line: &mut String) {
    if is_plain(text) {
        return line.push_str(text);
    }
    let typed = visible(text);
    let (links, mut line) = (may_link(&typed), LinkLine::new(line));
    let mut at = 0;
    while let Some(letter) = typed[at..].chars().next() {
        if links && let Some(link) = link_at(&typed, at) {
            line.link(&link);
            at += link.len;
            continue;
        }
        if links && let Some((link, len)) = framed(&typed[at..]) {
            line.mark(&link);
            at += len;
            continue;
        }
        at += match letter {
            '\\' => backslashes(&typed[at..], &mut line),
            _ => mark(&typed, at, letter, &mut line),
        };
    }
}

/// One letter, with what takes its meaning from it; how many bytes of the text it is.
fn mark(typed: &str, at: usize, letter: char, line: &mut LinkLine<'_>) -> usize {
    let (before, rest) = typed.split_at(at);
    let after = &rest[letter.len_utf8()..];
    let meant = match letter {
        '`' | '*' | '[' | ']' | '|' => true,
        '~' => before.ends_with('~') || after.starts_with('~'),
        '_' => {
            let in_word = before.ends_with(|c: char| c.is_ascii_alphanumeric());
            !(in_word && after.starts_with(char::is_alphanumeric))
        }
        '#' | '>' | '-' | '+' => before.is_empty(),
        '.' | ')' => !before.is_empty() && before.bytes().all(|c| c.is_ascii_digit()),
        _ => false,
    };
    // What a link can't end with means nothing right behind it.
    let ends_link = matches!(letter, '*' | '_' | '~')
        && (after.is_empty() || after.starts_with(' '))
        && line.behind_link();
    if meant && !ends_link {
        line.mark("\\");
    }
    match letter {
        '<' => less_than(after, line),
        '>' => line.mark(">"),
        '&' if begins_entity(after) => line.mark("&amp;"),
        '$' if begins_formula(after) => line.mark(DOLLAR),
        // A line of these alone would make a heading of the one before.
        '=' if before.is_empty() => line.text.extend([ZERO_WIDTH_SPACE, '=']),
        _ => line.text.push(letter),
    }
    if letter == '@' && mentions_after(before) {
        line.text.push(ZERO_WIDTH_SPACE);
    }
    letter.len_utf8()
}

/// `<https://…>` with an `@` here, which clients would take for an address of mail: so that it is the link
/// that it is without one; and how many bytes of the text it is.
pub(super) fn framed(rest: &str) -> Option<(String, usize)> {
    let (inside, _) = rest.strip_prefix('<')?.split_once('>')?;
    let whole = link_at(inside, 0).is_some_and(|link| link.len == inside.len());
    let address = inside.contains("://") && inside.contains('@') && !inside.contains('|');
    (whole && address).then(|| (format!("<{}>", encoded(inside)), inside.len() + 2))
}

/// A `<` before this, so that it begins a link or nothing.
pub(super) fn less_than(after: &str, line: &mut LinkLine<'_>) {
    if line.behind_link() || !opens_link(after) && begins_tag(after) {
        line.mark("&lt;");
    } else {
        line.text.push('<');
    }
}

/// A run of backslashes, so that as many are seen: Mattermost takes two for one, but not before a
/// letter or digit, where one alone is one as well.
fn backslashes(rest: &str, line: &mut LinkLine<'_>) -> usize {
    let typed = rest.len() - rest.trim_start_matches('\\').len();
    let next = rest[typed..].chars().next();
    let written = match next {
        Some(c) if c.is_ascii_alphanumeric() && typed > 1 => 2 * (typed - 1),
        Some(c) if typed == 1 && !c.is_ascii_punctuation() => 1,
        _ => 2 * typed,
    };
    line.mark(&"\\".repeat(written));
    typed
}

/// Whether an `@` behind this is a mention; within an e-mail address it is none.
pub(super) fn mentions_after(before: &str) -> bool {
    !before.ends_with(|c: char| c.is_ascii_alphanumeric())
}

/// Whether a `<` before this begins a link: `<https://…>`.
fn opens_link(after: &str) -> bool {
    let Some((inside, _)) = after.split_once('>') else {
        return false;
    };
    let whole = link_at(inside, 0).is_some_and(|link| link.len == inside.len());
    // The client would take one with an `@` for an address of mail, and incoming webhooks read what
    // is behind a bar as the link's text.
    whole && !inside.contains('|') && !(inside.contains('@') && inside.contains('/'))
}

/// Whether a `<` before this begins what Mattermost takes for HTML, for a link, or for one of Slack's
/// mentions.
fn begins_tag(after: &str) -> bool {
    let word = after.split(char::is_whitespace).next().unwrap_or("");
    let harmless = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '=' | '-');
    !after.starts_with(harmless) || word.contains('>')
}

/// Whether an `&` before this begins a letter in another way of writing, such as `&#64;`.
pub(super) fn begins_entity(after: &str) -> bool {
    let name = after.strip_prefix('#').unwrap_or(after);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    end.is_some_and(|end| end > 0 && name[end..].starts_with(';'))
}

/// Whether this may make a formula with a `$` before it, where a server has LaTeX switched on: what closes it,
/// and isn't escaped, is the last one.
pub(super) fn begins_formula(after: &str) -> bool {
    after.contains('$')
}

/// Whether nothing in it can mean anything: most names are so, and cards show many.
fn is_plain(text: &str) -> bool {
    let mut letters = text.bytes().enumerate();
    letters.all(|(i, letter)| letter.is_ascii_alphanumeric() || (letter == b'-' && i > 0))
}

/// The letters in one line, without what is not to be seen and turns others around.
pub(super) fn visible(text: &str) -> String {
    let space = |c: char| c.is_whitespace() || c == LINE_BREAK;
    let words: Vec<_> = text.split(space).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    line.chars().filter(|c| is_visible(*c)).collect()
}

/// No control character, and none that turns others around.
pub(crate) fn is_visible(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_mentioned_by_what_people_write() {
        for text in [
            "@all",
            "hey @here",
            "(@channel)",
            "*@ann*",
            "a:@all",
            "_@all",
            "@@all",
            "é@all",
            ".@all",
            "x-@all.com",
            r"\@all",
            "@all@example.org",
        ] {
            let line = escape(text);
            for at in line.match_indices('@') {
                let rest = &line[at.0 + 1..];
                let word = line[..at.0].ends_with(|c: char| c.is_ascii_alphanumeric());
                assert!(word || rest.starts_with(ZERO_WIDTH_SPACE), "{text}: {line}");
            }
        }
        assert_eq!(escape("ann@example.com"), "ann@example.com");
        assert_eq!(
            escape("&#64;all &commat;all"),
            "&amp;#64;all &amp;commat;all"
        );
        assert_eq!(escape("<!channel> <b>"), "&lt;!channel> &lt;b>");
    }

    #[test]
    fn markdown_is_shown_as_it_was_typed() {
        for (text, expected) in [
            ("# big", r"\# big"),
            ("a #12 # b", "a #12 # b"),
            ("- a", r"\- a"),
            ("a - b", "a - b"),
            ("1. a", r"1\. a"),
            ("v1.2", "v1.2"),
            ("> quoted | cell", r"\> quoted \| cell"),
            ("![x](http://x)", r"!\[x\](http://x)"),
            ("`a` ~~b~~ ~c", r"\`a\` \~\~b\~\~ ~c"),
            (r"\*", r"\\\*"),
            ("_a_ b_c __d__", r"\_a\_ b_c \_\_d\_\_"),
            (
                ":slightly_smiling_face: :+1:",
                ":slightly_smiling_face: :+1:",
            ),
            ("two\nlines\t here ", "two lines here"),
            ("two\u{2424}- lines", "two - lines"),
            ("a\u{202e}b\u{7}", "ab"),
            ("a < b > c <3", "a < b > c <3"),
            ("===", "\u{200b}==="),
            ("$x^2$", "&#36;x^2$"),
            ("a $x_1$, $y$", "a &#36;x_1&#36;, &#36;y$"),
            ("$$x$$", "&#36;&#36;x&#36;$"),
            ("from $5 to $10, or 5$", "from &#36;5 to &#36;10, or 5$"),
            ("US$ 5", "US$ 5"),
        ] {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn backslashes_are_not_doubled_before_letters() {
        for (text, expected) in [
            (r"C:\Users\ann", r"C:\Users\ann"),
            (r"\\server\share", r"\\server\share"),
            (r"a \ b", r"a \ b"),
            (r"\. \-", r"\\. \\-"),
            (r"\_", r"\\\_"),
            (r"a\", r"a\\"),
            (r"\\\a", r"\\\\a"),
        ] {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn links_stay_as_they_were_typed() {
        for link in [
            "https://git.example.org/g/p/-/issues/12#note_55",
            "https://npmjs.com/package/@types/node",
            "https://example.org/a_b_c*d~e|f",
            "www.example.org/_a_b",
            "ann_b@example.org",
            "mailto:a_b@example.org",
            "mattermost://example.org/_x_y",
            "<https://example.org/a_b>",
        ] {
            assert_eq!(escape(link), link);
            assert_eq!(
                escape(&format!("see {link}, please")),
                format!("see {link}, please")
            );
        }
        for (path, written) in [
            (
                "node_modules/socket.io/my_file.js",
                "node_modules/socket.io/my_file.js",
            ),
            ("src/main.rs/x_y", "src/main.rs/x_y"),
            ("github.com/my_org/my_repo", "github.com/my_org/my_repo"),
            (
                "npmjs.com/package/@types/node",
                "npmjs.com·/package/@·types/node",
            ),
            ("//cdn.x.org/@a/b", "//cdn.x.org·/@·a/b"),
        ] {
            assert_eq!(escape(path).replace(ZERO_WIDTH_SPACE, "·"), written);
        }
        assert_eq!(
            escape("<https://npmjs.com/package/@types/node>"),
            "<https://npmjs.com/package/%40types/node>"
        );
        // A mark right behind it would be counted to it.
        assert_eq!(escape("[https://x.org]"), r"\[<https://x.org>\]");
        assert_eq!(escape("*https://x.org/@a*)"), r"\*<https://x.org/%40a>\*)");
        assert_eq!(escape("*https://x.org/@a*"), r"\*https://x.org/@a*");
    }
}
