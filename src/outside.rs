//! Memory that is kept for later must not be a frame's, which it would pin.

/// Calls `f` outside of any frame, where there are frames.
#[inline]
pub(crate) fn outside<R>(f: impl FnOnce() -> R) -> R {
    #[cfg(all(feature = "frame", target_has_atomic = "64", not(loom)))]
    return crate::frame::outside(f);
    #[cfg(not(all(feature = "frame", target_has_atomic = "64", not(loom))))]
    f()
}
