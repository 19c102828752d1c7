//! Puts a [`Player`] on a real call: SIP, RTP, the clock and files.

use super::call_report::{CallReport, Ending, LatencySummary};
use super::error::{CallerError, ScriptError};
use super::noise::{Noise, active_level_dbfs};
use super::progress::Progress;
use super::script::{Action, Script};
use super::wav;
use crate::media::{Codec, NetemConfig};
use crate::rtp::RtpSocket;
use crate::sip::{
    Agreed, DialRequest, DialogEvent, OutgoingCall, SessionDescription, SipConfig, SipEndpoint, SipError, Transport,
};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

mod talk;

use talk::Talk;

/// How long the other side may ring.
const RING_LIMIT: Duration = Duration::from_secs(30);
/// How long the end of a call may take.
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);

/// A call to be made.
#[derive(Clone, Debug)]
pub struct CallOptions {
    /// Whom to call: `sip:user@host:port`.
    pub to: String,
    /// How SIP travels.
    pub transport: Transport,
    /// What the caller does.
    pub script: Script,
    /// Another caller's number than the script's; an empty one calls anonymously.
    pub from: Option<String>,
    /// Another codec than the script's.
    pub codec: Option<Codec>,
    /// The emulated network, each way.
    pub network: NetemConfig,
    /// A noise behind the caller's words, and how far speech lies above it, in dB.
    pub noise: Option<(PathBuf, f32)>,
    /// Of the emulated network and the noise: the same seed loses the same packets.
    pub seed: u64,
    /// Where `report.json`, `heard.wav` and `call.wav` (left the caller, right what was heard) go.
    pub out_dir: Option<PathBuf>,
    /// The longest that the call may last.
    pub timeout: Duration,
}

impl CallOptions {
    /// A call over UDP on the script's line, of at most five minutes.
    #[must_use]
    pub fn new(to: impl Into<String>, script: Script) -> Self {
        let line = &script.line;
        Self {
            to: to.into(),
            transport: Transport::Udp,
            from: None,
            codec: None,
            network: NetemConfig { loss: line.loss, jitter: line.jitter, ..NetemConfig::default() },
            noise: line.noise.clone(),
            script,
            seed: 1,
            out_dir: None,
            timeout: Duration::from_mins(5),
        }
    }

    fn caller(&self) -> Option<String> {
        match &self.from {
            Some(number) => Some(number.clone()).filter(|number| !number.is_empty()),
            None => self.script.from.as_ref().map(|number| number.e164().to_owned()),
        }
    }
}

/// Makes the call, plays the script to its end and writes what was heard.
///
/// # Errors
/// When there is no call to speak of: nobody answers, the call is refused, a file is missing. A call that ends before
/// its script is no error: see [`CallReport::completed`].
pub async fn run(
    options: CallOptions,
    progress: &mut (dyn FnMut(&Progress) + Send),
) -> Result<CallReport, CallerError> {
    make(options, None, progress).await
}

/// The same, with ears for words: `words` brings what the receptionist said, a turn each, as it ends. The caller then answers
/// what it was asked, where its script says which step answers what.
///
/// # Errors
/// As [`run`].
pub async fn run_hearing(
    options: CallOptions,
    words: mpsc::Receiver<String>,
    progress: &mut (dyn FnMut(&Progress) + Send),
) -> Result<CallReport, CallerError> {
    make(options, Some(words), progress).await
}

async fn make(
    options: CallOptions,
    words: Option<mpsc::Receiver<String>>,
    progress: &mut (dyn FnMut(&Progress) + Send),
) -> Result<CallReport, CallerError> {
    prepare_folder(options.out_dir.as_deref())?;
    let noise = options.noise.as_ref().map(|(path, snr_db)| noise(path, *snr_db, &options)).transpose()?;
    let local = local_ip(&options.to).await?;
    let name = concat!("backstop-caller/", env!("CARGO_PKG_VERSION"));
    let endpoint = SipEndpoint::bind(SipConfig::new(SocketAddr::new(local, 0), name)).await?;
    let socket = RtpSocket::ephemeral(local).map_err(CallerError::Rtp)?;
    let result = call(&endpoint, socket, &options, (noise, words), progress).await;
    endpoint.shut_down().await;
    result
}

async fn call(
    endpoint: &SipEndpoint,
    socket: RtpSocket,
    options: &CallOptions,
    (noise, words): (Option<Noise>, Option<mpsc::Receiver<String>>),
    progress: &mut (dyn FnMut(&Progress) + Send),
) -> Result<CallReport, CallerError> {
    let codec = options.codec.unwrap_or(options.script.codec);
    let offer = SessionDescription::offer(socket.local_addr(), &[codec]);
    let dialled_at = now();
    let mut outgoing = endpoint
        .dial(DialRequest {
            from_user: options.caller(),
            transport: options.transport,
            ..DialRequest::new(&options.to, offer.clone())
        })
        .await?;
    let mut ringing = None;
    let mut note_ringing = |event: &Progress| {
        if ringing.is_none() {
            ringing = Some(now() - dialled_at);
            progress(event);
        }
    };
    let waiting = wait_for_answer(&mut outgoing, options, &mut note_ringing);
    let answer = match tokio::time::timeout(RING_LIMIT.min(options.timeout), waiting).await {
        Ok(answer) => answer?,
        Err(_) => return Err(no_answer(&outgoing, options).await),
    };
    let answered_at = now();
    progress(&Progress::Answered { after: answered_at - dialled_at });
    let Ok(agreed) = offer.agree(&answer) else {
        outgoing.dialog.hang_up().await;
        return Err(CallerError::NoCodec { to: options.to.clone() });
    };
    let mut talk = Talk::new(answered_at, options, socket, &agreed, (noise, words));
    talk.run(&mut outgoing, agreed.clone(), progress).await;
    let duration = now() - answered_at;
    say_goodbye(&mut outgoing).await;
    talk.write(options.out_dir.as_deref())?;
    let report = report(options, &agreed, ringing, answered_at - dialled_at, duration, talk);
    write_report(options.out_dir.as_deref(), &report)?;
    Ok(report)
}

async fn wait_for_answer(
    outgoing: &mut OutgoingCall,
    options: &CallOptions,
    ringing: &mut (dyn FnMut(&Progress) + Send),
) -> Result<SessionDescription, CallerError> {
    let refused = |code, reason: &str| CallerError::Refused { to: options.to.clone(), code, reason: reason.to_owned() };
    while let Some(event) = outgoing.events.recv().await {
        match event {
            DialogEvent::Ringing { .. } => ringing(&Progress::Ringing),
            DialogEvent::Answered(answer) => return Ok(answer),
            DialogEvent::Failed { code, reason, .. } => return Err(refused(code, &reason)),
            DialogEvent::HungUp | DialogEvent::Cancelled => return Err(refused(487, "Request Terminated")),
            DialogEvent::Confirmed | DialogEvent::Reoffer(_) | DialogEvent::Transfer(_) | DialogEvent::Digit(_) => {}
        }
    }
    Err(refused(500, "the dialog ended without a word"))
}

async fn no_answer(outgoing: &OutgoingCall, options: &CallOptions) -> CallerError {
    outgoing.dialog.hang_up().await;
    CallerError::NoAnswer { to: options.to.clone(), seconds: RING_LIMIT.min(options.timeout).as_secs() }
}

/// Lets our BYE get through, or the answer to theirs.
async fn say_goodbye(outgoing: &mut OutgoingCall) {
    outgoing.dialog.hang_up().await;
    let closed = async { while outgoing.events.recv().await.is_some() {} };
    let _gone_either_way = tokio::time::timeout(GOODBYE_LIMIT, closed).await;
}

fn report(
    options: &CallOptions,
    agreed: &Agreed,
    ringing: Option<Duration>,
    answered: Duration,
    duration: Duration,
    talk: Talk,
) -> CallReport {
    let ms = |duration: Duration| duration.as_millis() as u64;
    let counters = talk.counters();
    let player = talk.into_player();
    let ending = player.ending().unwrap_or(Ending::TimedOut);
    let greeting_after_ms = player.greeting_after().map(ms);
    let steps = player.into_steps();
    CallReport {
        script: options.script.name.clone(),
        to: options.to.clone(),
        transport: match options.transport {
            Transport::Udp => "udp",
            Transport::Tcp => "tcp",
        },
        codec: agreed.codec,
        seed: options.seed,
        loss: options.network.loss,
        jitter_ms: ms(options.network.jitter),
        snr_db: options.noise.as_ref().map(|(_, snr_db)| *snr_db),
        final_code: 200,
        ringing_ms: ringing.map(ms),
        answered_ms: ms(answered),
        greeting_after_ms,
        duration_ms: ms(duration),
        ending,
        completed: ending.is_complete(),
        packets_sent: counters.sent,
        packets_received: counters.received,
        packets_lost: counters.lost,
        latency: LatencySummary::of(&steps),
        steps,
    }
}

fn noise(path: &Path, snr_db: f32, options: &CallOptions) -> Result<Noise, ScriptError> {
    let spoken: Vec<i16> = options
        .script
        .steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Say { sound, .. } => Some(sound.as_slice()),
            Action::Sound { .. } | Action::Keys(_) | Action::HangUp => None,
        })
        .flatten()
        .copied()
        .collect();
    Ok(Noise::new(wav::read(path)?, active_level_dbfs(&spoken), snr_db, options.seed))
}

/// The address of ours from which the other side is reached: no packet is sent to find out.
async fn local_ip(to: &str) -> Result<IpAddr, CallerError> {
    let fault = || CallerError::Sip(SipError::Address(to.to_owned()));
    let host = host_and_port(to).ok_or_else(fault)?;
    let target = tokio::net::lookup_host(host).await.map_err(|_| fault())?.next().ok_or_else(fault)?;
    let any: SocketAddr = if target.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let probe = std::net::UdpSocket::bind(any).map_err(CallerError::Rtp)?;
    probe.connect(target).map_err(CallerError::Rtp)?;
    Ok(probe.local_addr().map_err(CallerError::Rtp)?.ip())
}

/// `host:port` of a SIP address; the port is 5060 when it has none (RFC 3261, section 19.1.2).
fn host_and_port(to: &str) -> Option<String> {
    let address = to.strip_prefix("sip:")?;
    let address = address.rsplit_once('@').map_or(address, |(_, host)| host);
    let host = address.split([';', '?']).next().filter(|host| !host.is_empty())?;
    let has_port = host
        .rsplit_once(':')
        .is_some_and(|(name, port)| port.parse::<u16>().is_ok() && (!name.contains(':') || name.ends_with(']')));
    Some(if has_port { host.to_owned() } else { format!("{host}:5060") })
}

fn prepare_folder(folder: Option<&Path>) -> Result<(), CallerError> {
    let Some(folder) = folder else { return Ok(()) };
    std::fs::create_dir_all(folder).map_err(|error| output_fault(folder, &error))
}

fn write_report(folder: Option<&Path>, report: &CallReport) -> Result<(), CallerError> {
    let Some(folder) = folder else { return Ok(()) };
    let path = folder.join("report.json");
    let json = serde_json::to_vec_pretty(report).expect("a report is plain data");
    std::fs::write(&path, json).map_err(|error| output_fault(&path, &error))
}

fn output_fault(path: &Path, error: &std::io::Error) -> CallerError {
    CallerError::Output { path: path.to_owned(), why: error.to_string() }
}

#[expect(clippy::disallowed_methods, reason = "the shell reads the clock for the machines")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::host_and_port;

    #[test]
    fn finds_the_host_of_an_address() {
        for (to, host) in [
            ("sip:100@127.0.0.1:5070", Some("127.0.0.1:5070")),
            ("sip:127.0.0.1", Some("127.0.0.1:5060")),
            ("sip:100@example.org;transport=tcp", Some("example.org:5060")),
            ("sip:100@[::1]:5070", Some("[::1]:5070")),
            ("sip:100@[::1]", Some("[::1]:5060")),
            ("100@127.0.0.1", None),
            ("sip:100@", None),
        ] {
            assert_eq!(host_and_port(to).as_deref(), host, "{to}");
        }
    }
}
