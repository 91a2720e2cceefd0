"""The judge `jpegs`: still.jpg and stream.mjpeg as other programs read them."""

import datetime
import re
import subprocess
import threading
import time

import footage
import parties

VENV = footage.TARGET / "venv" / "bin" / "python"
# What cuts a stream of pictures by its own parser, and counts them.
OPENCV = """
import cv2, sys
stream = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)
read = [stream.read() for _ in range(3)]
print(*{f"{frame.shape[1]}x{frame.shape[0]}" for good, frame in read if good}, sum(good for good, _ in read))
"""
PILLOW = """
import io, sys, urllib.request, PIL.Image
picture = PIL.Image.open(io.BytesIO(urllib.request.urlopen(sys.argv[1], timeout=5).read()))
picture.load()
print(f"{picture.width}x{picture.height}", picture.format)
"""


def run(trial, name, *words, seconds=40):
    """What a client printed; a fault if it failed."""
    try:
        done = subprocess.run(list(map(str, words)), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        trial.faults.append(f"{name}: nothing within {seconds} s")
        return ""
    trial.expect(done.returncode == 0, f"{name}: exit code {done.returncode}: {done.stderr[-300:]}")
    return done.stdout + done.stderr


def judge(trial):
    """still.jpg and stream.mjpeg, read by ffmpeg, GStreamer, OpenCV, Pillow, mjpeg-consumer and Chromium's <img>."""
    camera = trial.camera("live555", "fast")
    service, printer = trial.service(camera)
    still, stream = (f"{service.origin}/api/printers/{printer}/{file}" for file in ("still.jpg", "stream.mjpeg"))
    of_still(trial, service, still)
    of_stream(trial, stream)
    of_dashboard(trial, service, printer)
    chromium_once(trial)


def of_still(trial, service, url):
    path = url.removeprefix(service.origin)
    answer = service.web.get(path)
    taken = datetime.datetime.fromisoformat(answer.headers.get("x-picture-time", "1970-01-01T00:00:00Z"))
    age_s = time.time() - taken.timestamp()
    trial.expect((answer.status, answer.headers.get("content-type")) == (200, "image/jpeg"), f"still.jpg: {answer.status}")
    trial.expect(0 <= age_s < 5, f"still.jpg is {age_s:.1f} s old")
    # Obico reads for 5 s at most, Home Assistant for 10.
    trial.expect(answer.seconds < 5, f"still.jpg took {answer.seconds:.1f} s")
    small = service.web.get(f"{path}?width=640")
    for name, got, size in (("still.jpg", answer, "1920,1080"), ("width=640", small, "640,360")):
        file = trial.directory / "still.jpg"
        file.write_bytes(got.body)
        said = run(trial, f"ffprobe of {name}", "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,height",
                   "-of", "csv=p=0", file)
        trial.expect(said.strip() == f"mjpeg,{size}", f"ffprobe of {name}: {said.strip()}")
    trial.note(f"still.jpg: {len(answer.body)} bytes in {1000 * answer.seconds:.0f} ms, {1000 * age_s:.0f} ms old; "
               f"640 wide: {len(small.body)} bytes in {1000 * small.seconds:.0f} ms")
    if library(trial, "PIL", "Pillow"):
        said = run(trial, "Pillow", VENV, "-c", PILLOW, url)
        trial.expect(said.strip() == "1920x1080 JPEG", f"Pillow: {said.strip()}")
    # Frigate's preset for a JPEG at a URL.
    said = run(trial, "ffmpeg, image2 in a loop", "ffmpeg", "-nostdin", "-hide_banner", "-f", "image2", "-stream_loop", "-1",
               "-r", "2", "-i", url, "-frames:v", "4", "-f", "null", "-")
    trial.expect(re.search(r"frame= +4\b", said), f"ffmpeg, image2 in a loop: {said[-200:]}")


def of_stream(trial, url):
    said = run(trial, "ffmpeg", "ffmpeg", "-nostdin", "-hide_banner", "-f", "mpjpeg", "-i", url, "-frames:v", "4", "-f", "null", "-")
    trial.expect(re.search(r"frame= +4\b", said) and "1920x1080" in said, f"ffmpeg: {said[-300:]}")
    said = run(trial, "GStreamer", "/usr/bin/python3", parties.HERE / "gst_pictures.py", url, 4)
    trial.expect(said.split()[:4] == 4 * ["1920x1080"], f"GStreamer: {said.strip()[-300:]}")
    if library(trial, "cv2", "opencv-python-headless"):
        said = run(trial, "OpenCV", VENV, "-c", OPENCV, url)
        trial.expect(said.strip().endswith("1920x1080 3"), f"OpenCV: {said.strip()[-300:]}")
    said = run(trial, "mjpeg-consumer", "node", parties.HERE / "mjpeg_client.mjs", url, "4")
    trial.expect(said.startswith("4 pictures"), f"mjpeg-consumer: {said[-300:]}")
    trial.note(f"mjpeg-consumer: {said.strip()}")


def library(trial, module, name):
    """Whether the environment of scripts/setup has it. Without what PyPI gives the judge says so and goes on."""
    there = VENV.exists() and subprocess.run([VENV, "-c", f"import {module}"], capture_output=True, timeout=60).returncode == 0
    if not there:
        trial.note(f"{name} is not in {VENV.parent.parent}: scripts/setup could not install it, so it does not judge")
    return there


def of_dashboard(trial, service, printer):
    """Home Assistant's rhythm: each viewer asks twice a second, and each key frame is decoded once."""
    before, seconds = decodes(service), 6

    def look():
        mine = parties.Web(service.origin)
        for _ in range(2 * seconds):
            trial.expect(mine.get(f"/api/printers/{printer}/still.jpg").status == 200, "the dashboard got no picture")
            time.sleep(0.5)
        mine.close()

    viewers = [threading.Thread(target=look) for _ in range(4)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join()
    made = decodes(service) - before
    # A key frame a second; the machine may have taken longer than it was to.
    trial.expect(1 <= made <= 3 * seconds, f"{made} decodes in about {seconds} s")
    trial.note(f"four viewers that ask twice a second for {seconds} s: {made} decodes for {8 * seconds} answers")


def decodes(service):
    return int(re.search(r"^platecast_pictures_decoded_total (\d+)", service.web.get("/metrics").text(), re.M)[1])


def chromium_once(trial):
    """A camera that has sent one key frame, and sends the next after 20 s: an <img> shows the picture soon all the same."""
    directory = trial.directory / "once"
    directory.mkdir()
    camera = trial.scope.enter_context(parties.Camera("live555", "rare", directory, "01P00A123456780"))
    service = trial.scope.enter_context(parties.Service(trial.options.command, directory))
    printer = service.add(camera)
    url = f"{service.origin}/api/printers/{printer}/stream.mjpeg"
    end = time.monotonic() + 40
    while service.web.get(f"/api/printers/{printer}/still.jpg").status != 200 and time.monotonic() < end:
        time.sleep(0.2)
    said = run(trial, "Chromium", "node", parties.HERE / "mjpeg_img.mjs", url, directory / "screen.png")
    shown = re.match(r"1280x720 after (\d+) ms, (\d+) colours", said)
    # Before the picture is repeated, which is after 5 s.
    trial.expect(shown and int(shown[1]) < 4500 and int(shown[2]) > 50, f"Chromium's <img>: {said.strip()[-300:]}")
    trial.note(f"Chromium's <img>, one key frame sent: {said.strip()}")
