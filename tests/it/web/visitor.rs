//! Somebody with a browser: keeps cookies, follows no redirect, and says which page asks.

use super::harness::{Backstop, PATIENCE};
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Method, RequestBuilder, Response, StatusCode, redirect};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct Visitor {
    http: reqwest::Client,
    base: String,
    /// What its browser shows as the page's address.
    origin: String,
    pub(crate) cookies: BTreeMap<String, String>,
}

/// An answer that has been read.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("letters"))
    }

    /// The hidden field of the page's form.
    pub(crate) fn csrf(&self) -> String {
        let (_, rest) = self.text.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().expect("a value").to_owned()
    }
}

impl Visitor {
    pub(crate) fn new(backstop: &Backstop) -> Self {
        Self::from(backstop, Ipv4Addr::LOCALHOST)
    }

    /// One whose address is this one, of the loopback network.
    pub(crate) fn from(backstop: &Backstop, address: Ipv4Addr) -> Self {
        let is_tls = backstop.config.web.as_ref().is_some_and(|web| web.tls.is_some());
        let address_of_page = backstop.server.web_address().expect("a page");
        let base = format!("{}://{address_of_page}", if is_tls { "https" } else { "http" });
        let origin = backstop.server.page().expect("a page").address().to_owned();
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .danger_accept_invalid_certs(true)
            .local_address(IpAddr::V4(address))
            .no_proxy()
            .timeout(PATIENCE);
        Self { http: http.build().expect("a client"), base, origin, cookies: BTreeMap::new() }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    fn cookie(&self) -> String {
        let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base)).header("cookie", self.cookie())
    }

    pub(crate) async fn send(&mut self, request: RequestBuilder) -> Answer {
        let answer = read(request.send().await.expect("an answer")).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("letters");
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a value");
            for attribute in ["Path=/", "HttpOnly", "SameSite=Strict"] {
                assert!(attributes.contains(attribute), "{cookie}");
            }
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.request(Method::POST, path).header("origin", &self.origin).form(form);
        self.send(request).await
    }

    /// Sends the sign-in form.
    pub(crate) async fn try_password(&mut self, name: &str, password: &str) -> Answer {
        let csrf = self.get("/sign-in").await.csrf();
        self.post("/sign-in", &[("name", name), ("password", password), ("csrf", &csrf)]).await
    }

    /// Signs in, which has to work.
    pub(crate) async fn signs_in(&mut self, name: &str) {
        let answer = self.try_password(name, PASSWORD).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"), "{}", answer.text);
    }

    /// The line page's WebSocket.
    pub(crate) async fn line(&self) -> Line {
        self.connect(Some(&self.origin)).await.expect("a WebSocket")
    }

    /// A WebSocket that a page of `origin` asks for; otherwise the status of the refusal.
    pub(crate) async fn connect(&self, origin: Option<&str>) -> Result<Line, u16> {
        let host = self.base.strip_prefix("http://").expect("plain");
        let mut request = format!("ws://{host}/line").into_client_request().expect("a request");
        let headers = request.headers_mut();
        headers.insert("cookie", self.cookie().parse().expect("letters"));
        if let Some(origin) = origin {
            headers.insert("origin", origin.parse().expect("letters"));
        }
        let stream = TcpStream::connect(host).await.expect("listens");
        match client_async(request, stream).await {
            Ok((socket, _)) => Ok(Line(socket)),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }
}

async fn read(response: Response) -> Answer {
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.expect("a body") }
}

/// An open page.
pub(crate) struct Line(WebSocketStream<TcpStream>);

impl Line {
    pub(crate) async fn say(&mut self, message: Message) {
        // It may have been closed meanwhile, which is what the test looks at next.
        let _sent = self.0.send(message).await;
    }

    /// The next message of this type.
    pub(crate) async fn told(&mut self, kind: &str) -> Value {
        let reading = async {
            loop {
                let message = self.0.next().await.expect("open").expect("a message");
                let told: Value =
                    message.to_text().ok().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
                if told["type"] == kind {
                    return told;
                }
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("no `{kind}` in time"))
    }

    /// The code by which the service closes it.
    pub(crate) async fn closed(&mut self) -> u16 {
        let closing = async {
            while let Some(message) = self.0.next().await {
                if let Message::Close(frame) = message.expect("a message") {
                    return frame.map_or(0, |frame| frame.code.into());
                }
            }
            panic!("it ended without a word")
        };
        tokio::time::timeout(PATIENCE, closing).await.expect("it is closed in time")
    }

    /// The service answers a ping: it is still there.
    pub(crate) async fn is_open(&mut self) {
        self.say(Message::Ping(b"there?".as_slice().into())).await;
        let answering = async {
            loop {
                match self.0.next().await.expect("open").expect("a message") {
                    Message::Pong(payload) if payload.as_ref() == b"there?" => return,
                    Message::Close(frame) => panic!("closed: {frame:?}"),
                    _ => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, answering).await.expect("an answer");
    }
}
