//! With the real model; skipped loudly where there is none.
