//! The logs as a person meets them: files whose bytes the test holds, answered
//! with the same pure code that reads real ones.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use tfsos::analysis::{self, Planned, Report, of_logs, wanted};
use tfsos::app::effect::{Effect, Ticket};
use tfsos::app::event::Event;
use tfsos::app::pane::log::{CodeRow, Decoded, HeardOf, Judgment, LogJob, LogNews, Part, Read};
use tfsos::app::role::Role;
use tfsos::fault::Fault;
use tfsos::log::{
    At, Feed, FileNo, Generation, Grown, Hearing, Index, Input, Level, Locator, Milepost, Millis,
    Place, Record, RecordNo, Restart, Search, Session, Sift, Spotter, Window, scan,
};

use crate::support::console::{Console, golden, prod};

/// The console with log files that the test writes.
pub struct Logged {
    pub console: Console,
    texts: Vec<String>,
    indices: Vec<Index>,
    feed: Ticket,
}

impl Logged {
    /// The pane of the logs with these files read to their end.
    pub fn showing(files: &[(&str, &str)]) -> Self {
        let mut logged = Self::finding(files);
        for file in 0..files.len() {
            logged.fed(file, Feed::CaughtUp);
        }
        logged.settle();
        logged
    }

    /// The files are found and read; it is not said yet that this was all.
    fn finding(files: &[(&str, &str)]) -> Self {
        let mut console = Console::at(prod());
        console.keys("2");
        let mut logged = Self {
            console,
            texts: Vec::new(),
            indices: files.iter().map(|_| Index::default()).collect(),
            feed: Ticket::default(),
        };
        logged.find(
            files
                .iter()
                .map(|(name, _)| Input::Path(name.into()))
                .collect(),
        );
        for (number, (_, text)) in files.iter().enumerate() {
            logged.texts.push(String::new());
            logged.grow_since(number, text, None);
        }
        logged.settle();
        logged
    }

    fn find(&mut self, inputs: Vec<Input>) {
        let ticket = self.console.asked(|effect| match effect {
            Effect::Log(LogJob::Find { ticket, .. }) => Some(*ticket),
            _ => None,
        });
        let outcome = Ok(inputs);
        self.hear(LogNews::Found { ticket, outcome });
        self.feed = self.console.asked(|effect| match effect {
            Effect::Log(LogJob::Follow { ticket, .. }) => Some(*ticket),
            _ => None,
        });
    }

    /// What was kept of the last look is read back.
    pub fn recall(&mut self, session: Session) {
        let ticket = self.console.asked(|effect| match effect {
            Effect::Log(LogJob::Recall { ticket, .. }) => Some(*ticket),
            _ => None,
        });
        let outcome = Ok(Some(Box::new(session)));
        self.hear(LogNews::Recalled { ticket, outcome });
        self.settle();
    }

    /// What was asked to be kept last.
    pub fn kept(&mut self) -> Session {
        self.console.asked(|effect| match effect {
            Effect::Log(LogJob::Keep { session, .. }) => Some((**session).clone()),
            _ => None,
        })
    }

    fn hear(&mut self, news: LogNews) {
        self.console.hear(Event::Log(news));
    }

    pub fn fed(&mut self, file: usize, feed: Feed) {
        if matches!(feed, Feed::Restarted(..)) {
            self.indices[file] = Index::default();
        }
        let (ticket, file) = (self.feed, FileNo(file as u16));
        self.hear(LogNews::Fed { ticket, file, feed });
    }

    /// More is written to a file.
    pub fn grow(&mut self, file: usize, text: &str) {
        let arrived = Some(Millis::from(self.console.now));
        self.grow_since(file, text, arrived);
        self.settle();
    }

    /// More is written, and nothing is answered yet.
    pub fn grow_unanswered(&mut self, file: usize, text: &str) {
        self.grow_since(file, text, None);
    }

    fn grow_since(&mut self, file: usize, text: &str, arrived: Option<Millis>) {
        self.texts[file].push_str(text);
        let length = self.texts[file].len() as u64;
        self.indices[file].append(&scan(text.as_bytes()), arrived);
        let grown = Grown {
            length,
            ..Grown::whole(self.indices[file].clone())
        };
        self.fed(file, Feed::Read(Box::new(grown)));
    }

    pub fn keys(&mut self, keys: &str) {
        self.console.keys(keys);
        self.settle();
    }

    pub fn search(&mut self, text: &str) {
        self.console.keys("/");
        self.console.types(text);
        self.keys("enter");
    }

    /// Answers windows and searches until nothing is asked any more.
    pub fn settle(&mut self) {
        loop {
            let mut news = Vec::new();
            for effect in self.console.effects() {
                let answer = self.answer(&effect);
                if answer.is_empty() {
                    self.console.leave(effect);
                }
                news.extend(answer);
            }
            if news.is_empty() {
                return;
            }
            for news in news {
                self.hear(news);
            }
        }
    }

    fn judged(&self, heard: &[HeardOf]) -> Judgment {
        let report = |of: &HeardOf| -> Vec<Report> {
            let text = self.texts[usize::from(of.file.0)].as_bytes();
            let wanted = wanted(&of.account).into_iter();
            let read =
                |(category, at): (_, At)| Report::read(category, at, &text[at.offset as usize..]);
            wanted.map(read).collect()
        };
        let reports: Vec<_> = heard.iter().map(report).collect();
        let logs = heard
            .iter()
            .zip(&reports)
            .map(|(of, reports)| analysis::Logged {
                number: of.file,
                name: &of.name,
                account: &of.account,
                reports,
            });
        let mut planned = heard.iter().filter_map(|of| {
            let at = of.account.shown_plan()?;
            let text = self.texts[usize::from(of.file.0)].as_bytes();
            Planned::read((of.file, &of.name), at, &text[at.offset as usize..])
        });
        Judgment {
            planned: planned.next_back().map(Arc::new),
            findings: of_logs(&logs.collect::<Vec<_>>()),
        }
    }

    fn answer(&self, effect: &Effect) -> Vec<LogNews> {
        match effect {
            Effect::Log(LogJob::Decode { ticket, reads, .. }) => {
                let of_file = |read: &Read| {
                    let text = self.texts[usize::from(read.file.0)].as_bytes();
                    decoded(text, read)
                };
                vec![LogNews::Decoded {
                    ticket: *ticket,
                    outcome: Ok(reads.iter().flat_map(of_file).collect()),
                }]
            }
            Effect::Log(LogJob::Judge { ticket, heard, .. }) => vec![LogNews::Judged {
                ticket: *ticket,
                outcome: Ok(self.judged(heard)),
            }],
            Effect::Log(LogJob::Reveal { ticket, read, .. }) => {
                let text = self.texts[usize::from(read.file.0)].as_bytes();
                vec![LogNews::Revealed {
                    ticket: *ticket,
                    outcome: Ok(revealed(text, read)),
                }]
            }
            Effect::Log(LogJob::Search {
                ticket,
                pattern,
                floor,
                sweeps,
                ..
            }) => {
                let mut news: Vec<LogNews> = sweeps
                    .iter()
                    .map(|sweep| {
                        let text = self.texts[usize::from(sweep.file.0)].as_bytes();
                        let mut search = Search::new(pattern.clone(), *floor, sweep.from);
                        search.feed(&text[sweep.from.offset as usize..sweep.to as usize]);
                        let hits = search.finish();
                        LogNews::Swept {
                            ticket: *ticket,
                            file: sweep.file,
                            hits,
                        }
                    })
                    .collect();
                news.push(LogNews::SearchEnded {
                    ticket: *ticket,
                    outcome: Ok(()),
                });
                news
            }
            Effect::Log(LogJob::Locate {
                ticket,
                file,
                line,
                from,
                index,
                ..
            }) => {
                let text = self.texts[usize::from(file.0)].as_bytes();
                vec![LogNews::Located {
                    ticket: *ticket,
                    outcome: Ok(located(text, (*line, *from), index)),
                }]
            }
            Effect::Log(LogJob::Sift {
                ticket,
                sieve,
                parts,
                ..
            }) => {
                let judge = |part: &Part| {
                    let text = self.texts[usize::from(part.file.0)].as_bytes();
                    let mut sift = Sift::new(sieve.of(part.side), part.from);
                    sift.feed(&text[part.from.offset as usize..part.to as usize]);
                    LogNews::Sifted {
                        ticket: *ticket,
                        file: part.file,
                        generation: part.generation,
                        side: part.side,
                        pieces: vec![sift.finish()],
                    }
                };
                let mut news: Vec<LogNews> = parts.iter().map(judge).collect();
                news.push(LogNews::SiftEnded {
                    ticket: *ticket,
                    outcome: Ok(()),
                });
                news
            }
            _ => Vec::new(),
        }
    }

    /// The row that the cursor is on.
    pub fn here(&self) -> String {
        let text = self.console.text();
        let row = text.lines().find(|row| row.starts_with('▸'));
        row.map(|row| row[3..].trim().to_owned())
            .unwrap_or_default()
    }

    pub fn shows(&self, text: &str) -> bool {
        self.console.text().contains(text)
    }

    pub fn copied(&mut self) -> String {
        self.console.asked(|effect| match effect {
            Effect::Clip(text) => Some(text.clone()),
            _ => None,
        })
    }
}

/// The records that were asked for.
fn decoded(text: &[u8], read: &Read) -> Vec<Decoded> {
    let unfolded: BTreeSet<_> = read.unfolded.iter().copied().collect();
    let stretches = read.stretches.clone().into_iter();
    let found = stretches.flat_map(|stretch| {
        let (from, to) = (stretch.seek.offset as usize, stretch.end as usize);
        let mut window = Window::new(stretch);
        window.feed(&text[from..to]);
        window.finish()
    });
    let rows = |text: &String| -> CodeRow { vec![(Role::Code, text.clone())] };
    let shown = |(record, decoded): (RecordNo, Record)| Decoded {
        place: Place {
            file: read.file,
            record,
        },
        body: unfolded
            .contains(&record)
            .then(|| decoded.parts.body.iter().map(rows).collect()),
        record: Arc::new(decoded),
    };
    found.map(shown).collect()
}

/// A record with its secrets.
fn revealed(text: &[u8], read: &Read) -> Decoded {
    let stretch = read.stretches[0].clone();
    let (from, to) = (stretch.seek.offset as usize, stretch.end as usize);
    let mut window = Window::revealing(stretch);
    window.feed(&text[from..to]);
    let (record, decoded) = window.finish().remove(0);
    Decoded {
        place: Place {
            file: read.file,
            record,
        },
        body: None,
        record: Arc::new(decoded),
    }
}

/// The record of a line.
fn located(text: &[u8], (line, from): (u64, Milepost), index: &Index) -> RecordNo {
    let mut locator = Locator::new(line, from);
    locator.feed(&text[from.offset as usize..]);
    let offset = locator.found().unwrap();
    let mut spotter = Spotter::new(index);
    let mut block = spotter.missing(offset).unwrap();
    let range = block.range();
    block.feed(&text[range.start as usize..range.end as usize]);
    spotter.take(block);
    spotter.record(offset, Level::Trace).unwrap()
}

/// A record of that night.
pub fn record(second: u32, level: &str, text: &str) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!("2026-11-22T02:{minute:02}:{second:02}.000Z [{level}] {text}\n")
}

/// An apply that is throttled and fails.
pub fn incident() -> String {
    let mut text = record(0, "INFO", " Terraform version: 1.11.4")
        + &record(0, "INFO", " CLI args: []string{\"terraform\", \"apply\"}");
    for n in 0..60 {
        text += &record(
            10 + n,
            "DEBUG",
            &format!(
                "provider.terraform-provider-aws_v5.50.0_x5: HTTP Request Sent: rpc.method=DescribeInstances n={n}"
            ),
        );
        if n % 7 == 0 {
            text += &record(
                10 + n,
                "WARN",
                " provider.terraform-provider-aws_v5.50.0_x5: Throttling: Rate exceeded: n=1",
            );
        }
    }
    text + &record(
        300,
        "ERROR",
        "vertex \"aws_instance.web[47]\" error: operation error EC2: DescribeInstances, exceeded maximum number of attempts\n  RequestID: 7c1e\n  api error Throttling: Rate exceeded",
    ) + &record(
        301,
        "INFO",
        " backend-s3: Uploading remote state: password=hunter2 tf_backend.s3.bucket=acme-tfstate",
    )
}

#[test]
fn the_logs_say_that_they_are_being_looked_for() {
    let mut console = Console::at(prod());
    console.keys("2");
    console.pass(3);
    golden("logs/loading", &mut console);
}

#[test]
fn a_place_without_logs_shows_how_to_turn_them_on() {
    let mut logged = Logged::showing(&[]);
    golden("logs/empty", &mut logged.console);
    logged.console.keys("down y");
    assert!(logged.copied().contains("TF_LOG_PROVIDER=TRACE"));
}

#[test]
fn a_log_shows_its_levels_its_density_and_its_end() {
    let mut logged = Logged::showing(&[("/work/network/terraform.log", &incident())]);
    for (width, height) in [(80, 24), (40, 12), (120, 40)] {
        logged.console.resize(width, height);
        logged.settle();
    }
    golden_of("logs/full", &mut logged);
}

/// Pictures at every size, with the records of each size decoded.
pub fn golden_of(name: &str, logged: &mut Logged) {
    for (width, height) in crate::support::console::SIZES {
        logged.console.resize(width, height);
        logged.settle();
    }
    golden(name, &mut logged.console);
}

#[test]
fn files_in_trouble_say_so_and_the_others_go_on() {
    let log = incident();
    let mut logged = Logged::showing(&[("tf.log", &log), ("gone.log", ""), ("shut.log", "")]);
    logged.fed(1, Feed::Vanished);
    let fault = Fault::new("read log", "shut.log", "permission denied");
    logged.fed(2, Feed::Faulted(fault));
    logged.settle();
    golden_of("logs/fault", &mut logged);
}

#[test]
fn a_search_marks_its_hits_and_counts_them() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("home");
    logged.search("throttl");
    assert!(logged.here().contains("Throttling: Rate exceeded"));
    assert!(logged.shows("\"throttl\" 1/10"));
    logged.keys("n");
    assert!(logged.shows("\"throttl\" 2/10"));
    golden_of("logs/search", &mut logged);
}

#[test]
fn the_search_starts_again_from_the_last_hit_above() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.search("Terraform version");
    assert!(logged.here().contains("Terraform version"));
    logged.keys("n");
    assert!(logged.shows("no hit below"));
}

#[test]
fn a_record_that_arrives_is_searched_too() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.search("zebra");
    assert!(logged.shows("nothing found"));
    logged.grow(0, &record(400, "INFO", " a zebra"));
    assert!(logged.shows("\"zebra\" 1 hits") || logged.shows("\"zebra\" 1/1"));
}

#[test]
fn a_regular_expression_that_is_none_says_what_is_wrong() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.search("/(/");
    assert!(logged.shows("unclosed group"));
}

#[test]
fn the_floor_hides_and_says_how_much() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    assert!(logged.shows("level ≥ INFO · 60 hidden"));
    logged.keys("l l");
    assert!(logged.shows("level ≥ ERROR · 72 hidden"));
    assert!(logged.here().contains("vertex"));
    logged.keys("l");
    assert!(logged.shows("level ≥ TRACE"));
}

#[test]
fn errors_and_warnings_are_visited_in_turn() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("E");
    assert!(logged.here().contains("vertex"));
    logged.keys("W");
    assert!(logged.here().contains("Throttling"));
    logged.keys("e");
    assert!(logged.here().contains("vertex"));
    logged.keys("e");
    assert!(logged.shows("no error below"));
}

#[test]
fn an_error_that_means_nothing_is_shown_dimmed_and_passed_over() {
    let noise = "AttachSchemaTransformer: No provider config schema available for provider[\"x\"]";
    let text: String = (0..90)
        .map(|n| match n {
            30 => record(n, "ERROR", noise),
            60 => record(n, "ERROR", "vertex \"a_b.c\" error: Cycle: a_b.c, a_b.d"),
            _ => record(n, "INFO", &format!(" step {n}.")),
        })
        .collect();
    let mut logged = Logged::showing(&[("terraform.log", &text)]);
    logged.keys("home e");
    assert!(logged.here().contains("vertex"));
    logged.keys("E");
    assert!(logged.shows("no error above"));
    logged.keys("l l home");
    assert!(logged.here().contains("AttachSchema") && logged.shows("vertex"));
    logged.keys("down");
    golden("logs/harmless-error", &mut logged.console);
}

#[test]
fn what_terraform_tolerates_names_its_resource_first_until_its_own_words_are_sought() {
    let remark = "2026-11-22T02:13:07.000Z [WARN]  Provider \"registry.terraform.io/hashicorp/aws\" produced an invalid plan for module.net.aws_vpc.main, but we are tolerating it because it is using the legacy plugin SDK.\n    The following problems may be the cause of any confusing errors:\n      - .tags: planned value for a non-computed attribute\n";
    let mut logged = Logged::showing(&[("terraform.log", remark)]);
    let short = "module.net.aws_vpc.main: tolerated an invalid plan of the legacy plugin SDK";
    assert!(
        logged.console.text().contains(short),
        "{}",
        logged.console.text()
    );
    logged.search("hashicorp");
    assert!(
        logged
            .console
            .text()
            .contains("Provider \"registry.terraform.io/hashicorp")
    );
}

#[test]
fn a_jump_shows_what_stands_before_and_behind_it() {
    let step = |n| {
        record(
            n,
            if n == 100 { "ERROR" } else { "INFO" },
            &format!(" step {n}."),
        )
    };
    let text: String = (0..200).map(step).collect();
    let mut logged = Logged::showing(&[("terraform.log", &text)]);
    logged.keys("home e");
    assert!(logged.here().contains("step 100."));
    assert!(logged.shows("step 99.") && logged.shows("step 101."));
}

#[test]
fn a_paused_log_stays_and_counts_what_is_new() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("space");
    let before = logged.here();
    logged.grow(0, &record(400, "INFO", " one").repeat(3));
    assert_eq!(logged.here(), before);
    assert!(logged.shows("paused · 3 new below"));
    logged.keys("space");
    assert!(logged.here().contains("one"));
    assert!(logged.shows("following"));
}

#[test]
fn an_unfolded_record_shows_its_lines_and_the_cursor_walks_through_them() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("E");
    assert!(logged.shows("⏎2"));
    logged.keys("enter");
    logged.keys("down");
    assert!(logged.here().contains("maximum number of attempts"));
    logged.keys("down");
    assert!(logged.here().contains("RequestID: 7c1e"));
    golden_of("logs/unfolded", &mut logged);
    logged.keys("enter");
    assert!(!logged.shows("RequestID: 7c1e"));
    assert!(logged.here().contains("vertex"));
}

#[test]
fn unfolding_the_last_row_brings_its_body_on_screen() {
    let text = (0..200)
        .map(|n| record(n, "INFO", " step"))
        .collect::<String>()
        + "  why\n  so\n";
    let mut logged = Logged::showing(&[("terraform.log", &text)]);
    logged.keys("enter");
    assert!(logged.shows("why") && logged.shows("so"));
}

#[test]
fn a_message_that_the_edge_cuts_unfolds_in_full() {
    let long = format!(" Error: {} the end of it", "a long way to ".repeat(12));
    let mut logged = Logged::showing(&[("terraform.log", &record(1, "ERROR", &long))]);
    assert!(!logged.shows("the end of it"));
    logged.keys("enter");
    assert!(logged.shows("the end of it"));
}

#[test]
fn a_record_that_its_row_shows_whole_says_so_and_the_next_key_takes_the_note_away() {
    let text = record(1, "INFO", " one") + &record(2, "INFO", " two");
    let mut logged = Logged::showing(&[("terraform.log", &text)]);
    logged.keys("enter");
    assert!(logged.shows("the row shows the whole record"));
    logged.keys("up");
    assert!(!logged.shows("the row shows the whole record"));
}

#[test]
fn a_copied_record_has_no_secret() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.console.keys("y");
    let copied = logged.copied();
    assert!(copied.contains("Uploading remote state"));
    assert!(!copied.contains("hunter2"));
    assert!(!logged.shows("hunter2"));
}

#[test]
fn the_end_of_a_large_file_is_shown_while_the_rest_is_read_and_nothing_moves_when_it_is() {
    let before: String = (0..300).map(|n| record(n, "INFO", " early")).collect();
    let end: String = (300..340)
        .map(|n| record(n, "INFO", &format!(" late {n}")))
        .collect();
    let text = before.clone() + &end;
    let mut logged = Logged::finding(&[("terraform.log", "")]);
    logged.texts[0].push_str(&text);
    // A line that is cut off comes first, as it does at the end of a file.
    let cut = before.len() - 1;
    let grown = |index: Index, earlier| Grown {
        read: if earlier == 0 { 0 } else { index.length() },
        length: text.len() as u64,
        earlier,
        ..Grown::whole(index)
    };
    let part = Hearing::of_the_end(cut as u64, &text.as_bytes()[cut..]).unwrap();
    let part = part.index().clone();
    logged.fed(0, Feed::Read(Box::new(grown(part, 0))));
    logged.settle();
    assert!(logged.here().contains("late 339"));
    assert!(logged.shows("reading 0 %"));
    logged.keys("up up");
    let here = logged.here();
    logged.keys("m");
    assert!(logged.shows("still reading"));
    logged.keys("E");
    assert!(
        logged.shows("no error above in what is read so far"),
        "what is older is not denied"
    );
    let mut whole = Index::default();
    whole.append(&scan(text.as_bytes()), None);
    logged.fed(0, Feed::Read(Box::new(grown(whole, 300))));
    assert_eq!(logged.here(), here);
    logged.settle();
    logged.fed(0, Feed::CaughtUp);
    assert_eq!(logged.here(), here);
    logged.keys("home");
    assert!(logged.here().contains("early"));
    logged.keys("E");
    assert!(!logged.shows("read so far") && logged.shows("no error above"));
}

#[test]
fn a_truncated_file_is_announced_and_shown_from_its_start() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.texts[0].clear();
    logged.fed(0, Feed::Restarted(Restart::Truncated, Generation(1)));
    logged.grow(0, &record(400, "INFO", " fresh start"));
    assert!(logged.shows("terraform.log was truncated"));
    assert!(logged.here().contains("fresh start"));
}

#[test]
fn records_of_two_files_stand_in_the_order_of_their_times() {
    let core = record(1, "INFO", " first") + &record(3, "INFO", " third");
    let other = record(2, "INFO", " second") + &record(4, "INFO", " fourth");
    let mut logged = Logged::showing(&[("core.log", &core), ("aws.log", &other)]);
    let text = logged.console.text();
    let at = |word: &str| text.find(word).unwrap();
    assert!(at("first") < at("second") && at("second") < at("third") && at("third") < at("fourth"));
    logged.keys("home down");
    assert!(logged.here().contains("second"));
}

#[test]
fn a_hostile_record_cannot_move_the_cursor_of_the_terminal() {
    let hostile = record(
        1,
        "INFO",
        " \u{1b}[2J\u{1b}]0;owned\u{7}bell\u{7}\u{202e}evil",
    );
    let logged = Logged::showing(&[("terraform.log", &hostile)]);
    let text = logged.console.text();
    assert!(
        !text
            .chars()
            .any(|letter| letter.is_control() && letter != '\n')
    );
    assert!(logged.here().contains("bell^G"));
}

#[test]
fn a_log_that_grows_while_a_window_is_read_asks_for_one_at_a_time() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    for n in 0..5 {
        logged.grow_since(0, &record(400 + n, "INFO", " more"), None);
    }
    let asked = logged.console.effects();
    let windows = asked
        .iter()
        .filter(|effect| matches!(effect, Effect::Log(LogJob::Decode { .. })));
    assert_eq!(windows.count(), 1);
}

#[test]
fn a_window_that_cannot_be_read_is_said_and_not_asked_for_ever() {
    let mut logged = Logged::finding(&[("terraform.log", &incident())]);
    logged.keys("home");
    logged.grow_since(0, &record(400, "INFO", " more"), None);
    logged.console.keys("end");
    for _ in 0..3 {
        for effect in logged.console.effects() {
            if let Effect::Log(job @ LogJob::Decode { .. }) = effect {
                let fault = Fault::new("read log", "", "input/output error");
                logged.hear(job.failed(fault));
            }
        }
    }
    assert!(logged.shows("cannot read log: input/output error"));
    assert_eq!(logged.console.effects(), []);
}

#[test]
fn the_situation_says_how_long_the_log_is_silent() {
    let mut logged = Logged::showing(&[("terraform.log", &incident())]);
    logged.keys("1");
    assert!(logged.shows("terraform.log · 10 KB · silent 9 m · ▲ 1 error, the last 9 m ago"));
}

#[test]
fn times_are_shown_as_utc() {
    let at: Timestamp = "2026-11-22T02:00:01Z".parse().unwrap();
    let text = "2026-11-22T04:00:01.000+0200 [INFO]  east\n";
    let logged = Logged::showing(&[("terraform.log", text)]);
    assert!(logged.here().contains(&at.strftime("%H:%M:%S").to_string()));
}
