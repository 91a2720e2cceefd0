//! Opens a connection to a camera, whatever it speaks afterwards.

use super::error::CameraError;
use crate::base::clock;
use crate::base::stop::Stop;
use crate::net::link::{Link, LinkLimits, Target};
use crate::printer::label::Label;
use crate::registry::pin::Pin;

/// Opens TCP and, if `target` says so, TLS. The first certificate that proves to be the printer's is pinned. Returns
/// `None` at the stop.
///
/// # Errors
/// Fails as [`Link::open`] does.
pub fn open(
    owner: Label,
    target: &Target,
    limits: LinkLimits,
    pin: &Pin,
    stop: &Stop,
) -> Result<Option<Link>, CameraError> {
    let begun = clock::now();
    let seconds = || clock::now().saturating_duration_since(begun).as_secs_f64();
    let opened = Link::open_within(limits, target, stop, |peer| {
        log::debug!("{owner}: camera: a TCP connection to {peer} is up after {:.3} s", seconds());
    });
    let (link, leaf) = match opened {
        Err(error) if error.is_stopped() => return Ok(None),
        opened => opened?,
    };
    pin.claim(target, leaf)?;
    match target.tls {
        Some(_) => log::debug!("{owner}: camera: TLS is up and the certificate accepted after {:.3} s", seconds()),
        None => log::debug!("{owner}: camera: there is no TLS on this connection"),
    }
    Ok(Some(link))
}
