// The root would be in the other's arena.
use arenula::Owned;

fn main() {
    let mut one = Owned::<&str>::new(|arena| arena.alloc_str("one"));
    let two = one.with_mut(|_, arena| Owned::<&str>::new(|_| arena.alloc_str("two")));
    drop(one);
    println!("{}", two.get());
}
