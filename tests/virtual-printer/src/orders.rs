//! Faults on order: a line on standard input, `PRINTER ORDER`, where PRINTER counts from 1 or is `all`. For scripts
//! and browser tests, which cannot call methods.

use std::io::BufRead;
use std::sync::Arc;
use virtual_printer::{Broker, Camera, Clip, Key, Pause, Print, Stall};

pub(crate) const HELP: &str = "\
Orders on standard input, one a line: PRINTER (1, 2 … or all), then
  away                   as if switched off
  impostor               another certificate
  code CODE              another access code
  heal                   as at the start
for its camera
  refuse | open          close the port, open it
  reset | hangup         end the connections: RST, FIN
  stall | freeze         no more pictures, nothing at all, while the socket stays
  clip CLIP              another picture, and picture size
  noidr                  no more key frames
for its broker
  mqtt refuse | open | reset | hangup | stall | freeze     the same
  mqtt deaf              requests are taken and nothing comes of them
for the machine
  print | pause | resume | stop | finish | runout | cover
  developer on | off     Developer Mode
  door open | closed
";

/// Obeys until there are no more orders.
pub(crate) fn obey(printers: &[(Camera, Broker)], orders: impl BufRead) {
    for line in orders.lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((&whom, order)) = words.split_first() else { continue };
        let printers = match whom.parse::<usize>() {
            Ok(number) => printers.get(number.wrapping_sub(1)..number).unwrap_or_default(),
            Err(_) if whom == "all" => printers,
            Err(_) => &[],
        };
        let obeyed = !printers.is_empty() && printers.iter().all(|printer| give(printer, order).is_some());
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

fn give((camera, broker): &(Camera, Broker), order: &[&str]) -> Option<()> {
    match order {
        ["away"] => {
            camera.refuse();
            broker.refuse();
            camera.reset();
            broker.reset();
        }
        ["impostor"] => {
            camera.change(|behaviour| behaviour.tls.key = Key::Second);
            broker.change(|behaviour| behaviour.tls.key = Key::Second);
        }
        ["code", code] => {
            camera.change(|behaviour| behaviour.rtsp.code = (*code).to_owned());
            broker.change(|behaviour| behaviour.mqtt.code = (*code).to_owned());
        }
        ["heal"] => {
            camera.heal();
            broker.heal();
        }
        ["mqtt", order] => give_broker(broker, order)?,
        [order @ ("print" | "pause" | "resume" | "stop" | "finish" | "runout" | "cover")] => work(broker, order),
        ["developer", on @ ("on" | "off")] => broker.machine(|machine| machine.set_developer_mode(*on == "on")),
        ["door", open @ ("open" | "closed")] => broker.machine(|machine| machine.set_door(*open == "open")),
        _ => give_camera(camera, order)?,
    }
    Some(())
}

fn give_camera(camera: &Camera, order: &[&str]) -> Option<()> {
    match order {
        ["refuse"] => camera.refuse(),
        ["open"] => camera.open(),
        ["reset"] => camera.reset(),
        ["hangup"] => camera.hang_up(),
        ["stall"] => camera.change(|behaviour| behaviour.stall = Some(Stall::Picture)),
        ["freeze"] => camera.change(|behaviour| behaviour.stall = Some(Stall::Everything)),
        ["clip", name] => {
            let clip = clip(name)?;
            camera.change(|behaviour| behaviour.video.clip = clip);
        }
        ["noidr"] => camera.change(|behaviour| behaviour.video.idr_withheld = true),
        _ => return None,
    }
    Some(())
}

fn give_broker(broker: &Broker, order: &str) -> Option<()> {
    match order {
        "refuse" => broker.refuse(),
        "open" => broker.open(),
        "reset" => broker.reset(),
        "hangup" => broker.hang_up(),
        "stall" => broker.change(|behaviour| behaviour.mqtt.stalled = true),
        "freeze" => broker.change(|behaviour| behaviour.stall = Some(Stall::Everything)),
        "deaf" => broker.change(|behaviour| behaviour.mqtt.deaf = true),
        _ => return None,
    }
    Some(())
}

/// What has no effect now has none, as on a printer.
fn work(broker: &Broker, order: &str) {
    broker.machine(|machine| match order {
        "pause" => drop(machine.pause(Pause::User)),
        "runout" => drop(machine.pause(Pause::Runout)),
        "cover" => drop(machine.pause(Pause::FrontCover)),
        "resume" => drop(machine.resume()),
        "stop" => drop(machine.stop()),
        "finish" => machine.finish(),
        _ => machine.start(Print::default()),
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use virtual_printer::{JobState, Setup, VirtualPrinter};

    #[test]
    fn orders_reach_the_printer_they_name_and_nonsense_reaches_none() {
        let printers = [(); 3].map(|()| VirtualPrinter::start(Setup::default()).unwrap());
        let handles = printers.each_ref().map(|printer| (printer.camera().clone(), printer.broker().clone()));
        let orders = "all stall\n2 away\n\n0 refuse\n4 refuse\n3 fly\n9999999999999999999999 open\n3 clip none\n\
                      1 heal\n3 mqtt deaf\n3 mqtt fly\n1 print\n1 finish\n3 developer maybe\n";
        obey(&handles, orders.as_bytes());
        let state = handles.each_ref().map(|(camera, _)| (camera.behaviour().stall, camera.seen().listening));
        assert_eq!(state, [(None, true), (Some(Stall::Picture), false), (Some(Stall::Picture), true)]);
        let state = handles.each_ref().map(|(_, broker)| {
            (broker.behaviour().mqtt.deaf, broker.seen().listening, broker.machine(|machine| machine.state()))
        });
        let idle = JobState::Idle;
        assert_eq!(state, [(false, true, JobState::Finish), (false, false, idle), (true, true, idle)]);
    }
}
