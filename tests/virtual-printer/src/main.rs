//! A row of virtual printers for the demo, the browser tests and the bench. A real printer's broker is on port 8883 of
//! its host and nowhere else, so each one has a loopback address of its own. Prints one JSON line for each printer once
//! it listens, in the shape of `POST /api/printers`, obeys what standard input says, and runs until SIGTERM or SIGINT.

mod orders;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread::Builder;
use std::time::Duration;
use virtual_printer::{
    Announcing, Behaviour, Clip, JpegManners, Model, MqttManners, Print, RtspManners, Setup, VideoManners,
    VirtualPrinter,
};

const HELP: &str = "\
virtual-printer: Bambu Lab printers in software

  --count N         printers (3)
  --base-address A  the first one's IPv4 address; the others have the following ones (127.0.0.2)
  --bind ADDRESS    all of them have this one address instead, and ports counted up
  --base-port P     their cameras' port, or the first one's (7322)
  --mqtt-base-port P  their brokers' port, or the first one's (8883)
  --jpeg-base-port P  their port for JPEG pictures, or the first one's (6000)
  --announce on     each one announces itself over UDP as its model does, to ports 2021 and 1990 (off); from loopback
                    addresses this is heard on this machine only
  --code CODE       their access code (12345678)
  --model MODELS    what they are, in turn: X1, X1C, P1P, P1S, A1, A1mini, A2L, P2S, H2S, H2D, H2DPro, H2C, X2D with
                    commas between, or all (X1C,P2S,H2D); P1P, P1S, A1, A1mini and A2L send JPEG pictures instead of
                    a clip
  --speed S         how many seconds of printing pass in one (1)
  --clip CLIP       what they show: chamber1080, chamber720, chamber540, or a file of H.264 in Annex B;
                    by default each of the three in turn
  --fps F           pictures a second, instead of the clip's own pace (30 for a file)
  --frame-log FILE  one line for each picture sent: name, index in the clip, unix time

";

struct Options {
    count: u16,
    base_address: Ipv4Addr,
    bind: Option<IpAddr>,
    base_port: u16,
    mqtt_base_port: u16,
    jpeg_base_port: u16,
    announce: bool,
    code: String,
    models: Vec<Model>,
    speed: f64,
    clip: Option<String>,
    fps: Option<f64>,
    frame_log: Option<PathBuf>,
}

/// In turn, one for each clip, as people have them: an X1C that has nothing to say, a P2S with hidden codes that checks
/// its bed before it prints, and an H2D with two nozzles and a dirty lens.
const MODELS: [Model; 3] = [Model::X1C, Model::P2S, Model::H2D];
const ROOMS: [&str; 4] = ["Workshop", "Studio", "Attic", "Garage"];

/// What they make, in turn, and how much of it is done; the one at 0 has yet to begin.
const PRINTS: [(&str, u32, u32, u8); 4] = [
    ("Gearbox cover", 240, 95, 42),
    ("Cable chain links", 120, 48, 0),
    ("Desk lamp foot", 410, 233, 81),
    ("Plant pot", 180, 140, 12),
];

/// Until a printer begins again, of the time that passes for it.
const REST: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    env_logger::init();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help") {
        return match io::stdout().write_all([HELP, orders::HELP].concat().as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    match parse(&arguments).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            log::error!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    // Before the first printer, so that a signal in between is not lost.
    let mut signals = signal_hook::iterator::Signals::new([signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT])
        .map_err(|error| format!("signals: {error}"))?;
    let clips = clips(options)?;
    let of = |index: u16| Arc::clone(&clips[usize::from(index) % clips.len()]);
    let printers =
        (0..options.count).map(|index| start(options, index, of(index))).collect::<Result<Vec<_>, String>>()?;
    announce(&printers, &options.code).map_err(|error| format!("stdout: {error}"))?;
    // Standard input may never end, so nobody joins it; or end at once, and the printers stay.
    let printers = Arc::new(printers);
    let obeying = Arc::clone(&printers);
    Builder::new()
        .name("vp-orders".to_owned())
        .spawn(move || orders::obey(&obeying, io::stdin().lock()))
        .map_err(|error| format!("thread: {error}"))?;
    let _ = signals.forever().next();
    printers.iter().for_each(VirtualPrinter::switch_off);
    Ok(())
}

fn start(options: &Options, index: u16, clip: Arc<Clip>) -> Result<VirtualPrinter, String> {
    let nth = usize::from(index);
    let (model, room) = (options.models[nth % options.models.len()], ROOMS[nth % ROOMS.len()]);
    let round = nth / options.models.len().max(ROOMS.len());
    let [address, jpeg_address, mqtt_address] = addresses(options, index)?;
    let video = VideoManners { clip, fps: options.fps, ..VideoManners::default() };
    let rtsp = RtspManners { code: options.code.clone(), ..RtspManners::default() };
    let mqtt = MqttManners { code: options.code.clone(), ..MqttManners::default() };
    let jpeg = JpegManners { code: options.code.clone(), ..JpegManners::default() };
    let name = format!("{room} {}", model.name());
    let setup = Setup {
        name: if round == 0 { name } else { format!("{name} {}", round + 1) },
        serial: format!("{}09A{:09}", model.serial_prefix(), index + 1),
        address,
        jpeg_address,
        model,
        mqtt_address,
        behaviour: Behaviour { rtsp, video, mqtt, jpeg, ..Behaviour::default() },
        announcing: options.announce.then(Announcing::default),
        frame_log: options.frame_log.as_deref().map(open_log).transpose()?,
    };
    let printer = VirtualPrinter::start(setup)
        .map_err(|error| format!("{address}, {jpeg_address} and {mqtt_address}: {error}"))?;
    let (title, layers, minutes, percent) = PRINTS[nth % PRINTS.len()];
    printer.machine(|machine| {
        let print = Print { name: title.to_owned(), layers, minutes, ..Print::default() };
        machine.set_speed(options.speed);
        machine.repeat_after(Some(REST));
        match percent {
            0 => machine.start(print),
            percent => machine.start_at(print, percent),
        }
    });
    Ok(printer)
}

/// Those of RTSP, of pictures and of the broker.
fn addresses(options: &Options, index: u16) -> Result<[SocketAddr; 3], String> {
    let too_many = || "too many printers for the addresses or ports above the first one's".to_owned();
    let (address, offset) = match options.bind {
        Some(address) => (address, index),
        None => {
            let bits = options.base_address.to_bits().checked_add(index.into()).ok_or_else(too_many)?;
            (IpAddr::V4(Ipv4Addr::from_bits(bits)), 0)
        }
    };
    let port = |base: u16| base.checked_add(offset).map(|port| SocketAddr::new(address, port)).ok_or_else(too_many);
    Ok([port(options.base_port)?, port(options.jpeg_base_port)?, port(options.mqtt_base_port)?])
}

/// By their names, with commas between, in any case and with or without a space; or all of them.
fn models(names: &str) -> Option<Vec<Model>> {
    let plain = |name: &str| name.replace(' ', "").to_ascii_lowercase();
    let named = |name: &str| Model::ALL.into_iter().find(|model| plain(model.name()) == plain(name));
    if names == "all" { Some(Model::ALL.to_vec()) } else { names.split(',').map(named).collect() }
}

/// The clips to show, each read once, however many printers show it.
fn clips(options: &Options) -> Result<Vec<Arc<Clip>>, String> {
    match options.clip.as_deref() {
        None => Ok(vec![Clip::chamber_1080p30(), Clip::chamber_720p9(), Clip::chamber_540p15()]),
        Some(name) => match orders::clip(name) {
            Some(clip) => Ok(vec![clip]),
            None => Clip::from_file(name.as_ref(), options.fps.unwrap_or(30.0))
                .map(|clip| vec![clip])
                .map_err(|error| format!("{name}: {error}")),
        },
    }
}

fn open_log(path: &Path) -> Result<Arc<Mutex<std::fs::File>>, String> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.map(|file| Arc::new(Mutex::new(file))).map_err(|error| format!("{}: {error}", path.display()))
}

fn announce(printers: &[VirtualPrinter], code: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for printer in printers {
        let host = match printer.mqtt_address().ip() {
            address if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            address => address,
        };
        let line = serde_json::json!({
            "name": printer.name(),
            "host": host.to_string(),
            "serial": printer.serial(),
            "accessCode": code,
            "rtspUrl": printer.has_rtsp().then(|| printer.rtsp_url()),
            "jpegPort": (!printer.has_rtsp()).then(|| printer.jpeg_port()),
        });
        writeln!(stdout, "{line}")?;
    }
    stdout.flush()
}

fn parse(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options {
        count: 3,
        base_address: Ipv4Addr::new(127, 0, 0, 2),
        bind: None,
        base_port: 7322,
        mqtt_base_port: 8883,
        jpeg_base_port: 6000,
        announce: false,
        models: MODELS.to_vec(),
        speed: 1.0,
        code: "12345678".to_owned(),
        clip: None,
        fps: None,
        frame_log: None,
    };
    for pair in arguments.chunks(2) {
        let [key, value] = pair else { return Err(format!("{}: needs a value; see --help", pair.concat())) };
        let wrong = |_| format!("{key}: `{value}` is no number");
        match key.as_str() {
            "--count" => options.count = value.parse().map_err(wrong)?,
            "--base-port" => options.base_port = value.parse().map_err(wrong)?,
            "--jpeg-base-port" => options.jpeg_base_port = value.parse().map_err(wrong)?,
            "--announce" => match value.as_str() {
                "on" | "off" => options.announce = value == "on",
                _ => return Err(format!("{key}: on or off")),
            },
            "--mqtt-base-port" => options.mqtt_base_port = value.parse().map_err(wrong)?,
            "--base-address" => {
                options.base_address = value.parse().map_err(|_| format!("{key}: `{value}` is no IPv4 address"))?;
            }
            "--bind" => options.bind = Some(value.parse().map_err(|_| format!("{key}: `{value}` is no IP address"))?),
            "--model" => options.models = models(value).ok_or_else(|| format!("{key}: no `{value}`; see --help"))?,
            "--speed" => options.speed = value.parse().map_err(|_| format!("{key}: `{value}` is no number"))?,
            "--code" => options.code.clone_from(value),
            "--clip" => options.clip = Some(value.clone()),
            "--fps" => options.fps = Some(value.parse().map_err(|_| format!("{key}: `{value}` is no number"))?),
            "--frame-log" => options.frame_log = Some(value.into()),
            _ => return Err(format!("{key}: unknown; see --help")),
        }
    }
    Ok(options)
}
