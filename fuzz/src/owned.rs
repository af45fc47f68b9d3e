//! Owners with roots that borrow from their arenas and have destructors: built, changed, mapped, moved, swapped, taken apart; and
//! frames that follow each other.

use std::mem;

use arenula::vec::Vec as ArenaVec;
use arenula::{Arena, DoubleBuffer, Owned, Root};

use crate::bytes::Bytes;
use crate::support::values::{Leaked, Log, Tracked};
use crate::support::{Watch, Watched, panic_quietly, panics};

/// Runs what the bytes say.
pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let log = Log::default();
    // Roots can only borrow for any lifetime what lives for ever.
    let leaked = Leaked::new(Watch::default());
    // SAFETY: it is not used once it is dropped, at the end.
    let watch = unsafe { leaked.get() };
    if bytes.flag() {
        owners(&mut bytes, &log, watch);
    } else {
        frames(&mut bytes, &log, watch);
    }
    assert!(log.alive().is_empty(), "roots leak");
    assert_eq!(watch.count(), 0, "memory leaks");
}

type Memory = Arena<8, Watched<'static>>;

/// Texts in the arena, with references among them; a vector that grows there; and a destructor.
struct Tree<'l, 'a> {
    texts: ArenaVec<&'a str, &'a Memory>,
    longest: &'a mut [&'a str],
    tracked: Tracked<'l>,
}

/// The name of the root.
struct Trees<'l>(std::marker::PhantomData<&'l ()>);

impl<'l> Root for Trees<'l> {
    type Of<'a> = Tree<'l, 'a>;
}

/// What a tree should be.
#[derive(Clone, Default)]
struct Model {
    texts: Vec<String>,
    number: u32,
}

/// What happens while a root is being built.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Done,
    Refused,
    Panic,
}

fn end(bytes: &mut Bytes<'_>) -> End {
    match bytes.next() % 8 {
        0 => End::Refused,
        1 => End::Panic,
        _ => End::Done,
    }
}

/// Texts to come.
fn texts(bytes: &mut Bytes<'_>) -> Vec<String> {
    (0..bytes.up_to(12))
        .map(|i| format!("{i}{}", "text".repeat(bytes.size() % 60)))
        .collect()
}

/// A tree of these texts, or nothing where there is no memory.
fn build<'l, 'a>(
    log: &'l Log,
    texts: &[impl AsRef<str>],
    end: End,
    arena: &'a Memory,
) -> Result<Tree<'l, 'a>, ()> {
    let mut tree = Tree {
        texts: ArenaVec::new_in(arena),
        longest: &mut [],
        tracked: log.value(),
    };
    add(&mut tree, texts, arena)?;
    match end {
        End::Done => Ok(tree),
        End::Refused => Err(()),
        End::Panic => panic_quietly(),
    }
}

/// Adds texts to a tree; to what has an arena, as many as there is memory for.
fn add<'a>(
    tree: &mut Tree<'_, 'a>,
    texts: &[impl AsRef<str>],
    arena: &'a Memory,
) -> Result<(), ()> {
    for text in texts {
        let text = arena.try_alloc_str(text.as_ref()).map_err(drop)?;
        tree.texts.try_reserve(1).map_err(drop)?;
        tree.texts.push(text);
    }
    let most = tree.texts.iter().map(|text| text.len()).max();
    let longest = tree
        .texts
        .iter()
        .copied()
        .filter(|text| Some(text.len()) == most);
    tree.longest = arena.try_alloc_iter(longest).map_err(drop)?;
    Ok(())
}

impl Model {
    fn check(&self, tree: &Tree<'_, '_>) {
        assert_eq!(tree.tracked.number(), self.number);
        assert!(tree.texts.iter().eq(self.texts.iter()));
        assert!(tree.longest.iter().all(|long| tree.texts.contains(long)));
    }

    /// What a tree is: where memory may run out in the middle, it is asked.
    fn of(tree: &Tree<'_, '_>) -> Self {
        Model {
            texts: tree.texts.iter().map(|text| (*text).to_owned()).collect(),
            number: tree.tracked.number(),
        }
    }
}

/// What may make building fail. Answers whether the byte was for this.
fn troubles(bytes: &mut Bytes<'_>, watch: &Watch, may_refuse: &mut bool) -> bool {
    if !bytes.one_in(8) {
        return false;
    }
    watch.fail_after.set(bytes.nth());
    watch.fail_on.set(bytes.flag());
    *may_refuse |= watch.fail_after.get().is_some();
    true
}

fn owners<'l>(bytes: &mut Bytes<'_>, log: &'l Log, watch: &'static Watch) {
    let mut owners: Vec<(Owned<Trees<'l>, 8, Watched<'static>>, Model)> = Vec::new();
    let mut spare = vec![Arena::new_in(Watched(watch))];
    let mut may_refuse = false;
    for _ in 0..120 {
        if bytes.0.is_empty() {
            break;
        }
        if troubles(bytes, watch, &mut may_refuse) {
            continue;
        }
        let at = bytes.index(owners.len());
        match (bytes.next() % 12, at) {
            (0..4, _) if owners.len() < 8 => {
                let arena = spare.pop().unwrap_or_else(|| Arena::new_in(Watched(watch)));
                arena.set_limit(bytes.one_in(4).then(|| bytes.size() * 4));
                may_refuse |= arena.limit().is_some();
                let (texts, end) = (texts(bytes), end(bytes));
                let panicked = panics(|| {
                    let made = Owned::<Trees<'_>, 8, _>::try_new_in(arena, |arena| {
                        build(log, &texts, end, arena)
                    });
                    match made {
                        Ok(owned) => {
                            let model = Model {
                                number: owned.with(|tree| tree.tracked.number()),
                                texts,
                            };
                            owners.push((owned, model));
                        }
                        Err((_, arena)) => {
                            assert!(
                                may_refuse || end == End::Refused,
                                "refused without a reason"
                            );
                            assert_eq!(arena.allocated_bytes(), 0);
                            spare.push(arena);
                        }
                    }
                });
                assert!(!panicked || end == End::Panic);
            }
            (4 | 5, Some(at)) => {
                let (owned, model) = &mut owners[at];
                let texts = texts(bytes);
                let added = owned.with_mut(|tree, arena| add(tree, &texts, arena));
                match added {
                    Ok(()) => model.texts.extend(texts),
                    Err(()) => {
                        assert!(may_refuse, "refused without a reason");
                        *model = owned.with(|tree| Model::of(tree));
                    }
                }
            }
            (6 | 7, Some(at)) => {
                let (owned, mut model) = owners.swap_remove(at);
                let (more, end) = (texts(bytes), end(bytes));
                let panicked = panics(|| {
                    // A root made of the last one, which goes on borrowing from the arena.
                    let mapped = owned.try_map::<Trees<'_>, (), _>(|mut tree, arena| {
                        add(&mut tree, &more, arena)?;
                        match end {
                            End::Done => Ok(tree),
                            End::Refused => Err(()),
                            End::Panic => panic_quietly(),
                        }
                    });
                    match mapped {
                        Ok(owned) => {
                            model.texts.extend(more);
                            owners.push((owned, model));
                        }
                        Err(((), arena)) => {
                            assert!(
                                may_refuse || end == End::Refused,
                                "refused without a reason"
                            );
                            spare.push(arena);
                        }
                    }
                });
                assert!(!panicked || end == End::Panic);
            }
            (8, Some(at)) => {
                let (owned, _) = owners.swap_remove(at);
                log.bomb.set(bytes.nth());
                panics(|| {
                    let arena = owned.into_arena();
                    spare.push(arena);
                });
                log.bomb.set(None);
            }
            (9, Some(at)) => {
                let (owned, _) = owners.swap_remove(at);
                log.bomb.set(bytes.nth());
                panics(|| drop(owned));
                log.bomb.set(None);
            }
            (10, Some(at)) => {
                let (first, others) = owners.split_first_mut().unwrap();
                if let Some(other) = at.checked_sub(1).and_then(|at| others.get_mut(at)) {
                    mem::swap(&mut first.0, &mut other.0);
                    mem::swap(&mut first.1, &mut other.1);
                }
            }
            _ => {}
        }
        for (owned, model) in &mut owners {
            owned.with(|tree| model.check(tree));
            let stats = owned.stats();
            assert!(stats.allocated <= stats.capacity);
        }
        assert!(spare.iter().all(|arena| arena.capacity() <= watch.bytes()));
        assert_eq!(
            log.alive(),
            owners.iter().map(|(_, model)| model.number).collect()
        );
    }
}

fn frames<'l>(bytes: &mut Bytes<'_>, log: &'l Log, watch: &'static Watch) {
    let arenas = [(); 2].map(|()| Arena::new_in(Watched(watch)));
    let mut texts_now = texts(bytes);
    let made = DoubleBuffer::<Trees<'l>, 8, _>::try_new_in(arenas, |arena| {
        build(log, &texts_now, End::Done, arena)
    });
    let Ok(mut buffer) = made else {
        panic!("refused without a reason")
    };
    let mut model = Model {
        texts: mem::take(&mut texts_now),
        number: 0,
    };
    let mut may_refuse = false;
    for _ in 0..120 {
        if bytes.0.is_empty() {
            break;
        }
        if troubles(bytes, watch, &mut may_refuse) {
            continue;
        }
        match bytes.next() % 8 {
            0..5 => {
                // The next frame has some of the last one's texts, copied, and others.
                let (every, more, end) = (bytes.up_to(3) + 1, texts(bytes), end(bytes));
                let mut next: Vec<String> = model.texts.iter().step_by(every).cloned().collect();
                next.truncate(40);
                next.extend(more);
                log.bomb.set(bytes.one_in(8).then_some(0));
                let mut outcome = Ok(());
                let mut is_built = false;
                let panicked = panics(|| {
                    outcome = buffer.try_advance(|last, arena| {
                        model.check(last);
                        let tree = build(log, &next, end, arena)?;
                        is_built = true;
                        model = Model {
                            texts: next,
                            number: tree.tracked.number(),
                        };
                        Ok::<_, ()>(tree)
                    });
                });
                log.bomb.set(None);
                // A destructor of the last root's may have panicked after the next one took its place.
                assert!(is_built || panicked || outcome.is_err());
                assert!(
                    outcome.is_ok() || may_refuse || end == End::Refused,
                    "refused without a reason"
                );
            }
            5 => {
                let texts = texts(bytes);
                match buffer.with_mut(|tree, arena| add(tree, &texts, arena)) {
                    Ok(()) => model.texts.extend(texts),
                    Err(()) => {
                        assert!(may_refuse, "refused without a reason");
                        model = buffer.with(|tree| Model::of(tree));
                    }
                }
            }
            6 => buffer.trim(),
            _ => {
                let held: usize = buffer.stats().iter().map(|stats| stats.capacity).sum();
                assert!(held <= watch.bytes());
            }
        }
        buffer.with(|tree| model.check(tree));
        assert_eq!(log.alive(), [model.number].into());
    }
}
