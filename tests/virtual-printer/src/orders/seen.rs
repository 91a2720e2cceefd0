//! What a printer has seen, for scripts.

use serde_json::{Value, json};
use std::io::{self, Write};
use virtual_printer::{Seen, VirtualPrinter};

/// The counters, and when the last reports were made.
pub(super) fn tell(printer: &VirtualPrinter, impostors: &[VirtualPrinter]) -> io::Result<()> {
    let seen = printer.broker().seen().mqtt;
    let reports: Vec<f64> = seen.last_reports.iter().map(|report| report.unix_s).collect();
    let air = printer.air();
    let line = json!({
        "sessions": seen.sessions,
        "connects": seen.connects,
        "reports": seen.reports,
        "requests": seen.requests,
        "pushalls": seen.pushalls,
        "disconnectsClean": seen.disconnects_clean,
        "disconnectsUnclean": seen.disconnects_unclean,
        "reportTimes": reports,
        "camera": of_port(&printer.camera().seen()),
        "announced": air.announced,
        "searches": air.searches,
        "impostors": impostors.iter().filter(|impostor| impostor.serial() == printer.serial()).map(of_all).collect::<Vec<_>>(),
    });
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

fn of_port(seen: &Seen) -> Value {
    json!({
        "accepted": seen.accepted,
        "connected": seen.connected,
        "handshakes": seen.handshakes,
        "handshakesFailed": seen.handshakes_failed,
        "mostOutstanding": seen.most_outstanding,
        "queued": seen.queued,
        "playing": seen.playing,
        "frames": seen.frames,
        "logins": seen.jpeg.logins,
        "loginsRefused": seen.jpeg.logins_refused,
        "bytesAfterLogin": seen.jpeg.bytes_after_login,
    })
}

/// Whether more than a greeting was said to it.
fn of_all(impostor: &VirtualPrinter) -> Value {
    let ports = [impostor.camera().seen(), impostor.broker().seen()];
    json!({
        "host": impostor.mqtt_address().ip().to_string(),
        "accepted": ports.iter().map(|seen| seen.accepted).sum::<u64>(),
        "handshakes": ports.iter().map(|seen| seen.handshakes).sum::<u64>(),
        "said": ports.iter().map(|seen| seen.requests + seen.jpeg.logins + seen.mqtt.connects).sum::<u64>(),
    })
}
