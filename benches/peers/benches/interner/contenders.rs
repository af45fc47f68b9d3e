//! Interners behind one interface, each by its own documented way.

use std::hash::{BuildHasher, RandomState};

use hashbrown::DefaultHashBuilder;
use peers::{Column, Role};
use rustc_hash::FxBuildHasher;
use string_interner::backend::{BucketBackend, StringBackend};
use string_interner::{DefaultSymbol, StringInterner};

/// The hasher of all sides, where nothing else is said: one for all, since its random seed decides how well the
/// texts are spread.
pub trait Hash: BuildHasher + Clone + Send + Sync + 'static {
    fn make() -> Self;
}

impl Hash for DefaultHashBuilder {
    fn make() -> Self {
        static ONE: std::sync::LazyLock<DefaultHashBuilder> =
            std::sync::LazyLock::new(DefaultHashBuilder::default);
        ONE.clone()
    }
}

impl Hash for FxBuildHasher {
    fn make() -> Self {
        Self
    }
}

impl Hash for RandomState {
    fn make() -> Self {
        Self::new()
    }
}

/// An interner for one thread.
pub trait Texts: Sized + 'static {
    /// The column's name.
    const NAME: &'static str;

    type Key: Copy + 'static;

    fn new() -> Self;

    fn add(&mut self, text: &str) -> Self::Key;

    fn find(&self, text: &str) -> Option<Self::Key>;

    fn resolve(&self, key: Self::Key) -> &str;

    /// Goes through all texts.
    fn each(&self, f: impl FnMut(&str));
}

/// An interner for many threads.
pub trait SyncTexts: Sync + Sized + 'static {
    const NAME: &'static str;

    type Key: Copy + Send + Sync + 'static;

    fn new() -> Self;

    fn add(&self, text: &str) -> Self::Key;

    /// Or nothing, if it can only be done by one that is frozen.
    fn resolve(&self, key: Self::Key) -> &str;

    const RESOLVES: bool = true;
}

pub type Ours = arenula::Interner<DefaultHashBuilder>;
pub type OursFx = arenula::Interner<FxBuildHasher>;
pub type Strings = StringInterner<StringBackend, DefaultHashBuilder>;
pub type Buckets = StringInterner<BucketBackend, DefaultHashBuilder>;
pub type Lexicon = internity::LocalLexicon<DefaultHashBuilder>;
pub type LexiconFx = internity::LocalLexicon<FxBuildHasher>;
pub type Rodeo = lasso::Rodeo<lasso::Spur, DefaultHashBuilder>;
pub type RodeoSip = lasso::Rodeo<lasso::Spur, RandomState>;
pub type ParaCord = paracord::ParaCord<DefaultHashBuilder>;

pub type OursSync = arenula::sync::SyncInterner<DefaultHashBuilder>;
pub type LexiconSync = internity::ThreadedLexicon<DefaultHashBuilder>;
pub type RodeoSync = lasso::ThreadedRodeo<lasso::Spur, DefaultHashBuilder>;

/// The columns in the order of the table.
pub const COLUMNS: &[Column] = &[
    Column {
        name: <Ours as Texts>::NAME,
        role: Role::Subject,
        note: "Interner, of many threads SyncInterner; hashbrown's hasher as everywhere, and by default",
    },
    Column {
        name: <OursFx as Texts>::NAME,
        role: Role::Variant,
        note: "the same with rustc-hash",
    },
    Column {
        name: <Strings as Texts>::NAME,
        role: Role::Peer,
        note: "string-interner, its default backend (text moves); hashbrown's hasher is its default",
    },
    Column {
        name: <Buckets as Texts>::NAME,
        role: Role::Peer,
        note: "string-interner, BucketBackend",
    },
    Column {
        name: <Lexicon as Texts>::NAME,
        role: Role::Peer,
        note: "internity::LocalLexicon (text moves), of many threads ThreadedLexicon; not its default hasher",
    },
    Column {
        name: <LexiconFx as Texts>::NAME,
        role: Role::Peer,
        note: "the same with its default hasher, rustc-hash",
    },
    Column {
        name: <Rodeo as Texts>::NAME,
        role: Role::Peer,
        note: "lasso::Rodeo, of many threads ThreadedRodeo; not its default hasher",
    },
    Column {
        name: <RodeoSip as Texts>::NAME,
        role: Role::Peer,
        note: "the same with its default hasher, the standard library's",
    },
    Column {
        name: <ParaCord as Texts>::NAME,
        role: Role::Peer,
        note: "ParaCord, for many threads; its default hasher is of the same kind",
    },
];

impl<H: Hash> Texts for arenula::Interner<H> {
    const NAME: &'static str = if size_of::<H>() == 0 {
        "arenula fx"
    } else {
        "arenula"
    };

    type Key = arenula::Symbol;

    fn new() -> Self {
        Self::with_hasher(H::make())
    }

    #[inline(always)]
    fn add(&mut self, text: &str) -> Self::Key {
        self.symbol(text)
    }

    #[inline(always)]
    fn find(&self, text: &str) -> Option<Self::Key> {
        self.get_symbol(text)
    }

    #[inline(always)]
    fn resolve(&self, key: Self::Key) -> &str {
        self.resolve(key)
    }

    #[inline(always)]
    fn each(&self, mut f: impl FnMut(&str)) {
        self.iter().for_each(|(_, text)| f(text));
    }
}

macro_rules! string_interner {
    ($backend:ty, $name:literal) => {
        impl<H: Hash> Texts for StringInterner<$backend, H> {
            const NAME: &'static str = $name;

            type Key = DefaultSymbol;

            fn new() -> Self {
                Self::with_hasher(H::make())
            }

            #[inline(always)]
            fn add(&mut self, text: &str) -> Self::Key {
                self.get_or_intern(text)
            }

            #[inline(always)]
            fn find(&self, text: &str) -> Option<Self::Key> {
                self.get(text)
            }

            #[inline(always)]
            fn resolve(&self, key: Self::Key) -> &str {
                self.resolve(key).expect("it is there")
            }

            #[inline(always)]
            fn each(&self, mut f: impl FnMut(&str)) {
                self.iter().for_each(|(_, text)| f(text));
            }
        }
    };
}

string_interner!(StringBackend, "string-int.");
string_interner!(BucketBackend, "s-i bucket");

impl<H: Hash> Texts for internity::LocalLexicon<H> {
    const NAME: &'static str = if size_of::<H>() == 0 {
        "internity fx"
    } else {
        "internity"
    };

    type Key = internity::Sym;

    fn new() -> Self {
        Self::with_hasher(H::make())
    }

    #[inline(always)]
    fn add(&mut self, text: &str) -> Self::Key {
        self.intern(text)
    }

    #[inline(always)]
    fn find(&self, text: &str) -> Option<Self::Key> {
        self.get(text)
    }

    #[inline(always)]
    fn resolve(&self, key: Self::Key) -> &str {
        self.resolve(key)
    }

    #[inline(always)]
    fn each(&self, mut f: impl FnMut(&str)) {
        self.iter().for_each(|(_, text)| f(text));
    }
}

/// The size of a hasher says which it is.
const fn is_hashbrowns<H>() -> bool {
    size_of::<H>() == size_of::<DefaultHashBuilder>() && size_of::<H>() != size_of::<RandomState>()
}

impl<H: Hash> Texts for lasso::Rodeo<lasso::Spur, H> {
    const NAME: &'static str = if is_hashbrowns::<H>() {
        "lasso"
    } else {
        "lasso sip"
    };

    type Key = lasso::Spur;

    fn new() -> Self {
        Self::with_hasher(H::make())
    }

    #[inline(always)]
    fn add(&mut self, text: &str) -> Self::Key {
        self.get_or_intern(text)
    }

    #[inline(always)]
    fn find(&self, text: &str) -> Option<Self::Key> {
        self.get(text)
    }

    #[inline(always)]
    fn resolve(&self, key: Self::Key) -> &str {
        self.resolve(&key)
    }

    #[inline(always)]
    fn each(&self, f: impl FnMut(&str)) {
        self.strings().for_each(f);
    }
}

impl<H: Hash> Texts for paracord::ParaCord<H> {
    const NAME: &'static str = "paracord";

    type Key = paracord::Key;

    fn new() -> Self {
        Self::with_hasher(H::make())
    }

    #[inline(always)]
    fn add(&mut self, text: &str) -> Self::Key {
        self.get_or_intern(text)
    }

    #[inline(always)]
    fn find(&self, text: &str) -> Option<Self::Key> {
        self.get(text)
    }

    #[inline(always)]
    fn resolve(&self, key: Self::Key) -> &str {
        self.resolve(key)
    }

    #[inline(always)]
    fn each(&self, mut f: impl FnMut(&str)) {
        self.iter().for_each(|(_, text)| f(text));
    }
}

impl<H: Hash> SyncTexts for arenula::sync::SyncInterner<H> {
    const NAME: &'static str = "arenula";

    type Key = arenula::Symbol;

    fn new() -> Self {
        Self::with_hasher(H::make())
    }

    #[inline(always)]
    fn add(&self, text: &str) -> Self::Key {
        self.symbol(text)
    }

    #[inline(always)]
    fn resolve(&self, key: Self::Key) -> &str {
        self.resolve(key)
    }
}

impl<H: Hash> SyncTexts for internity::ThreadedLexicon<H> {
    const NAME: &'static str = "internity";

    type Key = internity::Sym;

    fn new() -> Self {
        Self::with_hasher(H::make())
    }

    #[inline(always)]
    fn add(&self, text: &str) -> Self::Key {
        self.intern(text)
    }

    const RESOLVES: bool = false;

    fn resolve(&self, _: Self::Key) -> &str {
        unreachable!("it has to be frozen first")
    }
}

impl<H: Hash> SyncTexts for lasso::ThreadedRodeo<lasso::Spur, H> {
    const NAME: &'static str = "lasso";

    type Key = lasso::Spur;

    fn new() -> Self {
        Self::with_hasher(H::make())
    }

    #[inline(always)]
    fn add(&self, text: &str) -> Self::Key {
        self.get_or_intern(text)
    }

    #[inline(always)]
    fn resolve(&self, key: Self::Key) -> &str {
        self.resolve(&key)
    }
}

impl<H: Hash> SyncTexts for paracord::ParaCord<H> {
    const NAME: &'static str = "paracord";

    type Key = paracord::Key;

    fn new() -> Self {
        Self::with_hasher(H::make())
    }

    #[inline(always)]
    fn add(&self, text: &str) -> Self::Key {
        self.get_or_intern(text)
    }

    #[inline(always)]
    fn resolve(&self, key: Self::Key) -> &str {
        self.resolve(key)
    }
}
