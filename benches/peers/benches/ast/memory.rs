//! What does not depend on the machine's mood: the peak of memory, the number of allocations, the instructions.

use std::hint::black_box;
use std::process::Command;

use peers::Aligned;

use crate::counting::{Memory, count};
use crate::{COLUMNS, Contender, HEAP, Heap, KEPT, Kept, NEW, New, SEED, SIZES, generate};

/// Asks for the table.
const WORD: &str = "memory";

/// Asks this program to do what valgrind shall count.
const COUNTED: &str = "--counted";

/// What is done, each with what stands before it.
const STAGES: [&str; 4] = ["nothing", "parse", "walk", "free"];

/// The number of declarations for which instructions are counted.
const DECLARATIONS: usize = 2000;

pub fn is_asked_for() -> bool {
    std::env::args().any(|arg| arg == WORD || arg == COUNTED)
}

pub fn print() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(place) = args.iter().position(|arg| arg == COUNTED) {
        return work(&args[place + 1], &args[place + 2]);
    }
    let mut lines = vec![Vec::from(["of a node", KEPT, NEW, HEAP].map(str::to_owned))];
    for (size, declarations) in SIZES {
        let source = generate::generate(declarations, SEED);
        let nodes = Heap::walk(&Heap.parse(&source)).nodes as f64;
        let memories = [
            memory_of::<Kept>(&source),
            memory_of::<New>(&source),
            memory_of::<Heap>(&source),
        ];
        let mut push = |name: &str, value: fn(&Memory) -> usize| {
            let mut line = vec![format!("{name}, {size}")];
            let values = memories.iter().map(|memory| value(memory) as f64 / nodes);
            line.extend(values.map(|value| format!("{value:.3}")));
            lines.push(line);
        };
        push("bytes at the peak", |memory| memory.peak);
        push("allocations", |memory| memory.allocations);
    }
    let is_there = Command::new("valgrind").arg("--version").output().is_ok();
    if is_there {
        push_instructions(&mut lines);
    }
    println!("{}", Aligned(&lines));
    println!(
        "Bytes are those that were asked for. What the parser takes while it gathers lists is in all of them; what the \
         arena kept from before is not."
    );
    if !is_there {
        println!("Instructions were not counted: valgrind, which would do that, is not installed.");
    }
    for column in COLUMNS {
        println!("{}: {}", column.name, column.note);
    }
}

/// What a tree takes: the second one, so that the arena that is kept is there.
fn memory_of<C: Contender>(source: &str) -> Memory {
    let mut contender = C::default();
    let tree = contender.parse(source);
    contender.free(tree);
    let (tree, memory) = count(|| contender.parse(source));
    contender.free(tree);
    memory
}

fn push_instructions(lines: &mut Vec<Vec<String>>) {
    let source = generate::generate(DECLARATIONS, SEED);
    let nodes = Heap::walk(&Heap.parse(&source)).nodes as f64;
    let counts: Vec<Vec<Option<u64>>> = [KEPT, NEW, HEAP]
        .map(|column| STAGES.map(|stage| instructions(column, stage)).to_vec())
        .to_vec();
    let mut push = |name: &str, from: usize, to: usize| {
        let mut line = vec![format!("instructions to {name}")];
        line.extend(
            counts
                .iter()
                .map(|counts| match (counts[from], counts[to]) {
                    (Some(from), Some(to)) => format!("{:.1}", (to - from) as f64 / nodes),
                    _ => "-".to_owned(),
                }),
        );
        lines.push(line);
    };
    for (stage, name) in STAGES.into_iter().enumerate().skip(1) {
        push(name, stage - 1, stage);
    }
    push("do all", 0, STAGES.len() - 1);
}

/// The instructions of this program, with this contender, up to this stage.
fn instructions(column: &str, stage: &str) -> Option<u64> {
    let program = std::env::current_exe().ok()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([COUNTED, column, stage])
        .output()
        .ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| line.contains("Collected :"))?;
    line.split_whitespace().last()?.parse().ok()
}

/// What valgrind counts: all stages up to one, of a second tree.
fn work(column: &str, stage: &str) {
    fn run<C: Contender>(source: &str, stages: usize) {
        let mut contender = C::default();
        let tree = contender.parse(source);
        contender.free(tree);
        if stages > 0 {
            let tree = black_box(contender.parse(source));
            if stages > 1 {
                black_box(C::walk(&tree));
            }
            if stages > 2 {
                contender.free(tree);
            } else {
                std::mem::forget(tree);
            }
        }
        std::mem::forget(contender);
    }

    let source = generate::generate(DECLARATIONS, SEED);
    let stages = STAGES.iter().position(|name| *name == stage).unwrap_or(0);
    match column {
        KEPT => run::<Kept>(&source, stages),
        NEW => run::<New>(&source, stages),
        _ => run::<Heap>(&source, stages),
    }
}
