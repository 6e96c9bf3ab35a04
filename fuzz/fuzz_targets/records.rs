//! What a record means: categories, calls, work on resources, runs.

#![no_main]

#[path = "../properties.rs"]
#[allow(dead_code, reason = "each target holds one of them")]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::records(bytes));
