//! Whether a request comes from a page of ours, and from which address.

use crate::config::Web;
use axum::http::{HeaderMap, header};
use std::net::{IpAddr, SocketAddr};

/// What a browser says of the page that a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nothing.
    Missing,
    /// It is ours.
    Own,
    /// It is another's.
    Foreign,
}

/// Judges the header `Origin`: ours is the public address, or what the request was sent to.
pub(super) fn judge(web: &Web, headers: &HeaderMap) -> Origin {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return Origin::Missing };
    let Some(origin) = origin.to_str().ok().filter(|_| origins.next().is_none()) else { return Origin::Foreign };
    let is_public = web.public_url.as_ref().is_some_and(|public| public.as_str().eq_ignore_ascii_case(origin));
    let scheme = if web.tls.is_some() { "https://" } else { "http://" };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|host| !host.is_empty());
    let is_host = host
        .is_some_and(|host| origin.strip_prefix(scheme).is_some_and(|authority| authority.eq_ignore_ascii_case(host)));
    if is_public || is_host { Origin::Own } else { Origin::Foreign }
}

/// Who sent the request. Only a proxy on this machine is believed about whom it sends it for, and only about whom it saw itself.
pub(super) fn address(web: &Web, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let peer = peer.ip().to_canonical();
    if web.public_url.is_none() || !peer.is_loopback() {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok()).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::{Origin, address, judge};
    use crate::config::{Tls, Web};
    use axum::http::{HeaderMap, HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    fn web(public_url: Option<&str>, is_tls: bool) -> Web {
        let tls = is_tls.then(|| Tls { certificate: "a".into(), key: "b".into() });
        Web { public_url: public_url.map(|url| url.parse().expect("an address")), tls, ..Web::default() }
    }

    #[test]
    fn an_origin_is_the_public_one_or_the_host() {
        let host = "127.0.0.1:8080";
        for (public_url, is_tls, origin, expected) in [
            (None, false, "http://127.0.0.1:8080", Origin::Own),
            (None, false, "https://127.0.0.1:8080", Origin::Foreign),
            (None, true, "https://127.0.0.1:8080", Origin::Own),
            (None, true, "http://127.0.0.1:8080", Origin::Foreign),
            (None, false, "http://127.0.0.1:8081", Origin::Foreign),
            (None, false, "http://127.0.0.1:8080.evil.example", Origin::Foreign),
            (None, false, "http://evil.example", Origin::Foreign),
            (None, false, "null", Origin::Foreign),
            (None, false, "", Origin::Foreign),
            (Some("https://phone.example.com"), false, "https://phone.example.com", Origin::Own),
            (Some("https://phone.example.com"), false, "http://phone.example.com", Origin::Foreign),
            (Some("https://phone.example.com"), false, "https://phone.example.com.evil.example", Origin::Foreign),
        ] {
            let mut headers = headers(&[("host", host)]);
            headers.insert("origin", HeaderValue::from_static(origin));
            assert_eq!(judge(&web(public_url, is_tls), &headers), expected, "{origin}");
        }
        let one = ("origin", "http://127.0.0.1:8080");
        assert_eq!(judge(&web(None, false), &headers(&[("host", host)])), Origin::Missing);
        assert_eq!(judge(&web(None, false), &headers(&[one])), Origin::Foreign, "no host");
        let two: HeaderMap = [one, one, ("host", host)].into_iter().fold(HeaderMap::new(), |mut all, (name, value)| {
            all.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            all
        });
        assert_eq!(judge(&web(None, false), &two), Origin::Foreign, "two origins");
    }

    #[test]
    fn only_a_proxy_on_this_machine_is_believed() {
        let behind = web(Some("https://phone.example.com"), false);
        let forwarded = headers(&[("x-forwarded-for", "198.51.100.9, 203.0.113.7")]);
        for (web, peer, headers, expected) in [
            (&behind, "127.0.0.1:1", &forwarded, "203.0.113.7"),
            (&behind, "127.0.0.1:1", &headers(&[]), "127.0.0.1"),
            (&behind, "127.0.0.1:1", &headers(&[("x-forwarded-for", "unknown")]), "127.0.0.1"),
            (&behind, "192.0.2.1:1", &forwarded, "192.0.2.1"),
            (&self::web(None, false), "127.0.0.1:1", &forwarded, "127.0.0.1"),
            (&behind, "[::ffff:127.0.0.1]:1", &forwarded, "203.0.113.7"),
        ] {
            let found = address(web, peer.parse().expect("an address"), headers);
            assert_eq!(found.to_string(), expected);
        }
    }
}
