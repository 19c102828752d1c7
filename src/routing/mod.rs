//! Where a call goes: the plan that a number, the hour and the caller choose, and the machine that tries its steps in order until
//! someone answers.
//!
//! [`Directory::choose`] chooses the plan by [`Hours`] and lists; [`audit`] finds what would lose a call. [`Plan`] and its [`Step`]s
//! are data; the [`Executor`] runs one plan for one call. [`Standing`] is what earlier calls left behind: who answered how many, and who
//! is idle. [`queue`] holds callers in line for all calls at once.

mod audit;
mod directory;
mod executor;
mod group;
mod hours;
mod keypad;
mod legs;
mod plan;
mod protocol;
pub mod queue;
mod span;
mod standing;
mod transfer;

pub use audit::{Flaw, Place, PlanFault, audit};
pub use directory::{Choice, Directory, NumberPlans, Person};
pub use executor::{ACCEPT_WITHIN, Executor};
pub use group::settle;
pub use hours::{Hours, HoursKind, HoursState, Override};
pub use keypad::{Keyed, Keypad, TransferCode};
pub use plan::{Endpoint, Group, GroupId, PersonId, Plan, QueueId, Ringing, Step, Strategy, distinct};
pub use protocol::{CancelReason, Ending, Input, LeaveReason, LegEnd, Note, Output};
pub use span::{Span, SpanError};
pub use standing::Standing;
pub use transfer::{Destination, RECEPTIONIST_EXTENSION};

#[cfg(test)]
mod tests;
