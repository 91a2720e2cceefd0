#!/usr/bin/python3
"""A camera made of GStreamer's RTSP server: RTSP over TLS with Digest, from Debian's packages alone.

Loops clips made by footage.py with rising time stamps. Presentation order comes from the clip's sidecar, so a clip
with B-frames goes out with PTS != DTS (the RTP time stamp is the PTS). Ends on SIGTERM, or when stdin closes.
"""

import argparse
import signal
import sys
import threading
import time

import gi

import annexb
import footage

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ROLE = "viewer"


class Clip:
    def __init__(self, path):
        facts = footage.describe(path)
        self.fps, self.order = facts["fps"], facts["order"]
        with open(path, "rb") as file:
            self.pictures = [annexb.join(nals) for nals in annexb.access_units(file.read())]
        # How long a picture must wait so that none is shown before it is decoded.
        self.delay = max(place - shown for place, shown in enumerate(self.order))

    def picture(self, count):
        """Bytes, decoding time, presentation time (both in frames since the start), number in the clip."""
        turn, place = divmod(count, len(self.pictures))
        shown = self.order[place]
        return self.pictures[place], count, turn * len(self.pictures) + shown + self.delay, shown


class Camera(GstRtspServer.RTSPMediaFactory):
    """One address; all its clients share one running clip."""

    def __init__(self, name, clip, log):
        super().__init__()
        self.name, self.clip, self.log = name, clip, log
        self.set_shared(True)
        self.set_latency(0)
        # A shared camera goes on for the others when one client leaves.
        self.set_suspend_mode(GstRtspServer.RTSPSuspendMode.NONE)
        self.set_launch(
            "( appsrc name=clip is-live=true format=time max-bytes=0 caps=video/x-h264,stream-format=byte-stream,"
            f"alignment=au,framerate={clip.fps}/1 ! h264parse ! rtph264pay name=pay0 pt=96 mtu=1400 )")
        permissions = GstRtspServer.RTSPPermissions()
        role = Gst.Structure.new_empty(ROLE)
        role.set_value("media.factory.access", True)
        role.set_value("media.factory.construct", True)
        permissions.add_role_from_structure(role)
        self.set_permissions(permissions)
        self.connect("media-configure", self.begin)

    def begin(self, _factory, media):
        gone = threading.Event()
        media.connect("unprepared", lambda _media: gone.set())
        source = media.get_element().get_by_name("clip")
        threading.Thread(target=self.send, args=(source, gone), name=self.name, daemon=True).start()

    def send(self, source, gone):
        frame_ns = Gst.SECOND // self.clip.fps
        start, count = time.monotonic(), 0
        while not gone.wait(max(0.0, start + count / self.clip.fps - time.monotonic())):
            data, decode, present, number = self.clip.picture(count)
            buffer = Gst.Buffer.new_wrapped(data)
            buffer.dts, buffer.pts, buffer.duration = decode * frame_ns, present * frame_ns, frame_ns
            if self.log:
                self.log.write(f"{self.name} {number} {time.time():.6f}\n")
            if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                return
            count += 1


def digest_over_tls(user, code, chain, key):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, code, token)
    auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(chain, key))
    return auth


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", required=True)
    parser.add_argument("--chain", required=True, help="PEM: leaf first, then its CA")
    parser.add_argument("--key", required=True)
    parser.add_argument("--user", default="bblp")
    parser.add_argument("--code", default="12345678")
    parser.add_argument("--frame-log", help="one line per picture sent: name, number in the clip, unix time")
    parser.add_argument("cameras", nargs="+", metavar="PATH=CLIP.h264")
    options = parser.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    server.set_auth(digest_over_tls(options.user, options.code, options.chain, options.key))
    log = open(options.frame_log, "a", buffering=1) if options.frame_log else None
    for camera in options.cameras:
        path, _, clip = camera.partition("=")
        server.get_mount_points().add_factory(f"/{path}", Camera(path, Clip(clip), log))
    loop = GLib.MainLoop()
    if not server.attach(None):
        sys.exit(f"port {options.port} is taken")
    print("ready", flush=True)
    GLib.timeout_add_seconds(2, lambda: server.get_session_pool().cleanup() or True)
    GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGTERM, loop.quit)
    GLib.unix_signal_add(GLib.PRIORITY_HIGH, signal.SIGINT, loop.quit)
    loop.run()


if __name__ == "__main__":
    main()
