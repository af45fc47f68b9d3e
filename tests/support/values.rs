//! Values that are watched: which are alive, in which order they were dropped, whether twice.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator, Global, Layout};

use super::{Watched, panic_quietly};

/// What a test sees of its [`Tracked`] values.
#[derive(Default)]
pub struct Log {
    made: Cell<u32>,
    /// Each with its number on the heap. What was forgotten is freed here, so that no memory is lost.
    alive: RefCell<BTreeMap<u32, NonNull<u32>>>,
    dropped: RefCell<Vec<u32>>,
    /// How many drops go well before one panics. None does so while another panic is on its way.
    pub bomb: Cell<Option<usize>>,
}

impl Log {
    /// A new value, with the next number.
    pub fn value(&self) -> Tracked<'_> {
        let number = self.made.get();
        self.made.set(number + 1);
        let place = NonNull::from(Box::leak(Box::new(number)));
        self.alive.borrow_mut().insert(number, place);
        Tracked {
            log: self,
            number: place,
        }
    }

    pub fn alive(&self) -> BTreeSet<u32> {
        self.alive.borrow().keys().copied().collect()
    }

    /// The values dropped since this was asked, in order.
    pub fn dropped(&self) -> Vec<u32> {
        self.dropped.take()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        for place in self.alive.get_mut().values() {
            // SAFETY: it came from a box, and its value can't be reached any more.
            drop(unsafe { Box::from_raw(place.as_ptr()) });
        }
    }
}

/// A value with a number. The number lies on the heap, where tools see when it is used too late.
pub struct Tracked<'l> {
    log: &'l Log,
    number: NonNull<u32>,
}

impl Tracked<'_> {
    pub fn number(&self) -> u32 {
        // SAFETY: the number is there until this is dropped.
        unsafe { self.number.read() }
    }
}

impl Drop for Tracked<'_> {
    fn drop(&mut self) {
        let number = self.number();
        let place = self.log.alive.borrow_mut().remove(&number);
        assert_eq!(place, Some(self.number), "{number} is dropped twice");
        // SAFETY: it came from a box, and is the log's no more.
        drop(unsafe { Box::from_raw(self.number.as_ptr()) });
        self.log.dropped.borrow_mut().push(number);
        match self.log.bomb.get() {
            _ if std::thread::panicking() => {}
            Some(0) => {
                self.log.bomb.set(None);
                panic_quietly();
            }
            Some(left) => self.log.bomb.set(Some(left - 1)),
            None => {}
        }
    }
}

/// The numbers of values, to be compared.
pub fn numbers<'v, 'l: 'v>(values: impl IntoIterator<Item = &'v mut Tracked<'l>>) -> Vec<u32> {
    values.into_iter().map(|value| value.number()).collect()
}

/// An iterator that says of its length what it is told to, and of which nothing more is known.
pub struct Saying<I>(pub usize, pub I);

impl<I: Iterator> Iterator for Saying<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.1.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.0, Some(self.0))
    }
}

/// What an iterator that gives `count` values may say: the truth, nothing, and lies both ways.
pub fn sayings(count: usize) -> [usize; 6] {
    [count, 0, count / 2, count + 3, 50 * count + 100, usize::MAX]
}

/// A backing allocator that panics when it has been called some number of times.
pub struct Panicking<'w>(pub Watched<'w>, pub &'w Cell<Option<usize>>);

impl Panicking<'_> {
    pub fn step(&self) {
        match self.1.get() {
            Some(0) => {
                self.1.set(None);
                panic_quietly();
            }
            left => self.1.set(left.map(|left| left - 1)),
        }
    }
}

// SAFETY: it hands on what the other one does.
unsafe impl Allocator for Panicking<'_> {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.step();
        self.0.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        // SAFETY: the block came from there.
        unsafe { self.0.deallocate(block, layout) };
        self.step();
    }
}

/// A backing allocator that calls back whenever it is used, unless it is already doing so.
#[derive(Default)]
pub struct Calling {
    /// What is called, once there is something to call.
    pub callback: RefCell<Option<Box<dyn Fn()>>>,
    busy: Cell<bool>,
}

impl Calling {
    fn call(&self) {
        if !self.busy.replace(true) {
            if let Some(callback) = &*self.callback.borrow() {
                callback();
            }
            self.busy.set(false);
        }
    }
}

// SAFETY: it hands on what the global allocator does.
unsafe impl Allocator for Calling {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.call();
        Global.allocate(layout)
    }

    unsafe fn deallocate(&self, block: NonNull<u8>, layout: Layout) {
        self.call();
        // SAFETY: the block came from there.
        unsafe { Global.deallocate(block, layout) }
    }
}

/// A value on the heap that is borrowed for ever, and freed with this all the same.
pub struct Leaked<T>(NonNull<T>);

impl<T> Leaked<T> {
    pub fn new(value: T) -> Self {
        Leaked(NonNull::from(Box::leak(Box::new(value))))
    }

    /// # Safety
    ///
    /// The reference is not used after this is dropped.
    pub unsafe fn get(&self) -> &'static T {
        // SAFETY: the value lives until then.
        unsafe { self.0.as_ref() }
    }

    /// # Safety
    ///
    /// No reference to it is used any more.
    pub unsafe fn into_inner(self) -> T {
        let start = std::mem::ManuallyDrop::new(self).0;
        // SAFETY: it came from a box, and nobody uses it any more.
        *unsafe { Box::from_raw(start.as_ptr()) }
    }
}

impl<T> Drop for Leaked<T> {
    fn drop(&mut self) {
        // SAFETY: it came from a box, and nobody uses it any more.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// A program with one thing to do, of which it is expected to die: this test once more, in a process of its
/// own. What it does there is `f`. Answers whether it was killed by an abort, or nothing where that can't
/// be told.
pub fn aborts(test: &str, f: impl FnOnce()) -> Option<bool> {
    const INSIDE: &str = "ARENULA_TEST_ABORTS";
    if std::env::var_os(INSIDE).is_some() {
        f();
        std::process::exit(0);
    }
    if cfg!(miri) {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let status = std::process::Command::new(program)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        Some(status.signal().is_some())
    }
    #[cfg(not(unix))]
    {
        Some(!status.success())
    }
}
