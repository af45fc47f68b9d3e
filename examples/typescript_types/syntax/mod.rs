//! Declarations of TypeScript: text to tree, tree to text and JSON, with the tree on the heap and in an arena.
#![allow(
    dead_code,
    reason = "each program that has this module uses a part of it"
)]

pub mod arena;
pub mod error;
pub mod generate;
pub mod heap;
pub mod json;
pub mod lexer;
pub mod node;
mod parser;
pub mod print;
pub mod tree;
pub mod visit;

#[allow(unused_imports, reason = "as above")]
pub use error::Error;
pub use node::Node;
