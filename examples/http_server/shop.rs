//! The server: a shop with a catalogue that can be searched, and orders that are priced.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arenula::frame;
use axum::extract::{Query, Request, State};
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

/// What all requests share. It is made before the first of them, outside of any frame.
pub struct Shop {
    goods: Vec<Good>,
    /// The numbers of the goods whose names have a word.
    by_word: HashMap<String, Vec<usize>>,
    /// The switch between the two servers that are compared.
    pub uses_frames: AtomicBool,
}

#[derive(Clone, Serialize)]
struct Good {
    id: usize,
    name: String,
    cents: u64,
    tags: Vec<String>,
}

impl Shop {
    pub fn new() -> Self {
        let (colours, sizes) = (
            ["red", "blue", "green", "black"],
            ["small", "large", "huge"],
        );
        let things = ["tea", "cup", "lamp", "chair", "book", "bag", "clock", "map"];
        let goods: Vec<Good> = (0..colours.len() * sizes.len() * things.len() * 4)
            .map(|id| {
                let (colour, size) = (colours[id % 4], sizes[id / 4 % 3]);
                Good {
                    id,
                    name: format!("{size} {colour} {} no {}", things[id / 12 % 8], id / 96),
                    cents: 199 + (id as u64 * 7919) % 9_000,
                    tags: vec![colour.to_owned(), size.to_owned()],
                }
            })
            .collect();
        let mut by_word: HashMap<String, Vec<usize>> = HashMap::new();
        for good in &goods {
            for word in good.name.split(' ') {
                by_word.entry(word.to_owned()).or_default().push(good.id);
            }
        }
        Shop {
            goods,
            by_word,
            uses_frames: AtomicBool::new(false),
        }
    }

    /// The goods whose names have all of the words, the cheapest first.
    fn find(&self, words: &str) -> Vec<&Good> {
        let mut found: Option<HashSet<usize>> = None;
        for word in words.split_whitespace() {
            let word = word.to_lowercase();
            let having: HashSet<usize> = self
                .by_word
                .get(&word)
                .into_iter()
                .flatten()
                .copied()
                .collect();
            found = Some(match found {
                Some(found) => found.intersection(&having).copied().collect(),
                None => having,
            });
        }
        let ids = found.into_iter().flatten();
        let mut goods: Vec<&Good> = ids.map(|id| &self.goods[id]).collect();
        goods.sort_by_key(|good| (good.cents, good.id));
        goods
    }
}

/// The routes, each of whose requests runs in a frame if the shop says so.
pub fn router(shop: Arc<Shop>) -> Router {
    Router::new()
        .route("/search", get(search))
        .route("/orders", post(price))
        .layer(middleware::from_fn_with_state(shop.clone(), in_frame))
        .with_state(shop)
}

/// All that frames ask of a server.
async fn in_frame(State(shop): State<Arc<Shop>>, request: Request, next: Next) -> Response {
    if shop.uses_frames.load(Ordering::Relaxed) {
        frame::in_frame(next.run(request)).await
    } else {
        next.run(request).await
    }
}

#[derive(Deserialize)]
struct Search {
    words: String,
}

#[derive(Serialize)]
struct Found {
    words: String,
    count: usize,
    goods: Vec<Good>,
    /// How many of them have a tag.
    tags: BTreeMap<String, usize>,
}

async fn search(State(shop): State<Arc<Shop>>, Query(search): Query<Search>) -> Json<Found> {
    let goods = shop.find(&search.words);
    let mut tags = BTreeMap::new();
    for tag in goods.iter().flat_map(|good| &good.tags) {
        *tags.entry(tag.clone()).or_default() += 1;
    }
    Json(Found {
        count: goods.len(),
        words: search.words,
        goods: goods.into_iter().take(20).cloned().collect(),
        tags,
    })
}

#[derive(Deserialize)]
struct Order {
    customer: String,
    lines: Vec<OrderLine>,
}

#[derive(Deserialize)]
struct OrderLine {
    id: usize,
    count: u64,
    note: Option<String>,
}

#[derive(Serialize)]
struct Priced {
    customer: String,
    lines: Vec<String>,
    notes: Vec<String>,
    cents: u64,
}

async fn price(
    State(shop): State<Arc<Shop>>,
    Json(order): Json<Order>,
) -> Result<Json<Priced>, (StatusCode, String)> {
    let mut cents: u64 = 0;
    let mut lines = Vec::new();
    let mut notes = Vec::new();
    for line in order.lines {
        let unknown = || {
            (
                StatusCode::UNPROCESSABLE_ENTITY,
                format!("there is no good {}", line.id),
            )
        };
        let good = shop.goods.get(line.id).ok_or_else(unknown)?;
        let sum = line
            .count
            .checked_mul(good.cents)
            .and_then(|sum| cents.checked_add(sum));
        cents = sum.ok_or((StatusCode::UNPROCESSABLE_ENTITY, "too many".to_owned()))?;
        lines.push(format!(
            "{} x {} at {}.{:02}",
            line.count,
            good.name,
            good.cents / 100,
            good.cents % 100
        ));
        notes.extend(
            line.note
                .map(|note| format!("{}: {}", good.name, note.trim())),
        );
    }
    notes.sort();
    Ok(Json(Priced {
        customer: order.customer,
        lines,
        notes,
        cents,
    }))
}
