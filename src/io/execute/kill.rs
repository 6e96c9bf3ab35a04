//! A process that is killed, in a test.

use std::future::Future;
use std::thread;

use tokio::runtime::Builder;

/// Runs this in a life of its own, and returns when nothing of it is left. A
/// kill leaves each call to the system done or not begun; a run that is only
/// dropped leaves one that is still at work, and may write after it was gone.
pub fn mortal<T, F>(work: impl FnOnce() -> F + Send) -> T
where
    T: Send,
    F: Future<Output = T>,
{
    thread::scope(|scope| {
        let life = scope.spawn(|| {
            let runtime = Builder::new_current_thread().enable_all().build();
            // The runtime waits for its threads when it is dropped.
            runtime.unwrap().block_on(work())
        });
        life.join().unwrap()
    })
}
