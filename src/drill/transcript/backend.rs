//! What the S3 backend writes: taking the lock, reading the state, giving the
//! lock back.

use super::line::Line;
use super::step::Locking;
use super::teller::{Played, Teller};
use crate::drill::hold;
use crate::drill::scenario::Store;
use crate::lock::Holder;

const LOGGER: &str = "backend-s3";

/// One answered call of the backend.
struct Call<'a> {
    service: &'a str,
    method: &'a str,
    operation: &'a str,
    status: &'a str,
    /// Of the request and of the answer; empty where the SDK shows none.
    bodies: (String, String),
}

/// The question for the lock and its answer.
pub fn lock(teller: &mut Teller, run: &Played, outcome: Locking) {
    teller.say(
        "TRACE",
        "backend/local: requesting state lock for workspace \"default\"",
    );
    let own = match (outcome, &run.lock) {
        (Locking::Taken, Some(lock)) => lock.clone(),
        _ => waiting(teller, run),
    };
    let kinds = kinds(teller);
    let text = format!("Attempting to lock remote state ({kinds})...");
    push(teller, "INFO", &text, "Lock", Some(&own));
    teller.later(1);
    let stores = stores(teller);
    if let (Locking::Held, Some(held), Some(&first)) = (outcome, &run.lock, stores.first()) {
        meet(teller, &own, held, first);
    } else {
        for store in stores {
            put(teller, &own, store, "200");
        }
        let text = format!("Locked remote state ({kinds})");
        push(teller, "INFO", &text, "Lock", Some(&own));
    }
    teller.later(5);
}

/// HEAD and GET of the object, and the digest item.
pub fn read(teller: &mut Teller) {
    teller.say(
        "TRACE",
        "backend/local: reading remote state for workspace \"default\"",
    );
    push(teller, "INFO", "Downloading remote state", "Get", None);
    for method in ["HeadObject", "GetObject"] {
        let redacted = match method {
            "GetObject" => "[Redacted: Type: application/json]",
            _ => "",
        };
        let call = Call {
            service: "S3",
            method,
            operation: "Get",
            status: "200",
            bodies: (String::new(), redacted.to_owned()),
        };
        made(teller, &call, None);
    }
    if teller.stage.table.is_some() {
        let body = format!(
            "{{\"ConsistentRead\":true,\"Key\":{{\"LockID\":{{\"S\":\"{}-md5\"}}}},\"ProjectionExpression\":\"LockID, Digest\"}}",
            path(teller)
        );
        let call = Call {
            service: "DynamoDB",
            method: "GetItem",
            operation: "Get",
            status: "200",
            bodies: (body, String::new()),
        };
        made(teller, &call, None);
    }
    teller.say(
        "TRACE",
        "backend/local: retrieving local state snapshot for workspace \"default\"",
    );
    teller.say(
        "TRACE",
        "backend/local: building context for current working directory",
    );
    teller.later(300);
    teller.say("DEBUG", "created provider logger: level=trace");
    teller.say("INFO", "provider: configuring client automatic mTLS");
    teller.say("DEBUG", "provider: starting plugin: path=.terraform/providers/registry.terraform.io/hashicorp/aws/5.82.2/linux_amd64/terraform-provider-aws_v5.82.2_x5 args=[\".terraform/providers/registry.terraform.io/hashicorp/aws/5.82.2/linux_amd64/terraform-provider-aws_v5.82.2_x5\"]");
    teller.later(400);
    teller.say("DEBUG", "provider: using plugin: version=5");
    teller.later(700);
}

/// Gives the lock back and stops the provider.
pub fn end(teller: &mut Teller, run: &Played) {
    teller.say("DEBUG", "provider.stdio: received EOF, stopping recv loop: err=\"rpc error: code = Unavailable desc = error reading from server: EOF\"");
    teller.say("INFO", "provider: plugin process exited: plugin=.terraform/providers/registry.terraform.io/hashicorp/aws/5.82.2/linux_amd64/terraform-provider-aws_v5.82.2_x5 id=4711");
    teller.say("DEBUG", "provider: plugin exited");
    let Some(lock) = run.lock.as_ref().filter(|lock| lock.who == run.who) else {
        return;
    };
    let text = format!("Unlocked remote state ({})", kinds(teller));
    push(teller, "INFO", &text, "Unlock", Some(lock));
}

/// The lock that a run would take if it could.
fn waiting(teller: &mut Teller, run: &Played) -> Holder {
    Holder {
        id: teller.chance.uuid(),
        operation: "OperationTypeApply".to_owned(),
        info: String::new(),
        who: run.who.clone(),
        version: teller.terraform.clone(),
        created: teller.clock.to_string(),
        path: path(teller),
    }
}

/// The stores that hold a lock, in the order in which Terraform takes them.
fn stores(teller: &Teller) -> Vec<Store> {
    let stage = &teller.stage;
    let s3 = stage.use_lockfile.then_some(Store::S3);
    s3.into_iter()
        .chain(stage.table.is_some().then_some(Store::DynamoDb))
        .collect()
}

/// A lock is there already: the first store refuses and says whose it is.
fn meet(teller: &mut Teller, own: &Holder, held: &Holder, store: Store) {
    let status = match store {
        Store::S3 => "412",
        Store::DynamoDb => "400",
    };
    put(teller, own, store, status);
    let id = teller.chance.letters(52);
    let cause = match store {
        Store::S3 => {
            "api error PreconditionFailed: At least one of the pre-conditions you specified did not hold"
        }
        Store::DynamoDb => "ConditionalCheckFailedException: The conditional request failed",
    };
    let text = format!(
        "request failed with unretryable error https response error StatusCode: {status}, RequestID: {id}, {cause}"
    );
    push(teller, "DEBUG", &text, "Lock", Some(own));
    let path = path(teller);
    let call = match store {
        Store::S3 => Call {
            service: "S3",
            method: "GetObject",
            operation: "Lock",
            status: "200",
            bodies: (
                String::new(),
                "[Redacted: Type: application/json]".to_owned(),
            ),
        },
        Store::DynamoDb => Call {
            service: "DynamoDB",
            method: "GetItem",
            operation: "Lock",
            status: "200",
            bodies: (
                format!(
                    r#"{{"ConsistentRead":true,"Key":{{"LockID":{{"S":"{path}"}}}},"ProjectionExpression":"LockID, Info"}}"#
                ),
                format!(
                    r#"{{"Item": {{"LockID": {{"S": "{path}"}}, "Info": {{"S": {}}}}}}}"#,
                    info(held)
                ),
            ),
        },
    };
    made(teller, &call, Some(own));
}

/// Tries to write the lock into a store.
fn put(teller: &mut Teller, own: &Holder, store: Store, status: &str) {
    let path = path(teller);
    let call = match store {
        Store::S3 => Call {
            service: "S3",
            method: "PutObject",
            operation: "Lock",
            status,
            bodies: ("[Redacted: Type: application/json]".to_owned(), String::new()),
        },
        Store::DynamoDb => Call {
            service: "DynamoDB",
            method: "PutItem",
            operation: "Lock",
            status,
            bodies: (
                format!(
                    r#"{{"ConditionExpression":"attribute_not_exists(LockID)","Item":{{"LockID":{{"S":"{path}"}},"Info":{{"S":{}}}}}}}"#,
                    info(own)
                ),
                match status {
                    "200" => "{}".to_owned(),
                    _ => r#"{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "The conditional request failed"}"#.to_owned(),
                },
            ),
        },
    };
    made(teller, &call, Some(own));
}

fn made(teller: &mut Teller, call: &Call<'_>, lock: Option<&Holder>) {
    let request = teller.chance.uuid();
    let base = |teller: &Teller, message: &str| {
        let line = Line::new(teller.clock, "DEBUG", message)
            .by(LOGGER)
            .with("aws.region", teller.stage.region.as_str())
            .with("rpc.system", "aws-api")
            .with("rpc.service", call.service)
            .with("rpc.method", call.method)
            .with("tf_aws.sdk", "aws-sdk-go-v2")
            .with("tf_backend.operation", call.operation)
            .with("tf_backend.req_id", request.as_str());
        of_place(line, teller, lock)
    };
    // A body in a block of its own, as the SDK's logger writes longer ones.
    let block = |body: &str| {
        if body.is_empty() {
            String::new()
        } else {
            format!("{body}\n")
        }
    };
    let sent = base(teller, "HTTP Request Sent")
        .with("http.request.header.amz_sdk_request", "attempt=1; max=5")
        .with("http.request.body", block(&call.bodies.0))
        .with("http.method", "POST");
    teller.lines.push(sent);
    let took = 6 + teller.chance.below(30);
    teller.later(took);
    let answer = base(teller, "HTTP Response Received")
        .with("http.status_code", call.status)
        .with("http.response.body", block(&call.bodies.1))
        .with("http.duration", took.to_string());
    teller.lines.push(answer);
}

fn push(teller: &mut Teller, level: &str, message: &str, operation: &str, lock: Option<&Holder>) {
    let request = teller.chance.uuid();
    let line = Line::new(teller.clock, level, message)
        .by(LOGGER)
        .with("tf_backend.operation", operation)
        .with("tf_backend.req_id", request);
    let line = of_place(line, teller, lock);
    teller.lines.push(line);
}

fn of_place(line: Line, teller: &Teller, lock: Option<&Holder>) -> Line {
    let line = line
        .with("tf_backend.s3.bucket", teller.stage.bucket.as_str())
        .with("tf_backend.s3.path", teller.stage.key.as_str());
    match lock {
        Some(lock) => line
            .with("tf_backend.lock.id", lock.id.as_str())
            .with("tf_backend.lock.info", "")
            .with("tf_backend.lock.operation", lock.operation.as_str())
            .with("tf_backend.lock.path", lock.path.as_str())
            .with("tf_backend.lock.version", lock.version.as_str())
            .with("tf_backend.lock.who", lock.who.as_str()),
        None => line,
    }
}

/// A lock's JSON as a JSON string, as the table has it.
fn info(holder: &Holder) -> serde_json::Value {
    String::from_utf8_lossy(&hold::json(holder)).into()
}

fn path(teller: &Teller) -> String {
    format!("{}/{}", teller.stage.bucket, teller.stage.key)
}

fn kinds(teller: &Teller) -> &'static str {
    match (teller.stage.use_lockfile, teller.stage.table.is_some()) {
        (true, true) => "S3 Native and DynamoDB",
        (true, false) => "S3 Native only",
        _ => "DynamoDB only",
    }
}
