//! The standard library used inside frames as it is: what leaves them lives on, and who owns a block is told by
//! where it lies.
#![cfg(feature = "frame")]

#[path = "support/frames.rs"]
mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::io::{BufRead, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, LazyLock, Mutex, OnceLock, RwLock, mpsc};
use std::thread;

use arenula::{FrameAlloc, frame};
use support::{Block, Random, alone, assert_in_frame, on, pinned, rounds};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

/// One of each collection, with what they should contain.
struct Everything {
    vec: Vec<String>,
    deque: VecDeque<Box<usize>>,
    list: LinkedList<Vec<u8>>,
    heap: BinaryHeap<(usize, String)>,
    map: HashMap<String, Vec<usize>>,
    set: HashSet<Rc<str>>,
    tree: BTreeMap<usize, String>,
    ordered: BTreeSet<String>,
    many: usize,
}

impl Everything {
    fn new(many: usize) -> Self {
        Everything {
            vec: (0..many).map(|n| format!("item {n}")).collect(),
            deque: (0..many).map(Box::new).rev().collect(),
            list: (0..many).map(|n| vec![n as u8; n % 100]).collect(),
            heap: (0..many).map(|n| (n, n.to_string())).collect(),
            map: (0..many)
                .map(|n| (format!("key {n}"), (0..n % 50).collect()))
                .collect(),
            set: (0..many).map(|n| Rc::from(n.to_string())).collect(),
            tree: (0..many).map(|n| (n, "x".repeat(n % 70))).collect(),
            ordered: (0..many).map(|n| format!("{n:08}")).collect(),
            many,
        }
    }

    /// Adds as much again: blocks grow wherever this is called.
    fn double(&mut self) {
        let more = self.many..self.many * 2;
        (self.vec).extend(more.clone().map(|n| format!("item {n}")));
        more.clone()
            .for_each(|n| self.deque.push_front(Box::new(n)));
        (self.list).extend(more.clone().map(|n| vec![n as u8; n % 100]));
        (self.heap).extend(more.clone().map(|n| (n, n.to_string())));
        (self.map).extend((more.clone()).map(|n| (format!("key {n}"), (0..n % 50).collect())));
        (self.set).extend(more.clone().map(|n| Rc::from(n.to_string())));
        (self.tree).extend(more.clone().map(|n| (n, "x".repeat(n % 70))));
        (self.ordered).extend(more.map(|n| format!("{n:08}")));
        self.many *= 2;
    }

    fn check(&self) {
        let many = self.many;
        assert!((0..many).eq(self.vec.iter().map(|item| item[5..].parse().unwrap())));
        assert!((0..many).rev().eq(self.deque.iter().map(|n| **n)));
        assert!((self.list.iter().enumerate()).all(|(n, v)| *v == vec![n as u8; n % 100]));
        assert_eq!(self.heap.peek(), Some(&(many - 1, (many - 1).to_string())));
        assert_eq!((self.map.len(), self.set.len()), (many, many));
        for n in 0..many {
            assert!(self.map[&format!("key {n}")].iter().copied().eq(0..n % 50));
            assert!(self.set.contains(n.to_string().as_str()));
        }
        assert!(
            self.tree
                .values()
                .enumerate()
                .all(|(n, x)| x.len() == n % 70)
        );
        let ordered = self.ordered.iter().map(|n| n.parse().unwrap());
        assert!((0..many).eq(ordered));
    }
}

#[test]
fn collections_outlive_their_frame_and_grow_in_and_out_of_others() {
    let _alone = alone();
    let many = rounds(200, 100, 10);
    let mut all = frame::scope(|| Everything::new(many));
    all.check();
    all.double();
    all.check();
    frame::scope(|| all.double());
    all.check();
    let all = frame::scope(move || {
        let mut all = all;
        frame::scope(|| all.double());
        all
    });
    all.check();
    frame::scope(|| drop(all));
}

#[test]
fn a_collection_is_dropped_by_parts_long_after_its_frame() {
    let _alone = alone();
    let all = frame::scope(|| Everything::new(rounds(500, 200, 10)));
    let Everything {
        vec, tree, mut map, ..
    } = all;
    let others = frame::scope(|| Everything::new(rounds(500, 200, 10)));
    map.retain(|_, numbers| numbers.len() % 2 == 0);
    assert!(map.values().all(|numbers| numbers.len() % 2 == 0));
    drop(vec);
    others.check();
    drop(map);
    others.check();
    assert!(tree.values().enumerate().all(|(n, x)| x.len() == n % 70));
}

#[test]
fn values_freed_in_every_order_leave_nothing_pinned() {
    let _alone = alone();
    let before = pinned();
    /// All orders of the first five numbers.
    fn orders() -> Vec<Vec<usize>> {
        let mut all = vec![vec![]];
        for n in 0..5 {
            all = (all.iter())
                .flat_map(|order: &Vec<usize>| {
                    (0..=order.len()).map(move |at| {
                        let mut order = order.clone();
                        order.insert(at, n);
                        order
                    })
                })
                .collect();
        }
        all
    }
    let orders = orders();
    assert_eq!(orders.len(), 120);
    for size in [8, 24, 1000, 1024, 2048, 4096, 5000, 16384] {
        for (number, order) in orders.iter().enumerate().take(rounds(120, 120, 2)) {
            // Some are freed in the frame, some after, some on another thread.
            for in_frame in (0..=5).step_by(rounds(1, 1, 2)) {
                let mut blocks: Vec<Option<Block>> = Vec::with_capacity(5);
                frame::scope(|| {
                    let seeds = number as u64..number as u64 + 5;
                    blocks.extend(seeds.map(|seed| Some(Block::new(size, 8, seed))));
                    for &which in &order[..in_frame] {
                        blocks[which] = None;
                    }
                });
                for &which in &order[in_frame..] {
                    let block = blocks[which].take();
                    if number % 40 == 0 {
                        thread::spawn(move || drop(block)).join().unwrap();
                    }
                }
                drop(blocks);
                assert_eq!(pinned(), before);
            }
        }
    }
}

#[test]
fn values_leave_by_return_by_a_static_and_by_a_library() {
    let _alone = alone();
    static KEPT: Mutex<Vec<String>> = Mutex::new(Vec::new());
    thread_local! {
        static LOCAL: RefCell<HashMap<u32, Box<[u8]>>> = RefCell::default();
    }
    for n in 0..rounds(3000, 500, 10) as u32 {
        let returned: Result<Vec<_>, Box<dyn std::error::Error>> = frame::scope(|| {
            KEPT.lock().unwrap().push(format!("kept {n}"));
            LOCAL.with_borrow_mut(|local| local.insert(n, vec![n as u8; 40].into()));
            if n % 2 == 0 {
                return Ok(vec![n; 10]);
            }
            Err(format!("no {n}").into())
        });
        match returned {
            Ok(numbers) => assert_eq!(numbers, [n; 10]),
            Err(error) => assert_eq!(error.to_string(), format!("no {n}")),
        }
    }
    let kept = std::mem::take(&mut *KEPT.lock().unwrap());
    assert!(
        (0..)
            .zip(&kept)
            .all(|(n, text)| *text == format!("kept {n}"))
    );
    LOCAL.with_borrow(|local| assert!(local.iter().all(|(&n, b)| **b == [n as u8; 40])));
    // Not when the thread ends: another test may count what is pinned by then.
    drop(LOCAL.take());
}

#[test]
fn lazily_made_values_first_used_in_a_frame_stay_good_for_ever() {
    let _alone = alone();
    static LAZY: LazyLock<HashMap<&str, Vec<usize>>> =
        LazyLock::new(|| HashMap::from([("a", (0..100).collect()), ("b", (0..200).collect())]));
    static ONCE: OnceLock<Vec<String>> = OnceLock::new();
    thread_local! {
        static LOCAL: RefCell<Vec<String>> =
            RefCell::new((0..50).map(|n| n.to_string()).collect());
    }
    frame::scope(|| {
        assert_eq!(LAZY["a"].len(), 100);
        let once = ONCE.get_or_init(|| (0..100).map(|n| format!("once {n}")).collect());
        assert_in_frame(once.as_ptr());
        LOCAL.with_borrow(|local| assert_eq!(local[49], "49"));
    });
    for _ in 0..rounds(100, 20, 2) {
        // Would write over them if their memory was used again.
        frame::scope(|| drop(Everything::new(rounds(50, 20, 5))));
    }
    assert!(LAZY["a"].iter().copied().eq(0..100) && LAZY["b"].iter().copied().eq(0..200));
    assert!(
        (0..)
            .zip(ONCE.get().unwrap())
            .all(|(n, text)| *text == format!("once {n}"))
    );
    LOCAL.with_borrow(|local| {
        assert!((0..).zip(local).all(|(n, text)| *text == format!("{n}")));
    });
    drop(LOCAL.take());
}

#[test]
fn threads_started_in_a_frame_run_on_after_it() {
    let _alone = alone();
    for n in 0..rounds(100, 30, 2) {
        let (handle, text, sender) = frame::scope(|| {
            let (sender, receiver) = mpsc::channel::<Vec<usize>>();
            let text = Arc::new(Mutex::new(format!("text {n}")));
            let theirs = Arc::clone(&text);
            let handle = thread::Builder::new()
                .name(format!("thread of frame {n}"))
                .spawn(move || {
                    theirs.lock().unwrap().push_str(" and theirs");
                    let sums: Vec<usize> = receiver.iter().map(|v| v.iter().sum()).collect();
                    (thread::current().name().map(str::to_owned), sums)
                })
                .unwrap();
            (handle, text, sender)
        });
        for len in 0..100 {
            // Half of them come from a frame.
            if len % 2 == 0 {
                sender.send((0..len).collect()).unwrap();
            } else {
                frame::scope(|| sender.send((0..len).collect()).unwrap());
            }
        }
        drop(sender);
        let (name, sums) = frame::scope(|| handle.join().unwrap());
        assert_eq!(name, Some(format!("thread of frame {n}")));
        assert!((0..100).map(|len| len * (len.max(1) - 1) / 2).eq(sums));
        assert_eq!(*text.lock().unwrap(), format!("text {n} and theirs"));
    }
}

#[test]
fn scoped_threads_inside_a_frame_share_what_it_holds() {
    let _alone = alone();
    let sum = frame::scope(|| {
        let numbers: Vec<usize> = (0..1000).collect();
        let found = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let mut threads = Vec::new();
            for part in numbers.chunks(250) {
                let found = &found;
                threads.push(scope.spawn(move || {
                    assert!(!frame::is_open(), "a new thread is in no frame");
                    let doubled: Vec<usize> = part.iter().map(|n| n * 2).collect();
                    frame::scope(|| found.lock().unwrap().extend(doubled.iter().map(|n| n / 2)));
                }));
            }
            // To its very end, with what it shares: the scope alone does not wait for that.
            for thread in threads {
                thread.join().unwrap();
            }
        });
        found.into_inner().unwrap().iter().sum::<usize>()
    });
    assert_eq!(sum, 499_500);
}

#[test]
fn locks_channels_and_counted_pointers_of_a_frame_work_after_it() {
    let _alone = alone();
    for bound in [0, 1, 5] {
        let (sender, receiver, pair, lock, weak, strong) = frame::scope(|| {
            let (sender, receiver) = mpsc::sync_channel::<String>(bound);
            let strong = Arc::new(String::from("strong"));
            (
                sender,
                receiver,
                Arc::new((Mutex::new(0), Condvar::new())),
                Arc::new(RwLock::new(vec![1])),
                Arc::downgrade(&strong),
                strong,
            )
        });
        let theirs = (Arc::clone(&pair), Arc::clone(&lock));
        let thread = thread::spawn(move || {
            for n in 0..50 {
                frame::scope(|| sender.send(format!("{n}")).unwrap());
                let (count, changed) = &*theirs.0;
                *count.lock().unwrap() += 1;
                changed.notify_all();
                frame::scope(|| theirs.1.write().unwrap().push(n));
            }
        });
        assert!((0..50).all(|n| receiver.recv() == Ok(n.to_string())));
        let (count, changed) = &*pair;
        drop(
            changed
                .wait_while(count.lock().unwrap(), |count| *count < 50)
                .unwrap(),
        );
        thread.join().unwrap();
        assert_eq!(lock.read().unwrap().len(), 51);
        assert_eq!(
            weak.upgrade().as_deref().map(String::as_str),
            Some("strong")
        );
        drop(strong);
        assert!(weak.upgrade().is_none());
    }
}

#[test]
fn a_vector_of_the_parents_that_grows_in_a_frame_stays_the_parents() {
    let _alone = alone();
    let mut vec: Vec<u64> = Vec::with_capacity(4);
    let mut text = String::from("p");
    assert!(!frame::owns(vec.as_ptr()) && !frame::owns(text.as_ptr()));
    frame::scope(|| {
        for n in 0..1000 {
            vec.push(n);
            text.push('x');
            assert!(!frame::owns(vec.as_ptr()) && !frame::owns(text.as_ptr()));
        }
        vec.shrink_to_fit();
        assert!(!frame::owns(vec.as_ptr()));
        frame::scope(|| vec.extend(1000..2000));
        assert!(!frame::owns(vec.as_ptr()));
    });
    assert!(vec.into_iter().eq(0..2000));
}

#[test]
fn a_vector_of_an_outer_frame_that_grows_in_an_inner_one_does_not_move_into_it() {
    let _alone = alone();
    frame::scope(|| {
        let mut vec: Vec<u64> = vec![0, 1, 2];
        assert_in_frame(vec.as_ptr());
        let before = vec.as_ptr();
        let pinned = frame::stats().pinned_pages;
        frame::scope(|| {
            vec.extend(3..500);
            assert!(vec.as_ptr() == before || !frame::owns(vec.as_ptr()));
        });
        assert_eq!(
            frame::stats().pinned_pages,
            pinned,
            "it is in the inner frame"
        );
        assert!(vec.iter().copied().eq(0..500));
    });
}

#[test]
fn a_vector_of_an_ended_frame_that_grows_in_a_new_one_goes_to_the_parent() {
    let _alone = alone();
    let before = pinned();
    let mut vec = frame::scope(|| vec![0, 1, 2_u64]);
    assert_in_frame(vec.as_ptr());
    frame::scope(|| {
        for n in 3..500 {
            vec.push(n);
        }
        assert!(!frame::owns(vec.as_ptr()));
        assert_eq!(pinned(), before);
    });
    assert!(vec.into_iter().eq(0..500));
}

#[test]
fn a_vector_of_the_frame_itself_grows_in_it_until_it_is_large() {
    let _alone = alone();
    frame::scope(|| {
        let mut block = Block::new(8, 8, 1);
        for size in (8..=16384).step_by(if cfg!(miri) { 8 * 89 } else { 8 }) {
            block.resize(size);
            assert_in_frame(block.start());
        }
        // Where it lies it may become larger still, but it does not move within the frame.
        let start = block.start();
        for size in [16385, 40000, 100_000] {
            block.resize(size);
            assert!(block.start() == start || !block.is_of_frame());
        }
        assert!(!block.is_of_frame());
        block.resize(100);
        assert!(
            !block.is_of_frame(),
            "a block of the parent's stays the parent's"
        );
    });
}

/// A frame's window begins where a block of an ended frame ends, and nothing is in it: so what ends there is not its
/// last block, to be taken back or to grow into it.
#[test]
fn a_block_that_ends_where_the_window_begins_is_not_the_windows() {
    let _alone = alone();
    let before = pinned();
    let mut neighbours = 0;
    for n in 0..20 {
        // Whole pages, so that nothing lies between.
        let mut block = frame::scope(|| Block::new(4096, 8, n));
        frame::scope(|| {
            let next = Block::new(4096, 8, n);
            let start = next.start();
            drop(next);
            neighbours += usize::from(block.start().wrapping_add(4096) == start);
            if n % 2 == 0 {
                block.resize(5000);
                assert!(!block.is_of_frame());
            }
            drop(block);
            assert_eq!(pinned(), before);
            let again = Block::new(4096, 8, n);
            assert!(again.start() == start || !on() || cfg!(miri));
        });
    }
    assert!(neighbours > 1 || !on() || cfg!(miri));
}

/// No other block is in its way: only the cursor moves.
#[test]
fn the_last_block_of_a_frame_grows_and_shrinks_where_it_lies() {
    let _alone = alone();
    if !on() || cfg!(miri) {
        return;
    }
    frame::scope(|| {
        let mut block = Block::new(8, 8, 1);
        let start = block.start();
        for size in [9, 1000, 4096, 5000, 20_000, 8192, 100] {
            block.resize(size);
            assert_eq!(block.start(), start, "{size} bytes");
        }
        // What it gave up is there for the next.
        let next = Block::new(8, 8, 2);
        assert_eq!(next.start().addr(), start.addr() + 104);
    });
}

#[test]
fn a_block_of_the_frame_itself_that_has_to_move_stays_in_it() {
    let _alone = alone();
    frame::scope(|| {
        let mut block = Block::new(8, 8, 1);
        for size in [100, 5000, 16_000] {
            let start = block.start();
            let behind = Block::new(8, 8, 2);
            block.resize(size);
            assert!(block.start() != start || !on());
            assert_in_frame(block.start());
            drop(behind);
        }
    });
}

#[test]
fn blocks_shrink_in_place_wherever_their_frame_is() {
    let _alone = alone();
    let before = pinned();
    for how in 0..3 {
        let shrink = |block: &mut Block| {
            let start = block.start();
            for size in [12000, 8193, 8192, 4097, 4096, 100, 99, 8, 1] {
                block.resize(size);
                assert!(cfg!(miri) || !block.is_of_frame() || block.start() == start);
            }
        };
        let mut block = frame::scope(|| {
            let mut block = Block::new(16000, 8, 7);
            let behind = Block::new(16, 8, 8);
            if how == 0 {
                shrink(&mut block);
            }
            drop(behind);
            block
        });
        match how {
            1 => shrink(&mut block),
            2 => frame::scope(|| shrink(&mut block)),
            _ => {}
        }
        block.check();
        if on() && !cfg!(miri) {
            assert!(pinned().0 <= before.0 + 2, "{}", frame::stats());
        }
        drop(block);
        assert_eq!(pinned(), before);
    }
}

#[test]
fn blocks_of_every_size_and_alignment_are_aligned_and_apart() {
    let _alone = alone();
    let sizes: Vec<usize> = (1..=72)
        .chain([100, 127, 128, 129, 255, 256, 1000, 1023, 1024, 1025, 2048])
        .chain([
            4095, 4096, 4097, 5000, 8191, 8192, 8193, 12288, 16383, 16384,
        ])
        .chain([16385, 20000, 32768, 65535, 65536])
        .collect();
    let aligns: Vec<usize> = (0..=13).map(|shift| 1 << shift).collect();
    let mut random = Random::new(1);
    for round in 0..rounds(6, 3, 1) {
        let escaped = frame::scope(|| {
            let mut blocks = Vec::new();
            for (n, &size) in sizes.iter().enumerate() {
                for (m, &align) in aligns.iter().enumerate() {
                    if cfg!(miri) && (n + m) % 17 != 0 {
                        continue;
                    }
                    let seed = (n * 100 + m) as u64;
                    let block = if (n + m + round) % 3 == 0 {
                        Block::zeroed(size, align, seed)
                    } else {
                        Block::new(size, align, seed)
                    };
                    if size > 32768 || align > 4096 {
                        assert!(!block.is_of_frame());
                    } else if size <= 16384 {
                        assert_in_frame(block.start());
                    }
                    blocks.push(block);
                    if random.below(3) == 0 {
                        let which = random.below(blocks.len());
                        blocks.swap_remove(which);
                    }
                }
            }
            blocks
        });
        escaped.iter().for_each(Block::check);
        frame::scope(|| drop(Everything::new(rounds(100, 50, 3))));
        // Checks each again as it frees it.
        drop(escaped);
    }
}

#[test]
fn zeroed_memory_is_zero_where_something_else_was_before() {
    let _alone = alone();
    for _ in 0..rounds(200, 50, 3) {
        frame::scope(|| {
            for size in [1, 7, 8, 100, 4000, 4096, 10000, 16384, 20000] {
                drop(Block::new(size, 1, u64::MAX));
                drop(Block::zeroed(size, 1, u64::MAX));
                drop(Block::zeroed(size, 64, 5));
                assert!(vec![0_u8; size].iter().all(|&byte| byte == 0));
            }
        });
    }
}

#[test]
fn values_without_a_size_work_in_frames() {
    let _alone = alone();
    let (units, boxed, empty, text) = frame::scope(|| {
        (
            vec![(); 100],
            Box::new(()),
            Vec::<u64>::new(),
            String::new(),
        )
    });
    assert_eq!(
        (units.len(), *boxed, empty.len(), text.len()),
        (100, (), 0, 0)
    );
    let mut empty = empty;
    frame::scope(|| empty.push(1));
    assert_in_frame(empty.as_ptr());
    assert_eq!(empty, [1]);
}

#[test]
fn the_memory_of_a_frame_that_ended_is_used_again_at_once() {
    let _alone = alone();
    if !on() || cfg!(miri) {
        return;
    }
    let mut pages = BTreeSet::new();
    for round in 0..1000 {
        frame::scope(|| {
            let blocks: Vec<Block> = (0..20).map(|n| Block::new(50 + round % 50, 8, n)).collect();
            let seen = blocks.iter().map(|block| block.start().addr() / 4096);
            frame::outside(|| pages.extend(seen));
        });
    }
    assert!(pages.len() <= 8, "{} pages for frames of two", pages.len());
}

#[test]
fn a_pointer_to_nothing_belongs_to_no_frame() {
    let _alone = alone();
    let check = || {
        assert!(!frame::owns(std::ptr::null::<u8>()));
        assert!(!frame::owns(std::ptr::dangling::<u8>()));
        assert!(!frame::owns(std::ptr::dangling::<u64>()));
        assert!(!frame::owns(std::ptr::without_provenance::<u8>(usize::MAX)));
        assert!(!frame::owns(&raw const ALLOC));
        let local = 0_u8;
        assert!(!frame::owns(&raw const local));
    };
    check();
    frame::scope(check);
    if !on() {
        return;
    }
    // As with all that is before and behind the range.
    let size = frame::stats().reserved;
    let escaped = frame::scope(|| Box::new(0_u8));
    if cfg!(miri) && !frame::owns(&raw const *escaped) {
        return; // No page is used twice there, and the others have used them up.
    }
    let base = (&raw const *escaped).map_addr(|address| address & !(size - 1));
    assert!(frame::owns(base) && frame::owns(base.wrapping_add(size - 1)));
    assert!(!frame::owns(base.wrapping_sub(1)) && !frame::owns(base.wrapping_add(size)));
}

#[test]
fn what_is_made_outside_is_the_parents_and_outlives_everything() {
    let _alone = alone();
    let before = pinned();
    let kept = frame::scope(|| {
        let scratch = String::from("scratch");
        assert_in_frame(scratch.as_ptr());
        frame::outside(|| {
            let inner = frame::scope(|| scratch.repeat(3));
            assert_in_frame(inner.as_ptr());
            let outer = inner.repeat(2);
            assert!(!frame::owns(outer.as_ptr()));
            outer
        })
    });
    assert_eq!(pinned(), before);
    assert_eq!(kept, "scratch".repeat(6));
}

#[test]
fn programs_files_and_the_environment_are_used_in_a_frame() {
    if cfg!(miri) {
        return;
    }
    let _alone = alone();
    let (variables, here) = frame::scope(|| {
        let mut variables: Vec<_> = std::env::vars_os().collect();
        variables.sort();
        (variables, std::env::current_dir().unwrap())
    });
    let mut again: Vec<_> = std::env::vars_os().collect();
    again.sort();
    assert!(variables == again && here == std::env::current_dir().unwrap());
    let text = frame::scope(|| std::fs::read_to_string(here.join("Cargo.toml")).unwrap());
    assert!(text.contains("[package]"));
    if cfg!(unix) {
        let child = frame::scope(|| {
            std::process::Command::new("/bin/sh")
                .args(["-c", "echo \"$GREETING from a child\""])
                .env("GREETING", "hello")
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        });
        let output = frame::scope(|| child.wait_with_output().unwrap());
        assert_eq!(output.stdout, b"hello from a child\n");
    }
}

/// The streams' buffers are made at their first use, here in a frame.
#[test]
fn standard_streams_first_used_in_a_frame_work_on() {
    if cfg!(miri) {
        return;
    }
    let _alone = alone();
    if !support::is_child() {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "standard_streams_first_used_in_a_frame_work_on"])
            .args(["--nocapture", "--test-threads=1"])
            .env("ARENULA_TEST_CHILD", "yes")
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        for n in 0..3000 {
            writeln!(stdin, "line {n}").unwrap();
        }
        drop(stdin);
        let output = child.wait_with_output().unwrap();
        let printed = support::judge("streams", &output);
        assert!((0..3000).all(|n| printed.contains(&format!("got line {n}."))));
        assert!(String::from_utf8_lossy(&output.stderr).contains("to the other stream"));
        return;
    }
    let mut line = String::new();
    for n in 0..3000 {
        let mut read = || {
            line.clear();
            std::io::stdin().lock().read_line(&mut line).unwrap();
            assert_eq!(line, format!("line {n}\n"));
            println!("got {}.", line.trim());
        };
        if n % 3 == 0 {
            read()
        } else {
            frame::scope(read)
        }
    }
    frame::scope(|| eprintln!("to the other stream"));
}

#[test]
fn the_sorts_and_the_formatting_of_std_agree_with_those_outside() {
    let _alone = alone();
    let mut random = Random::new(5);
    for _ in 0..rounds(100, 20, 1) {
        let numbers: Vec<u64> = (0..rounds(2000, 1000, 50))
            .map(|_| random.next() % 1000)
            .collect();
        let expected = {
            let mut numbers = numbers.clone();
            numbers.sort_by_cached_key(|n| n.to_string());
            format!("{numbers:?}")
        };
        let text = frame::scope(|| {
            let mut numbers = numbers.clone();
            numbers.sort_by_key(|n| n.to_string());
            format!("{numbers:?}")
        });
        assert_eq!(text, expected);
    }
}

#[test]
fn values_that_free_others_as_they_go_may_do_so_anywhere() {
    let _alone = alone();
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    /// A tree whose every node opens a frame as it is dropped.
    struct Node {
        children: Vec<Node>,
        name: String,
    }
    impl Node {
        fn new(depth: usize) -> Self {
            Node {
                name: "n".repeat(depth * 10 + 1),
                children: (0..depth).map(|n| frame::scope(|| Node::new(n))).collect(),
            }
        }
    }
    impl Drop for Node {
        fn drop(&mut self) {
            assert!(self.name.bytes().all(|byte| byte == b'n'));
            frame::scope(|| {
                let copy = self.name.clone();
                self.children.clear();
                assert_eq!(copy, self.name);
            });
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }
    let depth = if cfg!(miri) { 4 } else { 10 };
    let tree = frame::scope(|| Node::new(depth));
    thread::spawn(move || drop(tree)).join().unwrap();
    assert_eq!(DROPPED.load(Ordering::Relaxed), 1 << depth);
}
