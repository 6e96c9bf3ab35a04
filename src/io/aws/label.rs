//! The name under which requests travel: `tfsos`, and `tfsos/<incident>` once
//! an incident is open, so that `CloudTrail` shows in its user agents which
//! request belongs to which incident. The header is not signed, so it can be
//! completed last.

use std::sync::{Arc, PoisonError, RwLock};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::incident::IncidentId;

const USER_AGENT: &str = "user-agent";

/// What is put behind the user agent of every request. Cheap to clone; all clones carry the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Label(Arc<RwLock<Option<String>>>);

impl Label {
    /// From now on every request names this incident.
    pub(super) fn name(&self, incident: &IncidentId) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(format!("tfsos/{incident}"));
    }
}

#[dyn_dispatch_hint]
impl Intercept for Label {
    fn name(&self) -> &'static str {
        "Label"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let label = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(label) = label.as_deref() {
            let headers = context.request_mut().headers_mut();
            let agent = headers.get(USER_AGENT).unwrap_or_default();
            headers.try_insert(USER_AGENT, format!("{agent} {label}"))?;
        }
        Ok(())
    }
}
