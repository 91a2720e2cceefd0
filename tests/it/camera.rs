//! Faults of a camera, each as a situation: the real threads with a virtual printer. A fault must be noticed within 5 s
//! and shown with its sentence, video must be back within 8 s of the heal, and the other printer must not be affected.

use crate::told::Told;
use platecast::base::clock;
use platecast::fleet::{Fleet, Ports, Settings};
use platecast::hls::{Playlist, Snapshot};
use platecast::printer::{Draft, PrinterId, RtspOverrides, Rules};
use platecast::registry::Registry;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use virtual_printer::{
    Behaviour, Clip, Damage, Door, Injection, Key, Marker, Sdp, Setup, Stall, Timestamps, VirtualPrinter,
};

const NOTICED_WITHIN: Duration = Duration::from_secs(5);
const BACK_WITHIN: Duration = Duration::from_secs(8);

/// A first picture: connection, key frame and, for a camera not met before, one group of pictures.
const FIRST_WITHIN: Duration = Duration::from_secs(12);

/// The printer beside: its pictures may be this old at most, on a busy machine.
const UNDISTURBED_MS: u64 = 1500;

/// Printers and the service's threads for them; usually two, of which the first one gets the fault.
pub struct Farm {
    pub fleet: Fleet,
    pub printers: Vec<VirtualPrinter>,
    directory: PathBuf,
}

impl Farm {
    /// Both cameras live.
    pub fn live(behaviour: Behaviour) -> Self {
        let farm = Self::started(behaviour);
        farm.wait("both live", FIRST_WITHIN, || {
            let listed = |now: Arc<Snapshot>| now.playlist(Playlist::LowLatency).is_some();
            [1, 2].iter().all(|id| farm.is_live(*id) && farm.snapshot(*id).is_some_and(listed))
        });
        farm
    }

    pub fn started(behaviour: Behaviour) -> Self {
        Self::of([behaviour, Behaviour::default()])
    }

    /// One printer of each behaviour, with the ids 1, 2 and so on. Nobody knows their brokers.
    pub fn of(behaviours: impl IntoIterator<Item = Behaviour>) -> Self {
        Self::with(switched_on(behaviours), Ports::same(8883), draft)
    }

    /// The same, and status comes from their brokers.
    pub fn linked(behaviours: impl IntoIterator<Item = Behaviour>) -> Self {
        let printers = switched_on(behaviours);
        let brokers = ports(&printers, VirtualPrinter::mqtt_port);
        Self::with(printers, brokers, draft)
    }

    /// The service knows these printers, as they are typed.
    pub fn with(printers: Vec<VirtualPrinter>, mqtt_ports: Ports, draft: impl Fn(&VirtualPrinter) -> Draft) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("platecast-camera-{}-{number}", std::process::id()));
        let registry = Arc::new(Registry::open(&directory.join("printers.db")).expect("a registry"));
        let settings = Settings {
            hls: platecast::hls::Settings::default(),
            mirror: None,
            rules: Rules::default(),
            rtsp: RtspOverrides::default(),
            mqtt_ports,
            jpeg_ports: ports(&printers, VirtualPrinter::jpeg_port),
        };
        let fleet = Fleet::start(settings, registry).expect("a fleet");
        let farm = Self { fleet, printers, directory };
        for printer in &farm.printers {
            farm.fleet.add(draft(printer)).expect("a printer");
        }
        farm
    }

    pub fn camera(&self) -> &virtual_printer::Camera {
        self.printers[0].camera()
    }

    pub fn report(&self, id: i64) -> Told {
        Told::of(&self.fleet, PrinterId(id))
    }

    pub fn is_live(&self, id: i64) -> bool {
        self.report(id).step == "live"
    }

    pub fn snapshot(&self, id: i64) -> Option<Arc<Snapshot>> {
        self.fleet.live(PrinterId(id)).expect("a printer").snapshot()
    }

    pub fn parts(&self, id: i64) -> u64 {
        self.fleet.live(PrinterId(id)).expect("a printer").made().parts
    }

    /// Waits for a state; meanwhile the printer beside has to go on. A new picture wakes it.
    pub fn wait(&self, what: &str, within: Duration, arrived: impl Fn() -> bool) {
        let (live, deadline) = (self.fleet.live(PrinterId(1)).expect("a printer"), clock::now() + within);
        let beside_was_live = self.is_live(2);
        while !arrived() {
            live.wait_for_change(live.snapshot().as_ref(), Duration::from_millis(50));
            assert!(clock::now() < deadline, "{what}: not within {within:?}; {:?}", self.report(1));
            if beside_was_live {
                let age = self.report(2).last_frame_age_ms.unwrap_or(0);
                assert!(age < UNDISTURBED_MS, "{what}: the printer beside has had no picture for {age} ms");
            }
        }
    }

    /// A situation: from live through the fault, which must show up in words, and back.
    pub fn goes_through(&self, fault: impl FnOnce(&virtual_printer::Camera), words: &str) {
        self.goes_through_within(NOTICED_WITHIN, fault, words);
    }

    fn goes_through_within(&self, within: Duration, fault: impl FnOnce(&virtual_printer::Camera), words: &str) {
        let before = self.playlist_msn();
        let reconnects = self.report(1).reconnects;
        fault(self.camera());
        self.wait("noticed", within, || {
            let report = self.report(1);
            let told = format!("{} {}", report.sentence, report.last_error.as_deref().unwrap_or_default());
            (report.step != "live" || report.reconnects > reconnects) && told.contains(words)
        });
        self.camera().heal();
        self.is_back(before);
    }

    /// The picture comes back: live, with new parts in a playlist whose numbers went on.
    fn is_back(&self, msn_before: u64) {
        let parts = self.parts(1);
        self.wait("back", BACK_WITHIN, || self.is_live(1) && self.parts(1) > parts + 1);
        assert!(self.playlist_msn() >= msn_before, "the media sequence went back");
    }

    fn playlist(&self) -> String {
        let snapshot = self.snapshot(1).expect("a snapshot");
        let rendered = snapshot.playlist(Playlist::LowLatency).expect("a playlist");
        String::from_utf8(rendered.plain.to_vec()).expect("text")
    }

    fn playlist_msn(&self) -> u64 {
        let text = self.playlist();
        let line = text.lines().find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:"));
        line.and_then(|number| number.parse().ok()).expect("a media sequence")
    }

    fn discontinuities(&self) -> usize {
        self.playlist().matches("#EXT-X-DISCONTINUITY\n").count()
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        let started = clock::now();
        self.fleet.close();
        let took = clock::now().saturating_duration_since(started);
        let _ = std::fs::remove_dir_all(&self.directory);
        if !std::thread::panicking() {
            assert!(took < Duration::from_secs(2), "closing took {took:?}");
        }
    }
}

fn switched_on(behaviours: impl IntoIterator<Item = Behaviour>) -> Vec<VirtualPrinter> {
    let start = |(place, behaviour)| {
        let setup = Setup { serial: format!("00M09A{:09}", place + 1), behaviour, ..Setup::default() };
        VirtualPrinter::start(setup).expect("a virtual printer")
    };
    behaviours.into_iter().enumerate().map(start).collect()
}

/// The port of each printer.
pub fn ports(printers: &[VirtualPrinter], of: fn(&VirtualPrinter) -> u16) -> Ports {
    Ports { one: (1..).map(PrinterId).zip(printers.iter().map(of)).collect(), ..Ports::same(9) }
}

pub fn draft(printer: &VirtualPrinter) -> Draft {
    Draft {
        name: Some(printer.serial().into()),
        host: Some("127.0.0.1".into()),
        serial: Some(printer.serial().into()),
        access_code: Some(platecast::base::secret::Secret::new("12345678")),
        rtsp_url: Some(printer.rtsp_url()),
        ..Draft::default()
    }
}

#[test]
fn a_closed_port_is_reported_and_video_returns_when_it_opens() {
    Farm::live(Behaviour::default()).goes_through(
        |camera| {
            camera.refuse();
            camera.reset();
        },
        "port is closed",
    );
}

#[test]
fn a_printer_that_accepts_and_says_nothing_is_noticed() {
    // The connection has 15 s for its TLS handshake.
    Farm::live(Behaviour::default()).goes_through_within(
        Duration::from_secs(18),
        |camera| {
            camera.change(|behaviour| behaviour.door = Door::Silent);
            camera.reset();
        },
        "TLS handshake within 15 s",
    );
}

#[test]
fn a_camera_that_closes_at_once_is_reported() {
    Farm::live(Behaviour::default()).goes_through(
        |camera| {
            camera.change(|behaviour| behaviour.door = Door::ClosesAtOnce);
            camera.reset();
        },
        "closes the connection at once",
    );
}

#[test]
fn a_redirect_to_another_host_is_reported_and_not_followed() {
    Farm::live(Behaviour::default()).goes_through(
        |camera| {
            camera.change(|behaviour| behaviour.rtsp.moved = true);
            camera.reset();
        },
        "another address, which is not followed",
    );
}

#[test]
fn after_a_reset_viewers_keep_the_playlist() {
    let farm = Farm::live(Behaviour::default());
    farm.goes_through(virtual_printer::Camera::reset, "broke");
    assert_eq!(farm.discontinuities(), 1);
}

#[test]
fn stalled_video_on_an_open_connection_is_noticed() {
    Farm::live(Behaviour::default()).goes_through(
        |camera| camera.change(|behaviour| behaviour.stall = Some(Stall::Picture)),
        "has stopped sending",
    );
}

#[test]
fn a_frozen_printer_is_noticed() {
    Farm::live(Behaviour::default()).goes_through(
        |camera| camera.change(|behaviour| behaviour.stall = Some(Stall::Everything)),
        "has stopped sending",
    );
}

#[test]
fn endless_sdp_and_garbage_end_the_attempt_in_bounded_memory() {
    let farm = Farm::live(Behaviour::default());
    farm.goes_through(
        |camera| {
            camera.change(|behaviour| behaviour.rtsp.sdp = Sdp::Endless);
            camera.reset();
        },
        "something without an end",
    );
    assert!(farm.camera().seen().sdp_bytes < 8 << 20, "{} bytes of SDP were taken", farm.camera().seen().sdp_bytes);
    farm.camera().inject(Injection::Garbage(300_000));
    farm.wait("garbage put in", NOTICED_WITHIN, || farm.camera().seen().injections > 0);
    farm.is_back(farm.playlist_msn());
}

#[test]
fn a_nal_unit_of_10_mb_costs_only_its_frame() {
    let farm = Farm::live(Behaviour::default());
    let before = resident_kib();
    farm.camera().inject(Injection::HugeNal(10_000_000));
    farm.wait("put in", NOTICED_WITHIN, || farm.camera().seen().injections > 0);
    farm.is_back(farm.playlist_msn());
    // The virtual printer lives in this process as well and has the unit whole, in packets.
    let grown = resident_kib().saturating_sub(before);
    assert!(grown < 96 * 1024, "memory grew by {grown} KiB");
}

#[test]
fn a_wrong_code_is_reported_and_rarely_retried() {
    let farm = Farm::live(Behaviour::default());
    farm.camera().change(|behaviour| behaviour.rtsp.code = "87654321".into());
    farm.camera().reset();
    farm.wait("refused", NOTICED_WITHIN, || {
        farm.report(1).step == "refused" && farm.report(1).sentence.contains("access code")
    });
    let refused = farm.camera().seen().credentials_refused;
    assert!((1..=2).contains(&refused), "{refused} attempts with a wrong code");
    // Saved with the right code, it does not wait for the next attempt.
    let mut corrected = draft(&farm.printers[0]);
    corrected.access_code = Some(platecast::base::secret::Secret::new("87654321"));
    let before = farm.playlist_msn();
    farm.fleet.edit(PrinterId(1), corrected).expect("an edit");
    farm.wait("live with the new code", Duration::from_secs(3), || farm.is_live(1));
    farm.is_back(before);
    assert_eq!(farm.discontinuities(), 1, "the stream goes on over an edit");
}

#[test]
fn a_new_name_and_an_unchanged_edit_keep_the_connection() {
    let farm = Farm::live(Behaviour::default());
    let before = (farm.camera().seen(), farm.playlist_msn());
    let same = || draft(&farm.printers[0]);
    for edit in [Draft { name: Some("Another".into()), access_code: None, ..same() }, same(), same()] {
        let name = edit.name.clone();
        farm.fleet.edit(PrinterId(1), edit).expect("an edit");
        farm.is_back(before.1);
        assert_eq!(farm.fleet.printer(PrinterId(1)).map(|printer| printer.name), name);
    }
    let seen = farm.camera().seen();
    // Each sign of life carries credentials as well, so their number says nothing.
    assert_eq!((seen.plays, seen.accepted), (before.0.plays, before.0.accepted), "the camera was asked anew");
    assert_eq!(farm.discontinuities(), 0);
}

#[test]
fn another_printers_certificate_gets_no_credentials() {
    let stranger = Behaviour {
        tls: virtual_printer::TlsManners { common_name: Some("01P00A000000009".into()), ..Default::default() },
        ..Behaviour::default()
    };
    let farm = Farm::started(stranger);
    farm.wait("refused", NOTICED_WITHIN, || farm.report(1).step == "refused");
    assert!(farm.report(1).sentence.contains("01P00A000000009"), "{}", farm.report(1).sentence);
    let seen = farm.camera().seen();
    assert_eq!((seen.requests, seen.credentials), (0, 0), "something was said to a stranger");
}

#[test]
fn a_changed_certificate_stops_the_camera_until_a_person_accepts_it() {
    let farm = Farm::live(Behaviour::default());
    let said = farm.camera().seen().credentials;
    farm.camera().change(|behaviour| behaviour.tls.key = Key::Second);
    farm.camera().reset();
    farm.wait("refused", NOTICED_WITHIN, || {
        farm.report(1).step == "refused" && farm.report(1).sentence.contains("identity")
    });
    assert!(farm.report(1).certificate_changed);
    // The access code stands in what a program sends back; it vouches for nothing.
    let handshakes = farm.camera().seen().handshakes_failed;
    farm.fleet.edit(PrinterId(1), draft(&farm.printers[0])).expect("an edit");
    farm.wait("tried again", NOTICED_WITHIN, || {
        farm.camera().seen().handshakes_failed > handshakes && farm.report(1).certificate_changed
    });
    assert_eq!(farm.camera().seen().credentials, said, "credentials went to a changed identity");
    let accepting = Draft { accept_certificate: true, access_code: None, ..draft(&farm.printers[0]) };
    farm.fleet.edit(PrinterId(1), accepting).expect("an edit");
    farm.wait("live", Duration::from_secs(4), || farm.is_live(1) && !farm.report(1).certificate_changed);
}

/// What a stream may do without anybody noticing: the camera stays live, and the timeline unbroken.
fn check_unnoticed(what: &str, behaviour: Behaviour, act: impl FnOnce(&virtual_printer::Camera)) {
    let farm = Farm::live(behaviour);
    act(farm.camera());
    let (parts, reconnects) = (farm.parts(1), farm.report(1).reconnects);
    farm.wait(what, Duration::from_secs(8), || farm.parts(1) > parts + 9);
    assert_eq!(farm.report(1).reconnects, reconnects, "{what}: it reconnected");
    assert_eq!(farm.discontinuities(), 0, "{what}: the timeline broke");
}

#[test]
fn timestamps_may_freeze_jump_and_wrap() {
    let with = |change: fn(&mut Behaviour)| {
        let mut behaviour = Behaviour::default();
        change(&mut behaviour);
        behaviour
    };
    let nothing = |_: &virtual_printer::Camera| {};
    check_unnoticed("frozen from the start", with(|b| b.video.timestamps = Timestamps::Frozen), nothing);
    check_unnoticed("frozen on the way", Behaviour::default(), |camera| {
        camera.change(|b| b.video.timestamps = Timestamps::Frozen);
    });
    check_unnoticed("an hour ahead", Behaviour::default(), |camera| camera.jump(3600 * 90_000));
    check_unnoticed("an hour back", Behaviour::default(), |camera| camera.jump(-3600 * 90_000));
    check_unnoticed("wraps", with(|b| b.video.first_packet = Some((65_530, u32::MAX - 90_000))), nothing);
}

#[test]
fn packets_may_come_twice_and_markers_on_every_slice() {
    let mut behaviour = Behaviour::default();
    behaviour.video.marker = Marker::EverySlice;
    check_unnoticed("repeated", behaviour, |camera| camera.change(|b| b.video.repeated_percent = 20.0));
    check_unnoticed("jitter", Behaviour::default(), |camera| {
        camera.change(|b| b.video.jitter = Duration::from_millis(25));
    });
}

#[test]
fn lost_and_swapped_packets_cost_frames_and_not_the_connection() {
    let farm = Farm::live(Behaviour::default());
    for damage in [Damage::Lose, Damage::Swap] {
        let (lost, parts) = (farm.camera().seen(), farm.parts(1));
        farm.camera().damage(damage, 3);
        farm.wait("damaged", NOTICED_WITHIN, || {
            let seen = farm.camera().seen();
            seen.packets_lost + seen.packets_swapped > lost.packets_lost + lost.packets_swapped
        });
        farm.wait("going on", BACK_WITHIN, || farm.parts(1) > parts + 6);
    }
    assert_eq!(farm.report(1).reconnects, 0);
}

#[test]
fn another_frame_size_is_a_discontinuity_on_the_same_connection() {
    let farm = Farm::live(Behaviour::default());
    farm.camera().change(|behaviour| behaviour.video.clip = Clip::chamber_540p15());
    farm.wait("the new size", BACK_WITHIN, || {
        farm.report(1).picture_size == Some((960, 540)) && farm.discontinuities() == 1
    });
    assert_eq!(farm.report(1).reconnects, 0);
    farm.is_back(farm.playlist_msn());
}

#[test]
fn missing_key_frames_are_shown_and_the_session_stays() {
    let farm = Farm::live(Behaviour::default());
    farm.camera().change(|behaviour| behaviour.video.idr_withheld = true);
    farm.wait("told", Duration::from_secs(8), || farm.report(1).step == "waiting-for-key-frame");
    // 18 s of pictures without one among them.
    let frames = farm.camera().seen().frames + 18 * 30;
    farm.wait("pictures", Duration::from_secs(30), || farm.camera().seen().frames > frames);
    let before = farm.playlist_msn();
    farm.camera().heal();
    farm.is_back(before);
    assert_eq!((farm.camera().seen().plays, farm.report(1).reconnects), (1, 0), "the session was begun anew");
}

#[test]
fn the_cameras_sender_reports_are_answered() {
    let farm = Farm::live(Behaviour::default());
    // A viewer reports every five seconds.
    farm.wait("answered", Duration::from_secs(8), || farm.camera().seen().sender_reports_answered > 0);
}

#[test]
fn removing_a_printer_ends_its_threads_and_session() {
    let farm = Farm::live(Behaviour::default());
    farm.fleet.remove(PrinterId(2)).expect("a removal");
    assert!(farm.fleet.live(PrinterId(2)).is_none());
    let seen = farm.printers[1].camera().wait_until(|seen| seen.connected == 0, Duration::from_secs(2)).expect("gone");
    assert_eq!(seen.teardowns, 1, "TEARDOWN was not said");
    assert!(farm.is_live(1));
}

/// Resident memory of this process.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").trim().parse().ok()).unwrap_or(0)
}
