// One is a subtype of the other, and each has a root of its own.
#![allow(coherence_leak_check)]

use arenula::{Owned, Root};

struct Kind<F>(F);

impl Root for Kind<for<'x> fn(&'x u8)> {
    type Of<'a> = usize;
}

impl Root for Kind<fn(&'static u8)> {
    type Of<'a> = &'a str;
}

fn main() {
    let number = Owned::<Kind<for<'x> fn(&'x u8)>>::new(|_| 7);
    let text: Owned<Kind<fn(&'static u8)>> = number;
    text.with(|text| println!("{text}"));
}
