//! The sheet that asks before a plan runs.

use crate::app::role::Role;
use crate::app::sheet::confirm::{Confirm, Field};
use crate::app::text::capital;
use crate::incident::Intent;
use crate::recovery::guard::STATEFUL_SIGN;
use crate::recovery::{Demand, LIVE, Plan};

/// What will happen, on what, under which condition, and what has to be typed.
pub fn question(plan: &Plan) -> Confirm {
    let mut rows: Vec<_> = plan
        .warnings
        .iter()
        .map(|warning| {
            if warning.starts_with(STATEFUL_SIGN) {
                (Role::Critical, format!("✖ {warning}"))
            } else {
                (Role::Warning, format!("▲ {warning}"))
            }
        })
        .collect();
    let live = plan.demands.iter().filter_map(|demand| match demand {
        Demand::Words { words, why } if words == LIVE => Some(why),
        Demand::Words { .. }
        | Demand::Lock { .. }
        | Demand::Body { .. }
        | Demand::Place { .. }
        | Demand::Lineage { .. } => None,
    });
    rows.extend(live.map(|why| (Role::Critical, format!("✖ the lock looks alive: {why}"))));
    rows.push((Role::Sheet, String::new()));
    for (number, step) in plan.steps.iter().enumerate() {
        rows.push((
            Role::Sheet,
            format!("{:>2}  {}", number + 1, step.operation.title()),
        ));
        let call = step.operation.call();
        let call = call.map_or_else(String::new, |call| format!("{call}, "));
        rows.push((Role::Faint, format!("    {call}{}", step.condition)));
    }
    rows.push((Role::Sheet, String::new()));
    if let Some(command) = plan.steps.iter().find_map(|step| step.by_hand.as_deref()) {
        rows.push((Role::Faint, format!("same by hand: {command}")));
    }
    let undone = match (plan.intent, &plan.undo.by_hand[..]) {
        (Intent::Restore, []) => "Cannot be undone",
        _ => "Can be undone",
    };
    rows.push((Role::Sheet, format!("{undone}: {}.", plan.undo.says)));
    rows.push((Role::Sheet, String::new()));
    let remark = Field::remark("reason, kept in the journal");
    let fields = plan
        .demands
        .iter()
        .map(field)
        .chain(std::iter::once(remark))
        .collect();
    let mut confirm = Confirm::new(capital(&plan.title), rows, fields);
    confirm.copy = Some("the commands".to_owned());
    confirm
}

fn field(demand: &Demand) -> Field {
    let label = match demand {
        Demand::Lock { .. } => "type the first 8 characters of the id".to_owned(),
        Demand::Body { hash } => format!("type the hash of its body, {hash}"),
        Demand::Place { short, .. } => format!("type the place's name, {short}"),
        Demand::Lineage { lineage, .. } => format!("type its lineage, {lineage}"),
        Demand::Words { words, .. } => format!("type `{words}`"),
    };
    Field::exact(label, demand.prompted())
}
