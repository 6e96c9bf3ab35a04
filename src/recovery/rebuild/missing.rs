//! What is missing: resources of an older version that the present state does
//! not have, and things with tags that it does not know.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use serde::Serialize;

use super::arn::Arn;
use super::table::{Untold, table};
use super::template::Unfilled;
use crate::state::{Exact, InstanceNo, Mode, Snapshot, visible};

/// Where a missing resource was heard of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    Version,
    Tags,
}

/// Why a resource is not offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nothing can be imported as its type, in a sentence.
    Never(&'static str),
    /// The table does not know the type; the resource's own id, where it may be shown.
    UnknownType { id: Option<String> },
    /// No row of the table is about such an ARN.
    UnknownArn,
    /// The state does not say the attribute.
    Unset(String),
    /// The attribute is secret.
    Secret(String),
    /// It is only waiting to be destroyed.
    Deposed,
    /// Its name is none that Terraform takes.
    NoAddress,
    /// The id would not survive a command line.
    Unprintable,
    /// Another state has it.
    Owned { key: String, address: String },
    /// The same object is imported as this address.
    Twin(String),
    /// Something else than Terraform made it.
    MadeBy { what: String, name: String },
}

/// A resource that exists, or did, and that the present state does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Empty where nothing is known to call it by.
    pub address: String,
    /// Empty where the table does not know it.
    pub kind: String,
    /// What it is imported by, or why that is not known.
    pub id: Result<String, Why>,
    /// The `id` attribute, which need not be what it is imported by.
    pub own_id: Option<String>,
    pub arn: Option<String>,
    pub provider: Option<String>,
    pub source: Source,
}

/// A resource as the tagging service names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tagged {
    pub arn: String,
    pub tags: Vec<(String, String)>,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never(why) => f.write_str(why),
            Self::UnknownType { id } => {
                f.write_str("the table of import ids does not know its type: see its page in the provider's documentation")?;
                id.iter()
                    .try_for_each(|id| write!(f, " (its id is {})", visible(id)))
            }
            Self::UnknownArn => {
                f.write_str("the table of import ids does not know what kind of resource this is")
            }
            Self::Unset(name) => write!(
                f,
                "it is imported by its {name}, which the state does not say"
            ),
            Self::Secret(name) => write!(
                f,
                "it is imported by its {name}, which is secret and never printed"
            ),
            Self::Deposed => f.write_str("it was replaced and only waits to be destroyed"),
            Self::NoAddress => f.write_str("its name is none that Terraform takes"),
            Self::Unprintable => {
                f.write_str("its import id has characters that no command line takes")
            }
            Self::Owned { key, address } => {
                write!(f, "{} owns it as {}", visible(key), visible(address))
            }
            Self::Twin(address) => write!(f, "it is the same object as {}", visible(address)),
            Self::MadeBy { what, name } => {
                write!(f, "the {what} {} made it and keeps it", visible(name))
            }
        }
    }
}

impl Missing {
    /// The managed resources of one version whose addresses another does not have.
    pub fn between(from: &Snapshot, present: &Snapshot) -> Vec<Self> {
        let address = |side: &Snapshot, no| side.address(no);
        let there: HashSet<_> = present
            .listed()
            .iter()
            .filter(|no| is_current(present, **no))
            .filter_map(|no| address(present, *no))
            .collect();
        let gone = from.listed().iter().filter(|no| {
            let address = address(from, **no);
            address.is_some_and(|address| {
                address.resource.mode == Mode::Managed && !there.contains(&address)
            })
        });
        gone.filter_map(|no| Self::of(from, *no)).collect()
    }

    fn of(from: &Snapshot, no: InstanceNo) -> Option<Self> {
        let address = from.address(no)?;
        let kind = &*address.resource.kind;
        let id = if !is_current(from, no) {
            Err(Why::Deposed)
        } else if address.is_well_named() {
            import_id(from, no, kind)
        } else {
            Err(Why::NoAddress)
        };
        Some(Self {
            address: address.to_string(),
            kind: kind.to_owned(),
            id,
            own_id: text(from, no, "id"),
            arn: text(from, no, "arn").filter(|arn| Arn::read(arn).is_some()),
            provider: from.provider(no).and_then(alias),
            source: Source::Version,
        })
    }

    /// The things with tags of which none of these addresses and none of these ARNs is known yet.
    pub fn tagged(found: &[Tagged], known: &[Self], taken: &[&Snapshot]) -> Vec<Self> {
        let arns: HashSet<&str> = known.iter().filter_map(|one| one.arn.as_deref()).collect();
        let objects: HashSet<(&str, &str)> = known
            .iter()
            .filter_map(|one| Some((one.kind.as_str(), one.id.as_deref().ok()?)))
            .collect();
        let mut names: HashSet<String> = taken
            .iter()
            .flat_map(|side| {
                side.listed()
                    .iter()
                    .filter_map(|no| Some(side.address(*no)?.to_string()))
            })
            .collect();
        let new = found
            .iter()
            .filter(|tagged| !arns.contains(tagged.arn.as_str()));
        let made = new.filter_map(|tagged| {
            let recognized = table().recognize(&tagged.arn);
            let object = recognized.as_ref().map(|it| (it.kind, it.id.as_str()));
            if object.is_some_and(|object| objects.contains(&object)) {
                return None;
            }
            let by = table().made_by(&tagged.tags);
            let by = by.map(|(what, name)| Why::MadeBy {
                what: what.to_owned(),
                name,
            });
            let (kind, id) = match recognized {
                Some(it) => (it.kind, by.map_or(Ok(it.id), Err)),
                None => ("", Err(by.unwrap_or(Why::UnknownArn))),
            };
            let address = match kind {
                "" => String::new(),
                _ => invented(kind, tagged, &mut names),
            };
            Some(Self {
                address,
                kind: kind.to_owned(),
                own_id: id.clone().ok(),
                id,
                arn: Some(tagged.arn.clone()),
                provider: None,
                source: Source::Tags,
            })
        });
        made.collect()
    }
}

/// The regions that the ARNs of a state name.
pub fn regions(state: &Snapshot) -> BTreeSet<String> {
    let arns = state
        .listed()
        .iter()
        .filter_map(|no| text(state, *no, "arn"));
    let region = |arn: String| Some(Arn::read(&arn)?.region.to_owned());
    arns.filter_map(region)
        .filter(|region| !region.is_empty())
        .collect()
}

/// What an instance of this type is imported by.
pub(super) fn import_id(side: &Snapshot, no: InstanceNo, kind: &str) -> Result<String, Why> {
    let id = table().id(kind, &|name| side.exact(no, name));
    id.map_err(|untold| match untold {
        Untold::Never(why) => Why::Never(why),
        Untold::UnknownType => Why::UnknownType {
            id: text(side, no, "id"),
        },
        Untold::Unfilled(Unfilled::Absent(name)) => Why::Unset(name),
        Untold::Unfilled(Unfilled::Secret(name)) => Why::Secret(name),
    })
}

/// An attribute that is one text and no secret.
pub(super) fn text(side: &Snapshot, no: InstanceNo, name: &str) -> Option<String> {
    match side.exact(no, name) {
        Exact::Known(texts) => <[String; 1]>::try_from(texts).ok().map(|[text]| text),
        Exact::Absent | Exact::Masked => None,
    }
}

fn is_current(side: &Snapshot, no: InstanceNo) -> bool {
    side.instance(no)
        .is_some_and(|instance| instance.deposed.is_none())
}

/// `aws.west` of `provider["registry.terraform.io/hashicorp/aws"].west`, in any
/// module; none for the default configuration of a provider.
fn alias(provider: &str) -> Option<String> {
    let (source, alias) = match provider.rsplit_once("provider[\"") {
        Some((_, rest)) => rest.split_once("\"].")?,
        // As Terraform before 0.13 wrote it.
        None => provider.rsplit_once("provider.")?.1.split_once('.')?,
    };
    let name = source.rsplit('/').next().unwrap_or(source);
    let fits = |text: &str| {
        text.chars()
            .all(|letter| letter.is_alphanumeric() || "_-".contains(letter))
    };
    let alias = alias.split('[').next().unwrap_or(alias);
    (fits(name) && fits(alias) && !alias.is_empty()).then(|| format!("{name}.{alias}"))
}

/// An address that nothing has yet, made of the name that the tags or the ARN give.
fn invented(kind: &str, tagged: &Tagged, taken: &mut HashSet<String>) -> String {
    let named = tagged.tags.iter().find(|(name, _)| name == "Name");
    let last = tagged.arn.rsplit(['/', ':']).next().unwrap_or_default();
    let said = named.map_or(last, |(_, value)| value.as_str());
    let letter = |letter: char| match letter {
        _ if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
        _ => '_',
    };
    let mut name: String = said.chars().map(letter).collect();
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name.insert_str(0, "r_");
    }
    let mut address = format!("{kind}.{name}");
    for number in 2.. {
        if taken.insert(address.clone()) {
            break;
        }
        address = format!("{kind}.{name}_{number}");
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_aliased_provider_is_named() {
        let cases = [
            (r#"provider["registry.terraform.io/hashicorp/aws"]"#, None),
            (
                r#"provider["registry.terraform.io/hashicorp/aws"].west"#,
                Some("aws.west"),
            ),
            (
                r#"module.a.provider["registry.opentofu.org/hashicorp/aws"].west["k"]"#,
                Some("aws.west"),
            ),
            ("provider.aws.west", Some("aws.west")),
            ("provider.aws", None),
            ("", None),
            ("provider[\"x/aws\"].a\nb", None),
        ];
        for (provider, expected) in cases {
            assert_eq!(alias(provider).as_deref(), expected, "{provider}");
        }
    }

    #[test]
    fn an_invented_address_is_new_and_one_that_terraform_takes() {
        let mut names = HashSet::from(["aws_vpc.main".to_owned()]);
        let tagged = |name: &str| Tagged {
            arn: "arn:aws:ec2:eu-west-1:1:vpc/vpc-1".into(),
            tags: vec![("Name".into(), name.into())],
        };
        assert_eq!(
            invented("aws_vpc", &tagged("Main"), &mut names),
            "aws_vpc.main_2"
        );
        assert_eq!(
            invented("aws_vpc", &tagged("Main"), &mut names),
            "aws_vpc.main_3"
        );
        assert_eq!(
            invented("aws_vpc", &tagged("1 é"), &mut names),
            "aws_vpc.r_1__"
        );
        let bare = Tagged {
            tags: Vec::new(),
            ..tagged("")
        };
        assert_eq!(invented("aws_vpc", &bare, &mut names), "aws_vpc.vpc_1");
    }
}
