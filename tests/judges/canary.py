"""The judge `canary`: an access code no person would choose is planted in printers, forms and mistakes, and searched for.

The contract puts it into the answers of GET, POST and PUT on printers and into the database. Anywhere else it is a leak.
"""

import base64
import contextlib
import http.client
import json
import pathlib
import signal
import threading
import time

import control
import parties

CODE = "Q7xZ9vJk"
# Typed by mistake: it must not be echoed either.
TYPO = "Zk8wQ4jX"


def shapes(code):
    """The ways in which a program might write it without meaning to."""
    plain = code.encode()
    return {"plain": plain, "with the user, base64": base64.b64encode(b"bblp:" + plain), "base64": base64.b64encode(plain).rstrip(b"="),
            "hex": plain.hex().encode(), "as bytes": ", ".join(map(str, plain)).encode(), "hex bytes": ", ".join(f"{b:#x}" for b in plain).encode()}


# One word of each kind of line that `debug` adds, which `trace` holds as well.
LINES = ("camera: connecting -> signing-in", "DESCRIBE (CSeq ", "the SDP's track ", "parameter sets: H.264", "is given up with TEARDOWN",
         "TARGETDURATION ", "CONNECT as the client", "SUBACK", "asks for a full report with request", "the command Light", "the printer accepts request",
         "link: live -> retrying", "camera: first key frame", "thread signals: ")

SHAPES = {f"{name} ({code})": shape for code in (CODE, TYPO) for name, shape in shapes(code).items()}


def found_in(data):
    return [name for name, shape in SHAPES.items() if shape.lower() in data.lower()]


class Stream(threading.Thread):
    """An event stream, kept as it comes."""

    def __init__(self, service, path):
        super().__init__(daemon=True)
        self.path, self.data, self.status = path, b"", None
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=30)
        self.start()

    def run(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.connection.request("GET", self.path)
            reply = self.connection.getresponse()
            self.status = reply.status
            while chunk := reply.read1(65536):
                self.data += chunk


def judge(trial):
    mirror = trial.directory / "hls"
    printers = trial.scope.enter_context(parties.VirtualPrinters(2, trial.directory))
    # Not on its command line, which is searched as well.
    printers.order(f"all code {CODE}")
    service = trial.scope.enter_context(parties.Service(
        trial.options.command, trial.directory, {"RUST_LOG": "trace", "HLS_OUTPUT_DIR": str(mirror)}))
    ids = [service.add_printer(printer | {"accessCode": code}) for printer, code in zip(printers.printers, (CODE, TYPO))]
    desk = control.Desk(service, ids[0])
    streams = [Stream(service, path) for path in ("/api/events", f"/api/printers/{ids[0]}/status/stream", f"/api/printers/{ids[1]}/status/stream")]
    trial.expect(desk.wait(10, control.live) is not None, "the printer with the planted code does not get live")
    service.await_video(ids[0])
    answers = mistakes(service, ids, printers.printers) + questions(service, ids)
    faults(trial, desk, service, ids, printers)
    answers += questions(service, ids)
    look(trial, service, answers, streams, mirror)


def mistakes(service, ids, printers):
    """Everything a person or a script can get wrong with the code in its hands."""
    one = printers[0] | {"accessCode": CODE}
    bodies = [
        json.dumps(one), json.dumps(one)[:-4], f'"{CODE}"', f'{{"accessCode":"{CODE}"', json.dumps(one | {"accessCode": [CODE]}),
        json.dumps(one | {"accessCode": CODE * 40}), json.dumps(one | {"accessCode": f" {CODE}\n\0"}), json.dumps(one | {CODE: CODE}),
        json.dumps(one | {"serial": CODE + "/"}), json.dumps(one | {"host": f"bblp:{CODE}@127.0.0.1"}),
        json.dumps(one | {"rtspUrl": f"rtsps://bblp:{CODE}@127.0.0.1:322/streaming/live/1"}),
        json.dumps(one | {"rtspUrl": f"rtsps://bblp:{CODE}@127.0.0.1:99999/"}), json.dumps(one | {"rtspUrl": f"http://{CODE}"})]
    asked = []
    for body in bodies:
        for method, path in (("POST", "/api/printers"), ("PUT", f"/api/printers/{ids[0]}"), ("PUT", "/api/printers/999")):
            asked.append((method, path, body))
    asked += [("POST", f"/api/printers/{ids[0]}/command", body) for body in (f'{{"type":"{CODE}"}}', f'{{"accessCode":"{CODE}"}}', CODE)]
    asked += [(method, f"/api/printers/{CODE}", None) for method in ("GET", "DELETE")] + [("GET", f"/{CODE}?accessCode={CODE}", None)]
    answers = []
    for method, path, body in asked:
        answer = service.web.ask(method, path, {"Content-Type": "application/json"}, body)
        # What was taken is shown, as the contract says; what was typed by mistake is not told to anyone.
        if answer.status not in (200, 201):
            answers.append((f"{method} {path} with {body} -> {answer.status}", answer))
        if answer.status == 201:
            service.web.ask("DELETE", f"/api/printers/{answer.json()['id']}")
    # As it was.
    service.web.ask("PUT", f"/api/printers/{ids[0]}", {"Content-Type": "application/json"}, json.dumps(one))
    return answers


def questions(service, ids):
    paths = ["/", "/healthz", "/api/openapi.json", "/api/printers/x", "/api"]
    for number in ids:
        paths += [f"/api/printers/{number}/{word}" for word in ("camera", "status", "command")]
        paths += [f"/hls/{number}/{name}" for name in ("stream.m3u8", "stream_ll.m3u8")]
    return [(f"GET {path}", service.web.get(path)) for path in paths]


def faults(trial, desk, service, ids, printers):
    """Every kind of link trouble has its words in the log."""
    trial.expect(desk.wait(8, control.live) is not None, "the printer does not get live again after the mistakes")
    desk.command("light", on=False)
    for order, words in ((f"1 code {TYPO}", "access code"), ("1 impostor", "identity")):
        printers.order(order)
        printers.order("1 mqtt reset")
        printers.order("1 reset")
        told = desk.wait(10, lambda status: control.dead(status) and words in json.dumps(status))
        trial.expect(told is not None, f"after `{order}` nobody is told of the {words}")
        printers.order("1 heal")
        printers.order(f"1 code {CODE}")
        # A refusal is tried again after a minute, and at once when the printer is saved.
        service.web.ask("PUT", f"/api/printers/{ids[0]}", {"Content-Type": "application/json"},
                        json.dumps(printers.printers[0] | {"accessCode": CODE}))
        trial.expect(desk.wait(10, control.live) is not None, f"the printer does not get live again after `{order}`")
    desk.command("light", on=True)


def look(trial, service, answers, streams, mirror):
    # The question may hold the code; its echo in the answer would be a leak.
    places = [(name, f"{answer.status} {answer.headers}".encode() + answer.body) for name, answer in answers]
    places += [(stream.path, stream.data) for stream in streams]
    for file in ("cmdline", "environ", "comm"):
        places.append((f"/proc/{service.child.pid}/{file}", pathlib.Path(f"/proc/{service.child.pid}/{file}").read_bytes()))
    for proc in pathlib.Path("/proc").glob("[0-9]*"):
        # Processes come and go meanwhile.
        with contextlib.suppress(OSError):
            places.append((f"{proc}/cmdline", (proc / "cmdline").read_bytes()))
    for task in pathlib.Path(f"/proc/{service.child.pid}/task").iterdir():
        with contextlib.suppress(OSError):
            places.append((f"thread {task.name}", (task / "comm").read_bytes()))
    places += [(str(file.relative_to(mirror)), file.read_bytes()) for file in mirror.rglob("*") if file.is_file()]
    shown = service.web.get("/api/printers").body
    # The thread dump is searched as well.
    service.child.send_signal(signal.SIGUSR1)
    end = time.monotonic() + 5
    while b"thread signals: " not in service.log.read_bytes() and time.monotonic() < end:
        time.sleep(0.1)
    service.stop()
    places.append(("the log", service.log.read_bytes()))
    for name, data in places:
        for shape in found_in(data):
            trial.faults.append(f"{name}: the code, {shape}: …{context(data, SHAPES[shape])}…")
    # A search that could not find anything would be content too.
    base = b"".join(file.read_bytes() for file in trial.directory.glob("printers.db*"))
    trial.expect(CODE.encode() in base and CODE.encode() in shown, "the code is not where the contract puts it")
    log = service.log.read_text(errors="replace")
    for words in ("TRACE", "status live", "refuses the access code", "is not the pinned one", *LINES):
        trial.expect(words in log, f"the log never says “{words}”: the search was for nothing")
    for stream in streams:
        trial.expect(stream.status == 200 and b"data:" in stream.data, f"{stream.path}: {stream.status}, {len(stream.data)} bytes")
    trial.note(f"{len(places)} places searched, log of {len(log.splitlines())} lines, "
               f"streams of {sum(len(stream.data) for stream in streams)} bytes")


def context(data, shape):
    at = data.lower().find(shape.lower())
    return data[max(0, at - 80):at + len(shape) + 20].decode(errors="replace")
