//! The client's side of Digest (RFC 7616, and RFC 2069/2617 as cameras use it) and Basic (RFC 7617).
//!
//! The first request carries no credentials. A 401 brings a challenge, which is used for the rest of the connection.
//! Basic is used only inside TLS, and auth-int is not supported. The access code is hashed or encoded only here.

mod challenge;

use super::base64;
use super::message::{Headers, Method};
use crate::base::secret::Secret;
use challenge::{Challenge, DigestChallenge, Hash, Quality};

/// Why a 401 cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The user or the access code is wrong.
    Credentials,
    /// No offered scheme is supported, or only Basic is offered outside TLS.
    Scheme,
    /// No login is configured.
    NoLogin,
}

/// The credentials and the challenge they answer.
pub struct Authenticator {
    user: String,
    password: Secret,
    tls: bool,
    cnonce_seed: u64,
    challenge: Option<Challenge>,
    /// How often the present nonce was used.
    count: u32,
}

/// The credentials of the refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// Whether it carried an Authorization.
    pub authorized: bool,
    /// Whether it was the second request with one, after a fresh challenge.
    pub again: bool,
}

impl Authenticator {
    pub fn new(user: &str, password: Secret, tls: bool, cnonce_seed: u64) -> Self {
        Self { user: user.to_owned(), password, tls, cnonce_seed, challenge: None, count: 0 }
    }

    /// Takes the challenges of a 401. If this succeeds, the request is worth one more attempt.
    ///
    /// live555 sends a new challenge after each refusal, without `stale`. A new nonce is therefore worth one attempt,
    /// like a stale one. The same nonce again, or a second refusal, means that the access code is wrong.
    pub fn challenged(&mut self, headers: &Headers, attempt: Attempt) -> Result<(), Refusal> {
        if self.user.is_empty() {
            return Err(Refusal::NoLogin);
        }
        let offered = headers.all("WWW-Authenticate").flat_map(Challenge::parse_all);
        let usable = offered.filter(|challenge| self.tls || !matches!(challenge, Challenge::Basic));
        // Takes the first of equals; `max_by_key` would take the last.
        let best = usable.min_by_key(|challenge| match challenge {
            Challenge::Digest(digest) if digest.hash == Hash::Sha256 => 0,
            Challenge::Digest(_) => 1,
            Challenge::Basic => 2,
        });
        if attempt.authorized {
            let fresh = match (&self.challenge, &best) {
                (Some(Challenge::Digest(old)), Some(Challenge::Digest(new))) => new.stale || new.nonce != old.nonce,
                _ => false,
            };
            if attempt.again || !fresh {
                return Err(Refusal::Credentials);
            }
        }
        self.challenge = Some(best.ok_or(Refusal::Scheme)?);
        self.count = 0;
        self.cnonce_seed = mixed(self.cnonce_seed);
        Ok(())
    }

    /// Returns the Authorization for the next request, once a challenge is known. `url` must equal that of the request
    /// line byte for byte.
    pub fn authorization(&mut self, method: Method, url: &str) -> Option<Vec<u8>> {
        match self.challenge.as_ref()? {
            Challenge::Basic => {
                let pair = format!("{}:{}", self.user, self.password.expose());
                Some(format!("Basic {}", base64::encode(pair.as_bytes())).into_bytes())
            }
            Challenge::Digest(digest) => {
                self.count = self.count.saturating_add(1);
                let cnonce = format!("{:016x}", mixed(self.cnonce_seed ^ 1));
                let using = Using { count: self.count, cnonce: &cnonce };
                Some(answer(digest, self.user.as_bytes(), self.password.expose().as_bytes(), method, url, using))
            }
        }
    }
}

/// The client's part of a Digest answer.
#[derive(Clone, Copy)]
struct Using<'a> {
    count: u32,
    cnonce: &'a str,
}

/// Returns the whole header value. It quotes what RFC 7616 §3.4 quotes. `algorithm` and `opaque` are present only if
/// they were offered (TP-Link refuses otherwise).
fn answer(
    digest: &DigestChallenge,
    user: &[u8],
    password: &[u8],
    method: Method,
    url: &str,
    using: Using<'_>,
) -> Vec<u8> {
    let response = response(digest, user, password, &method.to_string(), url, using);
    let escaped_user: Vec<u8> = user
        .iter()
        .flat_map(|byte| [b'\\', *byte].into_iter().skip(usize::from(!matches!(byte, b'"' | b'\\'))))
        .collect();
    let quoted = |name: &str, value: &[u8]| [name.as_bytes(), b"=\"", value, b"\""].concat();
    let mut parts = vec![
        quoted("username", &escaped_user),
        quoted("realm", &digest.realm),
        quoted("nonce", &digest.nonce),
        quoted("uri", url.as_bytes()),
        quoted("response", response.as_bytes()),
    ];
    parts.extend(digest.algorithm.as_ref().map(|name| [b"algorithm=", name.as_slice()].concat()));
    parts.extend(digest.opaque.as_ref().map(|opaque| quoted("opaque", opaque)));
    if digest.quality == Quality::Auth {
        parts.push(format!("qop=auth, nc={:08x}", using.count).into_bytes());
    }
    if digest.quality == Quality::Auth || digest.session {
        parts.push(quoted("cnonce", using.cnonce.as_bytes()));
    }
    [&b"Digest "[..], &parts.join(&b", "[..])].concat()
}

/// RFC 7616 §3.4.1 to §3.4.3. Without `qop` it follows RFC 2069, which live555 and GStreamer use.
fn response(
    digest: &DigestChallenge,
    user: &[u8],
    password: &[u8],
    method: &str,
    url: &str,
    using: Using<'_>,
) -> String {
    let hash = |parts: &[&[u8]]| digest.hash.hex(&parts.join(&b":"[..]));
    let (realm, nonce) = (challenge::unescaped(&digest.realm), challenge::unescaped(&digest.nonce));
    let mut secret = hash(&[user, &realm, password]);
    if digest.session {
        secret = hash(&[secret.as_bytes(), &nonce, using.cnonce.as_bytes()]);
    }
    let asked = hash(&[method.as_bytes(), url.as_bytes()]);
    match digest.quality {
        Quality::None => hash(&[secret.as_bytes(), &nonce, asked.as_bytes()]),
        Quality::Auth => {
            let count = format!("{:08x}", using.count);
            hash(&[secret.as_bytes(), &nonce, count.as_bytes(), using.cnonce.as_bytes(), b"auth", asked.as_bytes()])
        }
    }
}

/// Applies splitmix64: the caller's seed is random, and this only spreads it over the challenges of a connection.
fn mixed(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests;
