//! Advice as it is printed: below the findings and apart from them.

use crate::app::text::visible;
use crate::state::lint::{Grade, Lint};

/// So many addresses are named of one rule; `--json` has them all.
const NAMED: usize = 5;

/// For a person; nothing where there is no advice.
pub fn text(lints: &[Lint]) -> String {
    if lints.is_empty() {
        return String::new();
    }
    let mut rows = vec![String::new(), String::new(), "advice".to_owned()];
    for lint in lints {
        let mark = match lint.severity {
            Grade::Warning => '▲',
            Grade::Info => '●',
        };
        rows.push(format!("  {mark} {}", lint.says));
        rows.push(format!("      {}", addresses(lint)));
        rows.push(format!("      {}", lint.remedy));
        let leads = lint.runbook.iter().map(|id| format!("   runbook {id}"));
        rows.push(format!("      {}{}", lint.id, leads.collect::<String>()));
    }
    shown(&rows)
}

/// For a ticket.
pub fn markdown(lints: &[Lint]) -> String {
    if lints.is_empty() {
        return String::new();
    }
    let mut rows = vec![String::new(), String::new(), "### Advice".to_owned()];
    rows.push(String::new());
    for lint in lints {
        let severity = match lint.severity {
            Grade::Warning => "warning",
            Grade::Info => "info",
        };
        rows.push(format!("- **{severity}** `{}`: {}", lint.id, lint.says));
        rows.push(format!("  - {}", addresses(lint)));
        rows.push(format!("  - {}", lint.remedy));
        rows.extend(lint.runbook.iter().map(|id| format!("  - runbook `{id}`")));
    }
    shown(&rows)
}

fn addresses(lint: &Lint) -> String {
    let named: Vec<&str> = lint
        .addresses
        .iter()
        .take(NAMED)
        .map(String::as_str)
        .collect();
    let more = match lint.addresses.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    named.join(", ") + &more
}

fn shown(rows: &[String]) -> String {
    let rows: Vec<_> = rows.iter().map(|line| visible(line)).collect();
    rows.join("\n")
}
