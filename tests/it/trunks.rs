//! Trunks that fail, refuse, move, and calls that would come round again. The trunks' ends are SIP endpoints of ours, and sockets that say
//! whatever a test wants.

use crate::harness::{Backstop, PATIENCE, end_of, ringing_from, run};
use crate::routing::{backstop, routing_of, timeline};
use backstop::pii::Pii;
use backstop::sip::{
    Credentials, DialRequest, DialogEvent, Diversion, IncomingCall, OutgoingCall, Registration, SessionDescription,
    SipConfig, SipEndpoint, Transport, TrunkConfig, negotiate,
};
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::net::UdpSocket;

const CALLER: &str = "+12125550142";
const CELL: &str = "+19175550100";

const TWO_TRUNKS: &str = r#"
[[person]]
name = "dana"
cell = "+1 917 555 0100"
[[trunk]]
name = "first"
address = "127.0.0.1:{port}"
from = "+1 212 555 0100"
[[trunk]]
name = "second"
address = "127.0.0.1:{other}"
[[plan]]
name = "smart"
steps = [{ ring = "dana/cell", seconds = 20 }, { receptionist = true }, { voicemail = true }]
[[number]]
number = "+1 212 555 0100"
open = "smart"
[[number]]
open = "smart"
"#;

async fn in_time<T>(waiting: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, waiting).await.expect("in time")
}

async fn endpoint() -> SipEndpoint {
    let config = SipConfig { max_calls: 4, inbox: 4, ..SipConfig::new((Ipv4Addr::LOCALHOST, 0).into(), "peer") };
    SipEndpoint::bind(config).await.expect("a free port")
}

fn nowhere() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 9).into()
}

/// Calls the service, which is told `change` of it.
async fn call(from: &SipEndpoint, to: &Backstop, change: impl FnOnce(&mut DialRequest)) -> OutgoingCall {
    let offer = SessionDescription::offer(nowhere(), &[backstop::media::Codec::Pcmu]);
    let mut request = DialRequest { from_user: Some(CALLER.to_owned()), ..DialRequest::new(to.uri(), offer) };
    change(&mut request);
    from.dial(request).await.expect("dialled")
}

async fn answered(call: &mut OutgoingCall) {
    loop {
        match in_time(call.events.recv()).await.expect("the call goes on") {
            DialogEvent::Answered(_) => return,
            DialogEvent::Ringing { .. } => {}
            other => panic!("not answered: {other:?}"),
        }
    }
}

/// The next call at a cell or phone, which takes it.
async fn taken(endpoint: &mut SipEndpoint) -> IncomingCall {
    let call = in_time(endpoint.next_call()).await.expect("a call");
    let agreed = negotiate(call.offer.as_ref().expect("an offer"), nowhere()).expect("a codec");
    call.dialog.accept(&agreed.answer).await;
    call
}

/// It presses 1.
async fn accepted(call: &mut IncomingCall) {
    while !matches!(in_time(call.events.recv()).await, Some(DialogEvent::Confirmed)) {}
    call.dialog.send_digit('1').await.expect("pressed");
}

async fn hung_up(events: &mut tokio::sync::mpsc::Receiver<DialogEvent>) {
    while !matches!(in_time(events.recv()).await, Some(DialogEvent::HungUp)) {}
}

/// A trunk that says what a test wants.
pub(crate) struct Trunk(UdpSocket);

impl Trunk {
    pub(crate) async fn new() -> Self {
        Self(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port"))
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().expect("bound").port()
    }

    /// The next request of this kind that is no retransmission of `last`. OPTIONS are answered meanwhile.
    async fn hear(&self, method: &str, last: &str) -> String {
        let mut buffer = [0; 8_192];
        loop {
            let (length, source) = in_time(self.0.recv_from(&mut buffer)).await.expect("received");
            let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if request.starts_with("OPTIONS") {
                self.answer(&request, source, "200 OK", "").await;
            } else if request.starts_with(method) && header(&request, "Via") != header(last, "Via") {
                return request;
            }
        }
    }

    /// Says once that it lives.
    pub(crate) async fn answer_options(&self) {
        let mut buffer = [0; 8_192];
        let (length, source) = in_time(self.0.recv_from(&mut buffer)).await.expect("received");
        let request = String::from_utf8_lossy(&buffer[..length]).into_owned();
        assert!(request.starts_with("OPTIONS"), "{request}");
        self.answer(&request, source, "200 OK", "").await;
    }

    async fn answer(&self, request: &str, to: SocketAddr, status: &str, headers: &str) {
        let kept = ["Via", "From", "Call-ID", "CSeq"].map(|name| format!("{name}: {}\r\n", header(request, name)));
        let (kept, callee) = (kept.concat(), header(request, "To"));
        let text = format!("SIP/2.0 {status}\r\n{kept}To: {callee};tag=t\r\n{headers}Content-Length: 0\r\n\r\n");
        self.0.send_to(text.as_bytes(), to).await.expect("sent");
    }

    /// Refuses the next INVITE after `last`.
    async fn refuse(&self, backstop: &Backstop, last: &str, status: &str, headers: &str) -> String {
        let invite = self.hear("INVITE", last).await;
        self.answer(&invite, backstop.server.sip_address(), status, headers).await;
        invite
    }
}

fn header<'a>(message: &'a str, name: &str) -> &'a str {
    message.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

/// Takes five seconds.
#[test]
fn a_silent_trunk_is_left_after_four_seconds_and_is_not_the_first_choice_then() {
    run(async {
        let (silent, mut second, caller) = (Trunk::new().await, endpoint().await, endpoint().await);
        let backstop = backstop(TWO_TRUNKS, &[silent.port(), second.local_addr().port()]).await;
        let mut notices = backstop.server.watch();
        for _ in 0..2 {
            let begun = tokio::time::Instant::now();
            let mut out = call(&caller, &backstop, |_| ()).await;
            let id = ringing_from(&mut notices, CALLER).await;
            let mut cell = taken(&mut second).await;
            let waited = begun.elapsed();
            accepted(&mut cell).await;
            answered(&mut out).await;
            let first = silent.0.try_recv(&mut [0; 8_192]).is_ok();
            assert!(
                if first { waited >= Duration::from_secs(4) } else { waited < Duration::from_secs(2) },
                "{waited:?}"
            );
            // What else the silent one got was of the first call.
            while silent.0.try_recv(&mut [0; 8_192]).is_ok() {}
            out.dialog.hang_up().await;
            end_of(&mut notices, id).await;
        }
        backstop.finish().await;
    });
}

#[test]
fn a_trunk_that_asks_for_rest_is_not_called_at_all() {
    run(async {
        let (resting, mut second, caller) = (Trunk::new().await, endpoint().await, endpoint().await);
        let backstop = backstop(TWO_TRUNKS, &[resting.port(), second.local_addr().port()]).await;
        let mut notices = backstop.server.watch();
        for is_asked in [true, false] {
            let mut out = call(&caller, &backstop, |_| ()).await;
            let id = ringing_from(&mut notices, CALLER).await;
            if is_asked {
                resting.refuse(&backstop, "", "503 Service Unavailable", "Retry-After: 600\r\n").await;
            }
            accepted(&mut taken(&mut second).await).await;
            answered(&mut out).await;
            out.dialog.hang_up().await;
            end_of(&mut notices, id).await;
        }
        let mut buffer = [0; 8_192];
        while let Ok(length) = resting.0.try_recv(&mut buffer) {
            assert!(!buffer[..length].starts_with(b"INVITE"), "{}", String::from_utf8_lossy(&buffer[..length]));
        }
        backstop.finish().await;
    });
}

#[test]
fn another_codec_and_a_longer_session_are_tried_once_and_a_redirection_never() {
    run(async {
        let (trunk, caller) = (Trunk::new().await, endpoint().await);
        let backstop = backstop(TWO_TRUNKS, &[trunk.port(), 9]).await;
        let mut notices = backstop.server.watch();
        let mut out = call(&caller, &backstop, |_| ()).await;
        let id = ringing_from(&mut notices, CALLER).await;
        let first = trunk.refuse(&backstop, "", "488 Not Acceptable Here", "").await;
        assert!(first.contains(" RTP/AVP 0 8 101\r\n") && header(&first, "Session-Expires") == "1800", "{first}");
        let second = trunk.refuse(&backstop, &first, "422 Session Interval Too Small", "Min-SE: 3600\r\n").await;
        assert!(second.contains(" RTP/AVP 8 101\r\n"), "{second}");
        let elsewhere = "Contact: <sip:+19005550100@127.0.0.1:9>\r\n";
        let third = trunk.refuse(&backstop, &second, "302 Moved Temporarily", elsewhere).await;
        assert!(third.contains(" RTP/AVP 8 101\r\n") && header(&third, "Session-Expires") == "3600", "{third}");
        // The receptionist has the call.
        answered(&mut out).await;
        out.dialog.hang_up().await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert!(timeline(&report).contains("302"), "{}", timeline(&report));
        backstop.finish().await;
    });
}

#[test]
fn a_call_that_would_come_round_again_is_not_passed_on() {
    run(async {
        let (trunk, caller) = (Trunk::new().await, endpoint().await);
        let backstop = backstop(TWO_TRUNKS, &[trunk.port(), 9]).await;
        let mut notices = backstop.server.watch();
        let by = |user: &str, times| Some(Diversion { user: user.to_owned(), times });
        let host = backstop.server.sip_address();
        for (to, diversion, max_forwards, comes_back) in [
            ("receptionist", by("+13125550199", 2), 70, false),
            // The cell itself sent it here, somebody did too often, its own number was called, and it has no hop left.
            ("receptionist", by(CELL, 1), 70, true),
            ("receptionist", by("+13125550199", 5), 70, true),
            (CELL, None, 70, true),
            ("receptionist", None, 1, true),
        ] {
            let change = |request: &mut DialRequest| {
                request.to = format!("sip:{to}@{host}");
                (request.diversion, request.max_forwards) = (diversion.clone(), max_forwards);
            };
            let mut out = call(&caller, &backstop, change).await;
            let id = ringing_from(&mut notices, CALLER).await;
            if !comes_back {
                let invite = trunk.refuse(&backstop, "", "486 Busy Here", "").await;
                assert!(header(&invite, "Diversion").contains("<sip:receptionist@"), "{invite}");
                assert!(header(&invite, "Diversion").ends_with(";counter=3"), "{invite}");
                assert_eq!(header(&invite, "Max-Forwards"), "69");
            }
            answered(&mut out).await;
            out.dialog.hang_up().await;
            end_of(&mut notices, id).await;
            let mut buffer = [0; 8_192];
            while let Ok(length) = trunk.0.try_recv(&mut buffer) {
                assert!(!comes_back || !buffer[..length].starts_with(b"INVITE"), "{to} {diversion:?}");
            }
        }
        backstop.finish().await;
    });
}

#[test]
fn a_withheld_caller_is_withheld_from_cells_too() {
    run(async {
        let (first, mut second, caller) = (Trunk::new().await, endpoint().await, endpoint().await);
        let backstop = backstop(TWO_TRUNKS, &[first.port(), second.local_addr().port()]).await;
        let mut notices = backstop.server.watch();
        let mut out = call(&caller, &backstop, |request| {
            (request.from_user, request.asserted) = (None, Some(CALLER.to_owned()));
        })
        .await;
        // One trunk shows a number of ours, the other one the caller's, if there were one.
        let invite = first.refuse(&backstop, "", "503 Service Unavailable", "").await;
        assert!(header(&invite, "From").contains("+12125550100") && !invite.contains(CALLER), "{invite}");
        let mut cell = taken(&mut second).await;
        assert_eq!((&cell.caller, &cell.caller_name), (&None, &None));
        accepted(&mut cell).await;
        answered(&mut out).await;
        out.dialog.hang_up().await;
        hung_up(&mut cell.events).await;
        drop(notices.recv().await);
        backstop.finish().await;
    });
}

#[test]
fn changed_trunks_and_phones_are_taken_over_while_a_call_goes_on() {
    run(async {
        let (mut old, mut new, mut desk, caller) =
            (endpoint().await, endpoint().await, endpoint().await, endpoint().await);
        let port = |endpoint: &SipEndpoint| endpoint.local_addr().port();
        let backstop = backstop(TWO_TRUNKS, &[port(&old), 9]).await;
        let mut notices = backstop.server.watch();
        let mut first = call(&caller, &backstop, |_| ()).await;
        let first_id = ringing_from(&mut notices, CALLER).await;
        let mut first_cell = taken(&mut old).await;
        accepted(&mut first_cell).await;
        answered(&mut first).await;

        // The first trunk has moved, the second one is gone, and Dana has a phone.
        let moved = TWO_TRUNKS
            .replace("name = \"dana\"\n", "name = \"dana\"\nphone = \"dana\"\n")
            .replace("{ ring = \"dana/cell\"", "{ ring = \"dana/phone\", seconds = 20 }, { ring = \"dana/cell\"")
            .replace("[[trunk]]\nname = \"second\"\naddress = \"127.0.0.1:{other}\"\n", "");
        let mut config = backstop.config.clone();
        config.routing = routing_of(&moved, &[port(&new)]);
        assert!(backstop.server.reconfigure(config.clone()), "nothing of it takes a restart");
        let mut phone = desk
            .trunk(TrunkConfig {
                name: "Dana's phone".to_owned(),
                address: format!("sip:{}", backstop.server.sip_address()),
                transport: Transport::Udp,
                credentials: Some(Credentials {
                    user: "dana".to_owned(),
                    password: Pii::new(crate::peers::PASSWORD.to_owned()),
                }),
                registers: true,
                keepalive: None,
            })
            .expect("an address");
        in_time(phone.becomes(|it| it.registration == Registration::Accepted)).await;
        let mut second = call(&caller, &backstop, |_| ()).await;
        let second_id = ringing_from(&mut notices, CALLER).await;
        let ringing = in_time(desk.next_call()).await.expect("Dana's phone rings");
        ringing.dialog.reject(486, "").await;
        let mut second_cell = taken(&mut new).await;
        accepted(&mut second_cell).await;
        answered(&mut second).await;

        // Her account is taken away: her phone rings no more. `sip.allow` follows, too.
        config.routing = routing_of(TWO_TRUNKS, &[port(&new), 9]);
        config.sip.allow = Some(Vec::new());
        assert!(backstop.server.reconfigure(config.clone()));
        config.sip.max_calls += 1;
        assert!(!backstop.server.reconfigure(config), "this one does");
        for (mut out, mut cell, id) in [(first, first_cell, first_id), (second, second_cell, second_id)] {
            out.dialog.send_digit('7').await.expect("the call is up");
            out.dialog.hang_up().await;
            hung_up(&mut out.events).await;
            hung_up(&mut cell.events).await;
            end_of(&mut notices, id).await;
        }
        backstop.finish().await;
    });
}
