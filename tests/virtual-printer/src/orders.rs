//! Faults on order: a line on standard input, `PRINTER ORDER`, where PRINTER counts from 1 or is `all`. For scripts
//! and browser tests, which cannot call methods.

use std::io::BufRead;
use std::sync::Arc;
use virtual_printer::{Camera, Clip, Door, Key, Stall};

pub(crate) const HELP: &str = "\
Orders on standard input, one a line: PRINTER (1, 2 … or all), then
  refuse | open          close the port, open it
  reset | hangup         end the connections: RST, FIN
  away                   refuse and reset: as if switched off
  stall | freeze         no more pictures, nothing at all, while the socket stays
  impostor               another certificate
  code CODE              another access code
  clip CLIP              another picture, and picture size
  noidr                  no more key frames
  heal                   as at the start
";

/// Obeys until there are no more orders.
pub(crate) fn obey(cameras: &[Camera], orders: impl BufRead) {
    for line in orders.lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((&whom, order)) = words.split_first() else { continue };
        let cameras = match whom.parse::<usize>() {
            Ok(number) => cameras.get(number.wrapping_sub(1)..number).unwrap_or_default(),
            Err(_) if whom == "all" => cameras,
            Err(_) => &[],
        };
        let obeyed = !cameras.is_empty() && cameras.iter().all(|camera| give(camera, order).is_some());
        match obeyed {
            true => log::info!("{line}"),
            false => log::error!("{line}: no such printer or order; see --help"),
        }
    }
}

/// A committed clip by its name.
pub(crate) fn clip(name: &str) -> Option<Arc<Clip>> {
    match name {
        "chamber1080" => Some(Clip::chamber_1080p30()),
        "chamber720" => Some(Clip::chamber_720p9()),
        "chamber540" => Some(Clip::chamber_540p15()),
        _ => None,
    }
}

fn give(camera: &Camera, order: &[&str]) -> Option<()> {
    match order {
        ["refuse"] => camera.refuse(),
        ["open"] => camera.open(),
        ["reset"] => camera.reset(),
        ["hangup"] => camera.hang_up(),
        ["away"] => {
            camera.change(|behaviour| behaviour.door = Door::Refused);
            camera.reset();
        }
        ["stall"] => camera.change(|behaviour| behaviour.stall = Some(Stall::Picture)),
        ["freeze"] => camera.change(|behaviour| behaviour.stall = Some(Stall::Everything)),
        ["impostor"] => camera.change(|behaviour| behaviour.tls.key = Key::Second),
        ["code", code] => camera.change(|behaviour| behaviour.rtsp.code = (*code).to_owned()),
        ["clip", name] => {
            let clip = clip(name)?;
            camera.change(|behaviour| behaviour.video.clip = clip);
        }
        ["noidr"] => camera.change(|behaviour| behaviour.video.idr_withheld = true),
        ["heal"] => camera.heal(),
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use virtual_printer::{Setup, VirtualPrinter};

    #[test]
    fn orders_reach_the_printer_they_name_and_nonsense_reaches_none() {
        let printers = [(); 3].map(|()| VirtualPrinter::start(Setup::default()).unwrap());
        let cameras = printers.each_ref().map(|printer| printer.camera().clone());
        let orders =
            "all stall\n2 away\n\n0 refuse\n4 refuse\n3 fly\n9999999999999999999999 open\n3 clip none\n1 heal\n";
        obey(&cameras, orders.as_bytes());
        let state = cameras.map(|camera| (camera.behaviour().stall, camera.seen().listening));
        assert_eq!(state, [(None, true), (Some(Stall::Picture), false), (Some(Stall::Picture), true)]);
    }
}
