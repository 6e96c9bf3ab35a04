//! What a record may tell, judged by how it begins: nothing at all for nearly
//! all of a log, for a few bytes each. It may expect more of a record than it
//! tells after all, and never less.

use crate::log::category::quiet_reports;
use crate::log::format::crash;
use crate::log::lanes;
use crate::log::signal::{begins_a_run, begins_a_step, begins_details};

/// What a record of the text log may tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    Nothing,
    /// That work on a resource began or ended.
    Step,
    /// A request or an answer, with the trouble that it is.
    Exchange,
    Anything,
}

impl Telling {
    /// What a record below WARN may tell, by what follows its time and level.
    /// None where its line may be part of a crash that a provider's logger tells.
    #[inline]
    pub fn of(text: &[u8]) -> Option<Self> {
        let is_any = match text.first() {
            Some(b'v' | b'N') if begins_a_step(text) => return Some(Self::Step),
            Some(b'p' | b'b' | b'u' | b'c') => return Self::of_a_logger(text),
            Some(b'T' | b'O' | b'C' | b's') => begins_a_run(text),
            Some(b'H' | b'r' | b'm' | b'f' | b'[' | b'0'..=b'9') => reports(text),
            _ => false,
        };
        Some(if is_any {
            Self::Anything
        } else {
            Self::Nothing
        })
    }

    /// The same where the name of a logger may come first.
    fn of_a_logger(text: &[u8]) -> Option<Self> {
        let message = after_the_name(text);
        if crash::may_be_told(text, message) {
            return None;
        }
        let is_exchange = message.is_some_and(|message| message.starts_with(b"HTTP Re"));
        if is_exchange {
            return Some(Self::Exchange);
        }
        let is_any = reports(text) || message.is_some_and(reports) || begins_a_run(text);
        Some(if is_any {
            Self::Anything
        } else {
            Self::Nothing
        })
    }
}

/// What a logger says whose name is at the start of this text, if it is a name.
#[inline]
fn after_the_name(text: &[u8]) -> Option<&[u8]> {
    /// No name is longer.
    const REACH: usize = 256;
    let colon = lanes::find(&text[..text.len().min(REACH)], b':')?;
    text.get(colon + 2..)
}

/// Whether a message may be a report, or of an exchange.
fn reports(message: &[u8]) -> bool {
    match message.first() {
        Some(b'H') => message.starts_with(b"HTTP Re"),
        Some(b'[' | b'0'..=b'9') => quiet_reports(message) || begins_details(message),
        _ => quiet_reports(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::account::{Sign, signs, signs_of};
    use crate::log::level::Level;
    use crate::log::raw::Raw;

    #[test]
    fn what_a_record_is_known_to_tell_is_what_it_tells() {
        let stems = crate::log::category::STEMS.map(|stem| format!("{stem}x: y=z"));
        let samples = crate::log::format::samples().map(str::to_owned);
        let details = ["", "2021/05/01 10:00:00 [DEBUG] "]
            .map(|stamp| format!("{stamp}[aws-sdk-go] DEBUG: Request ec2/X Details:"));
        let exchanges = [
            "HTTP Request Sent: rpc.method=Get",
            "HTTP Response Received: rpc.method=Get http.status_code=403",
            "HTTP Repeat",
        ]
        .map(str::to_owned);
        for text in samples.chain(stems).chain(details).chain(exchanges) {
            for logger in [
                "",
                "provider.terraform-provider-aws_v5.50.0_x5: ",
                "backend-s3: ",
                "cloud: ",
                "pro@vider: ",
            ] {
                for message in [text.as_str(), text.get(33..).unwrap_or_default()] {
                    let line = format!("2026-11-22T11:52:08.653Z [DEBUG] {logger}{message}");
                    let record = Raw::new(line.as_bytes(), Level::Debug);
                    let whole: Vec<Sign<'_>> = signs(record).collect();
                    let Some(telling) = Telling::of(&line.as_bytes()[33..]) else {
                        continue;
                    };
                    let record = Raw::behind_the_common_header(line.as_bytes(), Level::Debug);
                    let mut told = Vec::new();
                    let say = |sign| told.push(sign);
                    signs_of(record, telling, say);
                    assert_eq!(told, whole, "{line}");
                }
            }
        }
    }

    #[test]
    fn the_chatter_of_a_walk_tells_nothing() {
        for text in [
            "dag/walk: vertex \"a\" is waiting for \"b\"",
            "provider.aws: Calling downstream: @caller=x",
            "NodeAbstractResouceInstance.writeResourceInstanceState: writing state",
            "GRPCProvider: ReadResource",
            "",
        ] {
            assert_eq!(
                Telling::of(text.as_bytes()),
                Some(Telling::Nothing),
                "{text}"
            );
        }
    }
}
