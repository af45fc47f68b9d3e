//! Where the texts of an interner for many threads are, by their numbers.

use core::alloc::Layout;
use core::ptr::{self, NonNull};

use super::witness::Witness;
use crate::arena::Failure;
use crate::atomic::{AtomicPtr, Ordering};
use crate::intern::record::Record;
use crate::typed::{BUCKETS, locate, max_len};

/// Where a text is; null if it was not published.
struct Entry {
    record: AtomicPtr<u8>,
    seen: Witness,
}

/// Entries in buckets as those of a `FrozenArena`, which stay where they are while more come. Behind the entries of a
/// bucket are as many tags.
pub(super) struct Entries {
    buckets: [AtomicPtr<Entry>; BUCKETS],
    seen: [Witness; BUCKETS],
}

/// The most entries.
const MOST: usize = max_len(size_of::<Entry>());

/// The block of a bucket with so many entries.
fn layout_of(entries: usize) -> Result<Layout, Failure> {
    (entries.checked_mul(size_of::<Entry>() + size_of::<u32>()))
        .and_then(|size| Layout::from_size_align(size, align_of::<Entry>()).ok())
        .ok_or(Failure::TooLarge)
}

/// Where the tags of a bucket are.
///
/// # Safety
///
/// The bucket has so many entries.
unsafe fn tags_of(bucket: *mut Entry, entries: usize) -> *mut u32 {
    // SAFETY: as promised.
    unsafe { bucket.add(entries).cast() }
}

impl Entries {
    pub(super) fn new() -> Self {
        Entries {
            buckets: core::array::from_fn(|_| AtomicPtr::new(ptr::null_mut())),
            seen: core::array::from_fn(|_| Witness::default()),
        }
    }

    /// Where the text with this number is, if it was published.
    #[inline(always)]
    pub(super) fn record(&self, index: usize) -> Option<Record> {
        if index >= MOST {
            return None;
        }
        // SAFETY: it is less than the most. The bucket was published, and so was the record if it is not null; both
        // stay (N6, N7).
        unsafe {
            let (number, offset, _) = locate(index, size_of::<Entry>());
            let bucket = NonNull::new(self.buckets[number].load(Ordering::Acquire))?;
            self.seen[number].read();
            let entry = bucket.add(offset).as_ref();
            let record = NonNull::new(entry.record.load(Ordering::Acquire))?;
            entry.seen.read();
            Some(Record(record))
        }
    }

    /// How many texts there are entries for.
    pub(super) fn capacity(&self) -> usize {
        let mut capacity = 0;
        while capacity < MOST {
            // SAFETY: it is less than the most.
            let (number, offset, entries) = unsafe { locate(capacity, size_of::<Entry>()) };
            // Relaxed: nothing is read there.
            if self.buckets[number].load(Ordering::Relaxed).is_null() {
                break;
            }
            capacity += entries - offset;
        }
        capacity.min(MOST)
    }

    /// Sees to it that there is an entry for this text, and answers how many of those that follow have one as well; with
    /// the lock.
    pub(super) fn prepare(
        &self,
        index: usize,
        allocate: impl FnOnce(Layout) -> Result<NonNull<u8>, Failure>,
    ) -> Result<usize, Failure> {
        if index >= MOST {
            return Err(Failure::TooLarge);
        }
        // SAFETY: it is less than the most.
        let (number, offset, entries) = unsafe { locate(index, size_of::<Entry>()) };
        if self.buckets[number].load(Ordering::Relaxed).is_null() {
            let bucket = allocate(layout_of(entries)?)?.as_ptr().cast::<Entry>();
            for offset in 0..entries {
                // SAFETY: the block has room for as many.
                unsafe {
                    bucket.add(offset).write(Entry {
                        record: AtomicPtr::new(ptr::null_mut()),
                        seen: Witness::default(),
                    });
                }
            }
            self.seen[number].write();
            self.buckets[number].store(bucket, Ordering::Release);
        }
        Ok(entries - offset - 1)
    }

    /// Publishes a text.
    ///
    /// # Safety
    ///
    /// Its entry was prepared, nobody else writes to it, and the record was written.
    #[inline(always)]
    pub(super) unsafe fn publish(&self, index: usize, record: Record, tag: u32) {
        // SAFETY: as promised. Nobody who reads looks at tags without the lock (N5).
        unsafe {
            let (number, offset, entries) = locate(index, size_of::<Entry>());
            let bucket = self.buckets[number].load(Ordering::Relaxed);
            tags_of(bucket, entries).add(offset).write(tag);
            let entry = &*bucket.add(offset);
            entry.seen.write();
            entry.record.store(record.0.as_ptr(), Ordering::Release);
        }
    }

    /// The tags of the first texts.
    ///
    /// # Safety
    ///
    /// So many were published, and nobody publishes any while this is used.
    pub(super) unsafe fn tags(&self, len: usize) -> impl Iterator<Item = u32> {
        let mut next = 0;
        let runs = core::iter::from_fn(move || {
            if next >= len {
                return None;
            }
            // SAFETY: as promised: there is such an entry, and so many tags were written, and stay as they are.
            unsafe {
                let (number, _, entries) = locate(next, size_of::<Entry>());
                let bucket = self.buckets[number].load(Ordering::Relaxed);
                let count = entries.min(len - next);
                next += count;
                Some(core::slice::from_raw_parts(
                    tags_of(bucket, entries).cast_const(),
                    count,
                ))
            }
        });
        runs.flatten().copied()
    }

    /// Forgets the first texts.
    ///
    /// # Safety
    ///
    /// So many were published.
    pub(super) unsafe fn clear(&mut self, len: usize) {
        for index in 0..len {
            // SAFETY: as promised.
            unsafe {
                let (number, offset, _) = locate(index, size_of::<Entry>());
                let bucket = self.buckets[number].load(Ordering::Relaxed);
                let record = &(*bucket.add(offset)).record;
                record.store(ptr::null_mut(), Ordering::Relaxed);
            }
        }
    }

    /// Takes out a bucket, whose block is the caller's then.
    pub(super) fn take(&mut self) -> Option<(NonNull<u8>, Layout)> {
        for (number, bucket) in self.buckets.iter().enumerate() {
            let start = bucket.load(Ordering::Relaxed);
            bucket.store(ptr::null_mut(), Ordering::Relaxed);
            let entries = 1_usize << number;
            if let (Some(start), Ok(layout)) = (NonNull::new(start), layout_of(entries)) {
                // SAFETY: they were made with the bucket, and can't be reached any more.
                unsafe { NonNull::slice_from_raw_parts(start, entries).drop_in_place() };
                return Some((start.cast(), layout));
            }
        }
        None
    }
}
