// One would give its memory back to an arena that is gone.
use arenula::Arena;
use arenula::string::String;

fn main() {
    let long = Arena::new();
    let mut kept = String::from_str_in("kept", &long);
    {
        let short = Arena::new();
        let mut text = String::from_str_in("short", &short);
        std::mem::swap(&mut kept, &mut text);
    }
    println!("{kept}");
}
