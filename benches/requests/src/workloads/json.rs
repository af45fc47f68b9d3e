//! A document without a schema.

use std::fmt::Write;
use std::hint::black_box;

use serde_json::Value;

use crate::digest;
use crate::random::Random;
use crate::workloads::Workload;

/// Parses a document of about 8 KiB into a [`Value`] and writes it out again.
pub(crate) struct Json {
    document: String,
}

const SIZE: usize = 8 << 10;

const NAMES: &[&str] = &["Ada", "Barbara", "Edsger", "Grace", "Kathleen", "Niklaus"];
const STREETS: &[&str] = &["Main Street", "Rue de l'Église", "Am Bahnhof", "Storgatan"];
const TAGS: &[&str] = &["new", "wholesale", "newsletter", "on hold", "tax-exempt"];
const ARTICLES: &[&str] = &["kettle", "bicycle bell", "desk lamp", "3/4\\\" pipe", "pen"];

/// Orders in a shop, as long as there is room for them.
fn document() -> String {
    let mut random = Random::new();
    let mut orders = Vec::new();
    let mut size = 0;
    while size < SIZE {
        let order = order(&mut random);
        size += order.len();
        orders.push(order);
    }
    format!(
        r#"{{"page":1,"total":{},"orders":[{}]}}"#,
        orders.len(),
        orders.join(",")
    )
}

fn order(random: &mut Random) -> String {
    let name = random.pick(NAMES);
    let mut order = format!(
        r#"{{"id":{},"customer":{{"name":"{name}","mail":"{name}{}@example.org","address":"{}\n{}","tags":["{}","{}"]}},"paid":{},"note":null,"items":["#,
        100_000 + random.below(900_000),
        random.below(100),
        random.pick(STREETS),
        1 + random.below(99),
        random.pick(TAGS),
        random.pick(TAGS),
        random.below(2) == 0,
    );
    for index in 0..1 + random.below(4) {
        let comma = if index == 0 { "" } else { "," };
        write!(
            order,
            r#"{comma}{{"article":"{}","count":{},"price":{}.{:02}}}"#,
            random.pick(ARTICLES),
            1 + random.below(9),
            random.below(200),
            random.below(100),
        )
        .expect("a string takes everything");
    }
    order.push_str("]}");
    order
}

impl Workload for Json {
    const NAME: &'static str = "json";

    fn new() -> Self {
        Self {
            document: document(),
        }
    }

    fn answer(&self) -> u64 {
        let value: Value = serde_json::from_str(&self.document).expect("a document");
        let written = serde_json::to_string(black_box(&value)).expect("a document");
        digest::of_bytes(black_box(written).as_bytes())
    }
}
