//! What Terraform passes over at WARN: a provider on the older SDK plans or
//! returns what its schema does not allow. A healthy run with such a provider
//! has a remark for nearly every resource (`node_resource_abstract_instance.go`).

use super::record::Record;

const SAID_BY: &str = "Provider \"";
const BUT: &str = ", but we are tolerating it because it is using the legacy plugin SDK.";

/// A remark that means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerated<'a> {
    /// `an invalid plan`, or `an unexpected new value`.
    pub what: &'a str,
    /// The resource that it is about.
    pub address: &'a str,
}

impl Record {
    /// What of it Terraform tolerates; none of any other record.
    pub fn tolerated(&self) -> Option<Tolerated<'_>> {
        let remark = self.parts.message.strip_prefix(SAID_BY)?;
        // The names of a provider and of a kind of trouble hold no such words, an address may.
        let (remark, _) = remark.rsplit_once(BUT)?;
        let (_, remark) = remark.split_once("\" produced ")?;
        let (what, address) = remark.split_once(" for ")?;
        Some(Tolerated { what, address })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(message: &str) -> Record {
        let text = format!("2026-11-22T11:52:08.653Z [WARN]  {message}");
        Record::decode(text.as_bytes(), text.len() as u64)
    }

    #[test]
    fn a_remark_on_the_older_sdk_is_about_its_resource() {
        let remark = |what: &str, address: &str| {
            format!(
                "Provider \"registry.terraform.io/hashicorp/aws\" produced {what} for {address}, but we are tolerating it because it is using the legacy plugin SDK."
            )
        };
        let said = record(&remark("an invalid plan", "aws_vpc.main"));
        let (what, address) = ("an invalid plan", "aws_vpc.main");
        assert_eq!(said.tolerated(), Some(Tolerated { what, address }));
        let address = "aws_vpc.main[\" for a, but b\"]";
        let said = record(&remark("an unexpected new value", address));
        assert_eq!(said.tolerated().map(|one| one.address), Some(address));
    }

    #[test]
    fn what_is_not_tolerated_is_no_such_remark() {
        let error = "Provider \"registry.terraform.io/hashicorp/aws\" produced an invalid plan for aws_vpc.main.";
        assert_eq!(record(error).tolerated(), None);
        let quoted = "provider.terraform-provider-aws: Provider \"x\" was quoted, but we are tolerating it because it is using the legacy plugin SDK.";
        assert_eq!(record(quoted).tolerated(), None);
    }
}
