//! Room for more text, and characters put there.

use core::mem::ManuallyDrop;
use core::ptr;

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;

use crate::arena::{Failure, grow};

/// Tells the compiler that the branch is for code that stands behind the rest.
#[cold]
#[inline]
pub(super) fn rare() {}

/// Writes a character as UTF-8. (`encode_utf8` asks for memory that is initialised.)
///
/// # Safety
///
/// `target` is valid for writes of `ch.len_utf8()` bytes.
#[inline(always)]
pub(super) unsafe fn write_utf8(ch: char, target: *mut u8) {
    let code = ch as u32;
    let first = |mark: u32, shift: u32| (mark | code >> shift) as u8;
    let next = |shift: u32| (0x80 | code >> shift & 0x3f) as u8;
    // SAFETY: as promised.
    unsafe {
        match ch.len_utf8() {
            1 => target.write(code as u8),
            2 => target.cast::<[u8; 2]>().write([first(0xC0, 6), next(0)]),
            3 => (target.cast::<[u8; 3]>()).write([first(0xE0, 12), next(6), next(0)]),
            _ => (target.cast::<[u8; 4]>()).write([first(0xF0, 18), next(12), next(6), next(0)]),
        }
    }
}

/// Why there was no memory for a string of this capacity.
#[cold]
pub(super) fn why(capacity: usize) -> Failure {
    core::alloc::Layout::array::<u8>(capacity).map_or(Failure::TooLarge, Failure::Memory)
}

/// Makes room where there is too little, for strings that are often locals of a loop.
///
/// The vector is moved to the cold function and back. So its own address goes nowhere, and the compiler
/// may keep it in registers while text is added.
#[inline(always)]
pub(super) fn make_room_slow<A: Allocator>(
    vec: &mut Vec<u8, A>,
    more: usize,
) -> Result<(), Failure> {
    /// Moves the vector back, also if the allocator panics.
    struct Back<'v, A: Allocator> {
        away: *const ManuallyDrop<Vec<u8, A>>,
        home: &'v mut Vec<u8, A>,
    }
    impl<A: Allocator> Drop for Back<'_, A> {
        #[inline(always)]
        fn drop(&mut self) {
            // SAFETY: the vector was moved away from `home`, and nobody uses it there any more.
            unsafe { ptr::copy_nonoverlapping(self.away.cast(), self.home, 1) };
        }
    }

    // SAFETY: until it is moved back, nobody uses the vector where it was, nor drops it where it is.
    let mut away = ManuallyDrop::new(unsafe { ptr::read(vec) });
    let away: *mut ManuallyDrop<Vec<u8, A>> = &mut away;
    let _back = Back { away, home: vec };
    // SAFETY: just the guard has another pointer to it, and reads it later.
    make_room_cold(unsafe { &mut *away }, more, 0)
}

/// Makes room where there is too little: `least` bytes, if the string has none at all yet.
#[cold]
#[inline(never)]
pub(super) fn make_room_cold<A: Allocator>(
    vec: &mut Vec<u8, A>,
    more: usize,
    least: usize,
) -> Result<(), Failure> {
    if vec.capacity() == 0 && more < least && vec.try_reserve_exact(least).is_ok() {
        return Ok(());
    }
    grow(vec, more)
}
