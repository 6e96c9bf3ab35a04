//! Which records surely tell nothing, judged by how they begin: nearly all of
//! a log, for a few bytes each. It may let through what tells nothing after
//! all, and never holds back what does.

use crate::log::category::quiet_reports;
use crate::log::signal::{begins_a_signal, begins_details};

/// Whether a record of the text log below WARN is silent. `text` is what
/// follows its time and level, `message` what stands behind its first colon,
/// where a logger's name may end there.
pub fn is_silent(text: &[u8], message: Option<&[u8]>) -> bool {
    !begins_a_signal(text) && !reports(text) && !message.is_some_and(reports)
}

/// Whether a message may be a report, or of an exchange.
fn reports(message: &[u8]) -> bool {
    message.starts_with(b"HTTP Re") || quiet_reports(message) || begins_details(message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::account::signs;
    use crate::log::level::Level;
    use crate::log::raw::Raw;

    #[test]
    fn no_record_that_tells_something_is_silent() {
        let stems = crate::log::category::STEMS.map(|stem| format!("{stem}x: y=z"));
        let samples = crate::log::format::samples().map(str::to_owned);
        let details = ["", "2021/05/01 10:00:00 [DEBUG] "]
            .map(|stamp| format!("{stamp}[aws-sdk-go] DEBUG: Request ec2/X Details:"));
        for text in samples.chain(stems).chain(details) {
            for logger in [
                "",
                "provider.terraform-provider-aws_v5.50.0_x5: ",
                "backend-s3: ",
            ] {
                for message in [text.as_str(), text.get(33..).unwrap_or_default()] {
                    let said = format!("{logger}{message}");
                    let line = format!("2026-11-22T11:52:08.653Z [DEBUG] {said}");
                    let tells = signs(Raw::new(line.as_bytes(), Level::Debug))
                        .next()
                        .is_some();
                    let after = said.find(':').and_then(|at| said.get(at + 2..));
                    let after = after.map(str::as_bytes);
                    assert!(!(tells && is_silent(said.as_bytes(), after)), "{line}");
                }
            }
        }
    }

    #[test]
    fn the_chatter_of_a_walk_is_silent() {
        for text in [
            "dag/walk: vertex \"a\" is waiting for \"b\"",
            "provider.aws: Calling downstream: @caller=x",
            "NodeAbstractResouceInstance.writeResourceInstanceState: writing state",
            "GRPCProvider: ReadResource",
            "",
        ] {
            let after = text.find(':').map(|at| &text.as_bytes()[at + 2..]);
            assert!(is_silent(text.as_bytes(), after), "{text}");
        }
    }
}
