//! A text that comes piece by piece, and is not kept.
//!
//! It is read in steps that either stand whole in what is there or are taken
//! back: a member of the state, or one entry of `resources`. What came of it is
//! exactly what reading the whole text at once gives.

use std::sync::Arc;

use super::Reader;
use crate::state::json::{Flaw, Scanner, Shape, Span, Wrong};
use crate::state::reading::Reading;
use crate::state::snapshot::Snapshot;

/// Whether the text goes on behind a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::state) enum Rest {
    More,
    Nothing,
}

/// Where the next step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Start,
    /// At the name of one of the state's members.
    Member,
    /// At an entry of `resources`.
    Resource,
    /// Behind the closing bracket.
    End,
}

impl Stage {
    /// What closes the brackets that are open there.
    fn closers(self) -> &'static [u8] {
        match self {
            Self::Start | Self::End => b"",
            Self::Member => b"}",
            Self::Resource => b"}]",
        }
    }
}

/// What has been read of a text so far.
#[derive(Default)]
pub(in crate::state) struct Pieces {
    reader: Reader<'static>,
    stage: Stage,
    /// How many bytes were used up before this piece.
    base: usize,
}

/// How much a reader held before a step.
#[derive(Clone, Copy)]
struct Mark {
    outputs: usize,
    resources: usize,
    instances: usize,
}

impl Pieces {
    /// Reads on and answers how many bytes are used up: the next piece begins
    /// behind them. None where Terraform would refuse what stands here.
    pub fn take(&mut self, piece: &[u8], rest: Rest) -> Option<usize> {
        let mut scanner = Scanner::within(piece, self.stage.closers());
        let mut used = 0;
        while self.stage != Stage::End {
            let mark = self.mark();
            match self.step(&mut scanner) {
                Ok(stage) => self.stage = stage,
                // It is there with the next piece.
                Err(flaw) if rest == Rest::More && matches!(flaw.what, Wrong::Ends(_)) => {
                    self.back_to(mark);
                    break;
                }
                Err(_) => return None,
            }
            if !self.reader.refusals.is_empty() {
                return None;
            }
            self.place(mark);
            used = scanner.offset();
        }
        if self.stage == Stage::End {
            scanner.finish().ok()?;
            used = piece.len();
        }
        self.base += used;
        Some(used)
    }

    /// The state without its text; none where it is none that Terraform would load.
    pub fn finish(self) -> Option<Snapshot> {
        if self.stage != Stage::End {
            return None;
        }
        match self.reader.judge(Arc::from([])) {
            Reading::Whole(snapshot) => Some(snapshot),
            Reading::Empty
            | Reading::Encrypted(_)
            | Reading::Older(_)
            | Reading::Damaged { .. } => None,
        }
    }

    fn step(&mut self, scanner: &mut Scanner<'_>) -> Result<Stage, Flaw> {
        match self.stage {
            Stage::Start => Ok(member_or_end(scanner.enter_object()?)),
            Stage::Member => {
                let name = scanner.name()?;
                if name == "resources" && scanner.shape()? == Shape::List {
                    if scanner.enter_list()? {
                        return Ok(Stage::Resource);
                    }
                } else {
                    self.reader.top(scanner, &name)?;
                }
                Ok(member_or_end(scanner.another()?))
            }
            Stage::Resource => {
                if self.reader.finds(scanner, "resources", Shape::Object)? {
                    self.reader.resource(scanner)?;
                }
                if scanner.another()? {
                    return Ok(Stage::Resource);
                }
                Ok(member_or_end(scanner.another()?))
            }
            Stage::End => Ok(Stage::End),
        }
    }

    fn mark(&self) -> Mark {
        Mark {
            outputs: self.reader.outputs.len(),
            resources: self.reader.resources.len(),
            instances: self.reader.instances.len(),
        }
    }

    fn back_to(&mut self, mark: Mark) {
        self.reader.outputs.truncate(mark.outputs);
        self.reader.resources.truncate(mark.resources);
        self.reader.instances.truncate(mark.instances);
        // A step that was cut may have missed what comes only now.
        self.reader.refusals.clear();
    }

    /// Says of what a step found where it stands in the whole text.
    fn place(&mut self, since: Mark) {
        let base = self.base;
        let place = |span: &mut Span| {
            if *span != Span::default() {
                span.start += base;
                span.end += base;
            }
        };
        for output in &mut self.reader.outputs[since.outputs..] {
            place(&mut output.value);
        }
        for instance in &mut self.reader.instances[since.instances..] {
            place(&mut instance.attributes);
            place(&mut instance.sensitive);
            place(&mut instance.dependencies);
            place(&mut instance.span);
        }
    }
}

fn member_or_end(more: bool) -> Stage {
    if more { Stage::Member } else { Stage::End }
}
