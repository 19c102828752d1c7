//! Sockets: UDP and TCP on one port.

use super::endpoint::SipError;
use rsipstack::transaction::endpoint::EndpointInnerRef;
use rsipstack::transport::tcp::TcpConnection;
use rsipstack::transport::{SipAddr, SipConnection};
use std::net::{IpAddr, SocketAddr};
use tokio::net::{TcpListener, UdpSocket};
use tokio_util::sync::CancellationToken;

/// Tries for a port that is free for both, when any port will do.
const PORT_TRIES: usize = 16;
/// Streams open at once; further ones are closed at once.
const MAX_STREAMS: usize = 1_024;

/// Opens both sockets.
pub(super) async fn open(bind: SocketAddr) -> Result<(UdpSocket, TcpListener), SipError> {
    let mut tries = if bind.port() == 0 { PORT_TRIES } else { 1 };
    loop {
        tries -= 1;
        let udp = UdpSocket::bind(bind).await.map_err(|cause| fault("udp", bind, cause))?;
        let address = udp.local_addr().map_err(|cause| fault("udp", bind, cause))?;
        match TcpListener::bind(address).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(_) if tries > 0 => {}
            Err(cause) => return Err(fault("tcp", address, cause)),
        }
    }
}

fn fault(transport: &str, address: SocketAddr, cause: std::io::Error) -> SipError {
    SipError::Bind { address: format!("{transport} {address}"), cause }
}

/// Gives every stream to the library, until `stop`.
pub(super) async fn accept_streams(
    listener: TcpListener,
    local: SocketAddr,
    endpoint: EndpointInnerRef,
    stop: CancellationToken,
) {
    let local = SipAddr { r#type: Some(rsipstack::sip::Transport::Tcp), addr: local.into() };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, source)) = accepted else {
            // Out of file descriptors, most likely: let others go on before the next try.
            tokio::task::yield_now().await;
            continue;
        };
        if endpoint.transport_layer.connections_count() >= MAX_STREAMS {
            tracing::warn!(%source, "too many streams");
            continue;
        }
        match TcpConnection::from_stream(stream, local.clone(), Some(stop.child_token())) {
            Ok(connection) => endpoint.transport_layer.add_connection(SipConnection::Tcp(connection)),
            Err(error) => tracing::debug!(%source, %error, "a stream closed at once"),
        }
    }
}

/// The address of ours under which `peer` reaches us.
pub(super) fn local_ip_toward(bound: IpAddr, advertised: Option<IpAddr>, peer: SocketAddr) -> IpAddr {
    match advertised {
        Some(address) if !peer.ip().is_loopback() => address,
        _ if !bound.is_unspecified() => bound,
        _ => routed_ip(bound, peer).unwrap_or(bound),
    }
}

// Connecting a datagram socket sends nothing, but makes the system choose the outgoing address.
fn routed_ip(bound: IpAddr, peer: SocketAddr) -> std::io::Result<IpAddr> {
    let probe = std::net::UdpSocket::bind(SocketAddr::new(bound, 0))?;
    probe.connect(peer)?;
    Ok(probe.local_addr()?.ip())
}
