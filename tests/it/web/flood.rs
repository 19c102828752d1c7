//! Guessed passwords, many at once, and connections that never say what they want.

use super::visitor::{Answer, Visitor};
use super::{add, harness, with_users};
use backstop::store::Role;
use harness::{PATIENCE, run};
use reqwest::StatusCode;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::Instant;

const GUESSES: usize = 1_000;
const AT_ONCE: usize = 20;

fn from(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, last)
}

#[test]
fn a_thousand_wrong_passwords_are_refused_and_others_served() {
    run(async {
        let backstop = with_users().await;
        let mut guessing = JoinSet::new();
        for part in 0..AT_ONCE {
            let mut mallory = Visitor::from(&backstop, from(2));
            guessing.spawn(async move {
                let csrf = mallory.get("/sign-in").await.csrf();
                let mut answers = Vec::new();
                for guess in 0..GUESSES / AT_ONCE {
                    let password = format!("guess {part} {guess}");
                    let form = [("name", "dana"), ("password", &password), ("csrf", &csrf)];
                    answers.push(mallory.post("/sign-in", &form).await);
                }
                answers
            });
        }
        let mut bystander = Visitor::from(&backstop, from(3));
        let mut longest = Duration::ZERO;
        let mut answers: Vec<Answer> = Vec::new();
        while let Some(some) = guessing.join_next().await {
            answers.extend(some.expect("no panic"));
            let begun = Instant::now();
            assert_eq!(bystander.get("/sign-in").await.status, StatusCode::OK);
            longest = longest.max(begun.elapsed());
        }
        assert!(longest < Duration::from_secs(1), "a page took {longest:?}");
        let refused = answers.iter().filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS).count();
        let wrong = answers.iter().filter(|answer| answer.status == StatusCode::UNAUTHORIZED).count();
        assert_eq!((answers.len(), refused + wrong), (GUESSES, GUESSES));
        assert!((5..=15).contains(&wrong), "{wrong} guesses were looked at");
        for answer in answers.iter().filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS) {
            assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|wait| (1..=900).contains(&wait)));
        }
        // The right password is no good where the wrong ones came from, nor for the name; others are not held up.
        assert_eq!(try_from(&backstop, 2, "dana").await.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(try_from(&backstop, 2, "eli").await.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(try_from(&backstop, 4, "dana").await.status, StatusCode::TOO_MANY_REQUESTS);
        bystander.signs_in("eli").await;
        backstop.finish().await;
    });
}

async fn try_from(backstop: &super::Backstop, last: u8, name: &str) -> Answer {
    Visitor::from(backstop, from(last)).try_password(name, super::PASSWORD).await
}

#[test]
fn users_can_not_be_told_from_others() {
    run(async {
        let backstop = with_users().await;
        add(&backstop, "gina", "dana", Role::Agent).await;
        let mut told = Vec::new();
        for (name, last) in [("gina", 5), ("nina", 6)] {
            let mut mallory = Visitor::from(&backstop, from(last));
            let csrf = mallory.get("/sign-in").await.csrf();
            let mut quickest = PATIENCE;
            for _ in 0..4 {
                let form = [("name", name), ("password", "whatever it is"), ("csrf", &csrf)];
                let begun = Instant::now();
                let answer = mallory.post("/sign-in", &form).await;
                quickest = quickest.min(begun.elapsed());
                let text = answer.text.replace(name, "NAME").replace(&csrf, "CSRF");
                let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
                told.push((answer.status, text, headers));
            }
            told.dedup();
            // As long, but for what the machine does besides.
            assert!(quickest > Duration::from_millis(4), "{name}: {quickest:?}");
        }
        assert_eq!(told.len(), 1, "{told:#?}");
        assert_eq!(told[0].0, StatusCode::UNAUTHORIZED);
        backstop.finish().await;
    });
}

#[test]
fn whoever_says_nothing_is_let_go() {
    run(async {
        let backstop = with_users().await;
        let address = backstop.server.web_address().expect("a page");
        let mut half = TcpStream::connect(address).await.expect("listens");
        half.write_all(b"GET /sign-in HTTP/1.1\r\nhost: x\r\nx-slow: ").await.expect("sent");
        let mut silent = Vec::new();
        for _ in 0..100 {
            silent.push(TcpStream::connect(address).await.expect("listens"));
        }
        // From one address there are so many at once, and another is served all the same.
        let mut other = Visitor::from(&backstop, from(7));
        assert_eq!(other.get("/sign-in").await.status, StatusCode::OK);
        let mut answer = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, half.read_to_end(&mut answer)).await;
        assert!(ended.is_ok(), "half a request is let go");
        for mut stream in silent {
            let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
            assert!(ended.is_ok(), "and so is none at all");
        }
        backstop.finish().await;
    });
}
