//! What `tests/mutate` undoes is still there to be undone.

use std::fs;
use std::path::Path;

const ENOUGH: usize = 15;

#[test]
fn every_mutation_fits_its_source_once_and_stands_in_the_table() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join("docs/reliability.md")).unwrap();
    let mut count = 0;
    for entry in fs::read_dir(root.join("tests/mutations")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let (head, change) = text.split_once("=== before\n").expect(&name);
        let (source, what) = head.trim().split_once('\n').expect(&name);
        let (before, after) = change.split_once("\n=== after\n").expect(&name);
        assert_ne!(
            before,
            after.trim_end_matches('\n'),
            "{name} changes nothing"
        );
        let code = fs::read_to_string(root.join(source)).expect(&name);
        let times = code.matches(before).count();
        assert_eq!(times, 1, "{name}: its text stands so often in {source}");
        assert!(
            table.contains(&format!("`{name}`")),
            "{name} isn't in the table"
        );
        assert!(
            table.contains(what),
            "the table doesn't say of {name}: {what}"
        );
        count += 1;
    }
    assert!(count >= ENOUGH, "{count} mutations");
}
