//! Everything that needs more than one part at once: real sockets, real models, real phones, a real database.

mod bench;
mod browser;
mod callback;
mod callers;
mod chromium;
mod cli;
mod faults;
mod harness;
mod kill;
mod media;
mod peers;
mod person;
mod phones;
mod queue;
mod races;
mod routing;
mod sessions;
mod tidy;
mod transfer;
mod trunks;
mod web;
