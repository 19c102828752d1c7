//! The in-app line: calls that ring in the page which a person keeps open, and are answered there.

pub mod message;

mod lines;

pub use lines::{Lines, Page};
