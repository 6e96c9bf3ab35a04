//! From a backend's attributes and the environment to the settings that count
//! (`s3/backend.go`, `PrepareConfig` and `Configure`): configuration first, then
//! variables, each in Terraform's order.

mod identity;

use std::path::PathBuf;

use super::attributes::Attributes;
use super::environment::Switch;
use super::{Encryption, Endpoints, Environment, S3, Secret};

/// Why Terraform would refuse the settings; the subject is known to the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unusable {
    #[error("the required attribute {0} is not set")]
    Missing(&'static str),
    #[error("{0} and {1} cannot be configured together")]
    Conflict(&'static str, &'static str),
    #[error("{0} starts or ends with a slash, or has two in a row")]
    Slashes(&'static str),
    #[error("{0} is not 44 characters of base64")]
    CustomerKey(&'static str),
}

/// What the attributes come with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) attributes: Attributes<'a>,
    pub(super) environment: &'a Environment,
    /// The Terraform that wrote the attributes, where one did.
    pub(super) terraform_version: Option<&'a str>,
}

impl Setting<'_> {
    /// The S3 backend of one workspace.
    pub(super) fn s3(self, workspace: &str) -> Result<S3, Unusable> {
        self.conflicts()?;
        let a = self.attributes;
        let switch = Switch::of(self.terraform_version);
        Ok(S3 {
            bucket: a.owned("bucket").ok_or(Unusable::Missing("bucket"))?,
            key: self.key()?,
            workspace_key_prefix: self.workspace_key_prefix()?,
            workspace: workspace.to_owned(),
            region: self.text("region", &["AWS_REGION", "AWS_DEFAULT_REGION"]),
            dynamodb_table: a.owned("dynamodb_table"),
            use_lockfile: a.flag("use_lockfile").unwrap_or(false),
            endpoints: self.endpoints(),
            use_path_style: a.flag("use_path_style").or(a.flag("force_path_style")) == Some(true),
            use_fips_endpoint: self.switch("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT", switch),
            use_dualstack_endpoint: self.switch(
                "use_dualstack_endpoint",
                "AWS_USE_DUALSTACK_ENDPOINT",
                switch,
            ),
            profile: a.owned("profile"),
            environment_profile: self.environment.value("AWS_PROFILE").map(str::to_owned),
            keys: self.keys(),
            assume_role: self.assume_role(),
            web_identity: self.web_identity(),
            shared_config_files: self.files("shared_config_files", "AWS_SHARED_CONFIG_FILE"),
            shared_credentials_files: self.credentials_files(),
            encryption: self.encryption()?,
            acl: a.owned("acl"),
            max_attempts: a.number("max_retries"),
            retry_mode: self.text("retry_mode", &["AWS_RETRY_MODE"]),
            custom_ca_bundle: self
                .text("custom_ca_bundle", &["AWS_CA_BUNDLE"])
                .map(Into::into),
            http_proxy: self.text("http_proxy", &["HTTP_PROXY", "http_proxy"]),
            https_proxy: self.https_proxy(),
            no_proxy: self.text("no_proxy", &["NO_PROXY", "no_proxy"]),
            sts_region: a.owned("sts_region"),
            insecure: a.flag("insecure").unwrap_or(false),
            skip_credentials_validation: self.skips("skip_credentials_validation"),
            skip_metadata_api_check: self.skips("skip_metadata_api_check"),
            metadata_endpoint: self.text(
                "ec2_metadata_service_endpoint",
                &["AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_METADATA_URL"],
            ),
            metadata_endpoint_mode: self.text(
                "ec2_metadata_service_endpoint_mode",
                &["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"],
            ),
            skip_region_validation: self.skips("skip_region_validation"),
            skip_requesting_account_id: self.skips("skip_requesting_account_id"),
            skip_s3_checksum: self.skips("skip_s3_checksum"),
            allowed_account_ids: a.list("allowed_account_ids"),
            forbidden_account_ids: a.list("forbidden_account_ids"),
        })
    }

    /// The attribute, else the first variable that is set.
    fn text(&self, attribute: &str, variables: &[&str]) -> Option<String> {
        self.attributes
            .text(attribute)
            .or_else(|| self.environment.first(variables))
            .map(str::to_owned)
    }

    fn skips(&self, attribute: &str) -> bool {
        self.attributes.flag(attribute).unwrap_or(false)
    }

    fn switch(&self, attribute: &str, variable: &str, reading: Switch) -> bool {
        self.attributes
            .flag(attribute)
            .unwrap_or_else(|| self.environment.switch(variable, reading))
    }

    fn files(&self, attribute: &str, variable: &str) -> Vec<PathBuf> {
        let mut files = self.attributes.list(attribute);
        if files.is_empty() {
            files.extend(self.environment.value(variable).map(str::to_owned));
        }
        files.into_iter().map(Into::into).collect()
    }

    /// The singular attribute is deprecated and still honored.
    fn credentials_files(&self) -> Vec<PathBuf> {
        match self.attributes.text("shared_credentials_file") {
            Some(file) => vec![file.into()],
            None => self.files("shared_credentials_files", "AWS_SHARED_CREDENTIALS_FILE"),
        }
    }

    /// A configured `http_proxy` serves HTTPS too where no other is named (legacy proxy mode).
    fn https_proxy(&self) -> Option<String> {
        self.attributes
            .owned("https_proxy")
            .or_else(|| self.attributes.owned("http_proxy"))
            .or_else(|| {
                let variable = self.environment.first(&["HTTPS_PROXY", "https_proxy"]);
                variable.map(str::to_owned)
            })
    }

    fn key(&self) -> Result<String, Unusable> {
        let key = self
            .attributes
            .text("key")
            .ok_or(Unusable::Missing("key"))?;
        if key.starts_with('/') || key.ends_with('/') || key.contains("//") {
            return Err(Unusable::Slashes("key"));
        }
        Ok(key.to_owned())
    }

    /// An empty prefix is a prefix: the workspace is then the first folder of the bucket.
    fn workspace_key_prefix(&self) -> Result<String, Unusable> {
        let prefix = self
            .attributes
            .raw("workspace_key_prefix")
            .unwrap_or("env:");
        if prefix.starts_with('/') || prefix.ends_with('/') {
            return Err(Unusable::Slashes("workspace_key_prefix"));
        }
        Ok(prefix.to_owned())
    }

    fn conflicts(&self) -> Result<(), Unusable> {
        let set = |name: &str| self.attributes.text(name).is_some();
        let nested = self.attributes.nested("endpoints");
        for (flat, service, path) in [
            ("dynamodb_endpoint", "dynamodb", "endpoints.dynamodb"),
            ("iam_endpoint", "iam", "endpoints.iam"),
            ("endpoint", "s3", "endpoints.s3"),
            ("sts_endpoint", "sts", "endpoints.sts"),
        ] {
            if set(flat) && nested.is_some_and(|nested| nested.text(service).is_some()) {
                return Err(Unusable::Conflict(flat, path));
            }
        }
        if set("kms_key_id") {
            if set("sse_customer_key") {
                return Err(Unusable::Conflict("kms_key_id", "sse_customer_key"));
            }
            if self.environment.value("AWS_SSE_CUSTOMER_KEY").is_some() {
                return Err(Unusable::Conflict("kms_key_id", "AWS_SSE_CUSTOMER_KEY"));
            }
        }
        Ok(())
    }

    fn endpoints(&self) -> Endpoints {
        let one = |service: &str, flat: &str, variables: &[&str]| {
            self.attributes
                .nested("endpoints")
                .and_then(|endpoints| endpoints.text(service))
                .or_else(|| self.attributes.text(flat))
                .or_else(|| self.environment.first(variables))
                .or_else(|| self.sdk_endpoint())
                .map(str::to_owned)
        };
        Endpoints {
            s3: one(
                "s3",
                "endpoint",
                &["AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT"],
            ),
            dynamodb: one(
                "dynamodb",
                "dynamodb_endpoint",
                &["AWS_ENDPOINT_URL_DYNAMODB", "AWS_DYNAMODB_ENDPOINT"],
            ),
            iam: one(
                "iam",
                "iam_endpoint",
                &["AWS_ENDPOINT_URL_IAM", "AWS_IAM_ENDPOINT"],
            ),
            sts: one(
                "sts",
                "sts_endpoint",
                &["AWS_ENDPOINT_URL_STS", "AWS_STS_ENDPOINT"],
            ),
            sso: one("sso", "", &["AWS_ENDPOINT_URL_SSO"]),
            tagging: one(
                "tagging",
                "",
                &["AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API"],
            ),
        }
    }

    /// The SDK's own variable for every service, which it can be told to ignore.
    fn sdk_endpoint(&self) -> Option<&str> {
        let ignored = self
            .environment
            .value("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        if ignored.is_some_and(|word| word.eq_ignore_ascii_case("true")) {
            return None;
        }
        self.environment.value("AWS_ENDPOINT_URL")
    }

    fn encryption(&self) -> Result<Encryption, Unusable> {
        let attribute = self.attributes.text("sse_customer_key");
        let (customer, source) = match attribute {
            Some(key) => (Some(key), "sse_customer_key"),
            None => (
                self.environment.value("AWS_SSE_CUSTOMER_KEY"),
                "AWS_SSE_CUSTOMER_KEY",
            ),
        };
        if customer.is_some_and(|key| !is_customer_key(key)) {
            return Err(Unusable::CustomerKey(source));
        }
        if self.attributes.flag("encrypt") != Some(true) {
            return Ok(Encryption::None);
        }
        Ok(match (self.attributes.owned("kms_key_id"), customer) {
            (Some(key_id), _) => Encryption::Kms { key_id },
            (None, Some(key)) => Encryption::Customer {
                key: Secret::new(key),
            },
            (None, None) => Encryption::Aes256,
        })
    }
}

/// 256 bits as Terraform takes them: 44 characters of base64.
fn is_customer_key(key: &str) -> bool {
    key.len() == 44
        && data_encoding::BASE64
            .decode(key.as_bytes())
            .is_ok_and(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn resolve(extra: &Value, variables: &[(&str, &str)], version: &str) -> Result<S3, Unusable> {
        let mut config = json!({"bucket": "tfb", "key": "net/app.tfstate"});
        let all = config.as_object_mut().unwrap();
        all.extend(extra.as_object().unwrap().clone());
        let environment = variables.iter().copied().collect();
        Setting {
            attributes: Attributes::new(all),
            environment: &environment,
            terraform_version: Some(version),
        }
        .s3("default")
    }

    fn s3(extra: &Value, variables: &[(&str, &str)]) -> S3 {
        resolve(extra, variables, "1.11.4").unwrap()
    }

    fn refusal(extra: &Value, variables: &[(&str, &str)]) -> String {
        resolve(extra, variables, "1.11.4").unwrap_err().to_string()
    }

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn the_region_is_the_attribute_then_the_variables() {
        let both = [
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_REGION", "us-east-1"),
        ];
        let region = |extra: &Value, variables: &[_]| s3(extra, variables).region;
        assert_eq!(
            region(&json!({"region": "sa-east-1"}), &both).unwrap(),
            "sa-east-1"
        );
        assert_eq!(
            region(&json!({"region": null}), &both).unwrap(),
            "us-east-1"
        );
        assert_eq!(
            region(&json!({"region": ""}), &both[..1]).unwrap(),
            "eu-west-1"
        );
        assert_eq!(region(&json!({"profile": "prod"}), &[]), None);
    }

    #[test]
    fn endpoints_are_taken_in_terraforms_order() {
        let all = [
            ("AWS_ENDPOINT_URL", "http://any"),
            ("AWS_S3_ENDPOINT", "http://old"),
            ("AWS_ENDPOINT_URL_S3", "http://new"),
        ];
        let endpoint = |extra: &Value, variables: &[_]| s3(extra, variables).endpoints.s3.unwrap();
        assert_eq!(
            endpoint(&json!({"endpoints": {"s3": "http://nested"}}), &all),
            "http://nested"
        );
        assert_eq!(
            endpoint(&json!({"endpoint": "http://flat"}), &all),
            "http://flat"
        );
        assert_eq!(endpoint(&json!({}), &all), "http://new");
        assert_eq!(endpoint(&json!({}), &all[..2]), "http://old");
        assert_eq!(endpoint(&json!({}), &all[..1]), "http://any");
        let ignored = [all[0], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")];
        assert_eq!(s3(&json!({}), &ignored).endpoints, Endpoints::default());
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let flat_and_nested = json!({"sts_endpoint": "http://a", "endpoints": {"sts": "http://b"}});
        assert!(refusal(&flat_and_nested, &[]).contains("sts_endpoint and endpoints.sts"));
        let two_keys = json!({"kms_key_id": "k", "sse_customer_key": KEY});
        assert!(refusal(&two_keys, &[]).contains("kms_key_id and sse_customer_key"));
        let variable = [("AWS_SSE_CUSTOMER_KEY", KEY)];
        assert!(refusal(&json!({"kms_key_id": "k"}), &variable).contains("AWS_SSE_CUSTOMER_KEY"));
        assert!(refusal(&json!({"sse_customer_key": "short"}), &[]).contains("base64"));
        assert!(refusal(&json!({"key": "/net"}), &[]).contains("slash"));
    }

    #[test]
    fn nothing_is_encrypted_unless_encrypt_is_true() {
        let encryption = |extra: &Value, variables: &[_]| s3(extra, variables).encryption;
        assert_eq!(
            encryption(&json!({"kms_key_id": "k"}), &[]),
            Encryption::None
        );
        assert_eq!(
            encryption(&json!({"encrypt": true}), &[]),
            Encryption::Aes256
        );
        let kms = encryption(&json!({"encrypt": true, "kms_key_id": "k"}), &[]);
        assert_eq!(kms, Encryption::Kms { key_id: "k".into() });
        let customer = encryption(&json!({"encrypt": true}), &[("AWS_SSE_CUSTOMER_KEY", KEY)]);
        assert_eq!(
            customer,
            Encryption::Customer {
                key: Secret::new(KEY)
            }
        );
    }

    #[test]
    fn an_explicit_profile_stays_apart_from_the_environments() {
        let found = s3(&json!({"profile": "ops"}), &[("AWS_PROFILE", "dev")]);
        assert_eq!(found.profile.as_deref(), Some("ops"));
        assert_eq!(found.environment_profile.as_deref(), Some("dev"));
    }

    #[test]
    fn a_configured_http_proxy_serves_https_too() {
        let found = s3(
            &json!({"http_proxy": "http://p"}),
            &[("HTTPS_PROXY", "http://q")],
        );
        assert_eq!(found.https_proxy.as_deref(), Some("http://p"));
        let found = s3(
            &json!({}),
            &[("HTTPS_PROXY", "http://q"), ("no_proxy", "a.b")],
        );
        assert_eq!(found.https_proxy.as_deref(), Some("http://q"));
        assert_eq!(found.no_proxy.as_deref(), Some("a.b"));
    }

    #[test]
    fn a_switch_in_the_environment_is_read_as_that_terraform_reads_it() {
        let variable = [("AWS_USE_FIPS_ENDPOINT", "false")];
        let fips = |version| {
            resolve(&json!({}), &variable, version)
                .unwrap()
                .use_fips_endpoint
        };
        assert!(fips("1.11.4") && !fips("1.15.9"));
        assert!(!s3(&json!({"use_fips_endpoint": false}), &variable).use_fips_endpoint);
    }

    #[test]
    fn an_empty_workspace_prefix_is_a_prefix() {
        assert_eq!(
            s3(&json!({"workspace_key_prefix": ""}), &[]).workspace_key_prefix,
            ""
        );
        assert_eq!(
            s3(&json!({"workspace_key_prefix": null}), &[]).workspace_key_prefix,
            "env:"
        );
    }
}
