//! The page against a real service: who gets in, who doesn't, and what floods and nonsense do.

mod flood;
mod tls;
pub(crate) mod visitor;

use crate::harness::{self, Backstop, PATIENCE, run, scripted};
use backstop::config::{Config, Web};
use backstop::id::CallId;
use backstop::lead::{Evidence, Slot, SlotName};
use backstop::phone::PhoneNumber;
use backstop::routing::{Person, PersonId};
use backstop::store::{CallStart, LoginName, Role, User};
use backstop::web::hash_password;
use jiff::Timestamp;
use reqwest::{Method, StatusCode};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use visitor::{Line, PASSWORD, Visitor};

const SCRIPT: &str = "<script>alert('\"')</script>";
const SIGNED_OUT: u16 = 4401;

fn page(config: &mut Config) {
    let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.web = Some(Web { bind: loopback, ..Web::default() });
    config.browser.bind = loopback;
    config.routing.directory.people = ["dana", "eli", SCRIPT].map(person).to_vec();
}

fn person(name: &str) -> Person {
    Person { id: PersonId(name.to_owned()), browser: true, phone: None, cell: None }
}

/// A service with dana, an owner, and eli, an agent.
async fn with_users() -> Backstop {
    let backstop = scripted(&[], page).await;
    add(&backstop, "dana", "dana", Role::Owner).await;
    add(&backstop, "eli", "eli", Role::Agent).await;
    backstop
}

pub(crate) async fn add(backstop: &Backstop, name: &str, person: &str, role: Role) {
    let user = User {
        name: LoginName::parse(name).expect("a name"),
        person: person.to_owned(),
        role,
        created_at: Timestamp::now(),
    };
    assert!(backstop.server.store().add_user(&user, &hash_password(PASSWORD)).await.expect("the database answers"));
}

#[test]
fn nothing_is_given_to_strangers() {
    run(async {
        let backstop = with_users().await;
        let mut stranger = Visitor::new(&backstop);
        let paths = [
            (Method::GET, "/sign-in", 200),
            (Method::GET, "/assets/sign_in.css", 200),
            (Method::GET, "/assets/icon.svg", 200),
            (Method::GET, "/", 303),
            (Method::HEAD, "/", 303),
            (Method::GET, "/nothing", 303),
            (Method::GET, "/sign-out", 303),
            (Method::GET, "/welcome", 303),
            (Method::GET, "/welcome/nothing", 404),
            (Method::GET, "/assets/line.js", 401),
            (Method::GET, "/assets/line.css", 401),
            (Method::GET, "/assets/line.webmanifest", 401),
            (Method::GET, "/assets/nothing", 401),
            (Method::GET, "/assets/../line.js", 401),
            (Method::GET, "/assets/%2e%2e/sign_in.css", 401),
            (Method::GET, "/recent.json", 401),
            (Method::GET, "/recent.json?of=everyone", 401),
            (Method::GET, "/line", 401),
            (Method::POST, "/", 401),
            (Method::POST, "/sign-out", 401),
            (Method::PUT, "/sign-in", 405),
            (Method::DELETE, "/recent.json", 401),
            (Method::OPTIONS, "/line", 401),
        ];
        let forged = ["", "x", "00", &"0".repeat(64), &"f".repeat(64), "\u{22}\u{22}"];
        for cookie in forged {
            for (method, path, status) in &paths {
                // What a client would shorten is sent as it is.
                stranger.cookies = [("backstop_sign_in".to_owned(), cookie.to_owned())].into();
                if path.contains("..") || path.contains("%2e") {
                    assert_eq!(raw_status(&backstop, path).await, *status, "{path}");
                    continue;
                }
                let request = stranger.request(method.clone(), path);
                let answer = stranger.send(request).await;
                assert_eq!(answer.status.as_u16(), *status, "{method} {path} with {cookie}");
                if *status == 303 {
                    assert_eq!(answer.header("location"), "/sign-in");
                }
                for (name, part) in [
                    ("content-security-policy", "default-src 'none'; script-src 'self'"),
                    ("content-security-policy", "frame-ancestors 'none'; base-uri 'none'"),
                    ("x-content-type-options", "nosniff"),
                    ("referrer-policy", "same-origin"),
                    ("permissions-policy", "microphone=(self)"),
                    (
                        "cache-control",
                        if path.starts_with("/assets/") && *status == 200 { "no-cache" } else { "no-store" },
                    ),
                ] {
                    assert!(answer.header(name).contains(part), "{method} {path}: {name}: {}", answer.header(name));
                }
                assert_eq!(answer.header("strict-transport-security"), "", "not over plain http");
            }
        }
        backstop.finish().await;
    });
}

async fn raw_status(backstop: &Backstop, path: &str) -> u16 {
    let address = backstop.server.web_address().expect("a page");
    let mut stream = TcpStream::connect(address).await.expect("listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("an answer");
    text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status")
}

#[test]
fn the_first_link_makes_one_owner() {
    run(async {
        let backstop = scripted(&[], page).await;
        let link = backstop.server.page().and_then(|page| page.first_link()).expect("a link").to_owned();
        let mut dana = Visitor::new(&backstop);
        let path = link.strip_prefix(dana.base()).expect("of the page").to_owned();
        let asked = dana.get(&path).await;
        assert_eq!(asked.status, StatusCode::OK);
        assert!(asked.text.contains("dana") && asked.text.contains("&lt;script&gt;alert("), "{}", asked.text);
        assert!(!asked.text.contains("<script>alert"), "{}", asked.text);
        let csrf = asked.csrf();
        for (name, password, person, given, status, words) in [
            ("dana", PASSWORD, "dana", "", 403, "Try again"),
            ("dana", "short", "dana", &csrf, 400, "10 characters"),
            ("dana", "aaaaaaaaaaaa", "dana", &csrf, 400, "easy to guess"),
            (SCRIPT, PASSWORD, "dana", &csrf, 400, "Choose another name"),
            ("dana", PASSWORD, "mallory", &csrf, 400, "from the list"),
        ] {
            let form = [("name", name), ("password", password), ("person", person), ("csrf", given)];
            let answer = dana.post(&path, &form).await;
            assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
            assert!(answer.text.contains(words) && !answer.text.contains("<script>alert"), "{}", answer.text);
        }
        let mistyped = [("name", "dana"), ("password", PASSWORD), ("again", "x"), ("person", "dana"), ("csrf", &csrf)];
        let answer = dana.post(&path, &mistyped).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.text.contains("Type the same one twice"), "{}", answer.text);
        let form = [("name", "Dana"), ("password", PASSWORD), ("person", "dana"), ("csrf", &csrf)];
        let entered = dana.post(&path, &form).await;
        assert_eq!((entered.status, entered.header("location")), (StatusCode::SEE_OTHER, "/"));
        let own = dana.get("/").await;
        assert!(own.text.contains("dana") && own.text.contains("owner"), "{}", own.text);

        let mut late = Visitor::new(&backstop);
        assert_eq!(late.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(late.post(&path, &form).await.status, StatusCode::NOT_FOUND);
        assert_eq!(backstop.server.store().users().await.expect("the database answers").len(), 1);
        let backstop = backstop.restarted(&[], page).await;
        assert_eq!(backstop.server.page().and_then(|page| page.first_link()), None);
        Visitor::new(&backstop).signs_in("DANA").await;
        backstop.finish().await;
    });
}

#[test]
fn signing_out_kills_the_cookie_and_its_pages_only() {
    run(async {
        let backstop = with_users().await;
        let (mut here, mut elsewhere) = (Visitor::new(&backstop), Visitor::new(&backstop));
        here.signs_in("dana").await;
        elsewhere.signs_in("dana").await;
        assert_eq!(here.get("/sign-in").await.header("location"), "/", "signed in already");
        let (mut one, mut two, mut other) = (here.line().await, here.line().await, elsewhere.line().await);
        one.is_open().await;
        let csrf = here.get("/").await.csrf();
        let foreign = elsewhere.get("/").await.csrf();
        for wrong in [vec![], vec![("csrf", "")], vec![("csrf", foreign.as_str())], vec![("csrf", &csrf[1..])]] {
            assert_eq!(here.post("/sign-out", &wrong).await.status, StatusCode::FORBIDDEN, "{wrong:?}");
        }
        let crossing = here.request(Method::POST, "/sign-out").header("origin", "http://evil.example");
        assert_eq!(here.send(crossing.form(&[("csrf", &csrf)])).await.status, StatusCode::FORBIDDEN);
        one.is_open().await;

        let kept = here.cookies.clone();
        let by_header = here.request(Method::POST, "/sign-out").header("x-csrf-token", &csrf);
        let out = here.send(by_header).await;
        assert_eq!((out.status, out.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
        assert_eq!((one.closed().await, two.closed().await), (SIGNED_OUT, SIGNED_OUT));
        assert!(!here.cookies.contains_key("backstop_sign_in"));
        here.cookies = kept;
        assert_eq!(here.get("/recent.json").await.status, StatusCode::UNAUTHORIZED, "a kept cookie is dead");
        assert_eq!(here.connect(Some(here.base())).await.err(), Some(401));
        other.is_open().await;
        assert_eq!(elsewhere.get("/recent.json").await.status, StatusCode::OK);
        backstop.finish().await;
    });
}

#[test]
fn each_sign_in_is_a_new_one() {
    run(async {
        let backstop = with_users().await;
        let mut dana = Visitor::new(&backstop);
        // A token that somebody planted is not taken on.
        dana.cookies.insert("backstop_sign_in".to_owned(), "ab".repeat(32));
        dana.signs_in("dana").await;
        let first = dana.cookies["backstop_sign_in"].clone();
        assert_ne!(first, "ab".repeat(32));
        let page = dana.get("/").await;
        assert!(page.header("set-cookie").contains(&format!("{first}; ")), "each use lets the cookie last longer");
        assert!(page.header("set-cookie").contains("Max-Age=1209600"));
        let csrf = page.csrf();
        let mut form = Visitor::new(&backstop);
        let form_csrf = form.get("/sign-in").await.csrf();
        form.cookies.insert("backstop_sign_in".to_owned(), first.clone());
        let fields = [("name", "dana"), ("password", PASSWORD), ("csrf", form_csrf.as_str())];
        assert_eq!(form.post("/sign-in", &fields).await.status, StatusCode::SEE_OTHER);
        assert_ne!(form.cookies["backstop_sign_in"], first);
        assert_eq!(dana.get("/recent.json").await.status, StatusCode::UNAUTHORIZED, "the one before has ended");
        for wrong in ["", &csrf, &form_csrf[1..]] {
            let fields = [("name", "dana"), ("password", PASSWORD), ("csrf", wrong)];
            assert_eq!(form.post("/sign-in", &fields).await.status, StatusCode::FORBIDDEN);
        }
        let crossing = form.request(Method::POST, "/sign-in").header("origin", "null").form(&fields);
        assert_eq!(form.send(crossing).await.status, StatusCode::FORBIDDEN);
        backstop.finish().await;
    });
}

#[test]
fn a_websocket_is_for_our_page_and_the_signed_in() {
    run(async {
        let backstop = with_users().await;
        let mut eli = Visitor::new(&backstop);
        let base = eli.base().to_owned();
        assert_eq!(eli.connect(Some(&base)).await.err(), Some(401));
        eli.signs_in("eli").await;
        let foreign =
            ["http://evil.example", "null", "", "file://", &base.replace("http", "https"), &format!("{base}0")];
        for origin in foreign {
            assert_eq!(eli.connect(Some(origin)).await.err(), Some(403), "{origin}");
        }
        assert_eq!(eli.connect(None).await.err(), Some(403));
        eli.line().await.is_open().await;
        backstop.finish().await;
    });
}

#[test]
fn behind_a_proxy_the_public_address_counts() {
    run(async {
        let backstop = scripted(&[], |config| {
            page(config);
            let web = config.web.as_mut().expect("a page");
            web.public_url = Some("https://phone.example.com".parse().expect("an address"));
        })
        .await;
        add(&backstop, "dana", "dana", Role::Owner).await;
        let mut dana = Visitor::new(&backstop);
        dana.signs_in("dana").await;
        let names: Vec<_> = dana.cookies.keys().map(String::as_str).collect();
        assert_eq!(names, ["__Host-backstop_form", "__Host-backstop_sign_in"]);
        assert_eq!(dana.get("/").await.header("strict-transport-security"), "max-age=31536000");
        dana.line().await.is_open().await;
        assert_eq!(dana.connect(Some("http://phone.example.com")).await.err(), Some(403));
        // Everybody comes from the proxy's address: whom it names waits, and nobody else.
        let guess = async |from: &'static str, password: &'static str| {
            let mut visitor = Visitor::new(&backstop);
            let csrf = visitor.get("/sign-in").await.csrf();
            let form = [("name", "dana"), ("password", password), ("csrf", &csrf)];
            let request = visitor.request(Method::POST, "/sign-in").header("x-forwarded-for", from).form(&form);
            visitor.send(request).await.status.as_u16()
        };
        let mut wrong = Vec::new();
        for _ in 0..4 {
            wrong.push(guess("203.0.113.7", "whatever it is").await);
        }
        assert_eq!(wrong, [401; 4]);
        assert_eq!(guess("198.51.100.9", PASSWORD).await, 303, "the right one frees the name");
        assert_eq!(guess("203.0.113.7", "whatever it is").await, 401);
        assert_eq!(
            guess("10.0.0.1, 203.0.113.7", PASSWORD).await,
            429,
            "what the proxy did not see itself is not believed"
        );
        backstop.finish().await;
    });
}

#[test]
fn nonsense_closes_its_own_page_only() {
    run(async {
        let backstop = with_users().await;
        let mut eli = Visitor::new(&backstop);
        eli.signs_in("eli").await;
        let mut bystander = eli.line().await;
        let long = "x".repeat(40_000);
        for (message, code) in [
            (Message::text(long.clone()), 1009),
            (Message::binary(vec![0; 4]), 1003),
            (Message::binary(vec![0; 40_000]), 1009),
        ] {
            let mut line = eli.line().await;
            line.say(message).await;
            assert_eq!(line.closed().await, code);
        }
        let mut flooding = eli.line().await;
        for _ in 0..1_000 {
            flooding.say(Message::text("{}")).await;
        }
        assert_eq!(flooding.closed().await, 1008);
        for text in
            ["", "{", "null", "[]", "{\"type\":\"nothing\"}", "{\"type\":\"answer\"}", "\u{0}", &"[".repeat(30_000)]
        {
            bystander.say(Message::text(text)).await;
        }
        bystander.is_open().await;

        let large = vec![("name", "eli"), ("password", &long), ("csrf", "")];
        assert_eq!(eli.post("/sign-in", &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
        let posts: [(&str, &str, u16); 5] = [
            ("application/x-www-form-urlencoded", "", 422),
            ("application/x-www-form-urlencoded", "%%%&&&=", 422),
            ("application/json", "{}", 415),
            ("multipart/form-data", "x", 415),
            ("text/plain", "name=eli", 415),
        ];
        for (kind, body, status) in posts {
            let request = eli.request(Method::POST, "/sign-in").header("content-type", kind).body(body);
            assert_eq!(eli.send(request).await.status.as_u16(), status, "{kind} {body}");
        }
        assert_eq!(eli.get("/recent.json?of=nobody").await.status, StatusCode::BAD_REQUEST);
        bystander.is_open().await;
        backstop.finish().await;
    });
}

#[test]
fn a_page_that_falls_silent_is_gone() {
    run(async {
        let backstop = with_users().await;
        let mut eli = Visitor::new(&backstop);
        eli.signs_in("eli").await;
        let address = backstop.server.web_address().expect("a page");
        let mut stream = TcpStream::connect(address).await.expect("listens");
        let request = format!(
            "GET /line HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\ncookie: backstop_sign_in={}\r\n\r\n",
            eli.cookies["backstop_sign_in"]
        );
        stream.write_all(request.as_bytes()).await.expect("sent");
        // Pings come, and nobody answers them.
        let mut received = Vec::new();
        let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut received)).await.expect("in time");
        assert!(received.starts_with(b"HTTP/1.1 101") || ended.is_err(), "{}", String::from_utf8_lossy(&received));
        backstop.finish().await;
    });
}

#[test]
fn a_removed_user_and_a_changed_password_close_pages() {
    run(async {
        let backstop = with_users().await;
        let (mut dana, mut eli) = (Visitor::new(&backstop), Visitor::new(&backstop));
        dana.signs_in("dana").await;
        eli.signs_in("eli").await;
        let (mut danas, mut elis): (Line, Line) = (dana.line().await, eli.line().await);
        let (store, name) = (backstop.server.store(), |name| LoginName::parse(name).expect("a name"));
        assert!(store.remove_user(&name("eli")).await.expect("the database answers"));
        assert!(store.set_password(&name("dana"), &hash_password("another password")).await.expect("it answers"));
        // Both are read meanwhile: a page that answers no ping is gone for that.
        assert_eq!(tokio::join!(danas.closed(), elis.closed()), (SIGNED_OUT, SIGNED_OUT));
        assert_eq!(dana.get("/").await.header("location"), "/sign-in");
        assert_eq!(eli.get("/").await.header("location"), "/sign-in");
        backstop.finish().await;
    });
}

#[test]
fn owners_see_all_calls_and_agents_their_own() {
    run(async {
        let backstop = with_users().await;
        let store = backstop.server.store();
        let call = |caller: &str| CallStart {
            id: CallId(uuid::Uuid::now_v7()),
            started_at: "2026-11-26T12:00:00Z".parse().expect("a time"),
            caller: PhoneNumber::parse(caller, "US").ok(),
            called: "+12125550100".into(),
            prompt_hash: "abc".into(),
            profile: "scripted".into(),
            outgoing: false,
            returns: None,
        };
        let (danas, elis) = (call("2125550142"), call("withheld"));
        let mut batch = store.batch().await.expect("a batch");
        for call in [&danas, &elis] {
            batch.begin_call(call).await.expect("begun");
        }
        let slot =
            |name, value: &str| Slot { name, value: value.into(), evidence: Evidence::CallerId, confirmed: false };
        batch.save_slot(danas.id, &slot(SlotName::Name, SCRIPT)).await.expect("kept");
        batch.took(danas.id, "dana").await.expect("kept");
        batch.rang(elis.id, "eli").await.expect("kept");
        batch.commit().await.expect("kept");

        let (mut dana, mut eli) = (Visitor::new(&backstop), Visitor::new(&backstop));
        dana.signs_in("dana").await;
        eli.signs_in("eli").await;
        let mine = dana.get("/recent.json").await;
        assert_eq!((mine.header("content-type"), mine.header("cache-control")), ("application/json", "no-store"));
        let expected = serde_json::json!({"calls": [{
            "id": danas.id.to_string(), "at": "2026-11-26T12:00:00Z", "outgoing": false, "number": "(212) 555-0142",
            "name": SCRIPT, "need": null, "outcome": null, "took_by": "dana", "duration_ms": null,
            "lead": [{"name": "name", "value": SCRIPT}], "text": null,
        }]});
        assert_eq!(serde_json::from_str::<serde_json::Value>(&mine.text).expect("JSON"), expected);
        let of_eli = eli.get("/recent.json?of=me").await.text;
        assert!(of_eli.contains(&elis.id.to_string()) && of_eli.contains("\"number\":null"), "{of_eli}");
        assert!(!of_eli.contains(&danas.id.to_string()), "{of_eli}");
        assert_eq!(eli.get("/recent.json?of=everyone").await.status, StatusCode::FORBIDDEN);
        let all = dana.get("/recent.json?of=everyone").await.text;
        assert!(all.contains(&elis.id.to_string()) && all.contains(&danas.id.to_string()), "{all}");
        backstop.finish().await;
    });
}

#[test]
fn people_come_and_go_with_the_configuration() {
    run(async {
        let backstop = with_users().await;
        add(&backstop, "finn", "finn", Role::Agent).await;
        add(&backstop, "script", SCRIPT, Role::Agent).await;
        let mut finn = Visitor::new(&backstop);
        finn.signs_in("finn").await;
        let told = finn.get("/").await;
        assert_eq!(told.status, StatusCode::OK);
        assert!(told.text.contains("no [[person]] called &quot;finn&quot;"), "{}", told.text);
        let base = finn.base().to_owned();
        assert_eq!(finn.connect(Some(&base)).await.err(), Some(403));
        let mut config = backstop.config.clone();
        config.routing.directory.people.push(person("finn"));
        assert!(backstop.server.reconfigure(config.clone()));
        assert!(!finn.get("/").await.text.contains("[[person]]"));
        let mut line = finn.line().await;
        line.is_open().await;
        config.routing.directory.people.pop();
        backstop.server.reconfigure(config);
        assert_eq!(line.closed().await, SIGNED_OUT);

        let mut script = Visitor::new(&backstop);
        script.signs_in("script").await;
        let page = script.get("/").await.text;
        assert!(page.contains("&lt;script&gt;alert(") && !page.contains("<script>alert"), "{page}");
        let wrong = Visitor::new(&backstop).try_password(SCRIPT, "whatever it is").await;
        assert!(wrong.text.contains("&lt;script&gt;alert(") && !wrong.text.contains("<script>alert"), "{}", wrong.text);
        backstop.finish().await;
    });
}

#[test]
fn files_are_kept_by_the_browser_and_asked_for_again() {
    run(async {
        let backstop = with_users().await;
        let mut eli = Visitor::new(&backstop);
        eli.signs_in("eli").await;
        for (path, kind) in [
            ("/assets/line.js", "text/javascript; charset=utf-8"),
            ("/assets/line.css", "text/css; charset=utf-8"),
            ("/assets/icon.svg", "image/svg+xml"),
            ("/assets/line.webmanifest", "application/manifest+json"),
        ] {
            let first = eli.get(path).await;
            assert_eq!((first.status, first.header("content-type")), (StatusCode::OK, kind));
            let again = eli.request(Method::GET, path).header("if-none-match", first.header("etag"));
            let again = eli.send(again).await;
            assert_eq!((again.status, again.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
        }
        assert_eq!(eli.get("/assets/nothing").await.status, StatusCode::NOT_FOUND);
        assert_eq!(eli.get("/nothing").await.status, StatusCode::NOT_FOUND);
        backstop.finish().await;
    });
}

#[test]
fn the_end_of_the_service_is_told() {
    run(async {
        let backstop = with_users().await;
        let mut eli = Visitor::new(&backstop);
        eli.signs_in("eli").await;
        let mut line = eli.line().await;
        line.is_open().await;
        let address = backstop.server.web_address().expect("a page");
        let ((), code) = tokio::join!(backstop.finish(), line.closed());
        assert_eq!(code, 1001);
        assert!(TcpStream::connect(address).await.is_err(), "the port is free again");
    });
}
