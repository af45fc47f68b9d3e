//! Where a block goes and how large a chunk is: integers in, integers out.
//!
//! Nothing here knows of pointers, so that it can be fuzzed and reasoned about alone.
#![forbid(unsafe_code)]

/// The alignment that every chunk has at least: the largest `MIN_ALIGN` an arena may ask for.
pub(crate) const CHUNK_ALIGN: usize = 16;

/// The highest address at which a chunk may end.
///
/// On 64 bit no address below it can wrap when the padded size of a valid `Layout` is added, since
/// both are at most `isize::MAX`. On narrower machines chunks lie in the upper half too, so there
/// the room kept free is that of a small request, and larger ones take [`place_checked`].
pub(crate) const LAST_END: usize = if usize::BITS >= 64 {
    isize::MAX as usize
} else {
    usize::MAX - 2 * SMALL - CHUNK_ALIGN
};

/// The largest size and alignment that are placed without overflow checks on narrow machines.
const SMALL: usize = usize::MAX >> 16;

/// The size of an arena's first chunk.
pub(crate) const FIRST_STEP: usize = 512;

/// The size beyond which chunks do not grow by themselves.
pub(crate) const LARGEST_STEP: usize = 2 << 20;

/// A chunk with no more room than this is kept whatever was used of it.
const ALWAYS_KEPT: usize = 4096;

/// Chunks that replace others are aligned as these were, up to this.
pub(crate) const LARGEST_KEPT_ALIGN: usize = 4096;

/// The part of the free space that a block takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Where the block begins.
    pub(crate) start: usize,
    /// Where the free space begins after it.
    pub(crate) next: usize,
}

/// Rounds up to a power of two; wraps where the result does not fit.
#[inline(always)]
pub(crate) const fn round_up(value: usize, align: usize) -> usize {
    round_down(value.wrapping_add(align - 1), align)
}

/// Rounds down to a power of two.
#[inline(always)]
pub(crate) const fn round_down(value: usize, align: usize) -> usize {
    debug_assert!(align.is_power_of_two());
    value & !(align - 1)
}

/// What is known of a layout where it is placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The alignment is at most `MIN_ALIGN`: nothing needs to be masked.
    Aligned,
    /// The size is a multiple of the alignment, and that is more than `MIN_ALIGN`; so for all types that
    /// are not [`Aligned`](Known::Aligned).
    Multiple,
    /// The alignment is hoped to be at most `MIN_ALIGN`, or else nothing is placed.
    Hoped,
    /// Nothing.
    Nothing,
}

impl Known {
    /// What is known of the layout of `T`s.
    pub(crate) const fn of<T, const MIN_ALIGN: usize>() -> Self {
        if align_of::<T>() <= MIN_ALIGN {
            Known::Aligned
        } else {
            Known::Multiple
        }
    }

    /// What to try first with a layout known at run time. Masking takes its time, and it is rare that a
    /// layout needs it where `MIN_ALIGN` is that of a word.
    pub(crate) const fn at_first<const MIN_ALIGN: usize>() -> Self {
        if MIN_ALIGN >= align_of::<usize>() {
            Known::Hoped
        } else {
            Known::Nothing
        }
    }
}

/// Places a block of `size` bytes in the free space from `cursor` to `end`, both multiples of
/// `MIN_ALIGN` and at or below [`LAST_END`].
///
/// `size` and `align` are those of a valid `Layout`, of which the caller promises what is `known`.
#[inline(always)]
pub(crate) const fn place<const MIN_ALIGN: usize>(
    cursor: usize,
    end: usize,
    size: usize,
    align: usize,
    known: Known,
) -> Option<Placed> {
    debug_assert!(cursor % MIN_ALIGN == 0 && end % MIN_ALIGN == 0);
    debug_assert!(cursor <= end && end <= LAST_END);
    if usize::BITS < 64 && (size > SMALL || align > SMALL) {
        return place_checked::<MIN_ALIGN>(cursor, end, size, align);
    }
    let start;
    let next;
    let mut bound = 0;
    match known {
        Known::Aligned => {
            debug_assert!(align <= MIN_ALIGN);
            start = cursor;
            next = start.wrapping_add(round_up(size, MIN_ALIGN));
        }
        Known::Multiple => {
            // The next cursor depends on one sum less, and it is what the next allocation waits for.
            debug_assert!(align > MIN_ALIGN && size % align == 0);
            next = round_down(cursor.wrapping_add(size + (align - 1)), align);
            start = next.wrapping_sub(size);
        }
        Known::Hoped => {
            start = cursor;
            next = start.wrapping_add(round_up(size, MIN_ALIGN));
            // All ones if the alignment is larger, so that one compare asks for both.
            let missing = (MIN_ALIGN as isize).wrapping_sub(align as isize);
            bound = (missing >> (isize::BITS - 1)) as usize;
        }
        Known::Nothing => {
            start = round_up(cursor, align);
            next = start.wrapping_add(round_up(size, MIN_ALIGN));
        }
    }
    if next | bound <= end {
        Some(Placed { start, next })
    } else {
        None
    }
}

/// [`place`] for any numbers, also those that wrap.
pub(crate) const fn place_checked<const MIN_ALIGN: usize>(
    cursor: usize,
    end: usize,
    size: usize,
    align: usize,
) -> Option<Placed> {
    let (Some(padded), Some(rounded)) = (
        cursor.checked_add(align - 1),
        size.checked_add(MIN_ALIGN - 1),
    ) else {
        return None;
    };
    let start = round_down(padded, align);
    match start.checked_add(round_down(rounded, MIN_ALIGN)) {
        Some(next) if next <= end => Some(Placed { start, next }),
        _ => None,
    }
}

/// Whether a chunk of `size` bytes at `base` keeps the promise of [`LAST_END`].
pub(crate) const fn is_within_reach(base: usize, size: usize) -> bool {
    match base.checked_add(size) {
        Some(end) => end <= LAST_END,
        None => false,
    }
}

/// The size of the smallest chunk, aligned to `align`, that holds its header and a block of `size`
/// bytes aligned to `align`. `None` where no `Layout` can be as large.
pub(crate) const fn chunk_for(header: usize, size: usize, align: usize) -> Option<usize> {
    debug_assert!(align >= CHUNK_ALIGN);
    let Some(padded) = header.checked_add(align - 1) else {
        return None;
    };
    let Some(bytes) = (round_down(padded, align)).checked_add(size) else {
        return None;
    };
    // The limit that `Layout` sets: rounded up to the alignment at most `isize::MAX`.
    if bytes > isize::MAX as usize - (align - 1) {
        return None;
    }
    Some(round_up(bytes, CHUNK_ALIGN))
}

/// The size of the chunk after one of `step` bytes (0: after none), unless the request needs more.
///
/// Each is half as large again as the one before, so that an arena holds at most half again of what
/// was asked of it, up to [`LARGEST_STEP`].
pub(crate) const fn next_step(step: usize) -> usize {
    if step == 0 {
        return FIRST_STEP;
    }
    if step >= LARGEST_STEP / 3 * 2 {
        return LARGEST_STEP;
    }
    round_up(step + step / 2, CHUNK_ALIGN)
}

/// The step that growth goes on from after a chunk whose size was not chosen by [`next_step`]: the
/// one that a series of chunks with the same sum would have reached.
pub(crate) const fn step_after(size: usize) -> usize {
    let step = size / 3;
    if step > LARGEST_STEP {
        LARGEST_STEP
    } else {
        round_down(step, CHUNK_ALIGN)
    }
}

/// The size of the one chunk that serves a workload which needs `need` bytes, with a little to spare
/// for padding that falls differently. `None` where no chunk can be as large.
pub(crate) const fn right_size(header: usize, need: usize) -> Option<usize> {
    let spare = need / 32 + 64;
    let Some(bytes) = need.checked_add(spare) else {
        return None;
    };
    let size = chunk_for(header, bytes, CHUNK_ALIGN);
    match size {
        Some(size) if size < FIRST_STEP => Some(FIRST_STEP),
        size => size,
    }
}

/// How much of a chunk's `room` must be used from time to time, or the chunk is replaced by one with
/// just that room: five eighths, but all of a small chunk's, which so is never replaced.
pub(crate) const fn enough_use(room: usize) -> usize {
    if room <= ALWAYS_KEPT {
        room
    } else {
        round_down(room / 2 + room / 8, CHUNK_ALIGN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn checked<const M: usize>(cursor: usize, end: usize, size: usize, align: usize) {
        let cursor = cursor / M * M;
        let end = (end / M * M).max(cursor);
        let expected = place_checked::<M>(cursor, end, size, align);
        assert_eq!(
            place::<M>(cursor, end, size, align, Known::Nothing),
            expected
        );
        let hoped = place::<M>(cursor, end, size, align, Known::Hoped);
        if align <= M {
            assert_eq!(
                place::<M>(cursor, end, size, align, Known::Aligned),
                expected
            );
            assert_eq!(hoped, expected);
        } else {
            // On narrow machines large alignments take the checked path, whatever was hoped.
            assert!(hoped.is_none() || align > SMALL && hoped == expected);
            let multiple = size / align * align;
            assert_eq!(
                place::<M>(cursor, end, multiple, align, Known::Multiple),
                place_checked::<M>(cursor, end, multiple, align),
            );
        }
        if let Some(placed) = expected {
            assert!(placed.start % align == 0 && placed.next % M == 0);
            assert!(placed.start >= cursor && placed.next <= end);
            assert!(placed.next - placed.start >= size);
            assert!(placed.start - cursor < align && placed.next - placed.start - size < M);
        }
    }

    /// What numbers have that are large, and far from all that there are: 40 of 64.
    const LARGE_BITS: u32 = usize::BITS / 8 * 5;

    proptest! {
        #![proptest_config(crate::properties::properties())]
        #[test]
        fn the_fast_form_agrees_with_the_checked_one(
            cursor in prop_oneof![0..4096usize, LAST_END - 4096..=LAST_END, 0..=LAST_END],
            room in prop_oneof![0..256usize, 0..=LAST_END],
            shift in 0..usize::BITS,
            size in prop_oneof![0..256usize, isize::MAX as usize - 256..=isize::MAX as usize, 0..=isize::MAX as usize],
        ) {
            let align = 1usize << shift;
            let size = size.min(isize::MAX as usize - (align - 1));
            let end = cursor.saturating_add(room).min(LAST_END);
            checked::<1>(cursor, end, size, align);
            checked::<2>(cursor, end, size, align);
            checked::<4>(cursor, end, size, align);
            checked::<8>(cursor, end, size, align);
            checked::<16>(cursor, end, size, align);
        }

        #[test]
        fn a_chunk_holds_what_it_was_made_for(
            base in 0..1usize << LARGE_BITS,
            size in prop_oneof![0..4096usize, 0..=isize::MAX as usize],
            shift in 4..LARGE_BITS,
        ) {
            let align = 1usize << shift;
            let header = 64;
            if let Some(chunk) = chunk_for(header, size, align) {
                prop_assert_eq!(chunk % CHUNK_ALIGN, 0);
                prop_assert!(core::alloc::Layout::from_size_align(chunk, align).is_ok());
                let base = round_up(base, align);
                if is_within_reach(base, chunk) {
                    prop_assert!(place_checked::<16>(base + header, base + chunk, size, align).is_some());
                }
            } else {
                prop_assert!(size > isize::MAX as usize - 2 * align - header);
            }
        }

        #[test]
        fn the_right_size_is_right(need in prop_oneof![0..1usize << 16, 0..1usize << LARGE_BITS]) {
            let right = right_size(64, need).unwrap();
            prop_assert!(right - 64 >= need + need / 32);
            prop_assert!(right >= FIRST_STEP && right <= FIRST_STEP.max(need + need / 16 + 256));
            let room = right - 64;
            let enough = enough_use(room);
            prop_assert!(enough <= room && enough >= room / 2);
            prop_assert_eq!(enough == room, room <= ALWAYS_KEPT);
        }
    }

    #[test]
    fn steps_grow_by_half_up_to_the_cap() {
        let (mut step, mut held) = (0, 0);
        for _ in 0..64 {
            let next = next_step(step);
            assert!(next >= step && next % CHUNK_ALIGN == 0);
            assert!(next <= held / 2 + FIRST_STEP + 64);
            held += next;
            step = next;
        }
        assert_eq!(step, LARGEST_STEP);
        assert_eq!(step_after(usize::MAX), LARGEST_STEP);
        assert_eq!(next_step(step_after(300)), 144);
    }

    #[test]
    fn the_largest_chunk_that_is_possible_is_not_refused() {
        let largest = isize::MAX as usize - (CHUNK_ALIGN - 1);
        assert_eq!(chunk_for(64, largest - 64, CHUNK_ALIGN), Some(largest));
        assert_eq!(chunk_for(64, largest - 63, CHUNK_ALIGN), None);
        assert!(core::alloc::Layout::from_size_align(largest, CHUNK_ALIGN).is_ok());
    }

    #[test]
    fn impossible_chunks_are_refused() {
        assert_eq!(chunk_for(64, usize::MAX, 16), None);
        assert_eq!(chunk_for(64, isize::MAX as usize, 16), None);
        assert_eq!(chunk_for(64, 1, 1 << (usize::BITS - 1)), None);
        assert_eq!(right_size(64, usize::MAX), None);
        assert!(!is_within_reach(usize::MAX, 1));
        assert!(!is_within_reach(LAST_END, 1));
    }
}
