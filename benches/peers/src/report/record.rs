//! The record of a run: one JSON object a line, written by the benches and by this program as soon as
//! something is known, and all that the page is made from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::report::Error;

/// A line.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// What runs where; the first line, and written by this program.
    Run(Setting),
    /// A bench begins.
    Start {
        bench: String,
        columns: Vec<Column>,
        rows: Vec<String>,
    },
    /// A row was measured.
    Row {
        bench: String,
        #[serde(flatten)]
        row: Measured,
    },
    /// A contender's instructions per operation were counted.
    Instructions {
        bench: String,
        row: String,
        column: String,
        instructions: f64,
    },
    /// A bench is done.
    End { bench: String },
    /// How long a bench took, by which the next run knows how long is left.
    Took(Took),
    /// The run is over; the last line.
    Done(Done),
}

/// What was measured on what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Setting {
    pub date: String,
    pub quick: bool,
    /// The part of an id that rows were chosen by.
    pub only: Option<String>,
    /// Whether all benches were asked for.
    pub all: bool,
    pub cpu: String,
    pub cores: usize,
    pub kernel: String,
    pub compiler: String,
    pub version: String,
    /// The state of the sources, where git knows it.
    pub commit: Option<String>,
    /// What the benches depend on: names and versions.
    pub versions: Vec<(String, String)>,
    /// Load averages when it began.
    pub load: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Took {
    pub bench: String,
    pub work: Work,
    pub rows: usize,
    pub seconds: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    Measure,
    Count,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Done {
    pub load: String,
    pub seconds: f64,
    /// The benches that did not get through.
    pub failed: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Column {
    pub name: String,
    pub role: Role,
    #[serde(default)]
    pub note: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Subject,
    Variant,
    Peer,
    Limit,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Measured {
    #[serde(rename = "row")]
    pub name: String,
    pub unit: String,
    /// The curve that the row is a point of.
    #[serde(default)]
    pub series: Option<String>,
    #[serde(default)]
    pub x: Option<f64>,
    #[serde(default)]
    pub axis: Option<Axis>,
    pub cells: Vec<Cell>,
    /// Per operation, by column. Comes in lines of its own.
    #[serde(skip)]
    pub instructions: BTreeMap<String, f64>,
}

/// What a curve goes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Axis {
    Objects,
    Threads,
}

#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Cell {
    pub column: String,
    pub median: f64,
    /// The quartiles.
    pub low: f64,
    pub high: f64,
}

/// All of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    pub setting: Option<Setting>,
    pub benches: Vec<Bench>,
    pub took: Vec<Took>,
    pub done: Option<Done>,
    /// What was cut off at the end, when somebody ended the run.
    pub torn: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bench {
    pub name: String,
    pub columns: Vec<Column>,
    /// Those that were to be measured.
    pub expected: Vec<String>,
    pub rows: Vec<Measured>,
}

impl Bench {
    pub fn role(&self, column: &str) -> Option<Role> {
        (self.columns.iter())
            .find(|known| known.name == column)
            .map(|known| known.role)
    }

    /// The name of the subject's column.
    pub fn subject(&self) -> &str {
        (self.columns.iter())
            .find(|column| column.role == Role::Subject)
            .map_or("arenula", |column| &column.name)
    }
}

impl Record {
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path)
            .map_err(|error| Error::failed(format!("{}: {error}", path.display())))?;
        Self::parse(&text).map_err(|error| Error::failed(format!("{}: {error}", path.display())))
    }

    /// Answers the number of the line that can't be read, and why. A last line without an end is no mistake:
    /// the run was ended while it was written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self::default();
        for (index, line) in text.split_inclusive('\n').enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let added = (serde_json::from_str(line).map_err(|error| error.to_string()))
                .and_then(|event| record.add(event));
            match added {
                Ok(()) => {}
                Err(_) if !line.ends_with('\n') => record.torn = Some(line.to_owned()),
                Err(error) => return Err(format!("line {}: {error}", index + 1)),
            }
        }
        // Those of which nothing was asked for.
        (record.benches).retain(|bench| !bench.expected.is_empty() || !bench.rows.is_empty());
        Ok(record)
    }

    /// Whether it is of a whole run, with nothing left out, and full rounds.
    pub fn is_full(&self) -> bool {
        let is_asked_for = (self.setting.as_ref())
            .is_some_and(|setting| setting.all && !setting.quick && setting.only.is_none());
        let is_through = self
            .done
            .as_ref()
            .is_some_and(|done| done.failed.is_empty());
        is_asked_for && is_through
    }

    pub fn bench(&self, name: &str) -> Option<&Bench> {
        self.benches.iter().find(|bench| bench.name == name)
    }

    /// Events of a bench come after its start. What is measured again replaces what was known.
    fn add(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Run(setting) => self.setting = Some(setting),
            Event::Took(took) => self.took.push(took),
            Event::Done(done) => self.done = Some(done),
            Event::Start {
                bench: name,
                columns,
                rows,
            } => match self.benches.iter_mut().find(|bench| bench.name == name) {
                // It comes a second time to be counted.
                Some(bench) => {
                    for row in rows {
                        if !bench.expected.contains(&row) {
                            bench.expected.push(row);
                        }
                    }
                }
                None => self.benches.push(Bench {
                    name,
                    columns,
                    expected: rows,
                    rows: Vec::new(),
                }),
            },
            Event::Row { bench, row } => {
                let bench = self.started(&bench)?;
                if let Some(cell) =
                    (row.cells.iter()).find(|cell| bench.role(&cell.column).is_none())
                {
                    return Err(format!("{} has no column {}", bench.name, cell.column));
                }
                match bench.rows.iter_mut().find(|known| known.name == row.name) {
                    Some(known) => {
                        let instructions = std::mem::take(&mut known.instructions);
                        *known = Measured {
                            instructions,
                            ..row
                        };
                    }
                    None => bench.rows.push(row),
                }
            }
            Event::Instructions {
                bench,
                row,
                column,
                instructions,
            } => {
                let bench = self.started(&bench)?;
                // One that was not measured has no line in the page that its count could go to.
                if let Some(known) = bench.rows.iter_mut().find(|known| known.name == row) {
                    known.instructions.insert(column, instructions);
                }
            }
            Event::End { bench } => {
                self.started(&bench)?;
            }
        }
        Ok(())
    }

    fn started(&mut self, name: &str) -> Result<&mut Bench, String> {
        (self.benches.iter_mut())
            .find(|bench| bench.name == name)
            .ok_or_else(|| format!("bench {name} has not started"))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A record of two benches, as they write it.
    pub const SAMPLE: &str = r#"{"event":"run","date":"2026-01-02 03:04 UTC","quick":false,"only":null,"all":true,"cpu":"A <fast> one","cores":2,"kernel":"Linux 6.1","compiler":"rustc 1.95.0","version":"0.1.0","commit":"abc","versions":[["bumpalo","3.20.3"]],"load":"0.01 0.02 0.03"}
{"event":"start","bench":"arena","columns":[{"name":"arenula","role":"subject","note":"Arena"},{"name":"bumpalo<8>","role":"peer","note":"Bump"},{"name":"stumpalo","role":"peer","note":"Arena"},{"name":"limit","role":"limit","note":"plain writes"}],"rows":["value u8","scope & one","Vec<u32> push, 10^2","Vec<u32> push, 10^3","Vec<u32> push, 10^4"]}
{"event":"row","bench":"arena","row":"value u8","unit":"ns per operation","series":null,"x":null,"axis":null,"cells":[{"column":"arenula","median":0.5,"low":0.49,"high":0.52},{"column":"bumpalo<8>","median":0.6,"low":0.59,"high":0.61},{"column":"stumpalo","median":0.75,"low":0.7,"high":0.8},{"column":"limit","median":0.4,"low":0.4,"high":0.4}]}
{"event":"row","bench":"arena","row":"scope & one","unit":"ns per operation","series":null,"x":null,"axis":null,"cells":[{"column":"arenula","median":2.0,"low":1.9,"high":2.1},{"column":"bumpalo<8>","median":1.0,"low":0.9,"high":1.1}]}
{"event":"row","bench":"arena","row":"Vec<u32> push, 10^2","unit":"ns per operation","series":"Vec<u32> push","x":100,"axis":"objects","cells":[{"column":"arenula","median":1.0,"low":1,"high":1},{"column":"bumpalo<8>","median":1.01,"low":1,"high":1.1}]}
{"event":"row","bench":"arena","row":"Vec<u32> push, 10^3","unit":"ns per operation","series":"Vec<u32> push","x":1000,"axis":"objects","cells":[{"column":"arenula","median":1.0,"low":1,"high":1},{"column":"bumpalo<8>","median":4.0,"low":4,"high":4}]}
{"event":"row","bench":"arena","row":"Vec<u32> push, 10^4","unit":"ns per operation","series":"Vec<u32> push","x":10000,"axis":"objects","cells":[{"column":"arenula","median":1.0,"low":1,"high":1},{"column":"bumpalo<8>","median":30.0,"low":29,"high":31}]}
{"event":"end","bench":"arena"}
{"event":"took","bench":"arena","work":"measure","rows":5,"seconds":10.0}
{"event":"start","bench":"memory","columns":[{"name":"arenula","role":"subject"},{"name":"lasso","role":"peer"}],"rows":["text"]}
{"event":"row","bench":"memory","row":"text","unit":"bytes held per byte asked","cells":[{"column":"arenula","median":1.25,"low":1.25,"high":1.25},{"column":"lasso","median":1.5,"low":1.5,"high":1.5}]}
{"event":"end","bench":"memory"}
{"event":"start","bench":"arena","columns":[],"rows":["value u8"]}
{"event":"instructions","bench":"arena","row":"value u8","column":"arenula","instructions":7.01}
{"event":"instructions","bench":"arena","row":"value u8","column":"bumpalo<8>","instructions":12.4}
{"event":"end","bench":"arena"}
{"event":"done","load":"1.5 0.9 0.5","seconds":75.0,"failed":[]}
"#;

    pub fn sample() -> Record {
        Record::parse(SAMPLE).unwrap()
    }

    #[test]
    fn lines_become_a_record() {
        let record = sample();
        assert!(record.is_full());
        assert_eq!(record.torn, None);
        assert_eq!(record.benches.len(), 2);
        let arena = record.bench("arena").unwrap();
        assert_eq!(arena.columns.len(), 4, "a second start takes nothing away");
        assert_eq!((arena.expected.len(), arena.rows.len()), (5, 5));
        assert_eq!(arena.rows[0].instructions["arenula"], 7.01);
        assert_eq!(arena.rows[2].axis, Some(Axis::Objects));
        assert_eq!(arena.role("stumpalo"), Some(Role::Peer));
        assert_eq!(arena.role("nobody"), None);
    }

    #[test]
    fn events_are_read_as_they_are_written() {
        for line in SAMPLE.lines() {
            let event: Event = serde_json::from_str(line).unwrap();
            let written = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&written).unwrap(), event);
        }
    }

    #[test]
    fn a_cut_last_line_is_left_out() {
        let cut = SAMPLE.trim_end().strip_suffix("[]}").unwrap();
        let record = Record::parse(cut).unwrap();
        assert!(record.torn.is_some());
        assert_eq!(record.done, None);
        assert!(!record.is_full());
        assert_eq!(record.benches, sample().benches);
    }

    #[test]
    fn other_bad_lines_are_named() {
        let error = |line: &str| {
            let (first, rest) = SAMPLE.split_once('\n').unwrap();
            Record::parse(&format!("{first}\n{line}\n{rest}")).unwrap_err()
        };
        assert!(error("{\"event\":\"row\"").starts_with("line 2: "));
        assert!(error(r#"{"event":"dance"}"#).contains("dance"));
        let early = r#"{"event":"end","bench":"arena"}"#;
        assert_eq!(error(early), "line 2: bench arena has not started");

        let stranger = r#"{"event":"row","bench":"memory","row":"text","unit":"u","cells":[{"column":"x","median":1,"low":1,"high":1}]}"#;
        let error = Record::parse(&format!("{SAMPLE}{stranger}\n")).unwrap_err();
        assert_eq!(error, "line 18: memory has no column x");
    }

    #[test]
    fn benches_that_nothing_was_asked_of_are_left_out() {
        let bare = r#"{"event":"start","bench":"bare","columns":[],"rows":[]}"#;
        let end = r#"{"event":"end","bench":"bare"}"#;
        let record = Record::parse(&format!("{SAMPLE}{bare}\n{end}\n")).unwrap();
        assert_eq!(record, sample());
    }

    #[test]
    fn the_last_of_two_results_counts() {
        let again = r#"{"event":"row","bench":"arena","row":"value u8","unit":"ns per operation","cells":[]}"#;
        let record = Record::parse(&format!("{SAMPLE}{again}\n")).unwrap();
        let arena = record.bench("arena").unwrap();
        assert_eq!(arena.rows.len(), 5);
        assert!(arena.rows[0].cells.is_empty());
        assert_eq!(arena.rows[0].instructions.len(), 2, "counts stay");
    }
}
