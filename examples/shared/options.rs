//! The command line, word by word.

use std::fmt::Display;
use std::iter::Skip;
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::str::FromStr;

pub struct Words(Skip<std::env::Args>);

impl Words {
    pub fn of_command_line() -> Self {
        Words(std::env::args().skip(1))
    }

    pub fn next(&mut self) -> Option<String> {
        self.0.next()
    }

    /// The number behind an option, which says what it may be.
    pub fn number<N>(&mut self, option: &str, range: RangeInclusive<N>) -> Result<N, String>
    where
        N: FromStr + PartialOrd + Display,
    {
        let (least, most) = (range.start(), range.end());
        let wanted = format!("{option} wants a number from {least} to {most}");
        let word = self
            .next()
            .ok_or_else(|| format!("{wanted}, and has none"))?;
        let number = word.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("{wanted}, not {word:?}"))
    }
}

/// Tells what is wrong with the command line, and how the program is used.
pub fn misused(message: &str, usage: &str) -> ExitCode {
    fail(&format!("{message}\n\n{usage}"))
}

/// Tells what went wrong.
pub fn fail(message: &str) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}
