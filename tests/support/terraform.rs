//! The real terraform on a project of about forty resources, in a directory
//! of its own, with its state in the emulated S3 or beside it. No provider, no
//! checkpoint, no home and no configuration of the machine's user is involved.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use super::moto::{REGION, Stores};

/// An apply takes about a second alone; tests share few cores.
const PATIENCE: Duration = Duration::from_mins(3);

/// The state's object key in every project on S3.
pub const KEY: &str = "prod/network/terraform.tfstate";

const FILES: [(&str, &str); 3] = [
    ("main.tf", include_str!("project/main.tf")),
    (
        "modules/network/main.tf",
        include_str!("project/modules/network/main.tf"),
    ),
    (
        "modules/network/modules/subnet/main.tf",
        include_str!("project/modules/network/modules/subnet/main.tf"),
    ),
];

/// The binary on the search path.
///
/// None where there is none, after saying so where a reader of the closing
/// lines sees it; on CI, where nothing may be skipped, the test fails instead.
pub fn found() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(search_or_say_skipped).as_deref()
}

fn search_or_say_skipped() -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let mut binaries = std::env::split_paths(&folders).map(|folder| folder.join("terraform"));
    if let Some(binary) = binaries.find(|path| path.is_file()) {
        return Some(binary);
    }
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(
        !ci,
        "terraform not found: with CI=true no test is skipped, so put terraform 1.11 or newer on the PATH"
    );
    say_skipped();
    None
}

/// Written past the test harness's capture, which would swallow the line of a test that passes.
fn say_skipped() {
    use std::io::Write as _;
    let mut stderr = std::io::stderr();
    let _ = writeln!(
        stderr,
        "\nskipped: terraform not found (the tests that drive the real binary did not run)"
    );
}

/// How the S3 backend locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locking {
    DynamoDb,
    Lockfile,
    Both,
    Neither,
}

impl Locking {
    pub const ALL: [Self; 4] = [Self::DynamoDb, Self::Lockfile, Self::Both, Self::Neither];

    pub fn has_table(self) -> bool {
        matches!(self, Self::DynamoDb | Self::Both)
    }

    /// How many stores hold a lock.
    pub fn stores(self) -> usize {
        usize::from(self.has_table()) + usize::from(self.has_lockfile())
    }

    pub fn has_lockfile(self) -> bool {
        matches!(self, Self::Lockfile | Self::Both)
    }
}

/// A Terraform working directory.
#[derive(Debug)]
pub struct Project {
    binary: PathBuf,
    root: TempDir,
    workspace: Option<String>,
}

/// An apply that is in the middle of a resource; it holds the lock until it is killed.
#[derive(Debug)]
pub struct Holding {
    child: Child,
}

impl Project {
    /// A project whose state lies in the emulated S3.
    pub fn on_s3(binary: &Path, stores: &Stores, locking: Locking) -> Self {
        Self::on_s3_through(binary, stores, locking, &stores.endpoint())
    }

    /// The same with another server between terraform and the emulated S3.
    pub fn on_s3_through(binary: &Path, stores: &Stores, locking: Locking, endpoint: &str) -> Self {
        Self::with_backend(binary, &s3_backend(stores, locking, endpoint))
    }

    /// A project whose state lies beside its configuration.
    pub fn local(binary: &Path) -> Self {
        Self::with_backend(binary, "terraform {\n  backend \"local\" {}\n}\n")
    }

    pub(super) fn with_backend(binary: &Path, backend: &str) -> Self {
        let files = FILES.into_iter().chain([("backend.tf", backend)]);
        Self::of_files(binary, files.map(|(name, text)| (name, text.as_bytes())))
    }

    /// A working directory that holds these files and no others.
    pub(super) fn of_files<'a>(
        binary: &Path,
        files: impl IntoIterator<Item = (impl AsRef<Path>, &'a [u8])>,
    ) -> Self {
        let root = TempDir::new().expect("a temporary directory");
        let project = Self {
            binary: binary.to_owned(),
            root,
            workspace: None,
        };
        fs::create_dir_all(project.home()).expect("a home");
        for (name, text) in files {
            let path = project.dir().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
        project
    }

    /// The same project with `TF_WORKSPACE` set.
    #[must_use]
    pub fn in_workspace(mut self, name: &str) -> Self {
        self.workspace = Some(name.to_owned());
        self
    }

    /// The same from here on, as `terraform workspace select` leaves it.
    pub fn select(&self, workspace: &str) {
        let path = self.dir().join(".terraform/environment");
        fs::write(path, workspace).expect("the workspace file");
    }

    /// The working directory.
    pub fn dir(&self) -> PathBuf {
        self.root.path().join("work")
    }

    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// `terraform init`, which must succeed.
    #[must_use]
    pub fn initialised(self) -> Self {
        self.must(&["init"]);
        self
    }

    /// `terraform apply`, which must succeed.
    pub fn apply(&self) {
        self.must(&["apply", "-auto-approve"]);
    }

    /// The same with a variable set, as `name=value`.
    pub fn apply_with(&self, variable: &str) {
        self.must(&["apply", "-auto-approve", "-var", variable]);
    }

    /// The exit code of `terraform plan -detailed-exitcode`: 0 nothing to do, 1 error, 2 changes.
    pub fn plan(&self) -> Option<i32> {
        self.terraform(&["plan", "-detailed-exitcode"])
            .status
            .code()
    }

    /// Addresses as `terraform state list` prints them.
    pub fn state_list(&self) -> Vec<String> {
        self.must(&["state", "list"])
            .lines()
            .map(str::to_owned)
            .collect()
    }

    /// Starts an apply and returns once it sits in the middle of a resource, holding the lock.
    pub fn hold(&self) -> Holding {
        let mut command = self.command(&["apply", "-auto-approve", "-var", "hold=true"]);
        command
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("terraform starts");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let (sender, sign) = mpsc::channel();
        std::thread::spawn(move || {
            let mut said = String::new();
            for line in lines.map_while(Result::ok) {
                if line.contains("(local-exec): holding") {
                    let _ = sender.send(Ok(()));
                }
                let _ = writeln!(said, "{line}");
            }
            let _ = sender.send(Err(said));
        });
        let holding = Holding { child };
        match sign.recv_timeout(PATIENCE) {
            Ok(Ok(())) => holding,
            Ok(Err(said)) => panic!("the apply ended before it could be held:\n{said}"),
            Err(late) => panic!("the apply did not reach its provisioner in {PATIENCE:?}: {late}"),
        }
    }

    /// Starts an apply that waits for the lock, and returns once it does.
    pub fn waits_for_the_lock(&self) -> Waiting {
        let mut command = self.command(&["apply", "-auto-approve", "-lock-timeout=170s"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("terraform starts");
        let (sender, said) = mpsc::channel();
        let out = child
            .stdout
            .take()
            .map(|out| Box::new(out) as Box<dyn Read + Send>);
        let err = child
            .stderr
            .take()
            .map(|err| Box::new(err) as Box<dyn Read + Send>);
        for stream in out.into_iter().chain(err) {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
        }
        let mut waiting = Waiting {
            child,
            said,
            heard: String::new(),
        };
        waiting.hear(|line| line.contains("Acquiring state lock"));
        waiting
    }

    /// Leaves what a killed apply leaves: the lock, in every store that the backend uses.
    pub fn kill_an_apply(&self) {
        drop(self.hold());
    }

    /// Runs terraform to its end, whatever that is.
    pub fn terraform(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("terraform runs")
    }

    /// Runs a line that names terraform, as a shell reads it.
    pub fn shell(&self, line: &str) -> Output {
        let mut command = Command::new("sh");
        let folder = self.binary.parent().expect("the folder of the binary");
        command
            .args(["-c", line])
            .current_dir(self.dir())
            .stdin(Stdio::null());
        command.env_clear().envs(self.environment());
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", folder.display()));
        command.output().expect("a shell runs")
    }

    pub fn must(&self, arguments: &[&str]) -> String {
        let output = self.terraform(arguments);
        let said = String::from_utf8_lossy(&output.stdout);
        let complained = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "terraform {arguments:?}: {}\n{said}{complained}",
            output.status
        );
        said.into_owned()
    }

    /// The whole environment that terraform runs in, and that tfsos is given beside it.
    pub fn environment(&self) -> Vec<(String, String)> {
        let home = self.home().display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let fixed = [
            ("HOME", home.as_str()),
            ("PATH", &path),
            ("CHECKPOINT_DISABLE", "1"),
            ("TF_IN_AUTOMATION", "1"),
            ("TF_INPUT", "0"),
            ("TF_CLI_ARGS", "-no-color"),
        ];
        let workspace = self
            .workspace
            .iter()
            .map(|name| ("TF_WORKSPACE", name.as_str()));
        let all = fixed.into_iter().chain(credentials()).chain(workspace);
        all.map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .current_dir(self.dir())
            .stdin(Stdio::null());
        command.env_clear().envs(self.environment());
        command
    }
}

/// An apply that waits for the lock.
#[derive(Debug)]
pub struct Waiting {
    child: Child,
    said: mpsc::Receiver<String>,
    heard: String,
}

impl Waiting {
    /// Listens until a line is the one that is wanted, or there are no more.
    fn hear(&mut self, wanted: impl Fn(&str) -> bool) {
        loop {
            match self.said.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let found = wanted(&line);
                    let _ = writeln!(self.heard, "{line}");
                    if found {
                        return;
                    }
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
                Err(late) => panic!("terraform said nothing for {PATIENCE:?}: {late}"),
            }
        }
    }

    /// Hears it to its end, which must be a whole apply.
    ///
    /// A job that asks who holds the lock in the very instant in which it goes
    /// finds nobody and gives up (`unexpected end of JSON input` of DynamoDB):
    /// that race is Terraform's own. Begun again at once it must get in.
    pub fn gets_in(mut self, project: &Project) {
        self.hear(|_| false);
        let _ = self.child.wait();
        if self.heard.contains("Error acquiring the state lock") {
            return project.apply();
        }
        assert!(self.heard.contains("Apply complete!"), "{}", self.heard);
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Holding {
    /// SIGKILL to terraform and to what it started, together, as a lost machine would.
    fn drop(&mut self) {
        let group = Pid::from_child(&self.child);
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
    }
}

/// Credentials that the emulated AWS accepts and that no real one knows.
pub fn credentials() -> [(&'static str, &'static str); 4] {
    [
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        (
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        ),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_REGION", REGION),
    ]
}

fn s3_backend(stores: &Stores, locking: Locking, endpoint: &str) -> String {
    let arguments = s3_arguments(stores, locking, endpoint);
    format!("terraform {{\n  backend \"s3\" {{\n{arguments}  }}\n}}\n")
}

/// The arguments of the backend, one a line.
pub(super) fn s3_arguments(stores: &Stores, locking: Locking, endpoint: &str) -> String {
    // In the backend itself, so that a test in this process finds them without an environment.
    let [(_, access_key), (_, secret_key), ..] = credentials();
    let mut text = format!(
        r#"    bucket                      = "{}"
    key                         = "{KEY}"
    region                      = "{REGION}"
    access_key                  = "{access_key}"
    secret_key                  = "{secret_key}"
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
    endpoints                   = {{ s3 = "{endpoint}", dynamodb = "{endpoint}", sts = "{endpoint}", iam = "{endpoint}" }}
"#,
        stores.bucket
    );
    if locking.has_table() {
        let _ = writeln!(text, "    dynamodb_table = \"{}\"", stores.table);
    }
    if locking.has_lockfile() {
        text.push_str("    use_lockfile = true\n");
    }
    text
}
