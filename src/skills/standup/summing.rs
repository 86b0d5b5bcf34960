use super::answer::Answer;
use super::round::Round;
use super::run::Run;
use crate::skill::{Context, Person, escape, in_parts};

/// A sum-up of more characters is posted in parts, also where the server takes more in one.
const PART_CHARS: usize = 12_000;

/// Posts pieces, as many as fit at once.
pub(super) fn say(cx: &mut Context<Run>, pieces: Vec<String>) {
    let most = PART_CHARS.min(cx.longest());
    let mut parts = vec![String::new()];
    for piece in pieces {
        let Some(part) = parts.last_mut() else { break };
        if part.is_empty() {
            *part = piece;
        } else if part.chars().count() + 2 + piece.chars().count() <= most {
            part.push_str("\n\n");
            part.push_str(&piece);
        } else {
            parts.push(piece);
        }
    }
    for part in parts.iter().flat_map(|part| in_parts(part, most)) {
        cx.say(part);
    }
}

impl Round {
    pub(super) fn sum_up(&self) -> Vec<String> {
        let mut pieces = vec![format!("**Standup of {}**", escape(&self.channel))];
        for (person, answers) in &self.heard {
            pieces.push(format!("**{}**", escape(&person.name)));
            pieces.extend(answered(&self.questions, answers));
        }
        for (person, answers) in &self.begun {
            pieces.push(format!("**{}** (not finished)", escape(&person.name)));
            pieces.extend(answered(&self.questions, answers));
        }
        if self.heard.is_empty() && self.begun.is_empty() {
            pieces.push("Nobody has answered.".into());
        }
        pieces.extend(listed(self.apart()));
        pieces
    }
}

pub(super) fn answered(questions: &[String], answers: &[Answer]) -> Vec<String> {
    let both = questions.iter().zip(answers);
    both.map(|(question, answer)| format!("{question}\n{}", answer.quoted()))
        .collect()
}

/// A line for each group that has people.
pub(super) fn listed<'a>(
    groups: impl IntoIterator<Item = (&'static str, &'a Vec<Person>)>,
) -> impl Iterator<Item = String> {
    let some = groups.into_iter().filter(|(_, people)| !people.is_empty());
    some.map(|(title, people)| format!("{title}: {}", names(people)))
}

pub(super) fn names(people: &[Person]) -> String {
    let mut names: Vec<_> = people.iter().map(|person| escape(&person.name)).collect();
    names.sort_unstable();
    names.join(", ")
}
