//! The two trees, side by side.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use arenula::Arena;

use crate::counting::{self, Memory};
use crate::syntax::visit::Census;
use crate::syntax::{Node, arena, heap};

/// How long each part took, over all rounds.
#[derive(Default)]
struct Times {
    parse: Duration,
    walk: Duration,
    free: Duration,
}

impl Times {
    fn rows(&self) -> [(&'static str, Duration); 4] {
        let all = self.parse + self.walk + self.free;
        [
            ("parse", self.parse),
            ("walk", self.walk),
            ("free", self.free),
            ("all", all),
        ]
    }
}

fn timed<R>(total: &mut Duration, work: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = black_box(work());
    *total += start.elapsed();
    result
}

/// Parses a source, goes through the tree and frees it, so many times, and prints how long that took and how much
/// memory.
pub fn compare(source: &str, rounds: usize, out: &mut impl Write) -> io::Result<()> {
    const RIGHT: &str = "what was generated is right";

    let mut on_heap = Times::default();
    let mut in_arena = Times::default();
    let mut kept = Times::default();
    let mut memory = Arena::new();
    let mut nodes = 0;
    // By turns, so that all see the same machine.
    for _ in 0..rounds {
        let parsed = timed(&mut on_heap.parse, || heap::parse(source)).expect(RIGHT);
        let census = timed(&mut on_heap.walk, || Census::of(Node::File(parsed.file())));
        timed(&mut on_heap.free, || drop(parsed));

        let parsed = timed(&mut in_arena.parse, || arena::parse(source)).expect(RIGHT);
        let same = timed(&mut in_arena.walk, || {
            parsed.with(|file| Census::of(Node::File(file)))
        });
        timed(&mut in_arena.free, || drop(parsed));
        assert_eq!(census, same);

        let parsed = timed(&mut kept.parse, || arena::parse_in(memory, source));
        let parsed = parsed.map_err(|(error, _)| error).expect(RIGHT);
        timed(&mut kept.walk, || {
            parsed.with(|file| Census::of(Node::File(file)))
        });
        memory = timed(&mut kept.free, || parsed.into_arena());
        nodes = census.nodes;
    }

    writeln!(
        out,
        "\nA generated source of {} KiB, which is {nodes} nodes, {rounds} times; nanoseconds for a node:\n",
        source.len() / 1024
    )?;
    writeln!(
        out,
        "{:<22}{:>10}{:>10}{:>10}{:>14}{:>10}",
        "", "heap", "arena", "faster", "arena, kept", "faster"
    )?;
    for ((name, heap), ((_, arena), (_, kept))) in
        (on_heap.rows().into_iter()).zip(in_arena.rows().into_iter().zip(kept.rows()))
    {
        let of_a_node = |time: Duration| time.as_secs_f64() * 1e9 / (rounds * nodes) as f64;
        let (heap, arena, kept) = (of_a_node(heap), of_a_node(arena), of_a_node(kept));
        writeln!(
            out,
            "{name:<22}{heap:>10.2}{arena:>10.2}{:>9.1}x{kept:>14.2}{:>9.1}x",
            heap / arena,
            heap / kept
        )?;
    }

    let (on_heap, heap_memory) = counting::count(|| heap::parse(source));
    let (in_arena, arena_memory) = counting::count(|| arena::parse(source));
    let kept_memory = counting::count(|| arena::parse_in(memory, source).is_ok()).1;
    drop((on_heap, in_arena));
    let of_nodes = |bytes: usize| bytes as f64 / nodes as f64;
    let mut row = |name: &str, value: fn(&Memory) -> usize| {
        let (heap, arena) = (value(&heap_memory), value(&arena_memory));
        writeln!(
            out,
            "{name:<22}{:>10.3}{:>10.3}{:>10}{:>14.3}",
            of_nodes(heap),
            of_nodes(arena),
            "",
            of_nodes(value(&kept_memory))
        )
    };
    row("allocations", |memory| memory.allocations)?;
    row("bytes at the peak", |memory| memory.peak)?;
    writeln!(
        out,
        "\nkept: the arena's memory was there before, of the tree before it, and is not counted; freeing is a reset.\n\
         In all of them is what the parser itself takes while it gathers lists."
    )
}
