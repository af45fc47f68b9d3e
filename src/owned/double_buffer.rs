//! This frame, built while the last one is read.

use core::convert::Infallible;
use core::fmt;
use core::mem;

use allocator_api2::alloc::{Allocator, Global};

use super::{CovariantRoot, Home, Owned, Root, hide, must};
use crate::arena::{AllocOrInitError, Arena, Retain, Stats};

/// Two arenas that take turns: each [`advance`](DoubleBuffer::advance) builds a root in one while it reads the root in
/// the other, which then goes.
///
/// For what is made anew from what it was: the state of a game or a simulation, a display, a generation.
///
/// ```
/// use arenula::{DoubleBuffer, Root};
///
/// struct World<'a> {
///     alive: &'a [(i32, i32)],
/// }
///
/// impl Root for World<'_> {
///     type Of<'a> = World<'a>;
/// }
///
/// let mut world = DoubleBuffer::<World>::new(|arena| World {
///     alive: arena.alloc_slice_copy(&[(0, 0), (1, 2)]),
/// });
/// for _ in 0..10 {
///     world.advance(|last, arena| World {
///         alive: arena.alloc_iter(last.alive.iter().map(|(x, y)| (x + 1, y + 1))),
///     });
/// }
/// assert_eq!(world.with(|world| world.alive[1]), (11, 12));
/// ```
///
/// A root can't keep anything of the one before:
///
/// ```compile_fail
/// use arenula::DoubleBuffer;
///
/// let mut text = DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
/// text.advance(|last, arena| *last);
/// ```
///
/// # Memory
///
/// Both arenas get room for the largest root so far, and keep it: from then on `advance` calls the backing allocator
/// no more, however sizes go up and down below that. (What is given back while a root is built counts for itself: each arena
/// finds out how much that is.) [`trim`](DoubleBuffer::trim) lets go of it. To give a root's memory back
/// takes the same time whatever its size, once that is so (but that in debug builds it is overwritten, and that the roots'
/// own destructors run).
pub struct DoubleBuffer<R: Root, const MIN_ALIGN: usize = 8, A: Allocator = Global> {
    current: Owned<R, MIN_ALIGN, A>,
    /// Without a root.
    spare: Home<MIN_ALIGN, A>,
}

// SAFETY: through a shared reference there is only what there is through one to `current`.
unsafe impl<R: Root, const MIN_ALIGN: usize, A: Allocator> Sync for DoubleBuffer<R, MIN_ALIGN, A> where
    Owned<R, MIN_ALIGN, A>: Sync
{
}

/// An arena without a root, for one that is being built. Dropped, it empties the arena.
struct Site<'h, const MIN_ALIGN: usize, A: Allocator>(&'h mut Home<MIN_ALIGN, A>);

impl<const MIN_ALIGN: usize, A: Allocator> Drop for Site<'_, MIN_ALIGN, A> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: no root was built, or it was moved away together with its arena, for which this has got
        // another one, whose root has been dropped (O2).
        unsafe { self.0.arena_mut().empty() };
    }
}

impl<R: Root> DoubleBuffer<R> {
    /// Makes the arenas, and the first root.
    ///
    /// ```
    /// let text = arenula::DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    /// assert_eq!(*text.get(), "text");
    /// ```
    pub fn new<F>(build: F) -> Self
    where
        F: for<'a> FnOnce(&'a Arena) -> R::Of<'a>,
    {
        Self::new_in([Arena::new(), Arena::new()], build)
    }

    /// [`new`](DoubleBuffer::new), of a root that may not come to be. (The other error is that there is no memory for the
    /// `DoubleBuffer` itself.)
    ///
    /// ```
    /// use arenula::{AllocOrInitError, DoubleBuffer};
    ///
    /// let outcome = DoubleBuffer::<&str>::try_new(|_| Err("nothing there"));
    /// assert_eq!(outcome.err().unwrap().0, AllocOrInitError::Init("nothing there"));
    /// ```
    pub fn try_new<E, F>(build: F) -> Result<Self, (AllocOrInitError<E>, [Arena; 2])>
    where
        F: for<'a> FnOnce(&'a Arena) -> Result<R::Of<'a>, E>,
    {
        Self::try_new_in([Arena::new(), Arena::new()], build)
    }
}

impl<R: Root, const MIN_ALIGN: usize, A: Allocator> DoubleBuffer<R, MIN_ALIGN, A> {
    /// Makes the first root in the first of two arenas that are there. What lay in that stays with the root; what lay in
    /// the second is given back.
    ///
    /// ```
    /// use arenula::{Arena, DoubleBuffer};
    ///
    /// let arenas = [(); 2].map(|()| Arena::with_capacity(1 << 16));
    /// let text = DoubleBuffer::<&str>::new_in(arenas, |arena| arena.alloc_str("text"));
    /// assert_eq!(*text.get(), "text");
    /// ```
    pub fn new_in<F>(arenas: [Arena<MIN_ALIGN, A>; 2], build: F) -> Self
    where
        F: for<'a> FnOnce(&'a Arena<MIN_ALIGN, A>) -> R::Of<'a>,
    {
        must::<_, MIN_ALIGN, A, _>(Self::try_new_in(arenas, |arena| Ok(build(arena))))
    }

    /// [`new_in`](DoubleBuffer::new_in), of a root that may not come to be. Then the arenas come back, empty.
    ///
    /// ```
    /// use arenula::{Arena, DoubleBuffer};
    ///
    /// let arenas = [Arena::with_capacity(1000), Arena::new()];
    /// let outcome = DoubleBuffer::<&str>::try_new_in(arenas, |_| Err(()));
    /// let (_, [first, _second]) = outcome.err().unwrap();
    /// assert!(first.capacity() >= 1000);
    /// ```
    pub fn try_new_in<E, F>(
        arenas: [Arena<MIN_ALIGN, A>; 2],
        build: F,
    ) -> Result<Self, (AllocOrInitError<E>, [Arena<MIN_ALIGN, A>; 2])>
    where
        F: for<'a> FnOnce(&'a Arena<MIN_ALIGN, A>) -> Result<R::Of<'a>, E>,
    {
        let [mut first, mut second] = arenas;
        second.empty();
        let spare = match Home::new(second) {
            Ok(spare) => spare,
            Err((error, second)) => {
                first.reset();
                return Err((error.into(), [first, second]));
            }
        };
        match Owned::try_new_in(first, build) {
            Ok(current) => Ok(DoubleBuffer { current, spare }),
            // SAFETY: there was no root in it.
            Err((error, first)) => Err((error, [first, unsafe { spare.into_arena() }])),
        }
    }

    /// Builds the next root while the last one can be read, and then drops that one and gives its memory back.
    ///
    /// If `build` panics, the last root stays as it is. If the last root's destructor panics, the next root is
    /// in its place all the same.
    ///
    /// ```
    /// let mut sum = arenula::DoubleBuffer::<&[u32]>::new(|arena| arena.alloc([1, 1]));
    /// for _ in 0..10 {
    ///     sum.advance(|last, arena| arena.alloc([last[1], last[0] + last[1]]));
    /// }
    /// assert_eq!(*sum.get(), [89, 144]);
    /// ```
    pub fn advance<F>(&mut self, build: F)
    where
        F: for<'last, 'b, 'a> FnOnce(&'b R::Of<'last>, &'a Arena<MIN_ALIGN, A>) -> R::Of<'a>,
    {
        match self.try_advance(|last, arena| Ok::<_, Infallible>(build(last, arena))) {
            Ok(()) => {}
            Err(never) => match never {},
        }
    }

    /// [`advance`](DoubleBuffer::advance), to a root that may not come to be. Then the last one stays.
    ///
    /// ```
    /// let mut text = arenula::DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    /// let outcome = text.try_advance(|last, _| Err(last.len()));
    /// assert_eq!(outcome, Err(4));
    /// assert_eq!(*text.get(), "text");
    /// ```
    pub fn try_advance<E, F>(&mut self, build: F) -> Result<(), E>
    where
        F: for<'last, 'b, 'a> FnOnce(
            &'b R::Of<'last>,
            &'a Arena<MIN_ALIGN, A>,
        ) -> Result<R::Of<'a>, E>,
    {
        let DoubleBuffer { current, spare } = self;
        let site = Site(spare);
        // The next root will often be as large as the last one. If there is no room, that is for `build` to find out.
        let _ = (site.0.arena()).try_reserve(current.home.arena().allocated_bytes());
        let root = build(current.root(), site.0.arena()).map(hide::<R>)?;
        // Nothing is called between these.
        mem::swap(&mut current.home, site.0);
        let mut last = mem::replace(&mut current.root, root);
        // SAFETY: the root was there, and is not used again. If its destructor panics, `site` is dropped after (O3).
        unsafe { last.assume_init_drop() };
        Ok(())
    }

    /// Shows the root to `f`.
    ///
    /// ```
    /// let text = arenula::DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    /// assert_eq!(text.with(|text| text.len()), 4);
    /// ```
    #[inline]
    pub fn with<T, F>(&self, f: F) -> T
    where
        F: for<'a, 'b> FnOnce(&'b R::Of<'a>) -> T,
    {
        self.current.with(f)
    }

    /// Shows the root to `f`, to be changed, with the arena in which more can be built.
    ///
    /// ```
    /// let mut text = arenula::DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    /// text.with_mut(|text, arena| *text = arena.alloc_concat(&[*text, "!"]));
    /// assert_eq!(*text.get(), "text!");
    /// ```
    #[inline]
    pub fn with_mut<T, F>(&mut self, f: F) -> T
    where
        F: for<'a, 'b> FnOnce(&'b mut R::Of<'a>, &'a Arena<MIN_ALIGN, A>) -> T,
    {
        self.current.with_mut(f)
    }

    /// The root, as [`Owned::get`] lends it.
    ///
    /// ```
    /// let text = arenula::DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    /// assert_eq!(*text.get(), "text");
    /// ```
    #[inline]
    pub fn get(&self) -> &R::Of<'_>
    where
        R: CovariantRoot,
    {
        self.current.get()
    }

    /// Gives back all memory of the arena that the next root will be built in. After each of two calls of
    /// [`advance`](DoubleBuffer::advance) it lets go of both.
    ///
    /// ```
    /// let mut bytes = arenula::DoubleBuffer::<&[u8]>::new(|arena| arena.alloc([0; 10_000]));
    /// for _ in 0..2 {
    ///     bytes.advance(|_, arena| arena.alloc([0; 100]));
    ///     bytes.trim();
    /// }
    /// let [current, next] = bytes.stats();
    /// assert!(current.capacity < 1000);
    /// assert_eq!(next.capacity, 0);
    /// ```
    pub fn trim(&mut self) {
        // SAFETY: there is no root in it.
        unsafe { self.spare.arena_mut() }.reset_with(Retain::Nothing);
    }

    /// What the arenas hold and have handed out: that of the root, and the one that the next root will be built in.
    ///
    /// ```
    /// let mut text = arenula::DoubleBuffer::<&str>::new(|arena| arena.alloc_str("text"));
    /// let [current, next] = text.stats();
    /// assert_eq!((current.allocated, next.allocated), (8, 0));
    /// ```
    pub fn stats(&mut self) -> [Stats; 2] {
        [self.current.stats(), self.spare.arena().stats()]
    }
}

impl<R: Root, const MIN_ALIGN: usize, A: Allocator> fmt::Debug for DoubleBuffer<R, MIN_ALIGN, A>
where
    for<'a> R::Of<'a>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|root| f.debug_tuple("DoubleBuffer").field(root).finish())
    }
}
