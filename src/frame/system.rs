//! Address space, from the operating system or, where that can't be had, from the parent allocator.

#[cfg(all(unix, not(miri)))]
pub(super) use mapped::{MOST_BYTES, commit, empty, most_bytes, reserve};
#[cfg(not(all(unix, not(miri))))]
pub(super) use taken::{MOST_BYTES, commit, empty, most_bytes, reserve};

/// With fewer chunks it is not worth it.
pub(super) const LEAST_CHUNKS: usize = if cfg!(miri) { 2 } else { 64 };

#[cfg(all(unix, not(miri)))]
mod mapped {
    use core::mem::MaybeUninit;
    use core::ptr;

    use crate::arena::math::round_up;

    /// The size of the largest range: 64 GiB, or 256 MiB on 32 bit.
    pub(in crate::frame) const MOST_BYTES: usize = 1 << if usize::BITS < 64 { 28 } else { 36 };

    /// The bytes to ask for at first.
    pub(in crate::frame) fn most_bytes() -> usize {
        let mut limit = MaybeUninit::<libc::rlimit>::uninit();
        // SAFETY: the structure is valid for writes, and read only if the call says that it was written.
        let limit = unsafe {
            if libc::getrlimit(libc::RLIMIT_AS, limit.as_mut_ptr()) == 0 {
                limit.assume_init().rlim_cur
            } else {
                libc::RLIM_INFINITY
            }
        };
        // The rest of the program needs address space as well. (The type is another on each system.)
        #[allow(clippy::useless_conversion, clippy::unnecessary_fallible_conversions)]
        if limit == libc::RLIM_INFINITY {
            return MOST_BYTES;
        }
        usize::try_from(limit / 8).map_or(MOST_BYTES, |most| most.min(MOST_BYTES))
    }

    /// Reserves `data` bytes that can't be used yet, aligned to their size, which is a power of two; and `tables` bytes
    /// that can be used at once, all zero, as a multiple of a chunk's size, and aligned to that.
    /// Answers the tables and the data.
    pub(in crate::frame) fn reserve(tables: usize, data: usize) -> Option<(*mut u8, *mut u8)> {
        let used = tables.checked_add(data)?;
        let bytes = used.checked_add(data)?;
        // SAFETY: a new mapping, at no place in particular.
        let start = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        if start == libc::MAP_FAILED {
            return None;
        }
        // The tables come first.
        let padding = round_up(start.addr() + tables, data) - tables - start.addr();
        let kept = start.wrapping_byte_add(padding);
        // SAFETY: what is kept lies in the mapping, and so do the parts that are given back, if there are any.
        // Advice that is refused does no harm.
        unsafe {
            if padding != 0 {
                libc::munmap(start, padding);
            }
            if padding != data {
                libc::munmap(kept.wrapping_byte_add(used), data - padding);
            }
            #[cfg(target_os = "linux")]
            {
                // Pages count one by one here, and what is free is not worth a core dump.
                libc::madvise(kept, used, libc::MADV_NOHUGEPAGE);
                libc::madvise(kept, used, libc::MADV_DONTDUMP);
            }
            if libc::mprotect(kept, tables, libc::PROT_READ | libc::PROT_WRITE) != 0 {
                libc::munmap(kept, used);
                return None;
            }
        }
        Some((kept.cast(), kept.wrapping_byte_add(tables).cast()))
    }

    /// Makes a part of the range usable, all zero.
    pub(in crate::frame) fn commit(start: *mut u8, bytes: usize) -> bool {
        // SAFETY: the part belongs to the range, and nothing relies on it not being usable.
        unsafe { libc::mprotect(start.cast(), bytes, libc::PROT_READ | libc::PROT_WRITE) == 0 }
    }

    /// Gives the memory of a part of the range back, as far as the system's own pages lie in it.
    pub(in crate::frame) fn empty(start: *mut u8, bytes: usize) {
        // SAFETY: a question.
        let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(0);
        let Some((padding, bytes)) = whole_pages(start.addr(), bytes, page) else {
            return;
        };
        let start = start.wrapping_byte_add(padding);
        // SAFETY: nothing in that part of the range is in use. If it is refused, the memory is kept.
        unsafe { libc::madvise(start.cast(), bytes, libc::MADV_DONTNEED) };
    }

    /// Where the first of the system's pages begins that lies in a part of the range, and the size of all that
    /// do. The system would take more: it rounds sizes up, where its pages are larger than ours.
    fn whole_pages(start: usize, bytes: usize, page: usize) -> Option<(usize, usize)> {
        if !page.is_power_of_two() {
            return None;
        }
        let padding = round_up(start, page) - start;
        let whole = bytes.checked_sub(padding)? & !(page - 1);
        (whole != 0).then_some((padding, whole))
    }

    #[test]
    fn only_whole_pages_are_emptied() {
        const K: usize = 1 << 10;
        assert_eq!(whole_pages(4 * K, 4 * K, 4 * K), Some((0, 4 * K)));
        assert_eq!(whole_pages(64 * K, 4 * K, 16 * K), None);
        assert_eq!(whole_pages(4 * K, 16 * K, 16 * K), None);
        assert_eq!(whole_pages(4 * K, 28 * K, 16 * K), Some((12 * K, 16 * K)));
        assert_eq!(whole_pages(4 * K, 39 * K, 16 * K), Some((12 * K, 16 * K)));
        assert_eq!(whole_pages(64 * K, 252 * K, 64 * K), Some((0, 192 * K)));
    }
}

#[cfg(not(all(unix, not(miri))))]
mod taken {
    use alloc::alloc::{Layout, alloc_zeroed};

    /// The size of the largest range: all of it is held from then on.
    pub(in crate::frame) const MOST_BYTES: usize = if cfg!(miri) { 4 << 20 } else { 64 << 20 };

    /// The bytes to ask for at first.
    pub(in crate::frame) fn most_bytes() -> usize {
        MOST_BYTES
    }

    /// Takes the range from the global allocator, whose parent serves it: no frame is open yet.
    pub(in crate::frame) fn reserve(tables: usize, data: usize) -> Option<(*mut u8, *mut u8)> {
        let layout = Layout::from_size_align(tables.checked_add(data)?, data).ok()?;
        // SAFETY: the layout has a size.
        let start = unsafe { alloc_zeroed(layout) };
        (!start.is_null()).then(|| (start.wrapping_byte_add(data), start))
    }

    pub(in crate::frame) fn commit(_start: *mut u8, _bytes: usize) -> bool {
        true
    }

    pub(in crate::frame) fn empty(_start: *mut u8, _bytes: usize) {}
}
