//! Passwords: what is asked of them, their hashes, and how they are checked without letting a flood of guesses have the processor.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The fewest characters of a password.
pub const SHORTEST: usize = 10;
const LONGEST: usize = 512;
const SALT_BYTES: usize = 16;
/// So many may wait for their turn.
const LONGEST_LINE: usize = 16;

/// Why a text is not taken as a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// It is too short.
    #[error("the password is too short: take {SHORTEST} characters or more")]
    TooShort,
    /// It is too long.
    #[error("the password is too long: take {LONGEST} characters at most")]
    TooLong,
    /// It is the name, or one character over and over.
    #[error("the password is too easy to guess: take another")]
    TooEasy,
}

/// Whether `password` will do for the user `name`.
///
/// # Errors
/// Why not, and what to do.
pub fn check_password(password: &str, name: &str) -> Result<(), PasswordError> {
    let length = password.chars().count();
    let first = password.chars().next();
    if length < SHORTEST {
        Err(PasswordError::TooShort)
    } else if length > LONGEST {
        Err(PasswordError::TooLong)
    } else if password.to_lowercase() == name || password.chars().all(|letter| Some(letter) == first) {
        Err(PasswordError::TooEasy)
    } else {
        Ok(())
    }
}

/// The argon2id hash of a password in PHC form. It takes some 50 ms of one core.
#[must_use]
pub fn hash_password(password: &str) -> String {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).expect("the system gives random numbers");
    let salt = SaltString::encode_b64(&salt).expect("16 bytes are a salt");
    Argon2::default().hash_password(password.as_bytes(), &salt).expect("the default cost is valid").to_string()
}

fn is_right(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Where passwords are hashed, one at a time and beside the tasks that calls live on.
#[derive(Debug)]
pub(super) struct Hashing {
    turn: Arc<Semaphore>,
    line: Arc<Semaphore>,
    /// Stands for the hash of users who aren't there, so that they take the same time.
    nobody: String,
}

/// Too many wait to have a password hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Busy;

impl Hashing {
    pub(super) fn open() -> Self {
        let semaphore = |permits| Arc::new(Semaphore::new(permits));
        Self { turn: semaphore(1), line: semaphore(LONGEST_LINE), nobody: hash_password("the password of nobody") }
    }

    /// Whether the password is right. Without a hash it never is, after as long.
    pub(super) async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Busy> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.clone());
        self.in_turn(move || is_right(&password, &hash) && is_known).await
    }

    /// As [`hash_password`].
    pub(super) async fn hash(&self, password: String) -> Result<String, Busy> {
        self.in_turn(move || hash_password(&password)).await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let place = Arc::clone(&self.line).try_acquire_owned().map_err(|_| Busy)?;
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| Busy)?;
        // Whoever hangs up meanwhile gives turn and place back only when the work is done.
        let working = tokio::task::spawn_blocking(move || {
            let done = work();
            drop((place, turn));
            done
        });
        working.await.map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests {
    use super::{Busy, Hashing, PasswordError, check_password, hash_password, is_right};
    use std::sync::Arc;

    #[test]
    fn a_hash_is_right_for_its_password_only() {
        let hash = hash_password("correct horse");
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        assert!(is_right("correct horse", &hash));
        for wrong in ["", "Correct horse", "correct horse "] {
            assert!(!is_right(wrong, &hash));
        }
        assert!(!is_right("x", "no hash") && !is_right("x", ""));
        assert_ne!(hash, hash_password("correct horse"), "each has a salt of its own");
    }

    #[test]
    fn what_is_easy_to_guess_is_refused() {
        assert_eq!(check_password("123456789", "dana"), Err(PasswordError::TooShort));
        assert_eq!(check_password(&"ab".repeat(257), "dana"), Err(PasswordError::TooLong));
        assert_eq!(check_password("aaaaaaaaaa", "dana"), Err(PasswordError::TooEasy));
        assert_eq!(check_password("Dana@harbor", "dana@harbor"), Err(PasswordError::TooEasy));
        assert_eq!(check_password("ünïcödé pw", "dana"), Ok(()));
    }

    #[tokio::test]
    async fn nobody_has_no_password_and_a_long_line_is_not_joined() {
        let hashing = Arc::new(Hashing::open());
        assert_eq!(hashing.verify("the password of nobody".into(), None).await, Ok(false));
        let right = hashing.hash("correct horse".into()).await.expect("a turn");
        assert_eq!(hashing.verify("correct horse".into(), Some(right)).await, Ok(true));
        let turn = hashing.turn.acquire().await.expect("open");
        let waiting: Vec<_> = (0..16)
            .map(|_| {
                let hashing = Arc::clone(&hashing);
                tokio::spawn(async move { hashing.verify("x".into(), None).await })
            })
            .collect();
        while hashing.line.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(hashing.verify("x".into(), None).await, Err(Busy));
        drop(turn);
        for one in waiting {
            assert_eq!(one.await.expect("no panic"), Ok(false));
        }
    }
}
