//! The page's files, which are part of the binary.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

/// A file: its name, what it is, and what it holds.
type Asset = (&'static str, &'static str, &'static str);

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! asset {
    ($name:literal, $kind:expr) => {
        ($name, $kind, include_str!(concat!("assets/", $name)))
    };
}

/// The looks of the sign-in page, which alone are given to those who are not signed in.
const SIGN_IN_STYLE: Asset = asset!("sign_in.css", STYLE);
const ICON: Asset = asset!("icon.svg", "image/svg+xml");

/// All others.
const ASSETS: &[Asset] = &[
    asset!("alerts.js", SCRIPT),
    asset!("availability.js", SCRIPT),
    asset!("board.js", SCRIPT),
    asset!("call_view.js", SCRIPT),
    asset!("calls.js", SCRIPT),
    asset!("clock.js", SCRIPT),
    asset!("clock_worker.js", SCRIPT),
    asset!("dom.js", SCRIPT),
    asset!("earlier.js", SCRIPT),
    asset!("leg.js", SCRIPT),
    asset!("line.css", STYLE),
    asset!("line.js", SCRIPT),
    asset!("line.webmanifest", "application/manifest+json"),
    asset!("microphone.js", SCRIPT),
    asset!("notify_worker.js", SCRIPT),
    asset!("own_call.js", SCRIPT),
    asset!("quality.js", SCRIPT),
    asset!("queue.js", SCRIPT),
    asset!("recent.js", SCRIPT),
    asset!("rings_view.js", SCRIPT),
    asset!("shortcuts.js", SCRIPT),
    asset!("socket.js", SCRIPT),
    asset!("sound_path.js", SCRIPT),
    asset!("sound_view.js", SCRIPT),
    asset!("toasts.js", SCRIPT),
    asset!("tones.js", SCRIPT),
    asset!("transfer.js", SCRIPT),
    asset!("words.js", SCRIPT),
];

pub(super) async fn sign_in_style(headers: HeaderMap) -> Response {
    give(SIGN_IN_STYLE, &headers)
}

pub(super) async fn icon(headers: HeaderMap) -> Response {
    give(ICON, &headers)
}

pub(super) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.0 == name) {
        Some(asset) => give(*asset, &headers),
        None => (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
    }
}

/// Browsers keep it and ask each time whether it is still the same.
fn give((_, kind, text): Asset, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(text)[..16]));
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let tag = HeaderValue::try_from(tag).expect("a hash is letters and digits");
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    let kind: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, kind)];
    if is_known { (StatusCode::NOT_MODIFIED, about).into_response() } else { (about, kind, text).into_response() }
}
