//! TLS in the server itself, by rustls with *ring*: certificate and key from two files, taken up anew when the files change.
//!
//! A certificate that is renewed every few weeks must not cost a restart: connections that stand go on under the old one, new
//! ones meet the new one. Files that do not fit together (a renewal that is half written) change nothing, and are said.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    CertificateError, Error, RootCertStore, ServerConfig,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sotay_protocol::{env::Timestamp, signature::sha256};

/// A sentence for the operator: which file, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TlsError(String);

/// What a server shows to whoever connects. All clones of the [`Arc`] show the same.
pub struct Tls {
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
    certificate: PathBuf,
    key: PathBuf,
    /// Of the two files as they were last looked at, whether they fitted or not.
    looked_at: Mutex<Option<[u8; 32]>>,
}

#[derive(Debug)]
struct Shown(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

impl Tls {
    /// # Errors
    /// A sentence where a file cannot be read, is none of its kind, or the key is not the certificate's.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let (pair, files) = read(certificate, key, &provider)?;
        let shown = Arc::new(Shown(RwLock::new(Arc::new(pair))));
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|_| TlsError("máy này không chạy được TLS".into()))?;
        let mut config = builder.with_no_client_auth().with_cert_resolver(Arc::clone(&shown) as _);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            shown,
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            looked_at: Mutex::new(Some(files)),
        })
    }

    /// Takes up the files where they have changed; whether they had. What stands goes on.
    ///
    /// # Errors
    /// As [`Self::load`], once for each state of the files; the old certificate is shown on.
    pub fn reload(&self) -> Result<bool, TlsError> {
        let mut looked_at = self.looked_at.lock().unwrap_or_else(PoisonError::into_inner);
        let files = fingerprint(&self.certificate, &self.key).ok();
        if files == *looked_at {
            return Ok(false);
        }
        *looked_at = files;
        let (pair, _) = read(&self.certificate, &self.key, &Arc::new(ring::default_provider()))?;
        *self.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
        Ok(true)
    }

    /// When the certificate that is shown ends, where it does not hold any more at `at`. Whether a certificate holds is looked
    /// at before who signed it, so that it need not be known who did.
    #[must_use]
    pub fn ended_by(&self, at: Timestamp) -> Option<Timestamp> {
        let pair = Arc::clone(&self.shown.0.read().unwrap_or_else(PoisonError::into_inner));
        let own = pair.cert.first()?;
        let mut anchors = RootCertStore::empty();
        anchors.add(own.clone()).ok()?;
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(anchors), provider).build().ok()?;
        let then = Duration::from_millis(u64::try_from(at.millis()).ok()?);
        let (name, then) = (ServerName::try_from("localhost").ok()?, UnixTime::since_unix_epoch(then));
        match verifier.verify_server_cert(own, &[], &name, &[], then) {
            Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
                let millis = i64::try_from(not_after.as_secs()).ok()?.checked_mul(1_000)?;
                Some(Timestamp::from_millis(millis))
            }
            _ => None,
        }
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

fn fingerprint(certificate: &Path, key: &Path) -> std::io::Result<[u8; 32]> {
    let (mut all, key) = (fs::read(certificate)?, fs::read(key)?);
    all.extend_from_slice(&sha256(&key));
    Ok(sha256(&all))
}

fn read(
    certificate: &Path,
    key: &Path,
    provider: &Arc<CryptoProvider>,
) -> Result<(CertifiedKey, [u8; 32]), TlsError> {
    let unreadable = |path: &Path| {
        TlsError(format!("không đọc được tệp {}: hãy kiểm tra đường dẫn và quyền đọc", path.display()))
    };
    let files = fingerprint(certificate, key)
        .map_err(|_| unreadable(if fs::read(certificate).is_err() { certificate } else { key }))?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect);
    let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or_else(|| {
        TlsError(format!(
            "tệp {} không có chứng chỉ TLS dạng PEM (-----BEGIN CERTIFICATE-----)",
            certificate.display()
        ))
    })?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|_| {
        TlsError(format!("tệp {} không có khóa riêng dạng PEM (-----BEGIN PRIVATE KEY-----)", key.display()))
    })?;
    let pair = CertifiedKey::from_der(chain, private, provider).map_err(|_| {
        TlsError(format!(
            "khóa trong {} không phải là khóa của chứng chỉ trong {}: hãy lấy lại cả hai tệp từ cùng một lần cấp",
            key.display(),
            certificate.display()
        ))
    })?;
    Ok((pair, files))
}
