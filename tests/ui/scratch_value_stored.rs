// What outlives the call would point to memory of the next one.
fn main() {
    let mut stored: Option<&str> = None;
    arenula::scratch(|s| stored = Some(s.alloc_str("text")));
    println!("{stored:?}");
}
