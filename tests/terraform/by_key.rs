//! The incidents of a night once more, by the keys of the console on a real
//! terminal: armed, walked to, typed and ended as a person would, after which
//! the real terraform plans nothing, no lock is left and no version is lost.

use serde_json::{Value, json};

use tfsos::lock::Body;

use crate::support::moto::{Moto, Stores};
use crate::support::screen::{Exit, Screen};
use crate::support::template::{Template, digest};
use crate::support::terraform::{self, KEY, Locking, Project};
use crate::support::tfsos::Tfsos;

/// The short name of the place, which arms it and confirms a restore.
const NAME: &str = "network";
const LIVE: &str = "release a live lock";

/// A place in trouble, and the console that looks at it.
struct Night {
    stores: Stores,
    project: Project,
    template: &'static Template,
    locking: Locking,
}

impl Night {
    /// A project with two applies behind it; none where there is no terraform.
    fn of(locking: Locking) -> Option<Self> {
        let binary = terraform::found()?;
        let stores = Moto::shared().stores();
        let template = Template::shared(binary);
        let project = template.project(binary, &stores, locking);
        Some(Self {
            stores,
            project,
            template,
            locking,
        })
    }

    fn newest(&self) -> &[u8] {
        &self.template.states[1]
    }

    fn put(&self, state: &[u8]) {
        self.stores.put_object(KEY, state);
    }

    /// The newest state with members of it replaced.
    fn with(&self, members: &[(&str, Value)]) -> Vec<u8> {
        let mut state: Value = serde_json::from_slice(self.newest()).unwrap();
        for (name, value) in members {
            state[name] = value.clone();
        }
        state.to_string().into_bytes()
    }

    fn serial(&self) -> u64 {
        let state: Value = serde_json::from_slice(self.newest()).unwrap();
        state["serial"].as_u64().unwrap()
    }

    fn row(&self) -> String {
        format!("{}/{KEY}", self.stores.bucket)
    }

    fn put_digest(&self, md5: &str) {
        let row = format!("{}-md5", self.row());
        let item = json!({"LockID": {"S": row}, "Digest": {"S": md5}});
        self.stores.put_item(&item);
    }

    /// The id of the lock that terraform left.
    fn lock(&self) -> String {
        let body = self.stores.object(&format!("{KEY}.tflock"));
        let body = body.or_else(|| super::info_of(&self.stores, &self.row()));
        let holder = tfsos::lock::Holder::read(&body.unwrap());
        holder.unwrap().id
    }

    fn console(&self) -> Screen {
        let tfsos = Tfsos::new(&[]).within(self.project.dir());
        let screen = tfsos.on_screen(120, 40);
        screen.until("READ-ONLY");
        screen
    }

    /// Does at the console what a person does, quits, and sees what terraform says.
    fn ends_well(&self, deed: impl FnOnce(&Screen)) {
        let before = self.stores.version_ids(KEY);
        let screen = self.console();
        deed(&screen);
        leave(&screen);
        self.is_well(KEY, &before);
        assert_eq!(self.project.plan(), Some(0), "terraform plans nothing");
    }

    fn is_well(&self, key: &str, before: &[String]) {
        let after = self.stores.version_ids(key);
        let kept = before.iter().all(|version| after.contains(version));
        assert!(kept, "every version is still there");
        assert_eq!(self.stores.object(&format!("{key}.tflock")), None);
        let row = format!("{}/{key}", self.stores.bucket);
        assert_eq!(self.stores.item(&row), None, "no lock is left");
        if self.locking.has_table() {
            let kept = self.stores.item(&format!("{row}-md5")).unwrap();
            let calculated = digest(&self.stores.object(key).unwrap());
            assert_eq!(kept["Digest"]["S"], calculated, "the digest agrees");
        }
    }
}

pub fn leave(screen: &Screen) {
    screen.press("q");
    assert_eq!(screen.exit(), Exit::Code(0));
    screen.assert_given_back();
}

/// Answers the sheet that asks to arm, and then what the plan demands.
fn armed_and(screen: &Screen, texts: &[&str]) {
    screen.until("Arm network");
    screen.type_text(NAME);
    screen.press("enter");
    answer(screen, texts);
}

/// Types what each field of the plan asks for, as it is asked.
fn answer(screen: &Screen, texts: &[&str]) {
    screen.until("be undone: ");
    for text in texts {
        screen.type_text(text);
        screen.press("enter");
    }
}

/// Terraform says itself what it would do next.
fn planned(screen: &Screen) {
    screen.until("terraform plan -refresh=false says so");
}

/// Restores the version that is so many rows below the newest.
pub fn restore(screen: &Screen, rows: usize, texts: &[&str], then: impl FnOnce(&Screen)) {
    screen.press("3");
    screen.until("last good ✔");
    screen.press(&"down ".repeat(rows));
    screen.press("R");
    armed_and(screen, texts);
    screen.until("✔ restored");
    then(screen);
    screen.press("esc");
}

/// Moves the cursor of a list to the row that holds a text.
fn walk_to(screen: &Screen, text: &str) {
    let row_of = |shown: &str, text: &str| shown.lines().position(|row| row.contains(text));
    let shown = screen.until(text);
    let (from, to) = (row_of(&shown, "▸").unwrap(), row_of(&shown, text).unwrap());
    screen.press(&"down ".repeat(to.saturating_sub(from)));
    screen.press(&"up ".repeat(from.saturating_sub(to)));
}

#[test]
fn by_key_a_stale_lock_is_released() {
    let Some(night) = Night::of(Locking::Both) else {
        return;
    };
    night.project.kill_an_apply();
    assert_eq!(night.project.plan(), Some(1), "it blocks terraform");
    let id = night.lock();
    night.ends_well(|screen| {
        screen.press("4");
        screen.until(&id[..8]);
        screen.press("U");
        armed_and(screen, &[&id[..8], LIVE]);
        screen.until("✔ released");
        screen.press("esc");
    });
}

#[test]
fn by_key_a_truncated_state_is_restored() {
    let Some(night) = Night::of(Locking::DynamoDb) else {
        return;
    };
    let whole = night.newest();
    night.put(&whole[..whole.len() / 2]);
    assert_eq!(night.project.plan(), Some(1), "terraform cannot read it");
    night.ends_well(|screen| restore(screen, 1, &[NAME], planned));
}

#[test]
fn by_key_an_empty_state_is_restored() {
    let Some(night) = Night::of(Locking::Lockfile) else {
        return;
    };
    night.put(b"");
    night.ends_well(|screen| restore(screen, 1, &[NAME], planned));
}

#[test]
fn by_key_a_deleted_state_is_restored() {
    let Some(night) = Night::of(Locking::Both) else {
        return;
    };
    night.stores.delete_object(KEY);
    night.ends_well(|screen| {
        screen.press("3");
        screen.until("deleted");
        screen.press("R");
        screen.until("a delete marker has nothing to restore");
        restore(screen, 1, &[NAME], planned);
    });
}

#[test]
fn by_key_the_half_of_a_lock_that_was_left_is_released() {
    let Some(night) = Night::of(Locking::Both) else {
        return;
    };
    night.project.kill_an_apply();
    night.stores.delete_object(&format!("{KEY}.tflock"));
    let id = night.lock();
    night.ends_well(|screen| {
        screen.press("4");
        screen.until("half released");
        screen.press("U");
        armed_and(screen, &[&id[..8], LIVE]);
        screen.until("✔ released");
        screen.press("esc");
    });
}

#[test]
fn by_key_a_lock_row_without_info_is_released_by_its_hash() {
    let Some(night) = Night::of(Locking::DynamoDb) else {
        return;
    };
    let item = json!({"LockID": {"S": night.row()}});
    night.stores.put_item(&item);
    assert_eq!(night.project.plan(), Some(1), "it blocks terraform");
    let item = item.to_string();
    let raw = Body::NoInfo { item }.sha256();
    night.ends_well(|screen| {
        screen.press("4");
        screen.until("Terraform cannot release it");
        let hash = &raw[..12];
        screen.press("U");
        armed_and(screen, &[hash]);
        screen.until("✔ released");
        screen.press("esc");
    });
}

#[test]
fn by_key_a_waiting_job_gets_in_when_the_lock_is_released() {
    let Some(night) = Night::of(Locking::Lockfile) else {
        return;
    };
    night.project.kill_an_apply();
    let id = night.lock();
    let waiting = night.project.waits_for_the_lock();
    night.ends_well(|screen| {
        screen.press("4");
        screen.until(&id[..8]);
        screen.press("U");
        armed_and(screen, &[&id[..8], LIVE]);
        screen.until("✔ released");
        screen.press("esc");
        waiting.gets_in(&night.project);
    });
}

#[test]
fn by_key_a_waiting_job_is_kept_out_until_the_state_is_whole_again() {
    let Some(night) = Night::of(Locking::Both) else {
        return;
    };
    night.project.kill_an_apply();
    let whole = night.newest();
    night.put(&whole[..whole.len() / 2]);
    let id = night.lock();
    let waiting = night.project.waits_for_the_lock();
    night.ends_well(|screen| {
        screen.press("4");
        screen.until(&id[..8]);
        screen.press("U");
        screen.until("take it over");
        screen.press("enter");
        armed_and(screen, &[&id[..8], LIVE]);
        screen.until("✔ taken over");
        screen.press("esc");
        screen.press("3");
        screen.press("down R");
        answer(screen, &[NAME]);
        screen.until("✔ restored");
        screen.press("esc 4");
        let own = night.lock();
        screen.until("agrees with the state");
        screen.press("U");
        answer(screen, &[&own[..8]]);
        screen.until("✔ thawed");
        screen.press("esc");
        waiting.gets_in(&night.project);
    });
}

#[test]
fn by_key_a_state_overwritten_outside_of_terraform_is_restored() {
    let Some(night) = Night::of(Locking::Both) else {
        return;
    };
    let [old, _] = &night.template.states;
    night.put(old);
    assert_eq!(night.project.plan(), Some(1), "terraform refuses the state");
    night.ends_well(|screen| {
        screen.press("4");
        screen.until("differs");
        screen.press("D");
        screen.until("No plan");
        screen.press("esc");
        restore(screen, 1, &[NAME], planned);
    });
}

#[test]
fn by_key_a_digest_that_an_apply_could_not_write_is_fixed() {
    let Some(night) = Night::of(Locking::DynamoDb) else {
        return;
    };
    night.put_digest(&digest(&night.template.states[0]));
    assert_eq!(night.project.plan(), Some(1), "terraform refuses the state");
    let before = night.stores.version_ids(KEY);
    night.ends_well(|screen| {
        screen.press("4");
        screen.until("differs");
        screen.press("D");
        armed_and(screen, &[NAME]);
        screen.until("✔ the digest agrees");
        screen.press("esc");
    });
    assert_eq!(
        night.stores.version_ids(KEY),
        before,
        "no state was written"
    );
}

#[test]
fn by_key_a_missing_digest_is_written() {
    let Some(night) = Night::of(Locking::DynamoDb) else {
        return;
    };
    night.stores.delete_item(&format!("{}-md5", night.row()));
    night.ends_well(|screen| {
        screen.press("4");
        screen.until("unverified");
        screen.press("D");
        armed_and(screen, &[NAME]);
        screen.until("✔ the digest agrees");
        screen.press("esc");
    });
}

#[test]
fn by_key_a_serial_that_went_backwards_goes_on_where_it_was() {
    let Some(night) = Night::of(Locking::Lockfile) else {
        return;
    };
    night.put(&night.with(&[("serial", json!(1)), ("resources", json!([]))]));
    let next = format!("as serial {}", night.serial() + 1);
    night.ends_well(|screen| {
        screen.press("3");
        screen.until("last good ✔");
        screen.press("down R");
        screen.until("Arm network");
        screen.type_text(NAME);
        screen.press("enter");
        screen.until(&next);
        answer(screen, &[NAME]);
        screen.until("✔ restored");
        screen.press("esc");
    });
}

#[test]
fn by_key_a_state_of_another_lineage_is_put_right() {
    let Some(night) = Night::of(Locking::Lockfile) else {
        return;
    };
    let foreign = "00000000-1111-2222-3333-444444444444";
    let pushed = [
        ("lineage", json!(foreign)),
        ("serial", json!(90)),
        ("resources", json!([])),
    ];
    night.put(&night.with(&pushed));
    let whole: Value = serde_json::from_slice(night.newest()).unwrap();
    let lineage = whole["lineage"].as_str().unwrap();
    night.ends_well(|screen| {
        screen.until("another lineage");
        screen.press("3");
        screen.until("one of 2");
        screen.press("down R");
        armed_and(screen, &[NAME, lineage]);
        screen.until("✔ restored");
        screen.press("esc");
    });
}

#[test]
fn by_key_each_of_three_workspaces_is_put_right_from_the_list_of_all_states() {
    let Some(night) = Night::of(Locking::Both) else {
        return;
    };
    let keys = ["staging", "prod"].map(|name| format!("env:/{name}/{KEY}"));
    for key in &keys {
        night.template.history(&night.stores, night.locking, key);
    }
    let whole = night.newest();
    for key in keys.iter().map(String::as_str).chain([KEY]) {
        night.stores.put_object(key, &whole[..whole.len() / 3]);
    }
    let broken = keys.each_ref().map(|key| night.stores.version_ids(key));
    night.ends_well(|screen| {
        restore(screen, 1, &[NAME], planned);
        for name in ["staging", "prod"] {
            screen.press("a");
            walk_to(screen, &format!("env:/{name}"));
            screen.press("enter");
            screen.until(&format!("ws {name}"));
            restore(screen, 1, &[NAME], |screen| {
                screen.until("without a plan: ");
            });
        }
        screen.press("a");
        screen.until_screen("show three sound states", |shown| {
            shown.contents().matches("✔ agrees").count() == 3
        });
    });
    for ((name, key), before) in ["staging", "prod"].into_iter().zip(&keys).zip(&broken) {
        night.is_well(key, before);
        night.project.select(name);
        assert_eq!(night.project.plan(), Some(0), "{name}");
    }
}

/// Restores the older of the two states, which terraform would change again.
fn older(screen: &Screen) {
    screen.press("3");
    screen.until("last good ✔");
    screen.press("down R");
    armed_and(screen, &[NAME]);
    screen.until("would create 0, destroy 0, replace 0 and change");
}

#[test]
fn by_key_a_restore_is_undone_by_one_key() {
    let Some(night) = Night::of(Locking::Both) else {
        return;
    };
    night.ends_well(|screen| {
        older(screen);
        screen.press("z");
        screen.until("Undo a restore");
        answer(screen, &[NAME]);
        screen.until_screen("show the end of the undo", |shown| {
            let shown = shown.contents();
            shown.contains("Undo a restore") && shown.contains("the next plan would change nothing")
        });
        screen.press("enter enter");
    });
    let state: Value = serde_json::from_slice(&night.stores.object(KEY).unwrap()).unwrap();
    assert_eq!(state["serial"], json!(night.serial() + 2));
}

#[test]
fn by_key_a_restore_is_not_undone_once_somebody_has_written() {
    let theirs = [("serial", json!(90))];
    for shown_first in [false, true] {
        let Some(night) = Night::of(Locking::Both) else {
            return;
        };
        let theirs = night.with(&theirs);
        let screen = night.console();
        older(&screen);
        if shown_first {
            screen.press("z");
            screen.until("Undo a restore");
            night.put(&theirs);
            answer(&screen, &[NAME]);
            screen.until("was written by somebody else meanwhile");
            screen.until("refused: this run wrote nothing");
        } else {
            night.put(&theirs);
            screen.press("z");
            screen.until("an undo would throw that away");
        }
        screen.press("enter enter");
        leave(&screen);
        let state = night.stores.object(KEY).unwrap();
        assert_eq!(state, theirs, "it is theirs, byte for byte");
        assert_eq!(night.stores.object(&format!("{KEY}.tflock")), None);
        assert_eq!(night.stores.item(&night.row()), None, "no lock is left");
    }
}
