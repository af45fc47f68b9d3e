//! Runs the benches, one after another, and lets them write the record.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::report::cargo::{Program, Workspace};
use crate::report::options::Options;
use crate::report::progress::{Progress, Step, duration};
use crate::report::record::{Done, Event, Record, Setting, Took, Work};
use crate::report::{Error, machine};

/// How often it is looked what a bench has written: seldom, since the bench is being measured.
const LOOK: Duration = Duration::from_millis(250);

/// The unit of rows that are counted as well.
const COUNTED: &str = "ns per operation";

/// How many of the last lines are shown of a bench that fails.
const LAST_WORDS: usize = 15;

/// A run, with the folder that it writes to.
pub struct Run<'a> {
    workspace: &'a Workspace,
    options: &'a Options,
    programs: Vec<Program>,
    folder: PathBuf,
    failed: Vec<String>,
}

/// Measures what the options ask for, and answers where the record is.
pub fn run(workspace: &Workspace, options: &Options, folder: &Path) -> Result<PathBuf, Error> {
    eprintln!("building the benches");
    let mut programs = workspace.build(&options.benches)?;
    programs.sort_by(|one, other| one.bench.cmp(&other.bench));
    let mut run = Run {
        workspace,
        options,
        programs,
        folder: folder.to_owned(),
        failed: Vec::new(),
    };
    run.all()?;
    Ok(run.record())
}

impl Run<'_> {
    fn record(&self) -> PathBuf {
        self.folder.join("record.jsonl")
    }

    fn all(&mut self) -> Result<(), Error> {
        let earlier = self.make_room()?;
        self.append(&Event::Run(self.setting()?))?;
        let counts = !self.options.no_instructions && machine::has_valgrind();
        if !counts && !self.options.no_instructions {
            eprintln!("valgrind is not installed: no instructions will be counted");
        }
        let works = [Work::Measure, Work::Count];
        let works = &works[..1 + usize::from(counts)];
        let steps = (works.iter())
            .flat_map(|&work| self.programs.iter().map(move |program| (program, work)))
            .map(|(program, work)| Step::new(&program.bench, work, &earlier));
        let mut progress = Progress::new(steps.collect());

        for index in 0..self.programs.len() {
            self.step(&mut progress, index, index, Work::Measure)?;
        }
        if counts {
            let measured = Record::read(&self.record())?;
            for index in 0..self.programs.len() {
                let step = self.programs.len() + index;
                let is_counted = (measured.bench(&self.programs[index].bench))
                    .is_some_and(|bench| bench.rows.iter().any(|row| row.unit == COUNTED));
                if is_counted {
                    self.step(&mut progress, step, index, Work::Count)?;
                } else {
                    progress.skip(step);
                }
            }
        }
        progress.clear();
        eprintln!("measured in {}", duration(progress.elapsed()));
        self.append(&Event::Done(Done {
            load: machine::load(),
            seconds: progress.elapsed().as_secs_f64().round(),
            failed: self.failed.clone(),
        }))
    }

    /// What an earlier run has left is kept once more. Answers what tells how long benches took, the newest first.
    fn make_room(&self) -> Result<Vec<Record>, Error> {
        fs::create_dir_all(&self.folder).map_err(|error| Error::file(&self.folder, &error))?;
        let (record, previous) = (self.record(), self.folder.join("record.previous.jsonl"));
        if record.exists() {
            fs::rename(&record, &previous).map_err(|error| Error::file(&record, &error))?;
        }
        let published = self.workspace.root.join("docs/perf/record.jsonl");
        // They only help to estimate.
        let is_alike = |earlier: &Record| {
            (earlier.setting.as_ref()).is_some_and(|setting| {
                setting.quick == self.options.quick && setting.only == self.options.only
            })
        };
        let earlier = [previous, published]
            .into_iter()
            .filter_map(|path| Record::read(&path).ok());
        Ok(earlier.filter(is_alike).collect())
    }

    fn setting(&self) -> Result<Setting, Error> {
        let root = &self.workspace.root;
        Ok(Setting {
            date: machine::date(),
            quick: self.options.quick,
            only: self.options.only.clone(),
            all: self.options.benches.is_empty(),
            cpu: machine::cpu(),
            cores: machine::cores(),
            kernel: machine::kernel(),
            compiler: machine::compiler(root),
            version: self.workspace.version.clone(),
            commit: machine::commit(root),
            versions: self.workspace.versions()?,
            load: machine::load(),
        })
    }

    fn append(&self, event: &Event) -> Result<(), Error> {
        let path = self.record();
        let mut line = serde_json::to_string(event)
            .map_err(|error| Error::failed(format!("an event can't be written: {error}")))?;
        line.push('\n');
        (OpenOptions::new().create(true).append(true).open(&path))
            .and_then(|mut file| file.write_all(line.as_bytes()))
            .map_err(|error| Error::file(&path, &error))
    }

    /// Lets a bench do its work. If it fails that is said, and the others go on.
    fn step(
        &mut self,
        progress: &mut Progress,
        step: usize,
        program: usize,
        work: Work,
    ) -> Result<(), Error> {
        let bench = self.programs[program].bench.clone();
        let (kind, log) = match work {
            Work::Measure => ("", format!("{bench}.log")),
            Work::Count => ("counting ", format!("{bench}-count.log")),
        };
        let log = self.folder.join(log);
        progress.enter(step);
        let outcome = watch(
            self.command(&self.programs[program], work),
            &log,
            &self.record(),
            progress,
        )?;
        let (rows, elapsed) = progress.leave();
        if let Err(complaint) = outcome {
            progress.say(&format!("{kind}{bench}: {complaint}\n{}", last_words(&log)));
            self.failed.push(format!("{kind}{bench}"));
            mend(&self.record()).map_err(|error| Error::file(&self.record(), &error))?;
            return Ok(());
        }
        self.append(&Event::Took(Took {
            bench,
            work,
            rows,
            seconds: elapsed.as_secs_f64(),
        }))
    }

    /// As `cargo bench` starts it: the program was built before, and is the same for both kinds of work. To count,
    /// it starts valgrind itself.
    fn command(&self, program: &Program, work: Work) -> Command {
        let mut command = Command::new(&program.path);
        command.arg("--bench");
        command.arg(match work {
            Work::Measure => "--interleaved",
            Work::Count => "--count",
        });
        if self.options.quick && work == Work::Measure {
            command.arg("--quick");
        }
        command
            .args(&self.options.only)
            .arg("--record")
            .arg(self.record());
        command.current_dir(self.workspace.root.join("benches/peers"));
        command
    }
}

/// Runs a command to its end, while the progress shows what it adds to the record. The inner result is the bench's
/// own.
fn watch(
    mut command: Command,
    log: &Path,
    record: &Path,
    progress: &mut Progress,
) -> Result<Result<(), String>, Error> {
    let output = File::create(log).map_err(|error| Error::file(log, &error))?;
    let errors = output
        .try_clone()
        .map_err(|error| Error::file(log, &error))?;
    let mut tail = Tail::from_end(record).map_err(|error| Error::file(record, &error))?;
    let spawned = (command.stdin(Stdio::null()).stdout(output).stderr(errors)).spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => return Ok(Err(format!("does not start: {error}"))),
    };
    let mut has_started = false;
    loop {
        let status = child
            .try_wait()
            .map_err(|error| Error::failed(error.to_string()))?;
        for line in tail.lines().map_err(|error| Error::file(record, &error))? {
            // What can't be read is complained about when all of the record is.
            if let Ok(event) = serde_json::from_str::<Event>(&line) {
                has_started |= matches!(event, Event::Start { .. });
                progress.note(&event);
            }
        }
        match status {
            Some(status) if !status.success() => return Ok(Err(format!("failed, {status}"))),
            Some(_) if !has_started => return Ok(Err("has written no record".to_owned())),
            Some(_) => return Ok(Ok(())),
            None => progress.show(),
        }
        std::thread::sleep(LOOK);
    }
}

/// Takes off what a bench has not written to its end, since others are to write behind it.
fn mend(record: &Path) -> std::io::Result<()> {
    let bytes = fs::read(record)?;
    let whole = (bytes.iter().rposition(|&byte| byte == b'\n')).map_or(0, |last| last + 1);
    OpenOptions::new()
        .write(true)
        .open(record)?
        .set_len(whole as u64)
}

fn last_words(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LAST_WORDS)..];
    let last: String = last.iter().map(|line| format!("    {line}\n")).collect();
    format!("{last}(all it said is in {})", log.display())
}

/// The lines that a file gets.
struct Tail {
    file: File,
    rest: Vec<u8>,
}

impl Tail {
    fn from_end(path: &Path) -> std::io::Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self {
            file,
            rest: Vec::new(),
        })
    }

    /// Those that are whole, since the last call.
    fn lines(&mut self) -> std::io::Result<Vec<String>> {
        self.file.read_to_end(&mut self.rest)?;
        let end = (self.rest.iter().rposition(|&byte| byte == b'\n')).map_or(0, |last| last + 1);
        let whole: Vec<u8> = self.rest.drain(..end).collect();
        Ok(String::from_utf8_lossy(&whole)
            .lines()
            .map(str::to_owned)
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for a test.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_tail_gives_whole_lines_once() {
        let folder = folder("tail");
        let path = folder.join("record");
        fs::write(&path, "old\n").unwrap();
        let mut tail = Tail::from_end(&path).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(b"one\ntw").unwrap();
        assert_eq!(tail.lines().unwrap(), ["one"]);
        assert!(tail.lines().unwrap().is_empty());
        file.write_all(b"o\nthree\n").unwrap();
        assert_eq!(tail.lines().unwrap(), ["two", "three"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_cut_line_is_taken_off() {
        let folder = folder("mend");
        let path = folder.join("record");
        for (text, whole) in [
            ("one\ntw", "one\n"),
            ("one\n", "one\n"),
            ("on", ""),
            ("", ""),
        ] {
            fs::write(&path, text).unwrap();
            mend(&path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn what_goes_wrong_in_a_bench_is_told() {
        let folder = folder("watch");
        let (log, record) = (folder.join("log"), folder.join("record"));
        fs::write(&record, "").unwrap();
        let mut progress = Progress::new(vec![Step::new("x", Work::Measure, &[])]);
        let mut shell = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script, "sh"]).arg(&record);
            watch(command, &log, &record, &mut progress).unwrap()
        };
        let start = r#"echo '{"event":"start","bench":"x","columns":[],"rows":["a"]}' >> "$1";"#;
        assert_eq!(shell(start), Ok(()));
        assert_eq!(shell("true"), Err("has written no record".to_owned()));
        let error = shell(&format!("{start} echo out; echo oh >&2; exit 3")).unwrap_err();
        assert!(error.contains("exit status: 3"), "{error}");
        assert!(last_words(&log).starts_with("    out\n    oh\n"));
        let written = fs::read_to_string(&record).unwrap();
        assert_eq!(written.lines().count(), 2, "what was written before stays");

        let error = watch(Command::new("/nowhere"), &log, &record, &mut progress).unwrap();
        assert!(error.unwrap_err().contains("does not start"));
        fs::remove_dir_all(folder).unwrap();
    }
}
