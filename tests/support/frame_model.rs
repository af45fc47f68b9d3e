//! Programs of frames, and a model that knows what each call has to do.
#![allow(dead_code)]

#[path = "frames.rs"]
pub mod frames;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::thread;

use arenula::frame::{self, Checkpoint, Frame, RewindError};
use frames::{Block, on, pinned};

/// A call, or several.
#[derive(Clone, Debug)]
pub enum Op {
    Alloc {
        size: usize,
        shift: u8,
        zeroed: bool,
    },
    /// Many of one size, as a program makes them.
    AllocMany {
        count: usize,
        size: usize,
    },
    Realloc {
        which: usize,
        size: usize,
    },
    Free {
        which: usize,
    },
    FreeMany {
        which: usize,
        step: usize,
        count: usize,
    },
    /// Another thread frees a block, or reallocates it, in a frame of its own or not.
    Move {
        which: usize,
        size: usize,
        how: u8,
    },
    Enter,
    Exit {
        which: usize,
    },
    Forget {
        which: usize,
    },
    Checkpoint {
        which: usize,
    },
    Rewind {
        which: usize,
        to: usize,
        unchecked: bool,
    },
    PinLimit(Option<usize>),
    Budget(Option<usize>),
    Keep {
        which: usize,
    },
    FreeKept {
        which: usize,
    },
    Scope {
        ops: Vec<Op>,
        panics: bool,
    },
    With {
        ops: Vec<Op>,
    },
    Outside {
        ops: Vec<Op>,
        panics: bool,
    },
    /// A future with what it does at each poll, and what is done between.
    Future {
        polls: Vec<Vec<Op>>,
        between: Vec<Op>,
        is_dropped: bool,
    },
}

/// A block, and where it was allocated.
struct Known {
    block: Block,
    /// The frame, if it came from one.
    home: Option<u64>,
    /// When that was.
    time: u64,
    /// Whether it is to be kept when the program is over.
    is_kept: bool,
}

/// A frame that is open.
#[derive(Clone, Copy)]
struct Open {
    id: u64,
    /// Whether it serves; if not, it is `outside`, or at the pin limit.
    serves: bool,
    /// Its guard is gone.
    is_over: bool,
}

struct Guard {
    frame: Frame,
    id: u64,
    serves: bool,
    checkpoints: Vec<Taken>,
}

#[derive(Clone, Copy)]
struct Taken {
    checkpoint: Checkpoint,
    /// The frame it is of.
    frame: u64,
    time: u64,
    /// Another frame was open inside the frame.
    is_bad: bool,
    /// The frame was rewound to an earlier one.
    is_past: bool,
}

/// What stays from one program to the next, so that each begins in another state.
static KEPT: Mutex<Vec<Block>> = Mutex::new(Vec::new());

const MOST: usize = if cfg!(miri) { 1000 } else { 4000 };

struct World {
    blocks: Vec<Known>,
    stack: Vec<Open>,
    guards: Vec<Guard>,
    time: u64,
    has_default_budget: bool,
}

/// The pages of blocks that came from frames, and their bytes.
fn pages_of<'a>(blocks: impl Iterator<Item = &'a Block>) -> (usize, usize) {
    let mut pages = BTreeSet::new();
    let mut bytes = 0;
    for block in blocks.filter(|block| block.is_of_frame()) {
        let first = block.start().addr();
        pages.extend(first / 4096..=(first + block.taken() - 1) / 4096);
        bytes += block.taken();
    }
    (pages.len(), bytes)
}

impl World {
    fn new() -> Self {
        // With room for all, so that the model does not allocate in the frames.
        World {
            blocks: Vec::with_capacity(MOST),
            stack: Vec::with_capacity(MOST),
            guards: Vec::with_capacity(MOST),
            time: 0,
            has_default_budget: true,
        }
    }

    fn tick(&mut self) -> u64 {
        self.time += 1;
        self.time
    }

    fn check_open(&self) {
        let is_open = self.stack.last().is_some_and(|open| open.serves);
        assert_eq!(frame::is_open(), is_open);
    }

    /// Notes a frame that was opened just now.
    fn opened(&mut self, may_serve: bool) -> Open {
        let serves = frame::is_open();
        assert!(may_serve || !serves);
        let open = Open {
            id: self.tick(),
            serves,
            is_over: false,
        };
        // Where frames are off nothing is opened, and nothing is seen of it.
        self.stack.push(open);
        open
    }

    /// The frame has ended, and those above it.
    fn closed(&mut self, id: u64) {
        if let Some(at) = self.stack.iter().position(|open| open.id == id) {
            self.stack.truncate(at);
        }
        self.close_those_over();
    }

    fn close_those_over(&mut self) {
        while self.stack.last().is_some_and(|open| open.is_over) {
            self.stack.pop();
        }
    }

    fn add(&mut self, block: Block, size: usize, align: usize) {
        if self.blocks.len() == MOST {
            return;
        }
        let serving = self
            .stack
            .last()
            .filter(|open| open.serves)
            .map(|open| open.id);
        let home = block
            .is_of_frame()
            .then(|| serving.expect("from a frame that is open"));
        if size > 32768 || align > 4096 {
            assert_eq!(home, None, "too large for a frame");
        } else if size <= 16384 && self.has_default_budget && !cfg!(miri) {
            assert_eq!(home, serving, "whoever is open serves");
        }
        let time = self.tick();
        self.blocks.push(Known {
            block,
            home,
            time,
            is_kept: false,
        });
    }

    fn pick(&self, which: usize) -> Option<usize> {
        (!self.blocks.is_empty()).then(|| which % self.blocks.len())
    }

    /// What is alive of a frame since a moment.
    fn alive(&self, frame: u64, since: u64) -> usize {
        (self.blocks.iter())
            .filter(|known| known.home == Some(frame) && known.time > since)
            .map(|known| known.block.taken())
            .sum()
    }

    /// Judges a block that was reallocated while `serving` was the frame that serves, if one did.
    fn judge_moved(&mut self, which: usize, before: *const u8, serving: Option<u64>) {
        let time = self.tick();
        let known = &mut self.blocks[which];
        if known.block.start() == before {
            return;
        }
        if known.block.is_of_frame() {
            assert!(
                known.home.is_some(),
                "a block of the parent's moved into a frame"
            );
            assert_eq!(
                known.home, serving,
                "a block of one frame moved into another"
            );
        } else {
            known.home = None;
        }
        known.time = time;
    }

    fn rewind(&mut self, which: usize, to: usize, unchecked: bool) {
        if self.guards.is_empty() {
            return;
        }
        let which = which % self.guards.len();
        let all = || self.guards.iter().flat_map(|guard| &guard.checkpoints);
        let Some(taken) = all().nth(to % all().count().max(1)).copied() else {
            return;
        };
        let guard = &self.guards[which];
        let open = self.stack.iter().position(|open| open.id == guard.id);
        let is_innermost = open.is_some_and(|at| at + 1 == self.stack.len());
        let alive = self.alive(taken.frame, taken.time);
        let expected = if !on() || (open.is_some() && !guard.serves) {
            Ok(())
        } else if open.is_none() || taken.frame != guard.id {
            Err(RewindError::Stale)
        } else if !is_innermost {
            Err(RewindError::NotInnermost)
        } else if taken.is_bad {
            Err(RewindError::Stale)
        } else if alive != 0 {
            Err(RewindError::StillLive { bytes: alive })
        } else {
            Ok(())
        };
        let is_live = matches!(expected, Err(RewindError::StillLive { .. }));
        if unchecked && !taken.is_past && is_live {
            // What would be freed without being asked is forgotten first.
            let (frame, time) = (taken.frame, taken.time);
            let mut at = 0;
            while at < self.blocks.len() {
                if self.blocks[at].home == Some(frame) && self.blocks[at].time > time {
                    std::mem::forget(self.blocks.swap_remove(at).block);
                } else {
                    at += 1;
                }
            }
            // SAFETY: all that was allocated since is forgotten.
            unsafe { self.guards[which].frame.rewind_unchecked(&taken.checkpoint) };
        } else {
            let outcome = guard.frame.rewind(&taken.checkpoint);
            if taken.is_past && outcome == Err(RewindError::Stale) {
                return;
            }
            assert_eq!(outcome, expected);
            if outcome.is_err() || !guard.serves {
                return;
            }
        }
        for later in &mut self.guards[which].checkpoints {
            later.is_past |= later.frame == taken.frame && later.time > taken.time;
        }
    }
}

fn run(world: &RefCell<World>, ops: &[Op]) {
    for op in ops {
        step(world, op);
        world.borrow().check_open();
    }
}

/// Runs `f`, which panics at the end or not, in a frame that `around` opens.
fn nested(
    world: &RefCell<World>,
    ops: &[Op],
    panics: bool,
    may_serve: bool,
    around: impl FnOnce(&mut dyn FnMut()),
) {
    let mut id = 0;
    let mut inside = || {
        id = world.borrow_mut().opened(may_serve).id;
        run(world, ops);
        if panics {
            resume_unwind(Box::new(()));
        }
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| around(&mut inside)));
    if let Err(payload) = outcome {
        if !payload.is::<()>() {
            resume_unwind(payload);
        }
    }
    world.borrow_mut().closed(id);
}

fn step(world: &RefCell<World>, op: &Op) {
    let mut now = world.borrow_mut();
    match *op {
        Op::Alloc {
            size,
            shift,
            zeroed,
        } => {
            let (align, seed) = (1 << shift, now.tick());
            let block = if zeroed {
                Block::zeroed(size, align, seed)
            } else {
                Block::new(size, align, seed)
            };
            now.add(block, size, align);
        }
        Op::AllocMany { count, size } => {
            for _ in 0..count {
                let block = Block::new(size, 8, now.tick());
                now.add(block, size, 8);
            }
        }
        Op::Realloc { which, size } => {
            let Some(which) = now.pick(which) else { return };
            let serving = now
                .stack
                .last()
                .filter(|open| open.serves)
                .map(|open| open.id);
            let before = now.blocks[which].block.start();
            now.blocks[which].block.resize(size);
            now.judge_moved(which, before, serving);
        }
        Op::Free { which } => {
            if let Some(which) = now.pick(which) {
                drop(now.blocks.swap_remove(which));
            }
        }
        Op::FreeMany { which, step, count } => {
            for n in 0..count {
                if let Some(which) = now.pick(which + n * step) {
                    drop(now.blocks.remove(which));
                }
            }
        }
        Op::Move { which, size, how } => {
            let Some(which) = now.pick(which) else { return };
            if how == 0 || how == 1 {
                let block = now.blocks.swap_remove(which).block;
                frame::outside(|| {
                    let free = move || {
                        if how == 0 {
                            drop(block)
                        } else {
                            frame::scope(|| drop(block))
                        }
                    };
                    thread::spawn(free).join().unwrap();
                });
                return;
            }
            let before = now.blocks[which].block.start();
            frame::outside(|| {
                let block = &mut now.blocks[which].block;
                thread::scope(|scope| {
                    scope.spawn(|| {
                        if how == 2 {
                            block.resize(size);
                        } else {
                            frame::scope(|| block.resize(size));
                        }
                    });
                });
            });
            now.judge_moved(which, before, None);
        }
        Op::Enter => {
            let frame = frame::enter();
            let open = now.opened(true);
            let checkpoints = frame::outside(|| Vec::with_capacity(64));
            now.guards.push(Guard {
                frame,
                id: open.id,
                serves: open.serves,
                checkpoints,
            });
        }
        Op::Exit { which } => {
            if now.guards.is_empty() {
                return;
            }
            let which = which % now.guards.len();
            let guard = now.guards.remove(which);
            if let Some(open) = now.stack.iter_mut().find(|open| open.id == guard.id) {
                open.is_over = true;
            }
            now.close_those_over();
            drop(guard.frame);
        }
        Op::Forget { which } => {
            // Only if a scope is around it, which ends it: otherwise the thread had to end.
            if now.guards.is_empty() {
                return;
            }
            let which = which % now.guards.len();
            let id = now.guards[which].id;
            let at = now.stack.iter().position(|open| open.id == id);
            let is_guards = |open: &Open| now.guards.iter().any(|guard| guard.id == open.id);
            let is_in_scope = at.is_none_or(|at| {
                (now.stack[..at].iter()).any(|open| !open.is_over && !is_guards(open))
            });
            if is_in_scope {
                std::mem::forget(now.guards.remove(which).frame);
            }
        }
        Op::Checkpoint { which } => {
            if now.guards.is_empty() {
                return;
            }
            let which = which % now.guards.len();
            let guard = &now.guards[which];
            if guard.checkpoints.len() == 64 {
                return;
            }
            let is_innermost = now.stack.last().is_some_and(|open| open.id == guard.id);
            let taken = Taken {
                checkpoint: guard.frame.checkpoint(),
                frame: guard.id,
                time: now.time,
                is_bad: !is_innermost,
                is_past: false,
            };
            now.tick();
            now.guards[which].checkpoints.push(taken);
        }
        Op::Rewind {
            which,
            to,
            unchecked,
        } => now.rewind(which, to, unchecked),
        Op::PinLimit(limit) => frame::set_pin_limit(limit.unwrap_or(16 << 20)),
        Op::Budget(budget) => {
            now.has_default_budget = budget.is_none();
            frame::set_frame_budget(budget.unwrap_or(256 << 20));
        }
        Op::Keep { which } => {
            if let Some(which) = now.pick(which) {
                now.blocks[which].is_kept = true;
            }
        }
        Op::FreeKept { which } => {
            let mut kept = KEPT.lock().unwrap();
            if !kept.is_empty() {
                let which = which % kept.len();
                drop(kept.swap_remove(which));
            }
        }
        Op::Scope { ref ops, panics } => {
            drop(now);
            nested(world, ops, panics, true, |f| frame::scope(f));
        }
        Op::With { ref ops } => {
            drop(now);
            nested(world, ops, false, true, |f| {
                frame::with(|frame| {
                    let here = frame.checkpoint();
                    f();
                    // Whatever was left open or alive.
                    let _ = frame.rewind(&here);
                });
            });
        }
        Op::Outside { ref ops, panics } => {
            // Where no frame is open there is nothing to be outside of.
            let is_inside = !now.stack.is_empty();
            drop(now);
            if is_inside {
                nested(world, ops, panics, false, |f| frame::outside(f));
            } else {
                frame::outside(|| run(world, ops));
            }
        }
        Op::Future {
            ref polls,
            ref between,
            is_dropped,
        } => {
            drop(now);
            let mut id = None;
            let mut at = 0;
            let mut future = pin!(frame::in_frame(poll_fn(|_| {
                let mut now = world.borrow_mut();
                let open = match id {
                    None => now.opened(true),
                    Some(open) => {
                        now.stack.push(open);
                        open
                    }
                };
                id = Some(open);
                drop(now);
                world.borrow().check_open();
                let is_last = at + 1 >= polls.len();
                if let Some(ops) = polls.get(at) {
                    run(world, ops);
                }
                at += 1;
                // The frame is left, and what is open above it is ended.
                world.borrow_mut().closed(open.id);
                if is_last {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })));
            let context = &mut Context::from_waker(Waker::noop());
            while future.as_mut().poll(context).is_pending() {
                world.borrow().check_open();
                run(world, between);
                if is_dropped {
                    break;
                }
            }
        }
    }
}

/// Makes room for what programs leave. Called before each program, outside of frames.
pub fn prepare() {
    on();
    let mut kept = KEPT.lock().unwrap_or_else(|poisoned| {
        KEPT.clear_poison();
        poisoned.into_inner()
    });
    kept.reserve(300);
}

/// Frees what programs left, so that the next one begins as the first.
pub fn forget_the_past() {
    KEPT.lock().unwrap().clear();
}

/// Runs a program, and checks what it leaves.
pub fn program(ops: &[Op]) {
    let base = pinned();
    let kept_before = pages_of(KEPT.lock().unwrap().iter());
    let world = RefCell::new(World::new());
    run(&world, ops);
    let World { blocks, guards, .. } = world.into_inner();
    drop(guards);
    assert!(!frame::is_open());
    blocks.iter().for_each(|known| known.block.check());
    let mut kept = KEPT.lock().unwrap();
    // What is pinned is exactly what is alive, to the page and the byte.
    let is_exact = |blocks: &[Known], kept: &[Block]| {
        let all = blocks.iter().map(|known| &known.block).chain(kept);
        let (pages, bytes) = pages_of(all);
        let now = pinned();
        assert_eq!(now.1 + kept_before.1, base.1 + bytes, "bytes");
        assert_eq!(now.0 + kept_before.0, base.0 + pages, "pages");
    };
    is_exact(&blocks, &kept);
    for known in blocks {
        if known.is_kept && kept.len() < kept.capacity() {
            kept.push(known.block);
        }
    }
    is_exact(&[], &kept);
    frame::set_pin_limit(16 << 20);
    frame::set_frame_budget(256 << 20);
}
