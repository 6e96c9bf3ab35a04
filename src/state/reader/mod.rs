//! From bytes to a snapshot: one pass that never stops to copy, and that
//! keeps every instance which stood whole before the text broke.
//!
//! Each field is taken as Terraform takes it: the last of two counts, null is
//! absent, unknown ones are passed over.

mod passing;
mod pieces;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use crate::state::address::{Key, Mode, Module};
use crate::state::json::{Flaw, Scanner, Shape, Span};
use crate::state::reading::Reading;
use crate::state::snapshot::{
    Header, Instance, Output, Resource, Sensitivity, Serial, Snapshot, Status,
};
use crate::state::validity::{Damage, Refusal};

pub(super) use passing::{Passed, alone, each};
pub(super) use pieces::{Pieces, Rest};

use passing::{Draft, Watch};

/// What a state of Terraform 0.6 and older begins with.
const BINARY: &[u8] = b"tfstate";

/// So many refusals of each kind of look are told.
const TOLD: usize = 16;

/// Reads bytes of which there is at least one.
pub(super) fn read(text: Arc<[u8]>) -> Reading {
    let mut reader = Reader::default();
    reader.gather(&text);
    reader.judge(text)
}

/// What has been gathered so far.
#[derive(Default)]
struct Reader<'w> {
    header: Header,
    envelope: Envelope,
    outputs: Vec<Output>,
    resources: Vec<Resource>,
    instances: Vec<Instance>,
    modules: HashMap<String, Option<Module>>,
    refusals: Vec<(usize, Refusal)>,
    /// Where the version stands, for what is wrong with its number.
    version_at: usize,
    /// The `resources[]` entry that is being read.
    draft: Draft,
    watch: Watch<'w>,
}

/// Whether the top level has the mark of OpenTofu's encryption.
#[derive(Default, PartialEq, Eq)]
enum Envelope {
    #[default]
    Absent,
    Present,
}

impl Reader<'_> {
    /// Reads a text as far as it goes.
    fn gather(&mut self, text: &[u8]) {
        let mut scanner = Scanner::new(text);
        let ended = self.document(&mut scanner);
        let Err(flaw) = ended.and_then(|()| scanner.finish()) else {
            return;
        };
        let refusal = if text.starts_with(BINARY) {
            (0, Refusal::Binary)
        } else {
            (flaw.at, Refusal::NotJson(flaw))
        };
        self.refusals.push(refusal);
    }

    fn document(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Flaw> {
        let at = scanner.offset();
        match scanner.shape()? {
            Shape::Object => {
                scanner.object(|scanner, name| self.top(scanner, &name))?;
            }
            Shape::Null => drop(scanner.skip()?),
            found => {
                scanner.skip()?;
                self.refuse(at, Refusal::VersionNotNumber(found));
            }
        }
        Ok(())
    }

    fn top(&mut self, scanner: &mut Scanner<'_>, name: &str) -> Result<(), Flaw> {
        match name {
            "version" => self.version(scanner)?,
            "terraform_version" => {
                let at = scanner.offset();
                let by = self.text(scanner, "terraform_version")?;
                if by.as_deref().is_some_and(|by| !is_version(by)) {
                    self.refuse(at, Refusal::TerraformVersion);
                }
                self.header.terraform_version = by.map(Cow::into_owned);
            }
            "serial" => self.header.serial = self.number(scanner, "serial")?.map(Serial),
            "lineage" => {
                self.header.lineage = self.text(scanner, "lineage")?.map(Cow::into_owned);
            }
            "outputs" => self.each_member(scanner, "outputs", Self::output)?,
            "resources" => self.each(scanner, "resources", Self::resource)?,
            "encryption_version" => {
                let mark = self.text(scanner, "encryption_version")?;
                if mark.is_some_and(|mark| !mark.is_empty()) {
                    self.envelope = Envelope::Present;
                }
            }
            _ => drop(scanner.skip()?),
        }
        Ok(())
    }

    fn version(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Flaw> {
        let at = scanner.offset();
        self.version_at = at;
        let found = scanner.shape()?;
        self.header.format = whole_number(scanner.token()?);
        if self.header.format.is_none() && found != Shape::Null {
            self.refuse(at, Refusal::VersionNotNumber(found));
        }
        Ok(())
    }

    fn output(&mut self, scanner: &mut Scanner<'_>, name: &str) -> Result<(), Flaw> {
        let mut output = Output {
            name: name.to_owned(),
            value: Span::default(),
            sensitivity: Sensitivity::Open,
        };
        scanner.object::<Flaw>(|scanner, field| {
            match &*field {
                "value" => output.value = scanner.skip()?,
                "sensitive" if scanner.token()? == b"true" => {
                    output.sensitivity = Sensitivity::Sensitive;
                }
                "sensitive" => {}
                _ => drop(scanner.skip()?),
            }
            Ok(())
        })?;
        self.outputs.push(output);
        Ok(())
    }

    fn resource(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Flaw> {
        let at = scanner.offset();
        let first = self.instances.len();
        self.begin();
        let ended = scanner.object(|scanner, field| self.resource_field(scanner, &field));
        self.keep(at, first);
        ended.map(drop)
    }

    fn resource_field(&mut self, scanner: &mut Scanner<'_>, field: &str) -> Result<(), Flaw> {
        match field {
            "module" => self.draft.module = self.module(scanner)?,
            "mode" => self.draft.mode = self.mode(scanner)?,
            "type" => {
                let kind = self.text(scanner, "resources.type")?;
                let last = self.resources.last().map(|resource| &resource.address.kind);
                self.draft.kind = kind.map(|kind| shared(last, &kind));
            }
            "name" => self.draft.name = self.text(scanner, "resources.name")?.map(Into::into),
            "provider" => {
                let provider = self.text(scanner, "resources.provider")?;
                let last = self.resources.last().map(|resource| &resource.provider);
                self.draft.provider = provider.map(|provider| shared(last, &provider));
            }
            "instances" => return self.each(scanner, "resources.instances", Self::instance),
            _ => return scanner.skip().map(drop),
        }
        self.watch.named_again();
        Ok(())
    }

    /// Takes a resource in if it can be named; its instances were pushed from `first` on.
    fn keep(&mut self, at: usize, first: usize) {
        self.pass();
        let number = self.resources.len() as u32;
        let instances = first as u32..self.instances.len() as u32;
        let Some(resource) = std::mem::take(&mut self.draft).resource(instances) else {
            self.instances.truncate(first);
            self.refuse(at, Refusal::Nameless);
            return;
        };
        for instance in &mut self.instances[first..] {
            instance.resource = number;
        }
        self.resources.push(resource);
    }

    fn module(&mut self, scanner: &mut Scanner<'_>) -> Result<Option<Module>, Flaw> {
        let at = scanner.offset();
        let Some(text) = self.text(scanner, "resources.module")? else {
            return Ok(None);
        };
        let known = self.modules.get(&*text).cloned();
        let module = known.unwrap_or_else(|| Module::parse(&text));
        self.modules.insert(text.into_owned(), module.clone());
        if module.is_none() {
            self.refuse(at, Refusal::Module);
        }
        Ok(module)
    }

    fn mode(&mut self, scanner: &mut Scanner<'_>) -> Result<Option<Mode>, Flaw> {
        let at = scanner.offset();
        let word = self.text(scanner, "resources.mode")?;
        let mode = match word.as_deref() {
            Some("managed") => Some(Mode::Managed),
            Some("data") => Some(Mode::Data),
            _ => None,
        };
        if mode.is_none() {
            self.refuse(at, Refusal::Mode);
        }
        Ok(mode)
    }

    fn instance(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Flaw> {
        let mut instance = Instance {
            resource: 0,
            key: None,
            status: Status::Ready,
            deposed: None,
            attributes: Span::default(),
            sensitive: Span::default(),
            dependencies: Span::default(),
            provider: None,
            span: Span::default(),
        };
        instance.span =
            scanner.object(|scanner, field| self.instance_field(scanner, &field, &mut instance))?;
        self.instances.push(instance);
        self.pass();
        Ok(())
    }

    fn instance_field(
        &mut self,
        scanner: &mut Scanner<'_>,
        field: &str,
        instance: &mut Instance,
    ) -> Result<(), Flaw> {
        match field {
            "index_key" => instance.key = self.key(scanner)?,
            "status" => instance.status = self.status(scanner)?,
            "deposed" => instance.deposed = self.deposed(scanner)?,
            "attributes" => instance.attributes = scanner.skip()?,
            "attributes_flat" if instance.attributes == Span::default() => {
                instance.attributes = scanner.skip()?;
            }
            "sensitive_attributes" => instance.sensitive = scanner.skip()?,
            "dependencies" => instance.dependencies = scanner.skip()?,
            "provider" => {
                let own = self.text(scanner, "resources.instances.provider")?;
                instance.provider = own.filter(|own| !own.is_empty()).map(Into::into);
            }
            _ => drop(scanner.skip()?),
        }
        Ok(())
    }

    fn key(&mut self, scanner: &mut Scanner<'_>) -> Result<Option<Key>, Flaw> {
        let at = scanner.offset();
        Ok(match scanner.shape()? {
            Shape::Text => Some(Key::Text(scanner.string()?.into())),
            Shape::Number => Some(Key::Number(integer(scanner.token()?))),
            Shape::Null => {
                scanner.skip()?;
                None
            }
            Shape::Bool | Shape::List | Shape::Object => {
                scanner.skip()?;
                self.refuse(at, Refusal::Key);
                None
            }
        })
    }

    fn status(&mut self, scanner: &mut Scanner<'_>) -> Result<Status, Flaw> {
        let at = scanner.offset();
        let word = self.text(scanner, "resources.instances.status")?;
        Ok(match word.as_deref() {
            None | Some("") => Status::Ready,
            Some("tainted") => Status::Tainted,
            Some(_) => {
                self.refuse(at, Refusal::Status);
                Status::Ready
            }
        })
    }

    fn deposed(&mut self, scanner: &mut Scanner<'_>) -> Result<Option<Box<str>>, Flaw> {
        let at = scanner.offset();
        let key = self.text(scanner, "resources.instances.deposed")?;
        let key = key.filter(|key| !key.is_empty());
        if key.as_ref().is_some_and(|key| key.len() != 8) {
            self.refuse(at, Refusal::Deposed);
        }
        Ok(key.map(Into::into))
    }

    fn text<'a>(
        &mut self,
        scanner: &mut Scanner<'a>,
        field: &'static str,
    ) -> Result<Option<Cow<'a, str>>, Flaw> {
        if self.finds(scanner, field, Shape::Text)? {
            return scanner.string().map(Some);
        }
        Ok(None)
    }

    fn number(
        &mut self,
        scanner: &mut Scanner<'_>,
        field: &'static str,
    ) -> Result<Option<u64>, Flaw> {
        let at = scanner.offset();
        if !self.finds(scanner, field, Shape::Number)? {
            return Ok(None);
        }
        let number = whole_number(scanner.token()?);
        if number.is_none() {
            self.refuse(at, Refusal::Field(field, Shape::Number));
        }
        Ok(number)
    }

    fn each(
        &mut self,
        scanner: &mut Scanner<'_>,
        field: &'static str,
        take: fn(&mut Self, &mut Scanner<'_>) -> Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        if !self.finds(scanner, field, Shape::List)? {
            return Ok(());
        }
        scanner.list(|scanner| {
            if self.finds(scanner, field, Shape::Object)? {
                take(self, scanner)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    fn each_member(
        &mut self,
        scanner: &mut Scanner<'_>,
        field: &'static str,
        take: fn(&mut Self, &mut Scanner<'_>, &str) -> Result<(), Flaw>,
    ) -> Result<(), Flaw> {
        if !self.finds(scanner, field, Shape::Object)? {
            return Ok(());
        }
        scanner.object(|scanner, name| {
            if self.finds(scanner, field, Shape::Object)? {
                take(self, scanner, &name)?;
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Whether the value here has the wanted shape; any other one is passed, and refused unless it is null.
    fn finds(
        &mut self,
        scanner: &mut Scanner<'_>,
        field: &'static str,
        wanted: Shape,
    ) -> Result<bool, Flaw> {
        let at = scanner.offset();
        let found = scanner.shape()?;
        if found == wanted {
            return Ok(true);
        }
        if found != Shape::Null {
            self.refuse(at, Refusal::Field(field, found));
        }
        scanner.skip()?;
        Ok(false)
    }

    fn refuse(&mut self, at: usize, refusal: Refusal) {
        // The first ones tell the story; a hostile text must not grow this list.
        if self.refusals.len() < TOLD {
            self.refusals.push((at, refusal));
        }
    }

    /// Settles what the bytes are, once all that can be read has been read.
    fn judge(mut self, text: Arc<[u8]>) -> Reading {
        let parses = self.refusals.iter().all(|(_, refusal)| refusal.rank() > 0);
        match self.header.format {
            None if parses && self.envelope == Envelope::Present => {
                return Reading::Encrypted(self.header);
            }
            Some(1..=3) if parses => return Reading::Older(self.header),
            Some(1..=4) => {}
            Some(0) => self.refuse(self.version_at, Refusal::VersionZero),
            Some(format) => {
                let by = self.header.terraform_version.clone();
                self.refuse(self.version_at, Refusal::Newer { format, by });
            }
            // One of another shape is there, and has been told.
            None if self.has_odd_version() => {}
            None => self.refuse(0, Refusal::NoVersion),
        }
        self.settle(text)
    }

    fn has_odd_version(&self) -> bool {
        let mut refusals = self.refusals.iter().map(|(_, refusal)| refusal);
        refusals.any(|refusal| matches!(refusal, Refusal::VersionNotNumber(_)))
    }

    fn settle(self, text: Arc<[u8]>) -> Reading {
        let mut snapshot = Snapshot {
            text,
            header: self.header,
            outputs: self.outputs,
            resources: self.resources,
            instances: self.instances,
            listed: Vec::new(),
        };
        let mut refusals = self.refusals;
        let twice = snapshot.list();
        refusals.extend(twice.into_iter().take(TOLD));
        // What Terraform meets first is what it reports: JSON, then the version, then the rest in order.
        let first = (0..refusals.len()).min_by_key(|place| refusals[*place].1.rank());
        let Some(first) = first else {
            return Reading::Whole(snapshot);
        };
        let (at, refusal) = refusals.remove(first);
        let torn = refusal.rank() == 0;
        // Of a text that breaks off, what comes behind the break is only not there yet.
        refusals.retain(|(_, other)| !(torn && *other == Refusal::NoVersion));
        refusals.sort_by_key(|(at, _)| *at);
        let damage = |(at, refusal)| Damage::new(&snapshot.text, at, refusal);
        Reading::Damaged {
            damage: damage((at, refusal)),
            more: refusals.into_iter().map(damage).collect(),
            salvaged: snapshot,
        }
    }
}

/// The neighbor's string where it says the same: most neighbors share type and provider.
fn shared(last: Option<&Arc<str>>, text: &str) -> Arc<str> {
    match last {
        Some(last) if **last == *text => Arc::clone(last),
        _ => text.into(),
    }
}

fn whole_number(token: &[u8]) -> Option<u64> {
    std::str::from_utf8(token).ok()?.parse().ok()
}

/// An instance key as Terraform takes it: through a float where it is not written as a whole number.
fn integer(token: &[u8]) -> i64 {
    let text = std::str::from_utf8(token).unwrap_or_default();
    text.parse()
        .unwrap_or_else(|_| text.parse::<f64>().unwrap_or_default() as i64)
}

/// Whether Terraform would take it for a version number; it takes none at all for "unknown".
fn is_version(text: &str) -> bool {
    let number = text.strip_prefix('v').unwrap_or(text);
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ".-+~".contains(letter);
    text.is_empty()
        || (number.starts_with(|digit: char| digit.is_ascii_digit()) && number.chars().all(fits))
}
