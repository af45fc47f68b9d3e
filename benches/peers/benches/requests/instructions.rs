//! How many instructions requests take outside of any frame.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::child::Child;
use crate::options::Options;
use crate::programs::Program;
use crate::report::Row;

/// What frames may cost where they are not used: so much of the instructions without them.
pub const BAR: f64 = 1.03;

/// The function of the programs inside of which instructions are counted.
const COUNTED: &str = "requests_counted";

/// Many beside what an allocator does only once in a while.
const PASSES: u64 = 200;

pub fn count(programs: &[Program], options: &Options) -> Vec<Row> {
    let Some(program) = programs.first() else {
        return Vec::new();
    };
    let version = Command::new("valgrind").arg("--version").output();
    if version.is_err() {
        eprintln!("valgrind, which would count, is not installed");
        return Vec::new();
    }
    let mut names = Child::start(program, 1).list();
    names.retain(|name| options.wants(name));
    let by_program: Vec<Vec<Option<f64>>> = (programs.iter())
        .map(|program| count_all_in(program, &names))
        .collect();
    (names.into_iter().enumerate())
        .map(|(index, workload)| Row {
            workload,
            samples: (by_program.iter())
                .map(|results| results[index].into_iter().collect())
                .collect(),
        })
        .collect()
}

fn count_all_in(program: &Program, workloads: &[String]) -> Vec<Option<f64>> {
    eprintln!("counting {}, {}", program.allocator, program.build.name);
    let mut is_able = true;
    (workloads.iter())
        .map(|workload| {
            let result = is_able.then(|| count_in(program, workload)).flatten();
            is_able = result.is_some();
            result
        })
        .collect()
}

/// The instructions of a request, or `None` if the program does not work under valgrind.
fn count_in(program: &Program, workload: &str) -> Option<f64> {
    let mut process = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(format!("--toggle-collect={COUNTED}"))
        .arg(&program.path)
        .arg("--no-frames")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // If the program is gone, what it has said tells more than that.
    let _ = writeln!(process.stdin.take()?, "run {workload} {PASSES}");
    let output = process.wait_with_output().ok()?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        // What the program itself has said.
        let said = log.lines().filter(|line| !line.starts_with("=="));
        let said: Vec<&str> = said.filter(|line| !line.is_empty()).collect();
        eprintln!("it does not run under valgrind: {}", said.join("; "));
        return None;
    }
    let counted = (log.lines())
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok())
        .unwrap_or(0_u64);
    assert!(counted > PASSES, "{COUNTED} is not found in the program");
    Some(counted as f64 / PASSES as f64)
}
