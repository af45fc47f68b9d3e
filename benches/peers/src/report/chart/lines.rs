//! Curves: a panel for each series, with a line for each contender. Both axes are logarithmic.

use crate::report::chart::{GREY, PEERS, SUBJECT, Svg, width};
use crate::report::number::{plain, power};
use crate::report::page::title;
use crate::report::record::{Axis, Bench, Measured, Role};

/// A panel has room for its axes' labels to the left and below, and for the names of its lines to the right.
const PLOT: (f64, f64) = (270.0, 210.0);
const LEFT: f64 = 58.0;
const ABOVE: f64 = 48.0;
const BELOW: f64 = 44.0;

const MARGIN: f64 = 16.0;
const HEAD: f64 = 44.0;
const COLUMNS: usize = 2;

/// From one name to the next, at least.
const NAMES: f64 = 13.5;

/// The least that an axis stretches over, lest noise looks like mountains.
const RANGE: f64 = 4.0;

/// The line of a contender.
struct Curve {
    column: usize,
    points: Vec<(f64, f64)>,
}

/// All lines of a series.
struct Panel<'a> {
    name: &'a str,
    unit: &'a str,
    curves: Vec<Curve>,
}

/// Answers `None` if there is nothing to draw along the axis.
pub fn chart(bench: &Bench, axis: Axis) -> Option<String> {
    let rows: Vec<&Measured> = (bench.rows.iter())
        .filter(|row| row.axis == Some(axis) && row.x.is_some_and(|x| x > 0.0))
        .collect();
    let mut names: Vec<&str> = Vec::new();
    for name in rows.iter().filter_map(|row| row.series.as_deref()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let panels: Vec<Panel> = names.iter().map(|name| panel(bench, &rows, name)).collect();
    let panels: Vec<Panel> = panels
        .into_iter()
        .filter(|panel| !panel.curves.is_empty())
        .collect();
    if panels.is_empty() {
        return None;
    }

    let names = bench
        .columns
        .iter()
        .map(|column| width(&column.name))
        .fold(0.0, f64::max);
    let panel_width = LEFT + PLOT.0 + 22.0 + names + MARGIN;
    let panel_height = ABOVE + PLOT.1 + BELOW;
    let mut svg = Svg::new();
    // What less of is better: bytes, or time.
    let cost = if panels[0].unit.starts_with("bytes") {
        "bytes"
    } else {
        "cost"
    };
    let what = format!("{cost} against the number of {}", name(axis));
    let head = format!("{}: {what}", bench.name);
    svg.text(MARGIN, 26.0, "start", "title", &head);
    for (index, panel) in panels.iter().enumerate() {
        let left = MARGIN + (index % COLUMNS) as f64 * panel_width;
        let top = HEAD + (index / COLUMNS) as f64 * panel_height;
        draw(&mut svg, bench, axis, panel, (left + LEFT, top + ABOVE));
    }
    let columns = panels.len().min(COLUMNS) as f64;
    let lines = panels.len().div_ceil(COLUMNS) as f64;
    let total = (MARGIN + columns * panel_width, HEAD + lines * panel_height);
    Some(svg.finish(
        total.0,
        total.1,
        &format!("{head} ({})", title(&bench.name)),
    ))
}

fn panel<'a>(bench: &Bench, rows: &[&'a Measured], name: &'a str) -> Panel<'a> {
    let rows: Vec<&Measured> = (rows.iter().copied())
        .filter(|row| row.series.as_deref() == Some(name))
        .collect();
    let curve = |(column, name): (usize, &String)| {
        let mut points: Vec<(f64, f64)> = (rows.iter())
            .filter_map(|row| {
                let cell = row.cells.iter().find(|cell| cell.column == *name)?;
                Some((row.x?, cell.median)).filter(|(_, y)| *y > 0.0 && y.is_finite())
            })
            .collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        Curve { column, points }
    };
    let curves = bench
        .columns
        .iter()
        .map(|column| &column.name)
        .enumerate()
        .map(curve);
    Panel {
        name,
        unit: rows.first().map_or("", |row| &row.unit),
        curves: curves.filter(|curve| !curve.points.is_empty()).collect(),
    }
}

/// A logarithmic axis, from one pixel to another.
struct Scale {
    from: f64,
    to: f64,
    pixels: (f64, f64),
}

impl Scale {
    fn new(values: impl Iterator<Item = f64>, least: f64, pixels: (f64, f64)) -> Self {
        let (mut from, mut to) = values.fold((f64::MAX, f64::MIN_POSITIVE), |(from, to), value| {
            (from.min(value), to.max(value))
        });
        if to / from < least {
            let middle = (from * to).sqrt();
            (from, to) = (middle / least.sqrt(), middle * least.sqrt());
        }
        Self { from, to, pixels }
    }

    fn at(&self, value: f64) -> f64 {
        let part = (value / self.from).ln() / (self.to / self.from).ln();
        self.pixels.0 + part * (self.pixels.1 - self.pixels.0)
    }

    /// Round figures in the range: powers of ten, and if these are few those between as well.
    fn ticks(&self) -> Vec<f64> {
        let first = self.from.log10().floor() as i32;
        let last = self.to.log10().ceil() as i32;
        let of = |steps: &[f64]| {
            let all = (first..=last)
                .flat_map(|exponent| steps.iter().map(move |step| step * 10_f64.powi(exponent)));
            let inside = all.filter(|tick| (self.from * 0.999..=self.to * 1.001).contains(tick));
            inside.collect::<Vec<f64>>()
        };
        let decades = of(&[1.0]);
        if decades.len() > 2 {
            return decades;
        }
        let few = of(&[1.0, 2.0, 5.0]);
        if few.len() > 2 {
            few
        } else {
            of(&[1.0, 1.5, 2.0, 3.0, 5.0, 7.0])
        }
    }
}

fn draw(svg: &mut Svg, bench: &Bench, axis: Axis, panel: &Panel, (left, top): (f64, f64)) {
    let points = || panel.curves.iter().flat_map(|curve| &curve.points);
    let x = Scale::new(points().map(|point| point.0), 1.5, (left, left + PLOT.0));
    let y = Scale::new(
        points().map(|point| point.1),
        RANGE,
        (top + PLOT.1 - 6.0, top + 6.0),
    );
    let bottom = top + PLOT.1;

    svg.text(left, top - 26.0, "start", "strong", panel.name);
    svg.text(left, top - 10.0, "start", "weak", panel.unit);
    for tick in y.ticks() {
        svg.line([left, y.at(tick), left + PLOT.0, y.at(tick)], "grid");
        svg.text(left - 7.0, y.at(tick) + 4.0, "end", "weak", &plain(tick));
    }
    let mut xs: Vec<f64> = points().map(|point| point.0).collect();
    xs.sort_by(f64::total_cmp);
    xs.dedup();
    let mut free = f64::MIN;
    for tick in xs {
        svg.line([x.at(tick), bottom, x.at(tick), bottom + 4.0], "one");
        let label = power(tick);
        // A label that would touch the one before is left out.
        if x.at(tick) - width(&label) / 2.0 > free {
            svg.text(x.at(tick), bottom + 18.0, "middle", "weak", &label);
            free = x.at(tick) + width(&label) / 2.0 + 2.0;
        }
    }
    svg.line([left, bottom, left + PLOT.0, bottom], "one");
    svg.text(
        left + PLOT.0 / 2.0,
        bottom + 34.0,
        "middle",
        "weak",
        name(axis),
    );

    // Those that matter most are drawn last, above the others.
    for curve in panel.curves.iter().rev() {
        let (series, style) = look(bench, curve.column);
        let pixels: Vec<(f64, f64)> = (curve.points.iter())
            .map(|&(at, value)| (x.at(at), y.at(value)))
            .collect();
        svg.path(&pixels, &format!("l{series}"), style);
        for &point in &pixels {
            svg.circle(point, &format!("s{series}"));
        }
    }
    let ends: Vec<f64> = (panel.curves.iter())
        .map(|curve| {
            curve
                .points
                .last()
                .map_or(bottom, |&(_, value)| y.at(value))
        })
        .collect();
    for (curve, (end, name)) in panel
        .curves
        .iter()
        .zip(ends.iter().zip(spread(&ends, top, bottom)))
    {
        let (series, _) = look(bench, curve.column);
        let from = curve.points.last().map_or(left, |&(at, _)| x.at(at)) + 4.0;
        svg.path(
            &[(from, *end), (left + PLOT.0 + 16.0, name)],
            &format!("l{series}"),
            "stroke-width: 0.7",
        );
        let text = &bench.columns[curve.column].name;
        svg.text(
            left + PLOT.0 + 19.0,
            name + 4.0,
            "start",
            &format!("s{series}"),
            text,
        );
    }
}

fn name(axis: Axis) -> &'static str {
    match axis {
        Axis::Objects => "objects",
        Axis::Threads => "threads",
    }
}

/// The class of a contender's colour, and how its line is drawn.
fn look(bench: &Bench, column: usize) -> (usize, &'static str) {
    let role = bench.columns[column].role;
    let number = (bench.columns[..column].iter())
        .filter(|other| other.role == role)
        .count();
    match role {
        Role::Subject => (SUBJECT, "stroke-width: 2.6"),
        Role::Variant => (SUBJECT, "stroke-width: 1.3; stroke-dasharray: 5 3"),
        Role::Limit => (GREY, "stroke-width: 1.3; stroke-dasharray: 2 3"),
        Role::Peer if number < PEERS => (1 + number, "stroke-width: 1.5"),
        // The colours come a second time.
        Role::Peer => (
            1 + number % PEERS,
            "stroke-width: 1.5; stroke-dasharray: 9 3",
        ),
    }
}

/// Where names stand that would best be at these heights, but need some room each.
fn spread(wanted: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&one, &other| wanted[one].total_cmp(&wanted[other]));
    let mut places = wanted.to_vec();
    let mut least = top;
    for &index in &order {
        places[index] = places[index].max(least);
        least = places[index] + NAMES;
    }
    // What was pushed below the end goes up again, and pushes those above.
    let mut most = bottom;
    for &index in order.iter().rev() {
        places[index] = places[index].min(most);
        most = places[index] - NAMES;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::sample;

    #[test]
    fn names_do_not_overlap() {
        for wanted in [
            vec![50.0, 50.0, 50.0, 51.0, 200.0],
            vec![199.0, 200.0, 198.0],
            vec![0.0, 0.0],
            vec![],
        ] {
            let mut places = spread(&wanted, 0.0, 200.0);
            assert!(
                places.iter().all(|place| (0.0..=200.0).contains(place)),
                "{places:?}"
            );
            places.sort_by(f64::total_cmp);
            assert!(
                places
                    .windows(2)
                    .all(|pair| pair[1] - pair[0] >= NAMES - 1e-9),
                "{places:?}"
            );
        }
    }

    #[test]
    fn names_that_have_room_stay() {
        assert_eq!(spread(&[100.0, 20.0], 0.0, 200.0), [100.0, 20.0]);
    }

    #[test]
    fn a_scale_is_logarithmic() {
        let scale = Scale::new([10.0, 1000.0].into_iter(), RANGE, (0.0, 200.0));
        assert_eq!(
            [10.0, 100.0, 1000.0].map(|value| scale.at(value).round()),
            [0.0, 100.0, 200.0]
        );
        assert_eq!(scale.ticks(), [10.0, 100.0, 1000.0]);
        // Values that hardly differ are drawn flat.
        let flat = Scale::new([1.0, 1.01].into_iter(), RANGE, (0.0, 200.0));
        assert!((flat.at(1.0) - flat.at(1.01)).abs() < 2.0);
        assert!(flat.ticks().len() > 2, "{:?}", flat.ticks());
    }

    #[test]
    fn a_series_is_a_panel() {
        let record = sample();
        let svg = chart(&record.benches[0], Axis::Objects).unwrap();
        assert_eq!(svg.matches(">objects<").count(), 1);
        assert!(svg.contains(">10⁴<") && svg.contains(">bumpalo&lt;8&gt;<"));
        assert!(
            !svg.contains("stumpalo"),
            "who has no part in it has no line"
        );
        assert_eq!(chart(&record.benches[0], Axis::Threads), None);
        assert_eq!(chart(&record.benches[1], Axis::Objects), None);
    }
}
