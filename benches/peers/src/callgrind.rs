//! Requests to callgrind, from inside of the program that runs under it.
//!
//! A request is a sequence of instructions that does nothing, by which valgrind knows it. Outside of valgrind it does
//! nothing.

use std::ffi::CStr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a request can be made on this machine.
pub(crate) const IS_ABLE: bool = cfg!(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
));

/// valgrind's own, and callgrind's, as in their header files.
const RUNNING_ON_VALGRIND: usize = 0x1001;
const ZERO_STATS: usize = 0x4354_0001;
const TOGGLE_COLLECT: usize = 0x4354_0002;
const DUMP_STATS_AT: usize = 0x4354_0003;

/// Set while a pass is counted.
static IS_COUNTING: AtomicBool = AtomicBool::new(false);

pub(crate) fn is_running() -> bool {
    request(RUNNING_ON_VALGRIND, 0) != 0
}

/// Begins to collect, or ends it, if a pass is counted.
#[inline(always)]
pub(crate) fn toggle() {
    if IS_COUNTING.load(Ordering::Relaxed) {
        request(TOGGLE_COLLECT, 0);
    }
}

/// Writes the next dump, of what is collected during `pass`. Callgrind must have been told not to collect at the start.
pub(crate) fn dump(id: &CStr, pass: impl FnOnce()) {
    request(ZERO_STATS, 0);
    IS_COUNTING.store(true, Ordering::Relaxed);
    pass();
    IS_COUNTING.store(false, Ordering::Relaxed);
    request(DUMP_STATS_AT, id.as_ptr().expose_provenance());
}

/// The instructions of a dump.
pub(crate) fn total(dump: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(dump).ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals:"))?;
    total.trim().parse().ok()
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn request(number: usize, argument: usize) -> usize {
    let block = [number, argument, 0, 0, 0, 0];
    let mut answer = 0_usize;
    // SAFETY: `rdi` is rotated by 128 bits and `rbx` exchanged with itself; valgrind reads the block, and what that
    // refers to, and writes the answer.
    unsafe {
        std::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") &raw const block,
            inout("rdx") answer,
            options(nostack),
        );
    }
    answer
}

#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
fn request(number: usize, argument: usize) -> usize {
    let block = [number, argument, 0, 0, 0, 0];
    let mut answer = 0_usize;
    // SAFETY: `x12` is rotated by 128 bits and `x10` left as it is; valgrind reads the block, and what that refers to,
    // and writes the answer.
    unsafe {
        std::arch::asm!(
            "ror x12, x12, #3",
            "ror x12, x12, #13",
            "ror x12, x12, #51",
            "ror x12, x12, #61",
            "orr x10, x10, x10",
            in("x4") &raw const block,
            inout("x3") answer,
            options(nostack),
        );
    }
    answer
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
fn request(_: usize, _: usize) -> usize {
    0
}
