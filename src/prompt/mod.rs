//! Prompt files: a business's facts, the lines its receptionist speaks, the details it asks for, and its instructions to the language model.

mod error;
mod file;
mod front;
mod line;
mod render;
#[cfg(test)]
mod tests;

pub use error::PromptError;
pub use file::{Business, Prompt};
pub use line::{LineName, LineVars};
