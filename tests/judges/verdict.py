"""What foreign tools say about a recording or a live address. Each function returns a list of faults, empty if none."""

import pathlib
import re
import subprocess

import ts_check

HERE = pathlib.Path(__file__).resolve().parent


def run(command, seconds):
    """Output and errors of a tool that must end by itself."""
    try:
        done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "", [f"{command[0]} did not end within {seconds} s"]
    errors = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
    if done.returncode and not errors:
        errors = [f"{command[0]} ended with {done.returncode}"]
    return done.stdout.decode(errors="replace"), [f"{command[0]}: {line}" for line in errors]


def of_still(path, size):
    """One picture of that size, and nothing that ffprobe or ffmpeg would warn of."""
    out, errors = run(["ffprobe", "-v", "warning", "-count_frames", "-show_entries", "stream=width,height,nb_read_frames",
                       "-of", "csv=p=0", path], 60)
    right = ",".join(map(str, (*size, 1)))
    return errors + ([] if out.strip() == right else [f"ffprobe: {out.strip()} instead of {right}"]) + of_decoding(path)


def stretches(directory):
    """The recording between discontinuities: lists of files, each of which must hold as one stream."""
    found, current = [], []
    for line in (pathlib.Path(directory) / "index.m3u8").read_text().splitlines():
        if line == "#EXT-X-DISCONTINUITY" and current:
            found.append(current)
            current = []
        elif line.endswith(".ts"):
            current.append(pathlib.Path(directory) / line)
    return found + ([current] if current else [])


def of_recording(directory):
    faults = [str(fault) for fault in ts_check.check_files([pathlib.Path(directory) / "index.m3u8"]).faults]
    for number, files in enumerate(stretches(directory)):
        joined = pathlib.Path(directory) / f"stretch{number}.ts"
        joined.write_bytes(b"".join(file.read_bytes() for file in files))
        out, errors = run(["ffprobe", "-v", "warning", "-show_entries", "packet=pts,dts", "-of", "csv=p=0", joined], 120)
        faults += errors + of_packets(out)
        faults += of_decoding(joined)
    return faults


def of_decoding(path):
    """Every picture decoded. Time stamps pass as they are: rounded to a frame rate, ffmpeg complains of its own work."""
    return run(["ffmpeg", "-nostdin", "-v", "warning", "-i", path, "-fps_mode", "passthrough", "-enc_time_base", "-1",
                "-f", "null", "-"], 600)[1]


def stamps(text):
    """(PTS, DTS) of ffprobe's lines; empty lines stand for side data."""
    for line in filter(None, text.splitlines()):
        words = line.rstrip(",").split(",") + [""]
        yield tuple(int(word) if word.lstrip("-").isdecimal() else None for word in words[:2])


def of_packets(text):
    """ffprobe's packets: DTS rise, none after its PTS."""
    faults, last, packets = [], None, 0
    for pts, dts in stamps(text):
        packets += 1
        if pts is None or dts is None:
            faults.append(f"ffprobe: packet {packets} without PTS or DTS")
        elif dts > pts or (last is not None and dts <= last):
            faults.append(f"ffprobe: PTS {pts} DTS {dts} after DTS {last}")
        last = dts if dts is not None else last
    return faults if packets else ["ffprobe: no packets"]


def is_reordered(directory):
    """Whether the recording has pictures that are shown later than they are decoded, by ffprobe."""
    joined = pathlib.Path(directory) / "stretch0.ts"
    out, _ = run(["ffprobe", "-v", "error", "-show_entries", "packet=pts,dts", "-of", "csv=p=0", joined], 120)
    return any(pts != dts for pts, dts in stamps(out))


def of_ffprobe_live(url, seconds):
    out, errors = run(["ffprobe", "-v", "warning", "-rw_timeout", "10000000", "-read_intervals", f"%+{seconds}",
                       "-show_entries", "packet=pts,dts", "-of", "csv=p=0", url], seconds + 60)
    return errors + of_packets(out)


def of_gstreamer_live(url, seconds, fps):
    out, errors = run(["/usr/bin/python3", HERE / "gst_player.py", url, str(seconds)], seconds + 60)
    shown = re.search(r"(\d+) pictures", out)
    pictures = int(shown[1]) if shown else 0
    # It starts some segments behind the live edge, so it never has less than the real time's worth.
    short = [] if pictures >= 0.9 * fps * seconds else [f"GStreamer showed {pictures} pictures in {seconds} s"]
    return errors + short
