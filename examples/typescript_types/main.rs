//! A parser of TypeScript's type declarations, whose tree lies on the heap, or in an arena.
//!
//! ```text
//! cargo run --release --example typescript_types                            # samples, and the trees compared
//! cargo run --release --example typescript_types -- file.d.ts other.d.ts    # what is in these files
//! cargo run --release --example typescript_types -- file.d.ts --print       # the same declarations, laid out anew
//! cargo run --release --example typescript_types -- file.d.ts --json        # the tree as JSON
//! cargo run --release --example typescript_types -- --generate 1000 --seed 7 > file.d.ts
//! ```
//!
//! Where to look, all of it in `syntax/`: `tree.rs` has the nodes. `heap.rs` and `arena.rs` say what they are made of, and
//! are all that differs between the two trees. The grammar in `parser/`, visitors (`visit.rs`), the printer and
//! JSON are the same code for both. None of it calls itself, so that no tree is too deep for a stack.

mod compare;
mod counting;
mod syntax;

use std::error::Error;
use std::fs;
use std::io::{self, Write};

use crate::syntax::visit::Census;
use crate::syntax::{Node, arena, generate, json, print};

#[global_allocator]
static ALLOC: counting::Counting = counting::Counting;

const SAMPLES: [(&str, &str); 4] = [
    ("collections.d.ts", include_str!("samples/collections.d.ts")),
    ("server.d.ts", include_str!("samples/server.d.ts")),
    ("types.d.ts", include_str!("samples/types.d.ts")),
    ("wide_union.d.ts", include_str!("samples/wide_union.d.ts")),
];

/// What is done with each file.
enum Task {
    Summary,
    Print,
    Json,
}

struct Options {
    files: Vec<String>,
    task: Task,
    /// How many declarations are generated, if no more is asked for than that.
    generate: Option<usize>,
    seed: u64,
    /// How many declarations are generated to compare the trees, and how often each is made.
    compared: (usize, usize),
}

impl Options {
    fn from_args() -> Result<Self, String> {
        let mut options = Options {
            files: Vec::new(),
            task: Task::Summary,
            generate: None,
            seed: 1,
            compared: (10_000, 20),
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut number = || -> Result<u64, String> {
                let value = args.next().ok_or(format!("{arg} wants a number"))?;
                value
                    .parse()
                    .map_err(|error| format!("{arg} {value}: {error}"))
            };
            match arg.as_str() {
                "--print" => options.task = Task::Print,
                "--json" => options.task = Task::Json,
                "--generate" => options.generate = Some(number()? as usize),
                "--seed" => options.seed = number()?,
                "--quick" => options.compared = (200, 2),
                _ if arg.starts_with('-') => return Err(format!("unknown option {arg}")),
                _ => options.files.push(arg),
            }
        }
        Ok(options)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::from_args()?;
    let mut out = io::stdout().lock();
    if let Some(declarations) = options.generate {
        let source = generate::generate(declarations, options.seed);
        return match options.task {
            Task::Summary => Ok(out.write_all(source.as_bytes())?),
            _ => process("generated", &source, &options.task, &mut out),
        };
    }
    for file in &options.files {
        process(file, &fs::read_to_string(file)?, &options.task, &mut out)?;
    }
    if options.files.is_empty() {
        for (name, source) in SAMPLES {
            process(name, source, &options.task, &mut out)?;
        }
        if let Task::Summary = options.task {
            let (declarations, rounds) = options.compared;
            let source = generate::generate(declarations, options.seed);
            compare::compare(&source, rounds, &mut out)?;
        }
    }
    Ok(())
}

/// Reads a file, and does with it what is asked for.
fn process(
    name: &str,
    source: &str,
    task: &Task,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let mut parsed = arena::parse(source).map_err(|error| format!("{name}:{error}"))?;
    match task {
        Task::Print => parsed.with(|file| write!(out, "{}", print::print(file)))?,
        Task::Json => {
            parsed.with(|file| writeln!(out, "{}", json::to_string(Node::File(file))))?;
        }
        Task::Summary => {
            let census = parsed.with(|file| Census::of(Node::File(file)));
            writeln!(
                out,
                "{name:<18} {:>6} statements {:>6} members {:>7} types {:>8} nodes, {:>2} deep",
                census.statements, census.members, census.types, census.nodes, census.depth
            )?;
            writeln!(out, "{:<18} {}", "", parsed.stats())?;
        }
    }
    Ok(())
}
