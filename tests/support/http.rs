//! A plain HTTP client for the loopback servers of the tests, so that what a
//! test arranges and inspects never goes through the code that it tests.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Far beyond any answer of a loopback server, so that a busy machine fails no test.
const PATIENCE: Duration = Duration::from_mins(1);

/// An answer; a test asserts on the status where it matters.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body of a 2xx answer.
    pub fn expected(self) -> Vec<u8> {
        let text = String::from_utf8_lossy(&self.body);
        assert!(
            (200..300).contains(&self.status),
            "the loopback server answered {}: {text}",
            self.status
        );
        self.body
    }
}

/// Sends one request to `127.0.0.1:port` and reads the whole answer.
pub fn ask(port: u16, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the loopback server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut request = Vec::new();
    let head = format!("{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n");
    request.extend(head.as_bytes());
    for (name, value) in headers {
        request.extend(format!("{name}: {value}\r\n").as_bytes());
    }
    request.extend(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    request.extend(body);
    stream.write_all(&request).expect("a request");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    parse(&bytes)
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .expect("an HTTP head");
    let head = String::from_utf8_lossy(&bytes[..end]);
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Answer {
        status: status.expect("an HTTP status"),
        body: bytes[end + 4..].to_vec(),
    }
}
