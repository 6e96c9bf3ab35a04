use super::*;
use crate::log::{format, prefix, scan};
use proptest::prelude::*;

fn indexed(chunks: &[&[u8]]) -> Index {
    let mut index = Index::default();
    for chunk in chunks {
        index.append(&scan(chunk), None);
    }
    index
}

fn record(second: u32, level: &str) -> String {
    format!("2026-11-22T11:52:{second:02}.000Z [{level}] m\n  more\n")
}

#[test]
fn a_record_is_its_header_and_the_lines_after_it() {
    let text = record(1, "TRACE") + &record(2, "ERROR");
    let index = indexed(&[text.as_bytes()]);
    assert_eq!((index.records(), index.lines()), (2, 4));
    assert_eq!(index.level(RecordNo(1)), Some(Level::Error));
    let (first, last) = index.span().unwrap();
    assert_eq!(last.0 - first.0, 1000);
}

#[test]
fn the_nth_loud_record_is_found_and_ranked() {
    let levels = ["TRACE", "WARN", "DEBUG", "ERROR"];
    let text: String = (0..1000)
        .map(|n| record(n % 60, levels[n as usize % 4]))
        .collect();
    let index = indexed(&[text.as_bytes()]);
    let loud = Levels::AtLeast(Level::Warn);
    assert_eq!(index.count(loud), 500);
    for rank in 0..500 {
        let found = index.nth(rank, loud).unwrap();
        assert_eq!(found.0, rank * 2 + 1);
        assert_eq!(index.rank(found, loud), rank);
    }
    assert_eq!(index.nth(500, loud), None);
    assert_eq!(index.count(Levels::Exactly(Level::Warn)), 250);
    let third = index.nth(2, Levels::Exactly(Level::Warn));
    assert_eq!(third, Some(RecordNo(9)));
}

#[test]
fn a_time_leads_to_the_first_record_at_or_after_it() {
    let text: String = (0..300).map(|n| record(n / 6, "INFO")).collect();
    let index = indexed(&[text.as_bytes()]);
    let start = index.span().unwrap().0;
    assert_eq!(index.since(start), RecordNo(0));
    assert_eq!(index.since(Millis(start.0 + 9_001)), RecordNo(60));
    assert_eq!(index.since(Millis(i64::MAX)), RecordNo(300));
}

#[test]
fn a_clock_that_went_back_does_not_break_the_order() {
    let text = record(30, "INFO") + &record(10, "INFO") + &record(40, "INFO");
    let index = indexed(&[text.as_bytes()]);
    assert_eq!(index.time(RecordNo(1)), index.time(RecordNo(0)));
    assert!(index.time(RecordNo(2)) > index.time(RecordNo(1)));
}

#[test]
fn one_time_in_the_future_does_not_pin_what_comes_after_it() {
    let text = record(1, "INFO")
        + "2099-01-01T00:00:00.000Z [INFO]  bogus\n"
        + &(2..60)
            .map(|second| record(second, "INFO"))
            .collect::<String>();
    let index = indexed(&[text.as_bytes()]);
    let start = index.time(RecordNo(0)).unwrap();
    let after = |record| index.time(RecordNo(record)).unwrap().0 - start.0;
    assert_eq!(after(1), 1_000);
    assert_eq!((after(30), after(59)), (29_000, 58_000));
    assert_eq!(index.span().unwrap().1.0 - start.0, 58_000);
    assert!((1..60).all(|record| after(record) >= after(record - 1)));
}

#[test]
fn one_time_in_the_past_moves_nothing() {
    let text = record(1, "INFO")
        + &"1999-01-01T00:00:00.000Z [INFO]  bogus\n".repeat(7)
        + &record(2, "INFO");
    let index = indexed(&[text.as_bytes()]);
    let (first, last) = index.span().unwrap();
    assert_eq!(last.0 - first.0, 1_000);
    assert_eq!(index.time(RecordNo(5)), Some(first));
}

#[test]
fn a_clock_that_is_set_back_goes_on_from_there_in_a_log_of_any_length() {
    let later = "2027-01-01T00:00:00.000Z [INFO]  before the clock was set\n".repeat(20_000);
    let text = record(1, "INFO") + &later + &record(30, "WARN").repeat(20_000);
    let index = indexed(&[text.as_bytes()]);
    let (first, last) = index.span().unwrap();
    assert_eq!(last.0 - first.0, 29_000);
    assert_eq!(index.since(last), RecordNo(1));
    assert_eq!(index.time(RecordNo(20_000)), Some(last));
}

#[test]
fn times_are_exact_however_far_apart_the_records_are() {
    let hourly = |n: u32| {
        format!(
            "2026-11-{:02}T{:02}:00:00.007Z [INFO]  m\n",
            1 + n / 24,
            n % 24
        )
    };
    let text: String = (0..240).map(hourly).collect();
    let index = indexed(&[text.as_bytes()]);
    let start = index.span().unwrap().0;
    for hour in 0..240 {
        let time = index.time(RecordNo(hour)).unwrap();
        assert_eq!(time.0 - start.0, i64::from(hour) * 3_600_000);
        assert_eq!(index.since(time), RecordNo(hour));
    }
}

#[test]
fn a_byte_leads_to_the_block_of_its_record() {
    let text: String = (0..40_000).map(|n| record(n / 700, "INFO")).collect();
    let index = indexed(&[text.as_bytes()]);
    let long = record(0, "INFO").len() as u64;
    for number in [0, 63, 64, 16_383, 16_384, 39_999] {
        let (seek, end) = index.around(u64::from(number) * long + 5);
        assert_eq!(seek, index.seek(RecordNo(number)));
        assert_eq!(end, index.end(RecordNo(number)));
    }
}

#[test]
fn a_copy_stays_as_it_was_while_the_index_grows() {
    let text = record(1, "WARN");
    let mut index = indexed(&[text.as_bytes()]);
    let copy = index.clone();
    index.append(&scan(record(2, "ERROR").as_bytes()), None);
    assert_eq!((copy.records(), index.records()), (1, 2));
    assert_eq!(copy, indexed(&[text.as_bytes()]));
}

#[test]
fn run_output_is_dated_by_its_arrival() {
    let mut index = Index::default();
    index.append(&scan(b"one\n"), None);
    index.append(&scan(b"two\n"), Some(Millis(5)));
    assert_eq!(index.time(RecordNo(1)), Some(Millis(5)));
}

#[test]
fn an_unfinished_last_line_is_counted_and_counted_anew() {
    let whole = record(1, "WARN");
    let (cut, rest) = whole.split_at(12);
    let mut index = indexed(&[cut.as_bytes()]);
    assert_eq!(
        (index.records(), index.level(RecordNo(0))),
        (1, Some(Level::Info))
    );
    index.append(&scan(rest.as_bytes()), None);
    assert_eq!(
        (index.records(), index.level(RecordNo(0))),
        (1, Some(Level::Warn))
    );
}

#[test]
fn a_record_is_reached_from_the_start_of_its_block() {
    let text: String = (0..130).map(|n| record(n % 60, "INFO")).collect();
    let index = indexed(&[text.as_bytes()]);
    let seek = index.seek(RecordNo(100));
    assert_eq!(seek.record, RecordNo(64));
    assert!(text[seek.offset as usize..].starts_with("2026"));
    assert_eq!(index.end(RecordNo(129)), text.len() as u64);
}

/// Lines of every format and of none, in any order.
fn mixed_text() -> impl Strategy<Value = String> {
    let mut lines: Vec<String> = format::samples().map(str::to_owned).collect();
    let others = [
        "",
        " indented",
        "loose text",
        "}",
        "\r",
        "{not json",
        "panic: no",
        "main.main()",
        "-----BEGIN X",
        "-----END X",
    ];
    lines.extend(others.map(str::to_owned));
    lines.extend(prefix::SAMPLES.map(|(line, _)| line.to_owned()));
    proptest::collection::vec(proptest::sample::select(lines), 0..200)
        .prop_map(|chosen| chosen.join("\n"))
}

proptest! {
    #[test]
    fn any_split_of_the_bytes_gives_the_index_of_the_whole(
        text in mixed_text(),
        cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
    ) {
        let bytes = text.as_bytes();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        ends.extend([0, bytes.len()]);
        ends.sort_unstable();
        let chunks: Vec<&[u8]> = ends.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        prop_assert_eq!(indexed(&chunks), indexed(&[bytes]));
    }

    #[test]
    fn any_bytes_can_be_indexed(bytes: Vec<u8>) {
        let index = indexed(&[&bytes]);
        prop_assert_eq!(index.length(), bytes.len() as u64);
        prop_assert_eq!(index.records() > 0, !bytes.is_empty());
    }
}
