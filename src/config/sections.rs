//! The checked configuration, section by section.

use super::network::Network;
use crate::phone::PhoneNumber;
use crate::pii::Pii;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// `[sip]`: where calls come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sip {
    /// The address that is listened on, over UDP and TCP.
    pub bind: SocketAddr,
    /// The address that is given to the other side, when it is not the bound one (behind a router).
    pub advertised: Option<IpAddr>,
    /// Calls taken in at once; one more is refused with 503.
    pub max_calls: usize,
    /// Who may call besides the trunks and registered phones; `None` for anybody.
    pub allow: Option<Vec<Network>>,
}

/// `[rtp]`: where sound comes in and goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rtp {
    /// The address that sockets are bound to.
    pub ip: IpAddr,
    /// The first port, even; RTCP would be the odd one after each.
    pub first_port: u16,
    /// The last port, not less than the first.
    pub last_port: u16,
    /// How long a port rests before it is used again.
    pub rest: Duration,
    /// A call is ended when no packet came for so long.
    pub inactivity: Duration,
}

/// `[models]`: a profile of the manifest, or the owner's own files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelChoice {
    /// The profile whose models are used where no file is named.
    pub profile: String,
    /// What tells speech from noise.
    pub voice_activity: DetectorChoice,
    /// An own whisper model in ggml form.
    pub transcriber: Option<PathBuf>,
    /// What hears with it.
    pub second_transcriber: SecondChoice,
    /// An own language model in GGUF form.
    pub responder: Option<PathBuf>,
    /// An own Smart-Turn model (`.onnx`).
    pub turn: Option<PathBuf>,
    /// An own Piper voice (`.onnx`); its configuration stands beside it (`.onnx.json`).
    pub voice: Option<PathBuf>,
    /// An own ONNX Runtime library.
    pub onnxruntime: Option<PathBuf>,
    /// Threads of one model.
    pub threads: usize,
}

/// What hears with the transcriber.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecondChoice {
    /// Nothing.
    None,
    /// The manifest's Moonshine model.
    Moonshine,
    /// An own Moonshine encoder (`NAME.encoder.onnx`), with `NAME.decoder.onnx` and `NAME.tokenizer.json` beside it.
    Own(PathBuf),
}

/// What tells speech from noise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DetectorChoice {
    /// The profile's Silero network.
    Silero,
    /// WebRTC's detector, which needs no model and takes much noise for speech.
    WebRtc,
    /// An own Silero network (`.onnx`).
    Own(PathBuf),
}

/// `[conversation]`: how patient the receptionist is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Silence that ends an utterance.
    pub endpoint: Duration,
    /// Speech of the caller that stops the receptionist.
    pub barge_in: Duration,
    /// Silence of the caller until they are asked whether they are still there.
    pub idle: Duration,
    /// How long the language model's first words may take.
    pub reply_budget: Duration,
    /// The longest conversation.
    pub longest: Duration,
    /// So many callers talk with the receptionist at once; more get the plan's next step. As many as the machine has cores when left out.
    pub at_once: Option<usize>,
}

/// `[database]`: where calls, leads and texts are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// `sqlite:FILE` or `postgres://...`; it may hold a password, so it is redacted in logs.
    pub url: Pii<String>,
}

/// `[recordings]`: where calls are recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recordings {
    /// The folder.
    pub folder: PathBuf,
    /// How long a recording is kept.
    pub keep: Duration,
}

/// Who delivers the text-back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Nobody: the text is written to the log's sink.
    Log,
    /// A service with Twilio's HTTP interface.
    Twilio {
        /// The account, from `BACKSTOP_TWILIO_SID`.
        sid: Pii<String>,
        /// Its token, from `BACKSTOP_TWILIO_TOKEN`.
        token: Pii<String>,
        /// The number that texts come from.
        from: PhoneNumber,
        /// The service's address, without a slash at its end.
        base_url: String,
        /// Where the service reports delivery, when it should.
        status_callback: Option<String>,
    },
    /// An own HTTP address that is told what to send.
    Webhook {
        /// The address.
        url: String,
        /// What signs each request, from `BACKSTOP_WEBHOOK_SECRET`.
        secret: Option<Pii<String>>,
    },
}

/// `[notice]`: what the owner is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// Who gets a text about each message and each lead.
    pub to: Option<PhoneNumber>,
}

/// `[texting]`: the text that follows a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texting {
    /// Who delivers it.
    pub provider: Provider,
    /// The country (ISO 3166-1) that numbers without `+` belong to.
    pub region: String,
    /// How long after the call it is sent.
    pub delay: Duration,
    /// A caller who calls again within this time gets no second text.
    pub window: Duration,
}
