//! What is believed of a server's certificate: what the machine believes, or, in a closed network, an own root and a pin.
//!
//! A commune's network may have no authority that phones know: its operator makes one and gives its certificate to the phones
//! with their configuration. The pin is narrower still: the SHA-256 of the server's public key, so that not even the authority
//! can put another server in its place. Why a certificate is not believed is told apart, because what helps differs: a clock
//! is set, an operator is called, a wrong address is mended.

use std::{error::Error, io, sync::Arc};

use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::ring,
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use sotay_protocol::signature::sha256;

/// Why a server's certificate is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// It begins to hold later than this phone's clock says it is: the clock is slow.
    NotYet,
    /// It has ended by this phone's clock: the operator has to renew it, or the clock is fast.
    Expired,
    /// Nobody whom this phone believes has given it.
    Unknown,
    /// It is another server's.
    OtherName,
    /// It is not of the key that was pinned.
    OtherKey,
    Other,
}

impl Distrust {
    /// What to do, for a person.
    #[must_use]
    pub fn sentence(self) -> (&'static str, &'static str) {
        match self {
            Self::NotYet => (
                "Đồng hồ điện thoại chậm hơn giờ thật, nên chứng chỉ của máy chủ chưa tới ngày: hãy chỉnh lại ngày giờ rồi thử lại",
                "The phone's clock is slow, so the server's certificate does not hold yet: set date and time, then try again",
            ),
            Self::Expired => (
                "Chứng chỉ của máy chủ đã hết hạn theo đồng hồ điện thoại: hãy xem ngày giờ có đúng không; nếu đúng, báo văn phòng \
                 cấp ủy để gia hạn chứng chỉ",
                "By the phone's clock the server's certificate has ended: check date and time; if they are right, tell the office to renew it",
            ),
            Self::Unknown => (
                "Điện thoại không biết nơi cấp chứng chỉ của máy chủ: có thể mạng này chặn giữa đường (hãy thử mạng khác), hoặc cần \
                 cài chứng chỉ gốc của đơn vị; hãy hỏi văn phòng cấp ủy",
                "The phone does not know who gave the server its certificate: this network may stand in between (try another), or the \
                 organisation's root has to be installed; ask the office",
            ),
            Self::OtherName => (
                "Chứng chỉ là của máy chủ khác: hãy xem lại địa chỉ máy chủ",
                "The certificate is another server's: check the server's address",
            ),
            Self::OtherKey => (
                "Máy chủ này không có khóa đã được ghim: có thể là máy chủ giả, hoặc khóa đã được thay; đừng tiếp tục, hãy hỏi văn \
                 phòng cấp ủy",
                "This server does not have the key that was pinned: it may be false, or its key was replaced; stop, and ask the office",
            ),
            Self::Other => (
                "Không kiểm tra được chứng chỉ của máy chủ: hãy hỏi văn phòng cấp ủy",
                "The server's certificate cannot be checked: ask the office",
            ),
        }
    }

    /// Of an error of the HTTP client, where it is about a certificate.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(rustls::Error::InvalidCertificate(why)) = error.downcast_ref() {
            return Some(Self::why(why));
        }
        // An I/O error does not name what is inside it as its source.
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inside.and_then(|inside| Self::of(inside)).or_else(|| error.source().and_then(Self::of))
    }

    fn why(error: &CertificateError) -> Self {
        match error {
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYet,
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => Self::Expired,
            CertificateError::UnknownIssuer => Self::Unknown,
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::OtherName
            }
            CertificateError::ApplicationVerificationFailure => Self::OtherKey,
            _ => Self::Other,
        }
    }
}

/// For a closed network: whose certificates are believed, and of which key. The default is what the machine believes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerTrust {
    roots: Vec<CertificateDer<'static>>,
    pin: Option<[u8; 32]>,
}

/// What was configured is no certificate, or no SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the root certificate or the pin that is configured cannot be read")]
pub struct BadTrust;

impl ServerTrust {
    /// Only what these roots (PEM, one or several) certify is believed, and nothing that the machine believes.
    ///
    /// # Errors
    /// [`BadTrust`].
    pub fn with_roots(mut self, pem: &str) -> Result<Self, BadTrust> {
        let roots: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        self.roots = roots.ok().filter(|roots| !roots.is_empty()).ok_or(BadTrust)?;
        Ok(self)
    }

    /// The server's public key (SubjectPublicKeyInfo, DER) must have this SHA-256, in hex, with colons or without.
    ///
    /// # Errors
    /// [`BadTrust`].
    pub fn with_pin(mut self, hex: &str) -> Result<Self, BadTrust> {
        let digits: Vec<u8> = hex
            .chars()
            .filter(|letter| *letter != ':' && !letter.is_whitespace())
            .map(|letter| letter.to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(BadTrust))
            .collect::<Result<_, _>>()?;
        let (pairs, []) = digits.as_chunks::<2>() else { return Err(BadTrust) };
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        self.pin = Some(bytes.try_into().map_err(|_| BadTrust)?);
        Ok(self)
    }

    /// `None` where nothing but what the machine believes is asked for.
    pub(super) fn config(&self) -> Result<Option<ClientConfig>, BadTrust> {
        if self.roots.is_empty() && self.pin.is_none() {
            return Ok(None);
        }
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = if self.roots.is_empty() {
            let machines = rustls_platform_verifier::Verifier::new(Arc::clone(&provider));
            Arc::new(machines.map_err(|_| BadTrust)?)
        } else {
            let mut roots = RootCertStore::empty();
            for root in &self.roots {
                roots.add(root.clone()).map_err(|_| BadTrust)?;
            }
            let own =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
            own.map_err(|_| BadTrust)?
        };
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let verifier = Arc::new(Pinned { verifier, pin: self.pin });
        let config = config.map_err(|_| BadTrust)?.dangerous().with_custom_certificate_verifier(verifier);
        Ok(Some(config.with_no_client_auth()))
    }
}

/// All that `verifier` asks for, and the key.
#[derive(Debug)]
struct Pinned {
    verifier: Arc<dyn ServerCertVerifier>,
    pin: Option<[u8; 32]>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified =
            self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        let Some(pin) = self.pin else { return Ok(verified) };
        let key = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        if sha256(&key) == pin {
            Ok(verified)
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_read_as_people_write_it_and_rubbish_is_refused() {
        let plain = "ab".repeat(32);
        let colons = vec!["AB"; 32].join(":");
        let pin = |hex: &str| ServerTrust::default().with_pin(hex);
        assert_eq!(pin(&plain), pin(&colons));
        assert!(pin(&plain).is_ok());
        for bad in ["", "ab", "xy", &"ab".repeat(31), &"ab".repeat(33), &"a".repeat(63)] {
            assert_eq!(pin(bad), Err(BadTrust), "{bad}");
        }
        assert_eq!(ServerTrust::default().with_roots("không phải chứng chỉ"), Err(BadTrust));
    }
}
