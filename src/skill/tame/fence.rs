/// The beginning of a block of code.
pub(super) struct Fence {
    /// What begins and ends it.
    pub mark: String,
    indent: usize,
}

impl Fence {
    /// That of a line, where it begins one.
    pub fn opening(line: &str) -> Option<Self> {
        let bare = line.trim_start_matches(' ');
        let letter = bare.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = bare.trim_start_matches(letter);
        let mark = &bare[..bare.len() - info.len()];
        let indent = line.len() - bare.len();
        let opens = mark.len() >= 3 && indent <= 3 && !info.contains(['`', '~']);
        opens.then(|| Self {
            mark: mark.to_owned(),
            indent,
        })
    }

    /// As the web client has it; the server takes less for an end.
    pub fn closes(&self, line: &str) -> bool {
        let bare = line.trim_start_matches(' ');
        let rest = bare.strip_prefix(&*self.mark);
        let ends = rest.is_some_and(|rest| rest.trim_matches(['`', '~']).trim().is_empty());
        line.len() - bare.len() <= 3 && ends
    }

    pub fn without_indent<'a>(&self, line: &'a str) -> &'a str {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        &line[spaces.min(self.indent)..]
    }
}
