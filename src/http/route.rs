//! Addresses: what a pattern such as `/api/printers/{id}/camera` stands for, and what is told there. Paths have passed
//! `server::head`.

use crate::printer::PrinterId;

/// The file of the page may be anywhere but here, so that a wrong address of the interface is not taken for one.
const NO_FILES: &[&str] = &["api", "hls"];

/// What an address tells about. This decides who may have the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The service itself.
    Service,
    /// Printers.
    Printers,
    /// What a printer's camera shows.
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

    /// Whether pages of other origins may have it where they are allowed to embed: what a camera shows, and nothing else.
    pub fn is_embeddable(self) -> bool {
        self == Self::Picture
    }
}

/// A path that fits a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address {
    /// What is at `{id}`.
    pub printer: Option<PrinterId>,
}

impl Address {
    /// Reads a path. In a pattern, `{id}` is a printer's number, `{segment}` any one element, and `*` at the end any number
    /// of them. A `/` at the end of the path means nothing; below `/hls` it would change what a playlist's relative
    /// addresses mean, so there is no such address.
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

/// One spelling for each: no sign, no leading zero.
fn printer_id(text: &str) -> Option<PrinterId> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).map(PrinterId)
}
