//! A string is to be used as the text that it holds.

use core::borrow::{Borrow, BorrowMut};
use core::cmp;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::{Add, AddAssign, Deref, DerefMut};
use core::str;

use alloc::borrow::Cow;
use alloc::string::String as StdString;

use allocator_api2::alloc::Allocator;

use super::String;

impl<A: Allocator> Deref for String<A> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl<A: Allocator> DerefMut for String<A> {
    #[inline]
    fn deref_mut(&mut self) -> &mut str {
        self.as_mut_str()
    }
}

impl<A: Allocator> AsRef<str> for String<A> {
    #[inline]
    fn as_ref(&self) -> &str {
        self
    }
}

impl<A: Allocator> AsMut<str> for String<A> {
    #[inline]
    fn as_mut(&mut self) -> &mut str {
        self
    }
}

impl<A: Allocator> AsRef<[u8]> for String<A> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

#[cfg(feature = "std")]
impl<A: Allocator> AsRef<std::ffi::OsStr> for String<A> {
    #[inline]
    fn as_ref(&self) -> &std::ffi::OsStr {
        self.as_str().as_ref()
    }
}

#[cfg(feature = "std")]
impl<A: Allocator> AsRef<std::path::Path> for String<A> {
    #[inline]
    fn as_ref(&self) -> &std::path::Path {
        self.as_str().as_ref()
    }
}

impl<A: Allocator> Borrow<str> for String<A> {
    #[inline]
    fn borrow(&self) -> &str {
        self
    }
}

impl<A: Allocator> BorrowMut<str> for String<A> {
    #[inline]
    fn borrow_mut(&mut self) -> &mut str {
        self
    }
}

impl<A: Allocator> fmt::Display for String<A> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl<A: Allocator> fmt::Debug for String<A> {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl<A: Allocator> Hash for String<A> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl<A: Allocator + Default> Default for String<A> {
    #[inline]
    fn default() -> Self {
        Self::new_in(A::default())
    }
}

impl<A: Allocator + Clone> Clone for String<A> {
    #[inline]
    fn clone(&self) -> Self {
        Self::from_str_in(self, self.allocator().clone())
    }

    /// Keeps the room that there is, and the allocator.
    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.clear();
        self.push_str(source);
    }
}

impl<A: Allocator> Eq for String<A> {}

impl<A: Allocator> Ord for String<A> {
    #[inline]
    fn cmp(&self, other: &Self) -> cmp::Ordering {
        self.as_str().cmp(other)
    }
}

impl<A: Allocator, B: Allocator> PartialEq<String<B>> for String<A> {
    #[inline]
    fn eq(&self, other: &String<B>) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<A: Allocator, B: Allocator> PartialOrd<String<B>> for String<A> {
    #[inline]
    fn partial_cmp(&self, other: &String<B>) -> Option<cmp::Ordering> {
        self.as_str().partial_cmp(other.as_str())
    }
}

/// Compares with other kinds of text, both ways.
macro_rules! compare {
    ($([$($generic:tt)*] $other:ty;)*) => {$(
        impl<$($generic)* A: Allocator> PartialEq<$other> for String<A> {
            #[inline]
            fn eq(&self, other: &$other) -> bool {
                self[..] == other[..]
            }
        }

        impl<$($generic)* A: Allocator> PartialEq<String<A>> for $other {
            #[inline]
            fn eq(&self, other: &String<A>) -> bool {
                self[..] == other[..]
            }
        }

        impl<$($generic)* A: Allocator> PartialOrd<$other> for String<A> {
            #[inline]
            fn partial_cmp(&self, other: &$other) -> Option<cmp::Ordering> {
                self[..].partial_cmp(&other[..])
            }
        }

        impl<$($generic)* A: Allocator> PartialOrd<String<A>> for $other {
            #[inline]
            fn partial_cmp(&self, other: &String<A>) -> Option<cmp::Ordering> {
                self[..].partial_cmp(&other[..])
            }
        }
    )*};
}

compare! {
    [] str;
    ['s,] &'s str;
    ['s,] &'s mut str;
    ['s,] Cow<'s, str>;
    [] StdString;
}

impl<A: Allocator> Add<&str> for String<A> {
    type Output = Self;

    #[inline]
    fn add(mut self, text: &str) -> Self {
        self.push_str(text);
        self
    }
}

impl<A: Allocator> AddAssign<&str> for String<A> {
    #[inline]
    fn add_assign(&mut self, text: &str) {
        self.push_str(text);
    }
}
