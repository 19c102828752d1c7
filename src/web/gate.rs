//! What a request must bring along before it is answered.

use super::origin::{Origin, judge};
use super::site::{Broken, SIGN_IN_LASTS, Site};
use super::token::Token;
use super::{cookies, pages};
use crate::store::{Role, SignIn};
use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// A sign-in is renewed no more often than this.
const RENEW_EVERY: Duration = Duration::from_hours(1);
/// Longest time until a request has been read and answered.
const LONGEST: Duration = Duration::from_secs(15);

/// Who sent the request, for those parts that only signed-in users reach.
#[derive(Clone, Debug)]
pub(super) struct SignedIn {
    pub(super) token: Token,
    pub(super) sign_in: SignIn,
}

impl SignedIn {
    pub(super) fn person(&self) -> &str {
        &self.sign_in.user.person
    }

    pub(super) fn is_owner(&self) -> bool {
        self.sign_in.user.role == Role::Owner
    }
}

/// Lets nobody through who isn't signed in: pages lead to the sign-in, all else is refused.
pub(super) async fn require_sign_in(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let signed_in = match site.who(request.headers()).await {
        Ok(Some(signed_in)) => signed_in,
        Ok(None) => return refuse(request.method(), request.uri().path()),
        Err(broken) => return broken.into_response(),
    };
    if let Err(broken) = renew(&site, &signed_in.token, &signed_in.sign_in).await {
        return broken.into_response();
    }
    let cookie = cookies::keep_sign_in(&site.web, &signed_in.token);
    request.extensions_mut().insert(signed_in);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    // The browser keeps it longer, too; but not whoever signs out, nor with files that it keeps.
    if !headers.contains_key(header::SET_COOKIE) && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Has a sign-in that is in use hold longer, when that is due.
pub(super) async fn renew(site: &Site, token: &Token, sign_in: &SignIn) -> Result<(), Broken> {
    let now = Timestamp::now();
    if now.duration_since(sign_in.seen_at).unsigned_abs() < RENEW_EVERY {
        return Ok(());
    }
    Ok(site.store.renew_sign_in(&token.hash(), now, now + SIGN_IN_LASTS).await?)
}

fn refuse(method: &Method, path: &str) -> Response {
    let is_page = !path.starts_with("/assets/") && path != "/recent.json" && path != "/line";
    if is_page && (*method == Method::GET || *method == Method::HEAD) {
        Redirect::to(pages::SIGN_IN).into_response()
    } else {
        (StatusCode::UNAUTHORIZED, "Sign in first.\n").into_response()
    }
}

/// Refuses what another site's page has a browser send.
pub(super) async fn require_own_origin(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
    if !is_safe && judge(&site.web, request.headers()) == Origin::Foreign {
        return foreign(&site);
    }
    next.run(request).await
}

/// The refusal of another site's page.
pub(super) fn foreign(site: &Site) -> Response {
    let fix = if site.web.public_url.is_some() {
        "Open it by the address in `web.public_url`."
    } else {
        "Behind a proxy, set `web.public_url` to the address in the browser."
    };
    tracing::warn!("a request from another site's page was refused. {fix}");
    (StatusCode::FORBIDDEN, format!("This request comes from another site's page. {fix}\n")).into_response()
}

/// Ends what takes too long.
pub(super) async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_late) => (StatusCode::REQUEST_TIMEOUT, "That took too long.\n").into_response(),
    }
}

#[derive(Deserialize)]
struct CsrfField {
    csrf: String,
}

/// The header's proof that a page of ours sent the request, or else what its form had.
pub(super) fn csrf_of<'a>(headers: &'a HeaderMap, field: &'a str) -> &'a str {
    headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).unwrap_or(field)
}

/// Whether a request, which has nothing else in its form, was sent by a page of this sign-in.
pub(super) async fn is_by_page_of(token: &Token, request: Request) -> bool {
    let headers = request.headers().clone();
    let field = Form::<CsrfField>::from_request(request, &()).await.map(|Form(field)| field.csrf);
    token.is_csrf(csrf_of(&headers, &field.unwrap_or_default()))
}
