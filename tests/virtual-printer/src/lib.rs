//! A Bambu Lab printer in software: the test double, the demo and the load source of platecast. It does not depend on
//! platecast, so that both sides cannot share one mistake.
//!
//! The camera half is RTSPS as the live555 server in X1, X2, P2 and H2 printers speaks it. Its faults are
//! [`Camera::change`] (what lasts) and the other methods of [`Camera`] (what happens once).
//!
//! The MQTT half is a [`Broker`] with the same faults and more of its own ([`MqttManners`]), and behind it a
//! [`Machine`] of one [`Model`] or another, which prints, reports and takes commands.
//!
//! ```
//! use std::time::Duration;
//! use virtual_printer::{Setup, VirtualPrinter};
//!
//! let printer = VirtualPrinter::start(Setup::default())?;
//! println!("{}", printer.rtsp_url());
//! printer.camera().refuse();
//! printer.camera().wait_until(|seen| !seen.listening, Duration::from_secs(1)).unwrap();
//! # Ok::<(), std::io::Error>(())
//! ```

mod behaviour;
mod camera;
mod certificate;
mod client;
mod clip;
mod clock;
mod digest;
mod door;
mod hello;
mod json;
mod machine;
mod mqtt;
mod noise;
mod requests;
mod rtp;
mod rtsp;
mod sdp;
mod seen;
mod stream;
mod wire;

pub use behaviour::*;
pub use camera::{Camera, Damage, Injection};
pub use clip::{Clip, ClipError};
pub use machine::{Feed, Hms, JobState, Machine, Model, Oddity, Pause, Print, Refusal, error_code};
pub use mqtt::{Acknowledgement, Broker, ForeignTopic, MqttManners, MqttSeen, ReportSent, Request, RequestTopic};
pub use seen::{FrameSent, Seen, WaitedInVain};

use camera::Shared;
use mqtt::Hub;
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What a printer is before it is switched on.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Its name, as the frame log says it.
    pub name: String,
    /// Its serial number, which its certificate is for.
    pub serial: String,
    /// Where its camera listens; port 0 takes a free one.
    pub address: SocketAddr,
    /// What kind of printer it is.
    pub model: Model,
    /// Where its broker listens; port 0 takes a free one, a real printer has 8883.
    pub mqtt_address: SocketAddr,
    /// How it behaves, and how again once it is healed. The broker has the TLS and the MQTT of it; its own door is open.
    pub behaviour: Behaviour,
    /// Gets one line for each picture sent: name, index in the clip, unix time in seconds.
    pub frame_log: Option<Arc<Mutex<File>>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            name: "virtual".to_owned(),
            serial: "00M09A000000001".to_owned(),
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            model: Model::default(),
            mqtt_address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            behaviour: Behaviour::default(),
            frame_log: None,
        }
    }
}

/// A running printer; dropping it switches it off.
pub struct VirtualPrinter {
    camera: Camera,
    broker: Broker,
    doors: Vec<JoinHandle<()>>,
}

impl VirtualPrinter {
    /// Switches a printer on. It listens when this returns, unless its door is to be closed.
    ///
    /// # Errors
    /// When an address cannot be had, or the system has no thread to give.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let Setup { name, serial, address, model, mqtt_address, mut behaviour, frame_log } = setup;
        let listener = door::listen(address)?;
        let mqtt_listener = door::listen(mqtt_address)?;
        let hub = Arc::new(Mutex::new(Hub::new(Machine::new(model, &serial), &serial)));
        let mqtt_behaviour = Behaviour { door: Door::Open, stall: None, bytes_per_s: None, ..behaviour.clone() };
        let port = |listener: &TcpListener, behaviour, frame_log, hub| -> io::Result<Camera> {
            let address = listener.local_addr()?;
            Ok(Camera(Arc::new(Shared::new(serial.clone(), name.clone(), behaviour, address, frame_log, hub))))
        };
        if !model.has_rtsp() {
            behaviour.door = Door::Refused;
        }
        let camera = port(&listener, behaviour, frame_log, None)?;
        let mqtt_port = port(&mqtt_listener, mqtt_behaviour, None, Some(Arc::clone(&hub)))?;
        let broker = Broker { port: mqtt_port, hub };
        let mut printer = Self { camera, broker, doors: Vec::new() };
        printer.introduce();
        // A model that sends single JPEG pictures has no port 322: nothing opens it, and no H.264 leaves.
        if model.has_rtsp() {
            printer.doors.push(open(&printer.camera, listener)?);
        }
        printer.doors.push(open(&printer.broker.port, mqtt_listener)?);
        Ok(printer)
    }

    /// Tells the machine where it is.
    fn introduce(&self) {
        let live_view = self.camera.0.healthy.door != Door::Refused;
        let url = live_view.then(|| self.rtsp_url());
        self.broker.machine(|machine| {
            machine.set_rtsp_url(url);
            if let IpAddr::V4(host) = self.mqtt_address().ip() {
                machine.set_host(host);
            }
        });
    }

    /// The LAN live view switch on its screen: closes and opens the camera's port, and says so in reports. Models without
    /// RTSP have no such switch.
    pub fn set_live_view(&self, on: bool) {
        if !self.has_rtsp() {
            return;
        }
        match on {
            true => self.camera.open(),
            false => self.camera.refuse(),
        }
        let url = on.then(|| self.rtsp_url());
        self.broker.machine(|machine| machine.set_rtsp_url(url));
    }

    /// Gives it another access code, for camera and broker.
    pub fn set_code(&self, code: &str) {
        self.camera.change(|behaviour| code.clone_into(&mut behaviour.rtsp.code));
        self.broker.change(|behaviour| code.clone_into(&mut behaviour.mqtt.code));
    }

    /// Its broker: faults, counters and the machine.
    #[must_use]
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// Does something to the machine, or asks it: [`Broker::machine`].
    pub fn machine<T>(&self, act: impl FnOnce(&mut Machine) -> T) -> T {
        self.broker.machine(act)
    }

    /// Where its broker listens.
    #[must_use]
    pub fn mqtt_address(&self) -> SocketAddr {
        self.broker.port.0.address
    }

    /// Its broker's port.
    #[must_use]
    pub fn mqtt_port(&self) -> u16 {
        self.mqtt_address().port()
    }

    /// Its camera: faults and counters.
    #[must_use]
    pub fn camera(&self) -> &Camera {
        &self.camera
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.camera.0.name
    }

    /// Its serial number.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.camera.0.serial
    }

    /// Where its camera listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.camera.0.address
    }

    /// Whether its camera speaks RTSPS; the others send JPEG on port 6000, which is not played here.
    #[must_use]
    pub fn has_rtsp(&self) -> bool {
        self.machine(|machine| machine.model().has_rtsp())
    }

    /// The camera's URL, without credentials; where the model has no RTSP, nothing answers there.
    #[must_use]
    pub fn rtsp_url(&self) -> String {
        let plain = self.camera.behaviour().tls.version == TlsVersion::Plain;
        format!("{}://{}{}", if plain { "rtsp" } else { "rtsps" }, self.address(), rtsp::PATH)
    }

    /// The certificate it shows now, in DER; `None` where none can be made of its name.
    #[must_use]
    pub fn certificate(&self) -> Option<Vec<u8>> {
        certificate::leaf(self.serial(), &self.camera.behaviour().tls).ok().map(|leaf| leaf.to_vec())
    }
}

/// The certificate of the CA that signs all of theirs, in DER; for clients that insist on one.
#[must_use]
pub fn ca_certificate() -> Option<Vec<u8>> {
    certificate::ca().ok().map(|ca| ca.to_vec())
}

impl Drop for VirtualPrinter {
    fn drop(&mut self) {
        self.camera.0.stop();
        self.broker.port.0.stop();
        for door in self.doors.drain(..) {
            // A panic in it was printed where it happened.
            let _ = door.join();
        }
    }
}

/// Watches a port, on a thread.
fn open(port: &Camera, listener: TcpListener) -> io::Result<JoinHandle<()>> {
    let shared = Arc::clone(&port.0);
    let listener = (shared.healthy.door != Door::Refused).then_some(listener);
    shared.note(|seen| seen.listening = listener.is_some());
    door::spawn("vp-door", move || door::run(&shared, listener))
}
