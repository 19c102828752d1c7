//! One-time links: whoever follows one chooses a name and a password, and is a user.

use super::pages::{enter, is_own_form, with_form};
use super::password::check_password;
use super::site::{Broken, Site};
use super::templates::Page;
use super::token::Token;
use crate::store::{Accepted, Account, Invitation, LoginName, Role, Store, StoreError, User};
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// How long a link can be followed.
pub const INVITATION_LASTS: Duration = Duration::from_hours(24);

const GONE: &str = "This link was used already, or is too old. Ask for another one: `backstop users invite` makes it.";
const NOBODY: &str =
    "The configuration has no [[person]] yet. Add yourself to backstop.toml, then open this link again.";

/// What the form of the welcome page sends.
#[derive(Deserialize)]
pub(super) struct WelcomeForm {
    name: String,
    password: String,
    /// The password once more; browsers send it.
    again: Option<String>,
    person: String,
    #[serde(default)]
    csrf: String,
}

/// Makes a link for one user: its path. Without `person` they choose who they are.
///
/// # Errors
/// When the database fails.
pub async fn invite(store: &Store, role: Role, person: Option<String>, now: Timestamp) -> Result<String, StoreError> {
    let token = Token::fresh();
    store.invite(&token.hash(), &Invitation { role, person, expires_at: now + INVITATION_LASTS }, now).await?;
    Ok(format!("/welcome/{}", token.reveal()))
}

pub(super) async fn welcome_page(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Broken> {
    Ok(match find(&site, &token).await? {
        Some((_, invitation)) => ask(&site, &headers, &invitation, "", None),
        None => gone(&site),
    })
}

pub(super) async fn welcome(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    headers: HeaderMap,
    Form(form): Form<WelcomeForm>,
) -> Result<Response, Broken> {
    let Some((token, invitation)) = find(&site, &token).await? else { return Ok(gone(&site)) };
    let again = |status: StatusCode, problem: &str| {
        (status, ask(&site, &headers, &invitation, &form.name, Some(problem))).into_response()
    };
    if !is_own_form(&site, &headers, &form.csrf) {
        return Ok(again(
            StatusCode::FORBIDDEN,
            "This page had been open for too long, or cookies are off. Try again.",
        ));
    }
    let user = match chosen(&site, &invitation, &form) {
        Ok(user) => user,
        Err(problem) => return Ok(again(StatusCode::BAD_REQUEST, &problem)),
    };
    let Ok(hash) = site.hashing.hash(form.password.clone()).await else {
        return Ok(again(StatusCode::TOO_MANY_REQUESTS, "Too many sign in just now. Try again."));
    };
    Ok(match site.store.accept_invitation(&token.hash(), &user, &hash).await? {
        Accepted::Gone => gone(&site),
        Accepted::NameTaken => again(StatusCode::CONFLICT, "This name is another's. Choose a different one."),
        Accepted::Added => {
            let account = Account { user, password_hash: hash.into() };
            site.sign_in(&account, &headers).await?.map_or_else(|| gone(&site), |token| enter(&site, &token))
        }
    })
}

async fn find(site: &Site, token: &str) -> Result<Option<(Token, Invitation)>, Broken> {
    let Some(token) = Token::parse(token) else { return Ok(None) };
    let invitation = site.store.invitation(&token.hash(), Timestamp::now()).await?;
    Ok(invitation.map(|invitation| (token, invitation)))
}

/// The user that the form describes.
fn chosen(site: &Site, invitation: &Invitation, form: &WelcomeForm) -> Result<User, String> {
    let name = LoginName::parse(&form.name).map_err(|why| format!("Choose another name: {why}."))?;
    check_password(&form.password, name.as_str()).map_err(|why| format!("Choose another password: {why}."))?;
    if form.again.as_ref().is_some_and(|again| *again != form.password) {
        return Err("The two passwords differ. Type the same one twice.".to_owned());
    }
    let is_theirs = invitation.person.as_ref().is_none_or(|person| *person == form.person);
    if !is_theirs || !site.has_person(&form.person) {
        return Err("Choose who you are from the list.".to_owned());
    }
    Ok(User { name, person: form.person.clone(), role: invitation.role, created_at: Timestamp::now() })
}

fn ask(site: &Site, headers: &HeaderMap, invitation: &Invitation, name: &str, problem: Option<&str>) -> Response {
    let mut people = site.people();
    people.retain(|person| invitation.person.as_ref().is_none_or(|theirs| theirs == person));
    if people.is_empty() {
        let text = match &invitation.person {
            Some(person) => format!("The configuration has no [[person]] called \"{person}\". Ask for another link."),
            None => NOBODY.to_owned(),
        };
        return site.templates.page(&Page::Notice { text: &text, csrf: None });
    }
    with_form(site, headers, |csrf| site.templates.page(&Page::Welcome { csrf, people: &people, problem, name }))
}

fn gone(site: &Site) -> Response {
    (StatusCode::NOT_FOUND, site.templates.page(&Page::Notice { text: GONE, csrf: None })).into_response()
}
