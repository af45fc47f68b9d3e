//! A log in blocks of lines, which are parsed one after the other or by many workers at once.

use std::fmt;

use arenula::sync::{ArenaPool, PoolGuard};
use rayon::prelude::*;

use crate::progress::Progress;
use crate::{in_arena, on_heap};

/// Where a block may end.
const BLOCK: usize = 1 << 16;

#[derive(Clone, Copy)]
pub enum Workers {
    One,
    Many,
}

pub struct Log<'t> {
    blocks: Vec<&'t str>,
}

/// What is wrong in a line, which has this number in the log; or in its block, at first.
pub struct Fault {
    line: usize,
    what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.line, self.what)
    }
}

impl<'t> Log<'t> {
    pub fn new(mut text: &'t str) -> Self {
        let mut blocks = Vec::new();
        while !text.is_empty() {
            let from = text.len().min(BLOCK);
            let line_end = text.as_bytes()[from..]
                .iter()
                .position(|byte| *byte == b'\n');
            let end = line_end.map_or(text.len(), |more| from + more + 1);
            let (block, rest) = text.split_at(end);
            blocks.push(block);
            text = rest;
        }
        Log { blocks }
    }

    /// In bytes.
    pub fn len(&self) -> usize {
        self.blocks.iter().map(|block| block.len()).sum()
    }

    pub fn parse_on_heap(
        &self,
        workers: Workers,
        progress: &Progress,
    ) -> Result<Vec<Vec<on_heap::Record>>, Fault> {
        let parse = |block: &&str| {
            let records = numbered(block)
                .map(|(line, text)| at(line, on_heap::Record::parse(text)))
                .collect();
            progress.add(block.len());
            records
        };
        self.in_order(match workers {
            Workers::One => self.blocks.iter().map(parse).collect(),
            Workers::Many => self.blocks.par_iter().map(parse).collect(),
        })
    }

    /// Each worker takes an arena of the pool, and leaves in it what it has built.
    pub fn parse_in_arenas<'pool>(
        &self,
        workers: Workers,
        pool: &'pool ArenaPool,
        progress: &Progress,
    ) -> Result<Vec<&'pool [in_arena::Record<'pool>]>, Fault> {
        let parse = |arena: &mut PoolGuard<'pool>, block: &&str| {
            let mut lines = numbered(block);
            // Of the right length from the start: with texts behind it a slice can't grow where it is.
            let count = lines.clone().count();
            let records = arena.alloc_slice_try_fill_with(count, |_| {
                let (line, text) = lines.next().expect("as many as were counted");
                at(line, in_arena::Record::parse(text, arena))
            });
            progress.add(block.len());
            records.map(|records| &*records)
        };
        self.in_order(match workers {
            Workers::One => {
                let mut arena = pool.get();
                let blocks = self.blocks.iter();
                blocks.map(|block| parse(&mut arena, block)).collect()
            }
            Workers::Many => {
                let blocks = self.blocks.par_iter();
                blocks.map_init(|| pool.get(), parse).collect()
            }
        })
    }

    /// What came of the blocks, or the first fault: the same one whoever comes to it first.
    fn in_order<R>(&self, results: Vec<Result<R, Fault>>) -> Result<Vec<R>, Fault> {
        let mut all = Vec::with_capacity(results.len());
        for result in results {
            match result {
                Ok(records) => all.push(records),
                Err(mut fault) => {
                    let before = &self.blocks[..all.len()];
                    fault.line += before
                        .iter()
                        .map(|block| block.lines().count())
                        .sum::<usize>();
                    return Err(fault);
                }
            }
        }
        Ok(all)
    }
}

/// The lines with something in them, with their numbers in the block.
fn numbered(block: &str) -> impl Iterator<Item = (usize, &str)> + Clone {
    (1..)
        .zip(block.lines())
        .filter(|(_, line)| !line.trim().is_empty())
}

fn at<R>(line: usize, result: Result<R, String>) -> Result<R, Fault> {
    result.map_err(|what| Fault { line, what })
}
