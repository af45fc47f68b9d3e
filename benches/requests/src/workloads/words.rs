//! Strings as keys of maps.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::hint::black_box;

use crate::digest;
use crate::random::Random;
use crate::workloads::Workload;

/// Finds where each word of a text of 500 words stands, and which words are as frequent as each other.
pub(crate) struct Words {
    text: String,
}

/// The standard library's hash function, without the seed that it draws in each run: how a map is
/// filled would differ.
type Index = HashMap<String, Vec<usize>, BuildHasherDefault<DefaultHasher>>;

const COUNT: usize = 500;

/// From frequent to rare, as short words are the frequent ones in English.
const VOCABULARY: &str = "
    the of and to a in is it that was for on with he as you at be this from have not which their
    would there people about other water little before world still place after should under never
    house school around during through another country because thought without against however
    example between children together question problem important different something interest
    government themselves experience development environment understanding responsibility
";

fn text() -> String {
    let vocabulary: Vec<&str> = VOCABULARY.split_whitespace().collect();
    let mut random = Random::new();
    let mut text = String::new();
    for place in 0..COUNT {
        // The smaller of two draws prefers the front.
        let index = random.below(vocabulary.len());
        let word = vocabulary[index.min(random.below(vocabulary.len()))];
        if place % 12 == 0 {
            // The first of a sentence.
            text.push_str(&word[..1].to_uppercase());
            text.push_str(&word[1..]);
        } else {
            text.push_str(word);
        }
        text.push_str(if place % 12 == 11 { ". " } else { " " });
    }
    text
}

impl Workload for Words {
    const NAME: &'static str = "words";

    fn new() -> Self {
        Self { text: text() }
    }

    fn answer(&self) -> u64 {
        let mut index = Index::default();
        for (place, word) in self.text.split_whitespace().enumerate() {
            let word = word.trim_end_matches('.').to_ascii_lowercase();
            index.entry(word).or_default().push(place);
        }
        let index = black_box(index);

        let mut by_count: BTreeMap<usize, BTreeMap<&str, &[usize]>> = BTreeMap::new();
        for (word, places) in &index {
            (by_count.entry(places.len()).or_default()).insert(word, places);
        }
        let by_count = black_box(by_count);

        let mut sum = 0;
        for (count, words) in &by_count {
            sum = digest::add(sum, *count as u64);
            for (word, places) in words {
                sum = digest::add(sum, digest::of_bytes(word.as_bytes()));
                sum = (places.iter()).fold(sum, |sum, &place| digest::add(sum, place as u64));
            }
        }
        sum
    }
}
