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
