use super::*;
use crate::log::line::Kind;
use crate::log::opening::Opening;

/// The judgment of one record, at the level at which the grammar counts it.
fn judged(text: &str) -> Option<&'static str> {
    let first = text.lines().next().unwrap_or_default();
    let (_, level) = Opening::default()
        .judge(Kind::of(first.as_bytes()))
        .unwrap();
    judge(Raw::new(text.as_bytes(), level)).map(Category::word)
}

fn log(level: &str, rest: &str) -> String {
    format!("2026-11-22T11:52:08.653Z [{level}] {rest}")
}

fn answer(logger: &str, operation: &str, status: u16, code: &str) -> String {
    let rest = format!(
        "{logger}: HTTP Response Received: rpc.service=S3 rpc.method=GetX tf_backend.operation={operation} http.status_code={status}\n  http.response.body=\n  | <Error><Code>{code}</Code></Error>\n   http.duration=4"
    );
    log("DEBUG", &rest)
}

#[test]
fn the_names_are_those_of_the_contract() {
    let mut names = Category::ALL.map(Category::word);
    names.sort_unstable();
    let contract = "api_error auth backend cycle deprecation digest lock provider_crash quota \
                    resource_error state_corruption swallowed_digest_write throttling timeout";
    assert_eq!(names.join(" "), contract);
    assert!(Category::ALL.is_sorted());
    for category in Category::ALL {
        assert_eq!(Category::named(category.word()), Some(category));
    }
}

#[test]
fn the_stems_can_be_searched_by_the_packed_searcher() {
    assert!(STEMS.len() <= 32);
    for stem in STEMS {
        assert!(stem.len() >= 4, "{stem}");
        let others = STEMS.iter().filter(|other| **other != stem);
        assert!(others.clone().all(|other| !other.contains(stem)), "{stem}");
    }
}

#[test]
fn every_runbook_that_is_named_is_there() {
    let shelf = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/runbooks");
    for id in Category::ALL.into_iter().filter_map(Category::runbook) {
        assert!(shelf.join(format!("{id}.md")).is_file(), "{id}");
    }
}

#[test]
fn an_answer_is_of_the_category_of_its_code() {
    let provider = "provider.terraform-provider-aws_v5.50.0_x5";
    for (logger, operation, status, code, category) in [
        (provider, "x", 503, "SlowDown", Some("throttling")),
        (
            provider,
            "x",
            400,
            "RequestLimitExceeded",
            Some("throttling"),
        ),
        (provider, "x", 429, "Unknown", Some("throttling")),
        (provider, "x", 403, "AccessDenied", Some("auth")),
        (provider, "x", 403, "Unknown", Some("auth")),
        (provider, "x", 400, "ExpiredTokenException", Some("auth")),
        (provider, "x", 400, "VcpuLimitExceeded", Some("quota")),
        (provider, "x", 429, "LimitExceededException", Some("quota")),
        (provider, "x", 400, "RequestTimeout", Some("timeout")),
        (provider, "x", 504, "Unknown", Some("timeout")),
        (provider, "x", 500, "InternalFailure", Some("api_error")),
        (
            provider,
            "x",
            400,
            "InvalidParameterValue",
            Some("api_error"),
        ),
        (provider, "x", 409, "EntityAlreadyExists", Some("api_error")),
        (
            provider,
            "x",
            400,
            "ConditionalCheckFailedException",
            Some("api_error"),
        ),
        (provider, "x", 404, "NoSuchBucket", None),
        (provider, "x", 400, "InvalidVpcID.NotFound", None),
        (provider, "x", 200, "AccessDenied", None),
        (
            "backend-s3",
            "Lock",
            400,
            "ConditionalCheckFailedException",
            Some("lock"),
        ),
        (
            "backend-s3",
            "Lock",
            412,
            "PreconditionFailed",
            Some("lock"),
        ),
        ("backend-s3", "Unlock", 404, "NoSuchKey", None),
        ("backend-s3", "Get", 404, "NoSuchBucket", Some("backend")),
        ("backend-s3", "Lock", 403, "AccessDenied", Some("auth")),
    ] {
        let text = answer(logger, operation, status, code);
        assert_eq!(judged(&text), category, "{status} {code}");
    }
    let text = answer(provider, "x", 400, "ResourceNotFoundException").replace("GetX", "PutItem");
    assert_eq!(judged(&text), Some("api_error"), "a write must not miss");
}

#[test]
fn the_json_log_is_judged_as_the_text_log() {
    let line = r#"{"@level":"debug","@message":"HTTP Response Received","@module":"backend-s3","@timestamp":"2026-11-22T11:52:08.653000Z","http.duration":4,"http.response.body":"{\"__type\": \"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException\"}","http.status_code":400,"tf_backend.operation":"Lock"}"#;
    assert_eq!(judged(line), Some("lock"));
    assert_eq!(judged(&line.replace(":400", ":200")), None);
    let line = r#"{"@level":"warn","@message":"state MD5 mismatch","@module":"backend-s3","@timestamp":"2026-11-22T11:52:08.653000Z"}"#;
    assert_eq!(judged(line), Some("digest"));
    let line = r#"{"@level":"error","@message":"vertex \"a_b.c[\\\"x\\\"]\" error: creating it: api error Nope: no","@timestamp":"2026-11-22T11:52:08.653000Z"}"#;
    assert_eq!(judged(line), Some("api_error"));
    let line = line.replace(
        "creating it: api error Nope: no",
        "Resource precondition failed",
    );
    assert_eq!(judged(&line), Some("resource_error"));
}

#[test]
fn a_diagnostic_is_of_the_category_of_its_cause() {
    for (text, category) in [
        (
            "Error: Error acquiring the state lock\n\nError message: operation error DynamoDB: PutItem, https response error\nStatusCode: 400, RequestID: X,\nConditionalCheckFailedException: The conditional request failed\nLock Info:\n  ID: x",
            Some("lock"),
        ),
        (
            "Error: Error acquiring the state lock\n\nError message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: X, api error AccessDeniedException: User: arn:aws:iam::1:user/u is not\nauthorized to perform: dynamodb:PutItem",
            Some("auth"),
        ),
        (
            "Error: Error acquiring the state lock\n\nError message: 2 problems:\n\n- Unsupported state file format: The state file could not be parsed as JSON",
            Some("state_corruption"),
        ),
        (
            "│ Error: error loading state: state data in S3 does not have the expected\n│ content.\n│ \n│ The checksum calculated for the state",
            Some("digest"),
        ),
        (
            "Error: Cycle: terraform_data.b, terraform_data.a",
            Some("cycle"),
        ),
        (
            "Error: Backend initialization required, please run \"terraform init\"\n\nReason: x",
            Some("backend"),
        ),
        (
            "Error: No valid credential sources found\n\nPlease see",
            Some("auth"),
        ),
        (
            "Error: Plugin did not respond\n\nThe plugin encountered an error",
            Some("provider_crash"),
        ),
        (
            "panic: runtime error: invalid memory address or nil pointer dereference",
            Some("provider_crash"),
        ),
        (
            "!!!!!!!!!!!!!!!!!!!!!!!!!!! TERRAFORM CRASH !!!!!!!!!!!!!!!!!!!!!!!!!!!!",
            Some("provider_crash"),
        ),
        (
            "Error: waiting for EC2 Instance create: timeout while waiting for state to become 'running' (last state: 'pending', timeout: 20m0s)\n\n  with aws_instance.web,",
            Some("timeout"),
        ),
        (
            "Error: creating S3 Bucket: operation error S3: CreateBucket, https response error StatusCode: 409, RequestID: X, BucketAlreadyExists:\n\n  with aws_s3_bucket.b,",
            Some("api_error"),
        ),
        (
            "Error: creating EC2 VPC: VpcLimitExceeded: The maximum number of VPCs has been reached.",
            Some("quota"),
        ),
        (
            "Error: operation error S3: ListObjectsV2, exceeded maximum number of attempts, 5, https response error StatusCode: 503, RequestID: X, api error SlowDown: Please reduce your request rate.",
            Some("throttling"),
        ),
        (
            "Error: Resource precondition failed\n\n  on main.tf line 9, in resource \"terraform_data\" \"bad\":\n   9:       condition = x\n\nAccessDenied, said the user",
            Some("resource_error"),
        ),
        (
            "Error: local-exec provisioner error\n\n  with terraform_data.a,\n  on main.tf line 3, in resource \"terraform_data\" \"a\":\n   3:   provisioner \"local-exec\" {\n\nError running command 'aws s3 ls': exit status 255. Output: An error occurred (AccessDenied)",
            Some("resource_error"),
        ),
        (
            "Error: Failed to save state\n\nError saving state: failed to upload state: operation error S3: PutObject, api error ExpiredToken: x",
            Some("state_corruption"),
        ),
        (
            "Warning: Deprecated Parameter\n\n  on main.tf line 3, in terraform:\n\nThe parameter \"dynamodb_table\" is deprecated.",
            Some("deprecation"),
        ),
        (
            "Warning: Applied changes may be incomplete\n\nThe plan was created with -target",
            None,
        ),
        (
            "Error: Unsupported argument\n\n  on main.tf line 3, in variable \"AccessDenied\":\n   3:   timeout = \"i/o timeout\"\n\nAn argument named \"x\" is not expected here.",
            None,
        ),
    ] {
        assert_eq!(judged(text), category, "{text}");
    }
}

#[test]
fn an_event_is_judged_as_its_diagnostic() {
    let event = |severity: &str, summary: &str, detail: &str, address: &str| {
        let level = if severity == "error" { "error" } else { "warn" };
        format!(
            r#"{{"@level":"{level}","@message":"x: {summary}","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","diagnostic":{{"severity":"{severity}","summary":"{summary}","detail":"{detail}","address":"{address}"}},"type":"diagnostic"}}"#
        )
    };
    assert_eq!(
        judged(&event("error", "Cycle: a, b", "", "")),
        Some("cycle")
    );
    assert_eq!(
        judged(&event("error", "Invalid value", "no", "a_b.c")),
        Some("resource_error")
    );
    assert_eq!(judged(&event("error", "Invalid value", "no", "")), None);
    assert_eq!(
        judged(&event("error", "x", "api error SlowDown: x", "")),
        Some("throttling")
    );
    assert_eq!(
        judged(&event("warning", "Argument is deprecated", "", "")),
        Some("deprecation")
    );
    assert_eq!(judged(&event("warning", "x", "SlowDown", "")), None);
}

#[test]
fn loud_records_are_judged_by_what_they_report() {
    for (level, rest, category) in [
        (
            "WARN",
            " failed to record state serial in dynamodb: ResourceNotFoundException",
            Some("swallowed_digest_write"),
        ),
        (
            "WARN",
            " backend-s3: state MD5 mismatch: calculated=a stored=b",
            Some("digest"),
        ),
        (
            "WARN",
            " Provider \"x\" produced an unexpected new value, but we are tolerating it",
            None,
        ),
        (
            "WARN",
            " provider.terraform-provider-aws_v5: Argument is deprecated: x=1",
            Some("deprecation"),
        ),
        (
            "ERROR",
            "vertex \"aws_s3_bucket.b\" error: creating S3 Bucket: api error AccessDenied: x",
            Some("auth"),
        ),
        (
            "ERROR",
            "vertex \"terraform_data.bad\" error: Resource precondition failed",
            Some("resource_error"),
        ),
        (
            "ERROR",
            "vertex \"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\" error: No valid credential sources found",
            Some("auth"),
        ),
        (
            "ERROR",
            "provider.terraform-provider-aws_v5: Response contains error diagnostic: diagnostic_summary=\"creating X\" diagnostic_detail=\"api error Nope: no\" tf_resource_type=aws_x",
            Some("api_error"),
        ),
        (
            "ERROR",
            "provider.terraform-provider-aws_v5: Response contains error diagnostic: diagnostic_summary=\"bad value\" tf_resource_type=aws_x",
            Some("resource_error"),
        ),
        (
            "DEBUG",
            "provider.terraform-provider-aws_v5: panic: runtime error: index out of range",
            Some("provider_crash"),
        ),
        (
            "DEBUG",
            "provider.terraform-provider-x: 2026/11/22 11:52:08 [WARN] Rate limit exceeded, waiting",
            Some("throttling"),
        ),
        (
            "DEBUG",
            "provider.terraform-provider-x: 2026/11/22 11:52:08 [DEBUG] Rate limit exceeded, waiting",
            None,
        ),
        (
            "DEBUG",
            "backend-s3: request failed with unretryable error https response error StatusCode: 412, RequestID: x, api error PreconditionFailed: x: tf_backend.operation=Lock",
            Some("lock"),
        ),
        (
            "DEBUG",
            "backend-s3: request failed with unretryable error https response error StatusCode: 404, RequestID: x, NotFound: : tf_backend.operation=Get",
            None,
        ),
        (
            "DEBUG",
            "backend-s3: request failed with unretryable error https response error StatusCode: 403, RequestID: x, api error Forbidden: : tf_backend.operation=Get",
            Some("auth"),
        ),
        (
            "DEBUG",
            "backend-s3: max retry attempts exhausted, max 5: tf_backend.operation=Get",
            Some("api_error"),
        ),
        (
            "DEBUG",
            "backend-s3: retrying request S3/ListObjectsV2, attempt 2: tf_backend.operation=Get",
            None,
        ),
    ] {
        assert_eq!(judged(&log(level, rest)), category, "{rest}");
    }
}

#[test]
fn a_digest_that_was_not_fetched_is_trouble_unless_there_is_none() {
    for (error, category) in [
        ("invalid md5", None),
        (
            "operation error DynamoDB: GetItem, api error AccessDeniedException: x",
            Some("auth"),
        ),
        (
            "ResourceNotFoundException: Requested resource not found",
            Some("digest"),
        ),
    ] {
        let rest = format!(" backend-s3: failed to fetch state MD5: error=\"{error}\"");
        assert_eq!(judged(&log("WARN", &rest)), category, "{error}");
    }
}

#[test]
fn what_is_only_quoted_is_no_report() {
    let texts = [
        log("DEBUG", "provider.terraform-provider-aws_v5: HTTP Request Sent: http.url=https://x/?q=AccessDenied http.request.body=\"Error: ThrottlingException http.status_code=503 panic: x\""),
        log("DEBUG", "provider.terraform-provider-aws_v5: HTTP Response Received: http.status_code=200\n  http.response.body=\n  | panic: x http.status_code=503\n  | <Code>AccessDenied</Code>\n   x=\"http.status_code=500\""),
        log("TRACE", "vertex \"a_b.c\": Error: [ERROR] AccessDenied"),
        log("TRACE", "Completed graph transform:\n  Error: x - *node\n  [WARN] state MD5 mismatch"),
        log("INFO", " backend/local: Error: AccessDenied"),
        log("INFO", " provider: plugin said: text=\"[ERROR] panic: x\""),
        "  + description = \"Error: AccessDenied\"".to_owned(),
        "Terraform will perform the following actions:\n  + x = \"Error: panic: \"".to_owned(),
        "aws_x.y: Creation complete after 1s [id=Error: AccessDenied]".to_owned(),
        r#"{"@level":"info","@message":"a_b.c: Creating... Error: AccessDenied","@module":"terraform.ui","@timestamp":"2026-11-22T11:52:08.653123Z","type":"apply_start"}"#.to_owned(),
    ];
    for text in &texts {
        assert_eq!(judged(text), None, "{text}");
    }
}

#[test]
fn the_noise_of_a_healthy_run_is_harmless_and_no_category() {
    for rest in [
        "AttachSchemaTransformer: No provider config schema available for provider[\"terraform.io/builtin/terraform\"]",
        "NodeAbstractResourceInstance.readResourceInstanceState: Resource state not found for node \"x\"",
        "Checkpoint error: Get \"https://checkpoint-api.hashicorp.com\": dial tcp: i/o timeout",
    ] {
        let text = log("ERROR", rest);
        assert!(
            is_harmless(Raw::new(text.as_bytes(), Level::Error)),
            "{rest}"
        );
        assert_eq!(judged(&text), None, "{rest}");
    }
    let text = log("ERROR", "vertex \"a_b.c\" error: Resource state not found");
    assert!(!is_harmless(Raw::new(text.as_bytes(), Level::Error)));
    let text = log("INFO", " Checkpoint error: x");
    assert!(!is_harmless(Raw::new(text.as_bytes(), Level::Info)));
}

#[test]
fn every_cut_and_corrupted_record_is_judged_without_harm_and_only_with_a_stem() {
    let own = [
        answer("backend-s3", "Lock", 412, "PreconditionFailed"),
        log(
            "ERROR",
            "vertex \"a_b.c[\\\"x\\\"]\" error: api error AccessDenied: x",
        ),
        "│ Error: x\n│ \n│   with a_b.c,\n│ \n│ api error SlowDown".to_owned(),
    ];
    let samples = crate::log::format::samples().map(str::to_owned).chain(own);
    for sample in samples {
        for at in 0..sample.len() {
            for wrong in [0u8, b'"', b'=', b'{', b'\\', b'\n', b':', b' ', 0xff] {
                let mut bytes = sample.as_bytes().to_vec();
                bytes[at] = wrong;
                for level in [Level::Debug, Level::Warn, Level::Error] {
                    let judged = judge(Raw::new(&bytes, level));
                    assert!(judged.is_none() || stems::find(&bytes, 0).is_some());
                }
            }
            let _ = judge(Raw::new(&sample.as_bytes()[..at], Level::Error));
        }
    }
}
