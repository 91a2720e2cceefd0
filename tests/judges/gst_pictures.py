#!/usr/bin/env python3
"""GStreamer on a stream of pictures (multipartdemux ! jpegdec): prints the size of each, and ends after COUNT.

  gst_pictures.py URL COUNT      with Debian's python3, to which python3-gi belongs
"""

import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst

Gst.init(None)


def main(url, count):
    loop, sizes, failed = GLib.MainLoop(), [], []
    pipeline = Gst.parse_launch(f"souphttpsrc location={url} ! multipartdemux ! jpegdec ! fakesink name=sink sync=false signal-handoffs=true")

    def picture(_sink, _buffer, pad):
        size = pad.get_current_caps().get_structure(0)
        sizes.append(f"{size.get_value('width')}x{size.get_value('height')}")
        if len(sizes) >= count:
            loop.quit()

    def message(_bus, told):
        if told.type in (Gst.MessageType.ERROR, Gst.MessageType.EOS):
            failed.append(told.parse_error() if told.type == Gst.MessageType.ERROR else "the stream ended")
            loop.quit()

    pipeline.get_by_name("sink").connect("handoff", picture)
    pipeline.get_bus().add_signal_watch()
    pipeline.get_bus().connect("message", message)
    pipeline.set_state(Gst.State.PLAYING)
    loop.run()
    pipeline.set_state(Gst.State.NULL)
    print(*sizes, *failed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
