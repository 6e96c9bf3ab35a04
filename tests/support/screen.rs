//! A real pseudo-terminal with a program in it: keys go in, and what a person
//! would see comes out, cell by cell. A test waits for what is to be seen, with
//! a deadline and never with a sleep; a wait that fails shows the screen.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use filedescriptor::{FileDescriptor, POLLIN, Pipe, pollfd};
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use vt100::MouseProtocolMode;

use super::keys::key_bytes;

/// How long a screen may take on a busy machine; a promise of less is asserted by the test that holds it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A program on a terminal of its own; dropping it kills the program.
#[derive(Debug)]
pub struct Screen {
    shown: Arc<Shown>,
    pid: Pid,
    /// None once the terminal has vanished.
    terminal: Option<Terminal>,
    settings_before: String,
}

/// The terminal's own ends. All of them must go for the terminal to vanish.
struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: File,
    /// A byte here ends the reader, whatever the program does.
    stop: FileDescriptor,
    reader: Option<JoinHandle<()>>,
}

struct Shown {
    now: Mutex<Now>,
    changed: Condvar,
}

/// What has been seen so far.
struct Now {
    parser: vt100::Parser,
    /// Everything the program wrote, as it wrote it.
    raw: Vec<u8>,
    /// A frame has begun and not ended: nobody would see it yet.
    half_drawn: bool,
    /// Nothing more can come.
    closed: bool,
    exit: Option<Exit>,
}

/// How the program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    Code(u32),
    /// The signal's description, such as `Terminated`.
    Signal(String),
}

/// How a cell looks.
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are a cell's attributes"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub foreground: vt100::Color,
    pub background: vt100::Color,
    pub bold: bool,
    pub dim: bool,
    pub underline: bool,
    pub inverse: bool,
}

impl Screen {
    /// Starts a program on a new terminal of `columns` × `rows`.
    pub fn start(program: CommandBuilder, columns: u16, rows: u16) -> Self {
        let pair = native_pty_system()
            .openpty(size(columns, rows))
            .expect("a pseudo-terminal");
        let settings_before = settings(pair.master.as_ref());
        let mut child = pair
            .slave
            .spawn_command(program)
            .expect("the program starts");
        // Ours must go, or the end of the program would not end its output.
        drop(pair.slave);
        let id = child
            .process_id()
            .and_then(|id| Pid::from_raw(id.cast_signed()));
        let shown = Arc::new(Shown {
            now: Mutex::new(Now {
                parser: vt100::Parser::new(rows, columns, 0),
                raw: Vec::new(),
                half_drawn: false,
                closed: false,
                exit: None,
            }),
            changed: Condvar::new(),
        });
        let ended = Arc::clone(&shown);
        std::thread::spawn(move || {
            let exit = Exit::from(child.wait().expect("the program can be waited for"));
            ended.change(|now| now.exit = Some(exit));
        });
        Self {
            terminal: Some(Terminal::watch(pair.master, &shown)),
            shown,
            pid: id.expect("a process id"),
            settings_before,
        }
    }

    /// Presses keys, named as the footer names them: `press("A n e t enter ctrl-c")`.
    pub fn press(&self, keys: &str) {
        keys.split_whitespace()
            .for_each(|key| self.enter(key_bytes(key).as_bytes()));
    }

    /// Types text as it stands, blanks included.
    pub fn type_text(&self, text: &str) {
        self.enter(text.as_bytes());
    }

    fn enter(&self, bytes: &[u8]) {
        let mut keyboard = &self.terminal().keyboard;
        keyboard.write_all(bytes).expect("the terminal takes keys");
    }

    /// Waits until a text is on the screen, and returns the screen as text.
    pub fn until(&self, text: &str) -> String {
        self.until_screen(&format!("show {text:?}"), |screen| {
            screen.contents().contains(text)
        })
    }

    /// Waits until a text has left the screen, and returns the screen as text.
    pub fn until_gone(&self, text: &str) -> String {
        self.until_screen(&format!("no longer show {text:?}"), |screen| {
            !screen.contents().contains(text)
        })
    }

    /// Waits until the screen is as wanted, and returns it as text.
    pub fn until_screen(&self, wanted: &str, is_so: impl Fn(&vt100::Screen) -> bool) -> String {
        let now = self
            .shown
            .wait(|now| now.closed || !now.half_drawn && is_so(now.parser.screen()));
        let text = now.parser.screen().contents();
        assert!(
            is_so(now.parser.screen()),
            "the screen did not {wanted}; exit {:?}; it shows:\n{text}",
            now.exit
        );
        text
    }

    /// The screen as text, blanks at the ends of rows left out.
    pub fn contents(&self) -> String {
        self.shown.lock().parser.screen().contents()
    }

    /// Everything that was written so far, escape sequences included.
    pub fn raw(&self) -> Vec<u8> {
        self.shown.lock().raw.clone()
    }

    /// How the first cell of a text on the screen looks; none where the text is not there.
    pub fn look_of(&self, text: &str) -> Option<Look> {
        let now = self.shown.lock();
        let screen = now.parser.screen();
        let columns = screen.size().1;
        let rows = screen.rows(0, columns);
        let (row, column) = rows.enumerate().find_map(|(row, line)| {
            let before = line.split_once(text)?.0;
            Some((
                u16::try_from(row).ok()?,
                column_after(screen, u16::try_from(row).ok()?, before),
            ))
        })?;
        screen.cell(row, column).map(Look::from)
    }

    /// Gives the terminal another size, as dragging its corner does.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.shown
            .change(|now| now.parser.screen_mut().set_size(rows, columns));
        self.terminal()
            .master
            .resize(size(columns, rows))
            .expect("a new size");
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).expect("the program takes signals");
    }

    /// Closes the terminal under the program, as a killed terminal emulator or a lost connection does.
    pub fn vanish(&mut self) {
        drop(self.terminal.take());
        self.shown.change(|now| now.closed = true);
    }

    /// Waits for the program's end and for the last of its output.
    pub fn exit(&self) -> Exit {
        let now = self.shown.wait(|now| now.closed && now.exit.is_some());
        let text = now.parser.screen().contents();
        now.exit
            .clone()
            .unwrap_or_else(|| panic!("the program did not end; it shows:\n{text}"))
    }

    /// Fails unless the program, which has ended, left the terminal as it was.
    pub fn assert_given_back(&self) {
        let now = self.shown.wait(|now| now.closed && now.exit.is_some());
        let screen = now.parser.screen();
        assert!(
            !screen.alternate_screen(),
            "the alternate screen was left on"
        );
        assert!(!screen.hide_cursor(), "the cursor was left hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste was left on");
        assert_eq!(
            screen.mouse_protocol_mode(),
            MouseProtocolMode::None,
            "the mouse was left on"
        );
        assert_eq!(
            settings(self.terminal().master.as_ref()),
            self.settings_before,
            "the line settings differ"
        );
    }

    fn terminal(&self) -> &Terminal {
        self.terminal.as_ref().expect("the terminal is still there")
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let running = self.shown.lock().exit.is_none();
        if running {
            let _ = kill_process(self.pid, Signal::KILL);
        }
    }
}

impl Terminal {
    fn watch(master: Box<dyn MasterPty + Send>, shown: &Arc<Shown>) -> Self {
        let own = |what: &str| {
            let raw = master
                .as_raw_fd()
                .expect("a terminal with a file descriptor");
            FileDescriptor::dup(&raw)
                .and_then(|copy| copy.as_file())
                .expect(what)
        };
        let (output, keyboard) = (own("the output"), own("the keyboard"));
        let stop = Pipe::new().expect("a pipe");
        let shown = Arc::clone(shown);
        let reader = std::thread::spawn(move || read_all(output, &stop.read, &shown));
        Self {
            master,
            keyboard,
            stop: stop.write,
            reader: Some(reader),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.stop.write_all(b".");
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

/// Reads until the program has closed its side or the terminal is told to stop.
fn read_all(mut output: File, stop: &FileDescriptor, shown: &Shown) {
    let mut chunk = [0; 8192];
    while wait_for_output(&output, stop) {
        // Linux says EIO where the last program has closed the terminal; others say end of file.
        let Ok(length @ 1..) = output.read(&mut chunk) else {
            break;
        };
        shown.change(|now| {
            now.parser.process(&chunk[..length]);
            now.raw.extend_from_slice(&chunk[..length]);
            now.half_drawn = is_half_drawn(&now.raw);
        });
    }
    drop(output);
    shown.change(|now| now.closed = true);
}

/// Whether the last frame, as the program marks it, has not ended yet.
fn is_half_drawn(raw: &[u8]) -> bool {
    let last = |mark: &[u8]| raw.windows(mark.len()).rposition(|bytes| bytes == mark);
    last(b"\x1b[?2026h") > last(b"\x1b[?2026l")
}

/// Whether output came; otherwise the stop did.
fn wait_for_output(output: &File, stop: &FileDescriptor) -> bool {
    let watch = |fd| pollfd {
        fd,
        events: POLLIN,
        revents: 0,
    };
    let mut both = [watch(stop.as_raw_fd()), watch(output.as_raw_fd())];
    filedescriptor::poll(&mut both, None).is_ok() && both[0].revents == 0
}

impl Shown {
    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Returns when it is so, or when patience ends; the caller looks which.
    fn wait(&self, is_so: impl Fn(&Now) -> bool) -> MutexGuard<'_, Now> {
        let waited = self
            .changed
            .wait_timeout_while(self.lock(), PATIENCE, |now| !is_so(now));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown").finish_non_exhaustive()
    }
}

impl From<portable_pty::ExitStatus> for Exit {
    fn from(status: portable_pty::ExitStatus) -> Self {
        match status.signal() {
            Some(signal) => Self::Signal(signal.to_owned()),
            None => Self::Code(status.exit_code()),
        }
    }
}

impl From<&vt100::Cell> for Look {
    fn from(cell: &vt100::Cell) -> Self {
        Self {
            foreground: cell.fgcolor(),
            background: cell.bgcolor(),
            bold: cell.bold(),
            dim: cell.dim(),
            underline: cell.underline(),
            inverse: cell.inverse(),
        }
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize {
        rows,
        cols: columns,
        pixel_width: 0,
        pixel_height: 0,
    }
}

/// The line settings (echo, line editing, signals) as one comparable text.
fn settings(master: &dyn MasterPty) -> String {
    format!("{:?}", master.get_termios().expect("line settings"))
}

/// The column behind a text that starts its row; wide characters fill two cells.
fn column_after(screen: &vt100::Screen, row: u16, text: &str) -> u16 {
    let mut rest = text;
    for column in 0..screen.size().1 {
        if rest.is_empty() {
            return column;
        }
        let Some(cell) = screen.cell(row, column) else {
            break;
        };
        let letters = if cell.has_contents() {
            cell.contents()
        } else {
            " "
        };
        if !cell.is_wide_continuation() {
            rest = rest.strip_prefix(letters).unwrap_or_default();
        }
    }
    screen.size().1
}
