//! This machine and this user, named as Terraform names them in a lock's `Who`.

use crate::place::Caller;

/// The host's own name; `localhost` where it has none.
pub fn host() -> String {
    let name = rustix::system::uname();
    match name.nodename().to_string_lossy() {
        name if name.is_empty() => "localhost".to_owned(),
        name => name.into_owned(),
    }
}

/// `user@host`, the user by name where the environment says it, else by number.
pub fn who() -> String {
    let user = ["USER", "LOGNAME"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| format!("uid-{}", rustix::process::getuid().as_raw()));
    format!("{user}@{}", host())
}

/// The caller at a place that is not in AWS.
pub fn caller() -> Caller {
    Caller {
        account: None,
        arn: who(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_caller_is_a_user_at_a_host() {
        let who = who();
        let (user, host) = who.split_once('@').unwrap();
        assert!(!user.is_empty() && !host.is_empty());
    }
}
