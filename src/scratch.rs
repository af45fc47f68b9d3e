//! Memory for the length of a call, from arenas that each thread keeps warm.
//!
//! [`scratch`](scratch()) lends a [`Scope`] in which a function puts what it needs while it runs. Nothing is passed
//! from caller to callee for it: the arena is the thread's.
//!
//! ```
//! use arenula::scratch;
//!
//! /// How many different words there are.
//! fn count_words(text: &str) -> usize {
//!     scratch(|s| {
//!         let words: &mut [&str] = s.alloc_iter(text.split_whitespace());
//!         words.sort_unstable();
//!         words.chunk_by(|one, other| one == other).count()
//!     })
//! }
//!
//! assert_eq!(count_words("to be or not to be"), 4);
//! ```
//!
//! # Calls inside of calls
//!
//! A function that is called inside the closure may use `scratch` itself: each nesting depth has an arena of its own. What
//! it wants to hand to its caller it copies to where the caller says:
//!
//! ```
//! use arenula::{Scope, scratch};
//!
//! fn greeting<'s>(name: &str, to: &Scope<'s>) -> &'s str {
//!     scratch(|s| {
//!         let shouted = s.alloc_iter(name.chars().flat_map(char::to_uppercase));
//!         to.alloc_fmt(format_args!("hello, {}", String::from_iter(&*shouted)))
//!     })
//! }
//!
//! scratch(|s| assert_eq!(greeting("ada", s), "hello, ADA"));
//! ```
//!
//! # What is kept
//!
//! Each arena keeps memory for as much as its calls use, as by [`Arena::reset`], and no more than the
//! [limit](set_retained); those of the first eight depths are kept at all. [`trim`] lets go of it, as does the end of
//! the thread. While the values of a thread that ends are destroyed, `scratch` works as well, with memory that is
//! not kept. The memory is never that of a [frame](crate::frame).

use core::cell::Cell;
use core::mem;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::arena::{Arena, Retain, Scope};
use crate::outside::{keep, outside};

/// The depths whose arenas are kept.
const DEPTHS: usize = 8;

/// The least that a call finds. Blocks of this size are never a frame's, and the chunks that follow are larger still: so
/// nothing that is kept is a frame's, though the chunks are asked for inside of frames.
const LEAST: usize = 64 << 10;

/// What an arena keeps at most. See [`set_retained`].
static RETAINED: AtomicUsize = AtomicUsize::new(1 << 20);

/// The arenas of a thread.
struct Arenas {
    /// How many are in use: one for each call that has not returned.
    depth: Cell<usize>,
    /// The others; in the place of one that is in use there is none.
    idle: [Cell<Option<Arena>>; DEPTHS],
}

impl Arenas {
    /// What is idle, one after the other: those in whose places there is none are not asked for.
    fn for_each_idle(&self, mut f: impl FnMut(&mut Arena)) {
        for place in &self.idle {
            if let Some(mut arena) = place.take() {
                f(&mut arena);
                place.set(Some(arena));
            }
        }
    }
}

std::thread_local! {
    static ARENAS: Arenas = const {
        Arenas {
            depth: Cell::new(0),
            idle: [const { Cell::new(None) }; DEPTHS],
        }
    };
}

/// An arena that was taken for a call, and goes back when the call returns or panics.
struct Taken {
    arena: Arena,
    /// Where it goes; `None` if it is not kept.
    depth: Option<usize>,
}

impl Taken {
    fn new() -> Self {
        // At the end of a thread there are none any more.
        let taken = ARENAS.try_with(|arenas| {
            let depth = arenas.depth.get();
            arenas.depth.set(depth + 1);
            (depth, arenas.idle.get(depth).and_then(Cell::take))
        });
        let (depth, idle) = taken.map_or((None, None), |(depth, idle)| (Some(depth), idle));
        let arena = idle.unwrap_or_default();
        if arena.capacity() < LEAST {
            // If there is no memory for that, it is told when something is allocated.
            let _ = outside(|| arena.try_reserve(LEAST));
        }
        Taken { arena, depth }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let Some(depth) = self.depth else { return };
        let _ = ARENAS.try_with(|arenas| {
            // Before anything else, of which some is the allocator's: that could be somebody's who is here again.
            arenas.depth.set(depth);
            let Some(place) = arenas.idle.get(depth) else {
                return;
            };
            let mut arena = mem::take(&mut self.arena);
            let most = RETAINED.load(Ordering::Relaxed);
            outside(|| {
                // As the next one expects it.
                arena.set_limit(None);
                match arena.capacity() {
                    capacity if capacity > most => arena.reset_with(Retain::UpTo(most)),
                    // What is let go of must not have to be asked for again.
                    capacity if capacity / 2 >= LEAST => arena.reset(),
                    _ => arena.empty(),
                }
                // With a limit that a call has set there may be chunks that are small enough for a frame.
                keep(&mut arena);
                place.set(Some(arena));
            });
        });
    }
}

/// Calls `f` with a scope in an arena of this thread: what is allocated in it is given back when `f` returns or panics.
///
/// See the [module](self) for calls inside of calls, and for what memory is kept.
///
/// ```
/// let sum: u64 = arenula::scratch(|s| {
///     let numbers = s.alloc_iter((1..=100).filter(|n| n % 3 == 0));
///     numbers.iter().sum()
/// });
/// assert_eq!(sum, 1683);
/// ```
///
/// Nothing that was allocated in it leaves it:
///
/// ```compile_fail
/// let dangling = arenula::scratch(|s| s.alloc(1));
/// ```
pub fn scratch<R>(f: impl FnOnce(&mut Scope<'_>) -> R) -> R {
    let mut taken = Taken::new();
    f(&mut Scope::of(&mut taken.arena))
}

/// Gives back the memory that this thread's arenas keep, but for those that are in use.
///
/// ```
/// arenula::scratch(|s| assert_eq!(*s.alloc(1), 1));
/// assert_ne!(arenula::scratch::retained(), 0);
/// arenula::scratch::trim();
/// assert_eq!(arenula::scratch::retained(), 0);
/// ```
pub fn trim() {
    let _ = ARENAS.try_with(|arenas| {
        arenas.for_each_idle(|arena| arena.reset_with(Retain::Nothing));
    });
}

/// The bytes that this thread's arenas keep, but for those that are in use.
///
/// ```
/// assert_eq!(arenula::scratch::retained(), 0);
/// arenula::scratch(|outer| {
///     outer.alloc(1);
///     assert_eq!(arenula::scratch::retained(), 0);
/// });
/// assert!(arenula::scratch::retained() >= 64 << 10);
/// ```
#[must_use]
pub fn retained() -> usize {
    let mut sum = 0;
    let _ = ARENAS.try_with(|arenas| arenas.for_each_idle(|arena| sum += arena.capacity()));
    sum
}

/// Sets how many bytes each arena of each thread keeps at most when a call returns: 1 MiB by default.
///
/// A call that uses more asks for the rest each time.
///
/// ```
/// arenula::scratch::set_retained(8 << 20);
/// ```
pub fn set_retained(bytes: usize) {
    RETAINED.store(bytes, Ordering::Relaxed);
}
