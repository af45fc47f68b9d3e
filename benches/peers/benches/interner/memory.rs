//! The bytes that each contender holds for the same texts.

use peers::{Aligned, Heap, taken};

use crate::contenders::{
    Buckets, Lexicon, LexiconSync, Ours, OursSync, ParaCord, Rodeo, RodeoSync, Strings, SyncTexts,
    Texts,
};

#[global_allocator]
static HEAP: Heap = Heap;

/// The numbers of texts: some where tables are almost full, some where they have just grown, some between.
const COUNTS: [usize; 6] = [100, 1000, 6000, 7000, 20_000, 100_000];

/// The bytes that are held by what `fill` makes, beside those of the value itself.
fn held<T>(fill: impl FnOnce() -> T) -> usize {
    let before = taken();
    let filled = fill();
    let held = taken() - before + size_of::<T>();
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
    print_most();
}

/// Prints the numbers of texts for which the most is held, beside the leanest of those whose text stays: of many, as
/// every one is lean where it is almost full.
fn print_most() {
    fn filled<T: Texts>(texts: &[String]) -> usize {
        held(|| {
            let mut interner = T::new();
            texts.iter().for_each(|text| _ = interner.add(text));
            interner
        })
    }
    let counts = std::iter::successors(Some(100_usize), |&count| Some(count + count * 3 / 20));
    let texts = crate::texts(0, 300_000);
    let mut ratios: Vec<(f64, usize)> = (counts.take_while(|&count| count <= texts.len()))
        .map(|count| {
            let texts = &texts[..count];
            let leanest = filled::<Buckets>(texts).min(filled::<Rodeo>(texts));
            (filled::<Ours>(texts) as f64 / leanest as f64, count)
        })
        .collect();
    ratios.sort_by(|one, other| other.0.total_cmp(&one.0));
    let most: Vec<String> = (ratios.iter().take(5))
        .map(|(ratio, count)| format!("{ratio:.3} ({count} texts)"))
        .collect();
    println!(
        "arenula, of the leanest of the two whose text stays, at most: {}",
        most.join(", ")
    );
}
