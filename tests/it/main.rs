//! Everything that needs more than one part at once: real sockets, real models, real phones, a real database.

mod tidy;
