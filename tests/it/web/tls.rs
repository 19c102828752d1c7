//! The page over https, by a certificate made here.

use super::harness::{refused, run, scripted};
use super::visitor::Visitor;
use super::{Role, add, page};
use backstop::config::{Config, Tls};
use reqwest::StatusCode;
use std::path::Path;
use std::process::Command;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn certificate(folder: &Path) -> Tls {
    let files = Tls { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout"])
        .arg(&files.key)
        .arg("-out")
        .arg(&files.certificate)
        .output()
        .expect("openssl is there");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    files
}

fn by(tls: Tls) -> impl FnOnce(&mut Config) {
    move |config| {
        page(config);
        config.web.as_mut().expect("a page").tls = Some(tls);
    }
}

#[test]
fn https_is_served_and_a_stuck_handshake_holds_nobody_up() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let backstop = scripted(&[], by(certificate(folder.path()))).await;
        add(&backstop, "dana", "dana", Role::Owner).await;
        let address = backstop.server.web_address().expect("a page");
        let mut stuck = Vec::new();
        for _ in 0..10 {
            let mut stream = TcpStream::connect(address).await.expect("listens");
            stream.write_all(&[22, 3, 1]).await.expect("sent");
            stuck.push(stream);
        }
        let mut dana = Visitor::new(&backstop);
        assert!(dana.base().starts_with("https://"));
        dana.signs_in("dana").await;
        let names: Vec<_> = dana.cookies.keys().map(String::as_str).collect();
        assert_eq!(names, ["__Host-backstop_form", "__Host-backstop_sign_in"]);
        let line = dana.get("/").await;
        assert_eq!((line.status, line.header("strict-transport-security")), (StatusCode::OK, "max-age=31536000"));

        let mut plain = TcpStream::connect(address).await.expect("listens");
        plain.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.expect("sent");
        let mut answer = Vec::new();
        let _reset = plain.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/"), "no plain http at this port");
        drop(stuck);
        backstop.finish().await;
    });
}

#[test]
fn what_can_not_be_served_keeps_the_service_from_starting() {
    run(async {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        for folder in [&one, &other] {
            std::fs::create_dir(folder).expect("made");
        }
        let (one, other) = (certificate(&one), certificate(&other));
        let mixed = Tls { key: other.key, ..one };
        let why = refused(&[], by(mixed)).await;
        assert!(why.contains("web.certificate") && why.contains("made for this key"), "{why}");
        let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let bind = taken.local_addr().expect("an address");
        let why = refused(&[], |config| {
            page(config);
            config.web.as_mut().expect("a page").bind = bind;
        })
        .await;
        assert!(why.contains("change `web.bind`") && why.contains(&bind.to_string()), "{why}");
    });
}
