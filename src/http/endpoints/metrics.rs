//! `GET /metrics`: the text format of Prometheus, version 0.0.4. Labels contain a printer's number and name, but no
//! serial number, address or access code. `docs/metrics.md` explains each metric.

use crate::base::{log_lines, process};
use crate::fleet::metrics::PrinterMetrics;
use crate::fleet::{CameraStep, Fleet, LinkStep};
use crate::http::Body;
use crate::http::Reply;
use crate::http::routing::endpoint::{Answered, Call};
use crate::http::server::Traffic;
use crate::http::view::events::StatusJson;
use crate::printer::PrinterId;
use crate::stream::rhythm::BOUNDS;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

/// Writes all families.
pub fn exposition(call: &Call<'_>) -> Answered {
    let (fleet, mut text) = (call.fleet(), Exposition::default());
    of_process(&mut text, call.installation.started_unix_ms);
    of_printers(&mut text, &fleet.tallies());
    of_statuses(&mut text, fleet);
    of_rhythm(&mut text, fleet);
    of_pictures(&mut text, fleet, call.installation.mjpeg.taken());
    of_traffic(&mut text, &call.installation.traffic);
    let headers = vec![("Content-Type", "text/plain; version=0.0.4; charset=utf-8".to_owned())];
    Ok(Reply { status: 200, headers, body: Body::Bytes(text.0.into_bytes()) }.into())
}

fn of_process(text: &mut Exposition, started_unix_ms: i64) {
    let version = env!("CARGO_PKG_VERSION");
    text.gauge("platecast_build_info", "Always 1; the label is the version.").with(&[("version", version)], 1);
    text.gauge("process_start_time_seconds", "When the process started, in seconds since 1970.")
        .value(started_unix_ms as f64 / 1000.0);
    if let Some(seconds) = process::cpu_seconds() {
        text.counter("process_cpu_seconds_total", "CPU time used by the process, in seconds.").value(seconds);
    }
    if let Some(kib) = process::resident_kib() {
        text.gauge("process_resident_memory_bytes", "Resident memory.").value(kib * 1024);
    }
    if let Some(files) = process::open_files() {
        text.gauge("process_open_fds", "Open file descriptors, including sockets.").value(files);
    }
    if let Some(threads) = process::threads() {
        text.gauge("platecast_threads", "Threads of the process.").value(threads);
    }
    let mut lines = text.counter("platecast_log_lines_total", "Log lines by level.");
    for (level, count) in log_lines::count() {
        lines.with(&[("level", &level.as_str().to_ascii_lowercase())], count);
    }
}

fn of_printers(text: &mut Exposition, printers: &[PrinterMetrics]) {
    text.gauge("platecast_printers", "Registered printers.").value(printers.len());
    let mut links = text.gauge("platecast_links", "Printers by the step of their MQTT connection.");
    for step in LinkStep::ALL {
        let count = printers.iter().filter(|printer| printer.link == step).count();
        links.with(&[("state", step.word())], count);
    }
    let mut cameras = text.gauge("platecast_cameras", "Printers by the step of their camera.");
    for step in CameraStep::ALL {
        let count = printers.iter().filter(|printer| printer.camera == step).count();
        cameras.with(&[("state", step.word())], count);
    }
    let mut each = |kind: &str, name: &str, help: &str, value: fn(&PrinterMetrics) -> u64| {
        let mut family = text.family(kind, name, help);
        for printer in printers {
            family.with(&[("printer", &printer.id.to_string()), ("name", &printer.name)], value(printer));
        }
    };
    let reports = "1 if the reported status comes from the current MQTT session.";
    each("gauge", "platecast_link_connected", reports, |printer| printer.connected.into());
    let live = "1 if frames or pictures arrive from the camera.";
    each("gauge", "platecast_camera_live", live, |printer| (printer.camera == CameraStep::Live).into());
    let lost = "MQTT connections that were lost after they had delivered a report.";
    each("counter", "platecast_link_reconnects_total", lost, |printer| printer.link_reconnects);
    let lost = "Camera connections that were lost after they had delivered a frame or picture.";
    each("counter", "platecast_camera_reconnects_total", lost, |printer| printer.camera_reconnects);
    let arrived = "Complete frames or pictures that arrived from the camera.";
    each("counter", "platecast_access_units_total", arrived, |printer| printer.units.arrived);
    let pictures = "Pictures that arrived from a camera that sends no video.";
    each("counter", "platecast_camera_pictures_total", pictures, |printer| printer.pictures.count);
    let bytes = "Bytes of these pictures.";
    each("counter", "platecast_camera_picture_bytes_total", bytes, |printer| printer.pictures.bytes);
    let dropped = "Frames dropped because the packager was late.";
    each("counter", "platecast_dropped_access_units_total", dropped, |printer| printer.units.dropped);
    let overflows = "Times that the packager's queue was full and frames began to be dropped.";
    each("counter", "platecast_queue_overflows_total", overflows, |printer| printer.units.overflows);
    each("counter", "platecast_parts_total", "Partial segments completed.", |printer| printer.parts);
    each("counter", "platecast_segments_total", "Segments completed.", |printer| printer.segments);
    let memory = "Memory used for the data of the camera; CAMERA_MEMORY_MIB is its limit.";
    each("gauge", "platecast_camera_memory_bytes", memory, |printer| printer.memory_bytes as u64);
    let help = "Usual time between two pictures of a camera that sends no video, in seconds.";
    let mut intervals = text.gauge("platecast_camera_picture_interval_seconds", help);
    for PrinterMetrics { id, name, pictures, .. } in printers {
        if let Some(seconds) = pictures.interval_s {
            intervals.with(&[("printer", &id.to_string()), ("name", name)], seconds);
        }
    }
    let help = "Time for which reading from the printer paused because it sent too much, in seconds.";
    let mut held_back = text.counter("platecast_link_held_back_seconds_total", help);
    for PrinterMetrics { id, name, held_back: waited, .. } in printers {
        held_back.with(&[("printer", &id.to_string()), ("name", name)], waited.as_secs_f64());
    }
}

/// Writes the cost of a printer's reports: the size of its status, and the CPU time of the threads that read it.
fn of_statuses(text: &mut Exposition, fleet: &Fleet) {
    let overview = fleet.overview();
    let mut bytes = text.gauge("platecast_status_bytes", "Length of the newest status as JSON, in bytes.");
    for (id, printer) in &overview {
        let length = StatusJson::of(&printer.status).0.get().len();
        bytes.with(&[("printer", &id.to_string()), ("name", &printer.name)], length);
    }
    let help = "CPU time used by the threads of a printer, in seconds.";
    let mut seconds = text.counter("platecast_thread_cpu_seconds_total", help);
    // A thread that has been replaced may still be ending beside its successor.
    let mut by_name = BTreeMap::<String, f64>::new();
    for (thread, used) in process::threads_cpu_seconds() {
        *by_name.entry(thread).or_default() += used;
    }
    for (thread, used) in by_name {
        // Thread names look like `p3-camera`.
        let Some((id, part)) = thread.strip_prefix('p').and_then(|rest| rest.split_once('-')) else { continue };
        let Some(printer) = id.parse().ok().and_then(|id| overview.get(&PrinterId(id))) else { continue };
        seconds.with(&[("printer", id), ("name", &printer.name), ("thread", part)], used);
    }
}

fn of_rhythm(text: &mut Exposition, fleet: &Fleet) {
    let (within, count, sum) = fleet.rhythm().read();
    let name = "platecast_publish_jitter_seconds";
    let help =
        "Difference between the time and the video duration from one published part to the next, for all streams.";
    let mut family = text.family("histogram", name, help);
    for (bound, within) in BOUNDS.iter().zip(within) {
        family.suffixed("_bucket", &[("le", &bound.as_secs_f64().to_string())], within);
    }
    family.suffixed("_bucket", &[("le", "+Inf")], count);
    family.suffixed("_sum", &[], sum.as_secs_f64());
    family.suffixed("_count", &[], count);
}

/// Writes what JPEGs of key frames cost.
fn of_pictures(text: &mut Exposition, fleet: &Fleet, streams: usize) {
    let decodes = fleet.pictures().decodes();
    text.counter("platecast_pictures_decoded_total", "Key frames that were decoded to a JPEG.").value(decodes.made);
    let help = "Key frames that could not be decoded to a JPEG.";
    text.counter("platecast_pictures_undecodable_total", help).value(decodes.refused);
    let help = "Time for which key frames were decoded, one at a time, in seconds.";
    text.counter("platecast_picture_decoding_seconds_total", help).value(decodes.took.as_secs_f64());
    text.gauge("platecast_mjpeg_streams", "Open streams of pictures.").value(streams);
}

fn of_traffic(text: &mut Exposition, traffic: &Traffic) {
    let (connections, limit) = traffic.connections();
    text.counter("platecast_http_connections_total", "HTTP connections accepted.").value(connections);
    text.gauge("platecast_http_connections_limit", "HTTP connections that may be open at once.").value(limit);
    let doing = traffic.doing();
    let mut open = text.gauge("platecast_http_connections", "Open HTTP connections by state.");
    for (state, count) in doing {
        open.with(&[("state", state)], count);
    }
    let now = |wanted: &str| doing.iter().find(|(state, _)| *state == wanted).map_or(0, |(_, count)| *count);
    text.gauge("platecast_http_held_requests", "Playlist requests held until the playlist changes.").value(now("held"));
    text.gauge("platecast_sse_clients", "Open streams of server-sent events.").value(now("streaming"));
    let mut answers =
        text.counter("platecast_http_requests_total", "Answered HTTP requests by class of the status code.");
    for (class, count) in traffic.answers() {
        answers.with(&[("code", class)], count);
    }
    let help = "Requests and connections refused because one address had used up its share.";
    let mut refused = text.counter("platecast_http_refused_by_share_total", help);
    for (what, count) in traffic.refused_by_share() {
        refused.with(&[("what", what)], count);
    }
    text.counter("platecast_http_sent_bytes_total", "Bytes written to HTTP clients.").value(traffic.sent());
    text.counter("platecast_sse_sent_bytes_total", "Bytes of server-sent events written to all clients.")
        .value(traffic.streamed_bytes());
}

/// The text of metric families, each with its help and its type.
#[derive(Debug, Default)]
struct Exposition(String);

/// A family while its samples are written.
struct Family<'a> {
    text: &'a mut String,
    name: &'a str,
}

impl Exposition {
    fn family<'a>(&'a mut self, kind: &str, name: &'a str, help: &str) -> Family<'a> {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
        Family { text: &mut self.0, name }
    }

    fn gauge<'a>(&'a mut self, name: &'a str, help: &str) -> Family<'a> {
        self.family("gauge", name, help)
    }

    fn counter<'a>(&'a mut self, name: &'a str, help: &str) -> Family<'a> {
        self.family("counter", name, help)
    }
}

impl Family<'_> {
    fn value(&mut self, value: impl Display) {
        self.with(&[], value);
    }

    fn with(&mut self, labels: &[(&str, &str)], value: impl Display) {
        self.suffixed("", labels, value);
    }

    fn suffixed(&mut self, suffix: &str, labels: &[(&str, &str)], value: impl Display) {
        self.text.push_str(self.name);
        self.text.push_str(suffix);
        for (index, (name, text)) in labels.iter().enumerate() {
            let _ = write!(self.text, "{}{name}=\"{}\"", if index == 0 { '{' } else { ',' }, escaped(text));
        }
        let _ = writeln!(self.text, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

/// Escapes a label's value: only backslash, quote and line feed have a meaning.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_a_name_its_labels_and_a_number() {
        let mut text = Exposition::default();
        let mut family = text.gauge("a", "What it is.");
        family.value(1.5);
        family.with(&[("x", "one"), ("y", "a \"quote\" \\ and\na line")], 2);
        let expected =
            "# HELP a What it is.\n# TYPE a gauge\na 1.5\na{x=\"one\",y=\"a \\\"quote\\\" \\\\ and\\na line\"} 2\n";
        assert_eq!(text.0, expected);
    }
}
