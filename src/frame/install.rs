//! Whether frames work, and what a thread needs before it opens one.

use core::hint::black_box;
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use super::record::Kind;
use super::region;
use super::state::{NO_FRAME, STATE, State};
use super::stats;

/// The number of the next thread that opens a frame. No number is used twice.
static NEXT_THREAD: AtomicU64 = AtomicU64::new(1);

/// Whether [`FrameAlloc`](super::FrameAlloc) is the global allocator, and frames are on.
static INSTALLED: AtomicU8 = AtomicU8::new(UNKNOWN);

const UNKNOWN: u8 = 0;
const YES: u8 = 1;
const NO: u8 = 2;

/// Ends a thread's frames when the thread ends, and shares what it kept.
struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        STATE.with(|state| {
            while state.frame.get() != NO_FRAME {
                state.close();
            }
            state.store.close();
            stats::give_back_shard(state.shard.replace(stats::SHARED));
        });
    }
}

std::thread_local! {
    static EXIT: Exit = const { Exit };
}

/// Makes sure that the thread can open frames. What allocates on the way does so before one is open.
#[inline]
pub(super) fn prepare(state: &State) -> bool {
    // Acquire: the range was reserved before, and is seen from now on.
    if INSTALLED.load(Ordering::Acquire) == YES && state.is_known() {
        return !state.store.is_closed();
    }
    prepare_slow(state)
}

/// Gives the thread a number, if it has none, and sees to its end (F6).
#[inline]
pub(super) fn know(state: &State) {
    if !state.is_known() {
        know_slow(state);
    }
}

#[cold]
#[inline(never)]
fn know_slow(state: &State) {
    // At the end of a thread, when its values are gone already, it keeps nothing. (Nobody asks for this one before, so
    // that as yet no system has taken it away by then.)
    if EXIT.try_with(|_| ()).is_err() {
        state.store.close();
    }
    (state.thread).set(NEXT_THREAD.fetch_add(1, Ordering::Relaxed));
}

#[cold]
#[inline(never)]
fn prepare_slow(state: &State) -> bool {
    if INSTALLED.load(Ordering::Relaxed) == NO {
        return false;
    }
    know(state);
    if state.store.is_closed() {
        return false;
    }
    if state.shard.get() == stats::SHARED {
        state.shard.set(stats::take_shard());
    }
    match INSTALLED.load(Ordering::Acquire) {
        UNKNOWN => find_out(state),
        // Another thread may have found out meanwhile.
        answer => answer == YES,
    }
}

/// Asks whether frames work. Other threads may do so at the same time: that they do for one of them stands, whatever
/// others find for which there is no memory at the moment.
fn find_out(state: &State) -> bool {
    // What this asks for allocates, and the parent may open frames for that: these do not serve yet.
    struct Asking<'a>(&'a State);
    impl Drop for Asking<'_> {
        fn drop(&mut self) {
            self.0.is_asking.set(false);
        }
    }
    if state.is_asking.replace(true) {
        return false;
    }
    let _asking = Asking(state);
    let is_off = std::env::var_os("ARENULA_FRAMES").is_some_and(|value| value == "off");
    let answer = match is_off || !region::reserve() {
        true => Some(false),
        false => serves(state),
    };
    match answer {
        Some(true) => {
            // Release: who sees this sees the range.
            INSTALLED.store(YES, Ordering::Release);
            true
        }
        Some(false) => {
            let (no, before) = (Ordering::Relaxed, Ordering::Acquire);
            INSTALLED.compare_exchange(UNKNOWN, NO, no, before) == Err(YES)
        }
        None => false,
    }
}

/// Whether what is allocated in a frame comes from it; no answer where none can be opened now.
fn serves(state: &State) -> Option<bool> {
    // A kind that is not counted.
    state.open(Kind::Level)?;
    // Hidden from the compiler, which may leave out an allocation that it sees freed.
    let probe = black_box(std::boxed::Box::new(0_u64));
    let serves = region::owns((&raw const *probe).cast());
    drop(probe);
    state.close();
    Some(serves)
}
