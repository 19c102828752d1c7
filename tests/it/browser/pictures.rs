//! Every state of the page, wide and on a phone: nobody is shut out of it (axe), and it can be photographed for the documentation:
//! `BACKSTOP_PICTURES=docs/images` has this test write what it sees.

use super::{BROWSERS_TONE, backstop, is_available};
use crate::chromium::Chromium;
use crate::harness::{Backstop, ringing_from, run};
use crate::peers::Phone;
use crate::queue::SECOND;
use crate::routing::CALLER;
use backstop::id::CallId;
use backstop::lead::{Evidence, Slot, SlotName};
use backstop::models::Cache;
use backstop::phone::PhoneNumber;
use backstop::store::{CallEnd, CallStart};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

const SHOP: &str = r#"
[[person]]
name = "dana"
browser = true
extension = "101"

[[person]]
name = "eli"
phone = "eli"
extension = "102"

[[person]]
name = "priya"
cell = "+1 917 555 0100"
extension = "103"

[[group]]
name = "techs"
members = ["eli", "priya"]
extension = "200"

[[queue]]
name = "service"
agents = "dana"
wrap_up_seconds = 600

[[trunk]]
name = "carrier"
address = "127.0.0.1:{port}"
from = "+1 212 555 0100"
allow = ["+1212"]

[callers]
vip = ["+1 212 555 0142"]

[[plan]]
name = "office"
steps = [{ ring = "dana/browser", seconds = 60 }, { receptionist = true }, { voicemail = true }]

[[plan]]
name = "line"
steps = [{ queue = "service", seconds = 300 }, { receptionist = true }]

[[number]]
number = "+1 212 555 0100"
open = "office"

[[number]]
number = "+1 212 555 0101"
open = "line"
"#;

/// Serious and critical faults by the rules of WCAG 2.2 A and AA, as `id: where`.
const FAULTS: &str = r"
    const done = arguments[0];
    axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(({ violations }) =>
        done(violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
            .flatMap(({ id, nodes }) => nodes.map(({ target, any }) => `${id}: ${target} ${any[0]?.message ?? ''}`))), (error) => done([String(error)]));
";

/// Ends what moves for a moment, and goes to the top.
const COME_TO_REST: &str = r"
    for (const animation of document.getAnimations()) {
        const { duration, iterations } = animation.effect.getComputedTiming();
        if (iterations !== Infinity && duration < 1000) animation.finish();
    }
    scrollTo(0, 0);
";

/// Looks at the page in both sizes.
struct Looker<'a> {
    dana: &'a Chromium,
    axe: Option<String>,
    pictures: Option<PathBuf>,
    faults: Vec<String>,
}

impl<'a> Looker<'a> {
    fn new(dana: &'a Chromium) -> Self {
        let axe = Cache::locate().expect("a cache").root().join("../axe-core@4.14.1/axe.min.js");
        let axe = std::fs::read_to_string(&axe).ok();
        if axe.is_none() {
            eprintln!(
                "SKIPPED: axe is missing, and nobody looks whether the page is open to everybody: run `make setup` with npm"
            );
        }
        let pictures = std::env::var_os("BACKSTOP_PICTURES").map(PathBuf::from);
        Self { dana, axe, pictures, faults: Vec::new() }
    }

    async fn look(&mut self, state: &str) {
        for (size, width, height) in [("wide", 1_280, 800), ("phone", 390, 844)] {
            let is_phone = size == "phone";
            let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": if is_phone { 1.5 } else { 1.0 }, "mobile": is_phone });
            self.dana.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
            self.dana.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
            self.dana.client.execute(COME_TO_REST, vec![]).await.expect("at rest");
            if self.dana.evaluate("document.documentElement.scrollWidth > innerWidth").await == json!(true) {
                self.faults.push(format!("{state} {size}: wider than the screen"));
            }
            if let Some(axe) = &self.axe {
                self.dana
                    .client
                    .execute(&format!("window.axe ?? (() => {{ {axe} }})()"), vec![])
                    .await
                    .expect("axe runs");
                let found = self.dana.client.execute_async(FAULTS, vec![]).await.expect("axe answers");
                let found = found.as_array().expect("a list").iter().map(|fault| format!("{state} {size}: {fault}"));
                self.faults.extend(found);
            }
            if let Some(folder) = &self.pictures {
                let picture = self.dana.client.screenshot().await.expect("a picture");
                std::fs::write(folder.join(format!("line-{state}-{size}.png")), picture).expect("written");
            }
        }
    }
}

async fn seed(backstop: &Backstop) {
    let store = backstop.server.store();
    let mut batch = store.batch().await.expect("a batch");
    for (caller, hours, outcome, details) in [
        (
            "2125550142",
            27,
            "farewell",
            &[
                (SlotName::Need, "Water heater leaks onto the basement floor"),
                (SlotName::Name, "Rosa Delgado"),
                (SlotName::Address, "48 Linden Street, Hoboken"),
                (SlotName::PreferredTime, "after four"),
            ][..],
        ),
        ("7185550119", 3, "cancelled", &[]),
        ("6465550188", 2, "answered", &[]),
        ("withheld", 1, "voicemail", &[]),
    ] {
        let id = CallId(uuid::Uuid::now_v7());
        let start = CallStart {
            id,
            started_at: Timestamp::now() - SignedDuration::from_hours(hours),
            caller: PhoneNumber::parse(caller, "US").ok(),
            called: "+12125550100".into(),
            prompt_hash: "abc".into(),
            profile: "scripted".into(),
            outgoing: false,
            returns: None,
        };
        batch.begin_call(&start).await.expect("begun");
        batch.rang(id, "dana").await.expect("kept");
        for (name, value) in details {
            let slot = Slot { name: *name, value: (*value).to_owned(), evidence: Evidence::CallerId, confirmed: false };
            batch.save_slot(id, &slot).await.expect("kept");
        }
        let lasted = if outcome == "cancelled" { 0 } else { 95 };
        let end = CallEnd {
            id,
            ended_at: start.started_at + SignedDuration::from_secs(lasted),
            duration: Duration::from_secs(lasted.unsigned_abs()),
            outcome: outcome.to_owned(),
            recording: None,
            counters: json!({}),
            text: None,
            notice: None,
        };
        batch.finish_call(&end).await.expect("kept");
    }
    batch.commit().await.expect("kept");
}

#[test]
fn every_state_of_the_page_is_open_to_everybody() {
    run(async {
        let backstop = backstop(SHOP, &[]).await;
        seed(&backstop).await;
        let dana = Chromium::playing(BROWSERS_TONE).await;
        let mut looker = Looker::new(&dana);
        dana.client.goto(backstop.server.page().expect("a page").address()).await.expect("opens");
        looker.look("sign-in").await;
        // As somebody's browser would be, who has allowed them.
        dana.devtools("Browser.grantPermissions", json!({ "permissions": ["notifications", "audioCapture"] })).await;
        dana.sign_in(&backstop, "dana").await;
        dana.wait_until("document.querySelectorAll('#recent-list li').length > 2").await;
        looker.look("away").await;
        dana.click("available").await;
        is_available(&backstop, "dana").await;
        dana.wait_for_text("Calls ring here, as long").await;
        looker.look("idle").await;

        let mut caller = Phone::new(CALLER, 600.0, 30.0, &["--loop", "--display", "DELGADO ROSA"]).await;
        let mut notices = backstop.server.watch();
        caller.dial(&backstop, "+12125550100").await;
        ringing_from(&mut notices, CALLER).await;
        dana.wait_for_text("One earlier call").await;
        looker.look("ringing").await;
        dana.devtools("Emulation.setEmulatedMedia", dark()).await;
        looker.look("ringing-dark").await;
        dana.devtools("Emulation.setEmulatedMedia", json!({ "features": [] })).await;
        dana.click("answer").await;
        dana.wait_for_state("talking").await;
        dana.wait_until("!document.getElementById('quality').hidden").await;
        looker.look("talking").await;
        dana.click("keypad").await;
        looker.look("keypad").await;
        dana.click("keypad").await;
        dana.click("transfer").await;
        dana.wait_until("document.querySelector('[data-testid=transfer-to-eli]')").await;
        looker.look("transfer").await;
        dana.client.execute("document.getElementById('transfer-dialog').close()", vec![]).await.expect("closed");
        dana.click("hold").await;
        dana.wait_for_state("held").await;
        looker.look("held").await;

        // Another device of hers sees that she talks.
        let talking = dana.client.window().await.expect("a window");
        let other = dana.client.new_window(false).await.expect("a window").handle;
        dana.client.switch_to_window(other).await.expect("there");
        dana.client.goto(backstop.server.page().expect("a page").address()).await.expect("opens");
        dana.wait_for_text("You are in a call on another device").await;
        looker.look("elsewhere").await;
        dana.client.close_window().await.expect("closed");
        dana.client.switch_to_window(talking).await.expect("there");

        // Somebody waits in line meanwhile.
        let mut second = crate::queue::caller(SECOND).await;
        second.dial(&backstop, "+12125550101").await;
        dana.wait_for_text("1 waits").await;
        looker.look("queue").await;
        second.peer.order("hangup").await;
        dana.click("end").await;
        caller.peer.wait_for("ended").await;
        dana.wait_for_state("idle").await;

        // The microphone is refused.
        let refuse =
            "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))";
        dana.client.execute(refuse, vec![]).await.expect("refused");
        dana.click("check").await;
        dana.wait_until("document.getElementById('verdict').dataset.verdict === 'bad'").await;
        looker.look("microphone").await;
        dana.client.refresh().await.expect("loaded anew");
        dana.wait_for_state("idle").await;

        // No sound gets through.
        let block = "RTCPeerConnection.prototype.setRemoteDescription = async () => {}";
        dana.client.execute(block, vec![]).await.expect("blocked");
        caller.dial(&backstop, "+12125550100").await;
        dana.click("answer").await;
        dana.wait_for_text("No sound gets through").await;
        looker.look("blocked").await;
        caller.peer.order("hangup").await;
        caller.peer.wait_for("ended").await;
        assert!(looker.faults.is_empty(), "{:#?}", looker.faults);
        drop(dana);
        backstop.finish().await;
    });
}

fn dark() -> Value {
    json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] })
}
