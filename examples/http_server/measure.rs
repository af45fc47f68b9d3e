//! What is measured beside time.

use std::alloc::{GlobalAlloc, Layout, System};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The system's allocator, which counts what it is asked for while somebody wants to know.
pub struct Counting;

static IS_COUNTING: AtomicBool = AtomicBool::new(false);
static COUNT: AtomicU64 = AtomicU64::new(0);

impl Counting {
    fn count(&self) {
        if IS_COUNTING.load(Ordering::Relaxed) {
            COUNT.fetch_add(1, Ordering::Relaxed);
        }
    }
}

// SAFETY: it hands on what the system's allocator does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.count();
        // SAFETY: the same contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.count();
        // SAFETY: the same contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        self.count();
        // SAFETY: the same contract.
        unsafe { System.realloc(block, layout, new_size) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the same contract.
        unsafe { System.dealloc(block, layout) }
    }
}

/// What came of a turn.
pub struct Turn {
    pub uses_frames: bool,
    /// Microseconds, in order.
    pub latencies: Vec<u32>,
    /// The allocations of the parent, for each request.
    pub allocations: f64,
    /// In MiB, at the end.
    pub resident: f64,
}

impl Turn {
    pub fn percentile(&self, share: usize) -> f64 {
        let index = self.latencies.len() * share / 100;
        let last = self.latencies.len().saturating_sub(1);
        self.latencies
            .get(index.min(last))
            .copied()
            .unwrap_or(0)
            .into()
    }
}

/// Answers how many allocations of the parent each of the answers took; those of the load driver are in it.
pub async fn count(load: impl Future<Output = io::Result<Vec<u32>>>) -> io::Result<f64> {
    let before = COUNT.load(Ordering::Relaxed);
    IS_COUNTING.store(true, Ordering::Relaxed);
    let answers = load.await;
    IS_COUNTING.store(false, Ordering::Relaxed);
    let count = COUNT.load(Ordering::Relaxed) - before;
    Ok(count as f64 / answers?.len().max(1) as f64)
}

/// The memory that the process has, in MiB; 0 where the system does not tell.
pub fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = kib.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
