//! What the integration tests stand on: an emulated AWS, the real terraform
//! and a real pseudo-terminal. Everything here ends with the test process,
//! fails with the reason and the remedy, and waits for events, never for time.

#![allow(
    dead_code,
    reason = "each test binary takes the parts that it needs from the same support"
)]

#[cfg(feature = "console")]
pub mod console;
pub mod http;
pub mod keys;
#[cfg(feature = "console")]
pub mod live;
pub mod moto;
pub mod replay;
pub mod screen;
#[cfg(feature = "console")]
pub mod sights;
#[cfg(feature = "console")]
pub mod svg;
pub mod template;
pub mod terraform;
#[cfg(feature = "console")]
pub mod tfsos;
