//! The load: connections that ask, wait for the answer, and ask again.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time;

/// Some connections, and what they ask.
pub struct Load {
    address: SocketAddr,
    connections: usize,
    requests: Arc<[Vec<u8>]>,
}

impl Load {
    pub fn new(address: SocketAddr, connections: usize) -> Self {
        let search = |words: &str| {
            format!("GET /search?words={words} HTTP/1.1\r\nhost: shop\r\n\r\n").into_bytes()
        };
        let mut requests: Vec<Vec<u8>> = ["blue+tea", "large", "huge+red+clock", "nothing"]
            .map(search)
            .into();
        for lines in [3, 30] {
            let lines: Vec<_> = (0..lines)
                .map(|n| {
                    serde_json::json!({
                        "id": n * 11 % 384,
                        "count": n % 4 + 1,
                        "note": (n % 3 == 0).then(|| format!(" wrap it, it is gift {n} ")),
                    })
                })
                .collect();
            let body = serde_json::json!({ "customer": "Ada", "lines": lines }).to_string();
            let head = format!(
                "POST /orders HTTP/1.1\r\nhost: shop\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n\r\n",
                body.len()
            );
            requests.push([head, body].concat().into_bytes());
        }
        Load {
            address,
            connections,
            requests: requests.into(),
        }
    }

    /// Asks for so long, and tells now and then what share of it is over. Answers how many microseconds each
    /// answer took.
    pub async fn run(&self, length: Duration, progress: impl Fn(f64)) -> io::Result<Vec<u32>> {
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for index in 0..self.connections {
            let (requests, address) = (self.requests.clone(), self.address);
            tasks.spawn(ask(address, requests, index, start + length));
        }
        let mut ticks = time::interval(Duration::from_millis(100));
        let mut latencies = Vec::new();
        loop {
            tokio::select! {
                task = tasks.join_next() => match task {
                    Some(task) => latencies.extend(task.map_err(io::Error::other)??),
                    None => break,
                },
                _ = ticks.tick() => {
                    progress((start.elapsed().as_secs_f64() / length.as_secs_f64()).min(0.99));
                }
            }
        }
        progress(1.0);
        Ok(latencies)
    }
}

async fn ask(
    address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    first: usize,
    end: Instant,
) -> io::Result<Vec<u32>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut latencies = Vec::new();
    let mut answer = Vec::with_capacity(1 << 16);
    for index in first.. {
        let start = Instant::now();
        if start >= end {
            break;
        }
        stream.write_all(&requests[index % requests.len()]).await?;
        answer.clear();
        while !is_whole(&answer)? {
            if stream.read_buf(&mut answer).await? == 0 {
                return Err(io::Error::other(
                    "the server hung up in the middle of an answer",
                ));
            }
        }
        latencies.push(u32::try_from(start.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(latencies)
}

/// Whether all of an answer is there; an error if it is not the one that is wanted.
fn is_whole(answer: &[u8]) -> io::Result<bool> {
    let Some(head) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(false);
    };
    let lines = String::from_utf8_lossy(&answer[..head]).to_lowercase();
    if !lines.starts_with("http/1.1 200") {
        return Err(io::Error::other(format!("the server answered {lines}")));
    }
    let length = lines
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length: Option<usize> = length.and_then(|length| length.parse().ok());
    let length = length.ok_or_else(|| io::Error::other("an answer without a length"))?;
    Ok(answer.len() >= head + 4 + length)
}
