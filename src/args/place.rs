//! How a place is named on the command line.

use std::path::PathBuf;

use clap::Args;

use crate::fault::Fault;
use crate::place::{Environment, Flags, Lockfile, Place};
use crate::recovery::by_hand;

/// Where the state lives: a directory, or a bucket and a key. Never both.
#[derive(Debug, Clone, Args)]
pub struct PlaceArguments {
    /// The Terraform directory [default: .]
    #[arg(value_name = "DIR", conflicts_with = "bucket")]
    pub directory: Option<PathBuf>,
    /// The bucket, where there is no directory
    #[arg(long, help_heading = "Place")]
    pub bucket: Option<String>,
    /// The key, as in the backend block
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub key: Option<String>,
    /// Every state whose key begins so, where no key is named
    #[arg(
        long,
        requires = "bucket",
        conflicts_with = "key",
        help_heading = "Place"
    )]
    pub prefix: Option<String>,
    /// The region; else `AWS_REGION` or `AWS_DEFAULT_REGION`, as Terraform reads them
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub region: Option<String>,
    /// The AWS profile, and no other credentials
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub profile: Option<String>,
    /// One endpoint for S3, DynamoDB, STS and the tagging service
    #[arg(long, value_name = "URL", requires = "bucket", help_heading = "Place")]
    pub endpoint_url: Option<String>,
    /// The DynamoDB table of locks and digests
    #[arg(
        long,
        value_name = "TABLE",
        requires = "bucket",
        help_heading = "Place"
    )]
    pub lock_table: Option<String>,
    /// Look for the `.tflock` object beside the state
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub lockfile: bool,
    /// The workspace [default: `TF_WORKSPACE`, else default]
    #[arg(long, requires = "bucket", help_heading = "Place")]
    pub workspace: Option<String>,
}

/// What the place arguments mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    Directory(PathBuf),
    Flags(Box<Place>),
    /// A bucket of which no state is named.
    Bucket {
        root: Box<Place>,
        prefix: String,
    },
}

impl PlaceArguments {
    /// Whether a place was named at all.
    pub fn is_given(&self) -> bool {
        self.directory.is_some() || self.bucket.is_some()
    }

    /// The same arguments as words of a shell.
    pub fn words(&self) -> Vec<String> {
        let directory = self.directory.as_ref();
        let directory = directory.map(|path| by_hand::quote(&path.to_string_lossy()));
        let flags = [
            ("--bucket", &self.bucket),
            ("--key", &self.key),
            ("--prefix", &self.prefix),
            ("--region", &self.region),
            ("--profile", &self.profile),
            ("--endpoint-url", &self.endpoint_url),
            ("--lock-table", &self.lock_table),
            ("--workspace", &self.workspace),
        ];
        let flags = flags.into_iter().filter_map(|(name, value)| {
            let value = value.as_ref()?;
            Some(format!("{name} {}", by_hand::quote(value)))
        });
        let lockfile = self.lockfile.then(|| "--lockfile".to_owned());
        directory.into_iter().chain(flags).chain(lockfile).collect()
    }

    /// The directory, the place that the flags name, or the bucket where they name no key.
    pub fn named(&self, environment: &Environment) -> Result<Named, Fault> {
        let Some(bucket) = &self.bucket else {
            let here = || PathBuf::from(".");
            return Ok(Named::Directory(
                self.directory.clone().unwrap_or_else(here),
            ));
        };
        let flags = Flags {
            bucket: bucket.clone(),
            key: self.key.clone().unwrap_or_default(),
            region: self.region.clone(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            lock_table: self.lock_table.clone(),
            lockfile: if self.lockfile {
                Lockfile::Used
            } else {
                Lockfile::Unused
            },
            workspace: self.workspace.clone(),
        };
        if self.key.is_none() {
            return Ok(Named::Bucket {
                root: Box::new(flags.bucket(environment)?),
                prefix: self.prefix.clone().unwrap_or_default(),
            });
        }
        Ok(Named::Flags(Box::new(flags.place(environment)?)))
    }
}
