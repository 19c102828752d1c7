//! Prompt files: what is told of a wrong one, and what a right one says.

use super::Prompt;
#[test]
fn the_bundled_prompt_is_whole() {
    if let Err(errors) = Prompt::parse("prompts/receptionist.md", Prompt::bundled_text()) {
        panic!("{errors:#?}");
    }
}
