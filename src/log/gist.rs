//! What a record of an API call comes to, in the few words that fit in a row:
//! its fields come in random order, and the telling ones are found last.

use super::record::Record;

/// What stands after the message, and the fields that it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gist {
    /// `503 RequestLimitExceeded  ec2.DescribeInstances  612 ms`.
    pub text: String,
    /// What is enough of the message beside it.
    pub short: Option<&'static str>,
    /// Whether the call was refused.
    pub failed: bool,
}

/// The fields that the gist says better, or that say nothing in a row.
pub const TOLD: [&str; 6] = [
    "http.status_code",
    "http.duration",
    "rpc.service",
    "rpc.method",
    "rpc.system",
    "http.request.header.amz_sdk_request",
];

impl Record {
    /// What the call came to; none for a record that is no call.
    pub fn gist(&self) -> Option<Gist> {
        let field = |name: &str| {
            let found = self.parts.fields.iter().find(|field| field.name == name);
            found.map(|field| field.value.as_str())
        };
        if !self.parts.message.starts_with("HTTP Re") {
            return None;
        }
        let service = field("rpc.service")?.to_lowercase().replace(' ', "");
        let mut parts = vec![format!("{service}.{}", field("rpc.method")?)];
        let status = field("http.status_code");
        let failed = status.is_some_and(|status| status.starts_with(['4', '5']));
        if let Some(status) = status {
            let code = field("http.response.body")
                .filter(|_| failed)
                .and_then(code)
                .map(|code| format!(" {code}"));
            parts.insert(0, format!("{status}{}", code.unwrap_or_default()));
        }
        parts.extend(field("http.request.header.amz_sdk_request").and_then(attempt));
        parts.extend(field("http.duration").map(|took| format!("{took} ms")));
        Some(Gist {
            text: parts.join("  "),
            short: status.map(|_| "HTTP"),
            failed,
        })
    }
}

/// `attempt 3/25` of `attempt=3; max=25`; nothing of a first one.
fn attempt(header: &str) -> Option<String> {
    let value = |name: &str| {
        let mut parts = header.split(';').map(str::trim);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
    };
    let attempt = value("attempt").filter(|&attempt| attempt != "1")?;
    Some(match value("max") {
        Some(max) => format!("attempt {attempt}/{max}"),
        None => format!("attempt {attempt}"),
    })
}

/// The error code of an answer's body: `<Code>…</Code>`, or `"__type":"…#Code"`.
fn code(body: &str) -> Option<&str> {
    let quoted = || after(body, "\"__type\":\"", '"').or_else(|| after(body, "\"code\":\"", '"'));
    let code = after(body, "<Code>", '<').or_else(quoted)?;
    let code = code.rsplit('#').next().unwrap_or(code);
    let is_word = !code.is_empty()
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    is_word.then_some(code)
}

fn after<'a>(text: &'a str, mark: &str, end: char) -> Option<&'a str> {
    text.split_once(mark)?.1.split(end).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gist(text: &str) -> Option<Gist> {
        let text = format!("2026-11-22T11:52:08.653Z [DEBUG] {text}");
        Record::decode(text.as_bytes(), text.len() as u64).gist()
    }

    const AWS: &str = "provider.terraform-provider-aws_v5";

    #[test]
    fn a_refused_call_says_its_code_and_how_long_it_took() {
        let text = format!(
            "{AWS}: HTTP Response Received: http.duration=612 rpc.method=DescribeInstances rpc.service=EC2 http.status_code=503\n  http.response.body=\n  | <Errors><Error><Code>RequestLimitExceeded</Code></Error></Errors>\n   x=1"
        );
        let gist = gist(&text).unwrap();
        assert_eq!(
            gist.text,
            "503 RequestLimitExceeded  ec2.DescribeInstances  612 ms"
        );
        assert!(gist.failed);
    }

    #[test]
    fn a_repeated_request_says_which_attempt_it_is() {
        let text = |header: &str| {
            format!(
                "{AWS}: HTTP Request Sent: rpc.method=PutItem rpc.service=DynamoDB http.request.header.amz_sdk_request=\"{header}\""
            )
        };
        let said = |header| gist(&text(header)).unwrap().text;
        assert_eq!(said("attempt=3; max=25"), "dynamodb.PutItem  attempt 3/25");
        assert_eq!(said("attempt=1; max=25"), "dynamodb.PutItem");
    }

    #[test]
    fn a_code_of_a_json_answer_is_found_and_other_records_have_no_gist() {
        assert_eq!(
            code("{\"__type\":\"com.amazonaws#ThrottlingException\",\"m\":1}"),
            Some("ThrottlingException")
        );
        assert_eq!(code("<Code>no word</Code>"), None);
        assert_eq!(gist("vertex \"a.b\": visit complete"), None);
    }
}
