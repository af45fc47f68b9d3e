//! One contender after another, measured by criterion.

use std::time::Duration;

use criterion::{Criterion, SamplingMode, Throughput};

use crate::comparison::{Results, Runner};
use crate::spread::best;
use crate::{Build, Row, Spread};

pub(crate) struct Sequential {
    criterion: Criterion,
}

impl Sequential {
    pub(crate) fn from_args() -> Self {
        // Short, since there are some two hundred benchmarks; the command line can ask for more.
        let criterion = Criterion::default()
            .warm_up_time(Duration::from_millis(200))
            .measurement_time(Duration::from_millis(900))
            .sample_size(40)
            .nresamples(2_000)
            .configure_from_args();
        Self { criterion }
    }
}

impl Runner for Sequential {
    const UNIT: &'static str = "ns per operation";

    fn measure(&mut self, name: &str, builds: &[Build]) -> Results {
        let mut rows: Vec<Row> = builds.iter().map(|build| build()).collect();
        let columns: Vec<&str> = rows[0].entries.iter().map(|&(column, _)| column).collect();

        let mut group = self.criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(rows[0].operations));
        // The builds differ in speed, and this way they contribute alike.
        group.sampling_mode(SamplingMode::Flat);
        let mut cells = Vec::new();
        for (index, column) in columns.into_iter().enumerate() {
            let mut samples = Vec::new();
            group.bench_function(column, |bencher| {
                bencher.iter_custom(|passes| {
                    let build = samples.len() % rows.len();
                    let (_, routine) = &mut rows[build].entries[index];
                    let elapsed = routine(passes);
                    let nanoseconds = rows[build].nanoseconds_per_operation(elapsed, passes);
                    samples.push(Sample {
                        passes,
                        build,
                        nanoseconds,
                    });
                    elapsed
                });
            });
            cells.extend(result(samples, rows.len()).map(|result| (column, result)));
        }
        group.finish();
        Results {
            point: rows.swap_remove(0).point,
            cells,
        }
    }

    fn finish(&mut self) {
        self.criterion.final_summary();
    }
}

/// What criterion measures, kept here because its own files know nothing of builds.
struct Sample {
    passes: u64,
    build: usize,
    nanoseconds: f64,
}

/// Leaves out the warm-up, which is known by its numbers of passes: 1, 2, 4, 8, ...
///
/// In criterion's quick mode there is nothing else, and the longest run counts; in its test mode
/// there is a single pass, and the answer is `None`.
fn result(samples: Vec<Sample>, builds: usize) -> Option<Spread> {
    let last = samples.len().checked_sub(1).filter(|&last| last > 0)?;
    let is_warm_up =
        |index: usize, passes| index < last && 1_u64.checked_shl(index as u32) == Some(passes);
    let mut by_build = vec![Vec::new(); builds];
    (samples.into_iter().enumerate())
        .skip_while(|(index, sample)| is_warm_up(*index, sample.passes))
        .for_each(|(_, sample)| by_build[sample.build].push(sample.nanoseconds));
    best(by_build)
}
