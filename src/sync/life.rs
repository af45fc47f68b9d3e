//! Which thread a part of an arena belongs to, and whether that thread still is.
//!
//! # Invariants
//!
//! - **W1, one owner.** A part has one owner at a time: the thread whose number it bears, or who made it
//!   [`HELD`]. Only the owner touches what it owns. A thread's number is never used again.
//! - **W2, the end.** A number is taken out of its [`Life`] (Release) after the last thing its thread did as an owner;
//!   who finds another there (Acquire; a later thread's number is exchanged for the 0, and so carries on what was
//!   released) may take the thread's parts over. That exchange is an Acquire too: when the later thread has ended as
//!   well, only its own 0 is found. Parts without a life are never taken over.
//! - **W3, order.** `life` is written while the part is held, before the number (Release): who reads a number (Acquire)
//!   sees its life, or that of a later owner, and then fails to exchange the number. As that may be one that it has never
//!   heard of, the pointer is a Release and an Acquire of its own: what it points to has been written.

use crate::atomic::{AtomicPtr, AtomicU64, Ordering};

/// The owner of what nobody owns.
const NOBODY: u64 = 0;

/// The owner of what is between two owners, or held for a moment.
const HELD: u64 = u64::MAX;

/// That a thread lives: its number, or 0 when it has ended. Never freed, and used again for later threads.
pub(super) struct Life(AtomicU64);

impl Life {
    #[cfg(not(loom))]
    const fn new(number: u64) -> Self {
        Life(AtomicU64::new(number))
    }

    #[cfg(loom)]
    fn new(number: u64) -> Self {
        Life(AtomicU64::new(number))
    }

    /// Begins a life with this number, in place of one that has ended.
    fn try_begin(&self, number: u64) -> bool {
        self.0.load(Ordering::Relaxed) == NOBODY
            && (self.0)
                .compare_exchange(NOBODY, number, Ordering::Acquire, Ordering::Relaxed)
                .is_ok()
    }

    fn end(&self) {
        self.0.store(NOBODY, Ordering::Release);
    }

    fn has_ended(&self, number: u64) -> bool {
        self.0.load(Ordering::Acquire) != number
    }
}

/// A thread as an owner.
#[derive(Clone, Copy)]
pub(super) struct Me {
    number: u64,
    /// Null if nobody will be told of the thread's end.
    life: *const Life,
}

/// What belongs to a thread knows it by this.
pub(super) struct Owner {
    number: AtomicU64,
    life: AtomicPtr<Life>,
}

impl Owner {
    pub(super) fn new(me: Me) -> Self {
        Owner {
            number: AtomicU64::new(me.number),
            life: AtomicPtr::new(me.life.cast_mut()),
        }
    }

    /// Whether it is this thread, which alone could have written so.
    pub(super) fn is(&self, me: Me) -> bool {
        self.number.load(Ordering::Relaxed) == me.number
    }

    /// Holds what nobody owns, or a thread that has ended. Until it goes to somebody, the caller is the owner.
    pub(super) fn try_hold(&self) -> bool {
        let number = self.number.load(Ordering::Acquire);
        if number == HELD {
            return false;
        }
        if number != NOBODY {
            // SAFETY: lives are never freed.
            match unsafe { self.life.load(Ordering::Acquire).as_ref() } {
                Some(life) if life.has_ended(number) => {}
                _ => return false,
            }
        }
        (self.number)
            .compare_exchange(number, HELD, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Gives what the caller holds to this thread.
    pub(super) fn keep(&self, me: Me) {
        self.life.store(me.life.cast_mut(), Ordering::Release);
        self.number.store(me.number, Ordering::Release);
    }

    /// Holds what the caller has for itself alone.
    #[cfg(not(loom))]
    pub(super) fn hold(&self) {
        self.number.store(HELD, Ordering::Relaxed);
    }

    /// Gives what the caller holds to nobody.
    pub(super) fn release(&self) {
        self.number.store(NOBODY, Ordering::Release);
    }
}

#[cfg(not(loom))]
mod this_thread {
    use super::*;
    use crate::outside::outside;
    use crate::sync::list::List;
    use crate::sync::local;
    use allocator_api2::alloc::Global;
    use core::cell::Cell;
    use core::ptr::{self, NonNull};

    /// All lives there ever were at one time.
    struct Lives(List<Life>);
    // SAFETY: a life is an atomic number.
    unsafe impl Sync for Lives {}
    static LIVES: Lives = Lives(List::new());

    std::thread_local! {
        /// Without a destructor, so that it can be asked while others are run.
        static ME: Cell<Me> = const { Cell::new(Me { number: NOBODY, life: ptr::null() }) };
        /// Notices the thread's end.
        static END: End = const { End };
    }

    struct End;

    impl Drop for End {
        fn drop(&mut self) {
            local::forget_all();
            let me = ME.replace(Me {
                number: NOBODY,
                life: ptr::null(),
            });
            // SAFETY: lives are never freed.
            if let Some(life) = unsafe { me.life.as_ref() } {
                life.end();
            }
        }
    }

    impl Me {
        /// This thread. After its end has been noticed it is another one, of which nobody is told.
        pub(in crate::sync) fn get() -> Self {
            let me = ME.get();
            if me.number == NOBODY { begin() } else { me }
        }
    }

    #[cold]
    fn begin() -> Me {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        // A global allocator may come by here, if it is made of a `SyncArena`.
        ME.set(Me {
            number,
            life: ptr::null(),
        });
        let life = outside(|| {
            END.try_with(|_| ()).ok()?;
            // SAFETY: lives are never freed.
            let try_begin = |life: &NonNull<Life>| unsafe { life.as_ref() }.try_begin(number);
            let begun = LIVES.0.places().find(try_begin);
            begun.or_else(|| LIVES.0.push(Life::new(number), &Global).ok())
        });
        let life = life.map_or(ptr::null(), |life| life.as_ptr().cast_const());
        let me = Me { number, life };
        ME.set(me);
        me
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::*;
    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::thread;

    struct Part {
        life: *const Life,
        owner: Owner,
        content: UnsafeCell<u32>,
    }

    // SAFETY: the model checker tells if the content is shared.
    unsafe impl Sync for Part {}
    // SAFETY: as above.
    unsafe impl Send for Part {}

    impl Part {
        /// Of a first thread, whose number is 1.
        fn new() -> Arc<Self> {
            let life: *const Life = std::boxed::Box::leak(std::boxed::Box::new(Life::new(1)));
            let owner = Owner::new(Me { number: 1, life });
            let content = UnsafeCell::new(0);
            Arc::new(Part {
                life,
                owner,
                content,
            })
        }

        fn life(&self) -> &Life {
            // SAFETY: it is leaked.
            unsafe { &*self.life }
        }

        fn write(&self) {
            // SAFETY: the model checker tells if it is shared.
            self.content.with_mut(|content| unsafe { *content += 1 });
        }

        /// A later thread that wants the part, and has a life of its own, which doesn't end.
        fn want(&self, number: u64) -> bool {
            let life: *const Life = std::boxed::Box::leak(std::boxed::Box::new(Life::new(number)));
            let is_had = self.owner.try_hold();
            if is_had {
                self.write();
                self.owner.keep(Me { number, life });
                self.write();
            }
            is_had
        }
    }

    /// The owner ends; two others want what it had.
    #[test]
    fn life_one_heir() {
        loom::model(|| {
            let part = Part::new();
            let others = [2, 3].map(|number| {
                let part = Arc::clone(&part);
                thread::spawn(move || part.want(number))
            });
            part.write();
            part.life().end();
            let had = others.map(|other| usize::from(other.join().unwrap()));
            assert!(had[0] + had[1] <= 1);
        });
    }

    /// A thread that begins with the same life, and takes the part over, or not; and another that wants it too.
    #[test]
    fn life_used_again() {
        loom::model(|| {
            let part = Part::new();
            let next = {
                let part = Arc::clone(&part);
                thread::spawn(move || {
                    if part.life().try_begin(2) && part.owner.try_hold() {
                        let me = Me {
                            number: 2,
                            life: part.life,
                        };
                        part.write();
                        part.owner.keep(me);
                        part.write();
                        assert!(part.owner.is(me));
                    }
                })
            };
            let other = {
                let part = Arc::clone(&part);
                thread::spawn(move || part.want(3))
            };
            part.write();
            part.life().end();
            next.join().unwrap();
            other.join().unwrap();
        });
    }

    /// What is held for a moment goes to who comes after.
    #[test]
    fn life_held_and_released() {
        loom::model(|| {
            let part = Part::new();
            part.life().end();
            let other = {
                let part = Arc::clone(&part);
                thread::spawn(move || part.want(2))
            };
            if part.owner.try_hold() {
                part.write();
                part.owner.release();
            }
            if !other.join().unwrap() {
                assert!(part.want(3));
            }
        });
    }

    /// A thread begins with the life that the owner had, and ends; who wants the part sees that
    /// the owner has ended only by what the later thread left.
    #[test]
    fn life_used_again_and_ended() {
        loom::model(|| {
            let part = Part::new();
            let next = {
                let part = Arc::clone(&part);
                thread::spawn(move || {
                    if part.life().try_begin(2) {
                        part.life().end();
                    }
                })
            };
            let other = {
                let part = Arc::clone(&part);
                thread::spawn(move || part.want(3))
            };
            part.write();
            part.life().end();
            next.join().unwrap();
            other.join().unwrap();
        });
    }

    /// Two hold what nobody has, each for a moment: one may have looked before the other held it.
    #[test]
    fn life_held_twice() {
        loom::model(|| {
            let part = Part::new();
            part.owner.release();
            let hold = |part: &Part| {
                if part.owner.try_hold() {
                    part.write();
                    part.owner.release();
                }
            };
            let other = {
                let part = Arc::clone(&part);
                thread::spawn(move || hold(&part))
            };
            hold(&part);
            other.join().unwrap();
        });
    }
}
