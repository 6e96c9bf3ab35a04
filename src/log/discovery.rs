//! Telling a Terraform log from any other `*.log` by its first bytes, so that
//! the console opens what belongs to the directory and nothing else.

use super::line::Kind;

/// How much of a file this needs to see.
const REACH: usize = 16 * 1024;

/// How many lines it looks at.
const LINES: usize = 50;

/// Whether a file that begins so is a log or the output of a run: one of its
/// first lines is a debug log's header or reports on a resource.
pub fn starts_like_a_log(first: &[u8]) -> bool {
    first[..first.len().min(REACH)]
        .split(|&byte| byte == b'\n')
        .take(LINES)
        .any(|line| {
            !matches!(
                Kind::of(line),
                Kind::Loose { .. }
                    | Kind::Armor { .. }
                    | Kind::Dump { .. }
                    | Kind::Frame
                    | Kind::Continuation
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::format;

    #[test]
    fn every_format_is_known_by_its_start() {
        let known = |sample: &&str| starts_like_a_log(sample.as_bytes());
        let unknown: Vec<&str> = format::samples().filter(|sample| !known(sample)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn other_logs_and_binaries_are_left_alone() {
        for text in [
            &b""[..],
            b"127.0.0.1 - - [22/Nov/2026:11:52:08 +0000] \"GET / HTTP/1.1\" 200\n",
            b"2026-11-22 11:52:08,653 INFO app: started\n",
            b"{\"level\":\"info\",\"msg\":\"started\"}\n",
            b"\x7fELF\x02\x01\x01\x00",
            b"npm notice created a lockfile\n",
        ] {
            assert!(!starts_like_a_log(text));
        }
    }
}
