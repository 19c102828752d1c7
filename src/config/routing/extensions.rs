//! `extension` of people, groups and queues, and `[transfer]`: how who has a call passes it on.

use super::Source;
use crate::routing::{Destination, Directory, RECEPTIONIST_EXTENSION, TransferCode};

/// Reads the section's extension, if it has one.
pub(super) fn read(source: &mut Source<'_>, section: &str, destination: Destination, directory: &mut Directory) {
    let Some(extension) = source.reader.optional_text(section, "extension") else { return };
    let is_number = (1..=6).contains(&extension.len()) && extension.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number {
        let problem = format!("\"{extension}\" is no extension");
        source.reader.fault(section, "extension", problem, "Use one to six digits, such as \"101\"");
    } else if extension == RECEPTIONIST_EXTENSION {
        source.reader.fault(section, "extension", "\"0\" is the receptionist's", "Use another one, such as \"101\"");
    } else if let Some((_, other)) = directory.extensions.iter().find(|(taken, _)| *taken == extension) {
        let problem = format!("\"{extension}\" is that of {other} already");
        source.reader.fault(section, "extension", problem, "Give each an extension of its own");
    } else {
        directory.extensions.push((extension, destination));
    }
}

/// The keys before an extension.
pub(super) fn read_code(source: &mut Source<'_>) -> TransferCode {
    let code = source.reader.text("transfer", "code", &TransferCode::default().0);
    let is_code = (2..=4).contains(&code.len())
        && code.starts_with(['*', '#'])
        && code.bytes().all(|key| matches!(key, b'0'..=b'9' | b'*' | b'#'));
    if !is_code {
        let problem = format!("\"{code}\" can't be told from other keys");
        source.reader.fault(
            "transfer",
            "code",
            problem,
            "Write a star or a pound sign and one to three keys, such as \"*2\"",
        );
    }
    TransferCode(code)
}
