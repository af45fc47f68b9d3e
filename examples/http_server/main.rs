//! A web server whose handlers run in frames, under load, beside the same server without.
//!
//! ```text
//! cargo run --release --example http_server                   # both by turns, compared
//! cargo run --release --example http_server -- --plain        # without frames only
//! cargo run --release --example http_server -- --frames       # with frames only
//! cargo run --release --example http_server -- --serve 8080   # no load: for a browser, or a load driver of yours
//! ```
//!
//! More: `--seconds 5` for each turn, `--turns 3`, `--connections 16`, `--quick` for a look.
//!
//! The handlers are axum's, with serde's documents and std's collections: nothing in them knows of frames. One
//! line in `shop.rs` puts each request into a frame of its own. The answers leave their frames, to be sent, and are freed
//! whenever that is done.

mod load;
mod measure;
mod shop;

use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arenula::{FrameAlloc, frame};
use tokio::net::TcpListener;

use crate::load::Load;
use crate::measure::{Counting, Turn};
use crate::shop::Shop;

#[global_allocator]
static ALLOC: FrameAlloc<Counting> = FrameAlloc::with_parent(Counting);

/// What the command line asks for.
struct Options {
    /// Whether there are turns without frames, and with.
    modes: Vec<bool>,
    turns: usize,
    length: Duration,
    connections: usize,
    /// Serve on this port, without load, until the program is ended.
    port: Option<u16>,
}

impl Options {
    fn from_args() -> Result<Self, String> {
        let mut options = Options {
            modes: vec![false, true],
            turns: 3,
            length: Duration::from_secs(4),
            connections: 16,
            port: None,
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut number = || -> Result<u32, String> {
                let value = args.next().ok_or(format!("{arg} wants a number"))?;
                value
                    .parse()
                    .map_err(|error| format!("{arg} {value}: {error}"))
            };
            match arg.as_str() {
                "--plain" => options.modes = vec![false],
                "--frames" => options.modes = vec![true],
                "--turns" => options.turns = number()?.max(1) as usize,
                "--seconds" => options.length = Duration::from_secs(number()?.max(1).into()),
                "--connections" => options.connections = number()?.clamp(1, 1000) as usize,
                "--quick" => (options.turns, options.length) = (1, Duration::from_millis(300)),
                "--serve" => {
                    let port = number()?;
                    let port = port
                        .try_into()
                        .map_err(|_| format!("no port has number {port}"))?;
                    options.port = Some(port);
                }
                _ => return Err(format!("unknown option {arg}")),
            }
        }
        Ok(options)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::from_args()?;
    let shop = Arc::new(Shop::new());
    let listener = TcpListener::bind(("127.0.0.1", options.port.unwrap_or(0))).await?;
    let address = listener.local_addr()?;
    shop.uses_frames
        .store(options.modes.contains(&true), Ordering::Relaxed);
    let server = axum::serve(listener, shop::router(shop.clone()));
    if options.port.is_some() {
        println!("http://{address}/search?words=blue+tea");
        server.await?;
        return Ok(());
    }
    tokio::spawn(server.into_future());
    compare(&options, &shop, address).await
}

/// Puts the server under load by turns without frames and with, and prints what came of it.
async fn compare(
    options: &Options,
    shop: &Shop,
    address: SocketAddr,
) -> Result<(), Box<dyn Error>> {
    let total = options.turns * options.modes.len();
    println!(
        "{} connections ask the server on {address} for {total} turns of {:?}.",
        options.connections, options.length
    );
    let load = Load::new(address, options.connections);
    // Once for each mode, so that all is in place that is made only once.
    for &uses_frames in &options.modes {
        shop.uses_frames.store(uses_frames, Ordering::Relaxed);
        load.run(options.length / 4, |_| ()).await?;
    }

    let mut turns: Vec<Turn> = Vec::new();
    for turn in 0..total {
        let uses_frames = options.modes[turn % options.modes.len()];
        shop.uses_frames.store(uses_frames, Ordering::Relaxed);
        let name = if uses_frames { "frames" } else { "plain" };
        let is_watched = io::stderr().is_terminal();
        let mut latencies = load
            .run(options.length, |share| {
                if is_watched || share == 1.0 {
                    let _ = write!(
                        io::stderr(),
                        "{}  turn {} of {total}, {name}: {:3.0} % {}",
                        if is_watched { "\r" } else { "" },
                        turn + 1,
                        share * 100.0,
                        if is_watched { "" } else { "\n" },
                    );
                }
            })
            .await?;
        latencies.sort_unstable();
        // Apart from the clock: counting costs time.
        let allocations = measure::count(load.run(options.length / 8, |_| ())).await?;
        turns.push(Turn {
            uses_frames,
            latencies,
            allocations,
            resident: measure::resident(),
        });
    }
    eprintln!();

    println!(
        "           requests/s      p50      p99   allocations of the parent a request   resident"
    );
    let mut rates = Vec::new();
    for &uses_frames in &options.modes {
        let turns: Vec<&Turn> = turns
            .iter()
            .filter(|turn| turn.uses_frames == uses_frames)
            .collect();
        let median = |of: &dyn Fn(&Turn) -> f64| {
            let mut values: Vec<f64> = turns.iter().map(|turn| of(turn)).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let rate = median(&|turn| turn.latencies.len() as f64 / options.length.as_secs_f64());
        println!(
            "{:<10} {rate:>10.0} {:>6.0} us {:>5.0} us {:>37.1} {:>6.1} MiB",
            if uses_frames { "in frames" } else { "plain" },
            median(&|turn| turn.percentile(50)),
            median(&|turn| turn.percentile(99)),
            median(&|turn| turn.allocations),
            median(&|turn| turn.resident),
        );
        rates.push(rate);
    }
    if let [plain, in_frames] = rates[..] {
        println!(
            "\nIn frames the server answers {:.2} times as many requests.",
            in_frames / plain
        );
    }
    println!("{}", frame::stats());
    Ok(())
}
