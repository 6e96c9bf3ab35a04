//! A state of 50,000 instances and 215 MB and what a later run made of it,
//! from a seed, with the truth about both.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

pub const INSTANCES: usize = 50_000;
const MODULES: usize = 50;
/// So many bytes of text make an instance 4.3 KB long.
const FILLING: usize = 3_300;

/// What differs between the two states, by construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Truth {
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    pub moved: usize,
}

/// Which later state is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    /// A run that changed little.
    Few,
    /// Every instance has another value.
    All,
}

/// The three files, made where they are not there yet.
#[derive(Debug)]
pub struct Files {
    pub before: PathBuf,
    pub few: PathBuf,
    pub all: PathBuf,
}

impl Files {
    pub fn make(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let file = |name: &str, later: Option<Later>| {
            let path = folder.join(name);
            if !path.exists() {
                let scratch = folder.join(format!("{name}.new"));
                write(&scratch, later);
                fs::rename(&scratch, &path).unwrap();
            }
            path
        };
        Self {
            before: file("state-before.tfstate", None),
            few: file("state-few.tfstate", Some(Later::Few)),
            all: file("state-all.tfstate", Some(Later::All)),
        }
    }
}

/// What became of an instance in a later state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Same,
    Removed,
    Changed,
    Moved,
}

fn fate(number: usize, later: Option<Later>) -> Fate {
    match later {
        Some(Later::All) => Fate::Changed,
        Some(Later::Few) if number % 500 == 3 => Fate::Removed,
        Some(Later::Few) if number % 500 == 5 => Fate::Moved,
        Some(Later::Few) if number % 50 == 7 => Fate::Changed,
        Some(Later::Few) | None => Fate::Same,
    }
}

impl Truth {
    pub fn of(later: Later) -> Self {
        let count = |wanted| {
            (0..INSTANCES)
                .filter(|number| fate(*number, Some(later)) == wanted)
                .count()
        };
        Self {
            added: if later == Later::Few { 10 } else { 0 },
            removed: count(Fate::Removed),
            changed: count(Fate::Changed),
            moved: count(Fate::Moved),
        }
    }
}

fn write(path: &Path, later: Option<Later>) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    let serial = if later.is_some() { 42 } else { 41 };
    write!(out, "{{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": {serial},\n  \"lineage\": \"5d0c7a1e-0000-4000-8000-000000000001\",\n  \"outputs\": {{}},\n  \"resources\": [").unwrap();
    let added = usize::from(later == Some(Later::Few)) * 10;
    let mut first = true;
    for module in 0..MODULES {
        let numbers = (0..INSTANCES).filter(|number| number % MODULES == module);
        for number in numbers {
            let fate = fate(number, later);
            if fate != Fate::Removed {
                resource(&mut out, module, number, fate, &mut first);
            }
        }
    }
    for number in INSTANCES..INSTANCES + added {
        resource(&mut out, 0, number, Fate::Same, &mut first);
    }
    out.write_all(b"\n  ],\n  \"check_results\": null\n}\n")
        .unwrap();
    out.flush().unwrap();
}

fn resource(out: &mut impl Write, module: usize, number: usize, fate: Fate, first: &mut bool) {
    let comma = if std::mem::take(first) { "" } else { "," };
    let name = match fate {
        Fate::Moved => format!("moved_{number}"),
        _ => format!("web_{number}"),
    };
    let size = if fate == Fate::Changed {
        "t3.xlarge"
    } else {
        "t3.large"
    };
    write!(
        out,
        "{comma}\n    {{\n      \"module\": \"module.service_{module}\",\n      \"mode\": \"managed\",\n      \"type\": \"aws_instance\",\n      \"name\": \"{name}\",\n      \"provider\": \"provider[\\\"registry.terraform.io/hashicorp/aws\\\"]\",\n      \"instances\": [\n        {{\n          \"schema_version\": 1,\n          \"attributes\": {{\n            \"ami\": \"ami-0123456789abcdef0\",\n            \"arn\": \"arn:aws:ec2:eu-west-1:123456789012:instance/i-{number:017x}\",\n            \"description\": \"{}\",\n            \"id\": \"i-{number:017x}\",\n            \"instance_type\": \"{size}\",\n            \"network\": [\n",
        filling(number, FILLING)
    )
    .unwrap();
    for place in 0..6 {
        let end = if place == 5 { "" } else { "," };
        writeln!(out, "              {{ \"address\": \"10.{module}.{}.{place}\", \"primary\": {}, \"index\": {place} }}{end}", number % 250, place == 0).unwrap();
    }
    write!(
        out,
        "            ],\n            \"policy\": \"{{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"s3:*\\\"}}]}}\",\n            \"tags\": {{\n              \"Name\": \"{name}\",\n              \"Team\": \"team-{module}\"\n            }}\n          }},\n          \"sensitive_attributes\": [],\n          \"private\": \"eyJzY2hlbWFfdmVyc2lvbiI6IjEifQ==\",\n          \"dependencies\": [\n            \"module.service_{module}.aws_subnet.main\",\n            \"module.service_{module}.aws_vpc.main\"\n          ]\n        }}\n      ]\n    }}"
    )
    .unwrap();
}

/// Text that no compression of ours could be fooled by, the same for the same number.
fn filling(number: usize, length: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789 -_.";
    let mut seed = number as u64 ^ 0x9E37_79B9_7F4A_7C15;
    let mut letter = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        char::from(LETTERS[(seed % LETTERS.len() as u64) as usize])
    };
    (0..length).map(|_| letter()).collect()
}
