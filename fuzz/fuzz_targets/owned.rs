//! See the library's module of this name.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| arenula_fuzz::owned::run(bytes));
