//! The families of sources, told by the first bytes of a record alone: what a
//! person means by "only the providers". Names are [`super::Source`]'s.

use super::format::{hclog, hclog_json};
use super::prefix;
use super::record::Source;

/// Who wrote a record, without its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    Core,
    Backend,
    Provider,
    /// Provisioners and the cloud integration.
    Other,
    /// What a run prints.
    Run,
}

impl Family {
    pub const ALL: [Self; 5] = [
        Self::Core,
        Self::Backend,
        Self::Provider,
        Self::Other,
        Self::Run,
    ];

    /// The word of a list.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Backend => "backend",
            Self::Provider => "provider",
            Self::Other => "provisioner",
            Self::Run => "run output",
        }
    }

    /// The family of the record that this line begins.
    pub fn of(line: &[u8]) -> Self {
        let line = prefix::own_text(line);
        if let Some(header) = hclog::header(line) {
            return Self::from(&hclog::source_at(line, header.rest));
        }
        if line.first() == Some(&b'{') && hclog_json::header(line).is_some() {
            return Self::from(&hclog_json::source_of(line));
        }
        Self::Run
    }
}

impl From<&Source> for Family {
    fn from(source: &Source) -> Self {
        match source {
            Source::Core => Self::Core,
            Source::Backend(_) => Self::Backend,
            Source::Provider(_) => Self::Provider,
            Source::Other(_) => Self::Other,
            Source::Run => Self::Run,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::format;

    #[test]
    fn the_family_of_every_sample_is_that_of_its_decoded_source() {
        for sample in format::samples() {
            let source = format::read(sample).source;
            assert_eq!(
                Family::of(sample.as_bytes()),
                Family::from(&source),
                "{sample}"
            );
        }
    }
}
