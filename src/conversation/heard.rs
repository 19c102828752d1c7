//! What a caller really heard of a clause that was cut off.

/// The words of `text` that were played when a share of `played` (0 to 1) of its sound had left. A word that was cut counts as not heard;
/// speech is taken to run evenly over the letters.
pub(super) fn heard_words(text: &str, played: f32) -> &str {
    let reached = (text.chars().count() as f32 * played.clamp(0.0, 1.0)).round() as usize;
    let cut = text.char_indices().nth(reached).map_or(text.len(), |(index, _)| index);
    let is_word_end = text[cut..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '\'');
    let end = if is_word_end { cut } else { text[..cut].rfind(char::is_whitespace).unwrap_or(0) };
    text[..end].trim_end()
}

#[cfg(test)]
mod tests {
    use super::heard_words;

    #[test]
    fn keeps_whole_words_only() {
        let text = "What's the best number?";
        for (played, heard) in
            [(0.0, ""), (0.1, ""), (0.3, "What's"), (0.5, "What's the"), (0.99, text), (1.0, text), (7.0, text)]
        {
            assert_eq!(heard_words(text, played), heard, "{played}");
        }
        assert_eq!(heard_words("", 0.5), "");
        assert_eq!(heard_words("Grüße an alle", f32::NAN), "");
    }
}
