//! Addresses: which paths fit a pattern such as `/api/printers/{id}/camera`, and what they are about. `server::head`
//! has checked the paths.

use crate::printer::PrinterId;

/// Paths that begin with these are never files of the page, so that a wrong API address is not mistaken for one.
const NO_FILES: &[&str] = &["api", "hls"];

/// The subject of an address. It decides who may have the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The service itself.
    Service,
    /// The printers.
    Printers,
    /// A camera's video and stills.
    Picture,
    /// The page, a document that other sites may link to.
    Page,
    /// A file of the page.
    File,
}

impl Subject {
    /// Whether the answer comes from the fleet.
    pub fn is_of_printers(self) -> bool {
        matches!(self, Self::Printers | Self::Picture)
    }

    /// Whether pages of other origins may have it if they may embed: only a camera's video and stills.
    pub fn is_embeddable(self) -> bool {
        self == Self::Picture
    }
}

/// A path that fits a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// The printer at `{id}`.
    pub printer: Option<PrinterId>,
}

impl Address {
    /// Matches a path. In a pattern, `{id}` is a printer's number, `{segment}` any one element, and a final `*` any
    /// number of elements. A trailing `/` of the path is ignored. Below `/hls` it would change what a playlist's
    /// relative addresses mean, so such an address does not exist.
    pub fn read(pattern: &str, path: &str) -> Option<Self> {
        if path.ends_with('/') && pattern.starts_with("/hls/") {
            return None;
        }
        let path = path.strip_prefix('/')?.trim_end_matches('/');
        let mut printer = None;
        let mut elements = path.split('/');
        for wanted in pattern.strip_prefix('/')?.split('/') {
            if wanted == "*" {
                let is_file = pattern == "/*";
                return (!is_file || path.split('/').next().is_none_or(|first| !NO_FILES.contains(&first)))
                    .then_some(Self { printer });
            }
            match (wanted, elements.next()?) {
                ("{id}", element) => printer = Some(printer_id(element)?),
                ("{segment}", _) => {}
                (wanted, element) if wanted == element => {}
                _ => return None,
            }
        }
        elements.next().is_none().then_some(Self { printer })
    }
}

/// Parses a number with exactly one spelling: no sign, no leading zero.
fn printer_id(text: &str) -> Option<PrinterId> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).map(PrinterId)
}
