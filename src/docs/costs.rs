//! Costs and limits: instructions, bytes, what is kept, what is refused, and what differs from platform to platform.
//!
//! 1. [Instructions](#instructions)
//! 2. [Bytes beside a value](#bytes-beside-a-value)
//! 3. [Sizes of the types](#sizes-of-the-types)
//! 4. [Alignment](#alignment)
//! 5. [How memory grows](#how-memory-grows)
//! 6. [What is kept](#what-is-kept)
//! 7. [Limits](#limits)
//! 8. [When there is no memory](#when-there-is-no-memory)
//! 9. [How many](#how-many)
//! 10. [What is never done](#what-is-never-done)
//! 11. [Without the standard library](#without-the-standard-library)
//! 12. [Platforms](#platforms)
//!
//! Where a figure has a program here, the program asserts it, and `cargo test --doc` runs it. Other figures name the command
//! that prints them. Times are in the README, since they are of one machine.
//!
//! # Instructions
//!
//! `cargo test --test budgets -- --nocapture` counts them in the machine code, with the `ret`, on x86-64. It fails if one is
//! exceeded. What is counted is the path on which there is room.
//!
//! | call | instructions | branches |
//! |---|---|---|
//! | `Arena::alloc::<u32>`, `try_alloc::<u32>` | 7 | 1 |
//! | `Arena::alloc::<u32>` at `MIN_ALIGN` 1 | 9 | 1 |
//! | `Arena::alloc` of a node of 24 bytes | 10 | 1 |
//! | `allocate(Layout)`, at run time | 12 | 1 |
//! | `grow` of the last block, in place | 17 | 2 |
//! | `deallocate` | 7 | 1 |
//! | `TypedArena::alloc::<u32>`, `DropArena::alloc::<u32>` | 7 | 1 |
//! | `TypedArena::alloc` of the node | 10 | 1 |
//! | `DropArena::alloc` of a box | 14 | 1 |
//! | `FrozenArena::push` of the node | 18 | 2 |
//! | `FrozenArena::get` | 11 | 1 |
//!
//! A free in a frame takes 34 instructions, that of the last block 16, and an allocation 13; without a frame a call takes two and
//! a jump more than the parent's for an allocation, four and a jump for a free (`cargo bench -p peers --bench requests --
//! instructions`).
//!
//! # Bytes beside a value
//!
//! | in | beside a value |
//! |---|---|
//! | [`Arena`](crate::Arena), [`TypedArena`](crate::TypedArena), [`FrozenArena`](crate::FrozenArena), [`Pool`](crate::pool::Pool) | none |
//! | [`DropArena`](crate::DropArena) | two words if the value needs its destructor, four beside a slice of such; else none |
//! | [`Slots`](crate::pool::Slots) | 4 |
//! | [`Rc`](crate::rc::Rc) | two words of counts, and the allocator |
//! | [`Interner`](crate::intern::Interner) | 1 (17 from 255 bytes on, and in place of a static text); in the index 19 to 28. For [`SyncInterner`](crate::sync::SyncInterner) 19 to 38, and 7 to 13 in tables that grew too small |
//! | a chunk of an `Arena` | a header of 64, once |
//!
//! ```
//! use arenula::rc::Rc;
//! use arenula::{Arena, DropArena};
//!
//! fn bytes<T>(f: impl FnOnce(&Arena) -> T) -> usize {
//!     let arena = Arena::new();
//!     std::mem::forget(f(&arena));
//!     arena.allocated_bytes()
//! }
//!
//! assert_eq!(bytes(|arena| *arena.alloc(1_u64)), 8);
//! assert_eq!(bytes(|arena| *arena.alloc(1_u8)), 8, "rounded up to `MIN_ALIGN`");
//! assert_eq!(bytes(|arena| arena.alloc_slice_fill_copy(9, 1_u8).len()), 16);
//!
//! let word = size_of::<usize>();
//! assert_eq!(bytes(|arena| Rc::as_ptr(&*std::mem::ManuallyDrop::new(Rc::new_in(1_usize, arena)))), 4 * word);
//!
//! let owning = DropArena::new();
//! owning.alloc(1_usize);
//! assert_eq!(owning.arena().allocated_bytes(), word, "no destructor, no record");
//! owning.alloc(String::new());
//! assert_eq!(owning.arena().allocated_bytes(), word + size_of::<String>() + 2 * word);
//! ```
//!
//! # Sizes of the types
//!
//! In words of a machine of 64 bits:
//!
//! ```
//! use arenula::pool::{Handle, Pool, PoolBox};
//! use arenula::sync::{OwnedArena, PoolGuard};
//! use arenula::{Arena, DoubleBuffer, DropArena, Id, Owned, Symbol, TypedArena};
//!
//! const WORD: usize = size_of::<usize>();
//! assert!(size_of::<Arena>() <= 6 * WORD);
//! assert!(size_of::<TypedArena<u64>>() <= 6 * WORD);
//! assert_eq!(size_of::<DropArena>(), size_of::<Arena>() + 2 * WORD);
//! assert_eq!(size_of::<Pool<u64>>(), 4 * WORD);
//! assert_eq!(size_of::<Owned<&str>>(), 3 * WORD, "two of them are the `&str`");
//! assert_eq!(size_of::<DoubleBuffer<&u8>>(), 3 * WORD);
//!
//! // What is kept in great numbers, also in an `Option`:
//! assert_eq!(size_of::<Option<Id<String>>>(), 4);
//! assert_eq!(size_of::<Option<Symbol>>(), 4);
//! assert_eq!(size_of::<Option<Handle<String>>>(), 8);
//! assert_eq!(size_of::<Option<PoolBox<String>>>(), WORD);
//! assert_eq!(size_of::<Option<arenula::rc::Rc<u64, &Arena>>>(), WORD);
//! assert_eq!(size_of::<Option<PoolGuard>>(), 2 * WORD);
//! assert_eq!(size_of::<Option<OwnedArena>>(), 3 * WORD);
//!
//! // Containers over an arena have a word for it; frozen they have not.
//! assert_eq!(size_of::<arenula::vec::Vec<u64, &Arena>>(), 4 * WORD);
//! assert_eq!(size_of::<&[u64]>(), 2 * WORD);
//! ```
//!
//! # Alignment
//!
//! Every alignment that a type can have is respected. `MIN_ALIGN` is another question: what the arena's pointer *always* is a
//! multiple of. Sizes are rounded up to it, and in return types of no larger alignment need no masking.
//!
//! | `MIN_ALIGN` | for |
//! |---|---|
//! | 8, the default | nodes, slices of words: two instructions fewer for each allocation |
//! | 16 | `u128`, vectors of SIMD |
//! | 1 | mostly text: nothing is rounded |
//!
//! ```
//! use arenula::Arena;
//!
//! fn held<const MIN_ALIGN: usize>(arena: Arena<MIN_ALIGN>) -> usize {
//!     for word in ["a", "bc", "def"] {
//!         arena.alloc_str(word);
//!     }
//!     arena.allocated_bytes()
//! }
//!
//! assert_eq!(held(Arena::<1>::with_min_align()), 6);
//! assert_eq!(held(Arena::new()), 24);
//! assert_eq!(held(Arena::<16>::with_min_align()), 48);
//! ```
//!
//! A function that takes `&Arena` takes the default. One for all is generic over `const M: usize`, as above.
//!
//! # How memory grows
//!
//! | | first | then |
//! |---|---|---|
//! | [`Arena`](crate::Arena), a part of a [`SyncArena`](crate::sync::SyncArena) | 512 bytes | each chunk half as large again, up to 2 MiB; a larger request has a chunk of its own size |
//! | [`TypedArena`](crate::TypedArena) | a small chunk | each as large as half of those before together |
//! | [`FrozenArena`](crate::FrozenArena) | 300 bytes are part of it | each bucket has twice the slots of the one before |
//! | [`Slots`](crate::pool::Slots) | a chunk of some 8 KiB | the same again; only the table of chunks is ever copied |
//! | [`Pool`](crate::pool::Pool) | pages of 4 KiB | in blocks that grow with what is held |
//! | [`Interner`](crate::intern::Interner) | nothing | the index by half, the text as an `Arena` |
//!
//! A new one of any of these owns nothing. No value ever moves, but for those of containers. So an arena that grows holds no
//! more than half again of what was asked for; once it was reset, some percent more than that.
//!
//! ```
//! use arenula::Arena;
//!
//! let arena = Arena::new();
//! assert_eq!(arena.capacity(), 0);
//! arena.alloc(1);
//! assert_eq!(arena.capacity(), 512);
//! for n in 0..10_000_u64 {
//!     arena.alloc(n);
//! }
//! let stats = arena.stats();
//! assert!(stats.capacity < stats.allocated / 2 * 3);
//! assert!(stats.chunks < 15);
//! ```
//!
//! If you know how much it will be, say so: `with_capacity`, or `reserve` on one that is there.
//!
//! # What is kept
//!
//! [`Arena::reset`](crate::Arena::reset) settles on one chunk with room for what was used. From then on a workload of that size
//! calls the backing allocator no more. After a burst the memory goes back by and by: half of it after some twenty resets,
//! nine tenths after fifty. [`reset_with`](crate::Arena::reset_with) says it exactly:
//!
//! | [`Retain`](crate::Retain) | keeps |
//! |---|---|
//! | `All` | every chunk, as it is |
//! | `Largest` | the largest |
//! | `UpTo(bytes)` | as many bytes, the newest chunks first |
//! | `Nothing` | nothing |
//!
//! ```
//! use arenula::{Arena, Retain};
//!
//! let mut arena = Arena::new();
//! let mut held = Vec::new();
//! for _ in 0..3 {
//!     (0..10_000_u64).for_each(|n| _ = arena.alloc(n));
//!     arena.reset();
//!     held.push(arena.capacity());
//! }
//! assert_eq!(held[1], held[2], "it has settled");
//! assert!(held[2] < 80_000 + 80_000 / 8);
//! arena.reset_with(Retain::Nothing);
//! assert_eq!(arena.capacity(), 0);
//! ```
//!
//! Others that keep: [`scratch`](crate::scratch()) up to 1 MiB for each thread and depth
//! ([`set_retained`](crate::scratch::set_retained)); arenas of [`get_owned`](crate::sync::ArenaPool::get_owned) up to 1 MiB each
//! ([`set_retained`](crate::sync::ArenaPool::set_retained)); pools and slots all, until `shrink_to_fit`; a
//! [`DoubleBuffer`](crate::DoubleBuffer) twice its largest root, until [`trim`](crate::DoubleBuffer::trim); frames 4 MiB for each
//! thread, and 32 MiB more together.
//!
//! # Limits
//!
//! [`set_limit`](crate::Arena::set_limit) bounds the memory that is *held*: chunks with their headers, or for an interner also
//! its index. It is exact. What would exceed it by one byte is refused, and smaller chunks are tried before that. The index of an
//! interner doubles, with both halves held meanwhile: [reserve](crate::intern::InternerOf::reserve) what a limit is to be used up by.
//!
//! ```
//! use arenula::Arena;
//!
//! let arena = Arena::new();
//! arena.set_limit(Some(10_000));
//! let mut count = 0;
//! while arena.try_alloc([0_u8; 100]).is_ok() {
//!     count += 1;
//! }
//! assert!(arena.capacity() <= 10_000);
//! assert!(count > 80);
//! ```
//!
//! | | has a limit of its own |
//! |---|---|
//! | `Arena`, `SyncArena`, `Pool`, `Slots`, interners | yes |
//! | `TypedArena`, `FrozenArena`, containers | no: let them lie in an `Arena` that has one |
//! | `DropArena` | that of its [`arena`](crate::DropArena::arena) |
//! | frames | [`set_frame_budget`](crate::frame::set_frame_budget), [`set_pin_limit`](crate::frame::set_pin_limit): what is beyond comes from the parent |
//!
//! # When there is no memory
//!
//! | | plain form | `try_` form |
//! |---|---|---|
//! | the backing allocator has none, or the limit is reached | [`handle_alloc_error`](std::alloc::handle_alloc_error): the program ends | `Err(AllocError)` |
//! | the size is impossible | a panic, `capacity overflow` | `Err(AllocError)` |
//! | a closure fails | its error | its error, or [`AllocOrInitError`](crate::AllocOrInitError) where both can happen |
//! | a closure panics | the panic goes on, and what was made is dropped | the same |
//!
//! So a program that sets a limit calls the `try_` forms. They lose nothing: what can't be placed is dropped, and the arena is as
//! it was. The containers of `allocator-api2` have no such forms but `try_reserve`; [`String`](crate::string::String) and
//! [`Rc`](crate::rc::Rc) do.
//!
//! ```
//! use arenula::Arena;
//!
//! let arena = Arena::new();
//! arena.set_limit(Some(4096));
//! let mut numbers = arena.vec::<u64>();
//! while numbers.try_reserve(1).is_ok() {
//!     numbers.push(7);
//! }
//! assert!(numbers.len() >= 64 && arena.capacity() <= 4096);
//! ```
//!
//! # How many
//!
//! | | at most |
//! |---|---|
//! | values of a `FrozenArena`, texts of an interner | what a number of 32 bits can count; an interner's index ends at some three thousand millions |
//! | values that a slot of `Slots` has had | 2³¹; then it is used no more, and no handle matches twice |
//! | counts of an `Rc` | half of `usize`; then the program is aborted, as the standard library's |
//! | nested scopes, frames | as the stack allows |
//!
//! # What is never done
//!
//! - `Arena`, `SyncArena`, `ArenaPool` and scopes run **no destructors**. Containers and boxes in them do, until they are frozen.
//! - A frozen slice is **not dropped**, and doesn't go back alone.
//! - A block in the middle is **not given back**. A `Vec` that moves leaves a hole until the reset.
//! - Memory is **not zeroed**, neither before nor after, but for `allocate_zeroed`. In debug builds an `Arena` overwrites what
//!   it takes back with `0xDD`.
//! - Values are **not moved**, so their addresses may be kept.
//! - Nothing **waits**: no lock but in a `SyncInterner` that learns a new text, and in the backing allocator. That is one lock
//!   for all of its texts, and [not the worse for it](crate::sync::SyncInterner#the-lock).
//!
//! ```
//! use arenula::Arena;
//! use arenula::vec::VecExt;
//! use std::rc::Rc;
//!
//! let counted = Rc::new(());
//! let arena = Arena::new();
//! {
//!     let _dropped = arenula::vec![in &arena; counted.clone()];
//!     let _frozen = arenula::vec![in &arena; counted.clone()].into_slice();
//! }
//! assert_eq!(Rc::strong_count(&counted), 2, "the frozen one's was not given up");
//! ```
//!
//! # Without the standard library
//!
//! | features | what there is |
//! |---|---|
//! | none | `Arena`, `Scope`, `FixedBuffer`, `DropArena`, `TypedArena`, `FrozenArena`, `Owned`, `DoubleBuffer`, `pool`, `rc`, `Vec`, `String`, `Box` |
//! | `collections` | also interners, `HashMap`, `HashSet` |
//! | `std` | also `scratch`, `sync` |
//! | `frame` (with `std`) | also frames |
//!
//! The crate needs `alloc`, and so a global allocator to link, but calls it only for those that are made with the default one.
//! Over a [`FixedBuffer`](crate::FixedBuffer) an `Arena` asks nobody.
//!
//! # Platforms
//!
//! - **32 bits.** Requests of more than 64 KiB are placed by a path with overflow checks; smaller ones as on 64 bits. `sync` and
//!   frames need atomics of 64 bits, and are absent where there are none.
//! - **Frames** reserve 64 GiB of addresses on Unix, less where that is refused; 64 MiB of the parent's memory elsewhere. See
//!   [`frame`](crate::frame#platforms).
//! - **aarch64.** The arena's two pointers are not neighbours, so that no load of both waits for a store of one.
//! - **Interpreters and sanitizers.** The crate turns no number into a pointer. Frames are switched off by
//!   `ARENULA_FRAMES=off`.
//! - **Compilers.** 1.85 or later.
