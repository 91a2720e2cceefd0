"""H.264 in Annex B form (ITU-T H.264 Annex B): cut into NAL units and access units.

No parsing beyond the NAL header and first_mb_in_slice. Written apart from the service's own parser, so that both
cannot share one mistake.
"""

import hashlib
import re

START_CODE = re.compile(b"\x00\x00\x01")
SLICE, IDR, SEI, SPS, PPS, AUD, FILLER = 1, 5, 6, 7, 8, 9, 12


def nal_units(stream):
    """The NAL units of a byte stream without start codes and trailing zeros."""
    starts = [m.end() for m in START_CODE.finditer(stream)]
    ends = [s - 3 for s in starts[1:]] + [len(stream)]
    return [stream[s:e].rstrip(b"\x00") for s, e in zip(starts, ends)]


def nal_type(nal):
    return nal[0] & 0x1F if nal else 0


def is_slice(nal):
    return 1 <= nal_type(nal) <= 5


def is_first_slice(nal):
    """first_mb_in_slice is ue(v): zero is the single bit 1."""
    return is_slice(nal) and len(nal) > 1 and nal[1] & 0x80 != 0


def access_units(stream):
    """Lists of NAL units, one list per picture (7.4.1.2.3, as far as cameras need it)."""
    units, current, has_slice = [], [], False
    for nal in nal_units(stream):
        begins = is_first_slice(nal) or nal_type(nal) in (SEI, SPS, PPS, AUD)
        if has_slice and begins:
            units.append(current)
            current, has_slice = [], False
        current.append(nal)
        has_slice |= is_slice(nal)
    if has_slice:
        units.append(current)
    return units


def join(nals):
    return b"".join(b"\x00\x00\x00\x01" + nal for nal in nals)


def picture_hash(nals):
    """Names a picture by its slices alone: parameter sets, AUD and SEI may be added or dropped on the way."""
    digest = hashlib.sha1()
    for nal in nals:
        if is_slice(nal):
            digest.update(nal)
    return digest.hexdigest()
