//! Mai signs in to the console with her phone; and what others try.

use serde_json::{Value, json};
use sotay_protocol::{
    console::{Approval, Asking, Look, Scanned, SignIn, Statement},
    members::Office,
    problem::ProblemCode,
};

use super::http::{Host, Reply};
use crate::testing::*;

const SITE: &str = "http://x";

/// A browser on one machine.
struct Browser<'h> {
    host: &'h Host,
    site: &'static str,
    cookie: String,
}

impl<'h> Browser<'h> {
    fn new(host: &'h Host) -> Self {
        Self { host, site: SITE, cookie: String::new() }
    }

    async fn post(&mut self, path: &str, body: &Value) -> Reply {
        let headers = [
            ("origin", self.site),
            ("cookie", self.cookie.as_str()),
            ("user-agent", "Firefox (Windows)"),
            ("content-type", "application/json"),
        ];
        let reply = self.host.ask("POST", path, &headers, body.to_string().as_bytes()).await;
        if let Some(line) = reply.raw_head.lines().find(|line| line.to_lowercase().starts_with("set-cookie:"))
        {
            line["set-cookie:".len()..].trim().split(';').next().unwrap().clone_into(&mut self.cookie);
        }
        reply
    }

    async fn asks(&mut self) -> SignIn {
        let reply = self.post("/v1/console/sign-in", &json!({})).await;
        assert_eq!(reply.status, 200, "{}", reply.head);
        serde_json::from_slice(&reply.body).unwrap()
    }

    async fn fetches(&mut self, of: &SignIn) -> Reply {
        self.post("/v1/console/session", &json!({"request": of.request, "secret": of.secret})).await
    }

    async fn me(&self) -> Reply {
        self.host.ask("GET", "/v1/console/me", &[("cookie", &self.cookie)], &[]).await
    }
}

impl Phone {
    async fn looks(&self, host: &Host, qr: &str) -> Reply {
        let scanned = Scanned::read(qr).unwrap();
        assert_eq!(scanned.server, self.server);
        host.post_json("/v1/console/look", &Look::new(self.device, scanned.request, &self.key)).await
    }

    async fn approves(&self, host: &Host, of: &SignIn, number: u8) -> Reply {
        let of = Statement { device: self.device, request: of.request, number, origin: SITE.into() };
        host.post_json("/v1/console/approve", &Approval::new(&of, &self.key)).await
    }
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

async fn signed_in<'h>(host: &'h Host, phone: &Phone) -> Browser<'h> {
    let mut browser = Browser::new(host);
    let asked = browser.asks().await;
    assert_eq!(phone.approves(host, &asked, asked.number).await.status, 204);
    assert_eq!(browser.fetches(&asked).await.status, 200);
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn mai_signs_in_with_her_phone() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mai = village.phone("Mai");
    let mut browser = Browser::new(&host);
    let asked = browser.asks().await;
    assert_eq!(browser.fetches(&asked).await.json()["waiting"], true);
    let asking: Asking = serde_json::from_slice(&mai.looks(&host, &asked.qr).await.body).unwrap();
    assert_eq!(
        (&*asking.browser, &*asking.address, &*asking.origin),
        ("Firefox (Windows)", "127.0.0.1", SITE)
    );
    assert!(asking.numbers.contains(&asked.number));
    assert_eq!(mai.approves(&host, &asked, asked.number).await.status, 204);
    let entered = browser.fetches(&asked).await;
    assert_eq!(entered.json()["member_name"], "Mai");
    for guard in ["httponly", "samesite=strict", "path=/", "max-age=28800"] {
        assert!(entered.head.contains(guard), "{guard} in {}", entered.head);
    }
    assert_eq!(browser.me().await.json()["organisations"], json!([village.commune]));
    assert_eq!(browser.fetches(&asked).await.problem(), is(410, "sign_in_gone"), "a session is fetched once");
    assert_eq!(browser.post("/v1/console/sign-out", &json!({})).await.status, 204);
    assert_eq!(browser.me().await.problem(), is(401, "signed_out"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_was_sent_on_lets_nobody_in() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mai = village.phone("Mai");
    // Somebody begins a sign-in and sends its code to Mai, whose own screen shows another number, or none.
    let mut thief = Browser::new(&host);
    let theirs = thief.asks().await;
    let asking: Asking = serde_json::from_slice(&mai.looks(&host, &theirs.qr).await.body).unwrap();
    let guess = asking.numbers.into_iter().find(|number| *number != theirs.number).unwrap();
    assert_eq!(mai.approves(&host, &theirs, guess).await.problem(), is(410, "sign_in_gone"));
    // There is no second guess.
    assert_eq!(mai.approves(&host, &theirs, theirs.number).await.problem(), is(410, "sign_in_gone"));
    assert_eq!(thief.fetches(&theirs).await.problem(), is(410, "sign_in_gone"));
    // What Mai approves for her own browser is of no use to the thief's.
    let (mut own, theirs) = (Browser::new(&host), thief.asks().await);
    let asked = own.asks().await;
    let of =
        Statement { device: mai.device, request: asked.request, number: asked.number, origin: SITE.into() };
    let approval = Approval::new(&of, &mai.key);
    assert_eq!(host.post_json("/v1/console/approve", &approval).await.status, 204);
    assert_eq!(thief.fetches(&theirs).await.json()["waiting"], true);
    let stolen = json!({"request": asked.request, "secret": theirs.secret});
    assert_eq!(thief.post("/v1/console/session", &stolen).await.problem(), is(410, "sign_in_gone"));
    assert_eq!(own.fetches(&asked).await.status, 200);
    // Sent again, it approves nothing more.
    assert_eq!(host.post_json("/v1/console/approve", &approval).await.problem(), is(410, "sign_in_gone"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_for_another_site_ends_the_request() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mai = village.phone("Mai");
    let mut browser = Browser::new(&host);
    let asked = browser.asks().await;
    let origin = "https://so-tay-gia.vn".to_owned();
    let of = Statement { device: mai.device, request: asked.request, number: asked.number, origin };
    let refused = host.post_json("/v1/console/approve", &Approval::new(&of, &mai.key)).await;
    assert_eq!(refused.problem(), is(410, "sign_in_gone"));
    assert_eq!(browser.fetches(&asked).await.problem(), is(410, "sign_in_gone"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_holds_no_office_approves_nothing_and_nobody_approves_too_late() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let (lan, mai, mut lost) = (village.phone("Lan"), village.phone("Mai"), village.phone("Hòa"));
    let mut browser = Browser::new(&host);
    let asked = browser.asks().await;
    assert_eq!(lan.looks(&host, &asked.qr).await.problem(), is(403, "not_allowed"));
    assert_eq!(lan.approves(&host, &asked, asked.number).await.problem(), is(403, "not_allowed"));
    village.server.revoke_device(lost.device).unwrap();
    assert_eq!(lost.approves(&host, &asked, asked.number).await.problem(), is(401, "unknown_device"));
    lost.key = sotay_protocol::signature::SigningKey::from_seed([3; 32]);
    lost.device = mai.device;
    assert_eq!(lost.approves(&host, &asked, asked.number).await.problem(), is(401, "bad_signature"));
    assert_eq!(browser.fetches(&asked).await.json()["waiting"], true, "nobody has ended it for Mai");
    village.later(3 * 60);
    assert_eq!(mai.approves(&host, &asked, asked.number).await.problem(), is(410, "sign_in_gone"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_phone_its_office_its_day_and_its_silence() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let (hoa, mai) = (village.phone("Hòa"), village.phone("Mai"));
    let browser = signed_in(&host, &mai).await;
    assert_eq!(browser.me().await.status, 200);
    village.server.revoke_device(mai.device).unwrap();
    assert_eq!(browser.me().await.problem(), is(401, "signed_out"));

    let browser = signed_in(&host, &hoa).await;
    village.end_secretary("Hòa");
    assert_eq!(browser.me().await.problem(), is(403, "not_allowed"));

    let mai = village.phone("Mai");
    let browser = signed_in(&host, &mai).await;
    village.later(29 * 60);
    assert_eq!(browser.me().await.status, 200);
    village.later(31 * 60);
    assert_eq!(browser.me().await.problem(), is(401, "signed_out"), "half an hour without a call");
    let browser = signed_in(&host, &mai).await;
    for _ in 0..16 {
        assert_eq!(browser.me().await.status, 200);
        village.later(29 * 60);
    }
    village.later(17 * 60);
    assert_eq!(browser.me().await.problem(), is(401, "signed_out"), "eight hours, however busy");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_does_nothing_in_mais_name() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let mai = village.phone("Mai");
    let mut browser = signed_in(&host, &mai).await;
    for site in ["https://ke-gian.vn", "null", "http://x.ke-gian.vn", "http://xx", "x"] {
        browser.site = site;
        for path in ["/v1/console/sign-out", "/v1/console/sign-in", "/v1/console/link", "/v1/console/session"]
        {
            let refused = browser.post(path, &json!({"link": "x"})).await;
            assert_eq!(refused.problem(), is(403, "cross_site"), "{path} from {site}");
        }
    }
    let without = host.ask("POST", "/v1/console/sign-out", &[("cookie", &browser.cookie)], &[]).await;
    assert_eq!(without.problem(), is(403, "cross_site"), "a form that says no site");
    assert_eq!(browser.me().await.status, 200, "she is signed in still");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_link_serves_once_and_not_for_long() {
    let village = Village::new();
    let host = Host::start(village.server.clone()).await;
    let link = village.server.console_link(village.people["Mai"]).unwrap();
    let mut browser = Browser::new(&host);
    assert_eq!(browser.post("/v1/console/link", &json!({"link": link})).await.json()["member_name"], "Mai");
    assert_eq!(browser.me().await.status, 200);
    let again = Browser::new(&host).post("/v1/console/link", &json!({"link": link})).await;
    assert_eq!(again.problem(), is(410, "sign_in_gone"));
    let late = village.server.console_link(village.people["Mai"]).unwrap();
    village.later(15 * 60);
    assert_eq!(village.server.console_by_link(&late).unwrap_err().code, ProblemCode::SignInGone);
    assert!(village.server.console_link(village.people["Lan"]).is_err(), "Lan holds no office");
    let ended = village.server.console_link(village.people["Hòa"]).unwrap();
    village.server.end_role(village.people["Hòa"], village.cell, Office::Secretary).unwrap();
    assert_eq!(village.server.console_by_link(&ended).unwrap_err().code, ProblemCode::NotAllowed);
    host.stop().await;
}
