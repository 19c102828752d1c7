//! The certificate that makes it https, read again when its file changes.

use crate::config::Tls;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use tokio_rustls::rustls::{self, ServerConfig, crypto::ring};

/// What is wrong with the certificate or its key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file can't be read.
    #[error("{key}: {} can't be read: {why}. Let Backstop's user read it, or name another file", file.display())]
    Unreadable {
        /// The key of the configuration.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// Why not.
        why: std::io::Error,
    },
    /// A file holds something else.
    #[error("{key}: {} holds no {what}. Write it as PEM: it begins with -----BEGIN", file.display())]
    Empty {
        /// The key of the configuration.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// What it should hold.
        what: &'static str,
    },
    /// The certificate can't be served by this key.
    #[error("web.certificate: {} can't be used: {why}. Name the certificate that was made for this key, and its chain", file.display())]
    Unfit {
        /// The certificate's file.
        file: PathBuf,
        /// Why not.
        why: rustls::Error,
    },
}

/// Reads certificate and key.
///
/// # Errors
/// What is wrong with them, and what to do.
pub fn load_certificate(tls: &Tls) -> Result<Arc<ServerConfig>, TlsError> {
    let chain = CertificateDer::pem_slice_iter(&read("web.certificate", &tls.certificate)?)
        .collect::<Result<Vec<_>, pem::Error>>()
        .ok()
        .filter(|chain| !chain.is_empty())
        .ok_or_else(|| empty("web.certificate", &tls.certificate, "certificate"))?;
    let key = PrivateKeyDer::from_pem_slice(&read("web.key", &tls.key)?)
        .map_err(|_| empty("web.key", &tls.key, "private key"))?;
    let unfit = |why| TlsError::Unfit { file: tls.certificate.clone(), why };
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read(key: &'static str, file: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(file).map_err(|why| TlsError::Unreadable { key, file: file.to_owned(), why })
}

fn empty(key: &'static str, file: &Path, what: &'static str) -> TlsError {
    TlsError::Empty { key, file: file.to_owned(), what }
}

/// The certificate as it is served now.
pub(super) struct Certificate {
    files: Tls,
    changed_at: [Option<SystemTime>; 2],
    acceptor: TlsAcceptor,
}

impl Certificate {
    pub(super) fn open(files: Tls) -> Result<Self, TlsError> {
        let changed_at = changed_at(&files);
        let acceptor = load_certificate(&files)?.into();
        Ok(Self { files, changed_at, acceptor })
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.acceptor.clone()
    }

    /// Takes changed files over. What won't do is told, and looked at again: perhaps it is being written.
    pub(super) fn look(&mut self) {
        let changed_at = changed_at(&self.files);
        if changed_at == self.changed_at {
            return;
        }
        match load_certificate(&self.files) {
            Ok(config) => {
                (self.acceptor, self.changed_at) = (config.into(), changed_at);
                tracing::info!("the changed certificate is served from now on");
            }
            Err(error) => tracing::warn!(%error, "the changed certificate is not taken over, and the old one stays"),
        }
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("files", &self.files).finish_non_exhaustive()
    }
}

fn changed_at(files: &Tls) -> [Option<SystemTime>; 2] {
    [&files.certificate, &files.key].map(|file| std::fs::metadata(file).and_then(|file| file.modified()).ok())
}

#[cfg(test)]
mod tests {
    use super::{Certificate, load_certificate};
    use crate::config::Tls;
    use std::path::Path;
    use std::process::Command;
    use std::sync::Arc;

    fn make(folder: &Path) -> Tls {
        let files = Tls { certificate: folder.join("certificate.pem"), key: folder.join("key.pem") };
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-subj",
                "/CN=x",
            ])
            .arg("-keyout")
            .arg(&files.key)
            .arg("-out")
            .arg(&files.certificate)
            .output();
        assert!(made.expect("openssl is there").status.success());
        files
    }

    #[test]
    fn a_changed_certificate_is_taken_over_once_it_is_whole() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let [files, other] = folders.each_ref().map(|folder| make(folder.path()));
        let mut served = Certificate::open(files.clone()).expect("valid");
        let first = Arc::clone(served.acceptor().config());
        let is_first = |served: &Certificate| Arc::ptr_eq(served.acceptor().config(), &first);
        served.look();
        assert!(is_first(&served), "nothing has changed");
        std::fs::copy(&other.certificate, &files.certificate).expect("written");
        served.look();
        assert!(is_first(&served), "its key is missing yet");
        assert!(load_certificate(&files).is_err_and(|why| why.to_string().contains("made for this key")));
        std::fs::copy(&other.key, &files.key).expect("written");
        served.look();
        assert!(!is_first(&served));
    }
}
