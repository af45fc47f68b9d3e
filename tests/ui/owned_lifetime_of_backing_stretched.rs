// A closure may take it that what the backing allocator's type names outlives the arena. It must stay so.
use std::alloc::Layout;
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global};
use arenula::{Arena, Owned};

struct Backing<'x>(fn(&'x ()));

// SAFETY: it hands on what the global allocator does.
unsafe impl Allocator for Backing<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Global.allocate(layout)
    }
    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: as promised.
        unsafe { Global.deallocate(block, layout) }
    }
}

fn stretched<'x>(local: &'x str) -> Owned<&'static str, 8, Backing<'static>> {
    let arena: Arena<8, Backing<'x>> = Arena::new_in(Backing(|_| ()));
    let text: Owned<&'static str, 8, Backing<'x>> = Owned::new_in(arena, |_| local);
    text
}

fn main() {
    let local = String::from("local");
    let text = stretched(&local);
    drop(local);
    println!("{}", text.get());
}
