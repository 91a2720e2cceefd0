//! The MQTT link of a printer, each fault as a situation: the real threads against a virtual printer's broker.

use crate::http_client::now;
use crate::told::{self, Told};
use platecast::advice;
use platecast::base::clock::unix_ms;
use platecast::base::secret::Secret;
use platecast::fleet::{CommandResult, Fleet, Ports, Settings, Status};
use platecast::mqtt::state::LinkStep;
use platecast::printer::command::{Command, Pointless, Refusal as Refused};
use platecast::printer::display::{Display, Kind};
use platecast::printer::job::Phase;
use platecast::printer::{Draft, PrinterId, RtspOverrides, Rules};
use platecast::registry::Registry;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use virtual_printer::{
    Acknowledgement, Behaviour, Broker, Door, ForeignTopic, Key, Model, Oddity, Pause, Print, Refusal, Setup, Stall,
    TlsManners, VirtualPrinter,
};

const ID: PrinterId = PrinterId(1);

/// From the start to the first report.
const FIRST_WITHIN: Duration = Duration::from_secs(5);

/// What the owner asks for.
const DEAD_WITHIN: Duration = Duration::from_secs(10);
const BACK_WITHIN: Duration = Duration::from_secs(5);

/// One printer, and the service's threads for it.
pub struct Bench {
    pub fleet: Arc<Fleet>,
    pub printer: VirtualPrinter,
    directory: PathBuf,
}

impl Bench {
    /// Reports come.
    pub fn live(model: Model) -> Self {
        let bench = Self::start(Setup { model, ..setup(model) });
        bench.wait("live", FIRST_WITHIN, |status| status.connected && !status.state.incomplete);
        bench
    }

    /// Live, and in the middle of a print.
    pub fn printing(model: Model) -> Self {
        let bench = Self::live(model);
        bench.printer.machine(|machine| machine.start_at(Print::default(), 40));
        bench.wait("printing", FIRST_WITHIN, |status| status.state.job.phase == Phase::Running);
        bench
    }

    pub fn start(setup: Setup) -> Self {
        let printer = VirtualPrinter::start(setup).expect("a virtual printer");
        Self::with(printer, |draft| draft)
    }

    fn with(printer: VirtualPrinter, typed: impl FnOnce(Draft) -> Draft) -> Self {
        let bench = Self::unregistered(printer);
        bench.fleet.add(typed(bench.draft())).expect("a printer");
        bench
    }

    /// The printer is there, and the service has not heard of it.
    pub fn unregistered(printer: VirtualPrinter) -> Self {
        Self::unregistered_at(printer.mqtt_port(), printer)
    }

    /// The same; the service looks for brokers at this port.
    pub fn unregistered_at(mqtt_port: u16, printer: VirtualPrinter) -> Self {
        Self::configured(printer, |settings, _| settings.mqtt_ports.all = mqtt_port)
    }

    /// The service has other settings, or knows printers from before.
    pub fn configured(printer: VirtualPrinter, configure: impl FnOnce(&mut Settings, &Registry)) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("platecast-status-{}-{number}", std::process::id()));
        let registry = Arc::new(Registry::open(&directory.join("printers.db")).expect("a registry"));
        let mut settings = Settings {
            hls: platecast::hls::Settings::default(),
            mirror: None,
            rules: Rules::default(),
            rtsp: RtspOverrides::default(),
            mqtt_ports: Ports::same(printer.mqtt_port()),
            jpeg_ports: Ports::same(printer.jpeg_port()),
        };
        configure(&mut settings, &registry);
        let fleet = Arc::new(Fleet::start(settings, registry).expect("a fleet"));
        Self { fleet, printer, directory }
    }

    pub fn draft(&self) -> Draft {
        Draft {
            name: Some("Bench".into()),
            host: Some("127.0.0.1".into()),
            serial: Some(self.printer.serial().into()),
            access_code: Some(Secret::new("12345678")),
            ..Draft::default()
        }
    }

    pub fn broker(&self) -> &Broker {
        self.printer.broker()
    }

    pub fn status(&self) -> Status {
        self.fleet.status(ID).expect("a printer").value.clone()
    }

    /// Waits for a state; the bell wakes it, so nothing is slept through.
    pub fn wait(&self, what: &str, within: Duration, arrived: impl Fn(&Status) -> bool) -> Status {
        let (bell, deadline) = (self.fleet.listen(None), now() + within);
        loop {
            let status = self.status();
            if arrived(&status) {
                return status;
            }
            let left = deadline.saturating_duration_since(now());
            assert!(!left.is_zero(), "{what}: not within {within:?}; {:?} {:?}", status.link, status.display);
            let _ = bell.recv_timeout(left.min(Duration::from_millis(100)));
        }
    }

    pub fn command(&self, command: Command) -> CommandResult {
        self.fleet.command(ID, command, None).expect("a printer")
    }

    /// From live through the fault, which must show, and back.
    fn goes_through(&self, fault: impl FnOnce(&Broker), words: &str) {
        fault(self.broker());
        let status = self.wait("noticed", DEAD_WITHIN, |status| !status.connected);
        assert!(!status.display.was_printing || !status.connected);
        self.wait("told", Duration::from_secs(6), |status| told::of_link(status).contains(words));
        self.broker().heal();
        self.wait("back", BACK_WITHIN, |status| status.connected && !status.state.incomplete);
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let started = now();
        self.fleet.close();
        let took = started.elapsed();
        let _ = std::fs::remove_dir_all(&self.directory);
        if !std::thread::panicking() {
            assert!(took < Duration::from_secs(2), "closing took {took:?}");
        }
    }
}

pub fn setup(model: Model) -> Setup {
    Setup { serial: format!("{}09A000000001", model.serial_prefix()), model, ..Setup::default() }
}

#[test]
fn the_status_follows_a_print_within_a_second_or_two() {
    let bench = Bench::live(Model::X1C);
    assert_eq!(bench.status().link.step, LinkStep::Live);
    bench.printer.machine(|machine| machine.start_at(Print::default(), 40));
    let status = bench.wait("printing", Duration::from_secs(2), |status| status.state.job.phase == Phase::Running);
    assert_eq!(
        (status.state.job.percent, status.state.model.map(platecast::printer::model::Model::name)),
        (Some(40), Some("X1 Carbon"))
    );
    let seen = bench.broker().seen().mqtt;
    assert_eq!((seen.pushalls, seen.get_versions, seen.connects, seen.sessions), (1, 1, 1, 1));
}

#[test]
fn the_report_of_every_model_is_read_completely() {
    for model in [Model::X1, Model::P1S, Model::A1Mini, Model::A2L, Model::P2S, Model::H2D, Model::H2C, Model::X2D] {
        let bench = Bench::live(model);
        let state = bench.wait("its model", FIRST_WITHIN, |status| status.state.firmware.is_some()).state;
        assert!(state.heat.nozzle.now_c.is_some() && state.model.is_some(), "{model:?}: {state:?}");
    }
}

#[test]
fn the_client_says_goodbye_when_it_is_stopped() {
    let bench = Bench::live(Model::X1C);
    bench.fleet.remove(ID).expect("removed");
    let seen = bench.broker().wait_until(|seen| seen.mqtt.sessions == 0, Duration::from_secs(2)).expect("gone");
    assert_eq!((seen.mqtt.disconnects_clean, seen.mqtt.disconnects_unclean), (1, 0));
}

#[test]
fn a_broker_that_restarts_is_found_again() {
    Bench::live(Model::X1C).goes_through(
        |broker| {
            broker.refuse();
            broker.hang_up();
        },
        "has its status port closed",
    );
}

#[test]
fn a_half_open_connection_is_noticed_and_restored_soon() {
    Bench::live(Model::P1S)
        .goes_through(|broker| broker.change(|behaviour| behaviour.stall = Some(Stall::Everything)), "");
}

#[test]
fn unanswered_pings_are_noticed_on_an_open_connection() {
    let bench = Bench::live(Model::X1C);
    bench.goes_through(
        |broker| {
            broker.change(|behaviour| {
                behaviour.mqtt.mute_pings = true;
                behaviour.mqtt.stalled = true;
            });
        },
        "",
    );
    assert!(bench.broker().seen().mqtt.connects >= 2);
}

#[test]
fn a_wrong_code_is_reported_and_rarely_retried() {
    let bench = Bench::live(Model::X1C);
    bench.broker().change(|behaviour| behaviour.mqtt.code = "87654321".into());
    bench.broker().reset();
    let status = bench.wait("refused", DEAD_WITHIN, |status| status.link.step == LinkStep::Refused);
    assert!(told::of_link(&status).contains("refuses the access code"), "{}", told::of_link(&status));
    assert!(!status.connected);
    assert_eq!(bench.broker().seen().mqtt.refused, 1);
    let corrected = Draft { access_code: Some(Secret::new("87654321")), ..bench.draft() };
    bench.fleet.edit(ID, corrected).expect("an edit");
    bench.wait("live with the new code", Duration::from_secs(3), |status| status.connected);
}

#[test]
fn a_printer_with_another_serial_gets_no_code() {
    let tls = TlsManners { common_name: Some("01P00A000000009".into()), ..TlsManners::default() };
    let bench = Bench::start(Setup { behaviour: Behaviour { tls, ..Behaviour::default() }, ..setup(Model::X1C) });
    let status = bench.wait("refused", FIRST_WITHIN, |status| status.link.step == LinkStep::Refused);
    assert!(told::of_link(&status).contains("01P00A000000009"), "{}", told::of_link(&status));
    assert_eq!(bench.broker().seen().mqtt.connects, 0, "something was said to a stranger");
}

#[test]
fn a_certificate_pinned_by_one_connection_is_expected_by_the_other() {
    let bench = Bench::live(Model::X1C);
    let camera_is = |step: &str| bench.fleet.camera(ID).expect("a printer").step.word() == step;
    bench.wait("camera live", Duration::from_secs(12), |_| camera_is("live"));
    bench.broker().change(|behaviour| behaviour.tls.key = Key::Second);
    bench.broker().reset();
    let status = bench.wait("refused", DEAD_WITHIN, |status| status.link.step == LinkStep::Refused);
    assert!(told::of_link(&status).contains("identity changed"), "{}", told::of_link(&status));
    let connects = bench.broker().seen().mqtt.connects;
    assert_eq!(connects, 1, "the code went to a changed identity");
    assert!(camera_is("live"));
}

#[test]
fn for_a_silent_printer_the_advice_is_the_serial_number() {
    let bench = Bench::start(setup(Model::X1C));
    bench.broker().change(|behaviour| behaviour.mqtt.stalled = true);
    bench.broker().reset();
    let status = bench.wait("silent", Duration::from_secs(25), |status| status.link.step == LinkStep::Silent);
    assert!(told::of_link(&status).contains("serial number") && !status.connected, "{}", told::of_link(&status));
    bench.broker().heal();
    bench.wait("back", BACK_WITHIN, |status| status.connected);
}

#[test]
fn a_short_loss_is_not_shown() {
    let bench = Bench::live(Model::A1);
    bench.broker().change(|behaviour| behaviour.mqtt.stalled = true);
    let age = |status: &Status| unix_ms() - status.last_update_unix_ms.expect("a report");
    // An idle A1 pauses for 24 s; the grace of a loss was once counted from the report before it.
    bench.wait("a quiet A1", Duration::from_secs(12), |status| age(status) > 8_500);
    bench.broker().refuse();
    bench.broker().reset();
    let status = bench.wait("the loss", DEAD_WITHIN, |status| !status.connected);
    assert_eq!(status.display.kind, Kind::Idle, "{:?}", status.display);
    bench.broker().heal();
    let status = bench.wait("back", BACK_WITHIN, |status| status.connected);
    assert_eq!((status.display.kind, status.lost_unix_ms), (Kind::Idle, None));
}

#[test]
fn a_lost_printer_is_offline_and_shows_its_state_before() {
    let bench = Bench::printing(Model::X1C);
    bench.printer.machine(|machine| machine.pause(Pause::Runout));
    let waits = bench.wait("needs you", FIRST_WITHIN, |status| status.display.kind == Kind::NeedsYou).display;
    bench.broker().refuse();
    bench.broker().reset();
    let status = bench.wait("offline", Duration::from_secs(20), |status| status.display.kind == Kind::Offline);
    let before = status.display.before.clone().expect("what it was");
    assert_eq!((before.kind, &before.reason), (Kind::NeedsYou, &waits.reason));
    let words = |display: &Display| advice::of_display(display, status.link.condition()).sentence;
    assert!(words(&status.display).ends_with(&format!("It needed you then: {}", words(&waits))));
    assert!(status.lost_unix_ms.is_some_and(|at| (0..30_000).contains(&(unix_ms() - at))), "{:?}", status.lost_unix_ms);
}

#[test]
fn a_broker_that_closes_at_the_subscription_is_reported() {
    let printer = VirtualPrinter::start(setup(Model::P1S)).expect("a virtual printer");
    printer.broker().change(|behaviour| behaviour.mqtt.foreign_topic = ForeignTopic::Closes);
    printer.broker().change(|behaviour| behaviour.tls.common_name = Some("01P09A000000002".into()));
    let bench = Bench::with(printer, |draft| Draft { serial: Some("01P09A000000002".into()), ..draft });
    bench.wait("told", FIRST_WITHIN, |status| told::of_link(status).contains("only a few programs at once"));
}

#[test]
fn a_full_broker_is_reported_and_rarely_retried() {
    let bench = Bench::live(Model::P1S);
    bench.broker().change(|behaviour| behaviour.mqtt.clients = Some(0));
    bench.broker().reset();
    bench.wait("told", DEAD_WITHIN, |status| told::of_link(status).contains("only a few programs at once"));
    let before = bench.broker().seen().mqtt.turned_away;
    let _ = bench.broker().wait_until(|_| false, Duration::from_secs(5));
    let after = bench.broker().seen().mqtt.turned_away;
    assert!(after - before <= 3, "{before} to {after} in 5 s");
}

#[test]
fn odd_reports_break_nothing() {
    let bench = Bench::printing(Model::A1Mini);
    for oddity in [Oddity::InvalidUtf8, Oddity::CutOff, Oddity::WrongTypes, Oddity::Huge(900_000)] {
        let before = bench.broker().seen().mqtt.reports;
        bench.broker().inject(oddity);
        bench.broker().wait_until(|seen| seen.mqtt.reports >= before + 2, Duration::from_secs(10)).expect("reports");
        assert!(bench.status().connected, "{oddity:?}");
    }
    assert_eq!(bench.status().link.reconnects, 0);
}

/// Small reports at full speed took one core for ever.
#[test]
fn a_flooding_printer_is_read_slowly_and_keeps_its_session() {
    let bench = Bench::printing(Model::X1C);
    let held_back = || bench.fleet.tallies()[0].held_back;
    assert_eq!(held_back(), Duration::ZERO);
    bench.broker().change(|behaviour| behaviour.mqtt.floods = true);
    bench.wait("held back", DEAD_WITHIN, |_| held_back() > Duration::from_secs(2));
    let status = bench.status();
    assert!(status.connected && status.link.reconnects == 0, "{:?}", status.link);
}

#[test]
fn a_huge_report_ends_the_session_in_bounded_memory() {
    let bench = Bench::live(Model::X1C);
    bench.broker().inject(Oddity::Huge(3_000_000));
    bench.wait("told", DEAD_WITHIN, |status| told::of_link(status).contains("does not speak as a printer does"));
    bench.wait("back", BACK_WITHIN, |status| status.connected);
}

#[test]
fn retained_reports_are_not_shown() {
    let bench = Bench::printing(Model::X1C);
    bench.broker().retain_present_report();
    bench.broker().change(|behaviour| behaviour.mqtt.stalled = true);
    bench.broker().reset();
    bench.wait("signed in", DEAD_WITHIN, |status| status.link.step == LinkStep::WaitingForReport);
    bench.broker().wait_until(|seen| seen.mqtt.subscriptions >= 2, BACK_WITHIN).expect("subscribed");
    let _ = bench.broker().wait_until(|_| false, Duration::from_secs(1));
    let status = bench.status();
    assert!(!status.connected && status.link.step == LinkStep::WaitingForReport, "{:?}", status.link);
}

#[test]
fn pause_resume_light_and_stop_are_accepted_and_happen() {
    for model in [Model::X1C, Model::P1S, Model::H2D] {
        let bench = Bench::printing(model);
        let done = CommandResult::Accepted { happened: true };
        let check = |command, expected: &CommandResult| assert_eq!(bench.command(command), *expected, "{model:?}");
        check(Command::Resume, &CommandResult::Pointless(Pointless::NotPaused));
        for command in
            [Command::Light { on: false }, Command::Light { on: true }, Command::Pause, Command::Resume, Command::Stop]
        {
            let result = bench.command(command);
            assert!(matches!(result, CommandResult::Accepted { .. }), "{model:?} {command:?}: {result:?}");
            bench.wait("done", Duration::from_secs(5), |status| command.happened(&status.state));
        }
        check(Command::Light { on: true }, &done);
        check(Command::Pause, &CommandResult::Pointless(Pointless::NothingPrinted));
    }
}

#[test]
fn a_printer_refuses_in_four_ways() {
    let bench = Bench::printing(Model::P1S);
    bench.printer.machine(|machine| machine.set_developer_mode(false));
    for refusal in [Refusal::Reply, Refusal::Hms, Refusal::BareEcho] {
        bench.printer.machine(|machine| machine.set_hms(Vec::new()));
        bench.wait("no complaint", FIRST_WITHIN, |status| status.state.problems.is_empty());
        bench.printer.machine(|machine| machine.set_refusal(refusal));
        let result = bench.command(Command::Pause);
        assert_eq!(result, CommandResult::Refused(Refused::DeveloperMode), "{refusal:?}");
    }
    bench.printer.machine(|machine| machine.set_hms(Vec::new()));
    bench.printer.machine(|machine| machine.set_refusal(Refusal::Silence));
    bench.wait("no complaint", FIRST_WITHIN, |status| status.state.problems.is_empty());
    assert!(matches!(bench.command(Command::Pause), CommandResult::NoAnswer(_)));
    let light = bench.command(Command::Light { on: false });
    assert!(matches!(light, CommandResult::Accepted { .. }), "the light always works: {light:?}");
}

#[test]
fn a_stop_for_another_job_is_not_sent() {
    let bench = Bench::printing(Model::X1C);
    let stop = |job: &str| bench.fleet.command(ID, Command::Stop, Some(job.into())).expect("a printer");
    assert_eq!(stop("some-other-job"), CommandResult::OtherJob);
    assert_eq!(bench.broker().seen().mqtt.commands("stop").count(), 0);
}

#[test]
fn two_silent_commands_begin_a_session_under_another_name() {
    let bench = Bench::printing(Model::P1S);
    bench.broker().deafen_clients();
    for _ in 0..2 {
        assert!(matches!(bench.command(Command::Light { on: false }), CommandResult::NoAnswer(_)));
    }
    bench.wait("begun anew", BACK_WITHIN, |status| status.connected && status.link.reconnects == 1);
    let result = bench.command(Command::Light { on: false });
    assert!(matches!(result, CommandResult::Accepted { .. }), "{result:?}");
    let ids = bench.broker().seen().mqtt.client_ids;
    assert!(ids.len() == 2 && ids[0] != ids[1] && ids[1].starts_with(&ids[0]), "{ids:?}");
    assert_eq!(bench.broker().seen().mqtt.commands("ledctrl").count(), 3, "nothing was repeated");
}

#[test]
fn a_lost_acknowledgement_has_no_effect() {
    let bench = Bench::live(Model::P1S);
    bench.broker().change(|behaviour| behaviour.mqtt.puback = Acknowledgement::Lost);
    for round in 0..3 {
        let result = bench.command(Command::Light { on: round % 2 == 0 });
        assert!(matches!(result, CommandResult::Accepted { .. }), "{result:?}");
    }
    assert_eq!(bench.status().link.reconnects, 0);
}

#[test]
fn only_one_command_is_in_flight_at_a_time() {
    let bench = Bench::live(Model::X1C);
    bench.broker().change(|behaviour| behaviour.mqtt.reply = Acknowledgement::After(Duration::from_millis(700)));
    std::thread::scope(|scope| {
        let first = scope.spawn(|| bench.command(Command::Light { on: false }));
        bench.broker().wait_until(|seen| seen.mqtt.commands("ledctrl").count() > 0, FIRST_WITHIN).expect("sent");
        assert_eq!(bench.command(Command::Light { on: true }), CommandResult::Busy);
        assert!(matches!(first.join().expect("no panic"), CommandResult::Accepted { .. }));
    });
}

#[test]
fn a_command_to_an_absent_printer_is_not_delivered_later() {
    let bench = Bench::live(Model::X1C);
    bench.broker().refuse();
    bench.broker().reset();
    bench.wait("away", DEAD_WITHIN, |status| !status.connected);
    let asked = now();
    assert!(matches!(bench.command(Command::Light { on: false }), CommandResult::NotConnected(_)));
    assert!(asked.elapsed() < Duration::from_millis(100));
    bench.broker().heal();
    bench.wait("back", BACK_WITHIN, |status| status.connected);
    assert_eq!(bench.broker().seen().mqtt.commands("ledctrl").count(), 0);
}

#[test]
fn while_the_live_view_is_off_the_camera_is_not_dialled() {
    let bench = Bench::live(Model::X1C);
    let camera = |step: &str| bench.fleet.camera(ID).expect("a printer").step.word() == step;
    bench.wait("camera live", Duration::from_secs(12), |_| camera("live"));
    bench.printer.set_live_view(false);
    bench.printer.camera().reset();
    bench.wait("switched off", DEAD_WITHIN, |_| camera("switched-off"));
    assert!(Told::of(&bench.fleet, ID).sentence.contains("LAN Only Liveview"));
    bench.printer.set_live_view(true);
    bench.wait("live again", Duration::from_secs(10), |_| camera("live"));
}

#[test]
fn a_stop_ends_every_wait() {
    let check = |door: Door| {
        let bench = Bench::start(setup(Model::X1C));
        bench.broker().change(|behaviour| behaviour.door = door);
        bench.broker().reset();
        let _ = bench.broker().wait_until(|_| false, Duration::from_millis(1500));
        // Closing has its deadline in `drop`.
    };
    check(Door::Silent);
    check(Door::ClosesAtOnce);
    check(Door::Refused);
}
