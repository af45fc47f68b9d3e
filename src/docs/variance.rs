//! Variance, the drop check, and what they have to do with arenas.
//!
//! 1. [The question](#the-question)
//! 2. [The answers for types of the language](#the-answers-for-types-of-the-language)
//! 3. [Who can write must know exactly](#who-can-write-must-know-exactly)
//! 4. [`Arena` remembers nothing](#arena-remembers-nothing)
//! 5. [`Scope` is only lent](#scope-is-only-lent)
//! 6. [`TypedArena` gives back what was put in](#typedarena-gives-back-what-was-put-in)
//! 7. [`DropArena` has a lifetime instead of a type](#droparena-has-a-lifetime-instead-of-a-type)
//! 8. [`iter` beside `alloc`](#iter-beside-alloc)
//! 9. [The drop check](#the-drop-check)
//! 10. [Which `PhantomData`](#which-phantomdata)
//! 11. [Two lifetimes behind `&mut`](#two-lifetimes-behind-mut)
//! 12. [`T: 'static` is not forever](#t-static-is-not-forever)
//! 13. [What `-> impl Trait` captures](#what---impl-trait-captures)
//!
//! # The question
//!
//! A reference that is good for the whole program is also good for the next three lines. So Rust takes a
//! `&'static str` wherever a `&'a str` is asked for, and nobody thinks about it:
//!
//! ```
//! fn longer<'a>(one: &'a str, two: &'a str) -> &'a str {
//!     if one.len() < two.len() { two } else { one }
//! }
//!
//! let fixed: &'static str = "fixed";
//! let text = String::from("of this block");
//! assert_eq!(longer(fixed, &text), "of this block");
//! ```
//!
//! There is one `'a` for both arguments, and `fixed` has another lifetime than `&text`. The compiler picks
//! the shorter one for `'a` and *sees* `fixed` as a `&'a str`. Nothing happens to it at run time.
//!
//! Now wrap the reference in something. May an `X<&'static str>` be seen as an `X<&'a str>`? That depends on
//! `X`, and the answer is called its **variance**:
//!
//! - **covariant**: yes. The wrapper may be seen with a shorter lifetime, as the reference may.
//! - **contravariant**: no, but the other way round. The wrapper may be seen with a longer one.
//! - **invariant**: neither. The lifetime stays what it is.
//!
//! You never write the answer down. The compiler works it out from the fields of `X`, and takes the
//! strictest that it finds. To learn it, ask by a program: a function that wants the same lifetime twice.
//!
//! ```
//! fn together<'a>(_: Vec<&'a str>, _: &'a str) {}
//!
//! fn ask(wrapped: Vec<&'static str>) {
//!     let text = String::from("short");
//!     together(wrapped, &text);
//! }
//! ```
//!
//! This compiles, so `Vec` is covariant. With `Cell` in place of `Vec` it does not: `'a` would have to be
//! `'static`, and `text` does not live that long.
//!
//! ```compile_fail,E0597
//! # use std::cell::Cell;
//! fn together<'a>(_: Cell<&'a str>, _: &'a str) {}
//!
//! fn ask(wrapped: Cell<&'static str>) {
//!     let text = String::from("short");
//!     together(wrapped, &text);
//! }
//! ```
//!
//! # The answers for types of the language
//!
//! | type | `'a` | `T` |
//! |---|---|---|
//! | `&'a T` | covariant | covariant |
//! | `&'a mut T` | covariant | **invariant** |
//! | `UnsafeCell<T>`, and so `Cell<T>`, `RefCell<T>`, `Mutex<T>`, which have one inside | | **invariant** |
//! | `Box<T>`, `Vec<T>`, `Option<T>`, `[T; N]`, `(T, U)` | | covariant |
//! | `fn() -> T` | | covariant |
//! | `fn(T)` | | **contravariant** |
//! | `fn(T) -> T` | | **invariant** |
//! | `*const T`, `NonNull<T>` | | covariant |
//! | `*mut T` | | **invariant** |
//! | `dyn Trait<T> + 'a` | covariant | **invariant** |
//! | `PhantomData<X>` | as in `X` | as in `X` |
//!
//! Each "covariant" of the table, as functions that compile:
//!
//! ```
//! use std::marker::PhantomData;
//! use std::ptr::NonNull;
//!
//! trait Trait {}
//!
//! fn shared<'a, 'long: 'a>(x: &'long &'long str) -> &'a &'a str { x }
//! // In an `Option`, because a bare `&mut` is not seen as another but lent on anew.
//! fn exclusive<'a, 'long: 'a>(x: Option<&'long mut u8>) -> Option<&'a mut u8> { x }
//! fn boxed<'a>(x: Box<&'static str>) -> Box<&'a str> { x }
//! fn vec<'a>(x: Vec<&'static str>) -> Vec<&'a str> { x }
//! fn option<'a>(x: Option<&'static str>) -> Option<&'a str> { x }
//! fn array<'a>(x: [&'static str; 2]) -> [&'a str; 2] { x }
//! fn tuple<'a>(x: (&'static str, u8)) -> (&'a str, u8) { x }
//! fn result<'a>(x: fn() -> &'static str) -> fn() -> &'a str { x }
//! fn pointer<'a>(x: *const &'static str) -> *const &'a str { x }
//! fn non_null<'a>(x: NonNull<&'static str>) -> NonNull<&'a str> { x }
//! fn object<'a>(x: Vec<Box<dyn Trait + 'static>>) -> Vec<Box<dyn Trait + 'a>> { x }
//! fn phantom<'a>(x: PhantomData<&'static str>) -> PhantomData<&'a str> { x }
//!
//! // And the other way round: a function of any text is also one of texts that live long.
//! fn argument<'a>(x: fn(&'a str)) -> fn(&'static str) { x }
//! fn phantom_argument<'a>(x: PhantomData<fn(&'a str)>) -> PhantomData<fn(&'static str)> { x }
//! ```
//!
//! And what does not compile, one by one, beside the `Cell` from above:
//!
//! ```compile_fail,E0597
//! fn together<'a>(_: &mut &'a str, _: &'a str) {}
//! fn ask(wrapped: &mut &'static str) {
//!     let text = String::from("short");
//!     together(wrapped, &text);
//! }
//! ```
//!
//! ```compile_fail,E0597
//! fn together<'a>(_: fn(&'a str), _: &'a str) {}
//! fn ask(wrapped: fn(&'static str)) {
//!     let text = String::from("short");
//!     together(wrapped, &text);
//! }
//! ```
//!
//! ```compile_fail,E0597
//! // What would do for a `fn() -> T` is spoilt by the argument. (The other direction, by the result.)
//! fn together<'a>(_: fn(&'a str) -> &'a str, _: &'a str) {}
//! fn ask(wrapped: fn(&'static str) -> &'static str) {
//!     let text = String::from("short");
//!     together(wrapped, &text);
//! }
//! ```
//!
//! ```compile_fail,E0597
//! fn together<'a>(_: *mut &'a str, _: &'a str) {}
//! fn ask(wrapped: *mut &'static str) {
//!     let text = String::from("short");
//!     together(wrapped, &text);
//! }
//! ```
//!
//! ```compile_fail,E0597
//! trait Trait<T> {}
//! fn together<'a>(_: &dyn Trait<&'a str>, _: &'a str) {}
//! fn ask(wrapped: &dyn Trait<&'static str>) {
//!     let text = String::from("short");
//!     together(wrapped, &text);
//! }
//! ```
//!
//! A function such as `boxed` asks as well. Where it is refused the message has no number: it is "lifetime may
//! not live long enough", and a note below names the type that is to blame, "requirement occurs because of the
//! type `Cell<&str>`, which makes the generic argument `&str` invariant". That note is the one to look for.
//!
//! ```compile_fail
//! fn cell<'a>(x: std::cell::Cell<&'static str>) -> std::cell::Cell<&'a str> { x }
//! ```
//!
//! And for the types of this crate; the reasons come below:
//!
//! | type | variance | why |
//! |---|---|---|
//! | [`Arena<N, A>`](crate::Arena) | covariant in `A`; no lifetime of values | [values are forgotten](#arena-remembers-nothing) |
//! | `&'a Arena` | covariant in `'a` | it is a shared reference |
//! | [`Scope<'s>`](crate::Scope) | covariant in `'s`, but only lent as `&mut Scope<'s>`, which is **invariant** | [it must not be swapped](#scope-is-only-lent) |
//! | [`TypedArena<T, A>`](crate::TypedArena) | **invariant** in `T`, covariant in `A` | [puts in by `&self`, gives back](#typedarena-gives-back-what-was-put-in) |
//! | [`FrozenArena<T, A>`](crate::FrozenArena) | **invariant** in `T`, covariant in `A` | the same |
//! | [`DropArena<'d, V, A>`](crate::DropArena) | **invariant** in `'d`, covariant in `A` | [puts in by `&self`, runs destructors](#droparena-has-a-lifetime-instead-of-a-type) |
//! | [`Id<T>`](crate::Id) | covariant | [a number that names a `T`](#which-phantomdata) |
//!
//! ```
//! use arenula::{AnyValue, Arena, DropArena, FrozenArena, Id, Scope, TypedArena};
//!
//! fn lent<'a, 'long: 'a>(x: &'long Arena) -> &'a Arena { x }
//! fn backed<'a, 'long: 'a>(x: Arena<8, &'long Arena>) -> Arena<8, &'a Arena> { x }
//! fn scope<'a, 'long: 'a>(x: Scope<'long>) -> Scope<'a> { x }
//! fn typed<'a, 'long: 'a>(x: TypedArena<u8, &'long Arena>) -> TypedArena<u8, &'a Arena> { x }
//! fn frozen<'a, 'long: 'a>(x: FrozenArena<u8, &'long Arena>) -> FrozenArena<u8, &'a Arena> { x }
//! fn dropping<'a, 'd, 'long: 'a>(
//!     x: DropArena<'d, AnyValue, &'long Arena>,
//! ) -> DropArena<'d, AnyValue, &'a Arena> { x }
//! fn id<'a>(x: Id<&'static str>) -> Id<&'a str> { x }
//! ```
//!
//! # Who can write must know exactly
//!
//! Why is `&mut T` invariant in `T`? Suppose that `&mut &'static str` could be seen as `&mut &'a str`. Then
//! who sees it so may write a short-lived text into it:
//!
//! ```compile_fail,E0597
//! fn put<'a>(place: &mut &'a str, text: &'a str) {
//!     *place = text;
//! }
//!
//! let mut kept: &'static str = "static";
//! {
//!     let text = String::from("gone at the end of the block");
//!     put(&mut kept, &text);
//! }
//! println!("{kept}");
//! ```
//!
//! The one who looks through the short-lived view goes away, but what he wrote stays, and the owner of `kept`
//! still believes it to be `'static`. Nothing was converted, there is one place with two opinions about it.
//!
//! From that the whole table follows:
//!
//! - Who only **reads** a `T` is content with more than he asked for: covariant. (`&T`, `fn() -> T`.)
//! - Who only **takes** a `T` can also serve those who bring more: contravariant. (`fn(T)`.)
//! - Who does **both** must know exactly: invariant. (`&mut T`, `Cell<T>`, `fn(T) -> T`.)
//!
//! A `Vec<T>` can be written to, and is covariant all the same, because one needs a `&mut Vec<T>` to do it.
//! That reference is invariant, and does the guarding. A `Cell<T>` is written to by `&Cell<T>`, which guards
//! nothing; so it must do the guarding itself. **A type into which values can be put by `&self`, and got out of
//! again, has to be invariant.**
//!
//! # `Arena` remembers nothing
//!
//! Into every arena values are put by `&self`. And yet [`Arena`](crate::Arena) has no parameter for what is in
//! it, and no lifetime. One arena takes values that borrow from anything, even from what dies before it:
//!
//! ```
//! use arenula::Arena;
//!
//! let arena = Arena::new();
//! for line in ["a b", "c d e"] {
//!     let line = line.to_uppercase();
//!     let words: &[&str] = arena.alloc_iter(line.split(' '));
//!     assert!(words.len() >= 2);
//! } // `line` is gone. `words` still lies in the arena, and its references dangle.
//! assert!(arena.allocated_bytes() > 0);
//! ```
//!
//! This is sound because nobody can come back to those references. The arena runs no destructor on them, has
//! no iterator over them, and gives none of them out again. The only way to a value is the `&'a mut T` that
//! `alloc` returned, and the type of *that* has both lifetimes in it: that of the loan, and those in `T`. A
//! reference can't outlive what its type mentions:
//!
//! ```compile_fail,E0597
//! use arenula::Arena;
//!
//! let arena = Arena::new();
//! let words: &[&str];
//! {
//!     let line = String::from("a b");
//!     words = arena.alloc_iter(line.split(' '));
//! }
//! println!("{words:?}");
//! ```
//!
//! So "put in by `&self`" is half of the danger. The other half is "get out again as the type that I
//! remember", and an arena that remembers no type has not got it. That is the price of the convenience, too:
//! what can't be found again can't be iterated or dropped.
//!
//! Since there is nothing to guard, `&'a Arena` is an ordinary shared reference, and covariant. That is why a
//! struct with an arena and a tree in it needs one lifetime, not two. A tree that can be read for `'long` can
//! be read for `'a`:
//!
//! ```
//! use arenula::Arena;
//!
//! struct Node<'a> {
//!     name: &'a str,
//!     children: &'a [Node<'a>],
//! }
//!
//! struct Tree<'a> {
//!     arena: &'a Arena,
//!     root: &'a Node<'a>,
//! }
//!
//! fn shorten<'a, 'long: 'a>(tree: Tree<'long>) -> Tree<'a> {
//!     tree
//! }
//!
//! let arena = Arena::new();
//! let children = arena.alloc_iter([Node { name: "leaf", children: &[] }]);
//! let tree = Tree { arena: &arena, root: arena.alloc(Node { name: "root", children }) };
//! let tree = shorten(tree);
//! assert_eq!(tree.root.children[0].name, "leaf");
//! assert!(tree.arena.contains(tree.root));
//! ```
//!
//! With a `&mut` in it, `Tree` is invariant, and `shorten` refused. As a rule, build a tree with `&mut` and store
//! it with `&`.
//!
//! ```compile_fail
//! # struct Node<'a> {
//! #     name: &'a str,
//! # }
//! struct Tree<'a> {
//!     root: &'a mut Node<'a>,
//! }
//!
//! fn shorten<'a, 'long: 'a>(tree: Tree<'long>) -> Tree<'a> {
//!     tree // "mutable references are invariant over their type parameter"
//! }
//! ```
//!
//! What ends the loans is [`reset`](crate::Arena::reset), and it is `&mut self`, so that there are none:
//!
//! ```compile_fail,E0502
//! let mut arena = arenula::Arena::new();
//! let number = arena.alloc(1);
//! arena.reset();
//! println!("{number}");
//! ```
//!
//! # `Scope` is only lent
//!
//! A [`Scope<'s>`](crate::Scope) holds a `&'s Arena` and nothing else, so it is covariant. But what a user gets
//! hold of is a `&mut Scope<'s>`, and behind `&mut` all is invariant. That is on purpose. If `'s` could be
//! shortened there, the scopes of two arenas could be brought to one type and swapped; the one with the
//! longer life would then hand out memory of the other, which ends first.
//!
//! ```compile_fail,E0521
//! use arenula::Arena;
//!
//! let (mut first, mut second) = (Arena::new(), Arena::new());
//! first.scope(|a| {
//!     second.scope(|b| std::mem::swap(a, b));
//!     a.alloc(1);
//! });
//! ```
//!
//! The second guard is the type of the closure: `impl FnOnce(&mut Scope<'_>) -> R` has to accept *every*
//! lifetime, and `R` is chosen before any of them. So no `'s` can be in `R`, and nothing of the scope leaves
//! it:
//!
//! ```compile_fail
//! // The message, "lifetime may not live long enough", has no number.
//! let mut arena = arenula::Arena::new();
//! let dangling = arena.scope(|s| s.alloc(1));
//! ```
//!
//! # `TypedArena` gives back what was put in
//!
//! A [`TypedArena<T>`](crate::TypedArena) knows the type of its values, drops them, and has `into_vec`,
//! `drain`, `iter_mut`. Those hand values out as the `T` that the *arena's type* says. And `alloc` takes what
//! the *view of the arena* says. The two must be the same.
//!
//! Here are the signatures of a typed arena whose author wrote `PhantomData<T>`, which is covariant. The
//! bodies do not matter (they must not run), for the error is made by the types alone: **this compiles**.
//!
//! ```no_run
//! use std::marker::PhantomData;
//!
//! struct Covariant<T>(PhantomData<T>);
//!
//! impl<T> Covariant<T> {
//!     fn new() -> Self { panic!("never run") }
//!     fn alloc(&self, value: T) -> &mut T { panic!("never run") }
//!     fn into_vec(self) -> Vec<T> { panic!("never run") }
//! }
//!
//! fn put<'a>(arena: &Covariant<&'a str>, text: &'a str) {
//!     arena.alloc(text);
//! }
//!
//! let arena: Covariant<&'static str> = Covariant::new();
//! {
//!     let text = String::from("freed at the end of the block");
//!     put(&arena, &text); // sees the arena as one of short-lived texts
//! }
//! let texts: Vec<&'static str> = arena.into_vec();
//! println!("{texts:?}"); // reads freed memory
//! ```
//!
//! It is the `put` of [above](#who-can-write-must-know-exactly) once more, with an arena for a place. With the
//! arena of this crate the compiler stops it:
//!
//! ```compile_fail,E0597
//! use arenula::TypedArena;
//!
//! fn put<'a>(arena: &TypedArena<&'a str>, text: &'a str) {
//!     arena.alloc(text);
//! }
//!
//! let arena: TypedArena<&'static str> = TypedArena::new();
//! {
//!     let text = String::from("freed at the end of the block");
//!     put(&arena, &text);
//! }
//! println!("{:?}", arena.into_vec());
//! ```
//!
//! Nor with a [`FrozenArena`](crate::FrozenArena), for the same reason:
//!
//! ```compile_fail,E0597
//! use arenula::FrozenArena;
//!
//! fn put<'a>(arena: &FrozenArena<&'a str>, text: &'a str) {
//!     arena.push(text);
//! }
//!
//! let arena: FrozenArena<&'static str> = FrozenArena::new();
//! {
//!     let text = String::from("freed at the end of the block");
//!     put(&arena, &text);
//! }
//! println!("{arena:?}");
//! ```
//!
//! The fields alone would not say so. The values lie behind untyped pointers, so that the compiler sees no `T`
//! at all; a `PhantomData<Cell<T>>` says it in their place: *as if there were cells with `T`s in here*.
//!
//! What does invariance cost? Little, as long as the arena's lifetime is left to the compiler. It picks one
//! that fits all that is ever put in, and only the values are seen as shorter-lived, each on its way in:
//!
//! ```
//! use arenula::TypedArena;
//!
//! let text = String::from("borrowed");
//! let arena = TypedArena::new();
//! arena.alloc("static");
//! arena.alloc(text.as_str());
//! assert_eq!(arena.into_vec(), ["static", "borrowed"]);
//! ```
//!
//! It shows where a type is written out. Who uses one lifetime for the loan of the arena and for what is in it
//! asks for a loan as long as the values are good:
//!
//! ```compile_fail,E0597
//! # use arenula::TypedArena;
//! fn add<'a>(arena: &'a TypedArena<&'a str>) {
//!     arena.alloc("text");
//! }
//!
//! let arena: TypedArena<&'static str> = TypedArena::new();
//! add(&arena); // would have to be lent for `'static`
//! ```
//!
//! Leave the loan its own lifetime:
//!
//! ```
//! # use arenula::TypedArena;
//! fn add<'b>(arena: &TypedArena<&'b str>) {
//!     arena.alloc("text");
//! }
//!
//! let arena: TypedArena<&'static str> = TypedArena::new();
//! add(&arena);
//! assert_eq!(arena.len(), 1);
//! ```
//!
//! (Only the nodes of a graph, which borrow from their own arena, want the same: `&'a TypedArena<Node<'a>>`.)
//!
//! # `DropArena` has a lifetime instead of a type
//!
//! A [`DropArena<'d>`](crate::DropArena) takes values of any types, and runs their destructors. It can't name
//! the types. But a destructor reads what its value borrows, so something in the arena's type must say how
//! long that is. That is `'d`: all values that go in are `T: 'd`, which says that what they borrow lives for
//! `'d` at least.
//!
//! It can't be covariant. Then one could shorten `'d`, and put in what lives for the shorter time only, while
//! the arena itself remains for the longer one:
//!
//! ```no_run
//! use std::marker::PhantomData;
//!
//! struct Covariant<'d>(PhantomData<&'d ()>);
//!
//! impl<'d> Covariant<'d> {
//!     fn new() -> Self { panic!("never run") }
//!     fn alloc<T: 'd>(&self, value: T) -> &mut T { panic!("never run") }
//! }
//! impl Drop for Covariant<'_> {
//!     fn drop(&mut self) { /* would run the destructors of all values */ }
//! }
//!
//! struct Noisy<'a>(&'a str);
//! impl Drop for Noisy<'_> {
//!     fn drop(&mut self) { println!("{}", self.0); }
//! }
//!
//! fn put<'a>(arena: &Covariant<'a>, text: &'a str) {
//!     arena.alloc(Noisy(text));
//! }
//!
//! let arena: Covariant<'static> = Covariant::new();
//! {
//!     let text = String::from("freed at the end of the block");
//!     put(&arena, &text);
//! }
//! drop(arena); // prints freed memory
//! ```
//!
//! Why is it not contravariant, then? `alloc` would not mind: seen with a longer `'d`, it refuses more than it
//! has to, which harms nobody. But `'d` has a second use, at the other end of the arena's life. It keeps the
//! arena from outliving what its values borrow. Whoever could lengthen it would carry the arena out:
//!
//! ```no_run
//! use std::marker::PhantomData;
//!
//! struct Contravariant<'d>(PhantomData<fn(&'d ())>);
//!
//! impl<'d> Contravariant<'d> {
//!     fn new() -> Self { panic!("never run") }
//!     fn alloc<T: 'd>(&self, value: T) -> &mut T { panic!("never run") }
//! }
//! impl Drop for Contravariant<'_> {
//!     fn drop(&mut self) { /* would run the destructors of all values */ }
//! }
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//!
//! let kept: Contravariant<'static>;
//! {
//!     let text = String::from("freed at the end of the block");
//!     let arena = Contravariant::new();
//!     arena.alloc(Noisy(&text));
//!     kept = arena; // from here on it has nothing to do with `text`, says its type
//! }
//! drop(kept); // prints freed memory
//! ```
//!
//! Both programs again, with the arena of this crate:
//!
//! ```compile_fail,E0597
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//! use arenula::DropArena;
//!
//! fn put<'a>(arena: &DropArena<'a>, text: &'a str) {
//!     arena.alloc(Noisy(text));
//! }
//!
//! let arena: DropArena<'static> = DropArena::new();
//! {
//!     let text = String::from("freed at the end of the block");
//!     put(&arena, &text);
//! }
//! drop(arena);
//! ```
//!
//! ```compile_fail,E0597
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//! use arenula::DropArena;
//!
//! let kept: DropArena<'static>;
//! {
//!     let text = String::from("freed at the end of the block");
//!     let arena = DropArena::new();
//!     arena.alloc(Noisy(&text));
//!     kept = arena;
//! }
//! drop(kept);
//! ```
//!
//! The `'d` has a cost as well. It is asked of every type, whether or not it has a destructor, and nothing that
//! borrows from the arena itself lives as long as `'d`. Values without destructor that do so belong in
//! [`arena.arena()`](crate::DropArena::arena), the plain arena below, where nothing is remembered:
//!
//! ```
//! use arenula::DropArena;
//!
//! let arena = DropArena::new();
//! let text: &str = arena.alloc(String::from("of the arena"));
//! let words: &[&str] = arena.arena().alloc_iter(text.split(' '));
//! assert_eq!(words.len(), 3);
//! ```
//!
//! # `iter` beside `alloc`
//!
//! People ask typed arenas for an `iter(&self)`, since "it only reads". Look at the two signatures side by
//! side. This compiles:
//!
//! ```no_run
//! # use std::marker::PhantomData;
//! # use std::cell::Cell;
//! struct Iterable<T>(PhantomData<Cell<T>>);
//!
//! impl<T> Iterable<T> {
//!     fn new() -> Self { panic!("never run") }
//!     fn alloc(&self, value: T) -> &mut T { panic!("never run") }
//!     fn iter(&self) -> std::slice::Iter<'_, T> { panic!("never run") }
//! }
//!
//! let arena = Iterable::new();
//! let first: &mut String = arena.alloc(String::from("first"));
//! for text in arena.iter() {
//!     let view: &str = text;
//!     first.push_str(" grows, and its old buffer is freed");
//!     println!("{view}"); // reads the old buffer
//! }
//! ```
//!
//! Variance has no part in it. The loan of `alloc` is a shared one, of the arena; that it stands for an
//! exclusive one, of the value, is a promise of the arena's: *nobody else gets to this value as long as you
//! may*. An `iter(&self)` breaks that promise. So does an `index(&self)`, and so would a `Debug` that prints
//! the values. (`Vec` has both `iter` and `push`, but there `push` is `&mut self`, and lends nothing.)
//!
//! There are two ways out, and the crate has both. Either all loans end before one looks at the values:
//! [`TypedArena::iter_mut`](crate::TypedArena::iter_mut) is `&mut self`, and so can't meet a `first` that is
//! still in use.
//!
//! ```compile_fail,E0502
//! use arenula::TypedArena;
//!
//! let mut arena = TypedArena::new();
//! let first = arena.alloc(String::from("first"));
//! for text in arena.iter_mut() {
//!     first.push_str(&text);
//! }
//! ```
//!
//! Or no exclusive loan is ever made: [`FrozenArena::alloc`](crate::FrozenArena::alloc) gives a `&T`, of which
//! there can be as many as one likes. Then values can be read, indexed, and iterated while more are added,
//! because they do not move. Whatever has to change is put in a `Cell`, or waits for `&mut FrozenArena`.
//!
//! ```
//! use arenula::FrozenArena;
//! use std::cell::Cell;
//!
//! let arena = FrozenArena::new();
//! let first: &Cell<u32> = arena.alloc(Cell::new(3));
//! for number in &arena {
//!     if number.get() > 0 {
//!         arena.alloc(Cell::new(number.get() - 1));
//!     }
//!     first.set(0);
//! }
//! assert!(arena.iter().map(Cell::get).eq([0, 2, 1, 0]));
//! ```
//!
//! # The drop check
//!
//! Variables are dropped in reverse order of declaration. When a value goes, other things may be gone already:
//! what was declared after it. A destructor must not see those. For each value that goes out of scope, the
//! compiler asks: *could its destructor look at something that is gone?*
//!
//! It does not read the body of the destructor, only the type:
//!
//! - If the type has a `Drop` impl, that could look at all it has. Every lifetime in the type's parameters has
//!   to be still running.
//! - If it has none, the same is asked of its fields. A reference has no destructor, so a struct of
//!   references may go after what they refer to.
//!
//! ```
//! struct Plain<T>(Vec<T>);
//!
//! let mut plain = Plain(Vec::new());
//! let text = String::from("declared later, gone first");
//! plain.0.push(&text);
//! ```
//!
//! The same with a `Drop` impl is refused, even with an empty one:
//!
//! ```compile_fail,E0597
//! struct Dropping<T>(Vec<T>);
//! impl<T> Drop for Dropping<T> {
//!     fn drop(&mut self) {}
//! }
//!
//! let mut dropping = Dropping(Vec::new());
//! let text = String::from("declared later, gone first");
//! dropping.0.push(&text);
//! ```
//!
//! But `Vec` has a `Drop` impl, and stood the test in `Plain`. The standard library may promise the compiler
//! that a destructor does nothing with a `T` but drop it (the attribute is called `may_dangle`, and is
//! unstable). Then only the destructors of `T` are asked about. A crate that wants this on a stable compiler
//! has to arrange its fields so that the same question comes out.
//!
//! **`TypedArena` does it in two steps.** First, the `Drop` impl sits on an inner type that does not name `T`,
//! and so no lifetime in it. It knows how to drop the values by a function pointer, which was made where `T`
//! was known. Second, a `PhantomData` says that there are `T`s in here, so that *their* destructors are asked
//! about:
//!
//! ```
//! use std::cell::Cell;
//! use std::marker::PhantomData;
//!
//! /// The memory. It has a destructor, but no parameter that it could look at.
//! struct Store(/* pointers, and how to drop what they point to */);
//! impl Drop for Store {
//!     fn drop(&mut self) {}
//! }
//!
//! struct Typed<T>(Store, PhantomData<Cell<T>>);
//! impl<T> Typed<T> {
//!     fn alloc(&self, _: T) {}
//! }
//!
//! let arena = Typed(Store(), PhantomData);
//! let text = String::from("declared later, gone first");
//! arena.alloc(&text);
//! ```
//!
//! This is what lets values of a typed arena refer to each other. They can all be reached until the arena
//! goes, and then they all go together, in some order. Fine, as long as no destructor follows a reference:
//!
//! ```
//! use arenula::TypedArena;
//! use std::cell::Cell;
//!
//! struct Node<'a> {
//!     name: String,
//!     next: Cell<Option<&'a Node<'a>>>,
//! }
//!
//! let nodes = TypedArena::new();
//! let node = |name: &str| &*nodes.alloc(Node { name: name.to_owned(), next: Cell::new(None) });
//! let (one, two) = (node("one"), node("two"));
//! one.next.set(Some(two));
//! two.next.set(Some(one));
//! assert_eq!(one.next.get().unwrap().name, "two");
//! ```
//!
//! As soon as `Node` has a `Drop` impl, it could follow `next` to a node that is gone, and is refused:
//!
//! ```compile_fail,E0597
//! # use arenula::TypedArena;
//! # use std::cell::Cell;
//! # struct Node<'a> {
//! #     name: String,
//! #     next: Cell<Option<&'a Node<'a>>>,
//! # }
//! impl Drop for Node<'_> {
//!     fn drop(&mut self) {
//!         println!("{} before {:?}", self.name, self.next.get().map(|next| &next.name));
//!     }
//! }
//! # let nodes = TypedArena::new();
//! # let node = |name: &str| &*nodes.alloc(Node { name: name.to_owned(), next: Cell::new(None) });
//! # let (one, two) = (node("one"), node("two"));
//! # one.next.set(Some(two));
//! # two.next.set(Some(one));
//! # assert_eq!(one.next.get().unwrap().name, "two");
//! ```
//!
//! Leave out the second step, and the compiler is asked about nothing at all. Here `PhantomData<fn(T) -> T>`
//! is invariant, as it should be, but says that no `T` is owned. **This compiles**, and the destructor of
//! `Noisy` would print a text that is gone:
//!
//! ```no_run
//! # use std::marker::PhantomData;
//! # struct Store();
//! # impl Drop for Store {
//! #     fn drop(&mut self) {}
//! # }
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//! struct Forgetful<T>(Store, PhantomData<fn(T) -> T>);
//! impl<T> Forgetful<T> {
//!     fn alloc(&self, value: T) -> &mut T { panic!("never run") }
//! }
//!
//! let arena = Forgetful(Store(), PhantomData);
//! let text = String::from("declared later, gone first");
//! arena.alloc(Noisy(&text));
//! ```
//!
//! The real one is asked, and refuses:
//!
//! ```compile_fail,E0597
//! # use arenula::TypedArena;
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//! let arena = TypedArena::new();
//! let text = String::from("declared later, gone first");
//! arena.alloc(Noisy(&text));
//! ```
//!
//! **`DropArena` must not do that.** There is no `T` in its type to ask about, only `'d`, and a lifetime alone
//! has no destructor. With the `Drop` impl on an inner type the compiler would find nothing that could look at
//! what lives for `'d`. **This compiles** too:
//!
//! ```no_run
//! # use std::marker::PhantomData;
//! # use std::cell::Cell;
//! # struct Store();
//! # impl Drop for Store {
//! #     fn drop(&mut self) {}
//! # }
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//! struct Hollow<'d>(Store, PhantomData<Cell<&'d ()>>);
//! impl<'d> Hollow<'d> {
//!     fn alloc<T: 'd>(&self, value: T) -> &mut T { panic!("never run") }
//! }
//!
//! let arena = Hollow(Store(), PhantomData);
//! let text = String::from("declared later, gone first");
//! arena.alloc(Noisy(&text)); // would print it when it is gone
//! ```
//!
//! So `DropArena<'d>` has a `Drop` impl of its own. It names `'d`, and the compiler wants `'d` to be still
//! running. That is also why values of a `DropArena` can't refer to each other: what they borrow must outlive
//! the arena, strictly.
//!
//! ```compile_fail,E0597
//! # use arenula::DropArena;
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//! let arena = DropArena::new();
//! let text = String::from("declared later, gone first");
//! arena.alloc(Noisy(&text));
//! ```
//!
//! Declare `text` before `arena`, and all is well.
//!
//! # Which `PhantomData`
//!
//! `PhantomData<X>` says "treat me as if there were an `X` in here". It answers three questions at once, so
//! choose by all three:
//!
//! | marker | variance | owns a `T`, for the drop check | `Send`, `Sync` |
//! |---|---|---|---|
//! | `PhantomData<T>` | covariant | yes | as `T` |
//! | `PhantomData<Cell<T>>` | invariant | yes | `Send` as `T`; never `Sync` |
//! | `PhantomData<&'a T>` | covariant in both | no | both if `T: Sync` |
//! | `PhantomData<&'a mut T>` | covariant in `'a`, invariant in `T` | no | as `T` |
//! | `PhantomData<*const T>` | covariant | no | neither |
//! | `PhantomData<*mut T>` | invariant | no | neither |
//! | `PhantomData<fn() -> T>` | covariant | no | both, always |
//! | `PhantomData<fn(T)>` | contravariant | no | both, always |
//! | `PhantomData<fn(T) -> T>` | invariant | no | both, always |
//! | `PhantomData<&'a ()>` | covariant in `'a` | no | both |
//! | `PhantomData<Cell<&'a ()>>` | invariant in `'a` | no | `Send`, not `Sync` |
//!
//! ```
//! use std::cell::Cell;
//! use std::marker::PhantomData;
//! use std::rc::Rc; // neither `Send` nor `Sync`
//!
//! fn is_send<T: Send>() {}
//! fn is_sync<T: Sync>() {}
//!
//! is_send::<PhantomData<Cell<u8>>>();
//! is_send::<PhantomData<&mut Cell<u8>>>();
//! is_send::<PhantomData<Cell<&()>>>();
//! is_send::<PhantomData<fn() -> Rc<u8>>>();
//! is_sync::<PhantomData<fn() -> Rc<u8>>>();
//! is_sync::<PhantomData<fn(Rc<u8>) -> Rc<u8>>>();
//! ```
//!
//! ```compile_fail,E0277
//! # fn is_send<T: Send>() {}
//! is_send::<std::marker::PhantomData<&std::cell::Cell<u8>>>(); // `Cell<u8>` is not `Sync`
//! ```
//!
//! ```compile_fail,E0277
//! # fn is_send<T: Send>() {}
//! is_send::<std::marker::PhantomData<*const u8>>();
//! ```
//!
//! The third column, by a type that has a destructor and whose marker is chosen from outside. (`mark` takes a
//! `&mut`, so that `M` is the same on both sides.)
//!
//! ```
//! # use std::marker::PhantomData;
//! # struct Store();
//! # impl Drop for Store {
//! #     fn drop(&mut self) {}
//! # }
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//! struct Marked<M>(Store, PhantomData<M>);
//!
//! fn mark<M>(_: &mut Marked<M>, _: PhantomData<M>) {}
//! fn pointer<T>(_: &T) -> PhantomData<*const T> { PhantomData }
//! fn lent<'a, T>(_: &'a T) -> PhantomData<&'a mut T> { PhantomData }
//! fn function<T>(_: &T) -> PhantomData<fn() -> T> { PhantomData }
//!
//! let mut one = Marked(Store(), PhantomData);
//! let mut two = Marked(Store(), PhantomData);
//! let mut three = Marked(Store(), PhantomData);
//! let text = String::from("declared later, gone first");
//! let noisy = Noisy(&text);
//! mark(&mut one, pointer(&noisy));
//! mark(&mut two, lent(&noisy));
//! mark(&mut three, function(&noisy));
//! ```
//!
//! ```compile_fail,E0597
//! # use std::marker::PhantomData;
//! # struct Store();
//! # impl Drop for Store {
//! #     fn drop(&mut self) {}
//! # }
//! # struct Noisy<'a>(&'a str);
//! # impl Drop for Noisy<'_> {
//! #     fn drop(&mut self) { println!("{}", self.0); }
//! # }
//! # struct Marked<M>(Store, PhantomData<M>);
//! # fn mark<M>(_: &mut Marked<M>, _: PhantomData<M>) {}
//! fn owned<T>(_: &T) -> PhantomData<T> { PhantomData }
//!
//! let mut one = Marked(Store(), PhantomData);
//! let text = String::from("declared later, gone first");
//! let noisy = Noisy(&text);
//! mark(&mut one, owned(&noisy));
//! ```
//!
//! What this crate chose:
//!
//! - `TypedArena` and `FrozenArena` own their values, and take them by `&self`: `Cell<T>`. That they can't be
//!   shared between threads comes along, and is right: two threads would move one cursor.
//! - `DropArena` needs an invariant lifetime, and owns no type that could be named: `Cell<&'d ()>`.
//! - An `Id` neither owns nor lends a value. It is a number that remembers of what: `fn() -> T`. So it can be
//!   sent anywhere, copied without `T: Copy`, and has no part in the drop check. Any variance would have been
//!   sound, because `get` looks whether there is a value, and what it lends has the type of the arena; the
//!   covariant one is the least in the way.
//!
//! ```
//! use arenula::{FrozenArena, Id};
//! use std::rc::Rc;
//!
//! let arena = FrozenArena::new();
//! let id: Id<Rc<u8>> = arena.push(Rc::new(7));
//! let same = std::thread::spawn(move || id).join().unwrap();
//! assert_eq!(*arena[same], 7);
//! ```
//!
//! ```compile_fail,E0277
//! let arena = arenula::TypedArena::new();
//! std::thread::scope(|threads| {
//!     threads.spawn(|| arena.alloc(1).to_string());
//! });
//! ```
//!
//! # Two lifetimes behind `&mut`
//!
//! An exclusive loan of a collection and the loans of what is in it are two things, and need two lifetimes.
//! With one lifetime for both the first call compiles, and the second does not:
//!
//! ```compile_fail,E0499
//! fn push_words<'a>(words: &'a mut Vec<&'a str>, text: &'a str) {
//!     words.extend(text.split(' '));
//! }
//!
//! let mut words = Vec::new();
//! push_words(&mut words, "a b");
//! push_words(&mut words, "c d");
//! ```
//!
//! Behind `&mut` the inner `'a` is invariant: it is as long as the vector's words have to live, which is as
//! long as the vector is used. The outer one is the same, so `words` is lent out for as long as it is used.
//! It is enough to give the outer one another name, or none:
//!
//! ```
//! fn push_words<'a>(words: &mut Vec<&'a str>, text: &'a str) {
//!     words.extend(text.split(' '));
//! }
//!
//! let mut words = Vec::new();
//! push_words(&mut words, "a b");
//! push_words(&mut words, "c d");
//! assert_eq!(words.len(), 4);
//! ```
//!
//! With a shared reference the same signature does no harm, because there all is covariant: for each call the
//! compiler sees the inner lifetime as one that is as short as the loan. People get used to it there.
//!
//! ```
//! fn count<'a>(words: &'a Vec<&'a str>) -> usize {
//!     words.len()
//! }
//!
//! let mut words = vec!["a", "b"];
//! let before = count(&words);
//! words.push("c");
//! assert_eq!(count(&words), before + 1);
//! ```
//!
//! The same in a struct is `&'a mut Thing<'a>`: a thing that is lent to itself. A method of that type can be
//! called once in the thing's life.
//!
//! ```compile_fail,E0499
//! use arenula::Arena;
//!
//! struct Parser<'a> {
//!     arena: &'a Arena,
//!     rest: &'a str,
//! }
//!
//! impl<'a> Parser<'a> {
//!     fn word(&'a mut self) -> &'a str {
//!         let (word, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
//!         self.rest = rest;
//!         self.arena.alloc_str(word)
//!     }
//! }
//!
//! let arena = Arena::new();
//! let mut parser = Parser { arena: &arena, rest: "one two" };
//! parser.word();
//! parser.word();
//! ```
//!
//! The word lives as long as the arena is lent, which is `'a`. The parser has to be lent only while it works.
//! With `fn word(&mut self) -> &'a str` it can be called again, and the words of all calls stay good:
//!
//! ```
//! # use arenula::Arena;
//! # struct Parser<'a> {
//! #     arena: &'a Arena,
//! #     rest: &'a str,
//! # }
//! impl<'a> Parser<'a> {
//!     fn word(&mut self) -> &'a str {
//!         let (word, rest) = self.rest.split_once(' ').unwrap_or((self.rest, ""));
//!         self.rest = rest;
//!         self.arena.alloc_str(word)
//!     }
//! }
//!
//! # let arena = Arena::new();
//! # let mut parser = Parser { arena: &arena, rest: "one two" };
//! let (first, second) = (parser.word(), parser.word());
//! drop(parser);
//! assert_eq!((first, second), ("one", "two"));
//! ```
//!
//! # `T: 'static` is not forever
//!
//! `&'static str` is a reference that is good for the rest of the program. The bound `T: 'static` says less:
//! there is nothing in a `T` that ends sooner. A `String` borrows nothing, so it satisfies the bound, and it
//! may be freed on the next line.
//!
//! ```
//! fn take<T: 'static>(value: T) {
//!     drop(value);
//! }
//!
//! take(String::from("owned, and gone"));
//! take("static");
//! ```
//!
//! ```compile_fail,E0597
//! # fn take<T: 'static>(value: T) {
//! #     drop(value);
//! # }
//! let text = String::from("owned");
//! take(&text);
//! ```
//!
//! In the same way `T: 'd` says that a value *may* live for `'d`, not that it will. A `DropArena<'static>` is
//! one whose values borrow nothing that ends. It can itself be dropped at any time, and, if it is a
//! [`SendDropArena`](crate::SendDropArena), be sent to a thread that asks for `'static`:
//!
//! ```
//! use arenula::{DropArena, SendDropArena};
//!
//! let arena: SendDropArena<'static> = DropArena::sendable();
//! arena.alloc(String::from("owned"));
//! std::thread::spawn(move || drop(arena)).join().unwrap();
//! ```
//!
//! What an arena *lends* is never `'static`, unless the arena itself is lent forever:
//!
//! ```compile_fail,E0597
//! let arena = arenula::Arena::new();
//! let text: &'static str = arena.alloc_str("as long as the arena is borrowed");
//! ```
//!
//! ```
//! use arenula::Arena;
//!
//! let arena: &'static Arena = Box::leak(Box::new(Arena::new()));
//! let text: &'static str = arena.alloc_str("leaked along with the arena");
//! assert_eq!(text.len(), 27);
//! ```
//!
//! # What `-> impl Trait` captures
//!
//! `-> impl Iterator` hides the type of what is returned, but not what it borrows. Since edition 2024 it is
//! taken to borrow from *every* lifetime of the signature, named or not. Mostly that is what one wants. Where
//! it is not, the caller is told that a value is borrowed which no one has hold of:
//!
//! ```compile_fail,E0502
//! use arenula::{FrozenArena, Id};
//!
//! fn ids(arena: &FrozenArena<u32>) -> impl Iterator<Item = Id<u32>> {
//!     arena.ids()
//! }
//!
//! let mut arena = FrozenArena::from_iter([1, 2, 3]);
//! for id in ids(&arena) {
//!     arena[id] *= 10;
//! }
//! ```
//!
//! `use<..>` lists what is captured. Lifetimes that are not in the list are not. (All type parameters must be
//! in it, for the time being.) With an empty list, and with [`FrozenArena::ids`](crate::FrozenArena::ids),
//! which is declared with `use<T, A>`, the values can be changed meanwhile:
//!
//! ```
//! # use arenula::{FrozenArena, Id};
//! fn ids(arena: &FrozenArena<u32>) -> impl Iterator<Item = Id<u32>> + use<> {
//!     arena.ids()
//! }
//!
//! let mut arena = FrozenArena::from_iter([1, 2, 3]);
//! for id in ids(&arena) {
//!     arena[id] *= 10;
//! }
//! for id in arena.ids() {
//!     arena[id] += 1;
//! }
//! assert_eq!(arena.into_vec(), [11, 21, 31]);
//! ```
//!
//! It is checked: a body that does borrow can't be declared so.
//!
//! ```compile_fail,E0700
//! # use arenula::FrozenArena;
//! fn values(arena: &FrozenArena<u32>) -> impl Iterator<Item = u32> + use<> {
//!     arena.iter().copied()
//! }
//! ```
//!
//! # To take along
//!
//! - A type into which values can be put by `&self`, and got out of again, is invariant. See to it with a
//!   `PhantomData`, and write down the program that would otherwise compile.
//! - To know a variance, ask with a function that wants one lifetime twice.
//! - Behind `&mut`, give the loan and its contents different lifetimes.
//! - A `Drop` impl makes every lifetime of the type outlive the value. An inner type and a `PhantomData` ask
//!   for less, and only a type that names its values may.
//! - A bound such as `T: 'd` says how long something *could* live.
