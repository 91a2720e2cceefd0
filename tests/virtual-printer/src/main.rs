//! A row of virtual printers for the demo, the browser tests and the bench. Prints one JSON line for each printer once
//! it listens, in the shape of `POST /api/printers`, obeys what standard input says, and runs until SIGTERM or SIGINT.

mod orders;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread::Builder;
use virtual_printer::{Behaviour, Clip, RtspManners, Setup, VideoManners, VirtualPrinter};

const HELP: &str = "\
virtual-printer: cameras of Bambu Lab printers in software

  --count N         printers, on as many ports (3)
  --base-port P     the first one's port (7322)
  --bind ADDRESS    where they listen (127.0.0.1)
  --code CODE       their access code (12345678)
  --clip CLIP       what they show: chamber1080, chamber720, chamber540, or a file of H.264 in Annex B;
                    by default each of the three in turn
  --fps F           pictures a second, instead of the clip's own pace (30 for a file)
  --frame-log FILE  one line for each picture sent: name, index in the clip, unix time

";

struct Options {
    count: u16,
    base_port: u16,
    bind: IpAddr,
    code: String,
    clip: Option<String>,
    fps: Option<f64>,
    frame_log: Option<PathBuf>,
}

/// Model, serial prefix, room: one for each clip in turn.
const MODELS: [(&str, &str, &str); 3] = [("P2S", "22E", "Workshop"), ("X1C", "00M", "Studio"), ("H2S", "093", "Attic")];

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
    let cameras: Vec<_> = printers.iter().map(|printer| printer.camera().clone()).collect();
    // Nobody joins it: standard input may never end.
    Builder::new()
        .name("vp-orders".to_owned())
        .spawn(move || orders::obey(&cameras, io::stdin().lock()))
        .map_err(|error| format!("thread: {error}"))?;
    let _ = signals.forever().next();
    Ok(())
}

fn start(options: &Options, index: u16, clip: Arc<Clip>) -> Result<VirtualPrinter, String> {
    let (model, prefix, room) = MODELS[usize::from(index) % MODELS.len()];
    let round = usize::from(index) / MODELS.len();
    let port = options.base_port.checked_add(index).ok_or("--base-port: too many printers for the ports above it")?;
    let address = SocketAddr::new(options.bind, port);
    let video = VideoManners { clip, fps: options.fps, ..VideoManners::default() };
    let rtsp = RtspManners { code: options.code.clone(), ..RtspManners::default() };
    let setup = Setup {
        name: if round == 0 { format!("{room} {model}") } else { format!("{room} {model} {}", round + 1) },
        serial: format!("{prefix}09A{:09}", index + 1),
        address,
        behaviour: Behaviour { rtsp, video, ..Behaviour::default() },
        frame_log: options.frame_log.as_deref().map(open_log).transpose()?,
    };
    VirtualPrinter::start(setup).map_err(|error| format!("{address}: {error}"))
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
        let host = match printer.address().ip() {
            address if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            address => address,
        };
        let line = serde_json::json!({
            "name": printer.name(),
            "host": host.to_string(),
            "serial": printer.serial(),
            "accessCode": code,
            "rtspUrl": printer.rtsp_url(),
        });
        writeln!(stdout, "{line}")?;
    }
    stdout.flush()
}

fn parse(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options {
        count: 3,
        base_port: 7322,
        bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
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
            "--bind" => options.bind = value.parse().map_err(|_| format!("{key}: `{value}` is no IP address"))?,
            "--code" => options.code.clone_from(value),
            "--clip" => options.clip = Some(value.clone()),
            "--fps" => options.fps = Some(value.parse().map_err(|_| format!("{key}: `{value}` is no number"))?),
            "--frame-log" => options.frame_log = Some(value.into()),
            _ => return Err(format!("{key}: unknown; see --help")),
        }
    }
    Ok(options)
}
