//! The two cookies: who is signed in, and which form was given to whom before that.

use super::site::SIGN_IN_LASTS;
use super::token::Token;
use crate::config::Web;
use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::CookieJar;

const SIGN_IN: &str = "backstop_sign_in";
const FORM: &str = "backstop_form";

/// The sign-in's token that came with a request.
pub(super) fn sign_in_of(web: &Web, headers: &HeaderMap) -> Option<Token> {
    read(web, headers, SIGN_IN)
}

/// The form's token that came with a request.
pub(super) fn form_of(web: &Web, headers: &HeaderMap) -> Option<Token> {
    read(web, headers, FORM)
}

/// Has the browser keep a sign-in.
pub(super) fn keep_sign_in(web: &Web, token: &Token) -> HeaderValue {
    write(web, SIGN_IN, &token.reveal(), &format!("; Max-Age={}", SIGN_IN_LASTS.as_secs()))
}

/// Has the browser forget its sign-in.
pub(super) fn forget_sign_in(web: &Web) -> HeaderValue {
    write(web, SIGN_IN, "", "; Max-Age=0")
}

/// Has the browser keep a form's token until it is closed.
pub(super) fn keep_form(web: &Web, token: &Token) -> HeaderValue {
    write(web, FORM, &token.reveal(), "")
}

fn read(web: &Web, headers: &HeaderMap, name: &str) -> Option<Token> {
    Token::parse(CookieJar::from_headers(headers).get(&full_name(web, name))?.value())
}

fn write(web: &Web, name: &str, value: &str, lasts: &str) -> HeaderValue {
    let secure = if web.is_secure() { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{lasts}{secure}", full_name(web, name));
    HeaderValue::try_from(text).expect("names and tokens are letters and digits")
}

/// Browsers take a `__Host-` cookie from the very host by https only, so that no neighbour can slip one in.
fn full_name(web: &Web, name: &str) -> String {
    if web.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{forget_sign_in, keep_form, keep_sign_in, sign_in_of};
    use crate::config::Web;
    use crate::web::token::Token;
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn https_makes_them_strict() {
        let plain = Web::default();
        let behind =
            Web { public_url: Some("https://phone.example.com".parse().expect("an address")), ..plain.clone() };
        let token = Token::fresh();
        let value = token.reveal();
        let kept = keep_sign_in(&behind, &token);
        let kept = kept.to_str().expect("letters");
        let expected = "; Path=/; HttpOnly; SameSite=Strict; Max-Age=1209600; Secure";
        assert_eq!(kept, format!("__Host-backstop_sign_in={value}{expected}"));
        assert_eq!(
            keep_form(&plain, &token).to_str().expect("letters"),
            format!("backstop_form={value}; Path=/; HttpOnly; SameSite=Strict")
        );
        assert!(forget_sign_in(&plain).to_str().expect("letters").contains("Max-Age=0"));
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::try_from(format!("x=y; backstop_sign_in={value}")).expect("letters"));
        assert_eq!(sign_in_of(&plain, &headers), Some(token));
        assert_eq!(sign_in_of(&behind, &headers), None, "not by the name that anybody may set");
    }
}
