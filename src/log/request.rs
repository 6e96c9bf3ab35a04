//! The request that a record belongs to. Terraform, its backend and the
//! providers give each of theirs an id that all of its records carry; AWS
//! answers with one of its own.

use super::record::Record;

/// The fields that carry one, what names the most records first.
const NAMES: [&str; 7] = [
    "tf_req_id",
    "tf_backend.req_id",
    "aws.request_id",
    "http.response.header.x_amzn_requestid",
    "http.response.header.x_amz_request_id",
    "http.request.header.amz_sdk_invocation_id",
    "request_id",
];

/// Shorter ones would match half a log.
const SHORTEST: usize = 4;

impl Record {
    /// The id of its request, as every record of that request carries it.
    pub fn request(&self) -> Option<&str> {
        let field = |name: &&str| {
            let found = self.parts.fields.iter().find(|field| field.name == **name);
            found.map(|field| field.value.as_str())
        };
        NAMES
            .iter()
            .find_map(field)
            .or_else(|| after(&self.text, "RequestID: "))
            .filter(|id| id.len() >= SHORTEST && id.bytes().all(is_of_an_id))
    }
}

/// The word that follows a mark.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let rest = &text[text.find(mark)? + mark.len()..];
    let end = rest.bytes().position(|byte| !is_of_an_id(byte));
    Some(&rest[..end.unwrap_or(rest.len())])
}

fn is_of_an_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.+=/".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Option<String> {
        let text = format!("2026-11-22T11:52:08.653Z [DEBUG] {text}");
        let record = Record::decode(text.as_bytes(), text.len() as u64);
        record.request().map(str::to_owned)
    }

    #[test]
    fn the_id_of_the_whole_request_comes_before_that_of_one_answer() {
        let text = "provider.terraform-provider-aws_v5: HTTP Response Received: http.response.header.x_amzn_requestid=AAAA1111 tf_req_id=7c1e-22";
        assert_eq!(request(text).as_deref(), Some("7c1e-22"));
        let text = "backend-s3: Got: tf_backend.req_id=9d09-1";
        assert_eq!(request(text).as_deref(), Some("9d09-1"));
    }

    #[test]
    fn an_error_names_the_request_in_its_text() {
        let text =
            "vertex \"a.b\" error: operation error S3: HeadObject, RequestID: 7C1E22, HostID: x";
        assert_eq!(request(text).as_deref(), Some("7C1E22"));
    }

    #[test]
    fn most_records_belong_to_none() {
        assert_eq!(request("vertex \"a.b\": visit complete"), None);
        assert_eq!(request("x: RequestID: , HostID: y"), None);
    }
}
