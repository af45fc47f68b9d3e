//! What is built in an arena, with the arena's lifetime left open.

/// A kind of value that borrows from an arena: one type for each lifetime that the arena could have.
///
/// ```
/// use arenula::{Owned, Root};
///
/// struct Ast<'a> {
///     tokens: &'a [&'a str],
/// }
///
/// impl Root for Ast<'_> {
///     type Of<'a> = Ast<'a>;
/// }
///
/// fn parse(text: &str) -> Owned<Ast<'static>> {
///     Owned::new(|arena| {
///         let text: &str = arena.alloc_str(text);
///         Ast { tokens: arena.alloc_iter(text.split(' ')) }
///     })
/// }
/// assert_eq!(parse("let x").with(|ast| ast.tokens.len()), 2);
/// ```
///
/// The lifetime of the type that this is implemented for means nothing: so `Ast<'static>` names the root, and the
/// compiler can often infer it. A type without a meaning of its own does as well, for a root of somebody else's type:
///
/// ```
/// use arenula::{Owned, Root};
///
/// enum Words {}
///
/// impl Root for Words {
///     type Of<'a> = &'a [&'a str];
/// }
///
/// let words = Owned::<Words>::new(|arena| arena.alloc_iter(arena.alloc_str("a b").split(' ')));
/// assert_eq!(words.with(|words| words.len()), 2);
/// ```
///
/// # What a root may borrow from
///
/// Its arena, for `'a`; and what outlives the [`Owned`](crate::Owned), for lifetimes that the implementing type names. But what it
/// borrows for `'a` can't hold such references, since `'a` may be any lifetime, longer ones too. Either copy what they
/// point to into the arena, as the text above, or let it be `'static`.
pub trait Root {
    /// The value, in an arena that lives for `'a`.
    type Of<'a>;
}

/// A [`Root`] whose lifetime can be made shorter, so that [`Owned::get`](crate::Owned::get) can lend it.
///
/// The compiler checks that it can: the function below must compile. (It is called whenever the root is lent. With
/// most types the compiler makes nothing of it.)
///
/// ```
/// use arenula::{CovariantRoot, Owned, Root};
///
/// struct Ast<'a> {
///     tokens: &'a [&'a str],
/// }
///
/// impl Root for Ast<'_> {
///     type Of<'a> = Ast<'a>;
/// }
///
/// impl CovariantRoot for Ast<'_> {
///     fn shrink<'short, 'long: 'short>(root: &'short Ast<'long>) -> &'short Ast<'short> {
///         root
///     }
/// }
///
/// let ast: Owned<Ast> = Owned::new(|arena| Ast { tokens: arena.alloc_slice_copy(&["let"]) });
/// assert_eq!(ast.get().tokens, ["let"]);
/// ```
///
/// What could be written to through a shared reference has no such function:
///
/// ```compile_fail
/// use arenula::{CovariantRoot, Root};
/// use std::cell::Cell;
///
/// struct Slot<'a>(Cell<&'a str>);
///
/// impl Root for Slot<'_> {
///     type Of<'a> = Slot<'a>;
/// }
///
/// impl CovariantRoot for Slot<'_> {
///     fn shrink<'short, 'long: 'short>(root: &'short Slot<'long>) -> &'short Slot<'short> {
///         root
///     }
/// }
/// ```
pub trait CovariantRoot: Root {
    /// The same root, with a shorter lifetime.
    fn shrink<'short, 'long: 'short>(root: &'short Self::Of<'long>) -> &'short Self::Of<'short>;
}

impl<T: ?Sized + 'static> Root for &T {
    type Of<'a> = &'a T;
}

impl<T: ?Sized + 'static> CovariantRoot for &T {
    #[inline]
    fn shrink<'short, 'long: 'short>(root: &'short &'long T) -> &'short &'short T {
        root
    }
}

impl<T: ?Sized + 'static> Root for &mut T {
    type Of<'a> = &'a mut T;
}

impl<T: ?Sized + 'static> CovariantRoot for &mut T {
    #[inline]
    fn shrink<'short, 'long: 'short>(root: &'short &'long mut T) -> &'short &'short mut T {
        root
    }
}

impl<R: Root> Root for Option<R> {
    type Of<'a> = Option<R::Of<'a>>;
}

impl<R: Root, S: Root> Root for (R, S) {
    type Of<'a> = (R::Of<'a>, S::Of<'a>);
}

impl<R: Root, S: Root, T: Root> Root for (R, S, T) {
    type Of<'a> = (R::Of<'a>, S::Of<'a>, T::Of<'a>);
}
