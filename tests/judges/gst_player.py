#!/usr/bin/python3
"""GStreamer as a viewer: plays an HLS address for some seconds, decodes every picture, prints how many.

  gst_player.py URL SECONDS         warnings and errors of the pipeline go to stderr
"""

import sys
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402


def main(url, seconds):
    Gst.init(None)
    pipeline = Gst.parse_launch(
        f'souphttpsrc location="{url}" ! hlsdemux ! tsdemux ! h264parse ! avdec_h264 max-threads=1 '
        "! fakesink name=screen sync=true signal-handoffs=true")
    shown = [0]
    pipeline.get_by_name("screen").connect("handoff", lambda *_: shown.__setitem__(0, shown[0] + 1))
    pipeline.set_state(Gst.State.PLAYING)
    bus, clean = pipeline.get_bus(), True
    waited = time.monotonic() + 20
    while not shown[0] and time.monotonic() < waited and clean:
        clean = quiet(bus)
    end = time.monotonic() + seconds
    while time.monotonic() < end and clean:
        clean = quiet(bus)
    pipeline.set_state(Gst.State.NULL)
    print(f"{shown[0]} pictures")
    return 0 if clean and shown[0] else 1


def quiet(bus):
    """Half a second without complaint."""
    kinds = Gst.MessageType.ERROR | Gst.MessageType.WARNING | Gst.MessageType.EOS
    message = bus.timed_pop_filtered(Gst.SECOND // 2, kinds)
    if message is None:
        return True
    if message.type == Gst.MessageType.EOS:
        print("the stream ended", file=sys.stderr)
    else:
        problem = message.parse_error() if message.type == Gst.MessageType.ERROR else message.parse_warning()
        print(f"{problem[0].message} ({problem[1]})", file=sys.stderr)
    return False


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
