//! This machine and this user, named as Terraform names them in a lock's `Who`.

use std::path::Path;

use super::disk;
use crate::place::Caller;

/// More than any list of users that is kept in a file.
const LIST_LIMIT: u64 = 16 << 20;

/// The host's own name; `localhost` where it has none.
pub fn host() -> String {
    let name = rustix::system::uname();
    match name.nodename().to_string_lossy() {
        name if name.is_empty() => "localhost".to_owned(),
        name => name.into_owned(),
    }
}

/// `user@host`, as Terraform names whoever takes a lock.
pub fn who() -> String {
    format!("{}@{}", user(), host())
}

/// The user by name: as the system's list says it, else the environment, else by number.
fn user() -> String {
    let id = rustix::process::getuid().as_raw();
    let listed = disk::read(Path::new("/etc/passwd"), LIST_LIMIT)
        .ok()
        .flatten();
    let listed = listed.and_then(|list| name_of(&String::from_utf8_lossy(&list), id));
    let said = || std::env::var("USER").ok().filter(|name| !name.is_empty());
    listed.or_else(said).unwrap_or_else(|| format!("uid-{id}"))
}

/// The name that a list of `name:password:id:…` gives a user.
fn name_of(list: &str, id: u32) -> Option<String> {
    list.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    })
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

    #[test]
    fn a_user_is_named_by_the_list_of_the_system() {
        let list = "root:x:0:0::/root:/bin/sh\n\nbroken\nada:x:1000:1000::/home/ada:/bin/sh\n";
        assert_eq!(name_of(list, 1000).as_deref(), Some("ada"));
        assert_eq!(name_of(list, 7), None);
    }
}
