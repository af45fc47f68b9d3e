//! Frames: a guard is its thread's, an allocator is everybody's, a future with a frame goes where it may go without.

use std::cell::Cell;
use std::future::{Pending, Ready};
use std::marker::PhantomPinned;
use std::panic::{RefUnwindSafe, UnwindSafe};

use arenula::FrameAlloc;
use arenula::frame::{Checkpoint, Frame, FrameStats, InFrame, RewindError};

is_not!(Frame: Send, Sync);
is_not!(Frame: Clone, Copy, Default);
is!(Frame: Unpin, UnwindSafe, RefUnwindSafe);

is!(FrameAlloc: Send, Sync, Copy, std::alloc::GlobalAlloc);
is!(FrameStats: Send, Sync, Copy);
is!(RewindError: Send, Sync, std::error::Error);
is_not!(Checkpoint: Default);

type Local = Ready<*const u8>;
type Shared = Ready<u8>;
type OfCell = Pending<Cell<u8>>;

is!(InFrame<Shared>: Send, Unpin);
is_not!(InFrame<Local>: Send);
is!(InFrame<OfCell>: Unpin);

/// A future that must stay where it is.
struct Pinned(PhantomPinned);

impl Future for Pinned {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        std::task::Poll::Ready(())
    }
}

is_not!(InFrame<Pinned>: Unpin);
