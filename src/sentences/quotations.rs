//! Each shows what follows where reading stopped.

/// Two commas that might be meant as a quotation mark.
pub(crate) fn two_commas(rest: &str) -> String {
    format!("Two commas aren't read as a quotation mark; write `\"` instead, or „ and “: {rest}")
}

/// A word goes on behind the mark `closer`; `letter` is how it is typed as a letter.
pub(crate) fn no_clear_end(closer: &str, rest: &str, letter: &str) -> String {
    format!(
        "It isn't clear where a quotation ends: behind {closer} there is no space, but: {rest} (A mark that \
         belongs to the text is written {letter}.)"
    )
}

/// A mark within a word; `letter` is how it is typed as a letter.
pub(crate) fn within_a_word(rest: &str, letter: &str) -> String {
    format!(
        "A quotation mark stands within a word: {rest} (One that belongs to the text is written {letter}.)"
    )
}

/// Nothing closes the mark `open`, which one of `closers` would.
pub(crate) fn unclosed(open: &str, closers: &[String], rest: &str) -> String {
    let closers = closers.join(" or ");
    format!(
        "There is a quotation mark missing: {open} is closed by {closers}, and there is none in: {rest}"
    )
}
