//! The receptionist's talk: when a caller is done, what to do next, what to say, what was really heard.
//!
//! [`Conversation`] is a pure machine. It never touches sound or models: it is told each caller frame's speech probability,
//! asks for transcripts by frame range and for speech by clause, and is told what the playout did.

mod agenda;
mod chat;
mod config;
mod endpointing;
mod facts;
mod heard;
mod listening;
mod patience;
mod protocol;
mod sentence;
mod speaking;
mod turn;
mod turn_taking;

pub use config::ConversationConfig;
pub use facts::{Pointed, point};
pub use protocol::{
    Choice, ChooseRequest, EndReason, ExtractRequest, Hint, Input, Message, ModelFailure, Output, ReplyRequest, Role,
    Transcript, UnsureWord, WorkAhead,
};
pub use sentence::{choices, clauses, fixed_clauses};
pub use turn::{Heard, Origin, Speaker, StageTimes, Turn};
pub use turn_taking::Conversation;

#[cfg(test)]
pub(crate) mod tests;
