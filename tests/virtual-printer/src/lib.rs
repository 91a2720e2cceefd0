//! A Bambu Lab printer in software: the test double, the demo and the load source of platecast. It does not depend on
//! platecast, so that both sides cannot share one mistake.
//!
//! So far the camera half: RTSPS as the live555 server in X1, X2, P2 and H2 printers speaks it. Its faults are
//! [`Camera::change`] (what lasts) and the other methods of [`Camera`] (what happens once).
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
pub use seen::{FrameSent, Seen, WaitedInVain};

use camera::Shared;
use std::fs::File;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
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
    /// How it behaves, and how again once it is healed.
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
            behaviour: Behaviour::default(),
            frame_log: None,
        }
    }
}

/// A running printer; dropping it switches it off.
pub struct VirtualPrinter {
    camera: Camera,
    door: Option<JoinHandle<()>>,
}

impl VirtualPrinter {
    /// Switches a printer on. It listens when this returns, unless its door is to be closed.
    ///
    /// # Errors
    /// When the address cannot be had, or the system has no thread to give.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let listener = door::listen(setup.address)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::new(setup.serial, setup.name, setup.behaviour, address, setup.frame_log));
        let camera = Camera(Arc::clone(&shared));
        let listener = (shared.healthy.door != Door::Refused).then_some(listener);
        shared.note(|seen| seen.listening = listener.is_some());
        let door = door::spawn("vp-door", move || door::run(&shared, listener))?;
        Ok(Self { camera, door: Some(door) })
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

    /// The camera's URL, without credentials.
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

impl Drop for VirtualPrinter {
    fn drop(&mut self) {
        self.camera.0.stop();
        if let Some(door) = self.door.take() {
            // A panic in it was printed where it happened.
            let _ = door.join();
        }
    }
}
