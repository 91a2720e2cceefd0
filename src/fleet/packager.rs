//! The packager thread of a printer: access units in, snapshots out.
//!
//! It outlives the camera's connections and the camera thread itself, so that the playlist goes on over a
//! reconnect and over an edit of the printer.

use super::still::Still;
use super::tally::{Beat, Rhythm};
use super::{Keeper, Live};
use crate::base::clock;
use crate::hls::{Packager, Snapshot};
use crate::media::AccessUnit;
use crate::printer::PrinterId;
use crossbeam_channel::{Receiver, Sender};
use std::sync::Arc;

/// What the camera thread hands over.
#[derive(Debug)]
pub enum FromCamera {
    /// The next whole picture.
    Unit(Box<AccessUnit>),
    /// The camera is away: what has been begun is finished with what there is.
    Away,
}

/// How many pictures may wait for the packager. The camera never waits when it is full: it drops to the next key
/// frame. A second of 60 fps is more than this thread has ever been late.
pub const QUEUE_UNITS: usize = 64;

/// Where the packager's work goes.
#[derive(Debug)]
pub struct Outlets {
    /// Whose stream it is.
    pub id: PrinterId,
    /// For the viewers.
    pub live: Arc<Live>,
    /// For the next start of the program.
    pub keeper: Keeper,
    /// Rung when a segment is finished, where a mirror on disk is kept.
    pub mirror: Option<Sender<()>>,
    /// For the metrics.
    pub rhythm: Arc<Rhythm>,
}

/// Runs until every sender of `units` is gone, then closes the open segment, so that an orderly end leaves a
/// whole window behind.
pub fn run(mut packager: Packager, units: &Receiver<FromCamera>, outlets: &Outlets) {
    // What was read back from disk can be watched before the camera has answered.
    let mut noted = packager.memory();
    let mut beat = Beat::default();
    if let Some(snapshot) = packager.snapshot() {
        outlets.live.publish(snapshot);
    }
    loop {
        let (published, go_on): (Option<Arc<Snapshot>>, bool) = match units.recv() {
            Ok(FromCamera::Unit(unit)) => {
                let published = packager.push(&unit, clock::unix_ms());
                if unit.discontinuity {
                    beat.rest();
                }
                if published.is_some() {
                    beat.published(clock::now(), unit.dts_90k, &outlets.rhythm);
                }
                if unit.idr {
                    outlets.live.show(Still::new(unit));
                }
                (published, true)
            }
            Ok(FromCamera::Away) => {
                beat.rest();
                (packager.interrupt(), true)
            }
            Err(_) => (packager.interrupt(), false),
        };
        if let Some(snapshot) = published {
            outlets.live.publish(snapshot);
            outlets.live.count(packager.made());
            let memory = packager.memory();
            if memory != noted {
                outlets.keeper.keep(outlets.id, memory);
                noted = memory;
                if let Some(mirror) = &outlets.mirror {
                    let _ = mirror.try_send(());
                }
            }
        }
        if !go_on {
            return;
        }
    }
}
