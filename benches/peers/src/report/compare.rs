//! Who is ahead, and by how much.

use crate::report::record::{Bench, Cell, Measured, Record, Role};

/// Within this, as it is printed, nobody is ahead.
const DRAW: std::ops::RangeInclusive<f64> = 0.98..=1.02;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Won,
    Drawn,
    Lost,
}

/// A row, with the cells that a comparison is about.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub row: &'a Measured,
    pub subject: &'a Cell,
    /// The best of them.
    pub peer: Option<&'a Cell>,
    pub limit: Option<&'a Cell>,
}

impl<'a> Line<'a> {
    /// Answers `None` if the subject has no part in the row, or a result that can't be one.
    pub fn new(bench: &Bench, row: &'a Measured) -> Option<Self> {
        let best = |role| {
            (row.cells.iter())
                .filter(|cell| bench.role(&cell.column) == Some(role))
                .filter(|cell| cell.median.is_finite() && cell.median > 0.0)
                .min_by(|one, other| one.median.total_cmp(&other.median))
        };
        Some(Self {
            row,
            subject: best(Role::Subject)?,
            peer: best(Role::Peer),
            limit: best(Role::Limit),
        })
    }

    /// The best peer's result by the subject's: above 1 where the subject is ahead.
    pub fn lead(&self) -> Option<f64> {
        Some(self.peer?.median / self.subject.median)
    }

    /// The subject's result by that of the limit.
    pub fn over_limit(&self) -> Option<f64> {
        Some(self.subject.median / self.limit?.median)
    }

    pub fn verdict(&self) -> Option<Verdict> {
        self.lead().map(verdict)
    }

    pub fn instructions(&self, cell: &Cell) -> Option<f64> {
        self.row.instructions.get(&cell.column).copied()
    }
}

/// What is printed decides, so that the reader comes to the same.
fn verdict(lead: f64) -> Verdict {
    let printed = (lead * 100.0).round() / 100.0;
    if DRAW.contains(&printed) {
        Verdict::Drawn
    } else if printed > 1.0 {
        Verdict::Won
    } else {
        Verdict::Lost
    }
}

pub fn lines(bench: &Bench) -> Vec<Line<'_>> {
    (bench.rows.iter())
        .filter_map(|row| Line::new(bench, row))
        .collect()
}

/// What the rows of a bench, or of several, come to. Rows without a peer are not counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    pub won: usize,
    pub drawn: usize,
    pub lost: usize,
    leads: Vec<f64>,
}

impl Summary {
    pub fn of<'a>(benches: impl IntoIterator<Item = &'a Bench>) -> Self {
        let mut summary = Self::default();
        for lead in (benches.into_iter())
            .flat_map(|bench| lines(bench).into_iter().filter_map(|line| line.lead()))
        {
            match verdict(lead) {
                Verdict::Won => summary.won += 1,
                Verdict::Drawn => summary.drawn += 1,
                Verdict::Lost => summary.lost += 1,
            }
            summary.leads.push(lead);
        }
        summary
    }

    pub fn rows(&self) -> usize {
        self.won + self.drawn + self.lost
    }

    /// The median of the leads. (A mean would be what one row makes of it in which the work is next to nothing.)
    pub fn median(&self) -> Option<f64> {
        let mut leads = self.leads.clone();
        leads.sort_by(f64::total_cmp);
        let upper = leads.len() / 2;
        let lower = leads.len().checked_sub(1)? / 2;
        Some((leads[lower] * leads[upper]).sqrt())
    }
}

/// The rows in which a peer is ahead, with their benches.
pub fn losses(record: &Record) -> impl Iterator<Item = (&Bench, Line<'_>)> {
    (record.benches.iter()).flat_map(|bench| {
        (lines(bench).into_iter())
            .filter(|line| line.verdict() == Some(Verdict::Lost))
            .map(move |line| (bench, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::sample;

    #[test]
    fn the_best_peer_and_the_limit_are_compared() {
        let record = sample();
        let arena = record.bench("arena").unwrap();
        let line = Line::new(arena, &arena.rows[0]).unwrap();
        assert_eq!(line.peer.unwrap().column, "bumpalo<8>");
        assert_eq!(line.lead(), Some(1.2));
        assert_eq!(line.over_limit(), Some(1.25));
        assert_eq!(line.instructions(line.subject), Some(7.01));
        let other = Line::new(arena, &arena.rows[1]).unwrap();
        assert_eq!(other.over_limit(), None);
        assert_eq!(other.instructions(other.subject), None);
    }

    #[test]
    fn two_percent_are_a_draw_as_printed() {
        for (lead, expected) in [
            (1.03, Verdict::Won),
            (1.0249, Verdict::Drawn),
            (1.0, Verdict::Drawn),
            (0.9751, Verdict::Drawn),
            (0.974, Verdict::Lost),
        ] {
            assert_eq!(verdict(lead), expected, "{lead}");
        }
    }

    #[test]
    fn a_summary_counts_and_has_a_median() {
        let record = sample();
        let summary = Summary::of([record.bench("arena").unwrap()]);
        assert_eq!((summary.won, summary.drawn, summary.lost), (3, 1, 1));
        assert!((summary.median().unwrap() - 1.2).abs() < 1e-9);
        let even = Summary {
            leads: vec![2.0, 1000.0, 0.1, 0.5],
            ..Summary::default()
        };
        assert!((even.median().unwrap() - 1.0).abs() < 1e-9);
        assert_eq!(Summary::of(&record.benches).rows(), 6);
        assert_eq!(Summary::default().median(), None);
    }

    #[test]
    fn rows_without_a_peer_or_a_subject_do_not_count() {
        let mut record = sample();
        let arena = &mut record.benches[0];
        arena.rows.truncate(2);
        arena.rows[0].cells.retain(|cell| cell.column != "arenula");
        arena.rows[1].cells.truncate(1);
        assert_eq!(lines(arena).len(), 1);
        assert_eq!(Summary::of([&*arena]).rows(), 0);
        arena.rows[1].cells[0].median = 0.0;
        assert!(lines(arena).is_empty(), "nothing is free");
    }

    #[test]
    fn losses_are_found() {
        let record = sample();
        let names: Vec<&str> = losses(&record).map(|(_, line)| &*line.row.name).collect();
        assert_eq!(names, ["scope & one"]);
    }
}
