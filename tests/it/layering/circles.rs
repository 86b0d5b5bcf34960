//! Which files know each other, and whether any know each other in a circle. A module and what is within it aren't
//! counted: they are one room.

use std::collections::{BTreeMap, BTreeSet};

use super::{CRATES, Source, sources_in};

/// A module, by the names that lead to it.
type Module = Vec<String>;

/// Names within a module.
type Names = (Module, Vec<String>);

/// A crate's modules, with what each file says outside of tests.
struct Modules {
    code: BTreeMap<Module, String>,
    /// What a module hands on by another name: `pub use`.
    exports: BTreeMap<(Module, String), Names>,
}

/// A path in the code, and whether it is handed on.
struct Used {
    path: String,
    exported: bool,
}

impl Modules {
    fn of(sources: Vec<Source>) -> Self {
        let named = sources.into_iter().filter_map(|source| {
            let path = source.path.with_extension("");
            let mut names: Module = path
                .iter()
                .map(|name| name.to_str().unwrap().to_owned())
                .collect();
            names.pop_if(|last| last == "mod" || last == "lib");
            (names != ["main"] && !source.code.is_empty()).then_some((names, source.code))
        });
        let mut modules = Self {
            code: named.collect(),
            exports: BTreeMap::new(),
        };
        let all: Vec<_> = modules.code.iter().collect();
        let exports = all.into_iter().flat_map(|(module, code)| {
            let handed_on = used(code).into_iter().filter(|used| used.exported);
            handed_on.filter_map(|used| {
                let name = used.path.rsplit([':', ' ']).next()?.to_owned();
                Some(((module.clone(), name), modules.names(module, &used.path)?))
            })
        });
        modules.exports = exports.collect();
        modules
    }

    /// What a path within a module names; `None` where it leads out of the crate.
    fn names(&self, module: &Module, path: &str) -> Option<Names> {
        let path = path.split(" as ").next()?;
        let mut names: Vec<String> = path
            .split("::")
            .map(|name| name.trim().to_owned())
            .collect();
        let mut at = module.clone();
        match names.first()?.as_str() {
            "crate" => {
                at.clear();
                names.remove(0);
            }
            "super" | "self" => {
                while let Some("super" | "self") = names.first().map(String::as_str) {
                    if names.remove(0) == "super" {
                        at.pop();
                    }
                }
            }
            child if self.code.contains_key(&within(module, child)) => {}
            _ => return None,
        }
        Some((at, names))
    }

    /// The module in which the thing is that these names lead to.
    fn home(&self, (mut at, names): Names) -> Module {
        let mut names = names.into_iter();
        while let Some(name) = names.next() {
            let inner = within(&at, &name);
            if self.code.contains_key(&inner) {
                at = inner;
                continue;
            }
            let Some((home, first)) = self.exports.get(&(at.clone(), name)) else {
                break;
            };
            let rest = first.iter().cloned().chain(names).collect();
            return self.home((home.clone(), rest));
        }
        at
    }

    /// Which others each file uses.
    fn uses(&self) -> Uses<'_> {
        let mut all = BTreeMap::new();
        for (module, code) in &self.code {
            let used = used(code).into_iter().filter(|used| !used.exported);
            let homes = used.filter_map(|used| Some(self.home(self.names(module, &used.path)?)));
            let apart = homes.filter(|home| !home.starts_with(module) && !module.starts_with(home));
            let known = apart.filter_map(|home| Some(self.code.get_key_value(&home)?.0));
            all.insert(module, known.collect());
        }
        all
    }
}

fn within(module: &Module, name: &str) -> Module {
    let mut inner = module.clone();
    inner.push(name.to_owned());
    inner
}

/// The paths that code names: in `use`, inside braces too, and elsewhere where they begin with `crate`, `super` or
/// `self`.
fn used(code: &str) -> Vec<Used> {
    let mut found = Vec::new();
    let mut rest = String::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let start = line.trim_start();
        let import = start.find("use ").filter(|at| {
            let before = start[..*at].trim();
            before.is_empty() || before.starts_with("pub")
        });
        let Some(at) = import else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let exported = at > 0;
        let mut statement = start[at + "use ".len()..].to_owned();
        while !statement.contains(';') {
            statement.push_str(lines.next().unwrap_or(";"));
        }
        let tree = statement.split(';').next().unwrap_or_default();
        let paths = branches(tree.trim()).into_iter();
        found.extend(paths.map(|path| Used { path, exported }));
    }
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in rest.match_indices(root) {
            let inside = |c: char| c.is_alphanumeric() || c == '_';
            if rest[..at].ends_with(inside) || rest[..at].ends_with("::") {
                continue;
            }
            let end = rest[at..].find(|c| !inside(c) && c != ':');
            let path = rest[at..at + end.unwrap_or(rest.len() - at)].trim_end_matches(':');
            found.push(Used {
                path: path.to_owned(),
                exported: false,
            });
        }
    }
    found
}

/// The paths of a tree of imports.
fn branches(tree: &str) -> Vec<String> {
    let Some((before, inner)) = tree.split_once('{') else {
        return vec![tree.to_owned()];
    };
    let inner = inner.trim_end().trim_end_matches('}');
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    let parts = parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty());
    let whole = parts.map(|part| {
        let braces = part.matches('{').count() - part.matches('}').count();
        format!("{before}{part}{}", "}".repeat(braces))
    });
    whole.flat_map(|part| branches(&part)).collect()
}

type Uses<'a> = BTreeMap<&'a Module, BTreeSet<&'a Module>>;

/// All that a file uses, and what that uses, and so on.
fn reached<'a>(uses: &Uses<'a>, from: &Module) -> BTreeSet<&'a Module> {
    let mut open: Vec<&Module> = uses[from].iter().copied().collect();
    let mut found = BTreeSet::new();
    while let Some(module) = open.pop() {
        if let Some((module, others)) = uses.get_key_value(module)
            && found.insert(*module)
        {
            open.extend(others);
        }
    }
    found
}

/// Who uses whom in a circle.
fn circling(uses: &Uses<'_>) -> Vec<String> {
    let reached: BTreeMap<_, _> = uses.keys().map(|m| (*m, reached(uses, m))).collect();
    let comes_back = |module: &&Module, other: &&&Module| reached[**other].contains(*module);
    let told = uses.iter().filter_map(|(module, others)| {
        let back: Vec<String> = others
            .iter()
            .filter(|other| comes_back(module, other))
            .map(|other| other.join("::"))
            .collect();
        (!back.is_empty()).then(|| format!("{} uses {}", module.join("::"), back.join(", ")))
    });
    told.collect()
}

#[test]
fn no_files_know_each_other_in_a_circle() {
    for krate in CRATES {
        let modules = Modules::of(sources_in(krate));
        let uses = modules.uses();
        let seen = uses.values().any(|others| others.len() > 2);
        assert!(seen || uses.len() < 10, "{krate}: hardly any use is seen");
        let circles = circling(&uses);
        assert!(circles.is_empty(), "{krate}: {circles:#?}");
    }
}

#[test]
fn circles_are_seen_through_braces_and_what_is_handed_on() {
    let source = |path: &str, code: &str| Source {
        path: path.into(),
        module: String::new(),
        code: code.into(),
        whole: String::new(),
    };
    let with = |last: &str| {
        let files = vec![
            source("a/mod.rs", "mod b;\npub use b::{B, C as D};\n"),
            source("a/b.rs", "use crate::{\n    x,\n    e::{F, g::G},\n};\n"),
            source("e/mod.rs", "pub mod g;\npub struct F;\n"),
            source("e/g.rs", last),
        ];
        circling(&Modules::of(files).uses())
    };
    assert_eq!(with("struct G;\n"), Vec::<String>::new());
    let circle = ["a::b uses e::g", "e::g uses a::b"];
    assert_eq!(with("use crate::a::D;\n"), circle);
    assert_eq!(with("fn f() { crate::a::b::h() }\n"), circle);
    assert_eq!(with("use super::F;\n"), Vec::<String>::new(), "one room");
}
