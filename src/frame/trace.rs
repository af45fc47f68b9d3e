//! Where the values were allocated that outlived their frames: to know what to put into `frame::outside`.
//!
//! Each block that a frame serves is entered with the return addresses of the calls that led to it, and
//! struck out when it is freed. The addresses are made names of only when somebody asks: that allocates, and
//! takes locks that a panic that is being printed may hold.

use core::cell::Cell;
use core::ffi::c_void;
use core::fmt;
use std::collections::HashMap;
use std::string::{String, ToString};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::vec::Vec;

use super::region;
use super::{page::CLOSED, page::PAGE};

/// The calls that are entered of each block.
const DEPTH: usize = 24;

/// The calls that are left out: those of the allocator and of this file.
const OWN: usize = 2;

struct Entry {
    size: usize,
    addresses: [usize; DEPTH],
}

/// The blocks that frames have served and that are not freed, by address.
static BLOCKS: Mutex<Option<HashMap<usize, Entry>>> = Mutex::new(None);

std::thread_local! {
    /// Whether this thread is busy with an entry: what that allocates is the parent's, and is not entered.
    static IS_BUSY: Cell<bool> = const { Cell::new(false) };
}

/// Whether what this thread allocates now is the parent's, because it makes an entry.
#[inline]
pub(super) fn is_busy() -> bool {
    IS_BUSY.with(Cell::get)
}

fn busily<R>(f: impl FnOnce() -> R) -> R {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            IS_BUSY.with(|is_busy| is_busy.set(false));
        }
    }
    IS_BUSY.with(|is_busy| is_busy.set(true));
    let _done = Done;
    f()
}

fn blocks() -> MutexGuard<'static, Option<HashMap<usize, Entry>>> {
    BLOCKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Enters a block that was served.
pub(super) fn enter(block: *mut u8, size: usize) {
    if !region::owns(block) || is_busy() {
        return;
    }
    busily(|| {
        let mut addresses = [0; DEPTH];
        let mut depth = 0_usize;
        let note = |frame: &backtrace::Frame| {
            if let Some(address) = depth
                .checked_sub(OWN)
                .and_then(|depth| addresses.get_mut(depth))
            {
                *address = frame.ip().addr();
            }
            depth += 1;
            depth < DEPTH + OWN
        };
        // SAFETY: it is synchronised where that is needed: each thread walks its own stack, and this one does not
        // do so twice at a time.
        unsafe { backtrace::trace_unsynchronized(note) };
        let entry = Entry { size, addresses };
        blocks()
            .get_or_insert_with(HashMap::new)
            .insert(block.addr(), entry);
    });
}

/// Strikes a block out that is about to be freed.
pub(super) fn strike_out(block: *mut u8) {
    if region::owns(block) && !is_busy() {
        busily(|| {
            if let Some(blocks) = blocks().as_mut() {
                blocks.remove(&block.addr());
            }
        });
    }
}

/// Strikes out the blocks in a page that is used again though they were not freed.
pub(super) fn strike_out_page(page: usize) {
    busily(|| {
        if let Some(blocks) = blocks().as_mut() {
            blocks.retain(|&address, _| {
                region::offset_in(region::at(0).with_addr(address)) / PAGE != page
            });
        }
    });
}

/// A value that has outlived its frame, and where it was allocated.
///
/// Printed, it is the calls that led there, the innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Escape {
    /// The size of the value's block.
    pub size: usize,
    /// The functions that were called, the innermost first, with file and line where they are known.
    pub calls: Vec<String>,
}

impl fmt::Display for Escape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} bytes, allocated in", self.size)?;
        self.calls
            .iter()
            .try_for_each(|call| writeln!(f, "  {call}"))
    }
}

/// The values that have outlived their frames and are still alive, the largest first.
///
/// With the feature `trace-escapes`, which makes each allocation in a frame much slower.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
///
/// # fn main() {
/// let escaped = frame::scope(|| {
///     drop(vec![1, 2, 3]);
///     Box::new([0_u8; 100])
/// });
/// let escapes = frame::escapes();
/// assert_eq!(escapes.len(), 1);
/// assert_eq!(escapes[0].size, 100);
/// assert!(escapes[0].to_string().contains("main"));
/// drop(escaped);
/// assert!(frame::escapes().is_empty());
/// # }
/// ```
#[must_use]
pub fn escapes() -> Vec<Escape> {
    let found: Vec<(usize, [usize; DEPTH])> = super::outside(|| {
        busily(|| {
            let blocks = blocks();
            blocks
                .iter()
                .flatten()
                .filter(|&(&address, _)| is_escaped(address))
                .map(|(_, entry)| (entry.size, entry.addresses))
                .collect()
        })
    });
    let mut escapes: Vec<Escape> = found
        .into_iter()
        .map(|(size, addresses)| Escape {
            size,
            calls: addresses
                .into_iter()
                .filter(|&address| address != 0)
                .flat_map(names_of)
                .collect(),
        })
        .collect();
    escapes.sort_by(|one, other| (other.size, &one.calls).cmp(&(one.size, &other.calls)));
    escapes
}

/// Whether the frame of a block has ended.
fn is_escaped(address: usize) -> bool {
    let offset = address.wrapping_sub(region::at(0).addr());
    // SAFETY: the block was a frame's, so the range is there and has its page.
    unsafe { region::page(offset / PAGE) }.frame() == CLOSED
}

/// The functions at a return address: more than one where some were inlined.
fn names_of(address: usize) -> Vec<String> {
    let mut names = Vec::new();
    // Only looked up, never followed.
    let address = core::ptr::without_provenance_mut::<c_void>(address);
    backtrace::resolve(address, |symbol| {
        let mut name = symbol
            .name()
            .map_or_else(|| String::from("?"), |name| name.to_string());
        if let (Some(file), Some(line)) = (symbol.filename(), symbol.lineno()) {
            name += &std::format!(" at {}:{line}", file.display());
        }
        names.push(name);
    });
    names
}
