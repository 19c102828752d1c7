//! What can go wrong on the caller's side, each with what to do about it.

use crate::sip::SipError;
use std::path::PathBuf;

/// A script that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The script is not there.
    #[error("{path}: cannot be read: {cause}. Give a file of fixtures/callers, or a path of your own")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Not TOML, or with keys that mean nothing.
    #[error("{path}: {cause}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Line, column and the key.
        cause: Box<toml::de::Error>,
    },
    /// A key's value makes no sense.
    #[error("{path}: {key}: {why}")]
    Value {
        /// Which file.
        path: PathBuf,
        /// Which key, such as `step[2].wav`.
        key: String,
        /// What is wrong and how it is put right.
        why: String,
    },
    /// A sound file is missing or of the wrong form.
    #[error(
        "{path}: {why}. Sound must be mono at 8,000 Hz, 16-bit or mu-law; fixtures/callers/make_audio.py makes it from the script"
    )]
    Sound {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// Why a call brought no report.
#[derive(Debug, thiserror::Error)]
pub enum CallerError {
    /// The script or one of its sounds.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// The address or our own socket.
    #[error(transparent)]
    Sip(#[from] SipError),
    /// The RTP socket.
    #[error("no UDP port for sound: {0}. Check that the address in --bind is this machine's")]
    Rtp(std::io::Error),
    /// Nothing answers there.
    #[error("no answer from {to} within {seconds} s. Is `backstop serve` running and listening there?")]
    NoAnswer {
        /// Whom we called.
        to: String,
        /// How long we waited.
        seconds: u64,
    },
    /// The other side said no.
    #[error("{to} refused the call: {code} {reason}. {}", advice(*.code))]
    Refused {
        /// Whom we called.
        to: String,
        /// The SIP status.
        code: u16,
        /// Its phrase.
        reason: String,
    },
    /// The answer holds no codec that we offered.
    #[error("the answer of {to} holds no codec that we offered. Try --codec pcmu or --codec pcma")]
    NoCodec {
        /// Whom we called.
        to: String,
    },
    /// The report or the recording could not be written.
    #[error("{path}: cannot be written: {why}. Give another folder with --out")]
    Output {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
}

const fn advice(code: u16) -> &'static str {
    match code {
        408 => "Nothing answered: is `backstop serve` running and listening there?",
        486 | 600 => "All its lines are busy: try again, or raise its limit of calls",
        488 | 606 => "It speaks none of the codecs offered: try --codec pcmu or --codec pcma",
        503 => "It is at its limit of calls or still warming up: try again in a few seconds",
        404 => "It knows no such number: check the part before the @",
        401 | 403 | 407 => "It does not let this caller in: check its trunks",
        _ => "Its log says why",
    }
}
