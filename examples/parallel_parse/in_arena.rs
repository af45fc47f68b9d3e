//! Records whose texts and lists lie in an arena of the pool, as they do themselves.

use std::fmt;

use arenula::sync::PoolGuard;
use arenula::vec::VecExt;

use crate::line::{Line, Method, decode, is_plain, not_utf8, pair};
use crate::on_heap::{self, sum};

pub struct Record<'pool> {
    pub address: &'pool str,
    pub time: u64,
    pub method: Method,
    pub path: &'pool str,
    pub query: &'pool [(&'pool str, &'pool str)],
    pub status: u16,
    pub bytes: u64,
    pub agent: &'pool str,
}

impl<'pool> Record<'pool> {
    /// What it refers to lives as long as the pool, and not just as long as the guard.
    pub fn parse(line: &str, arena: &PoolGuard<'pool>) -> Result<Self, String> {
        let line = Line::read(line)?;
        let query = match line.query {
            None => &[][..],
            Some(parts) => {
                let count = parts.split('&').count();
                let mut pairs = parts.split('&').map(pair);
                arena.alloc_slice_try_fill_with(count, |_| {
                    let (name, value) = pairs.next().expect("as many as were counted");
                    Ok::<_, String>((decoded(name, arena)?, decoded(value, arena)?))
                })?
            }
        };
        Ok(Record {
            address: arena.alloc_str(line.address),
            time: line.time,
            method: line.method,
            path: decoded(line.path, arena)?,
            query,
            status: line.status,
            bytes: line.bytes,
            agent: arena.alloc_str(line.agent),
        })
    }

    /// A sum of all, so that all of it is read.
    pub fn weight(&self) -> u64 {
        let pairs = self.query.iter();
        let query: u64 = pairs.map(|(name, value)| sum(name) + sum(value)).sum();
        sum(self.address) + sum(self.path) + sum(self.agent) + query + self.time + self.bytes
    }
}

fn decoded<'pool>(text: &str, arena: &PoolGuard<'pool>) -> Result<&'pool str, String> {
    if is_plain(text) {
        return Ok(arena.alloc_str(text));
    }
    let mut bytes = arena.vec();
    bytes.reserve_exact(text.len());
    decode(text, |piece| bytes.extend_from_slice(piece))?;
    std::str::from_utf8(bytes.into_slice()).map_err(|_| not_utf8(text))
}

impl PartialEq<on_heap::Record> for Record<'_> {
    fn eq(&self, other: &on_heap::Record) -> bool {
        let pairs = other.query.iter();
        let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
        self.address == other.address
            && self.time == other.time
            && self.method == other.method
            && self.path == other.path
            && self.query.iter().copied().eq(pairs)
            && (self.status, self.bytes) == (other.status, other.bytes)
            && self.agent == other.agent
    }
}

impl fmt::Display for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        self.query
            .iter()
            .try_for_each(|(name, value)| write!(f, ", {name}: {value}"))
    }
}
