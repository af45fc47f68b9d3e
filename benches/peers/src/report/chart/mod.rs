//! Charts as SVG, which are readable on light and on dark ground.

mod bars;
mod lines;

use std::fmt::{Display, Write};

use crate::report::record::{Axis, Bench};

/// The charts of a bench: names of files, and what is in them.
pub fn all(bench: &Bench) -> Vec<(String, String)> {
    let mut charts = Vec::new();
    if let Some(chart) = bars::chart(bench) {
        charts.push((format!("{}.svg", bench.name), chart));
    }
    for (axis, name) in [(Axis::Objects, "objects"), (Axis::Threads, "threads")] {
        if let Some(chart) = lines::chart(bench, axis) {
            charts.push((format!("{}-{name}.svg", bench.name), chart));
        }
    }
    charts
}

/// What is to be seen in a chart, by the name of its file.
pub fn about(file: &str) -> &'static str {
    if file.ends_with("-objects.svg") {
        "cost against the number of objects"
    } else if file.ends_with("-threads.svg") {
        "cost against the number of threads"
    } else {
        "each row beside the best peer and the limit"
    }
}

/// The size of text, and how wide a letter is at most, on average.
const TEXT: f64 = 12.0;
const LETTER: f64 = 0.6;

/// The colours of light and dark ground, by class.
const STYLE: &str = "\
text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; font-size: 12px; fill: #24292f }
.ground { fill: #ffffff }
.title { font-size: 15px; font-weight: 600 }
.strong { font-weight: 600 }
.weak { fill: #59636e }
.good { fill: #1a7f37; font-weight: 600 }
.bad { fill: #b3261e; font-weight: 600 }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.one { stroke: #59636e; stroke-width: 1 }
.limit { stroke: #24292f; stroke-width: 2 }
.s0 { fill: #0969da } .s1 { fill: #e08600 } .s2 { fill: #1b9e77 } .s3 { fill: #c2388a } .s4 { fill: #7a5af5 }
.s5 { fill: #8a6d00 } .s6 { fill: #c4432b } .s7 { fill: #0e8aa8 } .s8 { fill: #59636e }
path, line { fill: none }
.l0 { stroke: #0969da } .l1 { stroke: #e08600 } .l2 { stroke: #1b9e77 } .l3 { stroke: #c2388a } .l4 { stroke: #7a5af5 }
.l5 { stroke: #8a6d00 } .l6 { stroke: #c4432b } .l7 { stroke: #0e8aa8 } .l8 { stroke: #59636e }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.ground { fill: #0d1117 }
.weak { fill: #9198a1 }
.good { fill: #4ac26b }
.bad { fill: #ff8b7f }
.grid { stroke: #30363d }
.one { stroke: #9198a1 }
.limit { stroke: #e6edf3 }
.s0 { fill: #4493f8 } .s1 { fill: #f0a93b } .s2 { fill: #46c79f } .s3 { fill: #ee7fbf } .s4 { fill: #a78bfa }
.s5 { fill: #d2b13c } .s6 { fill: #ff8b7f } .s7 { fill: #56c7e0 } .s8 { fill: #9198a1 }
.l0 { stroke: #4493f8 } .l1 { stroke: #f0a93b } .l2 { stroke: #46c79f } .l3 { stroke: #ee7fbf } .l4 { stroke: #a78bfa }
.l5 { stroke: #d2b13c } .l6 { stroke: #ff8b7f } .l7 { stroke: #56c7e0 } .l8 { stroke: #9198a1 }
}
";

/// The class of the subject, of the last resort, and how many there are for peers.
const SUBJECT: usize = 0;
const GREY: usize = 8;
const PEERS: usize = 7;

/// A picture in the making. Figures are in pixels, from the upper left.
struct Svg {
    body: String,
}

impl Svg {
    fn new() -> Self {
        Self {
            body: String::new(),
        }
    }

    /// `anchor` is `start`, `middle` or `end`; `y` is the line that letters stand on.
    fn text(&mut self, x: f64, y: f64, anchor: &str, class: &str, text: &str) {
        let class = if class.is_empty() {
            String::new()
        } else {
            format!(" class=\"{class}\"")
        };
        self.push(format_args!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\"{class}>{}</text>",
            Px(x),
            Px(y),
            escaped(text)
        ));
    }

    fn rect(&mut self, [x, y, width, height]: [f64; 4], class: &str) {
        self.push(format_args!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"{class}\"/>",
            Px(x),
            Px(y),
            Px(width.max(0.0)),
            Px(height)
        ));
    }

    fn line(&mut self, [x1, y1, x2, y2]: [f64; 4], class: &str) {
        self.push(format_args!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" class=\"{class}\"/>",
            Px(x1),
            Px(y1),
            Px(x2),
            Px(y2)
        ));
    }

    fn circle(&mut self, (x, y): (f64, f64), class: &str) {
        self.push(format_args!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"2.5\" class=\"{class}\"/>",
            Px(x),
            Px(y)
        ));
    }

    fn path(&mut self, points: &[(f64, f64)], class: &str, style: &str) {
        let steps: Vec<String> = (points.iter().enumerate())
            .map(|(index, &(x, y))| {
                format!("{}{} {}", if index == 0 { 'M' } else { 'L' }, Px(x), Px(y))
            })
            .collect();
        self.push(format_args!(
            "<path d=\"{}\" class=\"{class}\" style=\"{style}\"/>",
            steps.join(" ")
        ));
    }

    fn push(&mut self, element: std::fmt::Arguments) {
        let _ = writeln!(self.body, "{element}");
    }

    /// The picture, with a ground of its own, so that text is never on one of the other kind.
    fn finish(self, width: f64, height: f64, title: &str) -> String {
        let (w, h) = (Px(width), Px(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\">\n\
             <title>{}</title>\n<style>\n{STYLE}</style>\n\
             <rect width=\"{w}\" height=\"{h}\" rx=\"8\" class=\"ground\"/>\n{}</svg>\n",
            escaped(title),
            self.body
        )
    }
}

/// A length, with no more digits than are seen.
struct Px(f64);

impl Display for Px {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = (self.0 * 10.0).round() / 10.0;
        // No sign without a number.
        write!(f, "{}", if tenths == 0.0 { 0.0 } else { tenths })
    }
}

/// How wide a text is, at most.
fn width(text: &str) -> f64 {
    text.chars().count() as f64 * TEXT * LETTER
}

/// A text that stands for itself in XML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            // Which XML has no way to write.
            control if control < ' ' => escaped.push(' '),
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::sample;

    #[test]
    fn text_stands_for_itself() {
        assert_eq!(
            escaped("Vec<u32> & \"x\" 'y'\n"),
            "Vec&lt;u32&gt; &amp; &quot;x&quot; &apos;y&apos; "
        );
    }

    #[test]
    fn lengths_are_short() {
        for (length, expected) in [(1.0, "1"), (0.25, "0.3"), (-0.01, "0"), (12.345, "12.3")] {
            assert_eq!(Px(length).to_string(), expected);
        }
    }

    /// The tags of a chart, each of which is one element, or the begin or the end of one.
    fn assert_is_xml(chart: &str) {
        let mut open: Vec<&str> = Vec::new();
        for part in chart.split('<').skip(1) {
            let (tag, text) = part.split_once('>').expect("a tag ends");
            assert!(!text.contains('>') && !tag.contains('\n'), "{part}");
            assert!(
                !text
                    .replace("&amp;", "")
                    .replace("&lt;", "")
                    .replace("&gt;", "")
                    .contains('&'),
                "{text}"
            );
            assert!(tag.matches('"').count().is_multiple_of(2), "{tag}");
            match tag.strip_prefix('/') {
                Some(name) => assert_eq!(open.pop(), Some(name)),
                None if tag.ends_with('/') => {}
                None => open.push(tag.split(' ').next().unwrap()),
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }

    #[test]
    fn a_bench_has_a_chart_for_its_rows_and_one_for_its_curves() {
        let record = sample();
        let charts: Vec<(String, String)> = record.benches.iter().flat_map(all).collect();
        let names: Vec<&str> = charts.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["arena.svg", "arena-objects.svg", "memory.svg"]);
        for (name, chart) in &charts {
            assert_is_xml(chart);
            assert!(!chart.contains("NaN") && !chart.contains("inf"), "{name}");
        }
        assert!(charts[0].1.contains("scope &amp; one"));
        assert!(charts[1].1.contains("Vec&lt;u32&gt; push"));
        assert_eq!(about(names[1]), "cost against the number of objects");
    }

    #[test]
    fn a_bench_without_rows_has_none() {
        assert!(all(&Bench::default()).is_empty());
    }
}
