//! What is asked of AWS, on what, and which permission it needs: enough for a
//! fault to say what to do about it.

use std::fmt;

use super::Inner;
use crate::fault::Fault;

/// What is being asked, so that a fault can name it and what it needs.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) service: Service,
    pub(super) doing: &'static str,
    pub(super) subject: String,
    /// The IAM action that the request needs, and on which ARN.
    pub(super) action: &'static str,
    pub(super) resource: String,
}

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    S3,
    DynamoDb,
    Sts,
    Tagging,
}

impl Question {
    pub(super) fn fault(&self, cause: impl fmt::Display) -> Fault {
        Fault::new(self.doing, self.subject.clone(), cause)
    }
}

impl Inner {
    pub(super) fn on_object(
        &self,
        doing: &'static str,
        key: &str,
        action: &'static str,
    ) -> Question {
        Question {
            service: Service::S3,
            doing,
            subject: format!("{}/{key}", self.place.bucket),
            action,
            resource: format!("arn:{}:s3:::{}/{key}", self.partition(), self.place.bucket),
        }
    }

    pub(super) fn on_bucket(&self, doing: &'static str, action: &'static str) -> Question {
        Question {
            service: Service::S3,
            doing,
            subject: format!("{}/{}", self.place.bucket, self.place.state_key()),
            action,
            resource: format!("arn:{}:s3:::{}", self.partition(), self.place.bucket),
        }
    }

    pub(super) fn on_row(&self, doing: &'static str, key: &str, action: &'static str) -> Question {
        let table = self.place.dynamodb_table.as_deref().unwrap_or_default();
        let account = self.known_caller().and_then(|caller| caller.account);
        Question {
            service: Service::DynamoDb,
            doing,
            subject: format!("{table}/{key}"),
            action,
            resource: format!(
                "arn:{}:dynamodb:{}:{}:table/{table}",
                self.partition(),
                self.place.region.as_deref().unwrap_or("*"),
                account.as_deref().unwrap_or("*")
            ),
        }
    }

    /// The part of AWS that the region belongs to.
    pub(super) fn partition(&self) -> &'static str {
        let region = self.place.region.as_deref().unwrap_or_default();
        if region.starts_with("cn-") {
            "aws-cn"
        } else if region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }
}
