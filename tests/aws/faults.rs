//! Failures and the sentences they become.
