//! What is wrong by the logs: the few records that report it are read again,
//! and the rules judge them.

use std::sync::Arc;

use super::Stop;
use super::hear::HeardLog;
use super::job::Logs;
use super::read::{Reader, Unread};
use crate::analysis::{BEFORE, Logged, Planned, Report, SHOWN, crash_report, of_logs, wanted};
use crate::app::effect::Ticket;
use crate::app::pane::log::{HeardOf, Judgment};
use crate::io::owning::told_imports;
use crate::log::{FileNo, Raw};

/// What is wrong by the logs that are followed.
pub fn judge(
    logs: &Logs,
    feed: Ticket,
    heard: &[HeardOf],
    stop: &Stop,
) -> Result<Judgment, Unread> {
    let read = |of: &HeardOf| reports(&logs.reader(feed, of.file)?, of, stop);
    let reports: Result<Vec<_>, Unread> = heard.iter().map(read).collect();
    let reports = reports?;
    let logged = heard.iter().zip(&reports).map(|(of, reports)| Logged {
        number: of.file,
        name: &of.name,
        account: &of.account,
        reports,
    });
    let findings = told_imports(of_logs(&logged.collect::<Vec<_>>()));
    let mut planned = None;
    for of in heard {
        let Some(at) = of.account.shown_plan() else {
            continue;
        };
        let reader = logs.reader(feed, of.file)?;
        let bytes = bytes(&reader, of, (at.offset, SHOWN), stop)?;
        planned = Planned::read((of.file, &of.name), at, &bytes).or(planned);
    }
    Ok(Judgment {
        findings,
        planned: planned.map(Arc::new),
    })
}

fn reports(reader: &Reader, of: &HeardOf, stop: &Stop) -> Result<Vec<Report>, Unread> {
    let mut reports = Vec::new();
    for (category, at) in wanted(&of.account) {
        let bytes = bytes(reader, of, (at.offset, Raw::CAP), stop)?;
        reports.push(Report::read(category, at, &bytes));
    }
    Ok(reports)
}

/// At most so many bytes from there on.
fn bytes(
    reader: &Reader,
    of: &HeardOf,
    (offset, most): (u64, usize),
    stop: &Stop,
) -> Result<Vec<u8>, Unread> {
    let mut bytes = Vec::new();
    let mut walk = reader.open(of.generation, offset..offset + most as u64)?;
    while let Some(piece) = walk.next(stop)? {
        bytes.extend_from_slice(piece);
    }
    Ok(bytes)
}

/// What is wrong by logs that were heard to their ends.
pub fn judge_heard(logs: &[HeardLog]) -> Judgment {
    let findings = with_reports(logs, |logged| told_imports(of_logs(logged)));
    let planned = logs.iter().zip((0..=u16::MAX).map(FileNo));
    let mut planned = planned.filter_map(|(log, number)| {
        let at = log.heard.account.shown_plan()?;
        Planned::read((number, &log.name), at, &log.much_from(at, SHOWN))
    });
    Judgment {
        findings,
        planned: planned.next_back().map(Arc::new),
    }
}

/// What their upstream wants to know of the crashes that logs tell of; none where they tell of none.
pub fn crashes_heard(logs: &[HeardLog]) -> Option<String> {
    let before = |file: FileNo, at| {
        let log = logs.get(usize::from(file.0));
        log.map_or(Vec::new(), |log| log.lines_before(at, BEFORE))
    };
    with_reports(logs, |logged| crash_report(logged, &before))
}

fn with_reports<T>(logs: &[HeardLog], work: impl FnOnce(&[Logged<'_>]) -> T) -> T {
    let read = |log: &HeardLog| {
        let wanted = wanted(&log.heard.account).into_iter();
        let read = wanted.map(|(category, at)| Report::read(category, at, &log.from(at)));
        read.collect::<Vec<_>>()
    };
    let reports: Vec<_> = logs.iter().map(read).collect();
    let numbers = (0..=u16::MAX).map(FileNo);
    let logged = logs.iter().zip(&reports).zip(numbers);
    let logged = logged.map(|((log, reports), number)| Logged {
        number,
        name: &log.name,
        account: &log.heard.account,
        reports,
    });
    work(&logged.collect::<Vec<_>>())
}
