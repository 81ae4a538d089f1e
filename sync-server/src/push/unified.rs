//! UnifiedPush: an empty POST to the address that the phone's distributor gave it, as Web Push has it (RFC 8030).
//!
//! The address is a stranger's: whoever has a phone here can name one. So the server speaks HTTPS only, follows no
//! redirect, goes through no proxy, reads no answer beyond its status, and speaks to no address inside a network,
//! judged when the name is resolved and not before: a name that points elsewhere at the second look gains nothing.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use reqwest::{
    Client, StatusCode, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    header,
    redirect::Policy,
};
use sotay_protocol::exchange::{PushAddress, UNIFIED_PUSH};

use super::{Push, PushError};

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(10);
/// Seconds for which the push may wait at the provider for a phone that is off.
const KEPT: &str = "86400";
/// One waiting push of this server replaces another.
const TOPIC: &str = "sotay";

/// No root certificates on this machine.
#[derive(Debug, thiserror::Error)]
#[error(
    "không thiết lập được kết nối bảo mật trên máy này: hãy cài đặt chứng chỉ gốc (ca-certificates), hoặc bỏ --push"
)]
pub struct NoTls;

#[derive(Debug)]
pub struct UnifiedPush {
    client: Client,
    inside: bool,
}

impl UnifiedPush {
    /// `inside`: also to addresses inside networks, as for a distributor that the commune runs itself; to this
    /// machine without TLS.
    ///
    /// # Errors
    /// [`NoTls`].
    pub fn new(inside: bool) -> Result<Self, NoTls> {
        // Taken already is as good: there is one provider in the tree.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(Outside { inside }))
            .user_agent(concat!("sotay-server/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| NoTls)?;
        Ok(Self { client, inside })
    }

    fn url(&self, token: &str) -> Option<Url> {
        let url = Url::parse(token).ok()?;
        let host = url.host_str()?.trim_matches(['[', ']']);
        let address = host.parse::<IpAddr>().ok();
        let plain_is_safe = self.inside && address.is_some_and(|address| address.is_loopback());
        let secure = url.scheme() == "https" || (url.scheme() == "http" && plain_is_safe);
        let reachable = self.inside || address.is_none_or(is_outside);
        let bare = url.username().is_empty() && url.password().is_none();
        (secure && reachable && bare).then_some(url)
    }
}

impl Push for UnifiedPush {
    fn provider(&self) -> &'static str {
        UNIFIED_PUSH
    }

    fn poke(&self, address: &PushAddress) -> BoxFuture<'_, Result<(), PushError>> {
        let Some(url) = self.url(&address.token) else {
            return std::future::ready(Err(PushError::Refused)).boxed();
        };
        let request = self.client.post(url).header("ttl", KEPT).header("topic", TOPIC);
        let request = request.header("urgency", "normal").header(header::CONTENT_LENGTH, 0);
        async move {
            let answer = request.send().await.map_err(|_| PushError::Later(None))?;
            let asked =
                answer.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok()?.parse().ok());
            judged(answer.status(), asked.map(Duration::from_secs))
        }
        .boxed()
    }
}

fn judged(status: StatusCode, asked: Option<Duration>) -> Result<(), PushError> {
    match status {
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(PushError::Gone),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Err(PushError::Later(asked)),
        status if status.is_server_error() => Err(PushError::Later(asked)),
        status if status.is_success() => Ok(()),
        _ => Err(PushError::Refused),
    }
}

/// Names, without the addresses to which this server does not speak.
#[derive(Debug)]
struct Outside {
    inside: bool,
}

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        let inside = self.inside;
        async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|at| inside || is_outside(at.ip())).collect();
            if allowed.is_empty() {
                return Err("no address outside".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        }
        .boxed()
    }
}

/// An address of the public network, as far as addresses tell.
fn is_outside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_outside_v4(address),
        IpAddr::V6(address) => is_outside_v6(address),
    }
}

fn is_outside_v4(address: Ipv4Addr) -> bool {
    let [one, two, three, _] = address.octets();
    let special = match (one, two, three) {
        // Carrier-grade NAT, protocol assignments, measurements, and what is reserved.
        (0 | 240.., _, _) | (100, 64..128, _) | (192, 0, 0) | (198, 18..20, _) => true,
        _ => false,
    };
    !(special
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast())
}

/// Global unicast only, and of it nothing that carries an IPv4 address along or stands in books.
fn is_outside_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0 | 0xdb8, ..] | [0x2002, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    fn address(token: String) -> PushAddress {
        PushAddress { provider: UNIFIED_PUSH.into(), token }
    }

    /// What a distributor on this machine heard, and what the server made of its answer.
    fn pokes(answer: &'static str) -> (String, Result<(), PushError>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let token = format!("http://{}/UP?id=may-cua-Lan", listener.local_addr().unwrap());
        let distributor = thread::Builder::new().spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = vec![0; 4096];
            let read = stream.read(&mut heard).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8(heard[..read].to_vec()).unwrap()
        });
        let push = UnifiedPush::new(true).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let done = runtime.block_on(push.poke(&address(token)));
        (distributor.unwrap().join().unwrap(), done)
    }

    #[test]
    fn a_push_says_nothing_and_its_answer_is_understood() {
        let (heard, done) = pokes("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(done, Ok(()));
        let heard = heard.to_lowercase();
        assert!(heard.starts_with("post /up?id=may-cua-lan http/1.1\r\n"), "{heard}");
        assert!(heard.contains("ttl: 86400") && heard.contains("content-length: 0"), "{heard}");
        assert!(heard.ends_with("\r\n\r\n"), "no body: {heard}");
        let told = |answer| pokes(answer).1;
        assert_eq!(told("HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"), Err(PushError::Gone));
        let busy = "HTTP/1.1 429 x\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(told(busy), Err(PushError::Later(Some(Duration::from_secs(120)))));
        assert_eq!(told("HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n"), Err(PushError::Later(None)));
        let elsewhere = "HTTP/1.1 307 x\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(told(elsewhere), Err(PushError::Refused), "not followed");
        assert_eq!(told("rubbish\r\n\r\n"), Err(PushError::Later(None)));
    }

    #[test]
    fn nobody_makes_the_server_speak_to_what_stands_inside() {
        let (outside, inside) = (UnifiedPush::new(false).unwrap(), UnifiedPush::new(true).unwrap());
        for good in ["https://push.example.vn/UP?id=1", "https://203.162.4.191/x", "https://[2a00:1450::1]/x"]
        {
            assert!(outside.url(good).is_some(), "{good}");
        }
        for bad in [
            "http://push.example.vn/",
            "https://127.0.0.1/",
            "https://10.1.2.3/",
            "https://192.168.1.1:8443/",
            "https://172.20.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://100.64.0.1/",
            "https://[::1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[2002:0a00:0001::1]/",
            "https://0/",
            "https://2130706433/",
            "https://lan:mat-khau@push.example.vn/",
            "ftp://push.example.vn/",
            "không phải địa chỉ",
            "",
        ] {
            assert!(outside.url(bad).is_none(), "{bad}");
        }
        for inside_only in ["https://10.1.2.3/", "http://127.0.0.1:9/", "http://[::1]:9/"] {
            assert!(inside.url(inside_only).is_some(), "{inside_only}");
        }
        assert!(inside.url("http://10.1.2.3/").is_none(), "without TLS only on this machine");
        // A name that points inside is found out when it is resolved.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let done = runtime.block_on(outside.poke(&address("https://localhost:9/".into())));
        assert_eq!(done, Err(PushError::Later(None)));
    }
}
