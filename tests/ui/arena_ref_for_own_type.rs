// Containers freeze into slices that live for `'a` by the word of this trait: it is not for everyone
// to give.
use std::alloc::Layout;
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};
use arenula::ArenaRef;

struct Own;

unsafe impl Allocator for Own {
    fn allocate(&self, _: Layout) -> Result<NonNull<[u8]>, AllocError> {
        Err(AllocError)
    }

    unsafe fn deallocate(&self, _: NonNull<u8>, _: Layout) {}
}

unsafe impl<'a> ArenaRef<'a> for Own {}

fn main() {}
