//! The calls that the records of a chunk repeat: a provider asks for the same
//! few things again and again. One that came shortly before is taken from
//! here, for less than putting its name together costs.

use std::sync::Arc;

/// How many calls are remembered.
const PLACES: usize = 64;

/// A call by its service and its operation.
type Call<'a> = (&'a [u8], &'a [u8], Arc<str>);

/// What came before in the same chunk.
#[derive(Debug, Default)]
pub struct Repeated<'a> {
    calls: Vec<Option<Call<'a>>>,
}

impl<'a> Repeated<'a> {
    /// `SERVICE/OPERATION`, or what there is of it.
    pub fn call(&mut self, service: &'a [u8], operation: &'a [u8]) -> Arc<str> {
        if self.calls.is_empty() {
            self.calls.resize(PLACES, None);
        }
        let place = &mut self.calls[place(operation)];
        if let Some((known, former, call)) = place
            && *former == operation
            && *known == service
        {
            return Arc::clone(call);
        }
        let slash: &[u8] = if service.is_empty() { b"" } else { b"/" };
        let text = [service, slash, operation].concat();
        let call: Arc<str> = String::from_utf8_lossy(&text).into();
        *place = Some((service, operation, Arc::clone(&call)));
        call
    }
}

/// Where an operation stands if it came before. Their ends tell them apart.
fn place(operation: &[u8]) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let end = operation.last_chunk::<8>();
    let end = end.map_or(0, |end| u64::from_le_bytes(*end));
    let mixed = (end ^ operation.len() as u64).wrapping_mul(ODD);
    (mixed >> 32) as usize % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_apart_wherever_they_stand() {
        let operations: Vec<String> = (0..500).map(|number| format!("Get{number}")).collect();
        let mut repeated = Repeated::default();
        for operation in operations.iter().chain(&operations) {
            for (service, slash) in [("S3", "/"), ("EC2", "/"), ("", "")] {
                let call = repeated.call(service.as_bytes(), operation.as_bytes());
                assert_eq!(*call, format!("{service}{slash}{operation}"));
            }
        }
    }
}
