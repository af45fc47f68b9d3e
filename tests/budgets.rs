//! The machine code of the calls that matter, counted: instructions, branches, stack, ways to panic.
//!
//! The functions counted are those of `tests/probes`, which is compiled to optimised x86-64 assembly
//! with the pinned compiler; elsewhere this test says so and passes.
#![cfg(all(target_arch = "x86_64", target_os = "linux", not(miri)))]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// At most so many instructions, `ret` included, and so many conditional branches, on the longest way
/// through a function that calls nobody; and no stack on it.
const BUDGETS: &[(&str, usize, usize)] = &[
    ("alloc_u32", 7, 1),
    ("try_alloc_u32", 7, 1),
    ("alloc_u32_min_align_1", 9, 1),
    ("allocate", 15, 1),
    ("grow", 25, 2),
    ("deallocate", 8, 1),
    ("deallocate_min_align_1", 6, 1),
    ("alloc_node", 10, 1),
    ("string_into_str", 18, 2),
    ("typed_alloc_u32", 7, 1),
    ("typed_try_alloc_u32", 7, 1),
    ("typed_alloc_node", 10, 1),
    ("frozen_push_node", 18, 2),
    ("frozen_get_node", 11, 1),
    ("frozen_index_node", 12, 1),
    // What has no destructor costs what it costs in an `Arena`.
    ("drop_alloc_u32", 7, 1),
    ("drop_alloc_node", 10, 1),
    // The record takes five more (its function, the record before, and where it lies), the count of the
    // values one, and the place of the value behind the record one.
    ("alloc_box", 7, 1),
    ("drop_alloc_box", 14, 1),
    // Here a text comes in memory, and is copied word by word in one and by twos in the other. The second
    // branch is on a way that is never taken: the compiler asks the value whether it was handed back.
    ("alloc_string", 10, 2),
    ("drop_alloc_string", 19, 2),
];

/// At most so many times these read memory on the longest such way: the length and the table of the buckets,
/// and never the value.
const LOADS: &[(&str, usize)] = &[("frozen_get_node", 2), ("frozen_index_node", 2)];

/// From these no panic can be reached.
const PANIC_FREE: &[&str] = &[
    "string_try_push",
    "string_try_push_str",
    "string_try_from_str",
    "string_into_str",
    "try_alloc_u32",
    "try_alloc_with",
    "try_alloc_slice_copy",
    "try_alloc_slice_fill_copy",
    "try_alloc_slice_fill_iter",
    "try_alloc_iter",
    "try_alloc_str",
    "try_alloc_concat",
    "try_alloc_layout",
    "try_reserve",
    "allocate",
    "grow",
    "deallocate",
    "typed_try_alloc_u32",
    "typed_try_alloc_iter",
    "frozen_try_push_node",
    "frozen_get_node",
    "drop_try_alloc_string",
];

/// What a function outside the assembly may be called, where nothing may panic.
const HARMLESS: &[&str] = &[
    "memcpy",
    "memset",
    "__rust_alloc",
    "__rust_dealloc",
    "__rust_no_alloc_shim_is_unstable",
    "_Unwind_Resume",
];

const PINNED: &str = "1.95.0";

#[test]
fn the_fast_paths_keep_their_budgets() {
    let Some(functions) = assembly() else { return };
    for &(name, instructions, branches) in BUDGETS {
        let function = &functions[name];
        let ways = function.ways();
        assert!(!ways.is_empty(), "{name} has no way that calls nobody");
        let longest = ways.iter().map(|way| way.instructions).max().unwrap();
        let most = ways.iter().map(|way| way.branches).max().unwrap();
        println!("{name}: {longest} instructions, {most} branches");
        let code = function.lines.join("\n");
        assert!(
            longest <= instructions,
            "{name}: {longest} instructions\n{code}"
        );
        assert!(most <= branches, "{name}: {most} branches\n{code}");
        assert!(
            ways.iter().all(|way| !way.uses_stack),
            "{name} uses the stack\n{code}"
        );
    }
}

#[test]
fn a_value_is_found_with_few_loads() {
    let Some(functions) = assembly() else { return };
    for &(name, loads) in LOADS {
        let function = &functions[name];
        let most = function.ways().iter().map(|way| way.loads).max().unwrap();
        println!("{name}: {most} loads");
        let code = function.lines.join("\n");
        assert!(most <= loads, "{name}: {most} loads\n{code}");
    }
}

#[test]
fn try_forms_contain_no_panic() {
    let Some(functions) = assembly() else { return };
    for &name in PANIC_FREE {
        let mut reached = BTreeSet::new();
        let mut open = vec![name.to_string()];
        while let Some(name) = open.pop() {
            if !reached.insert(name.clone()) {
                continue;
            }
            match functions.get(&name) {
                Some(function) => open.extend(function.calls.iter().cloned()),
                None => assert!(
                    HARMLESS.iter().any(|harmless| name.contains(harmless)),
                    "from {:?} one can reach {name}",
                    PANIC_FREE.iter().find(|probe| reached.contains(**probe)),
                ),
            }
        }
    }
    // The check itself can fail: the plain form does reach the end of all.
    assert!(functions["alloc_u32"].calls.iter().any(|name| {
        functions[name]
            .calls
            .iter()
            .any(|name| name.contains("fail"))
    }));
}

struct Function {
    lines: Vec<String>,
    calls: BTreeSet<String>,
}

#[derive(Clone, Default)]
struct Way {
    instructions: usize,
    branches: usize,
    loads: usize,
    uses_stack: bool,
}

impl Function {
    /// All ways from the start to a `ret` that call nobody and pass no place twice.
    fn ways(&self) -> Vec<Way> {
        let labels: BTreeMap<&str, usize> = self
            .lines
            .iter()
            .enumerate()
            .filter_map(|(i, line)| Some((line.strip_suffix(':')?, i)))
            .collect();
        let mut done = Vec::new();
        let mut open = vec![(0, Way::default(), BTreeSet::new())];
        while let Some((mut at, mut way, mut seen)) = open.pop() {
            while seen.insert(at) {
                let Some(line) = self.lines.get(at) else {
                    break;
                };
                at += 1;
                if line.ends_with(':') {
                    continue;
                }
                let (mnemonic, operands) =
                    line.split_once(char::is_whitespace).unwrap_or((line, ""));
                way.instructions += 1;
                way.loads += usize::from(is_load(mnemonic, operands));
                way.uses_stack |= mnemonic == "push" || operands.contains("rsp");
                match mnemonic {
                    "ret" => {
                        done.push(way);
                        break;
                    }
                    "call" | "ud2" => break,
                    "jmp" => match labels.get(operands.trim()) {
                        Some(&target) => at = target,
                        None => break,
                    },
                    _ if mnemonic.starts_with('j') => {
                        way.branches += 1;
                        let target = labels[operands.trim()];
                        open.push((target, way.clone(), seen.clone()));
                    }
                    _ => {}
                }
            }
        }
        done
    }
}

/// The probes' functions by name, or nothing where they can't be compiled as pinned.
fn assembly() -> Option<BTreeMap<String, Function>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let rustc = std::env::var("RUSTC").unwrap_or("rustc".into());
    let version = Command::new(rustc).arg("--version").output().ok()?.stdout;
    let version = String::from_utf8_lossy(&version);
    if !version.contains(PINNED) {
        println!("skipped: budgets hold for rustc {PINNED}, this is {version}");
        return None;
    }
    if !root.join("tests/probes").exists() {
        println!("skipped: there are no probes in the published package");
        return None;
    }
    let target = root.join("target/budgets");
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env(
            "RUSTFLAGS",
            "--emit=asm -Ccodegen-units=1 -Cllvm-args=-x86-asm-syntax=intel",
        )
        .args(["build", "--quiet", "--package", "probes", "--release"])
        .args(["--config", "profile.release.debug=0", "--target-dir"])
        .arg(&target)
        .output()
        .expect("cargo runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    // What is shared between instantiations lies with the crate that has the first.
    let mut functions = BTreeMap::new();
    for name in ["arenula-", "probes-"] {
        let newest = std::fs::read_dir(target.join("release/deps"))
            .unwrap()
            .map(|entry| entry.unwrap())
            .filter(|entry| {
                let file = entry.file_name().into_string().unwrap();
                file.starts_with(name) && file.ends_with(".s")
            })
            .max_by_key(|entry| entry.metadata().unwrap().modified().unwrap())
            .expect("an assembly file");
        functions.extend(parse(&std::fs::read_to_string(newest.path()).unwrap()));
    }
    Some(functions)
}

fn parse(text: &str) -> BTreeMap<String, Function> {
    let mut functions = BTreeMap::new();
    let mut current: Option<(String, Function)> = None;
    for line in text.lines() {
        let line = line.trim();
        if let Some((alias, name)) = line
            .strip_prefix(".set")
            .and_then(|set| set.split_once(','))
        {
            // Two functions of the same code.
            let calls = BTreeSet::from([name.trim().to_string()]);
            let lines = Vec::new();
            functions.insert(alias.trim().to_string(), Function { lines, calls });
        } else if line.starts_with(".Lfunc_end") {
            functions.extend(current.take());
        } else if let Some(name) = line.strip_suffix(':').filter(|name| !name.starts_with('.')) {
            let (lines, calls) = (Vec::new(), BTreeSet::new());
            current = Some((name.to_string(), Function { lines, calls }));
        } else if let Some((_, function)) = &mut current {
            // Directives and comments say nothing; local labels do.
            if line.is_empty()
                || line.starts_with('#')
                || (line.starts_with('.') && !line.ends_with(':'))
            {
                continue;
            }
            if !line.ends_with(':') {
                function.calls.extend(symbols(line));
            }
            function.lines.push(line.to_string());
        }
    }
    functions
}

/// Whether an instruction reads memory; `lea` only computes, and a move to memory only writes.
fn is_load(mnemonic: &str, operands: &str) -> bool {
    let is_store = mnemonic.starts_with("mov") && operands.split(',').next().unwrap().contains('[');
    operands.contains('[') && mnemonic != "lea" && !is_store
}

/// The functions that an instruction names.
fn symbols(line: &str) -> impl Iterator<Item = String> {
    let is_call = line.starts_with("call") || line.starts_with("jmp") || line.starts_with("lea");
    line.split(|c: char| !(c.is_alphanumeric() || "_$.@".contains(c)))
        .filter(move |word| {
            is_call && (word.contains('@') || word.starts_with("_Z") || word.starts_with("_R"))
        })
        .map(|word| word.split('@').next().unwrap().to_string())
}
