// The same by way of the references: the outer handle would outlive the scope that it now stands for.
use std::mem;

use arenula::Arena;

fn main() {
    let mut first = Arena::new();
    let mut second = Arena::new();
    first.scope(|mut a| {
        second.scope(|mut b| mem::swap(&mut a, &mut b));
        a.alloc(1);
    });
}
