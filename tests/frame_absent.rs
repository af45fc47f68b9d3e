//! A program whose allocator knows no frames: they do nothing, and do no harm.
#![cfg(feature = "frame")]

use std::future::Future;
use std::pin::pin;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};

use arenula::frame;

#[test]
fn frames_are_harmless_where_the_allocator_is_another() {
    // Of threads that open the first frames at the same moment, one finds out that none serve.
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                barrier.wait();
                for _ in 0..100 {
                    frame::scope(|| assert!(!frame::is_open()));
                }
            });
        }
    });
    assert!(!frame::is_installed());
    let before = frame::stats();
    let (text, vec) = frame::scope(|| {
        assert!(!frame::is_open());
        let guard = frame::enter();
        let text = String::from("text");
        assert!(!frame::owns(text.as_ptr()) && !frame::is_open());
        let vec = frame::outside(|| vec![1, 2, 3]);
        drop(guard);
        (text, vec)
    });
    assert_eq!((text.as_str(), &*vec), ("text", &[1, 2, 3][..]));
    let guards: Vec<_> = (0..100).map(|_| frame::enter()).collect();
    drop(guards);
    std::mem::forget(frame::enter());
    frame::with(|frame| {
        let here = frame.checkpoint();
        let boxed = Box::new([1_u8; 1000]);
        assert_eq!(frame.rewind(&here), Ok(()));
        // SAFETY: there is no memory that would be taken back.
        unsafe { frame.rewind_unchecked(&here) };
        assert_eq!(*boxed, [1; 1000]);
        assert_eq!(frame.stats().passed_through, 1);
        assert_eq!(frame.stats().bytes_served, 0);
        assert!(format!("{frame:?}").contains("is_open: false"));
    });
    let outcome =
        std::panic::catch_unwind(|| frame::scope(|| std::panic::resume_unwind(Box::new(5))));
    assert_eq!(*outcome.unwrap_err().downcast::<i32>().unwrap(), 5);
    let future = pin!(frame::in_frame(async {
        let text = String::from("future");
        std::future::ready(()).await;
        text
    }));
    let done = future.poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(done, Poll::Ready("future".to_owned()));
    std::thread::spawn(|| frame::scope(|| vec![1; 100]))
        .join()
        .unwrap();
    assert!(!frame::is_installed());
    let after = frame::stats();
    assert_eq!(
        (after.frames, after.bytes_served, after.pinned_pages),
        (0, 0, 0)
    );
    assert!(after.passed_through > before.passed_through);
}
