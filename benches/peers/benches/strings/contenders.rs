//! Strings and allocators behind one interface, each by its own documented way.

use std::hash::Hash;

use allocator_api2::alloc::{Allocator, Global};
use bump_scope::{Bump, BumpString};
use peers::{Column, Role};

use crate::work::Numbered;

/// Text that grows.
pub trait Text {
    fn push(&mut self, ch: char);
    fn push_str(&mut self, text: &str);
    fn start(&self) -> *const u8;
}

/// Where text and maps are kept.
pub trait Texts: 'static {
    /// The column's name.
    const NAME: &'static str;

    fn with_capacity(bytes: usize) -> Self;

    /// Takes back everything and keeps the memory.
    fn reset(&mut self);

    fn text(&self) -> impl Text;

    /// `format!("{word} is {number}")`
    fn format_small(&self, word: &str, number: usize) -> impl Text;

    /// `format!("<{words}>")`
    fn format_large(&self, words: &Numbered) -> impl Text;

    /// A copy of a text that keys a map.
    fn key(&self, text: &str) -> impl Eq + Hash;

    fn allocator(&self) -> impl Allocator;
}

/// The columns in the order of the table.
pub const COLUMNS: &[Column] = &[
    Column {
        name: <arenula::Arena>::NAME,
        role: Role::Subject,
        note: "String<&Arena>; maps in &Arena",
    },
    Column {
        name: <arenula::Arena<1>>::NAME,
        role: Role::Variant,
        note: "the same with Arena<1>",
    },
    Column {
        name: <Bump>::NAME,
        role: Role::Peer,
        note: "BumpString; maps in &Bump",
    },
    Column {
        name: <bumpalo::Bump>::NAME,
        role: Role::Peer,
        note: "collections::String; maps in &Bump",
    },
    Column {
        name: Heap::NAME,
        role: Role::Peer,
        note: "the standard library's String; maps in Global",
    },
];

macro_rules! text {
    ([$($generics:tt)*] $text:ty) => {
        impl<$($generics)*> Text for $text {
            #[inline(always)]
            fn push(&mut self, ch: char) {
                self.push(ch);
            }

            #[inline(always)]
            fn push_str(&mut self, text: &str) {
                self.push_str(text);
            }

            #[inline(always)]
            fn start(&self) -> *const u8 {
                self.as_ptr()
            }
        }
    };
}

text!([const MIN_ALIGN: usize] arenula::string::String<&arenula::Arena<MIN_ALIGN>>);
text!([] BumpString<&Bump>);
text!(['b] bumpalo::collections::String<'b>);
text!([] String);

impl<const MIN_ALIGN: usize> Texts for arenula::Arena<MIN_ALIGN> {
    const NAME: &'static str = match MIN_ALIGN {
        1 => "arenula<1>",
        _ => "arenula",
    };

    fn with_capacity(bytes: usize) -> Self {
        Self::with_min_align_and_capacity(bytes)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }

    #[inline(always)]
    fn text(&self) -> impl Text {
        self.string()
    }

    #[inline(always)]
    fn format_small(&self, word: &str, number: usize) -> impl Text {
        arenula::format!(in self, "{} is {}", word, number)
    }

    #[inline(always)]
    fn format_large(&self, words: &Numbered) -> impl Text {
        arenula::format!(in self, "<{}>", words)
    }

    #[inline(always)]
    fn key(&self, text: &str) -> impl Eq + Hash {
        arenula::string::String::from_str_in(text, self)
    }

    #[inline(always)]
    fn allocator(&self) -> impl Allocator {
        self
    }
}

impl Texts for Bump {
    const NAME: &'static str = "bump-scope";

    fn with_capacity(bytes: usize) -> Self {
        Self::with_size(bytes)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }

    #[inline(always)]
    fn text(&self) -> impl Text {
        BumpString::new_in(self)
    }

    #[inline(always)]
    fn format_small(&self, word: &str, number: usize) -> impl Text {
        bump_scope::bump_format!(in self, "{} is {}", word, number)
    }

    #[inline(always)]
    fn format_large(&self, words: &Numbered) -> impl Text {
        bump_scope::bump_format!(in self, "<{}>", words)
    }

    #[inline(always)]
    fn key(&self, text: &str) -> impl Eq + Hash {
        BumpString::from_str_in(text, self)
    }

    #[inline(always)]
    fn allocator(&self) -> impl Allocator {
        self
    }
}

impl Texts for bumpalo::Bump {
    const NAME: &'static str = "bumpalo";

    fn with_capacity(bytes: usize) -> Self {
        Self::with_capacity(bytes)
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.reset();
    }

    #[inline(always)]
    fn text(&self) -> impl Text {
        bumpalo::collections::String::new_in(self)
    }

    #[inline(always)]
    fn format_small(&self, word: &str, number: usize) -> impl Text {
        bumpalo::format!(in self, "{} is {}", word, number)
    }

    #[inline(always)]
    fn format_large(&self, words: &Numbered) -> impl Text {
        bumpalo::format!(in self, "<{}>", words)
    }

    #[inline(always)]
    fn key(&self, text: &str) -> impl Eq + Hash {
        bumpalo::collections::String::from_str_in(text, self)
    }

    #[inline(always)]
    fn allocator(&self) -> impl Allocator {
        self
    }
}

/// The global allocator.
pub struct Heap;

impl Texts for Heap {
    const NAME: &'static str = "heap";

    fn with_capacity(_: usize) -> Self {
        Self
    }

    fn reset(&mut self) {}

    #[inline(always)]
    fn text(&self) -> impl Text {
        String::new()
    }

    #[inline(always)]
    fn format_small(&self, word: &str, number: usize) -> impl Text {
        format!("{} is {}", word, number)
    }

    #[inline(always)]
    fn format_large(&self, words: &Numbered) -> impl Text {
        format!("<{}>", words)
    }

    #[inline(always)]
    fn key(&self, text: &str) -> impl Eq + Hash {
        String::from(text)
    }

    #[inline(always)]
    fn allocator(&self) -> impl Allocator {
        Global
    }
}
