//! What the work is done on: generated, and the same in every run.

use std::alloc::Layout;

/// Marsaglia's xorshift.
struct Random(u64);

impl Random {
    fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 32) as usize % end
    }
}

/// Bytes to copy, which begin a line of the cache: copies are slower from elsewhere.
pub static BYTES: Bytes = Bytes([7; 512]);

#[repr(align(64))]
pub struct Bytes(pub [u8; 512]);

/// From frequent to rare, as short words are the frequent ones in English.
const VOCABULARY: &str = "
    the of and to a in is it that was for on with he as you at be this from have not which their
    would there people about other water little before world still place after should under never
    house school around during through another country because thought without against however
    example between children together question problem important different something interest
    government themselves experience development environment understanding responsibility
";

/// The words of a text with the proportions of English: a bit more than 4 letters on average.
pub fn words(count: usize) -> Vec<&'static str> {
    let vocabulary: Vec<&str> = VOCABULARY.split_whitespace().collect();
    let mut random = Random::new();
    let mut text = String::new();
    for _ in 0..count {
        // The smaller of two draws prefers the front.
        let index = random.below(vocabulary.len());
        text.push_str(vocabulary[index.min(random.below(vocabulary.len()))]);
        text.push(' ');
    }
    text.leak().split_whitespace().collect()
}

/// Sizes from 1 to 64 with alignments from 1 to 8, each as often as the other.
pub fn layouts(count: usize) -> Vec<Layout> {
    let mut random = Random::new();
    let layout = |_| {
        let size = 1 + random.below(64);
        let align = 1 << random.below(4);
        Layout::from_size_align(size, align)
            .expect("the size is small and the align a power of two")
    };
    (0..count).map(layout).collect()
}

/// Keys without an order that a map could profit from.
pub fn keys(count: usize) -> Vec<u64> {
    let mut random = Random::new();
    (0..count).map(|_| random.next()).collect()
}
