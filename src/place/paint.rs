//! How loudly a place is shown. What looks like production, and what we do not
//! know, is painted as production: a false alarm costs a glance, the opposite
//! costs a state.

use serde::Serialize;

use super::{Backend, Caller, Place};

/// The role of a place on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Paint {
    Prod,
    Sandbox,
    Ordinary,
}

const PROD_WORDS: [&str; 4] = ["prod", "prd", "production", "live"];

impl Place {
    /// How to paint the place, given the caller where it is known by now.
    pub fn paint(&self, caller: Option<&Caller>) -> Paint {
        let account = caller.and_then(|caller| caller.account.as_ref());
        match &self.backend {
            Backend::Sandbox(_) => Paint::Sandbox,
            _ if self.prod_field().is_some() => Paint::Prod,
            Backend::S3(_) if account.is_none() => Paint::Prod,
            Backend::S3(_) | Backend::Local(_) | Backend::Other { .. } => Paint::Ordinary,
        }
    }

    /// The field whose words say production: `key`, `workspace`, `bucket` or `profile`.
    pub fn prod_field(&self) -> Option<&'static str> {
        let path;
        let (bucket, key) = match &self.backend {
            Backend::S3(s3) => (s3.bucket.as_str(), s3.key.as_str()),
            Backend::Sandbox(sandbox) => (sandbox.bucket.as_str(), sandbox.key.as_str()),
            Backend::Local(local) => {
                path = local.path.to_string_lossy();
                ("", path.as_ref())
            }
            Backend::Other { .. } => ("", ""),
        };
        let fields = [
            ("key", key),
            ("workspace", &self.workspace),
            ("bucket", bucket),
            ("profile", self.profile().unwrap_or_default()),
        ];
        fields
            .into_iter()
            .find_map(|(field, text)| says_production(text).then_some(field))
    }
}

/// Whether one of the prod words stands in the text as a whole word; digits end a word, as in `prod2`.
fn says_production(text: &str) -> bool {
    text.split(|c: char| !c.is_alphabetic()).any(|word| {
        PROD_WORDS
            .iter()
            .any(|prod| word.eq_ignore_ascii_case(prod))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::{Local, Origin, S3};

    fn place(s3: S3) -> Place {
        Place {
            directory: None,
            workspace: s3.workspace.clone(),
            backend: Backend::S3(Box::new(s3)),
            origin: Origin::Flags,
            divergences: Vec::new(),
        }
    }

    fn known() -> Caller {
        Caller {
            account: Some("123456789012".into()),
            arn: "arn:aws:iam::123456789012:user/ada".into(),
        }
    }

    fn text(value: &str) -> String {
        value.to_owned()
    }

    #[test]
    fn each_field_can_say_production() {
        let named = |s3| place(s3).prod_field();
        let base = S3::default;
        assert_eq!(
            named(S3 {
                key: text("Prod/net.tfstate"),
                ..base()
            }),
            Some("key")
        );
        assert_eq!(
            named(S3 {
                workspace: text("eu-live"),
                ..base()
            }),
            Some("workspace")
        );
        assert_eq!(
            named(S3 {
                bucket: text("acme-prd2-tf"),
                ..base()
            }),
            Some("bucket")
        );
        assert_eq!(
            named(S3 {
                profile: Some(text("acme_production")),
                ..base()
            }),
            Some("profile")
        );
    }

    #[test]
    fn a_word_that_only_contains_prod_does_not_count() {
        for key in [
            "product/net",
            "delivery",
            "reproduction",
            "olive",
            "nonprod/x",
        ] {
            let place = place(S3 {
                key: text(key),
                ..S3::default()
            });
            assert_eq!(place.paint(Some(&known())), Paint::Ordinary, "{key}");
        }
    }

    #[test]
    fn an_unknown_account_paints_as_prod() {
        let dev = place(S3 {
            key: text("dev/net"),
            ..S3::default()
        });
        assert_eq!(dev.paint(None), Paint::Prod);
        assert_eq!(dev.paint(Some(&known())), Paint::Ordinary);
    }

    #[test]
    fn a_local_state_has_no_account_to_know() {
        let mut local = place(S3::default());
        local.backend = Backend::Local(Local {
            path: "/home/ada/dev/terraform.tfstate".into(),
        });
        assert_eq!(local.paint(None), Paint::Ordinary);
    }
}
