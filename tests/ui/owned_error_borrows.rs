// An error comes with the arena, which can then be reset.
use arenula::Owned;

fn main() {
    let outcome = Owned::<&str>::try_new(|arena| Err(&*arena.alloc_str("what went wrong")));
    println!("{:?}", outcome.err().map(|(error, _)| error));
}
