//! `vec!` and `format!`, with an allocator.

use core::ptr;

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;

/// A [`Vec`](crate::vec::Vec) of these elements: `vec![in &arena; 1, 2, 3]`, `vec![in &arena; value; count]`,
/// or, empty, `vec![in &arena]`.
///
/// Without `in` it is the standard library's macro, so that it can be imported under this name: by name, since where
/// two macros of one name are imported by `*`, of which the standard library's prelude is one, the compiler asks
/// which is meant.
///
/// ```
/// use arenula::collections::Vec;
/// use arenula::{Arena, vec};
///
/// let arena = Arena::new();
/// let numbers: Vec<i32, &Arena> = vec![in &arena; 1, 2, 3];
/// assert_eq!(numbers, [1, 2, 3]);
/// assert_eq!(vec![in &arena; 'x'; 2], ['x', 'x']);
/// assert!(vec![in &arena].iter().all(|&()| false));
///
/// let on_the_heap: std::vec::Vec<i32> = vec![1, 2, 3];
/// assert_eq!(numbers, on_the_heap[..]);
/// ```
///
/// In a scope the allocator is a borrow of it, `&*scope`:
///
/// ```
/// let mut arena = arenula::Arena::new();
/// let sum: i32 = arena.scope(|s| arenula::vec![in &*s; 1, 2, 3].iter().sum());
/// assert_eq!(sum, 6);
/// ```
#[macro_export]
macro_rules! vec {
    (in $alloc:expr $(;)?) => {
        $crate::vec::Vec::new_in($alloc)
    };
    (in $alloc:expr; $value:expr; $count:expr) => {
        $crate::__private::vec_of_clones($value, $count, $alloc)
    };
    (in $alloc:expr; $($value:expr),+ $(,)?) => {
        $crate::__private::vec_of_array([$($value),+], $alloc)
    };
    ($($standard:tt)*) => {
        $crate::__private::vec![$($standard)*]
    };
}

/// Formats into a new [`String`](crate::string::String): `format!(in &arena, "{name}: {}", value)`.
///
/// The text is written once, to where it stays, as long as nothing else is allocated meanwhile. Without
/// `in` it is the standard library's macro, so that it can be imported under this name. If memory may be short, see
/// [`String::try_from_fmt_in`](crate::string::String::try_from_fmt_in).
///
/// # Panics
///
/// If a `Display` or like implementation fails, which none should.
///
/// ```
/// use arenula::collections::String;
/// use arenula::{Arena, format};
///
/// let arena = Arena::new();
/// let (name, age) = ("Ada", 36);
/// let text: String<&Arena> = format!(in &arena, "{name} is {}", age);
/// assert_eq!(text, "Ada is 36");
/// assert_eq!(text, format!("{name} is {age}"));
/// ```
#[macro_export]
macro_rules! format {
    (in $alloc:expr, $($arguments:tt)+) => {
        $crate::string::String::from_fmt_in($crate::__private::format_args!($($arguments)+), $alloc)
    };
    ($($standard:tt)*) => {
        $crate::__private::format!($($standard)*)
    };
}

/// What the macros stand for. Not for users.
pub mod private {
    use super::*;

    pub use alloc::{format, vec};
    pub use core::format_args;

    /// `vec![in alloc; a, b, c]`
    #[inline]
    pub fn vec_of_array<T, A: Allocator, const N: usize>(values: [T; N], alloc: A) -> Vec<T, A> {
        let mut vec: Vec<T, A> = Vec::with_capacity_in(N, alloc);
        // SAFETY: there is room for `N` values, which no one else has.
        unsafe {
            ptr::write(vec.as_mut_ptr().cast(), values);
            vec.set_len(N);
        }
        vec
    }

    /// `vec![in alloc; value; count]`
    #[inline]
    pub fn vec_of_clones<T: Clone, A: Allocator>(value: T, count: usize, alloc: A) -> Vec<T, A> {
        let mut vec = Vec::with_capacity_in(count, alloc);
        vec.resize(count, value);
        vec
    }
}
