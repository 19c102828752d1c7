//! E-mail addresses as people say them: `mark dot ellis at example dot com`, `j underscore smith 22 at gmail.com`, spelled parts.
//!
//! Only what is said makes one: without a whole domain there is none. Plain words before a spoken "at" are an address only where
//! the caller speaks of e-mail or the domain is one of the well-known.

mod tokens;

use super::likeness::likeness;
use super::vocabulary::{FILLERS, NOT_NAMES};
use super::words::{Gap, contains_phrase, words};
use tokens::{Piece, Token, tokens};

/// More plain words than these in a row are a sentence, no address.
const MOST_WORDS: usize = 3;
#[rustfmt::skip]
const TOP: &[&str] = &[
    "com", "net", "org", "edu", "gov", "mil", "int", "info", "biz", "io", "co", "us", "uk", "ca", "au", "nz", "ie", "de", "fr", "es", "it",
    "nl", "ch", "at", "me", "tv", "dev", "app", "eu", "pro", "name", "online", "email", "nyc",
];
#[rustfmt::skip]
const PROVIDERS: &[&str] = &[
    "gmail", "googlemail", "yahoo", "ymail", "hotmail", "outlook", "live", "msn", "icloud", "me", "mac", "aol", "comcast", "verizon",
    "att", "sbcglobal", "proton", "protonmail", "gmx", "fastmail", "earthlink", "cox", "charter", "optonline", "bellsouth",
];
/// Who says one of these speaks of e-mail.
const MAIL: &[&str] = &["email", "emails", "e mail", "mail", "write to", "send", "address is"];
/// Words that are no mailbox by themselves: "look us up at example dot com".
#[rustfmt::skip]
const NO_MAILBOX: &[&str] = &[
    "me", "us", "it", "you", "him", "her", "them", "is", "are", "was", "be", "a", "an", "the", "my", "our", "your", "to", "in", "on", "of",
    "for", "and", "or", "email", "mail", "address", "website", "site", "work", "working", "online", "up", "look", "located", "live", "here",
    "there", "out", "that", "this", "that's", "it's", "find", "found", "see", "saw", "online",
];

/// The last e-mail address in what was said, lower case. `asked` tells that one was asked for.
pub(super) fn email_from(said: &str, asked: bool) -> Option<String> {
    let words = words(said);
    let speaks_of_it = asked || contains_phrase(&words, MAIL);
    let tokens = tokens(said, &words);
    let ats = (0..tokens.len()).rev().filter(|at| matches!(tokens[*at].piece, Piece::At { .. }));
    ats.into_iter().find_map(|at| address_at(&tokens, at, speaks_of_it))
}

fn address_at(tokens: &[Token], at: usize, speaks_of_it: bool) -> Option<String> {
    let is_written = matches!(tokens[at].piece, Piece::At { is_sure: true });
    let domain = domain(&tokens[at + 1..])?;
    let mailbox = mailbox(&tokens[..=at])?;
    let is_known = domain.split('.').next().is_some_and(|first| PROVIDERS.contains(&first));
    let is_told = is_written || mailbox.is_marked || is_known || speaks_of_it;
    let address = format!("{}@{domain}", mailbox.text);
    (is_told && is_mailbox(&mailbox.text) && address.len() <= 254).then_some(address)
}

// Labels with dots between; a name of several words is written as one.
fn domain(tokens: &[Token]) -> Option<String> {
    let mut labels = vec![String::new()];
    let mut spoken_dot = false;
    let mut words = 0;
    for (index, token) in tokens.iter().enumerate() {
        let label = labels.last_mut()?;
        let is_apart =
            index > 0 && token.before > Gap::Space && !matches!(token.piece, Piece::Letters(_) | Piece::Mark { .. });
        match &token.piece {
            Piece::Mark { mark: '.', is_spoken } if !label.is_empty() => {
                spoken_dot |= is_spoken;
                words = 0;
                labels.push(String::new());
            }
            Piece::Mark { mark: '-', .. } if !label.is_empty() => label.push('-'),
            Piece::Text(text) | Piece::Letters(text) => {
                let is_letter = matches!(token.piece, Piece::Letters(_)) && text.len() < 3;
                // The last label is one word; letters of it may be apart: "c o dot u k".
                let is_whole = labels.len() > 1 && words > 0 && !(is_letter && labels.last()?.len() < 3);
                if is_whole || is_apart && words > 0 || words > MOST_WORDS && !is_letter {
                    break;
                }
                words += 1;
                labels.last_mut()?.push_str(text);
            }
            _ => break,
        }
    }
    if labels.last().is_some_and(String::is_empty) {
        labels.pop();
    }
    let top = labels.last().filter(|_| labels.len() > 1)?;
    let is_top = TOP.contains(&top.as_str()) || spoken_dot && top.len() > 2;
    let is_label = |label: &String| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.len() <= 63
    };
    let is_valid = is_top && top.bytes().all(|byte| byte.is_ascii_alphabetic()) && labels.iter().all(is_label);
    is_valid.then(|| labels.join("."))
}

struct Mailbox {
    text: String,
    // It has a dot, a digit or letters that were spelled: no sentence ends so before "at".
    is_marked: bool,
}

// What stands before the last token, which is the "at", read backwards.
fn mailbox(tokens: &[Token]) -> Option<Mailbox> {
    let mut parts: Vec<String> = Vec::new();
    let (mut is_marked, mut plain) = (false, 0);
    // Whether the part behind ends what came before it unless they belong together.
    let mut needs_mark = false;
    let mut at = tokens.len() - 1;
    while at > 0 {
        let token = &tokens[at - 1];
        let gap = tokens[at].before;
        match &token.piece {
            Piece::Mark { mark, .. } => {
                parts.push(mark.to_string());
                (is_marked, needs_mark, plain) = (true, false, 0);
                at -= 1;
            }
            Piece::Letters(_) if !needs_mark => {
                let from =
                    (0..at).rev().take_while(|index| matches!(tokens[*index].piece, Piece::Letters(_))).last()?;
                let spelled: String = tokens[from..at].iter().map(Token::text).collect();
                let is_article =
                    at - from == 1 && parts.is_empty() && spelled.len() == 1 && matches!(spelled.as_str(), "a" | "i");
                if is_article {
                    break;
                }
                at = before_spelling(tokens, from, &spelled);
                // A word and then its letters is a whole part; "mark j" is none.
                needs_mark = spelled.len() > 1;
                parts.push(spelled);
                is_marked = true;
            }
            Piece::Text(text) if !needs_mark || has_digit(text) => {
                let has_digit = has_digit(text);
                let goes_on = parts.last().is_some_and(|last| is_mark(last));
                let beside_digit = parts.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit()));
                let is_first = parts.is_empty();
                let breaks = !is_first && !goes_on && gap > Gap::Space && !has_digit && !beside_digit;
                let is_small = NOT_NAMES.contains(&text.as_str()) || FILLERS.contains(&text.as_str());
                let is_none = if is_first {
                    NO_MAILBOX.contains(&text.as_str())
                } else {
                    !goes_on && (is_small || is_lead(text))
                };
                if breaks || is_none {
                    break;
                }
                plain += usize::from(!has_digit);
                if plain > MOST_WORDS {
                    return None;
                }
                is_marked |= has_digit;
                parts.push(text.clone());
                at -= 1;
            }
            _ => break,
        }
    }
    let text: String = parts.into_iter().rev().collect();
    (!text.is_empty()).then_some(Mailbox { text, is_marked })
}

// "Ellis, that's E L L I S": the letters take the place of the word.
fn before_spelling(tokens: &[Token], from: usize, spelled: &str) -> usize {
    const LEADS: &[&str] = &["that's", "thats", "is", "it's", "spelled", "spelt", "as", "with"];
    let lead = (0..from).rev().take_while(|at| LEADS.contains(&tokens[*at].text())).last().unwrap_or(from);
    let Some(word) = lead.checked_sub(1).map(|at| &tokens[at]) else { return from };
    let is_word = matches!(word.piece, Piece::Text(_)) && spelled.len() > 2 && likeness(word.text(), spelled) >= 50;
    if is_word { lead - 1 } else { from }
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_mark(part: &str) -> bool {
    matches!(part, "." | "_" | "-" | "+")
}

fn is_lead(text: &str) -> bool {
    matches!(
        text,
        "email"
            | "mail"
            | "address"
            | "send"
            | "use"
            | "write"
            | "contact"
            | "reach"
            | "estimate"
            | "quote"
            | "invoice"
    )
}

fn is_mailbox(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+'));
    plain && text.len() <= 64 && !text.starts_with('.') && !text.ends_with(['.', '-', '_']) && !text.contains("..")
}

#[cfg(test)]
mod tests;
