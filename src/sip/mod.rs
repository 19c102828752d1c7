//! SIP (RFC 3261) over UDP and TCP: takes calls in, makes calls, and says what happens to them.
//!
//! [`SipEndpoint`] owns the sockets. Every call that gets past the door is a [`Dialog`] with a channel of [`DialogEvent`]s.
//! Phones that have an account ([`Accounts`]) register and are known by their [`Contact`]s; a [`Trunk`] is a provider that is
//! registered with and watched.
//!
//! Messages, transactions and retransmissions are rsipstack's; none of its types leaves this module. Beware: rsipstack
//! writes whole messages, numbers and all, to the log at `info`, so the log filter must hold the target `rsipstack` at `warn`.

mod access;
mod admission;
mod call;
mod challenge;
mod dial;
mod dialog;
mod digest;
mod door;
mod endpoint;
mod event;
mod identity;
mod in_call;
mod listen;
mod negotiate;
mod notes;
mod registrar;
mod reinvite;
mod router;
mod sdp;
mod sdp_parse;
mod session;
mod times;
mod transfer;
mod trunk;
mod wire;

pub use dialog::{Dialog, DialogError};
pub use digest::DigestAlgorithm;
pub use endpoint::{Dialler, SipConfig, SipEndpoint, SipError};
pub use event::{
    Advice, CancelReason, Credentials, DialRequest, DialogEvent, Diversion, Diversions, IncomingCall, OutgoingCall,
    Reoffer, Transport,
};
pub use negotiate::{Agreed, NoCommonCodec, negotiate};
pub use registrar::{Accounts, Contact};
pub use sdp::{Audio, Direction, Offer, Payload, SdpError, SessionDescription};
pub use times::Times;
pub use transfer::{Transfer, TransferProgress};
pub use trunk::{Registration, Trunk, TrunkConfig, TrunkState};

#[cfg(test)]
mod access_tests;
#[cfg(test)]
mod dial_tests;
#[cfg(test)]
mod raw_tests;
#[cfg(test)]
mod register_tests;
#[cfg(test)]
mod reinvite_tests;
#[cfg(test)]
mod sdp_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod transfer_tests;
#[cfg(test)]
mod trunk_tests;
