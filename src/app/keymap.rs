//! Which action a key means: the focused pane's table first, then what works
//! everywhere. A key that stands in neither does nothing.

use std::collections::HashMap;

use super::action::{Action, Scope, table};
use super::key::Key;
use super::pane::PaneId;

/// The keys of every scope, read once from the action table.
#[derive(Debug, Clone)]
pub struct Keymap {
    panes: HashMap<(PaneId, Key), Action>,
    everywhere: HashMap<Key, Action>,
}

impl Keymap {
    /// The keys as the action table says them.
    pub fn built_in() -> Self {
        let mut keymap = Self {
            panes: HashMap::new(),
            everywhere: HashMap::new(),
        };
        for (scope, row) in table() {
            for key in row.keys.split(' ').filter_map(|key| key.parse().ok()) {
                match scope {
                    Scope::In(pane) => keymap.panes.insert((pane, key), row.action),
                    Scope::Everywhere => keymap.everywhere.insert(key, row.action),
                };
            }
        }
        keymap
    }

    /// What the key means while this pane is focused.
    pub fn action(&self, pane: PaneId, key: Key) -> Option<Action> {
        self.panes
            .get(&(pane, key))
            .or_else(|| self.everywhere.get(&key))
            .copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::pane::lock::LockAction;

    #[test]
    fn a_pane_s_own_key_comes_before_the_one_of_everywhere() {
        let keymap = Keymap::built_in();
        let release = "U".parse().unwrap();
        assert_eq!(
            keymap.action(PaneId::Locks, release),
            Some(Action::Lock(LockAction::Release))
        );
        assert_eq!(keymap.action(PaneId::Situation, release), None);
        assert_eq!(
            keymap.action(PaneId::Situation, "?".parse().unwrap()),
            Some(Action::Help)
        );
    }
}
