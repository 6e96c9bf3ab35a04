//! Keys from the terminal, read on a thread of their own: blocking there costs
//! nothing, and a terminal that has gone ends the thread instead of spinning.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crossterm::event::{self, Event as Raw, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use rustix::process::{Signal, getpid, kill_process};
use tokio::sync::mpsc::Sender;

use crate::app::event::Input;
use crate::app::key::{Code, Key};

/// How long the thread may take to leave the keyboard alone.
const PATIENCE: Duration = Duration::from_secs(2);

/// The keyboard, which can be left to somebody else for a while.
#[derive(Debug, Clone, Default)]
pub struct Keyboard(Arc<Gate>);

#[derive(Debug, Default)]
struct Gate {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Now {
    /// Somebody else reads the keys.
    lent: bool,
    /// The thread reads none.
    rests: bool,
}

/// As long as this lives nobody here reads a key.
#[derive(Debug)]
pub struct Lent(Keyboard);

/// Reads until the terminal or the receiver has gone. Dropping the sender tells the loop.
pub fn read(inputs: Sender<Input>) -> Keyboard {
    let keyboard = Keyboard::default();
    let own = keyboard.clone();
    std::thread::spawn(move || {
        loop {
            own.0.pass();
            let Ok(raw) = event::read() else { return };
            let Some(input) = translate(raw) else {
                continue;
            };
            if inputs.blocking_send(input).is_err() {
                return;
            }
        }
    });
    keyboard
}

impl Keyboard {
    /// Makes the thread stop reading; it goes on when what is returned is dropped.
    pub fn lend(&self) -> io::Result<Lent> {
        let lent = Lent(self.clone());
        self.0.now().lent = true;
        // It waits in a system call: a change of the size, real or not, wakes it.
        kill_process(getpid(), Signal::WINCH)?;
        let now = self.0.now();
        let waited = self
            .0
            .changed
            .wait_timeout_while(now, PATIENCE, |now| !now.rests);
        let (now, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if now.rests {
            return Ok(lent);
        }
        drop(now);
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the keyboard is still being read",
        ))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let gate = &self.0.0;
        gate.now().lent = false;
        gate.changed.notify_all();
    }
}

impl Gate {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits here while the keyboard is lent.
    fn pass(&self) {
        let mut now = self.now();
        while now.lent {
            now.rests = true;
            self.changed.notify_all();
            let waited = self.changed.wait(now);
            now = waited.unwrap_or_else(PoisonError::into_inner);
        }
        now.rests = false;
    }
}

fn translate(raw: Raw) -> Option<Input> {
    match raw {
        Raw::Key(event) if event.kind != KeyEventKind::Release => key(event).map(Input::Key),
        Raw::Paste(text) => Some(Input::Paste(text)),
        Raw::Resize(width, height) => Some(Input::Resize { width, height }),
        Raw::Key(_) | Raw::Mouse(_) | Raw::FocusGained | Raw::FocusLost => None,
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    let code = match event.code {
        KeyCode::Char(letter) => Code::Char(letter),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        _ => return None,
    };
    let (ctrl, alt) = (
        event.modifiers.contains(KeyModifiers::CONTROL),
        event.modifiers.contains(KeyModifiers::ALT),
    );
    // Some terminals send ctrl-h for backspace.
    if ctrl && code == Code::Char('h') {
        return Some(Key::plain(Code::Backspace));
    }
    Some(Key { code, ctrl, alt })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capital_letter_is_the_letter_itself() {
        let shifted = KeyEvent::new(KeyCode::Char('U'), KeyModifiers::SHIFT);
        assert_eq!(key(shifted), "U".parse().ok());
        let reload = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
        assert_eq!(key(reload), "ctrl-r".parse().ok());
    }

    #[test]
    fn a_key_that_is_let_go_says_nothing() {
        let mut event = KeyEvent::new(KeyCode::Char('a'), KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert_eq!(translate(Raw::Key(event)), None);
    }
}
