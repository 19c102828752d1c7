//! The scripted caller: a SIP user agent that phones in, plays a script and measures what it hears.
//!
//! It is the demo's caller (a process of its own), the tests' and the benchmark's. [`Script`] is what it says, [`Player`]
//! the pure machine that decides when, [`run`] the shell that puts both on real SIP and RTP, [`expectation`] the check of
//! what came of it. Its ear is a plain level meter, so that it shares no judgement with the product it measures.

mod call_report;
mod ear;
mod error;
pub mod expectation;
mod line;
mod noise;
mod player;
mod probe;
mod progress;
mod question;
mod run;
mod script;
mod script_file;
mod seen;
mod steps;
mod wav;

pub use call_report::{CallReport, Ending, LatencySummary, StepReport};
pub use error::{CallerError, ScriptError};
pub use expectation::{Expect, Mismatch, Rule};
pub use noise::{Noise, active_level_dbfs};
pub use player::{Input, Output, Player};
pub use progress::Progress;
pub use question::Question;
pub use run::{CallOptions, run, run_hearing};
pub use script::{Action, BadLine, Cue, Script, Step, Timing};
pub use seen::Seen;

#[cfg(test)]
mod tests;
