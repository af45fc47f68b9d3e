//! Why a peer is ahead: texts that people write, in `docs/perf/explained.md`.
//!
//! A heading `## bench`, below it headings `### row` with the text behind; headings that follow each other
//! share the text. In place of a row there can be a curve, of whose points it is then told.

use crate::report::compare::{self, Verdict};
use crate::report::record::{Measured, Record};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanations(Vec<Explanation>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Explanation {
    bench: String,
    row: String,
    text: String,
}

impl Explanations {
    pub fn parse(text: &str) -> Self {
        let mut all: Vec<Explanation> = Vec::new();
        let mut bench = "";
        // Where the headings begin that share what comes.
        let mut first = 0;
        let mut is_text = false;
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("## ") {
                bench = name.trim().trim_matches('`');
                (first, is_text) = (all.len(), false);
            } else if let Some(name) = line.strip_prefix("### ") {
                if is_text {
                    (first, is_text) = (all.len(), false);
                }
                all.push(Explanation {
                    bench: bench.to_owned(),
                    row: name.trim().trim_matches('`').to_owned(),
                    text: String::new(),
                });
            } else if !line.is_empty() {
                is_text |= first < all.len();
                for explanation in &mut all[first..] {
                    if !explanation.text.is_empty() {
                        explanation.text.push(' ');
                    }
                    explanation.text.push_str(line);
                }
            }
        }
        all.retain(|explanation| !explanation.text.is_empty());
        Self(all)
    }

    /// Why a peer is ahead in a row, or in all of a curve.
    pub fn of(&self, bench: &str, row: &Measured) -> Option<&str> {
        (self.0.iter())
            .filter(|explanation| explanation.bench == bench && explanation.is_of(row))
            // What is said of the row itself says more.
            .max_by_key(|explanation| explanation.row == row.name)
            .map(|explanation| &*explanation.text)
    }

    /// What is explained although it is not so any more, in words.
    pub fn stale(&self, record: &Record) -> Vec<String> {
        // Rows that nobody asked for, or that were not reached, are no sign.
        let is_chosen = (record.setting.as_ref()).is_some_and(|setting| setting.only.is_some());
        let is_through = (record.done.as_ref()).is_some_and(|done| done.failed.is_empty());
        (self.0.iter())
            .filter_map(|explanation| {
                let Explanation { bench, row, .. } = explanation;
                let lines = compare::lines(record.bench(bench)?);
                let mut lines = lines
                    .iter()
                    .filter(|line| explanation.is_of(line.row))
                    .peekable();
                if lines.peek().is_none() {
                    return (is_through && !is_chosen)
                        .then(|| format!("{bench}, {row}: there is no such row"));
                }
                let is_lost = lines.any(|line| line.verdict() == Some(Verdict::Lost));
                (!is_lost).then(|| format!("{bench}, {row}: is not lost any more"))
            })
            .collect()
    }
}

impl Explanation {
    fn is_of(&self, row: &Measured) -> bool {
        self.row == row.name || row.series.as_ref() == Some(&self.row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::sample;

    const TEXT: &str = "# Why\n\nHow to write it.\n\n## `arena`\n\nWords between.\n\n### scope & one\n\nIt notes\nmore.\n\n\
        And so on.\n\n### value u8\n### Vec<u32> push, 10^2\n\nBoth.\n\n### gone\n\nOld.\n\n## other\n\nNothing.\n\n### row\n\nx\n";

    #[test]
    fn headings_name_rows() {
        let (texts, record) = (Explanations::parse(TEXT), sample());
        let rows = &record.benches[0].rows;
        assert_eq!(
            texts.of("arena", &rows[1]),
            Some("It notes more. And so on.")
        );
        assert_eq!(texts.of("arena", &rows[0]), Some("Both."));
        assert_eq!(texts.of("arena", &rows[2]), Some("Both."));
        assert_eq!(texts.of("memory", &rows[1]), None);
        assert_eq!(texts.0.len(), 5);
    }

    #[test]
    fn a_curve_is_explained_as_one() {
        let texts = "## arena\n### Vec<u32> push\nAll.\n### Vec<u32> push, 10^3\nThis.\n";
        let (texts, mut record) = (Explanations::parse(texts), sample());
        let rows = &record.benches[0].rows;
        assert_eq!(texts.of("arena", &rows[2]), Some("All."));
        assert_eq!(texts.of("arena", &rows[3]), Some("This."));
        assert_eq!(texts.of("arena", &rows[0]), None);
        assert_eq!(texts.stale(&record).len(), 2);
        // One point that is lost is enough.
        record.benches[0].rows[4].cells[1].median = 0.5;
        assert_eq!(
            texts.stale(&record),
            ["arena, Vec<u32> push, 10^3: is not lost any more"]
        );
    }

    #[test]
    fn what_is_not_lost_is_stale() {
        let mut record = sample();
        let texts = Explanations::parse(TEXT);
        let stale = texts.stale(&record);
        assert_eq!(stale.len(), 3);
        assert_eq!(stale[0], "arena, value u8: is not lost any more");
        assert_eq!(stale[2], "arena, gone: there is no such row");

        record.setting.as_mut().unwrap().only = Some("u".to_owned());
        assert_eq!(texts.stale(&record).len(), 2);
        record.setting.as_mut().unwrap().only = None;
        record.done = None;
        assert_eq!(texts.stale(&record).len(), 2);
    }
}
