//! rtpengine (<https://github.com/sipwise/rtpengine>) on the same work, without its kernel module: spoken to by its "ng" protocol.

use crate::media::{Connected, Media, Side};
use crate::process::Process;
use crate::sip::{description, media};
use anyhow::Context as _;
use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A running rtpengine.
pub(crate) struct RtpEngine {
    pub(crate) process: Process,
    control: UdpSocket,
    asked: Cell<u32>,
}

/// Whether there is one to compare with.
pub(crate) fn is_installed() -> bool {
    Command::new("rtpengine").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

impl RtpEngine {
    /// Starts it on ports that are free now.
    pub(crate) fn start() -> anyhow::Result<Self> {
        let port = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let listen = format!("--listen-ng=127.0.0.1:{port}");
        let child = Command::new("rtpengine")
            .args(["--foreground", "--table=-1", "--interface=127.0.0.1", "--log-stderr", "--log-level=3"])
            .args(["--port-min=10000", "--port-max=29999", "--config-file=none", &listen])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let process = Process::new(child);
        let control = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        control.set_read_timeout(Some(Duration::from_millis(200)))?;
        control.connect((Ipv4Addr::LOCALHOST, port))?;
        let engine = Self { process, control, asked: Cell::new(0) };
        let is_up = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            engine.ask("d7:command4:pinge").is_ok_and(|answer| answer.contains("pong"))
        });
        is_up.then_some(engine).context("it does not start")
    }

    /// Relays between two phones.
    pub(crate) fn connect(&self, phones: &Media, index: u32) -> anyhow::Result<Connected> {
        let [near, far] = [Side::Caller, Side::Callee].map(|side| phones.address(side, index));
        let far_to = self.describe(index, "offer", near, "")?;
        let near_to = self.describe(index, "answer", far, "b")?;
        Ok(Connected { index, to: [near_to, far_to] })
    }

    // Tells it one side's description; gives where the other side is to send to.
    fn describe(&self, index: u32, command: &str, at: SocketAddr, to_tag: &str) -> anyhow::Result<SocketAddr> {
        let string = |text: &str| format!("{}:{text}", text.len());
        let call = format!("load-{index}");
        let mut fields = vec![("command", command.to_owned()), ("call-id", call), ("from-tag", "a".to_owned())];
        if !to_tag.is_empty() {
            fields.push(("to-tag", to_tag.to_owned()));
        }
        fields.extend([("sdp", description(at)), ("ICE", "remove".to_owned())]);
        let fields: String = fields.iter().map(|(name, value)| string(name) + &string(value)).collect();
        let answer = self.ask(&format!("d{fields}e"))?;
        media(&answer).with_context(|| format!("no description in `{answer}`"))
    }

    // An answer that comes too late is one to an earlier question: each has a cookie of its own.
    fn ask(&self, question: &str) -> anyhow::Result<String> {
        let cookie = format!("load{}", self.asked.replace(self.asked.get() + 1));
        self.control.send(format!("{cookie} {question}").as_bytes())?;
        let mut buffer = [0; 8_192];
        loop {
            let length = self.control.recv(&mut buffer)?;
            let answer = String::from_utf8_lossy(&buffer[..length]);
            if let Some(answer) = answer.strip_prefix(&format!("{cookie} ")) {
                return Ok(answer.to_owned());
            }
        }
    }
}
