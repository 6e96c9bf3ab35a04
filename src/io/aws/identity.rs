//! Who the credentials belong to, as STS says it, and whether the backend
//! allows that account.

use std::sync::PoisonError;

use super::Inner;
use super::question::{Question, Service};
use crate::fault::Fault;
use crate::place::Caller;

impl Inner {
    pub(super) async fn caller(&self) -> Result<Caller, Fault> {
        let question = Question {
            service: Service::Sts,
            doing: "ask who the credentials belong to",
            subject: String::new(),
            action: "sts:GetCallerIdentity",
            resource: "*".to_owned(),
        };
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

    /// Keeps the newest answer: credentials that were renewed may be somebody else's.
    fn remember(&self, caller: &Caller) {
        let mut known = self.caller.lock().unwrap_or_else(PoisonError::into_inner);
        *known = Some(caller.clone());
    }

    /// The caller that STS named last.
    pub(super) fn known_caller(&self) -> Option<Caller> {
        self.caller
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The bucket's owner where that is the caller's own account; none where it is another or not known.
    ///
    /// A write that names the owner can't land in a bucket that somebody else made under its name.
    pub(super) async fn owner(&self) -> Option<String> {
        let account = self.known_caller()?.account?;
        let head = self
            .clients
            .s3
            .head_bucket()
            .bucket(&self.place.bucket)
            .expected_bucket_owner(&account);
        Box::pin(head.send()).await.ok().map(|_| account)
    }

    /// Terraform refuses to work with an account that the backend does not allow.
    fn allowed(&self, account: &String) -> Result<(), Fault> {
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
