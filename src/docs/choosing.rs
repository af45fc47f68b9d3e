//! Which arena when: one table, and for each line of it the reason, a program and the price.
//!
//! 1. [Four questions](#four-questions)
//! 2. [The table](#the-table)
//! 3. [Values that need no destructor](#values-that-need-no-destructor)
//! 4. [Values with destructors](#values-with-destructors)
//! 5. [Values that come and go](#values-that-come-and-go)
//! 6. [Texts](#texts)
//! 7. [An arena as part of a value](#an-arena-as-part-of-a-value)
//! 8. [Memory for a call](#memory-for-a-call)
//! 9. [Several threads](#several-threads)
//! 10. [Where the memory comes from](#where-the-memory-comes-from)
//! 11. [Code that you can't change](#code-that-you-cant-change)
//! 12. [When not to take an arena](#when-not-to-take-an-arena)
//!
//! # Four questions
//!
//! An arena is worth having where many values end together. Ask in this order:
//!
//! 1. **Can the code name the arena?** If it is a library, or all of a program that was written without one, take
//!    [frames](#code-that-you-cant-change).
//! 2. **Do all values end together?** If they go one by one, take a [pool](#values-that-come-and-go).
//! 3. **Does anything in them need a destructor** (a `Vec` of the heap, a file, a count)? If so take one of the
//!    [arenas that own](#values-with-destructors). If not, take [`Arena`](crate::Arena).
//! 4. **Who holds the arena?** A variable: then it is lent to all the rest, and that is the simplest. A struct, or another
//!    thread: then see [`Owned`](#an-arena-as-part-of-a-value), and [threads](#several-threads).
//!
//! Who is in doubt starts with [`Arena`](crate::Arena). It can do the most, costs the least, and the others speak its names.
//!
//! # The table
//!
//! | you have | take | what it costs |
//! |---|---|---|
//! | values of any types without destructors | [`Arena`](crate::Arena) | nothing beside a value; sizes are rounded up to 8 bytes |
//! | the same, but gone before the arena is | [`Arena::scope`](crate::Arena::scope) | two marks |
//! | containers: `Vec`, `String`, `Box`, maps | [`collections`](crate::collections) over `&Arena` | one word for the allocator in each handle; what grows in the middle leaves a hole |
//! | several owners, or a `Weak` | [`Rc`](crate::rc::Rc) over `&Arena` | two counts and the allocator beside the value; one word a handle |
//! | values of any types with destructors | [`DropArena`](crate::DropArena) | two words beside a value that needs its destructor, four beside a slice |
//! | the same, sent to another thread | [`SendDropArena`](crate::SendDropArena) | the same |
//! | values of one type, changed while they are built, gone through at the end | [`TypedArena`](crate::TypedArena) | nothing beside a value |
//! | values of one type, read while more are added; numbers for references | [`FrozenArena`](crate::FrozenArena), [`Id`](crate::Id) | some 300 bytes for the arena, nothing beside a value; an index is two loads |
//! | values of one type that come and go, each with one owner | [`Pool`](crate::pool::Pool) | nothing beside a value |
//! | values of one type that come and go, known by handles | [`Slots`](crate::pool::Slots) | 4 bytes beside a value, a compare for each look-up |
//! | texts that come again and again | [`Interner`](crate::intern::Interner) | a byte beside a text, and 19 to 28 for its number |
//! | all of those that there will ever be | [`FrozenInterner`](crate::intern::FrozenInterner) | what the interner had, made to measure |
//! | the same from many threads | [`SyncInterner`](crate::sync::SyncInterner) | a lock for a new text, none for a known one |
//! | an arena and what was built in it, as one value | [`Owned`](crate::Owned) | three words with a root of one, and a box for the arena |
//! | something made anew from what it was | [`DoubleBuffer`](crate::DoubleBuffer) | two arenas as large as the largest |
//! | memory for the length of a call | [`scratch`](crate::scratch()) | 64 KiB a thread and depth, kept warm |
//! | one structure, many builders | [`SyncArena`](crate::sync::SyncArena) | a look-up of the thread's part; a chunk for each thread |
//! | workers whose results outlive them | [`ArenaPool::get`](crate::sync::ArenaPool::get) | an exchange and a store for each guard |
//! | a request on whatever thread | [`ArenaPool::get_owned`](crate::sync::ArenaPool::get_owned), [`OwnedArena`](crate::sync::OwnedArena) | the same |
//! | no heap, or a bound that nothing may pass | [`Arena`](crate::Arena) over a [`FixedBuffer`](crate::FixedBuffer) | the buffer |
//! | code that names no arena | [`frame`](crate::frame)s | a branch for each call, a page for what escapes |
//!
//! What each figure is, and what prints it, is in [`costs`](super::costs).
//!
//! # Values that need no destructor
//!
//! Numbers, `&str`, slices, references to one another: what a syntax tree is made of. Nothing is lost if their destructors
//! never run, so [`Arena`](crate::Arena) doesn't remember what was put in, and takes anything.
//!
//! ```
//! use arenula::Arena;
//!
//! enum Json<'a> {
//!     Number(f64),
//!     Text(&'a str),
//!     List(&'a [Json<'a>]),
//! }
//!
//! fn sum(value: &Json) -> f64 {
//!     match value {
//!         Json::Number(number) => *number,
//!         Json::Text(_) => 0.0,
//!         Json::List(values) => values.iter().map(sum).sum(),
//!     }
//! }
//!
//! let arena = Arena::new();
//! let inner = arena.alloc_iter([Json::Number(2.0), Json::Text(arena.alloc_str("two"))]);
//! let list = Json::List(arena.alloc_iter([Json::Number(1.0), Json::List(inner)]));
//! assert_eq!(sum(&list), 3.0);
//! ```
//!
//! A value that owns heap memory may go in as well. It is sound, and it leaks:
//!
//! ```
//! use arenula::Arena;
//! use std::rc::Rc;
//!
//! let counted = Rc::new(());
//! let arena = Arena::new();
//! arena.alloc(counted.clone());
//! drop(arena);
//! assert_eq!(Rc::strong_count(&counted), 2, "nobody dropped the one in the arena");
//! ```
//!
//! **Gone earlier.** What is needed only for a part of the work goes into a [scope](crate::Arena::scope). References from
//! outside of it stay usable, none from inside leaves.
//!
//! ```
//! use arenula::Arena;
//!
//! let mut arena = Arena::new();
//! arena.scope(|s| {
//!     let total = s.alloc(0);
//!     for line in ["3 1 2", "5 4"] {
//!         s.scope(|s| {
//!             let numbers = s.alloc_iter(line.split(' ').map(|n| n.parse::<u32>().unwrap()));
//!             numbers.sort_unstable();
//!             *total += numbers[0];
//!         });
//!     }
//!     assert_eq!(*total, 1 + 4);
//! });
//! assert_eq!(arena.allocated_bytes(), 0);
//! ```
//!
//! **Containers.** What grows is a container over `&Arena`. It runs the destructors of what it holds, as containers do, and can
//! be frozen to a plain slice when it is done. The last thing in an arena grows in place; let one grow at a time if you can.
//!
//! ```
//! use arenula::Arena;
//! use arenula::vec::VecExt;
//!
//! let arena = Arena::new();
//! let mut by_length = arena.hash_map();
//! for word in "the quick fox and the dog".split(' ') {
//!     by_length.entry(word.len()).or_insert_with(|| arena.vec()).push(word);
//! }
//! let threes: &[&str] = by_length.remove(&3).unwrap().into_slice();
//! assert_eq!(threes, ["the", "fox", "and", "the", "dog"]);
//! ```
//!
//! **Several owners.** References already have as many owners as you like. An [`Rc`](crate::rc::Rc) is for what a reference
//! can't say: to drop the value with its last owner, to copy it when it is shared, to hold it weakly.
//!
//! ```
//! use arenula::Arena;
//! use arenula::rc::Rc;
//!
//! let arena = Arena::new();
//! let text = Rc::new_in(String::from("shared"), &arena);
//! let weak = Rc::downgrade(&text);
//! let other = text.clone();
//! drop(text);
//! assert_eq!(*other, "shared");
//! drop(other);
//! assert!(weak.upgrade().is_none(), "the string on the heap is freed");
//! ```
//!
//! # Values with destructors
//!
//! Three arenas run them. They differ in what they take, and in what they let you do with it later.
//!
//! | | [`DropArena`](crate::DropArena) | [`TypedArena`](crate::TypedArena) | [`FrozenArena`](crate::FrozenArena) |
//! |---|---|---|---|
//! | takes | any types | one type | one type |
//! | gives | `&mut T` | `&mut T` | `&T`, or an [`Id`](crate::Id) |
//! | order of destructors | the last value first | the first value first | the first value first |
//! | can be gone through | no | by `&mut`, at the end | by `&`, at any time |
//! | values may refer to each other | no | if their type has no `Drop` impl of its own | if their type has no `Drop` impl of its own |
//!
//! **Any types.** Resources of a session, closed in reverse order:
//!
//! ```
//! use arenula::DropArena;
//! use std::cell::RefCell;
//!
//! struct Closes<'a>(&'static str, &'a RefCell<Vec<&'static str>>);
//!
//! impl Drop for Closes<'_> {
//!     fn drop(&mut self) {
//!         self.1.borrow_mut().push(self.0);
//!     }
//! }
//!
//! let log = RefCell::new(Vec::new());
//! let session = DropArena::new();
//! session.alloc(Closes("connection", &log));
//! session.alloc(Closes("statement", &log));
//! session.alloc(String::from("needs its destructor too"));
//! assert_eq!(session.len(), 3);
//! drop(session);
//! assert_eq!(log.into_inner(), ["statement", "connection"]);
//! ```
//!
//! It stays on its thread, since nobody remembers whether what is in it may leave. One that takes only what may is a
//! [`SendDropArena`](crate::SendDropArena):
//!
//! ```
//! let arena = arenula::DropArena::sendable();
//! arena.alloc(vec![String::from("of any"), String::from("sendable type")]);
//! std::thread::spawn(move || drop(arena)).join().unwrap();
//! ```
//!
//! **One type, to be changed.** With the type known there is nothing to remember of a value: it costs what it does in an
//! `Arena`. They lie side by side, and come out as a `Vec` if you like.
//!
//! ```
//! use arenula::TypedArena;
//!
//! let mut jobs = TypedArena::new();
//! let first = jobs.alloc(vec!["parse"]);
//! let second = jobs.alloc(vec!["check"]);
//! first.push("report");
//! second.extend(["report", "stop"]);
//!
//! let steps: usize = jobs.iter_mut().map(|job| job.len()).sum();
//! assert_eq!(steps, 5);
//! assert_eq!(jobs.into_vec()[0], ["parse", "report"]);
//! ```
//!
//! **One type, to be read while it grows.** A table of types, modules, files: whoever has a `&FrozenArena` may add to it and
//! read from it. An [`Id`](crate::Id) is half as large as a reference, borrows nothing, and can be a key elsewhere.
//!
//! ```
//! use arenula::{FrozenArena, Id};
//!
//! enum Type {
//!     Int,
//!     Pair(Id<Type>, Id<Type>),
//! }
//!
//! fn size(types: &FrozenArena<Type>, id: Id<Type>) -> usize {
//!     match types[id] {
//!         Type::Int => 8,
//!         Type::Pair(one, other) => size(types, one) + size(types, other),
//!     }
//! }
//!
//! let types = FrozenArena::new();
//! let int = types.push(Type::Int);
//! let pair = types.push(Type::Pair(int, int));
//! assert_eq!(size(&types, types.push(Type::Pair(pair, int))), 24);
//! ```
//!
//! # Values that come and go
//!
//! An arena gives memory back all at once. Where each value has an end of its own, a slot must be found again.
//!
//! **With one owner.** A [`PoolBox`](crate::pool::PoolBox) is a `Box` whose memory comes from a list of slots. It is one word,
//! finds its way back by itself, and drops its value.
//!
//! ```
//! use arenula::pool::Pool;
//!
//! let buffers = Pool::new();
//! let mut held = Vec::new();
//! for n in 0..100_u8 {
//!     held.push(buffers.alloc([n; 256]));
//!     if held.len() == 4 {
//!         held.remove(0);
//!     }
//! }
//! assert_eq!(held[0][0], 97);
//! assert_eq!(buffers.len(), 3);
//! ```
//!
//! **Known by handles.** A [`Handle`](crate::pool::Handle) borrows nothing, so the values can be changed and removed whoever
//! knows of them. One whose value is gone finds nothing, also if another value has the slot.
//!
//! ```
//! use arenula::pool::{Handle, Slots};
//!
//! struct Ship {
//!     hull: u32,
//!     target: Option<Handle<Ship>>,
//! }
//!
//! let mut ships = Slots::new();
//! let hunted = ships.insert(Ship { hull: 1, target: None });
//! let hunter = ships.insert(Ship { hull: 9, target: Some(hunted) });
//!
//! ships[hunted].hull -= 1;
//! ships.retain(|_, ship| ship.hull > 0);
//! let target = ships[hunter].target.and_then(|target| ships.get(target));
//! assert!(target.is_none());
//! ```
//!
//! Handles against [`Id`](crate::Id)s: an `Id` is half the size and its arena can be shared while it grows, but nothing is ever
//! removed. Handles against references: no lifetimes, and a look-up each time.
//!
//! # Texts
//!
//! An `Arena` keeps each text that it is given. An interner keeps each *different* one, once: equal texts have the same
//! address, and the same [`Symbol`](crate::Symbol) of four bytes, which compares as a number.
//!
//! ```
//! use arenula::Interner;
//!
//! let names = Interner::new();
//! let source = "let x = x + y";
//! let symbols: Vec<_> = source.split(' ').map(|token| names.symbol(token)).collect();
//! assert_eq!(symbols[1], symbols[3]);
//! assert_eq!(names.resolve(symbols[5]), "y");
//! assert_eq!(names.len(), 5);
//! ```
//!
//! For bytes there is [`BytesInterner`](crate::BytesInterner). When the last text is in,
//! [`freeze`](crate::intern::InternerOf::freeze) makes an interner of it that is only read, by as many threads as you like:
//!
//! ```
//! use arenula::Interner;
//!
//! let keywords = <Interner>::from_iter(["fn", "let", "struct"]).freeze();
//! std::thread::scope(|threads| {
//!     threads.spawn(|| assert!(keywords.get_symbol("let").is_some()));
//!     threads.spawn(|| assert!(keywords.get_symbol("lett").is_none()));
//! });
//! ```
//!
//! Where threads go on adding, take [`SyncInterner`](super::threads#texts). Texts that are all different gain nothing: take
//! an `Arena`, which keeps them without an index.
//!
//! # An arena as part of a value
//!
//! A struct can't hold an arena and references into it. [`Owned`](crate::Owned) can: it is returned, stored, sent, and
//! dropped as one value.
//!
//! ```
//! use arenula::{Owned, Root};
//!
//! struct Tokens<'a> {
//!     source: &'a str,
//!     words: &'a [&'a str],
//! }
//!
//! impl Root for Tokens<'_> {
//!     type Of<'a> = Tokens<'a>;
//! }
//!
//! fn lex(source: &str) -> Owned<Tokens<'static>> {
//!     Owned::new(|arena| {
//!         let source: &str = arena.alloc_str(source);
//!         Tokens { source, words: arena.alloc_iter(source.split(' ')) }
//!     })
//! }
//!
//! let cached: Vec<Owned<Tokens>> = ["let x", "let y = 1"].map(lex).into();
//! let longest = cached.iter().map(|tokens| tokens.with(|tokens| tokens.words.len())).max();
//! assert_eq!(longest, Some(4));
//! assert_eq!(cached[0].with(|tokens| tokens.source.len()), 5);
//! ```
//!
//! **Made anew from what it was.** A [`DoubleBuffer`](crate::DoubleBuffer) has two arenas that take turns. The last state can
//! be read while the next one is built, then it goes, whatever its size.
//!
//! ```
//! use arenula::DoubleBuffer;
//!
//! let mut row = DoubleBuffer::<&[u64]>::new(|arena| arena.alloc([1]));
//! for _ in 0..4 {
//!     row.advance(|last, arena| {
//!         let at = |i: usize| last.get(i).copied().unwrap_or(0);
//!         arena.alloc_slice_fill_with(last.len() + 1, |i| at(i) + i.checked_sub(1).map_or(0, at))
//!     });
//! }
//! assert_eq!(*row.get(), [1, 4, 6, 4, 1]);
//! ```
//!
//! Where the arena's owner is further up the stack than all who use it, do without: pass `&Arena` down.
//!
//! # Memory for a call
//!
//! A function that needs memory while it runs, and has no arena at hand, asks [`scratch`](crate::scratch()). The thread keeps
//! it warm.
//!
//! ```
//! use arenula::scratch;
//!
//! /// Whether both have the same letters.
//! fn is_anagram(one: &str, other: &str) -> bool {
//!     scratch(|s| {
//!         let [one, other] = [one, other].map(|word| {
//!             let letters = s.alloc_iter(word.chars());
//!             letters.sort_unstable();
//!             letters
//!         });
//!         one == other
//!     })
//! }
//!
//! assert!(is_anagram("listen", "silent"));
//! assert!(!is_anagram("arena", "arenas"));
//! ```
//!
//! If the caller has an arena, [`Arena::scope`](crate::Arena::scope) does the same without asking the thread.
//!
//! # Several threads
//!
//! An `Arena` can be sent, and is for one thread at a time. For more, see [`threads`](super::threads). In short:
//!
//! ```
//! use arenula::sync::{ArenaPool, SyncArena};
//!
//! // All build one structure, a value at a time.
//! let shared = SyncArena::new();
//! // Each builds much: it leases an arena, and lends the results for as long as the pool lives.
//! let pool = ArenaPool::new();
//!
//! let (name, numbers) = std::thread::scope(|threads| {
//!     let name = threads.spawn(|| &*shared.alloc_str("built there"));
//!     let numbers = threads.spawn(|| {
//!         let arena = pool.get();
//!         &*arena.alloc_iter((0..1000).filter(|n| n % 7 == 0))
//!     });
//!     (name.join().unwrap(), numbers.join().unwrap())
//! });
//! assert_eq!((name, numbers.len()), ("built there", 143));
//! ```
//!
//! # Where the memory comes from
//!
//! Each of these types takes a backing allocator by `new_in`, the standard one by default. A
//! [`FixedBuffer`](crate::FixedBuffer) is one over memory that is there: on the stack, in a static, of a device.
//!
//! ```
//! use arenula::{Arena, FixedBuffer};
//! use core::mem::MaybeUninit;
//!
//! let mut buffer = [MaybeUninit::uninit(); 1024];
//! let arena = Arena::with_capacity_in(900, FixedBuffer::new(&mut buffer));
//! let reading = arena.try_alloc_slice_copy(&[20.5_f32, 21.0, 20.75]);
//! assert!(reading.is_ok());
//! assert!(arena.try_alloc([0_u8; 1000]).is_err(), "and nothing else was asked");
//! ```
//!
//! `&Arena` is a backing allocator too. So a `TypedArena`, a pool or an interner can lie in an arena, and its memory ends
//! with that.
//!
//! ```
//! use arenula::{Arena, Interner, TypedArena};
//!
//! let arena = Arena::new();
//! let names = Interner::new_in(&arena);
//! let nodes = TypedArena::new_in(&arena);
//! nodes.alloc((names.symbol("x"), vec![1, 2, 3]));
//! assert!(arena.allocated_bytes() > 0);
//! ```
//!
//! # Code that you can't change
//!
//! Behind a [`FrameAlloc`](crate::FrameAlloc) all that a thread allocates while a frame is open comes from that frame, in
//! whatever library. What outlives it keeps its page. See [`frames`](super::frames).
//!
//! ```
//! use arenula::{FrameAlloc, frame};
//!
//! #[global_allocator]
//! static ALLOC: FrameAlloc = FrameAlloc::new();
//!
//! fn main() {
//!     let total = frame::scope(|| {
//!         let document: serde_json::Value = serde_json::from_str(r#"{"prices": [3, 4, 5]}"#).unwrap();
//!         let prices = document["prices"].as_array().unwrap();
//!         prices.iter().filter_map(|price| price.as_u64()).sum::<u64>()
//!     });
//!     assert_eq!(total, 12);
//! }
//! ```
//!
//! Where you do write the code, an arena is faster than a frame, since it counts nothing, and the compiler shows what
//! escapes.
//!
//! # When not to take an arena
//!
//! - **One vector.** A `Vec<T>` with indices is an arena of one type, its values lie side by side, and it is freed at once.
//!   Take it where nobody holds a reference while it grows.
//! - **Values of quite different ages.** What lives on keeps all its neighbours. A pool, or the heap, gives back one by one.
//! - **A few large buffers.** To allocate them costs nothing against filling them.
//! - **A cache with a bound.** Something must go so that something else can come: `Slots`, `Pool`, or a map.
