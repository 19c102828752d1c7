//! Plans that run in virtual time.
