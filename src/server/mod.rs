//! The running service: start-up, one task per call, the model threads, the outbox worker, shutdown.
//!
//! ```text
//! sip::IncomingCall ─ admit ─ CallTask (20 ms ticks) ─┬─ Workers: transcriber, turn detector, responder, voice (one thread each)
//!                                                    ├─ Journal ─ store (turns as they happen, the end in one transaction)
//!                                                    └─ Notice  ─ whoever watches
//! store (outbox rows) ─ outbox worker ─ texting provider
//! ```

mod admit;
mod announcer;
mod assemble;
mod branch;
mod call_task;
mod callbacks;
mod carrier;
mod clock;
mod closing;
mod duty;
mod ear;
mod feature_codes;
mod hold_tone;
mod holding;
mod journal;
mod legs;
mod line;
mod lines;
mod loading;
mod notice;
mod outgoing;
mod pace;
mod pages;
mod pass_on;
mod queues;
mod recording;
mod responder;
mod service;
mod sound;
mod surroundings;
mod targets;
mod transcriber;
mod trunks;
mod turn_detector;
mod voice;
mod voicemail;
mod workers;

pub use assemble::assemble;
pub use loading::ears;
pub use notice::{Notice, words_for};
pub use service::{InUse, Server, Setup};
pub use workers::{Detectors, Load, Models};
