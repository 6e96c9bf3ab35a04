//! The terminal while it is ours. Whoever holds the [`Guard`] has it; dropping
//! the guard gives it back as it was, also while a panic unwinds.

use std::io::{self, Write, stdout};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use data_encoding::BASE64;

/// The terminal is ours as long as this lives.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal: raw mode, the alternate screen, bracketed paste, no cursor.
    pub fn take() -> io::Result<Self> {
        // From here on a failure half way gives back what was taken.
        let guard = Self(());
        enter()?;
        Ok(guard)
    }

    /// Gives the terminal back for a while.
    pub fn give_back(&self) {
        leave();
    }

    /// Takes the terminal again after it was given back.
    pub fn take_again(&self) -> io::Result<()> {
        enter()
    }

    /// Gives the terminal back, stops the process as ctrl-z would, and takes the terminal again when it goes on.
    pub fn stop(&self) -> io::Result<()> {
        leave();
        // Where the signal cannot be sent there is no shell to go back to, and we go on.
        let _ =
            rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP);
        enter()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        leave();
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(
        stdout(),
        EnterAlternateScreen,
        Clear(ClearType::All),
        EnableBracketedPaste,
        Hide
    )
}

/// Each step is tried: a terminal that has gone must not keep the others from being undone.
fn leave() {
    let _ = execute!(
        stdout(),
        EndSynchronizedUpdate,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        Show
    );
    let _ = disable_raw_mode();
}

/// Draws one frame as a whole: a terminal that knows how shows nothing of it
/// before its end, so that over a slow line nobody reads half of two frames.
pub fn frame<T>(draw: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    queue!(stdout(), BeginSynchronizedUpdate)?;
    let drawn = draw();
    execute!(stdout(), EndSynchronizedUpdate)?;
    drawn
}

/// More than a terminal takes; longer text is refused rather than cut.
pub const LONGEST_CLIP: usize = 74_000;

/// Puts text on the clipboard of the terminal that shows us, over SSH too (OSC 52).
pub fn clip(text: &str) -> io::Result<()> {
    let mut out = stdout().lock();
    write!(out, "\x1b]52;c;{}\x07", BASE64.encode(text.as_bytes()))?;
    out.flush()
}
