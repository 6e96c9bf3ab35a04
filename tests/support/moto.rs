//! An emulated AWS on the loopback: moto, of the pinned version, in a Python
//! virtual environment under `target/` that is made once and repaired when its
//! making was interrupted. One server for a test binary; a fresh bucket and a
//! fresh table for each test.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, mpsc};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::http::{self, Answer};

const REQUIREMENTS: &str = include_str!("moto_requirements.txt");
const SERVER: &str = include_str!("moto_server.py");
/// A cold Python on a busy machine takes seconds; a hang must still end.
const PATIENCE: Duration = Duration::from_mins(2);
/// Set on what the tests themselves arrange, which the log of requests leaves out.
const OURS: (&str, &str) = ("x-test-support", "1");

pub const REGION: &str = "us-east-1";

/// The server of this test process.
#[derive(Debug)]
pub struct Moto {
    port: u16,
    made: AtomicU32,
    /// Its end of file ends the server, and a killed process closes it too.
    _lifeline: Mutex<ChildStdin>,
}

/// One test's own bucket (versioning enabled) and lock table.
#[derive(Debug)]
pub struct Stores {
    pub bucket: String,
    pub table: String,
    moto: &'static Moto,
}

/// A request that the server received from anyone but the test support.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub query: String,
    /// The `DynamoDB` operation, empty for S3 and STS.
    pub target: String,
    /// The table of a `DynamoDB` request.
    pub table: String,
}

impl Request {
    /// Whether the request would change what the account holds.
    pub fn writes(&self) -> bool {
        if self.target.is_empty() {
            return !matches!(self.method.as_str(), "GET" | "HEAD");
        }
        !matches!(
            self.target.as_str(),
            "GetItem"
                | "BatchGetItem"
                | "TransactGetItems"
                | "Query"
                | "Scan"
                | "DescribeTable"
                | "DescribeContinuousBackups"
                | "DescribeTimeToLive"
                | "ListTables"
        )
    }
}

impl Moto {
    /// The running server; it is started by the first test that asks.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Result<Moto, String>> = OnceLock::new();
        match SHARED.get_or_init(start) {
            Ok(moto) => moto,
            Err(reason) => panic!("the emulated AWS did not start: {reason}"),
        }
    }

    /// What `endpoint_url` is set to.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// A bucket with versioning and a lock table that no other test has seen.
    pub fn stores(&'static self) -> Stores {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let stores = Stores {
            bucket: format!("tfsos-{number}"),
            table: format!("tf-locks-{number}"),
            moto: self,
        };
        stores
            .s3("PUT", &format!("/{}", stores.bucket), b"")
            .expected();
        stores.set_versioning("Enabled");
        stores.dynamodb(
            "CreateTable",
            &json!({
                "TableName": stores.table,
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "LockID", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "LockID", "KeyType": "HASH"}],
            }),
        );
        stores
    }
}

impl Stores {
    pub fn endpoint(&self) -> String {
        self.moto.endpoint()
    }

    /// `Enabled` or `Suspended`, as S3 spells them.
    pub fn set_versioning(&self, status: &str) {
        let body =
            format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
        self.s3(
            "PUT",
            &format!("/{}?versioning", self.bucket),
            body.as_bytes(),
        )
        .expected();
    }

    /// Gives the bucket a tag, and takes away those that it had.
    pub fn tag(&self, key: &str, value: &str) {
        let body = format!(
            "<Tagging><TagSet><Tag><Key>{key}</Key><Value>{value}</Value></Tag></TagSet></Tagging>"
        );
        let path = format!("/{}?tagging", self.bucket);
        self.s3("PUT", &path, body.as_bytes()).expected();
    }

    pub fn put_object(&self, key: &str, body: &[u8]) {
        self.s3("PUT", &self.path(key), body).expected();
    }

    pub fn delete_object(&self, key: &str) {
        self.s3("DELETE", &self.path(key), b"").expected();
    }

    /// The current bytes of an object; none where there is no object.
    pub fn object(&self, key: &str) -> Option<Vec<u8>> {
        let answer = self.s3("GET", &self.path(key), b"");
        (answer.status != 404).then(|| answer.expected())
    }

    /// The keys of the bucket's current objects, sorted.
    pub fn keys(&self) -> Vec<String> {
        let listing = self
            .s3("GET", &format!("/{}?list-type=2", self.bucket), b"")
            .expected();
        let text = String::from_utf8(listing).expect("a listing in UTF-8");
        let pieces = text.split("<Key>").skip(1);
        pieces
            .filter_map(|piece| Some(piece.split_once("</Key>")?.0.to_owned()))
            .collect()
    }

    /// The ids of an object's versions, then of its delete markers.
    pub fn version_ids(&self, key: &str) -> Vec<String> {
        let path = format!("/{}?versions&prefix={}", self.bucket, percent(key));
        let listing = String::from_utf8(self.s3("GET", &path, b"").expected());
        let listing = listing.expect("a listing in UTF-8");
        let within = |text: &str, tag: &str| -> Option<String> {
            let (_, rest) = text.split_once(&format!("<{tag}>"))?;
            Some(rest.split_once(&format!("</{tag}>"))?.0.to_owned())
        };
        let entries = ["<Version>", "<DeleteMarker>"].map(|tag| listing.split(tag).skip(1));
        let entries = entries.into_iter().flatten();
        let own = entries.filter(|entry| within(entry, "Key").as_deref() == Some(key));
        own.filter_map(|entry| within(entry, "VersionId")).collect()
    }

    /// Writes an item, given as `DynamoDB` JSON.
    pub fn put_item(&self, item: &Value) {
        self.dynamodb("PutItem", &json!({"TableName": self.table, "Item": item}));
    }

    /// Deletes the item under a `LockID`.
    pub fn delete_item(&self, lock_id: &str) {
        let key = json!({"LockID": {"S": lock_id}});
        self.dynamodb("DeleteItem", &json!({"TableName": self.table, "Key": key}));
    }

    /// The item under a `LockID`, as `DynamoDB` JSON.
    pub fn item(&self, lock_id: &str) -> Option<Value> {
        let key = json!({"LockID": {"S": lock_id}});
        let mut answer = self.dynamodb(
            "GetItem",
            &json!({"TableName": self.table, "Key": key, "ConsistentRead": true}),
        );
        answer.get_mut("Item").map(Value::take)
    }

    /// Every `LockID` of the table, sorted.
    pub fn lock_ids(&self) -> Vec<String> {
        let answer = self.dynamodb("Scan", &json!({"TableName": self.table}));
        let items = answer["Items"].as_array().expect("a list of items");
        let mut ids: Vec<_> = items
            .iter()
            .filter_map(|item| Some(item["LockID"]["S"].as_str()?.to_owned()))
            .collect();
        ids.sort();
        ids
    }

    /// What anyone but the test support has asked of this bucket and table so far.
    pub fn requests(&self) -> Vec<Request> {
        let body = http::ask(self.moto.port, "GET", "/-/requests", &[], b"").expected();
        let all: Vec<Request> = serde_json::from_slice(&body).expect("the server's own log");
        let bucket = format!("/{}", self.bucket);
        let mine = |request: &Request| {
            request.table == self.table
                || request.path == bucket
                || request
                    .path
                    .strip_prefix(&bucket)
                    .is_some_and(|rest| rest.starts_with('/'))
        };
        all.into_iter().filter(mine).collect()
    }

    /// The requests that would have changed something.
    pub fn writes(&self) -> Vec<Request> {
        self.requests()
            .into_iter()
            .filter(Request::writes)
            .collect()
    }

    fn path(&self, key: &str) -> String {
        format!("/{}/{}", self.bucket, percent(key))
    }

    fn s3(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        http::ask(
            self.moto.port,
            method,
            path,
            &[OURS, ("Authorization", &signed("s3"))],
            body,
        )
    }

    fn dynamodb(&self, operation: &str, request: &Value) -> Value {
        let target = format!("DynamoDB_20120810.{operation}");
        let headers = [
            OURS,
            ("Authorization", &signed("dynamodb")),
            ("Content-Type", "application/x-amz-json-1.0"),
            ("X-Amz-Target", &target),
        ];
        let body = http::ask(
            self.moto.port,
            "POST",
            "/",
            &headers,
            request.to_string().as_bytes(),
        )
        .expected();
        serde_json::from_slice(&body).expect("a DynamoDB answer")
    }
}

/// moto reads service and region from the credential scope and checks nothing else.
fn signed(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

fn percent(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    key.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}

fn start() -> Result<Moto, String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("moto");
    let python = environment(&home)?;
    let log = home.join(concat!(env!("CARGO_CRATE_NAME"), ".log"));
    let output = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut server = Command::new(python)
        .args(["-c", SERVER])
        .env("AWS_DEFAULT_REGION", REGION)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(output)
        .spawn()
        .map_err(|error| format!("python: {error}"))?;
    let lifeline = server.stdin.take().ok_or("no standard input")?;
    let mut lines = BufReader::new(server.stdout.take().ok_or("no standard output")?);
    let (sender, port) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let _ = lines.read_line(&mut line);
        let _ = sender.send(line);
    });
    let line = port.recv_timeout(PATIENCE).unwrap_or_default();
    let port = line.trim().parse().map_err(|_| {
        let said = fs::read_to_string(&log).unwrap_or_default();
        format!("{} says: {said}", log.display())
    })?;
    Ok(Moto {
        port,
        made: AtomicU32::new(0),
        _lifeline: Mutex::new(lifeline),
    })
}

/// The Python of a virtual environment that holds exactly the pinned packages.
///
/// Test binaries race for it under a file lock. The mark is written last, so an
/// interrupted making is found without it and made anew.
fn environment(home: &Path) -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", home.display());
    fs::create_dir_all(home).map_err(failed)?;
    let lock = File::create(home.join("making")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    let place = home.join("python");
    let (python, mark) = (place.join("bin/python"), place.join("made-of"));
    let wanted = format!("{REQUIREMENTS}\n# {}", base_python()?);
    if fs::read_to_string(&mark).is_ok_and(|made| made == wanted) {
        return Ok(python);
    }
    if place.exists() {
        fs::remove_dir_all(&place).map_err(failed)?;
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(&place))?;
    let requirements = place.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(failed)?;
    let pip = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--disable-pip-version-check",
        "-r",
    ];
    run(Command::new(&python).args(pip).arg(&requirements))?;
    fs::write(&mark, wanted).map_err(failed)?;
    Ok(python)
}

/// Names the interpreter, so that another one gets an environment of its own making.
fn base_python() -> Result<String, String> {
    run(Command::new("python3").args(["-c", "import sys; print(sys.base_prefix, sys.version)"]))
}

fn run(command: &mut Command) -> Result<String, String> {
    const HINT: &str = "the tests need python3 with venv (Debian: apt-get install python3-venv) and, \
                        the first time, a package index that pip can reach";
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}; {HINT}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "{command:?} failed ({}): {said}\n{HINT}",
        output.status
    ))
}
