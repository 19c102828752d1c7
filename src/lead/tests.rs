//! What callers say, and what is made of it.
