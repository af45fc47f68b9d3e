//! What a run tells those who make something of its figures, in place of tables.

use std::path::Path;

use peers::{Axis, Column, Point, Record, Role, Spread};

use crate::child::Child;
use crate::options::Options;
use crate::programs::Program;
use crate::rounds;

const COLUMNS: &[Column] = &[
    Column {
        name: "frames/mimalloc",
        role: Role::Subject,
        note: "each request in a frame of its own, over mimalloc",
    },
    Column {
        name: "frames/system",
        role: Role::Variant,
        note: "each request in a frame of its own, over the system's allocator",
    },
    Column {
        name: "system",
        role: Role::Peer,
        note: "the system's allocator",
    },
    Column {
        name: "mimalloc",
        role: Role::Peer,
        note: "mimalloc",
    },
    Column {
        name: "jemalloc",
        role: Role::Peer,
        note: "jemalloc",
    },
    Column {
        name: "snmalloc",
        role: Role::Peer,
        note: "snmalloc",
    },
];

const UNIT: &str = "µs per request";

/// The numbers of threads.
const THREADS: [usize; 2] = [1, 2];

pub fn row_name(workload: &str, threads: usize) -> String {
    let plural = if threads == 1 { "" } else { "s" };
    format!("{workload}, {threads} thread{plural}")
}

pub fn measure(programs: &[Program], options: &mut Options, path: &Path) {
    let workloads = Child::start(&programs[0], 1).list();
    let mut rows = Vec::new();
    for threads in THREADS {
        options.threads = threads;
        let wanted = workloads.iter().filter(|workload| options.wants(workload));
        rows.extend(wanted.map(|workload| row_name(workload, threads)));
    }
    let mut record = Record::open(env!("CARGO_CRATE_NAME"), Some(path))
        .unwrap_or_else(|error| panic!("the record cannot be opened: {error}"));
    record.start(COLUMNS, rows.iter().map(String::as_str));
    for threads in THREADS {
        options.threads = threads;
        for row in rounds::measure(programs, options) {
            let cells: Vec<(&str, Spread)> = (programs.iter().zip(row.samples))
                .filter_map(|(program, samples)| {
                    let microseconds = samples.iter().map(|nanoseconds| nanoseconds / 1e3);
                    Some((program.allocator, Spread::of(microseconds.collect())?))
                })
                .collect();
            let point = Point {
                x: threads as u64,
                series: row.workload.clone(),
                axis: Axis::Threads,
            };
            record.row(
                &row_name(&row.workload, threads),
                UNIT,
                Some(&point),
                &cells,
            );
        }
    }
    record.end();
}
