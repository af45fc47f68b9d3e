//! A line for each row: the subject's bar, that of the best peer below it, and a mark at the limit. All are by the
//! subject's own, whose bars so are of one length.

use crate::report::chart::{SUBJECT, Svg, width};
use crate::report::compare::{Line, Verdict, lines};
use crate::report::number::{optional, value};
use crate::report::page::title;
use crate::report::record::{Bench, Cell};

/// From one row to the next, and how thick a bar is.
const PITCH: f64 = 34.0;
const BAR: f64 = 11.0;

/// Where the rows begin, below title and legend; and what is below them.
const TOP: f64 = 84.0;
const BOTTOM: f64 = 34.0;

const MARGIN: f64 = 16.0;

/// How wide the axis is.
const AXIS: f64 = 360.0;

/// Longer bars are cut off, lest they make all others short.
const LONGEST: f64 = 4.0;

/// Curves of so many points are drawn as such, and not here.
const CURVE: usize = 3;

/// Of the last column.
const HEADING: &str = "peer / ours";

/// Answers `None` if there is nothing to draw.
pub fn chart(bench: &Bench) -> Option<String> {
    let is_point = |line: &Line| {
        let series = line.row.series.as_ref();
        let points = bench
            .rows
            .iter()
            .filter(|row| row.series.as_ref() == series)
            .count();
        series.is_some() && points >= CURVE
    };
    let lines: Vec<Line> = lines(bench)
        .into_iter()
        .filter(|line| !is_point(line))
        .collect();
    let unit = &lines.first()?.row.unit;

    let figures: Vec<(String, String)> = lines.iter().map(|line| figures(bench, line)).collect();
    let left = MARGIN + widest(lines.iter().map(|line| &*line.row.name)) + 10.0;
    let right = left + AXIS + 14.0;
    let ratio = right + widest(figures.iter().flat_map(|(one, other)| [&**one, &**other])) + 14.0;
    let total = ratio + width(HEADING) + MARGIN;

    let mut chart = Chart {
        svg: Svg::new(),
        left,
        longest: longest(&lines),
    };
    let has_limit = lines.iter().any(|line| line.limit.is_some());
    let head = chart.head(bench, unit, ratio, has_limit);
    let total = total.max(head + MARGIN);
    chart.axis(lines.len());
    for (index, (line, figures)) in lines.iter().zip(&figures).enumerate() {
        chart.row(TOP + index as f64 * PITCH, line, figures, right, ratio);
    }
    let height = TOP + lines.len() as f64 * PITCH + BOTTOM;
    Some(chart.svg.finish(
        total,
        height,
        &format!("{}: {}", bench.name, title(&bench.name)),
    ))
}

/// What is said of the subject and of the best peer.
fn figures(bench: &Bench, line: &Line) -> (String, String) {
    let peer = |cell: &Cell| format!("{} {}", cell.column, value(cell.median));
    (
        format!("{} {}", bench.subject(), value(line.subject.median)),
        line.peer.map_or(String::new(), peer),
    )
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> f64 {
    texts.map(width).fold(0.0, f64::max)
}

/// A result by that of the subject.
fn length(line: &Line, median: f64) -> f64 {
    median / line.subject.median
}

/// Up to where the axis goes: a multiple of a half.
fn longest(lines: &[Line]) -> f64 {
    let cells = lines.iter().flat_map(|line| {
        let cells = [Some(line.subject), line.peer, line.limit]
            .into_iter()
            .flatten();
        cells.map(move |cell| length(line, cell.median))
    });
    let longest = cells.fold(1.0, f64::max).min(LONGEST);
    (longest * 2.0).ceil() / 2.0
}

struct Chart {
    svg: Svg,
    left: f64,
    longest: f64,
}

impl Chart {
    fn x(&self, length: f64) -> f64 {
        self.left + length.min(self.longest) / self.longest * AXIS
    }

    /// Answers where it ends, to the right.
    fn head(&mut self, bench: &Bench, unit: &str, ratio: f64, has_limit: bool) -> f64 {
        let name = format!("{}: {}", bench.name, title(&bench.name));
        self.svg.text(MARGIN, 26.0, "start", "title", &name);
        let mut x = MARGIN;
        for (class, text) in [("s0", bench.subject()), ("s1", "best peer")] {
            self.svg.rect([x, 42.0, 12.0, 10.0], class);
            self.svg.text(x + 17.0, 51.0, "start", "weak", text);
            x += width(text) + 34.0;
        }
        if has_limit {
            self.svg.line([x + 4.0, 40.0, x + 4.0, 54.0], "limit");
            self.svg.text(x + 11.0, 51.0, "start", "weak", "limit");
            x += width("limit") + 34.0;
        }
        let what = format!("shorter is better; figures: {unit}");
        self.svg.text(x, 51.0, "start", "weak", &what);
        self.svg.text(ratio, TOP - 10.0, "start", "weak", HEADING);
        x + width(&what)
    }

    fn axis(&mut self, rows: usize) {
        let bottom = TOP + rows as f64 * PITCH;
        let steps = (self.longest * 2.0) as usize;
        for step in (0..=steps).filter(|step| self.longest <= 2.0 || step.is_multiple_of(2)) {
            let length = step as f64 / 2.0;
            let class = if step == 2 { "one" } else { "grid" };
            let x = self.x(length);
            self.svg.line([x, TOP - 4.0, x, bottom], class);
            let label = format!("{length}×");
            self.svg.text(x, bottom + 16.0, "middle", "weak", &label);
        }
    }

    fn row(
        &mut self,
        top: f64,
        line: &Line,
        (subject, peer): &(String, String),
        right: f64,
        ratio: f64,
    ) {
        let middle = top + PITCH / 2.0;
        self.svg
            .text(self.left - 10.0, middle + 4.0, "end", "", &line.row.name);
        self.bar(line, line.subject.median, middle - BAR - 0.5, SUBJECT);
        self.svg.text(right, middle - 3.0, "start", "", subject);
        if let Some(cell) = line.peer {
            self.bar(line, cell.median, middle + 0.5, 1);
            self.svg.text(right, middle + 11.0, "start", "weak", peer);
        }
        if let Some(limit) = line.limit {
            let length = length(line, limit.median);
            if length <= self.longest {
                let x = self.x(length);
                self.svg
                    .line([x, middle - BAR - 2.0, x, middle + BAR + 2.0], "limit");
            }
        }
        let class = match line.verdict() {
            Some(Verdict::Won) => "good",
            Some(Verdict::Lost) => "bad",
            _ => "weak",
        };
        self.svg
            .text(ratio, middle + 4.0, "start", class, &optional(line.lead()));
    }

    /// One that is cut off has a gap near its end.
    fn bar(&mut self, line: &Line, median: f64, y: f64, series: usize) {
        let length = length(line, median);
        let end = self.x(length);
        self.svg
            .rect([self.left, y, end - self.left, BAR], &format!("s{series}"));
        if length > self.longest {
            self.svg.rect([end - 14.0, y, 2.5, BAR], "ground");
            self.svg.rect([end - 9.0, y, 2.5, BAR], "ground");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::sample;

    #[test]
    fn points_of_a_curve_are_left_out() {
        let record = sample();
        let svg = chart(&record.benches[0]).unwrap();
        assert!(svg.contains(">value u8<"));
        assert!(!svg.contains("push"));
        // Two points make no curve, and are told as rows.
        let mut record = record;
        record.benches[0].rows.truncate(4);
        assert!(chart(&record.benches[0]).unwrap().contains("push, 10^3"));
    }

    #[test]
    fn the_axis_ends_behind_the_longest_bar_or_cuts_it() {
        let record = sample();
        let lines = lines(&record.benches[0]);
        assert_eq!(longest(&lines[..1]), 1.5);
        assert_eq!(longest(&lines[1..2]), 1.0);
        assert_eq!(longest(&lines[..]), LONGEST);
    }

    #[test]
    fn a_row_has_its_figures() {
        let record = sample();
        let svg = chart(&record.benches[1]).unwrap();
        assert!(svg.contains("figures: bytes held per byte asked"));
        assert!(
            svg.contains(">arenula 1.25<")
                && svg.contains(">lasso 1.50<")
                && svg.contains(">1.20<")
        );
        assert!(!svg.contains(">limit<"), "there is none");
    }
}
