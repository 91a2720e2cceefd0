//! usage: picture STREAM OUT
//!
//! Decodes the first key frame of STREAM (H.264, Annex B) as the service does. Writes its planes as decoded to OUT.yuv and
//! JPEGs of it to OUT.82.jpg, OUT.95.jpg and OUT.w320.jpg. Prints width, height, and the milliseconds and kilobytes that it took.

#[path = "../../../../src/media/picture/mod.rs"]
#[allow(dead_code)]
mod picture;

use std::time::Instant;
use std::{env, fs, process};

fn main() {
    let words: Vec<String> = env::args().skip(1).collect();
    let [stream, out] = words.as_slice() else {
        eprintln!("usage: picture STREAM OUT");
        process::exit(2);
    };
    let bytes = fs::read(stream).expect("a readable stream");
    let nals = first_picture(&bytes);
    let begun = Instant::now();
    let decoded = match picture::decode(nals.iter().copied(), &|| begun.elapsed().as_secs() < 60) {
        Ok(decoded) => decoded,
        Err(why) => {
            println!("{why:?}");
            process::exit(1);
        }
    };
    let decode_ms = begun.elapsed().as_secs_f64() * 1e3;
    let shown = &decoded.planes;
    fs::write(format!("{out}.yuv"), [&*shown.y, &*shown.cb, &*shown.cr].concat()).expect("a file");
    let begun = Instant::now();
    let jfif = decoded.colour.to_jfif(shown.clone());
    let file = picture::encode(&jfif, picture::QUALITY).expect("a picture");
    let jpeg_ms = begun.elapsed().as_secs_f64() * 1e3;
    fs::write(format!("{out}.{}.jpg", picture::QUALITY), file).expect("a file");
    fs::write(format!("{out}.95.jpg"), picture::encode(&jfif, 95).expect("a picture")).expect("a file");
    let small = picture::of_key_frame(nals.iter().copied(), Some(320), &|| true).expect("a picture");
    fs::write(format!("{out}.w320.jpg"), small).expect("a file");
    println!("{} {} {decode_ms:.1} {jpeg_ms:.1} {}", shown.width, shown.height, peak_kb());
}

/// The NAL units up to the end of the first key frame.
fn first_picture(annex_b: &[u8]) -> Vec<&[u8]> {
    let mut nals = Vec::new();
    let starts: Vec<usize> = (3..annex_b.len()).filter(|at| annex_b[at - 3..*at] == [0, 0, 1]).collect();
    let ends = starts.iter().skip(1).map(|start| start - 3).chain([annex_b.len()]);
    for (start, end) in starts.iter().zip(ends) {
        let nal = &annex_b[*start..end];
        let nal = &nal[..nal.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)];
        let kind = nal.first().map_or(0, |byte| byte & 31);
        let is_first_slice = matches!(kind, 1 | 5) && nal.get(1).is_some_and(|byte| byte & 0x80 != 0);
        if is_first_slice && nals.iter().any(|nal: &&[u8]| nal[0] & 31 == 5) {
            break;
        }
        nals.push(nal);
    }
    nals
}

fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0)
}
