//! A loopback server that answers what the emulated AWS cannot: denials,
//! expired tokens, throttling, wrong regions, conflicts and lost answers, in
//! the shapes that AWS documents. Whatever a test does not decide is passed on
//! to the emulated AWS, so that one request of many can go wrong.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use super::moto::Moto;

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The emulated AWS answers.
    Pass,
    /// Refused, with nothing done.
    Refuse(Refusal),
    /// Done, but the answer is lost: the connection closes.
    Lose,
    /// Nothing is done and the connection closes.
    Drop,
    /// Nothing is done and nothing is said for as long as the test lasts.
    Hang,
}

/// The refusals that a person meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    AccessDenied,
    ExpiredToken,
    Throttled,
    /// 409, which S3 says to one of two writers of one key.
    Conflict,
    InternalError,
    /// The bucket lies in `eu-west-1`.
    WrongRegion,
}

/// A request as the server received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The `DynamoDB` operation; empty for S3 and STS.
    pub target: String,
    pub body: Vec<u8>,
    /// The request line and the headers as they came.
    pub head: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    S3,
    DynamoDb,
    Sts,
}

impl Asked {
    /// Whether the request is an S3 one that would change something.
    pub fn writes_to_s3(&self) -> bool {
        self.service() == Service::S3 && !matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Whether it writes to the state of a key, its lock or its digest; the proof of
    /// conditions writes to names of its own.
    pub fn writes_at(&self, key: &str) -> bool {
        let object = self.path.split('?').next().unwrap_or_default();
        let object = object.ends_with(key) || object.ends_with(&format!("{key}.tflock"));
        let body = String::from_utf8_lossy(&self.body);
        let row = body.contains(&format!("/{key}\"")) || body.contains(&format!("/{key}-md5\""));
        let writes = matches!(self.target.as_str(), "PutItem" | "DeleteItem");
        self.writes_to_s3() && object || writes && row
    }

    /// The value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }

    pub fn is_sts(&self) -> bool {
        self.service() == Service::Sts
    }

    fn service(&self) -> Service {
        match (self.target.as_str(), self.path.as_str()) {
            ("", "/") if self.method == "POST" => Service::Sts,
            ("", _) => Service::S3,
            _ => Service::DynamoDb,
        }
    }
}

/// A server whose answers a test decides; it ends with the test.
#[derive(Debug)]
pub struct Replay {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Requests that hang wait for the other end of this to go.
    _hanging: mpsc::Sender<()>,
}

impl Replay {
    /// Starts a server that decides about each request by `decide`.
    pub fn start(decide: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
        let port = listener.local_addr().expect("its address").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (hanging, over) = mpsc::channel();
        let (over, decide) = (Arc::new(Mutex::new(over)), Arc::new(decide));
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, over, decide) =
                    (Arc::clone(&seen), Arc::clone(&over), Arc::clone(&decide));
                std::thread::spawn(move || {
                    // A client that went away has nobody left to be told.
                    let _ = serve(stream, &seen, &over, decide.as_ref());
                });
            }
        });
        Self {
            port,
            asked,
            _hanging: hanging,
        }
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Everything that was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<Asked>>,
    over: &Mutex<mpsc::Receiver<()>>,
    decide: &(dyn Fn(&Asked) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    let (head, asked) = receive(&mut stream)?;
    seen.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(asked.clone());
    match decide(&asked) {
        Reply::Pass => stream.write_all(&pass_on(&head, &asked.body)?)?,
        Reply::Refuse(refusal) => stream.write_all(&refused(&asked, refusal))?,
        Reply::Lose => drop(pass_on(&head, &asked.body)?),
        Reply::Drop => {}
        Reply::Hang => drop(over.lock().unwrap_or_else(PoisonError::into_inner).recv()),
    }
    stream.shutdown(Shutdown::Both)
}

/// Reads one request: its head as it came, and what it asks.
fn receive(stream: &mut TcpStream) -> std::io::Result<(String, Asked)> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = header(&head, "content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    let target = header(&head, "x-amz-target").unwrap_or_default();
    if header(&head, "expect").is_some() {
        reader
            .get_mut()
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    reader.read_exact(&mut body)?;
    let mut words = head.split(' ').map(str::to_owned);
    let asked = Asked {
        method: words.next().unwrap_or_default(),
        path: words.next().unwrap_or_default(),
        target: target.rsplit('.').next().unwrap_or_default().to_owned(),
        body,
        head: head.clone(),
    };
    Ok((head, asked))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then(|| value.trim()))
}

/// Has the emulated AWS do it, and returns its answer as it came.
fn pass_on(head: &str, body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut server = TcpStream::connect(("127.0.0.1", Moto::shared().port()))?;
    let kept = head.trim_end().lines().filter(|line| {
        let name = line
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        !matches!(name.as_str(), "connection" | "expect")
    });
    let head = kept.collect::<Vec<_>>().join("\r\n");
    server.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes())?;
    server.write_all(body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    Ok(answer)
}

/// The answer of a refusing service, byte for byte.
fn refused(asked: &Asked, refusal: Refusal) -> Vec<u8> {
    let (status, code, message) = spoken(asked.service(), refusal);
    let body = match asked.service() {
        // An answer to HEAD has no body; the client knows the status alone.
        Service::S3 if asked.method == "HEAD" => String::new(),
        Service::S3 => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
             <RequestId>REPLAY</RequestId><HostId>replay</HostId></Error>"
        ),
        Service::DynamoDb => {
            format!(
                r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"{message}"}}"#
            )
        }
        Service::Sts => format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{code}</Code><Message>{message}</Message></Error><RequestId>REPLAY</RequestId></ErrorResponse>"
        ),
    };
    let kind = if asked.service() == Service::DynamoDb {
        "application/x-amz-json-1.0"
    } else {
        "application/xml"
    };
    let region = if refusal == Refusal::WrongRegion {
        "x-amz-bucket-region: eu-west-1\r\n"
    } else {
        ""
    };
    format!(
        "HTTP/1.1 {status} Replayed\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{region}\
         x-amz-request-id: REPLAY\r\nx-amzn-RequestId: REPLAY\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Status, code and message as each service says them.
fn spoken(service: Service, refusal: Refusal) -> (u16, &'static str, &'static str) {
    use Refusal::{AccessDenied, Conflict, ExpiredToken, InternalError, Throttled, WrongRegion};
    match (service, refusal) {
        (Service::DynamoDb, AccessDenied) => (
            400,
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/ci-reader/ci is not authorized to perform: \
             dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table/tf-locks \
             because no identity-based policy allows the dynamodb:GetItem action",
        ),
        (_, AccessDenied) => (403, "AccessDenied", "Access Denied"),
        (Service::DynamoDb, ExpiredToken) => (
            400,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        (Service::S3, ExpiredToken) => (400, "ExpiredToken", "The provided token has expired."),
        (Service::Sts, ExpiredToken) => (
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
        (Service::DynamoDb, Throttled) => (
            400,
            "ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded. \
             Consider increasing your provisioning level with the UpdateTable API.",
        ),
        (Service::S3, Throttled) => (503, "SlowDown", "Please reduce your request rate."),
        (Service::Sts, Throttled) => (400, "Throttling", "Rate exceeded"),
        (Service::DynamoDb, Conflict) => (
            400,
            "TransactionConflictException",
            "Transaction is ongoing for the item",
        ),
        (_, Conflict) => (
            409,
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this resource.",
        ),
        (Service::DynamoDb, InternalError) => (500, "InternalServerError", "Internal server error"),
        (_, InternalError) => (
            500,
            "InternalError",
            "We encountered an internal error. Please try again.",
        ),
        (Service::S3, WrongRegion) => (
            301,
            "PermanentRedirect",
            "The bucket you are attempting to access must be addressed using the specified endpoint. \
             Please send all future requests to this endpoint.",
        ),
        (Service::DynamoDb, WrongRegion) => (
            400,
            "ResourceNotFoundException",
            "Requested resource not found",
        ),
        (Service::Sts, WrongRegion) => (
            403,
            "RegionDisabledException",
            "STS is not activated in the requested region",
        ),
    }
}
