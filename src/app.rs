//! Layer 9: starts and stops the program. The order is written only here.

mod healthcheck;
mod thread_dump;

use crate::base::clock;
use crate::base::log_lines::Counted;
use crate::base::process::{self, MemoryBound};
use crate::base::stop::{Stopper, stop};
use crate::base::thread::{self, Thread, waits_for};
use crate::config::{Config, ConfigError};
use crate::finding::{self, Finding};
use crate::fleet::{self, EditError, Fleet};
use crate::registry::{Registry, RegistryError};
use crate::{hls, http};
use crossbeam_channel::{Receiver, bounded, select};
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::{Handle, Signals};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use thread_dump::Dump;

/// The time limit for the shutdown after SIGTERM. A thread that is still running then is named in the log and left to
/// the system.
const DOWN_WITHIN: Duration = Duration::from_millis(1800);

/// The exit code that requests a restart from the supervisor: the HTTP side had to give up (see `http::server`).
const EXIT_START_ANEW: u8 = 70;

/// The exit code for wrong settings (`EX_CONFIG` of sysexits.h): only a person can correct them.
const EXIT_WRONG_SETTINGS: u8 = 78;

const USAGE: &str = "\
platecast: Bambu Lab printers' cameras and status in any browser

usage: platecast              serve; settings come from the environment (see README)
       platecast healthcheck  ask whether the one at BIND_ADDR serves; for containers
       platecast --version";

/// Why the program could not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("the printers' database cannot be used")]
    Registry(#[from] RegistryError),
    #[error("the printers cannot be started")]
    Fleet(#[from] EditError),
    #[error("HTTP cannot listen")]
    Http(#[from] http::StartError),
    #[error("the system refuses a thread or a signal handler")]
    System(#[from] std::io::Error),
}

/// Runs the whole program.
#[must_use]
pub fn main(arguments: &[String]) -> ExitCode {
    match arguments {
        [] => {}
        [only] if only == "healthcheck" => return healthcheck(),
        [only] if only == "--version" => {
            say(&format!("platecast {}", env!("CARGO_PKG_VERSION")));
            return ExitCode::SUCCESS;
        }
        [only] if only == "--help" => {
            say(USAGE);
            return ExitCode::SUCCESS;
        }
        _ => {
            complain(USAGE);
            return ExitCode::from(2);
        }
    }
    start_log();
    match serve() {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("platecast cannot start: {}", crate::base::error_chain(&error)));
            match error {
                StartError::Config(_) => ExitCode::from(EXIT_WRONG_SETTINGS),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn start_log() {
    let logger = env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).build();
    log::set_max_level(logger.filter());
    // Only a second logger is refused, and this is the first.
    let _ = log::set_boxed_logger(Box::new(Counted(logger)));
}

/// Prints nothing if all is well, because it runs every few seconds.
fn healthcheck() -> ExitCode {
    let asked = Config::from_env().map_err(|error| error.to_string());
    let asked = asked.and_then(|config| {
        healthcheck::ask(config.bind).map_err(|error| format!("Not well: {}.", crate::base::error_chain(&error)))
    });
    match asked {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            complain(&sentence);
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<ExitCode, StartError> {
    let _listed = thread::list("main");
    let config = Config::from_env()?;
    tell_memory_bound();
    let fleet_told = Arc::new(OnceLock::new());
    let (signalled, signals) = listen_for_signals(Arc::clone(&fleet_told))?;
    waits_for("the printers' database", None);
    let registry = Arc::new(Registry::open(&config.database)?);
    let fleet = Arc::new(Fleet::start(fleet_settings(&config), Arc::clone(&registry))?);
    let _ = fleet_told.set(Arc::downgrade(&fleet));
    let (stopper, stop) = stop();
    let finding = finding::Settings::listening(config.discovery);
    let finding = Arc::new(Finding::start(finding, Arc::clone(&fleet))?);
    let server = http::Server::start(&http_settings(&config), Arc::clone(&fleet), Arc::clone(&finding), &stop)?;
    log::info!("platecast {} serves http://{}", env!("CARGO_PKG_VERSION"), server.local_addr());
    waits_for("a signal or a fault of the HTTP side", None);
    let code = select! {
        recv(signalled) -> signal => {
            log::info!("{}: closing", signal.map_or("the signal thread is gone", |signal| if signal == SIGTERM { "SIGTERM" } else { "SIGINT" }));
            ExitCode::SUCCESS
        }
        recv(server.fault()) -> fault => {
            log::error!("{}; ending in order to be started anew", fault.map_or_else(|_| "the HTTP threads are gone".to_owned(), |fault| fault.to_string()));
            ExitCode::from(EXIT_START_ANEW)
        }
    };
    close(stopper, server, finding, fleet, signals);
    Ok(code)
}

fn tell_memory_bound() {
    match process::memory_bound() {
        Some(MemoryBound { kib, of }) => log::info!(
            "the service may use {} MiB of memory, three quarters of {of}; above that it ends and asks to be restarted",
            kib / 1024
        ),
        None => log::warn!(
            "no memory limit was found, neither the machine's nor a control group's, so the use of memory is not watched"
        ),
    }
}

fn fleet_settings(config: &Config) -> fleet::Settings {
    fleet::Settings {
        hls: hls::Settings {
            part_target_ms: u32::try_from(config.hls_part_target.as_millis()).unwrap_or(u32::MAX),
            window_segments: config.hls_window_segments,
            low_latency: config.hls_low_latency,
            memory_bytes: config.camera_memory_bytes,
            ..hls::Settings::default()
        },
        mirror: config.hls_output_dir.clone(),
        rules: config.rules,
        rtsp: config.rtsp.clone(),
        mqtt_ports: config.mqtt_ports.clone(),
        jpeg_ports: config.jpeg_ports.clone(),
    }
}

fn http_settings(config: &Config) -> http::Settings {
    http::Settings {
        bind: config.bind,
        allowed_hosts: config.allowed_hosts.clone(),
        access_codes: config.access_codes,
        trusted_proxies: config.trusted_proxies.clone(),
        embed_origins: config.embed_origins.clone(),
        frontend_dir: config.frontend_dir.clone().or_else(built_page),
        max_connections: config.http_max_connections,
    }
}

/// Returns the usual directory of the built page: beside the program, or in the source tree from which it is started.
fn built_page() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("frontend")));
    let places = beside.into_iter().chain([PathBuf::from("frontend/dist")]);
    places.into_iter().find(|place| place.join("index.html").is_file())
}

/// Ends everything on a separate thread and waits for that thread only up to a limit. A viewer that does not read or a
/// resolver that does not answer must not block the end of the process.
fn close(
    stopper: Stopper,
    server: http::Server,
    finding: Arc<Finding>,
    fleet: Arc<Fleet>,
    (handle, signals): (Handle, Thread),
) {
    let (done, finished) = bounded::<()>(0);
    waits_for("the end of all other threads", Some(clock::now() + DOWN_WITHIN));
    let closing = thread::spawn("closing", move || {
        drop(stopper);
        finding.stop();
        waits_for("the end of the printers' threads", None);
        fleet.close();
        waits_for("the end of what finds printers", None);
        finding.close();
        waits_for("the end of the HTTP threads", None);
        server.join();
        waits_for("the end of the signals' thread", None);
        handle.close();
        signals.join();
        drop(done);
    });
    match closing {
        Ok(closing) => {
            if finished.recv_timeout(DOWN_WITHIN) == Err(crossbeam_channel::RecvTimeoutError::Timeout) {
                log::warn!("not everything has ended within {} ms; leaving all the same", DOWN_WITHIN.as_millis());
            } else {
                closing.join();
            }
        }
        Err(error) => log::warn!("no thread left to close with: {error}"),
    }
    log::info!("closed");
}

/// `fleet` is filled once it exists: a dump must be possible while the start itself hangs.
fn listen_for_signals(fleet: Arc<OnceLock<Weak<Fleet>>>) -> std::io::Result<(Receiver<i32>, (Handle, Thread))> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGUSR1])?;
    let handle = signals.handle();
    let (sender, receiver) = bounded(1);
    let thread = thread::spawn("signals", move || {
        let mut dump = Dump::new(fleet);
        waits_for("a signal", None);
        for signal in signals.forever() {
            if signal == SIGUSR1 {
                dump.log();
                continue;
            }
            // A second signal during the shutdown changes nothing.
            let _ = sender.try_send(signal);
        }
    })?;
    Ok((receiver, (handle, thread)))
}

#[expect(clippy::print_stdout, reason = "--help and --version answer on standard output")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(
    clippy::print_stderr,
    reason = "what keeps the program from starting is said to whoever started it, at any log level"
)]
fn complain(text: &str) {
    eprintln!("{text}");
}
