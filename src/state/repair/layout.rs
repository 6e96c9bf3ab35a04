//! How a damaged text is indented: what tells, behind a damage, a resource or
//! an instance from a value that only looks like one.

use std::collections::BTreeMap;

use memchr::memmem;

/// What an object of the structure may begin with.
const RESOURCE: [&str; 4] = ["module", "mode", "instances", "each"];
const INSTANCE: [&str; 8] = [
    "index_key",
    "schema_version",
    "status",
    "deposed",
    "attributes",
    "attributes_flat",
    "create_before_destroy",
    "dependencies",
];
const TOP: [&str; 7] = [
    "version",
    "terraform_version",
    "serial",
    "lineage",
    "outputs",
    "resources",
    "check_results",
];

/// Where reading can go on behind a damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Landing {
    /// A field of the state itself.
    Top,
    Resource,
    Instance,
}

/// The text and the width of one level of its indentation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    text: &'a [u8],
    /// None where the text is not indented.
    unit: Option<usize>,
}

impl<'a> Layout<'a> {
    /// Learns the indentation from the lines that begin a list of instances, three levels deep.
    pub fn of(text: &'a [u8]) -> Self {
        let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
        for at in memmem::find_iter(text, b"\"instances\"") {
            let width = indent(text, at).filter(|width| *width > 0 && width % 3 == 0);
            if let Some(width) = width {
                *widths.entry(width).or_default() += 1;
            }
        }
        let usual = widths.into_iter().max_by_key(|(_, count)| *count);
        Self {
            text,
            unit: usual.map(|(width, _)| width / 3),
        }
    }

    pub fn is_indented(self) -> bool {
        self.unit.is_some()
    }

    /// What begins at a place, if anything of the structure can.
    pub fn landing(self, at: usize) -> Option<Landing> {
        match self.text.get(at)? {
            b'"' if self.begins_line(at, 1) => {
                let (name, _) = self.member(at)?;
                TOP.contains(&name).then_some(Landing::Top)
            }
            b'{' => self.object(at),
            _ => None,
        }
    }

    /// The list of resources where the text is not indented; other fields cannot be told from values there.
    pub fn compact_resources(self, at: usize) -> bool {
        let list = || {
            let (name, value) = self.member(at)?;
            (name == "resources" && self.text.get(value) == Some(&b'[')).then_some(())
        };
        self.unit.is_none() && list().is_some()
    }

    /// What an object is by the name of its first member, and by its indentation.
    pub fn object(self, at: usize) -> Option<Landing> {
        let kind = self.first(at)?;
        let levels = if kind == Landing::Resource { 2 } else { 4 };
        self.begins_line(at, levels).then_some(kind)
    }

    /// What an object is by the name of its first member alone.
    pub fn first(self, at: usize) -> Option<Landing> {
        let (name, _) = self.member(blank(self.text, at + 1))?;
        match name {
            _ if RESOURCE.contains(&name) => Some(Landing::Resource),
            _ if INSTANCE.contains(&name) => Some(Landing::Instance),
            _ => None,
        }
    }

    /// Whether a value's last bracket stands in the column of the line that begins it, as every writer of indented JSON puts it.
    pub fn stands_straight(self, begins: usize, value: &[u8], end: usize) -> bool {
        let bracket = matches!(value.first(), Some(b'{' | b'['));
        let lines = value.contains(&b'\n');
        if !bracket || (!lines && value.len() == 2) {
            return true;
        }
        let column = indent(self.text, begins);
        lines && column.is_some() && column == indent(self.text, end.saturating_sub(1))
    }

    /// Whether it is the first thing of its line at so many levels; anywhere where the text is not indented.
    fn begins_line(self, at: usize, levels: usize) -> bool {
        match self.unit {
            Some(unit) => indent(self.text, at) == Some(unit * levels),
            None => self.text[at] == b'{',
        }
    }

    /// The plain name of the member that begins at a place, and where its value begins.
    fn member(self, at: usize) -> Option<(&'a str, usize)> {
        let rest = self.text.get(at..)?.strip_prefix(b"\"")?;
        let end = rest.iter().take(32).position(|byte| *byte == b'"')?;
        let name = std::str::from_utf8(&rest[..end]).ok()?;
        let colon = blank(self.text, at + end + 2);
        (self.text.get(colon) == Some(&b':')).then(|| (name, blank(self.text, colon + 1)))
    }
}

/// The next byte that is not white space.
pub(super) fn blank(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}

/// How far the line of a byte is indented; none where anything else stands before it.
pub(super) fn indent(text: &[u8], at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    let width = before.iter().rev();
    let width = width
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let begins = at - width;
    (begins == 0 || text[begins - 1] == b'\n').then_some(width)
}
