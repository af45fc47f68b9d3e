//! The value, slice and text families once more, for types that lend an arena's memory with a
//! lifetime of their own instead of that of a borrow of themselves.

/// Writes the families for a lender of lifetime `$a`, in an `impl` that has `lender(&self) -> &$a Arena<..>`,
/// and `try_lender` for the `try_` forms, with an `AllocError` where there may be no arena. A line is a
/// signature; each method calls [`Arena`]'s of that name.
///
/// [`Arena`]: crate::Arena
macro_rules! lend_family {
    ($a:lifetime) => {
        $crate::arena::lend::lend! {
            alloc [T] (value: T) -> &$a mut T;
            try try_alloc [T] (value: T) -> Result<&$a mut T, $crate::AllocError>;
        }
        $crate::arena::lend::lend_more!($a);
    };
}

/// [`lend_family`] without `alloc` and `try_alloc`, for who has a shorter way to do these.
macro_rules! lend_more {
    ($a:lifetime) => {
        $crate::arena::lend::lend! {
            alloc_with [T] (f: impl FnOnce() -> T) -> &$a mut T;
            try try_alloc_with [T] (f: impl FnOnce() -> T) -> Result<&$a mut T, $crate::AllocError>;
            alloc_try_with [T, E] (f: impl FnOnce() -> Result<T, E>) -> Result<&$a mut T, E>;
            try try_alloc_try_with [T, E] (f: impl FnOnce() -> Result<T, E>)
                -> Result<&$a mut T, $crate::AllocOrInitError<E>>;
            alloc_uninit [T] () -> &$a mut core::mem::MaybeUninit<T>;
            try try_alloc_uninit [T] ()
                -> Result<&$a mut core::mem::MaybeUninit<T>, $crate::AllocError>;

            alloc_slice_copy [T: Copy] (source: &[T]) -> &$a mut [T];
            try try_alloc_slice_copy [T: Copy] (source: &[T])
                -> Result<&$a mut [T], $crate::AllocError>;
            alloc_slice_clone [T: Clone] (source: &[T]) -> &$a mut [T];
            try try_alloc_slice_clone [T: Clone] (source: &[T])
                -> Result<&$a mut [T], $crate::AllocError>;
            alloc_slice_fill_copy [T: Copy] (len: usize, value: T) -> &$a mut [T];
            try try_alloc_slice_fill_copy [T: Copy] (len: usize, value: T)
                -> Result<&$a mut [T], $crate::AllocError>;
            alloc_slice_fill_clone [T: Clone] (len: usize, value: &T) -> &$a mut [T];
            try try_alloc_slice_fill_clone [T: Clone] (len: usize, value: &T)
                -> Result<&$a mut [T], $crate::AllocError>;
            alloc_slice_fill_default [T: Default] (len: usize) -> &$a mut [T];
            try try_alloc_slice_fill_default [T: Default] (len: usize)
                -> Result<&$a mut [T], $crate::AllocError>;
            alloc_slice_fill_with [T] (len: usize, f: impl FnMut(usize) -> T) -> &$a mut [T];
            try try_alloc_slice_fill_with [T] (len: usize, f: impl FnMut(usize) -> T)
                -> Result<&$a mut [T], $crate::AllocError>;
            alloc_slice_try_fill_with [T, E] (len: usize, f: impl FnMut(usize) -> Result<T, E>)
                -> Result<&$a mut [T], E>;
            try try_alloc_slice_try_fill_with [T, E] (len: usize, f: impl FnMut(usize) -> Result<T, E>)
                -> Result<&$a mut [T], $crate::AllocOrInitError<E>>;
            alloc_slice_fill_iter [I: IntoIterator<IntoIter: ExactSizeIterator>] (iter: I)
                -> &$a mut [I::Item];
            try try_alloc_slice_fill_iter [I: IntoIterator<IntoIter: ExactSizeIterator>] (iter: I)
                -> Result<&$a mut [I::Item], $crate::AllocError>;
            alloc_iter [I: IntoIterator] (iter: I) -> &$a mut [I::Item];
            try try_alloc_iter [I: IntoIterator] (iter: I)
                -> Result<&$a mut [I::Item], $crate::AllocError>;
            alloc_slice_uninit [T] (len: usize) -> &$a mut [core::mem::MaybeUninit<T>];
            try try_alloc_slice_uninit [T] (len: usize)
                -> Result<&$a mut [core::mem::MaybeUninit<T>], $crate::AllocError>;

            alloc_str [] (text: &str) -> &$a mut str;
            try try_alloc_str [] (text: &str) -> Result<&$a mut str, $crate::AllocError>;
            alloc_concat [] (pieces: &[&str]) -> &$a mut str;
            try try_alloc_concat [] (pieces: &[&str]) -> Result<&$a mut str, $crate::AllocError>;
            alloc_fmt [] (arguments: core::fmt::Arguments<'_>) -> &$a mut str;
            try try_alloc_fmt [] (arguments: core::fmt::Arguments<'_>)
                -> Result<&$a mut str, $crate::AllocError>;
        }
    };
}

macro_rules! lend {
    () => {};
    (try $method:ident [$($generic:tt)*] ($($argument:ident: $type:ty),*) -> $lent:ty; $($more:tt)*) => {
        #[doc = concat!("[`Arena::", stringify!($method), "`](crate::Arena::", stringify!($method), "), with the lifetime of what lends it.")]
        #[inline]
        pub fn $method<$($generic)*>(&self, $($argument: $type),*) -> $lent {
            self.try_lender()?.$method($($argument),*)
        }
        $crate::arena::lend::lend!($($more)*);
    };
    ($method:ident [$($generic:tt)*] ($($argument:ident: $type:ty),*) -> $lent:ty; $($more:tt)*) => {
        #[doc = concat!("[`Arena::", stringify!($method), "`](crate::Arena::", stringify!($method), "), with the lifetime of what lends it.")]
        #[inline]
        pub fn $method<$($generic)*>(&self, $($argument: $type),*) -> $lent {
            self.lender().$method($($argument),*)
        }
        $crate::arena::lend::lend!($($more)*);
    };
}

#[allow(unused_imports, reason = "for other rooms, where they are built")]
pub(crate) use {lend, lend_family, lend_more};
