//! Who the credentials belong to, as STS says it, and whether the backend
//! allows that account.

use std::sync::PoisonError;

use super::Inner;
use super::question::{Question, Service};
use crate::fault::Fault;
use crate::place::{Caller, Identity, Ownership};

/// What was asked of STS and of the bucket, and answered.
#[derive(Debug, Default)]
pub(super) struct Asked {
    caller: Option<Caller>,
    /// Whose the bucket is, seen from that caller's account.
    ownership: Option<Ownership>,
}

/// Who the credentials belong to.
pub(super) fn question() -> Question {
    Question {
        service: Service::Sts,
        doing: "ask who the credentials belong to",
        subject: String::new(),
        action: "sts:GetCallerIdentity",
        resource: "*".to_owned(),
    }
}

impl Inner {
    pub(super) async fn caller(&self) -> Result<Caller, Fault> {
        let question = question();
        let answer = self.clients.sts.get_caller_identity().send().await;
        let identity = answer.map_err(|error| self.explain(&question, &error))?;
        let caller = Caller {
            account: identity.account,
            arn: identity.arn.unwrap_or_default(),
        };
        if let Some(account) = &caller.account {
            self.allowed(account)?;
        }
        self.remember(&caller);
        Ok(caller)
    }

    pub(super) async fn identity(&self) -> Result<Identity, Fault> {
        let caller = self.caller().await?;
        let bucket = Some(self.ownership().await);
        Ok(Identity { caller, bucket })
    }

    /// Whose the bucket is, as far as HEAD with an expected owner tells: S3
    /// names no owner's account, it only says whether a guess is right.
    async fn ownership(&self) -> Ownership {
        let account = self.known_caller().and_then(|caller| caller.account);
        let Some(account) = account else {
            return Ownership::Unknown;
        };
        let head = || self.clients.s3.head_bucket().bucket(&self.place.bucket);
        let expecting = head().expected_bucket_owner(&account);
        let found = if Box::pin(expecting.send()).await.is_ok() {
            Ownership::Own
        } else if Box::pin(head().send()).await.is_ok() {
            // Denied with the expectation and not without it.
            Ownership::Foreign
        } else {
            Ownership::Unknown
        };
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.ownership = Some(found);
        found
    }

    /// Keeps the newest answer: credentials that were renewed may be somebody else's.
    fn remember(&self, caller: &Caller) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.caller.as_ref() != Some(caller) {
            *asked = Asked {
                caller: Some(caller.clone()),
                ownership: None,
            };
        }
    }

    /// The caller that STS named last.
    pub(super) fn known_caller(&self) -> Option<Caller> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.caller.clone()
    }

    /// The bucket's owner, where it is known to be the caller's own account.
    ///
    /// A request that names the owner can't land in a bucket that somebody else made under its name.
    pub(super) fn owner(&self) -> Option<String> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let own = asked.ownership == Some(Ownership::Own);
        asked.caller.clone().filter(|_| own)?.account
    }

    /// As [`Inner::owner`], and asks S3 first where nobody has: for a write, not knowing is not enough.
    pub(super) async fn owner_asked(&self) -> Option<String> {
        let known = {
            let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.ownership.is_some()
        };
        if !known {
            self.ownership().await;
        }
        self.owner()
    }

    /// Terraform refuses to work with an account that the backend does not allow.
    pub(super) fn allowed(&self, account: &String) -> Result<(), Fault> {
        let place = &self.place;
        let listed =
            place.allowed_account_ids.is_empty() || place.allowed_account_ids.contains(account);
        if listed && !place.forbidden_account_ids.contains(account) {
            return Ok(());
        }
        Err(Fault::new(
            "use the credentials for",
            place.lock_row(),
            format!("the backend does not allow account {account}"),
        )
        .hint("choose another --profile; the account lists are allowed_account_ids and forbidden_account_ids of the backend"))
    }
}
