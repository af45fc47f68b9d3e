// A value of the inner call in one of the outer call's.
fn main() {
    arenula::scratch(|outer| {
        let mut words = outer.vec();
        arenula::scratch(|inner| words.push(&*inner.alloc_str("inner")));
        println!("{words:?}");
    });
}
