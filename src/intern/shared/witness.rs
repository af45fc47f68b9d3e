//! What the model checker watches in place of memory that it can't see.

/// Stands for memory that is written before it is published, and only read after.
#[derive(Default)]
pub(super) struct Witness(#[cfg(loom)] loom::cell::UnsafeCell<()>);

impl Witness {
    /// The memory is written.
    #[inline(always)]
    pub(super) fn write(&self) {
        #[cfg(loom)]
        self.0.with_mut(|_| ());
    }

    /// The memory is read.
    #[inline(always)]
    pub(super) fn read(&self) {
        #[cfg(loom)]
        self.0.with(|_| ());
    }
}
