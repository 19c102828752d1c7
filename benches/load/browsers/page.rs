//! One person's page as a browser has it open: signed in by the form, with its WebSocket, told of calls.

use super::peer::Peer;
use super::{News, What};
use crate::backstop::{PASSWORD, person};
use crate::phones::Told;
use anyhow::{Context as _, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);

/// An open page.
pub(super) struct Page {
    index: u32,
    socket: WebSocketStream<TcpStream>,
    news: Sender<News>,
}

/// How a page answers calls.
#[derive(Clone)]
pub(super) struct Answering {
    pub(super) told: Told,
    /// Where what it hears is to go.
    pub(super) phone: SocketAddr,
    /// It greets until then.
    pub(super) greeted: CancellationToken,
    /// It has its calls until then.
    pub(super) ended: CancellationToken,
}

/// A call that was answered, of which the service's answer is awaited.
type Awaited = oneshot::Sender<String>;

impl Page {
    /// Signs in, opens the page, and takes calls from now on.
    pub(super) async fn open(base: &str, index: u32, news: Sender<News>) -> anyhow::Result<Self> {
        let cookie = sign_in(base, index).await?;
        let host = base.strip_prefix("http://").context("plain http")?;
        let mut request = format!("ws://{host}/line").into_client_request()?;
        request.headers_mut().insert("cookie", cookie.parse()?);
        request.headers_mut().insert("origin", base.parse()?);
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(address(index), 0))?;
        let stream = socket.connect(host.parse()?).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = client_async(request, stream).await?;
        let mut page = Self { index, socket, news };
        page.say(&json!({ "type": "available", "available": true })).await?;
        page.is_heard().await?;
        Ok(page)
    }

    /// Hears of calls, and answers them if it is to.
    pub(super) async fn run(mut self, answering: Option<Answering>) {
        if let Err(error) = self.follow(answering.as_ref()).await {
            self.tell(What::Failed(format!("{error:#}")));
        }
    }

    async fn follow(&mut self, answering: Option<&Answering>) -> anyhow::Result<()> {
        let mut awaited: Option<Awaited> = None;
        while let Some(message) = self.socket.next().await {
            let at = Instant::now();
            let Message::Text(text) = message? else { continue };
            let message: Value = serde_json::from_str(&text)?;
            match message["type"].as_str().unwrap_or_default() {
                "ring" => {
                    self.tell_at(at, What::Ring);
                    if let Some(answering) = answering {
                        awaited = Some(self.answer(&message["call"], at, answering).await?);
                    }
                }
                "answered" => {
                    let sdp = message["sdp"].as_str().unwrap_or_default().to_owned();
                    // A peer that is gone has told why.
                    awaited.take().context("nothing was asked")?.send(sdp).ok();
                }
                "ring_over" => self.tell_at(at, What::RingOver),
                "up" => self.tell_at(at, What::Up),
                "problem" => bail!("a problem: {}", message["text"]),
                _ => {}
            }
        }
        Ok(())
    }

    async fn answer(&mut self, call: &Value, rang: Instant, answering: &Answering) -> anyhow::Result<Awaited> {
        let (peer, offer) = Peer::offer(self.index, answering, self.news.clone()).await?;
        let answered = Instant::now();
        self.tell_at(answered, What::Answering);
        answering.told.answered(self.index, rang, answered, peer.address()?);
        self.say(&json!({ "type": "answer", "call": call, "sdp": offer })).await?;
        let (awaited, answer) = oneshot::channel();
        tokio::spawn(peer.run(answer, answering.ended.clone()));
        Ok(awaited)
    }

    async fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        Ok(self.socket.send(Message::text(message.to_string())).await?)
    }

    // A ping is answered when all before it was taken in.
    async fn is_heard(&mut self) -> anyhow::Result<()> {
        self.socket.send(Message::Ping(b"heard?".as_slice().into())).await?;
        let answered = async {
            while let Some(message) = self.socket.next().await {
                if matches!(message?, Message::Pong(_)) {
                    return Ok(());
                }
            }
            bail!("the page was closed")
        };
        tokio::time::timeout(PATIENCE, answered).await?
    }

    fn tell(&self, what: What) {
        self.tell_at(Instant::now(), what);
    }

    fn tell_at(&self, at: Instant, what: What) {
        // Nobody listens when the run has ended.
        let _heard = self.news.send(News { page: self.index, at, what });
    }
}

/// Each browser has an address of its own: one address may not have so many pages.
fn address(index: u32) -> IpAddr {
    Ipv4Addr::new(127, 0, 1 + (index / 200) as u8, 1 + (index % 200) as u8).into()
}

/// Signs in as the form does. Gives the cookie.
async fn sign_in(base: &str, index: u32) -> anyhow::Result<String> {
    let client = Client::builder().redirect(redirect::Policy::none()).local_address(address(index)).no_proxy();
    let client = client.timeout(PATIENCE).pool_max_idle_per_host(0).build()?;
    let url = format!("{base}/sign-in");
    let page = send(client.get(&url)).await?;
    let form_cookie = cookie(&page)?;
    let text = page.text().await?;
    let csrf =
        text.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next()).context("no form")?;
    let name = person(index);
    let form = [("name", name.as_str()), ("password", PASSWORD), ("csrf", csrf)];
    let request = client.post(&url).header("origin", base).header("cookie", form_cookie).form(&form);
    let entered = send(request).await?;
    if entered.status() != StatusCode::SEE_OTHER {
        bail!("{name} can't sign in: {}", entered.status());
    }
    cookie(&entered)
}

async fn send(request: RequestBuilder) -> anyhow::Result<Response> {
    request.send().await.context("the page is not served")
}

fn cookie(response: &Response) -> anyhow::Result<String> {
    let cookie = response.headers().get("set-cookie").context("no cookie")?.to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}
