//! How an import id is made of attributes: `{cluster|last}/{name}`, with parts
//! in brackets that are left out where an attribute is not set.

use std::str::FromStr;

use crate::state::Exact;

/// A row of the table, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(String, Filter),
    Optional(Template),
}

/// What is made of an attribute before it stands in the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    AsItIs,
    /// What follows the last slash.
    Last,
    /// The name of a Lambda function, of its ARN or of itself.
    Function,
    /// The elements of a list with `_` between them.
    Joined,
    /// The elements of a list with `/` between them.
    Slashed,
    /// The attribute's own name where it is true.
    Word,
    /// The path in the ARN of a parameter as its name: without a hierarchy it has no slash.
    Parameter,
}

/// Why a template gives no id: the attribute that is missing, or must not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfilled {
    Absent(String),
    Secret(String),
}

impl Template {
    /// The attribute alone.
    pub fn of(attribute: &str) -> Self {
        Self(vec![Part::Field(attribute.to_owned(), Filter::AsItIs)])
    }

    /// The id, out of what `ask` says of each attribute.
    pub fn fill(&self, ask: &dyn Fn(&str) -> Exact) -> Result<String, Unfilled> {
        let mut id = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => id.push_str(text),
                Part::Field(name, filter) => id.push_str(&filter.value(name, ask(name))?),
                Part::Optional(inner) => match inner.fill(ask) {
                    Ok(text) => id.push_str(&text),
                    Err(Unfilled::Absent(_)) => {}
                    Err(secret @ Unfilled::Secret(_)) => return Err(secret),
                },
            }
        }
        Ok(id)
    }

    /// The attributes that it cannot do without.
    #[cfg(test)]
    pub fn needed(&self) -> Vec<&str> {
        let fields = self.0.iter().filter_map(|part| match part {
            Part::Field(name, _) => Some(name.as_str()),
            Part::Text(_) | Part::Optional(_) => None,
        });
        fields.collect()
    }
}

impl Filter {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "last" => Self::Last,
            "function" => Self::Function,
            "joined" => Self::Joined,
            "slashed" => Self::Slashed,
            "word" => Self::Word,
            "parameter" => Self::Parameter,
            _ => return None,
        })
    }

    fn value(self, name: &str, exact: Exact) -> Result<String, Unfilled> {
        let absent = || Unfilled::Absent(name.to_owned());
        let texts = match exact {
            Exact::Known(texts) => texts,
            Exact::Absent => return Err(absent()),
            Exact::Masked => return Err(Unfilled::Secret(name.to_owned())),
        };
        let one = || texts.first().filter(|_| texts.len() == 1);
        match self {
            Self::AsItIs => one().cloned().ok_or_else(absent),
            Self::Last => one()
                .and_then(|text| text.rsplit('/').next())
                .filter(|last| !last.is_empty())
                .map(str::to_owned)
                .ok_or_else(absent),
            Self::Function => one().map(|text| function(text)).ok_or_else(absent),
            Self::Joined => Ok(texts.join("_")),
            Self::Slashed => Ok(texts.join("/")),
            Self::Word => one()
                .filter(|text| *text == "true")
                .map(|_| name.to_owned())
                .ok_or_else(absent),
            Self::Parameter => one()
                .map(|path| {
                    if path.contains('/') {
                        ["/", path].concat()
                    } else {
                        path.clone()
                    }
                })
                .ok_or_else(absent),
        }
    }
}

/// The name of a function, whose ARN may stand in its place.
fn function(text: &str) -> String {
    let name = match text.split_once(":function:") {
        Some((_, name)) => name.split(':').next().unwrap_or(name),
        None => text,
    };
    name.to_owned()
}

/// A row that is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no template of an import id")]
pub struct NoTemplate(String);

impl FromStr for Template {
    type Err = NoTemplate;

    fn from_str(text: &str) -> Result<Self, NoTemplate> {
        parts(text)
            .filter(|parts| !parts.is_empty())
            .map(Self)
            .ok_or_else(|| NoTemplate(text.to_owned()))
    }
}

fn parts(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let open = rest.find(['{', '[', '}', ']']).unwrap_or(rest.len());
        let (literal, after) = rest.split_at(open);
        if !literal.is_empty() {
            parts.push(Part::Text(literal.to_owned()));
        }
        rest = after;
        if let Some(inside) = rest.strip_prefix('{') {
            let (field, after) = inside.split_once('}')?;
            parts.push(self::field(field)?);
            rest = after;
        } else if let Some(inside) = rest.strip_prefix('[') {
            let (optional, after) = inside.split_once(']')?;
            parts.push(Part::Optional(Template(self::parts(optional)?)));
            rest = after;
        } else if !rest.is_empty() {
            return None;
        }
    }
    Some(parts)
}

fn field(text: &str) -> Option<Part> {
    let (name, filter) = match text.split_once('|') {
        Some((name, filter)) => (name, Filter::named(filter)?),
        None => (text, Filter::AsItIs),
    };
    let fits =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let is_name = !name.is_empty() && name.chars().all(fits);
    is_name.then(|| Part::Field(name.to_owned(), filter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(name: &str) -> Exact {
        let known = |texts: &[&str]| Exact::Known(texts.iter().map(|&text| text.into()).collect());
        match name {
            "cluster" => known(&["arn:aws:ecs:eu-west-1:1:cluster/main"]),
            "name" => known(&["web"]),
            "function_name" => known(&["arn:aws:lambda:eu-west-1:1:function:f:live"]),
            "cidr_blocks" => known(&["10.0.0.0/8", "10.1.0.0/16"]),
            "self" => known(&["true"]),
            "egress" => known(&["false"]),
            "password" => Exact::Masked,
            _ => Exact::Absent,
        }
    }

    fn filled(text: &str) -> Result<String, Unfilled> {
        text.parse::<Template>().unwrap().fill(&ask)
    }

    #[test]
    fn an_id_is_made_of_attributes() {
        assert_eq!(filled("{cluster|last}/{name}"), Ok("main/web".into()));
        assert_eq!(filled("{function_name|function}/x"), Ok("f/x".into()));
        assert_eq!(filled("a:{egress}"), Ok("a:false".into()));
        assert_eq!(
            filled("r[_{self|word}][_{egress|word}][_{cidr_blocks|joined}][_{nothing}]"),
            Ok("r_self_10.0.0.0/8_10.1.0.0/16".into())
        );
    }

    #[test]
    fn what_is_missing_or_secret_is_named_and_nothing_is_made_of_it() {
        assert_eq!(
            filled("{name}/{nothing}"),
            Err(Unfilled::Absent("nothing".into()))
        );
        assert_eq!(
            filled("{cidr_blocks}"),
            Err(Unfilled::Absent("cidr_blocks".into()))
        );
        let secret = Err(Unfilled::Secret("password".into()));
        assert_eq!(filled("{password}"), secret);
        assert_eq!(filled("x[{password}]"), secret);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for text in ["", "{", "{}", "{A}", "{a|b}", "[{a}", "a}", "a]", "{a b}"] {
            assert!(text.parse::<Template>().is_err(), "{text}");
        }
    }
}
