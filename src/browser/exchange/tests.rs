//! Scripts: what pages and the router do, and what the exchange tells them.

use super::{Attempt, CallKey, Exchange, Input, Output, PageId};
use crate::browser::message::{FromPage, Ring, RingKind, RingOver, ToPage};
use crate::routing::PersonId;
use expect_test::{Expect, expect};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

const CALL: CallKey = CallKey(1);

/// An exchange, and all that it put out since the last look.
struct Driver {
    exchange: Exchange,
    start: Instant,
    now: Instant,
    told: String,
}

fn person(name: &str) -> PersonId {
    PersonId(name.to_owned())
}

fn ring(auto: bool) -> Ring {
    Ring {
        call: "c1".to_owned(),
        kind: if auto { RingKind::Test } else { RingKind::Incoming },
        number: None,
        name: None,
        vip: false,
        called: String::new(),
        plan: "smart".to_owned(),
        step: "ring".to_owned(),
        left_ms: 10_000,
        auto,
    }
}

impl Driver {
    fn new() -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test begins somewhere")]
        let start = Instant::now();
        let exchange = Exchange::new(Duration::from_secs(15), [person("dana")]);
        Self { exchange, start, now: start, told: String::new() }
    }

    fn input(&mut self, input: Input) -> &mut Self {
        self.exchange.handle_input(self.now, input);
        self.drain();
        self
    }

    fn drain(&mut self) {
        while let Some(output) = self.exchange.poll_output() {
            let at = (self.now - self.start).as_millis();
            let words = match output {
                Output::Tell(PageId(page), message) => format!("page {page} hears {}", in_short(&message)),
                other => format!("{other:?}"),
            };
            writeln!(self.told, "{at} {words}").expect("a string takes all");
        }
    }

    fn pass(&mut self, ms: u64) -> &mut Self {
        let until = self.now + Duration::from_millis(ms);
        while let Some(due) = self.exchange.poll_timeout().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            self.input(Input::Tick);
        }
        self.now = until;
        self
    }

    fn open(&mut self, page: u64, name: &str) -> &mut Self {
        self.input(Input::Opened(PageId(page), person(name)))
    }

    fn say(&mut self, page: u64, json: &str) -> &mut Self {
        let message: FromPage = serde_json::from_str(json).expect("a message");
        self.input(Input::Said(PageId(page), message))
    }

    fn rung(&mut self) -> &mut Self {
        self.input(Input::Rung { key: CALL, person: person("dana"), ring: ring(false), only: None })
    }

    /// Page 1 has answered, and its media work.
    fn talking(&mut self) -> &mut Self {
        self.open(1, "dana").rung().say(1, r#"{"type":"answer","call":"c1","sdp":"o"}"#);
        self.input(Input::Agreed(CALL, Attempt(1), "a".to_owned())).input(Input::Connected(CALL, Attempt(1)));
        self.input(Input::Up(CALL));
        self.told.clear();
        self
    }

    fn check(&mut self, expected: &Expect) -> &mut Self {
        expected.assert_eq(&std::mem::take(&mut self.told));
        self
    }
}

fn in_short(message: &ToPage) -> String {
    let json = serde_json::to_value(message).expect("JSON");
    let mut words = json["type"].as_str().expect("a type").to_owned();
    for member in ["call", "sdp", "why", "by", "held", "elsewhere", "since_ms", "left_ms", "text"] {
        match &json[member] {
            serde_json::Value::Null => {}
            value => write!(words, " {member}={value}").expect("a string takes all"),
        }
    }
    words
}

#[test]
fn all_pages_ring_one_answers_and_the_others_hear_who() {
    Driver::new()
        .open(1, "dana")
        .open(2, "dana")
        .open(3, "eli")
        .rung()
        .say(2, r#"{"type":"answer","call":"c1","sdp":"offer"}"#)
        .say(1, r#"{"type":"answer","call":"c1","sdp":"too late"}"#)
        .input(Input::Agreed(CALL, Attempt(1), "answer".to_owned()))
        .pass(80)
        .input(Input::Connected(CALL, Attempt(1)))
        .input(Input::Up(CALL))
        .say(1, r#"{"type":"end","call":"c1"}"#)
        .say(2, r#"{"type":"end","call":"c1"}"#)
        .check(&expect![[r#"
            0 Greet(PageId(1))
            0 Greet(PageId(2))
            0 Greet(PageId(3))
            0 page 1 hears ring call="c1" left_ms=10000
            0 page 2 hears ring call="c1" left_ms=10000
            0 Connect(CallKey(1), Attempt(1), "offer")
            0 page 1 hears ring_over call="c1" why="answered_elsewhere" by="dana"
            0 page 2 hears answered call="c1" sdp="answer"
            80 Leg(CallKey(1), Answered)
            80 page 1 hears ring_over call="c1" why="answered_elsewhere" by="dana"
            80 page 2 hears up call="c1"
            80 Leg(CallKey(1), HungUp)
            80 page 1 hears over call="c1" why="you ended it"
            80 page 2 hears over call="c1" why="you ended it"
            80 Disconnect(CallKey(1))
        "#]]);
}

#[test]
fn a_person_is_reachable_with_a_page_open_while_available_and_not_talking() {
    let mut driver = Driver::new();
    let dana = person("dana");
    assert!(!driver.exchange.is_reachable(&dana));
    driver.open(1, "dana");
    assert!(driver.exchange.is_reachable(&dana));
    driver.say(1, r#"{"type":"available","available":false}"#);
    assert!(!driver.exchange.is_reachable(&dana));
    driver.say(1, r#"{"type":"available","available":true}"#).input(Input::Closed(PageId(1)));
    assert!(driver.exchange.is_reachable(&dana), "a page that is reloaded is back soon");
    driver.pass(1_499);
    assert!(driver.exchange.is_reachable(&dana));
    driver.pass(1);
    assert!(!driver.exchange.is_reachable(&dana));
    driver.talking();
    assert!(!driver.exchange.is_reachable(&dana) && driver.exchange.is_open(&dana));
}

#[test]
fn the_call_goes_on_elsewhere_when_the_last_page_is_closed_and_not_when_it_is_reloaded() {
    Driver::new()
        .open(1, "dana")
        .rung()
        .input(Input::Closed(PageId(1)))
        .pass(300)
        .open(2, "dana")
        .pass(2_000)
        .input(Input::Closed(PageId(2)))
        .pass(1_600)
        .check(&expect![[r#"
            0 Greet(PageId(1))
            0 page 1 hears ring call="c1" left_ms=10000
            300 Greet(PageId(2))
            300 page 2 hears ring call="c1" left_ms=9700
            3800 Leg(CallKey(1), Gone)
            3800 Disconnect(CallKey(1))
        "#]]);
}

#[test]
fn declining_is_for_all_pages_of_the_person_and_for_nobody_elses() {
    Driver::new()
        .open(1, "dana")
        .open(2, "dana")
        .open(3, "eli")
        .rung()
        .say(3, r#"{"type":"decline","call":"c1"}"#)
        .say(3, r#"{"type":"answer","call":"c1","sdp":"o"}"#)
        .say(1, r#"{"type":"decline","call":"c1"}"#)
        .check(&expect![[r#"
            0 Greet(PageId(1))
            0 Greet(PageId(2))
            0 Greet(PageId(3))
            0 page 1 hears ring call="c1" left_ms=10000
            0 page 2 hears ring call="c1" left_ms=10000
            0 page 3 hears problem call="c1" text="This call is over."
            0 page 3 hears problem call="c1" text="This call is over."
            0 page 2 hears ring_over call="c1" why="declined"
            0 Leg(CallKey(1), Declined)
            0 Disconnect(CallKey(1))
        "#]]);
}

#[test]
fn without_sound_the_call_rings_on_and_another_page_may_answer() {
    Driver::new()
        .open(1, "dana")
        .open(2, "dana")
        .rung()
        .say(1, r#"{"type":"answer","call":"c1","sdp":"blocked"}"#)
        .input(Input::Agreed(CALL, Attempt(1), "a".to_owned()))
        .pass(5_000)
        .input(Input::Connected(CALL, Attempt(1)))
        .say(2, r#"{"type":"answer","call":"c1","sdp":"open"}"#)
        .input(Input::Refused(CALL, Attempt(3), "no PCMU".to_owned()))
        .input(Input::Stopped(CALL, RingOver::Timeout, None))
        .check(&expect![[r#"
            0 Greet(PageId(1))
            0 Greet(PageId(2))
            0 page 1 hears ring call="c1" left_ms=10000
            0 page 2 hears ring call="c1" left_ms=10000
            0 Connect(CallKey(1), Attempt(1), "blocked")
            0 page 1 hears answered call="c1" sdp="a"
            5000 page 1 hears ring_over call="c1" why="no_media"
            5000 Connect(CallKey(1), Attempt(3), "open")
            5000 page 2 hears problem call="c1" text="no PCMU"
            5000 page 1 hears ring_over call="c1" why="timeout"
            5000 page 2 hears ring_over call="c1" why="timeout"
            5000 Disconnect(CallKey(1))
        "#]]);
}

#[test]
fn a_page_that_is_reloaded_in_mid_call_has_it_again_and_the_caller_hears_music_meanwhile() {
    Driver::new()
        .talking()
        .pass(1_000)
        .input(Input::Closed(PageId(1)))
        .pass(3_000)
        .open(2, "dana")
        .say(2, r#"{"type":"rejoin","call":"c1","sdp":"again"}"#)
        .input(Input::Agreed(CALL, Attempt(2), "b".to_owned()))
        .input(Input::Connected(CALL, Attempt(2)))
        .pass(20_000)
        .check(&expect![[r#"
            3000 Leg(CallKey(1), Held(true))
            4000 Greet(PageId(2))
            4000 page 2 hears talking call="c1" held=false elsewhere=false since_ms=4000 left_ms=0
            4000 Connect(CallKey(1), Attempt(2), "again")
            4000 page 2 hears answered call="c1" sdp="b"
            4000 Leg(CallKey(1), Held(false))
            4000 page 2 hears up call="c1"
        "#]]);
}

#[test]
fn a_page_that_does_not_come_back_loses_the_call() {
    Driver::new().talking().input(Input::Closed(PageId(1))).pass(15_000).check(&expect![[r"
            2000 Leg(CallKey(1), Held(true))
            15000 Leg(CallKey(1), Lost)
            15000 Disconnect(CallKey(1))
        "]]);
}

#[test]
fn a_call_on_hold_stays_so_over_a_reload_and_may_be_taken_over_on_another_device() {
    Driver::new()
        .talking()
        .say(1, r#"{"type":"hold","call":"c1","held":true}"#)
        .open(2, "dana")
        .say(2, r#"{"type":"key","call":"c1","key":"5"}"#)
        .say(2, r#"{"type":"rejoin","call":"c1","sdp":"here"}"#)
        .input(Input::Connected(CALL, Attempt(2)))
        .say(1, r#"{"type":"end","call":"c1"}"#)
        .say(2, r#"{"type":"key","call":"c1","key":"5"}"#)
        .say(2, r#"{"type":"key","call":"c1","key":"x"}"#)
        .say(2, r#"{"type":"hold","call":"c1","held":false}"#)
        .say(2, r#"{"type":"transfer","call":"c1","to":"eli"}"#)
        .input(Input::Over(CALL, "passed on to eli".to_owned()))
        .check(&expect![[r#"
            0 Leg(CallKey(1), Held(true))
            0 page 1 hears held call="c1" held=true
            0 Greet(PageId(2))
            0 page 2 hears talking call="c1" held=true elsewhere=true since_ms=0 left_ms=0
            0 page 1 hears over call="c1" why="taken over on another device"
            0 Connect(CallKey(1), Attempt(2), "here")
            0 page 2 hears up call="c1"
            0 page 2 hears held call="c1" held=true
            0 Leg(CallKey(1), Key('5'))
            0 Leg(CallKey(1), Held(false))
            0 page 2 hears held call="c1" held=false
            0 Leg(CallKey(1), Transfer("eli"))
            0 page 1 hears over call="c1" why="passed on to eli"
            0 page 2 hears over call="c1" why="passed on to eli"
            0 Disconnect(CallKey(1))
        "#]]);
}

#[test]
fn a_call_that_one_page_asked_for_rings_there_alone_and_goes_with_it() {
    let rung = |driver: &mut Driver| {
        let only = Some(PageId(1));
        driver.input(Input::Rung { key: CALL, person: person("dana"), ring: ring(true), only });
    };
    let mut driver = Driver::new();
    driver.open(1, "dana").open(2, "dana").say(1, r#"{"type":"test_call"}"#);
    rung(&mut driver);
    driver.say(2, r#"{"type":"answer","call":"c1","sdp":"o"}"#).input(Input::Closed(PageId(1))).check(&expect![[r#"
        0 Greet(PageId(1))
        0 Greet(PageId(2))
        0 Wish(PageId(1), PersonId("dana"), TestCall)
        0 page 1 hears ring call="c1" left_ms=10000
        0 Leg(CallKey(1), Gone)
        0 Disconnect(CallKey(1))
    "#]]);
}

#[test]
fn a_lost_socket_with_working_media_takes_the_call_up_without_new_ones() {
    Driver::new()
        .talking()
        .input(Input::Asked(CALL, "Press 1.".to_owned()))
        .input(Input::Closed(PageId(1)))
        .pass(500)
        .open(2, "dana")
        .say(2, r#"{"type":"rejoin","call":"c1"}"#)
        .pass(20_000)
        .check(&expect![[r#"
            0 page 1 hears ask call="c1" text="Press 1."
            500 Greet(PageId(2))
            500 page 2 hears talking call="c1" held=false elsewhere=false since_ms=500 left_ms=0
            500 page 2 hears up call="c1"
            500 page 2 hears ask call="c1" text="Press 1."
        "#]]);
}

#[test]
fn sixteen_pages_are_enough() {
    let mut driver = Driver::new();
    for page in 1..=17 {
        driver.open(page, "dana");
    }
    assert!(driver.told.contains("Close(PageId(1))") && !driver.told.contains("Close(PageId(2))"), "{}", driver.told);
}
