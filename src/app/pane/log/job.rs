//! What the log pane asks of the world, and what comes back. Text travels only
//! as the few decoded records that were asked for.

use std::path::PathBuf;
use std::sync::Arc;

use super::judge::Judgment;
use super::window::Decoded;
use crate::app::effect::{Lane, Ticket};
use crate::app::pane::Witness;
use crate::fault::Fault;
use crate::log::{
    Account, Feed, FileNo, Generation, Index, Input, Level, Milepost, Pattern, Piece, RecordNo,
    Seek, Session, Side, Sieve, Stretch,
};

/// What is asked about logs. The ticket of the feed names the files.
#[derive(Debug, Clone, PartialEq)]
pub enum LogJob {
    /// Which logs there are: those that were named, and those of a directory.
    Find {
        ticket: Ticket,
        named: Vec<PathBuf>,
        directory: Option<PathBuf>,
    },
    /// Follow these until a newer feed takes their place.
    Follow { ticket: Ticket, inputs: Vec<Input> },
    /// Decode records of the files.
    Decode {
        ticket: Ticket,
        feed: Ticket,
        reads: Vec<Read>,
    },
    /// Decode one record with its secrets, once the journal has it that
    /// somebody asked.
    Reveal {
        ticket: Ticket,
        feed: Ticket,
        read: Read,
        witness: Box<Witness>,
    },
    /// Search the files, in their order.
    Search {
        ticket: Ticket,
        feed: Ticket,
        pattern: Pattern,
        floor: Level,
        sweeps: Vec<Sweep>,
    },
    /// Judge the files by the filters, in their order.
    Sift {
        ticket: Ticket,
        feed: Ticket,
        sieve: Box<Sieve>,
        parts: Vec<Part>,
    },
    /// Find the record of a line that is there, from 1, reading from `from` on.
    Locate {
        ticket: Ticket,
        feed: Ticket,
        file: FileNo,
        generation: Generation,
        line: u64,
        from: Milepost,
        index: Box<Index>,
    },
    /// Say what is wrong by what the logs come to, reading the records that
    /// report it again.
    Judge {
        ticket: Ticket,
        feed: Ticket,
        heard: Vec<HeardOf>,
    },
    /// Write what is shown into a new file.
    Export {
        ticket: Ticket,
        feed: Ticket,
        path: PathBuf,
        selection: Box<Selection>,
    },
    /// Read back what was kept of a look at these.
    Recall { ticket: Ticket, inputs: Vec<Input> },
    /// Keep what the look at these is like now.
    Keep {
        ticket: Ticket,
        inputs: Vec<Input>,
        session: Box<Session>,
    },
}

/// The records to decode of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub file: FileNo,
    pub generation: Generation,
    pub stretches: Vec<Stretch>,
    /// Those whose body is wanted in roles.
    pub unfolded: Vec<RecordNo>,
}

/// What one file comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct HeardOf {
    pub file: FileNo,
    pub generation: Generation,
    pub name: String,
    pub account: Arc<Account>,
}

/// The part of one file to search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    pub file: FileNo,
    pub generation: Generation,
    pub from: Seek,
    pub to: u64,
    /// By which the records of matches are known.
    pub index: Index,
}

/// What is to be written of which files, as far as each is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub files: Vec<(FileNo, Generation, u64)>,
    pub sieve: Sieve,
    pub floor: Level,
}

/// The part of one file to judge for one view, from the start of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub file: FileNo,
    pub generation: Generation,
    pub side: Option<Side>,
    pub from: Seek,
    pub to: u64,
    pub index: Index,
}

/// What came back about logs.
#[derive(Debug, Clone)]
pub enum LogNews {
    Found {
        ticket: Ticket,
        outcome: Result<Vec<Input>, Fault>,
    },
    Fed {
        ticket: Ticket,
        file: FileNo,
        feed: Feed,
    },
    /// Nothing is followed any more.
    FeedEnded {
        ticket: Ticket,
        outcome: Result<(), Fault>,
    },
    Decoded {
        ticket: Ticket,
        outcome: Result<Vec<Decoded>, Fault>,
    },
    Revealed {
        ticket: Ticket,
        outcome: Result<Decoded, Fault>,
    },
    /// A piece of one file was searched.
    Swept {
        ticket: Ticket,
        file: FileNo,
        hits: Vec<RecordNo>,
    },
    SearchEnded {
        ticket: Ticket,
        outcome: Result<(), Fault>,
    },
    /// Some pieces of one file were judged, in their order.
    Sifted {
        ticket: Ticket,
        file: FileNo,
        generation: Generation,
        side: Option<Side>,
        pieces: Vec<Piece>,
    },
    SiftEnded {
        ticket: Ticket,
        outcome: Result<(), Fault>,
    },
    Located {
        ticket: Ticket,
        outcome: Result<RecordNo, Fault>,
    },
    /// What is wrong.
    Judged {
        ticket: Ticket,
        outcome: Result<Judgment, Fault>,
    },
    /// How many records were written.
    Exported {
        ticket: Ticket,
        outcome: Result<u64, Fault>,
    },
    Recalled {
        ticket: Ticket,
        outcome: Result<Option<Box<Session>>, Fault>,
    },
    Kept {
        outcome: Result<(), Fault>,
    },
}

impl LogJob {
    /// None for what must not be lost by a newer one.
    pub fn lane(&self) -> Option<Lane> {
        Some(match self {
            Self::Find { .. } => Lane::LogFind,
            Self::Follow { .. } => Lane::LogFeed,
            Self::Decode { .. } => Lane::LogWindow,
            Self::Reveal { .. } => Lane::LogReveal,
            Self::Search { .. } => Lane::LogSearch,
            Self::Sift { .. } => Lane::LogSift,
            Self::Locate { .. } => Lane::LogLocate,
            Self::Judge { .. } => Lane::LogJudge,
            Self::Recall { .. } => Lane::LogSession,
            Self::Keep { .. } | Self::Export { .. } => return None,
        })
    }

    /// A feed goes on, and what reads whole files takes as long as they are.
    pub fn is_bounded(&self) -> bool {
        match self {
            Self::Find { .. }
            | Self::Decode { .. }
            | Self::Reveal { .. }
            | Self::Recall { .. }
            | Self::Judge { .. }
            | Self::Keep { .. } => true,
            Self::Follow { .. }
            | Self::Search { .. }
            | Self::Sift { .. }
            | Self::Locate { .. }
            | Self::Export { .. } => false,
        }
    }

    pub fn failed(&self, fault: Fault) -> LogNews {
        let outcome = Err(fault.clone());
        match self {
            Self::Find { ticket, .. } => LogNews::Found {
                ticket: *ticket,
                outcome: outcome.map(|()| Vec::new()),
            },
            Self::Follow { ticket, .. } => LogNews::FeedEnded {
                ticket: *ticket,
                outcome,
            },
            Self::Decode { ticket, .. } => LogNews::Decoded {
                ticket: *ticket,
                outcome: outcome.map(|()| Vec::new()),
            },
            Self::Reveal { ticket, .. } => LogNews::Revealed {
                ticket: *ticket,
                outcome: Err(fault),
            },
            Self::Search { ticket, .. } => LogNews::SearchEnded {
                ticket: *ticket,
                outcome,
            },
            Self::Sift { ticket, .. } => LogNews::SiftEnded {
                ticket: *ticket,
                outcome,
            },
            Self::Locate { ticket, .. } => LogNews::Located {
                ticket: *ticket,
                outcome: outcome.map(|()| RecordNo(0)),
            },
            Self::Judge { ticket, .. } => LogNews::Judged {
                ticket: *ticket,
                outcome: outcome.map(|()| Judgment::default()),
            },
            Self::Export { ticket, .. } => LogNews::Exported {
                ticket: *ticket,
                outcome: outcome.map(|()| 0),
            },
            Self::Recall { ticket, .. } => LogNews::Recalled {
                ticket: *ticket,
                outcome: outcome.map(|()| None),
            },
            Self::Keep { .. } => LogNews::Kept { outcome },
        }
    }
}

impl LogNews {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Found { .. } => "found",
            Self::Fed { .. } => "fed",
            Self::FeedEnded { .. } => "feed ended",
            Self::Decoded { .. } => "decoded",
            Self::Revealed { .. } => "revealed",
            Self::Swept { .. } => "swept",
            Self::SearchEnded { .. } => "search ended",
            Self::Sifted { .. } => "sifted",
            Self::SiftEnded { .. } => "sift ended",
            Self::Located { .. } => "located",
            Self::Judged { .. } => "judged",
            Self::Exported { .. } => "exported",
            Self::Recalled { .. } => "recalled",
            Self::Kept { .. } => "kept",
        }
    }
}
