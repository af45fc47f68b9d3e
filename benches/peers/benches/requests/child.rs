//! A program that runs, and waits to be asked.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::programs::Program;

pub struct Child {
    allocator: &'static str,
    process: Process,
    /// `None` once it has been told to end.
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What a child says of a turn.
pub struct Turn {
    pub elapsed: Duration,
    /// The answer to the request.
    pub answer: u64,
}

impl Child {
    pub fn start(program: &Program, threads: usize) -> Self {
        let mut process = Command::new(&program.path)
            .args(["--threads", &threads.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", program.allocator));
        let questions = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("a pipe was asked for"));
        Self {
            allocator: program.allocator,
            process,
            questions,
            answers,
        }
    }

    /// The names of the workloads.
    pub fn list(&mut self) -> Vec<String> {
        let line = self.ask("list");
        line.split_whitespace().map(str::to_owned).collect()
    }

    pub fn run(&mut self, workload: &str, passes: u64) -> Turn {
        let line = self.ask(&format!("run {workload} {passes}"));
        let turn = line
            .trim_end()
            .split_once(' ')
            .and_then(|(elapsed, answer)| {
                Some(Turn {
                    elapsed: Duration::from_nanos(elapsed.parse().ok()?),
                    answer: answer.parse().ok()?,
                })
            });
        turn.unwrap_or_else(|| panic!("{} fails at {workload}: {line:?}", self.allocator))
    }

    /// Answers an empty line if the child is gone.
    fn ask(&mut self, question: &str) -> String {
        let mut answer = String::new();
        if let Some(pipe) = &mut self.questions
            && writeln!(pipe, "{question}").is_ok()
            && let Err(error) = self.answers.read_line(&mut answer)
        {
            panic!("{} says no text: {error}", self.allocator);
        }
        answer
    }
}

/// The child ends when there is nobody left to ask it.
impl Drop for Child {
    fn drop(&mut self) {
        self.questions = None;
        let _ = self.process.wait();
    }
}
