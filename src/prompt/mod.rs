//! Prompt files: a business's facts, the lines its receptionist speaks, the details it asks for, and its instructions to the language model.

mod line;

pub use line::{LineName, LineVars};
