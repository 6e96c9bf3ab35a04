//! What a crash prints: Terraform's banner, a Go panic, and the goroutines
//! that follow it. A provider's come line by line through its logger, each
//! with a header of its own; [`told`] looks behind that.

use super::hclog;

/// What announces a crash at the start of a line.
const ANNOUNCEMENTS: [&[u8]; 5] = [
    b"panic: ",
    b"fatal error: ",
    b"runtime: goroutine stack exceeds ",
    b"unexpected fault address ",
    b"Stack trace from the ",
];

/// How a line of a goroutine dump may begin, other than with a call.
const DUMPED: [&[u8]; 7] = [
    b"goroutine ",
    b"created by ",
    b"[signal ",
    b"runtime stack:",
    b"...additional frames elided...",
    b"exit status ",
    b"\t",
];

/// Whether a line is the first of a crash, or another one of its announcement.
pub fn announces(text: &[u8]) -> bool {
    ANNOUNCEMENTS.iter().any(|start| text.starts_with(start)) || is_banner(text)
}

fn is_banner(text: &[u8]) -> bool {
    text.starts_with(b"!!!!!!!!") && memchr::memmem::find(text, b" CRASH ").is_some()
}

/// Whether a line may stand in a goroutine dump.
pub fn is_dumped(text: &[u8]) -> bool {
    text.is_empty() || DUMPED.iter().any(|start| text.starts_with(start)) || is_call(text)
}

/// A function with its arguments: `github.com/a/b.(*T).F(0xc000, …)`.
fn is_call(text: &[u8]) -> bool {
    if text.last() != Some(&b')') {
        return false;
    }
    let name = text.iter().position(|&byte| byte == b'(').unwrap_or(0);
    let name = &text[..name];
    name == b"panic" || (name.contains(&b'.') && !name.iter().any(|byte| b" =:\"'".contains(byte)))
}

/// Whether a line may tell of a crash: a quick look at what [`told`] and then
/// [`announces`] or [`is_dumped`] would accept. `said` is what stands behind
/// the first colon.
pub fn may_be_told(rest: &[u8], said: Option<&[u8]>) -> bool {
    if rest.first() != Some(&b'p')
        || !(rest.starts_with(b"provider.") || rest.starts_with(b"plugin."))
    {
        return false;
    }
    let Some((&first, said)) = said.and_then(|said| Some((said.first()?, said))) else {
        return true;
    };
    let begins = match first {
        // As most of what a plugin's server says.
        b'S' => said.starts_with(b"Stack "),
        b'!' | b'.' | b'[' | b'\t' | b'c' | b'e'..=b'g' | b'p' | b'r' | b'u' => true,
        _ => false,
    };
    (begins || said.last() == Some(&b')')) && (announces(said) || is_dumped(said))
}

/// The name of a provider's logger and what it says, if this is one.
pub fn told(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    if !rest.starts_with(b"provider.") && !rest.starts_with(b"plugin.") {
        return None;
    }
    let (name, message) = hclog::name(rest)?;
    Some((&rest[..name], rest.get(message..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_goroutine_dump_are_known() {
        for line in [
            "goroutine 90 [running]:",
            "panic({0x5a5a60?, 0xc0000b6000?})",
            "main.main()",
            "github.com/hashicorp/terraform-provider-aws/internal/service/ec2.(*T).Read(...)",
            "\t/build/ec2/instance.go:412 +0x1d",
            "created by google.golang.org/grpc.(*Server).serveStreams.func2 in goroutine 12",
            "[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x1]",
            "",
        ] {
            assert!(is_dumped(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn what_a_provider_says_otherwise_is_no_dump() {
        for line in [
            "HTTP Request Sent: http.method=GET",
            "waiting for state to become available (10s)",
            "setting computed for \"id\" from ComputedKeys",
            "Calling ec2.Describe: filters=(none)",
        ] {
            assert!(!is_dumped(line.as_bytes()), "{line}");
            assert!(!announces(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn a_crash_is_announced_by_its_banner_and_its_panic() {
        for line in [
            "!!!!!!!!!!!!!!!!!!!!!!!!!!! TERRAFORM CRASH !!!!!!!!!!!!!!!!!!!!!!!!!!!!",
            "!!!!!!!!!!!!!!!!!!!!!!!!!!! OPENTOFU CRASH !!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
            "panic: runtime error: index out of range [3] with length 3",
            "fatal error: all goroutines are asleep - deadlock!",
            "Stack trace from the terraform-provider-aws_v5.50.0_x5 plugin:",
        ] {
            assert!(announces(line.as_bytes()), "{line}");
        }
    }

    #[test]
    fn only_a_provider_crashes_through_its_logger() {
        let name = b"provider.terraform-provider-aws_v5.50.0_x5".as_slice();
        let text = [name, b": panic: x"].concat();
        assert_eq!(told(&text), Some((name, b"panic: x".as_slice())));
        assert_eq!(told(name), Some((name, b"".as_slice())));
        assert_eq!(told(b"backend-s3: panic: x"), None);
        assert_eq!(told(b"provider: starting plugin"), None);
    }
}
