//! Who calls whom, read from the headers as they came.

use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Request, Uri};

/// User part and display name of the caller; P-Asserted-Identity (RFC 3325) goes before From.
pub(super) fn caller(request: &Request) -> (Option<String>, Option<String>) {
    let asserted = request.p_asserted_identity_header().map(|header| header.value().to_owned());
    let from = request.from_header().ok().map(|header| header.value().to_owned());
    let named: Vec<(Option<String>, Option<String>)> =
        [asserted, from].into_iter().flatten().map(|value| parse(&value)).collect();
    let hidden = request.privacy_header().is_some_and(|header| !header.value().trim().eq_ignore_ascii_case("none"));
    let user = named.iter().find_map(|(user, _)| user.clone()).filter(|_| !hidden);
    let name = named.into_iter().find_map(|(_, name)| name).filter(|_| user.is_some());
    (user, name)
}

/// The user part of the Request-URI, or the number of a `tel:` URI, or the host.
pub(super) fn called(uri: &Uri) -> String {
    user_of(&uri.to_string()).unwrap_or_else(|| uri.host_with_port.host.to_string())
}

/// The user part in a To or From header.
pub(super) fn user_in(value: &str) -> Option<String> {
    parse(value).0
}

/// `"Name" <uri>;params`, the first of a list.
fn parse(value: &str) -> (Option<String>, Option<String>) {
    let Some((name, rest)) = value.split_once('<') else {
        return (known(user_of(value.split(';').next().unwrap_or_default())), None);
    };
    let uri = rest.split('>').next().unwrap_or_default();
    let name = name.trim();
    let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
    let name = name.replace("\\\"", "\"").replace("\\\\", "\\");
    (known(user_of(uri)), known(Some(name)))
}

fn known(text: Option<String>) -> Option<String> {
    let nobody = |text: &String| {
        ["", "anonymous", "unknown", "unavailable", "restricted", "private"]
            .iter()
            .any(|it| text.eq_ignore_ascii_case(it))
    };
    text.map(|text| text.trim().to_owned()).filter(|text| !nobody(text))
}

pub(super) fn user_of(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.trim().split_once(':')?;
    let rest = rest.split('?').next().unwrap_or_default();
    let user =
        if scheme.eq_ignore_ascii_case("tel") { Some(rest) } else { rest.rsplit_once('@').map(|(user, _)| user) }?;
    // Without a password, and without parameters such as `;phone-context` or `;npdi`.
    let user = user.split([';', ':']).next().unwrap_or_default();
    Some(percent_decoded(user)).filter(|user| !user.is_empty())
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.get(..2)).flatten().and_then(|hex| std::str::from_utf8(hex).ok());
        if let Some(byte) = escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            bytes.push(byte);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn reads_users_and_names() {
        for (value, user, name) in [
            ("<sip:+15550123@h>;tag=1", Some("+15550123"), None),
            ("\"Ann, \\\"A\\\"\" <sip:5550123:pw@h:5060;user=phone>", Some("5550123"), Some("Ann, \"A\"")),
            ("Ann <tel:+1-555-0123;phone-context=x>", Some("+1-555-0123"), Some("Ann")),
            ("sip:bob@h;tag=2", Some("bob"), None),
            ("<sip:%2B1555@h>", Some("+1555"), None),
            ("\"Anonymous\" <sip:anonymous@anonymous.invalid>", None, None),
            ("<sip:10.0.0.1>", None, None),
            ("", None, None),
        ] {
            let expected = (user.map(str::to_owned), name.map(str::to_owned));
            assert_eq!(parse(value), expected, "{value}");
        }
    }
}
