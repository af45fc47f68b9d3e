//! What a run tells those who make something of its figures: an object of JSON on each line of a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Value, json};

use crate::{Axis, Column, Point, Role, Spread};

/// The record of one benchmark, which may be written nowhere.
#[derive(Debug)]
pub struct Record {
    bench: &'static str,
    file: Option<File>,
}

impl Record {
    /// Writes behind what the file has already.
    pub fn open(bench: &'static str, path: Option<&Path>) -> io::Result<Self> {
        let open = |path| File::options().create(true).append(true).open(path);
        let file = path.map(open).transpose()?;
        Ok(Self { bench, file })
    }

    /// Tells what will be measured.
    pub fn start<'a>(&mut self, columns: &[Column], rows: impl Iterator<Item = &'a str>) {
        let column = |column: &Column| {
            json!({
                "name": column.name,
                "role": match column.role {
                    Role::Subject => "subject",
                    Role::Variant => "variant",
                    Role::Peer => "peer",
                    Role::Limit => "limit",
                },
                "note": column.note,
            })
        };
        let columns: Vec<Value> = columns.iter().map(column).collect();
        let rows: Vec<&str> = rows.collect();
        self.write(
            json!({"event": "start", "bench": self.bench, "columns": columns, "rows": rows}),
        );
    }

    /// Tells what was measured of a row, by the name of the column.
    pub fn row(
        &mut self,
        name: &str,
        unit: &str,
        point: Option<&Point>,
        cells: &[(&'static str, Spread)],
    ) {
        let cell = |&(column, spread): &(&str, Spread)| {
            json!({
                "column": column,
                "median": spread.median,
                "low": spread.low,
                "high": spread.high,
            })
        };
        let cells: Vec<Value> = cells.iter().map(cell).collect();
        let axis = point.map(|point| match point.axis {
            Axis::Threads => "threads",
            Axis::Objects => "objects",
        });
        self.write(json!({
            "event": "row",
            "bench": self.bench,
            "row": name,
            "unit": unit,
            "series": point.map(|point| &point.series),
            "axis": axis,
            "x": point.map(|point| point.x),
            "cells": cells,
        }));
    }

    /// Tells how many instructions an operation takes.
    pub fn instructions(&mut self, row: &str, column: &str, instructions: f64) {
        self.write(json!({
            "event": "instructions",
            "bench": self.bench,
            "row": row,
            "column": column,
            "instructions": instructions,
        }));
    }

    /// Tells that there is no more.
    pub fn end(mut self) {
        self.write(json!({"event": "end", "bench": self.bench}));
    }

    /// Writes a line as a whole, since others may read meanwhile.
    fn write(&mut self, event: Value) {
        if let Some(file) = &mut self.file {
            (file.write_all(format!("{event}\n").as_bytes()))
                .unwrap_or_else(|error| panic!("the record cannot be written: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Record;
    use crate::{Axis, Column, Point, Role, Spread};

    #[test]
    fn lines_are_appended_as_they_are_known() {
        let path = std::env::temp_dir().join(format!("peers-record-{}", std::process::id()));
        let columns = [Column {
            name: "one",
            role: Role::Subject,
            note: "the \"one\"",
        }];
        for round in 0..2 {
            let mut record = Record::open("bench", Some(&path)).unwrap();
            record.start(&columns, ["row"].into_iter());
            let point = Point {
                series: "curve".to_owned(),
                axis: Axis::Objects,
                x: 100,
            };
            record.row("row", "unit", Some(&point), &[("one", Spread::exact(1.5))]);
            record.instructions("row", "one", 2.5);
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            assert_eq!(lines, 4 * round + 3, "before the end");
            record.end();
        }
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let events: Vec<serde_json::Value> = (text.lines())
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let (first, second) = events.split_at(4);
        assert_eq!(first, second);
        assert_eq!(first[0]["columns"][0]["role"], "subject");
        assert_eq!(first[0]["columns"][0]["note"], "the \"one\"");
        assert_eq!(first[1]["cells"][0]["median"], 1.5);
        assert_eq!(
            (&first[1]["axis"], &first[1]["x"]),
            (&"objects".into(), &100.into())
        );
        assert_eq!(first[2]["instructions"], 2.5);
        assert_eq!(first[3]["event"], "end");
    }
}
