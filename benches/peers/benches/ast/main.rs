//! Syntax trees on the heap and in an arena: the parser of `examples/typescript_types`, with each of its trees.
//!
//! ```text
//! cargo bench -p peers --bench ast                        # criterion, one after another
//! cargo bench -p peers --bench ast -- --interleaved       # all contenders of a row in turn
//! cargo bench -p peers --bench ast -- --interleaved all   # only what has this in its name
//! cargo bench -p peers --bench ast -- memory              # peak, allocations and instructions
//! ```
//!
//! Sources are generated. Lexer, grammar and visitor are the same code for all; what differs is who makes nodes and names
//! (`heap.rs` and `arena.rs` there). An operation is a node: one of 10 to 15 bytes of source.
//!
//! The heap is warm: the tree before it was freed just then. So is the arena of the first column, which was emptied. That of the
//! second is made and freed with each tree.

#[path = "../../../../examples/typescript_types/counting.rs"]
mod counting;
mod memory;
#[path = "../../../../examples/typescript_types/syntax/mod.rs"]
mod syntax;

use std::hint::black_box;
use std::time::Duration;

use arenula::Arena;
use peers::{Column, Comparison, Role, Row, timed};

use crate::syntax::visit::Census;
use crate::syntax::{Node, arena, generate, heap};

/// Off while the clock runs, and then a load and a branch for each call.
#[global_allocator]
static ALLOC: counting::Counting = counting::Counting;

const KEPT: &str = "arena";
const NEW: &str = "arena, new";
const HEAP: &str = "heap";

const COLUMNS: &[Column] = &[
    Column {
        name: KEPT,
        role: Role::Subject,
        note: "&'ast T, &'ast [T] and interned names, in an arena that is kept: freeing is a reset",
    },
    Column {
        name: NEW,
        role: Role::Variant,
        note: "the same, in an arena of its own that is freed with the tree",
    },
    Column {
        name: HEAP,
        role: Role::Peer,
        note: "Box, Vec and String, over the system's allocator",
    },
];

/// The sources, by the number of their declarations.
const SIZES: [(&str, usize); 2] = [("200 declarations", 200), ("10 000 declarations", 10_000)];

const SEED: u64 = 1;

const RIGHT: &str = "what was generated is right";

fn main() {
    if memory::is_asked_for() {
        return memory::print();
    }
    let mut comparison = Comparison::from_args(env!("CARGO_CRATE_NAME"), COLUMNS);
    // An instruction is the same in a large tree, and callgrind slow.
    let sizes = if comparison.is_counted() {
        1
    } else {
        SIZES.len()
    };
    for (size, declarations) in SIZES.into_iter().take(sizes) {
        let source = generate::generate(declarations, SEED);
        for part in [Part::Parse, Part::Walk, Part::Free, Part::All] {
            let name = format!("{}, {size}", part.name());
            // The work is too long for it to matter where its code lies.
            let source = source.clone();
            comparison.run(&name, vec![Box::new(move || row(&source, part))]);
        }
    }
    comparison.finish();
}

/// What the clock runs for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Parse,
    Walk,
    Free,
    All,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Parse => "parse",
            Part::Walk => "walk",
            Part::Free => "free",
            Part::All => "all",
        }
    }
}

/// A tree of one of the kinds, and what is done with it.
trait Contender: Default + 'static {
    type Tree;

    fn parse(&mut self, source: &str) -> Self::Tree;
    fn walk(tree: &Self::Tree) -> Census;
    fn free(&mut self, tree: Self::Tree);
}

#[derive(Default)]
struct Heap;

impl Contender for Heap {
    type Tree = heap::Parsed;

    fn parse(&mut self, source: &str) -> heap::Parsed {
        heap::parse(source).expect(RIGHT)
    }

    fn walk(tree: &heap::Parsed) -> Census {
        Census::of(Node::File(tree.file()))
    }

    fn free(&mut self, tree: heap::Parsed) {
        drop(tree);
    }
}

#[derive(Default)]
struct New;

impl Contender for New {
    type Tree = arena::Parsed;

    fn parse(&mut self, source: &str) -> arena::Parsed {
        arena::parse(source).expect(RIGHT)
    }

    fn walk(tree: &arena::Parsed) -> Census {
        tree.with(|file| Census::of(Node::File(file)))
    }

    fn free(&mut self, tree: arena::Parsed) {
        drop(tree);
    }
}

#[derive(Default)]
struct Kept(Arena);

impl Contender for Kept {
    type Tree = arena::Parsed;

    fn parse(&mut self, source: &str) -> arena::Parsed {
        let arena = std::mem::take(&mut self.0);
        (arena::parse_in(arena, source).map_err(|(error, _)| error)).expect(RIGHT)
    }

    fn walk(tree: &arena::Parsed) -> Census {
        New::walk(tree)
    }

    fn free(&mut self, tree: arena::Parsed) {
        self.0 = tree.into_arena();
    }
}

fn row(source: &str, part: Part) -> Row {
    fn enter<C: Contender>(row: &mut Row, column: &'static str, source: &str, part: Part) {
        let source = source.to_owned();
        let mut contender = C::default();
        row.enter_routine(
            column,
            Box::new(move |passes| {
                let mut elapsed = Duration::ZERO;
                for _ in 0..passes {
                    let mut stage = |one, work: &mut dyn FnMut()| {
                        if part == one || part == Part::All {
                            elapsed += timed(work);
                        } else {
                            work();
                        }
                    };
                    let mut tree = None;
                    stage(Part::Parse, &mut || {
                        tree = Some(black_box(contender.parse(&source)));
                    });
                    stage(Part::Walk, &mut || {
                        _ = tree.as_ref().map(|tree| black_box(C::walk(tree)))
                    });
                    stage(Part::Free, &mut || {
                        _ = tree.take().map(|tree| contender.free(tree))
                    });
                }
                elapsed
            }),
        );
    }

    let nodes = Heap::walk(&Heap.parse(source)).nodes;
    let mut row = Row::new(nodes);
    enter::<Kept>(&mut row, KEPT, source, part);
    enter::<New>(&mut row, NEW, source, part);
    enter::<Heap>(&mut row, HEAP, source, part);
    row
}
