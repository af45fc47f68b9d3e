//! Frames on many threads that free each other's values, and threads that begin and end in every state.
#![cfg(all(feature = "frame", not(miri)))]

#[path = "support/frames.rs"]
mod support;

use std::cell::RefCell;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;

use arenula::{FrameAlloc, frame};
use support::{Block, Random, alone, assert_in_frame, on, pinned, resident, rounds};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

/// A size that a program may ask for: mostly small.
fn size(random: &mut Random) -> usize {
    match random.below(100) {
        0 => 1 + random.below(20_000),
        1..5 => 1 + random.below(4096),
        5..20 => 1 + random.below(600),
        _ => 1 + random.below(100),
    }
}

#[test]
fn eight_threads_free_each_others_values_in_and_after_their_frames() {
    let _alone = alone();
    let before = pinned();
    let slots: Vec<Mutex<Option<Block>>> = (0..2000).map(|_| Mutex::new(None)).collect();
    let frames = rounds(60_000, 1500, 1);
    let freed_by_others = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..8_u64 {
            let (slots, freed_by_others) = (&slots, &freed_by_others);
            scope.spawn(move || {
                let mut random = Random::new(number + 1);
                let mut others = 0;
                for n in 0..frames as u64 {
                    frame::scope(|| {
                        let mut mine: Vec<Block> = Vec::new();
                        for m in 0..40 {
                            let seed = number << 56 | n << 16 | m;
                            let align = 1 << random.below(7);
                            let block = Block::new(size(&mut random), align, seed);
                            if random.below(4) == 0 {
                                // The block that is taken may be of any thread, and its frame open or not.
                                let slot = &slots[random.below(slots.len())];
                                let taken = slot.lock().unwrap().replace(block);
                                if let Some(mut taken) = taken {
                                    if random.below(8) == 0 {
                                        taken.resize(size(&mut random));
                                    }
                                    others += 1;
                                    drop(taken);
                                }
                            } else {
                                mine.push(block);
                                if random.below(2) == 0 {
                                    let which = random.below(mine.len());
                                    mine.swap_remove(which);
                                }
                            }
                        }
                        if random.below(50) == 0 {
                            frame::scope(|| drop(mine));
                        }
                    });
                }
                freed_by_others.fetch_add(others, Ordering::Relaxed);
            });
        }
    });
    assert!(freed_by_others.into_inner() > frames * 8);
    drop(slots);
    assert_eq!(pinned(), before, "{}", frame::stats());
}

/// The frame of the producer stays open, so that its pages become free by what another thread does.
#[test]
fn a_consumer_frees_what_an_open_frame_makes_and_its_pages_are_used_again() {
    let _alone = alone();
    let before = pinned();
    let (sender, receiver) = mpsc::sync_channel::<Vec<Block>>(4);
    let consumer = thread::spawn(move || {
        let mut count = 0;
        for blocks in receiver {
            count += blocks.len();
            blocks.iter().for_each(Block::check);
        }
        count
    });
    let batches = rounds(100_000, 10_000, 1);
    // What the other tests have left warm.
    let at_first = resident().unwrap_or(0);
    // A thread of its own, as the channel makes a value for each thread that waits, which it keeps.
    let producer = thread::spawn(move || {
        let (mut of_frame, mut most) = (0, 0);
        frame::scope(|| {
            for n in 0..batches {
                // About 16 KiB each: 1.6 GiB in all, of which less than 1 MiB is alive.
                let blocks: Vec<Block> =
                    (0..32).map(|m| Block::new(500 + m, 8, n as u64)).collect();
                of_frame += usize::from(blocks[31].is_of_frame());
                if n % 100 == 0 {
                    most = most.max(resident().unwrap_or(0));
                }
                sender.send(blocks).unwrap();
            }
            drop(sender);
        });
        (of_frame, most)
    });
    let (of_frame, most) = producer.join().unwrap();
    assert_eq!(consumer.join().unwrap(), batches * 32);
    println!(
        "{of_frame} of {batches} batches were the frame's; at most {} MiB resident",
        most >> 20
    );
    if on() {
        assert!(
            of_frame * 10 >= batches * 9,
            "{of_frame} of {batches} of the frame"
        );
    }
    let more = most.saturating_sub(at_first);
    assert!(!on() || more < 32 << 20, "{more} more bytes resident");
    assert_eq!(pinned(), before);
}

#[test]
fn threads_may_end_with_frames_open_and_values_pinned() {
    let _alone = alone();
    let before = pinned();
    let start = frame::stats().frames;
    let mut kept = Vec::new();
    let threads = rounds(2000, 300, 1);
    for n in 0..threads {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let outer = frame::enter();
            let first = Block::new(100, 8, n as u64);
            std::mem::forget(frame::enter());
            let second = Block::new(5000, 8, n as u64);
            std::mem::forget(outer);
            sender.send([first, second]).unwrap();
        })
        .join()
        .unwrap();
        kept.push(receiver.recv().unwrap());
        if n % 3 == 0 {
            kept.swap_remove(n * 7 % kept.len());
        }
    }
    if on() {
        assert_eq!(frame::stats().frames - start, 2 * threads as u64);
    }
    kept.iter().flatten().for_each(Block::check);
    drop(kept);
    assert_eq!(pinned(), before);
}

#[test]
fn many_short_threads_with_frames_take_no_more_memory_than_few() {
    let _alone = alone();
    let before = pinned();
    let run = |threads: usize| {
        for n in 0..threads {
            let block = thread::spawn(move || {
                frame::scope(|| {
                    let blocks: Vec<Block> = (0..50).map(|m| Block::new(1000, 8, m)).collect();
                    assert_in_frame(blocks[0].start());
                    blocks.into_iter().nth(n % 50)
                })
            })
            .join()
            .unwrap();
            drop(block);
        }
        resident()
    };
    let few = run(50);
    let many = run(rounds(10_000, 2000, 1));
    if let (Some(few), Some(many)) = (few, many) {
        assert!(!on() || many < few + (16 << 20), "{few} and then {many}");
    }
    assert_eq!(pinned(), before);
}

/// What is made and freed while a thread ends: before and after its frames are ended.
struct AtExit {
    block: Option<Block>,
    sender: mpsc::Sender<Block>,
    guard: Option<frame::Frame>,
}

impl Drop for AtExit {
    fn drop(&mut self) {
        self.block.as_ref().unwrap().check();
        self.block = None;
        let escaped = frame::scope(|| {
            let _scratch = vec![1_u8; 1000];
            let guard = frame::enter();
            let block = Block::new(64, 8, 5);
            std::mem::forget(guard);
            block
        });
        self.sender.send(escaped).unwrap();
        drop(self.guard.take());
        // Forgotten, with nothing around it but the end of the thread.
        std::mem::forget(frame::enter());
        self.sender.send(Block::new(128, 8, 6)).unwrap();
    }
}

thread_local! {
    static FIRST: RefCell<Option<AtExit>> = const { RefCell::new(None) };
    static SECOND: RefCell<Option<AtExit>> = const { RefCell::new(None) };
}

#[test]
fn destructors_of_thread_locals_allocate_free_and_open_frames() {
    let _alone = alone();
    let before = pinned();
    let passed_through = frame::stats().passed_through;
    let (sender, receiver) = mpsc::channel();
    for n in 0..rounds(1000, 200, 1) {
        let sender = sender.clone();
        thread::spawn(move || {
            let at_exit = |seed| AtExit {
                block: Some(Block::new(100, 8, seed)),
                sender: sender.clone(),
                guard: Some(frame::enter()),
            };
            // One is registered before the thread's first frame and dropped after its last, the other between.
            FIRST.with_borrow(|first| assert!(first.is_none()));
            if n % 2 == 0 {
                frame::scope(|| FIRST.set(Some(at_exit(1))));
            } else {
                let early = frame::scope(|| at_exit(2));
                FIRST.set(Some(early));
            }
            SECOND.set(Some(at_exit(3)));
            std::mem::forget(frame::enter());
        })
        .join()
        .unwrap();
    }
    drop(sender);
    let blocks: Vec<Block> = receiver.into_iter().collect();
    assert_eq!(blocks.len(), rounds(1000, 200, 1) * 4);
    drop(blocks);
    assert_eq!(pinned(), before, "{}", frame::stats());
    // After its end was noticed a thread gets no memory for frames: nobody would end those that it forgets.
    assert!(frame::stats().passed_through > passed_through);
}

#[test]
fn outside_is_outside_also_at_the_end_of_a_thread() {
    use std::future::{Future, pending};
    use std::pin::Pin;
    use std::task::{Context, Waker};

    /// Allocates when it is dropped, in a frame, and outside of it.
    struct Late(mpsc::Sender<Block>);
    impl Drop for Late {
        fn drop(&mut self) {
            assert_in_frame(Block::new(10, 8, 1).start());
            let _ = self.0.send(frame::outside(|| Block::new(100, 8, 2)));
        }
    }
    std::thread_local! {
        static FUTURE: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>> = const { RefCell::new(None) };
    }

    let _alone = alone();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(|| {
        // Registered before the thread's first frame, so dropped when its end was noticed.
        FUTURE.set(None);
        let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(frame::in_frame(async {
            let _late = Late(sender);
            pending().await
        }));
        let mut context = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
        FUTURE.set(Some(future));
    })
    .join()
    .unwrap();
    assert!(!receiver.recv().unwrap().is_of_frame());
}

#[test]
fn what_others_freed_before_a_frame_ends_does_not_count_as_alive_after_it() {
    let _alone = alone();
    if !on() {
        return;
    }
    let before = pinned();
    let kept = frame::scope(|| {
        let kept = Block::new(1000, 8, 1);
        let freed = Block::new(2000, 8, 2);
        thread::scope(|scope| scope.spawn(|| drop(freed)).join().unwrap());
        kept
    });
    let now = pinned();
    assert!(now.1 - before.1 < 2000, "{} bytes alive", now.1 - before.1);
    drop(kept);
}

/// Opens frames, as a thread that has nothing else to do.
fn open(frames: u64) {
    for _ in 0..frames {
        frame::scope(|| ());
    }
}

/// Each thread has counters of its own, and leaves them to one that comes later: never to two at a time.
#[test]
fn threads_that_come_and_go_count_each_of_their_frames() {
    let _alone = alone();
    if !on() {
        return;
    }
    let each = rounds(300_000, 100_000, 1) as u64;
    let before = frame::stats().frames;
    let (opened, leave, begin) = (Barrier::new(2), Barrier::new(2), Barrier::new(3));
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            open(1);
            opened.wait();
            leave.wait();
        });
        opened.wait();
        scope.spawn(|| {
            open(1);
            opened.wait();
            begin.wait();
            open(each);
        });
        opened.wait();
        // The counters of the first are free then, but not those of the second.
        leave.wait();
        first.join().unwrap();
        for _ in 0..2 {
            scope.spawn(|| {
                open(1);
                begin.wait();
                open(each);
            });
        }
    });
    assert_eq!(frame::stats().frames - before, 1 + 3 * (1 + each));
}

/// Those for which there are no counters of their own share some.
#[test]
fn a_hundred_threads_count_each_of_their_frames() {
    let _alone = alone();
    if !on() {
        return;
    }
    let each = rounds(20_000, 10_000, 1) as u64;
    let before = frame::stats().frames;
    let all = Barrier::new(100);
    thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                // Who fails is not to keep the others waiting.
                let opened = catch_unwind(|| open(1));
                all.wait();
                opened.unwrap();
                open(each);
            });
        }
    });
    assert_eq!(frame::stats().frames - before, 100 * (1 + each));
}

#[test]
fn a_thread_that_only_frees_needs_no_frame_of_its_own() {
    let _alone = alone();
    let before = pinned();
    for n in 0..rounds(500, 100, 1) as u64 {
        let mut blocks = frame::scope(|| {
            (0..100)
                .map(|m| Block::new(200, 8, n << 8 | m))
                .collect::<Vec<_>>()
        });
        thread::spawn(move || {
            blocks[3].resize(1000);
            blocks[4].resize(10);
            drop(blocks);
        })
        .join()
        .unwrap();
        assert_eq!(pinned(), before);
    }
}

/// Each page is given up while others free what is in it: somebody must see the last value go.
#[test]
fn a_frame_that_ends_while_its_values_are_freed_loses_no_page() {
    let _alone = alone();
    let before = pinned();
    let stop = Arc::new(AtomicBool::new(false));
    let queue: Arc<Mutex<Vec<Block>>> = Arc::default();
    let takers: Vec<_> = (0..3)
        .map(|_| {
            let (stop, queue) = (Arc::clone(&stop), Arc::clone(&queue));
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let taken = queue.lock().unwrap().pop();
                    if taken.is_none() {
                        thread::yield_now();
                    }
                    drop(taken);
                }
            })
        })
        .collect();
    for n in 0..rounds(300_000, 20_000, 1) {
        frame::scope(|| {
            for m in 0..3 + n % 5 {
                let block = Block::new(900 + 700 * m, 8, n as u64);
                queue.lock().unwrap().push(block);
            }
        });
    }
    stop.store(true, Ordering::Relaxed);
    for taker in takers {
        taker.join().unwrap();
    }
    drop(queue);
    assert_eq!(pinned(), before, "{}", frame::stats());
}

#[test]
fn threads_that_begin_at_the_same_moment_share_what_is_free() {
    let _alone = alone();
    let before = pinned();
    for round in 0..rounds(100, 20, 1) {
        let barrier = Barrier::new(8);
        let blocks: Vec<Vec<Block>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8_u64)
                .map(|number| {
                    let barrier = &barrier;
                    scope.spawn(move || {
                        barrier.wait();
                        frame::scope(|| {
                            // More than a thread keeps, so that chunks come from all and go to all.
                            let blocks: Vec<Block> = (0..600)
                                .map(|n| Block::new(16_000, 8, number << 32 | n))
                                .collect();
                            blocks.into_iter().skip(round % 7).step_by(50).collect()
                        })
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        blocks.iter().flatten().for_each(Block::check);
    }
    assert_eq!(pinned(), before);
}
