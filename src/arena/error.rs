//! What goes wrong: no memory, no such size, or the user's own initialisation.

use core::alloc::Layout;
use core::fmt;

use allocator_api2::alloc::AllocError;

/// Why a block could not be had.
///
/// Both forms of every method share one body, which returns this; the plain form then fails loudly
/// by it, and the `try_` form makes an [`AllocError`] of it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// No machine could have as much memory.
    TooLarge,
    /// The limit or the backing allocator said no.
    Memory(Layout),
}

impl From<Failure> for AllocError {
    #[inline]
    fn from(_: Failure) -> Self {
        AllocError
    }
}

/// What a plain form does with the outcome of the shared body.
#[inline(always)]
pub(crate) fn or_fail<T>(outcome: Result<T, Failure>) -> T {
    match outcome {
        Ok(value) => value,
        Err(failure) => fail(failure),
    }
}

#[cold]
#[inline(never)]
pub(crate) fn fail(failure: Failure) -> ! {
    match failure {
        Failure::TooLarge => panic!("capacity overflow"),
        Failure::Memory(layout) => alloc::alloc::handle_alloc_error(layout),
    }
}

/// The error of a `try_` form whose initialisation can fail as well.
///
/// ```
/// use arenula::{AllocOrInitError, Arena};
///
/// let arena = Arena::new();
/// let number = arena.try_alloc_try_with(|| "12x".parse::<i32>());
/// assert!(matches!(number, Err(AllocOrInitError::Init(_))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllocOrInitError<E> {
    /// The memory could not be had.
    Alloc(AllocError),
    /// The initialisation failed.
    Init(E),
}

impl<E> From<AllocError> for AllocOrInitError<E> {
    fn from(error: AllocError) -> Self {
        AllocOrInitError::Alloc(error)
    }
}

impl<E> From<Failure> for AllocOrInitError<E> {
    #[inline]
    fn from(failure: Failure) -> Self {
        AllocOrInitError::Alloc(failure.into())
    }
}

impl<E: fmt::Display> fmt::Display for AllocOrInitError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AllocOrInitError::Alloc(_) => f.write_str("memory allocation failed"),
            AllocOrInitError::Init(error) => write!(f, "initialisation failed: {error}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for AllocOrInitError<E> {}
