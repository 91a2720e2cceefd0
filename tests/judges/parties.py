"""The parties to a trial: cameras, the service under test, and how they are started, reached and ended.

Everything binds to 127.0.0.1 on ports of its own, writes below one temporary directory, and ends with its `with`.
"""

import contextlib
import http.server
import json
import os
import pathlib
import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time

import footage
from web import Web

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIVE555 = footage.TARGET / "live555" / "camera"
CODE = "12345678"
START_S = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """One child in a process group of its own, with its output in a file."""

    stdin = subprocess.DEVNULL
    patience_s = START_S

    def __init__(self, name, command, directory, environment=None):
        self.name, self.command = name, list(map(str, command))
        self.log = pathlib.Path(directory) / f"{name}.log"
        self.environment = os.environ | (environment or {})
        self.child, self.over, self.starting = None, False, threading.Lock()

    def start(self, ready=None):
        """`ready`: what it prints when it serves."""
        with open(self.log, "ab") as log, self.starting:
            # A thread that disturbs would leave one behind.
            if self.over:
                raise RuntimeError(f"{self.name} is ended")
            self.child = subprocess.Popen(self.command, stdin=self.stdin, stderr=log, env=self.environment,
                                          stdout=subprocess.PIPE if ready else log, start_new_session=True)
        if ready:
            self.await_output(ready)

    def await_output(self, ready):
        """Until it has said `ready`, or as many lines as `ready` has line ends."""
        end, self.said = time.monotonic() + self.patience_s, b""
        while ready.strip().encode() not in self.said or self.said.count(b"\n") < ready.count("\n"):
            left = end - time.monotonic()
            if left <= 0 or self.child.poll() is not None:
                raise RuntimeError(f"{self.name} did not start:\n{self.tail()}")
            if select.select([self.child.stdout], [], [], min(left, 0.5))[0]:
                self.said += os.read(self.child.stdout.fileno(), 65536)

    def alive(self):
        return self.child is not None and self.child.poll() is None

    def stop(self, kind=signal.SIGTERM, patience_s=5):
        if not self.child:
            return
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, kind)
            try:
                self.child.wait(patience_s)
            except subprocess.TimeoutExpired:
                os.killpg(self.child.pid, signal.SIGKILL)
                self.child.wait()
        # What it started and left behind ends with it.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe:
                pipe.close()

    def tail(self, lines=15):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.starting:
            self.over = True
        self.stop()


class Camera(Process):
    """A foreign camera with one clip at /streaming/live/1. Starts at once; `restart` brings it back on its port.
    `more`: words for its command line."""

    def __init__(self, kind, clip, directory, serial, name="camera", more=()):
        self.serial, self.port = serial, free_port()
        self.clip = footage.make_clip(clip)
        self.facts = footage.describe(self.clip)
        self.frame_log = pathlib.Path(directory) / f"{name}.frames"
        chain, key, self.fingerprint = footage.make_certificate(pathlib.Path(directory) / f"{name}-certificate", serial)
        common = ["--port", self.port, "--chain", chain, "--key", key, "--code", CODE, "--frame-log", self.frame_log, *more]
        match kind:
            case "gst":
                # Debian's python3-gi belongs to Debian's python.
                command = ["/usr/bin/python3", HERE / "gst_camera.py", *common, f"streaming/live/1={self.clip}"]
            case "live555":
                command = [LIVE555, *common, "--user", "bblp", f"streaming/live/1={self.clip}@{self.facts['fps']}"]
        super().__init__(name, command, directory)
        self.url = f"rtsps://127.0.0.1:{self.port}/streaming/live/1"
        self.start("ready")

    def cut_connections(self):
        """A TCP reset while the camera itself lives on. True if the kernel could do it."""
        done = subprocess.run(["ss", "-K", "dst", "127.0.0.1", "dport", "=", f":{self.port}"],
                              capture_output=True, text=True, timeout=10)
        return done.returncode == 0 and len(done.stdout.splitlines()) > 1


class SilentPort:
    """Accepts connections, reads what comes and never says a word, as an X1C whose camera has no place left does.
    `attempts`: [when it came, how many seconds it stayed]..., in seconds since the start."""

    def __init__(self, serial):
        self.serial, self.began, self.attempts = serial, time.monotonic(), []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"rtsps://127.0.0.1:{self.listener.getsockname()[1]}/streaming/live/1"
        threading.Thread(target=self.accept, daemon=True).start()

    def now(self):
        return time.monotonic() - self.began

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self.listen, args=(self.listener.accept()[0],), daemon=True).start()

    def listen(self, client):
        attempt = [self.now(), None]
        self.attempts.append(attempt)
        with client, contextlib.suppress(OSError):
            while client.recv(4096):
                pass
        attempt[1] = self.now() - attempt[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class VirtualPrinters(Process):
    """The project's own virtual printers, as a load and for the page's tests. `printers`: what POST /api/printers takes."""

    stdin = subprocess.PIPE

    def __init__(self, count, directory, clip=None, fps=30, more=()):
        self.frame_log = pathlib.Path(directory) / "printers.frames"
        for _ in range(5):
            # A printer's broker is on one port: a row of addresses that nobody else on this machine is likely to have.
            base = f"127.{random.randint(1, 63)}.{random.randint(1, 254)}.{random.randint(1, 100)}"
            command = [ROOT / "target" / "release" / "virtual-printer", "--count", count, "--base-address", base, "--code", CODE, *more,
                       *(["--clip", clip, "--fps", fps, "--frame-log", self.frame_log] if clip else [])]
            super().__init__("printers", command, directory)
            try:
                self.start("\n" * count)
                break
            except RuntimeError:
                self.stop()
        else:
            raise RuntimeError(f"the virtual printers did not start:\n{self.tail()}")
        self.printers = [json.loads(line) for line in self.said.decode().splitlines()]

    def order(self, line):
        """See `virtual-printer --help`."""
        os.write(self.child.stdin.fileno(), line.encode() + b"\n")

    def counters(self):
        """What each printer's broker has seen, in their order."""
        self.order("all seen")
        self.await_output("\n" * len(self.printers))
        return [json.loads(line) for line in self.said.decode().splitlines()]


class Service(Process):
    """The service under test, or the stand-in when the command is stand_in.py."""

    def __init__(self, command, directory, environment=None):
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        super().__init__("service", command, directory, {
            "BIND_ADDR": f"127.0.0.1:{self.port}", "DB_PATH": str(pathlib.Path(directory) / "printers.db"),
            "RUST_LOG": "info"} | (environment or {}))
        self.web = Web(self.origin)
        self.restart()

    def restart(self):
        self.start()
        self.await_health()

    def await_health(self):
        end = time.monotonic() + START_S
        while time.monotonic() < end and self.alive():
            with contextlib.suppress(OSError):
                if self.web.get("/healthz").status == 200:
                    return
            time.sleep(0.1)
        tail = self.tail()
        self.stop()
        raise RuntimeError(f"the service did not come up:\n{tail}")

    def add(self, camera):
        return self.add_printer({"name": "Judged", "host": "127.0.0.1", "serial": camera.serial, "accessCode": CODE,
                                 "rtspUrl": camera.url})

    def add_printer(self, printer):
        answer = self.web.ask("POST", "/api/printers", {"Content-Type": "application/json"}, json.dumps(printer))
        if answer.status != 201:
            raise RuntimeError(f"adding a printer: {answer.status} {answer.body[:300]!r}")
        return answer.json()["id"]

    def playlist_url(self, printer, low_latency):
        return f"{self.origin}/hls/{printer}/stream{'_ll' if low_latency else ''}.m3u8"

    def await_video(self, printer, seconds=30):
        """Until the standard playlist has its first segments."""
        end, status = time.monotonic() + seconds, None
        while time.monotonic() < end:
            answer = self.web.get(f"/hls/{printer}/stream.m3u8")
            status = answer.status, answer.body[:300]
            if answer.status == 200 and answer.text().count("#EXTINF") >= 2:
                return
            time.sleep(0.3)
        raise RuntimeError(f"no video after {seconds} s: {status}\n{self.tail()}")


class Prompter:
    """Takes orders from the command on the stage, over HTTP, and answers when they are carried out.

    POST /kill (SIGKILL) and /start are for the service, which comes back on its port with its database; POST /order
    takes a line for the virtual printers (see `virtual-printer --help`).
    """

    def __init__(self, service, printers):
        orders = {"/kill": lambda _: service.stop(signal.SIGKILL), "/start": lambda _: service.restart(),
                  "/order": printers.order}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                line = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                order = orders.get(self.path)
                if order:
                    order(line)
                self.send_response(204 if order else 404)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def default_service():
    return [ROOT / "target" / "release" / "platecast"]


def stand_in(broken=None):
    return [sys.executable, HERE / "stand_in.py", *(["--break", broken] if broken else [])]
