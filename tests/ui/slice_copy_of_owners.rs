// A bitwise copy would be a second owner of the same heap block.
use arenula::Arena;

fn main() {
    let arena = Arena::new();
    let names = [String::from("Ada")];
    arena.alloc_slice_copy(&names);
}
