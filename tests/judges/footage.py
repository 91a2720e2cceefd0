#!/usr/bin/env python3
"""Makes what the foreign cameras show: clips with a machine-readable frame number, and certificates.

  footage.py clip NAME...      clips into target/judges/clips (names: see CLIPS; `all` for every one)
  footage.py certificate DIR SERIAL
                               a private CA and a leaf shaped like a printer's: X.509 v1, CN=SERIAL, no SAN

A clip is NAME.h264 (Annex B, SPS and PPS before each IDR, no AUD, as cameras send it) and NAME.json (frames, rate,
presentation order). Existing clips are kept while their recipe stays the same.

The strip at the top left of each picture: 18 cells of 40 x 40 pixels from (8, 8), white is 1: the sync cells 1 0,
12 bits of frame number (most significant first), 4 bits of check: the inverted sum of the number's three nibbles.
"""

import fcntl
import json
import pathlib
import subprocess
import sys
import tempfile

import annexb

HERE = pathlib.Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "target" / "judges"
CLIP_DIR = TARGET / "clips"

CELL_PX, BORDER_PX = 40, 8
NUMBER_BITS, CELLS = 12, 18

# Recipe: (width, height, frames per second, GOP in frames, frames, kbit/s, further x264 options)
CLIPS = {
    "fast": [(1920, 1080, 30, 30, 600, 4000, "bframes=0")],
    # An X2D was seen to send 8 to 9 pictures a second with an IDR every 3 to 4 s.
    "slow": [(1920, 1080, 9, 32, 288, 1000, "bframes=0")],
    # For ten players on two cores.
    "shared": [(768, 432, 15, 15, 300, 600, "bframes=0")],
    # A key frame each 20 s.
    "rare": [(1280, 720, 15, 300, 600, 1000, "bframes=0")],
    # A picture each two seconds, each of them a key frame.
    "lapse": [(1280, 720, 0.5, 1, 60, 500, "bframes=0")],
    "slices": [(1280, 720, 30, 60, 300, 2000, "bframes=0:slices=4")],
    "bframes": [(1280, 720, 30, 60, 300, 2000, "bframes=2:b-adapt=0")],
    "resize": [(1920, 1080, 30, 30, 180, 4000, "bframes=0"), (1280, 720, 30, 30, 180, 2000, "bframes=0")],
}


def strip_cells(number):
    nibbles = [(number >> shift) & 15 for shift in (8, 4, 0)]
    check = ~sum(nibbles) & 15
    bits = [1, 0] + [(number >> b) & 1 for b in range(NUMBER_BITS - 1, -1, -1)] + [(check >> b) & 1 for b in (3, 2, 1, 0)]
    return bytes(255 * bit for bit in bits)


def encode(recipe, first_frame, out):
    """One run of ffmpeg: the test picture with the strip laid over it."""
    width, height, fps, gop, frames, kbit, x264 = recipe
    with tempfile.NamedTemporaryFile(suffix=".gray") as strip:
        strip.write(b"".join(strip_cells(first_frame + n) for n in range(frames)))
        strip.flush()
        graph = (
            f"[1:v]scale={CELLS * CELL_PX}:{CELL_PX}:flags=neighbor,"
            f"pad={CELLS * CELL_PX + 2 * BORDER_PX}:{CELL_PX + 2 * BORDER_PX}:{BORDER_PX}:{BORDER_PX}:black[strip];"
            "[0:v]noise=alls=6:allf=t[picture];[picture][strip]overlay=0:0,format=yuv420p"
        )
        options = f"repeat-headers=1:aud=0:scenecut=0:open-gop=0:keyint={gop}:min-keyint={gop}:sliced-threads=0:{x264}"
        subprocess.run(
            ["ffmpeg", "-nostdin", "-v", "error", "-y",
             "-f", "lavfi", "-i", f"testsrc2=s={width}x{height}:r={fps}:d={frames / fps}",
             "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{CELLS}x1", "-r", str(fps), "-i", strip.name,
             "-filter_complex", graph, "-frames:v", str(frames),
             "-c:v", "libx264", "-preset", "superfast", "-profile:v", "high",
             "-b:v", f"{kbit}k", "-maxrate", f"{kbit}k", "-bufsize", f"{kbit}k", "-x264-params", options,
             "-f", "matroska", out],
            check=True, timeout=300)


def presentation_order(path, fps):
    """Presentation times in frames, in decoding order: what a raw .h264 file cannot say."""
    out = subprocess.run(
        ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path],
        check=True, timeout=60, stdout=subprocess.PIPE, text=True).stdout
    times = [float(line.rstrip(",")) for line in out.split()]
    return [round((t - min(times)) * fps) for t in times]


def make_clip(name):
    """The path of the clip NAME, made if it is not there; by one process, whoever else wants it waits."""
    CLIP_DIR.mkdir(parents=True, exist_ok=True)
    with open(CLIP_DIR / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return make_clip_alone(name)


def make_clip_alone(name):
    recipes = CLIPS[name]
    raw, sidecar = CLIP_DIR / f"{name}.h264", CLIP_DIR / f"{name}.json"
    wanted = json.loads(json.dumps(recipes))
    if raw.exists() and sidecar.exists() and json.loads(sidecar.read_text()).get("recipe") == wanted:
        return raw
    stream, order = b"", []
    for recipe in recipes:
        with tempfile.NamedTemporaryFile(suffix=".mkv") as coded:
            encode(recipe, len(order), coded.name)
            order += [len(order) + n for n in presentation_order(coded.name, recipe[2])]
            stream += subprocess.run(
                ["ffmpeg", "-nostdin", "-v", "error", "-i", coded.name, "-c", "copy", "-bsf:v", "h264_mp4toannexb",
                 "-f", "h264", "pipe:1"], check=True, timeout=60, stdout=subprocess.PIPE).stdout
    pictures = len(annexb.access_units(stream))
    if pictures != len(order) or sorted(order) != list(range(pictures)):
        raise SystemExit(f"clip {name}: {pictures} pictures but {len(order)} time stamps")
    raw.write_bytes(stream)
    sidecar.write_text(json.dumps({"recipe": wanted, "fps": recipes[0][2], "gop": recipes[0][3], "frames": pictures,
                                   "order": order}))
    return raw


def describe(clip):
    """The sidecar of a clip."""
    return json.loads(pathlib.Path(clip).with_suffix(".json").read_text())


def make_certificate(directory, serial):
    """Returns (chain, key, SHA-256 fingerprint of the leaf)."""
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    chain, key, ca, ca_key, request = (
        directory / n for n in ("chain.pem", "key.pem", "ca.pem", "ca-key.pem", "request.pem"))

    def openssl(*words):
        return subprocess.run(["openssl", *map(str, words)], check=True, timeout=60, capture_output=True, text=True).stdout

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", 3650, "-subj", "/O=Judges/CN=Judges' private CA",
            "-keyout", ca_key, "-out", ca)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={serial}", "-keyout", key, "-out", request)
    leaf = openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-set_serial", 1, "-days", 3650)
    if "Version: 1 " not in openssl("x509", "-in", write(chain, leaf + ca.read_text()), "-noout", "-text"):
        raise SystemExit("openssl made no X.509 v1 certificate: printers' certificates are v1")
    return chain, key, openssl("x509", "-in", chain, "-noout", "-fingerprint", "-sha256").strip().partition("=")[2]


def write(path, text):
    path.write_text(text)
    return path


def main(words):
    if words[:1] == ["clip"] and len(words) > 1:
        for name in CLIPS if words[1] == "all" else words[1:]:
            print(make_clip(name))
    elif words[:1] == ["certificate"] and len(words) == 3:
        print(*make_certificate(words[1], words[2]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
