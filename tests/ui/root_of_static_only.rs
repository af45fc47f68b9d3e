// A root must be something for every lifetime: for 'static it could be anything.
use arenula::Root;

trait Choice {
    type Chosen;
}

struct With<'a>(&'a ());

impl Choice for With<'static> {
    type Chosen = String;
}

enum Chosen {}

impl Root for Chosen {
    type Of<'a> = <With<'a> as Choice>::Chosen;
}

fn main() {}
