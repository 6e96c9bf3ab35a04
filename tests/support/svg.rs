//! A screen as an SVG picture: one element a run of cells that look alike, so
//! that a changed word is a changed line. Lines and blocks are drawn as
//! shapes, because no two fonts agree on how far theirs reach.

use std::fmt::Write as _;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

const WIDTH: f32 = 8.4;
const HEIGHT: f32 = 18.0;
const EDGE: f32 = 10.0;
/// The ground and the ink of the dark theme.
const INK: &str = "#c8ccd4";
const PAPER: &str = "#101318";

/// The whole buffer as a picture, with its description for those who can't see it.
pub fn svg(buf: &Buffer, title: &str) -> String {
    let (width, height) = (
        f32::from(buf.area.width) * WIDTH + 2.0 * EDGE,
        f32::from(buf.area.height) * HEIGHT + 2.0 * EDGE,
    );
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" role=\"img\">\n<title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n<g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace\" font-size=\"14\" xml:space=\"preserve\">\n",
        escaped(title)
    );
    for y in 0..buf.area.height {
        for run in runs(buf, y) {
            run.draw(&mut out);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// Cells of a row that stand together and look alike.
struct Run {
    x: f32,
    y: f32,
    cells: u16,
    text: String,
    style: Style,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Line,
    Block,
}

fn kind(symbol: &str) -> Kind {
    match symbol.chars().next() {
        Some('─' | '│' | '┃' | '╭' | '╮' | '╰' | '╯' | '┬' | '┴') => Kind::Line,
        Some('▁'..='█' | '▏') => Kind::Block,
        _ => Kind::Text,
    }
}

fn runs(buf: &Buffer, y: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for x in 0..buf.area.width {
        let cell = &buf[(x, y)];
        let (symbol, style) = (cell.symbol(), cell.style());
        match runs.last_mut() {
            Some(last) if last.style == style && last.kind == kind(symbol) => {
                last.text.push_str(symbol);
                last.cells += 1;
            }
            _ => runs.push(Run {
                x: EDGE + f32::from(x) * WIDTH,
                y: EDGE + f32::from(y) * HEIGHT,
                cells: 1,
                text: symbol.to_owned(),
                style,
                kind: kind(symbol),
            }),
        }
    }
    runs
}

impl Run {
    fn draw(&self, out: &mut String) {
        let (ink, paper) = self.colors();
        let (x, y, width) = (self.x, self.y, f32::from(self.cells) * WIDTH);
        if paper != PAPER {
            let _ = writeln!(
                out,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\" fill=\"{paper}\" shape-rendering=\"crispEdges\"/>"
            );
        }
        match self.kind {
            Kind::Text => self.write(out, &ink),
            Kind::Line | Kind::Block => {
                let shapes = self.text.chars().enumerate();
                let shapes = shapes.map(|(at, symbol)| shape(symbol, x + at as f32 * WIDTH, y));
                let path: String = shapes.collect();
                let _ = match self.kind {
                    Kind::Line => {
                        writeln!(out, "<path d=\"{path}\" stroke=\"{ink}\" fill=\"none\"/>")
                    }
                    _ => writeln!(out, "<path d=\"{path}\" fill=\"{ink}\"/>"),
                };
            }
        }
    }

    fn write(&self, out: &mut String, ink: &str) {
        let text = self.text.trim_end();
        let before = text.len() - text.trim_start().len();
        let (text, skipped) = (text.trim_start(), before as f32 * WIDTH);
        if text.is_empty() {
            return;
        }
        let cells = text.chars().count() as f32;
        let bold = self.style.add_modifier.contains(Modifier::BOLD);
        let line = self.style.add_modifier.contains(Modifier::UNDERLINED);
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\" fill=\"{ink}\"{}{}>{}</text>",
            self.x + skipped,
            self.y + 13.5,
            cells * WIDTH,
            if bold { " font-weight=\"700\"" } else { "" },
            if line {
                " text-decoration=\"underline\""
            } else {
                ""
            },
            escaped(text)
        );
    }

    fn colors(&self) -> (String, String) {
        let named = |color: Option<Color>, default: &str| match color {
            Some(color @ Color::Rgb(..)) => color.to_string().to_lowercase(),
            _ => default.to_owned(),
        };
        let (ink, paper) = (named(self.style.fg, INK), named(self.style.bg, PAPER));
        if self.style.add_modifier.contains(Modifier::REVERSED) {
            return (paper, ink);
        }
        (ink, paper)
    }
}

/// The path of one cell's lines or block.
fn shape(symbol: char, x: f32, y: f32) -> String {
    let (right, bottom) = (x + WIDTH, y + HEIGHT);
    let (middle, center) = (x + WIDTH / 2.0, y + HEIGHT / 2.0);
    let eighths = |count: u32| {
        let height = HEIGHT * count as f32 / 8.0;
        format!("M{x:.1} {bottom:.1}v-{height:.1}h{WIDTH:.1}v{height:.1}z")
    };
    match symbol {
        '─' => format!("M{x:.1} {center:.1}H{right:.1}"),
        '│' | '┃' => format!("M{middle:.1} {y:.1}V{bottom:.1}"),
        '┬' => format!("M{x:.1} {center:.1}H{right:.1}M{middle:.1} {center:.1}V{bottom:.1}"),
        '┴' => format!("M{x:.1} {center:.1}H{right:.1}M{middle:.1} {y:.1}V{center:.1}"),
        '╭' => format!("M{middle:.1} {bottom:.1}Q{middle:.1} {center:.1} {right:.1} {center:.1}"),
        '╮' => format!("M{x:.1} {center:.1}Q{middle:.1} {center:.1} {middle:.1} {bottom:.1}"),
        '╰' => format!("M{middle:.1} {y:.1}Q{middle:.1} {center:.1} {right:.1} {center:.1}"),
        '╯' => format!("M{x:.1} {center:.1}Q{middle:.1} {center:.1} {middle:.1} {y:.1}"),
        '▏' => format!("M{x:.1} {y:.1}h1.5V{bottom:.1}h-1.5z"),
        block => eighths((u32::from(block) - u32::from('▁') + 1).min(8)),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
