//! Follows a registered printer to another address.
//!
//! Its own link must have failed for a reason that another address explains, and a certificate must be pinned. Then the
//! addresses at which its serial number was heard or greeted are asked for that certificate, with a TLS hello. Only the
//! one that shows it, and holds its key, becomes the printer's address. No credential leaves before that.

use super::Shared;
use crate::base::bucket::Bucket;
use crate::base::clock;
use crate::base::error_chain;
use crate::base::stop::Stop;
use crate::base::thread::waits_for;
use crate::fleet::Handles;
use crate::mqtt::MqttError;
use crate::mqtt::state::LinkFacts;
use crate::net::dial::DialError;
use crate::net::link::{Failure, Patience, Target, greet};
use crate::printer::{Identity, Printer, PrinterId, address};
use crossbeam_channel::select;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

const PATIENCE: Patience = Patience { connect: Duration::from_secs(3), handshake: Duration::from_secs(8) };

/// How long until printers are looked at again: those that may have moved, and the others.
const SOON: Duration = Duration::from_secs(2);
const LATER: Duration = Duration::from_secs(30);
const APART: Duration = Duration::from_millis(200);

/// A name that a person typed stands for the printer's address wherever it is, so it gets this long to do so.
const A_NAME_MAY_FAIL_MS: i64 = 5 * 60 * 1000;

/// How long an address is left alone after each failure. A printer that has just been switched on may need a moment.
const RESTS: [Duration; 4] =
    [Duration::from_secs(8), Duration::from_secs(30), Duration::from_secs(120), Duration::from_secs(900)];
/// Greetings for one serial number, whatever the addresses: in a row, and per second.
const FOR_ONE_AT_ONCE: f64 = 6.0;
const FOR_ONE_PER_SECOND: f64 = 1.0 / 10.0;
/// More addresses than this are not remembered.
const TRIED: usize = 256;

/// Follows printers until the stop.
pub(super) fn run(shared: &Shared, stop: &Stop) {
    let changed = shared.newest.listen();
    let mut tries = Tries::default();
    loop {
        let moving = candidates(shared);
        let wait = if moving.is_empty() { LATER } else { SOON };
        for (printer, addresses) in moving {
            for at in addresses {
                if stop.is_stopped() {
                    return;
                }
                if !tries.may(printer.printer.id, at, clock::now()) {
                    continue;
                }
                if is_followed(shared, &printer, at, stop) {
                    tries.forget(printer.printer.id);
                    break;
                }
                shared.lock().book.refute(&printer.printer.serial, at);
            }
        }
        waits_for("a printer whose address may have changed", Some(clock::now() + wait));
        select! {
            recv(changed.changed()) -> _ => {}
            recv(stop.channel()) -> _ => return,
            default(wait) => {}
        }
        // A scan changes what was found hundreds of times a second.
        if stop.wait(APART) {
            return;
        }
    }
}

/// Returns the printers whose link fails so that another address may explain it, each with the addresses to ask.
fn candidates(shared: &Shared) -> Vec<(Handles, Vec<Ipv4Addr>)> {
    let elsewhere = |printer: &Printer| {
        let own = printer.host.parse::<IpAddr>().ok();
        let mut all = shared.lock().book.addresses(&printer.serial);
        all.retain(|at| Some(IpAddr::V4(*at)) != own && !address::is_self_assigned_ip(&IpAddr::V4(*at)));
        all
    };
    let may_move = |handles: &Handles| {
        let link = &handles.status.get().value.link;
        handles.certificate.is_some() && may_have_moved(link, &handles.printer.host, clock::unix_ms())
    };
    let with_addresses = shared.fleet.printers().into_iter().filter_map(|printer| {
        let addresses = Some(elsewhere(&printer)).filter(|all| !all.is_empty())?;
        Some((shared.fleet.with_serial(&printer.serial)?, addresses))
    });
    with_addresses.filter(|(handles, _)| may_move(handles)).collect()
}

/// Whether the link to this host fails, and another address could be the reason: nothing answers, another device
/// answers, or what answers breaks off. A printer that refuses the code has been reached.
fn may_have_moved(link: &LinkFacts, host: &str, now_unix_ms: i64) -> bool {
    let explained = match link.last_error.as_deref() {
        Some(MqttError::Link(error)) => {
            !matches!(error.failure, Failure::Stopped | Failure::Dial(DialError::System(_)))
        }
        Some(MqttError::Silent { .. }) => true,
        _ => false,
    };
    let patience_ms = if host.parse::<IpAddr>().is_ok() { 0 } else { A_NAME_MAY_FAIL_MS };
    link.is_failing() && explained && now_unix_ms.saturating_sub(link.since_unix_ms) >= patience_ms
}

/// Asks an address for the pinned certificate, and follows the printer if it is there.
fn is_followed(shared: &Shared, handles: &Handles, at: Ipv4Addr, stop: &Stop) -> bool {
    let printer = &handles.printer;
    let (id, serial) = (printer.id, &printer.serial);
    let port = shared.fleet.settings().mqtt_ports.of(id);
    let identity = Identity::Printer { serial: serial.clone(), pin: handles.certificate };
    let target = Target { host: at.to_string(), port, tls: Some(identity) };
    match greet(&target, PATIENCE, stop) {
        Ok(greeting) if Some(greeting.fingerprint) == handles.certificate => {
            log::debug!("p{id}: finding: its certificate is at {}", target.at());
            let followed = shared.fleet.follow(id, &printer.host, &target.host);
            if let Err(error) = &followed {
                log::warn!("p{id}: it is at {} and cannot be followed: {}", target.host, error_chain(error));
            }
            return followed.is_ok();
        }
        Ok(_) => log::debug!("p{id}: finding: another certificate is at {}", target.at()),
        Err(error) if error.is_stopped() => {}
        Err(error) => log::debug!("p{id}: finding: it is not followed to {}: {}", target.at(), error.failure),
    }
    false
}

/// When each address was asked for each printer.
#[derive(Debug, Default)]
struct Tries {
    of: BTreeMap<(PrinterId, Ipv4Addr), Tried>,
    rates: BTreeMap<PrinterId, Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Tried {
    times: usize,
    next: Instant,
}

impl Tries {
    /// Takes the permission to ask an address now.
    fn may(&mut self, id: PrinterId, at: Ipv4Addr, now: Instant) -> bool {
        let tried = self.of.get(&(id, at)).copied().unwrap_or(Tried { times: 0, next: now });
        if now < tried.next {
            return false;
        }
        let rate = self.rates.entry(id).or_insert_with(|| Bucket::new(FOR_ONE_AT_ONCE, FOR_ONE_PER_SECOND));
        if rate.try_take(now).is_err() {
            return false;
        }
        if self.of.len() >= TRIED {
            let oldest = self.of.iter().min_by_key(|(_, tried)| tried.next).map(|(key, _)| *key);
            oldest.map(|key| self.of.remove(&key));
        }
        let rest = RESTS.get(tried.times).or(RESTS.last()).copied().unwrap_or_default();
        self.of.insert((id, at), Tried { times: tried.times + 1, next: now + rest });
        true
    }

    /// A printer that was followed begins anew.
    fn forget(&mut self, id: PrinterId) {
        self.of.retain(|(of, _), _| *of != id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::state::LinkStep;
    use crate::net::link::LinkError;
    use crate::printer::Serial;
    use crate::printer::identity::Refusal;
    use std::io::ErrorKind;
    use std::sync::Arc;

    fn failing(error: MqttError, step: LinkStep) -> LinkFacts {
        LinkFacts {
            step,
            since_unix_ms: 1_000,
            reconnects: 0,
            last_error: Some(Arc::new(error)),
            certificate_changed: false,
        }
    }

    #[test]
    fn a_printer_may_have_moved_if_its_address_explains_the_failure() {
        let link = |failure| MqttError::Link(LinkError { at: "192.168.1.42:8883".into(), failure });
        let at = || "192.168.1.42:8883".to_owned();
        let check = |error: MqttError, step, expected| {
            let told = format!("{error:?} {step:?}");
            assert_eq!(may_have_moved(&failing(error, step), "192.168.1.42", 1_001), expected, "{told}");
        };
        let silent = || Failure::Dial(DialError::NoAnswer(ErrorKind::TimedOut.into()));
        let changed = Refusal::Changed { serial: Serial::parse("01P00A000000001").unwrap(), seen: None };
        check(link(silent()), LinkStep::Retrying, true);
        check(link(Failure::Certificate(changed)), LinkStep::Refused, true);
        check(link(Failure::ClosedInHandshake), LinkStep::Retrying, true);
        check(MqttError::Silent { at: at(), silence: Duration::from_secs(8) }, LinkStep::Retrying, true);
        check(link(silent()), LinkStep::Live, false);
        check(MqttError::CodeRefused { at: at() }, LinkStep::Refused, false);
        check(MqttError::TurnedAway { at: at(), why: "unavailable" }, LinkStep::Retrying, false);
        check(link(Failure::Dial(DialError::System(ErrorKind::PermissionDenied.into()))), LinkStep::Retrying, false);
    }

    #[test]
    fn a_name_has_five_minutes_to_stand_for_the_new_address() {
        let silent = Failure::Dial(DialError::NoAnswer(ErrorKind::TimedOut.into()));
        let link =
            failing(MqttError::Link(LinkError { at: "x1.local:8883".into(), failure: silent }), LinkStep::Retrying);
        assert!(!may_have_moved(&link, "x1.local", 300_999) && may_have_moved(&link, "x1.local", 301_000));
    }

    #[test]
    fn an_address_that_fails_is_asked_ever_less_and_many_are_asked_slowly() {
        let start = clock::now();
        let forged = Ipv4Addr::new(192, 168, 1, 66);
        let mut tries = Tries::default();
        let asked: Vec<u64> =
            (0..3600).filter(|second| tries.may(PrinterId(1), forged, start + Duration::from_secs(*second))).collect();
        assert_eq!(asked, [0, 8, 38, 158, 1058, 1958, 2858]);

        let mut tries = Tries::default();
        let many = (0..100_000_u32).filter(|number| {
            let at = Ipv4Addr::from_bits(0x0a00_0000 + number);
            tries.may(PrinterId(1), at, start + Duration::from_millis(u64::from(*number)))
        });
        assert_eq!(many.count(), 15, "6 at once, and 1 each 10 s");
        assert!(tries.of.len() <= TRIED);
        assert!(tries.may(PrinterId(2), forged, start), "another printer has its own");
    }
}
