//! The same call setup with foreign phones: sipp calls, is in use, and answers. What it takes is sipp's own count, whole: its callees' time
//! is in it, and it is in milliseconds.

use crate::backstop::{BUSY, DESK};
use crate::process::Process;
use crate::sip::register;
use anyhow::{Context as _, bail};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What came of it.
pub(crate) struct Measured {
    /// From the INVITE to the 200, in milliseconds.
    pub(crate) setup_ms: Vec<f64>,
}

/// Whether there is one.
pub(crate) fn is_installed() -> bool {
    Command::new("sipp").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Places so many calls, `rate` a second.
pub(crate) fn run(folder: &Path, service: SocketAddr, calls: u32, rate: u32) -> anyhow::Result<Measured> {
    let callees = [(BUSY, "uas_busy.xml"), (DESK, "uas_answer.xml")]
        .into_iter()
        .map(|(phone, scenario)| be_called(folder, service, phone, scenario))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let sipp = command("uac_setup.xml", folder)
        .args([&service.to_string(), "-s", "shop", "-trace_rtt", "-rtt_freq", "1"])
        .args(["-m", &calls.to_string(), "-r", &rate.to_string(), "-l", &calls.to_string(), "-timeout", "120s"])
        .status()
        .context("sipp can't be run")?;
    drop(callees);
    if !sipp.success() {
        bail!("some of sipp's calls failed ({sipp})");
    }
    Ok(Measured { setup_ms: read(folder)? })
}

// A callee is registered by the socket that sipp then takes over.
fn be_called(folder: &Path, service: SocketAddr, phone: &str, scenario: &str) -> anyhow::Result<Process> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    register(&socket, service, phone)?;
    let port = socket.local_addr()?.port().to_string();
    drop(socket);
    Ok(Process::new(command(scenario, folder).args(["-p", &port]).spawn()?))
}

fn command(scenario: &str, folder: &Path) -> Command {
    let mut command = Command::new("sipp");
    command
        .current_dir(folder)
        .arg("-sf")
        .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(scenario))
        .args(["-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The times that sipp wrote down: one a line, the second of three values.
fn read(folder: &Path) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with("_rtt.csv") {
            let lines = std::fs::read_to_string(path)?;
            times.extend(lines.lines().filter_map(|line| line.split(';').nth(1)?.parse::<f64>().ok()));
        }
    }
    Ok(times)
}
