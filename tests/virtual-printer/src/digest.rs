//! Whether an `Authorization` header proves the access code: Digest with MD5 (RFC 2069 as live555 does it, RFC 7616
//! with qop) and Basic (RFC 7617).

use crate::behaviour::{Auth, Nonce, RtspManners};
use crate::noise::Noise;
use md5::{Digest, Md5};

const REALM: &str = "LIVE555 Streaming Media";

/// The challenge of one connection.
pub(crate) struct Gate {
    nonce: Option<String>,
    noise: Noise,
}

/// What is to be done with a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Admitted,
    /// The `WWW-Authenticate` line for the 401.
    Challenged {
        line: String,
        /// It came with credentials, and they were not merely stale.
        wrong: bool,
    },
}

impl Gate {
    pub(crate) fn new(seed: u64) -> Self {
        Self { nonce: None, noise: Noise::new(seed) }
    }

    /// Judges a request by its method and its `Authorization` header.
    pub(crate) fn judge(&mut self, manners: &RtspManners, method: &str, header: Option<&str>) -> Verdict {
        let proof = match (manners.auth, header) {
            (_, None) => Proof::None,
            (Auth::Basic, Some(header)) => basic(header, manners),
            (Auth::Digest, Some(header)) => self.digest(header, method, manners, false),
            (Auth::DigestQop, Some(header)) => self.digest(header, method, manners, true),
        };
        match (proof, manners.nonce) {
            (Proof::Right, Nonce::Connection) => return Verdict::Admitted,
            (Proof::Right, Nonce::OneRequest) => {
                self.nonce = None;
                return Verdict::Admitted;
            }
            _ => {}
        }
        let nonce = format!("{:016x}{:016x}", self.noise.next(), self.noise.next());
        let stale = if proof == Proof::Stale { ", stale=true" } else { "" };
        let line = match manners.auth {
            Auth::Digest => format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\"{stale}"),
            Auth::DigestQop => {
                format!("Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"{stale}")
            }
            Auth::Basic => format!("Basic realm=\"{REALM}\""),
        };
        self.nonce = Some(nonce);
        Verdict::Challenged { line, wrong: proof == Proof::Wrong }
    }

    fn digest(&self, header: &str, method: &str, manners: &RtspManners, qop: bool) -> Proof {
        let RtspManners { user, code, .. } = manners;
        let Some(fields) = header.strip_prefix("Digest ").map(fields) else { return Proof::Wrong };
        let field = |name: &str| fields.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| *value);
        if field("username") != user || field("realm") != REALM {
            return Proof::Wrong;
        }
        let secret = md5(&format!("{user}:{REALM}:{code}"));
        let action = md5(&format!("{method}:{}", field("uri")));
        let nonce = field("nonce");
        let expected = if qop {
            md5(&format!("{secret}:{nonce}:{}:{}:{}:{action}", field("nc"), field("cnonce"), field("qop")))
        } else {
            md5(&format!("{secret}:{nonce}:{action}"))
        };
        let has_qop = field("qop") == "auth" && !field("nc").is_empty() && !field("cnonce").is_empty();
        match (field("response") == expected && (has_qop || !qop), self.nonce.as_deref() == Some(nonce)) {
            (false, _) => Proof::Wrong,
            (true, false) => Proof::Stale,
            (true, true) => Proof::Right,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proof {
    None,
    Wrong,
    Stale,
    Right,
}

fn basic(header: &str, manners: &RtspManners) -> Proof {
    let RtspManners { user, code, .. } = manners;
    let expected = format!("Basic {}", crate::sdp::base64(format!("{user}:{code}").as_bytes()));
    if header == expected { Proof::Right } else { Proof::Wrong }
}

/// `key="value", key=value …`
fn fields(text: &str) -> Vec<(&str, &str)> {
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some((key, after)) = rest.split_once('=') {
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        fields.push((key.trim_matches([' ', ',']), value.trim()));
        rest = after;
    }
    fields
}

fn md5(text: &str) -> String {
    Md5::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonce_of(verdict: &Verdict) -> String {
        let Verdict::Challenged { line, .. } = verdict else { panic!("no challenge: {verdict:?}") };
        line.split("nonce=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
    }

    /// As `md5sum` computes it, not as this file does: the vector of RFC 2617, 3.5.
    #[test]
    fn the_example_of_the_rfc_holds() {
        let secret = md5("Mufasa:testrealm@host.com:Circle Of Life");
        let action = md5("GET:/dir/index.html");
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        assert_eq!(
            md5(&format!("{secret}:{nonce}:00000001:0a4f113b:auth:{action}")),
            "6629fae49393a05397450978507c4ef1"
        );
    }

    fn answer(code: &str, method: &str, nonce: &str) -> String {
        let response =
            md5(&format!("{}:{nonce}:{}", md5(&format!("bblp:{REALM}:{code}")), md5(&format!("{method}:rtsps://p/1"))));
        format!(
            "Digest username=\"bblp\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"rtsps://p/1\", response=\"{response}\""
        )
    }

    #[test]
    fn one_challenge_serves_a_connection_until_a_wrong_answer() {
        let (mut gate, manners) = (Gate::new(1), RtspManners::default());
        let nonce = nonce_of(&gate.judge(&manners, "DESCRIBE", None));
        assert_eq!(nonce.len(), 32);
        for method in ["DESCRIBE", "SETUP", "PLAY"] {
            let header = answer("12345678", method, &nonce);
            assert_eq!(gate.judge(&manners, method, Some(&header)), Verdict::Admitted);
        }
        let wrong = gate.judge(&manners, "PLAY", Some(&answer("87654321", "PLAY", &nonce)));
        assert!(matches!(&wrong, Verdict::Challenged { wrong: true, .. }));
        assert_ne!(nonce_of(&wrong), nonce);
    }

    #[test]
    fn a_nonce_for_one_request_is_stale_at_the_next() {
        let (mut gate, manners) = (Gate::new(1), RtspManners { nonce: Nonce::OneRequest, ..RtspManners::default() });
        let nonce = nonce_of(&gate.judge(&manners, "DESCRIBE", None));
        assert_eq!(gate.judge(&manners, "DESCRIBE", Some(&answer("12345678", "DESCRIBE", &nonce))), Verdict::Admitted);
        let stale = gate.judge(&manners, "SETUP", Some(&answer("12345678", "SETUP", &nonce)));
        assert!(
            matches!(&stale, Verdict::Challenged { line, wrong: false } if line.ends_with("stale=true")),
            "{stale:?}"
        );
    }

    #[test]
    fn basic_is_accepted_where_it_is_asked_for() {
        let manners = RtspManners { auth: Auth::Basic, ..RtspManners::default() };
        // printf bblp:12345678 | base64
        assert_eq!(Gate::new(1).judge(&manners, "PLAY", Some("Basic YmJscDoxMjM0NTY3OA==")), Verdict::Admitted);
        assert_ne!(Gate::new(1).judge(&manners, "PLAY", Some("Basic YmJscDo4NzY1NDMyMQ==")), Verdict::Admitted);
    }
}
