//! What other benchmarks measure, behind their interfaces.

#[path = "../arena/contenders.rs"]
pub mod arenas;
#[path = "../arena/input.rs"]
pub mod input;
#[path = "../interner/contenders.rs"]
pub mod interners;
#[path = "../pools/contenders.rs"]
pub mod pools;
#[path = "../typed/contenders.rs"]
pub mod typed;
