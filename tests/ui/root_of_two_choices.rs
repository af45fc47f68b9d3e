// No two lifetimes of a root are different types.
use arenula::Root;

trait Choice {
    type Chosen;
}

struct With<'a>(&'a ());

impl Choice for With<'static> {
    type Chosen = String;
}

impl<'a> Choice for With<'a> {
    type Chosen = &'a ();
}

enum Chosen {}

impl Root for Chosen {
    type Of<'a> = <With<'a> as Choice>::Chosen;
}

fn main() {}
