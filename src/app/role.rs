//! What a piece of the screen means. Themes give each role a style; a role
//! without one takes its parent's, and the parents stand in this table.

/// A meaning, never a widget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Text,
    Faint,
    Strong,
    Title,
    Rule,
    Key,
    KeyHint,
    Selected,
    SelectedIdle,
    Mark,
    Match,
    Critical,
    Warning,
    Note,
    Fine,
    Unknown,
    Busy,
    PlaceOrdinary,
    PlaceProd,
    PlaceSandbox,
    PlaceArmed,
    TabActive,
    TabIdle,
    Sheet,
    SheetTitle,
    Input,
    Secret,
    Added,
    Removed,
    Changed,
    Moved,
    LevelError,
    LevelWarn,
    LevelInfo,
    LevelDebug,
    LevelTrace,
    Stamp,
    Subsystem,
    Code,
    CodeWord,
    CodeText,
    CodeNumber,
    CodeRemark,
    Bar,
    Placeholder,
    SourceA,
    SourceB,
    SourceC,
    SourceD,
}

/// Each role with its name in theme files and the role whose style it takes when unset.
pub const TABLE: &[(Role, &str, Option<Role>)] = &[
    (Role::Text, "text", None),
    (Role::Faint, "faint", Some(Role::Text)),
    (Role::Strong, "strong", Some(Role::Text)),
    (Role::Title, "title", Some(Role::Strong)),
    (Role::Rule, "rule", Some(Role::Faint)),
    (Role::Key, "key", Some(Role::Strong)),
    (Role::KeyHint, "key-hint", Some(Role::Faint)),
    (Role::Selected, "selected", Some(Role::Strong)),
    (Role::SelectedIdle, "selected-idle", Some(Role::Selected)),
    (Role::Mark, "mark", Some(Role::Strong)),
    (Role::Match, "match", Some(Role::Strong)),
    (Role::Critical, "critical", Some(Role::Strong)),
    (Role::Warning, "warning", Some(Role::Strong)),
    (Role::Note, "note", Some(Role::Text)),
    (Role::Fine, "fine", Some(Role::Text)),
    (Role::Unknown, "unknown", Some(Role::Faint)),
    (Role::Busy, "busy", Some(Role::Note)),
    (Role::PlaceOrdinary, "place-ordinary", Some(Role::Strong)),
    (Role::PlaceProd, "place-prod", Some(Role::Critical)),
    (Role::PlaceSandbox, "place-sandbox", Some(Role::Warning)),
    (Role::PlaceArmed, "place-armed", Some(Role::Critical)),
    (Role::TabActive, "tab-active", Some(Role::Strong)),
    (Role::TabIdle, "tab-idle", Some(Role::Text)),
    (Role::Sheet, "sheet", Some(Role::Text)),
    (Role::SheetTitle, "sheet-title", Some(Role::Title)),
    (Role::Input, "input", Some(Role::Strong)),
    (Role::Secret, "secret", Some(Role::Faint)),
    (Role::Added, "added", Some(Role::Fine)),
    (Role::Removed, "removed", Some(Role::Critical)),
    (Role::Changed, "changed", Some(Role::Warning)),
    (Role::Moved, "moved", Some(Role::Note)),
    (Role::LevelError, "level-error", Some(Role::Critical)),
    (Role::LevelWarn, "level-warn", Some(Role::Warning)),
    (Role::LevelInfo, "level-info", Some(Role::Text)),
    (Role::LevelDebug, "level-debug", Some(Role::Text)),
    (Role::LevelTrace, "level-trace", Some(Role::Faint)),
    (Role::Stamp, "stamp", Some(Role::Faint)),
    (Role::Subsystem, "subsystem", Some(Role::Note)),
    (Role::Code, "code", Some(Role::Text)),
    (Role::CodeWord, "code-word", Some(Role::Strong)),
    (Role::CodeText, "code-text", Some(Role::Fine)),
    (Role::CodeNumber, "code-number", Some(Role::Note)),
    (Role::CodeRemark, "code-remark", Some(Role::Faint)),
    (Role::Bar, "bar", Some(Role::Note)),
    (Role::Placeholder, "placeholder", Some(Role::Warning)),
    (Role::SourceA, "source-a", Some(Role::Note)),
    (Role::SourceB, "source-b", Some(Role::Fine)),
    (Role::SourceC, "source-c", Some(Role::Warning)),
    (Role::SourceD, "source-d", Some(Role::Mark)),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_role_has_one_name_and_a_parent_before_it() {
        let mut seen = Vec::new();
        for (role, _, parent) in TABLE {
            assert!(!seen.contains(role), "{role:?} stands twice");
            assert!(
                parent.is_none_or(|parent| seen.contains(&parent)),
                "{role:?}'s parent comes later"
            );
            seen.push(*role);
        }
        assert_eq!(seen.len(), Role::SourceD as usize + 1);
        assert_eq!(
            TABLE
                .iter()
                .map(|(_, name, _)| name)
                .collect::<BTreeSet<_>>()
                .len(),
            TABLE.len()
        );
    }
}
