//! Arenas for several threads: what can be shared, what can be sent, and which is cheapest when.
//!
//! 1. [Which](#which)
//! 2. [Each thread its own arena](#each-thread-its-own-arena)
//! 3. [Results that are sent](#results-that-are-sent)
//! 4. [A pool of arenas](#a-pool-of-arenas)
//! 5. [A request of an async server](#a-request-of-an-async-server)
//! 6. [One arena for all](#one-arena-for-all)
//! 7. [Texts](#texts)
//! 8. [What can't be sent, and why](#what-cant-be-sent-and-why)
//!
//! # Which
//!
//! Cheapest first. Take the first line that will do.
//!
//! | | an allocation | a thread pays once for | results |
//! |---|---|---|---|
//! | [`scratch`](crate::scratch()) | as in an `Arena` | taking the thread's arena, at each call | end with the call |
//! | an [`Arena`](crate::Arena) on each thread | as in an `Arena` | making it | end with the arena |
//! | [`Owned`](crate::Owned) from each thread | as in an `Arena` | making it, and a box for it | go where the `Owned` goes |
//! | [`ArenaPool::get`](crate::sync::ArenaPool::get) | as in an `Arena` | an atomic exchange and a store, at each lease | live as long as the pool |
//! | [`ArenaPool::get_owned`](crate::sync::ArenaPool::get_owned) | as in an `Arena` | an exchange, a reset, a store, at each lease | end with the lease |
//! | [`SyncArena`](crate::sync::SyncArena) | finds the thread's part first | a chunk | live as long as the arena |
//!
//! `cargo bench -p peers --bench threads -- --interleaved` measures the last three against their peers. All of them let threads
//! allocate without waiting for each other. They differ in when a thread finds its memory: at each allocation, at each
//! lease, or never. So who makes many small values in a row leases an arena for that long; who makes one here and there takes
//! a `SyncArena`.
//!
//! # Each thread its own arena
//!
//! An [`Arena`](crate::Arena) is `Send`. Make one on each thread, or move one in.
//!
//! ```
//! use arenula::Arena;
//!
//! fn longest(lines: &[&str]) -> usize {
//!     let mut arena = Arena::new();
//!     let lengths = lines.iter().map(|line| {
//!         arena.reset();
//!         let words: &[&str] = arena.alloc_iter(line.split(' '));
//!         words.iter().map(|word| word.len()).max().unwrap_or(0)
//!     });
//!     lengths.max().unwrap_or(0)
//! }
//!
//! let lines = ["to be or not to be", "that is the question"];
//! let longest = std::thread::scope(|threads| {
//!     let halves: Vec<_> = lines.chunks(1).map(|half| threads.spawn(move || longest(half))).collect();
//!     halves.into_iter().map(|half| half.join().unwrap()).max()
//! });
//! assert_eq!(longest, Some(8));
//! ```
//!
//! What a function needs for the length of a call it gets from [`scratch`](crate::scratch()), which is the thread's already:
//!
//! ```
//! use arenula::scratch;
//!
//! let sorted = |text: &str| {
//!     scratch(|s| {
//!         let words: &mut [&str] = s.alloc_iter(text.split(' '));
//!         words.sort_unstable();
//!         words.join(" ")
//!     })
//! };
//! let outcome = std::thread::scope(|threads| {
//!     let workers = ["c b a", "z y x"].map(|text| threads.spawn(move || sorted(text)));
//!     workers.map(|worker| worker.join().unwrap())
//! });
//! assert_eq!(outcome, ["a b c", "x y z"]);
//! ```
//!
//! # Results that are sent
//!
//! An [`Owned`](crate::Owned) is an arena and what was built in it. If the root can be sent, so can the whole: through a
//! channel, out of a thread, into a cache. Nothing is copied.
//!
//! ```
//! use arenula::Owned;
//! use std::sync::mpsc;
//!
//! let (sender, receiver) = mpsc::channel::<Owned<&'static [usize]>>();
//! for text in ["to be or", "not to be, that is"] {
//!     let sender = sender.clone();
//!     std::thread::spawn(move || {
//!         let lengths = Owned::<&[usize]>::new(|arena| arena.alloc_iter(text.split(' ').map(str::len)));
//!         sender.send(lengths).unwrap();
//!     });
//! }
//! drop(sender);
//! let mut sums: Vec<usize> = receiver.iter().map(|lengths| lengths.get().iter().sum()).collect();
//! sums.sort_unstable();
//! assert_eq!(sums, [6, 14]);
//! ```
//!
//! One that is read by many threads goes into an `Arc`: `Owned` is `Sync` if its root is.
//!
//! # A pool of arenas
//!
//! Where results shall be references that live longer than the worker, lease an arena of an
//! [`ArenaPool`](crate::sync::ArenaPool). What was allocated through the guard borrows the *pool*, and stays when the guard
//! goes. With rayon:
//!
//! ```
//! use arenula::sync::ArenaPool;
//! use rayon::prelude::*;
//!
//! struct Record<'a> {
//!     name: &'a str,
//!     fields: &'a [u32],
//! }
//!
//! # // Not for interpreters: the threads of rayon are never joined.
//! # if cfg!(miri) { return; }
//! let input = ["a,1,2", "b,3", "c,4,5,6"].map(String::from).to_vec();
//! let mut pool = ArenaPool::new();
//! let records: Vec<Record> = input
//!     .par_iter()
//!     .map_init(
//!         || pool.get(),
//!         |arena, line| {
//!             let (name, rest) = line.split_once(',').unwrap();
//!             Record {
//!                 name: arena.alloc_str(name),
//!                 fields: arena.alloc_iter(rest.split(',').map(|field| field.parse().unwrap())),
//!             }
//!         },
//!     )
//!     .collect();
//! drop(input);
//! assert_eq!(records[2].name, "c");
//! assert_eq!(records.iter().flat_map(|record| record.fields).sum::<u32>(), 21);
//!
//! drop(records);
//! pool.reset(); // All is free again, and the memory stays.
//! ```
//!
//! The guard has the families of an arena, with the pool's lifetime. It also derefs to an [`Arena`](crate::Arena), and what is
//! made that way (by a function that takes a `&Arena`) lives only as long as the guard is borrowed.
//!
//! What a worker has as an [`Owned`](crate::Owned) can be taken in afterwards, by [`absorb`](crate::sync::ArenaPool::absorb):
//!
//! ```
//! use arenula::Owned;
//! use arenula::sync::ArenaPool;
//!
//! let pool = ArenaPool::new();
//! let workers: Vec<_> = (0..3)
//!     .map(|n| std::thread::spawn(move || Owned::<&str>::new(|arena| arena.alloc_fmt(format_args!("worker {n}")))))
//!     .collect();
//! let names: Vec<&str> = workers.into_iter().map(|worker| pool.absorb(worker.join().unwrap())).collect();
//! assert_eq!(names, ["worker 0", "worker 1", "worker 2"]);
//! ```
//!
//! # A request of an async server
//!
//! A task changes threads at each `.await`, so it can't hold what is a thread's own. An
//! [`OwnedArena`](crate::sync::OwnedArena) is the task's own: it goes along, and comes back to the pool, reset, when it is
//! dropped.
//!
//! ```
//! use arenula::sync::ArenaPool;
//! use std::sync::Arc;
//!
//! async fn handle(pool: Arc<ArenaPool>, request: String) -> usize {
//!     let arena = pool.get_owned();
//!     let words: &[&str] = arena.alloc_iter(request.split(' '));
//!     tokio::task::yield_now().await; // The references stay good, on whatever thread it goes on.
//!     words.len()
//! }
//!
//! # // Not for interpreters: the runtime is not of this crate, and slow there.
//! # if cfg!(miri) { return; }
//! let pool = Arc::new(ArenaPool::new());
//! let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
//! let total = runtime.block_on(async {
//!     let requests: Vec<_> =
//!         (0..10).map(|_| tokio::spawn(handle(pool.clone(), "to be or not".to_owned()))).collect();
//!     let mut total = 0;
//!     for request in requests {
//!         total += request.await.unwrap();
//!     }
//!     total
//! });
//! assert_eq!(total, 40);
//! assert_eq!(pool.stats().leased, 0);
//! ```
//!
//! References may be held at an `.await`; a container over `&arena` may not, since it could go on allocating where it wakes
//! up. Freeze it first, with [`into_slice`](crate::vec::VecExt::into_slice):
//!
//! ```compile_fail
//! use arenula::sync::ArenaPool;
//! use std::sync::Arc;
//!
//! let pool = Arc::new(ArenaPool::new());
//! tokio::spawn(async move {
//!     let arena = pool.get_owned();
//!     let mut words = arena.vec();
//!     tokio::task::yield_now().await; // "future cannot be sent between threads safely"
//!     words.push("late");
//! });
//! ```
//!
//! # One arena for all
//!
//! A [`SyncArena`](crate::sync::SyncArena) can be shared by reference, or be a static. Each thread has a part of it, and finds
//! it at each allocation.
//!
//! ```
//! use arenula::sync::SyncArena;
//! use std::sync::Mutex;
//!
//! #[derive(Clone, Copy)]
//! struct Node<'a> {
//!     name: &'a str,
//!     next: Option<&'a Node<'a>>,
//! }
//!
//! let arena = SyncArena::new();
//! let list = Mutex::new(None);
//! std::thread::scope(|threads| {
//!     for name in ["a", "b", "c"] {
//!         let (arena, list) = (&arena, &list);
//!         threads.spawn(move || {
//!             let name = arena.alloc_str(name);
//!             let mut first = list.lock().unwrap();
//!             *first = Some(&*arena.alloc(Node { name, next: *first }));
//!         });
//!     }
//! });
//! let nodes = std::iter::successors(*list.lock().unwrap(), |node| node.next);
//! let mut names: Vec<&str> = nodes.map(|node| node.name).collect();
//! names.sort_unstable();
//! assert_eq!(names, ["a", "b", "c"]);
//! ```
//!
//! Containers over `&SyncArena` can be sent, and grow on the thread where they are. A destructor never runs, as in `Arena`.
//!
//! # Texts
//!
//! | | adding | looking up | resolving |
//! |---|---|---|---|
//! | [`Interner`](crate::intern::Interner), moved or behind a `Mutex` | one thread at a time | one thread at a time | one thread at a time |
//! | [`SyncInterner`](crate::sync::SyncInterner) | a lock, if the text is new | no lock | no lock |
//! | [`FrozenInterner`](crate::intern::FrozenInterner) | never | no lock | no lock |
//!
//! Fill one, freeze it, and share it, if you can tell when the last text has come. If not:
//!
//! ```
//! use arenula::sync::SyncInterner;
//!
//! static NAMES: std::sync::LazyLock<SyncInterner> = std::sync::LazyLock::new(SyncInterner::new);
//!
//! let symbols = [0, 1].map(|_| std::thread::spawn(|| NAMES.symbol("shared")));
//! let [one, other] = symbols.map(|thread| thread.join().unwrap());
//! assert_eq!(one, other);
//! assert_eq!(NAMES.resolve(one), "shared");
//! ```
//!
//! [`Symbol`](crate::Symbol)s, [`Id`](crate::Id)s and [`Handle`](crate::pool::Handle)s are numbers, and can be sent whatever
//! they stand for.
//!
//! # What can't be sent, and why
//!
//! | | `Send` | `Sync` | because |
//! |---|---|---|---|
//! | [`Arena`](crate::Arena) | yes | no | `alloc` takes `&self` and no lock |
//! | `&Arena`, and containers over it | no | no | they allocate in an arena that is not `Sync` |
//! | `&mut T`, `&T`, slices from an arena | as `T` says | as `T` says | they are plain references |
//! | [`Scope`](crate::Scope) | no | no | it is a borrow of an arena |
//! | [`DropArena`](crate::DropArena) | no | no | what is in it might have to stay; see [`SendDropArena`](crate::SendDropArena) |
//! | [`TypedArena<T>`](crate::TypedArena), [`FrozenArena<T>`](crate::FrozenArena) | if `T: Send` | no | they own `T`s, and take more by `&self` |
//! | [`Pool<T>`](crate::pool::Pool) | if `T: Send` | no | the same |
//! | [`PoolBox<T>`](crate::pool::PoolBox) | no | if `T: Sync` | dropped elsewhere, it would use the pool from there |
//! | [`Slots<T>`](crate::pool::Slots) | if `T: Send` | if `T: Sync` | they are changed by `&mut self` only |
//! | [`Rc`](crate::rc::Rc) | no | no | its counts are not atomic |
//! | [`Owned<R>`](crate::Owned) | if the root is | if the root is | there is nothing else to reach |
//! | [`Interner`](crate::intern::Interner) | yes | no | it takes texts by `&self` and no lock |
//! | [`FrozenInterner`](crate::intern::FrozenInterner) | yes | yes | it is only read |
//! | [`SyncArena`](crate::sync::SyncArena), [`ArenaPool`](crate::sync::ArenaPool), [`SyncInterner`](crate::sync::SyncInterner) | yes | yes | that is what they are for |
//! | [`PoolGuard`](crate::sync::PoolGuard) | yes | no | it is an arena, for one thread at a time |
//! | [`Frame`](crate::frame::Frame) | no | | it is open on its thread |
//!
//! An arena that two threads allocate in at once would hand out the same bytes twice:
//!
//! ```compile_fail,E0277
//! let arena = arenula::Arena::new();
//! std::thread::scope(|threads| {
//!     threads.spawn(|| arena.alloc(1).to_string());
//!     threads.spawn(|| arena.alloc(2).to_string());
//! });
//! ```
//!
//! A vector over it takes the arena along, by reference, and can push:
//!
//! ```compile_fail,E0277
//! let arena = arenula::Arena::new();
//! let mut numbers = arenula::vec![in &arena; 1, 2];
//! std::thread::scope(|threads| {
//!     threads.spawn(|| numbers.push(3));
//! });
//! ```
//!
//! Its frozen slice can't, and goes:
//!
//! ```
//! use arenula::vec::VecExt;
//!
//! let arena = arenula::Arena::new();
//! let numbers = arenula::vec![in &arena; 1, 2].into_slice();
//! std::thread::scope(|threads| {
//!     threads.spawn(|| numbers[0] += 10);
//! });
//! assert_eq!(numbers, [11, 2]);
//! ```
//!
//! A `DropArena` might hold something that counts on its thread, and a `TypedArena` says what it holds:
//!
//! ```compile_fail,E0277
//! let arena = arenula::DropArena::new();
//! arena.alloc(1);
//! std::thread::spawn(move || drop(arena));
//! ```
//!
//! ```compile_fail,E0277
//! let arena = arenula::TypedArena::new();
//! arena.alloc(std::rc::Rc::new(1));
//! std::thread::spawn(move || drop(arena));
//! ```
//!
//! A `PoolBox` gives its slot back where it is dropped. Lend the value, or take it out:
//!
//! ```compile_fail,E0277
//! let pool = arenula::pool::Pool::new();
//! let boxed = pool.alloc(String::from("text"));
//! std::thread::scope(|threads| {
//!     threads.spawn(move || drop(boxed));
//! });
//! ```
//!
//! ```
//! use arenula::pool::{Pool, PoolBox};
//!
//! let pool = Pool::new();
//! let mut boxed = pool.alloc(String::from("text"));
//! std::thread::scope(|threads| {
//!     let lent: &mut String = &mut boxed;
//!     threads.spawn(|| lent.push('!'));
//! });
//! let text = PoolBox::into_inner(boxed);
//! assert_eq!(std::thread::spawn(move || text).join().unwrap(), "text!");
//! ```
