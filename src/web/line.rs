//! `/line`: the WebSocket between a page and the service, for as long as its user is signed in.

use super::gate::{self, SignedIn};
use super::origin::{Origin, judge};
use super::site::{Broken, Site};
use crate::browser::Page;
use crate::browser::message::LONGEST;
use crate::routing::PersonId;
use axum::Extension;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::time::{Instant, interval, sleep_until, timeout};

const PING_EVERY: Duration = Duration::from_secs(5);
/// A page that nothing at all was heard of for so long is gone.
const GONE_AFTER: Duration = Duration::from_secs(12);
/// So often it is looked whether the user is still signed in: they may have been removed from outside.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// More messages between two pings are no person's.
const MOST_MESSAGES: u32 = 200;
/// How long the other side may take to read a farewell.
const FAREWELL: Duration = Duration::from_secs(2);
/// The sign-in has ended: the page leads to another one.
const SIGNED_OUT: u16 = 4401;

/// Why the service closes a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Goodbye(u16, &'static str);

const SHUT_DOWN: Goodbye = Goodbye(close_code::AWAY, "Backstop stops");
const ENDED: Goodbye = Goodbye(SIGNED_OUT, "sign in again");
const BINARY: Goodbye = Goodbye(close_code::UNSUPPORTED, "text only");
const TOO_LONG: Goodbye = Goodbye(close_code::SIZE, "the message is too long");
const TOO_MANY: Goodbye = Goodbye(close_code::POLICY, "too many messages");
const TOO_SLOW: Goodbye = Goodbye(close_code::AGAIN, "the page did not keep up: connect again");

pub(super) async fn line(
    State(site): State<Arc<Site>>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    // Browsers send cookies along to WebSockets of any site, and always say which page asks.
    if judge(&site.web, &headers) != Origin::Own {
        return gate::foreign(&site);
    }
    if !site.has_person(signed_in.person()) {
        return (StatusCode::FORBIDDEN, "The configuration has nobody of this name.\n").into_response();
    }
    upgrade
        .max_message_size(LONGEST)
        .max_frame_size(LONGEST)
        .on_upgrade(move |socket| site.open_lines.track_future(Line::serve(Arc::clone(&site), signed_in, socket)))
}

/// An open page.
struct Line {
    site: Arc<Site>,
    signed_in: SignedIn,
    page: Page,
    ended: broadcast::Receiver<String>,
}

/// What there is to do for a page.
enum Event {
    Heard(Option<Result<Message, axum::Error>>),
    Tell(Option<String>),
    Ended(Result<String, broadcast::error::RecvError>),
    Ping,
    Look,
    Silent,
    ShutDown,
}

/// How a connection ends.
enum End {
    /// With a word.
    Told(Goodbye),
    /// There is nobody to tell.
    Gone,
}

impl Line {
    async fn serve(site: Arc<Site>, signed_in: SignedIn, mut socket: WebSocket) {
        let page = site.lines.connect(PersonId(signed_in.person().to_owned()));
        let mut line = Self { ended: site.ended.subscribe(), site, signed_in, page };
        let end = line.run(&mut socket).await;
        // The page is gone now, and not only when its other side has read why.
        drop(line);
        if let End::Told(Goodbye(code, reason)) = end {
            let frame = CloseFrame { code, reason: reason.into() };
            let farewell = async {
                socket.send(Message::Close(Some(frame))).await?;
                // What is still on its way is read until the other side has closed, or a reset might overtake the word.
                while socket.recv().await.is_some_and(|heard| heard.is_ok()) {}
                Ok::<_, axum::Error>(())
            };
            let _heard = timeout(FAREWELL, farewell).await;
        }
    }

    async fn run(&mut self, socket: &mut WebSocket) -> End {
        let (mut pings, mut looks) = (interval(PING_EVERY), interval(LOOK_EVERY));
        let (mut heard_at, mut messages) = (Instant::now(), 0);
        loop {
            let event = tokio::select! {
                () = self.site.shut_down.cancelled() => Event::ShutDown,
                heard = socket.recv() => Event::Heard(heard),
                text = self.page.next() => Event::Tell(text),
                ended = self.ended.recv() => Event::Ended(ended),
                _ = looks.tick() => Event::Look,
                _ = pings.tick() => Event::Ping,
                () = sleep_until(heard_at + GONE_AFTER) => Event::Silent,
            };
            match event {
                Event::Heard(heard) => {
                    heard_at = Instant::now();
                    messages += 1;
                    if let Err(end) = self.hear(heard, messages) {
                        return end;
                    }
                }
                Event::Tell(Some(text)) => {
                    if !send(socket, Message::text(text)).await {
                        return End::Gone;
                    }
                }
                Event::Tell(None) => return End::Told(TOO_SLOW),
                Event::Ping => {
                    messages = 0;
                    if !send(socket, Message::Ping(axum::body::Bytes::new())).await {
                        return End::Gone;
                    }
                }
                Event::Ended(Ok(hash)) if hash != self.signed_in.token.hash() => {}
                Event::Ended(Ok(_)) => return End::Told(ENDED),
                // A sign-out may have been missed.
                Event::Look | Event::Ended(Err(_)) => {
                    if !self.is_signed_in().await {
                        return End::Told(ENDED);
                    }
                }
                Event::Silent => return End::Gone,
                Event::ShutDown => return End::Told(SHUT_DOWN),
            }
        }
    }

    fn hear(&self, heard: Option<Result<Message, axum::Error>>, messages: u32) -> Result<(), End> {
        match heard {
            _ if messages > MOST_MESSAGES => Err(End::Told(TOO_MANY)),
            Some(Ok(Message::Text(text))) => {
                self.page.receive(&text);
                Ok(())
            }
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(()),
            Some(Ok(Message::Binary(_))) => Err(End::Told(BINARY)),
            Some(Err(error)) if is_too_long(&error) => Err(End::Told(TOO_LONG)),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        }
    }

    /// Also whether their person is still there. A database that does not answer signs nobody out.
    async fn is_signed_in(&self) -> bool {
        self.look().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "it could not be looked whether a page's user is still signed in");
            true
        })
    }

    async fn look(&self) -> Result<bool, Broken> {
        let (site, token) = (&self.site, &self.signed_in.token);
        let Some(sign_in) = site.store.sign_in(&token.hash(), Timestamp::now()).await? else { return Ok(false) };
        gate::renew(site, token, &sign_in).await?;
        Ok(site.has_person(&sign_in.user.person))
    }
}

/// A page that reads nothing for so long is gone.
async fn send(socket: &mut WebSocket, message: Message) -> bool {
    timeout(GONE_AFTER, socket.send(message)).await.is_ok_and(|sent| sent.is_ok())
}

fn is_too_long(error: &axum::Error) -> bool {
    // The library behind axum is not named in our dependencies: its word has to do.
    let mut source = Some(error as &dyn std::error::Error);
    while let Some(why) = source {
        if why.to_string().contains("too long") {
            return true;
        }
        source = why.source();
    }
    false
}
