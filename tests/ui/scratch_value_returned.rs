// The memory is the next call's.
fn main() {
    let dangling: &mut u32 = arenula::scratch(|s| s.alloc(1));
    *dangling += 1;
}
