//! Records that own what they have.

use crate::line::{Line, Method, decode, is_plain, not_utf8, pair};

#[derive(PartialEq)]
pub struct Record {
    pub address: String,
    pub time: u64,
    pub method: Method,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub status: u16,
    pub bytes: u64,
    pub agent: String,
}

impl Record {
    pub fn parse(line: &str) -> Result<Self, String> {
        let line = Line::read(line)?;
        let mut query = Vec::new();
        if let Some(parts) = line.query {
            query.reserve_exact(parts.split('&').count());
            for (name, value) in parts.split('&').map(pair) {
                query.push((decoded(name)?, decoded(value)?));
            }
        }
        Ok(Record {
            address: line.address.to_owned(),
            time: line.time,
            method: line.method,
            path: decoded(line.path)?,
            query,
            status: line.status,
            bytes: line.bytes,
            agent: line.agent.to_owned(),
        })
    }

    /// A sum of all, so that all of it is read.
    pub fn weight(&self) -> u64 {
        let pairs = self.query.iter();
        let query: u64 = pairs.map(|(name, value)| sum(name) + sum(value)).sum();
        sum(&self.address) + sum(&self.path) + sum(&self.agent) + query + self.time + self.bytes
    }
}

fn decoded(text: &str) -> Result<String, String> {
    if is_plain(text) {
        return Ok(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    decode(text, |piece| bytes.extend_from_slice(piece))?;
    String::from_utf8(bytes).map_err(|_| not_utf8(text))
}

pub fn sum(text: &str) -> u64 {
    text.bytes().map(u64::from).sum()
}
