//! See the library's module of this name.
#![no_main]

#[global_allocator]
static ALLOC: arenula_fuzz::counting::Counting = arenula_fuzz::counting::Counting;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arenula_fuzz::serde::run(bytes));
