//! `tfsos repair`: a copy of a damaged state that Terraform loads, with what
//! was mended and what was lost. The damaged file stays as it is.

use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::body::Body;
use super::site::{Ended, Site, unable};
use super::{Answer, Exit, place_json};
use crate::app::text::visible;
use crate::args::Repair as Asked;
use crate::fault::Fault;
use crate::io::repairing;
use crate::recovery::by_hand;
use crate::state::{Fix, Lost, Reference, Repaired};

/// So many places of one kind are printed.
const PRINTED: usize = 3;

/// The version that the copy is compared with.
struct Known {
    site: Option<Site>,
    body: Body,
    name: String,
}

pub async fn answer(asked: &Asked) -> Result<Answer, Ended> {
    let name = asked.file.display().to_string();
    if let Some(out) = asked
        .out
        .as_deref()
        .filter(|out| out.symlink_metadata().is_ok())
    {
        let fault = Fault::new(
            "write the copy",
            out.display().to_string(),
            "it exists already",
        );
        return Err((
            Exit::Refused,
            fault.hint("-o names a file that is not there yet"),
        ));
    }
    let text = Body::file(&asked.file).await.map_err(unable)?.bytes;
    let mut aside = Vec::new();
    let known = match known(asked).await {
        Ok(known) => Some(known),
        // A version that nobody named is only looked for; a state can be repaired without it.
        Err((_, fault)) if asked.against.is_none() => {
            aside.push(format!("it is compared with no version: {fault}"));
            None
        }
        Err(ended) => return Err(ended),
    };
    let compared = known.as_ref().map(|known| Arc::clone(&known.body.bytes));
    let saved = repairing::copy(text, compared).await.map_err(unable)?;
    let repaired = saved.map_err(|hopeless| {
        let fault = Fault::new("repair", name.clone(), hopeless);
        (
            Exit::Refused,
            fault.hint("tfsos versions lists what can be put back in its place"),
        )
    })?;
    let repaired = Arc::new(repaired);
    let out = asked.out.as_deref().filter(|_| !asked.dry_run);
    if let Some(out) = out {
        repairing::write(out, &repaired).await.map_err(unable)?;
    }
    let exit = if repaired.lost.is_empty() {
        Exit::Done
    } else {
        Exit::Found
    };
    let mut answer = Answer::text(exit, shown(&name, &repaired, known.as_ref(), out));
    let site = known.as_ref().and_then(|known| known.site.as_ref());
    answer.place = site.map(|site| place_json(&site.place));
    answer.unseen.clone_from(&aside);
    answer.aside = aside;
    answer.own.extend([
        (
            "fixes".to_owned(),
            repaired.fixes.iter().map(fix_json).collect(),
        ),
        ("salvaged".to_owned(), json!(repaired.salvaged)),
        ("lost".to_owned(), json!(repaired.lost)),
        ("output".to_owned(), json!(out)),
        ("against".to_owned(), json!(known.map(|known| known.name))),
    ]);
    Ok(answer)
}

/// The version that is named, else the last good one of the place, where there is one.
async fn known(asked: &Asked) -> Result<Known, Ended> {
    let reference = asked.against.as_deref().map(|text| {
        let Ok(reference) = text.parse::<Reference>();
        reference
    });
    if let Some(Reference::File(path)) = &reference {
        let body = Body::file(path).await.map_err(unable)?;
        return Ok(Known {
            site: None,
            body,
            name: path.display().to_string(),
        });
    }
    let reference = reference.unwrap_or(Reference::LastGood);
    let site = Site::open(&asked.place).await?;
    let body = Body::of(&site, &reference).await.map_err(unable)?;
    let version = body.version.as_ref();
    Ok(Known {
        name: version.map_or_else(|| reference.to_string(), |id| id.0.clone()),
        site: Some(site),
        body,
    })
}

fn fix_json(fix: &Fix) -> serde_json::Value {
    json!({"kind": fix.kind, "count": fix.count, "at": fix.at, "claim": fix.sentence()})
}

fn shown(name: &str, repaired: &Repaired, known: Option<&Known>, out: Option<&Path>) -> String {
    let compared = known.map(|known| format!(", compared with {}", known.name));
    let lost = match repaired.lost.len() {
        0 => "nothing lost".to_owned(),
        count => format!("{count} lost"),
    };
    let mut lines = vec![
        format!(
            "{name}: {} resources kept, {lost}{}",
            repaired.salvaged,
            compared.unwrap_or_default()
        ),
        String::new(),
    ];
    if repaired.fixes.is_empty() {
        lines.push("  ✔ nothing is wrong with it: the copy is the same, byte for byte".to_owned());
    }
    lines.extend(
        repaired
            .fixes
            .iter()
            .map(|fix| format!("  ✔ {}{}", fix.sentence(), places(fix))),
    );
    lines.extend(repaired.lost.iter().map(lost_line));
    if let Some(out) = out {
        lines.push(format!("\n  written to {}", out.display()));
        lines.push(format!(
            "  tfsos restore {} puts it back",
            as_reference(out)
        ));
    }
    let lines: Vec<_> = lines
        .iter()
        .flat_map(|line| line.split('\n'))
        .map(visible)
        .collect();
    lines.join("\n")
}

fn places(fix: &Fix) -> String {
    let bytes: Vec<String> = fix.at.iter().take(PRINTED).map(usize::to_string).collect();
    let more = if fix.count > bytes.len() { ", …" } else { "" };
    format!(" (at byte {}{more})", bytes.join(", "))
}

fn lost_line(lost: &Lost) -> String {
    let at = lost.at.map(|at| format!(", at byte {at}"));
    let address = lost.address.iter().map(|address| format!("{address}: "));
    let address: String = address.collect();
    format!("  ✖ lost: {address}{}{}", lost.why, at.unwrap_or_default())
}

/// The file as REF takes it: a leading `./` tells it from a version id.
fn as_reference(out: &Path) -> String {
    let text = out.display().to_string();
    let is_file = matches!(text.parse(), Ok(Reference::File(_)));
    by_hand::quote(&if is_file { text } else { format!("./{text}") })
}
