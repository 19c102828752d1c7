//! A trunk looked after by an endpoint: the trunk is another endpoint of ours, or silent.

use super::tests::{call_of, endpoint, registrar, session};
use super::*;
use crate::pii::Pii;
use std::time::Duration;
use tokio::net::UdpSocket;

const LONG: Duration = Duration::from_secs(10);

fn config(address: std::net::SocketAddr, transport: Transport) -> TrunkConfig {
    TrunkConfig {
        name: "provider".to_owned(),
        address: format!("sip:{address}"),
        transport,
        credentials: None,
        registers: false,
        keepalive: Some(Duration::from_millis(20)),
    }
}

fn credentials(password: &str) -> Credentials {
    Credentials { user: "shop".to_owned(), password: Pii::new(password.to_owned()) }
}

async fn becomes(trunk: &mut Trunk, wanted: impl Fn(&TrunkState) -> bool) {
    tokio::time::timeout(LONG, trunk.becomes(wanted)).await.expect("in time");
}

#[tokio::test]
async fn a_trunk_that_wants_it_is_registered_with() {
    let mut endpoint = endpoint(1).await;
    for transport in [Transport::Udp, Transport::Tcp] {
        for algorithm in [DigestAlgorithm::Md5, DigestAlgorithm::Sha256] {
            let accounts = Accounts::new([("shop".to_owned(), Pii::new("s3cret".to_owned()))]);
            let provider = registrar(1, accounts.challenged_by(&[algorithm])).await;
            let config = TrunkConfig { registers: true, keepalive: None, ..config(provider.local_addr(), transport) };
            let right = TrunkConfig { credentials: Some(credentials("s3cret")), ..config.clone() };
            let mut trunk = endpoint.trunk(right).expect("an address");
            assert_eq!(trunk.state(), TrunkState { is_up: true, registration: Registration::Pending });
            becomes(&mut trunk, |it| it.registration == Registration::Accepted).await;
            let contacts = provider.contacts("shop");
            assert_eq!((contacts.len(), contacts[0].transport), (1, transport));
            let named = format!("sip:shop@{}", contacts[0].flow);
            assert!(contacts[0].uri.starts_with(&named), "{}", contacts[0].uri);
            // Its calls come over the same flow.
            let out = provider.dial(DialRequest::to_phone(&contacts[0], session(4000))).await.expect("dialled");
            let call = call_of(&mut endpoint).await;
            assert_eq!((call.called.as_str(), call.transport), ("shop", transport));
            drop((out, call));

            trunk.leave();
            drop(trunk);
            let gone = async {
                while !provider.contacts("shop").is_empty() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::time::timeout(LONG, gone).await.expect("taken back");

            let wrong = TrunkConfig { credentials: Some(credentials("guess")), ..config };
            let mut trunk = endpoint.trunk(wrong).expect("an address");
            becomes(&mut trunk, |it| it.registration == Registration::Refused(401)).await;
        }
    }
}

#[tokio::test]
async fn a_trunk_is_down_after_two_failures_and_up_after_two_answers() {
    let endpoint = endpoint(1).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let trunk = endpoint.trunk(config(socket.local_addr().expect("bound"), Transport::Udp)).expect("an address");
    let (mut buffer, mut asked) = ([0; 4_096], String::new());
    // What is believed when a question comes, which is what the answers before it brought, and the next answer.
    for (is_up, status) in [
        (true, "503 Service Unavailable"),
        (true, "200 OK"),
        (true, "503 Service Unavailable"),
        (true, "408 Request Timeout"),
        (false, "404 Not Found"),
        (false, "404 Not Found"),
        (true, "200 OK"),
    ] {
        let source = loop {
            let received = tokio::time::timeout(LONG, socket.recv_from(&mut buffer)).await.expect("in time");
            let (length, source) = received.expect("received");
            let question = String::from_utf8_lossy(&buffer[..length]).into_owned();
            // A retransmission is no other question.
            if question != std::mem::replace(&mut asked, question.clone()) {
                break source;
            }
        };
        assert!(asked.starts_with("OPTIONS sip:127.0.0.1:"), "{asked}");
        assert_eq!(trunk.state().is_up, is_up, "before {status}");
        socket.send_to(answer_to(&asked, status).as_bytes(), source).await.expect("sent");
    }
}

fn answer_to(question: &str, status: &str) -> String {
    let kept = question.lines().filter_map(|line| match line.split(':').next()? {
        "Via" | "From" | "Call-ID" | "CSeq" => Some(format!("{line}\r\n")),
        "To" => Some(format!("{line};tag=t\r\n")),
        _ => None,
    });
    format!("SIP/2.0 {status}\r\n{}Content-Length: 0\r\n\r\n", kept.collect::<String>())
}

#[tokio::test]
async fn a_trunk_over_a_stream_is_up_while_it_answers() {
    let (endpoint, provider) = (endpoint(1).await, endpoint(1).await);
    let mut trunk = endpoint.trunk(config(provider.local_addr(), Transport::Tcp)).expect("an address");
    assert!(trunk.state().is_up);
    provider.shut_down().await;
    becomes(&mut trunk, |it| !it.is_up).await;
    drop(trunk);
    let faulty = TrunkConfig { address: "provider".to_owned(), ..config(endpoint.local_addr(), Transport::Udp) };
    assert!(matches!(endpoint.trunk(faulty), Err(SipError::Address(_))));
}
