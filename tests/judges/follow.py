#!/usr/bin/env python3
"""Follows a live playlist like a strict player, keeps every byte it served, and notes each broken rule.

  follow.py URL SECONDS DIRECTORY       standard or low-latency, as the playlist turns out to be

DIRECTORY receives the segments (as put together from their parts, where there are parts), each playlist as it came,
and index.m3u8 over all segments, for ts_check.py and other tools.
"""

import collections
import pathlib
import statistics
import sys
import time
import urllib.parse

import playlist as hls
from web import Web

# A held answer may come this much after its part was due before it counts as late (two cores, many processes).
LATE_S = 1.0


class Follower:
    def __init__(self, url, directory):
        parts = urllib.parse.urlsplit(url)
        self.web = Web(f"{parts.scheme}://{parts.netloc}")
        self.path = parts.path
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.faults = collections.Counter()
        self.last = None
        self.count = 0
        self.taken = {}         # msn -> bytes gathered from parts
        self.whole = {}         # msn -> (Segment, bytes), finished
        self.gone_uris = collections.deque(maxlen=2)
        self.intervals = []     # seconds between answers that brought something new
        self.news_at = None

    def fault(self, what):
        self.faults[what] += 1

    def excuse_rare_hints(self):
        """Where a segment will end is foreseen from the camera's rhythm, and a hint that does not come true is to be passed
        over by a player (rfc8216bis 4.4.5.3). One in a hundred playlists may be such a surprise; more is a fault."""
        missed = [what for what in self.faults if what.startswith("hinted ")]
        if self.count >= 100 and sum(self.faults[what] for what in missed) <= self.count // 100:
            for what in missed:
                del self.faults[what]

    def follow(self, seconds):
        """Until SECONDS have gone by and the segment open then is finished."""
        self.load("")
        low_latency = self.last.part_target is not None
        first = self.last.edge()[0] + (1 if low_latency else 0)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if low_latency:
                self.next_part(first)
            else:
                self.next_reload(first)
        self.finish()
        self.excuse_rare_hints()
        return self

    # -- playlists ---------------------------------------------------------------------------------------------------

    def load(self, query):
        answer = self.web.get(self.path + query, Accept_Encoding="gzip")
        if answer.status != 200:
            self.fault(f"{query or 'playlist'}: status {answer.status}")
            time.sleep(0.5)
            return answer
        kind = answer.headers.get("content-type", "").split(";")[0]
        if kind not in ("application/vnd.apple.mpegurl", "audio/mpegurl"):
            self.fault(f"playlist is served as {kind!r}")
        self.take(answer.text())
        return answer

    def take(self, text):
        try:
            playlist = hls.parse(text)
        except hls.Broken as error:
            self.fault(f"unreadable: {error}")
            return
        if self.last and text == self.last.text:
            return
        (self.directory / f"playlist{self.count:05}.m3u8").write_text(text)
        self.count += 1
        for fault in hls.faults_alone(playlist) + (hls.faults_between(self.last, playlist) if self.last else []):
            self.fault(fault)
        if self.last:
            self.gone_uris.extend(s.uri for s in self.last.segments if s.msn < playlist.media_sequence)
            now = time.monotonic()
            if self.news_at:
                self.intervals.append(now - self.news_at)
            self.news_at = now
        self.last = playlist

    def next_reload(self, first):
        before = self.last.text
        self.load("")
        for segment in self.last.segments:
            if segment.msn >= first and segment.msn not in self.whole:
                self.keep(segment, self.fetch(segment.uri).body)
        if self.last.text == before:
            time.sleep(min(0.5, self.last.target_duration / 2))

    def next_part(self, first):
        msn, count = self.last.edge()
        # A finished segment's next part is the first of the one after it; the server rolls over by itself.
        answer = self.load(f"?_HLS_msn={msn}&_HLS_part={count}")
        if answer.status == 200:
            if self.last.edge() <= (msn, count) and self.last.edge() != (msn, count + 1) and not self.rolled(msn):
                self.fault(f"asked for part {msn}.{count}, the answer ends at {self.last.edge()}")
            if answer.seconds > self.last.part_target + LATE_S:
                self.fault(f"a part came {answer.seconds - self.last.part_target:.0f} s late")
        for segment in self.last.all():
            if segment.msn >= first:
                self.gather(segment)

    def rolled(self, msn):
        return self.last.edge()[0] > msn

    # -- bytes -------------------------------------------------------------------------------------------------------

    def url(self, uri):
        return urllib.parse.urljoin(self.path, uri)

    def fetch(self, uri, first=None, length=None):
        headers = {"Range": f"bytes={first}-{first + length - 1}"} if length else {}
        answer = self.web.get(self.url(uri), **headers)
        wanted = 206 if length else 200
        if answer.status != wanted:
            self.fault(f"segment bytes: status {answer.status} instead of {wanted}")
        elif length and len(answer.body) != length:
            self.fault(f"a part of {length} bytes came as {len(answer.body)}")
        elif answer.headers.get("content-type") != "video/mp2t":
            self.fault(f"segment is served as {answer.headers.get('content-type')!r}")
        return answer

    def gather(self, segment):
        if segment.msn in self.whole:
            return
        data = self.taken.setdefault(segment.msn, bytearray())
        for number, part in enumerate(segment.parts):
            if part.offset == len(data):
                piece = self.fetch(part.uri, part.offset, part.length).body
                self.judge_part(f"part {segment.msn}.{number}", part, piece)
                data += piece
        if segment.uri is not None:
            whole = self.fetch(segment.uri).body
            if bytes(data) != whole:
                self.fault(f"segment {segment.msn}: its parts make {len(data)} bytes, the whole has {len(whole)}")
            self.keep(segment, whole)
            del self.taken[segment.msn]

    def judge_part(self, name, part, piece):
        if len(piece) % 188:
            self.fault(f"{name} is not a whole number of packets")
            return
        units = [i for i in range(0, len(piece), 188) if piece[i + 1] & 0x40 and piece[i + 3] & 0x10
                 and b"\x00\x00\x01\xe0" in piece[i:i + 188]]
        # Random access in the first picture's first packet is what INDEPENDENT promises.
        first = piece[units[0]:units[0] + 188] if units else b""
        starts_idr = bool(first and first[3] & 0x20 and first[4] and first[5] & 0x40)
        if not units:
            self.fault(f"{name} holds no picture")
        # A player may start there, and needs to be told where the video is.
        if part.independent and ((piece[1] & 0x1F) << 8 | piece[2]) not in (0, 0x11):
            self.fault(f"{name}: is INDEPENDENT and does not begin with the PAT")
        if starts_idr != part.independent:
            self.fault(f"{name}: INDEPENDENT is {part.independent}, begins with an IDR is {starts_idr}")

    def keep(self, segment, data):
        self.whole[segment.msn] = (segment, data)
        (self.directory / f"{segment.msn:06}.ts").write_bytes(data)

    def finish(self):
        for uri in self.gone_uris:
            if self.web.get(self.url(uri)).status != 200:
                self.fault("a segment cannot be fetched any more right after it left the list")
        kept = sorted(self.whole)
        if kept and kept != list(range(kept[0], kept[-1] + 1)):
            self.fault("segments were missed between reloads")
        lines = ["#EXTM3U", "#EXT-X-VERSION:6", f"#EXT-X-TARGETDURATION:{self.last.target_duration}"]
        for msn in kept:
            segment = self.whole[msn][0]
            lines += ["#EXT-X-DISCONTINUITY"] * (segment.discontinuity and msn != kept[0])
            lines += [f"#EXTINF:{segment.duration:.5f},", f"{msn:06}.ts"]
        (self.directory / "index.m3u8").write_text("\n".join(lines + ["#EXT-X-ENDLIST", ""]))
        self.web.close()

    def summary(self):
        seconds = sum(segment.duration for segment, _ in self.whole.values())
        rhythm = f", news every {statistics.median(self.intervals) * 1000:.0f} ms" if self.intervals else ""
        return f"{len(self.whole)} segments, {seconds:.1f} s, {self.count} playlists{rhythm}"


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    result = Follower(sys.argv[1], sys.argv[3]).follow(float(sys.argv[2]))
    print(*(f"{what} ({times}x)" for what, times in result.faults.items()), sep="\n")
    print(f"{result.summary()}, {len(result.faults)} kinds of faults")
    sys.exit(1 if result.faults or not result.whole else 0)
