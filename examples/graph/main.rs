//! A graph with circles, in two ways: nodes that refer to each other in a `TypedArena`, and nodes with handles in `Slots`.
//!
//! ```text
//! cargo run --release --example graph                       # one by chance, and a deep one
//! cargo run --release --example graph -- edges.txt          # lines like `17 4`: from node 17 to node 4
//! cargo run --release --example graph -- --nodes 1000000 --edges 5000000 --seed 7
//! cargo run --release --example graph -- --chain 1000000
//! ```
//!
//! Both are asked for the distances of all nodes from one (breadth first), and for the strongly connected components
//! (Tarjan's way, without recursion); also when nodes were removed, and when others took their places. The answers
//! must be the same, and they are proved to be right, edge by edge.

mod by_handle;
mod by_reference;
mod check;
#[path = "../shared/counting.rs"]
mod counting;
mod input;
#[path = "../shared/options.rs"]
mod options;
#[path = "../shared/random.rs"]
mod random;

use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use arenula::TypedArena;

use crate::check::Live;
use crate::counting::Counting;
use crate::input::Input;
use crate::options::{Words, fail, misused};
use crate::random::Random;

#[global_allocator]
static ALLOC: Counting = Counting;

const USAGE: &str = "\
usage: graph [FILE | --chain N | --nodes N --edges N] [--seed N] [--start N] [--remove N]

  FILE         the edges: two numbers a line, from which node to which; lines with # are comments
  --chain N    a chain of so many nodes, with some edges back
  --nodes N    so many nodes (200000), with
  --edges N    so many edges by chance (800000)
  --seed N     another seed, other edges (1)
  --start N    the node that distances are counted from (the first)
  --remove N   how many nodes of a hundred are removed (10)

Without any of the first three: one by chance, and a chain of 1000000 nodes.";

/// Much less than one call for each node of a path would take.
const STACK: usize = 256 << 10;

/// The distance of what can't be reached, and the component of what is not there.
const NONE: u32 = u32::MAX;

struct Options {
    file: Option<PathBuf>,
    chain: Option<u32>,
    nodes: Option<u32>,
    edges: Option<u32>,
    seed: u64,
    start: Option<u64>,
    percent: u32,
}

impl Options {
    fn from_args() -> Result<Self, String> {
        let mut options = Options {
            file: None,
            chain: None,
            nodes: None,
            edges: None,
            seed: 1,
            start: None,
            percent: 10,
        };
        let mut words = Words::of_command_line();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--chain" => options.chain = Some(words.number(&word, 1..=100_000_000)?),
                "--nodes" => options.nodes = Some(words.number(&word, 1..=100_000_000)?),
                "--edges" => options.edges = Some(words.number(&word, 0..=1_000_000_000)?),
                "--seed" => options.seed = words.number(&word, 0..=u64::MAX)?,
                "--start" => options.start = Some(words.number(&word, 0..=u64::MAX)?),
                "--remove" => options.percent = words.number(&word, 0..=100)?,
                _ if word.starts_with('-') => return Err(format!("there is no option {word:?}")),
                _ if options.file.is_some() => return Err(format!("{word:?} is a second file")),
                _ => options.file = Some(word.into()),
            }
        }
        let by_chance = options.nodes.is_some() || options.edges.is_some();
        if [options.file.is_some(), options.chain.is_some(), by_chance]
            .iter()
            .filter(|is_wanted| **is_wanted)
            .count()
            > 1
        {
            return Err("a file, a chain or edges by chance: only one of them".to_owned());
        }
        Ok(options)
    }

    /// The graphs that are asked for.
    fn inputs(&self) -> Result<Vec<Input>, String> {
        if let Some(file) = &self.file {
            return Ok(vec![Input::read(file)?]);
        }
        if let Some(nodes) = self.chain {
            return Ok(vec![Input::chain(nodes)]);
        }
        let nodes = self.nodes.unwrap_or(200_000);
        let edges = self.edges.unwrap_or(nodes.saturating_mul(4));
        let mut inputs = vec![Input::by_chance(nodes, edges, self.seed)];
        if self.nodes.is_none() && self.edges.is_none() {
            inputs.push(Input::chain(1_000_000));
        }
        Ok(inputs)
    }
}

fn main() -> ExitCode {
    let options = match Options::from_args() {
        Ok(options) => options,
        Err(message) => return misused(&message, USAGE),
    };
    let work = move || {
        let inputs = options.inputs()?;
        inputs
            .iter()
            .try_for_each(|input| both_ways(input, &options))
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work);
    match thread.map(thread::JoinHandle::join) {
        Ok(Ok(Ok(()))) => ExitCode::SUCCESS,
        Ok(Ok(Err(message))) => fail(&message),
        // It has said why.
        Ok(Err(_)) => ExitCode::FAILURE,
        Err(error) => fail(&format!("no thread with a stack of {STACK} bytes: {error}")),
    }
}

/// Does everything in both ways, and tells how long it took.
fn both_ways(input: &Input, options: &Options) -> Result<(), String> {
    let (end, other) = compare(input, options)?;
    // The arenas were dropped since. They can't be moved: their own nodes borrow them.
    let one_took = end.elapsed();
    let ((), other_took) = timed(move || drop(other));
    row("all given back", millis(one_took), millis(other_took));
    println!("\nThe same answers, and proved to be right.\n");
    Ok(())
}

/// Compares both ways. Answers when it was done with the first one, and the graph of the other.
fn compare(input: &Input, options: &Options) -> Result<(Instant, by_handle::Graph), String> {
    let start = match options.start {
        None => 0,
        Some(name) => (input.number_of(name))
            .ok_or_else(|| format!("--start {name}: there is no such node in {}", input.title))?,
    };
    let mut live = Live::new(input);
    let mut random = Random::new(options.seed);
    let removed = random_nodes(input.nodes, options.percent, start, &mut random);
    let edges_again: Vec<(u32, u32)> = removed
        .iter()
        .flat_map(|node| {
            [
                (*node, random.below(input.nodes)),
                (random.below(input.nodes), *node),
            ]
        })
        .collect();

    println!(
        "{}: {} nodes, {} edges",
        input.title,
        input.nodes,
        input.edges.len()
    );
    println!("\n{:32}{:>14}{:>14}", "", "by reference", "by handle");

    let (nodes, edges) = (TypedArena::new(), TypedArena::new());
    let (calls, bytes) = (counting::calls(), counting::bytes());
    let (mut one, one_took) = timed(|| by_reference::Graph::new(&nodes, &edges, input));
    let (one_calls, one_bytes) = (counting::calls() - calls, counting::bytes() - bytes);
    let (calls, bytes) = (counting::calls(), counting::bytes());
    let (mut other, other_took) = timed(|| by_handle::Graph::new(input));
    let (other_calls, other_bytes) = (counting::calls() - calls, counting::bytes() - bytes);
    row("built", millis(one_took), millis(other_took));
    row("memory", mib(one_bytes), mib(other_bytes));
    row(
        "calls of the allocator",
        one_calls.to_string(),
        other_calls.to_string(),
    );

    let ask = |one: &by_reference::Graph<'_>, other: &mut by_handle::Graph, live: &Live| {
        let (distances, one_took) = timed(|| one.distances(start));
        let (same_distances, other_took) = timed(|| other.distances(start));
        row("  distances", millis(one_took), millis(other_took));
        let (components, one_took) = timed(|| one.components());
        let (same_components, other_took) = timed(|| other.components());
        row("  components", millis(one_took), millis(other_took));
        if distances != same_distances || components != same_components {
            return Err("The two ways have different answers.".to_owned());
        }
        live.check_distances(start, &distances)?;
        live.check_components(&components)?;
        println!("  {}\n", summary(&distances, &components));
        Ok(())
    };
    ask(&one, &mut other, &live)?;

    if !removed.is_empty() {
        let ((), one_took) = timed(|| one.remove(&removed));
        let ((), other_took) = timed(|| other.remove(&removed));
        live.remove(&removed);
        let title = format!("{} nodes removed", removed.len());
        row(&title, millis(one_took), millis(other_took));
        ask(&one, &mut other, &live)?;

        let bytes = counting::bytes();
        let ((), one_took) = timed(|| one.add(&removed, &edges_again));
        let one_more = counting::bytes() - bytes;
        let bytes = counting::bytes();
        let ((), other_took) = timed(|| other.add(&removed, &edges_again));
        let other_more = counting::bytes() - bytes;
        live.add(&removed, &edges_again);
        row(
            "others in their places",
            millis(one_took),
            millis(other_took),
        );
        row("  more memory", mib(one_more), mib(other_more));
        ask(&one, &mut other, &live)?;
        println!(
            "  Both have the edges still that led to nodes which are gone: {} handles find nothing,\n  \
             though other nodes have the slots now. References find the old nodes, which stay, and are marked.\n",
            other.count_stale()
        );
    }

    Ok((Instant::now(), other))
}

/// So many of a hundred nodes, but not the one from which distances are counted. In order.
fn random_nodes(nodes: u32, percent: u32, start: u32, random: &mut Random) -> Vec<u32> {
    (0..nodes)
        .filter(|node| random.below(100) < percent && *node != start)
        .collect()
}

fn summary(distances: &[u32], components: &[u32]) -> String {
    let reached = distances.iter().filter(|distance| **distance != NONE);
    let (count, farthest) = reached.fold((0, 0), |(count, farthest), distance| {
        (count + 1, farthest.max(*distance))
    });
    let mut sizes = vec![0_u32; components.len()];
    for component in components.iter().filter(|component| **component != NONE) {
        sizes[*component as usize] += 1;
    }
    format!(
        "{count} nodes reached, the farthest {farthest} edges away;\n  {} components, of which the largest has {} nodes",
        sizes.iter().filter(|size| **size != 0).count(),
        sizes.iter().max().copied().unwrap_or(0)
    )
}

fn row(what: &str, one: String, other: String) {
    println!("{what:32}{one:>14}{other:>14}");
}

fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}

fn mib(bytes: usize) -> String {
    format!("{:.2} MiB", bytes as f64 / (1 << 20) as f64)
}
