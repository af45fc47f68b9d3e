//! What the tests of frames share: blocks that know what they should contain, and small tools.
#![allow(dead_code)]

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, realloc};
use std::hint::black_box;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use arenula::frame;

/// Whether frames are to serve: not if they were switched off for the whole run.
pub fn on() -> bool {
    static ON: OnceLock<bool> = OnceLock::new();
    *ON.get_or_init(|| {
        let is_off = std::env::var_os("ARENULA_FRAMES").is_some_and(|value| value == "off");
        assert_eq!(frame::is_installed(), !is_off);
        !is_off
    })
}

/// Checks that a block comes from a frame if frames serve.
///
/// Under the interpreter no page is used twice, so that the few that it has run out, and the parent serves.
#[track_caller]
pub fn assert_in_frame<T: ?Sized>(pointer: *const T) {
    if !cfg!(miri) {
        assert_eq!(frame::owns(pointer), on());
    }
}

/// Only one test at a time has this: for those that compare what all threads have done. In such a file every test
/// that uses frames has to take it.
pub fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    on();
    guard
}

/// Of a number of rounds, what is reasonable for how this was built.
pub fn rounds(release: usize, debug: usize, interpreted: usize) -> usize {
    if cfg!(miri) {
        interpreted
    } else if cfg!(debug_assertions) {
        debug
    } else {
        release
    }
}

/// The pinned pages, and the bytes alive in them.
pub fn pinned() -> (usize, usize) {
    let stats = frame::stats();
    assert_eq!(stats.pinned_bytes, stats.pinned_pages * 4096);
    (stats.pinned_pages, stats.pinned_bytes - stats.pinned_waste)
}

/// Checks that nothing is pinned.
#[track_caller]
pub fn assert_nothing_pinned() {
    assert_eq!(pinned(), (0, 0), "{}", frame::stats());
}

/// Numbers that look random.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 32) as usize) % end
    }
}

/// A block straight from the allocator, every byte of which follows from its seed.
#[derive(Debug)]
pub struct Block {
    start: NonNull<u8>,
    layout: Layout,
    seed: u64,
}

// SAFETY: a block is memory that nobody else uses, and may be freed anywhere.
unsafe impl Send for Block {}
// SAFETY: what is shared is only read.
unsafe impl Sync for Block {}

impl Block {
    /// `size` is not zero.
    pub fn new(size: usize, align: usize, seed: u64) -> Self {
        Self::make(size, align, seed, false)
    }

    /// A block that must come all zero.
    pub fn zeroed(size: usize, align: usize, seed: u64) -> Self {
        Self::make(size, align, seed, true)
    }

    fn make(size: usize, align: usize, seed: u64, zeroed: bool) -> Self {
        assert_ne!(size, 0);
        let layout = Layout::from_size_align(size, align).unwrap();
        // SAFETY: the layout has a size.
        let start = unsafe {
            if zeroed {
                alloc_zeroed(layout)
            } else {
                alloc(layout)
            }
        };
        let start = NonNull::new(black_box(start)).expect("there is memory");
        assert_eq!(start.as_ptr().addr() % align, 0, "misaligned to {align}");
        let mut block = Block {
            start,
            layout,
            seed,
        };
        if zeroed {
            assert!(block.bytes().iter().all(|&byte| byte == 0), "not zero");
        }
        block.fill();
        block
    }

    pub fn start(&self) -> *const u8 {
        self.start.as_ptr()
    }

    pub fn size(&self) -> usize {
        self.layout.size()
    }

    /// What the block takes in a frame.
    pub fn taken(&self) -> usize {
        self.layout.size().next_multiple_of(8)
    }

    pub fn is_of_frame(&self) -> bool {
        frame::owns(self.start())
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the block is that large, and was written.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.layout.size()) }
    }

    fn word(seed: u64, index: usize) -> [u8; 8] {
        (seed ^ index as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .to_le_bytes()
    }

    fn fill(&mut self) {
        // SAFETY: the block is that large, all of it written first, and borrowed as ours.
        let bytes = unsafe {
            self.start.as_ptr().write_bytes(0xa5, self.layout.size());
            std::slice::from_raw_parts_mut(self.start.as_ptr(), self.layout.size())
        };
        for (index, chunk) in bytes.chunks_mut(8).enumerate() {
            chunk.copy_from_slice(&Self::word(self.seed, index)[..chunk.len()]);
        }
    }

    /// Panics if a byte is not what it should be.
    #[track_caller]
    pub fn check(&self) {
        self.check_first(self.layout.size());
    }

    #[track_caller]
    fn check_first(&self, len: usize) {
        for (index, chunk) in self.bytes()[..len].chunks(8).enumerate() {
            let word = Self::word(self.seed, index);
            if chunk != &word[..chunk.len()] {
                panic!(
                    "overwritten: {:?} of {:?} at {:p}, word {index}: {chunk:x?} for {word:x?}",
                    self.seed, self.layout, self.start
                );
            }
        }
    }

    /// Reallocates the block, which keeps what both sizes have.
    pub fn resize(&mut self, size: usize) {
        assert_ne!(size, 0);
        self.check();
        // SAFETY: the block was allocated with the layout, and the size is not zero and small.
        let start = unsafe { realloc(self.start.as_ptr(), self.layout, size) };
        self.start = NonNull::new(black_box(start)).expect("there is memory");
        assert_eq!(self.start.as_ptr().addr() % self.layout.align(), 0);
        let kept = size.min(self.layout.size());
        self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
        self.check_first(kept);
        self.fill();
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.check();
        }
        // SAFETY: the block was allocated with the layout.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}

/// Forgets a block that an unchecked rewind takes back. Where nothing is rewound it is freed, not leaked.
pub fn forget(block: Block) {
    if on() {
        std::mem::forget(block);
    }
}

/// The memory of this process that is resident, where that can be asked.
///
/// What allocators do that look for mistakes is not to be judged by it: they keep what is freed. For them frames
/// are off.
pub fn resident() -> Option<usize> {
    frame::outside(|| {
        let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
        let pages: usize = statm.split(' ').nth(1)?.parse().ok()?;
        Some(pages * 4096)
    })
}

/// Runs one test of this program in a process of its own, with an environment variable that tells it so. Answers
/// what it printed.
#[track_caller]
pub fn child(test: &str, variables: &[(&str, &str)]) -> String {
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("ARENULA_TEST_CHILD", "yes")
        .envs(variables.iter().copied())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    judge(test, &output)
}

/// Checks that a child of this program ran its test, and passed. Answers what it printed.
#[track_caller]
pub fn judge(test: &str, output: &std::process::Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{test}: {:?}\n{printed}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

/// Whether this process is a [`child`].
pub fn is_child() -> bool {
    std::env::var_os("ARENULA_TEST_CHILD").is_some()
}
