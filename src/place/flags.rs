//! A place that was named on the command line, with no directory at all. The
//! flags go through the same rules as a backend block, so the environment fills
//! what they leave open.

use serde_json::{Map, Value, json};

use super::attributes::Attributes;
use super::resolve::Setting;
use super::{Backend, Environment, Origin, Place, workspace};
use crate::fault::Fault;

/// `--bucket --key` and what goes with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags {
    pub bucket: String,
    /// The key as in the backend block, without the workspace.
    pub key: String,
    pub region: Option<String>,
    pub profile: Option<String>,
    /// One endpoint for every service, asked in path style.
    pub endpoint_url: Option<String>,
    pub lock_table: Option<String>,
    pub lockfile: Lockfile,
    pub workspace: Option<String>,
}

/// Whether the state has a `.tflock` object beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lockfile {
    Used,
    #[default]
    Unused,
}

impl Flags {
    /// The place that the flags name.
    pub fn place(&self, environment: &Environment) -> Result<Place, Fault> {
        let workspace = match &self.workspace {
            Some(name) => workspace::checked(name, "--workspace")?,
            None => workspace::selected(environment, None)?,
        };
        let attributes = self.attributes();
        let setting = Setting {
            attributes: Attributes::new(&attributes),
            environment,
            terraform_version: None,
        };
        let s3 = setting.s3(&workspace).map_err(|unusable| {
            let subject = format!("{}/{}", self.bucket, self.key);
            Fault::new("use the place", subject, unusable)
                .hint("correct the flags, or the variable that is named")
        })?;
        Ok(Place {
            directory: None,
            workspace,
            backend: Backend::S3(Box::new(s3)),
            origin: Origin::Flags,
            divergences: Vec::new(),
        })
    }

    /// The bucket that the flags name, with no state chosen in it: only what lies beside is asked of it.
    pub fn bucket(&self, environment: &Environment) -> Result<Place, Fault> {
        // The rules of a backend block want a key; what it is does not matter here.
        let named = Self {
            key: "terraform.tfstate".to_owned(),
            workspace: Some("default".to_owned()),
            ..self.clone()
        };
        let mut place = named.place(environment)?;
        if let Backend::S3(s3) = &mut place.backend {
            s3.key.clear();
        }
        Ok(place)
    }

    /// The backend block that would say the same.
    fn attributes(&self) -> Map<String, Value> {
        let endpoint = self.endpoint_url.as_deref();
        let attributes = json!({
            "bucket": self.bucket,
            "key": self.key,
            "region": self.region,
            "profile": self.profile,
            "dynamodb_table": self.lock_table,
            "use_lockfile": self.lockfile == Lockfile::Used,
            "use_path_style": endpoint.is_some(),
            "endpoints": {
                "s3": endpoint,
                "dynamodb": endpoint,
                "sts": endpoint,
                "tagging": endpoint,
            },
        });
        match attributes {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::S3;

    fn flags() -> Flags {
        Flags {
            bucket: "tfb".into(),
            key: "net/terraform.tfstate".into(),
            ..Flags::default()
        }
    }

    fn s3(flags: &Flags, environment: &Environment) -> S3 {
        match flags.place(environment).unwrap().backend {
            Backend::S3(s3) => *s3,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_environment_fills_what_the_flags_leave_open() {
        let environment = Environment::from_iter([
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("TF_WORKSPACE", "staging"),
        ]);
        let s3 = s3(&flags(), &environment);
        assert_eq!(s3.region.as_deref(), Some("eu-west-1"));
        assert_eq!(s3.state_key(), "env:/staging/net/terraform.tfstate");
        assert!(!s3.use_path_style && !s3.use_lockfile && s3.dynamodb_table.is_none());
    }

    #[test]
    fn flags_win_over_the_environment() {
        let environment = Environment::from_iter([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ENDPOINT_URL_S3", "http://other"),
        ]);
        let flags = Flags {
            region: Some("us-east-1".into()),
            endpoint_url: Some("http://127.0.0.1:9000".into()),
            lock_table: Some("tf-locks".into()),
            lockfile: Lockfile::Used,
            workspace: Some("default".into()),
            ..flags()
        };
        let s3 = s3(&flags, &environment);
        assert_eq!(s3.region.as_deref(), Some("us-east-1"));
        assert_eq!(s3.endpoints.s3, s3.endpoints.dynamodb);
        assert_eq!(s3.endpoints.s3.as_deref(), Some("http://127.0.0.1:9000"));
        assert!(s3.use_path_style && s3.use_lockfile);
    }

    #[test]
    fn a_bucket_alone_has_no_key_and_no_workspace() {
        let environment = Environment::from_iter([("TF_WORKSPACE", "staging")]);
        let place = flags().bucket(&environment).unwrap();
        assert_eq!(
            (place.full_name(), place.workspace.as_str()),
            ("tfb".into(), "default")
        );
    }

    #[test]
    fn a_key_that_terraform_would_refuse_is_refused() {
        let flags = Flags {
            key: "/net//x".into(),
            ..flags()
        };
        assert!(flags.place(&Environment::default()).is_err());
    }
}
