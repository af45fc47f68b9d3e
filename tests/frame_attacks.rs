//! Attempts to break frames: memory that is lost, used twice, or grows without end.
#![cfg(all(feature = "frame", target_has_atomic = "64", not(miri)))]

use std::alloc::{Layout, alloc};
use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::task::{Context, Poll, Waker};
use std::thread;

use arenula::{FrameAlloc, frame};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

/// What is pinned, and the limits, are those of the whole program: one test at a time. `None` where frames are
/// switched off: then there is nothing to attack.
fn alone() -> Option<MutexGuard<'static, ()>> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    (!is_off()).then_some(guard)
}

fn is_off() -> bool {
    std::env::var_os("ARENULA_FRAMES").is_some_and(|value| value == "off")
}

/// Runs the test `name` of this file again, in a process of its own. Answers whether this is that process.
fn is_child(name: &str) -> bool {
    if std::env::var_os("FRAME_ATTACK").is_some_and(|value| value == name) {
        return true;
    }
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--test-threads=1", "--nocapture"])
        .env("FRAME_ATTACK", name)
        .status()
        .unwrap();
    assert!(status.success());
    false
}

const CHUNK: usize = 256 << 10;

/// The chunks that were seen.
#[derive(Default)]
struct Chunks(HashSet<usize>);

impl Chunks {
    /// Notes a block; answers whether it is a frame's.
    fn note<T: ?Sized>(&mut self, block: *const T) -> bool {
        let address = block.cast::<u8>().addr();
        // What this allocates is not to be seen.
        frame::outside(|| self.0.insert(address / CHUNK));
        frame::owns(block)
    }
}

fn owns(address: usize) -> bool {
    frame::owns(std::ptr::without_provenance::<u8>(address))
}

/// Yields once.
async fn pause() {
    let mut is_first = true;
    std::future::poll_fn(|_| {
        if std::mem::take(&mut is_first) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

/// A frame in which little is alive holds little, whatever the sizes are.
#[test]
fn a_queue_of_blocks_needs_no_more_than_it_holds() {
    let Some(_alone) = alone() else { return };
    for size in [100, 5000, 8192, 12_000, 16_384] {
        let mut chunks = Chunks::default();
        frame::scope(|| {
            let mut queue = VecDeque::with_capacity(100);
            for n in 0..(400 << 20) / size {
                if queue.len() == 100 {
                    queue.pop_front();
                }
                let block = Vec::<u8>::with_capacity(size);
                assert!(chunks.note(block.as_ptr()), "block {n} of {size} bytes");
                queue.push_back(block);
            }
        });
        assert!(chunks.0.len() <= 20, "{} chunks for {size}", chunks.0.len());
    }
}

/// Also if it is another thread that frees.
#[test]
fn what_other_threads_free_is_used_again() {
    let Some(_alone) = alone() else { return };
    for size in [64, 3000, 16_384] {
        let mut chunks = Chunks::default();
        let (sender, receiver) = mpsc::sync_channel::<Vec<u8>>(16);
        let consumer = thread::spawn(move || receiver.into_iter().for_each(drop));
        frame::scope(|| {
            for n in 0..(400 << 20) / size.max(1000) {
                let block = Vec::with_capacity(size);
                assert!(chunks.note(block.as_ptr()), "block {n} of {size} bytes");
                sender.send(block).unwrap();
            }
        });
        drop(sender);
        consumer.join().unwrap();
        assert!(chunks.0.len() <= 40, "{} chunks for {size}", chunks.0.len());
    }
}

/// A frame that has come to its budget, and whose blocks another thread frees then, serves again.
#[test]
fn at_its_budget_a_frame_still_finds_what_others_free() {
    let Some(_alone) = alone() else { return };
    frame::set_frame_budget(32 * CHUNK);
    frame::scope(|| {
        let mut blocks = frame::outside(Vec::new);
        loop {
            let block = Vec::<u8>::with_capacity(16_000);
            if !frame::owns(block.as_ptr()) {
                break;
            }
            frame::outside(|| blocks.push(block));
        }
        thread::spawn(move || drop(blocks)).join().unwrap();
        let serves = (0..200).any(|_| frame::owns(Vec::<u8>::with_capacity(16_000).as_ptr()));
        assert!(serves);
    });
    frame::set_frame_budget(256 << 20);
}

/// Checkpoints that are rewound to leave nothing behind.
#[test]
fn checkpoints_in_a_loop_take_no_memory() {
    let Some(_alone) = alone() else { return };
    let mut chunks = Chunks::default();
    frame::with(|frame| {
        for _ in 0..2000 {
            let here = frame.checkpoint();
            let block = Box::new(1);
            assert!(chunks.note(&*block));
            drop(block);
            assert_eq!(frame.rewind(&here), Ok(()));
        }
    });
    assert!(chunks.0.len() <= 2, "{} chunks", chunks.0.len());
}

/// What comes after checkpoints counts for the budget of the frame.
#[test]
fn levels_share_the_budget_of_their_frame() {
    let Some(_alone) = alone() else { return };
    frame::set_frame_budget(4 * CHUNK);
    let mut served = 0;
    frame::with(|frame| {
        for _ in 0..100 {
            let _ = frame.checkpoint();
            let block = Box::new(1);
            served += usize::from(frame::owns(&*block));
            std::mem::forget(block);
        }
    });
    frame::set_frame_budget(256 << 20);
    assert_eq!(served, 4);
}

/// A thread on which no frame was ever opened gives back what it gets from the futures that end there.
#[test]
fn a_future_that_ends_on_another_thread_leaves_no_chunk_there() {
    let Some(_alone) = alone() else { return };
    let mut chunks = Chunks::default();
    for _ in 0..200 {
        let mut future = Box::pin(frame::in_frame(async {
            let block = Box::new(1);
            let address = (&raw const *block).addr();
            pause().await;
            address
        }));
        assert!(poll(&mut future).is_pending());
        let address = thread::spawn(move || match poll(&mut future) {
            Poll::Ready(address) => address,
            Poll::Pending => unreachable!(),
        })
        .join()
        .unwrap();
        chunks.note(std::ptr::without_provenance::<u8>(address));
    }
    assert!(chunks.0.len() <= 40, "{} chunks", chunks.0.len());
}

/// And frames that are forgotten there end with the thread.
#[test]
fn a_thread_that_only_runs_futures_ends_its_frames() {
    let Some(_alone) = alone() else { return };
    let before = frame::stats();
    let mut future = Box::pin(frame::in_frame(async {
        pause().await;
        pause().await;
    }));
    assert!(poll(&mut future).is_pending());
    thread::spawn(move || {
        assert!(poll(&mut future).is_pending());
        let frame = frame::enter();
        assert!(frame::is_open());
        std::mem::forget(frame);
        std::mem::forget(std::hint::black_box(Box::new(1)));
        // The future's frame ends here, the forgotten one with the thread.
        drop(future);
    })
    .join()
    .unwrap();
    let after = frame::stats();
    assert_eq!(after.frames - before.frames, 2);
    assert_eq!(after.pinned_pages - before.pinned_pages, 1);
}

#[test]
fn no_pin_limit_is_no_limit() {
    let Some(_alone) = alone() else { return };
    frame::set_pin_limit(usize::MAX);
    let kept: Vec<_> = (0..6000)
        .map(|_| {
            frame::scope(|| {
                let kept = Box::new(1);
                drop(black_box(Vec::<u8>::with_capacity(4000)));
                kept
            })
        })
        .collect();
    assert!(frame::stats().pinned_waste > 20 << 20);
    frame::scope(|| assert!(frame::is_open()));
    drop(kept);
    frame::set_pin_limit(16 << 20);
}

/// A small budget at the start of the program does not switch frames off for good.
#[test]
fn a_budget_that_is_set_first_does_not_tell_against_installation() {
    if !is_off() && is_child("a_budget_that_is_set_first_does_not_tell_against_installation") {
        frame::set_frame_budget(0);
        assert!(frame::is_installed());
    }
}

/// Memory that the system refuses for a while is asked for again, and no address is lost for that.
#[cfg_attr(
    feature = "trace-escapes",
    ignore = "what it notes needs more memory than the test leaves"
)]
#[test]
#[cfg(target_os = "linux")]
fn refused_memory_is_not_lost() {
    if is_off() || !is_child("refused_memory_is_not_lost") {
        return;
    }
    frame::set_frame_budget(usize::MAX);
    frame::scope(|| {
        let layout = Layout::new::<[u64; 2048]>();
        // SAFETY: the layout has a size. What is allocated is not used, and leaks with the process.
        let next = || Some(unsafe { alloc(layout) }.addr()).filter(|&block| owns(block));
        assert!(next().is_some());
        let set_limit = |bytes| {
            // SAFETY: the structure is valid.
            unsafe {
                let mut limit = std::mem::zeroed::<libc::rlimit>();
                assert_eq!(libc::getrlimit(libc::RLIMIT_DATA, &mut limit), 0);
                limit.rlim_cur = bytes;
                assert_eq!(libc::setrlimit(libc::RLIMIT_DATA, &limit), 0);
            }
        };
        set_limit(1 << 20);
        let last = std::iter::from_fn(next).max().unwrap();
        for _ in 0..1000 {
            assert_eq!(next(), None);
        }
        set_limit(libc::RLIM_INFINITY);
        assert!(next().is_some_and(|block| block < last + 2 * CHUNK));
    });
}

/// A frame's statistics leave out what is open inside it, and the levels of that.
#[test]
fn levels_count_for_their_own_frame() {
    let Some(_alone) = alone() else { return };
    frame::with(|outer| {
        frame::with(|inner| {
            let _ = inner.checkpoint();
            let block = black_box(Box::new([0_u8; 64]));
            assert_eq!(inner.stats().bytes_served, 64);
            assert_eq!(outer.stats().bytes_served, 0);
            drop(block);
        });
    });
}

mod stress {
    use super::*;
    use std::alloc::{GlobalAlloc, alloc_zeroed, dealloc, realloc};

    /// A block all of whose bytes are known.
    struct Block {
        start: *mut u8,
        layout: Layout,
        fill: u8,
    }

    // SAFETY: nobody else has the pointer.
    unsafe impl Send for Block {}

    impl Block {
        fn new(layout: Layout, fill: u8, is_zeroed: bool) -> Self {
            // SAFETY: the layout has a size, and the block as many bytes.
            unsafe {
                let start = if is_zeroed {
                    alloc_zeroed(layout)
                } else {
                    alloc(layout)
                };
                assert!(!start.is_null() && start.addr() % layout.align() == 0);
                let mut block = Block {
                    start,
                    layout,
                    fill: 0,
                };
                if is_zeroed {
                    block.check(layout.size());
                }
                start.write_bytes(fill, layout.size());
                block.fill = fill;
                block
            }
        }

        fn check(&self, bytes: usize) {
            for n in 0..bytes {
                // SAFETY: the block has as many bytes, all written.
                assert_eq!(unsafe { *self.start.add(n) }, self.fill);
            }
        }

        fn resize(&mut self, size: usize) {
            let kept = size.min(self.layout.size());
            // SAFETY: the block was allocated with this layout, and sizes are small but not 0.
            unsafe {
                self.start = realloc(self.start, self.layout, size);
                self.layout = Layout::from_size_align(size, self.layout.align()).unwrap();
                self.check(kept);
                self.start.write_bytes(self.fill, size);
            }
        }
    }

    impl Drop for Block {
        fn drop(&mut self) {
            self.check(self.layout.size());
            // SAFETY: it was allocated with this layout.
            unsafe { dealloc(self.start, self.layout) };
        }
    }

    struct Rng(u64);

    impl Rng {
        fn below(&mut self, n: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 16) as usize % n
        }

        fn size(&mut self) -> usize {
            let most = [16, 64, 300, 5000, 18_000, 40_000][self.below(6)];
            1 + self.below(most)
        }
    }

    type Pool = Mutex<Vec<Block>>;
    type Parked = Mutex<Vec<Pin<Box<dyn Future<Output = ()> + Send>>>>;

    fn step(rng: &mut Rng, blocks: &mut Vec<Block>, pool: &Pool) {
        match rng.below(8) {
            0..=3 if blocks.len() < 300 => {
                let align = 1 << [0, 0, 3, 3, 4, 6, 9, 12, 13][rng.below(9)];
                let layout = Layout::from_size_align(rng.size(), align).unwrap();
                let block = Block::new(layout, rng.below(255) as u8 + 1, rng.below(4) == 0);
                frame::outside(|| blocks.push(block));
            }
            4 if !blocks.is_empty() => {
                let at = rng.below(blocks.len());
                let size = rng.size();
                blocks[at].resize(size);
            }
            // The last one, as it is most of the time.
            5 => drop(blocks.pop()),
            6 if !blocks.is_empty() => drop(blocks.swap_remove(rng.below(blocks.len()))),
            7 if !blocks.is_empty() => {
                let block = blocks.swap_remove(rng.below(blocks.len()));
                let other = frame::outside(|| {
                    let mut pool = pool.lock().unwrap();
                    pool.push(block);
                    let at = rng.below(pool.len());
                    (pool.len() > 50).then(|| pool.swap_remove(at))
                });
                drop(other);
            }
            _ => {}
        }
    }

    fn run(seed: u64, steps: usize, pool: &'static Pool, parked: &'static Parked) {
        let mut rng = Rng(seed);
        let mut blocks = Vec::with_capacity(400);
        let mut frames: Vec<frame::Frame> = Vec::with_capacity(10);
        let mut marks = Vec::with_capacity(10);
        for _ in 0..steps {
            match rng.below(100) {
                0 if frames.len() < 8 => frames.push(frame::enter()),
                1 => drop(frames.pop()),
                // Out of order.
                2 if !frames.is_empty() => drop(frames.swap_remove(rng.below(frames.len()))),
                3 if !frames.is_empty() => {
                    marks.truncate(8);
                    marks.push(frames[rng.below(frames.len())].checkpoint());
                }
                4 if !marks.is_empty() && !frames.is_empty() => {
                    let frame = &frames[rng.below(frames.len())];
                    let _ = frame.rewind(&marks[rng.below(marks.len())]);
                    let _ = frame.stats();
                }
                5 => frame::scope(|| (0..50).for_each(|_| step(&mut rng, &mut blocks, pool))),
                6 => {
                    let seed = rng.0;
                    let future = frame::outside(|| {
                        Box::pin(frame::in_frame(async move {
                            let mut rng = Rng(seed);
                            let mut blocks = frame::outside(|| Vec::with_capacity(400));
                            for _ in 0..3 {
                                (0..30).for_each(|_| step(&mut rng, &mut blocks, pool));
                                pause().await;
                            }
                        }))
                    });
                    frame::outside(|| parked.lock().unwrap().push(future));
                }
                7..=9 => {
                    let future = frame::outside(|| {
                        let mut parked = parked.lock().unwrap();
                        let at = rng.below(parked.len().max(1));
                        (at < parked.len()).then(|| parked.swap_remove(at))
                    });
                    if let Some(mut future) = future {
                        let is_dropped = rng.below(4) == 0;
                        if !is_dropped && poll(&mut future).is_pending() {
                            frame::outside(|| parked.lock().unwrap().push(future));
                        }
                    }
                }
                10 => std::mem::forget(frame::scope(frame::enter)),
                _ => step(&mut rng, &mut blocks, pool),
            }
        }
        // Frames and blocks in any order; a frame may be left to the thread's end.
        match rng.below(3) {
            0 => drop((frames, blocks)),
            1 => drop((blocks, frames)),
            _ => {
                std::mem::forget(frames.pop());
                drop((frames, blocks));
            }
        }
    }

    #[test]
    fn blocks_keep_their_bytes_and_nothing_is_lost() {
        static POOL: Pool = Mutex::new(Vec::new());
        static PARKED: Parked = Mutex::new(Vec::new());
        let Some(_alone) = alone() else { return };
        let before = frame::stats();
        let seeds = std::env::var("FRAME_SEED").map_or(1, |seed| seed.parse().unwrap());
        for round in 0..2 {
            let threads = (0..4).map(|n| {
                let seed =
                    0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seeds * 1000 + round * 10 + n + 1);
                thread::spawn(move || run(seed, 10_000, &POOL, &PARKED))
            });
            let threads: Vec<_> = threads.collect();
            for thread in threads {
                thread.join().unwrap();
            }
        }
        PARKED.lock().unwrap().clear();
        POOL.lock().unwrap().clear();
        let stats = frame::stats();
        assert_eq!(stats.pinned_pages, before.pinned_pages);
        assert_eq!(stats.pinned_waste, before.pinned_waste);
    }

    /// Sizes and alignments that nobody can serve come back as null, and a block that can't grow stays as it was.
    #[test]
    fn hostile_layouts() {
        let Some(_alone) = alone() else { return };
        frame::scope(|| {
            for shift in 0..usize::BITS - 1 {
                let align = 1_usize << shift;
                let most = (1 << (usize::BITS - 1)) - align;
                for size in [most, most - 7, most / 2 + 1] {
                    if size as u64 > 1 << 40 {
                        let layout = Layout::from_size_align(size, align).unwrap();
                        // SAFETY: the layouts have a size.
                        unsafe {
                            assert!(ALLOC.alloc(layout).is_null());
                            assert!(ALLOC.alloc_zeroed(layout).is_null());
                        }
                    }
                }
            }
            let layout = Layout::from_size_align(100, 8).unwrap();
            let block = Block::new(layout, 7, false);
            let size = isize::MAX as usize - 7;
            for size in [size, size - 1, size - 8, size / 2] {
                // SAFETY: the layout is the block's, and the sizes are valid.
                unsafe { assert!(ALLOC.realloc(block.start, layout, size).is_null()) };
            }
            drop(block);
        });
    }
}
