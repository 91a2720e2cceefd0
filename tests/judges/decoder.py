"""The judge `decoder`: our key frames beside ffmpeg's.

The program `picture/` holds the service's own code. Its planes must be ffmpeg's, bit for bit, on the project's clips and on
streams that x264 makes. Its JPEGs must look like the picture that ffmpeg shows, and be neither brighter nor darker.

  decoder.py [arm64]    alone, without a service; `arm64` runs it under qemu-aarch64-static
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import footage

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CLIPS = ROOT / "tests" / "virtual-printer" / "clips"
BUILDS = footage.TARGET / "picture"
ARM64 = "aarch64-unknown-linux-musl"

# The least PSNR of a JPEG by its quality, and the most that the mean of its samples may be off, in levels.
LEAST_DB = {82: 37, 95: 43}
MOST_BIAS = 0.2

# Without it ffmpeg cuts off less at the left than the stream says.
UNALIGNED = ("-flags", "unaligned")

LIMITED, FULL = "tv", "pc"
# name: (size, profile, x264 options, range, matrix, crop by the bitstream filter)
STREAMS = {
    "baseline": ((1168, 720), "baseline", "", LIMITED, None, None),
    "baseline, full range": ((1168, 720), "baseline", "", FULL, None, None),
    "main, CABAC": ((1280, 720), "main", "cabac=1", LIMITED, None, None),
    "main, CAVLC": ((1280, 720), "main", "cabac=0", LIMITED, None, None),
    "high, CABAC, 8x8": ((1920, 1080), "high", "cabac=1:8x8dct=1", LIMITED, None, None),
    "high, CAVLC, 8x8": ((1280, 720), "high", "cabac=0:8x8dct=1", LIMITED, None, None),
    "high, full range": ((1920, 1080), "high", "", FULL, None, None),
    "high, 4 slices": ((1920, 1080), "high", "slices=4", LIMITED, None, None),
    "baseline, 8 slices": ((1920, 1080), "baseline", "slices=8", LIMITED, None, None),
    "1680 x 1080": ((1680, 1080), "high", "", LIMITED, None, None),
    "BT.709": ((1920, 1080), "high", "", LIMITED, "bt709", None),
    "BT.709, full range": ((1920, 1080), "high", "", FULL, "bt709", None),
    "BT.601": ((1280, 720), "high", "", LIMITED, "smpte170m", None),
    "1366 x 768": ((1366, 768), "high", "", LIMITED, None, None),
    "1918 x 1078": ((1918, 1078), "high", "", LIMITED, None, None),
    "178 x 146, 4 slices": ((178, 146), "main", "slices=4", LIMITED, None, None),
    "crop left and top": ((1280, 720), "high", "", LIMITED, None, "crop_left=6:crop_top=10:crop_right=2:crop_bottom=4"),
    "no deblocking": ((1280, 720), "high", "no-deblock=1", LIMITED, None, None),
    "strong deblocking": ((1280, 720), "high", "deblock=6,6:qp=44", LIMITED, None, None),
}
# Coarse on purpose: the JPEG of coded blocks is judged by its planes alone.
PLANES_ONLY = {"strong deblocking", "178 x 146, 4 slices"}


def run(*words, **more):
    return subprocess.run(list(map(str, words)), check=True, timeout=300, stdin=subprocess.DEVNULL, capture_output=True, **more)


def ffmpeg(*words):
    return run("ffmpeg", "-nostdin", "-v", "error", "-y", *words).stdout


def build(arm64=False):
    """The command that runs the program."""
    words = ["cargo", "build", "--quiet", "--release", "--manifest-path", HERE / "picture" / "Cargo.toml", "--target-dir", BUILDS]
    if not arm64:
        subprocess.run(list(map(str, words)), check=True, timeout=1800)
        return [BUILDS / "release" / "picture"]
    environment = os.environ | {"CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER": "rust-lld"}
    subprocess.run(["rustup", "--quiet", "target", "add", ARM64], check=True, timeout=300)
    subprocess.run(list(map(str, [*words, "--target", ARM64])), check=True, timeout=1800, env=environment)
    return ["qemu-aarch64-static", BUILDS / ARM64 / "release" / "picture"]


def encode(recipe, out):
    """One key frame of the chamber with test bars in it."""
    (width, height), profile, options, levels, matrix, crop = recipe
    graph = (f"[0:v]scale={width}:{height}[chamber];[1:v]scale={width // 2}:{height // 4}[bars];[chamber][bars]overlay=8:8,"
             f"scale=out_range={levels}:out_color_matrix={'bt709' if matrix == 'bt709' else 'bt601'},format=yuv420p")
    filters = "filter_units=remove_types=6" + (f",h264_metadata={crop}" if crop else "")
    said = ["-color_range", levels, *(["-colorspace", matrix, "-color_primaries", matrix, "-color_trc", matrix] if matrix else [])]
    ffmpeg("-i", CLIPS / "chamber1080.h264", "-f", "lavfi", "-i", "testsrc2=s=640x360:r=1", "-filter_complex", graph, "-frames:v", 1,
           "-c:v", "libx264", "-preset", "medium", "-profile:v", profile, "-qp", 20, *said,
           "-x264-params", ":".join(filter(None, ["repeat-headers=1:aud=0", options])), "-bsf:v", filters, "-f", "h264", out)


def shown(source, out):
    """What ffmpeg shows of it, as RGB."""
    ffmpeg(*UNALIGNED, "-i", source, "-frames:v", 1, "-sws_flags", "accurate_rnd+full_chroma_int+bicubic", "-pix_fmt", "rgb24", out)


def psnr(picture, reference):
    said = run("ffmpeg", "-nostdin", "-hide_banner", "-i", picture, "-i", reference, "-lavfi", "psnr", "-f", "null", "-").stderr.decode()
    found = re.search(r"average:(\S+)", said)
    return float(found[1]) if found else 0.0


def bias(picture, reference):
    def mean(path):
        samples = ffmpeg("-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
        return sum(samples) / len(samples)

    return mean(picture) - mean(reference)


def judge_stream(program, name, stream, directory, faults):
    """Returns a line about it."""
    out = directory / "ours"
    done = subprocess.run(list(map(str, [*program, stream, out])), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    if done.returncode:
        faults.append(f"{name}: {done.stdout.strip()} {done.stderr.strip()[-300:]}")
        return f"{name}: refused"
    width, height, decode_ms, jpeg_ms, kilobytes = done.stdout.split()
    expected = ffmpeg(*UNALIGNED, "-i", stream, "-frames:v", 1, "-f", "rawvideo", "-")
    ours = pathlib.Path(f"{out}.yuv").read_bytes()
    if ours != expected:
        off = sum(a != b for a, b in zip(ours, expected))
        faults.append(f"{name}: {off} of {len(expected)} samples are not ffmpeg's ({len(ours)} bytes)")
    line = f"{name}: {width} x {height}, {'exact' if ours == expected else 'NOT exact'}, {decode_ms} + {jpeg_ms} ms, {kilobytes} kB"
    if name in PLANES_ONLY:
        return line
    reference = directory / "reference.png"
    shown(stream, reference)
    for quality, least in LEAST_DB.items():
        picture, as_rgb = f"{out}.{quality}.jpg", directory / "ours.png"
        shown(picture, as_rgb)
        likeness, off = psnr(as_rgb, reference), bias(as_rgb, reference)
        if likeness < least or abs(off) > MOST_BIAS:
            faults.append(f"{name}: the JPEG of quality {quality} has {likeness:.1f} dB and is off by {off:+.2f} levels")
        line += f", q{quality} {likeness:.1f} dB {off:+.2f}"
    return line


def judge_all(program, directory, faults, note):
    directory = pathlib.Path(directory)
    for clip in sorted(CLIPS.glob("*.h264")):
        note(judge_stream(program, clip.stem, clip, directory, faults))
    for name, recipe in STREAMS.items():
        stream = directory / "stream.h264"
        encode(recipe, stream)
        note(judge_stream(program, name, stream, directory, faults))


def judge(trial):
    """Our key frames are ffmpeg's, bit for bit, and our JPEGs look like what ffmpeg shows."""
    judge_all(build(), trial.directory, trial.faults, trial.note)


def main(words):
    if words not in ([], ["arm64"]):
        sys.exit(__doc__)
    if words and not shutil.which("qemu-aarch64-static"):
        sys.exit("decoder: qemu-aarch64-static is missing: scripts/setup images")
    faults = []
    with tempfile.TemporaryDirectory() as directory:
        judge_all(build(arm64=bool(words)), directory, faults, print)
    print(*(f"!   {fault}" for fault in faults), f"{len(faults)} fault(s)", sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
