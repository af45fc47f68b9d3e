//! What threads share, in programs that the thread sanitizer can follow.
//!
//! It understands what was compiled for it, and the system's threads and locks; but not the standard library as it is
//! installed, whose threads, channels and `Arc`s so seem to order nothing. Here threads are the system's, and
//! hand each other values by atomics of this file. So what the sanitizer complains of is real, and what this crate
//! doesn't order it sees. Without the sanitizer the programs check what they read.
#![cfg(all(feature = "frame", feature = "collections", unix, not(miri)))]

use std::ffi::c_void;
use std::future::{Future, poll_fn};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::ptr::{null, null_mut};
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use arenula::sync::{ArenaPool, OwnedArena, SyncArena, SyncInterner};
use arenula::{FrameAlloc, Symbol, frame, scratch};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

const THREADS: usize = 4;

/// The rounds of a thread.
const ROUNDS: usize = 300;

/// Runs `work` on as many threads of the system's, which are told their numbers.
fn on_threads(count: usize, work: impl Fn(usize) + Sync) {
    struct Start<'w, F>(&'w F, usize);

    extern "C" fn run<F: Fn(usize) + Sync>(start: *mut c_void) -> *mut c_void {
        // SAFETY: it is the `Start` below, which stays until the thread was joined, and is only read.
        let start = unsafe { &*start.cast::<Start<'_, F>>() };
        // A panic can't leave this function: it ends the program.
        start.0(start.1);
        null_mut()
    }

    fn spawn<F: Fn(usize) + Sync>(start: &Start<'_, F>) -> libc::pthread_t {
        let mut thread = MaybeUninit::uninit();
        // SAFETY: the function takes what it is given, which outlives the thread.
        let failure = unsafe {
            let start = (&raw const *start).cast_mut().cast();
            libc::pthread_create(thread.as_mut_ptr(), null(), run::<F>, start)
        };
        assert_eq!(failure, 0);
        // SAFETY: it was created.
        unsafe { thread.assume_init() }
    }

    let starts: Vec<_> = (0..count).map(|number| Start(&work, number)).collect();
    let threads: Vec<_> = starts.iter().map(spawn).collect();
    for thread in threads {
        // SAFETY: it was created above, and is joined once.
        assert_eq!(unsafe { libc::pthread_join(thread, null_mut()) }, 0);
    }
}

/// Places in which threads leave values for each other.
struct Mailbox<T> {
    places: [AtomicPtr<T>; 8],
}

impl<T> Mailbox<T> {
    fn new() -> Self {
        Mailbox {
            places: std::array::from_fn(|_| AtomicPtr::new(null_mut())),
        }
    }

    /// Leaves a value, and takes the one that was there.
    fn swap(&self, place: usize, value: Option<Box<T>>) -> Option<Box<T>> {
        let value = value.map_or(null_mut(), Box::into_raw);
        let other = self.places[place % self.places.len()].swap(value, Ordering::AcqRel);
        // SAFETY: it came from a box, and was taken out by this thread alone.
        (!other.is_null()).then(|| unsafe { Box::from_raw(other) })
    }

    fn take_all(&self) -> impl Iterator<Item = Box<T>> {
        (0..self.places.len()).filter_map(|place| self.swap(place, None))
    }
}

#[test]
fn what_leaves_a_frame_is_freed_by_whoever_has_it() {
    let mail = Mailbox::<[usize; 30]>::new();
    on_threads(THREADS, |thread| {
        for round in 0..ROUNDS {
            frame::scope(|| {
                for n in 0..20 {
                    let number = thread * ROUNDS + round + n;
                    let scratch = vec![number; number % 100];
                    let other = mail.swap(number, Some(Box::new([number; 30])));
                    if let Some(other) = other {
                        assert_eq!(*other, [other[0]; 30]);
                    }
                    assert!(scratch.iter().all(|read| *read == number));
                }
            });
        }
    });
    mail.take_all().for_each(drop);
    assert_eq!(frame::stats().pinned_bytes, 0);
}

#[test]
fn a_frame_goes_with_its_future() {
    type Boxed = Pin<Box<dyn Future<Output = usize>>>;

    /// Fills scratch memory between pauses.
    async fn work(number: usize) -> usize {
        let mut words: Vec<Box<usize>> = Vec::new();
        for round in 0..10 {
            words.extend((0..10).map(|n| Box::new(number + round + n)));
            let mut is_first = true;
            poll_fn(|_| match std::mem::take(&mut is_first) {
                true => Poll::Pending,
                false => Poll::Ready(()),
            })
            .await;
            words.truncate(30);
        }
        words.len()
    }

    let mail = Mailbox::<Boxed>::new();
    on_threads(THREADS, |thread| {
        for round in 0..ROUNDS {
            let number = thread * ROUNDS + round;
            let future: Boxed = Box::pin(frame::in_frame(work(number)));
            let mut next = mail.swap(number, Some(Box::new(future)));
            while let Some(mut future) = next.take() {
                let mut context = Context::from_waker(Waker::noop());
                match future.as_mut().as_mut().poll(&mut context) {
                    Poll::Pending => next = mail.swap(number + round, Some(future)),
                    Poll::Ready(words) => assert_eq!(words, 30),
                }
            }
        }
    });
    mail.take_all().for_each(drop);
    assert_eq!(frame::stats().pinned_bytes, 0);
}

#[test]
fn a_sync_arena_gives_each_byte_to_one() {
    let mut arena = SyncArena::new();
    for _ in 0..5 {
        let mail = Mailbox::<&mut [usize]>::new();
        // Those that end leave their parts to those that begin.
        on_threads(THREADS * 8, |thread| {
            for round in 0..ROUNDS / 10 {
                let number = thread * ROUNDS + round;
                let own = arena.alloc_slice_fill_with(number % 200, |n| number + n);
                if let Some(other) = mail.swap(number, Some(Box::new(own))) {
                    let first = other.first().copied().unwrap_or(0);
                    assert!(other.iter().enumerate().all(|(n, read)| *read == first + n));
                    other.fill(0);
                }
            }
        });
        mail.take_all().for_each(drop);
        arena.reset();
    }
}

#[test]
fn arenas_of_a_pool_go_from_thread_to_thread() {
    let pool = Arc::new(ArenaPool::new());
    for _ in 0..5 {
        let mail = Mailbox::<OwnedArena>::new();
        on_threads(THREADS, |thread| {
            for round in 0..ROUNDS {
                let number = thread * ROUNDS + round;
                let guard = pool.get();
                let result: &mut [usize] = guard.alloc_slice_fill_copy(number % 50, number);
                drop(guard);
                let owned = pool.get_owned();
                owned.alloc_slice_fill_copy(number % 300, number);
                assert!(result.iter().all(|read| *read == number));
                if let Some(other) = mail.swap(number, Some(Box::new(owned))) {
                    other.alloc_slice_fill_copy(number % 300, number);
                }
            }
        });
        mail.take_all().for_each(drop);
    }
}

#[test]
fn a_text_is_read_by_who_was_told_its_number() {
    let texts = SyncInterner::new();
    texts.symbol("text");
    let newest = AtomicUsize::new(0);
    on_threads(THREADS, |thread| {
        for round in 0..ROUNDS * 10 {
            // One alone adds: who waits for a lock does so in the standard library.
            if thread == 0 {
                let text = format!("text {round}");
                let symbol = texts.symbol(&text);
                assert_eq!(texts.resolve(symbol), text);
                newest.store(symbol.index(), Ordering::Relaxed);
                continue;
            }
            // The number alone orders nothing; but these processors show what was written first first.
            let text = if cfg!(target_arch = "x86_64") {
                let number = newest.load(Ordering::Relaxed);
                texts.resolve(Symbol::from_index(number).unwrap())
            } else {
                texts.iter().last().unwrap().1
            };
            assert!(text.starts_with("text"));
            assert_eq!(texts.get(text).map(str::as_ptr), Some(text.as_ptr()));
        }
    });
    assert_eq!(texts.len(), 1 + ROUNDS * 10);
}

#[test]
fn what_a_thread_keeps_warm_is_its_own() {
    on_threads(THREADS * 4, |thread| {
        for round in 0..ROUNDS / 4 {
            scratch(|outer| {
                let own = outer.alloc_slice_fill_copy(round % 90, thread);
                scratch(|inner| inner.alloc_slice_fill_copy(round % 90, round).fill(0));
                frame::scope(|| drop(vec![thread; round]));
                assert!(own.iter().all(|read| *read == thread));
            });
        }
    });
}
