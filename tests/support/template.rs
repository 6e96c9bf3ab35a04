//! A project that was initialised and applied twice, once for a test process:
//! what an incident needs behind it costs no other test a run of terraform.
//! Its backend is written to the cache alone, as `-backend-config` leaves it,
//! so that the same directory serves any bucket, table and way to lock.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::moto::{Moto, Stores};
use super::terraform::{self, KEY, Locking, Project};

const CACHE: &str = ".terraform/terraform.tfstate";

/// What an initialised directory holds, and what two applies wrote.
#[derive(Debug)]
pub struct Template {
    files: Vec<(PathBuf, Vec<u8>)>,
    /// The states, the newest last; its configuration says just that one.
    pub states: [Vec<u8>; 2],
}

impl Template {
    /// The one of this process; it is made by the first test that asks.
    pub fn shared(binary: &Path) -> &'static Self {
        static SHARED: OnceLock<Template> = OnceLock::new();
        SHARED.get_or_init(|| Self::made(binary))
    }

    fn made(binary: &Path) -> Self {
        let stores = Moto::shared().stores();
        let project = Project::with_backend(binary, "terraform {\n  backend \"s3\" {}\n}\n");
        let arguments = terraform::s3_arguments(&stores, Locking::Neither, &stores.endpoint());
        let path = project.home().join("backend.hcl");
        fs::write(&path, arguments).expect("a file of arguments");
        project.must(&["init", &format!("-backend-config={}", path.display())]);
        let states = ["two", "one"].map(|release| {
            project.apply_with(&format!("release={release}"));
            stores.object(KEY).expect("a state")
        });
        let mut files = Vec::new();
        collect(&project.dir(), &project.dir(), &mut files);
        Self { files, states }
    }

    /// The same project with its state and history in other stores.
    pub fn project(&self, binary: &Path, stores: &Stores, locking: Locking) -> Project {
        self.history(stores, locking, KEY);
        self.directory(binary, stores, locking)
    }

    /// What two applies leave under a key.
    pub fn history(&self, stores: &Stores, locking: Locking, key: &str) {
        for state in &self.states {
            stores.put_object(key, state);
        }
        if locking.has_table() {
            let digest = digest(&self.states[1]);
            let row = format!("{}/{key}-md5", stores.bucket);
            stores.put_item(&json!({"LockID": {"S": row}, "Digest": {"S": digest}}));
        }
    }

    fn directory(&self, binary: &Path, stores: &Stores, locking: Locking) -> Project {
        let cache = |text: &[u8]| -> Vec<u8> {
            let mut cache: Value = serde_json::from_slice(text).expect("a cache");
            let config = &mut cache["backend"]["config"];
            config["bucket"] = json!(stores.bucket);
            config["dynamodb_table"] = json!(locking.has_table().then_some(&stores.table));
            config["use_lockfile"] = json!(locking.has_lockfile().then_some(true));
            cache.to_string().into_bytes()
        };
        let files: Vec<(&Path, Vec<u8>)> = self
            .files
            .iter()
            .map(|(name, text)| {
                let is_cache = name == Path::new(CACHE);
                let text = if is_cache { cache(text) } else { text.clone() };
                (name.as_path(), text)
            })
            .collect();
        Project::of_files(binary, files.iter().map(|(name, text)| (name, &text[..])))
    }
}

/// What the digest item holds for a state.
pub fn digest(state: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Md5::digest(state))
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below it").to_owned();
            files.push((name, fs::read(path).expect("a file")));
        }
    }
}
