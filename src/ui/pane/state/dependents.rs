//! ```text
//! ── around aws_db_instance.main ────────────
//!  touched
//!   by -target  4 resources, 9 instances
//!   by removal  2 resources
//!  needs                                    3
//!    aws_kms_key.rds
//!    module.network.aws_subnet.db           2
//!      module.network.aws_vpc.main
//!  needed by                                1
//!    aws_route53_record.db
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::highlight;
use crate::app::App;
use crate::app::pane::state::{Column, Dependents, WebRow};
use crate::app::role::Role;
use crate::app::text::{clip_middle, count, visible, width};
use crate::state::{Again, Limb, Touched};
use crate::ui::part::{Piece, spread, waiting};
use crate::ui::theme::Theme;

pub fn title(app: &App, dependents: &Dependents) -> String {
    let address = dependents.reach.shown().map(|reach| reach.address.as_str());
    let room = usize::from(app.state.rows_of(Column::Attributes).width).saturating_sub(14);
    match address {
        Some(address) => format!("around {}", clip_middle(&visible(address), room)),
        None => "dependents".to_owned(),
    }
}

pub fn draw(app: &App, dependents: &Dependents, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let area = waiting::load(
        &dependents.reach,
        "reading what depends on what",
        app.now,
        theme,
        area,
        buf,
    );
    for (row, line) in (dependents.cursor.top()..).zip(area.rows()) {
        let Some(stands) = dependents.row(row) else {
            break;
        };
        match stands {
            WebRow::Touched(by, touched) => {
                let left = vec![
                    Piece::new(Role::Note, format!("  {by}  ")),
                    Piece::new(Role::Text, told(touched)),
                ];
                spread(left, Vec::new(), theme, line, buf);
            }
            WebRow::Heading(text, rows) => {
                let left = vec![Piece::new(Role::Strong, format!(" {text}"))];
                spread(
                    left,
                    rows.map(counted).into_iter().collect(),
                    theme,
                    line,
                    buf,
                );
            }
            WebRow::Limb(one) => limb(one, theme, line, buf),
        }
        if row == dependents.cursor.row() {
            highlight(app, Column::Attributes, theme, line, buf);
        }
    }
}

fn counted<'a>(number: usize) -> Piece<'a> {
    let text = match number {
        0 => "– ".to_owned(),
        _ => format!("{} ", count(number as u64)),
    };
    Piece::new(Role::Faint, text)
}

fn told(touched: Touched) -> String {
    let Touched {
        resources,
        instances,
    } = touched;
    let resource = if resources == 1 {
        "resource"
    } else {
        "resources"
    };
    let resources = count(resources as u64);
    if touched.resources == instances {
        return format!("{resources} {resource}");
    }
    format!(
        "{resources} {resource}, {} instances",
        count(instances as u64)
    )
}

fn limb(limb: &Limb, theme: &Theme, line: Rect, buf: &mut Buffer) {
    let indent = "  ".repeat(usize::from(limb.depth + 1).min(12));
    let (role, remark) = match (limb.first, limb.shown) {
        (None, _) => (Role::Warning, Some("not in this state ".to_owned())),
        (Some(_), Again::Above) => (Role::Faint, Some("see above ".to_owned())),
        (Some(_), Again::Here) => (Role::Text, None),
    };
    let many = (limb.instances > 1).then(|| format!("{} ", count(limb.instances as u64)));
    let right: Vec<Piece<'_>> = remark
        .or(many)
        .into_iter()
        .map(|text| Piece::new(Role::Faint, text))
        .collect();
    let taken: usize = right.iter().map(|piece| width(&piece.text)).sum();
    let room = usize::from(line.width).saturating_sub(indent.len() + taken + 2);
    let address = visible(&limb.address);
    let left = vec![
        Piece::new(Role::Faint, format!(" {indent}")),
        Piece::new(role, clip_middle(&address, room).into_owned()),
    ];
    spread(left, right, theme, line, buf);
}
