//! The address of a proxy, as people write it.

use url::{Host, Url};

use super::types::{ProxyAddress, Secret};

/// The proxy that `text` names: `http://user:password@proxy.example:3128`, the scheme and the port perhaps left out.
///
/// # Errors
/// What is wrong with it, in words that hold nothing of it.
pub(crate) fn proxy_address(text: &str) -> Result<ProxyAddress, String> {
    let whole = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let url = Url::parse(&whole).map_err(|error| format!("this is no address of a proxy: {error}"))?;
    if url.scheme() != "http" {
        return Err(format!(
            "a proxy that speaks `{}` cannot be used, only `http`",
            url.scheme()
        ));
    }
    let host = match url.host() {
        Some(Host::Domain(name)) => name.to_ascii_lowercase(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(address)) => address.to_string(),
        None => return Err("the address of a proxy names its host".to_owned()),
    };
    // curl's default, written nowhere in the address.
    let port = url
        .port()
        .unwrap_or(if whole.trim_end_matches('/').ends_with(":80") {
            80
        } else {
            1080
        });
    let user = percent_decoded(url.username());
    let password = percent_decoded(url.password().unwrap_or_default());
    let credentials =
        (!user.is_empty() || !password.is_empty()).then(|| Secret::new(format!("{user}:{password}")));
    Ok(ProxyAddress {
        host,
        port,
        credentials,
    })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match hex.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_named_as_curl_names_it() {
        for (text, host, port) in [
            ("http://Proxy.example:3128", "proxy.example", 3128),
            ("proxy.example", "proxy.example", 1080),
            ("http://proxy.example:80", "proxy.example", 80),
            ("http://proxy.example:80/", "proxy.example", 80),
            ("http://[::1]:3128", "::1", 3128),
            ("10.0.0.1:8080", "10.0.0.1", 8080),
        ] {
            let address = proxy_address(text).unwrap();
            assert_eq!((address.host.as_str(), address.port), (host, port), "{text}");
            assert_eq!(address.credentials, None);
        }
        let login = proxy_address("http://us%40er:p%3Aw@one.example:80")
            .unwrap()
            .credentials;
        assert_eq!(login.unwrap().reveal(), "us@er:p:w");
        for bad in [
            "",
            "socks5://one.example",
            "https://one.example",
            "http://",
            "one example",
        ] {
            assert!(proxy_address(bad).is_err(), "{bad}");
        }
    }
}
