//! Address space, from the operating system or, where that can't be had, from the parent allocator.

#[cfg(all(unix, not(miri)))]
pub(super) use mapped::{commit, empty, most_bytes, reserve};
#[cfg(not(all(unix, not(miri))))]
pub(super) use taken::{commit, empty, most_bytes, reserve};

/// With fewer chunks it is not worth it.
pub(super) const LEAST_CHUNKS: usize = if cfg!(miri) { 2 } else { 64 };

#[cfg(all(unix, not(miri)))]
mod mapped {
    use core::mem::MaybeUninit;
    use core::ptr;

    use crate::arena::math::round_up;
    use crate::frame::region::CHUNK;

    /// The bytes to ask for at first.
    pub(in crate::frame) fn most_bytes() -> usize {
        let most: u64 = if usize::BITS < 64 { 1 << 28 } else { 64 << 30 };
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
        let most = if limit == libc::RLIM_INFINITY {
            most
        } else {
            most.min(u64::try_from(limit / 8).unwrap_or(0))
        };
        usize::try_from(most).unwrap_or(0)
    }

    /// Reserves `tables` bytes that can be used at once, all zero, and behind them `data` bytes that can't be
    /// used yet, both multiples of a chunk's size, and aligned to it.
    pub(in crate::frame) fn reserve(tables: usize, data: usize) -> Option<*mut u8> {
        let bytes = tables.checked_add(data)?.checked_add(CHUNK)?;
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
        let padding = round_up(start.addr(), CHUNK) - start.addr();
        let aligned = start.wrapping_byte_add(padding);
        // SAFETY: the range lies in the mapping, and so do the parts that are given back, if there are any.
        // Advice that is refused does no harm.
        unsafe {
            #[cfg(target_os = "linux")]
            {
                // Pages count one by one here, and what is free is not worth a core dump.
                libc::madvise(aligned, tables + data, libc::MADV_NOHUGEPAGE);
                libc::madvise(aligned, tables + data, libc::MADV_DONTDUMP);
            }
            if libc::mprotect(aligned, tables, libc::PROT_READ | libc::PROT_WRITE) != 0 {
                libc::munmap(start, bytes);
                return None;
            }
            if padding != 0 {
                libc::munmap(start, padding);
            }
            let end = aligned.wrapping_byte_add(tables + data);
            if padding != CHUNK {
                libc::munmap(end, CHUNK - padding);
            }
        }
        Some(aligned.cast())
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

    use crate::frame::region::CHUNK;

    /// The bytes to ask for at first: all of them are held from then on.
    pub(in crate::frame) fn most_bytes() -> usize {
        if cfg!(miri) { 4 << 20 } else { 64 << 20 }
    }

    /// Takes the range from the global allocator, whose parent serves it: no frame is open yet.
    pub(in crate::frame) fn reserve(tables: usize, data: usize) -> Option<*mut u8> {
        let layout = Layout::from_size_align(tables.checked_add(data)?, CHUNK).ok()?;
        // SAFETY: the layout has a size.
        let start = unsafe { alloc_zeroed(layout) };
        (!start.is_null()).then_some(start)
    }

    pub(in crate::frame) fn commit(_start: *mut u8, _bytes: usize) -> bool {
        true
    }

    pub(in crate::frame) fn empty(_start: *mut u8, _bytes: usize) {}
}
