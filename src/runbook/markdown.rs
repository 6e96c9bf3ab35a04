//! Markdown into blocks, under the headings of a page.
//!
//! A second-level heading opens a section; what stands before the first one is
//! the introduction. Raw HTML is dropped, so that a comment can talk to the
//! author. Any text gives some answer: Markdown has no errors.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use super::directive::Directive;
use super::prose::{Block, Language, Mark, Snippet, Span, Style};

/// A heading and what stands below it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) heading: String,
    pub(super) blocks: Vec<Block>,
}

/// The first-level heading, the introduction, and one section a second-level heading.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    pub(super) title: Option<String>,
    pub(super) intro: Vec<Block>,
    pub(super) sections: Vec<Section>,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Outline {
    let mut reader = Reader::default();
    for event in Parser::new(text) {
        reader.take(event);
    }
    reader.outline
}

#[derive(Default)]
struct Reader {
    outline: Outline,
    /// The lines of the paragraph, item or heading being read.
    lines: Vec<Vec<Span>>,
    styles: Vec<Style>,
    /// The next number of each open list, outermost first.
    lists: Vec<Option<u64>>,
    /// The mark of the item whose text comes next; it is shown once.
    item: Option<Mark>,
    code: Option<Snippet>,
    link: Option<String>,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => self.text(&text, self.style()),
            Event::Code(text) => self.text(&text, Style::Code),
            Event::SoftBreak | Event::HardBreak => self.lines.push(Vec::new()),
            Event::Rule
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::TaskListMarker(_) => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => self.flush(),
            Tag::CodeBlock(kind) => {
                self.flush();
                self.code = Some(Snippet {
                    language: language(&kind),
                    text: String::new(),
                });
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => self.open_item(),
            Tag::Emphasis => self.styles.push(Style::Emphasis),
            Tag::Strong => self.styles.push(Style::Strong),
            Tag::Link { dest_url, .. } => self.link = Some(dest_url.into_string()),
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(level) => self.heading(level),
            TagEnd::CodeBlock => {
                if let Some(mut snippet) = self.code.take() {
                    snippet.text.truncate(snippet.text.trim_end().len());
                    self.push(Block::Snippet(snippet));
                }
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Paragraph | TagEnd::Item => self.flush(),
            TagEnd::Emphasis | TagEnd::Strong => {
                self.styles.pop();
            }
            TagEnd::Link => self.close_link(),
            _ => {}
        }
    }

    fn open_item(&mut self) {
        self.flush();
        let number = self.lists.last_mut().and_then(|next| {
            let number = *next;
            *next = number.map(|number| number.saturating_add(1));
            number
        });
        self.item = Some(number.map_or(Mark::Bullet, Mark::Number));
    }

    /// A reader at a terminal can't hover: the address follows the words.
    fn close_link(&mut self) {
        let Some(address) = self.link.take() else {
            return;
        };
        let shown = self.lines.last().and_then(|line| line.last());
        let is_shown = shown.is_some_and(|span| span.text.contains(&address));
        if address.starts_with("http") && !is_shown {
            self.text(&format!(" ({address})"), Style::Plain);
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn text(&mut self, text: &str, style: Style) {
        if let Some(snippet) = &mut self.code {
            snippet.text.push_str(text);
            return;
        }
        if self.lines.is_empty() {
            self.lines.push(Vec::new());
        }
        let Some(line) = self.lines.last_mut() else {
            return;
        };
        match line.last_mut() {
            Some(last) if last.style == style => last.text.push_str(text),
            _ => line.push(Span {
                text: text.to_owned(),
                style,
            }),
        }
    }

    fn heading(&mut self, level: HeadingLevel) {
        let spans = joined(std::mem::take(&mut self.lines));
        match level {
            HeadingLevel::H1 => self.outline.title = Some(plain(&spans)),
            HeadingLevel::H2 => self.outline.sections.push(Section {
                heading: plain(&spans),
                blocks: Vec::new(),
            }),
            _ => self.push(Block::Heading(spans)),
        }
    }

    /// Ends what was being read: directives by themselves, the rest as prose.
    fn flush(&mut self) {
        let mut prose: Vec<Vec<Span>> = Vec::new();
        for line in std::mem::take(&mut self.lines) {
            match Directive::read(&plain(&line)) {
                Some(directive) => {
                    self.push_prose(std::mem::take(&mut prose));
                    self.push(Block::Directive(directive));
                }
                None => prose.push(line),
            }
        }
        self.push_prose(prose);
    }

    fn push_prose(&mut self, lines: Vec<Vec<Span>>) {
        let spans = joined(lines);
        if spans.is_empty() {
            return;
        }
        let depth = self.lists.len().min(8) as u8;
        let block = match (depth.checked_sub(1), self.item.take()) {
            (Some(depth), Some(mark)) => Block::Item { depth, mark, spans },
            _ => Block::Paragraph(spans),
        };
        self.push(block);
    }

    fn push(&mut self, block: Block) {
        match self.outline.sections.last_mut() {
            Some(section) => section.blocks.push(block),
            None => self.outline.intro.push(block),
        }
    }
}

fn language(kind: &CodeBlockKind<'_>) -> Language {
    match kind {
        CodeBlockKind::Fenced(words) => {
            Language::named(words.split_whitespace().next().unwrap_or("text"))
        }
        CodeBlockKind::Indented => Language::Output,
    }
}

/// The lines of one paragraph as one line: where a line ends is the author's
/// editor's business.
fn joined(lines: Vec<Vec<Span>>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for line in lines {
        if let (Some(last), false) = (spans.last_mut(), line.is_empty()) {
            last.text.push(' ');
        }
        for span in line {
            match spans.last_mut() {
                Some(last) if last.style == span.style => last.text.push_str(&span.text),
                _ => spans.push(span),
            }
        }
    }
    spans
}

fn plain(spans: &[Span]) -> String {
    spans.iter().map(|span| span.text.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, style: Style) -> Span {
        Span {
            text: text.to_owned(),
            style,
        }
    }

    fn prose(text: &str) -> Block {
        Block::Paragraph(vec![span(text, Style::Plain)])
    }

    #[test]
    fn a_second_level_heading_opens_a_section() {
        let outline = read("# Title\n\nBefore.\n\n## One `x`\n\nA\nB\n\n### Small\n\n## Two\n");
        assert_eq!(outline.title.as_deref(), Some("Title"));
        assert_eq!(outline.intro, [prose("Before.")]);
        assert_eq!(outline.sections[0].heading, "One x");
        assert_eq!(outline.sections[0].blocks[0], prose("A B"));
        assert!(matches!(outline.sections[0].blocks[1], Block::Heading(_)));
        assert_eq!(outline.sections[1].blocks, []);
    }

    #[test]
    fn emphasis_and_code_keep_their_style_across_lines() {
        let outline = read("Do *not* run\n`apply` **now**.");
        let Block::Paragraph(spans) = &outline.intro[0] else {
            panic!("{outline:?}");
        };
        assert_eq!(
            spans[..],
            [
                span("Do ", Style::Plain),
                span("not", Style::Emphasis),
                span(" run ", Style::Plain),
                span("apply", Style::Code),
                span(" ", Style::Plain),
                span("now", Style::Strong),
                span(".", Style::Plain),
            ]
        );
    }

    #[test]
    fn a_directive_is_told_from_the_prose_around_it() {
        let outline =
            read("Look first.\ncheck: `lock.absent`\nThen go on.\n\n- if it is held → 3\n");
        assert_eq!(outline.intro[0], prose("Look first."));
        assert_eq!(
            outline.intro[1],
            Block::Directive(Directive::Check("lock.absent".into()))
        );
        assert_eq!(outline.intro[2], prose("Then go on."));
        assert!(matches!(
            outline.intro[3],
            Block::Directive(Directive::Branch(_))
        ));
    }

    #[test]
    fn a_fence_keeps_its_lines_and_its_language() {
        let outline = read("```sh\na {{lock.id}}\n\n# b\n```\n\n```\nplain\n```\n");
        assert_eq!(
            outline.intro[0],
            Block::Snippet(Snippet {
                language: Language::Shell,
                text: "a {{lock.id}}\n\n# b".into()
            })
        );
        assert!(matches!(
            &outline.intro[1],
            Block::Snippet(Snippet {
                language: Language::Message,
                ..
            })
        ));
    }

    #[test]
    fn items_are_numbered_and_nested() {
        let outline = read("2. a\n3. b\n   - c\n\n     more\n");
        let items: Vec<_> = outline
            .intro
            .iter()
            .map(|block| match block {
                Block::Item { depth, mark, spans } => (*depth, Some(*mark), plain(spans)),
                Block::Paragraph(spans) => (9, None, plain(spans)),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            items,
            [
                (0, Some(Mark::Number(2)), "a".into()),
                (0, Some(Mark::Number(3)), "b".into()),
                (1, Some(Mark::Bullet), "c".into()),
                (9, None, "more".into())
            ]
        );
    }

    #[test]
    fn the_address_of_a_link_can_be_read_at_a_terminal() {
        let outline = read("See [the docs](https://example.com/x) and <https://example.com/y>.");
        assert_eq!(
            outline.intro[0],
            prose("See the docs (https://example.com/x) and https://example.com/y.")
        );
        assert_eq!(read("[a](b.md)").intro[0], prose("a"));
    }

    #[test]
    fn a_comment_to_the_author_is_not_shown() {
        assert_eq!(
            read("<!-- check this -->\n\nText <b>here</b>.").intro,
            [prose("Text here.")]
        );
    }
}
