//! AWS failures as a person reads them: for each kind one cause and one next
//! step that can be followed.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::SignedDuration;

use super::Inner;
use super::credentials::SignIn;
use super::kind::Kind;
use super::question::{Question, Service};
use crate::fault::Fault;
use crate::place::{Caller, Endpoints, S3};

impl Inner {
    /// The fault for a request that failed.
    pub(super) fn explain<E>(&self, question: &Question, error: &SdkError<E, HttpResponse>) -> Fault
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        self.explain_kind(question, &Kind::of(error))
    }

    /// The fault, told apart where a denial has another way to an answer.
    pub(super) fn failure<E>(
        &self,
        question: &Question,
        error: &SdkError<E, HttpResponse>,
    ) -> Failure
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match Kind::of(error) {
            kind @ Kind::Denied { .. } => Failure::Denied(self.explain_kind(question, &kind)),
            kind => Failure::Other(self.explain_kind(question, &kind)),
        }
    }

    pub(super) fn explain_kind(&self, question: &Question, kind: &Kind) -> Fault {
        let scene = Scene {
            place: &self.place,
            endpoints: &self.clients.endpoints,
            sign_in: &self.clients.sign_in,
            caller: self.known_caller(),
        };
        scene.fault(question, kind)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Failure {
    Denied(Fault),
    Other(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Other(fault)
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Denied(fault) | Failure::Other(fault) => fault,
        }
    }
}

/// What the next step depends on.
struct Scene<'a> {
    place: &'a S3,
    endpoints: &'a Endpoints,
    sign_in: &'a SignIn,
    caller: Option<Caller>,
}

impl Scene<'_> {
    fn fault(&self, question: &Question, kind: &Kind) -> Fault {
        question
            .fault(self.cause(question, kind))
            .hint(self.next_step(question, kind))
    }

    fn cause(&self, question: &Question, kind: &Kind) -> String {
        match kind {
            Kind::Absent => "no such object".into(),
            Kind::DeleteMarker => "it is a delete marker, so there are no bytes".into(),
            Kind::ConditionFailed => "it is not what was seen before".into(),
            Kind::Conflict => "another write to it was under way".into(),
            Kind::NoBucket => format!("the bucket {} does not exist", self.place.bucket),
            Kind::NoTable => format!(
                "the table {} does not exist in {}",
                self.table(),
                self.region()
            ),
            Kind::NoCredentials => "no AWS credentials were found".into(),
            Kind::CredentialsFailed { cause } => {
                format!("the credentials could not be fetched: {cause}")
            }
            Kind::Expired => "the credentials have expired".into(),
            Kind::UnknownKeys => "AWS does not accept these keys".into(),
            Kind::Denied { said } => self.denied(said.as_deref()),
            Kind::RoleDenied { said } => match said {
                Some(said) => format!("the role could not be assumed: {said}"),
                None => "the role could not be assumed".into(),
            },
            Kind::WrongRegion {
                actual: Some(actual),
            } => {
                format!("the bucket is in {actual}, not in {}", self.region())
            }
            Kind::WrongRegion { actual: None } => format!("the bucket is not in {}", self.region()),
            Kind::Throttled => "too many requests: AWS throttles them".into(),
            Kind::Timeout => "no answer in time".into(),
            Kind::Unreachable { cause } => {
                format!("{} cannot be reached: {cause}", self.endpoint(question))
            }
            Kind::Untrusted { cause } => format!(
                "the certificate of {} is not trusted: {cause}",
                self.endpoint(question)
            ),
            Kind::ClockSkew { ahead: None } => "this machine's clock is wrong".into(),
            Kind::ClockSkew { ahead: Some(ahead) } => {
                format!("this machine's clock is {}", off_by(*ahead))
            }
            Kind::Broken { status } => format!("the service failed with status {status}"),
            Kind::NotAws { status } => format!(
                "{} answered with status {status}, and not as AWS does",
                self.endpoint(question)
            ),
            Kind::Other { cause } => cause.clone(),
        }
    }

    fn denied(&self, said: Option<&str>) -> String {
        let who = match &self.caller {
            Some(caller) => format!("access denied for {}", caller.short()),
            None => "access denied".to_owned(),
        };
        match said {
            Some(said) if !said.eq_ignore_ascii_case("access denied") => format!("{who}: {said}"),
            _ => who,
        }
    }

    fn next_step(&self, question: &Question, kind: &Kind) -> String {
        match kind {
            Kind::Absent => "check the key and the workspace, or list the versions".into(),
            Kind::DeleteMarker => "choose a version that is an object".into(),
            Kind::ConditionFailed | Kind::Conflict => "look again, then decide anew".into(),
            Kind::NoBucket => "check the bucket's name and the account; if the backend block changed, run terraform init -reconfigure".into(),
            Kind::NoTable => format!(
                "check dynamodb_table and the region: aws dynamodb describe-table --table-name {} --region {}",
                self.table(),
                self.region()
            ),
            Kind::NoCredentials => format!("set AWS_PROFILE or AWS_ACCESS_KEY_ID, pass --profile, or run {}", self.login()),
            Kind::CredentialsFailed { .. } | Kind::Expired => format!("sign in again: {}", self.login()),
            Kind::UnknownKeys => "check the keys and that they belong to this endpoint; aws sts get-caller-identity shows whose they are".into(),
            Kind::Denied { .. } => format!("needs {} on {}", question.action, question.resource),
            Kind::RoleDenied { .. } => format!(
                "needs sts:AssumeRole on {}, and a trust policy of the role that names you",
                self.role()
            ),
            Kind::WrongRegion { actual: Some(actual) } => format!("set region = \"{actual}\" in the backend block, or AWS_REGION={actual}"),
            Kind::WrongRegion { actual: None } => format!("ask where it is: aws s3api get-bucket-location --bucket {}", self.place.bucket),
            Kind::Throttled => "other clients use up the request rate; wait some seconds and try again".into(),
            Kind::Timeout => "check the network, the VPN and the proxy, then try again".into(),
            Kind::Unreachable { .. } => "check the network, the VPN, the proxy and the endpoint, then try again".into(),
            Kind::Untrusted { .. } => "if a proxy or a private store signs it, name its authority with custom_ca_bundle or AWS_CA_BUNDLE".into(),
            Kind::ClockSkew { .. } => "correct the clock: timedatectl set-ntp true".into(),
            Kind::Broken { .. } => "try again; if it lasts, look at the AWS health page for this region".into(),
            Kind::NotAws { .. } => "check the endpoint: a proxy or a portal may answer in its place".into(),
            Kind::Other { .. } => "look the code up in the AWS documentation of the operation".into(),
        }
    }

    fn role(&self) -> &str {
        let assumed = self
            .place
            .assume_role
            .as_ref()
            .map(|role| role.role_arn.as_str());
        let federated = || {
            self.place
                .web_identity
                .as_ref()
                .map(|role| role.role_arn.as_str())
        };
        assumed
            .or_else(federated)
            .unwrap_or("the role of the profile")
    }

    fn table(&self) -> &str {
        self.place.dynamodb_table.as_deref().unwrap_or_default()
    }

    fn region(&self) -> &str {
        self.place.region.as_deref().unwrap_or("the region")
    }

    /// The endpoint that was asked, by its URL where it is not AWS's own.
    fn endpoint(&self, question: &Question) -> String {
        let (named, service) = match question.service {
            Service::S3 => (&self.endpoints.s3, "S3"),
            Service::DynamoDb => (&self.endpoints.dynamodb, "DynamoDB"),
            Service::Sts => (&self.endpoints.sts, "STS"),
            Service::Tagging => (&self.endpoints.tagging, "the tagging service"),
        };
        match (named, question.service) {
            (Some(url), _) => without_user(url),
            (None, Service::Tagging) => format!("{service} in {}", question.subject),
            (None, _) => format!("{service} in {}", self.region()),
        }
    }

    fn login(&self) -> String {
        match self.sign_in {
            SignIn::Sso { profile } => format!("aws sso login --profile {profile}"),
            SignIn::Otherwise => "aws sso login, or whatever hands out your credentials".to_owned(),
        }
    }
}

fn off_by(ahead: SignedDuration) -> String {
    let minutes = ahead.as_mins().unsigned_abs().max(1);
    let side = if ahead.is_negative() {
        "behind"
    } else {
        "ahead"
    };
    format!("{minutes} min {side}")
}

/// A URL without the name and password that may stand in it.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let host = rest[..end].rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{}", &rest[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> S3 {
        S3 {
            bucket: "acme-tf".into(),
            key: "net/terraform.tfstate".into(),
            region: Some("us-east-1".into()),
            dynamodb_table: Some("tf-locks".into()),
            ..S3::default()
        }
    }

    fn question() -> Question {
        Question {
            service: Service::S3,
            doing: "read the state",
            subject: "acme-tf/net/terraform.tfstate".into(),
            action: "s3:GetObject",
            resource: "arn:aws:s3:::acme-tf/net/terraform.tfstate".into(),
        }
    }

    /// The cause and the next step that a person reads for a kind.
    fn said(kind: &Kind) -> (String, String) {
        let sso = SignIn::Sso {
            profile: "ops".into(),
        };
        let endpoints = Endpoints {
            s3: Some("https://user:secret@minio.example:9000/x".into()),
            ..Endpoints::default()
        };
        let scene = Scene {
            place: &place(),
            endpoints: &endpoints,
            sign_in: &sso,
            caller: Some(Caller {
                account: Some("123456789012".into()),
                arn: "arn:aws:sts::123456789012:assumed-role/ci-reader/ci".into(),
            }),
        };
        let fault = scene.fault(&question(), kind);
        (fault.cause, fault.hint.unwrap())
    }

    /// Each kind says its cause and its next step, and never a password.
    fn say(table: &[(Kind, &str, &str)]) {
        for (kind, cause, next) in table {
            let (said, hint) = said(kind);
            assert!(said.contains(cause), "{kind:?}: {said}");
            assert!(hint.contains(next), "{kind:?}: {hint}");
            assert!(!said.contains("secret"), "{said}");
        }
    }

    fn text(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn what_is_missing_or_changed_says_where_to_look() {
        let table = "--table-name tf-locks --region us-east-1";
        say(&[
            (Kind::Absent, "no such object", "check the key"),
            (Kind::DeleteMarker, "delete marker", "choose a version"),
            (Kind::ConditionFailed, "not what was seen", "look again"),
            (Kind::Conflict, "another write", "look again"),
            (
                Kind::NoBucket,
                "bucket acme-tf does not exist",
                "init -reconfigure",
            ),
            (Kind::NoTable, "tf-locks does not exist in us-east-1", table),
        ]);
    }

    #[test]
    fn what_the_credentials_lack_says_how_to_get_it() {
        let (login, denied) = ("aws sso login --profile ops", Some(text("explicit deny")));
        let failed = Kind::CredentialsFailed {
            cause: text("exit 1"),
        };
        let needs = "needs s3:GetObject on arn:aws:s3:::acme-tf/";
        say(&[
            (Kind::NoCredentials, "no AWS credentials", login),
            (failed, "fetched: exit 1", login),
            (Kind::Expired, "expired", login),
            (
                Kind::UnknownKeys,
                "does not accept these keys",
                "get-caller-identity",
            ),
            (
                Kind::Denied { said: None },
                "access denied for role ci-reader",
                needs,
            ),
            (
                Kind::Denied { said: denied },
                "role ci-reader: explicit deny",
                needs,
            ),
            (
                Kind::RoleDenied { said: None },
                "could not be assumed",
                "needs sts:AssumeRole",
            ),
        ]);
    }

    #[test]
    fn what_lies_on_the_way_says_what_to_check() {
        let unreachable = Kind::Unreachable {
            cause: text("connection refused"),
        };
        let elsewhere = Kind::WrongRegion {
            actual: Some(text("eu-west-1")),
        };
        let behind = Kind::ClockSkew {
            ahead: Some(SignedDuration::from_mins(-42)),
        };
        let untrusted = Kind::Untrusted {
            cause: text("UnknownIssuer"),
        };
        let refused = "https://minio.example:9000/x cannot be reached: connection refused";
        say(&[
            (
                elsewhere,
                "in eu-west-1, not in us-east-1",
                "AWS_REGION=eu-west-1",
            ),
            (
                Kind::WrongRegion { actual: None },
                "not in us-east-1",
                "get-bucket-location --bucket acme-tf",
            ),
            (Kind::Throttled, "throttles", "wait some seconds"),
            (Kind::Timeout, "no answer in time", "VPN"),
            (unreachable, refused, "endpoint"),
            (untrusted, "not trusted: UnknownIssuer", "AWS_CA_BUNDLE"),
            (behind, "clock is 42 min behind", "timedatectl"),
            (
                Kind::ClockSkew { ahead: None },
                "clock is wrong",
                "timedatectl",
            ),
            (Kind::Broken { status: 503 }, "status 503", "try again"),
            (Kind::NotAws { status: 200 }, "not as AWS does", "portal"),
            (
                Kind::Other {
                    cause: text("KMS.DisabledException: off"),
                },
                "KMS.Disabled",
                "look the code up",
            ),
        ]);
    }

    #[test]
    fn an_endpoint_is_shown_without_its_password() {
        assert_eq!(without_user("https://u:p@h:1/x@y"), "https://h:1/x@y");
        assert_eq!(without_user("http://h"), "http://h");
        assert_eq!(without_user("h:1"), "h:1");
    }
}
