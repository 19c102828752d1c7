//! Where a call goes: the plan that a number, the hour and the caller choose, and the machine that tries its steps in order until
//! someone answers.
//!
//! [`Plan`] and its [`Step`]s are data; the executor runs one plan for one call.

mod plan;

pub use plan::{Endpoint, Group, GroupId, PersonId, Plan, QueueId, Step, Strategy};
