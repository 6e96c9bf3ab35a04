//! Which workspace is selected: `TF_WORKSPACE`, else the file `environment` in
//! the data directory, else `default`. A name that Terraform would refuse is
//! refused here, because it becomes part of an object key.

use super::Environment;
use crate::fault::Fault;

/// The workspace that Terraform would use.
pub(super) fn selected(environment: &Environment, file: Option<&[u8]>) -> Result<String, Fault> {
    if let Some(name) = environment.value("TF_WORKSPACE") {
        return checked(name, "TF_WORKSPACE");
    }
    let text = String::from_utf8_lossy(file.unwrap_or_default());
    match text.trim() {
        "" => Ok("default".to_owned()),
        name => checked(name, "the file `environment` of the data directory"),
    }
}

/// The name itself where Terraform would accept it; `source` says who gave it.
pub(super) fn checked(name: &str, source: &str) -> Result<String, Fault> {
    if valid(name) {
        return Ok(name.to_owned());
    }
    Err(Fault::new(
        "use the workspace",
        format!("{name:?}"),
        format!("invalid workspace name set using {source}"),
    )
    .hint("a workspace name has no slash, no space and nothing that a URL path would escape"))
}

/// A valid name equals its own URL path escape.
fn valid(name: &str) -> bool {
    !name.is_empty()
        && !matches!(name, "." | "..")
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.~$&+:=@".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn select(variable: &str, file: Option<&[u8]>) -> Result<String, Fault> {
        selected(&Environment::from_iter([("TF_WORKSPACE", variable)]), file)
    }

    #[test]
    fn the_variable_wins_over_the_file() {
        assert_eq!(select("staging", Some(b"prod")).unwrap(), "staging");
        assert_eq!(select("", Some(b" prod\n")).unwrap(), "prod");
    }

    #[test]
    fn without_either_it_is_the_default_workspace() {
        assert_eq!(select("", None).unwrap(), "default");
        assert_eq!(select("", Some(b" \n")).unwrap(), "default");
    }

    #[test]
    fn a_name_that_a_url_would_escape_is_refused() {
        for name in ["a/b", "a b", "ü", "a%2f", "..", "a;b"] {
            assert!(select(name, None).is_err(), "{name}");
        }
        assert_eq!(select("a:b@c=1~", None).unwrap(), "a:b@c=1~");
        assert!(select("", Some(&[0xff, 0xfe])).is_err());
    }
}
