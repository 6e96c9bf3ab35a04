//! Failures and the sentences they become: one cause, one next step.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use tfsos::fault::Fault;
use tfsos::io::aws::Aws;
use tfsos::lock::Store;
use tfsos::place::{AssumeRole, S3};

use super::{KEY, LOCK, backend, open};
use crate::support::moto::{Moto, Stores};
use crate::support::replay::{Asked, Refusal, Replay, Reply};

/// What reading the state and the lock row fails with behind a server that refuses.
async fn refused(refusal: Refusal) -> (Fault, Fault) {
    let stores = Moto::shared().stores();
    let wire = Replay::start(move |_| Reply::Refuse(refusal));
    let aws = open(&backend(&stores, &wire.endpoint())).await;
    let survey = aws.survey().await;
    let row = survey
        .unseen()
        .find(|(look, _)| look.store == Store::DynamoDb);
    (aws.current().await.unwrap_err(), row.unwrap().1.clone())
}

fn hint(fault: &Fault) -> &str {
    fault.hint.as_deref().unwrap()
}

#[tokio::test]
async fn a_denial_names_the_action_and_the_resource_that_it_needs() {
    let stores = Moto::shared().stores();
    let wire = Replay::start(|asked| {
        if asked.is_sts() {
            Reply::Pass
        } else {
            Reply::Refuse(Refusal::AccessDenied)
        }
    });
    let place = backend(&stores, &wire.endpoint());
    let aws = open(&place).await;
    aws.caller().await.unwrap();

    let state = aws.current().await.unwrap_err();
    assert!(state.cause.starts_with("access denied for "), "{state}");
    let resource = format!("arn:aws:s3:::{}/{KEY}", stores.bucket);
    assert_eq!(hint(&state), format!("needs s3:GetObject on {resource}"));

    let survey = aws.survey().await;
    let row = survey
        .unseen()
        .find(|(look, _)| look.store == Store::DynamoDb)
        .unwrap()
        .1;
    assert!(
        row.cause
            .contains("because no identity-based policy allows"),
        "{row}"
    );
    let resource = format!(
        "arn:aws:dynamodb:us-east-1:123456789012:table/{}",
        stores.table
    );
    assert_eq!(hint(row), format!("needs dynamodb:GetItem on {resource}"));
}

#[tokio::test]
async fn expired_credentials_say_to_sign_in_again() {
    let (state, row) = refused(Refusal::ExpiredToken).await;
    for fault in [state, row] {
        assert_eq!(fault.cause, "the credentials have expired");
        assert!(hint(&fault).starts_with("sign in again"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_bucket_elsewhere_says_where() {
    let (state, _) = refused(Refusal::WrongRegion).await;
    assert_eq!(state.cause, "the bucket is in eu-west-1, not in us-east-1");
    assert!(hint(&state).contains("AWS_REGION=eu-west-1"));
}

#[tokio::test]
async fn throttling_and_a_failing_service_say_to_wait_or_to_try_again() {
    let (state, row) = refused(Refusal::Throttled).await;
    assert_eq!(state.cause, "too many requests: AWS throttles them");
    assert_eq!(row.cause, state.cause);
    let (state, row) = refused(Refusal::InternalError).await;
    assert_eq!(state.cause, "the service failed with status 500");
    assert_eq!(row.cause, state.cause);
    assert!(hint(&state).starts_with("try again"));
}

#[tokio::test]
async fn a_read_that_is_throttled_once_is_repeated() {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, b"state");
    let wire = Replay::start(once(Reply::Refuse(Refusal::Throttled)));
    let mut place = backend(&stores, &wire.endpoint());
    place.max_attempts = Some(3);
    assert!(open(&place).await.current().await.unwrap().is_some());
    assert_eq!(wire.asked().len(), 2);
}

#[tokio::test]
async fn a_read_whose_connection_breaks_once_is_repeated() {
    let stores = Moto::shared().stores();
    stores.put_object(KEY, b"state");
    let wire = Replay::start(once(Reply::Drop));
    let mut place = backend(&stores, &wire.endpoint());
    place.max_attempts = Some(3);
    assert!(open(&place).await.current().await.unwrap().is_some());
}

/// Gives the first request this reply and passes on all others.
fn once(reply: Reply) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
    let first = std::sync::atomic::AtomicBool::new(true);
    move |_| {
        if first.swap(false, std::sync::atomic::Ordering::Relaxed) {
            reply
        } else {
            Reply::Pass
        }
    }
}

#[tokio::test]
async fn one_store_that_cannot_be_read_hides_no_other() {
    let stores = Moto::shared().stores();
    let wire = Replay::start(|asked| match asked.target.as_str() {
        "GetItem" => Reply::Refuse(Refusal::AccessDenied),
        _ => Reply::Pass,
    });
    let place = backend(&stores, &wire.endpoint());
    stores.put_object(&place.lockfile_key(), LOCK.as_bytes());

    let survey = open(&place).await.survey().await;

    assert_eq!((survey.held().count(), survey.unseen().count()), (1, 1));
    assert!(survey.digest.unwrap().is_err());
}

#[tokio::test]
async fn a_missing_bucket_and_a_missing_table_are_named() {
    let stores = Moto::shared().stores();
    let mut place = backend(&stores, &stores.endpoint());
    place.bucket = "no-such-bucket".into();
    place.dynamodb_table = Some("no-such-table".into());
    let aws = open(&place).await;

    let state = aws.current().await.unwrap_err();
    assert_eq!(state.cause, "the bucket no-such-bucket does not exist");
    assert_eq!(aws.versions(5).await.unwrap_err().cause, state.cause);
    let survey = aws.survey().await;
    let row = survey
        .unseen()
        .find(|(look, _)| look.store == Store::DynamoDb)
        .unwrap()
        .1;
    assert_eq!(
        row.cause,
        "the table no-such-table does not exist in us-east-1"
    );
    assert!(hint(row).contains("describe-table --table-name no-such-table"));
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_named() {
    let stores = Moto::shared().stores();
    // A port that was free a moment ago and that nobody listens on now.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let aws = open(&backend(&stores, &endpoint)).await;
    let fault = aws.current().await.unwrap_err();
    assert_eq!(
        fault.cause,
        format!("{endpoint} cannot be reached: connection refused")
    );
    assert!(hint(&fault).contains("VPN"));
    assert!(
        aws.caller()
            .await
            .unwrap_err()
            .cause
            .contains("cannot be reached")
    );
}

#[tokio::test]
async fn something_that_is_not_aws_is_not_believed() {
    let stores = Moto::shared().stores();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || portal(&listener));
    let fault = open(&backend(&stores, &endpoint))
        .await
        .caller()
        .await
        .unwrap_err();
    assert!(fault.cause.contains("not as AWS does"), "{fault}");
}

/// Answers everything as a hotel's network does.
fn portal(listener: &TcpListener) {
    answer_all(
        listener,
        "text/html",
        "<html><body>please sign in</body></html>",
    );
}

fn answer_all(listener: &TcpListener, kind: &str, body: &str) {
    for stream in listener.incoming().map_while(Result::ok) {
        // A client that went away has nobody left to be told.
        let _ = answer(stream, kind, body);
    }
}

/// Reads a whole request, because closing on unread bytes would reset the connection.
fn receive(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    reader.read_exact(&mut vec![0; length])
}

fn answer(mut stream: TcpStream, kind: &str, body: &str) -> std::io::Result<()> {
    receive(&mut stream)?;
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nConnection: close");
    write!(
        stream,
        "{head}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn an_endpoint_that_speaks_no_tls_is_named() {
    let stores = Moto::shared().stores();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || portal(&listener));
    let fault = open(&backend(&stores, &endpoint))
        .await
        .current()
        .await
        .unwrap_err();
    assert!(
        fault
            .cause
            .starts_with(&format!("{endpoint} cannot be reached")),
        "{fault}"
    );
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed_says_what_the_role_needs() {
    let stores = Moto::shared().stores();
    let wire = Replay::start(|asked| {
        if asked.is_sts() {
            Reply::Refuse(Refusal::AccessDenied)
        } else {
            Reply::Pass
        }
    });
    let mut place = backend(&stores, &wire.endpoint());
    place.assume_role = Some(AssumeRole {
        role_arn: "arn:aws:iam::123456789012:role/ops".into(),
        ..AssumeRole::default()
    });
    let fault = open(&place).await.current().await.unwrap_err();
    assert!(
        fault.cause.starts_with("the role could not be assumed"),
        "{fault}"
    );
    assert!(hint(&fault).contains("sts:AssumeRole on arn:aws:iam::123456789012:role/ops"));
    assert!(
        wire.asked().iter().all(Asked::is_sts),
        "nothing is asked without the role"
    );
}

/// A place whose credentials come from a shared file of the test's own.
fn with_files(stores: &Stores, folder: &tempfile::TempDir, config: &str, profile: &str) -> S3 {
    let path = folder.path().join("config");
    std::fs::write(&path, config).unwrap();
    let mut place = backend(stores, &stores.endpoint());
    place.keys = None;
    place.profile = Some(profile.into());
    place.shared_config_files = vec![path.clone()];
    place.shared_credentials_files = vec![path];
    place
}

#[tokio::test]
async fn a_profile_that_does_not_exist_names_those_that_do() {
    let stores = Moto::shared().stores();
    let folder = tempfile::tempdir().unwrap();
    let place = with_files(
        &stores,
        &folder,
        "[profile ops]\nregion = us-east-1\n",
        "zzz",
    );
    let fault = Aws::open(&place).await.unwrap_err();
    assert_eq!(
        fault.to_string(),
        "cannot use the profile zzz: no such profile"
    );
    assert!(hint(&fault).contains("there are ops"), "{fault:?}");
}

#[tokio::test]
async fn a_profile_without_credentials_is_no_credentials_and_no_other_source_is_asked() {
    let stores = Moto::shared().stores();
    let folder = tempfile::tempdir().unwrap();
    let place = with_files(
        &stores,
        &folder,
        "[profile ops]\nregion = us-east-1\n",
        "ops",
    );
    let fault = open(&place).await.current().await.unwrap_err();
    assert_eq!(fault.cause, "no AWS credentials were found");
    assert!(hint(&fault).contains("AWS_PROFILE"));
}

#[tokio::test]
async fn the_keys_of_a_named_profile_are_used() {
    let stores = Moto::shared().stores();
    let folder = tempfile::tempdir().unwrap();
    let config = "[profile ops]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = emulated\n";
    let place = with_files(&stores, &folder, config, "ops");
    assert_eq!(open(&place).await.current().await.unwrap(), None);
}

#[tokio::test]
async fn settings_that_cannot_be_honored_are_said_before_anything_is_asked() {
    let stores = Moto::shared().stores();
    let place = backend(&stores, &stores.endpoint());
    let cause = async |place: S3| Aws::open(&place).await.unwrap_err().cause;

    let insecure = S3 {
        insecure: true,
        ..place.clone()
    };
    assert!(
        cause(insecure)
            .await
            .contains("insecure = true is not supported")
    );
    let nowhere = S3 {
        region: None,
        ..place.clone()
    };
    assert_eq!(cause(nowhere).await, "no region is set");
    let missing = S3 {
        custom_ca_bundle: Some("/nowhere/ca.pem".into()),
        ..place.clone()
    };
    assert_eq!(cause(missing).await, "no such file");

    let folder = tempfile::tempdir().unwrap();
    let bundle = folder.path().join("ca.pem");
    std::fs::write(
        &bundle,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let broken = S3 {
        custom_ca_bundle: Some(bundle),
        ..place.clone()
    };
    assert_eq!(cause(broken).await, "no usable certificate is in it");
    let proxy = S3 {
        http_proxy: Some("http://user:secret@".into()),
        ..place
    };
    let said = Aws::open(&proxy).await.unwrap_err();
    assert!(
        !format!("{said:?}").contains("secret"),
        "a proxy's password stays unsaid"
    );
}

#[tokio::test]
async fn a_proxy_is_never_asked_for_this_machine() {
    let stores = Moto::shared().stores();
    let mut place = backend(&stores, &stores.endpoint());
    place.http_proxy = Some("http://127.0.0.1:9".into());
    assert_eq!(open(&place).await.current().await.unwrap(), None);
}

#[tokio::test]
async fn a_store_that_ignores_conditions_is_found_out_before_the_first_write() {
    let stores = Moto::shared().stores();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || agreeable(&listener));
    let aws = open(&backend(&stores, &endpoint)).await;
    for store in [Store::S3, Store::DynamoDb] {
        let fault = aws.prove_conditions(store).await.unwrap_err();
        assert!(
            fault.cause.contains("although the condition did not hold"),
            "{fault}"
        );
        assert!(hint(&fault).contains("force-unlock"));
    }
}

/// Says yes to everything, as a store does that knows no conditions.
fn agreeable(listener: &TcpListener) {
    answer_all(listener, "application/x-amz-json-1.0", "{}");
}
