//! Callers who say hello from the moment they are connected, so that it can be told when each and the page that answered first heard each other.

use super::{HELLOS, News, What, hello};
use crate::media::{Media, Side, read};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

const FRAME: Duration = Duration::from_millis(20);
const LOOK_EVERY: Duration = Duration::from_micros(400);

struct Caller {
    index: u32,
    to: SocketAddr,
    due: Instant,
    hellos: u64,
    has_heard: bool,
}

/// Greets for each caller of whom is told that they are connected, until `over`.
pub(super) fn greet(
    sound: &Media,
    connected: &Receiver<(u32, SocketAddr)>,
    news: &Sender<News>,
    over: &CancellationToken,
) {
    let mut callers: Vec<Caller> = Vec::new();
    while !over.is_cancelled() {
        while let Ok((index, to)) = connected.try_recv() {
            callers.push(Caller { index, to, due: Instant::now(), hellos: 0, has_heard: false });
        }
        let now = Instant::now();
        for caller in callers.iter_mut().filter(|caller| caller.due <= now && caller.hellos < HELLOS) {
            sound.send(Side::Caller, caller.index, caller.to, &hello(2 * caller.index as usize, caller.hellos));
            (caller.due, caller.hellos) = (caller.due + FRAME, caller.hellos + 1);
        }
        sound.hear(Side::Caller, |from, packet| {
            let Some(caller) = callers.iter_mut().find(|caller| caller.to == from && !caller.has_heard) else { return };
            if read(packet).is_some_and(|(_, whose, _)| whose == 2 * caller.index as usize + 1) {
                caller.has_heard = true;
                let _heard = news.send(News { page: caller.index, at: Instant::now(), what: What::CallerHears });
            }
        });
        std::thread::sleep(LOOK_EVERY);
    }
}
