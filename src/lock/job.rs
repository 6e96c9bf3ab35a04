//! A lock that a CI job took: which CI that looks like, the job's page by a
//! template of the team's, and whether the job still runs where the team has
//! named a command that knows.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

/// How the machines of each CI call themselves in `Who`.
const RUNNERS: [(&str, &str); 11] = [
    (
        "GitLab CI",
        r"@runner-[\w-]+-project-\d+-concurrent-\d+|^gitlab-runner@",
    ),
    ("Azure Pipelines", r"^(vsts|AzDevOps)@"),
    (
        "GitHub Actions",
        r"^runner@|@fv-az\d+-\d+|@[\w-]+-runner-[a-z0-9]{5}$|@gh-runner",
    ),
    ("Jenkins", r"^jenkins@|@jenkins-(agent|slave|node)"),
    ("CircleCI", r"^circleci@"),
    ("Buildkite", r"^buildkite-agent@"),
    ("Atlantis", r"^atlantis@|@atlantis-\d+$"),
    ("TeamCity", r"^teamcity@|@teamcity-agent"),
    ("Spacelift", r"^spacelift@"),
    ("Travis CI", r"^travis@"),
    (
        "a CI",
        r"^(ci|cicd|deploy(er)?|automation)@|@(ci|build)[-.]?(runner|agent)?-?\d*$|@runner-\w+$",
    ),
];

static PATTERNS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    let known = RUNNERS.iter();
    known
        .filter_map(|(name, pattern)| Some((*name, Regex::new(pattern).ok()?)))
        .collect()
});

/// What a team says about its CI: nothing of it needs to be said.
#[derive(Debug, Clone, Default)]
pub struct Template {
    /// What a `Who` of it looks like; its named groups fill the other two.
    pub who: Option<Regex>,
    /// The page of a job, as in `https://gitlab.example.com/{group}/-/jobs/{job}`.
    pub url: String,
    /// The command that ends with 0 while the job runs, and with 1 after it.
    pub running: Vec<String>,
}

/// Whether the job still runs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Running {
    /// No command says so.
    #[default]
    NotAsked,
    Yes,
    No,
    /// The command could not tell.
    Unknown {
        why: String,
    },
}

/// The CI job that took a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The kind of CI that `Who` looks like.
    pub ci: String,
    /// Its page, where a template says how to find it.
    pub url: Option<String>,
    pub running: Running,
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ci)?;
        match &self.url {
            Some(url) => write!(f, " {url}"),
            None => Ok(()),
        }
    }
}

impl Template {
    /// The job that this holder looks like, with the command that asks whether
    /// it runs; none where the holder looks like a person.
    pub fn job(&self, who: &str) -> Option<(Job, Vec<String>)> {
        let own = self.who.as_ref().and_then(|who_is| who_is.captures(who));
        let known = || PATTERNS.iter().find(|(_, pattern)| pattern.is_match(who));
        let ci = match &own {
            Some(_) => "CI",
            None => known()?.0,
        };
        // Where the team says which jobs are its own, its pages are of no other.
        let is_theirs = own.is_some() || self.who.is_none();
        let (user, host) = who.rsplit_once('@').unwrap_or((who, ""));
        let fill = |text: &String| {
            let mut filled = text.replace("{user}", user).replace("{host}", host);
            for name in self.who.iter().flat_map(Regex::capture_names).flatten() {
                let value = own.as_ref().and_then(|own| own.name(name));
                filled = filled.replace(
                    &format!("{{{name}}}"),
                    value.map_or("", |value| value.as_str()),
                );
            }
            filled
        };
        let job = Job {
            ci: ci.to_owned(),
            url: (is_theirs && !self.url.is_empty()).then(|| fill(&self.url)),
            running: Running::NotAsked,
        };
        let command = self.running.iter().filter(|_| is_theirs).map(fill);
        Some((job, command.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ci(who: &str) -> Option<String> {
        Template::default().job(who).map(|(job, _)| job.ci)
    }

    #[test]
    fn runners_are_known_by_how_they_call_themselves() {
        for (who, name) in [
            (
                "root@runner-t38ajs1x-project-4711-concurrent-0",
                "GitLab CI",
            ),
            ("gitlab-runner@build7", "GitLab CI"),
            ("runner@fv-az1234-567", "GitHub Actions"),
            ("root@infra-runner-x7k2p", "GitHub Actions"),
            ("vsts@fv-az99-1", "Azure Pipelines"),
            ("jenkins@ip-10-0-0-7", "Jenkins"),
            ("atlantis@atlantis-0", "Atlantis"),
            ("ci@runner-12", "a CI"),
        ] {
            assert_eq!(ci(who).as_deref(), Some(name), "{who}");
        }
    }

    #[test]
    fn a_person_is_no_runner() {
        for who in [
            "alice@eng-laptop",
            "bob@bob-mbp",
            "lucia@cinema",
            "racing@host",
            "",
            "root@ip-10-0-0-1",
        ] {
            assert_eq!(ci(who), None, "{who}");
        }
    }

    #[test]
    fn a_template_finds_the_page_and_asks_about_no_job_but_its_own() {
        let template = Template {
            who: Regex::new(r"^(?P<project>\w+)\+(?P<job>\d+)@").ok(),
            url: "https://ci.example.com/{project}/{job}?on={host}".into(),
            running: vec!["ci-runs".into(), "{job}".into()],
        };
        let (job, command) = template.job("infra+4711@pod-3").unwrap();
        assert_eq!(
            job.url.unwrap(),
            "https://ci.example.com/infra/4711?on=pod-3"
        );
        assert_eq!(command, ["ci-runs", "4711"]);
        let (job, command) = template.job("jenkins@build").unwrap();
        assert_eq!((job.url, command), (None, Vec::new()));
        assert_eq!(template.job("alice@laptop"), None);
    }
}
