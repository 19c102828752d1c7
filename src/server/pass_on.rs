//! The wish of whoever has a call to pass it on.

use crate::browser::PageLeg;
use crate::browser::message::ToPage;
use crate::routing::Destination;
use crate::sip::{Transfer, TransferProgress};

/// The wish to pass the call on.
pub(super) enum PassOn {
    /// Of a phone, by REFER.
    Phone(Transfer),
    /// Of a page: to this name or extension.
    Page(String, PageLeg),
}

impl PassOn {
    /// To whom.
    pub(super) fn to(&self) -> &str {
        match self {
            Self::Phone(transfer) => &transfer.user,
            Self::Page(to, _) => to,
        }
    }

    /// It is done: a phone may follow how it goes, a page is out of the call.
    pub(super) fn accept(self, destination: &Destination) -> Option<TransferProgress> {
        match self {
            Self::Phone(transfer) => Some(transfer.accept()),
            Self::Page(_, page) => {
                page.end(&format!("passed on to {destination}"));
                None
            }
        }
    }

    /// Nobody is called so, or there is no call to pass on.
    pub(super) fn refuse(self) {
        match self {
            Self::Phone(transfer) => transfer.refuse(404),
            Self::Page(to, page) => {
                let text = format!("This call can't be passed on to \"{to}\": choose somebody from the list.");
                page.show(ToPage::Problem { call: None, text });
            }
        }
    }
}
