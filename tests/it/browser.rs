//! The line in the browser: a real Chromium, real phones, and what each of them heard.

mod outgoing;
mod pictures;
mod strangers;
mod team;
mod words;

use crate::chromium::Chromium;
use crate::harness::{Backstop, PATIENCE, end_of, ringing_from, run, scripted, spoken};
use crate::peers::{Peer, Phone};
use crate::queue::{MUSIC, VOICE};
use crate::routing::{CALLER, CELL_THEN_RECEPTIONIST, caller, hears, routing_of, timeline};
use crate::web::{self, visitor};
use backstop::config::{Config, Routing, Web};
use backstop::store::Role;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

const CALLERS_TONE: f32 = 600.0;
const BROWSERS_TONE: f32 = 1_000.0;

/// A service with a page; its people have users of their names.
async fn backstop(toml: &str, ports: &[u16]) -> Backstop {
    with_users(&["My kitchen sink is leaking."], routing_of(toml, ports)).await
}

/// As [`backstop`], with callers who say these lines.
async fn with_users(lines: &'static [&'static str], routing: Routing) -> Backstop {
    let people: Vec<String> = routing.directory.people.iter().map(|person| person.id.0.clone()).collect();
    let backstop = scripted(lines, |config| {
        config.routing = routing;
        with_page(config);
    })
    .await;
    for person in people {
        web::add(&backstop, &person, &person, Role::Agent).await;
    }
    backstop
}

fn with_page(config: &mut Config) {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.web = Some(Web { bind: loopback, ..Web::default() });
    config.browser.bind = loopback;
    config.browser.rejoin = Duration::from_secs(6);
}

/// Dana's browser, which takes calls.
async fn danas(backstop: &Backstop) -> Chromium {
    takes_calls(backstop, "dana", BROWSERS_TONE).await
}

/// Somebody's browser, which plays this tone and takes calls.
async fn takes_calls(backstop: &Backstop, person: &str, hertz: f32) -> Chromium {
    let browser = Chromium::playing(hertz).await;
    browser.sign_in(backstop, person).await;
    browser.click("available").await;
    is_available(backstop, person).await;
    browser
}

/// The service has heard that the person takes calls.
async fn is_available(backstop: &Backstop, person: &str) {
    let looking = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while !backstop.server.store().available().await.expect("the database answers").iter().any(|it| it == person) {
            looks.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("in time");
}

#[test]
fn a_call_rings_in_the_page_and_both_hear_each_other_until_the_page_hangs_up() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.wait_for_state("ringing").await;
        let card = dana.text("[data-testid=ring]").await;
        for told in ["(212) 555-0142", "smart", "dana's browser"] {
            assert!(card.contains(told), "{told} is not in: {card}");
        }
        dana.listen().await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.peer.wait_for("heard_sound").await;
        dana.wait_to_hear(CALLERS_TONE).await;
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        dana.wait_for_state("idle").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        let told = timeline(&report);
        assert!(told.contains("dana's browser has the call"), "{told}");
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{told}");
        let near = caller.heard();
        caller.peer.finish().await;
        assert!(hears(&near, BROWSERS_TONE), "the caller hears the browser");
        drop(dana);
        backstop.finish().await;
    });
}

/// Dana's browser, her cell, the receptionist.
const BROWSER_THEN_CELL: &str = r#"
[[person]]
name = "dana"
browser = true
cell = "+1 917 555 0100"

[[trunk]]
name = "carrier"
address = "127.0.0.1:{port}"
from = "+1 212 555 0100"

[[plan]]
name = "smart"
steps = [
    { ring = "dana/browser", seconds = 5 },
    { ring = "dana/cell", seconds = 2 },
    { receptionist = true },
    { voicemail = true },
]

[[number]]
open = "smart"
"#;

/// A call that the page was offered: it went on to the cell, and to the receptionist; the timeline.
async fn goes_on(backstop: &Backstop, caller: &mut Phone, cell: &mut Phone, leave: impl AsyncFnOnce()) -> String {
    let mut notices = backstop.server.watch();
    caller.dial(backstop, "shop").await;
    let id = ringing_from(&mut notices, CALLER).await;
    leave().await;
    cell.peer.wait_for("incoming").await;
    cell.peer.wait_for("cancelled").await;
    spoken(&mut notices, "").await;
    caller.peer.order("hangup").await;
    caller.peer.wait_for("ended").await;
    end_of(&mut notices, id).await;
    let told = timeline(&backstop.report(id).await);
    for line in ["step 1: ring dana's cell", "step 2: the receptionist"] {
        assert!(told.contains(line), "{line} is not in\n{told}");
    }
    assert!(!told.contains("dana's browser has the call"), "{told}");
    told
}

#[test]
fn a_call_that_the_page_does_not_take_goes_on_to_the_cell_and_the_receptionist() {
    run(async {
        let (mut caller, mut cell) = (caller().await, Phone::new("cell", 1_200.0, 30.0, &["--act", "ring"]).await);
        let backstop = backstop(BROWSER_THEN_CELL, &[cell.peer.port()]).await;
        let dana = danas(&backstop).await;
        let told = goes_on(&backstop, &mut caller, &mut cell, async || {
            dana.wait_for_state("ringing").await;
            dana.wait_for_text("goes on to the next step").await;
        })
        .await;
        assert!(told.contains("dana's browser let go: no answer in time"), "{told}");
        let told = goes_on(&backstop, &mut caller, &mut cell, async || dana.click("decline").await).await;
        assert!(told.contains("dana's browser failed with 603"), "{told}");
        let told = goes_on(&backstop, &mut caller, &mut cell, async || {
            dana.wait_for_state("ringing").await;
            dana.client.close_window().await.expect("closed");
        })
        .await;
        assert!(told.contains("dana's browser failed with 480"), "{told}");
        drop(dana);
        // It was left available: no switch is needed again.
        let again = Chromium::playing(BROWSERS_TONE).await;
        again.sign_in(&backstop, "dana").await;
        let told = goes_on(&backstop, &mut caller, &mut cell, async || {
            again.wait_for_state("ringing").await;
            again.kill();
        })
        .await;
        assert!(told.contains("dana's browser failed with 480"), "{told}");
        // With no page open, the cell rings at once.
        let told = goes_on(&backstop, &mut caller, &mut cell, async || ()).await;
        assert!(told.contains("dana's browser failed with 480"), "{told}");
        for phone in [caller, cell] {
            phone.peer.finish().await;
        }
        backstop.finish().await;
    });
}

#[test]
fn the_caller_hangs_up_and_the_page_says_so() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        // First while it rings.
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.wait_for_state("ringing").await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        dana.wait_for_text("The caller gave up").await;
        dana.wait_for_state("idle").await;
        caller.peer.wait_for("ended").await;
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        caller.peer.wait_for("heard_sound").await;
        caller.peer.order("hangup").await;
        dana.wait_for_text("The caller hung up").await;
        dana.wait_for_state("idle").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{}", timeline(&report));
        let near = caller.heard_again();
        caller.peer.finish().await;
        assert!(hears(&near, BROWSERS_TONE), "the caller hears the browser");
        drop(dana);
        backstop.finish().await;
    });
}

#[test]
fn a_page_that_is_loaded_anew_has_its_call_again() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.client.refresh().await.expect("loaded anew");
        dana.wait_for_state("talking").await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        // The page has the call in every way.
        dana.click("hold").await;
        dana.wait_for_state("held").await;
        caller.wait_to_hear(MUSIC).await;
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{}", timeline(&report));
        drop(dana);
        backstop.finish().await;
    });
}

#[test]
fn a_call_outlives_the_connection_of_its_page() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        for _ in 0..3 {
            // The page gives its WebSocket up, as when the network is gone, and opens another.
            dana.client.execute("dispatchEvent(new Event('offline'))", vec![]).await.expect("told");
            dana.wait_until("document.getElementById('link').dataset.link !== 'connected'").await;
            dana.wait_until("document.getElementById('link').dataset.link === 'connected'").await;
            dana.wait_for_state("talking").await;
        }
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.listen().await;
        dana.wait_to_hear(CALLERS_TONE).await;
        dana.click("hold").await;
        dana.wait_for_state("held").await;
        caller.wait_to_hear(MUSIC).await;
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        end_of(&mut notices, id).await;
        drop(dana);
        backstop.finish().await;
    });
}

#[test]
fn the_caller_of_a_page_that_is_gone_hears_music_and_then_has_the_next_step() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let (dana, mut caller) = (danas(&backstop).await, caller().await);
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        dana.kill();
        caller.wait_to_hear(MUSIC).await;
        caller.wait_to_hear(VOICE).await;
        caller.peer.order("hangup").await;
        end_of(&mut notices, id).await;
        let told = timeline(&backstop.report(id).await);
        assert!(told.contains("out of touch") && told.contains("the receptionist"), "{told}");
        drop(dana);
        backstop.finish().await;
    });
}

#[test]
fn another_kind_of_webrtc_peer_talks_with_the_caller() {
    run(async {
        let backstop = backstop(CELL_THEN_RECEPTIONIST, &[]).await;
        let folder = tempfile::tempdir().expect("a folder");
        let heard = folder.path().join("heard.wav");
        let address = backstop.server.page().expect("a page").address();
        let options = [address, "--user", "dana", "--hertz", "1000", "--record", heard.to_str().expect("text")];
        let mut page = Peer::spawn("webrtc_page.py", visitor::PASSWORD, &options);
        page.wait_for("hello").await;
        page.wait_for("available").await;
        let mut caller = caller().await;
        let mut notices = backstop.server.watch();
        is_available(&backstop, "dana").await;
        caller.dial(&backstop, "shop").await;
        let id = ringing_from(&mut notices, CALLER).await;
        page.wait_for("up").await;
        caller.wait_to_hear(BROWSERS_TONE).await;
        page.order("end").await;
        page.wait_for("recorded").await;
        end_of(&mut notices, id).await;
        assert!(hears(&heard, CALLERS_TONE), "the peer hears the caller");
        let report = backstop.report(id).await;
        assert_eq!(report.outcome.as_deref(), Some("answered"), "{}", timeline(&report));
        drop(page);
        backstop.finish().await;
    });
}
