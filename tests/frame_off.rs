//! Frames where they are switched off or can have little address space, and in processes that fork and exit.
#![cfg(all(feature = "frame", not(miri)))]

#[path = "support/frames.rs"]
mod support;

use std::cell::RefCell;

use arenula::{FrameAlloc, frame};
use support::{Block, Random, child, is_child, on, rounds};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

/// Uses frames in every way, whether they serve or not. Answers how many blocks they served.
fn use_frames() -> usize {
    let mut random = Random::new(1);
    let mut served = 0;
    let mut kept = Vec::new();
    for n in 0..rounds(2000, 150, 1) as u64 {
        frame::with(|frame| {
            let here = frame.checkpoint();
            let mut blocks: Vec<Block> = Vec::new();
            for m in 0..50 {
                blocks.push(Block::new(
                    1 + random.below(3000),
                    1 << random.below(8),
                    n << 8 | m,
                ));
                served += usize::from(blocks[m as usize].is_of_frame());
            }
            for block in &mut blocks {
                block.resize(1 + random.below(6000));
            }
            frame::scope(|| blocks.truncate(40));
            if n % 10 == 0 {
                kept.push(blocks.swap_remove(3));
            } else {
                drop(blocks);
                assert_eq!(frame.rewind(&here), Ok(()));
            }
        });
    }
    std::thread::spawn(move || frame::scope(|| drop(kept)))
        .join()
        .unwrap();
    assert_eq!(frame::stats().pinned_pages, 0);
    served
}

#[test]
fn frames_that_are_switched_off_pass_everything_through() {
    if !is_child() {
        child(
            "frames_that_are_switched_off_pass_everything_through",
            &[("ARENULA_FRAMES", "off")],
        );
        return;
    }
    assert!(!frame::is_installed());
    let guard = frame::enter();
    assert!(!frame::is_open() && !frame::owns(Block::new(10, 8, 1).start()));
    drop(guard);
    assert_eq!(use_frames(), 0);
    let stats = frame::stats();
    assert!(stats.passed_through >= 150);
    assert_eq!(
        (stats.frames, stats.bytes_served, stats.reserved),
        (0, 0, 0)
    );
}

#[test]
fn other_values_of_the_variable_switch_nothing_off() {
    if !is_child() {
        for value in ["", "on", "0"] {
            child(
                "other_values_of_the_variable_switch_nothing_off",
                &[("ARENULA_FRAMES", value)],
            );
        }
        return;
    }
    assert!(frame::is_installed());
    assert_eq!(use_frames() > 5000, on());
    assert!(frame::stats().frames > 150);
}

/// Runs a test of this program under a limit of address space.
#[cfg(target_os = "linux")]
fn limited(test: &str, kilobytes: usize) -> String {
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -v $LIMIT && exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env("LIMIT", kilobytes.to_string())
        // Or the standard allocator takes address space for each thread.
        .env("MALLOC_ARENA_MAX", "1")
        .env("ARENULA_TEST_CHILD", "yes")
        .output()
        .unwrap();
    support::judge(test, &output)
}

#[test]
#[cfg(target_os = "linux")]
fn under_a_limit_of_address_space_frames_have_a_smaller_range_or_pass_through() {
    let name = "under_a_limit_of_address_space_frames_have_a_smaller_range_or_pass_through";
    if is_child() {
        let is_installed = frame::is_installed();
        let served = use_frames();
        let reserved = frame::stats().reserved;
        assert_eq!(served > 0, is_installed);
        assert_eq!(reserved > 0, is_installed);
        // More than fits in the range, then the parent serves; and after that it serves again.
        let many = 4000 + reserved.min(64 << 20) / 16_384;
        let blocks: Vec<Block> =
            frame::scope(|| (0..many as u64).map(|n| Block::new(10_000, 8, n)).collect());
        let of_frame = blocks.iter().filter(|block| block.is_of_frame()).count();
        assert!(of_frame * 10_000 <= reserved);
        drop(blocks);
        assert_eq!(frame::stats().pinned_pages, 0);
        assert_eq!(use_frames() > 0, is_installed);
        println!("range of {reserved}, {of_frame} of {many}");
        return;
    }
    if !on() {
        return;
    }
    for (megabytes, is_enough) in [(100, false), (200, true), (1000, true), (20_000, true)] {
        let printed = limited(name, megabytes << 10);
        let figure = printed.split("range of ").nth(1).unwrap();
        let reserved: usize = figure.split(',').next().unwrap().parse().unwrap();
        assert!(
            reserved <= (megabytes << 20) / 8,
            "{reserved} of {megabytes} MiB"
        );
        assert_eq!(reserved != 0, is_enough, "{megabytes} MiB");
        // A power of two, and the largest.
        assert!(!is_enough || reserved * 2 > (megabytes << 20) / 8);
        println!("{megabytes} MiB: {}", figure.lines().next().unwrap());
    }
}

/// A range with few records of frames.
#[cfg(target_os = "linux")]
const FEW_RECORDS: usize = 200 << 10;

#[test]
#[cfg(target_os = "linux")]
fn outside_is_outside_also_where_no_further_frame_can_be_opened() {
    if !is_child() {
        if on() {
            let name = "outside_is_outside_also_where_no_further_frame_can_be_opened";
            limited(name, FEW_RECORDS);
        }
        return;
    }
    let mut guards = Vec::with_capacity(1000);
    while frame::stats().passed_through == 0 {
        guards.push(frame::enter());
    }
    assert!(guards.len() > 20, "{} frames", guards.len());
    // Room for two more: a frame, and what comes after its checkpoint.
    guards.truncate(guards.len() - 3);
    frame::with(|frame| {
        let here = frame.checkpoint();
        assert!(frame::owns(&raw const *Box::new(1)));
        let kept = frame::outside(|| {
            assert!(!frame::is_open());
            let kept = Block::new(100, 8, 7);
            frame::scope(|| frame::outside(|| assert!(!Block::new(10, 8, 1).is_of_frame())));
            kept
        });
        assert!(!kept.is_of_frame() && frame::owns(&raw const *Box::new(1)));
        // SAFETY: nothing was allocated in the frame since that is still there.
        unsafe { frame.rewind_unchecked(&here) };
        let other = Block::new(100, 8, 9);
        kept.check();
        other.check();
    });
    drop(guards);
    assert_eq!(frame::stats().pinned_pages, 0);
}

#[test]
#[cfg(target_os = "linux")]
fn frames_that_can_not_be_opened_pass_through_and_end_what_was_opened_in_them() {
    use std::future::{Future, poll_fn};
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    /// Is pending once.
    async fn pause() {
        let mut is_first = true;
        poll_fn(|_| match std::mem::take(&mut is_first) {
            true => Poll::Pending,
            false => Poll::Ready(()),
        })
        .await;
    }

    if !is_child() {
        if on() {
            limited(
                "frames_that_can_not_be_opened_pass_through_and_end_what_was_opened_in_them",
                FEW_RECORDS,
            );
        }
        return;
    }
    let serves = || Block::new(10, 8, 1).is_of_frame();
    let mut context = Context::from_waker(Waker::noop());
    frame::with(|_| {
        assert!(serves());
        // Another thread takes all that there is.
        let (taken, done) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
        std::thread::scope(|scope| {
            frame::outside(|| {
                scope.spawn(|| {
                    let mut guards = Vec::with_capacity(1000);
                    while frame::stats().passed_through == 0 {
                        guards.push(frame::enter());
                    }
                    taken.wait();
                    done.wait();
                })
            });
            taken.wait();
            // What this thread kept.
            let mut guards = frame::outside(|| Vec::with_capacity(1000));
            let passed = frame::stats().passed_through;
            while frame::stats().passed_through == passed {
                guards.push(frame::enter());
            }
            frame::outside(|| drop(guards.pop()));
            frame::with(|frame| {
                assert!(!serves() && !frame::is_open());
                let here = frame.checkpoint();
                let block = Block::new(10, 8, 1);
                assert_eq!(frame.rewind(&here), Ok(()));
                block.check();
                frame::scope(|| assert!(!serves()));
            });
            assert!(serves());
            let mut future = pin!(frame::in_frame(async {
                assert!(!serves());
                pause().await;
                assert!(serves());
                std::mem::forget(frame::enter());
                pause().await;
                assert!(serves());
            }));
            assert!(future.as_mut().poll(&mut context).is_pending());
            done.wait();
            drop(guards);
            while !frame::scope(serves) {
                std::thread::yield_now();
            }
            frame::outside(|| {
                assert!(future.as_mut().poll(&mut context).is_pending());
                assert!(!serves());
                assert!(future.as_mut().poll(&mut context).is_ready());
                assert!(!serves());
            });
        });
    });
    assert!(!serves() && frame::scope(serves));
    assert_eq!(frame::stats().pinned_pages, 0);
}

#[test]
#[cfg(target_os = "linux")]
fn frames_stay_on_where_there_were_too_many_first_ones() {
    use std::sync::Barrier;

    if !is_child() {
        if on() {
            for _ in 0..5 {
                limited(
                    "frames_stay_on_where_there_were_too_many_first_ones",
                    FEW_RECORDS,
                );
            }
        }
        return;
    }
    let (start, end) = (Barrier::new(100), Barrier::new(100));
    std::thread::scope(|scope| {
        for _ in 0..100 {
            let builder = std::thread::Builder::new().stack_size(64 << 10);
            let first = || {
                start.wait();
                frame::scope(|| drop(Box::new(1)));
                end.wait();
            };
            builder.spawn_scoped(scope, first).unwrap();
        }
    });
    // All of them gave back what they had.
    assert!(frame::is_installed());
    frame::scope(|| assert!(Block::new(10, 8, 1).is_of_frame()));
}

#[test]
fn no_thread_finds_frames_that_are_switched_off() {
    use std::sync::Barrier;

    let name = "no_thread_finds_frames_that_are_switched_off";
    if !is_child() {
        for _ in 0..30 {
            child(name, &[("ARENULA_FRAMES", "off")]);
        }
        return;
    }
    let start = Barrier::new(16);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                start.wait();
                assert!(!frame::is_installed());
            });
        }
    });
    assert_eq!(frame::stats().frames, 0);
}

/// Threads that are idle leave the range to others, and so do those that end with frames in destructors.
#[test]
#[cfg(target_os = "linux")]
fn threads_hold_little_of_a_small_range() {
    let name = "threads_hold_little_of_a_small_range";
    type Held = std::pin::Pin<Box<dyn Future<Output = ()>>>;
    thread_local!(static HELD: RefCell<Option<Held>> = const { RefCell::new(None) });
    if !is_child() {
        if on() {
            limited(name, 400 << 10);
        }
        return;
    }
    assert!(frame::is_installed());
    let chunks = frame::stats().reserved >> 18;
    let spawn = |f: Box<dyn FnOnce() + Send>| {
        let thread = std::thread::Builder::new().stack_size(256 << 10);
        thread.spawn(f).unwrap()
    };
    for _ in 0..2 * chunks {
        // The destructor that is registered first is the last to run: the frame ends when the thread keeps nothing.
        let ends = Box::new(|| {
            HELD.set(None);
            let mut held: Held = Box::pin(frame::in_frame(async {
                let _block = Block::new(100, 8, 1);
                std::future::pending().await
            }));
            let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
            assert!(held.as_mut().poll(context).is_pending());
            HELD.set(Some(held));
        });
        spawn(ends).join().unwrap();
    }
    let mut idle = Vec::new();
    for n in 0..chunks / 4 {
        let (done, served) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let waits = Box::new(move || {
            let blocks = || (0..2500).map(|n| Block::new(10_000, 8, n));
            let served = frame::scope(|| blocks().collect::<Vec<_>>()[0].is_of_frame());
            done.send(served).unwrap();
            let _ = ended.recv();
        });
        idle.push((spawn(waits), end));
        assert!(served.recv().unwrap(), "{n} idle threads hold all");
    }
    for (thread, end) in idle {
        drop(end);
        thread.join().unwrap();
    }
}

/// To find an aligned place more is reserved than the range, and given back.
#[test]
#[cfg(target_os = "linux")]
fn the_range_takes_no_more_addresses_than_it_needs() {
    if !is_child() {
        child("the_range_takes_no_more_addresses_than_it_needs", &[]);
        return;
    }
    let taken = || {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
        statm.split(' ').next().unwrap().parse::<usize>().unwrap() * 4096
    };
    let before = taken();
    assert_eq!(frame::is_installed(), on());
    let reserved = frame::stats().reserved;
    // The tables are less than a hundredth of it.
    assert!(taken() - before <= reserved + reserved / 100 + (64 << 20));
}

/// The limit allows a larger range than fits beside what the program has taken already.
#[test]
#[cfg(target_os = "linux")]
fn where_a_range_finds_no_room_a_smaller_one_will_do() {
    let name = "where_a_range_finds_no_room_a_smaller_one_will_do";
    const MIB: usize = 1 << 20;
    if is_child() {
        // SAFETY: a new mapping, at no place in particular, that nobody uses.
        let taken = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                3300 * MIB,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                -1,
                0,
            )
        };
        assert_ne!(taken, libc::MAP_FAILED);
        assert!(frame::is_installed());
        // An eighth of the limit would be 512 MiB.
        let reserved = frame::stats().reserved;
        assert!((64 * MIB..512 * MIB).contains(&reserved), "{reserved}");
        assert!(use_frames() > 0);
    } else if on() {
        limited(name, 4 << 20);
    }
}

#[cfg(unix)]
mod processes {
    use super::*;

    /// Waits for a forked child, which must have ended well.
    fn wait(pid: libc::pid_t) {
        let mut status = 0;
        // SAFETY: the place is valid for writes.
        assert_eq!(unsafe { libc::waitpid(pid, &mut status, 0) }, pid);
        assert!(
            libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 7,
            "{status}"
        );
    }

    /// Forks; the child calls `f` and is gone.
    fn fork(f: impl FnOnce()) -> libc::pid_t {
        // SAFETY: the child only allocates, frees and computes. No other thread holds a lock of the parent
        // allocator at this moment, or the allocator takes care of that as most do.
        let pid = unsafe { libc::fork() };
        assert_ne!(pid, -1);
        if pid != 0 {
            return pid;
        }
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
        // SAFETY: nothing of this process is needed any more.
        unsafe { libc::_exit(if outcome.is_ok() { 7 } else { 1 }) }
    }

    #[test]
    fn a_forked_child_goes_on_with_the_frames_it_has_and_opens_others() {
        on();
        let outside = Block::new(100, 8, 1);
        let pinned: Vec<Block> = (0..100)
            .map(|n| frame::scope(|| Block::new(500, 8, n)))
            .collect();
        frame::scope(|| {
            let mine: Vec<Block> = (0..100).map(|n| Block::new(500, 8, n)).collect();
            let (mut theirs, more) = (mine, pinned);
            let pid = fork(|| {
                // What was copied is ours to free, here.
                for (n, block) in theirs.iter_mut().enumerate() {
                    block.resize(1 + n * 50);
                }
                theirs.clear();
                std::mem::forget(Block::new(1000, 8, 1));
                for n in 0..1000 {
                    let escaped = frame::scope(|| Block::new(1 + n % 5000, 8, 3));
                    frame::scope(|| drop(escaped));
                }
                frame::outside(|| drop(Block::new(50, 8, 4)));
                more.iter().for_each(Block::check);
            });
            // Meanwhile the same here.
            let others: Vec<Block> = (0..1000).map(|n| Block::new(700, 8, n)).collect();
            wait(pid);
            theirs.iter().for_each(Block::check);
            more.iter().for_each(Block::check);
            others.iter().for_each(Block::check);
        });
        outside.check();
    }

    #[test]
    fn a_child_forked_before_the_first_frame_sets_them_up_for_itself() {
        if is_child() {
            wait(fork(|| {
                assert_eq!(use_frames() > 0, on());
            }));
            assert_eq!(use_frames() > 0, on());
            return;
        }
        child(
            "processes::a_child_forked_before_the_first_frame_sets_them_up_for_itself",
            &[],
        );
    }

    #[test]
    fn handlers_that_run_at_exit_use_frames() {
        use std::sync::Mutex;

        static KEPT: Mutex<Vec<Block>> = Mutex::new(Vec::new());

        extern "C" fn handler() {
            // The thread's own values are gone or not; memory of its frames is freed and made all the same.
            let mut kept = KEPT.lock().unwrap();
            kept.iter().for_each(Block::check);
            let escaped = frame::scope(|| {
                kept.push(Block::new(100, 8, 8));
                kept.remove(0);
                Block::new(300, 8, 9)
            });
            kept.clear();
            escaped.check();
            drop(escaped);
            // SAFETY: a string and its length; nothing can be done if it is not written.
            unsafe { libc::write(1, c"1 passed, at exit\n".as_ptr().cast(), 18) };
        }

        let name = "processes::handlers_that_run_at_exit_use_frames";
        if is_child() {
            on();
            KEPT.lock().unwrap().extend(frame::scope(|| {
                (0..100).map(|n| Block::new(200, 8, n)).collect::<Vec<_>>()
            }));
            std::mem::forget(frame::enter());
            // SAFETY: the handler can be called at any time.
            assert_eq!(unsafe { libc::atexit(handler) }, 0);
            std::process::exit(0);
        }
        assert!(child(name, &[]).contains("at exit"));
    }
}
