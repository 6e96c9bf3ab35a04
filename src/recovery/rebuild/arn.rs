//! What an ARN says: its parts, and the attributes that a row of the table
//! finds in it.

use std::collections::BTreeMap;
use std::str::FromStr;

/// An ARN in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn<'a> {
    pub whole: &'a str,
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads an ARN; none where it is none.
    pub fn read(whole: &'a str) -> Option<Self> {
        let mut parts = whole.splitn(6, ':');
        let (scheme, partition) = (parts.next()?, parts.next()?);
        let arn = Self {
            whole,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        };
        let is_one = scheme == "arn" && partition.starts_with("aws") && !arn.service.is_empty();
        (is_one && !arn.resource.is_empty()).then_some(arn)
    }
}

/// One row of the table: `ecs:service/{cluster}/{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    service: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// Neither a slash nor a colon.
    One(String),
    /// All that is left.
    Rest(String),
}

impl Pattern {
    /// What the row finds in the ARN; none where it is of another kind.
    pub fn captures(&self, arn: &Arn<'_>) -> Option<BTreeMap<String, String>> {
        if arn.service != self.service {
            return None;
        }
        // A log group's ARN may end so, for its streams.
        let mut rest = arn.resource.strip_suffix(":*").unwrap_or(arn.resource);
        let mut found = BTreeMap::new();
        for piece in &self.pieces {
            let (name, taken) = match piece {
                Piece::Text(text) => {
                    rest = rest.strip_prefix(text.as_str())?;
                    continue;
                }
                Piece::One(name) => (name, rest.find(['/', ':']).unwrap_or(rest.len())),
                Piece::Rest(name) => (name, rest.len()),
            };
            if taken == 0 {
                return None;
            }
            found.insert(name.clone(), rest[..taken].to_owned());
            rest = &rest[taken..];
        }
        rest.is_empty().then_some(found)
    }

    /// The names of what it captures.
    #[cfg(test)]
    pub fn names(&self) -> Vec<&str> {
        let names = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::One(name) | Piece::Rest(name) => Some(name.as_str()),
        });
        names.collect()
    }
}

/// A row that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no pattern of an ARN")]
pub struct NoPattern(String);

impl FromStr for Pattern {
    type Err = NoPattern;

    fn from_str(text: &str) -> Result<Self, NoPattern> {
        read(text).ok_or_else(|| NoPattern(text.to_owned()))
    }
}

fn read(text: &str) -> Option<Pattern> {
    let (service, mut rest) = text.split_once(':')?;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (literal, after) = rest.split_at(rest.find(['{', '}']).unwrap_or(rest.len()));
        if !literal.is_empty() {
            pieces.push(Piece::Text(literal.to_owned()));
        }
        rest = after;
        if rest.is_empty() {
            break;
        }
        let (name, after) = rest.strip_prefix('{')?.split_once('}')?;
        let plain = name.strip_suffix("..").unwrap_or(name);
        let fits = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        if plain.is_empty() || !plain.chars().all(fits) {
            return None;
        }
        let piece = if plain == name {
            Piece::One
        } else {
            Piece::Rest
        };
        pieces.push(piece(plain.to_owned()));
        rest = after;
    }
    let whole = !service.is_empty() && !pieces.is_empty();
    whole.then(|| Pattern {
        service: service.to_owned(),
        pieces,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captured(pattern: &str, arn: &str) -> Option<Vec<(String, String)>> {
        let pattern: Pattern = pattern.parse().unwrap();
        let found = pattern.captures(&Arn::read(arn)?)?;
        Some(found.into_iter().collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let pairs = pairs.iter();
        pairs
            .map(|&(name, value)| (name.into(), value.into()))
            .collect()
    }

    #[test]
    fn a_row_finds_its_parts_in_an_arn_of_its_kind_and_in_no_other() {
        let service = "arn:aws:ecs:eu-west-1:123456789012:service/main/web";
        assert_eq!(
            captured("ecs:service/{cluster}/{name}", service),
            Some(pairs(&[("cluster", "main"), ("name", "web")]))
        );
        assert_eq!(captured("ecs:service/{name}", service), None);
        assert_eq!(captured("ec2:service/{cluster}/{name}", service), None);
        let group = "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/f:*";
        assert_eq!(
            captured("logs:log-group:{id..}", group),
            Some(pairs(&[("id", "/aws/lambda/f")]))
        );
        assert_eq!(
            captured("s3:{id}", "arn:aws:s3:::b"),
            Some(pairs(&[("id", "b")]))
        );
        assert_eq!(captured("s3:{id}", "arn:aws:s3:::b/key"), None);
    }

    #[test]
    fn what_is_no_arn_or_no_row_is_refused() {
        for text in [
            "",
            "arn",
            "arn:aws:s3",
            "arn:x:s3:::b",
            "urn:aws:s3:::b",
            "arn:aws:s3:::",
        ] {
            assert_eq!(Arn::read(text), None, "{text}");
        }
        for text in ["", "s3", "s3:", "s3:{", "s3:{}", "s3:{A}", "s3:x}"] {
            assert!(text.parse::<Pattern>().is_err(), "{text}");
        }
    }
}
