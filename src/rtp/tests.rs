//! The pool on real sockets of the loopback address.

use super::*;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const REST: Duration = Duration::from_secs(30);

#[expect(clippy::disallowed_methods, reason = "the pool's rest is counted from the real close of a socket")]
fn now() -> Instant {
    Instant::now()
}

/// An even port that is free, and so are the three after it.
fn free_ports() -> u16 {
    for _ in 0..100 {
        let probe = UdpSocket::bind((LOOPBACK, 0)).unwrap();
        let port = probe.local_addr().unwrap().port() & !1;
        drop(probe);
        if port < 65_530 && (port..port + 4).all(|port| UdpSocket::bind((LOOPBACK, port)).is_ok()) {
            return port;
        }
    }
    panic!("no four free ports in a row");
}

#[tokio::test]
async fn a_port_rests_before_it_is_used_again() {
    let first = free_ports();
    let pool = PortPool::new(LOOPBACK, first..=first + 1, REST).unwrap();
    let start = now();
    let socket = pool.open(start).unwrap();
    assert_eq!(socket.local_addr().port(), first);
    let full = pool.open(start).unwrap_err().to_string();
    assert_eq!(pool.in_use(), 1);
    assert!(full.contains("1 in calls, 0 resting") && full.contains("rtp.ports"), "{full}");
    drop(socket);
    assert_eq!(pool.in_use(), 0, "at rest is not in use");
    let resting = pool.open(now()).unwrap_err().to_string();
    assert!(resting.contains("0 in calls, 1 resting"), "{resting}");
    assert_eq!(pool.open(now() + REST).unwrap().local_addr().port(), first);
}

#[tokio::test]
async fn ports_are_used_in_turn_and_others_are_skipped() {
    let first = free_ports();
    let pool = PortPool::new(LOOPBACK, first..=first + 3, Duration::ZERO).unwrap();
    let other = UdpSocket::bind((LOOPBACK, first)).unwrap();
    let socket = pool.open(now()).unwrap();
    assert_eq!(socket.local_addr().port(), first + 2);
    let error = pool.open(now()).unwrap_err().to_string();
    assert!(error.contains("1 taken by other programs"), "{error}");
    drop(other);
    drop(socket);
    for port in [first, first + 2, first] {
        assert_eq!(pool.open(now()).unwrap().local_addr().port(), port);
    }
}

#[test]
fn a_range_without_even_port_is_refused() {
    let error = PortPool::new(LOOPBACK, 4_001..=4_001, REST).unwrap_err().to_string();
    assert!(error.contains("rtp.ports"), "{error}");
}

#[tokio::test]
async fn an_address_of_another_machine_is_named() {
    let elsewhere = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let error = PortPool::new(elsewhere, 20_000..=20_010, REST).unwrap().open(now()).unwrap_err().to_string();
    assert!(error.contains("192.0.2.1") && error.contains("rtp.ip"), "{error}");
}

#[tokio::test]
async fn datagrams_pass_both_ways_and_a_dead_peer_does_not_disturb() {
    let (a, b) = (RtpSocket::ephemeral(LOOPBACK).unwrap(), RtpSocket::ephemeral(LOOPBACK).unwrap());
    let gone = RtpSocket::ephemeral(LOOPBACK).unwrap().local_addr();
    a.send_to(b"anyone?", gone).await.unwrap();
    b.send_to(b"hello", a.local_addr()).await.unwrap();
    let mut buffer = [0; 100];
    assert_eq!(a.recv(&mut buffer).await.unwrap(), (5, b.local_addr()));
    a.try_send_to(b"hi", b.local_addr()).unwrap();
    assert_eq!(b.recv(&mut buffer).await.unwrap(), (2, a.local_addr()));
    assert_eq!(b.try_recv(&mut buffer).unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
