use std::sync::LazyLock;

use regex::Regex;

/// Whether a link's text isn't another address than the link's own, and the address is of the web.
pub(super) fn leads_there(label: &str, address: &str) -> bool {
    static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let host = r"[\p{L}\d_-]+(?:\.[\p{L}\d_-]+)*\.\p{L}{2,}";
        Regex::new(&format!(r"(?i)//|www\d*\.|^\W*(?:mailto|tel|mattermost):|^\W*{host}(?:[:/?#@].*)?\W*$|^\S+@{host}$")).ok()
    });
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    let of_scheme = scheme
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    let known = ["http", "https", "ftp", "mailto", "tel", "mattermost", ""];
    let web = !of_scheme || known.contains(&&*scheme.to_ascii_lowercase());
    let seen = bare(label);
    let is_address = ADDRESS.as_ref().is_none_or(|a| a.is_match(&seen));
    web && !seen.contains("&#") && (!is_address || same_address(&seen, address))
}

/// As people see it: without marks, what isn't seen, and other ways to write `.`, `:` and `/`.
fn bare(label: &str) -> String {
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
