//! What must hold of any bytes at all. The fuzz targets look for bytes that
//! break one of these; `tests/fuzz.rs` replays the kept ones on stable.

use tfsos::log::{
    Account, At, Index, Level, Millis, Raw, Record, RecordNo, STEMS, Window, display, format,
    judge, mask, signs, starts_like_a_log, stretches,
};
use tfsos::state::{
    Anatomy, Catalog, Comparison, Desk, Hopeless, Integrity, Large, Reading, Snapshot, Stored, Web,
    repair as mend,
};

/// The index is that of the whole however the bytes are cut, every byte
/// belongs to a record, and every record can be decoded and shown.
pub fn scan(bytes: &[u8]) {
    let whole = indexed(bytes, usize::MAX);
    assert_eq!(whole.length(), bytes.len() as u64);
    assert_eq!(whole.records() > 0, !bytes.is_empty());
    for size in [1, 7, 64, 4096] {
        assert_eq!(indexed(bytes, size), whole, "cut every {size} bytes");
    }
    let _ = starts_like_a_log(bytes);
    let numbers: Vec<RecordNo> = (0..whole.records()).map(RecordNo).collect();
    let mut found = Vec::new();
    for stretch in stretches(&whole, &numbers) {
        let range = stretch.seek.offset as usize..stretch.end as usize;
        let mut window = Window::new(stretch);
        window.feed(&bytes[range]);
        found.extend(window.finish());
    }
    let decoded: Vec<RecordNo> = found.iter().map(|(number, _)| *number).collect();
    assert_eq!(decoded, numbers);
    for (_, record) in &found {
        shows_nothing_that_a_terminal_obeys(record);
    }
}

fn indexed(bytes: &[u8], size: usize) -> Index {
    let mut index = Index::default();
    for chunk in bytes.chunks(size.min(bytes.len().max(1))) {
        index.append(&tfsos::log::scan(chunk), None);
    }
    index
}

fn shows_nothing_that_a_terminal_obeys(record: &Record) {
    is_safe(&record.text);
    is_safe(&record.parts.message);
    record.parts.body.iter().for_each(|line| is_safe(line));
    for field in &record.parts.fields {
        is_safe(&field.name);
        is_safe(&field.value);
    }
}

fn is_safe(text: &str) {
    assert!(
        text.chars().all(|c| c == '\n' || !c.is_control()),
        "{text:?}"
    );
}

/// A record is of a category only if it holds a stem, and anything can be
/// taken into the account.
pub fn records(bytes: &[u8]) {
    let mut account = Account::default();
    for (number, record) in (0u32..).zip(bytes.split(|&byte| byte == 0)) {
        let level = Level::ALL[record.len() % Level::ALL.len()];
        let raw = Raw::new(record, level);
        let stem = STEMS.iter().any(|stem| holds(record, stem.as_bytes()));
        assert!(judge(raw).is_none() || stem);
        let at = At {
            record: RecordNo(number),
            line: u64::from(number),
            offset: u64::from(number),
            lines: 1,
            time: Some(Millis(i64::from(number))),
        };
        for sign in signs(raw) {
            account.hear(at, &sign);
        }
    }
}

fn holds(text: &[u8], stem: &[u8]) -> bool {
    text.windows(stem.len()).any(|window| window == stem)
}

/// Read as this format, text that is safe to show stays so.
fn reads(bytes: &[u8], read: impl Fn(&str) -> Option<tfsos::log::Parts>) {
    let text = display::safe(bytes);
    let Some(parts) = read(&text) else { return };
    let record = Record {
        parts,
        text,
        cut: 0,
    };
    shows_nothing_that_a_terminal_obeys(&record);
}

pub fn hclog(bytes: &[u8]) {
    reads(bytes, format::hclog::read);
}

pub fn hclog_json(bytes: &[u8]) {
    reads(bytes, format::hclog_json::read);
}

pub fn run_json(bytes: &[u8]) {
    reads(bytes, format::run_json::read);
}

pub fn plain(bytes: &[u8]) {
    reads(bytes, |text| Some(format::plain::read(text)));
}

/// Nothing that a terminal obeys comes through, and no line is lost.
pub fn display(bytes: &[u8]) {
    let text = tfsos::log::display::safe(bytes);
    is_safe(&text);
    let breaks = |count: usize, byte: u8| count + usize::from(byte == b'\n');
    assert_eq!(
        text.bytes().fold(0, breaks),
        bytes.iter().copied().fold(0, breaks)
    );
}

/// A password on a line of its own never comes through, whatever stands
/// before and after it, and masking hides everything at once.
pub fn mask(bytes: &[u8]) {
    const PLANTED: &str = "Pl4ntedS3cret";
    let text = tfsos::log::display::safe(bytes);
    let once = mask::mask(&text);
    is_safe(&once);
    if text.contains(PLANTED) {
        return;
    }
    let half = text.len() / 2;
    let half = (0..=half).rev().find(|&at| text.is_char_boundary(at));
    let (before, after) = text.split_at(half.unwrap_or(0));
    for planted in [
        format!("password=\"{PLANTED}\""),
        format!("{{\\\"db_password\\\":\\\"{PLANTED}\\\"}}"),
        format!("<SecretAccessKey>{PLANTED}</SecretAccessKey>"),
    ] {
        let shown = mask::mask(&format!("{before}\n{planted}\n{after}"));
        assert!(!shown.contains(PLANTED), "{shown:?}");
    }
}

/// Whole, damaged or none at all: an answer, and the same one again.
pub fn state(bytes: &[u8]) {
    let reading = Reading::of(bytes);
    assert_eq!(reading, Reading::of(bytes));
    // What is read without holding the text is the same, and only of what would load.
    let catalog = Catalog::read(bytes).unwrap();
    let whole = matches!(reading, Reading::Whole(_));
    assert_eq!(catalog.is_some(), whole);
    if let (Some(catalog), Some(snapshot)) = (&catalog, reading.snapshot()) {
        let listed = snapshot.listed().iter();
        let addresses = listed.filter_map(|no| Some(snapshot.address(*no)?.to_string()));
        assert!(catalog.addresses().eq(addresses));
        assert_eq!(catalog.header(), snapshot.header());
        let stored = Stored {
            catalog,
            text: &bytes,
        };
        let large = Large::new(stored, stored).unwrap();
        let lots = (0..large.lots()).map(|lot| large.look(lot, &mut Desk::default()).unwrap());
        assert_eq!(large.joined(lots).unwrap(), Comparison::default());
    }
    let Some(snapshot) = reading.snapshot() else {
        return;
    };
    for (no, instance) in snapshot.instances() {
        // What is salvaged is in the text, from its first bracket to its last.
        let text = snapshot.raw(instance.span);
        assert!(text.starts_with(b"{") && text.ends_with(b"}"));
        assert!(snapshot.name(no).is_some());
        let _ = (snapshot.attributes(no), snapshot.id(no));
    }
    assert_eq!(Comparison::of(snapshot, snapshot), Comparison::default());
    let nothing = Comparison::of(&Snapshot::nothing(), snapshot).summary;
    assert_eq!((nothing.removed, nothing.changed), (0, 0));
    let _ = (Integrity::of(snapshot), Anatomy::of(snapshot));
    let web = Web::of(snapshot);
    for resource in snapshot.resources() {
        assert!(web.reach(&resource.address).is_some());
    }
}

/// A damaged state gives a state that loads, of what stands in its bytes, or
/// nothing at all; a version to compare with never makes it less.
pub fn repair(bytes: &[u8]) {
    let alone = match mend(bytes, None) {
        Ok(alone) => alone,
        Err(hopeless) => {
            assert!(!matches!(hopeless, Hopeless::StillDamaged(_)), "{hopeless}");
            return;
        }
    };
    let Reading::Whole(saved) = Reading::of(&*alone.text) else {
        panic!("what was saved does not load");
    };
    assert_eq!(saved.instances().count(), alone.salvaged);
    let again = mend(&alone.text, None);
    assert_eq!(again.map(|again| again.text), Ok(alone.text.clone()));
    if alone.fixes.iter().all(|fix| !fix.kind.changes_values()) {
        for (_, instance) in saved.instances() {
            assert!(holds(bytes, saved.raw(instance.span)));
        }
    }
    let compared = mend(bytes, Some(&saved));
    assert!(compared.is_ok_and(|compared| compared.salvaged >= alone.salvaged));
}
