//! Signing in and out, and the line page.

use super::gate::{self, SignedIn};
use super::site::{Broken, Site};
use super::templates::Page;
use super::token::Token;
use super::{cookies, origin};
use crate::store::{Account, LoginName};
use axum::Extension;
use axum::extract::{ConnectInfo, Form, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Where people sign in.
pub(super) const SIGN_IN: &str = "/sign-in";
/// How long those are asked to wait who came while too many others did.
const BUSY: Duration = Duration::from_secs(2);

const WRONG: &str = "The name or the password is wrong.";
const STALE: &str = "This page had been open for too long, or cookies are off. Try again.";

/// What the form of the sign-in page sends.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    name: String,
    password: String,
    #[serde(default)]
    csrf: String,
}

pub(super) async fn sign_in_page(State(site): State<Arc<Site>>, headers: HeaderMap) -> Result<Response, Broken> {
    if site.who(&headers).await?.is_some() {
        return Ok(Redirect::to("/").into_response());
    }
    Ok(ask_again(&site, &headers, "", None))
}

pub(super) async fn sign_in(
    State(site): State<Arc<Site>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(form): Form<SignInForm>,
) -> Result<Response, Broken> {
    let again = |status, problem: &str| (status, ask_again(&site, &headers, &form.name, Some(problem))).into_response();
    if !is_own_form(&site, &headers, &form.csrf) {
        return Ok(again(StatusCode::FORBIDDEN, STALE));
    }
    // A name that none can have is looked for like any other, by one that nobody has: it takes as long.
    let name = LoginName::parse(&form.name).ok();
    let counted = name.as_ref().map_or("", LoginName::as_str);
    let address = origin::address(&site.web, peer, &headers);
    let now = tokio::time::Instant::now().into_std();
    let begun = site.tries().begin(now, counted, address);
    if let Err(wait) = begun {
        let problem = format!("That was wrong too often. Try again in {}.", Spoken(wait));
        return Ok(later(again(StatusCode::TOO_MANY_REQUESTS, &problem), wait));
    }
    let account = find(&site, name.as_ref()).await?;
    let hash = account.as_ref().map(|account| account.password_hash.reveal().clone());
    match site.hashing.verify(form.password.clone(), hash).await {
        Err(_busy) => {
            site.tries().take_back(counted, address);
            Ok(later(again(StatusCode::TOO_MANY_REQUESTS, "Too many sign in just now. Try again."), BUSY))
        }
        Ok(false) => Ok(again(StatusCode::UNAUTHORIZED, WRONG)),
        Ok(true) => {
            site.tries().was_right(counted, address);
            let token = match &account {
                Some(account) => site.sign_in(account, &headers).await?,
                None => None,
            };
            Ok(token.map_or_else(|| again(StatusCode::UNAUTHORIZED, WRONG), |token| enter(&site, &token)))
        }
    }
}

async fn find(site: &Site, name: Option<&LoginName>) -> Result<Option<Account>, Broken> {
    match name {
        Some(name) => Ok(site.store.account(name).await?),
        None => Ok(None),
    }
}

/// To the line page, signed in.
pub(super) fn enter(site: &Site, token: &Token) -> Response {
    ([(header::SET_COOKIE, cookies::keep_sign_in(&site.web, token))], Redirect::to("/")).into_response()
}

/// The sign-in form, with what went wrong.
fn ask_again(site: &Site, headers: &HeaderMap, name: &str, problem: Option<&str>) -> Response {
    with_form(site, headers, |csrf| site.templates.page(&Page::SignIn { csrf, problem, name }))
}

/// A page with a form for those who are not signed in. Their browser keeps one token, so that several pages work beside each other.
pub(super) fn with_form(site: &Site, headers: &HeaderMap, page: impl FnOnce(&str) -> Response) -> Response {
    if let Some(token) = cookies::form_of(&site.web, headers) {
        return page(&token.csrf());
    }
    let token = Token::fresh();
    let mut response = page(&token.csrf());
    response.headers_mut().append(header::SET_COOKIE, cookies::keep_form(&site.web, &token));
    response
}

/// Whether a form for those who are not signed in was given to this very browser.
pub(super) fn is_own_form(site: &Site, headers: &HeaderMap, field: &str) -> bool {
    cookies::form_of(&site.web, headers).is_some_and(|token| token.is_csrf(gate::csrf_of(headers, field)))
}

fn later(mut response: Response, wait: Duration) -> Response {
    let seconds = wait.as_millis().div_ceil(1_000).max(1);
    let seconds = HeaderValue::try_from(seconds.to_string()).expect("digits");
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

pub(super) async fn sign_out(
    State(site): State<Arc<Site>>,
    Extension(signed_in): Extension<SignedIn>,
    request: Request,
) -> Result<Response, Broken> {
    if !gate::is_by_page_of(&signed_in.token, request).await {
        return Ok((StatusCode::FORBIDDEN, "Sign out by the button of the page.\n").into_response());
    }
    site.end_sign_in(&signed_in.token).await?;
    let forget = [(header::SET_COOKIE, cookies::forget_sign_in(&site.web))];
    Ok((forget, Redirect::to(SIGN_IN)).into_response())
}

pub(super) async fn line_page(State(site): State<Arc<Site>>, Extension(signed_in): Extension<SignedIn>) -> Response {
    let (user, csrf) = (&signed_in.sign_in.user, signed_in.token.csrf());
    if !site.has_person(&user.person) {
        let text = format!(
            "You are signed in as {}, but the configuration has no [[person]] called \"{}\", so no call can reach you here. Ask whoever keeps \
             the configuration to add one.",
            user.name, user.person
        );
        return site.templates.page(&Page::Notice { text: &text, csrf: Some(&csrf) });
    }
    let (name, role) = (user.name.as_str(), user.role.as_str());
    site.templates.page(&Page::Line { person: &user.person, name, role, csrf: &csrf })
}

/// Minutes, or seconds when it is less than one.
struct Spoken(Duration);

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_millis().div_ceil(1_000).max(1);
        let (count, unit) = if seconds < 60 { (seconds, "second") } else { (seconds.div_ceil(60), "minute") };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}
