//! The in-app line: calls that ring in the page which a person keeps open, and are answered there.
//!
//! [`Lines`] knows who has a page open. The router rings a person by [`Lines::ring`] and hears what becomes of it, as it does of a SIP phone; what pages
//! say and hear comes and goes by [`Page`]. WebRTC is str0m's, and no type of it leaves this module.

pub mod message;

mod exchange;
mod lines;
mod media;
mod peer;

pub use exchange::{PageId, Wish};
pub use lines::{Errand, LineSettings, Lines, Page, PageEvent, PageLeg};
pub use peer::OfferError;
