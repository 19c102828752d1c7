//! The two ends of calls at work, each with its socket: what callers and callees say to each message.

use super::{Connections, Event, Line};
use crate::backstop::BUSY;
use crate::media::{Media, Side};
use crate::sip::{answer, description, header, media, status, user};
use std::collections::HashMap;
use std::net::UdpSocket;
use std::sync::mpsc::Sender;
use std::time::Instant;

const LARGEST: usize = 8_192;

/// All callers: their calls come up, and go down, by this socket.
pub(super) fn be_caller(
    socket: &UdpSocket,
    line: &Line,
    told: &Sender<(u32, Event)>,
    connections: Option<&Connections>,
) {
    let Line { local, service, .. } = *line;
    let mut buffer = [0; LARGEST];
    while let Ok(length) = socket.recv(&mut buffer) {
        let at = Instant::now();
        let Ok(message) = std::str::from_utf8(&buffer[..length]) else { continue };
        let (Some(index), Some(code), Some(cseq)) = (index(message), status(message), header(message, "CSeq")) else {
            // The service hangs up: nobody waits for that here, but it gets its answer.
            let _sent = socket.send_to(answer(message, "200 OK", local, "").as_bytes(), service);
            continue;
        };
        let event = match (code, cseq.ends_with("INVITE")) {
            (100..200, _) => continue,
            (200..300, true) => Event::Answered(at, message.to_owned()),
            (_, true) => Event::Refused(code),
            (_, false) => Event::Over,
        };
        if cseq.ends_with("INVITE") {
            let round = header(message, "Call-ID").and_then(|id| id.split('-').next()?.parse().ok()).unwrap_or(0);
            let _sent = socket.send_to(line.dialog(index, round).ack(message).as_bytes(), service);
        }
        if let (Event::Answered(..), Some(connections), Some(to)) = (&event, connections, media(message)) {
            let _heard = connections.send((index, to));
        }
        if told.send((index, event)).is_err() {
            return;
        }
    }
}

/// One of the registered phones, or both: the user part of the request says which is meant.
pub(super) fn be_called(socket: &UdpSocket, sound: &Media, told: &Sender<(u32, Event)>) {
    let Ok(local) = socket.local_addr() else { return };
    let mut buffer = [0; LARGEST];
    let mut answers: HashMap<String, String> = HashMap::new();
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        let came = Instant::now();
        let Ok(message) = std::str::from_utf8(&buffer[..length]) else { continue };
        let method = message.split(' ').next().unwrap_or_default();
        let call = header(message, "Call-ID").unwrap_or_default().to_owned();
        let reply = match method {
            "ACK" | "SIP/2.0" => continue,
            "INVITE" if answers.contains_key(&call) => answers[&call].clone(),
            "INVITE" if user(message) == Some(BUSY) => answer(message, "486 Busy Here", local, ""),
            "INVITE" => {
                let at = sound.address(Side::Callee, index(message).unwrap_or(0));
                answer(message, "200 OK", local, &description(at))
            }
            _ => answer(message, "200 OK", local, ""),
        };
        let _sent = socket.send_to(reply.as_bytes(), from);
        let (went, is_new) = (Instant::now(), method == "INVITE" && !answers.contains_key(&call));
        if !is_new {
            continue;
        }
        let (Some(index), Some(to)) = (index(message), media(message)) else { continue };
        let event = if status(&reply) == Some(486) { Event::Busy(came, went) } else { Event::Desk(came, went, to) };
        answers.insert(call, reply);
        if told.send((index, event)).is_err() {
            return;
        }
    }
}

/// Which call a message is of: the caller's number is in it.
fn index(message: &str) -> Option<u32> {
    user(header(message, "From")?)?.strip_prefix("+1212600")?.parse().ok()
}
