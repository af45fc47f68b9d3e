//! What the requests ask for.

mod buffers;
mod graph;
mod headers;
mod json;
mod tree;
mod words;

pub(crate) use crate::workloads::buffers::Buffers;
pub(crate) use crate::workloads::graph::Graph;
pub(crate) use crate::workloads::headers::Headers;
pub(crate) use crate::workloads::json::Json;
pub(crate) use crate::workloads::tree::Tree;
pub(crate) use crate::workloads::words::Words;

/// One kind of request, with the input for it.
pub(crate) trait Workload: Send + Sync + 'static {
    const NAME: &'static str;

    /// Makes the input, which is the same in every program.
    fn new() -> Self;

    /// Serves a request and takes down whatever it has built. The answer tells whether everything was
    /// done.
    fn answer(&self) -> u64;
}
