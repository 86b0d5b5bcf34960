//! Quotation marks as people and their keyboards write them.

/// A mark that opens, with the marks that close what it opened.
const PAIRS: &[(char, &[char])] = &[
    ('"', &['"']),
    ('“', &['”']),
    ('”', &['”']),
    ('„', &['“', '”', '‟']),
    ('‟', &['”']),
    ('⹂', &['“', '”', '‟']),
    ('«', &['»']),
    ('»', &['«', '»']),
    ('‹', &['›']),
    ('›', &['‹', '›']),
    ('\'', &['\'']),
    ('‘', &['’']),
    ('’', &['’']),
    ('‚', &['‘', '’', '‛']),
    ('‛', &['’']),
    ('`', &['`', '´']),
    ('´', &['´']),
    ('″', &['″']),
    ('′', &['′']),
    ('〝', &['〞', '〟']),
    ('「', &['」']),
    ('『', &['』']),
    ('｢', &['｣']),
    ('﹁', &['﹂']),
    ('﹃', &['﹄']),
    ('《', &['》']),
    ('〈', &['〉']),
    ('❝', &['❞']),
    ('❛', &['❜']),
    ('🙶', &['🙷']),
    ('＂', &['＂']),
    ('＇', &['＇']),
    ('｀', &['｀']),
    ('״', &['״']),
    ('ʺ', &['ʺ']),
    ('ʼ', &['ʼ']),
    ('‶', &['″', '‶']),
    ('‵', &['′', '‵']),
    ('≪', &['≫']),
    ('⟪', &['⟫']),
    ('⟨', &['⟩']),
    ('❮', &['❯']),
    ('❰', &['❱']),
    ('❬', &['❭']),
    ('【', &['】']),
    ('〔', &['〕']),
    ('〖', &['〗']),
    ('〘', &['〙']),
];

/// What closes what this mark opened; `None` for a letter that opens nothing.
pub(super) fn closers(mark: char) -> Option<&'static [char]> {
    let pair = PAIRS.iter().find(|(open, _)| *open == mark);
    pair.map(|(_, closers)| *closers)
}

/// Whether it is a quotation mark, of either side.
pub(super) fn is_mark(letter: char) -> bool {
    let mut pairs = PAIRS.iter();
    pairs.any(|(open, closers)| *open == letter || closers.contains(&letter))
}

/// Whether it is also an apostrophe or a sign of measure, so that it may stand within a word.
pub(super) fn is_apostrophe(letter: char) -> bool {
    matches!(
        letter,
        '\'' | '’' | '‘' | '‛' | '´' | '′' | '″' | '＇' | '״' | 'ʼ' | 'ʺ'
    )
}

/// Whether nothing is to be seen of it: a space, or what only tells others how to be written.
pub(super) fn is_unseen(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}')
        || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A letter of full width as the one that it is.
pub(crate) fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_opens_once_and_is_closed_by_marks() {
        for (i, (open, closers)) in PAIRS.iter().enumerate() {
            assert!(PAIRS[..i].iter().all(|(other, _)| other != open), "{open}");
            assert!(closers.iter().all(|&close| is_mark(close)), "{open}");
            // Of the letters of Unicode only those that are apostrophes.
            let letter = open.is_alphanumeric() && !is_apostrophe(*open);
            assert!(!letter && !is_unseen(*open), "{open}");
        }
    }
}
