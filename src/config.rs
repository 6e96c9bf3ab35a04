//! What can be set: defaults, then the file, then the environment, then what
//! was typed; each value knows where it came from. Read-only is the exception:
//! whoever asks for it gets it, and nothing else can take it back.

use std::fmt;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::lock::job::Template;
use crate::place::Environment;

/// Every setting with its default and a sentence: the schema, and what a new file may begin as.
pub const SCHEMA: &str = r#"# Refuse every write; cannot be taken back by a flag. TFSOS_READ_ONLY=1, --read-only
read_only = false

# dark, light, high-contrast, or the path of a theme file. TFSOS_THEME, --theme
theme = "dark"

# Start with names and ids hidden, for a shared screen. --share
share = false

# A place whose bucket, key or workspace contains one of these is production:
# a headless write there also needs --place BUCKET/KEY.
prod = []

# The AWS profile of writes: armed, plans run under it and nothing else does;
# everything is read as the backend says. Empty: one identity for both.
# TFSOS_WRITE_PROFILE
write_profile = ""

# The bucket that the state's bucket is copied to; {bucket} stands for its name,
# as in "{bucket}-replica". Its current object is offered beside the versions.
replica_bucket = ""

# Keep the bodies of versions on disk, under $XDG_CACHE_HOME/tfsos, for this user
# alone and up to 512 MiB; never what is encrypted with a key of one's own. --cache
cache = false

# A lock's holder that is one of your CI's jobs: a regular expression over Who
# whose named groups, as in (?P<job>[0-9]+), fill the two below, beside {user} and
# {host}. Empty: whatever looks like a CI.
ci_who = ""

# The page of that job, as in "https://gitlab.example.com/acme/-/jobs/{job}".
ci_url = ""

# The command that ends with 0 while the job runs and with 1 after it, as in
# ["ci-runs", "{job}"]. It is started without a shell, and waited for 5 s.
ci_running = []

# The program that says what the next plan would do after a restore, as in "tofu" or
# a path: it is asked for a plan without a refresh and without a lock, in the working
# directory, for 2 minutes at most. Empty: terraform, or tofu where that initialized
# the directory. none: nothing is run. TFSOS_TERRAFORM
terraform = ""

# What signs in where :login is asked for, as in ["corp-login", "--profile", "{profile}"]. It
# is started without a shell, on the terminal. Empty: aws sso login for the profile.
login_command = []

# Who is called where a runbook does not help; a page's own contact goes over it
contact = ""
"#;

/// A value and who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    pub value: T,
    pub source: Source,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Default,
    File(PathBuf),
    Variable(&'static str),
    Flag(&'static str),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Variable(name) | Self::Flag(name) => f.write_str(name),
        }
    }
}

/// What was typed; none leaves a setting to the others.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub read_only: Option<bool>,
    pub theme: Option<String>,
    pub share: Option<bool>,
    pub cache: Option<bool>,
}

/// The settings of this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub read_only: Sourced<bool>,
    pub theme: Sourced<String>,
    pub share: Sourced<bool>,
    pub prod: Sourced<Vec<String>>,
    /// Empty where writes have no profile of their own.
    pub write_profile: Sourced<String>,
    /// Empty where none is named.
    pub replica_bucket: Sourced<String>,
    pub cache: Sourced<bool>,
    pub ci_who: Sourced<String>,
    pub ci_url: Sourced<String>,
    pub ci_running: Sourced<Vec<String>>,
    /// Empty where it is whichever is found.
    pub terraform: Sourced<String>,
    /// Empty where a profile of IAM Identity Center says how.
    pub login_command: Sourced<Vec<String>>,
    /// Empty where nobody is named.
    pub contact: Sourced<String>,
}

/// The file's own form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    read_only: Option<bool>,
    theme: Option<String>,
    share: Option<bool>,
    prod: Option<Vec<String>>,
    write_profile: Option<String>,
    replica_bucket: Option<String>,
    cache: Option<bool>,
    ci_who: Option<String>,
    ci_url: Option<String>,
    ci_running: Option<Vec<String>>,
    terraform: Option<String>,
    login_command: Option<Vec<String>>,
    contact: Option<String>,
}

/// Where the file lies, whether or not it is there; none where there is no home.
pub fn path(environment: &Environment) -> Option<PathBuf> {
    let absolute = |name| {
        let path = environment.value(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let folder = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    Some(folder?.join("tfsos").join("config.toml"))
}

impl Settings {
    /// The settings that these sources make; a file that cannot be understood is a fault, not a default.
    pub fn of(
        file: Option<(&Path, &str)>,
        environment: &Environment,
        typed: &Typed,
    ) -> Result<Self, Fault> {
        let written = match file {
            Some((path, text)) => read(path, text)?,
            None => Written::default(),
        };
        let said = || file.map_or(Source::Default, |(path, _)| Source::File(path.to_owned()));
        let from_file = |value| (value, said());
        let read_only = [
            (typed.read_only, Source::Flag("--read-only")),
            (variable(environment), Source::Variable("TFSOS_READ_ONLY")),
            from_file(written.read_only),
        ];
        let theme = [
            (typed.theme.clone(), Source::Flag("--theme")),
            (
                environment.value("TFSOS_THEME").map(str::to_owned),
                Source::Variable("TFSOS_THEME"),
            ),
            (written.theme, said()),
        ];
        let share = [
            (typed.share, Source::Flag("--share")),
            from_file(written.share),
        ];
        let write_profile = [
            (
                environment.value("TFSOS_WRITE_PROFILE").map(str::to_owned),
                Source::Variable("TFSOS_WRITE_PROFILE"),
            ),
            (written.write_profile, said()),
        ];
        let terraform = [
            (
                environment.value("TFSOS_TERRAFORM").map(str::to_owned),
                Source::Variable("TFSOS_TERRAFORM"),
            ),
            (written.terraform, said()),
        ];
        let ci_who = first([(written.ci_who, said())], String::new());
        pattern("ci_who", &ci_who)?;
        Ok(Self {
            // A no does not outvote a yes: only those who ask for it count.
            read_only: first(
                read_only.map(|(value, source)| (value.filter(|yes| *yes), source)),
                false,
            ),
            theme: first(theme, "dark".to_owned()),
            share: first(share, false),
            prod: first([(written.prod, said())], Vec::new()),
            write_profile: first(write_profile, String::new()),
            cache: first(
                [
                    (typed.cache, Source::Flag("--cache")),
                    (written.cache, said()),
                ],
                false,
            ),
            replica_bucket: first([(written.replica_bucket, said())], String::new()),
            ci_who,
            ci_url: first([(written.ci_url, said())], String::new()),
            ci_running: first([(written.ci_running, said())], Vec::new()),
            terraform: first(terraform, String::new()),
            login_command: first([(written.login_command, said())], Vec::new()),
            contact: first([(written.contact, said())], String::new()),
        })
    }

    /// Who makes this run read-only, if anybody does.
    pub fn read_only_by(&self) -> Option<String> {
        self.read_only
            .value
            .then(|| self.read_only.source.to_string())
    }

    /// The profile that writes have for themselves, if any.
    pub fn writes_as(&self) -> Option<String> {
        let profile = &self.write_profile.value;
        (!profile.is_empty()).then(|| profile.clone())
    }

    /// What is said about the team's CI.
    pub fn ci(&self) -> Template {
        let who = &self.ci_who.value;
        Template {
            who: (!who.is_empty()).then(|| Regex::new(who).ok()).flatten(),
            url: self.ci_url.value.clone(),
            running: self.ci_running.value.clone(),
        }
    }

    /// Name, value and source of every setting.
    pub fn rows(&self) -> Vec<(&'static str, Value, &Source)> {
        vec![
            (
                "read_only",
                json!(self.read_only.value),
                &self.read_only.source,
            ),
            ("theme", json!(self.theme.value), &self.theme.source),
            ("share", json!(self.share.value), &self.share.source),
            ("prod", json!(self.prod.value), &self.prod.source),
            (
                "write_profile",
                json!(self.write_profile.value),
                &self.write_profile.source,
            ),
            (
                "replica_bucket",
                json!(self.replica_bucket.value),
                &self.replica_bucket.source,
            ),
            ("cache", json!(self.cache.value), &self.cache.source),
            ("ci_who", json!(self.ci_who.value), &self.ci_who.source),
            ("ci_url", json!(self.ci_url.value), &self.ci_url.source),
            (
                "ci_running",
                json!(self.ci_running.value),
                &self.ci_running.source,
            ),
            (
                "terraform",
                json!(self.terraform.value),
                &self.terraform.source,
            ),
            (
                "login_command",
                json!(self.login_command.value),
                &self.login_command.source,
            ),
            ("contact", json!(self.contact.value), &self.contact.source),
        ]
    }
}

/// `TFSOS_READ_ONLY` with any value but empty, `0` and `false`.
fn variable(environment: &Environment) -> Option<bool> {
    let value = environment.value("TFSOS_READ_ONLY")?;
    Some(!matches!(value, "0" | "false"))
}

/// The first source that says anything.
fn first<T, const N: usize>(sources: [(Option<T>, Source); N], default: T) -> Sourced<T> {
    let said = sources
        .into_iter()
        .find_map(|(value, source)| value.map(|value| Sourced { value, source }));
    said.unwrap_or(Sourced {
        value: default,
        source: Source::Default,
    })
}

/// Whether a setting is a regular expression.
fn pattern(name: &str, setting: &Sourced<String>) -> Result<(), Fault> {
    let wrong = Regex::new(&setting.value).err();
    wrong.map_or(Ok(()), |_| {
        let cause = format!("{name} is no regular expression: {}", setting.value);
        Err(
            Fault::new("read the settings", setting.source.to_string(), cause)
                .hint("tfsos config schema shows what can be set"),
        )
    })
}

fn read(path: &Path, text: &str) -> Result<Written, Fault> {
    toml::from_str(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = text
            .as_bytes()
            .iter()
            .take(start)
            .filter(|&&byte| byte == b'\n')
            .count()
            + 1;
        let cause = format!("line {line}: {}", error.message());
        Fault::new("read the settings", path.display().to_string(), cause)
            .hint("tfsos config schema shows what can be set")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str, variables: &[(&str, &str)], typed: &Typed) -> Settings {
        let environment: Environment = variables.iter().copied().collect();
        let path = Path::new("/home/ada/.config/tfsos/config.toml");
        Settings::of(Some((path, text)), &environment, typed).unwrap()
    }

    #[test]
    fn what_was_typed_wins_over_the_environment_and_that_over_the_file() {
        let file = "theme = \"light\"";
        let variables = [("TFSOS_THEME", "high-contrast")];
        let typed = Typed {
            theme: Some("mine.toml".into()),
            ..Typed::default()
        };
        let theme = |settings: Settings| (settings.theme.value, settings.theme.source.to_string());
        let none = Typed::default();
        assert_eq!(theme(settings(file, &variables, &typed)).1, "--theme");
        assert_eq!(theme(settings(file, &variables, &none)).0, "high-contrast");
        assert_eq!(theme(settings(file, &[], &none)).0, "light");
        assert_eq!(theme(settings("", &[], &none)).1, "default");
    }

    #[test]
    fn nothing_takes_read_only_back() {
        let none = Typed::default();
        let off = [("TFSOS_READ_ONLY", "0")];
        let by = |settings: Settings| settings.read_only_by();
        let file = by(settings("read_only = true", &off, &none)).unwrap();
        assert!(file.ends_with("config.toml"));
        let variable = by(settings(
            "read_only = false",
            &[("TFSOS_READ_ONLY", "1")],
            &none,
        ));
        assert_eq!(variable.as_deref(), Some("TFSOS_READ_ONLY"));
        assert_eq!(by(settings("", &off, &none)), None);
    }

    #[test]
    fn the_schema_is_a_file_of_the_defaults() {
        let none = Typed::default();
        let written = settings(SCHEMA, &[], &none);
        let default = settings("", &[], &none);
        let values = |settings: &Settings| {
            let rows = settings.rows();
            rows.into_iter()
                .map(|(name, value, _)| (name, value))
                .collect::<Vec<_>>()
        };
        assert_eq!(values(&written), values(&default));
    }

    #[test]
    fn a_file_that_is_wrong_is_said_with_its_line() {
        let environment = Environment::default();
        let wrong = |text| {
            let file = Some((Path::new("config.toml"), text));
            Settings::of(file, &environment, &Typed::default()).unwrap_err()
        };
        assert!(
            wrong("share = true\nraed_only = true")
                .cause
                .starts_with("line 2: unknown field")
        );
        assert!(wrong("ci_who = \"(\"").cause.contains("regular expression"));
        assert!(wrong("theme = ").to_string().contains("config.toml"));
    }

    #[test]
    fn a_relative_folder_counts_as_unset() {
        let environment = Environment::from_iter([("XDG_CONFIG_HOME", "x"), ("HOME", "/home/ada")]);
        let expected = PathBuf::from("/home/ada/.config/tfsos/config.toml");
        assert_eq!(path(&environment), Some(expected));
        assert_eq!(path(&Environment::default()), None);
    }
}
