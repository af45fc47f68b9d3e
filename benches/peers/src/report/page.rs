//! The page: tables of all that was measured, in Markdown.

use std::fmt::Write;
use std::time::Duration;

use crate::report::chart;
use crate::report::compare::{self, Line, Summary, Verdict};
use crate::report::explained::Explanations;
use crate::report::number::{optional, value};
use crate::report::progress::duration;
use crate::report::readme;
use crate::report::record::{Bench, Record, Role, Setting};

const INTRODUCTION: &str = "\
All contenders of a row take turns in one process, so that a slow spell of the machine hits all of them alike. Each \
figure is the median of the rounds of the contender's best build: builds differ in where code and memory happen to \
lie, and everyone has as many. *Quartiles* are those of the same rounds. *Peer / ours* is the best peer's \
figure by arenula's: above 1 arenula is first; between 0.98 and 1.02 it is a draw. *Ours / limit* is arenula's figure by that of \
the least that the work can cost, whoever does it. Instructions are those of an operation with all around it, as \
callgrind counts them. Less is better in every table.";

/// What a bench is about.
pub fn title(bench: &str) -> &str {
    match bench {
        "arena" => "values of any types",
        "ast" => "a parser of TypeScript's types",
        "growth" => "cost against size",
        "headline" => "what arenas are praised for",
        "interner" => "texts kept once",
        "json" => "JSON documents",
        "memory" => "memory held",
        "owned" => "an arena with what was built in it",
        "pools" => "values that come and go",
        "requests" => "frames behind the global allocator",
        "strings" => "strings and maps",
        "threads" => "several threads",
        "typed" => "arenas that own their values",
        other => other,
    }
}

pub fn page(record: &Record, texts: &Explanations) -> String {
    let mut page = String::from(
        "# How fast it is\n\n\
         <!-- Written by `cargo run --release -p peers -- report`, from perf/record.jsonl and perf/explained.md. -->\n\n",
    );
    let mut write = |part: String| {
        page.push_str(&part);
        page.push('\n');
    };
    write(setting(record));
    write(format!("{INTRODUCTION}\n"));
    write(summary(record));
    write(losses(record, texts));
    for bench in &record.benches {
        write(section(bench));
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn setting(record: &Record) -> String {
    let mut text = String::new();
    let Some(setting) = &record.setting else {
        return "What this was measured on is not known: the record does not begin with it.\n"
            .to_owned();
    };
    let Setting {
        date,
        cpu,
        cores,
        kernel,
        compiler,
        version,
        load,
        ..
    } = setting;
    let commit = setting
        .commit
        .as_deref()
        .map(|commit| format!(", commit {commit}"));
    let load = match &record.done {
        Some(done) => format!("{load} at the start, {} at the end", done.load),
        None => format!("{load} at the start"),
    };
    let versions: Vec<String> = (setting.versions.iter())
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    let lines = [
        ("machine", format!("{}, {cores} cores", plain(cpu))),
        ("system", plain(kernel)),
        ("compiler", plain(compiler)),
        (
            "arenula",
            format!("{version}{}", commit.unwrap_or_default()),
        ),
        ("run", format!("{date}, {}", extent(record))),
        ("load average (1, 5, 15 min)", load),
        ("beside it", versions.join(", ")),
    ];
    text.push_str("| | |\n|---|---|\n");
    for (name, what) in lines {
        let _ = writeln!(text, "| {name} | {what} |");
    }
    if setting.quick {
        text.push_str(
            "\nA quick run has few rounds, and is no more than a first impression: differences of some percent are noise.\n",
        );
    }
    if is_busy(setting) {
        text.push_str(
            "\n**The machine had other things to do.** Ratios bear that better than the figures themselves, those of several \
             threads least of all.\n",
        );
    }
    text
}

/// Whether others ran when it began, with more than half a core.
fn is_busy(setting: &Setting) -> bool {
    let first = setting.load.split_whitespace().next();
    first
        .and_then(|load| load.parse().ok())
        .is_some_and(|load: f64| load > 0.5)
}

/// How much of all that can be measured the record has.
fn extent(record: &Record) -> String {
    let Some(setting) = &record.setting else {
        return String::new();
    };
    let mut text = String::from(if setting.quick { "quick" } else { "full" });
    if !setting.all {
        text.push_str(", some benches");
    }
    if let Some(only) = &setting.only {
        let _ = write!(text, ", rows with {} in their id", code(only));
    }
    match &record.done {
        Some(done) => {
            let _ = write!(
                text,
                ", {}",
                duration(Duration::from_secs_f64(done.seconds))
            );
            if !done.failed.is_empty() {
                let _ = write!(text, "; failed: {}", done.failed.join(", "));
            }
        }
        None => text.push_str(", ended before it was through"),
    }
    text
}

fn summary(record: &Record) -> String {
    let mut text = format!("## In short\n\n{}\n\n", readme::sentence(record));
    text.push_str("| bench | | rows | won | drawn | lost | peer / ours, median |\n|---|---|--:|--:|--:|--:|--:|\n");
    let mut line = |name: String, title: &str, summary: &Summary| {
        let Summary {
            won, drawn, lost, ..
        } = summary;
        let _ = writeln!(
            text,
            "| {name} | {title} | {} | {won} | {drawn} | {lost} | {} |",
            summary.rows(),
            optional(summary.median())
        );
    };
    for bench in &record.benches {
        let name = format!("[{0}](#{0})", bench.name);
        line(name, title(&bench.name), &Summary::of([bench]));
    }
    line("all".to_owned(), "", &Summary::of(&record.benches));
    text
}

fn losses(record: &Record, texts: &Explanations) -> String {
    let mut text = String::from("## Where a peer is ahead\n\n");
    let mut losses: Vec<(&Bench, Line)> = compare::losses(record).collect();
    if losses.is_empty() {
        text.push_str("Nowhere.\n");
        return text;
    }
    // Those first that are furthest behind.
    losses.sort_by(|(_, one), (_, other)| {
        (one.lead().unwrap_or(1.0)).total_cmp(&other.lead().unwrap_or(1.0))
    });
    text.push_str(
        "| bench | row | arenula | best peer | peer / ours | why |\n|---|---|--:|---|--:|---|\n",
    );
    for (bench, line) in losses {
        let why = (texts.of(&bench.name, line.row))
            .map_or("*not explained yet*".to_owned(), |text| {
                text.replace('|', "\\|")
            });
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {why} |",
            bench.name,
            code(&line.row.name),
            value(line.subject.median),
            peer(&line),
            optional(line.lead()),
        );
    }
    text
}

/// A peer with its figure.
fn peer(line: &Line) -> String {
    (line.peer).map_or("-".to_owned(), |cell| {
        format!("{} {}", plain(&cell.column), value(cell.median))
    })
}

fn section(bench: &Bench) -> String {
    let mut text = format!(
        "## {}\n\n{}.\n\n",
        bench.name,
        capitalised(title(&bench.name))
    );
    for (file, _) in chart::all(bench) {
        let _ = writeln!(
            text,
            "![{}: {}](perf/{file})\n",
            bench.name,
            chart::about(&file)
        );
    }
    let mut units: Vec<&str> = Vec::new();
    for row in &bench.rows {
        if !units.contains(&&*row.unit) {
            units.push(&row.unit);
        }
    }
    for unit in units {
        table(&mut text, bench, unit);
    }
    if bench.rows.len() < bench.expected.len() {
        let missing: Vec<String> = (bench.expected.iter())
            .filter(|name| !bench.rows.iter().any(|row| row.name == **name))
            .map(|name| code(name))
            .collect();
        let _ = writeln!(text, "Not measured: {}.\n", missing.join(", "));
    }
    text.push_str("<details><summary>Who does what, and all figures</summary>\n\n");
    all_figures(&mut text, bench);
    text.push_str("\n</details>\n");
    text
}

fn table(text: &mut String, bench: &Bench, unit: &str) {
    let lines: Vec<Line> = (compare::lines(bench).into_iter())
        .filter(|line| line.row.unit == unit)
        .collect();
    let counts = lines.iter().any(|line| !line.row.instructions.is_empty());
    let limits = lines.iter().any(|line| line.limit.is_some());
    let mut heads = vec![
        unit,
        bench.subject(),
        "quartiles",
        "best peer",
        "peer / ours",
    ];
    if limits {
        heads.push("ours / limit");
    }
    if counts {
        heads.extend(["instructions", "of the peer"]);
    }
    let _ = writeln!(text, "| {} |", heads.join(" | "));
    let _ = writeln!(
        text,
        "|---|--:|--:|---|--:|{}",
        "--:|".repeat(heads.len() - 5)
    );
    for line in &lines {
        let lead = match line.verdict() {
            Some(Verdict::Lost) => format!("{} (loss)", optional(line.lead())),
            _ => optional(line.lead()),
        };
        let mut cells = vec![
            code(&line.row.name),
            value(line.subject.median),
            format!(
                "{} to {}",
                value(line.subject.low),
                value(line.subject.high)
            ),
            peer(line),
            lead,
        ];
        if limits {
            cells.push(optional(line.over_limit()));
        }
        if counts {
            cells.push(optional(line.instructions(line.subject)));
            cells.push(optional(line.peer.and_then(|peer| line.instructions(peer))));
        }
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}

/// What each contender does, and its medians.
fn all_figures(text: &mut String, bench: &Bench) {
    for column in &bench.columns {
        let role = match column.role {
            Role::Subject | Role::Peer => "",
            Role::Variant => " (a variant, which is not compared)",
            Role::Limit => " (the limit)",
        };
        let _ = writeln!(
            text,
            "- **{}**{role}: {}",
            plain(&column.name),
            plain(&column.note)
        );
    }
    let names: Vec<String> = bench
        .columns
        .iter()
        .map(|column| plain(&column.name))
        .collect();
    let _ = writeln!(text, "\n| | {} |", names.join(" | "));
    let _ = writeln!(text, "|---|{}", "--:|".repeat(names.len()));
    for row in &bench.rows {
        let cells: Vec<String> = (bench.columns.iter())
            .map(|column| {
                let cell = row.cells.iter().find(|cell| cell.column == column.name);
                optional(cell.map(|cell| cell.median))
            })
            .collect();
        let _ = writeln!(text, "| {} | {} |", code(&row.name), cells.join(" | "));
    }
}

/// A name as it is, in a cell.
pub fn code(name: &str) -> String {
    format!("`{}`", name.replace('|', "\\|").replace('`', "'"))
}

/// Text in which nothing is a mark of Markdown or HTML.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for char in text.chars() {
        match char {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' => plain.extend(['\\', char]),
            _ => plain.push(char),
        }
    }
    plain
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::record::tests::sample;

    fn texts() -> Explanations {
        Explanations::parse("## arena\n### scope & one\nIt notes a | b.\n")
    }

    fn line<'a>(page: &'a str, begin: &str) -> &'a str {
        page.lines()
            .find(|line| line.starts_with(begin))
            .unwrap_or_else(|| panic!("{begin} in {page}"))
    }

    #[test]
    fn it_opens_with_what_was_measured_on_what() {
        let page = page(&sample(), &texts());
        assert_eq!(
            line(&page, "| machine"),
            "| machine | A &lt;fast&gt; one, 2 cores |"
        );
        assert_eq!(
            line(&page, "| run"),
            "| run | 2026-01-02 03:04 UTC, full, 1 min 15 s |"
        );
        assert_eq!(line(&page, "| beside it"), "| beside it | bumpalo 3.20.3 |");
        let load =
            "| load average (1, 5, 15 min) | 0.01 0.02 0.03 at the start, 1.5 0.9 0.5 at the end |";
        assert_eq!(line(&page, "| load"), load);
    }

    #[test]
    fn rows_are_told_with_all_figures() {
        let page = page(&sample(), &texts());
        assert_eq!(
            line(&page, "| `value u8` | 0.50 | 0.49"),
            "| `value u8` | 0.50 | 0.49 to 0.52 | bumpalo&lt;8&gt; 0.60 | 1.20 | 1.25 | 7.01 | 12.4 |"
        );
        assert_eq!(
            line(&page, "| `scope & one` | 2.00 | 1.90"),
            "| `scope & one` | 2.00 | 1.90 to 2.10 | bumpalo&lt;8&gt; 1.00 | 0.50 (loss) | - | - | - |"
        );
        assert_eq!(
            line(&page, "| `text` | 1.25 | 1.25"),
            "| `text` | 1.25 | 1.25 to 1.25 | lasso 1.50 | 1.20 |"
        );
        assert_eq!(
            line(&page, "| [arena]"),
            "| [arena](#arena) | values of any types | 5 | 3 | 1 | 1 | 1.20 |"
        );
        assert!(line(&page, "| all").contains("| 6 | 4 | 1 | 1 |"));
    }

    #[test]
    fn losses_have_an_explanation_or_none() {
        let explained = page(&sample(), &texts());
        let begin = "| arena | `scope & one` | 2.00 | bumpalo&lt;8&gt; 1.00 | 0.50 | ";
        assert_eq!(
            line(&explained, "| arena |"),
            format!("{begin}It notes a \\| b. |")
        );
        let bare = page(&sample(), &Explanations::default());
        assert_eq!(
            line(&bare, "| arena |"),
            format!("{begin}*not explained yet* |")
        );
        let mut record = sample();
        record.benches.remove(0);
        assert!(page(&record, &texts()).contains("## Where a peer is ahead\n\nNowhere.\n"));
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut record = sample();
        record.done = None;
        record.benches[0].rows.truncate(4);
        let text = page(&record, &texts());
        assert!(line(&text, "| run").ends_with("full, ended before it was through |"));
        assert!(text.contains("Not measured: `Vec<u32> push, 10^4`.\n"));

        record.done = Some(Default::default());
        record.done.as_mut().unwrap().failed.push("ast".to_owned());
        let setting = record.setting.as_mut().unwrap();
        (setting.quick, setting.only, setting.all) = (true, Some("u8".to_owned()), false);
        let text = page(&record, &texts());
        assert!(
            line(&text, "| run")
                .contains("quick, some benches, rows with `u8` in their id, 0 s; failed: ast")
        );
        assert!(text.contains("A quick run has few rounds"));
        assert!(!text.contains("other things to do"));
        record.setting.as_mut().unwrap().load = "2.50 0.10 0.10".to_owned();
        assert!(page(&record, &texts()).contains("other things to do"));
        record.setting = None;
        assert!(page(&record, &texts()).contains("is not known"));
    }

    #[test]
    fn names_can_hold_marks() {
        assert_eq!(code("a|b`c"), "`a\\|b'c`");
        assert_eq!(plain("Vec<u8> & *x*"), "Vec&lt;u8&gt; &amp; \\*x\\*");
    }
}
