"""Single questions to a live low-latency address, each with the answer the standard wants
(rfc8216bis 6.2.5.2, RFC 9110 14). `ask_all` returns a list of faults."""

import urllib.parse

import playlist as hls
from web import Web

HUGE = (1 << 53) - 1       # what a player writes as the end of an open range (rfc8216bis 4.4.5.3)


class Probes:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.web, self.path = Web(f"{parts.scheme}://{parts.netloc}"), parts.path
        self.faults = []

    def expect(self, right, what):
        if not right:
            self.faults.append(what)

    def playlist(self, query=""):
        answer = self.web.get(self.path + query)
        return answer, hls.parse(answer.text()) if answer.status == 200 else None

    def url(self, uri):
        return urllib.parse.urljoin(self.path, uri)

    def bad_directives(self):
        last = self.playlist()[1].edge()[0]
        for query in ("_HLS_part=0", f"_HLS_msn={last + 3}", "_HLS_msn=-1", "_HLS_msn=x", "_HLS_msn=1.5", "_HLS_msn=",
                      f"_HLS_msn={last}&_HLS_msn={last}", f"_HLS_msn={last}&_HLS_part=-1",
                      f"_HLS_msn={last}&_HLS_part=9999", f"_HLS_msn={1 << 70}"):
            answer = self.web.get(f"{self.path}?{query}")
            self.expect(answer.status == 400, f"?{query}: status {answer.status} instead of 400")

    def old_and_unknown_directives(self):
        playlist = self.playlist()[1]
        old = max(0, playlist.media_sequence - 1)
        for query in (f"_HLS_msn={old}", f"_HLS_msn={old}&_HLS_part=1", "_HLS_skip=YES", "_HLS_later=3", "other=1"):
            answer = self.web.get(f"{self.path}?{query}")
            self.expect(answer.status == 200 and answer.seconds < 1,
                        f"?{query}: status {answer.status} after {answer.seconds:.1f} s, wanted 200 at once")

    def blocking(self):
        playlist = self.playlist()[1]
        msn, count = playlist.edge()
        answer, after = self.playlist(f"?_HLS_msn={msn}&_HLS_part={count + 1}")
        self.expect(after and (after.edge() >= (msn, count + 2) or after.edge()[0] > msn),
                    f"asked for part {msn}.{count + 1}, the answer ends at {after and after.edge()}")
        msn = after.edge()[0] if after else msn
        answer, after = self.playlist(f"?_HLS_msn={msn}")
        found = after and after.find(msn)
        self.expect(found and found.uri is not None, f"asked for segment {msn}, it is not finished in the answer")
        self.expect(answer.seconds < 3 * playlist.target_duration, f"segment {msn} took {answer.seconds:.1f} s")

    def part_rollover(self):
        playlist = self.playlist()[1]
        last = playlist.segments[-1]
        answer, after = self.playlist(f"?_HLS_msn={last.msn}&_HLS_part={max(len(last.parts), 1)}")
        self.expect(after and after.edge() >= (last.msn + 1, 1),
                    f"part {len(last.parts)} of finished segment {last.msn}: status {answer.status}, "
                    f"ends at {after and after.edge()}, wanted part 0 of the next")

    def byte_ranges(self):
        segment = self.playlist()[1].segments[-1]
        url = self.url(segment.uri)
        whole = self.web.get(url).body
        cases = [("bytes=0-187", 206, whole[:188]), ("bytes=188-375", 206, whole[188:376]),
                 (f"bytes=376-{HUGE}", 206, whole[376:]), ("bytes=376-", 206, whole[376:]),
                 ("bytes=-188", 206, whole[-188:]), (f"bytes={len(whole)}-", 416, None),
                 ("lines=1-2", 200, whole)]
        for value, status, body in cases:
            answer = self.web.get(url, Range=value)
            right = answer.status == status and (body is None or answer.body == body)
            self.expect(right, f"Range: {value}: status {answer.status}, {len(answer.body)} bytes, wanted {status}")
            if answer.status == 206 and body:
                start = whole.index(body) if value != "bytes=-188" else len(whole) - 188
                wanted = f"bytes {start}-{start + len(body) - 1}/{len(whole)}"
                self.expect(answer.headers.get("content-range") == wanted,
                            f"Range: {value}: Content-Range {answer.headers.get('content-range')}, wanted {wanted}")

    def hinted_part(self):
        """A player may ask for the hinted part before it exists, without an end."""
        playlist = self.playlist()[1]
        start = int(playlist.hint.get("BYTERANGE-START", 0))
        answer = self.web.get(self.url(playlist.hint["URI"]), Range=f"bytes={start}-{HUGE}")
        after = self.playlist()[1]
        ends = {p.offset + p.length for s in after.all() for p in s.parts if p.uri == playlist.hint["URI"]}
        # The segment may have ended instead: then the hint was for nothing.
        right = answer.status == 206 and start + len(answer.body) in ends
        self.expect(right or answer.status in (404, 416),
                    f"the hinted part: status {answer.status}, {len(answer.body)} bytes, no part ends there")

    def methods_and_encodings(self):
        head, get = self.web.ask("HEAD", self.path), self.web.get(self.path)
        self.expect(head.status == 200 and not head.body, f"HEAD: status {head.status}, {len(head.body)} bytes")
        self.expect("content-encoding" not in get.headers, "gzip although nobody asked for it")
        packed = self.web.get(self.path, Accept_Encoding="gzip")
        self.expect(packed.headers.get("content-encoding") == "gzip", "no gzip although asked for")
        gone = self.web.get(self.url("seg999999.ts"))
        self.expect(gone.status == 404, f"an unknown segment: status {gone.status}")


def ask_all(url, names=None):
    probes = Probes(url)
    for name in names or ("bad_directives", "old_and_unknown_directives", "blocking", "part_rollover", "byte_ranges",
                          "hinted_part", "methods_and_encodings"):
        try:
            getattr(probes, name)()
        except Exception as error:  # one broken answer must not hide the others
            probes.faults.append(f"{name}: {type(error).__name__}: {error}")
    probes.web.close()
    return probes.faults
