//! How often properties are tried, and where what once failed is kept.

use proptest::test_runner::{Config, FileFailurePersistence};

/// As many cases as `PROPTEST_CASES` says, or else a few.
///
/// The seed of a case that fails is printed, and kept in a file beside the test, `NAME.regressions`, with which
/// each test there begins from then on.
pub fn properties() -> Config {
    let asked = Config::default();
    if cfg!(miri) {
        // It has no files.
        return Config {
            cases: 4,
            failure_persistence: None,
            ..asked
        };
    }
    let is_asked = std::env::var_os("PROPTEST_CASES").is_some();
    let kept = FileFailurePersistence::WithSource("regressions");
    Config {
        cases: if is_asked { asked.cases } else { 64 },
        failure_persistence: Some(std::boxed::Box::new(kept)),
        ..asked
    }
}
