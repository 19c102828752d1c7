//! Where a call goes: the plan that a number, the hour and the caller choose, and the machine that tries its steps in order until
//! someone answers.
//!
//! [`Directory::choose`] chooses the plan by [`Hours`] and lists; [`audit`] finds what would lose a call. [`Plan`] and its [`Step`]s
//! are data; the executor runs one plan for one call.

mod audit;
mod directory;
mod hours;
mod plan;
mod span;

pub use audit::{Flaw, Place, PlanFault, audit};
pub use directory::{Choice, Directory, NumberPlans, Person};
pub use hours::{Hours, HoursKind, HoursState, Override};
pub use plan::{Endpoint, Group, GroupId, PersonId, Plan, QueueId, Step, Strategy};
pub use span::{Span, SpanError};
