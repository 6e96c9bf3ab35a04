//! Who is asking: the identity behind the credentials.

use serde::Serialize;

/// The caller as STS names it, or the local user where no AWS is involved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caller {
    /// The 12-digit account id; none where the place is not in AWS.
    pub account: Option<String>,
    /// The ARN, or `user@host` for a local place or a sandbox.
    pub arn: String,
}

/// Whose the bucket is, seen from the caller's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// The caller's own account owns it; every request says so and is refused otherwise.
    Own,
    /// Another account owns it, and lets the caller in.
    Foreign,
    /// It could not be found out.
    Unknown,
}

/// The caller, and whose the bucket is that the state lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub caller: Caller,
    /// None where the state lies in no bucket.
    pub bucket: Option<Ownership>,
}

impl Caller {
    /// The role or user at the end of the ARN: `role ops-admin`, `user ada`, or the whole where it is neither.
    pub fn short(&self) -> String {
        let Some((_, resource)) = self.arn.rsplit_once(':') else {
            return self.arn.clone();
        };
        match resource.split('/').collect::<Vec<_>>().as_slice() {
            ["assumed-role", role, ..] => format!("role {role}"),
            [kind @ ("user" | "role"), .., name] => format!("{kind} {name}"),
            _ => resource.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short(arn: &str) -> String {
        Caller {
            account: None,
            arn: arn.into(),
        }
        .short()
    }

    #[test]
    fn an_arn_is_said_shortly() {
        assert_eq!(
            short("arn:aws:sts::123456789012:assumed-role/ops-admin/alice"),
            "role ops-admin"
        );
        assert_eq!(short("arn:aws:iam::123456789012:user/team/ada"), "user ada");
        assert_eq!(short("arn:aws:iam::123456789012:root"), "root");
        assert_eq!(short("ada@laptop"), "ada@laptop");
    }
}
