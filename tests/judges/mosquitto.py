"""A foreign broker: mosquitto over TLS with a password, a machine behind it, and a firewall between it and the service.

The machine is no printer: it reports once a second, switches a light, and notes when each request reached the broker.
It speaks to mosquitto on a listener of its own, which no fault touches. The firewall (iptables on the loopback
interface, so root) drops packets both ways, as a dead Wi-Fi does: TCP on both sides then tries again and again, and
what it delivers at last must not be an old command.
"""

import contextlib
import json
import pathlib
import random
import shutil
import subprocess
import threading
import time

import parties

SERIAL = "00M00A123456789"
LATEST_S = 5.0


def missing():
    """What the judge needs and this machine lacks, in words; empty if nothing."""
    tools = [tool for tool in ("mosquitto", "mosquitto_pub", "mosquitto_sub", "openssl", "iptables") if not shutil.which(tool)]
    if tools:
        return f"needs {', '.join(tools)}"
    probe = subprocess.run(["iptables", "-L", "-n"], capture_output=True)
    return "may not use iptables" if probe.returncode else ""


class Broker(parties.Process):
    """mosquitto with a printer's certificate."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.port, self.machine_port = parties.free_port(), parties.free_port()
        configuration = self.directory / "mosquitto.conf"
        super().__init__("mosquitto", ["mosquitto", "-c", configuration], directory)
        certificate(self.directory)
        subprocess.run(["mosquitto_passwd", "-b", "-c", self.directory / "passwords", "bblp", parties.CODE], check=True)
        (self.directory / "passwords").chmod(0o600)
        configuration.write_text(f"""
per_listener_settings true
user root
persistence false
log_type all
listener {self.port} 127.0.0.1
certfile {self.directory}/printer.crt
keyfile {self.directory}/printer.key
allow_anonymous false
password_file {self.directory}/passwords
listener {self.machine_port} 127.0.0.1
allow_anonymous true
""")
        self.start()
        self.await_port()

    def await_port(self):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                parties.socket.create_connection(("127.0.0.1", self.machine_port), 1).close()
                return
            time.sleep(0.05)
        raise RuntimeError(f"mosquitto did not come up:\n{self.tail()}")


def certificate(directory):
    """CN = serial and nothing else, signed with its own key."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", f"/CN={SERIAL}",
                    "-keyout", directory / "printer.key", "-out", directory / "printer.crt"], check=True, capture_output=True)


class Machine:
    """Reports and answers through mosquitto's own clients."""

    def __init__(self, broker):
        self.broker, self.light, self.sequence, self.ended = broker, "on", 0, False
        self.arrived = []
        self.lock = threading.Lock()

    def __enter__(self):
        self.connect()
        self.reporter = threading.Thread(target=self.report_every_second, daemon=True)
        self.reporter.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.reporter.join()
        self.disconnect()

    def connect(self):
        at = ["-h", "127.0.0.1", "-p", str(self.broker.machine_port)]
        self.listener = subprocess.Popen(["mosquitto_sub", *at, "-t", f"device/{SERIAL}/request"], stdout=subprocess.PIPE,
                                         text=True)
        self.speaker = subprocess.Popen(["mosquitto_pub", *at, "-t", f"device/{SERIAL}/report", "-l"],
                                        stdin=subprocess.PIPE, text=True, bufsize=1)
        threading.Thread(target=self.listen, args=(self.listener.stdout,), daemon=True).start()

    def disconnect(self):
        for child in (self.listener, self.speaker):
            child.terminate()
            child.wait()

    def listen(self, lines):
        for line in lines:
            at, request = time.monotonic(), json.loads(line)
            category, body = next((name, body) for name, body in request.items() if isinstance(body, dict))
            with self.lock:
                if body["command"] == "ledctrl":
                    self.arrived.append((at, body["sequence_id"]))
                    self.light = body["led_mode"]
                    self.say({category: body | {"result": "success"}})
            if body["command"] in ("pushall", "ledctrl"):
                self.report(full=body["command"] == "pushall")

    def report_every_second(self):
        while not self.ended:
            self.report(full=False)
            time.sleep(1)

    def report(self, full):
        self.sequence += 1
        fields = {"command": "push_status", "msg": 0 if full else 1, "sequence_id": str(self.sequence),
                  "gcode_state": "RUNNING", "mc_percent": 42, "nozzle_temper": 215.3, "bed_temper": 60,
                  "lights_report": [{"node": "chamber_light", "mode": self.light}], "ipcam": {"rtsp_url": "disable"}}
        with self.lock:
            self.say({"print": fields})

    def say(self, message):
        # A broker that is being restarted has nobody to say it to.
        with contextlib.suppress(OSError, ValueError):
            self.speaker.stdin.write(json.dumps(message) + "\n")


class Firewall:
    """Drops what goes to and from a port of the loopback interface."""

    def __init__(self, port):
        self.rules = [["-i", "lo", "-p", "tcp", way, str(port), "-j", "DROP"] for way in ("--dport", "--sport")]
        self.closed = False

    def close(self):
        self.call("-I")
        self.closed = True

    def open(self):
        if self.closed:
            self.call("-D")
            self.closed = False

    def call(self, verb):
        for rule in self.rules:
            subprocess.run(["iptables", verb, "INPUT", *rule], check=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open()


class Page:
    """What a browser would ask."""

    def __init__(self, service, printer):
        self.web, self.path = service.web, f"/api/printers/{printer}"

    def connected(self):
        return self.web.get(f"{self.path}/status").json()["connected"]

    def await_connected(self, wanted, within):
        """Seconds until it is so, or None."""
        start = time.monotonic()
        while time.monotonic() - start < within + 30:
            if self.connected() == wanted:
                return time.monotonic() - start
            time.sleep(0.05)
        return None

    def click(self, on):
        """(click, answer, status)"""
        clicked = time.monotonic()
        body = json.dumps({"type": "light", "on": on})
        answer = self.web.ask("POST", f"{self.path}/command", {"Content-Type": "application/json"}, body)
        return clicked, time.monotonic(), answer.status


def judge(trial):
    """mosquitto over TLS: reports, commands, a restart, a link whose packets are dropped, and no stale command."""
    lack = missing()
    if lack:
        trial.note(f"NOT JUDGED: this machine {lack}")
        return
    broker = trial.scope.enter_context(Broker(trial.directory))
    machine = trial.scope.enter_context(Machine(broker))
    firewall = trial.scope.enter_context(Firewall(broker.port))
    service = trial.scope.enter_context(
        parties.Service(trial.options.command, trial.directory, {"MQTT_PORT": str(broker.port)}))
    printer = service.add_printer({"name": "Judged", "host": "127.0.0.1", "serial": SERIAL, "accessCode": parties.CODE})
    page = Page(service, printer)
    trial.expect((page.await_connected(True, 5) or 99) <= 5, "not connected within 5 s")
    status = service.web.get(f"/api/printers/{printer}/status").json()
    trial.expect((status["jobState"], status["percent"], status["nozzleC"]) == ("RUNNING", 42, 215.3), f"read as {status}")
    trial.expect(page.click(False)[2] == 200, "the light was not switched")
    restart(trial, broker, machine, page)
    half_open(trial, firewall, page)
    stale(trial, firewall, machine, page, rounds=trial.seconds(12, 100))


def restart(trial, broker, machine, page):
    broker.stop()
    machine.disconnect()
    dead = page.await_connected(False, 10)
    trial.expect(dead is not None and dead <= 10, f"a broker that is gone was shown after {dead} s")
    broker.start()
    broker.await_port()
    machine.connect()
    back = page.await_connected(True, 5)
    trial.expect(back is not None and back <= 5, f"back {back} s after the broker's restart")
    trial.note(f"restart: dead after {dead:.1f} s, back after {back:.1f} s")


def half_open(trial, firewall, page):
    for dropped_s in (12, 40):
        firewall.close()
        start = time.monotonic()
        dead = page.await_connected(False, 10)
        trial.expect(dead is not None and dead <= 10, f"dropped packets were shown after {dead} s")
        trial.expect(page.click(True)[2] == 503, "a command was taken over a dead link")
        time.sleep(max(0, dropped_s - (time.monotonic() - start)))
        firewall.open()
        back = page.await_connected(True, 5)
        trial.expect(back is not None and back <= 5, f"back {back} s after the heal")
        trial.note(f"{dropped_s} s of dropped packets: dead after {dead:.1f} s, back {back:.1f} s after the heal")


def stale(trial, firewall, machine, page, rounds):
    """The click and the drop fall together, in either order, as closely as two processes can."""
    dice, answers = random.Random(7), {}
    late = twice = unanswered = 0
    for _ in range(rounds):
        page.await_connected(True, 20)
        before = len(machine.arrived)
        offset, span = dice.uniform(-0.05, 0.05), dice.uniform(3, 11)
        clicks = []
        clicking = threading.Thread(target=lambda: (time.sleep(max(0, offset)), clicks.append(page.click(dice.random() < 0.5))))
        clicking.start()
        time.sleep(max(0, -offset))
        firewall.close()
        time.sleep(span)
        firewall.open()
        clicking.join()
        page.await_connected(True, 20)
        # TCP's last tries come further and further apart.
        time.sleep(2)
        clicked, answered, status = clicks[0]
        arrived = machine.arrived[before:]
        answers[status] = answers.get(status, 0) + 1
        late += sum(at - clicked > LATEST_S for at, _ in arrived)
        twice += len(arrived) > 1
        unanswered += answered - clicked > LATEST_S + 1
        trial.expect(not (status == 503 and arrived), "said to be not sent, and it arrived")
        trial.expect(not (status == 200 and not arrived), "said to be accepted, and it never arrived")
    trial.expect(not late, f"{late} commands of {rounds} arrived more than {LATEST_S} s after the click")
    trial.expect(not twice, f"{twice} commands of {rounds} arrived twice")
    trial.expect(not unanswered, f"{unanswered} commands of {rounds} were answered late")
    trial.note(f"{rounds} clicks into a dying link: answered {answers}, {late} late, {twice} twice")
