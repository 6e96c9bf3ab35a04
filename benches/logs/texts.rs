//! What Terraform, the AWS provider and the AWS SDK write at TRACE, and what
//! looks like trouble among it: real incidents, each with its category, and
//! decoys, which have none.

use std::fmt::Write as _;
use std::io::Write;

use super::generate::{Author, Dice, Loud, Said, Walk};

const PROVIDER: &str = "provider.terraform-provider-aws_v5.50.0_x5";

/// Resource types with the service and the operations that read and write them.
const TYPES: [(&str, &str, &str, &str); 8] = [
    ("aws_instance", "EC2", "DescribeInstances", "RunInstances"),
    (
        "aws_security_group_rule",
        "EC2",
        "DescribeSecurityGroups",
        "AuthorizeSecurityGroupIngress",
    ),
    ("aws_iam_role", "IAM", "GetRole", "CreateRole"),
    (
        "aws_iam_role_policy",
        "IAM",
        "GetRolePolicy",
        "PutRolePolicy",
    ),
    ("aws_s3_bucket", "S3", "GetBucketPolicy", "CreateBucket"),
    (
        "aws_dynamodb_table",
        "DynamoDB",
        "DescribeTable",
        "CreateTable",
    ),
    (
        "aws_cloudwatch_metric_alarm",
        "CloudWatch",
        "DescribeAlarms",
        "PutMetricAlarm",
    ),
    (
        "aws_lambda_function",
        "Lambda",
        "GetFunction",
        "CreateFunction20150331",
    ),
];

fn said(after: u64, loud: Loud, text: impl Into<String>) -> Said {
    Said {
        after,
        loud,
        text: text.into(),
        category: None,
    }
}

fn trace(after: u64, text: impl Into<String>) -> Said {
    said(after, Loud::Trace, text)
}

fn debug(after: u64, text: impl Into<String>) -> Said {
    said(after, Loud::Debug, text)
}

fn incident(loud: Loud, category: &'static str, text: impl Into<String>) -> Said {
    Said {
        category: Some(category),
        ..said(1, loud, text)
    }
}

/// How a run begins.
pub fn opening(dice: &mut Dice) -> Vec<Said> {
    let arguments = dice.of(&[
        r#"[]string{"terraform", "apply", "-auto-approve"}"#,
        r#"[]string{"terraform", "apply", "-target=module.network", "-parallelism=20"}"#,
        r#"[]string{"terraform", "plan", "-lock=false", "-out=tfplan"}"#,
        r#"[]string{"terraform", "apply", "tfplan"}"#,
    ]);
    vec![
        said(60_000, Loud::Info, "Terraform version: 1.11.4"),
        debug(0, "using github.com/hashicorp/go-tfe v1.70.0"),
        debug(0, "using github.com/hashicorp/hcl/v2 v2.23.0"),
        said(0, Loud::Info, "Go runtime version: go1.23.3"),
        said(0, Loud::Info, format!("CLI args: {arguments}")),
        trace(0, "Stdout is not a terminal"),
        debug(
            1,
            "Attempting to open CLI config file: /home/ci/.terraformrc",
        ),
        trace(
            1,
            r#"Meta.Backend: using already-initialized, unchanged "s3" backend configuration"#,
        ),
        said(2, Loud::Info, "backend/local: starting Apply operation"),
        said(
            9,
            Loud::Info,
            format!(
                "backend-s3: Attempting to lock remote state (S3 Native and DynamoDB)...: tf_backend.lock.id={} tf_backend.lock.operation=OperationTypeApply tf_backend.lock.who=ci@runner-12 tf_backend.operation=Lock",
                id(dice)
            ),
        ),
    ]
}

/// How a run ends; one in three leaves an incident of its backend.
pub fn ending(dice: &mut Dice) -> Vec<Said> {
    let mut all = vec![
        trace(4, "backend/local: writing apply's state snapshot"),
        debug(
            1,
            "states/remote: state read serial is: 1204; serial is: 1204",
        ),
    ];
    if dice.one_in(3) {
        all.push(of_the_backend(dice));
    }
    all.push(said(
        3,
        Loud::Info,
        "backend-s3: Unlocked remote state (S3 Native and DynamoDB): tf_backend.operation=Unlock",
    ));
    all
}

fn of_the_backend(dice: &mut Dice) -> Said {
    let request = id(dice);
    match dice.below(5) {
        0 => incident(
            Loud::Error,
            "lock",
            format!(
                "backend-s3: Error acquiring the state lock: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {request}, ConditionalCheckFailedException: The conditional request failed"
            ),
        ),
        1 => incident(
            Loud::Error,
            "digest",
            "backend-s3: state data in S3 does not have the expected content. The checksum calculated for the state stored in S3 does not match the checksum stored in DynamoDB.",
        ),
        2 => incident(
            Loud::Error,
            "swallowed_digest_write",
            "backend-s3: failed to record state serial in dynamodb: operation error DynamoDB: PutItem, failed to get rate limit token",
        ),
        3 => incident(
            Loud::Error,
            "state_corruption",
            "states/remote: Unsupported state file format: The state file could not be parsed as JSON: syntax error at byte offset 524288.",
        ),
        _ => incident(
            Loud::Error,
            "backend",
            "Backend initialization required, please run \"terraform init\"",
        ),
    }
}

/// The transforms of the graph, each with the whole of it.
pub fn graph(dice: &mut Dice, resources: u64) -> Vec<Said> {
    let mut all = Vec::new();
    for transform in [
        "ConfigTransformer",
        "AttachStateTransformer",
        "ReferenceTransformer",
        "TransitiveReductionTransformer",
    ] {
        all.push(trace(
            1,
            format!("Executing graph transform *terraform.{transform}"),
        ));
        let mut text = format!("Completed graph transform *terraform.{transform} with new graph:");
        for number in 0..resources.min(400) {
            let address = address(number);
            let _ = write!(
                text,
                "\n  {address} (expand) - *terraform.nodeExpandPlannableResource"
            );
            if dice.one_in(3) {
                text.push_str("\n    provider[\"registry.terraform.io/hashicorp/aws\"] - *terraform.NodeApplyableProvider");
            }
        }
        text.push_str("\n  ------");
        all.push(trace(1, text));
    }
    all.push(debug(1, "Starting graph walk: walkPlan"));
    all
}

/// The address of the resource with this number.
fn address(number: u64) -> String {
    let (kind, ..) = kind(number);
    let module = number / 64;
    match number % 5 {
        0 => format!("{kind}.r{number}"),
        1 => format!("module.m{module}.{kind}.r[\"eu/{number}\"]"),
        _ => format!("module.m{module}.{kind}.r[{number}]"),
    }
}

fn kind(number: u64) -> (&'static str, &'static str, &'static str, &'static str) {
    TYPES[(number % TYPES.len() as u64) as usize]
}

/// As Go quotes a string in a log.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

fn id(dice: &mut Dice) -> String {
    let (high, low) = (dice.roll(), dice.roll());
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// What one resource writes in a walk.
pub fn resource<W: Write>(author: &mut Author<W>, walk: Walk, number: u64) -> Vec<Said> {
    let mut all = Vec::new();
    match walk {
        Walk::Validate => validate(&mut author.dice, number, &mut all),
        Walk::Plan => plan(author, number, &mut all),
        // What is planned to stay as it is has no part in the apply.
        Walk::Apply if author.dice.one_in(8) => apply(author, number, &mut all),
        Walk::Apply => {}
    }
    all
}

fn visit(number: u64, node: &str) -> Said {
    let name = quoted(&address(number));
    trace(
        1,
        format!("vertex {name}: starting visit (*terraform.{node})"),
    )
}

fn visited(number: u64) -> Said {
    let name = quoted(&address(number));
    trace(1, format!("vertex {name}: visit complete"))
}

fn validate(dice: &mut Dice, number: u64, all: &mut Vec<Said>) {
    all.push(visit(number, "NodeValidatableResource"));
    all.push(trace(0, "terraform.contextPlugins: Schema for provider \"registry.terraform.io/hashicorp/aws\" is in the global cache"));
    if dice.one_in(40) {
        // Harmless: Terraform writes it at ERROR wherever a schema is looked for too early.
        all.push(said(0, Loud::Error, "AttachSchemaTransformer: No provider config schema available for provider[\"registry.terraform.io/hashicorp/aws\"]"));
    }
    all.push(visited(number));
}

fn plan<W: Write>(author: &mut Author<W>, number: u64, all: &mut Vec<Said>) {
    let address = address(number);
    let (kind, service, read, _) = kind(number);
    *author
        .truth
        .operations
        .entry("refresh".to_owned())
        .or_default() += 1;
    *author
        .truth
        .operations
        .entry("plan".to_owned())
        .or_default() += 1;
    all.push(visit(number, "NodePlannableResourceInstance"));
    all.push(trace(
        0,
        format!("readResourceInstanceState: reading state for {address}"),
    ));
    all.push(trace(0, "terraform.contextPlugins: Schema for provider \"registry.terraform.io/hashicorp/aws\" is in the global cache"));
    all.push(trace(
        0,
        format!("NodeAbstractResourceInstance.refresh for {address}"),
    ));
    all.push(trace(0, "GRPCProvider: ReadResource"));
    provider_call(author, kind, "ReadResource", service, read, all);
    all.push(trace(
        0,
        format!(
            "NodeAbstractResouceInstance.writeResourceInstanceState to refreshState for {address}"
        ),
    ));
    all.push(trace(0, format!("NodeAbstractResouceInstance.writeResourceInstanceState: writing state object for {address}")));
    all.push(trace(
        0,
        format!("Re-validating config for {}", quoted(&address)),
    ));
    all.push(trace(0, "GRPCProvider: PlanResourceChange"));
    for _ in 0..author.dice.below(10) {
        all.push(waiting(&mut author.dice));
    }
    decoy(&mut author.dice, &address, all);
    all.push(trace(
        1,
        format!("writeChange: recorded NoOp change for {address}"),
    ));
    all.push(visited(number));
}

fn apply<W: Write>(author: &mut Author<W>, number: u64, all: &mut Vec<Said>) {
    let address = address(number);
    let (kind, service, read, write) = kind(number);
    *author
        .truth
        .operations
        .entry("apply".to_owned())
        .or_default() += 1;
    all.push(visit(number, "NodeApplyableResourceInstance"));
    all.push(trace(
        0,
        format!("readDiff: Read Create change from plan for {address}"),
    ));
    all.push(said(0, Loud::Info, format!("Starting apply for {address}")));
    all.push(debug(
        0,
        format!("{address}: applying the planned Create change"),
    ));
    all.push(trace(0, "GRPCProvider: ApplyResourceChange"));
    provider_call(author, kind, "ApplyResourceChange", service, write, all);
    provider_call(author, kind, "ApplyResourceChange", service, read, all);
    if author.dice.one_in(60) {
        all.push(failure(&mut author.dice, number, service, write));
    }
    all.push(trace(
        0,
        format!(
            "NodeAbstractResouceInstance.writeResourceInstanceState to workingState for {address}"
        ),
    ));
    all.push(visited(number));
}

/// The error with which an apply failed.
fn failure(dice: &mut Dice, number: u64, service: &str, method: &str) -> Said {
    let name = quoted(&address(number));
    let request = id(dice);
    let answer = |status: u16, error: &str| {
        format!(
            "vertex {name} error: operation error {service}: {method}, https response error StatusCode: {status}, RequestID: {request}, {error}"
        )
    };
    match dice.below(8) {
        0 => incident(
            Loud::Error,
            "auth",
            answer(
                403,
                "api error AccessDenied: User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform this operation",
            ),
        ),
        1 => incident(
            Loud::Error,
            "throttling",
            answer(
                503,
                "api error RequestLimitExceeded: Request limit exceeded.",
            ),
        ),
        2 => incident(
            Loud::Error,
            "quota",
            answer(
                400,
                "api error VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows.",
            ),
        ),
        3 => incident(
            Loud::Error,
            "api_error",
            answer(
                400,
                "api error ValidationError: The value at 'name' failed to satisfy a constraint",
            ),
        ),
        4 => incident(
            Loud::Error,
            "timeout",
            format!(
                "vertex {name} error: waiting for creation: timeout while waiting for state to become 'available' (last state: 'creating', timeout: 20m0s)"
            ),
        ),
        5 => incident(
            Loud::Error,
            "resource_error",
            format!("vertex {name} error: Provider produced inconsistent result after apply"),
        ),
        6 => incident(
            Loud::Warn,
            "deprecation",
            format!("ValidateProviderConfig from \"provider\" for {name}: Argument is deprecated"),
        ),
        _ => incident(
            Loud::Error,
            "provider_crash",
            format!(
                "vertex {name} error: Plugin did not respond: The plugin encountered an error, and failed to respond to the plugin.(*GRPCProvider).ApplyResourceChange call."
            ),
        ),
    }
}

fn waiting(dice: &mut Dice) -> Said {
    let (one, other) = (address(dice.below(2_000)), address(dice.below(2_000)));
    trace(
        3,
        format!(
            "dag/walk: vertex {} is waiting for {}",
            quoted(&format!("{one} (expand)")),
            quoted(&other)
        ),
    )
}

/// What looks like an incident and is none.
fn decoy(dice: &mut Dice, address: &str, all: &mut Vec<Said>) {
    if dice.one_in(30) {
        all.push(trace(0, format!(
            "vertex {}: evaluating tag Runbook = \"Error acquiring the state lock: see wiki/AccessDenied\"",
            quoted(address)
        )));
    }
    if dice.one_in(50) {
        all.push(debug(0, format!(
            "{PROVIDER}: Value switched to prior value due to semantic equality logic: tf_attribute_path=alarm_description description=\"ThrottlingException or RequestLimitExceeded for 5 minutes\" tf_req_id={}",
            id(dice)
        )));
    }
}

/// A request of Terraform's to the provider, with the calls that it makes.
fn provider_call<W: Write>(
    author: &mut Author<W>,
    kind: &str,
    rpc: &str,
    service: &str,
    method: &str,
    all: &mut Vec<Said>,
) {
    let request = id(&mut author.dice);
    let about = format!(
        "tf_proto_version=5.6 tf_provider_addr=registry.terraform.io/hashicorp/aws tf_req_id={request} tf_resource_type={kind} tf_rpc={rpc}"
    );
    all.push(trace(1, format!("{PROVIDER}: Received request: @caller=github.com/hashicorp/terraform-plugin-go@v0.23.0/tfprotov5/tf5server/server.go:790 @module=sdk.proto {about} timestamp=\"2026-11-22T01:16:02.114Z\"")));
    all.push(trace(
        0,
        format!("{PROVIDER}: Sending request downstream: @module=sdk.proto {about}"),
    ));
    for _ in 0..2 {
        all.push(trace(0, format!("{PROVIDER}: Calling downstream: @caller=github.com/hashicorp/terraform-plugin-sdk/v2@v2.34.0/helper/schema/resource.go:915 @module=sdk.helper_schema {about}")));
    }
    for _ in 0..=author.dice.below(2) {
        aws_call(author, kind, rpc, &request, service, method, all);
    }
    let took = author.dice.below(900);
    all.push(trace(1, format!("{PROVIDER}: Received downstream response: @module=sdk.proto diagnostic_error_count=0 diagnostic_warning_count=0 tf_req_duration_ms={took} {about}")));
    all.push(trace(
        0,
        format!("{PROVIDER}: Served request: @module=sdk.proto {about}"),
    ));
}

/// One call with its retries, over the wire.
fn aws_call<W: Write>(
    author: &mut Author<W>,
    kind: &str,
    rpc: &str,
    request: &str,
    service: &str,
    method: &str,
    all: &mut Vec<Said>,
) {
    let dice = &mut author.dice;
    let throttled = if dice.one_in(200) {
        1 + dice.below(3)
    } else {
        0
    };
    let refused = dice.one_in(300);
    let common = format!(
        "@module=aws aws.region=eu-west-1 rpc.method={method} rpc.service={service} rpc.system=aws-api tf_aws.sdk=aws-sdk-go-v2 tf_aws.signing_region=\"\" tf_mux_provider=\"*schema.GRPCProviderServer\" tf_provider_addr=registry.terraform.io/hashicorp/aws tf_req_id={request} tf_resource_type={kind} tf_rpc={rpc}"
    );
    let invocation = id(dice);
    for attempt in 1..=throttled + 1 {
        if attempt > 1 {
            all.push(debug(200, format!("{PROVIDER}: retrying request {service}/{method}, attempt {attempt}: @module=aws {common}")));
        }
        let resent = if attempt > 1 {
            format!(" http.resend_count={}", attempt - 1)
        } else {
            String::new()
        };
        all.push(debug(2, format!(
            "{PROVIDER}: HTTP Request Sent: {common} http.method=POST http.request.body=\"Action={method}&Version=2016-11-15\" http.request.header.amz_sdk_invocation_id={invocation} http.request.header.amz_sdk_request=\"attempt={attempt}; max=25\" http.request.header.authorization=\"AWS4-HMAC-SHA256 Credential=ASIA************WXYZ/20261122/eu-west-1/aws4_request, SignedHeaders=amz-sdk-invocation-id;amz-sdk-request;content-length;host;x-amz-date;x-amz-security-token, Signature=*****\" http.request.header.x_amz_date=20261122T011602Z http.request.header.x_amz_security_token=***** http.request_content_length=312{resent} http.url=https://example.eu-west-1.amazonaws.test/ http.user_agent=\"APN/1.0 HashiCorp/1.0 Terraform/1.11.4 (+https://www.terraform.io) aws-sdk-go-v2/1.30.3\" net.peer.name=example.eu-west-1.amazonaws.test timestamp=\"2026-11-22T01:16:02.114Z\""
        )));
        let last = attempt == throttled + 1;
        let (status, failed, slowed) = match (last, refused) {
            (false, _) => (503, 1, 1),
            (true, true) => (404, 1, 0),
            (true, false) => (200, 0, 0),
        };
        let body = match status {
            503 => vec![
                "<Response><Errors><Error>".to_owned(),
                "<Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message>"
                    .to_owned(),
                "</Error></Errors></Response>".to_owned(),
            ],
            404 => vec![
                "<ErrorResponse><Error><Type>Sender</Type>".to_owned(),
                "<Code>NoSuchEntity</Code><Message>It cannot be found.</Message>".to_owned(),
                "</Error></ErrorResponse>".to_owned(),
            ],
            _ => body(dice, service),
        };
        let took = 5 + dice.below(150);
        let mut text = format!(
            "{PROVIDER}: HTTP Response Received: {common} http.duration={took} http.response.header.content_type=\"text/xml;charset=UTF-8\" http.response.header.date=\"Sun, 22 Nov 2026 01:16:02 GMT\" http.response.header.x_amzn_requestid={} http.response_content_length=-1 http.status_code={status}",
            id(dice)
        );
        if body.len() == 1 {
            let _ = write!(text, " http.response.body={}", quoted(&body[0]));
        } else {
            text.push_str("\n  http.response.body=");
            for line in &body {
                let _ = write!(text, "\n  | {line}");
            }
            text.push_str("\n   timestamp=\"2026-11-22T01:16:02.160Z\"");
        }
        let answered = debug(took, text);
        all.push(Said {
            // An answer that slows the client down is trouble; that a thing is
            // not there is none to who reads it.
            category: match status {
                503 => Some("throttling"),
                404 if !method.starts_with("Describe") && !method.starts_with("Get") => {
                    Some("api_error")
                }
                _ => None,
            },
            ..answered
        });
        let calls = author
            .truth
            .calls
            .entry(format!("{service}.{method}"))
            .or_default();
        calls.requests += 1;
        calls.errors += failed;
        calls.throttles += slowed;
        calls.retries += u64::from(attempt > 1);
    }
}

/// Words that would be an incident outside of a body.
const IN_BODIES: [&str; 8] = [
    "AccessDenied alarms of the account",
    "Error acquiring the state lock is answered in chapter 4",
    "ThrottlingException: rate exceeded",
    "panic: runtime error: invalid memory address",
    "timeout while waiting for state to become ready",
    "ConditionalCheckFailedException",
    "ExpiredToken handling",
    "UnauthorizedOperation",
];

/// The body of a response: lines of XML or JSON, or one very long line.
fn body(dice: &mut Dice, service: &str) -> Vec<String> {
    if dice.one_in(3_000) {
        return vec![long_line(dice)];
    }
    let items = 6 + dice.below(40);
    let json = matches!(service, "DynamoDB" | "Lambda");
    let mut lines = vec![if json {
        "{ \"Items\": [".to_owned()
    } else {
        format!("<{service}Response xmlns=\"http://aws.test/doc/2016-11-15/\">")
    }];
    for _ in 0..items {
        let number = dice.roll();
        let words = if dice.one_in(40) {
            dice.of(&IN_BODIES)
        } else {
            "managed by terraform"
        };
        if json {
            lines.push(format!("    {{ \"Name\": \"item-{number:016x}\", \"Description\": \"{words}\", \"Arn\": \"arn:aws:lambda:eu-west-1:123456789012:function:{:x}\" }},", number >> 20));
        } else {
            lines.push(format!("    <item><id>i-{number:017x}</id><state><code>16</code><name>running</name></state>"));
            lines.push(format!(
                "      <tag><key>Description</key><value>{words}</value></tag>"
            ));
            lines.push("    </item>".to_owned());
        }
    }
    lines.push(if json {
        "] }".to_owned()
    } else {
        format!("</{service}Response>")
    });
    lines
}

/// A policy or a template in one line, up to about 1.9 MB.
fn long_line(dice: &mut Dice) -> String {
    let statements = if dice.one_in(8) {
        12_000
    } else {
        200 + dice.below(4_000)
    };
    let mut line = String::from("{\"Version\":\"2012-10-17\",\"Statement\":[");
    for number in 0..statements {
        let _ = write!(
            line,
            "{{\"Sid\":\"AccessDenied{number}\",\"Effect\":\"Deny\",\"Action\":\"s3:PutObject\",\"Resource\":\"arn:aws:s3:::bucket-{:016x}/*\",\"Note\":\"RequestLimitExceeded\"}},",
            dice.roll()
        );
    }
    line.truncate(1_900_000);
    line.push_str("]}");
    line
}
