"""The shipped nginx configuration (nginx/) in front of the real service: the judges `nginx` and `edge`.

It runs here as in its container, unprivileged, with Debian's nginx; only addresses and directories are others.
"""

import contextlib
import gzip
import http.client
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import threading
import time

import footage
import parties
from measure import percentile, viewers_program
from screen import sent_and_shown, watch

NGINX = "/usr/sbin/nginx"
USER = 65532
# Who is believed to be cloudflared.
TUNNEL = "127.0.0.4"
PAGE = parties.ROOT / "frontend" / "dist"
FIELDS = ("content-type", "cache-control", "content-security-policy", "x-frame-options", "x-content-type-options",
          "referrer-policy", "cross-origin-resource-policy", "cross-origin-opener-policy", "permissions-policy",
          "content-encoding", "vary")


class Nginx(parties.Process):
    """`kind`: frontend or edge. `parts`: files put into nginx/parts; `replace`: further words of the configuration."""

    def __init__(self, kind, directory, port_of_backend, replace=(), parts=()):
        self.port, self.place = parties.free_port(), pathlib.Path(directory) / kind
        self.origin = f"http://127.0.0.1:{self.port}"
        shutil.copytree(parties.ROOT / "nginx", self.place / "conf")
        for name, text in dict(parts).items():
            (self.place / "conf" / "parts" / name).write_text(text)
        page = self.place / "page"
        shutil.copytree(PAGE, page)
        for file in page.rglob("*"):
            if file.suffix in (".html", ".js", ".css", ".svg"):
                file.with_name(file.name + ".gz").write_bytes(gzip.compress(file.read_bytes()))
        self.put({"listen 8080": f"listen 127.0.0.1:{self.port}", "server backend:8080": f"server 127.0.0.1:{port_of_backend}",
                  "/srv/platecast": str(page), "/tmp": str(self.place), "172.30.86.4": TUNNEL,
                  "/dev/stdout": str(self.place / "access.log"), **dict(replace)})
        command = [NGINX, "-e", "stderr", "-g", "daemon off;", "-c", self.place / "conf" / f"{kind}.conf"]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]
            for path in (self.place, *self.place.rglob("*")):
                os.chown(path, USER, USER)
            # A temporary directory is its maker's alone.
            for folder in self.place.parents:
                if not folder.stat().st_mode & 0o001:
                    os.chmod(folder, 0o755)
        super().__init__(f"nginx-{kind}", command, directory)
        self.web = parties.Web(self.origin)
        self.start()
        self.await_answer()

    def put(self, replacements):
        """All at once: what one puts there may hold what another looks for."""
        found, words = set(), re.compile("|".join(map(re.escape, sorted(replacements, key=len, reverse=True))))
        for file in (self.place / "conf").rglob("*.conf"):
            text = file.read_text()
            found |= set(words.findall(text))
            file.write_text(words.sub(lambda match: replacements[match[0]], text))
        if missing := set(replacements) - found:
            raise RuntimeError(f"the shipped configuration has no {missing} any more")

    def await_answer(self):
        end = time.monotonic() + parties.START_S
        while time.monotonic() < end and self.alive():
            with contextlib.suppress(OSError):
                if self.web.get("/healthz").status == 200:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"nginx did not come up:\n{self.tail()}")


# -- the page ---------------------------------------------------------------------------------------------------------

def same_page(trial, service, nginx):
    """Whoever serves it, the page comes with the same header fields: the policy above all."""
    script = re.search(r'src="(/assets/[^"]+)"', service.web.get("/").text())[1]
    paths = ["/", "/p/1", "/p", "/printers", "/printers/new", "/printers/1/edit", "/index.html", "/favicon.svg", script,
             "/nothing", "/assets/nothing.js", "/.vite/manifest.json", "/px", "/printersx", "/api", "/api/nothing",
             "/hls/1", "/hls/7/stream.m3u8", "/healthz", "/api/printers"]
    for path in paths:
        for coding in ("identity", "gzip"):
            ours, theirs = (web.get(path, Accept_Encoding=coding) for web in (service.web, nginx.web))
            differ = [name for name in FIELDS if ours.headers.get(name) != theirs.headers.get(name)]
            # Vary says nothing where there is one answer.
            differ = [name for name in differ if name != "vary" or theirs.headers.get("content-encoding")]
            trial.expect(ours.status == theirs.status and not differ,
                         f"{path} ({coding}): {ours.status} of the service, {theirs.status} of nginx; " + "; ".join(
                             f"{name}: {ours.headers.get(name)!r:.60}, {theirs.headers.get(name)!r:.60}" for name in differ))
            if ours.status == 200:
                trial.expect(ours.text() == theirs.text(), f"{path} ({coding}): another content")
    # The browser keeps the fields of its copy until it is given others, and who may frame the page may have changed since.
    for web in (service.web, nginx.web):
        page = web.get("/")
        again = web.get("/", If_None_Match=page.headers["etag"])
        same = all(again.headers.get(name) == page.headers[name] for name in ("content-security-policy", "x-frame-options"))
        trial.expect(again.status == 304 and same, f"a page that is known: {again.status} {again.headers}")
        script_again = web.get(script, If_None_Match=web.get(script).headers["etag"])
        trial.expect(script_again.status == 304 and "content-security-policy" not in script_again.headers,
                     f"a script that is known: {script_again.status} {script_again.headers}")
    trial.expect(nginx.web.get("/metrics").status == 404, "the metrics are shown to everybody")
    trial.note(f"{len(paths)} addresses: the same status and header fields as from the service itself")


# -- questions and orders -----------------------------------------------------------------------------------------------

def ask_as_browser(trial, nginx, printer):
    """What changes something, what is refused, and what is too long. Returns the printer's id."""
    def ask(method, path, body=None, **fields):
        headers = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in fields.items()}
        return nginx.web.ask(method, path, headers, body)

    own = {"Origin": nginx.origin, "Sec_Fetch_Site": "same-origin"}
    added = ask("POST", "/api/printers", json.dumps(printer), **own)
    if added.status != 201:
        raise RuntimeError(f"adding a printer through nginx: {added.status} {added.body[:300]!r}")
    number = added.json()["id"]
    edited = ask("PUT", f"/api/printers/{number}", json.dumps(printer | {"name": "Renamed"}), **own)
    trial.expect(edited.status == 200 and edited.json()["name"] == "Renamed", f"editing: {edited.status}")
    known = nginx.web.get("/api/printers").status
    trial.expect(known == 200, f"the list: {known}")
    for what, wanted, answer in (
            ("a foreign Host", 421, nginx.web.get("/api/printers", Host="evil.example")),
            ("another site", 403, nginx.web.get("/api/printers", Sec_Fetch_Site="cross-site")),
            ("another origin", 403, ask("POST", "/api/printers", json.dumps(printer), Origin="http://evil.example")),
            ("another type of body", 415, ask("POST", "/api/printers", "x=1", Content_Type="text/plain")),
            ("60 KB of no JSON", 400, ask("POST", "/api/printers", "x" * 60_000)),
            ("70 KB", 413, ask("POST", "/api/printers", "x" * 70_000)),
            ("an address with a detour", 400, nginx.web.get("/api/../api/printers")),
            ("a hidden letter", 400, nginx.web.get("/api/%70rinters"))):
        trial.expect(answer.status == wanted, f"{what}: {answer.status}, wanted {wanted}")
    return number


def order(trial, nginx, number):
    answer = nginx.web.ask("POST", f"/api/printers/{number}/command", {"Content-Type": "application/json"},
                           json.dumps({"type": "light", "on": True}))
    trial.expect(answer.status == 200 and answer.json()["ok"] is True, f"a command: {answer.status} {answer.body[:200]!r}")


def is_told_who_asks(trial, service, nginx, number):
    """cloudflared is believed, anybody else is not."""
    for source, email in ((TUNNEL, "believed@example.org"), ("127.0.0.1", "forged@example.org")):
        client = http.client.HTTPConnection("127.0.0.1", nginx.port, timeout=10, source_address=(source, 0))
        with contextlib.closing(client):
            client.request("POST", f"/api/printers/{number}/command", json.dumps({"type": "light", "on": False}), {
                "Content-Type": "application/json", "CF-Connecting-IP": "203.0.113.9",
                "Cf-Access-Authenticated-User-Email": email, "Cookie": "CF_Authorization=" + "x" * 7000})
            trial.expect(client.getresponse().status == 200, f"a command from {source} is refused")
    said = service.log.read_text(errors="replace")
    trial.expect("believed@example.org" in said and "forged@example.org" not in said, "the log has another name of who gave an order")
    lines = [line for line in (nginx.place / "access.log").read_text().splitlines() if "/command" in line]
    seen = [line.split()[1] for line in lines[-2:]]
    trial.expect(seen == ["203.0.113.9", "127.0.0.1"], f"addresses in the log: {seen}")


# -- events ---------------------------------------------------------------------------------------------------------------

def events(port, path, seconds):
    """[(arrived, data)...]"""
    found, end = [], time.monotonic() + seconds
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=20)) as client:
        client.request("GET", path, headers={"Accept-Encoding": "gzip"})
        reply = client.getresponse()
        while reply.status == 200 and time.monotonic() < end:
            line = reply.readline()
            if line.startswith(b"data:"):
                found.append((time.time(), line))
    return found


def events_come_at_once(trial, service, nginx, paths):
    """All of them in the same seconds, each beside a listener of the service itself."""
    heard = {}

    def hear(path, port):
        heard[path, port] = events(port, path, 24)

    listeners = [threading.Thread(target=hear, args=(path, port)) for path in paths for port in (service.port, nginx.port)]
    for listener in listeners:
        listener.start()
    for listener in listeners:
        listener.join()
    for path in paths:
        direct = {data: at for at, data in heard[path, service.port]}
        late = sorted(at - direct[data] for at, data in heard[path, nginx.port][1:] if data in direct)
        trial.expect(len(late) >= 3, f"{path}: {len(late)} events through nginx, {len(direct)} directly")
        if late:
            trial.expect(statistics.median(late) <= 0.05, f"{path}: events are {statistics.median(late):.3f} s late")
            trial.note(f"{path}: {len(late)} events, {1000 * statistics.median(late):.1f} ms later than directly, "
                       f"at most {1000 * late[-1]:.1f}")


# -- video ----------------------------------------------------------------------------------------------------------------

def crowd(trial, service, nginx, number, viewers, seconds):
    """Viewers through nginx beside one who asks the service. Returns (parts, bytes) of all of them."""
    path = f"/hls/{number}/stream_ll.m3u8"
    parts = trial.directory / f"parts{viewers}"
    parts.mkdir()
    commands = [[viewers_program(), f"127.0.0.1:{port}", path, str(count), str(seconds), parts]
                for port, count in ((service.port, 1), (nginx.port, viewers))]
    children = [subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                for command in commands]
    (own, _), (said, complaints) = (child.communicate(timeout=seconds + 60) for child in children)
    trial.expect(all(child.returncode == 0 for child in children), f"{viewers} viewers: {complaints[-300:]}")
    first = {tuple(words[1:3]): float(words[3]) for words in map(str.split, own.splitlines())}
    delays, of_viewer, volume = [], {}, 0
    for words in map(str.split, said.splitlines()):
        of_viewer[words[0]] = of_viewer.get(words[0], 0) + 1
        volume += int(words[5])
        if tuple(words[1:3]) in first:
            delays.append(1000 * (float(words[4]) - first[tuple(words[1:3])]))
    delays.sort()
    if delays:
        trial.note(f"{viewers} viewers, {seconds} s, {8 * volume / seconds / 1e6:.0f} Mbit/s: a part's bytes p50 "
                   f"{percentile(delays, 0.5):.0f} ms, p99 {percentile(delays, 0.99):.0f} ms after a direct viewer hears of it")
    fewest = min(of_viewer.values(), default=0)
    trial.expect(len(of_viewer) == viewers and fewest >= 0.7 * len(first),
                 f"{len(of_viewer)} of {viewers} viewers; who had fewest had {fewest} of {len(first)} parts")
    return delays, len(first), volume


def play_through(trial, nginx, printers, number):
    seen = watch(trial, f"{nginx.origin}/hls/{number}/stream_ll.m3u8", trial.seconds(15, 60))
    latencies = sorted(shown - sent for sent, shown in sent_and_shown(seen, printers))
    trial.expect(len(latencies) >= 0.8 * len(seen["samples"]) > 0, "pictures cannot be read from the screen")
    if latencies:
        median = statistics.median(latencies)
        trial.expect(median <= 1.6, f"latency {median:.2f} s at the median, at most 1.6 s wanted")
        trial.note(f"Chromium: latency median {median:.2f} s, first picture {seen['first_frame_ms']} ms, {seen['frames']} frames, "
                   f"{len(seen['gaps'])} stalls")
    trial.expect(not seen["gaps"] and not any(e["fatal"] for e in seen["errors"]),
                 f"{len(seen['gaps'])} stalls, errors {seen['errors'][-2:]}")


# -- judges -----------------------------------------------------------------------------------------------------------------

def stage(trial, kind, clip, replace=(), environment=()):
    if not pathlib.Path(NGINX).exists():
        raise RuntimeError("nginx is not installed (scripts/setup test)")
    printers = trial.scope.enter_context(parties.VirtualPrinters(1, trial.directory, footage.make_clip(clip)))
    service = trial.scope.enter_context(parties.Service(trial.options.command, trial.directory,
                                                       {"FRONTEND_DIR": str(PAGE), **dict(environment)}))
    nginx = trial.scope.enter_context(Nginx(kind, trial.directory, service.port, replace))
    return printers, service, nginx


def small_camera(trial, service):
    """For a crowd: the network and the load player are not what is judged. Returns its printer's id."""
    place = trial.directory / "small"
    place.mkdir()
    printers = trial.scope.enter_context(parties.VirtualPrinters(1, place, more=["--clip", "chamber540", "--model", "P2S"]))
    number = service.add_printer(printers.printers[0])
    service.await_video(number)
    return number


def judge_nginx(trial):
    """The shipped nginx.conf in front of the service: page, commands, events, Chromium, 200 viewers."""
    printers, service, nginx = stage(trial, "frontend", "fast")
    same_page(trial, service, nginx)
    number = ask_as_browser(trial, nginx, printers.printers[0])
    crowded = small_camera(trial, service)
    service.await_video(number)
    order(trial, nginx, number)
    is_told_who_asks(trial, service, nginx, number)
    events_come_at_once(trial, service, nginx, (f"/api/printers/{number}/status/stream", "/api/events"))
    play_through(trial, nginx, printers, number)
    crowd(trial, service, nginx, crowded, 200, trial.seconds(8, 60))
    service.stop()
    away = nginx.web.get("/api/printers")
    trial.expect(away.status == 503 and away.json()["ok"] is False and away.headers.get("retry-after") == "1",
                 f"without the service: {away.status} {away.body[:200]!r}")
    trial.expect(nginx.web.get("/").status == 200, "the page is away with the service")
    service.start()
    service.await_health()
    trial.expect(nginx.web.get("/api/printers").status == 200, "the service is back, nginx does not see it")
    trial.expect(not re.search(r"\[(crit|alert|emerg)\]", nginx.tail(200)), f"nginx complains:\n{nginx.tail()}")


# -- several backends -----------------------------------------------------------------------------------------------------

def documented():
    """The configurations of docs/scaling.md: by hostname, by path, and the file that goes with the second."""
    blocks = re.findall(r"```nginx\n(.*?)```", (parties.ROOT / "docs" / "scaling.md").read_text(), re.S)
    if len(blocks) != 3:
        raise RuntimeError(f"docs/scaling.md shows {len(blocks)} configurations")
    return blocks


def judge_two_backends(trial):
    """Two backends behind one frontend, as docs/scaling.md says: by hostname and by path."""
    by_host, by_path, paths = documented()
    printers = trial.scope.enter_context(parties.VirtualPrinters(2, trial.directory, more=["--clip", "chamber540"]))
    services, numbers = [], []
    for name, printer in zip("ab", printers.printers):
        place = trial.directory / name
        place.mkdir()
        service = trial.scope.enter_context(parties.Service(trial.options.command, place, {"ALLOWED_HOSTS": "printers.example.org,printers-b.example.org"}))
        numbers.append(service.add_printer(printer))
        services.append(service)
    for service, number in zip(services, numbers):
        service.await_video(number)
    trial.expect(numbers == [1, 1], f"ids {numbers}: each backend counts for itself")

    def frontend(kind, backends, more=None):
        directory = trial.directory / kind
        directory.mkdir()
        nginx = Nginx("frontend", directory, services[0].port, parts={"backends.conf": backends, **({"server-paths.conf": more} if more else {})},
                      replace={"server backend-b:8080": f"server 127.0.0.1:{services[1].port}"})
        return trial.scope.enter_context(nginx)

    names = [printer["name"] for printer in printers.printers]
    host, path = frontend("by-host", by_host), frontend("by-path", by_path, paths)
    for web, prefix, headers, name in ((host.web, "", {"Host": "printers.example.org"}, names[0]),
                                       (host.web, "", {"Host": "printers-b.example.org"}, names[1]),
                                       (path.web, "", {}, names[0]), (path.web, "/b", {}, names[1])):
        where = f"{headers.get('Host', prefix or '/')}"
        listed = web.ask("GET", f"{prefix}/api/printers", headers).json()
        trial.expect([printer["name"] for printer in listed] == [name], f"{where}: {listed}")
        playlist = web.ask("GET", f"{prefix}/hls/1/stream.m3u8", headers)
        segment = [line for line in playlist.text().splitlines() if line.endswith(".ts")][-1]
        video = web.ask("GET", f"{prefix}/hls/1/{segment}", headers)
        own = services[name == names[1]].web.get(f"/hls/1/{segment}")
        trial.expect(video.status == 200 and video.body == own.body, f"{where}: {segment} is {video.status}, {len(video.body)} bytes")
        order = web.ask("POST", f"{prefix}/api/printers/1/command", headers | {"Content-Type": "application/json"},
                        json.dumps({"type": "light", "on": True}))
        trial.expect(order.status == 200, f"{where}: a command: {order.status}")
    trial.note("two backends by hostname and by path: printers, video and commands are each one's own")


# -- the caching tier -----------------------------------------------------------------------------------------------------

def told_by(log):
    """What edge.conf is given for the trial: where each answer's bytes came from."""
    return {"access_log off;": f"access_log {log} source buffer=64k flush=1s;",
            "include parts/http.conf;": "include parts/http.conf; log_format source "
                                        "'$upstream_cache_status $upstream_bytes_received $bytes_sent $request_time $uri';"}


def same_video(trial, service, edge, number):
    """Byte for byte what the service says, asked twice: from the service and from the cache."""
    playlist = service.web.get(f"/hls/{number}/stream.m3u8").text()
    whole = [line for line in playlist.splitlines() if line.endswith(".ts")][-1]
    path = f"/hls/{number}/{whole}"
    length = len(service.web.get(path).body)
    asked = [{}, {"Range": "bytes=0-187"}, {"Range": f"bytes=188-{length + 50}"}, {"Range": "bytes=376-"}, {"Range": "bytes=-188"},
             {"Range": "bytes=0-1,5-6"}, {"Range": f"bytes={length}-"}, {"Range": "bytes=188-9007199254740991"},
             {"If-None-Match": service.web.get(path).headers["etag"]}]
    named = ("content-type", "cache-control", "content-range", "etag", "cloudflare-cdn-cache-control", "content-security-policy")
    for method, headers in [("HEAD", {}), *(("GET", headers) for headers in asked)]:
        ours = service.web.ask(method, path, headers)
        for _ in range(2):
            theirs = edge.web.ask(method, path, headers)
            differ = [name for name in named if ours.headers.get(name) != theirs.headers.get(name) and ours.status != 304]
            trial.expect((ours.status, ours.body) == (theirs.status, theirs.body) and not differ,
                         f"{method} {headers}: {ours.status} {len(ours.body)} B, from the cache {theirs.status} {len(theirs.body)} B, {differ}")
    for wanted, headers in ((421, {"Host": "evil.example"}), (403, {"Sec-Fetch-Site": "cross-site"})):
        for asked_for in (path, f"/hls/{number}/stream.m3u8"):
            edge.web.get(asked_for)
            refused = edge.web.ask("GET", asked_for, headers).status
            trial.expect(refused == wanted, f"{headers}: {refused}, wanted {wanted}: the cache gives to everybody")
    for coding in ("identity", "gzip", "br, gzip;q=0.5", "gzip;q=0"):
        answer = edge.web.get(f"/hls/{number}/stream_ll.m3u8", Accept_Encoding=coding)
        gzipped = answer.headers.get("content-encoding") == "gzip"
        trial.expect(answer.status == 200 and answer.text().startswith("#EXTM3U") and gzipped == (coding in ("gzip", "br, gzip;q=0.5")),
                     f"{coding}: {answer.status}, {answer.headers.get('content-encoding')}")


def keeps_nothing_unfinished(trial, edge, number):
    """A range that a growing segment cannot fill is answered short, and whole as soon as it can be."""
    text = edge.web.get(f"/hls/{number}/stream_ll.m3u8").text()
    growing = re.search(r'#EXT-X-PRELOAD-HINT:.*URI="([^"]+)"', text)[1]
    question = {"Range": "bytes=0-99999999"}
    first = edge.web.ask("GET", f"/hls/{number}/{growing}", question)
    trial.expect(first.status == 206, f"a range of a growing segment: {first.status}")
    end = time.monotonic() + 15
    while growing not in re.findall(r"^seg\d+\.ts$", edge.web.get(f"/hls/{number}/stream.m3u8").text(), re.M):
        if time.monotonic() > end:
            raise RuntimeError(f"{growing} does not end")
        time.sleep(0.2)
    later = edge.web.ask("GET", f"/hls/{number}/{growing}", question)
    whole = edge.web.get(f"/hls/{number}/{growing}")
    trial.expect(later.body == whole.body and len(first.body) <= len(whole.body),
                 f"a range of a growing segment is kept: {len(first.body)} B, later {len(later.body)} B of {len(whole.body)}")


def queries_make_no_answers(trial, edge, number, log):
    """What nobody reads in a query asks the service no second time; what it does read is sent on."""
    def asked(what, addresses):
        # nginx writes its log once a second.
        time.sleep(1.5)
        before, begun = len(log.read_text().splitlines()), time.monotonic()
        for address in addresses:
            edge.web.get(f"/hls/{number}/{address}")
        # An answer lives for a second.
        most = 2 + int(time.monotonic() - begun)
        time.sleep(1.5)
        count = sum(line.split()[0] not in ("HIT", "-") for line in log.read_text().splitlines()[before:])
        trial.expect(count <= most, f"{what}: the service was asked {count} times, at most {most} wanted")

    for file in ("stream.m3u8", "stream_ll.m3u8"):
        asked(f"{file} with 40 queries that nobody reads", [f"{file}?token={n}" for n in range(40)])
    asked("the standard playlist with 40 directives", [f"stream.m3u8?_HLS_msn={n}" for n in range(40)])
    refused = edge.web.get(f"/hls/{number}/stream_ll.m3u8?_HLS_part=1").status
    trial.expect(refused == 400, f"a part without a segment: {refused}")


def judge_edge(trial):
    """The caching tier: the same bytes, refusals that stay, and viewers served for each byte of the service."""
    log = trial.directory / "edge" / "source.log"
    printers, service, edge = stage(trial, "edge", "fast", told_by(log))
    number = service.add_printer(printers.printers[0])
    crowded = small_camera(trial, service)
    service.await_video(number)
    same_video(trial, service, edge, number)
    keeps_nothing_unfinished(trial, edge, number)
    queries_make_no_answers(trial, edge, number, log)
    play_through(trial, edge, printers, number)
    time.sleep(1.5)
    viewers = 2000 if trial.options.full else 500
    before = len(log.read_text().splitlines())
    crowd(trial, service, edge, crowded, viewers, trial.seconds(10, 60))
    time.sleep(1.5)
    received = sent = asked = 0
    for line in log.read_text().splitlines()[before:]:
        status, upstream, client, *_ = line.split()
        received += sum(int(number) for number in re.findall(r"\d+", upstream))
        sent += int(client)
        asked += status not in ("HIT", "-")
    total = len(log.read_text().splitlines()) - before
    if received:
        trial.note(f"{total} requests, {asked} of them to the service; {sent / received:.0f} bytes to viewers for each byte of the service")
        trial.expect(sent / received >= 0.3 * viewers, f"{viewers} viewers have {sent / received:.0f} bytes for each of the service")
    trial.expect(received, "nothing was counted")
