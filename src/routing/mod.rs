//! Where a call goes: the plan that a number, the hour and the caller choose, and the machine that tries its steps in order until
//! someone answers.
//!
//! [`Plan`] and its [`Step`]s are data; the [`Executor`] runs one plan for one call. [`Standing`] is what earlier calls left behind: who
//! answered how many, and who is idle.

mod executor;
mod group;
mod legs;
mod plan;
mod protocol;
mod standing;

pub use executor::{ACCEPT_WITHIN, Executor};
pub use plan::{Endpoint, Group, GroupId, PersonId, Plan, QueueId, Step, Strategy};
pub use protocol::{CancelReason, Ending, Input, LegEnd, Note, Output};
pub use standing::Standing;

#[cfg(test)]
mod tests;
