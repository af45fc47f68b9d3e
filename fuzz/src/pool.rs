//! Pools beside the boxes that are out, and slots beside a map by handles.

use std::collections::BTreeMap;
use std::mem;

use arenula::pool::{Handle, Pool, PoolBox, Recycle, Slots};

use crate::bytes::Bytes;
use crate::support::values::{Log, Tracked};
use crate::support::{Watch, Watched, panic_quietly, panics};

/// With more values out, only some go.
const MANY: usize = 150;

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (log, watch) = (Log::default(), Watch::default());
    match bytes.next() % 4 {
        0 => pool::<0>(&mut bytes, &log, &watch),
        1 => pool::<400>(&mut bytes, &log, &watch),
        2 => slots::<0>(&mut bytes, &log, &watch),
        _ => slots::<400>(&mut bytes, &log, &watch),
    }
    assert_eq!(watch.count(), 0, "memory leaks");
}

/// A value with so many bytes more.
struct Item<'l, const MORE: usize>(Tracked<'l>, [u8; MORE]);

impl<'l, const MORE: usize> Item<'l, MORE> {
    fn new(log: &'l Log) -> Self {
        let value = log.value();
        let number = value.number();
        Item(value, [number as u8; MORE])
    }

    fn number(&self) -> u32 {
        let number = self.0.number();
        assert_eq!(self.1, [number as u8; MORE], "contents changed");
        number
    }
}

impl<const MORE: usize> Recycle for Item<'_, MORE> {
    fn recycle(&mut self) {}
}

/// Runs `f`, in which a destructor may panic.
fn with_bomb(bytes: &mut Bytes<'_>, log: &Log, f: impl FnOnce()) {
    log.bomb.set(bytes.nth());
    let panicked = panics(f);
    assert!(!panicked || log.bomb.get().is_none());
    log.bomb.set(None);
}

/// What may make a pool refuse. Answers whether the byte was for this.
fn troubles(
    bytes: &mut Bytes<'_>,
    watch: &Watch,
    may_refuse: &mut bool,
    set_limit: impl FnOnce(Option<usize>),
) -> bool {
    match bytes.next() % 16 {
        0 => {
            watch.fail_after.set(bytes.nth());
            watch.fail_on.set(bytes.flag());
            *may_refuse |= watch.fail_after.get().is_some();
        }
        1 => {
            let limit = bytes.flag().then(|| bytes.size() * 8);
            *may_refuse |= limit.is_some();
            set_limit(limit);
        }
        _ => return false,
    }
    true
}

type TestedPool<'l, 'w, const MORE: usize> = Pool<Item<'l, MORE>, Watched<'w>>;

fn pool<const MORE: usize>(bytes: &mut Bytes<'_>, log: &Log, watch: &Watch) {
    let mut pool = Pool::new_in(Watched(watch));
    let mut may_refuse = false;
    // What was leaked is in the pool until the end, and is never dropped.
    let mut leaked = 0;
    for _ in 0..8 {
        if bytes.0.is_empty() {
            break;
        }
        leaked += with_boxes::<MORE>(bytes, log, watch, &pool, &mut may_refuse, leaked);
        // Also what was recycled is dropped.
        with_bomb(bytes, log, || pool.shrink_to_fit());
        assert_eq!((pool.len(), log.alive().len()), (leaked, leaked));
        if leaked == 0 {
            // What boxes find the pool by stays.
            assert!(pool.capacity() == 0 && watch.count() <= 1);
        }
    }
}

/// A time with boxes. Answers how many were leaked.
fn with_boxes<'l, const MORE: usize>(
    bytes: &mut Bytes<'_>,
    log: &'l Log,
    watch: &Watch,
    pool: &TestedPool<'l, '_, MORE>,
    may_refuse: &mut bool,
    leaked_before: usize,
) -> usize {
    let mut boxes: Vec<(PoolBox<'_, Item<'l, MORE>>, u32)> = Vec::new();
    let mut leaked: Vec<(&mut Item<'l, MORE>, u32)> = Vec::new();
    let mut recycled: Vec<_> = Vec::new();
    for _ in 0..60 {
        if bytes.0.is_empty() {
            break;
        }
        if troubles(bytes, watch, may_refuse, |limit| pool.set_limit(limit)) {
            continue;
        }
        let before = pool.len();
        // Beyond some hundred values each look at all of them takes long.
        let is_full = boxes.len() > MANY;
        match if is_full { 6 } else { bytes.next() % 16 } {
            0..=3 => {
                for _ in 0..bytes.size() % 20 {
                    match pool.try_alloc(Item::new(log)) {
                        Ok(made) => {
                            let number = made.number();
                            boxes.push((made, number));
                        }
                        Err(_) => assert!(*may_refuse, "refused without a reason"),
                    }
                }
            }
            4 => {
                let (panic, refuse, more) = (bytes.one_in(4), bytes.one_in(4), bytes.up_to(3));
                panics(|| {
                    let made = pool.try_alloc_try_with(|| {
                        for _ in 0..more {
                            if let Ok(made) = pool.try_alloc(Item::new(log)) {
                                let number = made.number();
                                boxes.push((made, number));
                            }
                        }
                        if panic {
                            panic_quietly();
                        }
                        if refuse { Err(()) } else { Ok(Item::new(log)) }
                    });
                    if let Ok(made) = made {
                        let number = made.number();
                        boxes.push((made, number));
                    }
                });
            }
            5 => {
                let (count, panics_at) = (bytes.size() % 20, bytes.nth());
                let panicked = panics(|| {
                    let made = pool.try_alloc_batch(count, |i| {
                        if panics_at == Some(i) {
                            panic_quietly();
                        }
                        Item::new(log)
                    });
                    match made {
                        Ok(made) => boxes.extend(made.into_iter().map(|made| {
                            let number = made.number();
                            (made, number)
                        })),
                        Err(_) => assert!(*may_refuse, "refused without a reason"),
                    }
                });
                if panicked {
                    assert_eq!(pool.len(), before);
                }
            }
            6..=9 => {
                for _ in 0..bytes.up_to(20) {
                    if let Some(at) = bytes.index(boxes.len()) {
                        let (dropped, _) = boxes.swap_remove(at);
                        with_bomb(bytes, log, || drop(dropped));
                    }
                }
            }
            10 => {
                if let Some(at) = bytes.index(boxes.len()) {
                    let (taken, number) = boxes.swap_remove(at);
                    assert_eq!(PoolBox::into_inner(taken).number(), number);
                    assert_eq!(pool.len(), before - 1);
                }
            }
            11 => {
                if let Some(at) = bytes.index(boxes.len()) {
                    let (kept, number) = boxes.swap_remove(at);
                    leaked.push((PoolBox::leak(kept), number));
                    assert_eq!(pool.len(), before);
                }
            }
            12 => {
                if let Ok(made) = pool.try_alloc_recycled(|| Item::new(log)) {
                    let number = made.number();
                    recycled.push((made, number));
                }
            }
            13 => {
                if let Some(at) = bytes.index(recycled.len()) {
                    recycled.swap_remove(at);
                }
            }
            14 => {
                if let (Some(a), Some(b)) = (bytes.index(boxes.len()), bytes.index(leaked.len())) {
                    mem::swap(&mut *boxes[a].0, leaked[b].0);
                    mem::swap(&mut boxes[a].1, &mut leaked[b].1);
                }
            }
            _ => {
                let count = bytes.size();
                match pool.try_reserve(count) {
                    Ok(()) => assert!(pool.capacity() >= pool.len() + count),
                    Err(_) => assert!(*may_refuse, "refused without a reason"),
                }
            }
        }
        let out = boxes.len() + leaked.len() + recycled.len();
        assert_eq!(pool.len(), out + leaked_before);
        assert!(pool.capacity() >= pool.len());
        assert!(
            boxes
                .iter()
                .all(|(value, number)| value.number() == *number)
        );
        assert!(
            leaked
                .iter()
                .all(|(value, number)| value.number() == *number)
        );
        assert!(
            recycled
                .iter()
                .all(|(value, number)| value.number() == *number)
        );
        let mut places: Vec<usize> = (boxes.iter().map(|(value, _)| (&raw const **value).addr()))
            .chain(leaked.iter().map(|(value, _)| (&raw const **value).addr()))
            .chain(
                recycled
                    .iter()
                    .map(|(value, _)| (&raw const **value).addr()),
            )
            .collect();
        places.sort_unstable();
        assert!(
            places
                .windows(2)
                .all(|two| two[1] - two[0] >= size_of::<Item<'_, MORE>>())
        );
    }
    leaked.len()
}

fn slots<const MORE: usize>(bytes: &mut Bytes<'_>, log: &Log, watch: &Watch) {
    type Tested<'l, 'w, const MORE: usize> = Slots<Item<'l, MORE>, Watched<'w>>;
    let mut slots: Tested<'_, '_, MORE> = Slots::new_in(Watched(watch));
    let mut live: BTreeMap<Handle<Item<'_, MORE>>, (u32, *const Item<'_, MORE>)> = BTreeMap::new();
    let mut stale = Vec::new();
    let mut may_refuse = false;
    for _ in 0..80 {
        if bytes.0.is_empty() {
            break;
        }
        if troubles(bytes, watch, &mut may_refuse, |limit| {
            slots.set_limit(limit)
        }) {
            continue;
        }
        // Of those that are there.
        let any = |bytes: &mut Bytes<'_>, live: &BTreeMap<_, _>| {
            bytes
                .index(live.len())
                .map(|at| *live.keys().nth(at).unwrap())
        };
        let is_full = slots.len() > MANY;
        match if is_full { 12 } else { bytes.next() % 20 } {
            0..=3 => {
                for _ in 0..bytes.size() % 20 {
                    match slots.try_insert(Item::new(log)) {
                        Ok(handle) => {
                            let value = &slots[handle];
                            assert!(live.insert(handle, (value.number(), value)).is_none());
                        }
                        Err(_) => assert!(may_refuse, "refused without a reason"),
                    }
                }
            }
            4 | 5 => {
                let (panic, refuse) = (bytes.one_in(4), bytes.one_in(4));
                let mut told = None;
                let panicked = panics(|| {
                    let made = slots.try_insert_try_with(|handle| {
                        told = Some(handle);
                        if panic {
                            panic_quietly();
                        }
                        if refuse { Err(()) } else { Ok(Item::new(log)) }
                    });
                    if let Ok(handle) = made {
                        assert_eq!(told, Some(handle));
                        let value = &slots[handle];
                        assert!(live.insert(handle, (value.number(), value)).is_none());
                    }
                });
                if panicked || refuse {
                    stale.extend(told);
                }
            }
            6..=9 => {
                for _ in 0..bytes.up_to(20) {
                    if let Some(handle) = any(bytes, &live) {
                        let value = slots.remove(handle).unwrap();
                        assert_eq!(value.number(), live.remove(&handle).unwrap().0);
                        stale.push(handle);
                    }
                }
            }
            10 => {
                if let (Some(a), Some(b)) = (any(bytes, &live), any(bytes, &live)) {
                    match slots.get_disjoint_mut([a, b]) {
                        Some([first, second]) => {
                            mem::swap(first, second);
                            let (x, y) = (live[&a].0, live[&b].0);
                            live.get_mut(&a).unwrap().0 = y;
                            live.get_mut(&b).unwrap().0 = x;
                        }
                        None => assert_eq!(a, b),
                    }
                }
            }
            11 => {
                let (keeps, panics_at) = (u32::from(bytes.next() % 4), bytes.nth());
                let mut seen = 0;
                log.bomb.set(bytes.nth());
                let mut asked = Vec::new();
                panics(|| {
                    slots.retain(|handle, value| {
                        assert_eq!(live[&handle].0, value.number());
                        if panics_at == Some(seen) {
                            panic_quietly();
                        }
                        seen += 1;
                        let is_kept = value.number() % 4 >= keeps;
                        if !is_kept {
                            asked.push(handle);
                        }
                        is_kept
                    });
                });
                log.bomb.set(None);
                for handle in asked {
                    live.remove(&handle);
                    stale.push(handle);
                }
            }
            12 => {
                with_bomb(bytes, log, || slots.clear());
                stale.extend(mem::take(&mut live).into_keys());
            }
            13 => {
                let taken = bytes.up_to(20);
                let mut drain = slots.drain();
                for (handle, value) in drain.by_ref().take(taken) {
                    assert_eq!(live[&handle].0, value.number());
                }
                with_bomb(bytes, log, || drop(drain));
                stale.extend(mem::take(&mut live).into_keys());
            }
            14 => slots.shrink_to_fit(),
            15 => {
                let count = bytes.size();
                match slots.try_reserve(count) {
                    Ok(()) => assert!(slots.capacity() >= slots.len() + count),
                    Err(_) => assert!(may_refuse, "refused without a reason"),
                }
            }
            16 => {
                // Any number at all.
                let (index, generation) = (bytes.size() as u64, bytes.size() as u64);
                if let Some(handle) = Handle::from_bits(index << 32 | generation) {
                    let expected = live.get(&handle).map(|(number, _)| *number);
                    assert_eq!(slots.get(handle).map(Item::number), expected);
                    assert_eq!(slots.contains(handle), expected.is_some());
                }
            }
            17 => {
                let mut seen = 0;
                for (handle, value) in slots.iter_mut() {
                    assert_eq!(live[&handle].0, value.number());
                    seen += 1;
                }
                assert_eq!(seen, live.len());
                let pairs = slots.keys().zip(slots.values().map(Item::number));
                assert!(pairs.eq(slots.iter().map(|(handle, value)| (handle, value.number()))));
            }
            _ => {
                if let Some(at) = bytes.index(stale.len()) {
                    assert!(slots.get(stale[at]).is_none() && slots.get_mut(stale[at]).is_none());
                    assert!(slots.remove(stale[at]).is_none());
                }
            }
        }
        assert_eq!((slots.len(), log.alive().len()), (live.len(), live.len()));
        assert!(slots.capacity() >= slots.len());
        for (handle, (number, place)) in &live {
            let value = &slots[*handle];
            assert_eq!((value.number(), &raw const *value), (*number, *place));
            assert_eq!(Handle::from_bits(handle.to_bits()), Some(*handle));
        }
        assert!(stale.iter().all(|handle| !slots.contains(*handle)));
        let seen: Vec<_> = slots
            .iter()
            .map(|(handle, value)| (handle, value.number()))
            .collect();
        assert!(
            seen.iter()
                .all(|(handle, number)| live[handle].0 == *number)
        );
        assert_eq!(seen.len(), live.len());
    }
    with_bomb(bytes, log, || drop(slots));
    assert!(log.alive().is_empty());
}
