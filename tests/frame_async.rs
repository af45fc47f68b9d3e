//! Frames of futures: on tokio, and on an executor that polls on another thread each time.
#![cfg(all(feature = "frame", not(miri)))]

#[path = "support/frames.rs"]
mod support;

use std::future::{Future, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use arenula::{FrameAlloc, frame};
use support::{Block, Random, alone, assert_in_frame, on, pinned, resident, rounds};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

/// Panics that are part of a test are not worth a line each.
struct Expected;

fn fail() -> ! {
    std::panic::resume_unwind(Box::new(Expected))
}

/// Is pending once.
async fn pause() {
    let mut is_first = true;
    poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Polls once, with a waker that does nothing.
fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Threads that poll futures: each poll is on the next of them.
struct Alternating {
    threads: Vec<mpsc::Sender<Box<dyn FnOnce() + Send>>>,
    joined: Vec<thread::JoinHandle<()>>,
}

impl Alternating {
    fn new(count: usize) -> Self {
        let (threads, joined) = (0..count)
            .map(|_| {
                let (sender, jobs) = mpsc::channel::<Box<dyn FnOnce() + Send>>();
                (
                    sender,
                    thread::spawn(move || jobs.iter().for_each(|job| job())),
                )
            })
            .unzip();
        Alternating { threads, joined }
    }

    /// Runs `f` on one of the threads.
    fn on<R: Send + 'static>(&self, which: usize, f: impl FnOnce() -> R + Send + 'static) -> R {
        let (sender, receiver) = mpsc::channel();
        let job = Box::new(move || drop(sender.send(f())));
        self.threads[which % self.threads.len()].send(job).unwrap();
        receiver.recv().unwrap()
    }

    fn run<T: Send + 'static>(&self, mut future: Boxed<T>) -> (T, usize) {
        for polls in 0.. {
            let (back, outcome) = self.on(polls, move || {
                assert!(!frame::is_open());
                let outcome = poll(future.as_mut());
                assert!(!frame::is_open(), "the frame was left at the yield");
                (future, outcome)
            });
            future = back;
            if let Poll::Ready(value) = outcome {
                // Dropped on yet another thread.
                self.on(polls + 2, move || drop(future));
                return (value, polls);
            }
        }
        unreachable!()
    }

    fn stop(self) {
        drop(self.threads);
        for thread in self.joined {
            thread.join().unwrap();
        }
    }
}

/// What a request does: allocates, yields, frees, on whatever thread. Its blocks are checked as they are freed.
async fn request(number: u64, steps: usize) -> Vec<Block> {
    let mut random = Random::new(number + 1);
    let mut blocks = Vec::new();
    for step in 0..steps as u64 {
        for _ in 0..random.below(20) {
            let most = if random.below(20) == 0 { 18_000 } else { 300 };
            let size = 1 + random.below(most);
            blocks.push(Block::new(size, 1 << random.below(6), number << 16 | step));
        }
        for _ in 0..random.below(15) {
            if !blocks.is_empty() {
                let which = random.below(blocks.len());
                if random.below(4) == 0 {
                    blocks[which].resize(1 + random.below(500));
                } else {
                    blocks.swap_remove(which);
                }
            }
        }
        assert_eq!(frame::is_open(), on());
        pause().await;
    }
    blocks.truncate(3);
    blocks
}

#[test]
fn a_frame_goes_with_its_future_from_thread_to_thread() {
    let _alone = alone();
    let before = pinned();
    let threads = Alternating::new(3);
    let start = frame::stats().frames;
    let count = rounds(2000, 200, 1);
    for n in 0..count as u64 {
        let (blocks, polls) = threads.run(Box::pin(frame::in_frame(request(n, 8))));
        assert_eq!(polls, 8);
        blocks.iter().for_each(Block::check);
        frame::scope(|| drop(blocks));
    }
    if on() {
        assert_eq!(frame::stats().frames - start, 2 * count as u64);
    }
    // A thread that waits keeps a value, which was made outside of frames.
    threads.stop();
    assert_eq!(pinned(), before, "{}", frame::stats());
}

#[test]
fn the_memory_of_a_frame_is_the_same_on_all_threads() {
    let _alone = alone();
    let threads = Alternating::new(2);
    let (pages, _) = threads.run(Box::pin(frame::in_frame(async {
        let mut pages = Vec::with_capacity(200);
        for n in 0..200 {
            let block = Block::new(100, 8, n);
            pages.push(block.start().addr() / 4096);
            pause().await;
            drop(block);
        }
        pages.sort_unstable();
        pages.dedup();
        pages
    })));
    if on() {
        assert!(pages.len() <= 2, "{} pages", pages.len());
    }
    threads.stop();
}

#[test]
fn futures_with_frames_nest_and_are_polled_in_scopes() {
    let _alone = alone();
    let before = pinned();
    let threads = Alternating::new(3);
    for n in 0..rounds(300, 50, 1) as u64 {
        let nested = frame::in_frame(async move {
            let outer = Block::new(100, 8, n);
            let blocks = frame::in_frame(async {
                let inner = Block::new(200, 8, n);
                let mut blocks = frame::in_frame(request(n, 3)).await;
                assert_in_frame(String::from("inner again").as_ptr());
                pause().await;
                blocks.push(inner);
                blocks
            })
            .await;
            outer.check();
            pause().await;
            assert_in_frame(Block::new(10, 8, 1).start());
            blocks
        });
        threads
            .run(Box::pin(nested))
            .0
            .iter()
            .for_each(Block::check);
    }
    threads.stop();
    // In a scope: what is allocated at a poll is the future's, what is allocated between the scope's.
    frame::scope(|| {
        let mut futures: Vec<_> = (0..10)
            .map(|n| Box::pin(frame::in_frame(request(n, 5))))
            .collect();
        let mut mine = Vec::new();
        for step in 0..5 {
            for future in &mut futures {
                assert!(poll(future.as_mut()).is_pending());
                mine.push(Block::new(40, 8, step));
                assert_in_frame(mine.last().unwrap().start());
            }
        }
        drop(futures.split_off(5));
        for future in &mut futures {
            let Poll::Ready(blocks) = poll(future.as_mut()) else {
                panic!("not done");
            };
            blocks.iter().for_each(Block::check);
        }
    });
    assert_eq!(pinned(), before);
}

#[test]
fn a_future_begun_in_a_scope_goes_on_after_the_scope_has_ended() {
    let _alone = alone();
    let before = pinned();
    let mut future: Boxed<_> = frame::scope(|| {
        let mut future: Boxed<_> = Box::pin(frame::in_frame(request(1, 3)));
        assert!(poll(future.as_mut()).is_pending());
        future
    });
    frame::scope(|| assert!(poll(future.as_mut()).is_pending()));
    let blocks = thread::spawn(move || {
        assert!(poll(future.as_mut()).is_pending());
        match frame::scope(|| poll(future.as_mut())) {
            Poll::Ready(blocks) => blocks,
            Poll::Pending => panic!("not done"),
        }
    })
    .join()
    .unwrap();
    drop(blocks);
    assert_eq!(pinned(), before);
}

#[test]
fn guards_left_open_across_a_yield_are_ended_by_it() {
    let _alone = alone();
    let before = pinned();
    let start = frame::stats().frames;
    let outer = frame::enter();
    let mut future = Box::pin(frame::in_frame(async {
        let guard = frame::enter();
        let block = Block::new(100, 8, 1);
        std::mem::forget(frame::enter());
        pause().await;
        // Both have ended, the future's frame has not.
        block.check();
        assert_eq!(frame::is_open(), on());
        let more = Block::new(100, 8, 2);
        drop(guard);
        assert_in_frame(String::from("still in it").as_ptr());
        pause().await;
        (block, more)
    }));
    assert!(poll(future.as_mut()).is_pending());
    if on() {
        assert_eq!(frame::stats().frames - start, 2);
    }
    assert!(poll(future.as_mut()).is_pending());
    let Poll::Ready(blocks) = poll(future.as_mut()) else {
        panic!("not done");
    };
    drop(future);
    drop(outer);
    if on() {
        assert_eq!(frame::stats().frames - start, 4);
    }
    drop(blocks);
    // The guard of a frame that is around the future's, dropped within it.
    let outer = frame::enter();
    let mut future = Box::pin(frame::in_frame(async move {
        drop(outer);
        assert_in_frame(String::from("mine").as_ptr());
        pause().await;
    }));
    assert!(poll(future.as_mut()).is_pending());
    assert!(!frame::is_open());
    assert!(poll(future.as_mut()).is_ready());
    drop(future);
    assert_eq!(pinned(), before);
}

#[test]
fn futures_are_dropped_unpolled_midway_and_on_other_threads() {
    let _alone = alone();
    let before = pinned();
    let start = frame::stats().frames;
    // Never polled: there is no frame.
    let block = Block::new(10, 8, 1);
    drop(frame::in_frame(async move { block.check() }));
    let unpolled = frame::in_frame(request(1, 1));
    thread::spawn(move || drop(unpolled)).join().unwrap();
    assert_eq!(frame::stats().frames, start);
    for n in 0..rounds(500, 100, 1) as u64 {
        let mut future = Box::pin(frame::in_frame(request(n, 10)));
        for _ in 0..n % 9 {
            assert!(poll(future.as_mut()).is_pending());
        }
        match n % 4 {
            0 => drop(future),
            1 => frame::scope(|| drop(future)),
            2 => thread::spawn(move || drop(future)).join().unwrap(),
            _ => thread::spawn(move || frame::scope(|| drop(future)))
                .join()
                .unwrap(),
        }
        assert_eq!(pinned(), before);
    }
}

/// What a thread keeps for its next frames has to come back from it, also if it never opened one itself.
#[test]
fn threads_that_only_take_over_futures_give_everything_back() {
    let _alone = alone();
    let before = pinned();
    let start = frame::stats().frames;
    let run = |threads: usize| {
        for n in 0..threads as u64 {
            let mut future = Box::pin(frame::in_frame(async move {
                let blocks: Vec<Block> =
                    (0..60).map(|m| Block::new(16_000, 8, n << 8 | m)).collect();
                pause().await;
                drop(blocks);
                pause().await;
            }));
            assert!(poll(future.as_mut()).is_pending());
            thread::spawn(move || {
                assert!(poll(future.as_mut()).is_pending());
                drop(future);
                // Also frames that are still open.
                std::mem::forget(frame::enter());
                assert_in_frame(String::from("in a frame").as_ptr());
            })
            .join()
            .unwrap();
        }
        resident()
    };
    let few = run(10);
    let many = run(rounds(2000, 200, 1));
    if on() {
        let frames = 2 * (10 + rounds(2000, 200, 1));
        assert_eq!(frame::stats().frames - start, frames as u64);
    }
    if let (Some(few), Some(many)) = (few, many) {
        assert!(!on() || many < few + (16 << 20), "{few} and then {many}");
    }
    assert_eq!(pinned(), before);
}

#[test]
fn a_future_that_panics_leaves_its_frame_at_the_poll_and_when_it_is_dropped() {
    let _alone = alone();
    let before = pinned();
    /// Panics when it is dropped, after it has allocated.
    struct Panics(Block);
    impl Drop for Panics {
        fn drop(&mut self) {
            self.0.check();
            let _more = Block::new(50, 8, 4);
            fail();
        }
    }
    for n in 0..rounds(500, 100, 1) as u64 {
        let mut future = Box::pin(frame::in_frame(async move {
            let _alive = Block::new(100, 8, n);
            pause().await;
            let _guard = frame::enter();
            let _inner = Block::new(100, 8, n);
            frame::scope(|| fail());
        }));
        assert!(poll(future.as_mut()).is_pending());
        assert!(catch_unwind(AssertUnwindSafe(|| poll(future.as_mut()))).is_err());
        assert!(!frame::is_open());
        drop(future);

        let mut future = Box::pin(frame::in_frame(async move {
            let _panics = Panics(Block::new(100, 8, n));
            pause().await;
        }));
        assert!(poll(future.as_mut()).is_pending());
        assert!(catch_unwind(AssertUnwindSafe(|| drop(future))).is_err());
        assert!(!frame::is_open());
        assert_eq!(pinned(), before);
    }
}

#[test]
fn an_unpin_future_and_one_that_is_done_at_once_work() {
    let _alone = alone();
    let mut future = frame::in_frame(ready(String::from("ready")));
    assert!(format!("{future:?}").contains("has_begun: false"));
    assert_eq!(poll(Pin::new(&mut future)), Poll::Ready("ready".to_owned()));
    let done = pin!(frame::in_frame(async { vec![1, 2, 3] }));
    assert_eq!(poll(done), Poll::Ready(vec![1, 2, 3]));
}

fn quiet() {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| frame::outside(|| hook(info))));
    });
}

#[test]
fn thousands_of_tasks_on_tokio_yield_migrate_panic_and_are_cancelled() {
    let _alone = alone();
    quiet();
    // What many tasks return is kept until they are all done.
    frame::set_pin_limit(usize::MAX);
    let before = pinned();
    static DONE: [AtomicUsize; 3] = [const { AtomicUsize::new(0) }; 3];
    let tasks = rounds(40_000, 4000, 1);
    // Their results are kept until the end, and waste more than is admitted otherwise.
    frame::set_pin_limit(1 << 30);
    {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut handles = Vec::new();
            for n in 0..tasks as u64 {
                let handle = tokio::spawn(frame::in_frame(async move {
                    let mut blocks = request(n, 2).await;
                    tokio::task::yield_now().await;
                    if n % 7 == 0 {
                        // Through tokio's own structures, and another task's frame.
                        let (sender, mut receiver) = tokio::sync::mpsc::channel(2);
                        let other = tokio::spawn(frame::in_frame(async move {
                            for m in 0..10 {
                                sender.send(Block::new(100, 8, m)).await.unwrap();
                            }
                        }));
                        while let Some(block) = receiver.recv().await {
                            blocks.push(block);
                        }
                        other.await.unwrap();
                    }
                    match n % 5 {
                        0 => tokio::time::sleep(Duration::from_millis(n % 10)).await,
                        1 => tokio::time::sleep(Duration::from_secs(1000)).await,
                        2 => fail(),
                        _ => {}
                    }
                    blocks.extend(request(n, 2).await);
                    blocks
                }));
                handles.push((n, handle));
                if n % 64 == 0 {
                    tokio::task::yield_now().await;
                }
            }
            for (n, handle) in handles {
                if n % 5 == 1 {
                    handle.abort();
                }
                let outcome = handle.await;
                let kind = match &outcome {
                    Ok(blocks) => {
                        blocks.iter().for_each(Block::check);
                        0
                    }
                    Err(error) if error.is_cancelled() => 1,
                    Err(_) => 2,
                };
                assert_eq!(kind, [0, 1, 2, 0, 0][n as usize % 5]);
                DONE[kind].fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let [good, cancelled, panicked] = DONE.each_ref().map(|n| n.load(Ordering::Relaxed));
    assert_eq!(
        (good, cancelled, panicked),
        (tasks / 5 * 3, tasks / 5, tasks / 5)
    );
    frame::set_pin_limit(16 << 20);
    // The runtime is gone, and what it kept; some values of this thread may stay.
    let after = pinned();
    assert!(after.0 <= before.0 + 8, "{}", frame::stats());
}
