//! Interners.

use std::hash::RandomState;
use std::ops::Index;

use allocator_api2::alloc::Global;
use arenula::intern::{
    FrozenBytesInterner, FrozenInterner, FrozenTexts, InternerOf, Iter, Local, Memory,
};
use arenula::{BytesInterner, Interner, Symbol};

use super::*;

/// What may be hashed with, but may be neither sent nor shared.
type Unsendable = std::marker::PhantomData<Rc<u8>>;

/// What may be sent, but not shared.
type Unshared = std::marker::PhantomData<Cell<u8>>;

mod markers {
    use super::*;

    is!(Interner: Send, Unpin, UnwindSafe, RefUnwindSafe);
    is!(BytesInterner: Send, Unpin, UnwindSafe, RefUnwindSafe);
    is!(Interner: Clone, Eq);
    is_not!(Interner: Sync);
    is_not!(Interner<RandomState, FixedBuffer<'static>>: Clone);
    is_not!(&'static Interner: Send, Sync);
    is_not!(Interner<Unsendable>: Send, Sync);
    is!(Interner<Unshared>: Send);
    is_not!(Interner<RandomState, &'static Arena>: Send, Sync);
    is!(Interner<RandomState, FixedBuffer<'static>>: Send);
    is_not!(Interner<RandomState, FixedBuffer<'static>>: Sync, UnwindSafe, RefUnwindSafe);
    is_not!(Iter<'static, str>: Send, Sync);
    is!(Iter<'static, str>: Clone, Unpin, UnwindSafe, RefUnwindSafe);

    is!(FrozenInterner: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Clone, Eq);
    is!(FrozenBytesInterner: Send, Sync);
    is_not!(FrozenInterner<Unsendable>: Send, Sync);
    is!(FrozenInterner<Unshared>: Send);
    is_not!(FrozenInterner<Unshared>: Sync);
    // Its allocator can be had by reference.
    is!(FrozenInterner<RandomState, FixedBuffer<'static>>: Send);
    is_not!(FrozenInterner<RandomState, FixedBuffer<'static>>: Sync);
    is_not!(FrozenInterner<RandomState, &'static Arena>: Send, Sync);
    is!(FrozenTexts<'static, str>: Send, Sync, Clone, Unpin, UnwindSafe, RefUnwindSafe);

    is!(Symbol: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
}

#[cfg(all(feature = "std", target_has_atomic = "64"))]
mod shared {
    use super::*;
    use arenula::intern::Shared;
    use arenula::sync::{SyncBytesInterner, SyncInterner};

    is!(SyncInterner: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe, Default, Debug);
    is!(SyncBytesInterner: Send, Sync, Unpin, UnwindSafe, RefUnwindSafe);
    is_not!(SyncInterner: Clone, PartialEq);
    is_not!(SyncInterner<Unsendable>: Send, Sync);
    is!(SyncInterner<Unshared>: Send);
    is_not!(SyncInterner<Unshared>: Sync);
    // Only one thread at a time uses the allocator.
    is!(SyncInterner<RandomState, FixedBuffer<'static>>: Send, Sync);
    is_not!(SyncInterner<RandomState, &'static Arena>: Send, Sync);
    is!(Iter<'static, str, Shared>: Send, Sync, Clone, Unpin, UnwindSafe, RefUnwindSafe);
    is!(&'static SyncInterner: IntoIterator<Item = (Symbol, &'static str)>);
    is!(SyncInterner: Index<Symbol, Output = str>, FromIterator<&'static str>, Extend<&'static str>);
    is!(Shared: Memory);
}

mod traits {
    use super::*;

    is!(Interner: Default, Debug, Index<Symbol, Output = str>, FromIterator<&'static str>, Extend<&'static str>, FromIterator<String>, Extend<String>);
    is!(BytesInterner: Default, Debug, Index<Symbol, Output = [u8]>, FromIterator<&'static [u8]>);
    is!(&'static Interner: IntoIterator<Item = (Symbol, &'static str)>);
    is!(FrozenInterner: Debug, Index<Symbol, Output = str>);
    is!(&'static FrozenInterner: IntoIterator<Item = (Symbol, &'static str)>);
    is!(FrozenTexts<'static, [u8]>: Debug, ExactSizeIterator, FusedIterator);
    // Its interner may grow, also after the end.
    is_not!(Iter<'static, str>: ExactSizeIterator, FusedIterator);
    is!(Iter<'static, str>: Debug);
    is!(Symbol: Copy, Ord, Hash, Debug);
    is_not!(Symbol: Default, From<u32>);
    is!(Local: Memory);
    #[cfg(feature = "serde")]
    is!(Interner: ::serde::Serialize, ::serde::de::DeserializeOwned);
    #[cfg(feature = "serde")]
    is!(FrozenBytesInterner: ::serde::Serialize, ::serde::de::DeserializeOwned);
    #[cfg(feature = "serde")]
    is!(Symbol: ::serde::Serialize, ::serde::de::DeserializeOwned);
}

mod sizes {
    use super::*;

    const _: () = assert!(size_of::<Symbol>() == 4 && size_of::<Option<Symbol>>() == 4);
    const _: () = assert!(
        size_of::<InternerOf<str, (), Local<Global>>>() == size_of::<InternerOf<[u8], ()>>()
    );
}
