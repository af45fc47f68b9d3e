//! From `bumpalo`, `typed-arena`, `slotmap`, `lasso` and `string-interner`: what is called how, and what differs.
//!
//! 1. [From `bumpalo`](#from-bumpalo)
//! 2. [From `bumpalo-herd`](#from-bumpalo-herd)
//! 3. [From `typed-arena`](#from-typed-arena)
//! 4. [From `slotmap`](#from-slotmap)
//! 5. [From `lasso`](#from-lasso)
//! 6. [From `string-interner`](#from-string-interner)
//!
//! Rows say "the same" where only the name of the type changes. The versions are `bumpalo` 3.20, `bumpalo-herd` 0.1,
//! `typed-arena` 2.0, `slotmap` 1.1, `lasso` 0.7, `string-interner` 0.20. Programs of before are not compiled, those of after
//! are.
//!
//! # From `bumpalo`
//!
//! `Bump` becomes [`Arena`](crate::Arena). Both lend for as long as they are borrowed, run no destructors, and are `Send` and
//! not `Sync`; code that only allocates changes in the names of types.
//!
//! | `bumpalo` | `arenula` | what differs |
//! |---|---|---|
//! | `Bump::new()` | [`Arena::new()`](crate::Arena::new) | is `const`; `MIN_ALIGN` is 8, not 1 |
//! | `Bump<MIN_ALIGN>`, `with_min_align` | [`Arena<MIN_ALIGN>`](crate::Arena#parameters), [`with_min_align`](crate::Arena::with_min_align) | the same |
//! | `with_capacity`, `try_with_capacity` | the same | |
//! | `alloc`, `alloc_with`, `alloc_try_with` | the same | |
//! | `alloc_str`, `alloc_slice_copy`, `alloc_slice_clone` | the same | |
//! | `alloc_slice_fill_copy`, `_clone`, `_default`, `_with` | the same | |
//! | `alloc_slice_fill_iter` | the same, or [`alloc_iter`](crate::Arena::alloc_iter) for any iterator | one that gives too few makes the slice shorter, where `bumpalo` panics |
//! | `alloc_slice_try_fill_with` | the same | |
//! | `alloc_slice_try_fill_iter` | [`alloc_slice_try_fill_with`](crate::Arena::alloc_slice_try_fill_with) by index | |
//! | `alloc_layout` | the same | |
//! | `try_` of these | the same | `AllocErr` is [`AllocError`](crate::AllocError); `AllocOrInitError` has the same name and variants |
//! | `reset` | [`reset`](crate::Arena::reset) | makes one chunk of all, so it settles; `bumpalo` keeps the newest chunk. [`reset_with`](crate::Arena::reset_with) chooses |
//! | `set_allocation_limit`, `allocation_limit` | [`set_limit`](crate::Arena::set_limit), [`limit`](crate::Arena::limit) | counts headers too |
//! | `allocated_bytes` | [`allocated_bytes`](crate::Arena::allocated_bytes) | **another meaning**: what was handed out. `bumpalo`'s counts chunks |
//! | `allocated_bytes_including_metadata` | [`capacity`](crate::Arena::capacity) | |
//! | `chunk_capacity` | none | see [`stats`](crate::Arena::stats); to be sure of room, [`reserve`](crate::Arena::reserve) |
//! | `iter_allocated_chunks` | [`iter_chunks`](crate::Arena::iter_chunks) | in a chunk the oldest comes first, since the pointer moves up |
//! | `iter_allocated_chunks_raw` | none | |
//! | `collections::Vec<'b, T>` | [`Vec<T, &'b Arena>`](crate::vec::Vec) | that of `allocator-api2`, with std's surface |
//! | `collections::String<'b>` | [`String<&'b Arena>`](crate::string::String) | the same |
//! | `boxed::Box<'b, T>`, `Box::new_in` | [`Box<T, &'b Arena>`](crate::boxed::Box), [`alloc_box`](crate::Arena::alloc_box) | two words, not one; gives its memory back if it is the last |
//! | `Vec::from_iter_in(iter, &bump)`, `collect_in(&bump)` | [`collect_in(&arena)`](crate::collections::CollectIn) | also into a `Result` or `Option` of a container |
//! | `into_bump_slice`, `into_bump_slice_mut` | [`into_slice`](crate::vec::VecExt::into_slice) | gives spare room back |
//! | `into_bump_str` | [`into_str`](crate::string::String::into_str) | the same |
//! | `Box::leak` | [`Box::into_ref`](crate::boxed::BoxExt::into_ref) | |
//! | `vec![in &bump; ..]`, `format!(in &bump, ..)` | the same | without `in` they are std's |
//! | feature `allocator-api2` | always | `&Arena` is an allocator |
//!
//! What there is besides: [scopes](crate::Arena::scope), [`alloc_concat`](crate::Arena::alloc_concat),
//! [`alloc_fmt`](crate::Arena::alloc_fmt), [`alloc_uninit`](crate::Arena::alloc_uninit), other backing allocators, and
//! [`Owned`](crate::Owned).
//!
//! ```ignore
//! use bumpalo::{Bump, collections::Vec};
//!
//! let mut bump = Bump::new();
//! for line in ["3 1 2", "5 4"] {
//!     let mut numbers = Vec::new_in(&bump);
//!     numbers.extend(line.split(' ').map(|n| n.parse::<u32>().unwrap()));
//!     let numbers: &mut [u32] = numbers.into_bump_slice_mut();
//!     numbers.sort_unstable();
//!     let label = bump.alloc_str(&format!("least: {}", numbers[0]));
//!     assert!(label.starts_with("least: "));
//!     bump.reset();
//! }
//! ```
//!
//! ```
//! use arenula::Arena;
//! use arenula::vec::{Vec, VecExt};
//!
//! let mut arena = Arena::new();
//! for line in ["3 1 2", "5 4"] {
//!     let mut numbers = Vec::new_in(&arena);
//!     numbers.extend(line.split(' ').map(|n| n.parse::<u32>().unwrap()));
//!     let numbers: &mut [u32] = numbers.into_slice();
//!     numbers.sort_unstable();
//!     let label = arena.alloc_fmt(format_args!("least: {}", numbers[0]));
//!     assert!(label.starts_with("least: "));
//!     arena.reset();
//! }
//! ```
//!
//! # From `bumpalo-herd`
//!
//! `Herd` becomes [`ArenaPool`](crate::sync::ArenaPool). What is allocated through a member lives as long as the herd, in both.
//!
//! | `bumpalo-herd` | `arenula` | what differs |
//! |---|---|---|
//! | `Herd::new` | [`ArenaPool::new`](crate::sync::ArenaPool::new) | is `const`, for statics |
//! | `Herd::get` | [`get`](crate::sync::ArenaPool::get) | takes no lock; a thread gets the arena that it had before |
//! | `Member::alloc..` | the same | has the `try_` forms, `alloc_iter` and `alloc_fmt` too |
//! | `Member::as_bump` | the guard derefs to [`Arena`](crate::Arena) | |
//! | `Herd::reset` | [`reset`](crate::sync::ArenaPool::reset) | the same |
//! | none | [`get_owned`](crate::sync::ArenaPool::get_owned), [`absorb`](crate::sync::ArenaPool::absorb) | for tasks, and for what came as an [`Owned`](crate::Owned) |
//!
//! ```ignore
//! let herd = bumpalo_herd::Herd::new();
//! let texts: Vec<&str> = (0..3)
//!     .into_par_iter()
//!     .map_init(|| herd.get(), |bump, n| &*bump.alloc_str(&n.to_string()))
//!     .collect();
//! ```
//!
//! ```
//! use rayon::prelude::*;
//!
//! # // Not for interpreters: the threads of rayon are never joined.
//! # if cfg!(miri) { return; }
//! let pool = arenula::sync::ArenaPool::new();
//! let texts: Vec<&str> = (0..3)
//!     .into_par_iter()
//!     .map_init(|| pool.get(), |arena, n| &*arena.alloc_fmt(format_args!("{n}")))
//!     .collect();
//! assert_eq!(texts, ["0", "1", "2"]);
//! ```
//!
//! # From `typed-arena`
//!
//! `Arena<T>` becomes [`TypedArena<T>`](crate::TypedArena). Both are invariant in `T`, let values refer to each other, and run the
//! destructors when they are dropped.
//!
//! | `typed-arena` | `arenula` | what differs |
//! |---|---|---|
//! | `new` | [`new`](crate::TypedArena::new) | is `const`, and allocates nothing; `typed-arena` allocates some 1 KiB |
//! | `with_capacity` | [`with_capacity`](crate::TypedArena::with_capacity) | the same |
//! | `alloc` | [`alloc`](crate::TypedArena::alloc), [`alloc_with`](crate::TypedArena::alloc_with) | has `try_` forms |
//! | `alloc_extend` | [`alloc_iter`](crate::TypedArena::alloc_iter) | the same |
//! | `alloc_str` of an `Arena<u8>` | [`Arena::alloc_str`](crate::Arena::alloc_str), or [`alloc_slice_copy`](crate::TypedArena::alloc_slice_copy) of bytes | |
//! | `reserve_extend` | [`reserve`](crate::TypedArena::reserve) | the same |
//! | `alloc_uninitialized`, `uninitialized_array` | none | in an arena that drops there are no holes; see [`alloc_with`](crate::TypedArena::alloc_with), and [`Arena::alloc_slice_uninit`](crate::Arena::alloc_slice_uninit) |
//! | `len` | [`len`](crate::TypedArena::len), [`is_empty`](crate::TypedArena::is_empty) | |
//! | `iter_mut` | [`iter_mut`](crate::TypedArena::iter_mut) | in the order in which values were *completed*; that is the same, unless one is made inside of another's closure |
//! | `into_vec` | [`into_vec`](crate::TypedArena::into_vec), [`IntoIterator`], [`drain`](crate::TypedArena::drain) | the same order |
//! | drop | drop, or [`reset`](crate::TypedArena::reset), which keeps the memory | the first value first; `typed-arena` drops its newest chunk before the others |
//!
//! For shared iteration while it grows, for which `typed-arena` has nothing, take a [`FrozenArena`](crate::FrozenArena).
//!
//! ```ignore
//! use typed_arena::Arena;
//!
//! struct Node<'a> {
//!     name: String,
//!     parent: Option<&'a Node<'a>>,
//! }
//!
//! let nodes = Arena::new();
//! let root = &*nodes.alloc(Node { name: "root".into(), parent: None });
//! let leaves = nodes.alloc_extend(["a", "b"].map(|name| Node { name: name.into(), parent: Some(root) }));
//! assert_eq!(leaves[1].parent.unwrap().name, "root");
//! ```
//!
//! ```
//! use arenula::TypedArena;
//!
//! struct Node<'a> {
//!     name: String,
//!     parent: Option<&'a Node<'a>>,
//! }
//!
//! let nodes = TypedArena::new();
//! let root = &*nodes.alloc(Node { name: "root".into(), parent: None });
//! let leaves = nodes.alloc_iter(["a", "b"].map(|name| Node { name: name.into(), parent: Some(root) }));
//! assert_eq!(leaves[1].parent.unwrap().name, "root");
//! # assert_eq!(leaves[1].name, "b");
//! ```
//!
//! # From `slotmap`
//!
//! `SlotMap<K, V>` becomes [`Slots<V>`](crate::pool::Slots), and its keys [`Handle<V>`](crate::pool::Handle)s: 8 bytes both, also in
//! an `Option`. The type of the value tells handles of different slots apart; where two have values of one type, a newtype
//! around the handle does what `new_key_type!` does.
//!
//! | `slotmap` | `arenula` | what differs |
//! |---|---|---|
//! | `SlotMap::new`, `with_key` | [`Slots::new`](crate::pool::Slots::new) | is `const` |
//! | `with_capacity`, `capacity`, `reserve` | the same | more capacity copies no values: they never move |
//! | `insert` | [`insert`](crate::pool::Slots::insert) | the same, with a `try_` form |
//! | `insert_with_key` | [`insert_with`](crate::pool::Slots::insert_with) | the same |
//! | `try_insert_with_key` | none | make the value first, or remove it again. ([`try_insert_with`](crate::pool::Slots::try_insert_with) fails for want of memory only) |
//! | `get`, `get_mut`, `contains_key` | `get`, `get_mut`, [`contains`](crate::pool::Slots::contains) | the same |
//! | `map[key]` | `slots[handle]` | panics too |
//! | `get_disjoint_mut` | the same | |
//! | `get_unchecked` and like | none | |
//! | `remove` | the same | |
//! | `detach`, `reattach` | none | keep an `Option<V>` in the slot |
//! | `retain`, `clear`, `drain`, `len`, `is_empty` | the same | |
//! | `iter`, `iter_mut` | the same | skip 64 empty slots at a time, in the order of slots |
//! | `keys`, `values`, `values_mut` | `iter().map(..)`, `iter_mut().map(..)` | |
//! | `K::null`, `is_null` | `Option<Handle<V>>` | as large as the handle |
//! | `KeyData::as_ffi`, `from_ffi` | [`to_bits`](crate::pool::Handle::to_bits), [`from_bits`](crate::pool::Handle::from_bits) | `from_bits` gives an `Option` |
//! | `SecondaryMap` | a `Vec` by [`Handle::index`](crate::pool::Handle::index), with the handle beside | |
//! | `SparseSecondaryMap` | a hash map by handle | doesn't forget removed ones by itself |
//! | a slot after 2³¹ values | is used no more | `slotmap` begins anew there, and an old key may match |
//!
//! ```ignore
//! use slotmap::{DefaultKey, SlotMap};
//!
//! struct Player {
//!     health: u32,
//!     target: Option<DefaultKey>,
//! }
//!
//! let mut players = SlotMap::new();
//! let ada = players.insert(Player { health: 3, target: None });
//! let bob = players.insert_with_key(|_| Player { health: 5, target: Some(ada) });
//! players.remove(ada);
//! assert!(players[bob].target.and_then(|target| players.get(target)).is_none());
//! assert_eq!(players.values().map(|player| player.health).sum::<u32>(), 5);
//! ```
//!
//! ```
//! use arenula::pool::{Handle, Slots};
//!
//! struct Player {
//!     health: u32,
//!     target: Option<Handle<Player>>,
//! }
//!
//! let mut players = Slots::new();
//! let ada = players.insert(Player { health: 3, target: None });
//! let bob = players.insert_with(|_| Player { health: 5, target: Some(ada) });
//! players.remove(ada);
//! assert!(players[bob].target.and_then(|target| players.get(target)).is_none());
//! assert_eq!(players.iter().map(|(_, player)| player.health).sum::<u32>(), 5);
//! ```
//!
//! A secondary map, which tells stale handles by comparing:
//!
//! ```
//! use arenula::pool::{Handle, Slots};
//!
//! struct Beside<K, V>(Vec<Option<(Handle<K>, V)>>);
//!
//! impl<K, V> Beside<K, V> {
//!     fn insert(&mut self, handle: Handle<K>, value: V) {
//!         let index = handle.index() as usize;
//!         if self.0.len() <= index {
//!             self.0.resize_with(index + 1, || None);
//!         }
//!         self.0[index] = Some((handle, value));
//!     }
//!
//!     fn get(&self, handle: Handle<K>) -> Option<&V> {
//!         let (owner, value) = self.0.get(handle.index() as usize)?.as_ref()?;
//!         (*owner == handle).then_some(value)
//!     }
//! }
//!
//! let (mut names, mut ages) = (Slots::new(), Beside(Vec::new()));
//! let ada = names.insert("Ada");
//! ages.insert(ada, 36);
//! assert_eq!(ages.get(ada), Some(&36));
//! names.remove(ada);
//! let bob = names.insert("Bob");
//! assert_eq!(ages.get(bob), None);
//! ```
//!
//! # From `lasso`
//!
//! `Rodeo` becomes [`Interner`](crate::intern::Interner), `ThreadedRodeo` [`SyncInterner`](crate::sync::SyncInterner), and `Spur`
//! [`Symbol`](crate::Symbol), of four bytes with room for `None`. Texts go in by `&self`: so they can be resolved, and lent,
//! while others are added.
//!
//! | `lasso` | `arenula` | what differs |
//! |---|---|---|
//! | `Rodeo::new`, `with_capacity` | [`new`](crate::intern::InternerOf::new), [`with_capacity`](crate::intern::InternerOf::with_capacity), [`reserve`](crate::intern::InternerOf::reserve)`(texts, bytes)` | a new one owns nothing |
//! | `with_hasher` | the same | `lasso`'s default is std's hasher, ours `hashbrown`'s; see [`DefaultHasher`](crate::intern::DefaultHasher) |
//! | `get_or_intern(&mut self)` | [`symbol(&self)`](crate::intern::InternerOf::symbol); [`intern`](crate::intern::InternerOf::intern) for the `&str` | |
//! | `get_or_intern_static` | [`symbol_static`](crate::intern::InternerOf::symbol_static) | the same: nothing is copied |
//! | `try_get_or_intern` | [`try_symbol`](crate::intern::InternerOf::try_symbol) | the error is [`AllocError`](crate::AllocError), whatever the reason |
//! | `get` | [`get_symbol`](crate::intern::InternerOf::get_symbol) | **`get` gives the text here** |
//! | `contains` | `get_symbol(text).is_some()` | |
//! | `resolve(&key)`, `rodeo[key]` | [`resolve(symbol)`](crate::intern::InternerOf::resolve), `interner[symbol]` | panics too; takes the symbol by value |
//! | `try_resolve`, `contains_key` | [`get_text`](crate::intern::InternerOf::get_text) | |
//! | `resolve_unchecked` | none | |
//! | `iter`, `strings` | [`iter`](crate::intern::InternerOf::iter) | in the order of symbols, also those that are added meanwhile |
//! | `into_reader`, `into_resolver` | [`freeze`](crate::intern::InternerOf::freeze) | one type for both |
//! | `clear` | [`reset`](crate::intern::InternerOf::reset) | keeps the memory |
//! | `set_memory_limits` | [`set_limit`](crate::intern::InternerOf::set_limit) | counts the index too |
//! | `current_memory_usage` | [`held_bytes`](crate::intern::InternerOf::held_bytes) | counts the index too |
//! | `Spur::into_usize`, `try_from_usize` | [`index`](crate::Symbol::index), [`from_index`](crate::Symbol::from_index) | dense from 0 |
//! | `MiniSpur`, `MicroSpur`, `LargeSpur` | none | 32 bits |
//! | `ThreadedRodeo` | [`SyncInterner`](crate::sync::SyncInterner) | known texts are found without a lock; symbols have no gaps |
//! | `Clone`, `PartialEq` | none | |
//!
//! ```ignore
//! let mut rodeo = lasso::Rodeo::default();
//! let keys: Vec<lasso::Spur> = "to be or not to be".split(' ').map(|word| rodeo.get_or_intern(word)).collect();
//! assert_eq!(keys[0], keys[4]);
//! let reader = rodeo.into_reader();
//! assert_eq!(reader.resolve(&keys[3]), "not");
//! assert_eq!(reader.get("or"), Some(keys[2]));
//! ```
//!
//! ```
//! use arenula::{Interner, Symbol};
//!
//! let interner = Interner::new();
//! let symbols: Vec<Symbol> = "to be or not to be".split(' ').map(|word| interner.symbol(word)).collect();
//! assert_eq!(symbols[0], symbols[4]);
//! let reader = interner.freeze();
//! assert_eq!(reader.resolve(symbols[3]), "not");
//! assert_eq!(reader.get_symbol("or"), Some(symbols[2]));
//! ```
//!
//! # From `string-interner`
//!
//! | `string-interner` | `arenula` | what differs |
//! |---|---|---|
//! | `StringInterner<B, H>` | [`Interner<H>`](crate::intern::Interner) | no backends to choose: texts are packed in an arena, and found by number |
//! | `get_or_intern(&mut self)` | [`symbol(&self)`](crate::intern::InternerOf::symbol) | |
//! | `get_or_intern_static` | [`symbol_static`](crate::intern::InternerOf::symbol_static) | never copies; there that depends on the backend |
//! | `get` | [`get_symbol`](crate::intern::InternerOf::get_symbol) | **`get` gives the text here** |
//! | `resolve`, an `Option` | [`get_text`](crate::intern::InternerOf::get_text); [`resolve`](crate::intern::InternerOf::resolve) panics | |
//! | `iter`, `len`, `is_empty` | the same | |
//! | `shrink_to_fit` | [`freeze`](crate::intern::InternerOf::freeze) | |
//! | `Symbol::to_usize`, `try_from_usize` | [`index`](crate::Symbol::index), [`from_index`](crate::Symbol::from_index) | |
//!
//! ```ignore
//! let mut interner = string_interner::DefaultStringInterner::default();
//! let symbol = interner.get_or_intern("text");
//! assert_eq!(interner.resolve(symbol), Some("text"));
//! assert_eq!(interner.get("text"), Some(symbol));
//! ```
//!
//! ```
//! let interner = arenula::Interner::new();
//! let symbol = interner.symbol("text");
//! assert_eq!(interner.get_text(symbol), Some("text"));
//! assert_eq!(interner.get_symbol("text"), Some(symbol));
//! ```
