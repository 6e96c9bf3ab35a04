//! ```text
//! ── locks of network/terraform.tfstate ─────────────────┬── verdict ─────────────────────────────
//! ▸▲ dynamodb  a1b2c3d4  apply   1 h 16 m  LIKELY STALE │ LIKELY STALE
//!  ✔ s3        none                                     │  +5  held for 1 d 2 h: longer than any run
//!  ✖ digest    differs from the state                   │ id a1b2c3d4-e5f6-7890-abcd-ef1234567890
//! ```
//!
//! Below 100 columns the verdict stands under the stores.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::app::App;
use crate::app::role::Role;
use crate::app::text::{age, span, visible, width, wrap};
use crate::lock::{Agreement, Errand, Likelihood, Look, Sighting, Verdict, verdict};
use crate::recovery::{Soundness, Standing};
use crate::ui::part::{Piece, fitted, rule, waiting};
use crate::ui::theme::Theme;

/// From here on the verdict stands beside the stores.
const WIDE: u16 = 100;

pub fn draw(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let title = app.place().map_or_else(
        || "locks".to_owned(),
        |place| format!("locks of {}", app.shown_name(place)),
    );
    let stores = app.locks.looks().len();
    let (left, right) = split(area, stores + 5);
    rule(&title, "", theme, left, buf);
    let below = rest(left, 1);
    let below = waiting::load(
        app.locks.load(),
        "reading the locks",
        app.now,
        theme,
        below,
        buf,
    );
    if app.locks.load().shown().is_none() {
        return;
    }
    list(app, theme, below, buf);
    rule("verdict", "", theme, right, buf);
    judgement(app, theme, rest(right, 1).intersection(area), buf);
}

/// The stores and what they are judged to be: beside each other, or one under the other.
fn split(area: Rect, rows: usize) -> (Rect, Rect) {
    if area.width >= WIDE {
        let half = area.width * 11 / 20;
        let left = Rect {
            width: half,
            ..area
        };
        return (
            left,
            Rect {
                x: area.x + half,
                width: area.width - half,
                ..area
            },
        );
    }
    let rows = (rows as u16).min(area.height);
    (
        Rect {
            height: rows,
            ..area
        },
        rest(area, rows),
    )
}

fn rest(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    }
}

fn list(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let Some(standing) = app.locks.standing() else {
        return;
    };
    let cursor = app.locks.cursor;
    let mut lines = area.rows();
    if standing.survey.stores.is_empty() {
        let sentence = "▲ no locking is configured: two runs can write at once";
        fitted(
            vec![Piece::new(Role::Warning, format!(" {sentence}"))],
            theme,
            lines.next().unwrap_or_default(),
            buf,
        );
    }
    for (number, look) in standing.survey.stores.iter().enumerate().skip(cursor.top()) {
        let Some(line) = lines.next() else { return };
        let here = number == cursor.row();
        if here {
            buf.set_style(line, theme.style(Role::Selected));
        }
        fitted(store(app, standing, look, here), theme, line, buf);
    }
    for (role, text) in around(standing).into_iter().chain(history(app, standing)) {
        for row in wrap(&text, usize::from(area.width).saturating_sub(2)) {
            let Some(line) = lines.next() else { return };
            fitted(
                vec![Piece::new(role, format!(" {}", visible(&row)))],
                theme,
                line,
                buf,
            );
        }
    }
}

/// How the lock was held before: what a verdict on its age rests on.
fn history(app: &App, standing: &Standing) -> Vec<(Role, String)> {
    let Some(habits) = &standing.habits else {
        return Vec::new();
    };
    let holds = habits.holds.iter().map(|hold| {
        let holder = hold.holder.clone().unwrap_or_default();
        let who = match holder.who.as_str() {
            "" => "somebody unnamed".to_owned(),
            who => app.veiled(who),
        };
        (
            Role::Faint,
            format!(
                "{:>9} ago  for {:<9} {} {who}",
                age(app.now, hold.from),
                span(hold.lasted()),
                holder.operation_word()
            ),
        )
    });
    let title = (Role::Title, "held before".to_owned());
    [(Role::Text, String::new()), title]
        .into_iter()
        .chain(holds)
        .collect()
}

fn store<'a>(app: &App, standing: &Standing, look: &Look, here: bool) -> Vec<Piece<'a>> {
    let plain = |role| if here { Role::Selected } else { role };
    let arrow = if here { "▸" } else { " " };
    let name = Piece::new(plain(Role::Text), format!("{:<9}", look.store.to_string()));
    let lead = |sign: &str, role| Piece::new(plain(role), format!("{arrow}{sign} "));
    match &look.found {
        Ok(None) => vec![
            lead("✔", Role::Fine),
            name,
            Piece::new(plain(Role::Fine), "none"),
        ],
        Err(fault) => vec![
            lead("✖", Role::Critical),
            name,
            Piece::new(plain(Role::Critical), visible(&fault.cause).into_owned()),
        ],
        Ok(Some(seen)) => {
            let judged = standing
                .judged()
                .find(|(known, _)| *known == seen)
                .map(|(_, verdict)| verdict);
            let mut pieces = vec![lead("▲", Role::Warning), name];
            pieces.extend(
                held(app, seen)
                    .into_iter()
                    .map(|(text, rank)| Piece::new(plain(Role::Text), text).rank(rank)),
            );
            let likelihood = judged.map_or_else(String::new, |verdict| {
                verdict.likelihood.to_string().to_uppercase()
            });
            pieces.push(Piece::new(plain(role_of(judged)), likelihood));
            pieces
        }
    }
}

fn held(app: &App, seen: &Sighting) -> Vec<(String, u8)> {
    let since =
        verdict::taken_at(seen).map_or_else(|| "age unknown".to_owned(), |at| age(app.now, at));
    let Some(holder) = seen.holder() else {
        return vec![
            ("no readable Info  ".to_owned(), 0),
            (format!("{since}  "), 0),
        ];
    };
    let id: String = holder.id.chars().take(8).collect();
    vec![
        (format!("{}  ", visible(&id)), 3),
        (format!("{}  ", visible(&holder.operation_word())), 2),
        (format!("{since}  "), 0),
    ]
}

fn role_of(verdict: Option<&Verdict>) -> Role {
    match verdict.map(|verdict| verdict.likelihood) {
        Some(Likelihood::Live | Likelihood::LikelyLive) => Role::Critical,
        Some(Likelihood::Unsure) | None => Role::Warning,
        Some(Likelihood::LikelyStale | Likelihood::Stale) => Role::Note,
    }
}

/// What else bears on a release: half-released locks, the digest, the state, open plans.
fn around(standing: &Standing) -> Vec<(Role, String)> {
    let mut rows = Vec::new();
    if standing.survey.half_released() {
        rows.push((
            Role::Warning,
            "▲ half released: the stores do not hold the same lock".to_owned(),
        ));
    }
    rows.push(match &standing.agreement {
        Agreement::NotKept => (Role::Faint, "– no digest is kept here".to_owned()),
        Agreement::Agrees => (Role::Fine, "✔ digest agrees with the state".to_owned()),
        Agreement::Differs(_) => (
            Role::Critical,
            "✖ digest differs from the state: Terraform refuses to read it".to_owned(),
        ),
        Agreement::BeingWritten(_) => (
            Role::Note,
            "● digest differs from the state while a lock is held: perhaps being written"
                .to_owned(),
        ),
        Agreement::Unverified => (
            Role::Unknown,
            "◌ no digest: Terraform takes the state unverified".to_owned(),
        ),
        Agreement::Unseen(fault) => (
            Role::Unknown,
            format!("◌ digest not known: {}", fault.cause),
        ),
    });
    rows.extend(match &standing.soundness {
        Soundness::Sound => None,
        Soundness::Broken(_) => standing
            .soundness
            .objection()
            .map(|why| (Role::Critical, format!("✖ {why}"))),
        Soundness::Unseen(_) => standing
            .soundness
            .objection()
            .map(|why| (Role::Unknown, format!("◌ {why}"))),
    });
    rows.extend(standing.interrupted.iter().map(|plan| {
        (
            Role::Critical,
            format!("✖ left open: {} · {}", plan.title, plan.resumed_by()),
        )
    }));
    rows
}

fn judgement(app: &App, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let under_cursor = app.locks.looks().get(app.locks.cursor.row());
    if let Some(Err(fault)) = under_cursor.map(|look| &look.found) {
        waiting::fault(fault, theme, area, buf);
        return;
    }
    let columns = usize::from(area.width).saturating_sub(2);
    let mut rows: Vec<(Role, String)> = Vec::new();
    let verdict = app.locks.verdict();
    match (app.locks.here(), verdict) {
        (Some(seen), Some(verdict)) => {
            rows.push((
                role_of(Some(verdict)),
                verdict.likelihood.to_string().to_uppercase(),
            ));
            if let Some(standing) = app.locks.standing() {
                let advice = standing.advice(seen, verdict).to_string();
                let wrapped = wrap(&advice, columns).into_iter();
                rows.extend(wrapped.map(|text| (Role::Text, text)));
            }
            for sign in &verdict.signs {
                // What weighs nothing is said, and does not catch the eye.
                let (role, weight) = match sign.weight {
                    0 => (Role::Faint, "·".to_owned()),
                    weight => (Role::Text, format!("{weight:+}")),
                };
                let sign_text = wrap(&visible(&sign.says), columns.saturating_sub(5));
                for (number, text) in sign_text.into_iter().enumerate() {
                    let lead = if number == 0 { weight.as_str() } else { "" };
                    rows.push((role, format!("{lead:>3}  {text}")));
                }
            }
            rows.push((Role::Text, String::new()));
            rows.extend(holder(app, seen, columns));
            let errand = errand(seen).into_iter();
            rows.extend(errand.flat_map(|text| {
                let wrapped = wrap(&visible(&text), columns).into_iter();
                wrapped.map(|row| (Role::Note, row)).collect::<Vec<_>>()
            }));
        }
        _ => rows.push((Role::Faint, "no lock under the cursor".to_owned())),
    }
    for ((role, text), line) in rows.into_iter().zip(area.rows()) {
        fitted(vec![Piece::new(role, format!(" {text}"))], theme, line, buf);
    }
}

/// What a lock of tfsos is for, and how that goes on.
fn errand(seen: &Sighting) -> Vec<String> {
    let Some(errand) = seen.holder().as_ref().and_then(Errand::of) else {
        return Vec::new();
    };
    let what = format!(
        "{} in the incident {}, since step {}: {}",
        errand.purpose, errand.incident, errand.step, errand.does
    );
    [String::new(), what]
        .into_iter()
        .chain(errand.ways())
        .collect()
}

fn holder(app: &App, seen: &Sighting, columns: usize) -> Vec<(Role, String)> {
    let Some(holder) = seen.holder() else {
        let hash = &seen.body.sha256()[..12];
        let sentence =
            format!("Terraform cannot release it: it has no Info. Its body's hash is {hash}");
        let wrapped = wrap(&sentence, columns).into_iter();
        return wrapped.map(|row| (Role::Warning, row)).collect();
    };
    let rows = [
        ("id", app.veiled(&holder.id)),
        ("who", app.veiled(&holder.who)),
        ("operation", holder.operation_word()),
        ("created", holder.created.clone()),
        ("version", holder.version.clone()),
        (
            "in",
            format!("{} {}", app.veiled(&seen.container), app.veiled(&seen.key)),
        ),
    ];
    let label = rows
        .iter()
        .map(|(label, _)| width(label))
        .max()
        .unwrap_or(0);
    let shown = rows.into_iter().filter(|(_, value)| !value.is_empty());
    shown
        .map(|(name, value)| (Role::Faint, format!("{name:<label$}  {}", visible(&value))))
        .collect()
}
