//! The file that Terraform reads: an `import` block for each resource, with the
//! command for Terraform before 1.5 beside it, and what was left out as comments.

use std::fmt::Write as _;

use super::missing::{Missing, Source};
use super::{Import, Rebuild};
use crate::recovery::by_hand;
use crate::state::{quoted, visible};

/// What the head of the file says.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    pub rebuild: &'a Rebuild,
    /// The state that the resources go into.
    pub place: &'a str,
    /// Where they were heard of, such as `version 3Kx…`.
    pub from: &'a str,
    /// Who wrote the version that they are of.
    pub terraform: Option<&'a str>,
    /// What could not be looked at.
    pub unseen: &'a [String],
}

/// The block and the command of one resource.
pub(super) fn import(missing: &Missing, id: &str) -> Import {
    let mut block = format!(
        "import {{\n  to = {}\n  id = {}\n",
        missing.address,
        quoted(id)
    );
    if let Some(provider) = &missing.provider {
        // Beside a resource block Terraform refuses the argument.
        let _ = writeln!(
            block,
            "  # provider = {provider} (only with -generate-config-out)"
        );
    }
    block.push_str("}\n");
    Import {
        address: missing.address.clone(),
        kind: missing.kind.clone(),
        id: id.to_owned(),
        provider: missing.provider.clone(),
        source: missing.source,
        block,
        command: command(&missing.address, id),
    }
}

/// What imports one resource without a block.
pub(super) fn command(address: &str, id: &str) -> String {
    format!(
        "terraform import {} {}",
        by_hand::quote(address),
        by_hand::quote(id)
    )
}

/// Whether that version of Terraform knows no import blocks.
pub fn is_before_blocks(terraform: &str) -> bool {
    let mut numbers = terraform.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < (1, 5),
        _ => false,
    }
}

impl Written<'_> {
    /// The whole file.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in self.head() {
            let _ = writeln!(text, "# {}", visible(&line));
        }
        for import in &self.rebuild.imports {
            let _ = write!(text, "\n{}# {}\n", import.block, import.command);
        }
        if !self.rebuild.unmapped.is_empty() {
            text.push_str("\n# Not imported:\n");
        }
        for line in self.rebuild.refused() {
            let _ = writeln!(text, "# {}", visible(&line));
        }
        text
    }

    fn head(&self) -> Vec<String> {
        let count = self.rebuild.imports.len();
        let mut head = vec![
            format!(
                "Imports into {}, made by tfsos from {}.",
                self.place, self.from
            ),
            format!(
                "Beside the configuration, terraform plan must say: {count} to import, 0 to add, 0 to change, 0 to destroy."
            ),
        ];
        if let Some(old) = self
            .terraform
            .filter(|terraform| is_before_blocks(terraform))
        {
            head.push(format!("Terraform {old} knows no import blocks: run the commands beneath them instead, one by one, and delete the blocks."));
        }
        if self
            .rebuild
            .imports
            .iter()
            .any(|import| import.source == Source::Tags)
        {
            head.push("What was found by its tags has an address that is made up: make it that of your configuration, or have one written with terraform plan -generate-config-out=found.tf.".to_owned());
        }
        head.extend(
            self.unseen
                .iter()
                .map(|what| format!("Not looked at: {what}")),
        );
        head
    }
}

impl Rebuild {
    /// Each resource that is not offered, with the reason.
    pub fn refused(&self) -> impl Iterator<Item = String> {
        self.unmapped.iter().map(|one| {
            let name = one.address.as_ref().or(one.arn.as_ref());
            format!("{}: {}", name.map_or("", String::as_str), one.why)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terraform_before_1_5_knows_no_blocks() {
        for old in ["0.12.31", "1.4.6", "1.0.0-beta1"] {
            assert!(is_before_blocks(old), "{old}");
        }
        for new in ["1.5.0", "1.11.4", "2.0.0", "", "x"] {
            assert!(!is_before_blocks(new), "{new}");
        }
    }
}
