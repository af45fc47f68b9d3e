//! The arena's arithmetic, fed with any numbers.

#[path = "../../src/arena/math.rs"]
#[allow(dead_code)]
mod tested;

use tested as math;

/// Runs with the numbers that the bytes are.
pub fn run(data: &[u8]) {
    let mut numbers = data.chunks(size_of::<usize>()).map(|bytes| {
        let mut number = [0; size_of::<usize>()];
        number[..bytes.len()].copy_from_slice(bytes);
        usize::from_le_bytes(number)
    });
    let [cursor, room, size, shift, header] = [(); 5].map(|()| numbers.next().unwrap_or(0));
    let align = 1 << (shift % (usize::BITS as usize - 1));
    place::<1>(cursor, room, size, align);
    place::<2>(cursor, room, size, align);
    place::<4>(cursor, room, size, align);
    place::<8>(cursor, room, size, align);
    place::<16>(cursor, room, size, align);
    chunk(
        header % 1024 / 16 * 16,
        size,
        align.max(math::CHUNK_ALIGN),
        cursor,
    );
}

fn place<const MIN_ALIGN: usize>(cursor: usize, room: usize, size: usize, align: usize) {
    let cursor = math::round_down(cursor % math::LAST_END, MIN_ALIGN);
    let end = cursor.saturating_add(room).min(math::LAST_END);
    let end = math::round_down(end, MIN_ALIGN).max(cursor);
    let size = size.min(isize::MAX as usize - (align - 1));
    let placed = math::place::<MIN_ALIGN>(cursor, end, size, align, math::Known::Nothing);
    assert_eq!(
        placed,
        math::place_checked::<MIN_ALIGN>(cursor, end, size, align)
    );
    let hoped = math::place::<MIN_ALIGN>(cursor, end, size, align, math::Known::Hoped);
    if align <= MIN_ALIGN {
        assert_eq!(
            placed,
            math::place::<MIN_ALIGN>(cursor, end, size, align, math::Known::Aligned)
        );
        assert_eq!(placed, hoped);
    } else {
        assert_eq!(hoped, None);
    }
    if let Some(placed) = placed {
        assert_eq!((placed.start % align, placed.next % MIN_ALIGN), (0, 0));
        assert!(cursor <= placed.start && placed.start - cursor < align);
        assert!(placed.next - placed.start - size < MIN_ALIGN && placed.next <= end);
    }
}

fn chunk(header: usize, size: usize, align: usize, base: usize) {
    if let Some(chunk) = math::chunk_for(header, size, align) {
        assert!(std::alloc::Layout::from_size_align(chunk, align).is_ok());
        let base = math::round_down(base, align);
        if math::is_within_reach(base, chunk) {
            let (start, end) = (base + header, base + chunk);
            assert!(math::place_checked::<16>(start, end, size, align).is_some());
        }
    }
    let before = size % (2 * math::LARGEST_STEP);
    let step = math::next_step(before);
    assert_eq!(step % math::CHUNK_ALIGN, 0);
    assert!(before.min(math::LARGEST_STEP) <= step && step <= math::LARGEST_STEP);
    assert!(math::step_after(size) <= math::LARGEST_STEP);
    if let Some(right) = math::right_size(header, size) {
        assert!(right - header >= size);
        assert!(math::enough_use(right - header) <= right - header);
    }
}
