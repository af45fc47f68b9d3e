//! What it runs on.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

const UNKNOWN: &str = "unknown";

pub fn cpu() -> String {
    let from_system = || output("sysctl", &["-n", "machdep.cpu.brand_string"], None);
    (fs::read_to_string("/proc/cpuinfo").ok())
        .and_then(|text| model_name(&text))
        .or_else(from_system)
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn model_name(cpuinfo: &str) -> Option<String> {
    let line = (cpuinfo.lines()).find(|line| line.starts_with("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}

pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

pub fn kernel() -> String {
    output("uname", &["-sr"], None).unwrap_or_else(|| std::env::consts::OS.to_owned())
}

/// The averages of 1, 5 and 15 minutes.
pub fn load() -> String {
    let from_uptime = || {
        let text = output("uptime", &[], None)?;
        let (_, averages) = text.rsplit_once(": ")?;
        Some(averages.replace(',', ""))
    };
    (fs::read_to_string("/proc/loadavg").ok())
        .map(|text| {
            text.split_whitespace()
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
        })
        .or_else(from_uptime)
        .unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The compiler that cargo takes in the folder.
pub fn compiler(root: &Path) -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    output(&rustc, &["-V"], Some(root)).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// The state of the sources; what the report itself writes is no change.
pub fn commit(root: &Path) -> Option<String> {
    let commit = output("git", &["rev-parse", "--short=10", "HEAD"], Some(root))?;
    let paths = ["status", "--porcelain", "--", ".", ":!docs", ":!README.md"];
    let changes = output("git", &paths, Some(root)).unwrap_or_default();
    Some(if changes.is_empty() {
        commit
    } else {
        format!("{commit}, with changes")
    })
}

pub fn has_valgrind() -> bool {
    output("valgrind", &["--version"], None).is_some()
}

fn output(program: &str, args: &[&str], folder: Option<&Path>) -> Option<String> {
    let mut command = Command::new(program);
    command.args(args);
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// Day and time of day, in UTC.
pub fn date() -> String {
    let since = (SystemTime::now().duration_since(UNIX_EPOCH)).unwrap_or_default();
    date_of(since.as_secs())
}

fn date_of(seconds: u64) -> String {
    let (mut days, rest) = (seconds / 86_400, seconds % 86_400);
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    loop {
        let length = 365 + u64::from(is_leap(year));
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute) = (rest / 3600, rest % 3600 / 60);
    format!(
        "{year}-{month:02}-{:02} {hour:02}:{minute:02} UTC",
        days + 1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_799, "2000-02-29 23:59 UTC"),
            (951_868_800, "2000-03-01 00:00 UTC"),
            (1_767_225_599, "2025-12-31 23:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00 UTC"),
        ] {
            assert_eq!(date_of(seconds), expected);
        }
    }

    #[test]
    fn a_processor_has_a_name() {
        let text = "processor\t: 0\nmodel name\t: Some CPU @ 3 GHz\nflags\t: a b\n";
        assert_eq!(model_name(text).as_deref(), Some("Some CPU @ 3 GHz"));
        assert_eq!(model_name("processor: 0"), None);
    }
}
