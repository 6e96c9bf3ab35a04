//! What the AWS provider writes: the requests it serves and the API calls it
//! makes. Its arguments come in random order, as from a Go map.

use super::core;
use super::line::Line;
use super::service::Call;
use super::teller::{Target, Teller};

const LOGGER: &str = "provider.terraform-provider-aws_v5.82.2_x5";
const SDK: &str = "github.com/hashicorp/aws-sdk-go-base/v2@v2.0.0-beta.61/logging/tf_logger.go:45";
const PROTO: &str = "github.com/hashicorp/terraform-plugin-go@v0.25.0/tfprotov5/internal/tf5serverlogging/downstream_request.go:22";

/// How often the provider tries a call unless told otherwise.
pub const fn attempts() -> u32 {
    25
}

/// One try of an API call.
#[derive(Debug, Clone, Copy)]
pub struct Try<'a> {
    pub target: &'a Target,
    pub call: &'a Call,
    /// Names the provider's request that the call serves.
    pub request: &'a str,
    pub number: u32,
    pub most: u32,
    pub operation: &'a str,
}

/// A resource read without trouble.
pub fn refresh(teller: &mut Teller, target: &Target) {
    core::visit(teller, target, core::PLAN);
    teller.say(
        "TRACE",
        &format!(
            "NodeAbstractResourceInstance.refresh for {}",
            target.address
        ),
    );
    let request = teller.chance.uuid();
    let took = 40 + teller.chance.below(160);
    received(teller, target, &request, "ReadResource");
    if let Some(call) = &target.call {
        let one = Try {
            target,
            call,
            request: &request,
            number: 1,
            most: attempts(),
            operation: "ReadResource",
        };
        sent(teller, &one);
        teller.later(took);
        answered(teller, &one, took);
    }
    served(teller, target, &request, "ReadResource", took + 4);
    core::planned(teller, target);
    core::visited(teller, target);
}

/// The calls of a planned change.
pub fn write(teller: &mut Teller, target: &Target, action: &str) {
    let request = teller.chance.uuid();
    received(teller, target, &request, "ApplyResourceChange");
    let took = 200 + teller.chance.below(400);
    if let Some(call) = target.call.as_ref().map(|call| call.changing(action)) {
        let one = Try {
            target,
            call: &call,
            request: &request,
            number: 1,
            most: attempts(),
            operation: "ApplyResourceChange",
        };
        sent(teller, &one);
        teller.later(took);
        answered(teller, &one, took);
    }
    served(teller, target, &request, "ApplyResourceChange", took + 9);
}

/// The provider's request arrives.
pub fn received(teller: &mut Teller, target: &Target, request: &str, operation: &str) {
    let line = about(
        Line::new(teller.clock, "TRACE", "Received request"),
        target,
        request,
        operation,
    )
    .with("@caller", PROTO)
    .with("@module", "sdk.proto");
    push(teller, line);
    teller.later(1);
}

/// The provider's request is answered.
pub fn served(teller: &mut Teller, target: &Target, request: &str, operation: &str, took: u64) {
    let line = Line::new(teller.clock, "TRACE", "Received downstream response");
    let line = about(line, target, request, operation)
        .with("@caller", PROTO)
        .with("@module", "sdk.proto")
        .with("diagnostic_error_count", "0")
        .with("diagnostic_warning_count", "0")
        .with("tf_req_duration_ms", took.to_string());
    push(teller, line);
    let line = about(
        Line::new(teller.clock, "TRACE", "Served request"),
        target,
        request,
        operation,
    );
    push(
        teller,
        line.with("@caller", PROTO).with("@module", "sdk.proto"),
    );
    teller.later(1);
}

/// A call leaves.
pub fn sent(teller: &mut Teller, one: &Try<'_>) {
    let Call { service, method } = one.call;
    let host = format!("{}.{}.amazonaws.com", service.host, teller.stage.region);
    let body = service.question(method, &one.target.id);
    let (region, now) = (teller.stage.region.clone(), teller.clock);
    let key = format!("ASIA************{}", teller.chance.secret(4).to_uppercase());
    let date = now.strftime("%Y%m%d");
    let mut line = call(teller, Line::new(now, "DEBUG", "HTTP Request Sent"), one)
        .with("http.method", service.method())
        .with("http.url", format!("https://{host}/"))
        .with("net.peer.name", host)
        .with("http.request_content_length", body.len().to_string())
        .with("http.request.header.content_type", service.content_type())
        .with("http.request.header.amz_sdk_request", format!("attempt={}; max={}", one.number, one.most))
        .with("http.request.header.x_amz_date", now.strftime("%Y%m%dT%H%M%SZ").to_string())
        .with("http.request.header.x_amz_security_token", "*****")
        .with("http.request.header.authorization", format!("AWS4-HMAC-SHA256 Credential={key}/{date}/{region}/{}/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;host;x-amz-date;x-amz-security-token, Signature=*****", service.host))
        .with("http.request.body", body);
    if one.number > 1 {
        line = line.with("http.resend_count", (one.number - 1).to_string());
    }
    push(teller, line);
}

/// A call is answered with what was asked.
pub fn answered(teller: &mut Teller, one: &Try<'_>, took: u64) {
    let id = teller.chance.uuid();
    let Call { service, method } = one.call;
    let body = service.answer(method, &one.target.id, &id);
    response(teller, one, took, ("200", body, id));
}

/// A call is refused because there were too many.
pub fn refused(teller: &mut Teller, one: &Try<'_>, took: u64) {
    let id = teller.chance.uuid();
    let body = one.call.service.refusal(&id);
    response(teller, one, took, ("503", body, id));
}

fn response(
    teller: &mut Teller,
    one: &Try<'_>,
    took: u64,
    (status, body, id): (&str, String, String),
) {
    let now = teller.clock;
    let line = call(
        teller,
        Line::new(now, "DEBUG", "HTTP Response Received"),
        one,
    )
    .with("http.duration", took.to_string())
    .with("http.status_code", status)
    .with("http.response.header.x_amzn_requestid", id)
    .with(
        "http.response.header.date",
        now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(),
    )
    .with("http.response.body", body);
    push(teller, line);
}

/// The SDK says that it will try again.
pub fn retrying(teller: &mut Teller, one: &Try<'_>) {
    let text = format!(
        "retrying request {}/{}, attempt {}",
        one.call.service.name, one.call.method, one.number
    );
    let line = call(teller, Line::new(teller.clock, "DEBUG", &text), one);
    push(teller, line);
}

/// The provider hands an error to Terraform.
pub fn diagnostic(teller: &mut Teller, target: &Target, summary: &str) {
    let request = teller.chance.uuid();
    let line = Line::new(teller.clock, "ERROR", "Response contains error diagnostic");
    let line = about(line, target, &request, "ReadResource")
        .with("@caller", "github.com/hashicorp/terraform-plugin-go@v0.25.0/tfprotov5/internal/diag/diagnostics.go:58")
        .with("@module", "sdk.proto")
        .with("diagnostic_severity", "ERROR")
        .with("diagnostic_summary", summary)
        .with("diagnostic_detail", "");
    push(teller, line);
}

fn about(line: Line, target: &Target, request: &str, operation: &str) -> Line {
    line.with("tf_req_id", request)
        .with("tf_rpc", operation)
        .with("tf_resource_type", target.kind.as_str())
        .with("tf_provider_addr", "registry.terraform.io/hashicorp/aws")
        .with("tf_proto_version", "5.7")
}

fn call(teller: &Teller, line: Line, one: &Try<'_>) -> Line {
    about(line, one.target, one.request, one.operation)
        .with("@caller", SDK)
        .with("@module", "aws")
        .with("rpc.system", "aws-api")
        .with("rpc.service", one.call.service.name)
        .with("rpc.method", one.call.method.as_str())
        .with("aws.region", teller.stage.region.as_str())
        .with("tf_aws.sdk", "aws-sdk-go-v2")
        .with("tf_mux_provider", "*schema.GRPCProviderServer")
}

fn push(teller: &mut Teller, line: Line) {
    let time = line.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let mut line = line.by(LOGGER).with("timestamp", time);
    teller.chance.shuffle(&mut line.fields);
    teller.lines.push(line);
}
