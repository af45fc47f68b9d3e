//! The README's figures are those of `docs/PERF.md`, and every chart that either of them shows is there.
#![cfg(not(miri))]

use std::fs;
use std::path::Path;

const BEGIN: &str = "<!-- figures: ";
const END: &str = "<!-- end of figures -->";

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What the report has written into the README.
fn block() -> String {
    let readme = read("README.md");
    let (_, rest) = readme.split_once(BEGIN).expect("the README has figures");
    let (block, _) = rest.split_once(END).expect("the figures have an end");
    block.to_owned()
}

/// The cells of the lines of all tables in a text, without their heads' rulers.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    (text.lines())
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").map(str::trim).collect())
}

/// The part of the page that is about a bench.
fn section<'a>(page: &'a str, bench: &str) -> &'a str {
    let (_, rest) = (page.split_once(&format!("\n## {bench}\n")))
        .unwrap_or_else(|| panic!("the page says nothing of {bench}"));
    rest.split_once("\n## ")
        .map_or(rest, |(section, _)| section)
}

/// A name in a link.
fn linked(cell: &str) -> Option<&str> {
    Some(cell.strip_prefix('[')?.split_once(']')?.0)
}

/// The lines of the README's table: a bench with its cells.
fn benches(block: &str) -> Vec<(&str, Vec<&str>)> {
    rows(block)
        .filter_map(|cells| Some((linked(cells[0])?, cells)))
        .collect()
}

#[test]
fn what_the_readme_says_of_benches_is_what_the_page_says() {
    let (block, page) = (block(), read("docs/PERF.md"));
    let of_page: Vec<Vec<&str>> = rows(&page)
        .filter(|cells| linked(cells[0]).is_some())
        .collect();
    let of_readme = benches(&block);
    assert!(!of_readme.is_empty(), "the README's table has lines");
    assert_eq!(
        of_readme.len(),
        of_page.len(),
        "the README leaves no bench out"
    );
    for (bench, cells) in of_readme {
        let found = (of_page.iter())
            .find(|cells| linked(cells[0]) == Some(bench))
            .unwrap_or_else(|| panic!("the page has no line for {bench}"));
        // bench, about, won, drawn, lost, median; the page has the number of rows behind the second.
        assert_eq!(cells[1], found[1], "{bench}");
        assert_eq!(cells[2..6], found[3..7], "{bench}");
    }
}

#[test]
fn each_ratio_of_the_readme_is_that_of_its_row() {
    let (block, page) = (block(), read("docs/PERF.md"));
    let mut ratios = 0;
    for (bench, cells) in benches(&block) {
        for cell in cells[6..].iter().filter(|cell| **cell != "-") {
            let (row, ratio) = cell.rsplit_once("` ").expect("a row with its ratio");
            let row = format!("{row}`");
            let found = rows(section(&page, bench))
                .find(|cells| cells[0] == row)
                .unwrap_or_else(|| panic!("{bench} has no row {row}"));
            // row, median, quartiles, best peer, ratio
            let of_page = found[4].trim_end_matches(" (loss)");
            assert_eq!(ratio, of_page, "{bench}, {row}");
            ratios += 1;
        }
    }
    assert!(ratios > 0, "the README names rows");
}

#[test]
fn the_sentence_is_that_of_the_page() {
    let (block, page) = (block(), read("docs/PERF.md"));
    let sentence = (block.lines().find(|line| line.starts_with("Of "))).expect("a sentence");
    assert!(page.lines().any(|line| line == sentence), "{sentence}");
    assert!(sentence.contains(" rows "), "{sentence}");
}

#[test]
fn charts_that_are_shown_are_there() {
    for (file, folder) in [("README.md", ""), ("docs/PERF.md", "docs/")] {
        let text = read(file);
        let charts = text.split("](").skip(1).filter_map(|rest| {
            let (path, _) = rest.split_once(')')?;
            path.ends_with(".svg").then_some(path)
        });
        let charts: Vec<&str> = charts.collect();
        assert!(!charts.is_empty(), "{file} shows charts");
        for chart in charts {
            let svg = read(&format!("{folder}{chart}"));
            assert!(
                svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
                "{chart}"
            );
        }
    }
}

#[test]
fn the_page_tells_what_was_measured_on_what() {
    let page = read("docs/PERF.md");
    for (name, what) in [("machine", "cores"), ("compiler", "rustc"), ("run", "UTC")] {
        let found = rows(&page).find(|cells| cells[0] == name);
        assert!(found.is_some_and(|cells| cells[1].contains(what)), "{name}");
    }
}
