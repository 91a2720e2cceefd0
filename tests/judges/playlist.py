"""A strict parser of HLS media playlists and the rules of rfc8216bis that bind a live one.

`parse` refuses what a strict client refuses. `faults_alone` judges one playlist, `faults_between` judges what the
server did from one to the next. Written apart from the service's own checker, so that both cannot share one mistake.
"""

import dataclasses
import re

EPSILON = 1e-6
ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)')
ONCE = {"EXTM3U", "EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE",
        "EXT-X-INDEPENDENT-SEGMENTS", "EXT-X-SERVER-CONTROL", "EXT-X-PART-INF", "EXT-X-PLAYLIST-TYPE", "EXT-X-ENDLIST"}


class Broken(Exception):
    """The playlist cannot be read."""


@dataclasses.dataclass
class Part:
    uri: str
    duration: float
    offset: int | None
    length: int | None
    independent: bool


@dataclasses.dataclass
class Segment:
    msn: int
    uri: str | None = None          # None: still being built
    duration: float | None = None
    discontinuity: bool = False
    date: str | None = None
    parts: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Playlist:
    text: str
    version: int = 1
    target_duration: int = 0
    media_sequence: int = 0
    discontinuity_sequence: int = 0
    independent_segments: bool = False
    part_target: float | None = None
    control: dict = dataclasses.field(default_factory=dict)
    hint: dict | None = None
    segments: list = dataclasses.field(default_factory=list)
    building: Segment | None = None

    def all(self):
        return self.segments + ([self.building] if self.building else [])

    def edge(self):
        """(media sequence, number of listed parts) of the newest segment."""
        last = self.all()[-1]
        return last.msn, len(last.parts)

    def find(self, msn):
        return next((s for s in self.all() if s.msn == msn), None)


def attributes(text, line):
    found, at = {}, 0
    while at < len(text):
        match = ATTRIBUTE.match(text, at)
        if not match or match[1] in found:
            raise Broken(f"attribute list: {line}")
        found[match[1]] = match[2].strip('"')
        at = match.end()
    return found


def parse(text):
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0] != "#EXTM3U" or not text.endswith("\n"):
        raise Broken("does not begin with #EXTM3U or ends within a line")
    playlist, seen = Playlist(text), set()
    current = Segment(0)
    for line in lines[:-1]:
        if not line:
            continue
        tag, _, value = line[1:].partition(":") if line.startswith("#") else (None, "", line)
        if tag in ONCE and tag in seen:
            raise Broken(f"{tag} twice")
        seen.add(tag)
        try:
            current = apply(playlist, current, tag, value, line)
        except (ValueError, KeyError) as error:
            raise Broken(f"{line}: {error}") from error
    if current.parts or current.discontinuity or current.date:
        playlist.building = current
    for number, segment in enumerate(playlist.all()):
        segment.msn = playlist.media_sequence + number
    return playlist


def apply(playlist, current, tag, value, line):
    """One line. Returns the segment that following lines describe."""
    match tag:
        case None:
            if current.duration is None:
                raise Broken(f"{line}: no EXTINF before it")
            current.uri = value
            playlist.segments.append(current)
            return Segment(0)
        case "EXTINF":
            current.duration = float(value.split(",")[0])
            if "," not in value:
                raise Broken(f"{line}: no comma")
        case "EXT-X-VERSION":
            playlist.version = int(value)
        case "EXT-X-TARGETDURATION":
            playlist.target_duration = int(value)
        case "EXT-X-MEDIA-SEQUENCE" | "EXT-X-DISCONTINUITY-SEQUENCE":
            if playlist.segments:
                raise Broken(f"{tag} after the first segment")
            name = "media_sequence" if tag == "EXT-X-MEDIA-SEQUENCE" else "discontinuity_sequence"
            setattr(playlist, name, int(value))
        case "EXT-X-INDEPENDENT-SEGMENTS":
            playlist.independent_segments = True
        case "EXT-X-DISCONTINUITY":
            if current.parts:
                raise Broken("EXT-X-DISCONTINUITY behind its segment's parts")
            current.discontinuity = True
        case "EXT-X-PROGRAM-DATE-TIME":
            current.date = value
        case "EXT-X-SERVER-CONTROL":
            playlist.control = attributes(value, line)
        case "EXT-X-PART-INF":
            playlist.part_target = float(attributes(value, line)["PART-TARGET"])
        case "EXT-X-PART":
            current.parts.append(part(attributes(value, line)))
        case "EXT-X-PRELOAD-HINT":
            if playlist.hint:
                raise Broken("two preload hints")
            playlist.hint = attributes(value, line)
        case "EXTM3U" | "EXT-X-ENDLIST":
            pass
        case _:
            if tag.startswith("EXT"):
                raise Broken(f"{tag} has no place in this playlist")
    return current


def part(named):
    length, at, offset = named.get("BYTERANGE", "").partition("@")
    return Part(named["URI"], float(named["DURATION"]), int(offset) if at else None, int(length) if length else None,
                named.get("INDEPENDENT") == "YES")


def faults_alone(playlist):
    faults = []
    if not playlist.all():
        return ["no segment"]
    if not 3 <= playlist.version <= 10:
        faults.append(f"version {playlist.version}")
    if playlist.target_duration < 1:
        faults.append("no target duration")
    for segment in playlist.segments:
        # Round half up, as the players do.
        if int(segment.duration + 0.5) > playlist.target_duration:
            faults.append(f"segment {segment.msn} lasts {segment.duration}, target {playlist.target_duration}")
    uris = [s.uri for s in playlist.segments]
    if len(set(uris)) != len(uris):
        faults.append("a segment is listed twice")
    if len(playlist.segments) > 10:
        faults.append(f"{len(playlist.segments)} segments, the window is 6 to 10")
    low_latency = playlist.part_target is not None
    return faults + (faults_of_parts(playlist) if low_latency else faults_of_standard(playlist))


def faults_of_standard(playlist):
    parts = any(s.parts for s in playlist.all()) or playlist.hint or playlist.building
    return ["parts, hint or an unfinished segment without PART-INF"] if parts else []


def faults_of_parts(playlist):
    faults, target = [], playlist.part_target
    if playlist.version < 6:
        faults.append(f"version {playlist.version} with parts")
    if playlist.control.get("CAN-BLOCK-RELOAD") != "YES":
        faults.append("no CAN-BLOCK-RELOAD")
    if float(playlist.control.get("PART-HOLD-BACK", 0)) < 3 * target - EPSILON:
        faults.append(f"PART-HOLD-BACK {playlist.control.get('PART-HOLD-BACK')} is under three part targets")
    if float(playlist.control.get("HOLD-BACK", 3 * playlist.target_duration)) < 3 * playlist.target_duration:
        faults.append("HOLD-BACK is under three target durations")
    if playlist.media_sequence == 0:
        faults.append("media sequence 0: hls.js does not block on it")
    for segment in playlist.all():
        if not segment.date:
            faults.append(f"segment {segment.msn} has no date")
        faults += faults_of_segment_parts(segment, target)
    if not playlist.hint or playlist.hint.get("TYPE") != "PART":
        faults.append("no preload hint")
    return faults


def faults_of_segment_parts(segment, target):
    faults, end = [], {}
    for number, part in enumerate(segment.parts):
        name = f"part {segment.msn}.{number}"
        if part.duration > target + EPSILON:
            faults.append(f"{name} lasts {part.duration}, part target {target}")
        closed = number + 1 < len(segment.parts)
        if part.duration < 0.85 * target - EPSILON and closed and not part.independent:
            faults.append(f"{name} lasts {part.duration}, under 85 % of {target}")
        if part.length is None or part.offset is None:
            faults.append(f"{name} has no byte range with offset")
        elif part.offset != end.get(part.uri, part.offset if number == 0 else 0):
            faults.append(f"{name} begins at {part.offset}, the one before ends at {end.get(part.uri)}")
        else:
            end[part.uri] = part.offset + part.length
    if segment.parts and segment.uri is not None:
        total = sum(p.duration for p in segment.parts)
        if abs(total - segment.duration) > 0.001 * len(segment.parts) + EPSILON:
            faults.append(f"segment {segment.msn} lasts {segment.duration}, its parts {total:.5f}")
        if any(p.uri != segment.uri for p in segment.parts):
            faults.append(f"segment {segment.msn}: a part lies in another file")
        if segment.parts[0].offset == 0 and not segment.parts[0].independent:
            faults.append(f"segment {segment.msn}: first part is not INDEPENDENT")
    return faults


def faults_between(before, after):
    faults = []
    if after.media_sequence < before.media_sequence or after.edge() < before.edge():
        return [f"went back from {before.edge()} to {after.edge()}"]
    for name in ("version", "target_duration", "part_target", "control", "independent_segments"):
        if getattr(before, name) != getattr(after, name):
            faults.append(f"{name} changed from {getattr(before, name)} to {getattr(after, name)}")
    gone = [s for s in before.all() if s.msn < after.media_sequence]
    if after.media_sequence <= before.all()[-1].msn:
        cuts = sum(s.discontinuity for s in gone)
        if after.discontinuity_sequence != before.discontinuity_sequence + cuts:
            faults.append(f"discontinuity sequence {before.discontinuity_sequence} became "
                          f"{after.discontinuity_sequence}, {cuts} discontinuities left")
    if gone and sum(s.duration for s in after.segments) < 3 * after.target_duration:
        faults.append("segments left although less than three target durations remain")
    for old in before.all():
        new = after.find(old.msn)
        if new:
            faults += faults_of_same_segment(old, new)
    return faults + faults_of_hint(before, after)


def faults_of_same_segment(old, new):
    faults = []
    if old.uri is not None and (old.uri, old.duration) != (new.uri, new.duration):
        faults.append(f"segment {old.msn} was {old.uri} {old.duration}, is {new.uri} {new.duration}")
    if (old.discontinuity, old.date) != (new.discontinuity, new.date):
        faults.append(f"segment {old.msn}: discontinuity or date changed")
    # A finished segment may lose its parts, all at once; it may not change them.
    if new.parts and old.parts != new.parts[:len(old.parts)]:
        faults.append(f"segment {old.msn}: a listed part changed")
    return faults


def faults_of_hint(before, after):
    """The first part that is new must be the one that was hinted."""
    if not before.hint:
        return []
    msn, count = before.edge()
    segment = after.find(msn)
    new = segment.parts[count] if segment and len(segment.parts) > count else None
    if new is None:
        following = after.find(msn + 1)
        # A camera that went away could not keep what was promised for it.
        if following and following.discontinuity:
            return []
        new = following.parts[0] if following and following.parts else None
    if new is None:
        return []
    hinted = before.hint.get("URI"), int(before.hint.get("BYTERANGE-START", 0))
    return [] if hinted == (new.uri, new.offset) else [f"hinted {hinted}, came {(new.uri, new.offset)}"]
