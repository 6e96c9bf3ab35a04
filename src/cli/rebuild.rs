//! `tfsos rebuild`: `import` blocks for what exists and the present state has
//! lost. It changes no state; the file that it writes must not be there yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::body::Body;
use super::site::{Ended, Site, unable};
use super::{Answer, Exit};
use crate::app::text::visible;
use crate::args::Rebuild as Asked;
use crate::fault::Fault;
use crate::io::rebuilding;
use crate::recovery::rebuild::{Rebuild, Rebuilt, Written};
use crate::state::Reference;

pub async fn answer(asked: &Asked) -> Result<Answer, Ended> {
    if let Some(fault) = in_the_way(asked) {
        return Err((Exit::Refused, fault));
    }
    let tags = asked.tags().map_err(|fault| (Exit::Usage, fault))?;
    let site = Site::open(&asked.place).await?;
    let (mut sources, mut from) = (Vec::new(), None);
    if let Some(text) = &asked.from {
        let Ok(reference) = text.parse::<Reference>();
        let body = Body::of(&site, &reference).await.map_err(unable)?;
        let name = match &body.version {
            Some(id) => format!("version {id}"),
            None => reference.to_string(),
        };
        sources.push(name.clone());
        from = Some((name, Arc::clone(&body.bytes)));
    }
    let looked = rebuilding::rebuild(&site.place, &site.remote, from, tags.as_deref());
    let looked = Box::pin(looked).await.map_err(unable)?;
    if tags.is_some() {
        sources.push(format!("the tags in {}", looked.regions.join(", ")));
    }
    let from = sources.join(" and ");
    let (place, rebuild) = (site.place.full_name(), &looked.rebuild);
    let written = Written {
        rebuild,
        place: &place,
        from: &from,
        terraform: looked.terraform.as_deref(),
        unseen: &looked.unseen,
    };
    let out = asked.out.as_deref().filter(|_| !rebuild.imports.is_empty());
    if let Some(out) = out {
        rebuilding::write(out, written.text())
            .await
            .map_err(unable)?;
    }
    let exit = match (rebuild.has_gaps(), looked.unseen.is_empty()) {
        (true, _) => Exit::Found,
        (false, false) => Exit::Unable,
        (false, true) => Exit::Done,
    };
    let text = match (out, rebuild.imports.is_empty()) {
        (None, false) => written.text(),
        (_, _) => shown(
            &looked,
            &place,
            &from,
            out.map(|out| out.display().to_string()),
        ),
    };
    let mut answer = site.answer(exit, text);
    answer.own.extend([
        ("imports".to_owned(), json!(rebuild.imports)),
        ("unmapped".to_owned(), json!(rebuild.unmapped)),
        ("regions".to_owned(), json!(looked.regions)),
        ("moved".to_owned(), json!(rebuild.moved)),
        ("searched".to_owned(), json!(looked.searched)),
        ("output".to_owned(), json!(out)),
    ]);
    answer.aside.clone_from(&looked.unseen);
    answer.unseen = looked.unseen;
    Ok(answer)
}

/// Why the file cannot be written, if it is there already.
fn in_the_way(asked: &Asked) -> Option<Fault> {
    let out = asked.out.as_deref()?;
    out.symlink_metadata().ok()?;
    let name = out.display().to_string();
    let fault = Fault::new("write the imports", name, "it exists already");
    Some(fault.hint("-o names a file that is not there yet"))
}

/// What a person reads beside the file.
fn shown(looked: &Rebuilt, place: &str, from: &str, out: Option<String>) -> String {
    let rebuild = &looked.rebuild;
    let ours = rebuild.unmapped.iter().filter(|one| !one.is_elsewhere());
    let lost = rebuild.imports.len() + ours.count();
    let mut lines = vec![match lost {
        0 => format!("{place} has everything that {from} shows"),
        _ => format!(
            "{place}: {} of {lost} that {from} shows and the state has not can be imported",
            rebuild.imports.len()
        ),
    }];
    if rebuild.moved > 0 {
        lines.push(format!(
            "  ○ {} are in it under another address",
            rebuild.moved
        ));
    }
    lines.push(format!(
        "  ○ {} other states were searched for owners",
        looked.searched
    ));
    lines.extend(owned(rebuild));
    lines.push(String::new());
    lines.extend(
        rebuild
            .imports
            .iter()
            .map(|import| format!("  ✔ {}   {}", import.address, import.id)),
    );
    let refused = rebuild.unmapped.iter().zip(rebuild.refused());
    let refused = refused
        .filter(|(one, _)| !one.is_elsewhere())
        .map(|(_, line)| line);
    lines.extend(refused.map(|line| format!("  ✖ {line}")));
    if let Some(out) = out {
        lines.push(String::new());
        lines.push("  for Terraform before 1.5, one by one, with a plan after each:".to_owned());
        lines.extend(
            rebuild
                .imports
                .iter()
                .map(|import| format!("    {}", import.command)),
        );
        lines.push(String::new());
        lines.push(format!(
            "  written to {out}: put it beside the configuration and plan"
        ));
        lines.push(
            "  tfsos runbooks show state-rebuild leads through the imports one by one".to_owned(),
        );
    }
    let lines: Vec<_> = lines.iter().map(|line| visible(line)).collect();
    lines.join("\n")
}

/// How many things with tags belong to each other state.
fn owned(rebuild: &Rebuild) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let elsewhere = rebuild.unmapped.iter().filter(|one| one.is_elsewhere());
    for key in elsewhere.filter_map(|one| one.owner.as_deref()) {
        *counts.entry(key).or_default() += 1;
    }
    let told = counts.iter();
    told.map(|(key, count)| format!("  ○ {count} with tags belong to {key}"))
        .collect()
}
