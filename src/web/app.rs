//! Which request is answered by what, and what all of them pass on the way.

use super::site::Site;
use super::{assets, gate, headers, line, pages, recent, welcome};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use std::sync::Arc;

/// Longest body of a request, in bytes.
const LONGEST_BODY: usize = 16 * 1024;

/// The whole of it. What is not listed as open is for those only who are signed in, even that there is nothing.
pub(super) fn app(site: Arc<Site>) -> Router {
    let open = Router::new()
        .route(pages::SIGN_IN, get(pages::sign_in_page).post(pages::sign_in))
        .route("/welcome/{token}", get(welcome::welcome_page).post(welcome::welcome))
        .route("/assets/sign_in.css", get(assets::sign_in_style))
        .route("/assets/icon.svg", get(assets::icon));
    let closed = Router::new()
        .route("/", get(pages::line_page))
        .route("/sign-out", post(pages::sign_out))
        .route("/recent.json", get(recent::recent))
        .route("/line", get(line::line))
        .route("/assets/{name}", get(assets::asset))
        .fallback(async || (StatusCode::NOT_FOUND, "There is nothing here.\n"))
        .layer(from_fn_with_state(Arc::clone(&site), gate::require_sign_in));
    open.merge(closed)
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(from_fn_with_state(Arc::clone(&site), gate::require_own_origin))
        .layer(from_fn(gate::limit_time))
        .layer(from_fn_with_state(Arc::clone(&site), headers::add))
        .with_state(site)
}
