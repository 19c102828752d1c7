//! Who calls whom, read from the headers as they came.

use super::event::Diversions;
use rsipstack::sip::prelude::HeadersExt;
use rsipstack::sip::{Header, Request, Uri};

/// User part and display name of the caller; P-Asserted-Identity (RFC 3325) goes before From, when its sender is believed.
pub(super) fn caller(request: &Request, is_trusted: bool) -> (Option<String>, Option<String>) {
    let asserted = request.p_asserted_identity_header().filter(|_| is_trusted).map(|header| header.value().to_owned());
    let from = request.from_header().ok().map(|header| header.value().to_owned());
    let named: Vec<(Option<String>, Option<String>)> =
        [asserted, from].into_iter().flatten().map(|value| parse(&value)).collect();
    let hidden = request.privacy_header().is_some_and(|header| !header.value().trim().eq_ignore_ascii_case("none"));
    let user = named.iter().find_map(|(user, _)| user.clone()).filter(|_| !hidden);
    let name = named.into_iter().find_map(|(_, name)| name).filter(|_| user.is_some());
    (user, name)
}

/// Who has passed the call on: Diversion (RFC 5806), or else History-Info (RFC 7044), whose last entry is whom it is for now.
pub(super) fn diversions(request: &Request) -> Diversions {
    let values = |wanted: fn(&Header) -> Option<&str>| request.headers.iter().filter_map(wanted).flat_map(listed);
    let diverted: Vec<&str> =
        values(|it| if let Header::Diversion(it) = it { Some(it.value()) } else { None }).collect();
    let mut retargeted: Vec<&str> =
        values(|it| if let Header::HistoryInfo(it) = it { Some(it.value()) } else { None }).collect();
    retargeted.pop();
    let counted = diverted.iter().map(|entry| counter(entry)).fold(0, u32::saturating_add);
    let times = counted.max(u32::try_from(retargeted.len()).unwrap_or(u32::MAX));
    let by = diverted.into_iter().chain(retargeted.into_iter().rev()).filter_map(|entry| parse(entry).0).collect();
    Diversions { by, times }
}

/// How often the call was passed on from there.
fn counter(diversion: &str) -> u32 {
    let parameters = diversion.rsplit_once('>').map_or(diversion, |(_, parameters)| parameters);
    let mut named = parameters.split(';').filter_map(|it| it.split_once('='));
    let counter = named.find(|(name, _)| name.trim().eq_ignore_ascii_case("counter"));
    counter.and_then(|(_, count)| count.trim().parse().ok()).unwrap_or(1)
}

/// The user part of the Request-URI, or the number of a `tel:` URI, or the host.
pub(super) fn called(uri: &Uri) -> String {
    user_of(&uri.to_string()).unwrap_or_else(|| uri.host_with_port.host.to_string())
}

/// The user part in a To or From header.
pub(super) fn user_in(value: &str) -> Option<String> {
    parse(value).0
}

/// The entries of a list, whose names and addresses may hold commas.
pub(super) fn listed(list: &str) -> Vec<&str> {
    let (mut entries, mut start, mut is_quoted, mut is_address) = (Vec::new(), 0, false, false);
    let mut letters = list.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if is_quoted => _ = letters.next(),
            '"' if !is_address => is_quoted = !is_quoted,
            '<' if !is_quoted => is_address = true,
            '>' if !is_quoted => is_address = false,
            ',' if !is_quoted && !is_address => {
                entries.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    entries.push(&list[start..]);
    entries.into_iter().map(str::trim).filter(|it| !it.is_empty()).collect()
}

/// `"Name" <uri>;params`, the first of a list.
fn parse(value: &str) -> (Option<String>, Option<String>) {
    let (name, address) = quoted_name(value.trim()).unwrap_or_else(|| bare_name(value));
    let uri = match address.split_once('<') {
        Some((_, rest)) => rest.split('>').next(),
        None => address.split(';').next(),
    };
    (known(user_of(uri.unwrap_or_default())), known(Some(name)))
}

/// A name in quotes, in which anything may stand, and what comes behind it.
fn quoted_name(value: &str) -> Option<(String, &str)> {
    let quoted = value.strip_prefix('"')?;
    let (mut name, mut letters) = (String::new(), quoted.char_indices());
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((name, &quoted[at + 1..])),
            '\\' => name.extend(letters.next().map(|(_, escaped)| escaped)),
            _ => name.push(letter),
        }
    }
    None
}

fn bare_name(value: &str) -> (String, &str) {
    let name = value.split_once('<').map_or("", |(name, _)| name);
    (name.trim().trim_matches('"').to_owned(), &value[name.len()..])
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
    use super::{caller, diversions, parse};
    use rsipstack::sip::{Request, SipMessage};

    fn invite(headers: &str) -> Request {
        let text = format!("INVITE sip:a@b SIP/2.0\r\nCSeq: 1 INVITE\r\n{headers}Content-Length: 0\r\n\r\n");
        let Ok(SipMessage::Request(request)) = SipMessage::try_from(text.as_str()) else { panic!("{text}") };
        request
    }

    #[test]
    fn the_asserted_caller_counts_only_when_believed_and_never_when_withheld() {
        let asserted = "From: \"Mallory\" <sip:666@h>;tag=1\r\nP-Asserted-Identity: \"Ann\" <sip:+15550123@h>\r\n";
        let known = |user: &str, name: &str| (Some(user.to_owned()), Some(name.to_owned()));
        assert_eq!(caller(&invite(asserted), true), known("+15550123", "Ann"));
        assert_eq!(caller(&invite(asserted), false), known("666", "Mallory"));
        for privacy in ["id", "header;id", "user", "session; critical"] {
            let withheld = invite(&format!("{asserted}Privacy: {privacy}\r\n"));
            assert_eq!(caller(&withheld, true), (None, None), "{privacy}");
        }
        assert_eq!(caller(&invite(&format!("{asserted}Privacy: none\r\n")), true), known("+15550123", "Ann"));
    }

    #[test]
    fn tells_who_passed_the_call_on_and_how_often() {
        let told = |headers: &str| {
            let it = diversions(&invite(headers));
            (it.by.join(" "), it.times)
        };
        assert_eq!(told(""), (String::new(), 0));
        let two = "Diversion: <sip:+15550100@h>;reason=no-answer;counter=3, \"B, C\" <tel:+15550101>\r\n";
        assert_eq!(told(two), ("+15550100 +15550101".to_owned(), 4));
        let history = "History-Info: <sip:100@h>;index=1, <sip:101@h?Reason=SIP%3Bcause%3D486>;index=1.1\r\n\
                       History-Info: <sip:shop@h>;index=1.1.1\r\n";
        assert_eq!(told(history), ("101 100".to_owned(), 2));
        assert_eq!(told("Diversion: <sip:a@h>;counter=4294967295, <sip:b@h>;counter=9\r\n").1, u32::MAX);
    }

    #[test]
    fn reads_users_and_names() {
        for (value, user, name) in [
            ("<sip:+15550123@h>;tag=1", Some("+15550123"), None),
            ("\"Ann, \\\"A\\\"\" <sip:5550123:pw@h:5060;user=phone>", Some("5550123"), Some("Ann, \"A\"")),
            ("Ann <tel:+1-555-0123;phone-context=x>", Some("+1-555-0123"), Some("Ann")),
            ("sip:bob@h;tag=2", Some("bob"), None),
            ("<sip:%2B1555@h>", Some("+1555"), None),
            ("\"Anonymous\" <sip:anonymous@anonymous.invalid>", None, None),
            ("\"<sip:+15550199@h>\" <sip:+15550123@h>", Some("+15550123"), Some("<sip:+15550199@h>")),
            ("\"a\\\\\" <sip:b@h>", Some("b"), Some("a\\")),
            ("\"open <sip:bob@h>", Some("bob"), Some("open")),
            ("<sip:10.0.0.1>", None, None),
            ("", None, None),
        ] {
            let expected = (user.map(str::to_owned), name.map(str::to_owned));
            assert_eq!(parse(value), expected, "{value}");
        }
    }
}
