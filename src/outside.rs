//! Memory that is kept for later must not be a frame's, which it would pin.

use crate::arena::Arena;
#[cfg(all(feature = "frame", target_has_atomic = "64", not(loom)))]
use crate::arena::Retain;

/// Calls `f` outside of any frame, where there are frames.
#[inline]
pub(crate) fn outside<R>(f: impl FnOnce() -> R) -> R {
    #[cfg(all(feature = "frame", target_has_atomic = "64", not(loom)))]
    return crate::frame::outside(f);
    #[cfg(not(all(feature = "frame", target_has_atomic = "64", not(loom))))]
    f()
}

/// For an arena that is empty, and kept for later: lets go of its memory if some of that is a frame's, and asks for as much
/// outside.
pub(crate) fn keep(arena: &mut Arena) {
    #[cfg(all(feature = "frame", target_has_atomic = "64", not(loom)))]
    if arena.any_chunk(crate::frame::owns) {
        let held = arena.capacity();
        arena.reset_with(Retain::Nothing);
        // If there is none now, whoever needs it asks again.
        let _ = outside(|| arena.try_reserve(held));
    }
    #[cfg(not(all(feature = "frame", target_has_atomic = "64", not(loom))))]
    let _ = arena;
}
