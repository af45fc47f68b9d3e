// Only the crate says which values an arena takes: what can be sent depends on it.
use arenula::Takes;

enum Anything {}

impl<T> Takes<T> for Anything {}

fn main() {}
