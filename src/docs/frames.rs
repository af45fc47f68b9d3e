//! Frames in servers: where to put them, what it means that a value escapes, and how to see it.
//!
//! 1. [What a frame is](#what-a-frame-is)
//! 2. [Where to put it](#where-to-put-it)
//! 3. [With async](#with-async)
//! 4. [What escapes](#what-escapes)
//! 5. [What to put outside](#what-to-put-outside)
//! 6. [Panics](#panics)
//! 7. [Reading the figures](#reading-the-figures)
//! 8. [Finding who escapes](#finding-who-escapes)
//! 9. [Limits](#limits)
//! 10. [Frames in frames, and checkpoints](#frames-in-frames-and-checkpoints)
//! 11. [Other threads](#other-threads)
//! 12. [What frames are not for](#what-frames-are-not-for)
//!
//! # What a frame is
//!
//! Between the begin of a frame and its end the thread's allocations come from the frame's pages, by moving a pointer. At the
//! end the pages are used again. The code in between knows nothing of it: it has `Vec`s, `String`s, and libraries.
//!
//! ```
//! use arenula::{FrameAlloc, frame};
//!
//! #[global_allocator]
//! static ALLOC: FrameAlloc = FrameAlloc::new();
//!
//! fn handle(request: &str) -> usize {
//!     let words: Vec<String> = request.split(' ').map(str::to_uppercase).collect();
//!     words.join("-").len()
//! }
//!
//! fn main() {
//!     for _ in 0..1000 {
//!         assert_eq!(frame::scope(|| handle("to be or not to be")), 18);
//!     }
//!     let stats = frame::stats();
//!     assert_eq!((stats.frames, stats.pinned_pages), (1000, 0));
//! }
//! ```
//!
//! Values are dropped where they always were, and their memory is freed as always. Safety doesn't rest on anything ending with
//! the frame. What does rest on it is the gain: a page in which something is left can't be used again.
//!
//! # Where to put it
//!
//! Around the work that begins with a request and ends with its answer:
//!
//! | | |
//! |---|---|
//! | around the handler of one request | yes |
//! | around the parsing of one message, one row, one file | yes |
//! | around the loop that serves a connection | no: its buffers live as long as the connection does |
//! | around the start of the server | no: that is made to stay |
//! | around the whole of `main` | no: it is one frame that never ends |
//! | around something that allocates three times | it costs more than it gains |
//!
//! In axum or another tower stack it is one layer. (`examples/http_server` is a whole server, with a switch to compare.)
//!
//! ```text
//! async fn in_frame(request: Request, next: Next) -> Response {
//!     frame::in_frame(next.run(request)).await
//! }
//!
//! let app = router.layer(middleware::from_fn(in_frame));
//! ```
//!
//! With threads it is [`frame::scope`](crate::frame::scope()). What it returns should be small, or be made
//! [outside](#what-to-put-outside).
//!
//! # With async
//!
//! A task goes from thread to thread, and many tasks share one. So a frame that is open across an `.await` must go with its
//! future. [`in_frame`](crate::frame::in_frame) does that: the frame is entered at each poll and left at each yield.
//!
//! ```
//! use arenula::{FrameAlloc, frame};
//!
//! #[global_allocator]
//! static ALLOC: FrameAlloc = FrameAlloc::new();
//!
//! async fn handle(request: String) -> usize {
//!     let words: Vec<String> = request.split(' ').map(str::to_owned).collect();
//!     tokio::task::yield_now().await; // Others run here, in frames of their own.
//!     assert!(frame::owns(words.as_ptr()));
//!     words.len()
//! }
//!
//! fn main() {
//!     # // Not for interpreters: the runtime is not of this crate, and slow there.
//!     # if cfg!(miri) { return; }
//!     let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
//!     let total = runtime.block_on(async {
//!         let requests = (0..8).map(|n| tokio::spawn(frame::in_frame(handle("word ".repeat(n)))));
//!         let requests: Vec<_> = requests.collect();
//!         let mut total = 0;
//!         for request in requests {
//!             total += request.await.unwrap();
//!         }
//!         total
//!     });
//!     assert_eq!(total, 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8);
//!     assert_eq!(frame::stats().frames, 8);
//! }
//! ```
//!
//! The guards belong to their thread, and the compiler keeps them there. A task that holds one at an `.await` can't be spawned:
//!
//! ```compile_fail
//! use arenula::frame;
//!
//! tokio::spawn(async {
//!     let frame = frame::enter();
//!     tokio::task::yield_now().await; // "future cannot be sent between threads safely"
//!     drop(frame);
//! });
//! ```
//!
//! - Put `in_frame` *inside* of `spawn`, as above. Around it, the task itself would be allocated in the frame of who spawns it.
//! - A task that a handler spawns doesn't run in the handler's frame, but what was moved into it lies there, and the task
//!   as well. Spawn what goes on after the answer [outside](#what-to-put-outside).
//! - A future that is dropped before it is done, by a timeout or a `select!`, ends its frame then.
//!
//! # What escapes
//!
//! A value *escapes* that is alive when its frame ends. Nothing happens to it. Its page of 4 KiB is *pinned*: it is kept, with
//! all that is free in it, until the last such value in it is freed. On whichever thread that is.
//!
//! ```
//! # use arenula::{FrameAlloc, frame};
//! # #[global_allocator]
//! # static ALLOC: FrameAlloc = FrameAlloc::new();
//! # fn main() {
//! let answer = frame::scope(|| format!("{} words", "to be or not".split(' ').count()));
//! assert_eq!(answer, "4 words");
//! assert_eq!(frame::stats().pinned_bytes, 4096);
//! drop(answer);
//! assert_eq!(frame::stats().pinned_bytes, 0);
//! # }
//! ```
//!
//! So an answer that is written to a socket and dropped costs a page for a moment, and is no matter. What counts is what
//! *stays*. These are who keeps things in practice:
//!
//! | who | why | what to do |
//! |---|---|---|
//! | a map or cache that lives longer | its new entries, and its table when it grows | [`outside`](#what-to-put-outside) around the insertion |
//! | `LazyLock`, `OnceLock`, lazily compiled patterns | made by the first request that asks | make them at the start, or `outside` |
//! | thread-local values | made by the first request on each thread | the same |
//! | pools of connections, of buffers | a connection opened in a frame is kept for others | `outside` around opening |
//! | channels to a thread that collects (logs, metrics) | messages, and the channel's own blocks | short: nothing; else `outside` |
//! | `tokio::spawn` in a handler | the task, and all that was moved into it | short: nothing; else `outside` |
//! | the first backtrace of the process | symbols are kept | [the hook](#panics) |
//! | `mem::forget`, `Box::leak` | nobody will ever free it | `outside` |
//!
//! A block that was allocated outside stays outside when it grows inside. That is true of a `Vec` that is there, and not of an
//! empty one, nor of a map, whose table is made anew:
//!
//! ```
//! # use arenula::{FrameAlloc, frame};
//! # #[global_allocator]
//! # static ALLOC: FrameAlloc = FrameAlloc::new();
//! # fn main() {
//! use std::collections::HashMap;
//!
//! let (mut lines, mut empty) = (vec![0], Vec::new());
//! let mut counts = HashMap::from([(0, 0)]);
//! frame::scope(|| {
//!     lines.extend(1..1000);
//!     empty.push(1);
//!     counts.extend((1..100).map(|n| (n, n)));
//! });
//! assert!(!frame::owns(lines.as_ptr()));
//! assert!(frame::owns(empty.as_ptr()));
//! assert!(frame::stats().pinned_pages > 0);
//! drop((empty, counts));
//! assert_eq!(frame::stats().pinned_pages, 0);
//! # }
//! ```
//!
//! # What to put outside
//!
//! [`outside`](crate::frame::outside) runs a closure as if no frame were open. It is for what is meant to stay. Make it there,
//! rather than move it there: a `String` that was made in the frame lies in the frame, whoever holds it.
//!
//! ```
//! # use arenula::{FrameAlloc, frame};
//! # #[global_allocator]
//! # static ALLOC: FrameAlloc = FrameAlloc::new();
//! use std::collections::HashMap;
//! use std::sync::{LazyLock, Mutex};
//!
//! static NAMES: LazyLock<Mutex<HashMap<u32, String>>> = LazyLock::new(|| frame::outside(Mutex::default));
//!
//! fn name_of(id: u32) -> String {
//!     let mut names = NAMES.lock().unwrap();
//!     if let Some(name) = names.get(&id) {
//!         return name.clone();
//!     }
//!     let name = format!("user-{id}");
//!     frame::outside(|| names.insert(id, name.clone()));
//!     name
//! }
//!
//! fn main() {
//!     for id in [1, 2, 1, 2] {
//!         frame::scope(|| assert!(name_of(id).ends_with(&id.to_string())));
//!     }
//!     assert_eq!(frame::stats().pinned_pages, 0);
//! }
//! ```
//!
//! The `clone` stands inside of the closure, so the copy is made outside. With `names.insert(id, name)` the cache
//! would keep the frame's.
//!
//! Inside of `outside` a new frame may be opened, and is then served as any. What this crate keeps warm ([`scratch`](crate::scratch()),
//! [`sync`](crate::sync)'s arenas) it asks for outside by itself.
//!
//! # Panics
//!
//! A panic ends the frames that it leaves, and is safe. But the first backtrace that a process prints reads the symbols of the
//! program, and the standard library keeps them. If that happens in a frame they pin some pages for ever. Let the hook run
//! outside:
//!
//! ```
//! # use arenula::{FrameAlloc, frame};
//! # #[global_allocator]
//! # static ALLOC: FrameAlloc = FrameAlloc::new();
//! # fn main() {
//! use std::panic;
//!
//! let hook = panic::take_hook();
//! panic::set_hook(Box::new(move |info| frame::outside(|| hook(info))));
//! # panic::set_hook(Box::new(|_| frame::outside(|| assert!(!frame::is_open()))));
//!
//! let outcome = panic::catch_unwind(|| frame::scope(|| panic!("of one request")));
//! assert!(outcome.is_err());
//! assert!(!frame::is_open());
//! # }
//! ```
//!
//! # Reading the figures
//!
//! [`frame::stats`](crate::frame::stats) is of all threads; [`Frame::stats`](crate::frame::Frame::stats) is of one frame that
//! is open.
//!
//! | figure | what to make of it |
//! |---|---|
//! | `frames`, `bytes_served` | their quotient is what a request allocates |
//! | `pinned_pages`, `pinned_bytes` | should rise at first and then stay. What rises with the number of requests is a cache without a bound, or a leak |
//! | `pinned_waste` | what the escaped values cost beside themselves. Near to `pinned_bytes`: few small values hold many pages; put them outside |
//! | `passed_through` | frames that did nothing. Rising: the [pin limit](#limits) is reached. All of them: see [`is_installed`](crate::frame::is_installed) |
//! | `reserved` | 0 where no address space could be had, or frames are off |
//!
//! ```
//! # use arenula::{FrameAlloc, frame};
//! # #[global_allocator]
//! # static ALLOC: FrameAlloc = FrameAlloc::new();
//! # fn main() {
//! let mut kept = Vec::with_capacity(10);
//! for n in 0..10 {
//!     frame::scope(|| kept.push(Box::new([n; 25]))); // 100 bytes each
//! }
//! let stats = frame::stats();
//! assert_eq!(stats.pinned_pages, 10);
//! assert_eq!(stats.pinned_bytes - stats.pinned_waste, 10 * 104);
//! assert!(stats.to_string().contains("40960 bytes pinned in 10 pages"));
//! # }
//! ```
//!
//! Ten frames, and so ten pages: values of one frame share a page, values of different frames never do.
//!
//! # Finding who escapes
//!
//! With the feature `trace-escapes`, `frame::escapes()` lists the values that have outlived their frames and are alive, the
//! largest first, each with the calls that allocated it. It makes allocating much slower. Build with it to look, not to run.
//!
//! ```
//! # #[cfg(feature = "trace-escapes")] mod program {
//! use arenula::{FrameAlloc, frame};
//!
//! #[global_allocator]
//! static ALLOC: FrameAlloc = FrameAlloc::new();
//!
//! fn cache_it(cache: &mut Vec<String>) {
//!     cache.push(String::from("kept for ever"));
//! }
//!
//! pub fn main() {
//!     let mut cache = Vec::with_capacity(1);
//!     frame::scope(|| cache_it(&mut cache));
//!     for escape in frame::escapes() {
//!         assert!(escape.to_string().contains("cache_it"));
//!         println!("{escape}");
//!     }
//! }
//! # }
//! # #[cfg(feature = "trace-escapes")] fn main() { program::main() }
//! # #[cfg(not(feature = "trace-escapes"))] fn main() {}
//! ```
//!
//! Without the feature: [`frame::owns`](crate::frame::owns) in a `debug_assert!`, where a cache takes something in.
//!
//! # Limits
//!
//! | limit | default | at the limit |
//! |---|---|---|
//! | [`set_pin_limit`](crate::frame::set_pin_limit): waste in pinned pages, of the process | 16 MiB, or a quarter of what is alive in them if that is more | new frames pass through to the parent, until a quarter of it is free again |
//! | [`set_frame_budget`](crate::frame::set_frame_budget): memory of one frame | 256 MiB | the rest comes from the parent |
//! | size of a block | 16 to 32 KiB | larger ones come from the parent |
//! | addresses of all frames | 64 GiB on Unix, 64 MiB elsewhere | the parent |
//!
//! At none of them anything fails. The program goes on as it would without frames.
//!
//! ```
//! # use arenula::{FrameAlloc, frame};
//! # #[global_allocator]
//! # static ALLOC: FrameAlloc = FrameAlloc::new();
//! # fn main() {
//! frame::set_pin_limit(8 << 10);
//! let mut kept = Vec::with_capacity(20);
//! for n in 0..20 {
//!     frame::scope(|| kept.push(Box::new([n; 25])));
//! }
//! let stats = frame::stats();
//! assert!(stats.passed_through > 0 && stats.pinned_waste <= 12 << 10);
//! # }
//! ```
//!
//! `ARENULA_FRAMES=off` in the environment switches frames off for a run: for a heap profiler, a sanitizer, or to compare.
//!
//! # Frames in frames, and checkpoints
//!
//! The innermost frame serves. A value of the outer one that is freed or grows in the inner one is looked after by the outer
//! one. What escapes an inner frame into the outer one pins a page of the inner one for as long as it lives, and no longer.
//! So nest frames where an outer one would grow large: around each row of a long report.
//!
//! ```
//! # use arenula::{FrameAlloc, frame};
//! # #[global_allocator]
//! # static ALLOC: FrameAlloc = FrameAlloc::new();
//! # fn main() {
//! let report = frame::scope(|| {
//!     let mut report = String::with_capacity(4096);
//!     for row in 0..100 {
//!         frame::scope(|| {
//!             let cells: Vec<String> = (0..5).map(|column| (row * column).to_string()).collect();
//!             report.push_str(&cells.join(","));
//!             report.push('\n');
//!         });
//!     }
//!     report.lines().count()
//! });
//! assert_eq!(report, 100);
//! # }
//! ```
//!
//! A [`checkpoint`](crate::frame::Frame::checkpoint) asks whether something is left of a step, in place of hoping. `rewind` goes
//! back if all is freed, and says how much is not:
//!
//! ```
//! # use arenula::{FrameAlloc, frame};
//! # #[global_allocator]
//! # static ALLOC: FrameAlloc = FrameAlloc::new();
//! # fn main() {
//! use arenula::frame::RewindError;
//!
//! frame::with(|frame| {
//!     let start = frame.checkpoint();
//!     let left = vec![0_u8; 64];
//!     assert_eq!(frame.rewind(&start), Err(RewindError::StillLive { bytes: 64 }));
//!     drop(left);
//!     assert_eq!(frame.rewind(&start), Ok(()));
//! });
//! # }
//! ```
//!
//! # Other threads
//!
//! A frame is of one thread. Threads that are started inside of it have none, until they open their own. A value that is
//! sent away and freed there is counted by an atomic addition: correct, and dearer than a free at home.
//!
//! With rayon open a frame in each piece of work, not around the call that starts them all. What the pieces return escapes from
//! theirs, so return little, or collect into something that was made before. For results as large as the work itself take an
//! [`ArenaPool`](crate::sync::ArenaPool).
//!
//! # What frames are not for
//!
//! - **Instead of an arena.** In code of your own an [`Arena`](crate::Arena) is faster, needs no destructors, and the compiler
//!   tells what escapes.
//! - **Building what stays.** Reading the configuration, filling a cache, making an index: all of it escapes.
//! - **Freeing what is leaked.** A frame's end frees nothing that is alive.
//! - **Large buffers.** They are the parent's anyway.
//! - **A bound on a request's memory.** The budget is what the *frame* may hold; the parent gives the rest.
//! - **A library.** The `#[global_allocator]` is the program's choice. A library may call [`frame::scope`](crate::frame::scope())
//!   all the same: without a `FrameAlloc` it does nothing.
