//! An arena together with what was built in it, as one value: [`Owned`] and [`DoubleBuffer`].
//!
//! # Invariants
//!
//! Every `SAFETY` comment in this module names the ones that it relies on.
//!
//! - **O1, place.** The arena of a [`Home`] lies where it was put until the home is dropped or taken apart. The root,
//!   which is kept as a [`MaybeUninit`], may point to the arena and into it, however the [`Owned`] moves.
//! - **O2, one lifetime.** All that borrows from the arena is in the root, of type `R::Of<'α>`. `'α` is a lifetime that
//!   nobody can name: it ends when the root does. Every function that sees the root, or makes it, has to accept any
//!   lifetime in its place. So nothing of `'α` leaves such a function, nothing shorter comes in, and the
//!   function can't mix the lifetimes of two arenas. The `'static` of the field is never shown to anybody.
//! - **O3, order.** The root is dropped before anything happens to its arena, also where its destructor panics.
//! - **O4, no lending of itself.** A root is lent for a lifetime of its own, never for `'α`: as `&'α R::Of<'α>` it could
//!   be put into itself, and then be moved, or be borrowed mutably.
//! - **O5, threads.** Through `&Owned` nobody comes to the arena but through the root, nor is anything read of it. So
//!   an arena that is used by one thread, by way of a root that looks after its own safety, is not seen by another.
//!
//! `R::Of<'α>` and `R::Of<'static>` are the same bytes with the same destructor, whatever safe code makes of
//! [`Root`]: an associated type must be well-formed for every lifetime, no two implementations differ in lifetimes alone,
//! and none are left when code is generated, where both are one type. (To compare their sizes would prove
//! nothing: it is one size.)

mod double_buffer;
mod home;
mod root;

pub use double_buffer::DoubleBuffer;
pub(crate) use home::Home;
pub use root::{CovariantRoot, Root};

use core::alloc::Layout;
use core::convert::Infallible;
use core::fmt;
use core::mem::{ManuallyDrop, MaybeUninit};

use allocator_api2::alloc::{Allocator, Global};

use crate::arena::{AllocOrInitError, Arena, Failure, Stats, or_fail};

/// An arena together with the value that was built in it, which borrows from it: one value, to be returned,
/// stored, and sent to other threads.
///
/// ```
/// use arenula::{Owned, Root};
///
/// /// A file of settings. Names and values are parts of its text.
/// struct Settings<'a> {
///     text: &'a str,
///     pairs: &'a [(&'a str, &'a str)],
/// }
///
/// impl Root for Settings<'_> {
///     type Of<'a> = Settings<'a>;
/// }
///
/// fn parse(text: &str) -> Owned<Settings<'static>> {
///     Owned::new(|arena| {
///         let text: &str = arena.alloc_str(text);
///         let pairs = arena.alloc_iter(text.lines().filter_map(|line| line.split_once('=')));
///         Settings { text, pairs }
///     })
/// }
///
/// let settings = parse("width=80\ntabs=no");
/// let thread = std::thread::spawn(move || settings.with(|settings| settings.pairs.len()));
/// assert_eq!(thread.join().unwrap(), 2);
/// ```
///
/// The value is called the root, and [`Root`] is what describes it. Its destructor runs, before the arena goes; as
/// always, values in the arena that it does not own have no destructors.
///
/// # Seeing it
///
/// The root borrows from the arena for a lifetime that has no name outside, since it goes along with the `Owned`. So it
/// is shown to closures, which can return anything but what borrows from the arena:
///
/// ```compile_fail
/// let text = arenula::Owned::<&str>::new(|arena| arena.alloc_str("text"));
/// let leaked = text.with(|text| *text);
/// ```
///
/// For most roots that can be done without: see [`get`](Owned::get).
///
/// # Threads
///
/// It is `Send` if `R::Of<'a>` is for every `'a` (and the backing allocator is), and `Sync` if `R::Of<'a>` is.
pub struct Owned<R: Root, const MIN_ALIGN: usize = 8, A: Allocator = Global> {
    /// In truth an `R::Of<'α>` (O2).
    root: MaybeUninit<R::Of<'static>>,
    home: Home<MIN_ALIGN, A>,
}

// SAFETY: the arena can be sent, and so can the root, whatever its lifetime: in particular with the one that it has. Nothing
// else reaches the arena (O2).
unsafe impl<R: Root, const MIN_ALIGN: usize, A: Allocator + Send> Send for Owned<R, MIN_ALIGN, A> where
    for<'a> R::Of<'a>: Send
{
}

// SAFETY: through a shared reference there is only the root (O5), which can be shared whatever its lifetime.
unsafe impl<R: Root, const MIN_ALIGN: usize, A: Allocator> Sync for Owned<R, MIN_ALIGN, A> where
    for<'a> R::Of<'a>: Sync
{
}

impl<R: Root> Owned<R> {
    /// Makes an arena, and the root in it.
    ///
    /// ```
    /// let text = arenula::Owned::<&str>::new(|arena| arena.alloc_str("text"));
    /// assert_eq!(*text.get(), "text");
    /// ```
    pub fn new<F>(build: F) -> Self
    where
        F: for<'a> FnOnce(&'a Arena) -> R::Of<'a>,
    {
        Self::new_in(Arena::new(), build)
    }

    /// [`new`](Owned::new), of a root that may not come to be. Then the arena comes back, empty, with the memory that it
    /// has by then. (The other error is that there is no memory for the `Owned` itself.)
    ///
    /// ```
    /// use arenula::{AllocOrInitError, Owned};
    ///
    /// fn parse(text: &str) -> Result<Owned<&'static [u32]>, std::num::ParseIntError> {
    ///     let outcome = Owned::try_new(|arena| {
    ///         let numbers: Result<Vec<u32>, _> = text.split(' ').map(str::parse).collect();
    ///         Ok(&*arena.alloc_slice_copy(&numbers?))
    ///     });
    ///     outcome.map_err(|(error, _arena)| match error {
    ///         AllocOrInitError::Init(error) => error,
    ///         AllocOrInitError::Alloc(_) => panic!("no memory"),
    ///     })
    /// }
    /// assert_eq!(*parse("1 2").unwrap().get(), [1, 2]);
    /// assert!(parse("1 2 x").is_err());
    /// ```
    pub fn try_new<E, F>(build: F) -> Result<Self, (AllocOrInitError<E>, Arena)>
    where
        F: for<'a> FnOnce(&'a Arena) -> Result<R::Of<'a>, E>,
    {
        Self::try_new_in(Arena::new(), build)
    }
}

impl<R: Root, const MIN_ALIGN: usize, A: Allocator> Owned<R, MIN_ALIGN, A> {
    /// Makes the root in an arena that is there: one of another kind than `new` makes, or one that has memory
    /// already.
    ///
    /// ```
    /// use arenula::{Arena, Owned};
    ///
    /// let mut arena = Arena::with_capacity(4096);
    /// let held = arena.capacity();
    /// for line in ["one line", "the next line"] {
    ///     let words = Owned::<&[String]>::new_in(arena, |arena| {
    ///         arena.alloc_iter(line.split(' ').map(str::to_owned))
    ///     });
    ///     assert!(words.get().len() >= 2);
    ///     arena = words.into_arena();
    ///     assert_eq!(arena.capacity(), held);
    /// }
    /// ```
    #[inline]
    pub fn new_in<F>(arena: Arena<MIN_ALIGN, A>, build: F) -> Self
    where
        F: for<'a> FnOnce(&'a Arena<MIN_ALIGN, A>) -> R::Of<'a>,
    {
        must::<_, MIN_ALIGN, A, _>(Self::try_new_in(arena, |arena| Ok(build(arena))))
    }

    /// [`new_in`](Owned::new_in), of a root that may not come to be. Then the arena comes back, empty.
    ///
    /// ```
    /// use arenula::{AllocError, AllocOrInitError, Arena, Owned};
    ///
    /// let arena = Arena::new();
    /// arena.set_limit(Some(1000));
    /// let outcome = Owned::<&[u8]>::try_new_in(arena, |arena| {
    ///     Ok::<_, AllocError>(arena.try_alloc_slice_fill_copy(2000, 0)?)
    /// });
    /// let (error, arena) = outcome.err().unwrap();
    /// assert_eq!(error, AllocOrInitError::Init(AllocError));
    /// assert_eq!(arena.limit(), Some(1000));
    /// ```
    #[inline]
    pub fn try_new_in<E, F>(
        arena: Arena<MIN_ALIGN, A>,
        build: F,
    ) -> Result<Self, (AllocOrInitError<E>, Arena<MIN_ALIGN, A>)>
    where
        F: for<'a> FnOnce(&'a Arena<MIN_ALIGN, A>) -> Result<R::Of<'a>, E>,
    {
        let home = match Home::new(arena) {
            Ok(home) => home,
            Err((error, mut arena)) => {
                arena.reset();
                return Err((error.into(), arena));
            }
        };
        Self::build_at(home, build).map_err(|(error, arena)| (AllocOrInitError::Init(error), arena))
    }

    /// Makes the root in the arena of a home, where none is.
    #[inline]
    fn build_at<E>(
        home: Home<MIN_ALIGN, A>,
        build: impl for<'a> FnOnce(&'a Arena<MIN_ALIGN, A>) -> Result<R::Of<'a>, E>,
    ) -> Result<Self, (E, Arena<MIN_ALIGN, A>)> {
        match build(home.arena()).map(hide::<R>) {
            Ok(root) => Ok(Owned { root, home }),
            // SAFETY: no root was made, and an error can't hold anything of the arena's (O2).
            Err(error) => Err((error, unsafe { home.into_arena() })),
        }
    }

    /// Shows the root to `f`.
    ///
    /// ```
    /// let text = arenula::Owned::<&str>::new(|arena| arena.alloc_str("text"));
    /// assert_eq!(text.with(|text| text.len()), 4);
    /// ```
    #[inline]
    pub fn with<T, F>(&self, f: F) -> T
    where
        F: for<'a, 'b> FnOnce(&'b R::Of<'a>) -> T,
    {
        f(self.root())
    }

    /// Shows the root to `f`, to be changed, with the arena in which more can be built.
    ///
    /// ```
    /// use arenula::Owned;
    ///
    /// let mut text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    /// text.with_mut(|text, arena| *text = arena.alloc_concat(&[*text, "!"]));
    /// assert_eq!(*text.get(), "text!");
    /// ```
    #[inline]
    pub fn with_mut<T, F>(&mut self, f: F) -> T
    where
        F: for<'a, 'b> FnOnce(&'b mut R::Of<'a>, &'a Arena<MIN_ALIGN, A>) -> T,
    {
        let Owned { root, home } = self;
        // SAFETY: the root is there, and is lent for as long as this is borrowed (O2, O4).
        f(unsafe { &mut *root.as_mut_ptr().cast() }, home.arena())
    }

    /// The root, as the user's own conversion from its lifetime to that of the borrow lends it.
    ///
    /// That is for roots that only hold what can be read through a shared reference, as most do:
    /// see [`CovariantRoot`]. (Options and tuples of roots have no such conversion: a reference to one is none to its
    /// parts. A type of your own that names them can have one.)
    ///
    /// ```
    /// let words = arenula::Owned::<&[&str]>::new(|arena| arena.alloc_slice_copy(&["a", "b"]));
    /// let first: &str = words.get()[0];
    /// assert_eq!(first, "a");
    /// ```
    #[inline]
    pub fn get(&self) -> &R::Of<'_>
    where
        R: CovariantRoot,
    {
        // The conversion is what shows that the lifetime may be shortened, so it must be called: one that only
        // had to exist could be a loop.
        R::shrink(self.root())
    }

    /// Makes another root of the root, in the same arena.
    ///
    /// ```
    /// use arenula::Owned;
    ///
    /// let text = Owned::<&str>::new(|arena| arena.alloc_str("a b"));
    /// let length = text.map::<&usize, _>(|text, arena| arena.alloc(text.len()));
    /// assert_eq!(**length.get(), 3);
    /// ```
    pub fn map<S, F>(self, f: F) -> Owned<S, MIN_ALIGN, A>
    where
        S: Root,
        F: for<'a> FnOnce(R::Of<'a>, &'a Arena<MIN_ALIGN, A>) -> S::Of<'a>,
    {
        match self.try_map(|root, arena| Ok::<_, Infallible>(f(root, arena))) {
            Ok(owned) => owned,
            Err((never, _)) => match never {},
        }
    }

    /// [`map`](Owned::map), to a root that may not come to be. Then the arena comes back, empty.
    ///
    /// ```
    /// use arenula::Owned;
    ///
    /// let text = Owned::<&str>::new(|arena| arena.alloc_str("12x"));
    /// let number = text.try_map::<&i32, _, _>(|text, arena| Ok(&*arena.alloc(text.parse()?)));
    /// let (error, _arena): (std::num::ParseIntError, _) = number.err().unwrap();
    /// assert_eq!(error.to_string(), "invalid digit found in string");
    /// ```
    pub fn try_map<S, E, F>(self, f: F) -> Result<Owned<S, MIN_ALIGN, A>, (E, Arena<MIN_ALIGN, A>)>
    where
        S: Root,
        F: for<'a> FnOnce(R::Of<'a>, &'a Arena<MIN_ALIGN, A>) -> Result<S::Of<'a>, E>,
    {
        let (root, home) = self.into_parts();
        Owned::build_at(home, |arena| {
            // SAFETY: the root is there, and is nobody else's any more. It is gone before its arena: the closure
            // has it, and who called this the arena (O3).
            f(unsafe { root.as_ptr().cast::<R::Of<'_>>().read() }, arena)
        })
    }

    /// Drops the root and gives the arena back, empty, with its memory.
    ///
    /// ```
    /// use arenula::Owned;
    ///
    /// let text = Owned::<&str>::new(|arena| arena.alloc_str("text"));
    /// let arena = text.into_arena();
    /// assert_eq!(arena.allocated_bytes(), 0);
    /// assert!(arena.capacity() > 0);
    /// ```
    #[inline]
    #[must_use = "to drop both, drop the `Owned`"]
    pub fn into_arena(self) -> Arena<MIN_ALIGN, A> {
        let (mut root, home) = self.into_parts();
        // SAFETY: the root is there, and not used again. If its destructor panics, `home` is dropped after (O3).
        unsafe {
            root.assume_init_drop();
            home.into_arena()
        }
    }

    /// What the arena holds and has handed out.
    ///
    /// (By `&mut self`: to ask an arena for its figures is to use it, and the root may do that through `&self`.)
    ///
    /// ```
    /// let mut text = arenula::Owned::<&str>::new(|arena| arena.alloc_str("text"));
    /// assert_eq!(text.stats().allocated, 8);
    /// ```
    pub fn stats(&mut self) -> Stats {
        self.home.arena().stats()
    }

    /// Takes it apart: the root, and the home of the arena that it borrows from.
    ///
    /// The root is still there, and is the caller's to be dropped. It may be read as `R::Of<'x>` for any `'x` that the
    /// home outlives, unmoved or not. Until nobody has anything of that lifetime, the caller uses the arena for
    /// nothing, nor asks for its figures (the root may be using it, on whatever thread that is), and then drops
    /// the home or empties it.
    #[inline]
    pub(crate) fn into_parts(self) -> (MaybeUninit<R::Of<'static>>, Home<MIN_ALIGN, A>) {
        let parts = ManuallyDrop::new(self);
        // SAFETY: both are valid, and are not used again where they were. (A root that is there is moved as bytes.)
        unsafe {
            (
                (&raw const parts.root).read(),
                (&raw const parts.home).read(),
            )
        }
    }

    /// The root, with any lifetime.
    #[inline]
    fn root<'a>(&self) -> &R::Of<'a> {
        // SAFETY: the root is there, and is lent for as long as this is borrowed (O2, O4).
        unsafe { &*self.root.as_ptr().cast() }
    }
}

/// What a plain form does with the outcome of a `try_` form whose root comes to be.
#[inline]
fn must<T, const MIN_ALIGN: usize, A: Allocator, B>(
    outcome: Result<T, (AllocOrInitError<Infallible>, B)>,
) -> T {
    match outcome {
        Ok(made) => made,
        Err((AllocOrInitError::Init(never), _)) => match never {},
        Err((AllocOrInitError::Alloc(_), _arenas)) => {
            or_fail(Err(Failure::Memory(Layout::new::<Arena<MIN_ALIGN, A>>())))
        }
    }
}

/// A root, without its lifetime.
#[inline]
fn hide<R: Root>(root: R::Of<'_>) -> MaybeUninit<R::Of<'static>> {
    let mut hidden = MaybeUninit::<R::Of<'static>>::uninit();
    // SAFETY: it has room for just this (see above).
    unsafe { hidden.as_mut_ptr().cast::<R::Of<'_>>().write(root) };
    hidden
}

impl<R: Root, const MIN_ALIGN: usize, A: Allocator> Drop for Owned<R, MIN_ALIGN, A> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the root is there, and not used again. If its destructor panics, `home` is dropped after (O3).
        unsafe { self.root.assume_init_drop() };
    }
}

// Moving it moves the root as bytes, which is never pinned.
impl<R: Root, const MIN_ALIGN: usize, A: Allocator> Unpin for Owned<R, MIN_ALIGN, A> {}

impl<R: Root, const MIN_ALIGN: usize, A: Allocator> fmt::Debug for Owned<R, MIN_ALIGN, A>
where
    for<'a> R::Of<'a>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|root| f.debug_tuple("Owned").field(root).finish())
    }
}
