#!/usr/bin/env python3
"""Measures the service beside ffmpeg on the same cameras in the same run. Called by scripts/bench; see its --help.

Cameras are the virtual printers, showing the 1080p30 4 Mbit/s clip of footage.py; their own cost is not counted.
CPU is user and system time of the processes, memory is PSS at the end of the window and the peak of resident memory.
"""

import argparse
import bisect
import collections
import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import annexb
import bench_page
import bench_pictures
import bench_start
import bench_status
import footage
import parties
from measure import Table, cost_of, machine, measured, percentile, viewers_program, workplace

# In a segment of 2 s.
PARTS = 6


# -- cost -------------------------------------------------------------------------------------------------------------

def service_cost(count, options, clip):
    with workplace() as directory, parties.VirtualPrinters(count, directory, clip) as printers, \
            parties.Service(options.command, directory) as service:
        ids = [service.add_printer(printer) for printer in printers.printers]
        for printer in ids:
            service.await_video(printer)
        return measured([service.child.pid], count, options.warm_up, options.seconds)


def jpeg_cost(count, options):
    """The same of cameras that send pictures of their own, as an A1 does."""
    with workplace() as directory, parties.VirtualPrinters(count, directory, more=("--model", "A1")) as printers, \
            parties.Service(options.command, directory) as service:
        for printer in [service.add_printer(printer) for printer in printers.printers]:
            await_picture(service, printer)
        return measured([service.child.pid], count, options.warm_up, options.seconds)


def await_picture(service, printer, seconds=30):
    end, status = time.monotonic() + seconds, None
    while time.monotonic() < end:
        status = service.web.get(f"/api/printers/{printer}/still.jpg").status
        if status == 200:
            return
        time.sleep(0.3)
    raise RuntimeError(f"no picture after {seconds} s: {status}\n{service.tail()}")


def ffmpeg_cost(count, options, clip):
    with workplace() as directory, parties.VirtualPrinters(count, directory, clip) as printers, contextlib.ExitStack() as all_of_them:
        children = []
        for number, printer in enumerate(printers.printers):
            folder = pathlib.Path(directory) / f"hls{number}"
            folder.mkdir()
            url = printer["rtspUrl"].replace("://", f"://bblp:{printer['accessCode']}@", 1)
            child = parties.Process(f"ffmpeg{number}", [
                "ffmpeg", "-nostdin", "-v", "error", "-rtsp_transport", "tcp", "-i", url, "-c", "copy", "-f", "hls",
                "-hls_time", "2", "-hls_list_size", "7", "-hls_flags", "delete_segments", folder / "stream.m3u8"], directory)
            all_of_them.enter_context(child)
            child.start()
            children.append((child, folder))
        result = measured([child.child.pid for child, _ in children], count, options.warm_up, options.seconds)
        idle = [child.name for child, folder in children if len(list(folder.glob("*.ts"))) < 3]
        if idle:
            raise RuntimeError(f"{len(idle)} of {count} ffmpeg wrote no segments")
        return result


# -- delivery ---------------------------------------------------------------------------------------------------------

def delivery(viewers, seconds, options, clip):
    """Milliseconds from a part's last picture being sent to each viewer's (announcement, bytes), and bytes per second."""
    with workplace() as directory, parties.VirtualPrinters(1, directory, clip) as printers, \
            parties.Service(options.command, directory) as service:
        printer = service.add_printer(printers.printers[0])
        service.await_video(printer)
        time.sleep(options.warm_up)
        parts = pathlib.Path(directory) / "parts"
        parts.mkdir()
        before, start = cost_of([service.child.pid])[0], time.monotonic()
        done = subprocess.run(
            [viewers_program(), f"127.0.0.1:{service.port}", f"/hls/{printer}/stream_ll.m3u8", str(viewers), str(seconds), parts],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 60)
        if done.returncode:
            raise RuntimeError(f"viewers: {done.stderr[-500:]}")
        cpu = (cost_of([service.child.pid])[0] - before) / (time.monotonic() - start)
        sent = last_pictures(parts, clip, printers.frame_log)
    announced, delivered, volume = [], [], 0
    for line in done.stdout.splitlines():
        _, msn, part, told, had, size = line.split()
        volume += int(size)
        moment = nearest_before(sent.get((int(msn), int(part)), []), float(told))
        if moment:
            announced.append(1000 * (float(told) - moment))
            delivered.append(1000 * (float(had) - moment))
    if len(delivered) < 0.9 * len(done.stdout.splitlines()) or not delivered:
        raise RuntimeError(f"only {len(delivered)} of {len(done.stdout.splitlines())} parts could be told apart by their pictures")
    return sorted(announced), sorted(delivered), volume / seconds, cpu


def last_pictures(parts, clip, frame_log):
    """(msn, part) -> when its last picture was sent, for each turn of the clip: recognised by its slices."""
    numbers = {annexb.picture_hash(nals): number for number, nals in enumerate(annexb.access_units(clip.read_bytes()))}
    times = collections.defaultdict(list)
    for line in frame_log.read_text().splitlines():
        words = line.rsplit(" ", 2)
        times[int(words[1])].append(float(words[2]))
    found = {}
    for file in parts.glob("*.ts"):
        msn, part = map(int, file.stem.split("."))
        stream = elementary_stream(file.read_bytes())
        pictures = annexb.access_units(stream)
        number = numbers.get(annexb.picture_hash(pictures[-1])) if pictures else None
        if number is not None:
            found[msn, part] = times[number]
    return found


def elementary_stream(data):
    """The video payload of transport packets, PES headers taken off."""
    stream, video = bytearray(), None
    for at in range(0, len(data), 188):
        packet = data[at:at + 188]
        pid = (packet[1] & 0x1F) << 8 | packet[2]
        payload = packet[5 + packet[4]:] if packet[3] & 0x20 else packet[4:]
        if packet[1] & 0x40 and payload[:3] == b"\x00\x00\x01" and payload[3] >> 4 == 0xE:
            video, payload = pid, payload[9 + payload[8]:]
        if pid == video:
            stream += payload
    return bytes(stream)


def nearest_before(times, moment):
    place = bisect.bisect_left(times, moment)
    return times[place - 1] if place else None


# -- throughput ---------------------------------------------------------------------------------------------------------

def throughput(viewers, options, clip):
    """One segment fetched again and again, in MB/s: (service, nginx or None); and nginx's milliseconds for what viewers of
    low latency do when a part is there: to (playlist, part) of all who ask at once."""
    with workplace() as directory, parties.VirtualPrinters(1, directory, clip) as printers, \
            parties.Service(options.command, directory) as service:
        printer = service.add_printer(printers.printers[0])
        service.await_video(printer)
        uri = [line for line in service.web.get(f"/hls/{printer}/stream.m3u8").text().splitlines() if line.endswith(".ts")][-1]
        path = f"/hls/{printer}/{uri}"
        ours = flood(service.port, path, viewers)
        theirs, burst = None, ([], [])
        if pathlib.Path("/usr/sbin/nginx").exists():
            segment = service.web.get(path).body
            (pathlib.Path(directory) / uri).write_bytes(segment)
            (pathlib.Path(directory) / "part.ts").write_bytes(segment[:len(segment) // PARTS])
            (pathlib.Path(directory) / "ll.m3u8").write_bytes(service.web.get(f"/hls/{printer}/stream_ll.m3u8").body)
            with nginx(directory) as port:
                theirs = flood(port, f"/{uri}", viewers)
                burst = burst_of(port, viewers, options.seconds)
        return ours, theirs, burst


def burst_of(port, viewers, seconds):
    done = subprocess.run([viewers_program(), "--burst", f"127.0.0.1:{port}", "/ll.m3u8", "/part.ts", str(viewers), str(seconds)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode:
        raise RuntimeError(f"viewers: {done.stderr[-500:]}")
    times = [tuple(map(float, line.split())) for line in done.stdout.splitlines()]
    return sorted(announced for announced, _ in times), sorted(delivered for _, delivered in times)


def flood(port, path, viewers, seconds=4):
    done = subprocess.run([viewers_program(), "--flood", f"127.0.0.1:{port}", path, str(viewers), str(seconds)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=seconds + 60)
    if done.returncode:
        raise RuntimeError(f"viewers: {done.stderr[-500:]}")
    _, size, took = done.stdout.split()
    return int(size) / float(took) / 1e6


@contextlib.contextmanager
def nginx(directory):
    port = parties.free_port()
    config = pathlib.Path(directory) / "nginx.conf"
    config.write_text(
        f"daemon off; pid {directory}/nginx.pid; error_log {directory}/nginx.err; worker_processes auto;\n"
        "events { worker_connections 2048; }\n"
        f"http {{ access_log off; sendfile on; tcp_nodelay on; types {{ video/mp2t ts; }}\n"
        f"server {{ listen 127.0.0.1:{port}; root {directory}; }} }}\n")
    # Its workers change user and must reach the file.
    os.chmod(directory, 0o755)
    with parties.Process("nginx", ["/usr/sbin/nginx", "-c", config, "-e", f"{directory}/nginx.err"], directory) as server:
        server.start()
        for _ in range(50):
            with contextlib.suppress(OSError):
                parties.Web(f"http://127.0.0.1:{port}").get("/")
                break
            time.sleep(0.1)
        yield port


# -- the session --------------------------------------------------------------------------------------------------------

def bench_cost(options, clip, table):
    small, large = options.cameras
    theirs = ffmpeg_cost(small, options, clip)
    ours = service_cost(small, options, clip)
    for name, (cpu, pss, peak) in (("ffmpeg", theirs), ("platecast", ours)):
        table.row(f"{name}, {small} cameras: CPU-s per stream-minute", f"{cpu:.3f}")
        table.row(f"{name}, {small} cameras: memory per stream, PSS (peak)", f"{pss / small:.1f} ({peak / small:.1f}) MB")
    table.row("CPU, platecast : ffmpeg", f"{ours[0] / theirs[0]:.2f}", "at most 0.6", ours[0] <= 0.6 * theirs[0])
    table.row("peak memory, platecast : ffmpeg", f"{ours[2] / theirs[2]:.2f}", "at most 0.3", ours[2] <= 0.3 * theirs[2])
    table.row("PSS, platecast : ffmpeg", f"{ours[1] / theirs[1]:.2f}")
    many = service_cost(large, options, clip)
    table.row(f"platecast, {large} cameras: CPU-s per stream-minute", f"{many[0]:.3f}")
    table.row(f"platecast, {large} cameras: memory per stream, PSS (peak)", f"{many[1] / large:.1f} ({many[2] / large:.1f}) MB")
    # The clock counts in hundredths of a second: half of one is no difference.
    table.row(f"CPU per stream, {large} : {small} cameras", f"{many[0] / ours[0]:.2f}", "at most 1", many[0] <= ours[0] + 0.005)
    cpu, pss, peak = jpeg_cost(small, options)
    table.row(f"{small} cameras that send pictures: CPU-s per camera-minute", f"{cpu:.3f}")
    table.row(f"{small} cameras that send pictures: PSS of each (peak)", f"{pss / small:.1f} ({peak / small:.1f}) MB")


def bench_viewers(options, clip, table):
    for viewers in options.viewers:
        # Viewers are served part by part: of the 90 of a usual window the slowest alone would be the 99th percentile.
        seconds = options.seconds * (3 if viewers == 50 else 1)
        announced, delivered, rate, cpu = delivery(viewers, seconds, options, clip)
        table.row(f"{viewers} viewers: last picture sent to playlist, p50 / p99",
                  f"{percentile(announced, 0.5):.1f} / {percentile(announced, 0.99):.1f} ms")
        bound = ("at most 10 ms", percentile(delivered, 0.99) <= 10) if viewers == 50 else (None, None)
        table.row(f"{viewers} viewers: last picture sent to part's bytes, p50 / p99",
                  f"{percentile(delivered, 0.5):.1f} / {percentile(delivered, 0.99):.1f} ms", *bound)
        table.row(f"{viewers} viewers: bytes delivered, CPU of one core", f"{rate / 1e6:.1f} MB/s, {100 * cpu:.0f} %")
    ours, theirs, (announced, delivered) = throughput(50, options, clip)
    if delivered:
        table.row("50 at once, playlist and then part of nginx: playlist, p50 / p99",
                  f"{percentile(announced, 0.5):.1f} / {percentile(announced, 0.99):.1f} ms")
        table.row("50 at once, playlist and then part of nginx: part's bytes, p50 / p99",
                  f"{percentile(delivered, 0.5):.1f} / {percentile(delivered, 0.99):.1f} ms")
    table.row("50 connections fetching a segment: platecast (nginx)", f"{ours:.0f} ({theirs:.0f}) MB/s" if theirs else f"{ours:.0f} MB/s")


GROUPS = {"cost": bench_cost, "viewers": bench_viewers,
          "pictures": bench_pictures.bench_pictures,
          "status": lambda options, _clip, table: bench_status.bench_status(options, table),
          "page": lambda options, _clip, table: bench_page.bench_page(options, table),
          "start": lambda options, _clip, table: bench_start.bench_start(options, table)}
# Minutes of their own: only when they are asked for.
BY_NAME = {"page", "start"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--cameras", type=int, nargs=2, default=[8, 32], metavar=("FEW", "MANY"))
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--printers", type=int, default=64, help="that report, for the group status")
    parser.add_argument("--listeners", type=int, default=100)
    parser.add_argument("--page-seconds", type=int, default=600, help="of looking at the wall, for the group page")
    parser.add_argument("--screenshot", help="of the wall at its end, for the group page")
    parser.add_argument("--times", type=int, default=5, help="that a page is loaded, for the group start")
    parser.add_argument("--against", metavar="DIR", action="append", default=[],
                        help="another built page to load in turns with this one, for the group start; as often as one likes")
    parser.add_argument("--service", help="command of the service under test")
    parser.add_argument("groups", nargs="*", help="cost, viewers, pictures, status; page and start only when named")
    options = parser.parse_args()
    options.command = options.service.split() if options.service else parties.default_service()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    clip, table = footage.make_clip("fast"), Table()
    print(f"1080p30, 4 Mbit/s, GOP 1 s; windows of {options.seconds} s after {options.warm_up} s\n{machine()}\n")
    for name, bench in GROUPS.items():
        if name in (options.groups or GROUPS.keys() - BY_NAME):
            bench(options, clip, table)
    print(f"\n{table.missed} bounds missed")
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
