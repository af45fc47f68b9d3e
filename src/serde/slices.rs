//! Text and sequences: into vectors, and from these into slices that live as long as the arena.

use core::alloc::Layout;
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use ::serde::de::{Deserializer, Error, SeqAccess, Visitor};
use allocator_api2::alloc::Allocator;
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec;

use super::{DeserializeIn, In, no_memory};
use crate::ArenaRef;

/// How often more than it has read a sequence may reserve, for what it says of its length.
const TRUST: usize = 8;

/// A box of an arena's as a plain reference, for as long as the arena is borrowed.
#[inline(always)]
pub(super) fn release<'a, T: ?Sized, R: ArenaRef<'a>>(boxed: Box<T, R>) -> &'a mut T {
    let (value, _) = Box::into_raw_with_allocator(boxed);
    // SAFETY: the value lies in a block of the arena's, or has no size; nobody gives it back, so it stays there
    // for `'a` (`ArenaRef`), and it was the box's alone.
    unsafe { &mut *value }
}

/// Room for the first values of a sequence. Most have no more, and then their block is made for just these,
/// behind what they refer to.
#[repr(align(16))]
struct First([MaybeUninit<u8>; 512]);

/// The values in a [`First`], which drops them if they are not taken out.
struct Firsts<T> {
    room: First,
    len: usize,
    values: core::marker::PhantomData<T>,
}

impl<T> Firsts<T> {
    /// How many values have room.
    const ROOM: usize = if size_of::<T>() == 0 || align_of::<T>() > align_of::<First>() {
        0
    } else {
        size_of::<First>() / size_of::<T>()
    };

    #[inline(always)]
    fn new() -> Self {
        Firsts {
            room: First([MaybeUninit::uninit(); 512]),
            len: 0,
            values: core::marker::PhantomData,
        }
    }

    #[inline(always)]
    fn start(&mut self) -> *mut T {
        self.room.0.as_mut_ptr().cast()
    }

    /// Hands the value back if there is no room.
    #[inline(always)]
    fn push(&mut self, value: T) -> Result<(), T> {
        if self.len >= Self::ROOM {
            return Err(value);
        }
        // SAFETY: there is room for one more, aligned: the room is aligned for a `T`, or has room for none.
        unsafe { self.start().add(self.len).write(value) };
        self.len += 1;
        Ok(())
    }

    /// Moves the values to a vector, in room that it has.
    ///
    /// # Safety
    ///
    /// It has room for all of them.
    #[inline(always)]
    unsafe fn move_to<R: Allocator>(&mut self, values: &mut Vec<T, R>) {
        let len = core::mem::take(&mut self.len);
        // SAFETY: the values have been written, and are here no longer; the room is promised.
        unsafe {
            let end = values.as_mut_ptr().add(values.len());
            end.copy_from_nonoverlapping(self.start(), len);
            values.set_len(values.len() + len);
        }
    }
}

impl<T> Drop for Firsts<T> {
    #[inline]
    fn drop(&mut self) {
        if core::mem::needs_drop::<T>() {
            let values = ptr::slice_from_raw_parts_mut(self.start(), self.len);
            // SAFETY: these values have been written, and were handed to nobody.
            unsafe { ptr::drop_in_place(values) };
        }
    }
}

/// What gives the values of a sequence, or the entries of a map.
pub(super) trait Source<'de, T, R> {
    type Error: Error;

    fn next(&mut self, arena: R) -> Result<Option<T>, Self::Error>;

    /// How many are still to come, as the input says.
    fn size_hint(&self) -> Option<usize>;
}

struct SeqSource<S>(S);

impl<'de, T: DeserializeIn<'de, R>, R: Copy, S: SeqAccess<'de>> Source<'de, T, R> for SeqSource<S> {
    type Error = S::Error;

    #[inline(always)]
    fn next(&mut self, arena: R) -> Result<Option<T>, S::Error> {
        self.0.next_element_seed(In::new(arena))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

/// All values of a sequence.
#[inline]
pub(super) fn gather<'de, T, R, S>(arena: R, mut source: S) -> Result<Vec<T, R>, S::Error>
where
    R: Allocator + Copy,
    S: Source<'de, T, R>,
{
    let mut first = Firsts::<T>::new();
    let next = loop {
        match source.next(arena)? {
            Some(value) => match first.push(value) {
                Ok(()) => {}
                Err(value) => break value,
            },
            None => {
                let mut values = with_room(arena, first.len)?;
                // SAFETY: there is room for these.
                unsafe { first.move_to(&mut values) };
                return Ok(values);
            }
        }
    };
    // At least doubled, since what the values refer to lies behind, and prevents growth in place. At most what can be
    // accounted for by what has been read.
    let hint = source.size_hint().unwrap_or(0);
    let more = hint.clamp(first.len, (TRUST - 1) * first.len).max(1);
    let mut values = match with_room::<T, R, S::Error>(arena, first.len + more) {
        Ok(values) => values,
        Err(_) => with_room(arena, first.len + 1)?,
    };
    // SAFETY: there is room for these.
    unsafe { first.move_to(&mut values) };
    push(&mut values, next)?;
    while let Some(value) = source.next(arena)? {
        push(&mut values, value)?;
    }
    Ok(values)
}

/// A vector with room for just so many values.
#[inline(always)]
fn with_room<T, R: Allocator, E: Error>(arena: R, room: usize) -> Result<Vec<T, R>, E> {
    if size_of::<T>() == 0 || room == 0 {
        return Ok(Vec::new_in(arena));
    }
    // Not by `try_reserve_exact`, which would look for what the vector has until now.
    let block = Layout::array::<T>(room).ok();
    let block = block.and_then(|layout| arena.allocate(layout).ok());
    let start = block.ok_or_else(no_memory)?.cast().as_ptr();
    // SAFETY: the block is the allocator's, of the layout of so many values, of which none is there yet.
    Ok(unsafe { Vec::from_raw_parts_in(start, 0, room, arena) })
}

/// Adds a value, or says that there is no memory.
#[inline(always)]
fn push<T, R: Allocator, E: Error>(values: &mut Vec<T, R>, value: T) -> Result<(), E> {
    if values.len() == values.capacity() {
        // Where doubling exceeds what there is, what is needed may still fit.
        let grown = values.try_reserve(1);
        (grown.or_else(|_| values.try_reserve_exact(1))).map_err(|_| no_memory::<E>())?;
    }
    // SAFETY: there is room for one more.
    unsafe {
        values.as_mut_ptr().add(values.len()).write(value);
        values.set_len(values.len() + 1);
    }
    Ok(())
}

/// Reads a sequence.
struct Sequence<T, R>(In<T, R>);

impl<'de, T: DeserializeIn<'de, R>, R: Allocator + Copy> Visitor<'de> for Sequence<T, R> {
    type Value = Vec<T, R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    #[inline]
    fn visit_seq<S: SeqAccess<'de>>(self, seq: S) -> Result<Vec<T, R>, S::Error> {
        gather(self.0.arena, SeqSource(seq))
    }
}

/// Copies text.
pub(super) struct Text<R>(pub R);

impl<'de, R: Allocator> Visitor<'de> for Text<R> {
    type Value = Box<str, R>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    #[inline]
    fn visit_str<E: Error>(self, text: &str) -> Result<Box<str, R>, E> {
        let mut bytes = with_room::<u8, R, E>(self.0, text.len())?;
        // SAFETY: there is room for the text, which can't lie in it.
        unsafe {
            let text = NonNull::from(text.as_bytes());
            let start = NonNull::new_unchecked(bytes.as_mut_ptr());
            start.copy_from_nonoverlapping(text.cast(), text.len());
            bytes.set_len(text.len());
        }
        let (bytes, arena) = Box::into_raw_with_allocator(bytes.into_boxed_slice());
        // SAFETY: the bytes are those of a `str`, and those of a box of this allocator's.
        Ok(unsafe { Box::from_raw_in(bytes as *mut str, arena) })
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Box<str, R>, E> {
        match core::str::from_utf8(bytes) {
            Ok(text) => self.visit_str(text),
            Err(_) => Err(E::invalid_value(
                ::serde::de::Unexpected::Bytes(bytes),
                &self,
            )),
        }
    }
}

impl<'de, T: DeserializeIn<'de, R>, R: Allocator + Copy> DeserializeIn<'de, R> for Vec<T, R> {
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Sequence(In::new(arena)))
    }
}

impl<'de, T: DeserializeIn<'de, R>, R: Allocator + Copy> DeserializeIn<'de, R> for Box<[T], R> {
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::deserialize_in(arena, deserializer)?.into_boxed_slice())
    }
}

impl<'de, R: Allocator + Copy> DeserializeIn<'de, R> for Box<str, R> {
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text(arena))
    }
}

impl<'de, T: DeserializeIn<'de, R>, R: Allocator + Copy> DeserializeIn<'de, R> for Box<T, R> {
    #[inline]
    fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
        let value = T::deserialize_in(arena, deserializer)?;
        let room = Box::try_new_uninit_in(arena).map_err(|_| no_memory::<D::Error>())?;
        Ok(Box::write(room, value))
    }
}

/// Types that are read as a box, and then live as long as the arena.
macro_rules! released {
    ($([$($generic:tt)*] $type:ty, $value:ty;)*) => {$(
        impl<'a, 'de, $($generic)* R: ArenaRef<'a> + Copy> DeserializeIn<'de, R> for $type {
            #[inline]
            fn deserialize_in<D: Deserializer<'de>>(arena: R, deserializer: D) -> Result<Self, D::Error> {
                Ok(release(Box::<$value, R>::deserialize_in(arena, deserializer)?))
            }
        }
    )*};
}

released! {
    [] &'a str, str;
    [] &'a mut str, str;
    [T: DeserializeIn<'de, R>,] &'a [T], [T];
    [T: DeserializeIn<'de, R>,] &'a mut [T], [T];
    [T: DeserializeIn<'de, R>,] &'a T, T;
    [T: DeserializeIn<'de, R>,] &'a mut T, T;
}
