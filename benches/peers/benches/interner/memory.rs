//! The bytes that each contender holds for the same texts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use peers::Aligned;

use crate::contenders::{
    Buckets, Lexicon, LexiconSync, Ours, OursSync, ParaCord, Rodeo, RodeoSync, Strings, SyncTexts,
    Texts,
};

/// The system's allocator, with a count of what is out.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: it hands on what the system's does.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        LIVE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        LIVE.fetch_add(size, Ordering::Relaxed);
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// The numbers of texts: some where tables are almost full, some where they have just grown, some between.
const COUNTS: [usize; 6] = [100, 1000, 6000, 7000, 20_000, 100_000];

/// The bytes that are held by what `fill` makes, beside those of the value itself.
fn held<T>(fill: impl FnOnce() -> T) -> usize {
    let before = LIVE.load(Ordering::Relaxed);
    let filled = fill();
    let held = LIVE.load(Ordering::Relaxed) - before + size_of::<T>();
    drop(filled);
    held
}

pub fn print() {
    let inputs = COUNTS.map(|count| crate::texts(0, count));
    let mut heading = vec!["bytes held".to_owned()];
    heading.extend(COUNTS.map(|count| count.to_string()));
    let mut texts = vec!["text".to_owned()];
    texts.extend((inputs.iter()).map(|all| all.iter().map(String::len).sum::<usize>().to_string()));
    let mut lines = vec![heading, texts];

    fn line(name: &str, inputs: &[Vec<String>], held: impl Fn(&[String]) -> usize) -> Vec<String> {
        let mut line = vec![name.to_owned()];
        line.extend(inputs.iter().map(|texts| held(texts).to_string()));
        line
    }
    macro_rules! lines {
        ($($texts:ty: $name:expr),+ $(,)?) => {$(
            lines.push(line($name, &inputs, |texts| {
                held(|| {
                    let mut interner = <$texts as Texts>::new();
                    texts.iter().for_each(|text| _ = Texts::add(&mut interner, text));
                    interner
                })
            }));
        )+};
        (sync $($texts:ty: $name:expr),+ $(,)?) => {$(
            lines.push(line($name, &inputs, |texts| {
                held(|| {
                    let interner = <$texts as SyncTexts>::new();
                    texts.iter().for_each(|text| _ = SyncTexts::add(&interner, text));
                    interner
                })
            }));
        )+};
    }
    lines!(
        Ours: "arenula",
        Buckets: "string-interner, bucket",
        Rodeo: "lasso",
    );
    lines!(Strings: "string-interner (text moves)", Lexicon: "internity (text moves)");
    lines.push(line("arenula, frozen", &inputs, |texts| {
        held(|| {
            let mut interner = <Ours as Texts>::new();
            texts
                .iter()
                .for_each(|text| _ = Texts::add(&mut interner, text));
            interner.freeze()
        })
    }));
    lines!(sync
        OursSync: "arenula, many threads",
        RodeoSync: "lasso, many threads",
        ParaCord: "paracord, many threads",
        LexiconSync: "internity, many threads",
    );
    println!("{}", Aligned(&lines));
}
