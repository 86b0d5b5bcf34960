use std::sync::LazyLock;

use regex::Regex;
use url::Url;

/// What a file's name ends with, and so do hosts of some country: files have names more often.
const FILES: [&str; 6] = ["md", "mov", "py", "rs", "sh", "zip"];
/// Ends of hosts that nobody can buy, so that no list has them.
const OWN: [&str; 8] = [
    "corp", "example", "home", "internal", "invalid", "lan", "local", "test",
];

/// Whether a link's text isn't another address than the link's own, also with what is right before and behind it,
/// and the address is of the web.
pub(super) fn leads_there(before: &str, label: &str, behind: &str, address: &str) -> bool {
    let seen = bare(label);
    if !is_web(address) || seen.contains("&#") {
        return false;
    }
    let mark = |c: char| !c.is_alphanumeric();
    let begun = bare(before).replace('\\', "");
    let begun = begun.trim_start_matches(mark);
    let ended = bare(behind);
    let ended = ended.trim_end_matches(mark);
    let fits = |seen: &str| {
        // An address of mail has no host that is led to.
        let mail = address.strip_prefix("mailto:").unwrap_or_default();
        let mail = mail.split('?').next().filter(|mail| mail.contains('@'));
        let seen = mail.map_or(seen.to_owned(), |mail| seen.replace(mail, ""));
        let hosts = named(&seen);
        hosts.is_some_and(|hosts| hosts.iter().all(|host| is_at(host, address)))
    };
    let alone = begun.is_empty() && ended.is_empty();
    let goes_on = alone || fits(begun) && fits(&format!("{begun}{seen}{ended}"));
    goes_on && (same_address(&seen, address) || fits(&seen))
}

fn is_web(address: &str) -> bool {
    let Some((scheme, _)) = address.split_once(':') else {
        return true;
    };
    let letter = |c: char| c.is_ascii_alphanumeric() || "+.-".contains(c);
    let known = ["http", "https", "ftp", "mailto", "tel", "mattermost", ""];
    !scheme.chars().all(letter) || known.contains(&&*scheme.to_ascii_lowercase())
}

/// The hosts that a text names anywhere, with what is before them; `None` where all of it is an address without one.
fn named(seen: &str) -> Option<Vec<&str>> {
    static WRITTEN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)//([^\s/?#]*)|(www\d*\.[^\s/?#]*)").ok());
    static NONE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(&format!(
            r"(?i)^\W*(?:mailto|tel|mattermost):|^\W*{HOST}@|^\S+@{HOST}$"
        ))
        .ok()
    });
    if NONE.as_ref()?.is_match(seen) {
        return None;
    }
    let written = WRITTEN.as_ref()?.captures_iter(seen);
    let written = written.filter_map(|found| found.get(1).or(found.get(2)));
    let mut hosts: Vec<_> = written.map(|host| host.as_str()).collect();
    for word in seen.split_whitespace() {
        hosts.extend(in_word(word)?);
    }
    Some(hosts)
}

const HOST: &str = r"[\p{L}\d_-]+(?:\.[\p{L}\d_-]+)*\.(?:xn--[a-z\d-]+|\p{L}{2,}\b)";

/// The hosts and numbers of hosts in a word, up to the first path.
fn in_word(word: &str) -> Option<Vec<&str>> {
    static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let number = r"\d{1,3}(?:\.\d{1,3}){3}";
        Regex::new(&format!(r"(?i)(?P<number>\b{number}\b)|(?P<host>{HOST})")).ok()
    });
    let mut hosts = Vec::new();
    for found in PLACE.as_ref()?.captures_iter(word) {
        let place = found.name("number").or(found.name("host"))?;
        let rest = word[place.end()..].trim_end_matches(|c: char| !c.is_alphanumeric());
        let goes_on = rest.starts_with(['/', '?', '#']);
        let place = place.as_str();
        if found.name("number").is_some() || is_host(place, rest) {
            hosts.push(place);
            if goes_on {
                break;
            }
        }
    }
    Some(hosts)
}

/// Whether a word with dots is a host's name, and not a file's, a product's or a person's: `main.rs:12`,
/// `node.js`, `ann.lee`.
fn is_host(name: &str, rest: &str) -> bool {
    let name = name.to_lowercase();
    let end = name.rsplit('.').next().unwrap_or(&name);
    let line = |rest: &str| rest.chars().all(|c| c.is_ascii_digit() || c == ':');
    if FILES.contains(&end) && (rest.starts_with('#') || line(rest)) {
        return false;
    }
    let known = psl::suffix(end.as_bytes()).is_some_and(|suffix| suffix.is_known());
    known || OWN.contains(&end) || !end.is_ascii() || end.starts_with("xn--")
}

/// Whether an address is at this host.
fn is_at(host: &str, address: &str) -> bool {
    let scheme = address.contains(':') || address.starts_with('/');
    let address = if scheme {
        address.to_owned()
    } else {
        format!("http://{address}")
    };
    match (host_of(&format!("http://{host}")), host_of(&address)) {
        (Some(host), Some(there)) => !host.is_empty() && host == there,
        _ => false,
    }
}

/// As a browser reads it. A host with a name before it, as in `bank.example@evil.example`, reads as
/// another.
fn host_of(address: &str) -> Option<String> {
    let url = Url::parse(address)
        .ok()
        .filter(|url| url.username().is_empty())?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

/// As people see it: without marks, what isn't seen, and other ways to write `.`, `:` and `/`.
fn bare(label: &str) -> String {
    let marks = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    let label = marks
        .iter()
        .fold(label.to_owned(), |label, (entity, mark)| {
            label.replace(entity, mark)
        });
    let seen = label.chars().filter_map(|c| match c {
        '*'
        | '_'
        | '~'
        | '`'
        | '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2064}'
        | '\u{feff}' => None,
        '\u{3002}' | '\u{ff0e}' | '\u{ff61}' | '\u{2024}' => Some('.'),
        '\u{ff1a}' | '\u{a789}' | '\u{2236}' => Some(':'),
        '\u{ff0f}' | '\u{2044}' | '\u{2215}' => Some('/'),
        c => Some(c),
    });
    seen.collect::<String>().trim().to_owned()
}

fn same_address(label: &str, address: &str) -> bool {
    let plain = |text: &str| {
        let text = text.to_lowercase();
        let rest = ["https://", "http://", "mailto:", "tel:"];
        let rest = rest.iter().find_map(|scheme| text.strip_prefix(scheme));
        let rest = rest.unwrap_or(&text).trim_end_matches('/');
        bare(rest.strip_prefix("www.").unwrap_or(rest))
    };
    plain(label) == plain(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_products_and_people_are_no_addresses() {
        let address = "https://git.example.org/a/b";
        for label in [
            "README.md",
            "docs/README.md",
            "node.js",
            "main.rs",
            "main.rs:12",
            "README.md#install",
            "`Cargo.toml`",
            "ann.lee",
            "v1.2.3",
            "setup.py",
            "run.sh",
            "a.test.ts",
            "config.yaml",
            "release-1.2.zip",
            "logs.tar.gz",
            "e.g. this",
            "PR #12: a.b",
            "see main.rs:12, setup.py and run.sh.",
            "docs/README.md",
            "(README.md)",
            "Version 1.2.3 of node.js",
            "the 12.30.2026",
            "v1.2.3.4",
            "well... so",
        ] {
            assert!(leads_there("", label, "", address), "{label}");
        }
    }

    #[test]
    fn a_text_may_be_less_or_more_of_the_address_at_its_host() {
        for (label, address) in [
            ("github.com", "https://github.com/x/y"),
            ("GitHub.com", "github.com/x/y"),
            ("www.github.com", "https://github.com/x/y?a=b"),
            ("https://github.com/x/…", "https://github.com/x/y"),
            ("see https://github.com", "https://github.com/x/y"),
            ("github.com:443/x", "https://github.com/x/y"),
            (
                "https://x.org/a:https://y.org",
                "https://x.org/a:https://y.org",
            ),
            ("ann@x.org", "mailto:ann@x.org"),
            ("log in at github.com/x.", "https://github.com/x/y"),
            ("github.com/a/bank.org", "https://github.com/x/y"),
            (":pizza: x.org", "https://x.org"),
            ("10.0.0.1:80", "http://10.0.0.1/a"),
            ("Mail to ann@x.org", "mailto:ann@x.org?subject=a"),
            ("münchen.de", "https://xn--mnchen-3ya.de/rat"),
        ] {
            assert!(leads_there("", label, "", address), "{label} {address}");
        }
    }

    #[test]
    fn another_host_is_a_trick() {
        for (label, address) in [
            ("github.com", "https://github.com.evil.org"),
            ("github.com", "https://evil.org/github.com"),
            ("github.com", "https://github.com@evil.org"),
            ("github.com", "//evil.org/github.com"),
            ("github.com", "mailto:ann@github.com"),
            ("github.com/x.md", "https://evil.org"),
            ("bank.rs/login", "https://evil.org"),
            ("www.bank.rs", "https://evil.org"),
            ("https://bank.md", "https://evil.org"),
            ("bank.xyz", "https://evil.org"),
            ("bank.xn--p1ai", "https://evil.org"),
            ("банк.рф", "https://evil.org"),
            ("intra.corp", "https://evil.org"),
            ("https://", "https://evil.org"),
            ("https://evil.org or https://x.org", "https://evil.org"),
            ("https://x.org@evil.org", "https://evil.org"),
            ("x.org@evil.org", "https://evil.org"),
            ("mailto:ann@x.org", "https://evil.org"),
            ("log in at bank.example", "https://evil.org"),
            ("bank.example: log in", "https://evil.org"),
            (":pizza: bank.example", "https://evil.org"),
            (":pizza:bank.example", "https://evil.org"),
            ("log in (bank.example/a).", "https://evil.org"),
            ("main.rs, bank.example", "https://evil.org"),
            ("a/bank.example", "https://evil.org"),
            ("evil.org or bank.example", "https://evil.org"),
            ("evil.org,bank.example/a", "https://evil.org"),
            ("write to ann@bank.example", "https://evil.org"),
            ("write to ann@x.org", "mailto:eve@evil.org"),
            ("10.0.0.1", "https://evil.org"),
            ("log in at 10.0.0.1:8065/a", "https://evil.org"),
            ("x.org", "javascript:alert"),
            ("&lt;bank.example&gt;", "https://evil.org"),
            ("&nbsp;bank.example", "https://evil.org"),
        ] {
            assert!(!leads_there("", label, "", address), "{label} {address}");
        }
    }
}
