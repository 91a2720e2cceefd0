#!/usr/bin/env python3
"""Writes first inputs for the fuzz targets, made by hand from the standards: seeds.py DIRECTORY

One folder for each target. They only show a fuzzer the way in; what it has found itself is in fuzz/corpus.
"""

import json
import pathlib
import sys

# A key frame of 178 x 146 by x264.
FOUR_SLICES = pathlib.Path(__file__).resolve().parent.parent / "src" / "media" / "picture" / "tests" / "four-slices.h264"
SPS = bytes.fromhex("6742c01f8d8d502482d93640000003004000000f23c2211a80")
PPS = bytes.fromhex("68ce31b2")
DESCRIPTION = (b"v=0\r\no=- 1 1 IN IP4 192.168.1.9\r\ns=camera\r\nt=0 0\r\na=control:*\r\na=range:npt=0-\r\n"
               b"m=audio 0 RTP/AVP 0\r\na=control:track0\r\n"
               b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
               b"a=fmtp:96 packetization-mode=1;profile-level-id=42C01F;sprop-parameter-sets=Z0LAH42NUCSC2TZAAAADAEAAAA8jwiEagA==,aM4xsg==\r\n"
               b"a=control:track1\r\n")
CHALLENGES = [
    b'Digest realm="camera", nonce="a1b2c3", qop="auth", algorithm=MD5, opaque="5ccc"',
    b'Digest realm="camera",nonce="a1b2c3",algorithm=SHA-256-sess,qop="auth,auth-int",stale=TRUE',
    b'Basic realm="camera"', b'Basic realm="a", Digest realm="b", nonce="c\\"d"']


def answer(number, *fields, body=b"", status=b"200 OK"):
    lines = [b"RTSP/1.0 " + status, b"CSeq: %d" % number, *fields, *([b"Content-Length: %d" % len(body)] if body else [])]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def rtp(sequence, payload, timestamp=1000, flags=0x80, marker=0x80):
    return bytes([flags, marker | 96]) + sequence.to_bytes(2) + timestamp.to_bytes(4) + b"\0\0\0\1" + payload


def frame(channel, packet):
    return b"$" + bytes([channel]) + len(packet).to_bytes(2) + packet


def session(challenge=None, redirect=False):
    """What a camera says to OPTIONS, DESCRIBE, SETUP and PLAY, and a few packets."""
    options = answer(1, b"Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN")
    number, told = 2, options
    if challenge:
        told += answer(number, b"WWW-Authenticate: " + challenge, status=b"401 Unauthorized")
        number += 1
    if redirect:
        told += answer(number, b"Location: rtsps://192.168.1.9:322/other", status=b"302 Moved")
        number += 1
    told += answer(number, b"Content-Base: rtsps://192.168.1.9:322/streaming/live/1/", b"Content-Type: application/sdp", body=DESCRIPTION)
    told += answer(number + 1, b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1", b"Session: 66334873;timeout=60")
    told += answer(number + 2, b"Session: 66334873", b"RTP-Info: url=track1;seq=1;rtptime=0")
    told += frame(0, rtp(1, SPS)) + frame(0, rtp(2, b"\x65\x88" + bytes(40))) + frame(1, sender_report())
    return told + b"OPTIONS rtsp://192.168.1.2/ RTSP/1.0\r\nCSeq: 7\r\n\r\n" + frame(0, rtp(3, b"\x41" + bytes(30)))


def sender_report(goodbye=False):
    report = bytes([0x80, 200, 0, 6]) + bytes(range(24))
    return report + (bytes([0x81, 203, 0, 1]) + b"\0\0\0\1" if goodbye else b"")


def payloads():
    """Packets as the target depacketizer takes them: what to do, length, payload."""
    def packet(what, payload):
        return bytes([what, len(payload)]) + payload
    idr, slice_ = b"\x65\x88\x80" + bytes(range(60)), b"\x41\x9a" + bytes(range(50))
    single = packet(0x75, SPS) + packet(0x75, PPS) + packet(0xF5, idr) + packet(0xF6, slice_) * 3
    both = b"\x78" + len(SPS).to_bytes(2) + SPS + len(PPS).to_bytes(2) + PPS
    pieces = packet(0x75, b"\x7c\x85" + idr[1:30]) + packet(0x75, b"\x7c\x05" + idr[30:50]) + packet(0xF5, b"\x7c\x45" + idr[50:])
    return [single, packet(0x75, both) + pieces + packet(0xF6, slice_), single + packet(0, b"") + single + packet(4, b"") + pieces,
            packet(0xF5, b"\0\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\1" + idr), single + packet(0xF1, slice_) + single]


def jpeg(length, *front):
    file = b"".join(front) + b"\xff\xd8\xff\xe0\0\x04JF\xff\xc0\0\x11\x08" + (720).to_bytes(2) + (1280).to_bytes(2)
    return file + bytes(length - len(file) - 2) + b"\xff\xd9"


def sent(body, length=None, flags=1):
    return b"".join(n.to_bytes(4, "little") for n in (len(body) if length is None else length, 0, flags, 0)) + body


def der(tag, *content):
    content = b"".join(content)
    length = bytes([len(content)]) if len(content) < 128 else b"\x82" + len(content).to_bytes(2)
    return bytes([tag]) + length + content


def certificate(name=b"00M09A000000001", version=False, rsa=True):
    named = der(0x30, der(0x31, der(0x30, der(0x06, b"\x55\x04\x03"), der(0x13, name))))
    sha = der(0x30, der(0x06, bytes.fromhex("2a864886f70d01010b")), b"\5\0")
    key = der(0x30, der(0x02, b"\0" + b"\xc3" * 256), der(0x02, b"\1\0\1")) if rsa else b"\4" + bytes(64)
    kind = der(0x06, bytes.fromhex("2a864886f70d010101" if rsa else "2a8648ce3d0201"))
    info = der(0x30, der(0x30, kind, b"\5\0"), der(0x03, b"\0" + key))
    dates = der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"360101000000Z"))
    body = der(0x30, *([der(0xA0, der(0x02, b"\2"))] if version else []), der(0x02, b"\1"), sha, named, dates, named, info)
    return der(0x30, body, sha, der(0x03, b"\0" + bytes(64)))


def reports():
    def line(**kinds):
        return json.dumps(kinds).encode()
    full = line(print={
        "command": "push_status", "msg": 0, "gcode_state": "RUNNING", "mc_percent": 41, "mc_remaining_time": 73, "layer_num": 7,
        "total_layer_num": 90, "nozzle_temper": 219.5, "nozzle_target_temper": 220, "bed_temper": 59.5, "chamber_temper": 38,
        "subtask_name": "Cube", "job_id": "17", "print_error": 83918896, "stg_cur": 4, "wifi_signal": "-54dBm", "sdcard": True,
        "lights_report": [{"node": "chamber_light", "mode": "on"}], "hms": [{"attr": 0x0C000300, "code": 0x20004}],
        "ipcam": {"ipcam_record": "enable", "resolution": "1080p", "rtsp_url": "rtsps://192.168.1.9:322/streaming/live/1"},
        "ams": {"ams_exist_bits": "1", "tray_now": "2", "ams": [{"id": "0", "humidity": "4", "temp": "22.1", "tray": [
            {"id": "0", "tray_type": "PLA", "tray_color": "FF0000FF", "remain": 80}]}]},
        "vt_tray": {"id": "254", "tray_type": "PETG"}, "device": {"nozzle": {"info": [{"id": 0, "type": "HS01", "diameter": 0.4}]},
        "extruder": {"info": [{"id": 0, "temp": 14418140}], "state": 1}, "bed": {"info": {"temp": 3932220}}}})
    delta = line(print={"command": "push_status", "msg": 1, "mc_percent": 42})
    version = line(info={"command": "get_version", "sequence_id": "1", "module": [{"name": "ota", "sw_ver": "01.08.00.00", "sn": "00M"}]})
    light = line(system={"command": "ledctrl", "sequence_id": "2", "led_node": "chamber_light", "result": "success"})
    refused = line(print={"command": "pause", "sequence_id": "3", "result": "failed", "reason": "verify failed", "err_code": 84033543})
    return [bytes([n]) + b"\n".join(lines) for n, lines in enumerate(([full], [full, delta], [version, full, light, refused], [delta, full, refused]))]


def announcements():
    printer = "urn:bambulab-com:device:3dprinter:1"
    esp32 = ["NOTIFY * HTTP/1.1", "HOST: 239.255.255.250:1900", "Server: UPnP/1.0", "Location: 192.168.1.50", f"NT: {printer}",
             "USN: 01P00A000000000", "Cache-Control: max-age=1800", "DevModel.bambu.com: C12", "DevName.bambu.com: 3DP-01P-000",
             "DevSignal.bambu.com: -50", "DevConnect.bambu.com: cloud", "DevBind.bambu.com: occupied", "Devseclink.bambu.com: secure",
             "DevVersion.bambu.com: 01.10.00.00", "DevCap.bambu.com: 1"]
    linux = [line.replace("HOST", "Host").replace("1900", "1990") for line in esp32] + ["NTS: ssdp:alive", "DevInf.bambu.com: wlan0"]
    answer = ["HTTP/1.1 200 OK", "Server: Buildroot/2018.02-rc3 UPnP/1.0 ssdpd/1.8", "Location: http://192.168.1.50:80/", f"ST: {printer}",
              "EXT:", f"USN: uuid:00M00A000000000::{printer}", "DevModel.bambu.com: 3DPrinter-X1-Carbon"]
    packets = ["\r\n".join(lines + ["", ""]).encode() for lines in (esp32, linux, answer, [line.lower() for line in reversed(esp32)])]
    return packets + [packets[0].replace(b"\r\n", b"\n"), packets[0].replace(b"C12", b""), b"192.168.1.0/24", b"10.0.0.7"]


def playlist():
    lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-TARGETDURATION:2", "#EXT-X-MEDIA-SEQUENCE:7", "#EXT-X-DISCONTINUITY-SEQUENCE:1"]
    for msn in range(7, 11):
        lines += ["#EXT-X-DISCONTINUITY"] * (msn == 9) + [f"#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:{2 * msn:02}.000Z",
                                                             "#EXTINF:2.00000,", f"seg{msn}.ts"]
    return "\n".join(lines + [""]).encode()


def seeds():
    draft = {"name": "Studio X1", "host": "192.168.1.10", "serial": "00M09A000000001", "accessCode": "12345678", "rtspUrl": None}
    elsewhere = draft | {"rtspUrl": "rtsps://nas.local:7441/live", "cameraUser": "viewer", "cameraPassword": "secret",
                         "cameraFingerprint": "ab" * 32, "acceptCertificate": True}
    yield "rtsp_session", [b"\x10" + session(), *(b"\xff" + session(challenge) for challenge in CHALLENGES), b"\x07" + session(None, True)]
    yield "rtsp_words", [*(b"\0" + c for c in CHALLENGES), b"\0" + b"\n".join(CHALLENGES[:2]), b"\1" + session(CHALLENGES[0])[:300],
                         b"\2RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1", b"\2" + b"66334873 ; timeout=30",
                         b"\3rtsps://192.168.1.9:322/live?x=1", b"\3//192.168.1.9/live", b"\4Z0LAH42NUA==", b"\5rtsp://cam/live/\ntrackID=1"]
    yield "sdp", [DESCRIPTION, DESCRIPTION.replace(b"\r\n", b"\n"), DESCRIPTION.replace(b"H264", b"H265")]
    yield "depacketizer", payloads()
    yield "stream", [bytes([1, 9, 0x0B, 0xB8] + [0, 3, 0x0B, 0xB8] * 29) * 3, bytes([9, 9, 0xFF, 0xFF, 0x42, 1, 1, 1, 0x31, 200, 0x10, 0])]
    yield "sps", [SPS, bytes.fromhex("67640028acd940780227e5c044000003000400000300c83c60c658"), PPS]
    yield "picture", [FOUR_SLICES.read_bytes()]
    yield "report", reports()
    yield "pictures", [b"\x20" + sent(jpeg(600)) * 2, b"\xff" + sent(jpeg(600, bytes(4)), flags=0) + sent(jpeg(700)[:-2]) + sent(jpeg(512)[2:]),
                       b"\x01" + sent(jpeg(600), 511) + sent(b"") + sent(b"", 0xFFFFFFFF), b"\x0f" + sent(jpeg(600)[1:]) * 11,
                       b"\x03" + bytes.fromhex("080000003f0103000000000000000000ffffffff00000000")]
    yield "rtp_rtcp", [rtp(1, SPS), rtp(1, b"\xbe\xde\0\1abcdpay", flags=0x90), rtp(1, b"pay\0\0\3", flags=0xA0),
                       rtp(2, b"csrc" * 2 + b"pay", flags=0x82), sender_report(), sender_report(True)]
    yield "mqtt_wire", [b"\3\x20\2\0\0\x90\3\0\1\0\x30\x05\0\3a/bc", b"\1\x30\x80\1" + bytes(128) + b"\xd0\0", b"\x05\x30\xff\xff\xff\x7f\0"]
    yield "certificate", [certificate(), certificate(version=True), certificate(b"camera"), certificate(rsa=False)]
    yield "announcement", announcements()
    yield "address", [b"192.168.1.10", b"printer.local.", b"[fe80::1%25eth0]", b"fe80::1%eth0", b"00M09A000000001", b"ab:" * 31 + b"cd",
                      b"rtsps://192.168.1.10:322/streaming/live/1", b"rtsp://[fd00::1]:554/a?b=c", b"rtsps://:7441/live"]
    yield "draft", [json.dumps(draft).encode(), json.dumps(elsewhere).encode(), b'{"type":"light","on":true}',
                    b'{"type":"pause","jobId":"7"}', b"/api/printers/7/status/stream", b"/hls/7/seg1.ts"]
    get = b"\5GET /hls/1/stream.m3u8?_HLS_msn=7 HTTP/1.1\r\nHost: nas:8080\r\n"
    yield "http_head", [get + b"\r\n", get + b"Range: bytes=0-\t \r\nX-Other: y\r\n\r\nmore", get + b"Transfer-Encoding: chunked\r\n\r\n",
                        get.replace(b"GET", b"PUT") + b"Content-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\nhello",
                        get + b"Cookie: a\r\ncookie: b\r\nIf-None-Match: \"x\"\r\nif-none-match: *\r\n\r\n", b"\1OPTIONS * HTTP/1.0\r\nHost: x\r\n\r\n"]
    yield "hls_request", [b"\0stream.m3u8\n\n", b"\0stream_ll.m3u8\n_HLS_msn=7&_HLS_part=2\n\n\n\ngzip, br;q=0", b"\1seg3.ts\n\n",
                          b"\0seg4.ts\n\nbytes=0-187\n\"x\"", b"\0seg4.ts\n\nbytes=-5\n\nW/\"x\", *", b"\2seg4.ts\nx=y\n"]
    yield "restore", [b"\1\2" + playlist(), b"\2\x0a" + playlist(), b"\1\2" + playlist().replace(b"#EXTINF", b"#EXT-X-GAP\n#EXTINF")]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for target, inputs in seeds():
        folder = pathlib.Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(inputs):
            (folder / f"seed{number}").write_bytes(data)


if __name__ == "__main__":
    main()
