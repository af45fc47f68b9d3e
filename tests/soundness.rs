//! `SOUNDNESS.md` says what is tested by what. It is true as long as these pass: what it names exists, and it
//! leaves nothing out.
#![cfg(not(miri))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const INVARIANTS: [&str; 4] = ["invariant", "says", "kept by", "breaks"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// A part of the document that is about one room.
struct Room {
    /// Where its code is, from the heading.
    path: String,
    tables: Vec<Vec<Vec<String>>>,
}

impl Room {
    fn holds(&self, file: &str) -> bool {
        file.starts_with(&self.path)
    }

    /// The tables of classes: their heads name the types.
    fn matrices(&self) -> impl Iterator<Item = &Vec<Vec<String>>> {
        self.tables.iter().filter(|table| table[0][0] == "class")
    }

    fn invariants(&self) -> impl Iterator<Item = &Vec<String>> {
        let tables = self.tables.iter().filter(|table| table[0] == INVARIANTS);
        tables.flat_map(|table| &table[1..])
    }

    fn types(&self) -> BTreeSet<&str> {
        let heads = self.matrices().flat_map(|table| &table[0][1..]);
        heads.flat_map(|cell| code(cell)).collect()
    }
}

/// What stands in backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn rooms() -> Vec<Room> {
    let text = read("SOUNDNESS.md").expect("the document");
    let mut rooms: Vec<Room> = Vec::new();
    let mut in_table = false;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            if let Some(path) = code(heading).next() {
                let (path, tables) = (path.to_owned(), Vec::new());
                rooms.push(Room { path, tables });
            }
        } else if let (Some(row), Some(room)) = (line.strip_prefix('|'), rooms.last_mut()) {
            let row = row.strip_suffix('|').expect("a row ends with a bar");
            let cells: Vec<String> = row.split('|').map(|cell| cell.trim().to_owned()).collect();
            if cells[0].starts_with("---") {
                continue;
            }
            if !in_table {
                room.tables.push(Vec::new());
            }
            room.tables.last_mut().unwrap().push(cells);
            in_table = true;
            continue;
        }
        in_table = false;
    }
    rooms
}

/// The classes of bugs that the document lists, which each table of them must have.
fn classes() -> Vec<String> {
    let text = read("SOUNDNESS.md").unwrap();
    let part = text.split("\n## ").find(|part| part.starts_with("Classes"));
    let rows = part.unwrap().lines().filter_map(|line| {
        let row = line.strip_prefix("| **")?;
        Some(row.split("**").next()?.to_owned())
    });
    rows.collect()
}

fn rust_files(below: &str) -> Vec<String> {
    fn walk(path: PathBuf, found: &mut Vec<String>) {
        for entry in fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let path = path.strip_prefix(root()).unwrap();
                found.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    let mut found = Vec::new();
    walk(root().join(below), &mut found);
    found.sort();
    found
}

/// Whether a file has a test of that name: a function with the attribute, or what a macro of this file makes one of.
fn has_test(source: &str, name: &str) -> bool {
    let lines: Vec<&str> = source.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    // Macros that make tests.
    let mut makers = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if let Some(rest) = line.strip_prefix("macro_rules! ") {
            let body = lines[at..].iter().take_while(|line| **line != "}");
            if body.into_iter().any(|line| line.contains("#[test]")) {
                makers.push(format!("{}!", rest.split(' ').next().unwrap()));
            }
        }
    }
    let mut in_maker = None;
    for (at, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        if let Some(of) = in_maker {
            in_maker = (indent(line) > of || text.is_empty()).then_some(of);
        } else if makers.iter().any(|maker| text.starts_with(maker.as_str())) {
            in_maker = Some(indent(line));
        }
        let is_name = |rest: &str| {
            let rest = rest.strip_prefix(name);
            rest.is_some_and(|rest| rest.starts_with(['(', '<', ':']))
        };
        if in_maker.is_some() && (is_name(text) || text.strip_prefix("fn ").is_some_and(is_name)) {
            return true;
        }
        if !text.strip_prefix("fn ").is_some_and(is_name) {
            continue;
        }
        let above = lines[..at].iter().rev().map(|line| line.trim_start());
        let mut is_test = false;
        for text in above.take_while(|text| text.starts_with("#[") || text.starts_with("//")) {
            is_test |= text == "#[test]";
            if text.starts_with("#[ignore") {
                return false;
            }
        }
        if is_test {
            return true;
        }
    }
    false
}

/// What is wrong with a reference to a test, if it is one.
fn wrong_reference(reference: &str) -> Option<String> {
    let (file, name) = reference.split_once("::")?;
    let missing = |what: String| Some(format!("`{reference}`: {what}"));
    match file {
        "ui" => {
            for extension in ["rs", "stderr"] {
                let path = format!("tests/ui/{name}.{extension}");
                if read(&path).is_none() {
                    return missing(format!("there is no {path}"));
                }
            }
            None
        }
        "assertions" => {
            let main = read("tests/assertions/main.rs").unwrap();
            let declared = main.contains(&format!("\nmod {name};"))
                || main.contains(&format!("\nmod {name} {{"));
            if declared {
                return None;
            }
            missing("there is no such module of assertions".to_owned())
        }
        _ => {
            let path = match file.strip_suffix(".rs") {
                Some(_) => file.to_owned(),
                None => format!("tests/{file}.rs"),
            };
            let Some(source) = read(&path) else {
                return missing(format!("there is no {path}"));
            };
            let found = match name {
                "compile_fail" => source.lines().any(|line| {
                    let text = line.trim_start();
                    text.starts_with("//") && text.contains("```compile_fail")
                }),
                _ => has_test(&source, name),
            };
            if found {
                return None;
            }
            missing(format!("{path} has no such test"))
        }
    }
}

/// The names of tests in a text.
fn references(text: &str) -> impl Iterator<Item = &str> {
    let is_path = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_/.:".contains(c);
    code(text).filter(move |code| code.contains("::") && code.chars().all(is_path))
}

/// What is wrong with a cell that should have tests or a reason.
fn wrong_cell(cell: &str) -> Vec<String> {
    let references: Vec<&str> = references(cell).collect();
    if references.is_empty() && (cell.split_whitespace().count() < 3 || !cell.ends_with('.')) {
        return vec![format!("neither a test nor a reason: {cell:?}")];
    }
    references.into_iter().filter_map(wrong_reference).collect()
}

#[test]
fn what_is_named_exists_and_no_cell_is_empty() {
    let mut wrong = Vec::new();
    let classes = classes();
    assert_eq!(classes.len(), 18);
    for room in rooms() {
        assert!(room.matrices().count() > 0, "{} has no table", room.path);
        for table in room.matrices() {
            let rows: Vec<&String> = table[1..].iter().map(|row| &row[0]).collect();
            assert!(
                rows.iter().eq(classes.iter().collect::<Vec<_>>().iter()),
                "{}: {rows:?}",
                room.path
            );
        }
        for table in &room.tables {
            for row in table {
                assert_eq!(row.len(), table[0].len(), "{}: {row:?}", room.path);
            }
        }
        let cells = room.matrices().flat_map(|table| &table[1..]);
        let cells = cells.flat_map(|row| row[1..].iter().map(move |cell| (&row[0], cell)));
        let breaks = room.invariants().map(|row| (&row[0], &row[3]));
        for (row, cell) in cells.chain(breaks) {
            let found = wrong_cell(cell).into_iter();
            wrong.extend(found.map(|what| format!("{}, {row}: {what}", room.path)));
        }
        for row in room.invariants() {
            assert!(
                row.iter().all(|cell| !cell.is_empty()),
                "{}: {row:?}",
                room.path
            );
        }
    }
    // What is named outside of the tables, too.
    let text = read("SOUNDNESS.md").unwrap();
    wrong.extend(
        text.lines()
            .flat_map(references)
            .filter_map(wrong_reference),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names of the crate's public types, traits and exported macros, by file.
fn public_types() -> BTreeMap<String, BTreeSet<String>> {
    let kinds = [
        "struct ",
        "enum ",
        "trait ",
        "union ",
        "type ",
        "unsafe trait ",
    ];
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in rust_files("src") {
        let text = read(&file).unwrap();
        let mut exported = false;
        for line in text.lines() {
            // What stands further to the right is in a module that is sealed or hidden.
            let public = line
                .strip_prefix("pub ")
                .and_then(|rest| kinds.iter().find_map(|kind| rest.strip_prefix(kind)));
            let macro_name = line.strip_prefix("macro_rules! ").filter(|_| exported);
            exported = line.starts_with("#[macro_export]") || exported && line.starts_with("#[");
            let Some(rest) = public.or(macro_name) else {
                continue;
            };
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let mut name = rest[..end.unwrap_or(rest.len())].to_owned();
            if macro_name.is_some() {
                name.push('!');
            }
            found.entry(file.clone()).or_default().insert(name);
        }
        for line in text.lines().filter(|line| line.trim_start() != *line) {
            let text = line.trim_start();
            let public = text.strip_prefix("pub ");
            if let Some(rest) =
                public.filter(|rest| kinds.iter().any(|kind| rest.starts_with(kind)))
            {
                let hidden = ["Sealed", "Memory", "Handle", "InDocuments", "Key"];
                assert!(
                    hidden.iter().any(|name| rest.contains(&format!(" {name}"))),
                    "{file}: is `{text}` public?"
                );
            }
        }
    }
    found
}

#[test]
fn each_public_type_is_in_a_table_of_its_room() {
    let mut rooms: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> = rooms()
        .iter()
        .map(|room| {
            let types = room.types().into_iter().map(str::to_owned).collect();
            (room.path.clone(), (types, BTreeSet::new()))
        })
        .collect();
    for (file, types) in public_types() {
        let room = rooms
            .iter_mut()
            .find(|(path, _)| file.starts_with(path.as_str()));
        room.unwrap_or_else(|| panic!("{file} is of no room"))
            .1
            .1
            .extend(types);
    }
    for (path, (said, found)) in &rooms {
        let missing: Vec<_> = found.difference(said).collect();
        // Functions and what is another crate's are named like this: `scratch()`, `Vec` of `allocator-api2`.
        let gone: Vec<_> = said
            .difference(found)
            .filter(|name| !name.ends_with("()"))
            .collect();
        assert!(missing.is_empty(), "{path}: in no table: {missing:?}");
        assert!(gone.is_empty(), "{path}: not in the code: {gone:?}");
    }
}

/// The numbers of invariants in a text, as `I4`.
fn numbers(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let is_number = |word: &&str| {
        let (letter, digits) = word.split_at(word.len().min(1));
        "ADFHILNOPRSTW".contains(letter)
            && matches!(digits.len(), 1 | 2)
            && digits.bytes().all(|digit| digit.is_ascii_digit())
    };
    words
        .filter(|word| !word.is_empty())
        .filter(is_number)
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_invariant_that_is_relied_on_is_defined_and_listed() {
    let rooms = rooms();
    let mut relied_on = 0;
    for room in &rooms {
        let listed: Vec<String> = room
            .invariants()
            .map(|row| row[0].replace('*', ""))
            .collect();
        let mut defined = BTreeSet::new();
        let mut named = Vec::new();
        for file in rust_files("src").iter().filter(|file| room.holds(file)) {
            let text = read(file).unwrap();
            let mut in_safety = false;
            for (at, line) in text.lines().enumerate() {
                let text = line.trim_start();
                let definition = ["//! - **", "// - **"]
                    .iter()
                    .find_map(|start| line.strip_prefix(start));
                if let Some(rest) = definition {
                    let number = rest.split(',').next().unwrap();
                    if numbers(number).len() == 1 {
                        assert!(
                            defined.insert(number.to_owned()),
                            "{file}: {number} is there twice"
                        );
                    }
                }
                in_safety = text.starts_with("// SAFETY:") || in_safety && text.starts_with("//");
                if in_safety {
                    let place = || format!("{file}:{}", at + 1);
                    named.extend(numbers(text).into_iter().map(|number| (number, place())));
                }
            }
        }
        for (number, place) in &named {
            assert!(
                defined.contains(number),
                "{place}: {number} is not defined in {}",
                room.path
            );
        }
        relied_on += named.len();
        let listed_once: BTreeSet<String> = listed.iter().cloned().collect();
        assert_eq!(
            listed_once.len(),
            listed.len(),
            "{}: listed twice",
            room.path
        );
        assert_eq!(listed_once, defined, "{}: listed, and defined", room.path);
    }
    assert!(relied_on > 200, "{relied_on}");
    // No comment stands outside of the rooms.
    for file in rust_files("src") {
        let in_room = rooms.iter().any(|room| room.holds(&file));
        let text = read(&file).unwrap();
        let unsafe_code = text
            .lines()
            .any(|line| line.trim_start().starts_with("// SAFETY:"));
        assert!(
            in_room || !unsafe_code,
            "{file} has unsafe code, and no room"
        );
    }
}

#[test]
fn what_is_wrong_is_found() {
    for (reference, is_right) in [
        ("typed::a_closure_that_panics_leaves_nothing", true),
        ("typed::a_closure_that_panics_leaves_something", false),
        // No test, but a function that tests use.
        ("typed::at_each_destructor", false),
        ("nowhere::a_closure_that_panics_leaves_nothing", false),
        // Made by macros.
        ("interners::limits_are_exact", true),
        ("interners::limits_are", false),
        ("interners::agree", false),
        ("strings::frozen_slices_keep_their_place", false),
        // In a `proptest!`.
        ("pool::it_agrees_with_a_model", true),
        ("src/pool/worn.rs::no_handle_comes_twice", true),
        ("src/pool/worn.rs::a_handle_comes_twice", false),
        ("ui::scope_cloned", true),
        ("ui::scope_clone", false),
        ("src/drop_arena.rs::compile_fail", true),
        ("src/arena/math.rs::compile_fail", false),
        ("assertions::pool", true),
        ("assertions::pools", false),
    ] {
        assert_eq!(
            wrong_reference(reference).is_none(),
            is_right,
            "{reference}"
        );
    }
    for (cell, is_right) in [
        ("", false),
        ("None.", false),
        ("No code of the user runs.", true),
        ("`ui::scope_cloned`", true),
        ("`ui::scope_cloned`, `ui::scope_clone`", false),
    ] {
        assert_eq!(wrong_cell(cell).is_empty(), is_right, "{cell}");
    }
    assert!(!has_test("#[test]\n#[ignore]\nfn a() {}", "a"));
    assert!(!has_test("// #[test]\nfn a() {}", "a"));
    assert!(has_test("#[test]\nfn a() {}", "a"));
    assert_eq!(numbers("(I1 to I12), as T; E0597, U8, P").len(), 2);
}
