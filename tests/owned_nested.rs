//! Owners in the arenas of owners, and roots that use their arena to the last: while the next one is built, and in their
//! own destructors.

mod support;

use std::cell::{Cell, RefCell};
use std::mem::{self, MaybeUninit};

use allocator_api2::alloc::Allocator;
use arenula::vec::Vec as ArenaVec;
use arenula::{AllocError, Arena, DoubleBuffer, FixedBuffer, Owned, Root};
use std::alloc::Layout;
use std::ptr::NonNull;
use support::values::{Leaked, Log, Tracked};
use support::{Watch, Watched, panic_quietly, panics};

/// Texts and values in an arena. Its destructor adds to both, as far as there is memory.
struct Restless<'a, A: Allocator + 'static> {
    arena: &'a Arena<8, A>,
    texts: RefCell<ArenaVec<&'a str, &'a Arena<8, A>>>,
    value: Tracked<'static>,
    log: &'static Log,
}

impl<A: Allocator + 'static> Root for Restless<'_, A> {
    type Of<'a> = Restless<'a, A>;
}

impl<'a, A: Allocator> Restless<'a, A> {
    fn new(arena: &'a Arena<8, A>, log: &'static Log) -> Self {
        Restless {
            arena,
            texts: RefCell::new(ArenaVec::new_in(arena)),
            value: log.value(),
            log,
        }
    }

    fn add(&self, count: usize) -> Result<(), AllocError> {
        for i in 0..count {
            let mut texts = self.texts.borrow_mut();
            texts.try_reserve(1).map_err(|_| AllocError)?;
            texts.push(self.arena.try_alloc_fmt(format_args!("text {i}"))?);
        }
        Ok(())
    }

    fn check(&self) {
        let texts = self.texts.borrow();
        assert!(texts.iter().all(|text| text.starts_with("text ")));
    }
}

impl<A: Allocator + 'static> Drop for Restless<'_, A> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let _ = self.add(100);
        self.check();
        let other = self.log.value();
        assert!(other.number() > self.value.number());
    }
}

#[test]
fn a_root_uses_its_arena_while_the_next_is_built_and_when_it_goes() {
    let leaked = Leaked::new(Log::default());
    // SAFETY: what has it is dropped before.
    let log = unsafe { leaked.get() };
    let mut buffer = DoubleBuffer::<Restless<_>>::new(|arena| Restless::new(arena, log));
    for round in 0..30 {
        assert!(panics(|| buffer.advance(|last, arena| {
            last.add(5).unwrap();
            Restless::new(arena, log).add(50).unwrap();
            panic_quietly()
        })));
        let outcome = buffer.try_advance(|last, arena| {
            last.add(5).unwrap();
            let next = Restless::new(arena, log);
            next.add(50).unwrap();
            Err(next.texts.borrow().len())
        });
        assert_eq!(outcome, Err(50));
        buffer.advance(|last, arena| {
            last.check();
            last.add(100).unwrap();
            let next = Restless::new(arena, log);
            for text in last.texts.borrow().iter().take(200) {
                next.texts.borrow_mut().push(arena.alloc_str(text));
            }
            next
        });
        assert_eq!(log.alive().len(), 1);
        buffer.with_mut(|root, arena| {
            root.texts.get_mut().retain(|text| text.len() % 2 == 0);
            if round % 5 == 0 {
                // What lies in the arena can't be dropped too late.
                let before = mem::replace(root, Restless::new(arena, log));
                drop(arena.alloc_box(before));
            }
        });
        buffer.with(|root| root.check());
    }
    drop(buffer);
    assert!(log.alive().is_empty());
}

/// A backing allocator that panics at one of its calls, but not while another panic is on its way.
struct Touchy(Watched<'static>, &'static Cell<Option<usize>>);

impl Touchy {
    fn step(&self) {
        match self.1.get() {
            Some(0) if !std::thread::panicking() => {
                self.1.set(None);
                panic_quietly();
            }
            left => self.1.set(left.map(|left| left.saturating_sub(1))),
        }
    }
}

// SAFETY: it hands on what the other one does.
unsafe impl Allocator for Touchy {
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

#[test]
fn a_destructor_and_a_backing_allocator_may_panic_at_any_point() {
    for n in (0..40).step_by(if cfg!(miri) { 7 } else { 1 }) {
        for bomb in 0..4 {
            let watch = Leaked::new(Watch::default());
            let leaked = Leaked::new(Log::default());
            let left = Leaked::new(Cell::new(Some(n)));
            // SAFETY: what has them is dropped before.
            let (log, backing) = unsafe {
                let backing = || Touchy(Watched(watch.get()), left.get());
                (leaked.get(), backing)
            };
            type R = Restless<'static, Touchy>;
            let arenas = [(); 2].map(|()| Arena::new_in(backing()));
            panics(|| {
                let mut buffer =
                    DoubleBuffer::<R, 8, _>::new_in(arenas, |arena| Restless::new(arena, log));
                for _ in 0..3 {
                    log.bomb.set(Some(bomb));
                    panics(|| {
                        buffer.advance(|last, arena| {
                            let _ = last.add(10);
                            let next = Restless::new(arena, log);
                            let _ = next.add(60);
                            next
                        });
                    });
                    log.bomb.set(None);
                    assert_eq!(log.alive().len(), 1, "{n}, {bomb}");
                    buffer.with(|root| root.check());
                }
                log.bomb.set(Some(bomb));
            });
            assert!(log.alive().is_empty(), "{n}, {bomb}");
        }
    }
}

/// Owners whose arenas have their chunks from the arena of the owner around them.
struct Nest<'a> {
    owned: ArenaVec<Owned<Number, 8, &'a Arena>, &'a Arena>,
    buffer: DoubleBuffer<&'static [u64], 8, &'a Arena>,
}

impl Root for Nest<'_> {
    type Of<'a> = Nest<'a>;
}

/// A text, and a value whose destructor must run before the arenas go.
enum Number {}

impl Root for Number {
    type Of<'a> = (&'a str, Tracked<'static>);
}

impl<'a> Nest<'a> {
    fn new(arena: &'a Arena, log: &'static Log, count: usize) -> Self {
        let mut owned = ArenaVec::new_in(arena);
        for i in 0..count {
            owned.push(Self::number(Arena::new_in(arena), log, i));
        }
        let arenas = [(); 2].map(|()| Arena::new_in(arena));
        let buffer = DoubleBuffer::<&[u64], 8, _>::new_in(arenas, |arena| arena.alloc([1; 4]));
        Nest { owned, buffer }
    }

    fn number(
        arena: Arena<8, &'a Arena>,
        log: &'static Log,
        i: usize,
    ) -> Owned<Number, 8, &'a Arena> {
        Owned::<Number, 8, _>::new_in(arena, |arena| {
            arena.alloc_slice_fill_copy(100 * i, 1_u8);
            (arena.alloc_fmt(format_args!("{i}")), log.value())
        })
    }

    fn check(&self, log: &'static Log) {
        for (i, owned) in self.owned.iter().enumerate() {
            owned.with(|(text, value)| {
                assert_eq!(*text, i.to_string());
                assert!(log.alive().contains(&value.number()));
            });
        }
    }
}

#[test]
fn owners_in_the_arena_of_an_owner() {
    let leaked = Leaked::new(Log::default());
    // SAFETY: what has it is dropped before.
    let log = unsafe { leaked.get() };
    let mut outer = DoubleBuffer::<Nest>::new(|arena| Nest::new(arena, log, 5));
    for round in 0..20 {
        outer.advance(|last, arena| {
            last.check(log);
            let mut next = Nest::new(arena, log, 2 + round % 4);
            let sum = last.buffer.with(|numbers| numbers.iter().sum::<u64>());
            (next.buffer)
                .advance(|last, arena| arena.alloc_iter(last.iter().map(|n| n + sum % 10)));
            next
        });
        assert_eq!(log.alive().len(), 2 + round % 4);
        outer.with_mut(|nest, arena| {
            // The inner arenas are used in turns, so that none has its memory at the end of the outer one.
            let last = nest.owned.pop().unwrap().into_arena();
            arena.alloc_slice_fill_copy(3000, 1_u8);
            nest.owned.push(Nest::number(last, log, 1 + round % 4));
            let first = nest.owned.swap_remove(0).map::<Number, _>(|root, arena| {
                arena.alloc_slice_fill_copy(1000, 1_u8);
                root
            });
            nest.owned.push(first);
            let end = nest.owned.len() - 1;
            nest.owned.swap(0, end);
            for _ in 0..5 {
                nest.buffer.advance(|last, arena| {
                    arena.alloc_iter(last.iter().chain(last.iter()).copied().take(1000))
                });
            }
            nest.buffer.trim();
            if round % 3 == 0 {
                let arenas = [(); 2].map(|()| Arena::new_in(arena));
                nest.buffer =
                    DoubleBuffer::<&[u64], 8, _>::new_in(arenas, |arena| arena.alloc([2; 4]));
            }
            nest.check(log);
        });
    }
    drop(outer);
    assert!(log.alive().is_empty());
}

#[test]
fn a_double_buffer_in_two_buffers_that_are_lent() {
    let mut buffers = [[MaybeUninit::uninit(); 8192]; 2];
    let arenas = (buffers.each_mut()).map(|buffer| Arena::new_in(FixedBuffer::new(buffer)));
    let mut numbers = DoubleBuffer::<&[u32], 8, _>::new_in(arenas, |arena| arena.alloc([0; 10]));
    let mut frames = 0;
    let step = if cfg!(miri) { 20 } else { 1 };
    for i in (0..300_usize).step_by(step) {
        let len = 1 + i * 37 % 3000;
        let outcome = numbers.try_advance(|last, arena| {
            let next = last.iter().map(|n| n + 1).chain(std::iter::repeat(0));
            arena.try_alloc_iter(next.take(len)).map(|next| &*next)
        });
        frames += u32::from(outcome.is_ok());
        assert_eq!(numbers.get()[0], frames);
        for stats in numbers.stats() {
            assert!(stats.capacity <= 8192);
        }
    }
    let count = 300 / step as u32;
    assert!((count / 3..count).contains(&frames), "{frames}");
}
