//! How long it takes to free a tree. That is so little beside making one that the other rows' way of measuring, which
//! repeats all of it until enough time has been seen, would have no end.

use std::hint::black_box;
use std::time::Instant;

use peers::{Aligned, median, turn_order};

use crate::{Contender, HEAP, Heap, KEPT, Kept, NEW, New, SEED, SIZES, generate};

/// Asks for this table alone.
const WORD: &str = "free";

/// How often each contender frees a tree of 200 declarations; of larger ones less often.
const ROUNDS: usize = 400;

pub fn is_asked_for() -> bool {
    std::env::args().any(|arg| arg == WORD)
}

/// Whether nothing was asked for by its name.
pub fn is_wanted() -> bool {
    std::env::args().skip(1).all(|arg| arg.starts_with('-'))
}

pub fn print() {
    let heading = ["ns per node", KEPT, NEW, HEAP, "heap/arena", "heap/new"];
    let mut lines = vec![Vec::from(heading.map(str::to_owned))];
    for (size, declarations) in SIZES {
        let source = generate::generate(declarations, SEED);
        let nodes = Heap::walk(&Heap.parse(&source)).nodes as f64;
        let mut frees = [
            free::<Kept>(&source),
            free::<New>(&source),
            free::<Heap>(&source),
        ];
        let mut samples = [const { Vec::new() }; 3];
        for round in 0..ROUNDS * SIZES[0].1 / declarations {
            for turn in turn_order(round, frees.len()) {
                samples[turn].push(frees[turn]() / nodes);
            }
        }
        let [kept, new, heap] = samples.map(|samples| median(samples).unwrap_or(f64::NAN));
        let mut line = vec![format!("free, {size}")];
        line.extend([kept, new, heap].map(|value| format!("{value:.4}")));
        line.extend([heap / kept, heap / new].map(|value| format!("{value:.0}")));
        lines.push(line);
    }
    println!("{}", Aligned(&lines));
}

/// Makes a tree with each call, and answers how many nanoseconds it took to free it.
fn free<C: Contender>(source: &str) -> Box<dyn FnMut() -> f64 + '_> {
    let mut contender = C::default();
    Box::new(move || {
        let tree = black_box(contender.parse(source));
        let start = Instant::now();
        contender.free(tree);
        start.elapsed().as_secs_f64() * 1e9
    })
}
