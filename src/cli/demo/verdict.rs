//! Whether a call went as its caller's script expects.

use crate::caller::Script;
use crate::caller::expectation::compare;
use crate::store::CallReport;
use crate::texting::ReceivedText;

/// What is not as expected; empty when all is well.
pub(super) fn faults(script: &Script, call: &CallReport, texts: &[ReceivedText]) -> Vec<String> {
    let mut faults: Vec<String> =
        compare(&script.expect, &call.slots).into_iter().map(|mismatch| mismatch.to_string()).collect();
    let outcome = call.outcome.as_deref().unwrap_or("none");
    if script.expect.outcome.as_deref().is_some_and(|expected| expected != outcome) {
        let expected = script.expect.outcome.as_deref().unwrap_or_default();
        faults.push(format!("the call ended as `{outcome}`, expected `{expected}`"));
    }
    if texts.len() != script.expect.texts as usize {
        faults.push(format!("{} texts were delivered, expected {}", texts.len(), script.expect.texts));
    }
    faults
}
