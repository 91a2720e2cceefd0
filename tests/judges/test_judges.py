#!/usr/bin/env python3
"""Judges the judges: what is right passes, and each fault put in on purpose is found and named.

Run: python3 tests/judges/test_judges.py       (seconds; needs ffmpeg. Live faults: `judge --stand-in BREAK`)
"""

import pathlib
import subprocess
import tempfile
import unittest

import annexb
import footage
import playlist
import ts_check
import verdict

PACKET = ts_check.PACKET


def segments():
    """Three segments that ffmpeg made of a clip, as a list of bytes, and their EXTINFs."""
    with tempfile.TemporaryDirectory() as directory:
        listing = pathlib.Path(directory) / "index.m3u8"
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-r", "30", "-i", footage.make_clip("fast"), "-t", "6", "-c", "copy",
                        "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", listing], check=True, timeout=60)
        parsed = playlist.parse(listing.read_text())
        return [(pathlib.Path(directory) / s.uri).read_bytes() for s in parsed.segments], [s.duration for s in parsed.segments]


def faults(datas, durations, discontinuity=False):
    checker = ts_check.TsChecker()
    for number, (data, extinf) in enumerate(zip(datas, durations)):
        checker.segment(f"s{number}", bytes(data), extinf, discontinuity and number == 1)
    return [str(fault) for fault in checker.faults]


def pid_of(data, index):
    at = index * PACKET
    return (data[at + 1] & 0x1F) << 8 | data[at + 2]


def packet_where(data, wanted):
    """Index of the first packet for which wanted(packet bytes, pid) holds."""
    return next(i for i in range(len(data) // PACKET) if wanted(data[i * PACKET:(i + 1) * PACKET], pid_of(data, i)))


def starts_picture(packet, pid):
    return pid == 0x100 and packet[1] & 0x40


def is_later_picture(packet, pid):
    return starts_picture(packet, pid) and packet[3] & 0x20 and not packet[5] & 0x40


def has_reference(packet, _pid):
    return packet[3] & 0x20 and packet[4] and packet[5] & 0x10


def flip(data, index, offset, mask):
    data[index * PACKET + offset] ^= mask
    return data


def drop(data, index):
    del data[index * PACKET:(index + 1) * PACKET]
    return data


def without_delimiters(data):
    return bytearray(data.replace(b"\x00\x00\x00\x01\x09\xf0", b"\x00\x00\x00\x01\x06\xf0"))


def without_reference(data):
    """Every PCR becomes stuffing."""
    for index in range(len(data) // PACKET):
        if has_reference(data[index * PACKET:(index + 1) * PACKET], 0):
            at = index * PACKET
            data[at + 5] &= ~0x10
            data[at + 6:at + 12] = b"\xff" * 6
    return data


TAMPER = {
    "a lost packet": (lambda d: drop(d, 40), "continuity counter"),
    "a sync byte overwritten": (lambda d: flip(d, 9, 0, 0xFF), "sync byte"),
    "half a packet at the end": (lambda d: d[:-94], "whole number of packets"),
    "a flipped bit in the PAT": (lambda d: flip(d, packet_where(d, lambda _, p: p == 0), 12, 1), "CRC of table 0"),
    "a flipped bit in the PMT": (lambda d: flip(d, packet_where(d, lambda _, p: p == 0x1000), 17, 1), "CRC of table 2"),
    "no PAT": (lambda d: drop(d, packet_where(d, lambda _, p: p == 0)), "before PAT and PMT"),
    "the first picture lost": (lambda d: d[:3 * PACKET] + d[packet_where(d, is_later_picture) * PACKET:],
                               "does not begin with an IDR"),
    "a PTS that goes back": (lambda d: flip(d, packet_where(d, is_later_picture), 4 + 1 + d[packet_where(
        d, is_later_picture) * PACKET + 4] + 9 + 1, 0x40), "DTS"),
    "access unit delimiters missing": (without_delimiters, "access unit delimiter"),
    "no clock references": (without_reference, "without a PCR"),
    "random access not marked": (lambda d: flip(d, packet_where(d, starts_picture), 5, 0x40), "random_access_indicator"),
    "a scrambled packet": (lambda d: flip(d, 20, 3, 0x80), "scrambled"),
    "transport error": (lambda d: flip(d, 20, 1, 0x80), "transport_error"),
}


class TsFaults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.datas, cls.durations = segments()

    def test_what_ffmpeg_writes_has_no_fault(self):
        self.assertEqual(faults(self.datas, self.durations), [])

    def test_each_fault_is_found(self):
        for name, (tamper, words) in TAMPER.items():
            with self.subTest(name):
                found = faults([self.datas[0], tamper(bytearray(self.datas[1])), self.datas[2]], self.durations)
                self.assertTrue(any(words in fault for fault in found), found[:5])

    def test_a_missing_segment_is_found_by_the_counters(self):
        found = faults([self.datas[0], self.datas[2]], [2.0, 2.0])
        self.assertTrue(any("continuity" in fault for fault in found), found)

    def test_a_discontinuity_frees_counters_and_clocks(self):
        self.assertEqual(faults([self.datas[2], self.datas[0]], [2.0, 2.0], discontinuity=True), [])

    def test_a_wrong_extinf_is_found(self):
        found = faults(self.datas, [2.2, 2.0, 2.0])
        self.assertTrue(any("EXTINF" in fault for fault in found), found)

    def test_a_decoder_finds_lost_packets_too(self):
        with tempfile.NamedTemporaryFile(suffix=".ts") as file:
            file.write(drop(bytearray(self.datas[0]), 40))
            file.flush()
            self.assertNotEqual(verdict.of_decoding(file.name), [])


RIGHT = """#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=6.0,PART-HOLD-BACK=1.2
#EXT-X-PART-INF:PART-TARGET=0.33400
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXTINF:2.00000,
seg000007.ts
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z
#EXTINF:2.00000,
seg000008.ts
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z
#EXTINF:2.00000,
seg000009.ts
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:06.000Z
#EXT-X-PART:DURATION=0.33333,URI="seg000010.ts",BYTERANGE="1880@0",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.33333,URI="seg000010.ts",BYTERANGE="1880@1880"
#EXTINF:0.66666,
seg000010.ts
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:06.667Z
#EXT-X-PART:DURATION=0.33333,URI="seg000011.ts",BYTERANGE="1880@0",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="seg000011.ts",BYTERANGE-START=1880
"""

PART = '#EXT-X-PART:DURATION=0.33333,URI="seg000011.ts",BYTERANGE="1880@1880"\n'
NEXT = RIGHT.replace("#EXT-X-PRELOAD", PART + "#EXT-X-PRELOAD").replace("START=1880", "START=3760")

ALONE = {
    "a part longer than the target": ("DURATION=0.33333,URI=\"seg000010.ts\",BYTERANGE=\"1880@0\"",
                                      "DURATION=0.33401,URI=\"seg000010.ts\",BYTERANGE=\"1880@0\"", "part target"),
    "a short part in the middle": ("DURATION=0.33333,URI=\"seg000010.ts\",BYTERANGE=\"1880@1880\"\n",
                                   "DURATION=0.2,URI=\"seg000010.ts\",BYTERANGE=\"1880@1880\"\n"
                                   "#EXT-X-PART:DURATION=0.13333,URI=\"seg000010.ts\",BYTERANGE=\"1880@3760\"\n", "85 %"),
    "a hole between byte ranges": ("1880@1880", "1880@1881", "begins at"),
    "a segment longer than the target": ("#EXTINF:2.00000,\nseg000008", "#EXTINF:2.50000,\nseg000008", "target 2"),
    "a small hold-back": ("PART-HOLD-BACK=1.2", "PART-HOLD-BACK=0.9", "PART-HOLD-BACK"),
    "no blocking": ("CAN-BLOCK-RELOAD=YES,", "", "CAN-BLOCK-RELOAD"),
    "no hint": ('#EXT-X-PRELOAD-HINT:TYPE=PART,URI="seg000011.ts",BYTERANGE-START=1880\n', "", "hint"),
    "no date": ("#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z\n", "", "no date"),
    "media sequence 0": ("SEQUENCE:7", "SEQUENCE:0", "media sequence 0"),
    "parts that do not make the segment": ("EXTINF:0.66666", "EXTINF:0.70000", "its parts"),
    "a first part that is not independent": (',INDEPENDENT=YES\n#EXT-X-PART:DURATION=0.33333,URI="seg000010',
                                             '\n#EXT-X-PART:DURATION=0.33333,URI="seg000010', "INDEPENDENT"),
}

BETWEEN = {
    "the target duration changes": ("TARGETDURATION:2", "TARGETDURATION:3", "target_duration changed"),
    "the part target changes": ("PART-TARGET=0.33400", "PART-TARGET=0.33500", "part_target changed"),
    "the media sequence goes back": ("SEQUENCE:7", "SEQUENCE:6", "went back"),
    "a segment gets another name": ("seg000008.ts", "seg000088.ts", "segment 8 was"),
    "a part changes": ('BYTERANGE="1880@0",INDEPENDENT=YES\n#EXT-X-PART:DURATION=0.33333,URI="seg000010',
                       'BYTERANGE="1692@0",INDEPENDENT=YES\n#EXT-X-PART:DURATION=0.33333,URI="seg000010', "listed part changed"),
    "the discontinuity sequence jumps": ("DISCONTINUITY-SEQUENCE:1", "DISCONTINUITY-SEQUENCE:2", "discontinuity sequence"),
    "the hint does not come true": ('BYTERANGE="1880@1880"\n#EXT-X-PRELOAD', 'BYTERANGE="1880@1692"\n#EXT-X-PRELOAD', "hinted"),
}

UNREADABLE = {
    "no header": ("#EXTM3U\n", ""),
    "two versions": ("#EXT-X-VERSION:6\n", "#EXT-X-VERSION:6\n#EXT-X-VERSION:6\n"),
    "an attribute twice": ("CAN-BLOCK-RELOAD=YES", "CAN-BLOCK-RELOAD=YES,CAN-BLOCK-RELOAD=YES"),
    "a segment without EXTINF": ("#EXTINF:2.00000,\nseg000008", "seg000008"),
    "a discontinuity behind parts": ("#EXTINF:0.66666", "#EXT-X-DISCONTINUITY\n#EXTINF:0.66666"),
    "cut within a line": ('BYTERANGE-START=1880\n', 'BYTERANGE-STA'),
    "a tag of another kind of playlist": ("#EXT-X-VERSION:6\n", "#EXT-X-VERSION:6\n#EXT-X-STREAM-INF:BANDWIDTH=1\n"),
}


class PlaylistFaults(unittest.TestCase):
    def changed(self, text, old, new):
        self.assertIn(old, text)
        return text.replace(old, new, 1)

    def test_a_right_playlist_has_no_fault(self):
        before, after = playlist.parse(RIGHT), playlist.parse(NEXT)
        self.assertEqual(playlist.faults_alone(before) + playlist.faults_alone(after), [])
        self.assertEqual(playlist.faults_between(before, after), [])

    def test_each_fault_of_one_playlist_is_found(self):
        for name, (old, new, words) in ALONE.items():
            with self.subTest(name):
                found = playlist.faults_alone(playlist.parse(self.changed(RIGHT, old, new)))
                self.assertTrue(any(words in fault for fault in found), found)

    def test_each_fault_between_two_is_found(self):
        for name, (old, new, words) in BETWEEN.items():
            with self.subTest(name):
                found = playlist.faults_between(playlist.parse(RIGHT), playlist.parse(self.changed(NEXT, old, new)))
                self.assertTrue(any(words in fault for fault in found), found)

    def test_what_strict_players_refuse_is_refused(self):
        for name, (old, new) in UNREADABLE.items():
            with self.subTest(name), self.assertRaises(playlist.Broken):
                playlist.parse(self.changed(RIGHT, old, new))


class StillFaults(unittest.TestCase):
    def faults(self, pictures, size=(1920, 1080), change=lambda file: file):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "still.mp4"
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-r", "30", "-i", footage.make_clip("fast"), "-frames:v",
                            str(pictures), "-c", "copy", path], check=True, timeout=60)
            path.write_bytes(change(path.read_bytes()))
            return verdict.of_still(path, size)

    def test_one_picture_of_its_size_passes(self):
        self.assertEqual(self.faults(1), [])

    def test_each_fault_is_found(self):
        self.assertTrue(self.faults(2), "two pictures")
        self.assertTrue(self.faults(1, (1920, 1088)), "another size")
        self.assertTrue(self.faults(1, change=lambda file: file.replace(b"avcC", b"avcX")), "no parameter sets")
        self.assertTrue(self.faults(1, change=lambda file: file[:len(file) // 2]), "cut off")


class Footage(unittest.TestCase):
    def test_a_clip_holds_as_many_pictures_as_it_says(self):
        clip = footage.make_clip("slices")
        pictures = annexb.access_units(clip.read_bytes())
        self.assertEqual(len(pictures), footage.describe(clip)["frames"])
        self.assertTrue(all(sum(map(annexb.is_slice, nals)) == 4 for nals in pictures))


if __name__ == "__main__":
    unittest.main()
