//! The pages' HTML. Everything that is put into it is escaped.

use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

/// A page, and what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Page<'a> {
    /// Name and password are asked for. `name` is what was typed before.
    SignIn { csrf: &'a str, problem: Option<&'a str>, name: &'a str },
    /// Somebody who was invited chooses a name, a password and who of `people` they are.
    Welcome { csrf: &'a str, people: &'a [String], problem: Option<&'a str>, name: &'a str },
    /// The line. `role` is `owner` or `agent`.
    Line { person: &'a str, name: &'a str, role: &'a str, csrf: &'a str },
    /// Something is to be said, and nothing to be done but to sign out; `csrf` only for those who are signed in.
    Notice { text: &'a str, csrf: Option<&'a str> },
}

/// The compiled templates.
#[derive(Debug)]
pub(super) struct Templates {
    environment: Environment<'static>,
    business: String,
}

impl Templates {
    pub(super) fn open(business: String) -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        // Semi-strict: printing what is not there is an error, asking `{% if name %}` is not.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        for (name, text) in [
            ("sign_in", include_str!("templates/sign_in.html")),
            ("welcome", include_str!("templates/welcome.html")),
            ("line", include_str!("templates/line.html")),
            ("notice", include_str!("templates/notice.html")),
        ] {
            environment.add_template(name, text).expect("our own template can be read: a test reads it");
        }
        Self { environment, business }
    }

    /// The page as it is sent.
    pub(super) fn page(&self, page: &Page<'_>) -> Response {
        match self.render(page) {
            Ok(text) => Html(text).into_response(),
            Err(error) => {
                tracing::error!(%error, "a page could not be made");
                (StatusCode::INTERNAL_SERVER_ERROR, "This page could not be made.\n").into_response()
            }
        }
    }

    fn render(&self, page: &Page<'_>) -> Result<String, minijinja::Error> {
        let business = &self.business;
        let (name, values): (&str, Value) = match page {
            Page::SignIn { csrf, problem, name } => ("sign_in", context! { business, csrf, problem, name }),
            Page::Welcome { csrf, people, problem, name } => {
                ("welcome", context! { business, csrf, people, problem, name })
            }
            Page::Line { person, name, role, csrf } => ("line", context! { business, person, name, role, csrf }),
            Page::Notice { text, csrf } => ("notice", context! { business, text, csrf }),
        };
        self.environment.get_template(name)?.render(values)
    }
}

#[cfg(test)]
mod tests {
    use super::{Page, Templates};

    #[test]
    fn everything_is_escaped() {
        let script = "<script>alert('\"')</script>";
        let templates = Templates::open(script.to_owned());
        let people = [script.to_owned()];
        for page in [
            Page::SignIn { csrf: "c", problem: Some(script), name: script },
            Page::SignIn { csrf: "c", problem: None, name: "" },
            Page::Welcome { csrf: "c", people: &people, problem: Some(script), name: script },
            Page::Welcome { csrf: "c", people: &[], problem: None, name: "" },
            Page::Line { person: script, name: script, role: "owner", csrf: "c" },
            Page::Notice { text: script, csrf: Some("c") },
            Page::Notice { text: script, csrf: None },
        ] {
            let text = templates.render(&page).expect("renders");
            assert!(text.contains("&lt;script&gt;alert("), "{text}");
            assert!(!text.contains("<script>alert") && !text.contains("'\"'"), "{text}");
        }
    }
}
