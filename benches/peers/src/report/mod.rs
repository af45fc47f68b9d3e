//! The report: runs all benches, and writes a page with tables and charts of what they have measured.

mod cargo;
mod chart;
mod compare;
mod explained;
mod machine;
mod number;
mod options;
mod page;
mod progress;
mod publish;
mod readme;
mod record;
mod run;

use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::report::cargo::Workspace;
use crate::report::compare::Summary;
use crate::report::explained::Explanations;
use crate::report::options::{Options, USAGE};
use crate::report::publish::Place;
use crate::report::record::Record;

/// What goes wrong, in words.
#[derive(Debug)]
pub struct Error {
    message: String,
    code: u8,
}

impl Error {
    /// Something did not work.
    pub fn failed(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// The command line asks for what there is not.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }

    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::failed(format!("{}: {error}", path.display()))
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Does what the command line asks for.
pub fn main(args: impl IntoIterator<Item = String>) -> ExitCode {
    let outcome = (Options::parse(args))
        .map_err(|complaint| Error::usage(format!("{complaint}\n\n{USAGE}")))
        .and_then(|options| report(&options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", error.to_string().trim_end());
            ExitCode::from(error.code)
        }
    }
}

fn report(options: &Options) -> Result<(), Error> {
    if options.help {
        print!("{USAGE}");
        return Ok(());
    }
    let workspace = cargo::workspace()?;
    if let Some(name) = (options.benches.iter()).find(|&name| !workspace.benches.contains(name)) {
        let names = workspace.benches.join(", ");
        return Err(Error::usage(format!(
            "there is no bench {name}, only {names}"
        )));
    }
    let path = match &options.from {
        Some(path) => path.clone(),
        None => run::run(&workspace, options, &workspace.target.join("perf"))?,
    };
    let record = Record::read(&path)?;
    if record.torn.is_some() {
        eprintln!("{}: the last line is cut off, and left out", path.display());
    }
    write(&workspace, options, &path, &record)?;
    match &record.done {
        Some(done) if !done.failed.is_empty() && options.from.is_none() => {
            let failed = done.failed.join(", ");
            Err(Error::failed(format!(
                "not all was measured; failed: {failed}"
            )))
        }
        _ => Ok(()),
    }
}

/// Writes the page of a record, and what is to be said of it.
fn write(
    workspace: &Workspace,
    options: &Options,
    path: &Path,
    record: &Record,
) -> Result<(), Error> {
    if record.benches.iter().all(|bench| bench.rows.is_empty()) {
        let message = match &options.only {
            Some(only) => format!("no row has {only} in its id"),
            None => format!("{}: nothing was measured", path.display()),
        };
        return Err(Error::failed(message));
    }
    let docs = Place::docs(&workspace.root);
    let is_published = |path: &Path| fs::canonicalize(path).ok();
    let is_own = is_published(path).is_some_and(|path| Some(path) == is_published(&docs.record));
    let place = if options.publish || record.is_full() || is_own {
        docs
    } else {
        Place::scratch(&workspace.target.join("perf"))
    };

    let explained = workspace.root.join(publish::EXPLAINED);
    let texts = fs::read_to_string(&explained).map_err(|error| Error::file(&explained, &error))?;
    let texts = Explanations::parse(&texts);
    for stale in texts.stale(record) {
        eprintln!("stale in {}: {stale}", publish::EXPLAINED);
    }
    place.write(&publish::render(record, &texts), path)?;

    let summary = Summary::of(&record.benches);
    let unexplained = (compare::losses(record))
        .filter(|(bench, line)| texts.of(&bench.name, line.row).is_none())
        .count();
    println!(
        "{} rows won, {} drawn, {} lost ({unexplained} of them not explained yet)",
        summary.won, summary.drawn, summary.lost
    );
    println!("written: {}", place.page.display());
    Ok(())
}
