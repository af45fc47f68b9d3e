// After a swap the outer scope would lend memory that goes with the inner call.
fn main() {
    arenula::scratch(|outer| {
        arenula::scratch(|inner| std::mem::swap(outer, inner));
        println!("{}", outer.alloc(1));
    });
}
