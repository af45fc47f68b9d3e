//! See the library's module of this name.
#![no_main]

#[global_allocator]
static ALLOC: arenula::FrameAlloc = arenula::FrameAlloc::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arenula_fuzz::frames::run(bytes));
