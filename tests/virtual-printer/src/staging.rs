//! What happens to a printer as a whole: what concerns more than one of its ports.

use crate::behaviour::{Behaviour, Door, Key, Stall, TlsManners};
use crate::camera::End;
use crate::{Announcing, Setup, VirtualPrinter};
use std::io;
use std::net::{IpAddr, SocketAddr};

/// How far an update of the firmware has come, as an A2L was seen to go through it. The broker stays up, and reports
/// say that an update runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Update {
    /// None runs.
    #[default]
    No,
    /// The camera takes connections and logins, and sends no picture.
    Silent,
    /// The camera's port is closed, and its connections are gone.
    Refused,
}

impl VirtualPrinter {
    /// The LAN live view switch on its screen: closes and opens the camera's port, and says so in reports. Models without
    /// RTSP have no such switch.
    pub fn set_live_view(&self, on: bool) {
        if !self.has_rtsp() {
            return;
        }
        match on {
            true => self.rtsp.open(),
            false => self.rtsp.refuse(),
        }
        let url = on.then(|| self.rtsp_url());
        self.machine(|machine| machine.set_rtsp_url(url));
    }

    /// Gives it another access code, for all of its ports.
    pub fn set_code(&self, code: &str) {
        self.change_all(|behaviour| {
            for known in [&mut behaviour.rtsp.code, &mut behaviour.jpeg.code, &mut behaviour.mqtt.code] {
                code.clone_into(known);
            }
        });
    }

    /// Gives it another key, with another certificate for the same name.
    pub fn set_key(&self, key: Key) {
        self.change_all(|behaviour| behaviour.tls.key = key);
    }

    /// Takes the camera out, or puts it in. Without one, logins are taken and no picture comes: an A1 mini.
    pub fn set_camera(&self, is_in: bool) {
        let stall = if is_in { self.camera().0.healthy.stall } else { Some(Stall::Picture) };
        self.camera().change(|behaviour| behaviour.stall = stall);
        self.machine(|machine| machine.set_has_camera(is_in));
    }

    /// Goes through an update of the firmware.
    pub fn update(&self, phase: Update) {
        let camera = self.camera();
        self.machine(|machine| {
            machine.set_update(match phase {
                Update::No => None,
                Update::Silent => Some(35),
                Update::Refused => Some(80),
            });
        });
        let healthy = &camera.0.healthy;
        let (stall, door) = match phase {
            Update::No => (healthy.stall, healthy.door),
            Update::Silent => (Some(Stall::Picture), Door::Open),
            Update::Refused => (Some(Stall::Picture), Door::Refused),
        };
        camera.change(|behaviour| (behaviour.stall, behaviour.door) = (stall, door));
        if phase == Update::Refused {
            camera.reset();
        }
    }

    /// Switches it off: its ports are closed, its connections reset, and nothing is announced. [`VirtualPrinter::heal`]
    /// switches it on.
    pub fn go_away(&self) {
        self.air.set_away(true);
        for port in self.ports() {
            port.refuse();
            port.reset();
        }
    }

    /// All of it behaves as it was set up, at the address where it is now. What the machine does goes on.
    pub fn heal(&self) {
        self.machine(|machine| {
            machine.set_update(None);
            machine.set_has_camera(true);
        });
        self.rtsp.heal();
        self.pictures.heal();
        self.broker.heal();
        self.air.set_away(false);
    }

    /// Gives it another address: its ports stay the same. Connections to the old one are reset, or, as where a router gave
    /// the address to nobody, nothing is heard of them any more.
    pub fn move_to(&self, address: IpAddr, silently: bool) {
        let end = if silently { End::Silence } else { End::Reset };
        for port in self.ports() {
            port.move_to(address, end);
        }
        self.air.move_to(address);
        self.introduce();
    }

    /// How it announces itself from now on, if it does.
    pub fn announce(&self, manners: Option<Announcing>) {
        self.air.announce(manners);
    }

    /// Another printer at this address, which says that it is this one and cannot show its key: with this one's serial, name
    /// and ports, announced in the same way. What is said to it is in its own counters.
    ///
    /// # Errors
    /// When the address cannot be had, or the system has no thread to give.
    pub fn forge(&self, address: IpAddr) -> io::Result<Self> {
        let healthy = &self.camera().0.healthy;
        let at = |known: SocketAddr| SocketAddr::new(address, known.port());
        let tls = TlsManners { key: Key::Second, ..healthy.tls.clone() };
        Self::start(Setup {
            name: self.name().to_owned(),
            serial: self.serial().to_owned(),
            address: at(self.rtsp_address()),
            jpeg_address: at(self.jpeg_address()),
            model: self.model,
            mqtt_address: at(self.mqtt_address()),
            behaviour: Behaviour { tls, ..healthy.clone() },
            announcing: self.air.manners(),
            frame_log: None,
        })
    }

    fn change_all(&self, change: impl Fn(&mut Behaviour)) {
        self.ports().iter().for_each(|port| port.change(&change));
    }
}
