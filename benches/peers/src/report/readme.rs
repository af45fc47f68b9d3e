//! The figures of the README: a block between two marks.

use std::fmt::Write;

use crate::report::chart;
use crate::report::compare::{self, Line, Summary, Verdict};
use crate::report::number::{optional, value};
use crate::report::page::{code, title};
use crate::report::record::{Bench, Record};

const BEGIN: &str = "<!-- figures: written by `cargo run --release -p peers -- report` -->";
const END: &str = "<!-- end of figures -->";

/// The benches whose charts matter most.
const CHARTS: [&str; 2] = ["arena", "requests"];

/// What it all comes to, with the same words in the README and in the page.
pub fn sentence(record: &Record) -> String {
    let all = Summary::of(&record.benches);
    let mut text = format!(
        "Of {} rows beside the best peer of each, arenula is ahead in {}, {} are a draw within 2 %, and in {} a peer is ahead",
        all.rows(),
        all.won,
        all.drawn,
        all.lost
    );
    let median = |bench: &str| Summary::of(record.bench(bench)).median();
    if let Some(median) = median("arena") {
        let _ = write!(
            text,
            "; an `Arena` is {} times as fast as the fastest of the others",
            value(median)
        );
    }
    if let Some(median) = median("requests") {
        let _ = write!(
            text,
            "; a request in a frame {} times as fast as on the fastest heap",
            value(median)
        );
    }
    if median("arena").or(median("requests")).is_some() {
        text.push_str(" (medians of the rows)");
    }
    text.push('.');
    text
}

pub fn block(record: &Record) -> String {
    let mut text = format!("{BEGIN}\n\n{}\n\n", sentence(record));
    for bench in CHARTS.into_iter().filter_map(|name| record.bench(name)) {
        for (file, _) in chart::all(bench).into_iter().take(1) {
            let _ = writeln!(
                text,
                "![{}: {}](docs/perf/{file})\n",
                bench.name,
                title(&bench.name)
            );
        }
    }
    text.push_str(
        "| bench | | won | drawn | lost | peer / ours, median | furthest ahead | furthest behind |\n\
         |---|---|--:|--:|--:|--:|---|---|\n",
    );
    for bench in &record.benches {
        let summary = Summary::of([bench]);
        let _ = writeln!(
            text,
            "| [{0}](docs/PERF.md#{0}) | {1} | {2} | {3} | {4} | {5} | {6} | {7} |",
            bench.name,
            title(&bench.name),
            summary.won,
            summary.drawn,
            summary.lost,
            optional(summary.median()),
            extreme(bench, Verdict::Won),
            extreme(bench, Verdict::Lost),
        );
    }
    let _ = write!(
        text,
        "\n{}All rows, and why a peer is ahead where it is: [docs/PERF.md](docs/PERF.md).\n\n{END}",
        on(record)
    );
    text
}

/// The row that is furthest ahead, or furthest behind, with its figure: if there is one.
fn extreme(bench: &Bench, verdict: Verdict) -> String {
    let distance = |line: &Line| line.lead().unwrap_or(1.0).ln().abs();
    (compare::lines(bench).iter())
        .filter(|line| line.verdict() == Some(verdict))
        .max_by(|one, other| distance(one).total_cmp(&distance(other)))
        .map_or("-".to_owned(), |line| {
            format!("{} {}", code(&line.row.name), optional(line.lead()))
        })
}

/// Where, in one sentence.
fn on(record: &Record) -> String {
    (record.setting.as_ref()).map_or(String::new(), |setting| {
        let kind = if setting.quick {
            "a quick run"
        } else {
            "one run"
        };
        format!("From {kind} on {}, {}. ", setting.cpu, setting.compiler)
    })
}

/// A README with another block in the place of the one that it has.
pub fn replaced(readme: &str, block: &str) -> Result<String, String> {
    let (before, rest) = readme
        .split_once(BEGIN)
        .ok_or_else(|| format!("has no line {BEGIN}"))?;
    let (_, after) = rest
        .split_once(END)
        .ok_or_else(|| format!("has no line {END} behind {BEGIN}"))?;
    Ok(format!("{before}{block}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::sample;

    #[test]
    fn the_block_names_the_extremes() {
        let block = block(&sample());
        let expected = "| [arena](docs/PERF.md#arena) | values of any types | 3 | 1 | 1 | 1.20 | \
                        `Vec<u32> push, 10^4` 30.0 | `scope & one` 0.50 |";
        assert!(block.contains(expected), "{block}");
        assert!(block.contains("| `text` 1.20 | - |"), "{block}");
        assert!(block.contains("![arena: values of any types](docs/perf/arena.svg)"));
        assert!(block.contains("Of 6 rows"), "{block}");
        assert!(
            !block.contains("requests.svg"),
            "what was not measured has no chart"
        );
    }

    #[test]
    fn a_block_takes_the_place_of_another() {
        let block = block(&sample());
        let readme = format!("# A\n\n{BEGIN}\nold\n{END}\n\nmore\n");
        let new = replaced(&readme, &block).unwrap();
        assert_eq!(new, format!("# A\n\n{block}\n\nmore\n"));
        assert_eq!(replaced(&new, &block).unwrap(), new);
        assert!(
            replaced("# A\n", &block)
                .unwrap_err()
                .contains("has no line <!-- figures")
        );
        assert!(
            replaced(BEGIN, &block)
                .unwrap_err()
                .contains("end of figures")
        );
    }
}
