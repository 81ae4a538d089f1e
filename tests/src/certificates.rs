//! Certificates for the stories of TLS: a private authority, and what it says of servers. X.509 by hand (RFC 5280, RFC 8410), for
//! Ed25519 keys alone: a library for it would bring twenty crates into the tree for one story.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use ring::signature::{Ed25519KeyPair, KeyPair};

/// A key with a certificate.
#[derive(Debug)]
pub struct Certified {
    name: String,
    seed: [u8; 32],
    key: Ed25519KeyPair,
    pub der: Vec<u8>,
}

const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..0x80 => out.push(u8::try_from(short).unwrap_or(0)),
        long => {
            let bytes = long.to_be_bytes();
            let bytes: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0));
            out.extend(bytes);
        }
    }
    out.extend_from_slice(content);
    out
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn named(name: &str) -> Vec<u8> {
    let common = sequence(&[&[0x06, 0x03, 0x55, 0x04, 0x03], &tlv(0x0c, name.as_bytes())]);
    sequence(&[&tlv(0x31, &common)])
}

fn time(at: DateTime<Utc>) -> Vec<u8> {
    tlv(0x18, at.format("%Y%m%d%H%M%SZ").to_string().as_bytes())
}

fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    sequence(&[&tlv(0x06, oid), critical, &tlv(0x04, value)])
}

fn public(key: &Ed25519KeyPair) -> Vec<u8> {
    let mut bits = vec![0];
    bits.extend_from_slice(key.public_key().as_ref());
    sequence(&[&sequence(&[ED25519]), &tlv(0x03, &bits)])
}

/// From when to when a certificate holds.
pub type Validity = (DateTime<Utc>, DateTime<Utc>);

impl Certified {
    /// An authority that nobody else certified.
    #[must_use]
    pub fn authority(name: &str, seed: u8, validity: Validity) -> Self {
        let basic = extension(&[0x55, 0x1d, 0x13], true, &sequence(&[&[0x01, 0x01, 0xff]]));
        Self::made(name, seed, validity, &basic, None)
    }

    /// A server's, by this authority, for these host names; an address of four numbers is taken for one.
    #[must_use]
    pub fn server(&self, hosts: &[&str], seed: u8, validity: Validity) -> Self {
        let names: Vec<Vec<u8>> = hosts
            .iter()
            .map(|host| match host.parse::<std::net::Ipv4Addr>() {
                Ok(address) => tlv(0x87, &address.octets()),
                Err(_) => tlv(0x82, host.as_bytes()),
            })
            .collect();
        let names = extension(&[0x55, 0x1d, 0x11], false, &tlv(0x30, &names.concat()));
        Self::made(hosts.first().unwrap_or(&"x"), seed, validity, &names, Some(self))
    }

    fn made(name: &str, seed: u8, (from, until): Validity, extensions: &[u8], by: Option<&Self>) -> Self {
        let seed = [seed; 32];
        #[expect(clippy::expect_used, reason = "any 32 bytes are a key")]
        let key = Ed25519KeyPair::from_seed_unchecked(&seed).expect("a key");
        let said = sequence(&[
            &[0xa0, 0x03, 0x02, 0x01, 0x02],
            &tlv(0x02, &[0x01]),
            &sequence(&[ED25519]),
            &named(by.map_or(name, |by| &by.name)),
            &sequence(&[&time(from), &time(until)]),
            &named(name),
            &public(&key),
            &tlv(0xa3, &sequence(&[extensions])),
        ]);
        let mut signature = vec![0];
        signature.extend_from_slice(by.map_or(&key, |by| &by.key).sign(&said).as_ref());
        let der = sequence(&[&said, &sequence(&[ED25519]), &tlv(0x03, &signature)]);
        Self { name: name.to_owned(), seed, key, der }
    }

    #[must_use]
    pub fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    #[must_use]
    pub fn key_pem(&self) -> String {
        let key = sequence(&[&tlv(0x02, &[0]), &sequence(&[ED25519]), &tlv(0x04, &tlv(0x04, &self.seed))]);
        pem("PRIVATE KEY", &key)
    }

    /// The key as a certificate holds it: what a pin is over.
    #[must_use]
    pub fn public_key_info(&self) -> Vec<u8> {
        public(&self.key)
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}
