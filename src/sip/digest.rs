//! Digest authentication (RFC 3261, section 22; RFC 8760): the grammar of its headers, and its sums.

use md5::Md5;
use sha2::Sha256;

/// Which sum a challenge asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DigestAlgorithm {
    /// MD5: weak, and the one that every phone knows.
    Md5,
    /// SHA-256 (RFC 8760).
    Sha256,
}

impl DigestAlgorithm {
    /// As headers spell it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// `None` for one that is not spoken here.
    pub(super) fn parse(name: &str) -> Option<Self> {
        [Self::Md5, Self::Sha256].into_iter().find(|it| it.name().eq_ignore_ascii_case(name))
    }

    fn sum(self, text: &str) -> String {
        match self {
            Self::Md5 => hex::encode(<Md5 as md5::Digest>::digest(text)),
            Self::Sha256 => hex::encode(<Sha256 as sha2::Digest>::digest(text)),
        }
    }
}

/// The fields of a challenge or of credentials.
#[derive(Debug)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `Digest name=value, name="value", ...`; `None` for another scheme or for what cannot be read.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, mut rest) = header.trim().split_once(char::is_whitespace)?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let mut fields = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
            if rest.is_empty() {
                return Some(Self(fields));
            }
            let (name, tail) = rest.split_once('=')?;
            let (value, tail) = value(tail.trim_start())?;
            fields.push((name.trim().to_ascii_lowercase(), value));
            rest = tail;
        }
    }

    /// The value of a field, by its name in small letters.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        return Some((text[..end].trim().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

/// What the response to a challenge with `qop=auth` is made of, each as it stands in the credentials.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof<'a> {
    pub(super) user: &'a str,
    pub(super) realm: &'a str,
    pub(super) nonce: &'a str,
    pub(super) nonce_count: &'a str,
    pub(super) client_nonce: &'a str,
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
}

impl Proof<'_> {
    /// The response that whoever knows the password gives.
    pub(super) fn response(&self, algorithm: DigestAlgorithm, password: &str) -> String {
        let Self { user, realm, nonce, nonce_count, client_nonce, method, uri } = self;
        let secret = algorithm.sum(&format!("{user}:{realm}:{password}"));
        let request = algorithm.sum(&format!("{method}:{uri}"));
        algorithm.sum(&format!("{secret}:{nonce}:{nonce_count}:{client_nonce}:auth:{request}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{DigestAlgorithm, Fields, Proof};

    /// The example of RFC 7616, section 3.9.1.
    #[test]
    fn gives_the_sums_of_the_standard() {
        let proof = Proof {
            user: "Mufasa",
            realm: "http-auth@example.org",
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            nonce_count: "00000001",
            client_nonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            method: "GET",
            uri: "/dir/index.html",
        };
        assert_eq!(proof.response(DigestAlgorithm::Md5, "Circle of Life"), "8ca523f5e9506fed4657c9700eebdbec");
        assert_eq!(
            proof.response(DigestAlgorithm::Sha256, "Circle of Life"),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    #[test]
    fn reads_fields() {
        let fields =
            Fields::parse("digest realm=\"a, \\\"b\\\"\" ,Nonce=x1,qop=\"auth,auth-int\",stale = TRUE").expect("read");
        assert_eq!(
            ["realm", "nonce", "qop", "stale", "opaque"].map(|name| fields.get(name)),
            [Some("a, \"b\""), Some("x1"), Some("auth,auth-int"), Some("TRUE"), None]
        );
        for unreadable in ["Basic realm=\"a\"", "Digest", "Digest realm", "Digest realm=\"a", "Digest realm=\"a\\"] {
            assert!(Fields::parse(unreadable).is_none(), "{unreadable}");
        }
    }
}
