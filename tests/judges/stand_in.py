#!/usr/bin/env python3
"""A stand-in for the service: ffmpeg (-c copy) remuxes the camera, this serves it as standard and low-latency HLS.

Exists to judge the judges: they must pass it as it is and fail it with --break. Speaks as much of the service's
interface as the judges use (environment BIND_ADDR; /healthz, POST /api/printers, /hls/:id/...). Not for anything else.
"""

import argparse
import gzip
import http.server
import json
import os
import re
import subprocess
import threading
import time
import urllib.parse

PART_TARGET, SEGMENT_TARGET, WINDOW = 0.334, 2.0, 7
BREAKS = ["early-answer", "wrong-hint", "long-part", "no-independent", "no-400", "media-sequence", "lost-packet"]


class Channel:
    """One camera's window. `changed` is notified with every part."""

    def __init__(self, source, broken):
        self.broken = broken
        self.changed = threading.Condition()
        self.segments = []      # dicts: msn, date, parts [(bytes, duration, independent)], done
        self.target = None
        self.ffmpeg = subprocess.Popen(
            ["ffmpeg", "-nostdin", "-v", "error", "-fflags", "+genpts", *source, "-an", "-c", "copy", "-flush_packets", "1",
             "-muxdelay", "0", "-pcr_period", "20", "-f", "mpegts", "pipe:1"], stdout=subprocess.PIPE)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        """Cuts the packet stream into pictures: tables go with the picture that follows them."""
        tables, picture, dts, key, number = b"", b"", None, False, 0
        while packet := self.ffmpeg.stdout.read(188):
            number += 1
            if self.broken == "lost-packet" and number % 5000 == 0:
                continue
            pid = (packet[1] & 0x1F) << 8 | packet[2]
            if pid != 0x100:
                tables += packet
                continue
            if packet[1] & 0x40:
                if picture:
                    self.picture(picture, dts, key)
                key = bool(packet[3] & 0x20 and packet[4] and packet[5] & 0x40)
                pes = packet[5 + packet[4]:] if packet[3] & 0x20 else packet[4:]
                stamp = pes[14:19] if pes[7] & 0x40 else pes[9:14]
                dts = ((stamp[0] >> 1 & 7) << 30 | stamp[1] << 22 | stamp[2] >> 1 << 15 | stamp[3] << 7
                       | stamp[4] >> 1) / 90000
                picture = tables
                tables = b""
            picture += packet

    def picture(self, data, dts, key):
        """`dts` is the picture's; what came before it is complete up to there."""
        if not hasattr(self, "part"):
            if not key:
                return
            self.part, self.part_start, self.part_key, self.start, self.frame = b"", dts, True, dts, 1 / 30
        elapsed, length = dts - self.start, dts - self.part_start
        self.frame = dts - self.previous if hasattr(self, "previous") else self.frame
        cut = key and elapsed >= SEGMENT_TARGET - 0.02
        # A tenth of a frame in hand: the camera's clock is not exact.
        if self.part and (cut or length + 1.1 * self.frame > PART_TARGET):
            self.close_part(length, cut)
            self.part, self.part_start, self.part_key = b"", dts, key
            if cut:
                self.start = dts
        self.part += data
        self.previous = dts

    def close_part(self, duration, last):
        with self.changed:
            if not self.segments or self.segments[-1]["done"]:
                msn = self.segments[-1]["msn"] + 1 if self.segments else 1
                date = time.time() - duration
                self.segments.append({"msn": msn, "date": date, "parts": [], "done": False})
            segment = self.segments[-1]
            segment["parts"].append((self.part, round(duration, 5), self.part_key))
            if last:
                segment["done"] = True
                self.target = self.target or max(2, round(sum(p[1] for p in segment["parts"])))
            del self.segments[:-2 * WINDOW]
            self.changed.notify_all()

    def edge(self):
        segment = self.segments[-1] if self.segments else None
        return (segment["msn"], len(segment["parts"])) if segment else (0, 0)

    def render(self, low_latency):
        finished = [s for s in self.segments if s["done"]][-WINDOW:]
        if not finished or not self.target:
            return None
        first = finished[0]["msn"]
        lines = ["#EXTM3U", "#EXT-X-VERSION:6", f"#EXT-X-TARGETDURATION:{self.target}"]
        if low_latency:
            lines += [f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={4 * PART_TARGET:.3f}",
                      f"#EXT-X-PART-INF:PART-TARGET={PART_TARGET}"]
        lines += [f"#EXT-X-MEDIA-SEQUENCE:{first + (self.broken == 'media-sequence' and int(time.time()) % 2)}"]
        for segment in [s for s in self.segments if s["msn"] >= first]:
            if not segment["done"] and not low_latency:
                break
            date = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(segment["date"]))
            lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{date}.{int(segment['date'] % 1 * 1000):03}Z")
            lines += self.part_lines(segment) if low_latency else []
            if segment["done"]:
                lines += [f"#EXTINF:{sum(p[1] for p in segment['parts']):.5f},", f"seg{segment['msn']:06}.ts"]
        if low_latency:
            lines.append(self.hint())
        return "\n".join(lines) + "\n"

    def part_lines(self, segment):
        lines, offset = [], 0
        for data, duration, independent in segment["parts"]:
            duration += 0.2 * (self.broken == "long-part" and segment["msn"] % 3 == 0)
            mark = ",INDEPENDENT=YES" if independent and self.broken != "no-independent" else ""
            lines.append(f'#EXT-X-PART:DURATION={duration:.5f},URI="seg{segment["msn"]:06}.ts",'
                         f'BYTERANGE="{len(data)}@{offset}"{mark}')
            offset += len(data)
        return lines

    def hint(self):
        segment = self.segments[-1]
        msn = segment["msn"] + segment["done"]
        start = 0 if segment["done"] else sum(len(p[0]) for p in segment["parts"])
        return f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="seg{msn:06}.ts",BYTERANGE-START={start + 188 * (self.broken == "wrong-hint")}'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", kind="text/plain", **headers):
        if "gzip" in self.headers.get("Accept-Encoding", "") and kind.endswith("mpegurl"):
            body, headers = gzip.compress(body, 1), headers | {"Content_Encoding": "gzip"}
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def do_POST(self):
        printer = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        url = printer["rtspUrl"].replace("://", f"://bblp:{printer['accessCode']}@", 1)
        self.server.channels.append(Channel(["-rtsp_transport", "tcp", "-timeout", "5000000", "-i", url], self.server.broken))
        self.answer(201, json.dumps(printer | {"id": len(self.server.channels)}).encode(), "application/json")

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        words = url.path.strip("/").split("/")
        if words == ["healthz"]:
            return self.answer(200)
        if words[0] != "hls" or not words[1].isdecimal() or not 0 < int(words[1]) <= len(self.server.channels):
            return self.answer(404)
        channel = self.server.channels[int(words[1]) - 1]
        if words[2].endswith(".m3u8"):
            return self.playlist(channel, words[2] == "stream_ll.m3u8", urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        return self.media(channel, int(words[2][3:9]))

    do_HEAD = do_GET

    def playlist(self, channel, low_latency, query):
        wanted = self.wanted(channel, query) if low_latency else None
        if wanted == "bad" and channel.broken != "no-400":
            return self.answer(400)
        ready = lambda: channel.render(low_latency) and (wanted in (None, "bad") or self.reached(channel, *wanted))
        with channel.changed:
            if channel.broken != "early-answer":
                channel.changed.wait_for(ready, timeout=6)
            text = channel.render(low_latency)
        if text is None:
            return self.answer(503)
        return self.answer(200, text.encode(), "application/vnd.apple.mpegurl")

    @staticmethod
    def wanted(channel, query):
        asked = [(name, value) for name, value in query if name in ("_HLS_msn", "_HLS_part")]
        named = dict(asked)
        if len(named) != len(asked) or any(not value.isdecimal() for value in named.values()):
            return "bad"
        if "_HLS_msn" not in named:
            return "bad" if "_HLS_part" in named else None
        msn, part = int(named["_HLS_msn"]), int(named["_HLS_part"]) if "_HLS_part" in named else None
        last, parts = channel.edge()
        if msn > last + 2 or (msn == last and (part or 0) > parts + 9):
            return "bad"
        return msn, part

    @staticmethod
    def reached(channel, msn, part):
        segment = next((s for s in channel.segments if s["msn"] == msn), None)
        if channel.edge()[0] > msn + 1 or (segment is None and channel.edge()[0] > msn):
            return True
        if part is None:
            return bool(segment and segment["done"])
        # Beyond the end of a finished segment means the next one's first part.
        return bool(segment and len(segment["parts"]) > part) or channel.edge()[0] > msn

    def media(self, channel, msn):
        with channel.changed:
            segment = next((s for s in channel.segments if s["msn"] == msn), None)
            data = b"".join(p[0] for p in segment["parts"]) if segment else b""
        if not segment:
            return self.answer(404)
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        if not asked or asked[0] == "bytes=-" or (asked[1] and asked[2] and int(asked[1]) > int(asked[2])):
            return self.answer(200, data, "video/mp2t")
        first = int(asked[1]) if asked[1] else max(0, len(data) - int(asked[2]))
        last = int(asked[2]) if asked[1] and asked[2] else len(data) - 1
        if first >= len(data):
            return self.answer(416, Content_Range=f"bytes */{len(data)}")
        piece = data[first:last + 1]
        total = len(data) if segment["done"] else "*"
        return self.answer(206, piece, "video/mp2t", Content_Range=f"bytes {first}-{first + len(piece) - 1}/{total}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--break", dest="broken", choices=BREAKS, default=os.environ.get("STAND_IN_BREAK") or None)
    options = parser.parse_args()
    host, _, port = os.environ.get("BIND_ADDR", "127.0.0.1:8080").rpartition(":")
    server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
    server.daemon_threads = True
    server.channels, server.broken = [], options.broken
    try:
        server.serve_forever()
    finally:
        for channel in server.channels:
            channel.ffmpeg.kill()


if __name__ == "__main__":
    import signal
    signal.signal(signal.SIGTERM, lambda *_: exit(0))
    main()
