//! The loop of a game that calls no allocator: rocks drift and bump into each other, missiles chase them.
//!
//! ```text
//! cargo run --release --example game_loop
//! cargo run --release --example game_loop -- --frames 20000 --entities 10000 --seed 7
//! ```
//!
//! What lives for many frames is in `Slots`, and is known by its handle: a missile keeps that of its target, and
//! notices when somebody else was faster. What is made anew in each frame, places, velocities, the grid in which
//! neighbours are looked up, sparks, is built in one half of a `DoubleBuffer` while the last frame is read in the other.

mod grid;
#[path = "../shared/options.rs"]
mod options;
#[path = "../shared/random.rs"]
mod random;
mod times;
mod world;

#[path = "../shared/counting.rs"]
mod counting;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::time::Instant;

use crate::counting::Counting;
use crate::options::{Words, fail, misused};
use crate::times::Times;
use crate::world::World;

#[global_allocator]
static ALLOC: Counting = Counting;

const USAGE: &str = "\
usage: game_loop [--frames N] [--entities N] [--seed N]

  --frames N     how long the game lasts (5000)
  --entities N   how many rocks and missiles there may be (4000)
  --seed N       another seed, another game; the same one, the same game (1)";

struct Options {
    frames: usize,
    entities: u32,
    seed: u64,
}

impl Options {
    fn from_args() -> Result<Self, String> {
        let mut options = Options {
            frames: 5000,
            entities: 4000,
            seed: 1,
        };
        let mut words = Words::of_command_line();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--frames" => options.frames = words.number(&word, 300..=10_000_000)?,
                "--entities" => options.entities = words.number(&word, 10..=1_000_000)?,
                "--seed" => options.seed = words.number(&word, 0..=u64::MAX)?,
                _ => return Err(format!("there is no option {word:?}")),
            }
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    match Options::from_args() {
        Ok(options) => play(&options),
        Err(message) => misused(&message, USAGE),
    }
}

fn play(options: &Options) -> ExitCode {
    let Options {
        frames,
        entities,
        seed,
    } = *options;
    println!("{frames} frames of a game with up to {entities} rocks and missiles, seed {seed}.");

    let mut world = World::new(entities, seed);
    // Until the field is full there are always more than ever before; then each frame is like the last one.
    let warm_up = (frames / 2).min(300);
    let mut times = Times::with_capacity(frames - warm_up);
    let (mut calls_at_first, mut calls_when_warm) = (0, 0);
    let is_watched = io::stderr().is_terminal();
    for frame in 0..frames {
        let (calls, start) = (counting::calls(), Instant::now());
        world.advance();
        let time = start.elapsed();
        let calls = counting::calls() - calls;
        if frame < warm_up {
            calls_at_first += calls;
        } else {
            calls_when_warm += calls;
            times.push(time);
        }
        // Each frame, as it is cheap: but not in the frame's time.
        world.check();
        if (frame + 1) % (frames / 10) == 0 {
            let share = (frame + 1) * 100 / frames;
            let (start, end) = if is_watched { ("\r", "") } else { ("", "\n") };
            let _ = write!(io::stderr(), "{start}  {share:3} % played{end}");
        }
    }
    if is_watched {
        eprintln!();
    }

    println!("\nWhat happened\n");
    world.report();
    println!(
        "\nHow long a frame took, of the {} after the first {warm_up}\n",
        frames - warm_up
    );
    times.report();
    println!("\nMemory\n");
    println!("  {}", world.memory());
    println!(
        "  The allocator was called {calls_at_first} times in the first {warm_up} frames, \
         and {calls_when_warm} times in the {} after them.",
        frames - warm_up
    );
    if calls_when_warm != 0 {
        return fail("The loop should not call the allocator when it is warm.");
    }
    ExitCode::SUCCESS
}
