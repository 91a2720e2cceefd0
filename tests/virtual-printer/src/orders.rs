//! Faults on order: a line on standard input, `PRINTER ORDER`, where PRINTER counts from 1 or is `all`. For scripts
//! and browser tests, which cannot call methods.

mod pictures;
mod place;
mod seen;

use std::io::BufRead;
use std::sync::Arc;
use std::time::Duration;
use virtual_printer::{
    Broker, Camera, Clip, Door, Feed, KeepAlive, Key, Machine, Pause, Print, Stall, VirtualPrinter, error_code,
};

pub(crate) const HELP: &str = "\
Orders on standard input, one a line: PRINTER (1, 2 … or all), then
  away                   as if switched off
  impostor               another certificate
  code CODE              another access code
  heal                   as at the start
  move ADDRESS [silently]  another address; its connections are reset, or nothing is heard of them any more
  forge ADDRESS | none   another printer there that says it is this one and has another key
  announce on | off | SECONDS    over UDP, every so many seconds
  update silent | refused | no   of its firmware: no picture, then no camera port; reports say so
  camera off | on        it has none, says so, and sends no picture
for its camera
  refuse | open          close the port, open it
  reset | hangup         end the connections: RST, FIN
  stall | freeze         no more pictures, nothing at all, while the socket stays
  clip CLIP              another picture, and picture size
  noidr                  no more key frames
  keys SECONDS           one key frame in so many seconds
  fps PICTURES           so many pictures a second
  keepalive STATUS | none    what signs of life are answered: 454, 405 or nothing
  cut SECONDS            the client is hung up on after so many seconds of play
  silent                 connections are accepted, and nothing is ever said
for its camera, where it sends JPEG pictures
  rhythm burst | farm | once | never | SECONDS    when pictures come; farm: 3 to 8 s apart, at times 21 s
  body SECONDS           how long the sending of one takes
  slots N                how many clients are served
  orphan                 the clients that there are keep their slots, whatever they do
  dirt KIND [COUNT]      wrong in the next COUNT pictures: stray, noend, garbage, cutheader, tail, reset, hangup, or the
                         length that the header says
for its broker
  mqtt refuse | open | reset | hangup | stall | freeze     the same
  mqtt deaf              requests are taken and nothing comes of them
  quiet SECONDS          nothing is reported, whatever is asked, and pings are answered
  hole                   the next full report lacks the AMS
  lose-last              the report with which the job ends is lost; after it only the Wi-Fi is told
for the machine
  print | pause | resume | stop | finish | runout | cover
  halt CODE              the printer pauses by itself: 0500-8051
  fail CODE              the print fails by itself: 0300-8003
  error CODE | none      what it says in print_error, whatever it does
  hms CODE…              what it lists in hms beside what its firmware lists always: 0C00-0300-0002-0004
  flap CODE | none       listed in every other report
  stage N | none         what it says in stg_cur, whatever it does
  layers N TOTAL | none  and in layer_num and total_layer_num
  feed UNIT SLOT | external | left | none                  where filament comes from; while it prints, by a change
  hot on | off           the nozzle stays hot after the end
  old-nozzle on | off    device.nozzle as older firmware had it
  developer on | off     Developer Mode
  door open | closed
to be told
  seen                   what it has seen, as a line of JSON on standard output
";

/// Obeys until there are no more orders.
pub(crate) fn obey(printers: &[VirtualPrinter], orders: impl BufRead) {
    let mut impostors = Vec::new();
    for line in orders.lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((&whom, order)) = words.split_first() else { continue };
        let printers = match whom.parse::<usize>() {
            Ok(number) => printers.get(number.wrapping_sub(1)..number).unwrap_or_default(),
            Err(_) if whom == "all" => printers,
            Err(_) => &[],
        };
        let obeyed =
            !printers.is_empty() && printers.iter().all(|printer| give(printer, &mut impostors, order).is_some());
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

fn give(printer: &VirtualPrinter, impostors: &mut Vec<VirtualPrinter>, order: &[&str]) -> Option<()> {
    let (camera, broker) = (printer.camera(), printer.broker());
    match order {
        ["away"] => printer.go_away(),
        ["impostor"] => printer.set_key(Key::Second),
        ["code", code] => printer.set_code(code),
        ["heal"] => printer.heal(),
        ["mqtt", order] => give_broker(broker, order)?,
        [order @ ("print" | "pause" | "resume" | "stop" | "finish" | "runout" | "cover")] => work(broker, order),
        ["quiet", seconds] => broker.be_quiet(Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?),
        ["hole"] => broker.make_hole(),
        ["lose-last"] => broker.lose_last(),
        ["seen"] => seen::tell(printer, impostors).ok()?,
        _ => give_camera(camera, order)
            .or_else(|| pictures::give(camera, order))
            .or_else(|| place::give(printer, impostors, order))
            .or_else(|| broker.machine(|machine| stage(machine, order)))?,
    }
    Some(())
}

/// What the machine is to do or to say; `None` where it cannot.
fn stage(machine: &mut Machine, order: &[&str]) -> Option<()> {
    match order {
        ["halt", code] => machine.pause(Pause::Error(error_code(code)?)).then_some(())?,
        ["fail", code] => machine.fail(error_code(code)?, None),
        ["error", "none"] => machine.set_print_error(0),
        ["error", code] => machine.set_print_error(error_code(code)?),
        ["hms", codes @ ..] => machine.set_hms(codes.iter().map(|code| code.parse().ok()).collect::<Option<_>>()?),
        ["flap", "none"] => machine.set_flapping(None),
        ["flap", code] => machine.set_flapping(Some(code.parse().ok()?)),
        ["stage", "none"] => machine.set_stage(None),
        ["stage", number] => machine.set_stage(Some(number.parse().ok()?)),
        ["layers", "none"] => machine.set_layers(None),
        ["layers", layer, total] => machine.set_layers(Some((layer.parse().ok()?, total.parse().ok()?))),
        ["feed", from @ ..] => machine.feed(feed(from)?).then_some(())?,
        ["hot", on @ ("on" | "off")] => machine.set_stays_hot(*on == "on"),
        ["old-nozzle", on @ ("on" | "off")] => machine.set_old_nozzle(*on == "on"),
        ["developer", on @ ("on" | "off")] => machine.set_developer_mode(*on == "on"),
        ["door", open @ ("open" | "closed")] => machine.set_door(*open == "open"),
        _ => return None,
    }
    Some(())
}

fn feed(from: &[&str]) -> Option<Feed> {
    Some(match from {
        ["none"] => Feed::Nothing,
        ["external"] => Feed::External,
        ["left"] => Feed::LeftExternal,
        [unit, slot] => Feed::Slot { unit: unit.parse().ok()?, slot: slot.parse().ok()? },
        _ => return None,
    })
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
        ["keys", span] => {
            let interval = Some(seconds(span)?);
            camera.change(|behaviour| behaviour.video.key_frame_interval = interval);
        }
        ["fps", pictures] => {
            let fps = Some(pictures.parse().ok()?);
            camera.change(|behaviour| behaviour.video.fps = fps);
        }
        ["keepalive", "none"] => camera.change(|behaviour| behaviour.rtsp.keep_alive = KeepAlive::Unanswered),
        ["keepalive", status] => {
            let status = status.parse().ok()?;
            camera.change(|behaviour| behaviour.rtsp.keep_alive = KeepAlive::Refused(status));
        }
        ["cut", span] => {
            let limit = Some(seconds(span)?);
            camera.change(|behaviour| behaviour.rtsp.play_limit = limit);
        }
        ["silent"] => camera.change(|behaviour| behaviour.door = Door::Silent),
        _ => return None,
    }
    Some(())
}

fn seconds(word: &str) -> Option<Duration> {
    word.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
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
    use virtual_printer::{JobState, Model, Setup, VirtualPrinter};

    /// Whether a printer of this model obeys all of these, and the printer.
    fn obeys(model: Model, orders: &str) -> (bool, VirtualPrinter) {
        let printer = VirtualPrinter::start(Setup { model, ..Setup::default() }).unwrap();
        let mut impostors = Vec::new();
        let mut obey = |order: &str| give(&printer, &mut impostors, &order.split(' ').collect::<Vec<_>>()).is_some();
        (orders.lines().all(&mut obey), printer)
    }

    #[test]
    fn complete_orders_are_obeyed_and_incomplete_ones_are_refused() {
        let orders = "quiet 0.5\nhole\nlose-last\nfail 0300-8003\nerror 0500-8051\nerror none\nhms\n\
                      hms 0C00-0300-0002-0004 0700-2000-0002-0001\nflap 0300-A700-0003-0001\nflap none\nstage 77\n\
                      stage none\nlayers 37 36\nlayers none\nfeed 0 1\nfeed external\nfeed none\nhot on\nhot off\n\
                      old-nozzle on\nold-nozzle off\ndeveloper off\ndoor open\nopen\nrefuse";
        assert!(obeys(Model::X1C, orders).0);
        assert!(obeys(Model::H2D, "feed left\nfeed 128 0").0);
        assert!(!obeys(Model::X1C, "halt 0500-8051").0, "nothing is printed");
        for nonsense in
            ["fail", "fail 0300", "hms 0300-400C", "flap", "stage now", "layers 37", "feed 9 9", "feed left"]
        {
            assert!(!obeys(Model::X1C, nonsense).0, "{nonsense}");
        }
    }

    #[test]
    fn orders_for_the_camera_of_a_jpeg_model_go_to_its_pictures() {
        let (obeyed, printer) = obeys(Model::P1S, "away\nheal\nrefuse");
        assert!(obeyed && !printer.pictures().seen().listening);
        let (obeyed, printer) = obeys(Model::P1S, "refuse\nopen\ncode 87654321");
        assert!(obeyed && printer.pictures().seen().listening);
        assert_eq!(printer.pictures().behaviour().jpeg.code, "87654321");
        let orders = "rhythm farm\nrhythm burst\nrhythm never\nrhythm once\nrhythm 0.5\nbody 5\nslots 1\norphan\n\
                      dirt noend 10\ndirt stray\ndirt 4294967295\ndirt tail\nupdate silent\nupdate refused\nupdate no\n\
                      camera off\ncamera on\nannounce 5\nannounce off\nseen";
        let (obeyed, printer) = obeys(Model::A1, orders);
        assert!(obeyed && printer.pictures().behaviour().jpeg.slots == 1);
        for nonsense in [
            "rhythm",
            "rhythm soon",
            "dirt",
            "dirt mud",
            "dirt noend -1",
            "slots",
            "update",
            "camera",
            "announce",
            "move",
            "move there",
            "move 127.0.0.2 loudly",
            "forge",
            "forge it",
        ] {
            assert!(!obeys(Model::A1, nonsense).0, "{nonsense}");
        }
    }

    #[test]
    fn orders_reach_their_printer_and_nonsense_reaches_none() {
        let printers = [(); 3].map(|()| VirtualPrinter::start(Setup::default()).unwrap());
        let orders = "all stall\n2 away\n\n0 refuse\n4 refuse\n3 fly\n9999999999999999999999 open\n3 clip none\n\
                      1 heal\n3 mqtt deaf\n3 mqtt fly\n1 print\n1 finish\n3 developer maybe\n";
        obey(&printers, orders.as_bytes());
        let state = printers.each_ref().map(|printer| {
            let camera = printer.camera();
            (camera.behaviour().stall, camera.seen().listening)
        });
        assert_eq!(state, [(None, true), (Some(Stall::Picture), false), (Some(Stall::Picture), true)]);
        let state = printers.each_ref().map(|printer| {
            let broker = printer.broker();
            (broker.behaviour().mqtt.deaf, broker.seen().listening, broker.machine(|machine| machine.state()))
        });
        let idle = JobState::Idle;
        assert_eq!(state, [(false, true, JobState::Finish), (false, false, idle), (true, true, idle)]);
    }
}
