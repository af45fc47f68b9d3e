//! Each example, run with little to do: it must come to an end, and say what it is about.
//!
//! `cargo test` builds the examples before; `cargo test --test examples` alone does not.
#![cfg(not(miri))]

use std::path::PathBuf;
use std::process::Command;

/// Runs an example, and answers what it has printed.
///
/// `None` if it is not there: sanitizers and single features build no examples.
fn run(example: &str, args: &[&str]) -> Option<String> {
    let program = path_of(example);
    if !program.exists() {
        eprintln!("examples: SKIPPED {example}, which is not built");
        return None;
    }
    let output = (Command::new(&program).args(args).output())
        .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{example} {args:?}: {}\n{said}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Some(said)
}

/// The tests lie in `deps`, beside `examples`.
fn path_of(example: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("it lies in target/PROFILE/deps");
    let name = format!("{example}{}", std::env::consts::EXE_SUFFIX);
    profile.join("examples").join(name)
}

/// Looks for each of some words.
fn assert_says(said: &str, words: &[&str]) {
    for word in words {
        assert!(
            said.contains(word),
            "{word:?} is not in what it said:\n{said}"
        );
    }
}

/// Writes a file for an example to read, and answers its path.
fn scratch_file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).expect("there is a directory for this");
    path.into_os_string()
        .into_string()
        .expect("a path in UTF-8")
}

/// Looks for what an example says where it fails.
fn assert_refuses(example: &str, args: &[&str], words: &str) {
    let program = path_of(example);
    if program.exists() {
        let output = Command::new(program).args(args).output();
        let output = output.expect("it starts");
        assert!(!output.status.success(), "{example} {args:?}");
        assert_says(&String::from_utf8_lossy(&output.stderr), &[words]);
    }
}

#[test]
fn tour() {
    if let Some(said) = run("tour", &[]) {
        assert_says(&said, &["the frame is", "0 bytes pinned"]);
    }
}

#[test]
fn http_server() {
    if let Some(said) = run("http_server", &["--quick", "--connections", "3"]) {
        assert_says(&said, &["plain", "in frames", "times as many requests"]);
    }
}

#[test]
fn game_loop() {
    let options = ["--frames", "400", "--entities", "300", "--seed", "7"];
    let words = [
        "noticed that its target was gone",
        "median",
        "|####",
        "and 0 times in the 200 after them",
    ];
    let state = |seed| {
        let mut options = options;
        options[5] = seed;
        let said = run("game_loop", &options)?;
        assert_says(&said, &words);
        let state = said.lines().find(|line| line.contains("has the number"));
        Some(state.expect("it says so").to_owned())
    };
    assert_eq!(state("7"), state("7"), "the same seed, the same game");
    assert!(state("7").is_none() || state("7") != state("8"));
}

#[test]
fn parallel_parse() {
    let options = [
        "--lines",
        "3000",
        "--seed",
        "3",
        "--threads",
        "3",
        "--rounds",
        "1",
    ];
    if let Some(said) = run("parallel_parse", &options) {
        let words = [
            "3 workers",
            "The same 3000 records in all ways",
            "arenas, all workers",
            "0 leased",
            "of 3000 requests failed",
        ];
        assert_says(&said, &words);
    }
}

#[test]
fn parallel_parse_reads_files() {
    let made_up = scratch_file("made_up.log", "");
    let write = ["--lines", "100", "--write", &made_up];
    if run("parallel_parse", &write).is_some() {
        let said = run("parallel_parse", &[&made_up, "--rounds", "1"]).expect("it ran before");
        assert_says(
            &said,
            &["made_up.log", "The same 100 records", "Asked for most"],
        );
    }
    let good = r#"10.0.0.1 17 "GET /a%20b?c=d+e" 200 5 "curl""#;
    for (bad, refusal) in [
        (
            r#"10.0.0.1 17 "GET /" 99 5 "curl""#,
            r#"a number from 100 to 599, and not "99""#,
        ),
        (
            r#"10.0.0.1 17 "JUMP /" 200 5 "curl""#,
            r#""JUMP" is no method"#,
        ),
        (
            r#"10.0.0.1 17 "GET /%4" 200 5 "curl""#,
            r#"a % needs two digits behind it in "/%4""#,
        ),
        (r#"10.0.0.1 17 "GET /%ff" 200 5 "curl""#, "not UTF-8"),
        (
            r#"10.0.0.1 17 "GET /" 200 5 "curl" and more"#,
            r#"" and more" is more than"#,
        ),
        ("10.0.0.1", "there is no ' ' behind the address"),
    ] {
        // Far behind, so that a worker comes to it that knows nothing of the lines before.
        let text = [&[good].repeat(3000).join("\n"), "\n\n", bad].concat();
        let path = scratch_file("bad.log", &text);
        for words in ["bad.log:3002: ", refusal] {
            assert_refuses("parallel_parse", &[&path], words);
        }
    }
    let both = ["some.log", "--lines", "5"];
    let refusal = "some.log, or lines that are made up: not both";
    assert_refuses("parallel_parse", &both, refusal);
    let wanted = "--threads wants a number from 1 to 1000, not \"0\"";
    assert_refuses("parallel_parse", &["--threads", "0"], wanted);
    assert_refuses("parallel_parse", &["no such file"], "no such file: ");
}

#[test]
fn graph() {
    let proved = "The same answers, and proved to be right.";
    let by_chance = ["--nodes", "2000", "--edges", "7000", "--seed", "5"];
    if let Some(said) = run("graph", &by_chance) {
        let words = ["2000 nodes, 7000 edges", "handles find nothing", proved];
        assert_says(&said, &words);
    }
    // Deeper than its stack is large.
    if let Some(said) = run("graph", &["--chain", "100000", "--remove", "0"]) {
        let words = ["the farthest 99999 edges", "50000 components", proved];
        assert_says(&said, &words);
    }
}

#[test]
fn graph_reads_files() {
    // Two circles, with a way from one to the other.
    let good = scratch_file(
        "good.txt",
        "# from to\n7 8\n8 9\n9 7\n\n9 100\n100 200\n200 100\n",
    );
    if let Some(said) = run("graph", &[&good, "--start", "100", "--remove", "0"]) {
        let words = [
            "5 nodes, 6 edges",
            "2 nodes reached, the farthest 1",
            "2 components",
        ];
        assert_says(&said, &words);
    }
    assert_refuses(
        "graph",
        &[&good, "--start", "1"],
        "--start 1: there is no such node",
    );
    let bad = scratch_file("bad_edges.txt", "1 2\n2 three\n");
    let refusal =
        "bad_edges.txt:2: a node is a number from 0 to 18446744073709551615, and not \"three\"";
    assert_refuses("graph", &[&bad], refusal);
    let long = scratch_file("long.txt", "1 2 3\n");
    assert_refuses(
        "graph",
        &[&long],
        "long.txt:1: an edge has 2 nodes, and this line 3 words",
    );
    assert_refuses("graph", &["no such file"], "no such file: ");
    assert_refuses(
        "graph",
        &["--chain", "0"],
        "--chain wants a number from 1 to 100000000, not \"0\"",
    );
}

#[test]
fn http_server_refuses_what_it_does_not_understand() {
    assert_refuses("http_server", &["--turns"], "--turns wants a number");
}

#[test]
fn game_loop_refuses_what_it_does_not_understand() {
    let wanted = "--entities wants a number from 10 to 1000000, ";
    for (args, refusal) in [
        (&["--entities"][..], [wanted, "and has none"].concat()),
        (&["--entities", "9"], [wanted, "not \"9\""].concat()),
        (&["--frames", "many"], "not \"many\"".to_owned()),
        (&["--turns"], "there is no option \"--turns\"".to_owned()),
    ] {
        assert_refuses("game_loop", args, &refusal);
    }
}
