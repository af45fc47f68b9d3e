//! What the command line asks for.

use std::path::PathBuf;

pub const USAGE: &str = "\
cargo run --release -p peers -- report [OPTIONS]

Measures arenula beside its peers, and writes docs/PERF.md with its charts, and the figures of README.md.

  --quick             few rounds: some minutes, and no more than a first impression
  --only PART         only rows with this in their id
  --bench NAME        only this bench; may be given several times
  --no-instructions   counts no instructions, even where valgrind is installed
  --from RECORD       measures nothing, and writes what this record says
  --publish           replaces the page in docs, which else only a full run of all benches does;
                      others write to target/perf
";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub quick: bool,
    pub only: Option<String>,
    /// All if there are none.
    pub benches: Vec<String>,
    pub no_instructions: bool,
    pub from: Option<PathBuf>,
    pub publish: bool,
    pub help: bool,
}

impl Options {
    /// Answers a complaint if it does not understand.
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut args = args.into_iter();
        let mut options = Self::default();
        match args.next().as_deref() {
            Some("report") => {}
            Some("--help" | "-h" | "help") => options.help = true,
            Some(other) => return Err(format!("there is no {other}, only report")),
            None => return Err("it wants to be told what to do: report".to_owned()),
        }
        while let Some(arg) = args.next() {
            let mut value = || {
                (args.next().filter(|value| !value.starts_with("--")))
                    .ok_or_else(|| format!("{arg} wants a value"))
            };
            match arg.as_str() {
                "--quick" => options.quick = true,
                "--only" => options.only = Some(value()?),
                "--bench" => options.benches.push(value()?),
                "--no-instructions" => options.no_instructions = true,
                "--from" => options.from = Some(value()?.into()),
                "--publish" => options.publish = true,
                "--help" | "-h" => options.help = true,
                _ => return Err(format!("there is no option {arg}")),
            }
        }
        let measures = options.quick
            || options.only.is_some()
            || !options.benches.is_empty()
            || options.no_instructions;
        if options.from.is_some() && measures {
            return Err(
                "with --from nothing is measured, and only --publish goes with it".to_owned(),
            );
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn all_options_are_understood() {
        assert_eq!(parse("report"), Ok(Options::default()));
        let options =
            parse("report --quick --only u8 --bench arena --bench ast --no-instructions --publish");
        let expected = Options {
            quick: true,
            only: Some("u8".to_owned()),
            benches: vec!["arena".to_owned(), "ast".to_owned()],
            no_instructions: true,
            publish: true,
            ..Options::default()
        };
        assert_eq!(options, Ok(expected));
        assert!(parse("--help").unwrap().help);
        assert!(parse("report --from x").unwrap().from.is_some());
    }

    #[test]
    fn others_are_complained_about() {
        for (line, complaint) in [
            ("", "told what to do"),
            ("dance", "no dance"),
            ("report --slow", "no option --slow"),
            ("report --only", "--only wants a value"),
            ("report --bench --quick", "--bench wants a value"),
            ("report --from x --quick", "nothing is measured"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(complaint), "{line}: {error}");
        }
    }
}
