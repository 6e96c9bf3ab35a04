//! Whose credentials the backend asks with: static keys, a role to assume, a
//! web identity. The older flat form of a role is still honored.

use super::Setting;
use crate::place::attributes::seconds;
use crate::place::{AssumeRole, Keys, Secret, WebIdentity};

impl Setting<'_> {
    pub(super) fn keys(&self) -> Option<Keys> {
        Some(Keys {
            access_key: Secret::new(self.attributes.text("access_key")?),
            secret_key: Secret::new(self.attributes.text("secret_key")?),
            token: self.attributes.text("token").map(Secret::new),
        })
    }

    /// The nested object, else the flat attributes of Terraform up to 1.9 and of OpenTofu.
    pub(super) fn assume_role(&self) -> Option<AssumeRole> {
        let Some(role) = self.attributes.nested("assume_role") else {
            return self.flat_role();
        };
        Some(AssumeRole {
            role_arn: role.owned("role_arn")?,
            duration_seconds: role.text("duration").and_then(seconds),
            external_id: role.owned("external_id"),
            policy: role.text("policy").map(|policy| policy.trim().to_owned()),
            policy_arns: role.list("policy_arns"),
            session_name: role.owned("session_name"),
            source_identity: role.owned("source_identity"),
            tags: role.pairs("tags"),
            transitive_tag_keys: role.list("transitive_tag_keys"),
        })
    }

    fn flat_role(&self) -> Option<AssumeRole> {
        let a = self.attributes;
        Some(AssumeRole {
            role_arn: a.owned("role_arn")?,
            duration_seconds: a.number("assume_role_duration_seconds").filter(|s| *s > 0),
            external_id: a.owned("external_id"),
            policy: a
                .text("assume_role_policy")
                .map(|policy| policy.trim().to_owned()),
            policy_arns: a.list("assume_role_policy_arns"),
            session_name: a.owned("session_name"),
            source_identity: None,
            tags: a.pairs("assume_role_tags"),
            transitive_tag_keys: a.list("assume_role_transitive_tag_keys"),
        })
    }

    pub(super) fn web_identity(&self) -> Option<WebIdentity> {
        let role = self.attributes.nested("assume_role_with_web_identity")?;
        Some(WebIdentity {
            role_arn: role.owned("role_arn")?,
            duration_seconds: role.text("duration").and_then(seconds),
            policy: role.text("policy").map(|policy| policy.trim().to_owned()),
            policy_arns: role.list("policy_arns"),
            session_name: role.owned("session_name"),
            token: role.text("web_identity_token").map(Secret::new),
            token_file: role.text("web_identity_token_file").map(Into::into),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::place::Environment;
    use crate::place::attributes::Attributes;

    fn with<T>(config: &Value, ask: impl Fn(Setting<'_>) -> T) -> T {
        let config: &Map<String, Value> = config.as_object().unwrap();
        ask(Setting {
            attributes: Attributes::new(config),
            environment: &Environment::default(),
            terraform_version: None,
        })
    }

    #[test]
    fn a_role_is_read_with_every_field() {
        let config = json!({"assume_role": {
            "role_arn": "arn", "duration": "1h", "source_identity": "ada",
            "tags": {"a": "b"}, "transitive_tag_keys": ["a"], "external_id": null,
        }});
        let role = with(&config, |setting| setting.assume_role()).unwrap();
        assert_eq!(role.duration_seconds, Some(3600));
        assert_eq!(role.source_identity.as_deref(), Some("ada"));
        assert_eq!(role.tags, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(role.transitive_tag_keys, ["a"]);
        assert_eq!(role.external_id, None);
    }

    #[test]
    fn the_old_flat_form_of_a_role_counts_where_there_is_no_object() {
        let flat = json!({
            "assume_role": null, "role_arn": "arn",
            "assume_role_duration_seconds": 900, "external_id": "x",
        });
        let role = with(&flat, |setting| setting.assume_role()).unwrap();
        assert_eq!(role.duration_seconds, Some(900));
        assert_eq!(role.external_id.as_deref(), Some("x"));
        let none = json!({"assume_role": null, "role_arn": null});
        assert!(with(&none, |setting| setting.assume_role()).is_none());
    }

    #[test]
    fn a_web_identity_keeps_its_token_to_itself() {
        let config = json!({"assume_role_with_web_identity": {
            "role_arn": "arn", "web_identity_token": "very-secret", "duration": "20m",
        }});
        let identity = with(&config, |setting| setting.web_identity()).unwrap();
        assert_eq!(identity.duration_seconds, Some(1200));
        assert!(!format!("{identity:?}").contains("very-secret"));
    }

    #[test]
    fn half_a_pair_of_keys_is_none() {
        let config = json!({"access_key": "a", "secret_key": null});
        assert!(with(&config, |setting| setting.keys()).is_none());
    }
}
