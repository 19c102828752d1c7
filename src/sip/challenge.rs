//! Challenges to our own requests. The library answers one plain challenge well, so challenges are made plain for it:
//! it reads a single `qop`, a single challenge in a response, and spells SHA-256 in a way of its own.

use super::digest::{DigestAlgorithm, Fields};
use rsipstack::sip::headers::{Authorization, ProxyAuthenticate, ProxyAuthorization, WwwAuthenticate};
use rsipstack::sip::{Header, Headers};

/// How the library spells SHA-256.
const LIBRARY_SHA256: &str = "algorithm=SHA256";

/// Leaves of every kind of challenge the first one that can be answered (RFC 8760, section 2.4), or none.
pub(super) fn make_plain(headers: &mut Headers) {
    let www = headers.iter().find_map(|it| if let Header::WwwAuthenticate(it) = it { plain(it.value()) } else { None });
    let proxy =
        headers.iter().find_map(|it| if let Header::ProxyAuthenticate(it) = it { plain(it.value()) } else { None });
    headers.retain(|it| !matches!(it, Header::WwwAuthenticate(_) | Header::ProxyAuthenticate(_)));
    headers.extend(www.map(|it| Header::WwwAuthenticate(WwwAuthenticate::new(it))).into_iter().collect());
    headers.extend(proxy.map(|it| Header::ProxyAuthenticate(ProxyAuthenticate::new(it))).into_iter().collect());
}

/// Spells the library's credentials as the standards do.
pub(super) fn spell(headers: &mut Headers) {
    for header in headers.iter_mut() {
        match header {
            Header::Authorization(it) => *it = Authorization::new(spelled(it.value())),
            Header::ProxyAuthorization(it) => *it = ProxyAuthorization::new(spelled(it.value())),
            _ => {}
        }
    }
}

fn spelled(credentials: &str) -> String {
    credentials.replace(LIBRARY_SHA256, "algorithm=SHA-256").replace("qop=\"auth\"", "qop=auth")
}

/// The challenge with what is needed for its answer; `None` when it asks for what is not spoken here.
fn plain(challenge: &str) -> Option<String> {
    let fields = Fields::parse(challenge)?;
    let algorithm = fields.get("algorithm").map_or(Some(DigestAlgorithm::Md5), DigestAlgorithm::parse)?;
    let (realm, nonce, opaque) = (fields.get("realm")?, fields.get("nonce")?, fields.get("opaque"));
    // The library reads no escapes.
    if [Some(realm), Some(nonce), opaque].iter().flatten().any(|it| it.contains(['"', '\\'])) {
        return None;
    }
    let opaque = opaque.map(|it| format!(", opaque=\"{it}\"")).unwrap_or_default();
    let is_stale = fields.get("stale").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let stale = if is_stale { ", stale=true" } else { "" };
    let algorithm = match algorithm {
        DigestAlgorithm::Md5 => "algorithm=MD5",
        DigestAlgorithm::Sha256 => LIBRARY_SHA256,
    };
    let text = format!("Digest realm=\"{realm}\", nonce=\"{nonce}\"{opaque}{stale}, {algorithm}");
    match fields.get("qop") {
        None => Some(text),
        Some(kinds) => {
            kinds.split(',').any(|it| it.trim().eq_ignore_ascii_case("auth")).then(|| text + ", qop=\"auth\"")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{plain, spelled};

    #[test]
    fn takes_the_challenges_that_can_be_answered() {
        for (challenge, expected) in [
            ("Digest realm=\"a\", nonce=\"n\"", Some("Digest realm=\"a\", nonce=\"n\", algorithm=MD5")),
            (
                "Digest realm=\"a\",nonce=\"n\",qop=\"auth-int, auth\",algorithm=SHA-256,opaque=\"o\",stale=TRUE",
                Some("Digest realm=\"a\", nonce=\"n\", opaque=\"o\", stale=true, algorithm=SHA256, qop=\"auth\""),
            ),
            ("Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256", None),
            ("Digest realm=\"a\", nonce=\"n\", qop=\"auth-int\"", None),
            ("Digest realm=\"a \\\"b\\\"\", nonce=\"n\"", None),
            ("Digest realm=\"a\"", None),
            ("Basic realm=\"a\"", None),
        ] {
            assert_eq!(plain(challenge).as_deref(), expected, "{challenge}");
        }
    }

    #[test]
    fn spells_credentials_as_the_standards_do() {
        let ours = "Digest username=\"u\", algorithm=SHA256, qop=\"auth\", nc=00000001, cnonce=\"c\"";
        assert_eq!(spelled(ours), "Digest username=\"u\", algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\"");
    }
}
