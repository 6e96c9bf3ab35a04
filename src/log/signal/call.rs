//! What a service is asked for, by the bytes of the record that tells of it: a
//! log names the same few calls again and again, and none needs memory before
//! it is counted.

use std::borrow::Cow;
use std::fmt;

/// An operation of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallName<'a> {
    /// Empty where the log does not tell.
    service: &'a [u8],
    operation: &'a [u8],
}

impl<'a> CallName<'a> {
    pub(super) fn new(service: &'a [u8], operation: &'a [u8]) -> Self {
        Self { service, operation }
    }

    /// The one of which this is the whole text.
    pub fn whole(text: &'a [u8]) -> Self {
        Self::new(b"", text)
    }

    /// Service and operation, `S3/PutObject`, or what there is of them.
    pub fn bytes(self) -> Cow<'a, [u8]> {
        if self.service.is_empty() {
            return self.operation.into();
        }
        let mut bytes = Vec::new();
        self.add_to(&mut bytes);
        bytes.into()
    }

    /// Writes the same behind what is there.
    #[inline]
    pub fn add_to(self, bytes: &mut Vec<u8>) {
        if !self.service.is_empty() {
            bytes.extend_from_slice(self.service);
            bytes.push(b'/');
        }
        bytes.extend_from_slice(self.operation);
    }
}

impl fmt::Display for CallName<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&String::from_utf8_lossy(&self.bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_named_by_what_the_log_tells_of_it() {
        for (service, text) in [(&b"S3"[..], &b"S3/PutObject"[..]), (b"", b"PutObject")] {
            let name = CallName::new(service, b"PutObject");
            assert_eq!(*name.bytes(), *text);
            let mut all = b"before".to_vec();
            name.add_to(&mut all);
            assert_eq!(all, [b"before", text].concat());
            assert_eq!(CallName::whole(text).bytes(), name.bytes());
            assert_eq!(name.to_string().as_bytes(), text);
        }
    }
}
