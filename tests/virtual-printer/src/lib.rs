//! A Bambu Lab printer in software: the test double, the demo and the load source of platecast. It does not depend on
//! platecast, so that both sides cannot share one mistake.
//!
//! The camera half is RTSPS as the live555 server in X1, X2, P2 and H2 printers speaks it, or JPEG pictures on port 6000
//! as A1 and P1 printers send them: [`VirtualPrinter::camera`] is the one that the model has. Its faults are
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

mod air;
mod behaviour;
mod camera;
mod certificate;
mod client;
mod clip;
mod clock;
mod digest;
mod door;
mod hello;
mod jpeg;
mod json;
mod machine;
mod mqtt;
mod noise;
mod requests;
mod rtp;
mod rtsp;
mod sdp;
mod seen;
mod staging;
mod stream;
mod wire;

pub use air::{AirSeen, Announcing, Audience, Notice, Wording};
pub use behaviour::*;
pub use camera::{Camera, Damage, Injection};
pub use clip::{Clip, ClipError};
pub use jpeg::{Dirt, JpegManners, JpegSeen, JpegService, Rhythm, draw_picture, picture_number};
pub use machine::{Feed, Hms, JobState, Machine, Model, Oddity, Pause, Print, Refusal, error_code};
pub use mqtt::{Acknowledgement, Broker, ForeignTopic, MqttManners, MqttSeen, ReportSent, Request, RequestTopic};
pub use seen::{FrameSent, Seen, WaitedInVain};
pub use staging::Update;

use air::{Air, Speaker};
use camera::{Service, Shared};
use mqtt::Hub;
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What a printer is before it is switched on.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Its name, as the frame log says it.
    pub name: String,
    /// Its serial number, which its certificate is for.
    pub serial: String,
    /// Where its RTSPS port is; port 0 takes a free one, a real printer has 322. Models with JPEG pictures open nothing
    /// there.
    pub address: SocketAddr,
    /// Where its port for JPEG pictures is; port 0 takes a free one, a real printer has 6000. Models with RTSPS say there
    /// that they have none.
    pub jpeg_address: SocketAddr,
    /// What kind of printer it is.
    pub model: Model,
    /// Where its broker listens; port 0 takes a free one, a real printer has 8883.
    pub mqtt_address: SocketAddr,
    /// How it behaves, and how again once it is healed. The camera that the model has gets all of it; the broker and the
    /// other port have the TLS of it and what is theirs, and their own doors are open.
    pub behaviour: Behaviour,
    /// How it announces itself, if it does. Its address then has to be one of its own.
    pub announcing: Option<Announcing>,
    /// Gets one line for each picture sent: name, index in the clip, unix time in seconds.
    pub frame_log: Option<Arc<Mutex<File>>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            name: "virtual".to_owned(),
            serial: "00M09A000000001".to_owned(),
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            jpeg_address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            model: Model::default(),
            mqtt_address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            behaviour: Behaviour::default(),
            announcing: None,
            frame_log: None,
        }
    }
}

/// A running printer; dropping it switches it off.
pub struct VirtualPrinter {
    model: Model,
    rtsp: Camera,
    pictures: Camera,
    broker: Broker,
    air: Arc<Air>,
    _speaker: Speaker,
    doors: Mutex<Vec<JoinHandle<()>>>,
}

impl VirtualPrinter {
    /// Switches a printer on. It listens when this returns, unless its door is to be closed.
    ///
    /// # Errors
    /// When an address cannot be had, or the system has no thread to give.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let Setup { name, serial, address, jpeg_address, model, mqtt_address, behaviour, announcing, frame_log } =
            setup;
        let [rtsp_listener, jpeg_listener, mqtt_listener] =
            [door::listen(address)?, door::listen(jpeg_address)?, door::listen(mqtt_address)?];
        let hub = Arc::new(Mutex::new(Hub::new(Machine::new(model, &serial), &serial)));
        let plain = Behaviour { door: Door::Open, stall: None, bytes_per_s: None, ..behaviour.clone() };
        // Nothing opens port 322 of a model that sends JPEG pictures.
        let (rtsp, jpeg) = match model.has_rtsp() {
            true => (behaviour, plain.clone()),
            false => (Behaviour { door: Door::Refused, ..plain.clone() }, behaviour),
        };
        let port = |listener: &TcpListener, behaviour, frame_log, service| -> io::Result<Camera> {
            let address = listener.local_addr()?;
            let (serial, name) = (serial.clone(), name.clone());
            Ok(Camera(Arc::new(Shared::new(serial, name, behaviour, address, frame_log, (service, model)))))
        };
        let rtsp = port(&rtsp_listener, rtsp, frame_log.clone(), Service::Rtsp)?;
        let pictures = port(&jpeg_listener, jpeg, frame_log, Service::Jpeg)?;
        let mqtt_port = port(&mqtt_listener, plain, None, Service::Mqtt(Arc::clone(&hub)))?;
        let location = mqtt_port.0.address().ip();
        let broker = Broker { port: mqtt_port, hub };
        let speaks = announcing.is_some();
        let manners = announcing.unwrap_or_default();
        let air = Arc::new(Air::new(Notice { model, serial, name, location, manners }, speaks));
        let speaker = Speaker::start(&air)?;
        let printer = Self { model, rtsp, pictures, broker, air, _speaker: speaker, doors: Mutex::default() };
        printer.introduce();
        if model.has_rtsp() {
            printer.open(&printer.rtsp, rtsp_listener)?;
        }
        printer.open(&printer.pictures, jpeg_listener)?;
        printer.open(&printer.broker.port, mqtt_listener)?;
        Ok(printer)
    }

    /// Watches a port, on a thread.
    fn open(&self, port: &Camera, listener: TcpListener) -> io::Result<()> {
        let shared = Arc::clone(&port.0);
        let listener = (shared.healthy.door != Door::Refused).then_some(listener);
        shared.note(|seen| seen.listening = listener.is_some());
        let thread = door::spawn("vp-door", move || door::run(&shared, listener))?;
        self.doors.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    /// Switches it off for good: every client is told goodbye.
    pub fn switch_off(&self) {
        self.ports().iter().for_each(|port| port.0.stop());
        self.air.set_away(true);
        let doors = std::mem::take(&mut *self.doors.lock().unwrap_or_else(PoisonError::into_inner));
        for door in doors {
            // A panic in it was printed where it happened.
            let _ = door.join();
        }
    }

    /// Tells the machine where it is.
    fn introduce(&self) {
        let live_view = self.rtsp.0.healthy.door != Door::Refused;
        let url = live_view.then(|| self.rtsp_url());
        self.broker.machine(|machine| {
            machine.set_rtsp_url(url);
            if let IpAddr::V4(host) = self.mqtt_address().ip() {
                machine.set_host(host);
            }
        });
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
        self.broker.port.0.address()
    }

    /// Its broker's port.
    #[must_use]
    pub fn mqtt_port(&self) -> u16 {
        self.mqtt_address().port()
    }

    /// The camera that the model has: faults and counters.
    #[must_use]
    pub fn camera(&self) -> &Camera {
        if self.model.has_rtsp() { &self.rtsp } else { &self.pictures }
    }

    /// Its port for JPEG pictures, also where the model says there that it has none.
    #[must_use]
    pub fn pictures(&self) -> &Camera {
        &self.pictures
    }

    /// All of its ports.
    fn ports(&self) -> [&Camera; 3] {
        [&self.rtsp, &self.pictures, &self.broker.port]
    }

    /// What it announces, or would announce.
    #[must_use]
    pub fn notice(&self) -> Notice {
        self.air.notice()
    }

    /// What was announced and searched for so far.
    #[must_use]
    pub fn air(&self) -> AirSeen {
        self.air.seen()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.rtsp.0.name
    }

    /// Its serial number.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.rtsp.0.serial
    }

    /// Where its camera listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.camera().0.address()
    }

    /// Where its RTSPS port is, or would be.
    #[must_use]
    pub fn rtsp_address(&self) -> SocketAddr {
        self.rtsp.0.address()
    }

    /// Where its port for JPEG pictures is.
    #[must_use]
    pub fn jpeg_address(&self) -> SocketAddr {
        self.pictures.0.address()
    }

    /// Its port for JPEG pictures.
    #[must_use]
    pub fn jpeg_port(&self) -> u16 {
        self.jpeg_address().port()
    }

    /// Whether its camera speaks RTSPS; the others send JPEG pictures.
    #[must_use]
    pub fn has_rtsp(&self) -> bool {
        self.model.has_rtsp()
    }

    /// The camera's URL, without credentials; where the model has no RTSP, nothing answers there.
    #[must_use]
    pub fn rtsp_url(&self) -> String {
        let plain = self.rtsp.behaviour().tls.version == TlsVersion::Plain;
        format!("{}://{}{}", if plain { "rtsp" } else { "rtsps" }, self.rtsp_address(), rtsp::PATH)
    }

    /// The certificate it shows now, in DER; `None` where none can be made of its name.
    #[must_use]
    pub fn certificate(&self) -> Option<Vec<u8>> {
        certificate::leaf(self.serial(), &self.camera().behaviour().tls).ok().map(|leaf| leaf.to_vec())
    }
}

/// The certificate of the CA that signs all of theirs, in DER; for clients that insist on one.
#[must_use]
pub fn ca_certificate() -> Option<Vec<u8>> {
    certificate::ca().ok().map(|ca| ca.to_vec())
}

impl Drop for VirtualPrinter {
    fn drop(&mut self) {
        self.switch_off();
    }
}
