//! How many connections the doors may have, from how many files the system lets a process open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// No more at once: each may hold a few kB before anything is proved.
const MOST: u64 = 2_048;
/// Where a limit is that low, something must be left for the store and the calls of our own.
const LEAST: u64 = 16;

/// Lets the process open as many files as it may, and says how many connections the doors may have:
/// three eighths of them, for more wait for a place, and as many are left for ourselves.
pub(super) fn connections() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files can't be raised");
            current
        }
    };
    part(files)
}

fn part(files: Option<u64>) -> usize {
    let part = files.map_or(MOST, |files| files / 8 * 3);
    // Between two numbers that any usize can hold.
    usize::try_from(part.clamp(LEAST, MOST)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_left_for_ourselves() {
        assert_eq!(part(Some(256)), 96);
        assert_eq!(part(Some(1_048_576)), 2_048);
        assert_eq!(part(Some(10)), 16);
        assert_eq!(part(None), 2_048);
        assert!(connections() >= 16);
    }
}
