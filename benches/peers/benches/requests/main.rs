//! What requests cost with each global allocator: frames beside the allocators that they stand on, and
//! beside others.
//!
//! ```text
//! cargo bench -p peers --bench requests                         # some three minutes, after building
//! cargo bench -p peers --bench requests -- --quick              # a third of one
//! cargo bench -p peers --bench requests -- json                 # only what has this (or that) in its name
//! cargo bench -p peers --bench requests -- --fat-lto            # only this build, or --thin-local
//! cargo bench -p peers --bench requests -- --threads 2          # two threads at once
//! cargo bench -p peers --bench requests -- --record PATH        # one thread and two, for who makes something of it
//! cargo bench -p peers --bench requests -- instructions         # outside of frames, counted
//! cargo bench -p peers --bench requests -- --features frames    # with the programs of a feature, or
//!                                                               # --no-default-features, --offline
//! ```
//!
//! A program has a single global allocator. So there is a program for each of them, in the package
//! `requests`, where the work is described too. This one builds them, twice: with everything optimised
//! as one (`bench-fat-lto`), and as cargo does it by itself (`bench-thin-local`). Then it lets all of
//! them take turns of some 20 ms in many rounds, so that a slow spell of the machine hits them alike. A
//! request is served in a frame of its own where there are frames, and all have to give the same answers.
//!
//! What is printed are medians of the rounds. The ratios are medians too, of what two allocators took in
//! the same round, and above 1 where frames are faster. How much of a ratio is noise, a second run tells.
//!
//! The programs are started anew a few times during a run, since it matters where their memory happens
//! to lie. In between each of them serves all kinds of requests, so that the heaps are not fresh.
//!
//! With a single thread there is no other one in the program, and the system's allocator may know that
//! it needs no locks. With `--threads` all threads serve the same kind of request, and the time is that
//! of the last one to be done, for as many requests as one of them has served.
//!
//! The mode `instructions` wants to know what programs pay for frames that they do not use: it runs all
//! requests outside of them under valgrind, and compares frames over an allocator with the allocator
//! itself. It fails if that is above [`BAR`]. Up to one percent may come from a heap that begins
//! elsewhere: the system's allocator takes note of what has been freed before, and how long the name of
//! the program is shows there.
//!
//! The allocators in C need a compiler, a shell and `make`, and snmalloc one for C++20 (but not cmake);
//! `--no-default-features` leaves it out.

mod child;
mod instructions;
mod options;
mod programs;
mod recorded;
mod report;
mod rounds;

use std::process::ExitCode;

use crate::instructions::BAR;
use crate::options::Options;
use crate::report::{Ratio, Report};

fn main() -> ExitCode {
    let mut options = match Options::from_args(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(complaint) => {
            eprintln!("{complaint}; what there is stands at the top of benches/requests/main.rs");
            return ExitCode::from(2);
        }
    };
    // `cargo test --benches` runs this too, but without the word that `cargo bench` says.
    if !options.is_bench {
        eprintln!("nothing to test: this measures, with `cargo bench`");
        return ExitCode::SUCCESS;
    }

    let mut programs = Vec::new();
    for &build in &options.builds {
        eprintln!("building, {}", build.name);
        programs.extend(programs::build(build, &options.cargo));
    }
    if let Some(path) = options.record.take() {
        recorded::measure(&programs, &mut options, &path);
        return ExitCode::SUCCESS;
    }
    let (unit, rows, ratios) = if options.instructions {
        let ratios = [
            Ratio::over("frames/system", "system").at_most(BAR),
            Ratio::over("frames/mimalloc", "mimalloc").at_most(BAR),
        ];
        let rows = instructions::count(&programs, &options);
        ("instructions per request", rows, ratios)
    } else {
        let ratios = [
            Ratio::over("system", "frames/system"),
            Ratio::over("mimalloc", "frames/mimalloc"),
        ];
        (
            "ns per request",
            rounds::measure(&programs, &options),
            ratios,
        )
    };

    if rows.is_empty() {
        eprintln!("nothing was measured");
        return ExitCode::FAILURE;
    }

    let mut is_good = true;
    for build in &options.builds {
        let report = Report::new(unit, build, &programs, &rows, &ratios);
        is_good &= report.is_good();
        println!(
            "{}; threads: {}\n\n{report}",
            build.description, options.threads
        );
    }
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
