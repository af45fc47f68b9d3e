//! What each thread knows: the frame that is open, the memory that it takes blocks from, and chunks for the
//! next frame.
//!
//! # Invariants
//!
//! - **F1, owner.** Each chunk has one owner at a time: a frame, a thread's store, or a shared list; or it is
//!   parked. Only the owner touches its `free` and `used` pages. A frame is run by one thread at a time.
//! - **F2, account.** For each used page of a frame, the bytes below the cursor (in the window; all bytes of a
//!   page elsewhere) are alive, or counted as freed in the page's account, each once. Nothing else is counted.
//! - **F3, window.** The bytes from `cursor` to `end` are free, and lie in used pages of `chunk`, which the
//!   current frame owns. The blocks of the window that end at `cursor` begin at `start` or after.
//! - **F4, pages.** A page that is used names its frame; all others say [`CLOSED`], or were never used. A page
//!   becomes free only when all of its bytes are counted, or when nothing was ever allocated in it.
//! - **F5, idle.** Where no frame serves, `cursor` is null, `start` and `end` are 0; where one does and has no window,
//!   these are 1. So nothing fits, and one look at `start` says whether it is the parent's turn.
//! - **F6, exit.** A thread has a number only if its end will be noticed, or its store is closed: so what it keeps
//!   is shared when it ends.

use core::alloc::Layout;
use core::cell::Cell;
use core::sync::atomic::Ordering;

use super::chunk::{self, NONE, find_run, run};
use super::page::{CLOSED, Freed, PAGE, key};
use super::record::{Kind, NOBODY, PATIENCE, Record, Window};
use super::region::{self, CHUNK, PAGES};
use super::stats;
use super::store;
use crate::arena::math::round_up;

/// All sizes are rounded to this, which is the alignment that costs nothing.
pub(super) const GRAIN: usize = 8;

/// Larger blocks go to the parent, unless what is left of the window has room for them.
pub(super) const LARGEST: usize = 4 * PAGE;

/// The pages that a window has at most, unless a block needs more: so that what is used again is still near.
const WINDOW: u32 = 8;

/// No frame. Not what stands in a page that belongs to none, so that the two are never taken for the same.
pub(super) const NO_FRAME: u32 = CLOSED - 1;

/// No thread either: that of one on which no frame was ever opened.
const NEVER: u64 = u64::MAX;

/// What a thread knows.
pub(super) struct State {
    /// See [`Window`]; of the current frame.
    pub(super) cursor: Cell<*mut u8>,
    pub(super) end: Cell<usize>,
    start: Cell<usize>,
    chunk: Cell<u32>,
    /// The frame that is open,
    pub(super) frame: Cell<u32>,
    /// and as the accounts of its pages have it.
    key: Cell<u64>,
    /// The number of this thread.
    pub(super) thread: Cell<u64>,
    /// Where it counts what its frames do.
    pub(super) shard: Cell<u32>,
    /// Whether it asks whether frames work.
    pub(super) is_asking: Cell<bool>,
    /// The chunks and records that this thread keeps for its next frames.
    pub(super) store: store::Store,
}

std::thread_local! {
    /// Without a destructor, so that it can be asked at any time, and costs no check.
    pub(super) static STATE: State = const {
        State {
            cursor: Cell::new(core::ptr::null_mut()),
            end: Cell::new(0),
            start: Cell::new(0),
            chunk: Cell::new(NONE),
            frame: Cell::new(NO_FRAME),
            key: Cell::new(key(NO_FRAME)),
            thread: Cell::new(NEVER),
            shard: Cell::new(stats::SHARED),
            is_asking: Cell::new(false),
            store: store::Store::new(),
        }
    };
}

impl State {
    /// Whether the thread has a number.
    #[inline]
    pub(super) fn is_known(&self) -> bool {
        self.thread.get() != NEVER
    }

    /// Whether nothing is alive in the innermost frame.
    pub(super) fn is_empty(&self) -> bool {
        self.alive_in_pages(self.frame.get()).next().is_none()
    }

    /// Whether no frame serves (F5).
    #[inline(always)]
    pub(super) fn is_idle(&self) -> bool {
        // Not `end`: that is used again, so the compiler would load it into a register before it compares.
        self.start.get() == 0
    }

    /// Takes a block from the window, if it fits and needs no padding: the fast path.
    #[inline(always)]
    pub(super) fn bump(&self, layout: Layout) -> Option<*mut u8> {
        let cursor = self.cursor.get();
        let next = cursor.addr().wrapping_add(round_up(layout.size(), GRAIN));
        // All ones if the alignment is larger, so that one compare asks for both.
        let missing = (GRAIN as isize).wrapping_sub(layout.align() as isize);
        let bound = (missing >> (isize::BITS - 1)) as usize;
        // Where addresses are narrow the sum can come round.
        let is_round = usize::BITS < 64 && next < cursor.addr();
        if next | bound <= self.end.get() && !is_round {
            self.cursor.set(cursor.with_addr(next));
            Some(cursor)
        } else {
            None
        }
    }

    /// Takes a block where the window has no room, or the layout needs padding. Null if it is the parent's turn.
    #[cold]
    #[inline(never)]
    pub(super) fn carve(&self, layout: Layout) -> *mut u8 {
        let size = round_up(layout.size(), GRAIN);
        if size > LARGEST || layout.align() > PAGE {
            return core::ptr::null_mut();
        }
        loop {
            let cursor = self.cursor.get();
            let start = round_up(cursor.addr(), layout.align());
            if start + size <= self.end.get() {
                let padding = start - cursor.addr();
                self.cursor.set(cursor.with_addr(start + size));
                if padding != 0 {
                    self.free(region::offset_in(cursor), padding);
                }
                return cursor.with_addr(start);
            }
            if !self.refill(size.div_ceil(PAGE) as u32) {
                return core::ptr::null_mut();
            }
        }
    }

    /// Goes on to another window, of at least as many pages. Answers whether there is one.
    fn refill(&self, wanted: u32) -> bool {
        if self.is_idle() {
            return false;
        }
        let frame = self.frame.get();
        // SAFETY: the frame serves, so the range is there and has its record.
        let record = unsafe { region::record(frame) };
        self.abandon();
        loop {
            let current = self.chunk.get();
            if current != NONE {
                // SAFETY: the frame's chunks are in the range (F1).
                let chunk = unsafe { region::chunk(current) };
                chunk.collect();
                if let Some((first, len)) = find_run(chunk.free(), wanted, wanted.max(WINDOW)) {
                    self.open_window(frame, current, first, len);
                    return true;
                }
                self.chunk.set(NONE);
            }
            if let Some(next) = self.next_with_room(record, wanted) {
                self.chunk.set(next);
            } else {
                let Some(next) = self.new_chunk(record, wanted) else {
                    return false;
                };
                self.chunk.set(next);
            }
        }
    }

    /// Makes pages of a chunk the window.
    fn open_window(&self, frame: u32, index: u32, first: u32, len: u32) {
        // SAFETY: the chunk is one of the frame's (F1).
        unsafe { region::chunk(index) }.take(run(first, len));
        let page = index as usize * PAGES + first as usize;
        for page in page..page + len as usize {
            // SAFETY: the range has the chunk's pages, which are ours (F1).
            unsafe { region::page(page) }.open(frame);
        }
        let cursor = region::at(page * PAGE);
        self.cursor.set(cursor);
        self.start.set(cursor.addr());
        self.end.set(cursor.addr() + len as usize * PAGE);
    }

    /// Leaves the window: what is free in it counts as freed, and pages that are free are given back.
    pub(super) fn abandon(&self) {
        let cursor = self.cursor.get();
        if cursor.is_null() {
            return;
        }
        let rest = self.end.get() - cursor.addr();
        // SAFETY: a frame with a window is open, and has its record.
        let record = unsafe { region::record(self.frame.get()) };
        let served = cursor.addr() - self.start.get();
        record.served.set(record.served.get() + served);
        self.set_window(Window {
            chunk: self.chunk.get(),
            ..Window::EMPTY
        });
        if rest == 0 {
            return;
        }
        let offset = region::offset_in(cursor);
        let in_page = round_up(offset, PAGE) - offset;
        if in_page != 0 {
            self.free(offset, in_page);
        }
        let (first, end) = ((offset + in_page) / PAGE, (offset + rest) / PAGE);
        if first < end {
            for page in first..end {
                // SAFETY: the window's pages are in the range, and nothing was allocated in these (F3).
                unsafe { region::page(page) }.leave();
            }
            let pages = run((first % PAGES) as u32, (end - first) as u32);
            // SAFETY: they are used pages of this chunk (F3).
            unsafe { region::chunk((first / PAGES) as u32) }.give_back(pages);
        }
    }

    fn set_frame(&self, frame: u32) {
        self.frame.set(frame);
        self.key.set(key(frame));
    }

    fn window(&self) -> Window {
        Window {
            cursor: self.cursor.get(),
            start: self.start.get(),
            end: self.end.get(),
            chunk: self.chunk.get(),
        }
    }

    fn set_window(&self, window: Window) {
        self.cursor.set(window.cursor);
        self.start.set(window.start);
        self.end.set(window.end);
        self.chunk.set(window.chunk);
    }

    /// Notes that one of a frame's chunks has free pages.
    fn add_room(&self, record: &Record, index: u32) {
        // SAFETY: the chunk is one of the frame's (F1).
        let chunk = unsafe { region::chunk(index) };
        if chunk.has_room.swap(1, Ordering::Relaxed) == 0 {
            (chunk.next_with_room).store(record.with_room.get(), Ordering::Relaxed);
            record.with_room.set(index);
        }
    }

    /// The frame's chunk that got free pages last, of those that have as many in a row. The others come back
    /// when more of their pages are free, or after a sweep: they would be in the way of those below them.
    fn next_with_room(&self, record: &Record, wanted: u32) -> Option<u32> {
        loop {
            let index = record.with_room.get();
            if index == NONE {
                return None;
            }
            // SAFETY: the chunk is one of the frame's (F1).
            let chunk = unsafe { region::chunk(index) };
            (record.with_room).set(chunk.next_with_room.load(Ordering::Relaxed));
            chunk.has_room.store(0, Ordering::Relaxed);
            if find_run(chunk.free(), wanted, wanted).is_some() {
                return Some(index);
            }
        }
    }

    /// Adds a chunk to the frame, if it may have one more; or finds one that it has, with as many pages in a row.
    fn new_chunk(&self, record: &Record, wanted: u32) -> Option<u32> {
        let count = record.count.get();
        if record.sweep_in.get() != 0 {
            record.sweep_in.set(record.sweep_in.get() - 1);
        } else {
            self.sweep(record);
            let found = self.next_with_room(record, wanted);
            if found.is_some() {
                return found;
            }
            record.sweep_in.set(count.max(PATIENCE));
        }
        if count as usize >= stats::frame_budget() / CHUNK {
            return None;
        }
        let index = self.store.take_chunk()?;
        // SAFETY: the chunk is ours now (F1), and in the range.
        let chunk = unsafe { region::chunk(index) };
        chunk.has_room.store(0, Ordering::Relaxed);
        chunk.next.store(record.chunks.get(), Ordering::Relaxed);
        record.chunks.set(index);
        record.count.set(count + 1);
        Some(index)
    }

    /// Looks through the current frame's chunks for pages whose last values other threads have freed, and for
    /// all else that is free.
    #[cold]
    #[inline(never)]
    fn sweep(&self, record: &Record) {
        let (mut pages, mut free) = (0, 0);
        for index in chunks_of(record) {
            // SAFETY: the chunks and their pages are the frame's (F1).
            unsafe {
                let chunk = region::chunk(index);
                chunk.collect();
                for page in pages_of(index, chunk.used()) {
                    if region::page(page).alive() == 0 {
                        self.recycle(record, page);
                    }
                }
                if chunk.free() != 0 && index != self.chunk.get() {
                    self.add_room(record, index);
                }
                pages += PAGES;
                free += chunk.free().count_ones() as usize;
            }
        }
        // The next one is to come when this has paid off, by pages that were found or by chunks that were added.
        let has_paid_off = free >= pages / 4;
        let patience = record.count.get().max(PATIENCE);
        (record.sweep_in).set(if has_paid_off { 0 } else { patience });
    }

    /// Frees a block if it is the last of the window (F3). Answers whether it did; if not, the block can be anybody's.
    /// `size` is a multiple of [`GRAIN`].
    #[inline(always)]
    pub(super) fn free_last(&self, address: usize, size: usize) -> bool {
        let cursor = self.cursor.get();
        // It does not come round to null, the cursor where there is no window: no block ends at the end of all addresses.
        let is_last = address.wrapping_add(size) == cursor.addr() && address >= self.start.get();
        if cfg!(miri) || !is_last {
            return false;
        }
        self.cursor.set(cursor.with_addr(address));
        true
    }

    /// Frees a block of the range. `size` is a multiple of [`GRAIN`].
    #[inline(always)]
    pub(super) fn free_block(&self, offset: usize, size: usize) {
        // SAFETY: the range has the pages of a block.
        let page = unsafe { region::page(offset / PAGE) };
        if !page.free_quickly(self.key.get(), offset % PAGE, size) {
            self.free(offset, size);
        }
    }

    /// Makes a block of the range larger or smaller where it lies, if that can be.
    #[inline]
    pub(super) fn resize_block(&self, block: *mut u8, old: usize, new: usize) -> bool {
        // The bytes may be those of a `Box` that was given to a function, until that returns.
        if cfg!(miri) {
            return false;
        }
        let (address, cursor) = (block.addr(), self.cursor.get());
        let is_last = address + old == cursor.addr() && address >= self.start.get();
        // The last block of the window (F3).
        if is_last && new <= self.end.get() - address {
            self.cursor.set(cursor.with_addr(address + new));
            return true;
        }
        if new > old {
            return false;
        }
        if new < old {
            self.free(region::offset_in(block) + new, old - new);
        }
        true
    }

    /// Whether a block of the range belongs to the current frame.
    #[inline]
    pub(super) fn is_in_frame(&self, block: *mut u8) -> bool {
        // SAFETY: the range has the pages of a block.
        unsafe { region::page(region::offset_in(block) / PAGE) }.frame() == self.frame.get()
    }

    /// Counts bytes as freed, wherever they are.
    #[cold]
    #[inline(never)]
    fn free(&self, mut offset: usize, mut size: usize) {
        while size != 0 {
            let part = size.min(PAGE - offset % PAGE);
            self.free_in_page(offset / PAGE, part);
            offset += part;
            size -= part;
        }
    }

    fn free_in_page(&self, index: usize, bytes: usize) {
        // SAFETY: the range has the page; a frame that it names is open, and has a record.
        unsafe {
            let page = region::page(index);
            let frame = page.frame();
            // Only this thread writes its number, so what it reads here is up to date if it is equal.
            let is_ours = frame == self.frame.get()
                || (frame != CLOSED
                    && region::record(frame).thread.load(Ordering::Relaxed) == self.thread.get());
            if is_ours {
                if page.free_as_owner(bytes) {
                    self.recycle_in(frame, index);
                }
                return;
            }
            match page.free_as_other(bytes) {
                Freed::InOpenFrame => {}
                Freed::InPinnedPage => stats::unpin(0, bytes),
                Freed::LastInPage => {
                    stats::unpin(1, bytes);
                    store::hand_in((index / PAGES) as u32, 1 << (index % PAGES));
                }
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn recycle_in(&self, frame: u32, page: usize) {
        // SAFETY: the page names the frame, which this thread runs.
        self.recycle(unsafe { region::record(frame) }, page);
    }

    /// Makes a page free again, all of whose bytes are counted (F4).
    fn recycle(&self, record: &Record, page: usize) {
        let index = (page / PAGES) as u32;
        // SAFETY: the page and its chunk are the frame's, which this thread runs (F1).
        unsafe {
            region::page(page).settle();
            let chunk = region::chunk(index);
            let bit = 1 << (page % PAGES);
            chunk.give_back(bit);
            #[cfg(miri)]
            chunk.quarantine(bit);
        }
        let is_current = if core::ptr::eq(record, self.current()) {
            self.chunk.get() == index
        } else {
            record.saved.get().chunk == index
        };
        if !is_current {
            self.add_room(record, index);
        }
    }

    /// The record of the current frame; null if there is none.
    fn current(&self) -> *const Record {
        match self.frame.get() {
            NO_FRAME => core::ptr::null(),
            // SAFETY: the frame is open, so the range is there and has its record.
            frame => unsafe { region::record(frame) },
        }
    }

    /// Opens a frame on top of the others, if there is a record for it.
    pub(super) fn open(&self, kind: Kind) -> Option<(u32, u64)> {
        let index = self.store.take_record()?;
        Some((index, self.open_as(index, kind)))
    }

    /// Opens a frame on top of another that passes all to the parent. There is none only if that one does so too.
    pub(super) fn open_outside(&self) -> Option<(u32, u64)> {
        if self.is_idle() {
            return self.open(Kind::Passing);
        }
        // Its own, which nobody else uses: no frame is opened over this one while another is.
        let index = region::twin(self.frame.get());
        Some((index, self.open_as(index, Kind::Passing)))
    }

    /// Opens a frame with this record. Answers its serial number.
    fn open_as(&self, index: u32, kind: Kind) -> u64 {
        self.save();
        // SAFETY: the range has the record, which is ours.
        let record = unsafe { region::record(index) };
        record.open(kind, self.frame.get(), self.thread.get());
        if kind == Kind::Level && self.frame.get() != NO_FRAME {
            // SAFETY: frames that are open have their records.
            let below = unsafe { region::record(self.frame.get()) };
            record.count.set(below.count.get());
        }
        self.set_window(match kind {
            Kind::Passing => Window::IDLE,
            Kind::Serving | Kind::Level => Window::EMPTY,
        });
        self.set_frame(index);
        record.serial()
    }

    /// Saves the window of the current frame, before another comes on top of it.
    fn save(&self) {
        let frame = self.frame.get();
        if frame != NO_FRAME {
            // SAFETY: frames that are open have their records.
            unsafe { region::record(frame) }.saved.set(self.window());
        }
    }

    /// Takes the innermost frame off, whose record this is.
    fn take_off(&self, record: &Record) {
        let outer = record.outer.get();
        self.set_frame(outer);
        self.set_window(match outer {
            NO_FRAME => Window::IDLE,
            // SAFETY: frames that are open have their records.
            outer => unsafe { region::record(outer) }.saved.get(),
        });
    }

    /// Puts a frame that nobody runs on top of the others.
    pub(super) fn resume(&self, index: u32) {
        self.save();
        // SAFETY: frames that are open have their records.
        let record = unsafe { region::record(index) };
        // One thread runs it, with a number of its own (F1, F6).
        debug_assert!(self.is_known() && record.thread.load(Ordering::Relaxed) == NOBODY);
        record.outer.set(self.frame.get());
        record.thread.store(self.thread.get(), Ordering::Relaxed);
        self.set_window(record.saved.get());
        self.set_frame(index);
    }

    /// Takes the innermost frame off, as it is. Nobody runs it then.
    pub(super) fn suspend(&self) {
        self.save();
        // SAFETY: frames that are open have their records.
        let record = unsafe { region::record(self.frame.get()) };
        record.thread.store(NOBODY, Ordering::Relaxed);
        self.take_off(record);
    }

    /// Ends the innermost frame: what is free is used again, what is not is pinned.
    pub(super) fn close(&self) {
        let index = self.frame.get();
        self.abandon();
        // SAFETY: frames that are open have their records, and their chunks are in the range.
        let record = unsafe { region::record(index) };
        let mut next = record.chunks.get();
        while next != NONE {
            let chunk = next;
            // SAFETY: the chunk is the frame's (F1).
            next = unsafe { region::chunk(chunk) }.next.load(Ordering::Relaxed);
            close_chunk(chunk);
            self.store.keep_chunk(chunk);
        }
        self.take_off(record);
        let frames = u64::from(record.kind.get() == Kind::Serving);
        stats::count(self.shard.get(), frames, record.served.get() as u64, 0);
        record.close();
        if !region::is_twin(index) {
            self.store.keep_record(index);
        }
    }

    /// The window of a frame that this thread runs.
    pub(super) fn window_of(&self, index: u32) -> Window {
        if index == self.frame.get() {
            self.window()
        } else {
            // SAFETY: the frame is open, and has its record.
            unsafe { region::record(index) }.saved.get()
        }
    }

    /// The pages of a frame that this thread runs in which something is alive, and the bytes of that.
    pub(super) fn alive(&self, index: u32) -> (usize, usize) {
        self.alive_in_pages(index)
            .fold((0, 0), |(pages, sum), bytes| (pages + 1, sum + bytes))
    }

    /// The bytes that are alive in each page of a frame that this thread runs, where there are some.
    fn alive_in_pages(&self, index: u32) -> impl Iterator<Item = usize> {
        let window = self.window_of(index);
        // What is free in the window is not counted in the pages (F2).
        let free_in = move |page: usize| {
            let start = region::at(page * PAGE).addr();
            let end = window.end.min(start + PAGE);
            end.saturating_sub(window.cursor.addr().max(start))
        };
        // SAFETY: frames that are open have their records.
        let record = unsafe { region::record(index) };
        chunks_of(record)
            // SAFETY: the chunk and its pages are the frame's (F1).
            .flat_map(|index| pages_of(index, unsafe { region::chunk(index) }.used()))
            // SAFETY: as above.
            .map(move |page| unsafe { region::page(page) }.alive() - free_in(page))
            .filter(|&bytes| bytes != 0)
    }

    /// Makes all pages of the innermost frame free in which nothing is alive.
    pub(super) fn rewind(&self) {
        self.abandon();
        // SAFETY: the frame is open, and has its record.
        self.sweep(unsafe { region::record(self.frame.get()) });
    }

    /// Makes all pages of the innermost frame free.
    ///
    /// # Safety
    ///
    /// Nobody uses or frees anything that was allocated in it.
    pub(super) unsafe fn rewind_all(&self) {
        self.abandon();
        // SAFETY: frames that are open have their records, their chunks and their pages (F1); what lies in the
        // pages is not used, as promised.
        unsafe {
            let record = region::record(self.frame.get());
            for index in chunks_of(record) {
                for page in pages_of(index, region::chunk(index).used()) {
                    #[cfg(feature = "trace-escapes")]
                    super::trace::strike_out_page(page);
                    self.recycle(record, page);
                }
            }
        }
    }
}

/// The chunks of a frame.
fn chunks_of(record: &Record) -> impl Iterator<Item = u32> {
    let first = Some(record.chunks.get()).filter(|&first| first != NONE);
    core::iter::successors(first, |&index| {
        // SAFETY: the chunk is the frame's, and stays so meanwhile (F1).
        let next = unsafe { region::chunk(index) }.next.load(Ordering::Relaxed);
        (next != NONE).then_some(next)
    })
}

/// The numbers of some pages of a chunk.
fn pages_of(chunk: u32, mut pages: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let page = pages.trailing_zeros() as usize;
        if pages == 0 {
            return None;
        }
        pages &= pages - 1;
        Some(chunk as usize * PAGES + page)
    })
}

/// Gives up the pages of a chunk in which something is alive.
fn close_chunk(index: u32) {
    // SAFETY: the chunk and its pages are those of a frame that ends (F1).
    unsafe {
        let chunk = region::chunk(index);
        let used = chunk.used();
        if used == 0 {
            return;
        }
        // Counted first: another thread can free the last value of a page as soon as it is given up, and
        // hand in the page.
        chunk.give_up(used);
        let alive = pages_of(index, used).map(|page| region::page(page).not_freed_by_owner());
        stats::pin(used.count_ones() as usize, alive.sum());
        let mut by_others = 0;
        let mut free: u64 = 0;
        for page in pages_of(index, used) {
            let (freed, is_free) = region::page(page).close();
            by_others += freed;
            if is_free {
                free |= 1 << (page % PAGES);
            }
        }
        stats::unpin(free.count_ones() as usize, by_others);
        if !cfg!(miri) {
            chunk.add_free(free);
        }
    }
}

const _: () = assert!(LARGEST / PAGE <= chunk::ALL.count_ones() as usize);
