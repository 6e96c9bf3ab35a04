//! Which source the credentials came from and when they end, noted as they are
//! handed out: the SDK's own types keep the first to themselves.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, future};

/// What is known of the credentials that were handed out last.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Note {
    pub(super) source: Option<&'static str>,
    pub(super) expires: Option<SystemTime>,
}

/// Where it is noted. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted(Arc<Mutex<Note>>);

impl Noted {
    pub(super) fn read(&self) -> Note {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A source under its name.
    pub(super) fn source<P>(&self, source: &'static str, provider: P) -> Noting<P> {
        Noting {
            provider,
            source,
            noted: self.clone(),
        }
    }

    fn write(&self, note: Note) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = note;
    }
}

/// A source of credentials that says when it was the one.
#[derive(Debug)]
pub(super) struct Noting<P> {
    provider: P,
    source: &'static str,
    noted: Noted,
}

impl<P: ProvideCredentials> ProvideCredentials for Noting<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let answer = self.provider.provide_credentials().await;
            if let Ok(credentials) = &answer {
                self.noted.write(Note {
                    source: Some(self.source),
                    expires: credentials.expiry(),
                });
            }
            answer
        })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.provider.fallback_on_interrupt()
    }
}
