//! Patterns that meet where values live in an arena: what to own, what to lend, and how to lay it out.
//!
//! 1. [Strings](#strings)
//! 2. [Builders that freeze](#builders-that-freeze)
//! 3. [Copy on write](#copy-on-write)
//! 4. [Cells and graphs](#cells-and-graphs)
//! 5. [Two-phase initialisation](#two-phase-initialisation)
//! 6. [Errors in the middle](#errors-in-the-middle)
//! 7. [Guards: scopes and checkpoints](#guards-scopes-and-checkpoints)
//! 8. [Recursion with scratch](#recursion-with-scratch)
//! 9. [Layout and cache lines](#layout-and-cache-lines)
//! 10. [Struct of arrays](#struct-of-arrays)
//!
//! # Strings
//!
//! In an arena a text is a `&str`. It is two words, copied freely, and a slice of it costs nothing. So copy the *whole* text
//! once, and let everything else point into it:
//!
//! ```
//! use arenula::Arena;
//!
//! fn fields<'a>(arena: &'a Arena, line: &str) -> &'a [&'a str] {
//!     let line: &'a str = arena.alloc_str(line);
//!     arena.alloc_iter(line.split(',').map(str::trim))
//! }
//!
//! let arena = Arena::new();
//! let kept = fields(&arena, &String::from("Ada, 36, London"));
//! assert_eq!(kept, ["Ada", "36", "London"]);
//! ```
//!
//! | to make | use |
//! |---|---|
//! | a copy | [`alloc_str`](crate::Arena::alloc_str) |
//! | one text of several | [`alloc_concat`](crate::Arena::alloc_concat): measured first, written once |
//! | what `format!` would make | [`alloc_fmt`](crate::Arena::alloc_fmt): written where it stays |
//! | something bit by bit | [`String`](crate::string::String), and [`into_str`](crate::string::String::into_str) when it is done |
//! | the same text many times | an [`Interner`](crate::intern::Interner) |
//!
//! ```
//! use arenula::Arena;
//!
//! let arena = Arena::new();
//! let path: &str = arena.alloc_concat(&["src", "/", "lib.rs"]);
//! let place: &str = arena.alloc_fmt(format_args!("{path}:{}", 7));
//!
//! let mut quoted = arena.string();
//! for ch in place.chars() {
//!     quoted.extend(ch.escape_default());
//! }
//! let quoted: &str = quoted.into_str();
//! assert_eq!(quoted, "src/lib.rs:7");
//! ```
//!
//! # Builders that freeze
//!
//! While a list is built it needs room to grow, and an allocator to ask for it. Afterwards it needs neither. Build with a
//! `Vec` in the arena, then keep the slice: the node is two words in place of four, and can be copied.
//!
//! ```
//! use arenula::Arena;
//! use arenula::vec::VecExt;
//!
//! struct Call<'a> {
//!     name: &'a str,
//!     arguments: &'a [&'a str],
//! }
//!
//! fn parse<'a>(arena: &'a Arena, source: &'a str) -> Option<Call<'a>> {
//!     let (name, rest) = source.split_once('(')?;
//!     let mut arguments = arena.vec();
//!     for argument in rest.strip_suffix(')')?.split(',') {
//!         arguments.push(argument.trim());
//!     }
//!     Some(Call { name, arguments: arguments.into_slice() })
//! }
//!
//! let arena = Arena::new();
//! let call = parse(&arena, "max(a, b, c)").unwrap();
//! assert_eq!((call.name, call.arguments.len()), ("max", 3));
//! assert_eq!(size_of::<&[&str]>(), 2 * size_of::<usize>());
//! ```
//!
//! The spare room goes back if the vector is the last thing in the arena. Where an iterator does all the work,
//! [`alloc_iter`](crate::Arena::alloc_iter) is the same in one call. Elements that need their destructor keep the vector: a
//! frozen slice runs none.
//!
//! **The builder in scratch.** If other things are allocated while the list grows, it moves, and leaves holes. Then grow it
//! elsewhere, and copy what came out:
//!
//! ```
//! use arenula::{Arena, scratch};
//!
//! fn squares<'a>(arena: &'a Arena, most: u64) -> &'a [&'a str] {
//!     scratch(|s| {
//!         let mut lines = s.vec();
//!         for n in 0..most {
//!             let line: &'a str = arena.alloc_fmt(format_args!("{n} -> {}", n * n));
//!             lines.push(line);
//!         }
//!         &*arena.alloc_slice_copy(&lines)
//!     })
//! }
//!
//! let arena = Arena::new();
//! assert_eq!(squares(&arena, 4)[3], "3 -> 9");
//! ```
//!
//! # Copy on write
//!
//! **A text that mostly stays as it is.** Borrow it, and put the changed one into the arena. The result is a plain `&str` in
//! both cases, so no `Cow` is left over:
//!
//! ```
//! use arenula::Arena;
//!
//! fn unescape<'a>(arena: &'a Arena, text: &'a str) -> &'a str {
//!     if !text.contains('\\') {
//!         return text;
//!     }
//!     let mut plain = arena.string();
//!     let mut chars = text.chars();
//!     while let Some(ch) = chars.next() {
//!         plain.push(if ch == '\\' { chars.next().unwrap_or('\\') } else { ch });
//!     }
//!     plain.into_str()
//! }
//!
//! let arena = Arena::new();
//! let source = "as it is";
//! assert!(std::ptr::eq(unescape(&arena, source), source));
//! assert_eq!(unescape(&arena, r#"a \"word\""#), r#"a "word""#);
//! ```
//!
//! **A `Cow` from outside.** What a library gives you as a `Cow` becomes a reference by copying the owned case only:
//!
//! ```
//! use arenula::Arena;
//! use std::borrow::Cow;
//!
//! fn keep<'a>(arena: &'a Arena, text: Cow<'a, str>) -> &'a str {
//!     match text {
//!         Cow::Borrowed(text) => text,
//!         Cow::Owned(text) => arena.alloc_str(&text),
//!     }
//! }
//!
//! let arena = Arena::new();
//! let bytes = b"caf\xE9";
//! assert_eq!(keep(&arena, String::from_utf8_lossy(bytes)), "caf\u{FFFD}");
//! assert_eq!(arena.allocated_bytes(), 8);
//! ```
//!
//! **A value that is shared until it is changed.** [`Rc::make_mut`](crate::rc::Rc::make_mut) copies only if there is another
//! owner: versions of a document that share what didn't change.
//!
//! ```
//! use arenula::Arena;
//! use arenula::rc::Rc;
//!
//! let arena = Arena::new();
//! let first = Rc::new_in(["a", "b", "c"], &arena);
//! let mut second = first.clone();
//! Rc::make_mut(&mut second)[1] = "B";
//! assert_eq!((*first, *second), (["a", "b", "c"], ["a", "B", "c"]));
//!
//! let here = Rc::as_ptr(&second);
//! Rc::make_mut(&mut second)[2] = "C";
//! assert_eq!(Rc::as_ptr(&second), here, "it has one owner, so nothing was copied");
//! ```
//!
//! **A tree that is shared.** Nodes behind `&'a` need no count for that: make the new nodes on the way to the change, and
//! point to the old ones for the rest.
//!
//! ```
//! use arenula::Arena;
//!
//! #[derive(Clone, Copy)]
//! struct Node<'a> {
//!     value: i32,
//!     children: &'a [&'a Node<'a>],
//! }
//!
//! /// The tree with `value` for the node at `path`; all other nodes are the same ones.
//! fn replaced<'a>(arena: &'a Arena, node: &'a Node<'a>, path: &[usize], value: i32) -> &'a Node<'a> {
//!     match path {
//!         [] => arena.alloc(Node { value, ..*node }),
//!         [first, rest @ ..] => {
//!             let children = arena.alloc_slice_copy(node.children);
//!             children[*first] = replaced(arena, children[*first], rest, value);
//!             arena.alloc(Node { children, ..*node })
//!         }
//!     }
//! }
//!
//! let arena = Arena::new();
//! let leaf = |value| &*arena.alloc(Node { value, children: &[] });
//! let old = arena.alloc(Node { value: 0, children: arena.alloc([leaf(1), leaf(2)]) });
//! let new = replaced(&arena, old, &[1], 20);
//! assert_eq!((old.children[1].value, new.children[1].value), (2, 20));
//! assert!(std::ptr::eq(old.children[0], new.children[0]));
//! ```
//!
//! # Cells and graphs
//!
//! A tree is built from the leaves up, and needs no cell. What points in circles, or is filled in later, is shared while it is
//! written: then the field that changes is a `Cell`, and the rest stays plain.
//!
//! ```
//! use arenula::TypedArena;
//! use std::cell::{Cell, RefCell};
//!
//! struct Block<'a> {
//!     name: String,
//!     next: RefCell<Vec<&'a Block<'a>>>,
//!     is_reached: Cell<bool>,
//! }
//!
//! fn reach(block: &Block) {
//!     if !block.is_reached.replace(true) {
//!         block.next.borrow().iter().for_each(|next| reach(next));
//!     }
//! }
//!
//! let mut blocks = TypedArena::new();
//! {
//!     let block = |name: &str| {
//!         &*blocks.alloc(Block { name: name.to_owned(), next: RefCell::default(), is_reached: Cell::default() })
//!     };
//!     let (entry, head, _dead) = (block("entry"), block("loop"), block("dead"));
//!     entry.next.borrow_mut().push(head);
//!     head.next.borrow_mut().extend([head, entry]);
//!     reach(entry);
//!     assert!(head.is_reached.get());
//! }
//! # assert_eq!(blocks.len(), 3);
//! ```
//!
//! Take the least that does: a `Cell<T>` for what is copied, an `Option` in a `Cell` for what is linked later, a `RefCell` only
//! for what has to be lent out. `OnceCell` is for what is set once.
//!
//! Once values refer to each other the arena is lent for as long as it lives, and can't be gone through by `&mut` any more. In
//! the program above nothing but `len` can be called after the block; with `blocks.iter_mut()` in place of it, the compiler
//! says so:
//!
//! ```compile_fail,E0502
//! # use arenula::TypedArena;
//! # use std::cell::Cell;
//! struct Block<'a> {
//!     next: Cell<Option<&'a Block<'a>>>,
//! }
//!
//! let mut blocks = TypedArena::new();
//! let block = &*blocks.alloc(Block { next: Cell::new(None) });
//! block.next.set(Some(block));
//! for block in blocks.iter_mut() {
//!     block.next.set(None);
//! }
//! ```
//!
//! Who needs both links and walks over all takes [`Id`](crate::Id)s or [`Handle`](crate::pool::Handle)s as links. They borrow
//! nothing, and cost a look-up.
//!
//! ```
//! use arenula::{FrozenArena, Id};
//!
//! struct Block {
//!     name: &'static str,
//!     next: Vec<Id<Block>>,
//! }
//!
//! let mut blocks = FrozenArena::new();
//! let entry = blocks.push(Block { name: "entry", next: vec![] });
//! let head = blocks.push(Block { name: "loop", next: vec![entry] });
//! blocks.get_mut(entry).unwrap().next.push(head);
//! let edges: Vec<_> = blocks
//!     .iter()
//!     .flat_map(|block| block.next.iter().map(|&next| (block.name, blocks[next].name)))
//!     .collect();
//! assert_eq!(edges, [("entry", "loop"), ("loop", "entry")]);
//! ```
//!
//! # Two-phase initialisation
//!
//! A value whose address has to be known before the value is there gets its place first:
//! [`alloc_uninit`](crate::Arena::alloc_uninit) gives a `&mut MaybeUninit<T>`, and `write` makes a `&mut T` of it, without
//! `unsafe`.
//!
//! ```
//! use arenula::Arena;
//!
//! struct Header {
//!     checksum: u32,
//!     length: usize,
//! }
//!
//! let arena = Arena::new();
//! // It shall lie before its body.
//! let header = arena.alloc_uninit::<Header>();
//! let body = arena.alloc_iter("some body".bytes());
//! let checksum = body.iter().map(|&byte| u32::from(byte)).sum();
//! let header: &Header = header.write(Header { checksum, length: body.len() });
//!
//! assert!(std::ptr::from_ref(header).addr() < body.as_ptr().addr());
//! assert_eq!((header.length, header.checksum), (9, 898));
//! ```
//!
//! For a large value, [`alloc_with`](crate::Arena::alloc_with) makes it in its place: no copy of it is on the stack in
//! optimised builds. For a value that points to itself, use a cell, as above: [`Cell<Option<&'a Node<'a>>>`](std::cell::Cell).
//!
//! # Errors in the middle
//!
//! With [`alloc_try_with`](crate::Arena::alloc_try_with) and
//! [`alloc_slice_try_fill_with`](crate::Arena::alloc_slice_try_fill_with) nothing is kept if the closure fails: what was made is
//! dropped, and the memory goes back.
//!
//! ```
//! use arenula::Arena;
//! use std::num::ParseIntError;
//!
//! fn numbers<'a>(arena: &'a Arena, fields: &[&str]) -> Result<&'a [i32], ParseIntError> {
//!     Ok(arena.alloc_slice_try_fill_with(fields.len(), |i| fields[i].parse())?)
//! }
//!
//! let arena = Arena::new();
//! assert!(numbers(&arena, &["1", "2", "x"]).is_err());
//! assert_eq!(arena.allocated_bytes(), 0);
//! assert_eq!(numbers(&arena, &["1", "2", "3"]), Ok(&[1, 2, 3][..]));
//! ```
//!
//! An attempt of more than one step goes into a scope. If it fails, all its steps are undone; if it succeeds, copy out what is
//! to stay:
//!
//! ```
//! use arenula::{Arena, Scope};
//!
//! fn attempt<'s>(s: &Scope<'s>, text: &str) -> Result<&'s [u32], String> {
//!     let words: &[&str] = s.alloc_iter(text.split(' '));
//!     let lengths = s.alloc_iter(words.iter().map(|word| word.len() as u32));
//!     if lengths.len() > 3 { Err(format!("{} words", lengths.len())) } else { Ok(lengths) }
//! }
//!
//! let mut arena = Arena::new();
//! let longest = arena.scope(|s| attempt(s, "to be or").map(|lengths| *lengths.iter().max().unwrap()));
//! assert_eq!(longest, Ok(2));
//! assert!(arena.scope(|s| attempt(s, "to be or not").map(<[u32]>::len)).is_err());
//! assert_eq!(arena.allocated_bytes(), 0);
//! ```
//!
//! Want of memory is an error too, where the program can do something about it. All that allocates has a `try_` form, and
//! [`try_alloc_try_with`](crate::Arena::try_alloc_try_with) tells the two kinds of failure apart by an
//! [`AllocOrInitError`](crate::AllocOrInitError):
//!
//! ```
//! use arenula::{AllocOrInitError, Arena};
//!
//! let arena = Arena::new();
//! arena.set_limit(Some(1 << 10));
//! let read = |text: &'static str| arena.try_alloc_try_with(|| text.parse::<u64>());
//! assert_eq!(read("17").as_deref(), Ok(&17));
//! assert!(matches!(read("x"), Err(AllocOrInitError::Init(_))));
//! while read("17").is_ok() {}
//! assert!(matches!(read("17"), Err(AllocOrInitError::Alloc(_))));
//! ```
//!
//! # Guards: scopes and checkpoints
//!
//! Four things give memory back when they end. Each is a guard, so that a `?`, a `break` or a panic does it too.
//!
//! | guard | gives back | what makes it safe |
//! |---|---|---|
//! | [`Arena::scope`](crate::Arena::scope) | what was allocated in it | lifetimes: nothing of it leaves the closure |
//! | [`PoolGuard`](crate::sync::PoolGuard) | the lease of an arena, but nothing in it | results live as long as the pool |
//! | [`OwnedArena`](crate::sync::OwnedArena) | the arena, reset | lifetimes: what is in it borrows the guard |
//! | [`frame::scope`](crate::frame::scope()) | the frame's pages | an account for each page, at run time |
//!
//! A scope is the right one nearly always. It ends where its closure ends, so its memory can't be kept for longer than
//! that. Where begin and end lie in different functions, there is [`Arena::checkpoint`](crate::Arena::checkpoint) with
//! [`rewind`](crate::Arena::rewind). That is `unsafe`, because the caller promises what else the compiler would see: that
//! nobody uses what came after.
//!
//! ```
//! use arenula::Arena;
//!
//! /// A parser that tries, and goes back.
//! struct Parser<'a> {
//!     arena: &'a Arena,
//! }
//!
//! impl Parser<'_> {
//!     /// Whether all of `text` is digits, tried out with memory that is given back.
//!     fn is_number(&self, text: &str) -> bool {
//!         let before = self.arena.checkpoint();
//!         let is_number = self.arena.alloc_iter(text.chars()).iter().all(char::is_ascii_digit);
//!         // SAFETY: the characters are not used any more, and nothing else was allocated.
//!         unsafe { self.arena.rewind(before) };
//!         is_number
//!     }
//! }
//!
//! let arena = Arena::new();
//! assert!(Parser { arena: &arena }.is_number("1815"));
//! assert_eq!(arena.allocated_bytes(), 0);
//! ```
//!
//! # Recursion with scratch
//!
//! Each call of a recursive function wants some memory while it runs, and its results go further up. Give it two places: the
//! caller's arena for what is returned, and a scope for the rest. The scope is passed on by `&mut`, so that each call opens
//! its own inside.
//!
//! ```
//! use arenula::{Arena, Scope};
//!
//! /// Sorts into `to`; what is between lies in scopes.
//! fn sorted<'a>(to: &'a Arena, s: &mut Scope<'_>, numbers: &[u32]) -> &'a [u32] {
//!     let [pivot, rest @ ..] = numbers else { return &[] };
//!     s.scope(|s| {
//!         let less = s.alloc_iter(rest.iter().copied().filter(|n| n < pivot));
//!         let more = s.alloc_iter(rest.iter().copied().filter(|n| n >= pivot));
//!         let less = sorted(to, s, less);
//!         let more = sorted(to, s, more);
//!         to.alloc_iter(less.iter().chain([pivot]).chain(more).copied())
//!     })
//! }
//!
//! let (results, mut work) = (Arena::new(), Arena::new());
//! let numbers = work.scope(|s| sorted(&results, s, &[3, 1, 2, 5, 4]));
//! assert_eq!(numbers, [1, 2, 3, 4, 5]);
//! assert_eq!(work.allocated_bytes(), 0);
//! ```
//!
//! Functions that don't know of each other take [`scratch`](crate::scratch()), which has an arena for each depth of nesting.
//! Those of the first eight depths are kept warm. A recursion that goes deeper passes a scope on, as above.
//!
//! # Layout and cache lines
//!
//! An arena puts values one after the other, in the order in which they are made. So what is *made* together lies together:
//! allocate in the order in which you will read. Make the children of a node one slice in place of a list of links:
//!
//! ```
//! use arenula::Arena;
//!
//! /// One cache line holds a node, and then one for each child.
//! struct Linked<'a> {
//!     value: u64,
//!     first: Option<&'a Linked<'a>>,
//!     next: Option<&'a Linked<'a>>,
//! }
//!
//! /// One cache line holds two nodes or more, and the children follow each other.
//! struct Sliced<'a> {
//!     value: u64,
//!     children: &'a [Sliced<'a>],
//! }
//!
//! let arena = Arena::new();
//! let node = |value| Sliced { value, children: &[] };
//! let root = Sliced { value: 0, children: arena.alloc_iter((1..=8).map(node)) };
//! assert_eq!(root.children.iter().map(|node| node.value).sum::<u64>(), 36);
//!
//! // Where it matters, say so: a field too many is then an error, and not a slower program.
//! const _: () = assert!(size_of::<Sliced>() <= 24);
//! # let _ = Linked { value: 0, first: None, next: None };
//! # #[allow(dead_code)] fn read(l: &Linked) { let _ = (l.value, l.first.is_some(), l.next.is_some()); }
//! ```
//!
//! - **The order of fields** is the compiler's, who packs them. It is yours with `repr(C)`, and then sort them by alignment.
//! - **Sizes.** An enum is as large as its largest variant. Put what is large and rare behind a `&'a`: that costs
//!   nothing but a pointer here, since the arena puts it right beside.
//! - **Numbers for references.** An [`Id`](crate::Id) or a [`Symbol`](crate::Symbol) has 4 bytes, also in an `Option`; a `&str`
//!   has 16.
//! - **[`MIN_ALIGN`](super::costs#alignment)** rounds sizes up. For many small texts an `Arena<1>` packs tighter.
//! - **False sharing.** What different threads write must not lie in one line. The parts of a
//!   [`SyncArena`](crate::sync::SyncArena) lie in chunks of their own, so what they allocate doesn't.
//!
//! ```
//! use arenula::{Arena, Id, Symbol};
//!
//! struct Wide<'a> {
//!     name: &'a str,
//!     parent: Option<&'a Wide<'a>>,
//! }
//!
//! struct Narrow {
//!     name: Symbol,
//!     parent: Option<Id<Narrow>>,
//! }
//!
//! # #[cfg(target_pointer_width = "64")]
//! assert_eq!((size_of::<Wide>(), size_of::<Narrow>()), (24, 8));
//! # #[allow(dead_code)] fn read(w: &Wide, n: &Narrow) { let _ = (w.name, w.parent.is_some(), n.name, n.parent); }
//! let texts = Arena::<1>::with_min_align();
//! for word in ["to", "be", "or"] {
//!     texts.alloc_str(word);
//! }
//! assert_eq!(texts.allocated_bytes(), 6);
//! ```
//!
//! # Struct of arrays
//!
//! A loop that reads one field of many values wants that field's values side by side. In an arena that is as many slices as
//! there are fields, of the same length, and one struct to hold them:
//!
//! ```
//! use arenula::Arena;
//!
//! struct Particles<'a> {
//!     x: &'a mut [f32],
//!     speed: &'a mut [f32],
//!     name: &'a [&'a str],
//! }
//!
//! impl<'a> Particles<'a> {
//!     fn new(arena: &'a Arena, names: &[&str]) -> Self {
//!         Particles {
//!             x: arena.alloc_slice_fill_default(names.len()),
//!             speed: arena.alloc_slice_fill_with(names.len(), |i| i as f32),
//!             name: arena.alloc_iter(names.iter().map(|name| &*arena.alloc_str(name))),
//!         }
//!     }
//!
//!     /// Touches the names not at all.
//!     fn step(&mut self, time: f32) {
//!         for (x, speed) in self.x.iter_mut().zip(&*self.speed) {
//!             *x += speed * time;
//!         }
//!     }
//! }
//!
//! let arena = Arena::new();
//! let mut particles = Particles::new(&arena, &["one", "two", "three"]);
//! particles.step(0.5);
//! particles.step(0.5);
//! assert_eq!(particles.x, [0.0, 1.0, 2.0]);
//! assert_eq!(particles.name[2], "three");
//! ```
//!
//! The number of values must be known, or found by a first pass. Where it isn't, let one vector for each field grow in
//! [`scratch`](crate::scratch()), and copy them. To hold such a struct with its arena as one value, see
//! [`Owned`](crate::Owned); to make the next one from it, [`DoubleBuffer`](crate::DoubleBuffer).
