//! `tfsos diff`: what differs between two versions of a state, by address and
//! attribute. What is secret is only said to have changed.

use serde_json::{Value, json};

use super::body::Body;
use super::site::{Ended, Site, unable};
use super::{Answer, Exit, Format};
use crate::app::text::{count, visible};
use crate::args::Diff as Asked;
use crate::config::Settings;
use crate::fault::Fault;
use crate::io::large::{self, Looked, Sum};
use crate::state::{
    AttributeChange, Change, Comparison, Contents, Difference, Health, Reading, Reference, Serial,
    Shown, Snapshot, Summary, VersionId,
};

/// So many types and modules are named where they are summed up.
const NAMED: usize = 8;

/// One side of the comparison.
struct Side {
    reference: Reference,
    version: Option<VersionId>,
    health: Health,
    /// Why the health is not fine.
    why: Option<String>,
    serial: Option<Serial>,
    lineage: Option<String>,
    resources: Option<usize>,
    size: u64,
    /// None where nobody asked for it.
    md5: Option<String>,
}

pub async fn answer(asked: &Asked, settings: &Settings) -> Result<Answer, Ended> {
    let (Ok(one), Ok(two)) = (asked.before.parse::<Reference>(), asked.after.parse());
    let format = asked.output.format();
    if let (Reference::File(left), Reference::File(right)) = (&one, &two) {
        let answer = Answer::text(Exit::Done, "");
        let sum = match format {
            Format::Json => Sum::Wanted,
            Format::Text => Sum::Unasked,
        };
        let large = large::compared([left, right], sum).await.map_err(unable)?;
        if let Some(([left, right], comparison)) = large {
            let sides = [Side::large(one, left), Side::large(two, right)];
            return Ok(told(&sides, &comparison, format, answer));
        }
        let bodies = tokio::join!(Body::file(left), Body::file(right));
        return both([one, two], bodies, format, answer).await;
    }
    let site = Site::open(&asked.place).await?.caching(settings)?;
    // Boxed: an answer from AWS is a large future, and two of them stand side by side.
    let bodies = tokio::join!(
        Box::pin(Body::of(&site, &one)),
        Box::pin(Body::of(&site, &two))
    );
    both([one, two], bodies, format, site.answer(Exit::Done, "")).await
}

/// Reads both at a time, each on a thread of its own, and compares them.
async fn both(
    [one, two]: [Reference; 2],
    bodies: (Result<Body, Fault>, Result<Body, Fault>),
    format: Format,
    answer: Answer,
) -> Result<Answer, Ended> {
    let (left, right) = (bodies.0.map_err(unable)?, bodies.1.map_err(unable)?);
    let (left, right) = tokio::join!(Side::read(one, left), Side::read(two, right));
    let ((one, before), (two, after)) = (left.map_err(unable)?, right.map_err(unable)?);
    let comparison = Comparison::of(&before, &after);
    Ok(told(&[one, two], &comparison, format, answer))
}

impl Side {
    /// Parses on a thread of its own: both sides are read at a time.
    async fn read(reference: Reference, body: Body) -> Result<(Self, Snapshot), Fault> {
        let named = reference.to_string();
        // What a panic says may quote the text, and that holds secrets.
        let failed = |_| Fault::new("compare", named, "it stopped at an internal error");
        let side = tokio::task::spawn_blocking(move || Self::new(reference, body));
        side.await.map_err(failed)?
    }

    fn new(reference: Reference, body: Body) -> Result<(Self, Snapshot), Fault> {
        let reading = Reading::of(body.bytes.clone());
        let contents = Contents::of(&body.bytes, &reading);
        let snapshot = if reading == Reading::Empty {
            // No bytes are no state: one without resources, and a run would take it for that.
            Snapshot::nothing()
        } else {
            let why = || contents.why.clone().unwrap_or_default();
            let snapshot = reading.snapshot().cloned();
            snapshot.ok_or_else(|| Fault::new("compare", reference.to_string(), why()))?
        };
        let side = Self {
            reference,
            version: body.version,
            health: contents.health,
            why: contents.why,
            serial: contents.serial,
            lineage: contents.lineage,
            resources: contents.resources,
            size: contents.size,
            md5: Some(contents.md5),
        };
        Ok((side, snapshot))
    }

    /// A large file that was looked through.
    fn large(reference: Reference, looked: Looked) -> Self {
        let header = looked.catalog.header();
        Self {
            reference,
            version: None,
            health: Health::Fine,
            why: None,
            serial: header.serial,
            lineage: header.lineage.clone(),
            resources: Some(looked.catalog.count()),
            size: looked.catalog.size(),
            md5: looked.md5,
        }
    }

    fn json(&self) -> Value {
        json!({
            "ref": self.reference.to_string(),
            "version_id": self.version,
            "serial": self.serial,
            "lineage": self.lineage,
            "resources": self.resources,
            "size": self.size,
            "md5": self.md5,
            "health": self.health,
        })
    }

    /// The side by its name, its serial and its resources.
    fn text(&self) -> String {
        let serial = self.serial.map(|serial| format!("serial {}", serial.0));
        let resources = match self.resources.unwrap_or_default() {
            1 => "1 resource".to_owned(),
            resources => format!("{} resources", count(resources as u64)),
        };
        let about: Vec<String> = serial.into_iter().chain([resources]).collect();
        format!("{} ({})", self.reference, about.join(", "))
    }

    /// That only a part of it could be compared.
    fn unseen(&self) -> Option<String> {
        let damaged = self.health == Health::Damaged;
        let why = self.why.as_ref().filter(|_| damaged)?;
        let fault = Fault::new("compare all of", self.reference.to_string(), why);
        Some(fault.to_string())
    }
}

fn told(
    [one, two]: &[Side; 2],
    comparison: &Comparison,
    format: Format,
    mut answer: Answer,
) -> Answer {
    answer.unseen = [one, two].into_iter().filter_map(Side::unseen).collect();
    answer.exit = match (comparison.changes.is_empty(), answer.unseen.is_empty()) {
        (false, _) => Exit::Found,
        (true, true) => Exit::Done,
        (true, false) => Exit::Unable,
    };
    if format == Format::Text {
        answer.text = text(one, two, comparison, &answer.unseen);
        return answer;
    }
    answer.own.extend([
        ("from".to_owned(), one.json()),
        ("to".to_owned(), two.json()),
        ("summary".to_owned(), json!(comparison.summary)),
        (
            "changes".to_owned(),
            comparison.changes.iter().map(change).collect(),
        ),
    ]);
    answer
}

fn change(change: &Change) -> Value {
    let moved = change.difference == Difference::Moved;
    json!({
        "address": change.name(),
        "kind": change.difference,
        "from": change.before.as_ref().filter(|_| moved),
        "type": change.kind.as_deref(),
        "became": change.became,
        "attributes": change.attributes.iter().map(attribute).collect::<Vec<_>>(),
    })
}

fn attribute(attribute: &AttributeChange) -> Value {
    let plain = |side: &Option<Shown>| match side {
        Some(Shown::Plain(text)) => json!(text),
        Some(Shown::Masked) | None => Value::Null,
    };
    json!({
        "path": attribute.path,
        "before": plain(&attribute.before),
        "after": plain(&attribute.after),
        "sensitive": is_masked(attribute),
    })
}

fn is_masked(attribute: &AttributeChange) -> bool {
    let sides = [&attribute.before, &attribute.after];
    sides.contains(&&Some(Shown::Masked))
}

fn text(one: &Side, two: &Side, comparison: &Comparison, unseen: &[String]) -> String {
    let mut lines = vec![format!("{} → {}", one.text(), two.text())];
    lines.extend(unseen.iter().map(|what| format!("  ◌ not seen: {what}")));
    if let Some(other) = other_lineage(one, two) {
        lines.push(other);
    }
    if comparison.changes.is_empty() {
        lines.push("  nothing that Terraform would notice differs".to_owned());
    } else {
        lines.push(format!("  {}", signs(comparison.summary)));
        let groups = [
            ("types", comparison.by_type()),
            ("modules", comparison.by_module()),
        ];
        lines.extend(
            groups
                .iter()
                .filter_map(|(what, groups)| summed(what, groups)),
        );
        lines.push(String::new());
        lines.extend(comparison.changes.iter().flat_map(rows));
    }
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n")
}

fn other_lineage(one: &Side, two: &Side) -> Option<String> {
    let (one, two) = (one.lineage.as_ref()?, two.lineage.as_ref()?);
    (one != two).then(|| format!("  ▲ they are not of one lineage: {one}, {two}"))
}

fn signs(summary: Summary) -> String {
    let Summary {
        added,
        removed,
        changed,
        moved,
    } = summary;
    format!("+{added} −{removed} ~{changed} ⇄{moved}")
}

/// The groups with the most changes; none where there is nothing to tell apart.
fn summed(what: &str, groups: &[(String, Summary)]) -> Option<String> {
    if groups.len() < 2 {
        return None;
    }
    let name = |name: &str| match name {
        "" => "(root)".to_owned(),
        _ => name.to_owned(),
    };
    let named = groups.iter().take(NAMED);
    let named: Vec<String> = named
        .map(|(group, summary)| format!("{} {}", name(group), short(*summary)))
        .collect();
    let more = match groups.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    Some(format!("  {what}: {}{more}", named.join(", ")))
}

/// Only the signs of what is there.
fn short(summary: Summary) -> String {
    let parts = [
        ('+', summary.added),
        ('−', summary.removed),
        ('~', summary.changed),
        ('⇄', summary.moved),
    ];
    let parts = parts.iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(sign, count)| format!("{sign}{count}"))
        .collect();
    parts.join(" ")
}

fn rows(change: &Change) -> Vec<String> {
    let sign = match change.difference {
        Difference::Added => '+',
        Difference::Removed => '−',
        Difference::Changed => '~',
        Difference::Moved => '⇄',
    };
    let mut heading = format!("{sign} {}", change.name());
    if let (Difference::Moved, Some(before)) = (change.difference, &change.before) {
        heading += &["   from ", before].concat();
    }
    if let Some(became) = change.became {
        heading += &["   ", became.word()].concat();
    }
    let values = change.attributes.iter().map(|attribute| {
        let side = |shown: &Option<Shown>| shown.as_ref().map_or("–".to_owned(), Shown::to_string);
        let what = match (&attribute.before, &attribute.after) {
            _ if !is_masked(attribute) => {
                format!("{} → {}", side(&attribute.before), side(&attribute.after))
            }
            (None, _) => "added (sensitive)".to_owned(),
            (_, None) => "removed (sensitive)".to_owned(),
            _ => "changed (sensitive)".to_owned(),
        };
        format!("    {}: {what}", attribute.path)
    });
    std::iter::once(heading).chain(values).collect()
}
