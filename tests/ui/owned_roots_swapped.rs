// Each root would be in the other's arena.
use arenula::Owned;

fn main() {
    let mut one = Owned::<&str>::new(|arena| arena.alloc_str("one"));
    let mut two = Owned::<&str>::new(|arena| arena.alloc_str("two"));
    one.with_mut(|one, _| two.with_mut(|two, _| std::mem::swap(one, two)));
    drop(one);
    println!("{}", two.get());
}
