//! Whether a call went as its caller's script expects.

use crate::caller::expectation::faults as faults_of;
use crate::caller::{Script, Seen};
use crate::store::CallReport;
use crate::texting::sink::ReceivedText;

/// What is not as expected; empty when all is well.
pub(super) fn faults(script: &Script, call: &CallReport, texts: &[ReceivedText]) -> Vec<String> {
    // The demo's plan has nobody to fetch.
    faults_of(&script.expect, &Seen::of(call, texts.len(), false))
}
