//! Random tokens: what a browser or a link holds, and what is kept or derived of it.

use sha2::{Digest as _, Sha256};
use std::fmt;

const BYTES: usize = 32;

/// A secret that nobody can guess. It is shown on purpose only, by [`Token::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token([u8; BYTES]);

impl Token {
    /// A new one.
    pub(super) fn fresh() -> Self {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes).expect("the system gives random numbers");
        Self(bytes)
    }

    /// Reads one back.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; BYTES];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// What its holder is given.
    pub(super) fn reveal(&self) -> String {
        hex::encode(self.0)
    }

    /// What is kept of it.
    pub(super) fn hash(&self) -> String {
        self.derive(*b"kept")
    }

    /// What the forms carry that belong to it: who can't read our pages can't make it.
    pub(super) fn csrf(&self) -> String {
        self.derive(*b"csrf")
    }

    /// Whether a form carried what belongs to this token.
    pub(super) fn is_csrf(&self, given: &str) -> bool {
        let right = self.csrf();
        // All bytes are looked at, so that time tells nothing.
        let differing = right.bytes().zip(given.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
        right.len() == given.len() && differing == 0
    }

    fn derive(&self, purpose: [u8; 4]) -> String {
        hex::encode(Sha256::new().chain_update(purpose).chain_update(self.0).finalize())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn tokens_are_read_back_and_tell_nothing() {
        let (one, other) = (Token::fresh(), Token::fresh());
        assert_ne!(one, other);
        assert_eq!(Token::parse(&one.reveal()), Some(one.clone()));
        for text in ["", "00", &one.reveal()[1..], &format!("{}00", one.reveal()), &"g".repeat(64)] {
            assert_eq!(Token::parse(text), None);
        }
        assert_eq!(format!("{one:?}"), "Token");
        let all = [one.reveal(), one.hash(), one.csrf(), other.hash(), other.csrf()];
        assert_eq!(all.iter().collect::<std::collections::BTreeSet<_>>().len(), 5);
    }

    #[test]
    fn only_its_own_form_is_taken() {
        let (one, other) = (Token::fresh(), Token::fresh());
        assert!(one.is_csrf(&one.csrf()));
        for given in ["", &other.csrf(), &one.hash(), &one.reveal(), &one.csrf()[1..], &format!("{}0", one.csrf())] {
            assert!(!one.is_csrf(given));
        }
    }
}
