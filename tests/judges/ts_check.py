#!/usr/bin/env python3
"""Checks MPEG-TS media segments as HLS needs them: ISO/IEC 13818-1 (packets, PSI, PES, clocks), 2.14 (H.264 in TS),
rfc8216bis section 3.1.1. Not a demuxer for players: whatever is not one program with one H.264 stream is a fault.

  ts_check.py PLAYLIST.m3u8 | SEGMENT.ts...       prints each fault and a last line; exit code 1 with faults

The rules are checked across segments too: continuity counters and time stamps carry on unless the playlist says
EXT-X-DISCONTINUITY. One limit is softened on purpose: 100 ms between PCRs holds where pictures come faster than
that; a slower camera needs a PCR with every picture.
"""

import dataclasses
import pathlib
import sys

import annexb

PACKET = 188
WRAP = 1 << 33
PCR_LIMIT = 0.100
NULL_PID = 0x1FFF
STREAM_TYPE_H264 = 0x1B


def crc_table():
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ 0x04C11DB7 if value & 0x80000000 else value << 1
        table.append(value & 0xFFFFFFFF)
    return table


CRC = crc_table()


def crc32(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = ((value << 8) & 0xFFFFFFFF) ^ CRC[(value >> 24) ^ byte]
    return value


@dataclasses.dataclass
class Fault:
    segment: str
    where: str
    what: str

    def __str__(self):
        return f"{self.segment} {self.where}: {self.what}"


@dataclasses.dataclass
class Picture:
    """One PES packet, which must be one access unit."""
    packet: int
    pts: int | None
    dts: int | None
    declared: int
    random_access: bool
    pcr: float | None
    payload: bytearray


class TsChecker:
    """Feed it segments in order; `faults` grows."""

    def __init__(self):
        self.faults = []
        self.segments = self.pictures = 0
        self.forget()

    def forget(self):
        """A discontinuity: nothing of what was before binds what follows."""
        self.counters = {}
        self.clock = Unwrap()
        self.last_dts = self.last_pcr = None
        self.starts_since_pcr = 0   # PES packets begun since the last PCR
        self.presented = set()
        self.open_extinf = None     # (segment, EXTINF, first PTS): closed by the next segment's first PTS

    def segment(self, name, data, extinf=None, discontinuity=False):
        if discontinuity:
            self.forget()
        self.name = name
        self.segments += 1
        self.pmt_pid = self.video_pid = self.pcr_pid = None
        self.current = None
        self.found = []
        if not data or len(data) % PACKET:
            self.fault("size", f"{len(data)} bytes is not a whole number of packets")
        for index in range(len(data) // PACKET):
            packet = data[index * PACKET:(index + 1) * PACKET]
            if packet[0] != 0x47:
                self.fault(f"packet {index}", "sync byte is missing")
                break
            self.packet(index, packet)
        self.pictures_of_segment(extinf)

    def fault(self, where, what):
        self.faults.append(Fault(self.name, where, what))

    # -- packets ------------------------------------------------------------------------------------------------

    def packet(self, index, packet):
        where = f"packet {index}"
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        starts, control = packet[1] & 0x40, packet[3] >> 4 & 3
        if packet[1] & 0x80:
            self.fault(where, "transport_error_indicator is set")
        if packet[3] & 0xC0:
            self.fault(where, "is scrambled")
        if control == 0:
            self.fault(where, "adaptation_field_control is 00")
            return
        if pid == NULL_PID:
            self.fault(where, "null packets have no place in HLS")
            return
        offset, random_access, pcr = self.adaptation(where, packet, control, pid)
        self.continuity(where, pid, packet[3] & 0x0F, control)
        self.place(index, pid)
        if control & 1:
            self.payload(index, where, pid, starts, packet[offset:], random_access, pcr)

    def adaptation(self, where, packet, control, pid):
        if not control & 2:
            return 4, False, None
        length = packet[4]
        if length > 183 or (control == 3 and length > 182) or (control == 2 and length != 183):
            self.fault(where, f"adaptation field of {length} bytes")
            return PACKET, False, None
        if length == 0:
            return 5, False, None
        flags, used, pcr = packet[5], 1, None
        if flags & 0x10:
            b = packet[6:12]
            base = b[0] << 25 | b[1] << 17 | b[2] << 9 | b[3] << 1 | b[4] >> 7
            pcr = self.clock_reference(where, pid, base + ((b[4] & 1) << 8 | b[5]) / 300)
            used += 6
        if flags & 0x0F:
            self.fault(where, f"adaptation field carries {flags & 0x0F:04b}: OPCR, splice or private data")
        elif packet[5 + used:5 + length].strip(b"\xff"):
            self.fault(where, "stuffing is not all ones")
        return 5 + length, bool(flags & 0x40), pcr

    def clock_reference(self, where, pid, base):
        if self.pcr_pid is not None and pid != self.pcr_pid:
            self.fault(where, f"PCR on PID {pid}, the PMT names {self.pcr_pid}")
        pcr = self.clock.near(base)
        gap = (pcr - self.last_pcr) / 90000 if self.last_pcr is not None else 0
        if gap < 0:
            self.fault(where, f"PCR goes back by {-gap:.3f} s")
        if gap > PCR_LIMIT + 0.0005 and self.starts_since_pcr > 1:
            self.fault(where, f"{gap * 1000:.0f} ms since the last PCR")
        self.last_pcr, self.starts_since_pcr = pcr, 0
        return pcr

    def continuity(self, where, pid, counter, control):
        before = self.counters.get(pid)
        expected = before if before is None or not control & 1 else (before + 1) & 15
        if expected is not None and counter != expected:
            self.fault(where, f"continuity counter of PID {pid} is {counter}, not {expected}")
        self.counters[pid] = counter

    def place(self, index, pid):
        """PAT first, PMT second (an SDT in front of them is what ffmpeg does, and allowed)."""
        if index == 0 and pid not in (0, 0x11):
            self.fault("packet 0", f"PID {pid} comes before the PAT")
        if pid == self.video_pid or pid in (0, 0x11) or pid == self.pmt_pid:
            return
        self.fault(f"packet {index}", f"PID {pid} before PAT and PMT, or unknown to them")

    # -- tables and PES -------------------------------------------------------------------------------------------

    def payload(self, index, where, pid, starts, data, random_access, pcr):
        if pid == 0 and starts:
            body = self.section(where, data, 0x00)
            programs = [body[i:i + 4] for i in range(5, len(body or b"") - 3, 4)]
            pids = [(p[2] & 0x1F) << 8 | p[3] for p in programs if p[0] << 8 | p[1]]
            if len(pids) != 1:
                self.fault(where, f"the PAT lists {len(pids)} programs")
            elif self.pmt_pid not in (None, pids[0]):
                self.fault(where, "the PAT changed within the segment")
            self.pmt_pid = pids[0] if pids else self.pmt_pid
        elif pid == self.pmt_pid and starts:
            self.program(where, self.section(where, data, 0x02))
        elif pid == self.video_pid:
            self.pes(index, where, starts, data, random_access, pcr)

    def section(self, where, data, table):
        """The section's bytes between its length field and its CRC."""
        pointer = data[0]
        section = data[1 + pointer:]
        length = (section[1] & 0x0F) << 8 | section[2] if len(section) > 3 else 0
        if pointer or length < 9 or len(section) < 3 + length or section[0] != table:
            self.fault(where, f"section of table {table} is malformed")
            return None
        if crc32(section[:3 + length]):
            self.fault(where, f"CRC of table {table} is wrong")
        if section[3 + length:].strip(b"\xff"):
            self.fault(where, f"bytes behind table {table} are not stuffing")
        return section[3:3 + length - 4]

    def program(self, where, body):
        if body is None:
            return
        self.pcr_pid = (body[5] & 0x1F) << 8 | body[6]
        at = 9 + ((body[7] & 0x0F) << 8 | body[8])
        streams = []
        while at + 5 <= len(body):
            streams.append((body[at], (body[at + 1] & 0x1F) << 8 | body[at + 2]))
            at += 5 + ((body[at + 3] & 0x0F) << 8 | body[at + 4])
        if [kind for kind, _ in streams] != [STREAM_TYPE_H264]:
            self.fault(where, f"the PMT lists stream types {[hex(kind) for kind, _ in streams]}, not H.264 alone")
            return
        self.video_pid = streams[0][1]

    def pes(self, index, where, starts, data, random_access, pcr):
        if not starts:
            if self.current is None:
                self.fault(where, "the segment begins in the middle of a PES packet")
            else:
                self.current.payload += data
            return
        if data[:3] != b"\x00\x00\x01" or not 0xE0 <= data[3] <= 0xEF or data[6] & 0xC0 != 0x80:
            self.fault(where, "no video PES header where a PES packet starts")
            self.current = None
            return
        flags, header = data[7] >> 6, data[8]
        pts = self.stamp(where, data[9:14], flags) if flags & 2 else None
        dts = self.stamp(where, data[14:19], 1) if flags == 3 else pts
        if flags == 3 and pts == dts:
            self.fault(where, "DTS written although it equals PTS")
        self.current = Picture(index, pts, dts, data[4] << 8 | data[5], random_access, pcr, bytearray(data[9 + header:]))
        self.current.declared -= 3 + header if self.current.declared else 0
        self.found.append(self.current)
        self.starts_since_pcr += 1

    def stamp(self, where, b, prefix):
        if b[0] >> 4 != prefix or not b[0] & b[2] & b[4] & 1:
            self.fault(where, "marker bits of a time stamp are wrong")
        return self.clock.near((b[0] >> 1 & 7) << 30 | b[1] << 22 | b[2] >> 1 << 15 | b[3] << 7 | b[4] >> 1)

    # -- access units -----------------------------------------------------------------------------------------------

    def pictures_of_segment(self, extinf):
        if not self.found:
            self.fault("end", "no picture in the segment")
            return
        for number, picture in enumerate(self.found):
            self.picture(number, picture)
        self.duration(extinf)
        self.pictures += len(self.found)

    def picture(self, number, picture):
        where = f"picture {number} (packet {picture.packet})"
        if picture.declared and picture.declared != len(picture.payload):
            self.fault(where, f"PES_packet_length says {picture.declared} bytes, {len(picture.payload)} came")
        self.timing(where, picture)
        nals = annexb.nal_units(bytes(picture.payload))
        types = [annexb.nal_type(nal) for nal in nals]
        if types[:1] != [annexb.AUD] or types.count(annexb.AUD) != 1:
            self.fault(where, f"must begin with its one access unit delimiter, NAL units are {types[:8]}")
        if sum(map(annexb.is_first_slice, nals)) != 1:
            self.fault(where, f"{sum(map(annexb.is_first_slice, nals))} pictures in one PES packet")
        idr = annexb.IDR in types
        if number == 0 and not idr:
            self.fault(where, "the segment does not begin with an IDR picture")
        if idr:
            head = types[:types.index(annexb.IDR)]
            if annexb.SPS not in head or annexb.PPS not in head:
                self.fault(where, "IDR without SPS and PPS before it")
            if picture.pcr is None:
                self.fault(where, "IDR without a PCR")
        if idr != picture.random_access:
            self.fault(where, f"random_access_indicator is {int(picture.random_access)} on {'an' if idr else 'no'} IDR")

    def timing(self, where, picture):
        if picture.pts is None:
            self.fault(where, "no PTS")
            return
        if picture.dts > picture.pts:
            self.fault(where, f"DTS {picture.dts} after PTS {picture.pts}")
        if self.last_dts is not None and picture.dts <= self.last_dts:
            self.fault(where, f"DTS {picture.dts} does not follow {self.last_dts}")
        if picture.pts in self.presented:
            self.fault(where, f"PTS {picture.pts} comes twice")
        if picture.pcr is not None and picture.pcr > picture.dts:
            self.fault(where, f"PCR is {(picture.pcr - picture.dts) / 90000:.3f} s after the DTS")
        self.last_dts = picture.dts
        self.presented.add(picture.pts)

    def duration(self, extinf):
        stamps = sorted(p.pts for p in self.found if p.pts is not None)
        if not stamps:
            return
        if self.open_extinf:
            name, said, first = self.open_extinf
            real = (stamps[0] - first) / 90000
            if abs(said - real) > 0.02:
                self.faults.append(Fault(name, "EXTINF", f"says {said:.3f} s, the media lasts {real:.3f} s"))
        self.open_extinf = (self.name, extinf, stamps[0]) if extinf is not None else None


class Unwrap:
    """33-bit time stamps to a line that does not wrap."""

    def __init__(self):
        self.last = None

    def near(self, value):
        if self.last is not None:
            value += round((self.last - value) / WRAP) * WRAP
        self.last = value
        return value


def check_files(words):
    checker = TsChecker()
    for word in map(pathlib.Path, words):
        if word.suffix != ".m3u8":
            checker.segment(word.name, word.read_bytes())
            continue
        extinf, discontinuity = None, False
        for line in word.read_text().splitlines():
            if line.startswith("#EXTINF:"):
                extinf = float(line[8:].split(",")[0])
            elif line == "#EXT-X-DISCONTINUITY":
                discontinuity = True
            elif line and not line.startswith("#"):
                checker.segment(line, (word.parent / line).read_bytes(), extinf, discontinuity)
                extinf, discontinuity = None, False
    return checker


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    result = check_files(sys.argv[1:])
    print(*result.faults[:50], sep="\n")
    print(f"{result.segments} segments, {result.pictures} pictures, {len(result.faults)} faults")
    sys.exit(1 if result.faults or not result.segments else 0)
