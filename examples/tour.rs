//! The main job, seen: a request handler that knows nothing of arenas, without a frame and in one.
//!
//! The handler parses a document, counts words, sorts and formats, with std's collections and `serde_json`.
//! It is called a few thousand times, by turns on the parent allocator alone and in a frame. Then a value is
//! made to outlive its frame, to show that this is safe, and what it costs.

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use arenula::{FrameAlloc, frame};
use serde_json::{Value, json};

#[global_allocator]
static ALLOC: FrameAlloc = FrameAlloc::new();

const ROUNDS: usize = 40;
const REQUESTS_IN_A_ROUND: usize = 50;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    let request = request();
    writeln!(
        out,
        "A request of {} bytes of JSON is answered {} times, by turns without a frame and in one.\n",
        request.len(),
        ROUNDS * REQUESTS_IN_A_ROUND
    )?;

    let (mut plain, mut framed) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let expected = handle(&request);
        plain.push(timed(|| black_box(handle(black_box(&request)))));
        framed.push(timed(|| {
            black_box(frame::scope(|| handle(black_box(&request))))
        }));
        // The answer has left its frame, and is as good as the other.
        assert_eq!(frame::scope(|| handle(&request)), expected);
        if round % 10 == 0 {
            writeln!(out, "  {round} of {ROUNDS} rounds done")?;
            out.flush()?;
        }
    }
    let (plain, framed) = (median(plain), median(framed));
    writeln!(out, "\n  the parent alone  {plain:>9.1?} a request")?;
    writeln!(out, "  in a frame        {framed:>9.1?} a request")?;
    writeln!(
        out,
        "  the frame is {:.2} times as fast\n",
        plain.as_secs_f64() / framed.as_secs_f64()
    )?;

    writeln!(out, "What outlives its frame keeps its memory. Before:")?;
    writeln!(out, "  {}", frame::stats())?;
    let answers: Vec<String> = (0..100)
        .map(|_| frame::scope(|| handle(&request)))
        .collect();
    writeln!(out, "A hundred answers are kept:")?;
    writeln!(out, "  {}", frame::stats())?;
    assert!(answers.iter().all(|answer| frame::owns(answer.as_ptr())));
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));

    // On another thread, which frees them there.
    let length = std::thread::spawn(move || answers.concat().len())
        .join()
        .expect("the thread only adds up");
    writeln!(
        out,
        "Another thread has read {length} bytes of them, and dropped them:"
    )?;
    writeln!(out, "  {}", frame::stats())?;

    let cached = frame::scope(|| {
        let answer = handle(&request);
        // What is meant to stay is best allocated outside.
        frame::outside(|| answer.clone())
    });
    assert!(!frame::owns(cached.as_ptr()));
    writeln!(out, "What is copied outside of the frame pins nothing:")?;
    writeln!(out, "  {}", frame::stats())
}

/// Some orders, as a shop might receive them.
fn request() -> String {
    let goods = ["tea", "coffee", "bread", "butter", "jam", "salt"];
    let orders: Vec<Value> = (0..80)
        .map(|n| {
            json!({
                "id": n,
                "customer": format!("customer {}", n * 7 % 13),
                "items": (0..n % 5 + 1).map(|i| goods[(n + i) % goods.len()]).collect::<Vec<_>>(),
                "note": format!("please deliver {} to door {}", goods[n % goods.len()], n),
            })
        })
        .collect();
    Value::from(orders).to_string()
}

/// Answers with what each customer ordered, and with the words that are used most.
fn handle(request: &str) -> String {
    let orders: Value = serde_json::from_str(request).expect("the request is JSON");
    let mut by_customer: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut words: HashMap<String, usize> = HashMap::new();
    for order in orders.as_array().into_iter().flatten() {
        let text = |field: &str| order[field].as_str().unwrap_or_default();
        let items = order["items"].as_array().into_iter().flatten();
        let items = items.filter_map(|item| item.as_str().map(str::to_uppercase));
        let customer = by_customer.entry(text("customer").to_owned()).or_default();
        customer.extend(items);
        for word in text("note").split(' ') {
            *words.entry(word.to_owned()).or_default() += 1;
        }
    }
    let mut words: Vec<(String, usize)> = words.into_iter().collect();
    words.sort_by(|(one, n), (other, m)| (m, one).cmp(&(n, other)));
    let lines: Vec<String> = by_customer
        .iter()
        .map(|(customer, items)| format!("{customer}: {}", items.join(", ")))
        .collect();
    json!({ "orders": lines, "words": &words[..3] }).to_string()
}

/// The time of one request, in a round of some.
fn timed<R>(mut request: impl FnMut() -> R) -> Duration {
    let start = Instant::now();
    for _ in 0..REQUESTS_IN_A_ROUND {
        request();
    }
    start.elapsed() / REQUESTS_IN_A_ROUND as u32
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
