//! A log cut into chunks anywhere, and every record of it decoded.

#![no_main]

#[path = "../properties.rs"]
#[allow(dead_code, reason = "each target holds one of them")]
mod properties;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| properties::scan(bytes));
