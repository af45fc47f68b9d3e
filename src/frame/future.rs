//! A frame that belongs to a future, and goes with it from thread to thread.

use core::fmt;
use core::future::Future;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::opened::Opened;
use super::state::STATE;

/// Gives a future a frame of its own, which is entered at each poll and left at each yield, on whatever
/// thread it is polled. It ends when the future is done, or dropped.
///
/// ```
/// # #[global_allocator]
/// # static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();
/// use arenula::frame;
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context, Poll, Waker};
///
/// # fn main() {
/// let request = frame::in_frame(async {
///     let body = String::from("body");
///     std::future::ready(()).await;
///     assert!(frame::owns(body.as_ptr()));
///     body.len()
/// });
/// let done = pin!(request).poll(&mut Context::from_waker(Waker::noop()));
/// assert_eq!(done, Poll::Ready(4));
/// # }
/// ```
pub fn in_frame<F: Future>(future: F) -> InFrame<F> {
    InFrame {
        frame: None,
        future: ManuallyDrop::new(future),
    }
}

/// A future with a frame of its own. See [`in_frame`].
#[must_use = "futures do nothing unless they are polled"]
pub struct InFrame<F: Future> {
    /// The frame, from the first poll on. No thread runs it but in `poll` and `drop`.
    frame: Option<Opened>,
    /// Dropped in the frame.
    future: ManuallyDrop<F>,
}

// Nothing here relies on the address of the frame's number, only the future may on its own.
impl<F: Future + Unpin> Unpin for InFrame<F> {}

/// Leaves a frame, and ends what was opened in it and is still open.
enum Running {
    /// The future's frame, which goes on.
    Own(Opened),
    /// What stands for it in one poll, where none can be had: it can't leave the thread.
    Other(Opened),
}

impl Running {
    /// Enters a frame; opens it the first time.
    fn enter(frame: &mut Option<Opened>) -> Self {
        STATE.with(|state| {
            if let Some(frame) = *frame {
                frame.resume(state);
                return Running::Own(frame);
            }
            *frame = Opened::own(state);
            match *frame {
                Some(frame) => Running::Own(frame),
                None => Running::Other(Opened::passing(state)),
            }
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        STATE.with(|state| match *self {
            Running::Own(frame) => frame.suspend(state),
            Running::Other(frame) => frame.close(state),
        });
    }
}

/// Ends a frame that nobody runs.
fn end(frame: &mut Option<Opened>) {
    if let Some(frame) = frame.take() {
        STATE.with(|state| {
            frame.resume(state);
            frame.close(state);
        });
    }
}

impl<F: Future> Future for InFrame<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        // SAFETY: the future is not moved out of its place, here or elsewhere, and dropped there; the other field
        // is not pinned.
        let this = unsafe { self.get_unchecked_mut() };
        // SAFETY: as above.
        let future = unsafe { Pin::new_unchecked(&mut *this.future) };
        let running = Running::enter(&mut this.frame);
        let outcome = future.poll(context);
        drop(running);
        if outcome.is_ready() {
            end(&mut this.frame);
        }
        outcome
    }
}

impl<F: Future> Drop for InFrame<F> {
    fn drop(&mut self) {
        /// Ends the frame after the future, also if that panics.
        struct End<'a>(&'a mut Option<Opened>);
        impl Drop for End<'_> {
            fn drop(&mut self) {
                end(self.0);
            }
        }
        let end = End(&mut self.frame);
        let _running = end.0.is_some().then(|| Running::enter(end.0));
        // SAFETY: it is dropped here, once.
        unsafe { ManuallyDrop::drop(&mut self.future) };
    }
}

impl<F: Future> fmt::Debug for InFrame<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFrame")
            .field("has_begun", &self.frame.is_some())
            .finish_non_exhaustive()
    }
}
