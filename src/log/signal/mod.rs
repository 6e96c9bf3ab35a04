//! What happened, as the records of a log tell it: a request went out, an
//! answer came, work on a resource began or ended, a run began. Recognized by
//! where a record's message begins, so that an ordinary record costs a few
//! bytes and no memory; an event owns the little that it keeps and can wait
//! until its turn to be heard comes.

use super::category::Category;
use super::level::Level;
use super::raw::{Form, Raw, Said, logger};

mod address;
mod call;
mod details;
mod exchange;
mod request;
mod run;
mod step;

pub use call::CallName;
pub use request::{Request, Response};
pub use run::{End, RunMark};
pub use step::{Act, Phase, Step, Teller};

pub(super) use address::{is_resource, length as address_length};
pub(super) use details::begins as begins_details;
pub(super) use exchange::Counted;
pub(super) use run::unescaped;
pub(super) use step::vertex_error;

/// One thing that a record tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal<'a> {
    Request(Request<'a>),
    /// That a call is tried again; its request follows, and does not say so.
    Retry(CallName<'a>),
    Response(Response<'a>),
    Step(Step<'a>),
    Run(RunMark),
}

/// What a request or an answer of the text log tells and the trouble that it
/// is, in one look at its fields; `None` for any other record.
pub(super) fn of_exchange(record: Raw<'_>) -> Option<(Option<Signal<'_>>, Option<Category>)> {
    if record.form() != Form::Text || record.level() >= Level::Warn {
        return None;
    }
    let said = record.exchange()?;
    if said.message == b"HTTP Request Sent" {
        let request = request::sent(&said);
        return Some((request.map(Signal::Request), None));
    }
    let (response, category) = request::answered(&said);
    Some((response.map(Signal::Response), category))
}

/// What a core record below WARN tells whose message begins as [`begins_a_step`] says.
pub(super) fn of_step(record: Raw<'_>) -> Option<Signal<'_>> {
    step::of_message(first_line(record.after_header())).map(Signal::Step)
}

/// What a record tells; `None` for nearly every one.
pub fn of(record: Raw<'_>) -> Option<Signal<'_>> {
    match record.form() {
        Form::Text => of_text(record),
        Form::Json => of_json(record),
        Form::Output => match run::of_output(record) {
            Some(mark) => Some(Signal::Run(mark)),
            None => step::of_output(record).map(Signal::Step),
        },
    }
}

/// Whether a core record may tell of a step, by how it begins.
pub(super) fn begins_a_step(text: &[u8]) -> bool {
    match text.first() {
        Some(b'v') => text.starts_with(b"vertex \""),
        Some(b'N') => step::BEGINNINGS.iter().any(|start| text.starts_with(start)),
        _ => false,
    }
}

/// Whether a core record may tell of its run, by how it begins.
pub(super) fn begins_a_run(text: &[u8]) -> bool {
    match text.first() {
        Some(b'T') => text.starts_with(b"Terraform "),
        Some(b'O') => text.starts_with(b"OpenTofu "),
        Some(b'C') => text.starts_with(b"CLI "),
        Some(b'b' | b's') => run::begins_a_mark(text),
        _ => false,
    }
}

fn of_text(record: Raw<'_>) -> Option<Signal<'_>> {
    let text = record.after_header();
    match text.first()? {
        b'v' | b'N' => of_step(record),
        b'T' | b'O' | b'C' => run::of_message(first_line(text)).map(Signal::Run),
        b's' => run::mark(text).map(Signal::Run),
        b't' | b'r' if record.level() >= Level::Warn => run::end(first_line(text)).map(Signal::Run),
        b'b' if run::begins_a_mark(text) => run::mark(text).map(Signal::Run),
        b'p' | b'b' | b'u' => {
            let (_, message) = logger(text);
            match message.first()? {
                b'[' | b'0'..=b'9' => details::of(record, message),
                _ if message.starts_with(b"HTTP Re") => of_http(&record.said()?),
                _ => None,
            }
        }
        b'[' | b'0'..=b'9' => details::of(record, text),
        _ => None,
    }
}

fn of_json(record: Raw<'_>) -> Option<Signal<'_>> {
    let line = first_line(record.bytes());
    let message = first_line(record.message());
    let of_plan = || run::of_plan_event(message, line);
    if let Some(mark) = (record.level() == Level::Info).then(of_plan).flatten() {
        return Some(Signal::Run(mark));
    }
    match message.first()? {
        b'H' if message.starts_with(b"HTTP Re") => of_http(&record.said()?),
        b'v' if message.starts_with(b"vertex ") => json_step(message),
        b'N' if message.starts_with(b"NodeAbstract") => json_step(message),
        b's' | b'b' | b'L' | b'A' => run::bare_mark(message)
            .map(Signal::Run)
            .or_else(|| step::of_event(record).map(Signal::Step)),
        b'E' | b't' | b'r' if record.level() >= Level::Warn => {
            let text = json_text(message)?;
            let mark = run::end(first_line(text.as_bytes())).map(Signal::Run);
            mark.or_else(|| step::of_event(record).map(Signal::Step))
        }
        b'T' | b'O' | b'C' => run::of_json(message, line)
            .map(Signal::Run)
            .or_else(|| step::of_event(record).map(Signal::Step)),
        _ => step::of_event(record).map(Signal::Step),
    }
}

/// The step of a core message that stands in a JSON string.
fn json_step(message: &[u8]) -> Option<Signal<'static>> {
    let text = json_text(message)?;
    let step = step::of_message(first_line(text.as_bytes()))?;
    Some(Signal::Step(step.into_owned()))
}

/// The text of a JSON string from its first character on, without its escapes.
fn json_text(text: &[u8]) -> Option<String> {
    let mut end = 0;
    while text.get(end)? != &b'"' {
        end += if text[end] == b'\\' { 2 } else { 1 };
    }
    let quoted = [b"\"", &text[..end], b"\""].concat();
    serde_json::from_slice(&quoted).ok()
}

fn of_http<'a>(said: &Said<'a>) -> Option<Signal<'a>> {
    if said.message.starts_with(b"HTTP Request Sent") {
        return request::sent(said).map(Signal::Request);
    }
    request::answered(said).0.map(Signal::Response)
}

fn first_line(text: &[u8]) -> &[u8] {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let line = &text[..end];
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests;
