//! What the programs have in common: the talk with whoever runs them.

use std::io::{self, Write};

use crate::crew::Crew;
use crate::timing::{Routine, routine};
use crate::workloads::{Buffers, Graph, Headers, Json, Tree, Words, Workload};
use crate::{Plain, Surround};

/// Answers the lines of standard input until it ends.
///
/// # Panics
///
/// If the arguments or a line make no sense.
pub fn serve<S: Surround>() {
    let mut threads = 1;
    let mut frames = true;
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--threads" => {
                threads = (args.next().and_then(|number| number.parse().ok()))
                    .filter(|&number| number > 0)
                    .expect("a number of threads");
            }
            "--no-frames" => frames = false,
            _ => panic!("unknown argument {arg}"),
        }
    }

    let routines = if frames {
        routines::<S>()
    } else {
        routines::<Plain>()
    };
    let (names, routines): (Vec<_>, Vec<_>) = routines.into_iter().unzip();
    talk(&names, &Crew::new(threads, routines));
}

fn routines<S: Surround>() -> Vec<(&'static str, Routine)> {
    fn entry<S: Surround, W: Workload>() -> (&'static str, Routine) {
        (W::NAME, routine::<S, W>())
    }
    vec![
        entry::<S, Json>(),
        entry::<S, Words>(),
        entry::<S, Tree>(),
        entry::<S, Buffers>(),
        entry::<S, Graph>(),
        entry::<S, Headers>(),
    ]
}

fn talk(names: &[&str], crew: &Crew) {
    let mut out = io::stdout();
    for line in io::stdin().lines() {
        let line = line.expect("lines of text");
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["list"] => writeln!(out, "{}", names.join(" ")),
            ["run", name, passes] => {
                let routine = (names.iter().position(|&known| known == name))
                    .unwrap_or_else(|| panic!("unknown workload {name}"));
                let result = crew.run(routine, passes.parse().expect("a number of passes"));
                writeln!(out, "{} {}", result.elapsed.as_nanos(), result.answer)
            }
            _ => panic!("neither `list` nor `run WORKLOAD PASSES`: {line}"),
        }
        .and_then(|()| out.flush())
        .expect("somebody who listens");
    }
}
