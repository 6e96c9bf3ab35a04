//! What is wrong by the logs: the few records that report it are read again,
//! and the rules judge them.

use super::Stop;
use super::hear::HeardLog;
use super::job::Logs;
use super::read::{Reader, Unread};
use crate::analysis::{BEFORE, Finding, Logged, Report, crash_report, of_logs, wanted};
use crate::app::effect::Ticket;
use crate::app::pane::log::HeardOf;
use crate::io::owning::told_imports;
use crate::log::{FileNo, Raw};

/// What is wrong by the logs that are followed.
pub fn judge(
    logs: &Logs,
    feed: Ticket,
    heard: &[HeardOf],
    stop: &Stop,
) -> Result<Vec<Finding>, Unread> {
    let read = |of: &HeardOf| reports(&logs.reader(feed, of.file)?, of, stop);
    let reports: Result<Vec<_>, Unread> = heard.iter().map(read).collect();
    let reports = reports?;
    let logged = heard.iter().zip(&reports).map(|(of, reports)| Logged {
        number: of.file,
        name: &of.name,
        account: &of.account,
        reports,
    });
    Ok(told_imports(of_logs(&logged.collect::<Vec<_>>())))
}

fn reports(reader: &Reader, of: &HeardOf, stop: &Stop) -> Result<Vec<Report>, Unread> {
    let mut reports = Vec::new();
    for (category, at) in wanted(&of.account) {
        let mut bytes = Vec::new();
        let mut walk = reader.open(of.generation, at.offset..at.offset + Raw::CAP as u64)?;
        while let Some(piece) = walk.next(stop)? {
            bytes.extend_from_slice(piece);
        }
        reports.push(Report::read(category, at, &bytes));
    }
    Ok(reports)
}

/// What is wrong by logs that were heard to their ends.
pub fn judge_heard(logs: &[HeardLog]) -> Vec<Finding> {
    with_reports(logs, |logged| told_imports(of_logs(logged)))
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
